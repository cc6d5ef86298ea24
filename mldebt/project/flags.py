"""The flag graph: every option that is declared, what it can be, and where it is read.

Mechanisms (`style` of rules/flags): parsers and namespaces, holders, decorators, parameters, readers of the environment and of
remote services. A command-line user can pass anything an option allows, so an option counts as fixed only when its own declaration
leaves one value.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.catalogue import FlagSystem
from mldebt.facts.model import Attr, Bound, Call, Const, Item, Param, Phi, Scope, Seq, Span, Store
from mldebt.project.evaluate import Constant
from mldebt.project.events import argument, callee_name, keyword, splats
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_INERT = re.compile(r"deprecat|no effect|ignored|no longer|backward|compatib", re.IGNORECASE)
_PRINTERS = (
    "builtins.print",
    "builtins.str",
    "builtins.repr",
    "pprint.",
    "logging.",
    "builtins.format",
    "builtins.isinstance",
    "json.dump",
    "yaml.dump",
)


class Flag(msgspec.Struct, frozen=True):
    """One declaration of an option. `key` is the name that the code reads."""

    system: str
    kind: str
    key: str
    shown: str  # as a user writes it: --use-x
    module: Module
    span: Span
    scope: int
    only: Constant = None  # the one value that it can have, when `fixed`
    fixed: bool = False
    parameter: bool = False  # arrives as a parameter of the decorated function
    choices: tuple[Constant, ...] = ()
    switch: bool = False  # on or off
    inert: bool = False  # acts by itself, or its help says that it has no effect


class FlagRead(msgspec.Struct, frozen=True):
    """A place that reads a flag."""

    system: str
    kind: str
    key: str
    module: Module
    span: Span
    scope: int
    block: int
    value: int


class FlagGraph:
    """Declarations and reads over all flag systems of the catalogue."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.declared: list[Flag] = []
        self.total = 0  # declarations and reads seen
        self.resolved = 0  # of these, with a constant key
        self.dynamic_parsers: set[str] = set()  # files that declare options by computed names or hand the parser to others
        for system in project.catalogue.flags:
            if system.style == "namespace":
                self._parsers(system)
            elif system.style == "holder":
                self._holders(system)
        self._decorated()

    # declarations ----------------------------------------------------------------------------------------------------

    def _parsers(self, system: FlagSystem) -> None:
        calls = [call for name in dict.fromkeys(system.declare) for call in self._project.called.get(name, ())]
        for module, site, call in sorted(calls, key=lambda c: (c[0].path, c[1].value)):
            func = module.facts.values[call.func]
            if type(func) is Attr and self.is_parser(module, func.base, system, call):
                self._argument(system, module, site.span, site.scope, call)

    def is_parser(self, module: Module, index: int, system: FlagSystem, call: Call | None = None, depth: int = 0) -> bool:
        """Whether the value is a parser of the system: made by its class, a group of one, or a parameter that callers pass one for."""
        if depth > 6:
            return False
        target = self._project.resolver.target(module, index)
        if type(target) is Instance and self._is_parser_class(target.of, system):
            return True
        value = module.facts.values[index]
        if type(value) is Call:
            func = module.facts.values[value.func]
            if type(func) is Attr and func.name in system.containers:
                return self.is_parser(module, func.base, system, None, depth + 1)
        if type(value) is Store:
            return self.is_parser(module, value.base, system, call, depth + 1)
        if type(value) is Phi:
            return any(self.is_parser(module, o, system, None, depth + 2) for o in value.options[:4])
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return any(self.is_parser(module, b.value, system, None, depth + 1) for b in bindings[:4])
        if type(value) is Param:
            return self._parameter_is_parser(module, value, system, call, depth)
        return False

    def _is_parser_class(self, of: External | Defined, system: FlagSystem, depth: int = 0) -> bool:
        if type(of) is External:
            return of.name in system.classes
        module, scope = self._project.resolver.scope(of)
        bases = [self._project.resolver.target(module, b) for b in scope.bases]
        return depth < 4 and any(type(b) in (External, Defined) and self._is_parser_class(b, system, depth + 1) for b in bases)

    def _parameter_is_parser(self, module: Module, value: Param, system: FlagSystem, call: Call | None, depth: int) -> bool:
        callers = self._project.events.callers.get(Defined(module.path, value.scope), ())
        scope = module.facts.scopes[value.scope]
        place = next((i for i, p in enumerate(scope.parameters) if p.name == value.name), -1)
        for caller, _, outer in callers[:4]:
            passed = outer.args[place] if 0 <= place < len(outer.args) else keyword(outer, value.name)
            if passed is not None:
                return self.is_parser(caller, passed, system, None, depth + 1)
        first = module.facts.values[call.args[0]] if call is not None and call.args else None
        dashed = type(first) is Const and isinstance(first.value, str) and first.value.startswith("-")
        return "parser" in value.name.lower() and dashed

    def _argument(self, system: FlagSystem, module: Module, span: Span, scope: int, call: Call) -> None:
        self.total += 1
        names = [self._project.evaluator.string(module, a) for a in call.args]
        if not any(names) or None in names or splats(module, call):
            self.dynamic_parsers.add(module.path)
            return
        self.resolved += 1
        given = keyword(call, "dest")
        dest = self._project.evaluator.string(module, given) if given is not None else None
        if given is not None and dest is None:
            self.dynamic_parsers.add(module.path)
            return
        longs = [n for n in names if n and n.startswith("--")]
        shown = (longs or [n for n in names if n])[0]
        key = dest or (shown if not shown.startswith("-") else shown.lstrip("-").replace("-", "_"))
        only, fixed = self._one_value(module, call)
        action = self._literal(module, keyword(call, "action"))
        switch = action in ("store_true", "store_false") or isinstance(self._literal(module, keyword(call, "default")), bool)
        offered = keyword(call, "choices")
        listed = module.facts.values[offered] if offered is not None else None
        choices = tuple(self._literal(module, i) for i in listed.items) if type(listed) is Seq else ()
        self.declared.append(
            Flag(
                system.system,
                system.kind,
                key,
                shown,
                module,
                span,
                scope,
                only,
                fixed,
                choices=choices,
                switch=switch,
                inert=self._inert(module, call),
            )
        )

    def _inert(self, module: Module, call: Call) -> bool:
        text = self._literal(module, keyword(call, "help"))
        if self._literal(module, keyword(call, "action")) in ("version", "help"):
            return True
        return isinstance(text, str) and bool(_INERT.search(text))

    def _one_value(self, module: Module, call: Call) -> tuple[Constant, bool]:
        """The value that a switch has whether or not it is given: `store_true` with default True, one choice equal to the default."""
        action = self._literal(module, keyword(call, "action"))
        default = self._literal(module, keyword(call, "default"))
        if action == "store_true" and default is True:
            return True, True
        if action == "store_false" and default is False:
            return False, True
        choices = keyword(call, "choices")
        if choices is not None and default is not None:
            value = module.facts.values[choices]
            if type(value) is Seq and len(value.items) == 1 and self._literal(module, value.items[0]) == default:
                return default, True
        return None, False

    def _literal(self, module: Module, index: int | None) -> Constant:
        found = self._project.evaluator.constant(module, index) if index is not None else None
        return next(iter(found)) if found is not None and len(found) == 1 else None

    def _holders(self, system: FlagSystem) -> None:
        packages = {name.split(".")[0] for name in system.declare}
        for module in self._project.python:
            if packages.isdisjoint(i.target.split(".", 1)[0] for i in module.facts.imports):
                continue
            for site, call, _ in module.calls:
                target = self._project.resolver.callee(module, call)
                if target is None or callee_name(target) not in system.declare:
                    continue
                self.total += 1
                key = self._project.evaluator.string(module, call.args[0]) if call.args else None
                if key is None:
                    self.dynamic_parsers.add(module.path)
                    continue
                self.resolved += 1
                switch = callee_name(target).rsplit("_", 1)[-1] in ("bool", "boolean")
                self.declared.append(Flag(system.system, system.kind, key, f"--{key}", module, site.span, site.scope, switch=switch))

    def _decorated(self) -> None:
        """Options that decorators bind to parameters of the function below."""
        systems = [s for s in self._project.catalogue.flags if s.style == "decorator"]
        for module, scope in self._project.scopes("function"):
            for decorator in scope.decorators:
                call = module.facts.values[decorator]
                if type(call) is not Call:
                    continue
                name = callee_name(self._project.resolver.callee(module, call) or External(""))
                system = next((s for s in systems if name in s.declare), None)
                if system is None:
                    continue
                self.total += 1
                names = [self._literal(module, a) for a in call.args]
                plain = [n for n in names if isinstance(n, str) and n.isidentifier()]
                longs = [n.split("/")[0] for n in names if isinstance(n, str) and n.startswith("--")]
                if not plain and not longs:
                    continue
                self.resolved += 1
                key = plain[0] if plain else longs[0].lstrip("-").replace("-", "_")
                span = self._decorator_span(module, decorator, scope)
                index = module.facts.scopes.index(scope)
                self.declared.append(
                    Flag(system.system, system.kind, key.lower(), (longs or plain)[0], module, span, index, parameter=True)
                )

    def _decorator_span(self, module: Module, decorator: int, scope: Scope) -> Span:
        return next((s.span for s in module.facts.sites if s.value == decorator), scope.span)

    # reads -----------------------------------------------------------------------------------------------------------

    @cached_property
    def namespaces(self) -> list[FlagRead]:
        """Reads of an attribute on what a parser returned, where that can be followed."""
        systems = [s for s in self._project.catalogue.flags if s.style == "namespace"]
        found: list[FlagRead] = []
        for module in self._project.python:
            known: dict[int, FlagSystem | None] = {}
            for use in module.facts.uses:
                read = self._namespace_read(module, use.value, systems, known)
                if read is not None:
                    system, index = read
                    name = module.facts.values[index].name  # type: ignore[union-attr]
                    found.append(FlagRead(system.system, system.kind, name, module, use.span, use.scope, use.block, index))
        return found

    def _namespace_read(
        self, module: Module, index: int, systems: list[FlagSystem], known: dict[int, FlagSystem | None]
    ) -> tuple[FlagSystem, int] | None:
        """The link of a chain such as `args.model.lower` that reads an attribute of a namespace."""
        values = module.facts.values
        value = values[index]
        while (kind := type(value)) is Attr or kind is Item:
            base = value.base  # type: ignore[union-attr]
            if kind is Attr:
                if base not in known:
                    known[base] = next((s for s in systems if self.is_namespace(module, base, s)), None)
                system = known[base]
                if system is not None:
                    return system, index
            index = base
            value = values[index]
        return None

    @cached_property
    def held(self) -> list[FlagRead]:
        """Reads of an attribute of a flag holder, its own methods and the library's flags left out."""
        imported = {i.module.split(".", 1)[0] for m in self._project.python for i in m.facts.imports}
        systems = [s for s in self._project.catalogue.flags if s.style == "holder"]
        systems = [s for s in systems if any(holder.split(".", 1)[0] in imported for holder in s.holders)]
        found: list[list[FlagRead]] = [[] for _ in systems]
        for module in self._project.python:
            packages = {i.module.split(".", 1)[0] for i in module.facts.imports}
            asked = [n for n, s in enumerate(systems) if any(holder.startswith(p) for p in packages for holder in s.holders)]
            if not asked:
                continue
            for use in module.facts.uses:
                target = self._project.resolver.target(module, use.value)
                if type(target) is not External:
                    continue
                holder, _, key = target.name.rpartition(".")
                for number in asked:
                    system = systems[number]
                    if holder in system.holders and key not in system.containers:
                        read = FlagRead(system.system, system.kind, key, module, use.span, use.scope, use.block, use.value)
                        found[number].append(read)
        return [read for reads in found for read in reads]

    def is_namespace(self, module: Module, index: int, system: FlagSystem, depth: int = 0) -> bool:
        """Whether the value is what `parse_args()` of a parser returned."""
        value = module.facts.values[index]
        if depth > 5:
            return False
        if type(value) is Call:
            func = module.facts.values[value.func]
            if type(func) is Attr and func.name in system.parse:
                return self.is_parser(module, func.base, system)
            target = self._project.resolver.callee(module, value)
            if type(target) is Defined:
                owner, scope = self._project.resolver.scope(target)
                return (
                    scope.kind == "function"
                    and bool(scope.returns)
                    and all(self.is_namespace(owner, r, system, depth + 2) for r in scope.returns[:3])
                )
            return False
        if type(value) is Item:
            key = module.facts.values[value.key]
            return type(key) is Const and key.value == 0 and self.is_namespace(module, value.base, system, depth + 1)
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return len(bindings) == 1 and self.is_namespace(module, bindings[0].value, system, depth + 1)
        return False

    @cached_property
    def remote(self) -> list[FlagRead]:
        """Reads of flags that a service or the environment answers, with a constant key."""
        found: list[FlagRead] = []
        readers = {
            name: (system, reader)
            for system in self._project.catalogue.flags
            for reader in system.readers
            for name in ([f"{c}.{reader.name}" for c in reader.on] or [reader.name])
        }
        own = dict(r.rsplit(":", 1) if ":" in r else (r, "0") for r in self._project.config.flags.readers)
        known = [(*call, name) for name in readers for call in self._project.events.named.get(name, ())]
        if own:
            known += [(module, site, call, "") for module in self._project.python for site, call, _ in module.calls]
        for module, site, call, name in sorted(known, key=lambda k: (k[0].path, k[1].value)):
            if name:
                entry, reader = readers[name]
                system, kind, key_index = entry.system, entry.kind, argument(call, reader.key)
            else:
                target = self._project.resolver.callee(module, call)
                if type(target) is not Defined:
                    continue
                owner, scope = self._project.resolver.scope(target)
                name = f"{owner.path.rsplit('.', 1)[0].replace('/', '.')}.{scope.qualname}"
                match = next((r for r in own if name == r or name.endswith("." + r)), None)
                if match is None:
                    continue
                system, kind, place = "in-house", "remote", int(own[match])
                key_index = call.args[place] if place < len(call.args) else None
            self.total += 1
            key = self._project.evaluator.string(module, key_index) if key_index is not None else None
            if key is not None:
                self.resolved += 1
                found.append(FlagRead(system, kind, key, module, site.span, site.scope, site.block, site.value))
        return found

    @cached_property
    def has_defaults_elsewhere(self) -> bool:
        """Whether some parser gets defaults as a whole, by `set_defaults`."""
        if "set_defaults" in self._project.attribute_names:
            return True
        return any(name.rpartition(".")[2] == "set_defaults" for m in self._project.python for name in m.names)

    @cached_property
    def passed(self) -> dict[str, list[tuple[Module, int]]]:
        """Options that committed commands give, as written (`--epochs`), with their lines."""
        found: dict[str, list[tuple[Module, int]]] = defaultdict(list)
        for module in self._project.modules.values():
            for command in module.facts.commands:
                for word in command.argv:
                    if word.startswith("--") and len(word) > 2:
                        found[word.split("=")[0]].append((module, command.line))
        return dict(found)

    # questions -------------------------------------------------------------------------------------------------------

    @cached_property
    def _attribute_names(self) -> frozenset[str]:
        """Every name read as an attribute, a key, a keyword or a parameter anywhere."""
        found: set[str] = set(self._project.attribute_names)
        keys: set[object] = set()
        for module in self._project.python:
            values = module.facts.values
            getter = module.names.get("builtins.getattr", -1)
            found.update(name.rpartition(".")[2] for name in module.names)
            keys.update(key.value for i in module.of_kind(Item) if type(key := values[values[i].key]) is Const)  # type: ignore[union-attr]
            computed = False
            for _, call, _ in module.calls:
                if len(call.args) > 1:
                    name = values[call.args[1]]  # getattr(args, "x"), dict.get is an attribute above
                    if type(name) is Const:
                        keys.add(name.value)
                    elif call.func == getter:
                        computed = True
            if computed:
                found.update(name for scope in module.facts.scopes for name in scope.strings)
            for scope in module.facts.scopes:
                found.update(p.name for p in scope.parameters)
        return frozenset(found.union(key for key in keys if isinstance(key, str)))

    def is_read(self, flag: Flag) -> bool:
        """Whether any code reads a name like the flag's, or may read all flags at once."""
        if flag.parameter:
            scope = flag.module.facts.scopes[flag.scope]
            if flag.key not in {p.name for p in scope.parameters}:
                return True  # taken by **kwargs, or renamed in a way not followed
            return flag.key not in scope.unread
        return flag.key in self._attribute_names or flag.module.path in self.splatted

    @cached_property
    def splatted(self) -> frozenset[str]:
        """Files whose options may all be read at once: `vars(args)`, `args.__dict__`, the namespace handed to foreign code."""
        direct = {m.path for m in self._project.python if self._splats_namespace(m)}
        found = set(direct)
        for module in self._project.python:
            for item in module.facts.imports:
                split = self._project.index.split(module.path, item.target)
                if split is None:
                    continue
                if module.path in direct:
                    found.add(split[0])  # the parser may come from there
                if split[0] in direct:
                    found.add(module.path)
        return frozenset(found | self.dynamic_parsers)

    def _splats_namespace(self, module: Module) -> bool:
        systems = [s for s in self._project.catalogue.flags if s.style == "namespace"]
        values = module.facts.values
        if any(name.endswith(("builtins.vars", "FLAGS.flag_values_dict")) for name in module.names):
            return True
        if any(values[i].name in ("__dict__", "_get_kwargs") for i in module.of_kind(Attr)):  # type: ignore[union-attr]
            return True
        known: dict[int, bool] = {}
        for _, value, _ in module.calls:
            for passed in (*value.args, *(v for _, v in value.keywords)):
                if passed not in known:
                    known[passed] = any(self.is_namespace(module, passed, s) for s in systems)
                if known[passed]:
                    break
            else:
                continue
            target = self._project.resolver.callee(module, value)
            name = callee_name(target) if target is not None else "?"
            if type(target) is not Defined and not name.startswith(_PRINTERS):
                return True
        return False

    @cached_property
    def keys(self) -> dict[str, list[Flag]]:
        """Declarations by key."""
        found: dict[str, list[Flag]] = defaultdict(list)
        for flag in self.declared:
            found[flag.key].append(flag)
        return dict(found)
