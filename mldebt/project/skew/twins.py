"""Code that prepares data where a model is applied, with the code that does the same where it is trained."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

import msgspec

from mldebt.facts.model import Span
from mldebt.facts.outline import LINE_SHIFT
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.skew.derivations import Derivation, Derivations
from mldebt.project.skew.featurisers import Featurisers, Pair
from mldebt.project.skew.sides import Sides, folders_between
from mldebt.sources.model import Language

_INPUTS = 2  # common inputs from which one feature of one name is the same feature
_APART = 60  # lines
_FILE = 0.6  # of the lines of a file that stand in the other: it is a copy as a whole
_VENDORED = 0.6  # certainty where nothing differs: a tree that was taken over as it is
_VARIABLES = 3  # variables called as features of the training, where their inputs have other names


class Twin(msgspec.Struct, frozen=True):
    """A place on the applying side and one on the training side that compute the same."""

    applying: Module
    training: Module
    here: Span
    there: Span
    scope: int  # of the applying place
    trained_scope: int
    names: tuple[str, ...]  # features that both compute; empty for a copied function
    inputs: tuple[str, ...] = ()
    pair: Pair | None = None
    certainty: float = 0.9
    whole: bool = False  # the files are copies of each other


class Twins:
    """All twins of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._sides = Sides(project)
        self._derivations = Derivations(project)

    def all(self) -> list[Twin]:
        """For each file on the applying side its twins in the one file of the training side that is its nearest kin."""
        if not self._sides.trainers or not self._sides.appliers:
            return []
        found: dict[str, dict[str, list[Twin]]] = defaultdict(lambda: defaultdict(list))
        for twin in (*self._computed(), *self._copied()):
            found[twin.applying.path][twin.training.path].append(twin)
        chosen: list[Twin] = []
        for path, by_training in sorted(found.items()):
            best = min(by_training, key=lambda other: (folders_between(path, other), -len(by_training[other]), other))
            chosen += by_training[best]
        return chosen

    def _computed(self) -> Iterator[Twin]:
        """Features of one name that both sides compute from the same inputs."""
        trained: dict[str, list[Derivation]] = defaultdict(list)
        modules = self._project.modules
        applying, training = self._sides.applies, self._sides.trains
        for path in sorted({d.path for d in training}):
            for one in self._derivations.of(modules[path]):
                here = Defined(path, one.scope)
                if one.kept != "variable" and one.computed and here in training:
                    trained[one.name].append(one)
        for path in sorted({d.path for d in applying}):
            module = modules[path]
            imports = self._project.imported_by_file.get(path, frozenset())
            asked = self._sides.answers(module)
            matches: dict[tuple[int, str], list[tuple[Derivation, Derivation]]] = defaultdict(list)
            for one in self._derivations.of(module):
                here = Defined(path, one.scope)
                if not one.computed or here not in applying or here in training or (one.kept == "variable" and not asked):
                    continue
                for other in trained.get(one.name, ()):
                    if other.module.path != path and other.module.path not in imports and not _shared(one, other):
                        matches[one.scope, other.module.path].append((one, other))
            for (scope, _), pairs in sorted(matches.items()):
                twin = _twin(module, scope, pairs, self._sides.trainers | self._sides.feeders)
                if twin is not None:
                    yield twin

    def _copied(self) -> Iterator[Twin]:
        """Functions that prepare data and stand on both sides."""
        featurisers = Featurisers(self._project)
        applying, training = self._sides.applies, self._sides.trains
        for pair in featurisers.pairs(applying, training - applying):
            module, scope = self._project.resolver.scope(pair.here)
            other, twin = self._project.resolver.scope(pair.there)
            if other.path in self._project.imported_by_file.get(module.path, frozenset()):
                continue
            share = _file_share(module, other)
            if share >= _FILE:
                here, there = module.facts.scopes[0].span, other.facts.scopes[0].span
                yield Twin(module, other, here, there, 0, 0, (), (), pair, _VENDORED if share == 1 else 0.8, whole=True)
                continue
            certainty = 0.85 if pair.here not in training else 0.75
            if pair.equal:
                certainty = 0.75 if pair.here not in training else 0.55
            yield Twin(module, other, scope.span, twin.span, pair.here.scope, pair.there.scope, (), (), pair, certainty)


def _file_share(one: Module, other: Module) -> float:
    """The share of the lines of the longer file that stand in the other, too; parts of a notebook are not copies as a whole."""
    if Language.NOTEBOOK in (one.source.language, other.source.language):
        return 0.0
    mask = (1 << LINE_SHIFT) - 1
    left, right = (Counter(o & mask for o in m.facts.outline) for m in (one, other))
    return (left & right).total() / max(left.total(), right.total(), 1)


def _shared(one: Derivation, other: Derivation) -> bool:
    return one.helper is not None and one.helper == other.helper


def _twin(module: Module, scope: int, pairs: list[tuple[Derivation, Derivation]], sources: Collection[str]) -> Twin | None:
    """The twin that these equal names make, if they are enough; names of variables tell only what the `sources` compute."""
    named = [(a, b) for a, b in pairs if a.inputs & b.inputs - {a.name}]
    changed = [(a, b) for a, b in pairs if a.kept == "item" and a.name in a.inputs & b.inputs]
    keyed = [(a, b) for a, b in named if a.kept != "variable"]
    names = {a.name for a, _ in keyed}
    strong = [(a, b) for a, b in keyed if len(a.inputs & b.inputs - {a.name}) >= _INPUTS]
    spoken = [(a, b) for a, b in pairs if a.kept == "variable" and b.kept == "item" and b.module.path in sources]
    if len(names) > 1 or strong:
        chosen, certainty = keyed, 0.9 if len(names) > 1 else 0.85
    elif len({a.name for a, _ in (*changed, *keyed)}) > 1:
        chosen, certainty = [*changed, *keyed], 0.7
    elif len({a.name for a, _ in spoken}) >= _VARIABLES:
        chosen, certainty = spoken, 0.8
    else:
        return None
    inputs = sorted({i for a, b in chosen for i in a.inputs & b.inputs})
    there = min((b for _, b in chosen), key=lambda b: (b.scope, b.span))
    return Twin(
        module,
        there.module,
        _around([a.span for a, _ in chosen]),
        _around([b.span for _, b in chosen if b.scope == there.scope]),
        scope,
        there.scope,
        tuple(sorted({a.name for a, _ in chosen})),
        tuple(inputs),
        None,
        certainty,
    )


def _around(spans: list[Span]) -> Span:
    """The lines from the first of these places to the last, or the first alone where they lie far apart."""
    first, last = min(spans), max(spans, key=lambda s: (s.end_line, s.end_column))
    if last.end_line - first.line > _APART:
        last = first
    return Span(first.line, first.column, last.end_line, last.end_column)
