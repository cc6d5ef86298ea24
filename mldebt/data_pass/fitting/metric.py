"""Scores of predictions, greater is better, and how sure a difference on the same rows is.

The paired errors take the rows as independent and the two models as fixed: squared, absolute and log losses and hits by row; the area under
the curve by DeLong, DeLong and Clarke-Pearson (1988, Biometrics 44). A metric without such a form has no paired error (NaN).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import msgspec
import numpy as np

from mldebt.data_pass.errors import DataError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

Task = Literal["regression", "binary", "multiclass"]
AUTO: dict[Task, str] = {"regression": "r2", "binary": "roc_auc", "multiclass": "roc_auc_ovr"}
_TINY = float(np.finfo(float).eps)


class Metric(msgspec.Struct, frozen=True):
    """Greater is better. `losses` is None where a paired error has no form by rows; `area` says that it is DeLong's."""

    name: str
    score: Callable[[Floats, Floats, Floats | None], float]  # target, answers, weights
    losses: Callable[[Floats, Floats], Floats] | None = None  # by row; the score is minus their mean, times `scale`
    scale: Callable[[Floats], float] = lambda target: 1.0
    area: bool = False
    root: bool = False  # the score is minus the root of the mean of the losses

    def error(self, target: Floats, reference: Floats, candidate: Floats) -> float:
        """Standard error of score(reference) - score(candidate) on these rows; NaN when no form is known."""
        if self.area:
            return _delong(target, reference, candidate)
        if self.losses is None:
            return float("nan")
        before, after = self.losses(target, reference), self.losses(target, candidate)
        error = float((after - before).std(ddof=1) / np.sqrt(len(before)))
        if self.root:  # a - b = (a^2 - b^2) / (a + b)
            return error / max(float(np.sqrt(before.mean()) + np.sqrt(after.mean())), _TINY)
        return error * self.scale(target)


def metric(name: str, task: Task, classes: int) -> Metric:
    """The metric of that name; `auto` follows the task. Answers: values, the probability of class 1, or one column per class."""
    chosen = AUTO[task] if name == "auto" else name
    if task == "regression":
        if chosen == "r2":
            return Metric("r2", _r2, _squared, lambda y: 1.0 / max(float(np.var(y)), _TINY))
        if chosen == "neg_root_mean_squared_error":
            return Metric(chosen, lambda y, a, w: -float(np.sqrt(np.average(_squared(y, a), weights=w))), _squared, root=True)
        if chosen == "neg_mean_squared_error":
            return Metric(chosen, lambda y, a, w: -float(np.average(_squared(y, a), weights=w)), _squared)
        if chosen == "neg_mean_absolute_error":
            return Metric(chosen, lambda y, a, w: -float(np.average(np.abs(y - a), weights=w)), lambda y, a: np.abs(y - a))
    if task == "binary" and chosen == "roc_auc":
        return Metric("roc_auc", _area, area=True)
    if task == "multiclass" and chosen == "roc_auc_ovr":
        return Metric("roc_auc_ovr", _area_by_class, area=True)
    if task != "regression" and chosen == "neg_log_loss":
        return Metric(chosen, lambda y, a, w: -float(np.average(_log_losses(y, a), weights=w)), _log_losses)
    if task != "regression" and chosen == "accuracy":
        return Metric(chosen, lambda y, a, w: -float(np.average(_misses(y, a), weights=w)) + 1.0, _misses)
    return _of_scikit(chosen, task, classes)


def _squared(y: Floats, a: Floats) -> Floats:
    return np.asarray((y - a) ** 2)


def _r2(y: Floats, a: Floats, w: Floats | None) -> float:
    if w is None:  # the search asks thousands of times
        left, spread = y - a, y - y.sum() / len(y)
        return 1.0 - float(left @ left) / max(float(spread @ spread), _TINY)
    centre = np.average(y, weights=w)
    total = float(np.average((y - centre) ** 2, weights=w))
    return 1.0 - float(np.average((y - a) ** 2, weights=w)) / max(total, _TINY)


def _log_losses(y: Floats, a: Floats) -> Floats:
    own = np.where(y == 1, a, 1 - a) if a.ndim == 1 else a[np.arange(len(y)), y.astype(int)]
    return np.asarray(-np.log(np.clip(own, _TINY, 1.0)))


def _misses(y: Floats, a: Floats) -> Floats:
    said = a > 0.5 if a.ndim == 1 else a.argmax(axis=1)
    return np.asarray(said.astype(float) != y, dtype=float)


def _ranks(values: Floats) -> Floats:
    """Mid-ranks from 1."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    first = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = ((starts + ends + 1) / 2)[np.cumsum(first) - 1]
    return ranks


def _area(y: Floats, a: Floats, w: Floats | None) -> float:
    if w is not None:
        from sklearn.metrics import roc_auc_score

        return float(roc_auc_score(y, a, sample_weight=w))
    positives = y == 1
    m = int(positives.sum())
    n = len(y) - m
    if not m or not n:
        return float("nan")
    return float((_ranks(a)[positives].sum() - m * (m + 1) / 2) / (m * n))


def _area_by_class(y: Floats, a: Floats, w: Floats | None) -> float:
    """Mean area of each class against the rest, over the classes that the rows have."""
    there = np.unique(y).astype(int)
    return float(np.mean([_area((y == one).astype(float), a[:, one], w) for one in there]))


def _delong(y: Floats, reference: Floats, candidate: Floats) -> float:
    """From what each row adds to the difference of the areas; NaN where a class has too few rows."""
    classes = [1] if reference.ndim == 1 else np.unique(y).astype(int).tolist()
    added = np.zeros(len(y))
    for one in classes:
        positives = y == one
        m = int(positives.sum())
        n = len(y) - m
        if m < 2 or n < 2:
            return float("nan")
        first, second = (a if a.ndim == 1 else a[:, one] for a in (reference, candidate))
        (above, below), (above_2, below_2) = (_placements(a, positives, m, n) for a in (first, second))
        for rows, difference, size in ((positives, above - above_2, m), (~positives, below - below_2, n)):
            added[rows] += (difference - difference.mean()) / np.sqrt(size * (size - 1))
    return float(np.sqrt((added**2).sum()) / len(classes))


def _placements(answers: Floats, positives: NDArray[np.bool_], m: int, n: int) -> tuple[Floats, Floats]:
    """For each positive the share of negatives below it, and for each negative the share of positives above it."""
    ranks = _ranks(answers)
    above = (ranks[positives] - _ranks(answers[positives])) / n
    below = 1.0 - (ranks[~positives] - _ranks(answers[~positives])) / m
    return above, below


def _of_scikit(name: str, task: Task, classes: int) -> Metric:
    """Any other scorer, asked about a stand-in estimator that gives the answers."""
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.metrics import get_scorer, get_scorer_names

    if name not in get_scorer_names():
        from mldebt.config import suggestion

        known = sorted(get_scorer_names())
        raise DataError(f"metric {name!r} is no scorer of scikit-learn{suggestion(name, known)}")
    scorer = get_scorer(name)
    of_numbers = getattr(getattr(scorer, "_score_func", None), "__module__", "").endswith("_regression")
    if of_numbers and task != "regression":
        raise DataError(f"metric {name!r} is of numbers, and the target has classes")

    class Classifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
        classes_ = np.arange(max(classes, 2))

        def predict_proba(self, answers: Floats) -> Floats:
            return np.column_stack((1 - answers, answers)) if answers.ndim == 1 else answers

        def predict(self, answers: Floats) -> Floats:
            return np.asarray(self.predict_proba(answers).argmax(axis=1))

    class Regressor(RegressorMixin, BaseEstimator):  # type: ignore[misc]
        def predict(self, answers: Floats) -> Floats:
            return answers

    stand_in = Regressor() if task == "regression" else Classifier()

    def score(y: Floats, a: Floats, w: Floats | None) -> float:
        try:
            return float(scorer(stand_in, a, y) if w is None else scorer(stand_in, a, y, sample_weight=w))
        except (AttributeError, TypeError, ValueError) as error:
            raise DataError(f"metric {name!r} does not fit this {task} target: {str(error).splitlines()[0]}") from None

    count = max(12, 2 * classes)
    if task == "regression":
        score(np.linspace(0.2, 1.0, count), np.linspace(0.1, 0.9, count), None)
    else:
        target = np.arange(count) % classes
        score(target.astype(float), np.linspace(0.1, 0.9, count) if task == "binary" else np.eye(classes)[target], None)
    return Metric(name, score)
