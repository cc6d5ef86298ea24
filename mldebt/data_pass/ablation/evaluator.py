"""Scores of sets of columns on folds: each is computed once, here or in other processes, and compared in pairs."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence

import numpy as np
from scipy.special import ndtri

from mldebt.data_pass.ablation.decide import Step, Verdict, bounds, early, half_width, verdict
from mldebt.data_pass.ablation.workers import Workers
from mldebt.data_pass.fitting.folds import Fold, Folds
from mldebt.data_pass.fitting.metric import Metric
from mldebt.data_pass.fitting.model import Keep, Learner
from mldebt.data_pass.result import Interval

Progress = Callable[[str, int, int], None]  # stage, fits done, fits expected


DRAWS = 200  # of rows


class Evaluator:
    """`fits` counts the (set, fold) pairs that decisions rest on: the same for any number of workers."""

    def __init__(
        self,
        learner: Learner,
        metric: Metric,
        target: np.ndarray,
        weights: np.ndarray | None,
        *,
        alpha: float,
        workers: Workers,
        progress: Progress = lambda stage, done, expected: None,
    ) -> None:
        self.learner, self.metric, self._target, self._weights, self._alpha = learner, metric, target, weights, alpha
        self._workers, self._progress = workers, progress
        self._scores: dict[tuple[Keep, tuple[int, int]], float] = {}
        self._answers: dict[Keep, dict[tuple[int, int], np.ndarray]] = {}
        self._counted: set[tuple[Keep, tuple[int, int]]] = set()
        self._likely: deque[tuple[Keep, Fold]] = deque()
        self._ahead: set[tuple[Keep, tuple[int, int]]] = set()  # computed before a decision asked
        self.stage, self.expected = "", 0
        self.pinned: tuple[Keep, ...] = ()  # sets whose answers are kept to the end

    @property
    def fits(self) -> int:
        return len(self._counted)

    def mean(self, keep: Keep, folds: Sequence[Fold]) -> float:
        self._need([(keep, fold) for fold in folds])
        return float(np.mean([self._score(keep, fold) for fold in folds]))

    def shared(self, first: Keep, second: Keep, folds: Sequence[Fold]) -> float:
        """Mean score of `first` minus that of `second` on the folds where both are known."""
        known = [fold for fold in folds if (first, fold.key) in self._scores and (second, fold.key) in self._scores]
        return float(np.mean([self._scores[first, f.key] - self._scores[second, f.key] for f in known])) if known else 0.0

    def race(
        self, reference: Keep, candidate: Keep, folds: Folds, tolerance: float, *, repeats: int, step: bool, futile: bool = True
    ) -> tuple[Verdict, Interval]:
        """Whether `candidate` stays within `tolerance` of `reference`; at most `repeats` repeats, fewer when it is clear before.

        A `step` of the search is judged again by the confirmation: it may end with a yes before the first repeat is over, and its bounds
        are without the correction for shared training rows. `futile` ends a race that has hardly a chance of a yes; without it the
        interval is that of a whole repeat unless the loss is plain.
        """
        steps: list[Step] = []
        k = folds.size
        ratio = 0.0 if step else folds.ratio
        last = folds.folds[: k * repeats]
        every = self.learner.cost != "dear"
        for number, fold in enumerate(last):
            if number % k == 0 if every else (reference, fold.key) not in self._scores or (candidate, fold.key) not in self._scores:
                ahead = k if every else 1 if self._likely else self._workers.width
                self._need([(one, f) for f in last[number : number + ahead] for one in (reference, candidate)])
            steps.append(self._step(reference, candidate, fold))
            m = len(steps)
            ended = early(steps, tolerance, k, accept=step, futile=futile) if not every else None
            if ended is not None and (step or bounds(steps, ratio, self._alpha, k).low > tolerance):
                return ended, bounds(steps, ratio, self._alpha, k)
            if m % k == 0:
                interval = bounds(steps, ratio, self._alpha, k)
                said = verdict(interval, tolerance)
                if said != "undecided" and (not every or (step and said == "falls")):
                    return said, interval
                if said == "undecided" and futile and interval.mean + half_width(steps, ratio, self._alpha, len(last)) > tolerance:
                    return said, interval  # all repeats would not make it a yes
        interval = bounds(steps, ratio, self._alpha, k)
        return verdict(interval, tolerance), interval

    def compare(self, reference: Keep, candidate: Keep, folds: Sequence[Fold], ratio: float, size: int) -> Interval:
        """The change of the metric over exactly these folds."""
        self._need([(one, fold) for fold in folds for one in (reference, candidate)])
        return bounds([self._step(reference, candidate, fold) for fold in folds], ratio, self._alpha, size)

    def held(self, reference: Keep, candidate: Keep, folds: Sequence[Fold]) -> Interval:
        """The change over folds that all score the same rows: the error of the rows, and that of the models over the folds."""
        self._need([(one, fold) for fold in folds for one in (reference, candidate)], answers=True)
        steps = [self._step(reference, candidate, fold, sampled=True) for fold in folds]
        changes = np.array([step.change for step in steps])
        error = float(np.mean([step.error**2 for step in steps]))
        spread = float(changes.var(ddof=1)) / len(changes) if len(changes) > 1 else 0.0
        half = float(ndtri(1 - self._alpha)) * float(np.sqrt(error + spread))
        mean = float(changes.mean())
        return Interval(mean=mean, low=mean - half, high=mean + half, folds=len(folds))

    def equal(self, known: Keep, same: Keep, folds: Sequence[Fold]) -> None:
        """`same` gives the answers of `known` on these folds, as a certificate says."""
        self._need([(known, fold) for fold in folds], answers=True)
        for fold in folds:
            self._scores[same, fold.key] = self._scores[known, fold.key]
            self._answers.setdefault(same, {})[fold.key] = self._answers[known][fold.key]
            self._counted.add((same, fold.key))

    def importance(self, keep: Keep, folds: Sequence[Fold]) -> np.ndarray:
        """Of each column of `keep`, the mean over these folds."""
        said = self._workers.ask("importance", self.learner, [(keep, fold) for fold in folds])
        return np.asarray(np.mean(said, axis=0))

    def unused(self, keep: Keep, folds: Sequence[Fold]) -> Keep:
        """Columns whose joint removal leaves the answers on these folds as they are."""
        said = self._workers.ask("unused", self.learner, [(keep, fold) for fold in folds])
        return tuple(column for column in keep if all(column in one for one in said))

    def prefetch(self, pairs: Iterable[tuple[Keep, Fold]]) -> None:
        """What will be asked next, in this order: workers that would be idle begin with it; it counts when a decision uses it."""
        self._likely = deque(pairs if self._workers.width > 1 else ())
        self._ahead.clear()

    def forget(self, but: Iterable[Keep]) -> None:
        """Drops the answers of all other sets but `pinned`; their scores stay."""
        stay = {*but, *self.pinned, *(keep for keep, _ in self._ahead)}
        self._answers = {keep: answers for keep, answers in self._answers.items() if keep in stay}

    def _step(self, reference: Keep, candidate: Keep, fold: Fold, *, sampled: bool = False) -> Step:
        """`sampled`: where the metric has no error of its own, or rows have weights, the rows are drawn again and again."""
        target = self._target[fold.test]
        change = self._score(reference, fold) - self._score(candidate, fold)
        if self._weights is not None and not sampled:
            return Step(change, float("nan"))
        self._need([(reference, fold), (candidate, fold)], answers=True)
        first, second = self._answers[reference][fold.key], self._answers[candidate][fold.key]
        error = self.metric.error(target, first, second) if self._weights is None else float("nan")
        return Step(change, self._drawn(fold, first, second) if sampled and np.isnan(error) else error)

    def _drawn(self, fold: Fold, first: np.ndarray, second: np.ndarray) -> float:
        """Standard deviation of the change over draws of the rows with replacement."""
        random = np.random.default_rng([DRAWS, len(fold.test)])
        target, weights = self._target[fold.test], None if self._weights is None else self._weights[fold.test]
        changes = []
        for _ in range(DRAWS):
            rows = random.integers(0, len(target), len(target))
            weighed = None if weights is None else weights[rows]
            with contextlib.suppress(ValueError):  # a draw without one of the classes
                changes.append(
                    self.metric.score(target[rows], first[rows], weighed) - self.metric.score(target[rows], second[rows], weighed)
                )
        return float(np.nanstd(changes, ddof=1))

    def _score(self, keep: Keep, fold: Fold) -> float:
        key = (keep, fold.key)
        if key not in self._counted:
            self._counted.add(key)
            self._ahead.discard(key)
            self._progress(self.stage, len(self._counted), max(self.expected, len(self._counted)))
        return self._scores[key]

    def _need(self, pairs: Sequence[tuple[Keep, Fold]], *, answers: bool = False) -> None:
        missing = [
            (keep, fold)
            for keep, fold in dict.fromkeys((keep, fold.key) for keep, fold in pairs)
            if (fold not in self._answers.get(keep, {}) if answers else (keep, fold) not in self._scores)
        ]
        if not missing:
            return
        places = {fold.key: fold for _, fold in pairs}
        todo = [(keep, places[key]) for keep, key in missing]
        self._workers.expect(self.expected - self.fits)
        todo += self._early(missing, -len(todo) % self._workers.width)
        for (keep, fold), said in zip(todo, self._workers.answers(self.learner, todo), strict=True):
            weights = None if self._weights is None else self._weights[fold.test]
            self._scores[keep, fold.key] = self.metric.score(self._target[fold.test], said, weights)
            self._answers.setdefault(keep, {})[fold.key] = said

    def _early(self, asked: Sequence[tuple[Keep, tuple[int, int]]], free: int) -> list[tuple[Keep, Fold]]:
        """The next of what was announced, for workers that are free."""
        found: list[tuple[Keep, Fold]] = []
        while self._likely and len(found) < free:
            keep, fold = self._likely.popleft()
            key = (keep, fold.key)
            if key not in self._scores and key not in asked:
                found.append((keep, fold))
                self._ahead.add(key)
        return found
