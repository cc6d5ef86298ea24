"""One data pass: structure, model, search, confirmation, explanation, kinds."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from mldebt import __version__
from mldebt.data_pass.ablation.evaluator import Evaluator, Progress
from mldebt.data_pass.ablation.explain import gains, losses, losses_together
from mldebt.data_pass.ablation.search import FITTED
from mldebt.data_pass.ablation.shared import one_thread
from mldebt.data_pass.ablation.workers import ready, workers
from mldebt.data_pass.bundles import Group, groups_of
from mldebt.data_pass.deciding import Rowsplit, decide, spent, split_rows
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.fitting.choose import choose
from mldebt.data_pass.fitting.folds import Folds
from mldebt.data_pass.fitting.metric import Metric, Task, metric
from mldebt.data_pass.fitting.model import Cost, Keep, untrained
from mldebt.data_pass.kinds import Told, tell
from mldebt.data_pass.predictions import predictions
from mldebt.data_pass.reading.examine import examine, examine_frame
from mldebt.data_pass.reading.model import Sample
from mldebt.data_pass.result import DataInfo, DropSet, Leak, Result
from mldebt.data_pass.settings import FeatureSettings
from mldebt.data_pass.structure.model import Structure
from mldebt.data_pass.telling import Findings, columns_of, repeated_rows

NOT_REPORTED = ("data", "jobs", "backend", "scheduler", "allow-import")  # they change nothing in a result
ALONE = 3  # columns of one kind whose gains are measured one by one, where fits are dear


def run(settings: FeatureSettings, root: Path, *, progress: Progress, warn: Callable[[str], None]) -> Result:
    """The result for a data set on disk or from a function. Raises DataError."""
    started = time.monotonic()
    ready(settings)
    progress("reading", 0, 0)
    return _run(*examine(settings, root), settings, root, started, progress, warn)


def run_frame(
    X: object,
    y: object,
    settings: FeatureSettings,
    *,
    groups: object = None,
    weights: object = None,
    progress: Progress,
    warn: Callable[[str], None],
) -> Result:
    """The same for data in memory."""
    started = time.monotonic()
    ready(settings)
    return _run(*examine_frame(X, y, settings, groups, weights), settings, Path.cwd(), started, progress, warn)


def _run(
    sample: Sample,
    structure: Structure,
    settings: FeatureSettings,
    root: Path,
    started: float,
    progress: Progress,
    warn: Callable[[str], None],
) -> Result:
    names = tuple(sample.frame.columns)
    task: Task = "regression" if not sample.classes else "binary" if len(sample.classes) == 2 else "multiclass"
    bundles = groups_of(names, settings.bundle, (*sample.excluded, *settings.drop, settings.groups, settings.time, settings.weights))
    if settings.structure_only:
        said = Findings(notes=("no model was asked: what is said here follows from the values alone",))
        return _result(sample, structure, settings, task, "none", bundles, said, _empty(settings, "none", "no-model"))
    measure = metric(settings.metric, task, len(sample.classes))
    split = split_rows(sample, task, settings)
    progress("choosing a model", 0, 0)
    with one_thread():
        chosen = choose(sample, settings, task, measure, split.folds.folds, root)
    learner = chosen.learner
    deadline = None if settings.budget is None else started + settings.budget
    full = tuple(range(len(names)))
    with workers(settings, learner) as pool:
        evaluator = Evaluator(learner, measure, sample.target, sample.weights, alpha=settings.alpha, workers=pool, progress=progress)
        evaluator.stage, evaluator.expected = "searching", 20 + 3 * len(names)
        evaluator.pinned = (full,)  # all columns put back are the first model again
        chance = _chance(sample, measure, split.folds)
        first = evaluator.mean(full, split.folds.folds[:FITTED])
        if not first > chance:
            learned = f"{measure.name} is {first:.4f} with all columns and {chance:.4f} without any: the model does not learn from them"
            empty = _empty(settings, measure.name, "no-model", reference=first, fits=evaluator.fits, splits=split.folds.words)
            result = _result(sample, structure, settings, task, learner.words, bundles, Findings(notes=(learned,)), empty)
        else:
            result = _judged(sample, structure, settings, task, bundles, evaluator, split, deadline, chance)
    notes = (note for note in (chosen.note, repeated_rows(sample), *result.notes) if note)
    return msgspec.structs.replace(result, notes=tuple(notes))


def _judged(
    sample: Sample,
    structure: Structure,
    settings: FeatureSettings,
    task: Task,
    bundles: tuple[Group, ...],
    evaluator: Evaluator,
    split: Rowsplit,
    deadline: float | None,
    chance: float,
) -> Result:
    names = tuple(sample.frame.columns)
    decision = decide(
        evaluator,
        sample,
        task,
        settings,
        split,
        spare=_spare(structure, settings, names),
        fixed=frozenset(i for i, name in enumerate(names) if name in settings.keep),
        prefer=lambda i: (-len(names[i]), names[i]),
        deadline=deadline,
    )
    confirmed, interval = decision.confirmed, decision.confirmed.interval
    evaluator.stage = "explaining"
    said = _explained(sample, structure, settings, evaluator, split.folds, bundles, confirmed.keep, spent(deadline))
    notes = [*said.notes]
    if decision.reference <= chance:
        notes.append(
            f"on the rows of the last test {evaluator.metric.name} is {decision.reference:.4f} with all columns: no better than without any"
        )
    if decision.stopped:
        notes.append(f"the budget of {settings.budget:g} s was spent: the search stopped with what it had found; columns are not explained")
    if confirmed.returned:
        returned = ", ".join(names[i] for i in confirmed.returned[:5])
        notes.append(f"taken back because the last test did not confirm it: {returned}{' and more' if len(confirmed.returned) > 5 else ''}")
    undone = decision.stopped or any(value.low <= settings.tolerance for name, value in said.losses.items() if name not in settings.keep)
    found = DropSet(
        delta=None if interval is None else interval.mean,
        low=None if interval is None else interval.low,
        high=None if interval is None else interval.high,
        tolerance=settings.tolerance,
        metric=evaluator.metric.name,
        reference=decision.reference,
        without=decision.without,
        verdict="confirmed" if interval is not None else "undecided" if undone else "nothing",
        fits=evaluator.fits,
        seconds=None,
        seed=settings.seed,
        splits=f"{split.folds.words}; the last test was {decision.words}" if interval or confirmed.returned else split.folds.words,
    )
    said = msgspec.structs.replace(said, notes=tuple(notes))
    return _result(sample, structure, settings, task, evaluator.learner.words, bundles, said, found)


def _spare(structure: Structure, settings: FeatureSettings, names: tuple[str, ...]) -> list[int]:
    """Spare by structure alone: constants, all but one of each class of copies, indicators, functions of one column that stays."""
    keep = set(settings.keep)
    spare = set(structure.constants)
    for group in structure.classes:
        stays = next((name for name in group if name in keep), group[0])
        spare |= {name for name in group if name != stays}
    spare |= {one.column for one in structure.copies if one.how == "missing-indicator" and one.of not in spare}
    spare |= {one.column for one in structure.dependences if one.on not in spare}
    return [i for i, name in enumerate(names) if name in spare - keep]


def _explained(
    sample: Sample,
    structure: Structure,
    settings: FeatureSettings,
    evaluator: Evaluator,
    folds: Folds,
    bundles: tuple[Group, ...],
    keep: Keep,
    late: bool,
) -> Findings:
    names = tuple(sample.frame.columns)
    kept = frozenset(names[i] for i in keep)
    dropped = tuple(name for name in names if name not in kept)
    place = {name: i for i, name in enumerate(names)}
    if not keep:
        raise DataError("no column is left")  # the search never takes the last one
    tolerance, learner = settings.tolerance, evaluator.learner
    lost = {} if late else {names[i]: interval for i, interval in losses(evaluator, keep, folds, tolerance).items()}
    needed = frozenset(name for name, interval in lost.items() if interval.low > tolerance or name in settings.keep)
    sought = [name for name in dropped if name not in structure.constants]
    guessed = predictions(sample.frame, sorted(kept), sought, settings.seed)
    told = dict(tell(dropped, kept, needed, structure, bundles, guessed))
    asked = [] if late else _asked(told, bundles, learner.cost)
    found = gains(evaluator, keep, folds, [tuple(place[name] for name in group) for group in asked])
    gained = {tuple(names[i] for i in group): interval for group, interval in found.items()}
    parts = {group.name: tuple(place[name] for name in group.columns if name in kept) for group in bundles}
    some = [part for group in bundles if 0 < len(part := parts[group.name]) < len(keep)] if not late else []
    without = losses_together(evaluator, keep, folds, some)
    return Findings(
        told={name: one for name, one in told.items() if one is not None},
        losses=lost,
        gains=gained,
        groups={group.name: without[parts[group.name]] for group in bundles if parts[group.name] in without},
        rest=tuple(name for name, one in told.items() if one is None),
    )


def _asked(told: Mapping[str, Told | None], bundles: Sequence[Group], cost: Cost) -> list[tuple[str, ...]]:
    """Which dropped columns are put back: one by one where that is free, else by what they have in common; copies prove themselves."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for name, one in told.items():
        kind: str = "rest" if one is None else one.kind
        if kind == "bundled":
            kind = next(group.name for group in bundles if name in group.columns)
        by_kind[kind].append(name)
    alone = {(name,) for name in told} if cost == "free" else set()
    shared = set()
    for kind, members in by_kind.items():
        if kind in ("constant", "duplicate"):
            continue
        shared.add(tuple(members))
        if len(members) <= ALONE:
            alone |= {(name,) for name in members}
    return sorted(alone | shared)


def _chance(sample: Sample, measure: Metric, folds: Folds) -> float:
    """The score of a model without columns."""
    scores = []
    for fold in folds.folds[:FITTED]:
        weights = None if sample.weights is None else sample.weights[fold.test]
        scores.append(measure.score(sample.target[fold.test], untrained(sample.target, sample.weights, fold, len(sample.classes)), weights))
    return float(np.mean(scores))


def _empty(
    settings: FeatureSettings, measure: str, verdict: str, *, reference: float | None = None, fits: int = 0, splits: str = ""
) -> DropSet:
    return msgspec.convert(
        {
            "delta": None,
            "low": None,
            "high": None,
            "tolerance": settings.tolerance,
            "metric": measure,
            "reference": reference,
            "verdict": verdict,
            "fits": fits,
            "seconds": None,
            "seed": settings.seed,
            "splits": splits,
        },
        DropSet,
    )


def _result(
    sample: Sample,
    structure: Structure,
    settings: FeatureSettings,
    task: Task,
    model: str,
    bundles: tuple[Group, ...],
    said: Findings,
    found: DropSet,
) -> Result:
    columns = columns_of(sample, structure, settings, said, judged=found.verdict != "no-model")
    reported = msgspec.to_builtins(settings)
    return Result(
        version=1,
        tool={"name": "mldebt", "version": __version__},
        data=DataInfo(
            path=settings.data,
            rows=sample.rows,
            columns=len(sample.frame.columns) + len(sample.excluded),
            fingerprint=sample.fingerprint,
            sampled_rows=len(sample.target),
        ),
        settings={key: value for key, value in sorted(reported.items()) if key not in NOT_REPORTED},
        task=task,
        model=model,
        drop=tuple(column.name for column in columns if column.action == "drop"),
        set=found,
        columns=columns,
        undecided=tuple(column.name for column in columns if column.kind == "undecided"),
        bundles=said.bundles(bundles),
        leaks=tuple(Leak(one.column, one.message, one.value) for one in structure.leaks),
        identifiers=structure.identifiers,
        notes=(*sample.notes, *said.notes),
    )
