"""What an order decides: splits, draws with a seed, parts of a list, numbers of labels, columns that a model learns from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Const, Elem, Item, Map, Name, Op, Span
from mldebt.project.conditions import Conditions
from mldebt.project.data_files import data_files
from mldebt.project.events import Event, argument
from mldebt.project.flow.model import Node
from mldebt.project.models.model import Fit
from mldebt.project.ordering import Orders, Reached
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration

_PICKS = frozenset({"shuffle", "permutation", "choice", "choices", "sample", "randperm", "random_shuffle"})
_PARTS = re.compile(r"(^|_)(train(ing)?|valid(ation)?|val|te?st(ing)?|dev|holdout|folds?)(_|$)", re.IGNORECASE)
_CONTEXTS = 4


class Sink(msgspec.Struct, frozen=True):
    """A place where an order matters: what it decides, in words, and how sure that is."""

    module: Module
    span: Span
    scope: int
    what: str
    reached: Reached
    confidence: float


class Sinks:
    """All of one project, in path and text order."""

    def __init__(self, project: Project) -> None:
        self._project, self.orders = project, Orders(project)
        self._conditions, self._seeds = Conditions(project), project.seeds

    def all(self) -> Iterator[Sink]:
        """Sinks that an order without definition reaches; tests and demonstrations left out."""
        if not self.orders.files:
            return
        data = data_files(self._project)
        for event in self._project.calls("split"):
            yield from self._split(event)
        for event in self._project.calls("random"):
            if "split" not in event.entry.roles and event.name.rpartition(".")[2] in _PICKS and event.module.path in data:
                yield from self._picked(event)
        for fit in self._project.models.sites:
            if fit.is_model and not is_demonstration(self._project.modules[fit.path]):
                yield from self._columns(fit)
        for module in self._project.python:
            if module.path in data and not is_demonstration(module):
                yield from self._numbered(module)
                yield from self._parts(module)

    def _walk(self, module: Module, scope: int, index: int, *, columns: bool = False) -> Iterator[Reached]:
        seen: set[tuple[str, int]] = set()
        for calls in self._project.flow.contexts(module.path, scope, limit=_CONTEXTS):
            for reached in self.orders.reached(Node(module.path, index, calls), columns=columns):
                place = (reached.source.node.path, reached.source.node.index)
                if place not in seen and not self._project.modules[place[0]].is_test:
                    seen.add(place)
                    yield reached

    def _seeded(self, event: Event) -> bool:
        """Whether nothing but the order is left open."""
        if "random" not in event.entry.roles:
            return not any(self._drawn(event))
        return self._seeds.covers(event) or self._conditions.passed(event, "seed") is not None

    def _means_it(self, event: Event) -> bool:
        """Whether the seed is set for this draw: passed, or set in the same file."""
        return self._conditions.passed(event, "seed") is not None or event.module.path in self._seeding

    @cached_property
    def _seeding(self) -> frozenset[str]:
        return frozenset(event.module.path for event in self._project.calls("seed"))

    def _drawn(self, event: Event) -> Iterator[bool]:
        """Other entries of the same call that draw at random, and whether they do here without a seed."""
        for entry in self._project.resolver.entries(event.name):
            if "random" in entry.roles:
                other = Event(event.module, event.site, event.call, event.name, entry)
                if self._conditions.holds(other) is not False:
                    yield not self._seeded(other)

    def _split(self, event: Event) -> Iterator[Sink]:
        module, site = event.module, event.site
        if is_demonstration(module) or self._conditions.holds(event) is False or not self._seeded(event):
            return
        data = argument(event.call, event.entry.args.get("data"))
        given = event.call.args or (() if data is None else (data,))
        seen: set[Node] = set()
        for index in given[:4]:
            for reached in self._walk(module, site.scope, index):
                if reached.source.node not in seen:
                    seen.add(reached.source.node)
                    yield Sink(module, site.span, site.scope, "which rows fall into which part of the split", reached, 0.85)

    def _picked(self, event: Event) -> Iterator[Sink]:
        module, site = event.module, event.site
        if is_demonstration(module) or not event.call.args or not (self._seeded(event) and self._means_it(event)):
            return
        for reached in self._walk(module, site.scope, event.call.args[0]):
            if reached.source.kind != "query":
                yield Sink(module, site.span, site.scope, "what is drawn, in spite of the seed", reached, 0.75)

    def _columns(self, fit: Fit) -> Iterator[Sink]:
        module = self._project.modules[fit.path]
        for index in fit.features[:2]:
            for reached in self._walk(module, fit.scope, index, columns=True):
                if reached.columns:
                    yield Sink(module, fit.span, fit.scope, "the order of the features", reached, 0.8)

    def _numbered(self, module: Module) -> Iterator[Sink]:
        """`{label: number for number, label in enumerate(labels)}`, and loops that store the number."""
        values = module.facts.values
        counts = {
            site.value: (site, call.args[0])
            for site, call, func in module.calls
            if type(func) is Name and func.name == "builtins.enumerate" and call.args
        }
        if not counts:
            return
        stored = self._stored(module)
        for at in module.of_kind(Item):
            item = values[at]
            key = values[item.key]  # type: ignore[union-attr]
            elem = values[item.base]  # type: ignore[union-attr]
            if at not in stored or type(key) is not Const or key.value != 0 or type(elem) is not Elem or elem.of not in counts:
                continue
            site, source = counts.pop(elem.of)
            for reached in self._walk(module, site.scope, source):
                near = reached.source.kind != "set" or reached.source.node.path == module.path
                if reached.source.kind != "query" and near:
                    yield Sink(module, site.span, site.scope, "which label gets which number", reached, 0.8)

    def _stored(self, module: Module) -> frozenset[int]:
        """Values that are kept: in a mapping, under a key, at the end of a list."""
        values = module.facts.values
        maps = [values[i] for i in module.of_kind(Map)]
        found = {index for v in maps for index in (*v.keys, *v.values)}  # type: ignore[union-attr]
        found |= {write.value for write in module.facts.writes if write.key >= 0}
        appended = (c for _, c, f in module.calls if type(f) is Attr and f.name == "append" and c.args)
        return frozenset(found | {call.args[0] for call in appended})

    def _parts(self, module: Module) -> Iterator[Sink]:
        """`train, valid = files[:n], files[n:]`."""
        values = module.facts.values
        seen: set[int] = set()
        for number, scope in enumerate(module.facts.scopes):
            for name, bindings in scope.bindings.items():
                for binding in bindings:
                    value = values[binding.value]
                    if type(value) is not Item or not _is_slice(module, value.key) or value.base in seen or not _PARTS.search(name):
                        continue
                    seen.add(value.base)
                    for reached in self._walk(module, number, value.base):
                        if reached.source.kind != "query":
                            yield Sink(module, binding.span, number, f"what falls into `{name}`", reached, 0.8)


def _is_slice(module: Module, index: int) -> bool:
    value = module.facts.values[index]
    return type(value) is Op and value.op == "slice"
