"""Training and test tables that are put together before anything is learned from them, as competitions allow and production cannot."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Item, Map, Seq, Site, Store
from mldebt.project.flow.model import ALL, Node
from mldebt.project.leakage import operations
from mldebt.project.leakage.names import Called
from mldebt.project.leakage.relations import Leakage
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_TRAIN = re.compile(r"(?:^|_)(?:x_?)?tra?i?n(?:ing)?(?:_|$|x|\d)", re.IGNORECASE)
_TEST = re.compile(r"(?:^|_)(?:x_?)?te?sts?(?:_|$|x|\d)", re.IGNORECASE)
_NO_FEATURES = re.compile(
    r"(?:^|_)(?:y|labels?|targets?|preds?|predictions?|probas?|subs?|submission|oof|scores?|ids?|results?|index|idx)(?:_|$)", re.IGNORECASE
)
_SLICE = 80
_STRONG = frozenset({"mean", "nanmean", "median", "nanmedian", "std", "nanstd", "mode", "qcut"}) | operations.SCALES


class Joined(msgspec.Struct, frozen=True):
    """The call that joins, and the calls that learn from what it gives, as far as they are seen."""

    at: Node
    learns: tuple[Node, ...]
    leaves: str = ""  # how the joined table leaves its function: returned, passed


class Unions:
    """Found by the names of what is joined."""

    def __init__(self, project: Project, leakage: Leakage) -> None:
        self._project, self._leakage = project, leakage
        self._called = Called(project)

    def joined(self) -> Iterator[Joined]:
        unions = [Node(m.path, s.value) for m in self._project.python for s in m.facts.sites if self._joins(m, s)]
        if not unions or not any(u.kind == "fit" for u in self._leakage.sites.uses):
            return
        learns = list(self._learning({u.path for u in unions}))
        for union in unions:
            found = tuple(at for at, source in learns if (union.path, union.index) in source)
            leaves = self._leaves(union)
            if found or leaves:
                yield Joined(union, found, leaves)

    def _joins(self, module: Module, site: Site) -> bool:
        call = module.facts.values[site.value]
        assert type(call) is Call
        func = module.facts.values[call.func]
        name = func.name if type(func) is Attr else self._leakage.sites.called(module, call).rpartition(".")[2]
        if name not in operations.UNIONS or any(
            k == "axis" and module.facts.values[v] not in (Const(0), Const("index")) for k, v in call.keywords
        ):
            return False
        given = next((v for k, v in call.keywords if k == "objs"), call.args[0] if call.args else None)
        first = module.facts.values[given] if given is not None else None
        items = list(first.items) if type(first) is Seq and first.kind != "comp" else []
        if name == "append" and type(func) is Attr and given is not None:
            items = [func.base, given]
        if not 2 <= len(items) <= 4 or any(self._is_one_column(module, i) or self._leakage.sites.is_part(module, i) for i in items):
            return False
        names = [self._called.of(Node(module.path, i)) for i in items]
        if any(_NO_FEATURES.search(n) for found in names for n in found):
            return False
        train = [any(_TRAIN.search(n) for n in found) for found in names]
        test = [any(_TEST.search(n) for n in found) for found in names]
        return any(a and not b for a, b in zip(train, test, strict=True)) and any(b and not a for a, b in zip(train, test, strict=True))

    def _is_one_column(self, module: Module, index: int) -> bool:
        value = module.facts.values[index]
        return type(value) is Item and type(module.facts.values[value.key]) is Const

    def _learning(self, paths: set[str]) -> Iterator[tuple[Node, set[tuple[str, int]]]]:
        """Calls that learn, each with the values whose rows it learns from."""
        for use in self._leakage.sites.uses:
            if use.kind == "learn" and use.known and use.features:
                reach = self._leakage.overlaps.rows(Node(use.path, use.features[0]))
                yield use.node(), {k[:2] for k in reach.nodes}
        for path in sorted(paths):
            module = self._project.modules[path]
            for site in module.facts.sites:
                node = Node(path, site.value)
                if self._leakage.name(node) in _STRONG and not self._leakage.is_weak(node):
                    for edge in self._leakage.rows.back(node):
                        if edge.kind == "learned":
                            yield node, {k[:2] for k in self._leakage.overlaps.rows(edge.node).nodes}

    def _leaves(self, union: Node) -> str:
        """How the joined table leaves the function: returned, or given to a function of the project."""
        module = self._project.modules[union.path]
        site = self._project.flow.steps.files.site(module, union.index)
        if site is None:
            return ""
        if site.scope > 0 and module.facts.scopes[site.scope].kind == "function":
            for index in module.facts.scopes[site.scope].returns:
                if union.index in self._held(module, index):
                    return "returned"
        for other in module.facts.sites:
            call = module.facts.values[other.value]
            assert type(call) is Call
            if type(self._project.resolver.callee(module, call)) is Defined:
                for index in (*call.args, *(v for _, v in call.keywords)):
                    if (union.path, union.index) in {k[:2] for k in self._leakage.overlaps.same(Node(module.path, index, (), ALL)).nodes}:
                        return "passed"
        return ""

    def _held(self, module: Module, index: int) -> set[int]:
        """The tables that a value is, or holds as a container."""
        found, queue = {index}, [index]
        while queue and len(found) < _SLICE:
            value = module.facts.values[index := queue.pop()]
            inner: list[int] = [
                n.index
                for n in self._leakage.overlaps.same(Node(module.path, index)).nodes.values()
                if n.path == module.path and n.demand.names is None
            ]
            if type(value) is Seq:
                inner += value.items
            elif type(value) is Map:
                inner += value.values
            elif type(value) is Store:
                inner += [value.base, value.value]
            elif type(value) is Call and self._leakage.sites.called(module, value).rpartition(".")[2][:1].isupper():
                inner += value.args
            queue += [i for i in inner if i not in found]
            found.update(inner)
        return found
