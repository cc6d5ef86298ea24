"""Random draws that decide a split, a search or a model, and that no seed makes repeatable."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Name
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument, splats
from mldebt.project.resolve import Defined
from mldebt.sources.model import Role

_SEEDER = re.compile(r"(?i)((set|fix|init|make|seed|apply|reset|worker|global|ensure)\w*_?(seed|determin\w*|reproducib\w*)\w*|seed_?(all|everything|everywhere|torch|worker)?)")
_DECIDING = frozenset({"split", "search", "train", "resample"})
_MADE = frozenset({"estimator", "search", "splitter", "transformer", "resampler", "dataloader", "sampler", "gensim-model"})
_PICKS = frozenset({"shuffle", "permutation", "permuted", "choice", "choices", "sample", "randperm", "random_shuffle", "list_files"})
_ALL = frozenset({"python", "numpy", "torch", "tensorflow"})
_SILENT = (Role.TEST, Role.EXAMPLE)


def check(project: Project) -> Iterator[Finding]:
    """Yields unseeded-randomness; tests and examples stay silent, a seed anywhere in the import neighbourhood covers its generators."""
    conditions = Conditions(project)
    seeded = _Seeds(project)
    modelling = {e.module.path for role in ("train", "split", "search", "resample", "predict") for e in project.calls(role)}
    modelling |= {m.path for m, scope in project.scopes("function") if scope.name == "fit" and scope.parent > 0}
    seen: set[tuple[str, int]] = set()
    for event in project.calls("random"):
        place = (event.module.path, event.site.value)
        if event.module.source.role in _SILENT or place in seen:
            continue
        confidence = _decides(project, event, modelling)
        if not confidence or conditions.holds(event) is not True or _own_seed(conditions, event) or seeded.covers(event):
            continue
        seen.add(place)
        name = event.name
        what = "splits the data" if "split" in event.entry.roles else "searches" if "search" in event.entry.roles else "feeds a model"
        yield Finding(
            rule="unseeded-randomness",
            location=project.location(event.module, event.site.span),
            message=f"`{name}` {what} without a seed",
            anchor=name,
            scope=event.module.qualname(event.site.scope),
            confidence=confidence,
        )


def _decides(project: Project, event: Event, modelling: set[str]) -> float:
    """How sure it is that the draw reaches a split, a search or a model; 0 when it need not."""
    if _DECIDING & set(event.entry.roles):
        return 0.9
    made = project.catalogue.classes.get(event.name)
    if made is not None and made.kind in _MADE:
        return 0.85
    picks = event.name.rpartition(".")[2] in _PICKS
    return 0.7 if picks and event.module.path in modelling and event.module.source.role is not Role.LEGACY else 0.0


def _own_seed(conditions: Conditions, event: Event) -> bool:
    """Whether the call passes a seed of its own, or may pass one that is not written out."""
    if conditions.unresolved(event):
        return True
    for name in ("seed", "trials"):
        passed = conditions.passed(event, name)
        if passed is not None:
            value = event.module.facts.values[passed]
            if not (isinstance(value, Const) and value.value is None):
                return True
    return False


class _Seeds:
    """Which generators are seeded in which files, directly or by a file that is imported or imports."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._direct: dict[str, set[str]] = defaultdict(set)
        for event in project.calls("seed"):
            if not event.module.is_test and not _is_none(event):
                self._direct[event.module.path].update(event.entry.generator.split(","))
        for module in project.python:
            if not module.is_test and any(self._seeds(module, call) for call in _calls(module)):
                self._direct[module.path] |= _ALL
        self._near: dict[str, set[str]] = defaultdict(set)
        for module in project.python:
            if not module.is_test:
                for other in self._imports(module):
                    self._near[module.path].add(other)
        self._users: dict[str, set[str]] = defaultdict(set)
        for path, others in self._near.items():
            for other in others:
                self._users[other].add(path)
        self._memo: dict[str, frozenset[str]] = {}

    def covers(self, event: Event) -> bool:
        """Whether a seed of the event's generator is set in its file, in a file that it imports, or in one that imports it."""
        if event.entry.generator == "own":
            return False
        wanted = set(event.entry.generator.split(",")) - {""}
        return bool(wanted) and wanted <= self._known(event.module.path)

    def _known(self, path: str) -> frozenset[str]:
        if path not in self._memo:
            around = {path} | _closure(path, self._near) | _closure(path, self._users)
            for user in _closure(path, self._users):  # a script that imports both the model and the helper that seeds
                around |= _closure(user, self._near)
            self._memo[path] = frozenset(g for p in around for g in self._direct.get(p, ()))
        return self._memo[path]

    def _imports(self, module: Module) -> Iterator[str]:
        for imported in module.facts.imports:
            split = self._project.index.split(module.path, imported.target)
            if split is not None and split[0] != module.path and split[0] in self._project.modules:
                yield split[0]

    def _seeds(self, module: Module, call: Call) -> bool:
        """A call whose name says that it seeds, of a function that is not of this project (those are read instead)."""
        func = module.facts.values[call.func]
        name = func.name.rpartition(".")[2] if isinstance(func, (Name, Attr)) else ""
        if not name or _SEEDER.fullmatch(name) is None or splats(module, call):
            return False
        catalogued = isinstance(func, Name) and func.name in self._project.catalogue.entries
        return not catalogued and not isinstance(self._project.resolver.callee(module, call), Defined)


def _calls(module: Module) -> Iterator[Call]:
    for site in module.facts.sites:
        call = module.facts.values[site.value]
        if isinstance(call, Call):
            yield call


def _is_none(event: Event) -> bool:
    place = event.entry.args.get("seed")
    index = argument(event.call, place)
    value = event.module.facts.values[index] if index is not None else None
    return index is None or (isinstance(value, Const) and value.value is None)


def _closure(path: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    stack = [path]
    while stack:
        for other in edges.get(stack.pop(), ()):
            if other not in found:
                found.add(other)
                stack.append(other)
    return found
