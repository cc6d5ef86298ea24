"""One step back from a value: what it is made of, in its own function, its callers, its callees, its object or its file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Bound, Call, Const, Def, Elem, Item, Map, Name, Op, Param, Phi, Seq, Star, Store, Template
from mldebt.project.callers import passed_to
from mldebt.project.events import argument, callee_name
from mldebt.project.flow.calls import CallGraph
from mldebt.project.flow.demands import Names, item, narrowed
from mldebt.project.flow.effects import Effect, Effects
from mldebt.project.flow.files import Files
from mldebt.project.flow.model import ALL, Calls, Demand, Node, Site, Step
from mldebt.project.flow.receivers import Receivers
from mldebt.project.flow.routes import Routes
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance, Target

_DEEP = 6  # calls that are looked into, one inside the other
_TABLE = 40  # entries of a display from which nothing in particular is asked
_MANY = 24  # callers, bindings or overriding methods of one thing
# Attributes and functions that tell of the form of data, not of what is in it.
_FORM = frozenset({"shape", "columns", "index", "dtype", "dtypes", "size", "ndim", "__class__", "__name__", "device", "empty"})
_SHAPELESS = frozenset(
    f"builtins.{n}" for n in ("len", "print", "isinstance", "issubclass", "type", "range", "id", "hasattr", "callable", "open", "input")
)
_KEEPS = frozenset(  # methods of a frame that leave the names of its columns
    (
        *("copy", "fillna", "reset_index", "set_index", "sort_values", "sort_index", "head", "tail", "query", "dropna", "astype", "sample"),
        *("assign", "merge", "join", "append", "replace", "clip", "drop_duplicates", "filter", "where", "mask", "compute", "persist"),
        *("cache", "to_pandas", "toPandas", "withColumn", "select", "limit", "union", "unionAll"),
    )
)
_TESTS = frozenset({"in", "not in", "is", "is not", "slice"})


class Steps:
    """Steps of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.files = Files(project)
        self.routes = Routes(project, self.files)
        self.receivers = Receivers(project, self.back)
        self.calls = CallGraph(project, self.receivers)
        self._names, self._effects = Names(project), Effects(project)

    def back(self, node: Node) -> Iterator[Step]:
        """Every value that this one is directly made of, in the order of the text."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        handler = _HANDLERS.get(type(value))
        if handler is not None:
            yield from handler(self, node, module, value)
        if type(value) in (Call, Param, Name, Bound, Attr, Item, Store, Phi):
            yield from self._filled_by_callees(node, module)

    # inside a function -----------------------------------------------------------------------------------------------

    def _to(self, node: Node, index: int, how: str = "part", demand: Demand | None = None) -> Step:
        return Step(Node(node.path, index, node.calls, node.demand if demand is None else demand), how)

    def _phi(self, node: Node, module: Module, value: Phi) -> Iterator[Step]:
        for option in value.options:
            yield self._to(node, option, "value")

    def _store(self, node: Node, module: Module, value: Store) -> Iterator[Step]:
        if value.how == "pop" and (names := self._names.of(module, value.value)) is not None:
            yield self._to(node, value.base, "value", Demand(node.demand.names, node.demand.without | names))
            return
        names = self._keys(module, value.key) if value.how == "[]" and value.key >= 0 else None
        if names is None or any(node.demand.asks(n) for n in names):
            yield Step(Node(node.path, value.value, node.calls, ALL), "column", ", ".join(sorted(names or ())))
        if names is None or node.demand.names is None or not node.demand.names <= names:
            yield self._to(node, value.base, "value")

    def _keys(self, module: Module, key: int) -> frozenset[str] | None:
        """The columns that an assignment sets: of `frame.loc[rows, columns]` those of the second part."""
        names, value = self._names.of(module, key), module.facts.values[key]
        if names is None and type(value) is Seq and value.kind == "tuple" and len(value.items) == 2:
            return self._names.of(module, value.items[1])
        return names

    def _item(self, node: Node, module: Module, value: Item) -> Iterator[Step]:
        base = module.facts.values[value.base]
        if type(base) is Attr and base.name in ("loc", "iloc", "at", "iat"):
            keys = module.facts.values[value.key]
            column = keys.items[1] if type(keys) is Seq and len(keys.items) == 2 else None
            names = self._names.of(module, column) if column is not None and base.name in ("loc", "at") else None
            yield self._to(node, base.base, "part", narrowed(node.demand, names) if names else node.demand)
            return
        key = module.facts.values[value.key]
        if type(key) is Const and isinstance(key.value, int) and type(base) is Seq and base.kind != "comp":
            if -len(base.items) <= key.value < len(base.items):
                yield self._to(node, base.items[key.value])
                return
        if type(key) is Const and isinstance(key.value, int) and type(base) is Call:
            yield from self._returned_part(node, module, value.base, base, key.value)
            return
        names = self._names.of(module, value.key)
        if type(base) is Map and names is not None and len(names) == 1:
            keys_of = [(k, v) for k, v in zip(base.keys, base.values, strict=True)]
            same = [v for k, v in keys_of if k >= 0 and self._names.of(module, k) == names]
            for found in same or [v for k, v in keys_of if k < 0]:
                yield self._to(node, found, demand=ALL)
            return
        selects = type(key) is Op and key.op != "slice"  # a condition chooses rows
        place = key.value if type(key) is Const and type(key.value) is int and key.value >= 0 else None
        demand = node.demand if selects else item(place) if place is not None else narrowed(node.demand, names)
        yield self._to(node, value.base, demand=demand)

    def _returned_part(self, node: Node, module: Module, index: int, call: Call, place: int) -> Iterator[Step]:
        """One of several results of a call: of a function of the project the item that stands there."""
        target = self._project.resolver.callee(module, call)
        if type(target) is not Defined or self._project.resolver.scope(target)[1].kind == "class":
            splits = any("split" in entry.roles for entry in self.entries(module, call, target))
            if splits and 0 <= place < 2 * len(call.args):  # two parts of each argument, in order
                yield self._to(node, call.args[place // 2], "argument")
            else:
                yield self._to(node, index, demand=ALL)
            return
        for step in self._call(Node(node.path, index, node.calls, node.demand), module, call):
            inner = self._project.modules[step.node.path].facts.values[step.node.index]
            if step.how == "return" and type(inner) is Seq and inner.kind == "tuple" and -len(inner.items) <= place < len(inner.items):
                yield Step(step.node._replace(index=inner.items[place]), "return")
            else:
                returned = step.how == "return" and type(inner) is not Seq and place >= 0
                yield step._replace(node=step.node._replace(demand=item(place))) if returned else step

    def _map(self, node: Node, module: Module, value: Map) -> Iterator[Step]:
        if node.demand == ALL and len(value.keys) > _TABLE:
            return  # a table of settings of which one is taken
        for key, inner in zip(value.keys, value.values, strict=True):
            names = self._names.of(module, key) if key >= 0 else None
            if names is None or any(node.demand.asks(n) for n in names):
                yield Step(Node(node.path, inner, node.calls, ALL), "element", ", ".join(sorted(names or ())))

    def _op(self, node: Node, module: Module, value: Op) -> Iterator[Step]:
        if value.op not in _TESTS:
            for operand in value.operands[1 if value.op == "?:" else 0 :]:
                yield self._to(node, operand, "operand")

    def _several(self, node: Node, module: Module, value: Seq | Template) -> Iterator[Step]:
        place = node.demand.place
        if place is not None and type(value) is Seq and value.kind in ("tuple", "list") and place < len(value.items):
            yield self._to(node, value.items[place], "element", ALL)
            return
        for part in value.items if type(value) is Seq else value.parts:
            yield self._to(node, part, "element", ALL if place is not None else None)

    def _elem(self, node: Node, module: Module, value: Elem) -> Iterator[Step]:
        yield self._to(node, value.of, "element")

    def _star(self, node: Node, module: Module, value: Star) -> Iterator[Step]:
        yield self._to(node, value.value, "value")

    def _bound(self, node: Node, module: Module, value: Bound) -> Iterator[Step]:
        for binding in module.facts.scopes[value.scope].bindings.get(value.name, ())[:_MANY]:
            if binding.how != "del":
                calls = node.calls if value.scope else ()  # a variable of the module is the same for all callers
                yield Step(Node(node.path, binding.value, calls, node.demand), "value")
        yield from self._put(node, self._effects.variable(module, value.scope, value.name))

    # names and fields ------------------------------------------------------------------------------------------------

    def _name(self, node: Node, module: Module, value: Name) -> Iterator[Step]:
        for owner, index, _ in self._project.members.of_name(module, value.name)[:_MANY]:
            yield Step(Node(owner.path, index, (), node.demand), "value")

    def _attr(self, node: Node, module: Module, value: Attr) -> Iterator[Step]:
        if value.name in _FORM:
            return
        target = self._project.resolver.target(module, value.base)
        owner = target.of if type(target) is Instance else target
        if type(owner) is Defined:
            found = False
            for cls in self._family(owner):
                for inner, index, _ in self._project.members.of_target(cls, value.name)[:_MANY]:
                    found = True
                    yield Step(Node(inner.path, index, (), node.demand), "field", value.name)  # set in any call of its methods
                for effect in self._effects.field(cls, value.name)[:_MANY]:
                    found = True
                    yield from self._put(node, (effect,), calls=())
                if found:
                    break
            member = self._project.resolver.member(owner, value.name)
            if type(member) is Defined:
                found = True
                yield from self._returns(node, member, node.calls)  # a property
            if found or self.is_self(module, value.base):
                return
        base = module.facts.values[value.base]
        demand = narrowed(node.demand, frozenset({value.name})) if type(base) is Store else node.demand
        yield self._to(node, value.base, "part", demand)

    def _family(self, owner: Defined) -> list[Defined]:
        """The class, then the classes of the project that are made from it: a base may use what they set."""
        if self._project.resolver.scope(owner)[1].kind != "class":
            return [owner]
        return [owner, *self._project.resolver.subclasses(owner)[:_MANY]]

    def is_self(self, module: Module, index: int) -> bool:
        value = module.facts.values[index]
        return type(value) is Param and self.receivers.own_class(module, index) is not None

    def _put(self, node: Node, effects: Iterable[Effect], calls: Calls | None = None) -> Iterator[Step]:
        for effect in list(effects)[:_MANY]:
            if effect.column is None or node.demand.asks(effect.column):
                where = node.calls if calls is None and effect.module.path == node.path else calls or ()
                yield Step(Node(effect.module.path, effect.value, where, ALL), "column", effect.column or "")

    # calls -----------------------------------------------------------------------------------------------------------

    def _call(self, node: Node, module: Module, call: Call) -> Iterator[Step]:
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            if self._project.resolver.scope(target)[1].kind == "class":
                for index in (*call.args, *(v for _, v in call.keywords)):
                    yield self._to(node, index, "held", ALL)
                return
            yield from self._returns(node, target, (*node.calls, (node.path, node.index)))
            return
        if type(target) is Instance and type(target.of) is Defined:
            for name in ("__call__", "forward"):
                member = self._project.resolver.member(target, name)
                if type(member) is Defined:
                    yield from self._returns(node, member, (*node.calls, (node.path, node.index)))
                    return
        if target is None and (chosen := self.calls.dispatched(module, call.func) or self.receivers.methods(node, module, call)):
            for function in chosen[:_MANY]:
                yield from self._returns(node, function, (*node.calls, (node.path, node.index)))
            return
        yield from self._outside(node, module, call, target)

    def _outside(self, node: Node, module: Module, call: Call, target: Target | None) -> Iterator[Step]:
        """A call of a package or of something unknown: all that it is given may be in its result."""
        name = callee_name(target) if target is not None else ""
        if name in _SHAPELESS and name != "builtins.open":
            return
        roles = {role for entry in self.entries(module, call, target) for role in entry.roles}
        if "metric" in roles:
            return
        if "download" in roles:
            yield from self.routes.steps(node)
        if "read" in roles or name == "builtins.open":
            yield from self.files.steps(node)
            entries = self.entries(module, call, target)
            handles, paths = ([i for e in entries if (i := argument(call, e.args.get(k))) is not None] for k in ("data", "path"))
            for index in (*handles, *(p for p in paths if type(module.facts.values[p]) in (Call, Attr))):
                yield self._to(node, index, "part", ALL)
            return
        func = module.facts.values[call.func]
        if type(func) is Attr:
            if func.name == "drop":
                demand = Demand(node.demand.names, node.demand.without | self._names.dropped(module, call))
            elif func.name == "pop" and call.args and (names := self._names.of(module, call.args[0])) is not None:
                demand = narrowed(node.demand, names)  # what it takes out, not what it leaves
            elif func.name in _KEEPS:
                demand = node.demand
            else:
                demand = node.demand if node.demand.names is None else ALL
            yield self._to(node, func.base, "part", demand)
            keeps = func.name in _KEEPS
        else:
            keeps = name.endswith((".concat", ".DataFrame", ".merge"))
        for index in call.args:
            yield from self._given(node, module, index, node.demand if keeps else ALL)
        for key, index in call.keywords:
            if key == "columns" and keeps:
                continue
            if (name == "builtins.dict" or (type(func) is Attr and func.name == "assign")) and not node.demand.asks(key):
                continue
            yield from self._given(node, module, index, node.demand if keeps else ALL)

    def _given(self, node: Node, module: Module, index: int, demand: Demand) -> Iterator[Step]:
        """An argument; a function that is passed may be called, and its results may be in the result."""
        value = module.facts.values[index]
        if type(value) in (Def, Name, Bound, Attr):
            target = self._project.resolver.target(module, index)
            if type(target) is Defined:
                if self._project.resolver.scope(target)[1].kind in ("function", "lambda"):
                    yield from self._returns(node, target, (*node.calls, (node.path, node.index)))
                return
        yield self._to(node, index, "argument", demand)

    def entries(self, module: Module, call: Call, target: Target | None) -> tuple[Entry, ...]:
        """What the catalogue says of a call, by its object or, on an unknown one, by its name."""
        name = callee_name(target) if target is not None else ""
        found = self._project.resolver.entries(name) if name else ()
        return found or self._project.events.told(module, call)

    def _returns(self, node: Node, function: Defined, calls: Calls) -> Iterator[Step]:
        if len(calls) > _DEEP or len(set(calls)) < len(calls):
            return
        for target in self.calls.overrides(function):
            owner, scope = self._project.resolver.scope(target)
            for index in scope.returns[:_MANY]:
                yield Step(Node(owner.path, index, calls, node.demand), "return", scope.qualname)

    # parameters ------------------------------------------------------------------------------------------------------

    def _param(self, node: Node, module: Module, value: Param) -> Iterator[Step]:
        function = Defined(module.path, value.scope)
        scope = module.facts.scopes[value.scope]
        parameter = next((p for p in scope.parameters if p.name == value.name), None)
        if parameter is None or self.is_self(module, node.index):
            return
        own = self.calls.entered(node.calls, function)
        if own is None and node.calls and scope.kind == "lambda":
            own = len(node.calls) - 1
        sites: list[tuple[Site, Calls]]
        if own is not None:
            sites = [(node.calls[own], node.calls[:own])]
        else:
            sites = [(site, ()) for site in self.calls.callers(function)]
        missing = not sites
        for (path, index), outer in sites:
            caller = self._project.modules[path]
            call = caller.facts.values[index]
            assert type(call) is Call
            found = list(self.calls.passed(caller, call, function, scope, value.name, parameter.kind, node.demand))
            for given in found:  # what is asked of all that a call collects is not asked of each
                demand = ALL if parameter.kind in ("*", "**") else node.demand
                yield Step(Node(path, given, outer, demand), "parameter", scope.qualname)
            missing = missing or not found
        if missing and parameter.default >= 0:
            yield Step(Node(node.path, parameter.default, (), node.demand), "value")

    # side effects ----------------------------------------------------------------------------------------------------

    def _filled_by_callees(self, node: Node, module: Module) -> Iterator[Step]:
        """What functions of the project put into the object that they are given."""
        for site, target, name in self._givers.get((node.path, node.index), ()):
            if len(node.calls) < _DEEP and (node.path, site) not in node.calls:
                for effect in self._effects.parameter(target, name)[:_MANY]:
                    if effect.column is None or node.demand.asks(effect.column):
                        calls = (*node.calls, (node.path, site), *effect.via)
                        yield Step(Node(effect.module.path, effect.value, calls, ALL), "column", effect.column or "")

    @cached_property
    def _givers(self) -> dict[Site, list[tuple[int, Defined, str]]]:
        """By value: the calls that pass it to a function of the project which fills that parameter."""
        found: dict[Site, list[tuple[int, Defined, str]]] = defaultdict(list)
        for target, sites in self._project.events.callers.items():
            if not self._effects.fills(target):
                continue
            _, scope = self._project.resolver.scope(target)
            for module, site, call in sites:
                for parameter in scope.parameters:
                    if self._effects.parameter(target, parameter.name):
                        given = passed_to(self._project, target, call, parameter.name)
                        if given is not None:
                            found[module.path, given].append((site.value, target, parameter.name))
        return found


_HANDLERS = {
    Phi: Steps._phi,
    Store: Steps._store,
    Item: Steps._item,
    Map: Steps._map,
    Op: Steps._op,
    Seq: Steps._several,
    Template: Steps._several,
    Elem: Steps._elem,
    Star: Steps._star,
    Bound: Steps._bound,
    Name: Steps._name,
    Attr: Steps._attr,
    Call: Steps._call,
    Param: Steps._param,
}
