"""Which model judges: the one that is asked for, or the better of a linear model and boosted trees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.folds import Fold
from mldebt.data_pass.fitting.metric import Metric, Task
from mldebt.data_pass.fitting.model import Learner
from mldebt.data_pass.reading.model import Sample
from mldebt.data_pass.settings import FeatureSettings

if TYPE_CHECKING:
    from mldebt.data_pass.fitting.linear import Ridge
    from mldebt.data_pass.fitting.logistic import Logistic

FAR = 5  # tolerances by which trees may trail and still be asked a second time
MODELS = ("auto", "ridge", "logistic", "hgb")


class Chosen(msgspec.Struct, frozen=True):
    learner: Learner
    note: str = ""  # why, when nobody asked for it


def choose(sample: Sample, settings: FeatureSettings, task: Task, metric: Metric, folds: Sequence[Fold], root: Path) -> Chosen:
    """The learner. `auto`: the linear one, unless trees are better on both of two folds by more than half the tolerance."""
    asked = settings.model
    if ":" in asked:
        return Chosen(_custom(sample, settings, metric, root))
    if asked not in MODELS:
        from mldebt.config import suggestion

        raise DataError(f"model {asked!r} is not known{suggestion(asked, MODELS)}; there are {', '.join(MODELS)} and module:factory")
    if asked == "ridge" and task != "regression":
        raise DataError("model 'ridge' predicts numbers and the target has classes; take logistic or hgb")
    if asked == "logistic" and task == "regression":
        raise DataError("model 'logistic' predicts classes and the target is a number; take ridge or hgb")
    trees = boosted(sample, settings, metric)
    if asked == "hgb":
        return Chosen(trees)
    linear = _linear(sample, task, metric)
    if asked != "auto":
        return Chosen(linear)
    ahead, better = _compared(trees, linear, sample, metric, folds, settings.tolerance)
    taken, left, by = (trees, linear, ahead) if better else (linear, trees, -ahead)
    told = f"{metric.name} {round(by, 4) + 0.0:+.4f} against {left.words} at first sight"
    return Chosen(taken, f"model auto: {taken.words}, {told}; --model names another")


def _compared(
    trees: Learner, linear: Learner, sample: Sample, metric: Metric, folds: Sequence[Fold], tolerance: float
) -> tuple[float, bool]:
    """By how much trees are ahead, and whether they are taken.

    Noise costs trees more than a linear model: where it is close, they are asked again without what gave nothing on the other fold.
    """
    keep = tuple(range(sample.frame.shape[1]))
    first, second = folds[:2]
    base = {fold.key: _score(linear, keep, fold, sample, metric) for fold in (first, second)}
    ahead = [_score(trees, keep, first, sample, metric) - base[first.key]]
    if ahead[0] < -2 * FAR * tolerance:
        return ahead[0], False
    ahead.append(_score(trees, keep, second, sample, metric) - base[second.key])
    if min(ahead) > tolerance or max(ahead) < -FAR * tolerance:
        return sum(ahead) / 2, min(ahead) > tolerance
    for place, (fold, other) in enumerate(((first, second), (second, first))):
        gives = trees.importance(keep, other) > 0
        some = tuple(column for column, gave in zip(keep, gives, strict=True) if gave)
        ahead[place] = _score(trees, some, fold, sample, metric) - base[fold.key] if some else min(ahead)
    return sum(ahead) / 2, min(ahead) > tolerance / 2


def boosted(sample: Sample, settings: FeatureSettings, metric: Metric) -> Learner:
    from mldebt.data_pass.fitting.trees import Boosted

    return Boosted(sample.frame, sample.target, sample.weights, metric, len(sample.classes), settings.seed)


def _linear(sample: Sample, task: Task, metric: Metric) -> Ridge | Logistic:
    from mldebt.data_pass.fitting.design import Design
    from mldebt.data_pass.fitting.linear import Ridge
    from mldebt.data_pass.fitting.logistic import Logistic

    design = Design(sample.frame)
    if task == "regression":
        return Ridge(design, sample.target, sample.weights, metric)
    return Logistic(design, sample.target, sample.weights, metric, len(sample.classes))


def _score(learner: Learner, keep: tuple[int, ...], fold: Fold, sample: Sample, metric: Metric) -> float:
    weights = None if sample.weights is None else sample.weights[fold.test]
    return metric.score(sample.target[fold.test], learner.answers(keep, fold), weights)


def _custom(sample: Sample, settings: FeatureSettings, metric: Metric, root: Path) -> Learner:
    from mldebt.data_pass.fitting.estimator import Custom, Estimator
    from mldebt.data_pass.reading.imported import load_function

    factory = cast("Callable[[], Estimator]", load_function(settings.model, root, allowed=settings.allow_import))
    return Custom(factory, f"{settings.model}()", sample.frame, sample.target, sample.weights, metric, len(sample.classes), settings.seed)
