"""Classes that stand for models, and under which names each of them trains, predicts, loads and saves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Span
from mldebt.project.conventions.model import application
from mldebt.project.data_files import data_files
from mldebt.project.kinds.areas import areas
from mldebt.project.kinds.layers import ancestors
from mldebt.project.project import Project
from mldebt.project.resolve import Defined

_VERBS = {
    "train": ("fit", "train", "learn", "train_model", "fit_model"),
    "predict": ("predict", "infer", "inference", "score", "forecast", "recommend", "classify", "predict_proba", "get_predictions", "rank"),
    "load": ("load", "restore", "from_file", "load_model", "from_pretrained", "load_from_file", "load_weights"),
    "save": ("save", "persist", "dump", "export", "save_model", "to_file", "store", "save_weights"),
}
_NEEDED = ("train", "predict")
_LEAST = 3
_COVERED = 0.6


class Kind(msgspec.Struct, frozen=True):
    """A class for models; `verbs` are the names of its methods by what they do."""

    path: str
    scope: int
    span: Span
    name: str
    verbs: tuple[tuple[str, str], ...]


class Variants(msgspec.Struct, frozen=True):
    """Classes of one area without a base in common; `covered` is the share of their methods that the most common names cover."""

    kinds: tuple[Kind, ...]
    covered: float


def variants(project: Project) -> Iterator[Variants]:
    area = areas(project)
    found: dict[str, list[Kind]] = defaultdict(list)
    for kind in _kinds(project):
        found[area[kind.path]].append(kind)
    for _, kinds in sorted(found.items()):
        if len(kinds) >= _LEAST and (covered := _covered(kinds)) < _COVERED:
            yield Variants(tuple(kinds), covered)


def _kinds(project: Project) -> Iterator[Kind]:
    """Classes that train and predict and descend from nothing that says how."""
    data = data_files(project)
    extended: set[Defined] = set()
    for module in project.python:
        for number, scope in enumerate(module.facts.scopes):
            if scope.kind == "class":
                extended.update(ancestors(project, Defined(module.path, number))[0])
    for module in application(project):
        if module.path not in data:
            continue
        for number, scope in enumerate(module.facts.scopes):
            here = Defined(module.path, number)
            if scope.kind != "class" or here in extended or scope.parent != 0:
                continue
            methods = {name for name, bindings in scope.bindings.items() if any(b.how == "def" for b in bindings)}
            verbs = tuple((what, next(n for n in names if n in methods)) for what, names in _VERBS.items() if not methods.isdisjoint(names))
            own, others = ancestors(project, here)
            if all(what in dict(verbs) for what in _NEEDED) and not own and not others:
                yield Kind(module.path, number, scope.span, scope.qualname, verbs)


def _covered(kinds: list[Kind]) -> float:
    named: dict[str, Counter[str]] = defaultdict(Counter)
    for kind in kinds:
        for what, name in kind.verbs:
            named[what][name] += 1
    return sum(max(names.values()) for names in named.values()) / sum(names.total() for names in named.values())
