"""Where a value of one file goes next: the values made of it, the names and fields that it is bound to, the functions it leaves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from mldebt.facts.model import Attr, Bound, Call, Elem, Item, Map, Name, Op, Param, Phi, Seq, Site, Span, Star, Store, Template
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance


class Links:
    """The values of one file, from operand to user."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.users: dict[int, list[int]] = defaultdict(list)
        for index, value in enumerate(module.facts.values):
            for operand in _operands(value):
                self.users[operand].append(index)

    @cached_property
    def sites(self) -> dict[int, Site]:
        return {site.value: site for site in reversed(self.module.facts.sites)}

    @cached_property
    def bound(self) -> dict[int, list[tuple[int, str]]]:
        """The variables that a value is bound to: scope and name."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for number, scope in enumerate(self.module.facts.scopes):
            for name, bindings in scope.bindings.items():
                for binding in bindings:
                    if binding.how not in ("del", "import", "parameter", "def", "class"):
                        found[binding.value].append((number, name))
        return found

    @cached_property
    def outer(self) -> dict[tuple[int, str], list[int]]:
        """The values that read a variable of an outer scope."""
        return self._by_scope(Bound)

    @cached_property
    def parameters(self) -> dict[tuple[int, str], list[int]]:
        return self._by_scope(Param)

    def _by_scope(self, kind: type[Bound] | type[Param]) -> dict[tuple[int, str], list[int]]:
        found: dict[tuple[int, str], list[int]] = defaultdict(list)
        for index in self.module.of_kind(kind):
            value = self.module.facts.values[index]
            assert type(value) is Bound or type(value) is Param
            found[value.scope, value.name].append(index)
        return found

    @cached_property
    def returned(self) -> dict[int, list[int]]:
        """The functions that return a value."""
        found: dict[int, list[int]] = defaultdict(list)
        for number, scope in enumerate(self.module.facts.scopes):
            for value in dict.fromkeys(scope.returns):
                found[value].append(number)
        return found

    @cached_property
    def fields(self) -> dict[int, list[tuple[int, str]]]:
        """The attributes that a value is assigned to: of which value, and which."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for write in self.module.facts.writes:
            if write.name:
                found[write.value].append((write.base, write.name))
        return found

    @cached_property
    def written(self) -> dict[int, list[tuple[int, str]]]:
        """What the file assigns on a value: `value[key] = ...`, `value.name = ...`."""
        found: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for write in self.module.facts.writes:
            found[write.base].append((write.key, write.name))
        return found

    @cached_property
    def read_at(self) -> dict[int, tuple[Span, int, int]]:
        """Where a chain is read: region, scope and block of the longest chain that holds it."""
        values = self.module.facts.values
        found: dict[int, tuple[Span, int, int]] = {}
        for use in self.module.facts.uses:
            index = use.value
            while index not in found:
                found[index] = use.span, use.scope, use.block
                value = values[index]
                if type(value) is Attr or type(value) is Item:
                    index = value.base
        return found


class Fields:
    """Attributes of objects by the class that has them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._attributes: dict[str, dict[str, list[int]]] = {}

    def readers(self, owner: Defined, name: str) -> Iterable[tuple[Module, int, bool]]:
        """The values that read a field of a class, in its own file and those that import it; False where only the name agrees."""
        own = self._family(owner)
        for module in self._near(owner):
            for index in self._named(module, name):
                value = module.facts.values[index]
                assert type(value) is Attr
                base = self._project.resolver.target(module, value.base)
                if type(base) is Instance:
                    base = base.of if type(base.of) is Defined else base
                if type(base) is Defined and base in own:
                    yield module, index, True
                elif base is None:
                    yield module, index, False

    def _family(self, owner: Defined) -> frozenset[Defined]:
        """The class and its subclasses in the project."""
        found, queue = {owner}, [owner]
        while queue:
            more = [s for s in self._project.resolver.subclasses(queue.pop()) if s not in found]
            found.update(more)
            queue += more
        return frozenset(found)

    def _near(self, owner: Defined) -> list[Module]:
        modules = self._project.modules
        paths = {member.path for member in self._family(owner)}
        paths |= {user for path in paths for user in self.importers.get(path, ())}
        return [modules[path] for path in sorted(paths)]

    @cached_property
    def importers(self) -> dict[str, list[str]]:
        """For each file the files that import it."""
        found: dict[str, list[str]] = defaultdict(list)
        for path, targets in self._project.imported_by_file.items():
            for target in targets:
                found[target].append(path)
        return found

    def _named(self, module: Module, name: str) -> list[int]:
        if module.path not in self._attributes:
            found: dict[str, list[int]] = defaultdict(list)
            for index in module.of_kind(Attr):
                found[module.facts.values[index].name].append(index)  # type: ignore[union-attr]
            self._attributes[module.path] = found
        return self._attributes[module.path].get(name, [])


def _operands(value: object) -> Iterable[int]:
    kind = type(value)
    if kind is Attr or kind is Star:
        return (value.base if kind is Attr else value.value,)  # type: ignore[attr-defined]
    if kind is Item:
        return (value.base, value.key)  # type: ignore[attr-defined]
    if kind is Call:
        return dict.fromkeys((value.func, *value.args, *(v for _, v in value.keywords)))  # type: ignore[attr-defined]
    if kind is Op:
        return dict.fromkeys(value.operands)  # type: ignore[attr-defined]
    if kind is Phi:
        return dict.fromkeys(value.options)  # type: ignore[attr-defined]
    if kind is Map:
        return dict.fromkeys(i for i in (*value.keys, *value.values) if i >= 0)  # type: ignore[attr-defined]
    if kind is Seq:
        return dict.fromkeys(value.items)  # type: ignore[attr-defined]
    if kind is Template:
        return dict.fromkeys(value.parts)  # type: ignore[attr-defined]
    if kind is Elem:
        return (value.of,)  # type: ignore[attr-defined]
    if kind is Store:
        return dict.fromkeys(i for i in (value.base, value.key, value.value) if i >= 0)  # type: ignore[attr-defined]
    return ()


def variables(module: Module, name: str) -> Iterable[tuple[int, str]]:
    """The imported names of a file of which `name` is a part, with the dotted name."""
    for dotted, index in module.names.items():
        if f".{name}." in f".{dotted}.":
            value = module.facts.values[index]
            assert type(value) is Name
            yield index, dotted
