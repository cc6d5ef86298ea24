"""From a value to the strings that it may be: templates of text and holes, with the named constants on the way.

Follows assignments, fields of `self`, imported constants, class attributes, options and their committed values, configuration,
the environment, helper functions and string methods. A parameter stays a hole until `Frames` say what a call passes for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Phi, Seq, Star, Store, Unknown, Value
from mldebt.facts.model import Template as Formatted
from mldebt.project.artifacts import strings
from mldebt.project.artifacts.displays import display, entries
from mldebt.project.artifacts.lookups import Lookups
from mldebt.project.artifacts.model import Folded, Hole, Template
from mldebt.project.artifacts.templates import template
from mldebt.project.callers import passed_to
from mldebt.project.members import Member
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_DEPTH = 24
_MANY = 12
_BINDINGS = 6


class Frame(msgspec.Struct, frozen=True):
    """One call that is being looked at: the function's parameters are what this call passes."""

    function: Defined
    module: Module
    call: Call


Frames = tuple[Frame, ...]
Found = tuple[Folded, ...]


def unknown(name: str = "", origin: str = "unknown") -> Found:
    return (Folded((Hole(name, origin),)),)


class Folder:
    """Folds values of all files of one project."""

    def __init__(self, project: Project, *, options: bool = True) -> None:
        self.project = project
        self.lookups = Lookups(project, options=options)
        self._memo: dict[tuple[str, int], Found] = {}
        self._open: dict[tuple[str, int, Frames], int] = {}
        self._cut_at = 0  # the outermost open value that the answer at hand was cut short by
        self._inner: dict[tuple[str, int, Frames, int], Found] = {}  # within one outermost value: names that double do not double the work

    def fold(self, module: Module, index: int, frames: Frames = (), depth: int = 0) -> Found:
        """Every string that the value may be; empty when it is no string at all, such as None."""
        if index < 0 or depth > _DEPTH:
            return unknown()
        key = (module.path, index)
        if not frames and key in self._memo:
            return self._memo[key]
        guard = (*key, frames)
        if guard in self._open:
            self._cut_at = min(self._cut_at, self._open[guard])
            return unknown(origin="loop")
        if (known := self._inner.get((*guard, depth))) is not None:
            return known
        place = len(self._open)
        before, self._cut_at = self._cut_at, place
        self._open[guard] = place
        found = _distinct(self._value(module, index, frames, depth))
        del self._open[guard]
        if self._cut_at >= place:
            self._inner[(*guard, depth)] = found
        self._cut_at = min(before, self._cut_at)
        if not self._open:  # inside an open chain the answer may be cut short
            self._inner.clear()
            if not frames:
                self._memo[key] = found
        return found

    # one kind of value each ------------------------------------------------------------------------------------------

    def _value(self, module: Module, index: int, frames: Frames, depth: int) -> Found:
        value = module.facts.values[index]
        kind = type(value)
        if kind is Const:
            return strings.constant(value.value)
        if kind is Name:
            return self._name(module, value, depth)
        if kind is Bound:
            return self._bound(module, value, frames, depth)
        if kind is Param:
            return self._parameter(module, value, frames, depth)
        if kind is Attr:
            return self._attribute(module, index, value, frames, depth)
        if kind is Item:
            return self._item(module, index, value, frames, depth)
        if kind is Call:
            return self._call(module, index, value, frames, depth)
        if kind is Op:
            return self._operation(module, value, frames, depth)
        if kind is Formatted:
            return self.combine(module, value.parts, frames, depth, lambda parts: template(*parts))
        if kind is Phi:
            return self.union(module, value.options[:_BINDINGS], frames, depth)
        if kind is Seq:
            return self.union(module, value.items[:_MANY], frames, depth)
        if kind is Store:
            return self._store(module, value, frames, depth)
        if kind is Elem:
            return self._element(module, value.of, frames, depth)
        if kind is Star:
            return self.fold(module, value.value, frames, depth + 1)
        if kind is Unknown:
            return unknown(origin="loop" if value.why == "loop" else "unknown")
        return unknown()

    def union(self, module: Module, indexes: Iterable[int], frames: Frames, depth: int) -> Found:
        return tuple(f for i in indexes for f in self.fold(module, i, frames, depth + 1))[: 4 * _MANY]

    def combine(
        self, module: Module, indexes: Iterable[int], frames: Frames, depth: int, build: Callable[[list[Template]], Template]
    ) -> Found:
        """What `build` makes of every choice of one string for each value."""
        return strings.combined([self.fold(module, i, frames, depth + 1) or unknown() for i in indexes], build)

    def _name(self, module: Module, value: Name, depth: int) -> Found:
        if value.name == "builtins.__file__":
            return (Folded((module.path,)),)
        if value.name in strings.NAMES:
            return (Folded((strings.NAMES[value.name],)),)
        found = self.project.members.of_name(module, value.name)
        if not found:
            return unknown(value.name.rsplit(".", 1)[-1])
        return self._members(found, (), depth)

    def members(self, module: Module, value: Attr | Name) -> list[Member]:
        """The values that an attribute or an imported name stands for."""
        if type(value) is Attr:
            return self.project.members.of_attribute(module, value.base, value.name)
        return self.project.members.of_name(module, value.name)

    def _members(self, members: list[Member], frames: Frames, depth: int) -> Found:
        """Values that stand elsewhere under a name; one that says something by itself is a constant that two places can share."""
        found: list[Folded] = []
        for owner, index, name in members[:_BINDINGS]:
            alone = self.fold(owner, index, (), depth + 1)
            names = frozenset({name}) if _says(alone) else frozenset()
            for folded in self.fold(owner, index, frames, depth + 1) if frames else alone:
                found.append(msgspec.structs.replace(folded, constants=folded.constants | names))
        return tuple(found)

    def _bound(self, module: Module, value: Bound, frames: Frames, depth: int) -> Found:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        values = [b.value for b in bindings if b.how != "del"][:_BINDINGS]
        if not values:
            return unknown(value.name)
        found = self.union(module, values, frames, depth)
        if value.scope == 0 and all(b.how in ("=", "annotated") for b in bindings):
            name = f"{module.path}::{value.name}"
            found = tuple(msgspec.structs.replace(f, constants=f.constants | {name}) for f in found)
        return found

    def _parameter(self, module: Module, value: Param, frames: Frames, depth: int) -> Found:
        function = Defined(module.path, value.scope)
        frame = next((f for f in frames if f.function == function), None)
        scope = module.facts.scopes[value.scope]
        parameter = next((p for p in scope.parameters if p.name == value.name), None)
        if frame is not None:
            passed = passed_to(self.project, function, frame.call, value.name)
            if passed is not None:
                return self.fold(frame.module, passed, tuple(f for f in frames if f is not frame), depth + 1)
            if parameter is not None and parameter.default >= 0:
                return self.fold(module, parameter.default, (), depth + 1)
            return unknown(value.name, "param")
        option = self.lookups.parameter(module, value)
        if option is not None:
            return self._chosen(option, frames, depth)
        return (Folded((Hole(value.name, "param"),), parameters=frozenset({(module.path, value.scope, value.name)})),)

    def _chosen(self, option: Found | list[tuple[Module, int]], frames: Frames, depth: int) -> Found:
        """What a look-up found: strings, or values to fold."""
        if isinstance(option, tuple):
            return option
        found = tuple(f for owner, index in option for f in self.fold(owner, index, frames, depth + 1))
        return tuple(msgspec.structs.replace(f, certainty=f.certainty * 0.9) for f in found)

    def _attribute(self, module: Module, index: int, value: Attr, frames: Frames, depth: int) -> Found:
        if value.name in strings.PATH_ATTRIBUTES and not self.project.members.of_attribute(module, value.base, value.name):
            return self.combine(module, (value.base,), frames, depth, strings.PATH_ATTRIBUTES[value.name])
        option = self.lookups.option(module, index)
        if option is not None:
            return self._chosen(option, frames, depth) or unknown(value.name, "cli")
        members = self.project.members.of_attribute(module, value.base, value.name)
        if members:
            return self._members(members, frames, depth)
        method = self._property(module, value)
        if method is not None:
            return self._returned(method, frames, depth)
        setting = self.lookups.setting(module, index)
        if setting is not None:
            return setting
        held = self.project.members.held(value.name) if value.name.isupper() else []
        if held:
            return self._members(held, frames, depth)
        return unknown(value.name)

    def _property(self, module: Module, value: Attr) -> Defined | None:
        target = self.project.resolver.target(module, value.base)
        if type(target) is not Instance or type(target.of) is not Defined:
            return None
        found = self.project.resolver.member(target, value.name)
        if type(found) is not Defined:
            return None
        owner, scope = self.project.resolver.scope(found)
        decorated = [owner.facts.values[d] for d in scope.decorators]
        return found if any(type(d) is Name and d.name.endswith("property") for d in decorated) else None

    def _returned(self, function: Defined, frames: Frames, depth: int) -> Found:
        owner, scope = self.project.resolver.scope(function)
        found = self.union(owner, scope.returns[:_BINDINGS], frames, depth)
        alone = self.union(owner, scope.returns[:_BINDINGS], (), depth) if frames else found
        if not _says(alone):
            return found  # a helper that only changes what it is given is no contract
        name = f"{owner.path}::{scope.qualname}"
        return tuple(msgspec.structs.replace(f, constants=f.constants | {name}) for f in found)

    def _item(self, module: Module, index: int, value: Item, frames: Frames, depth: int) -> Found:
        found = self.lookups.argument(module, value)
        if found is not None:
            return found
        element = self._unpacked(module, value, frames, depth)
        if element is not None:
            return element
        shown = entries(self.project, module, value.base, value.key)
        if shown:
            return tuple(f for owner, i in shown for f in self.fold(owner, i, frames, depth + 1))
        option = self.lookups.option(module, index)
        if option is not None:
            return self._chosen(option, frames, depth)
        setting = self.lookups.setting(module, index)
        if setting is not None:
            return setting
        key = module.facts.values[value.key]
        return unknown(str(key.value) if type(key) is Const else "")

    def _unpacked(self, module: Module, value: Item, frames: Frames, depth: int) -> Found | None:
        """`for i, x in enumerate(xs)`, `zip(xs, ys)`, `d.items()`, `root, ext = os.path.splitext(p)`."""
        base = module.facts.values[value.base]
        key = module.facts.values[value.key]
        if type(key) is not Const or not isinstance(key.value, int):
            return None
        if type(base) is Call:
            func = module.facts.values[base.func]
            cut = strings.CUTS.get((func.name, key.value)) if type(func) is Name else None
            return None if cut is None or not base.args else self.combine(module, base.args[:1], frames, depth, cut)
        iterated = self._iterated(module, base)
        if iterated < 0:
            return None
        over = module.facts.values[iterated]
        if type(over) is Call:
            func = module.facts.values[over.func]
            if type(func) is Name and func.name == "builtins.enumerate" and over.args:
                return self._element(module, over.args[0], frames, depth) if key.value == 1 else unknown(origin="loop")
            if type(func) is Name and func.name == "builtins.zip" and key.value < len(over.args):
                return self._element(module, over.args[key.value], frames, depth)
            if type(func) is Attr and func.name == "items":
                shown = display(self.project, module, func.base)
                if shown is not None:
                    picked = shown[1].keys if key.value == 0 else shown[1].values
                    return self.union(shown[0], [i for i in picked[:_MANY] if i >= 0], frames, depth)
            return None
        rows = [module.facts.values[i] for i in over.items[:_MANY]] if type(over) is Seq else []
        if rows and all(type(r) is Seq and -len(r.items) <= key.value < len(r.items) for r in rows):
            return self.union(module, [r.items[key.value] for r in rows if type(r) is Seq], frames, depth)
        return None

    def _iterated(self, module: Module, value: Value) -> int:
        """What a loop variable runs over, the number of `enumerate` taken off; -1 when it is no loop variable."""
        if type(value) is Elem:
            return value.of
        if type(value) is Item and module.facts.values[value.key] == Const(1):
            inner = module.facts.values[value.base]
            call = module.facts.values[inner.of] if type(inner) is Elem else None
            if type(call) is Call and call.args and module.facts.values[call.func] == Name("builtins.enumerate"):
                return call.args[0]
        return -1

    def _store(self, module: Module, value: Store, frames: Frames, depth: int) -> Found:
        if value.how in ("append", "add", "insert", "extend") and value.value >= 0:
            return self.union(module, (value.base, value.value), frames, depth)
        return self.fold(module, value.base, frames, depth + 1)

    def _element(self, module: Module, of: int, frames: Frames, depth: int) -> Found:
        """An element of an iterable of strings: an item of a display, a name that a listing yields, else a hole."""
        value = module.facts.values[of]
        if type(value) in (Seq, Phi, Store):
            return self.fold(module, of, frames, depth + 1)
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            if bindings and depth < _DEPTH:
                return tuple(f for b in bindings[:_BINDINGS] for f in self._element(module, b.value, frames, depth + 1))
        if type(value) is Map:
            return self.union(module, [k for k in value.keys[:_MANY] if k >= 0], frames, depth)
        if type(value) in (Attr, Name):
            members = self.members(module, value)
            if members:
                return tuple(f for owner, i, _ in members[:_BINDINGS] for f in self._element(owner, i, frames, depth + 1))
        if type(value) is Param:
            function = Defined(module.path, value.scope)
            frame = next((f for f in frames if f.function == function), None)
            passed = None if frame is None else passed_to(self.project, function, frame.call, value.name)
            if frame is not None and passed is not None:
                return self._element(frame.module, passed, tuple(f for f in frames if f is not frame), depth + 1)
            held = Folded((Hole(value.name, "loop"),), parameters=frozenset({(module.path, value.scope, value.name)}))
            return (held,)
        if type(value) is Call:
            return self._elements_of_call(module, value, frames, depth)
        return unknown(origin="loop")

    def _elements_of_call(self, module: Module, call: Call, frames: Frames, depth: int) -> Found:
        func = module.facts.values[call.func]
        name = func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""
        if name in strings.SAME_ITEMS and call.args:
            return self._element(module, call.args[0], frames, depth + 1)
        if name in strings.GLOBS:
            within = [func.base] if type(func) is Attr else []
            return self.combine(module, (*within, *call.args[:1]), frames, depth, strings.globbed)
        if name == "iterdir" and type(func) is Attr:
            return self.combine(module, (func.base,), frames, depth, lambda parts: template(*parts, "/", Hole("", "glob")))
        if name in ("keys", "values") and type(func) is Attr:
            shown = display(self.project, module, func.base)
            if shown is not None:
                picked = shown[1].keys if name == "keys" else shown[1].values
                return self.union(shown[0], [i for i in picked[:_MANY] if i >= 0], frames, depth)
        target = self.project.resolver.callee(module, call)
        if type(target) is Defined and depth < _DEPTH - 6:
            owner, scope = self.project.resolver.scope(target)
            if scope.kind in ("function", "lambda") and all(f.function != target for f in frames):
                inner = (*frames, Frame(target, module, call))
                return tuple(f for r in scope.returns[:_BINDINGS] for f in self._element(owner, r, inner, depth + 2))
        return unknown(origin="loop")

    def _operation(self, module: Module, value: Op, frames: Frames, depth: int) -> Found:
        if value.op == "?:":
            return self.union(module, value.operands[1:], frames, depth)
        if value.op in ("or", "and"):
            return self.union(module, value.operands if value.op == "or" else value.operands[-1:], frames, depth)
        if value.op == "%":
            return self._percent(module, value, frames, depth)
        if value.op == "/":
            return self.combine(module, value.operands, frames, depth, strings.joined)
        if value.op == "+":
            sides = [module.facts.values[o] for o in value.operands]
            if any(type(s) is Const and isinstance(s.value, int | float) for s in sides):
                return unknown(origin="loop")  # a counter
            return self.combine(module, value.operands, frames, depth, lambda parts: template(*parts))
        return unknown()

    def _percent(self, module: Module, value: Op, frames: Frames, depth: int) -> Found:
        right = module.facts.values[value.operands[1]]
        if type(right) is Map:
            keys = [module.facts.values[k] for k in right.keys if k >= 0]
            names = [str(k.value) if type(k) is Const else "" for k in keys]
            return self.combine(
                module,
                (value.operands[0], *right.values),
                frames,
                depth,
                lambda p: strings.percent(p[0], dict(zip(names, p[1:], strict=False))),
            )
        given = right.items if type(right) is Seq and right.kind == "tuple" else (value.operands[1],)
        return self.combine(module, (value.operands[0], *given), frames, depth, lambda p: strings.percent(p[0], p[1:]))

    def _call(self, module: Module, index: int, call: Call, frames: Frames, depth: int) -> Found:
        func = module.facts.values[call.func]
        if type(func) is Attr:
            found = self._method(module, call, func, frames, depth)
            if found is not None:
                return found
        target = self.project.resolver.callee(module, call)
        if type(target) is External:
            return self._external(module, index, call, target.name, frames, depth)
        if type(target) is Defined and depth < _DEPTH - 6 and all(f.function != target for f in frames):
            scope = self.project.resolver.scope(target)[1]
            if scope.kind in ("function", "lambda") and scope.returns and not scope.generator:
                return self._returned(target, (*frames, Frame(target, module, call)), depth)
        if type(func) is Name:
            return self._external(module, index, call, func.name, frames, depth)
        return unknown()

    def _method(self, module: Module, call: Call, func: Attr, frames: Frames, depth: int) -> Found | None:
        """A method of a string or path."""
        if func.name == "format":
            names = [n for n, _ in call.keywords]
            count = len(call.args)
            return self.combine(
                module,
                (func.base, *call.args, *(v for _, v in call.keywords)),
                frames,
                depth,
                lambda p: strings.formatted(p[0], p[1 : 1 + count], dict(zip(names, p[1 + count :], strict=False))),
            )
        if func.name == "join" and len(call.args) == 1:
            items = self._sequence(module, call.args[0])
            if items is None:
                return None
            return self.combine(module, (func.base, *items), frames, depth, lambda p: strings.join_text(p[0], p[1:]))
        build = strings.METHODS.get(func.name)
        if build is None:
            return None
        base = self.project.resolver.target(module, func.base)
        if type(base) is Instance and type(base.of) is Defined:
            return None
        return self.combine(module, (func.base, *call.args), frames, depth, build)

    def _sequence(self, module: Module, index: int) -> tuple[int, ...] | None:
        value = module.facts.values[index]
        return value.items if type(value) is Seq and value.kind != "comp" else None

    def _external(self, module: Module, index: int, call: Call, name: str, frames: Frames, depth: int) -> Found:
        build = strings.FUNCTIONS.get(name)
        if build is not None:
            if name in strings.VARIADIC and len(call.args) == 1:
                starred = module.facts.values[call.args[0]]
                if type(starred) is Star and (items := self._sequence(module, starred.value)):
                    return self.combine(module, items, frames, depth, build)
            return self.combine(module, call.args, frames, depth, build)
        read = self.lookups.environment(module, index)
        if read is not None:
            key, default = read
            found = self.fold(module, default, frames, depth + 1) if default is not None else ()
            certain = tuple(msgspec.structs.replace(f, certainty=f.certainty * 0.8) for f in found)
            return self.lookups.given(key) + certain or unknown(key, "env")
        if name in strings.SAME and call.args:
            return self.fold(module, call.args[0], frames, depth + 1)
        for entry in self.project.resolver.entries(name):
            if "temporary" in entry.roles:
                return unknown(origin="temporary")
            if "list" in entry.roles:
                return self._elements_of_call(module, call, frames, depth)
        handle = self._handle(module, call, name)
        if handle is not None:
            return self.fold(module, handle, frames, depth + 1)
        origin = strings.ORIGINS.get(name) or strings.ORIGINS.get(name.rpartition(".")[2], "unknown")
        return unknown(name.rpartition(".")[2], origin)

    def _handle(self, module: Module, call: Call, name: str) -> int | None:
        """The path inside `open(path)` and the like: a handle stands for its file."""
        from mldebt.project.events import argument

        for entry in self.project.resolver.entries(name):
            if {"read", "write"} & set(entry.roles) and "path" in entry.args:
                return argument(call, entry.args["path"])
        return None


def _says(found: Found) -> bool:
    """Whether a string has text of its own, not only what it is given."""
    return any(isinstance(p, str) and any(c.isalpha() for c in p) for f in found for p in f.template)


def _distinct(found: Iterable[Folded]) -> Found:
    """The first few, each template once."""
    kept: dict[Template, Folded] = {}
    for folded in found:
        known = kept.get(folded.template)
        if known is None:
            if len(kept) < _MANY:
                kept[folded.template] = folded
        elif folded.constants != known.constants:
            kept[folded.template] = msgspec.structs.replace(known, constants=known.constants & folded.constants)
    return tuple(kept.values())
