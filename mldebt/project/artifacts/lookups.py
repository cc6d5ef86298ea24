"""Strings that come from outside the code: options, the environment, configuration files, arguments of committed commands."""

from __future__ import annotations

import re
from functools import cached_property

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Param
from mldebt.project.artifacts.model import Folded, Hole
from mldebt.project.artifacts.templates import parse
from mldebt.project.flags import Flag
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_NAMESPACES = frozenset({
    "args", "opt", "opts", "options", "flags", "FLAGS", "hparams", "hp", "params", "arguments", "parsed", "ns", "conf", "cfg", "config",
})  # fmt: skip
_PATHLIKE = re.compile(r"[/\\.]|^[\w-]{3,}$")
_ENVIRON = ("os.environ", "os.environb")
Values = list[tuple[Module, int]]
Found = tuple[Folded, ...]


class Lookups:
    """What options, settings and variables may be, where the project commits a value for them; without `options` these stay holes."""

    def __init__(self, project: Project, *, options: bool = True) -> None:
        self._project, self._options = project, options

    # options ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _reads(self) -> dict[tuple[str, int], str]:
        flags = self._project.flags
        return {(r.module.path, r.value): r.key for r in (*flags.namespaces, *flags.held)}

    def option(self, module: Module, index: int) -> Found | Values | None:
        """What an option that the value reads may be: what committed commands pass, and its default."""
        key = self._reads.get((module.path, index)) if self._options else None
        if key is None and self._options:
            key = self._assumed(module, index)
        if key is None:
            return None
        flags = self._project.flags.keys.get(key, [])
        own = [f for f in flags if f.module.path == module.path] or (flags if len({f.module.path for f in flags}) == 1 else [])
        return self._option(own, key, module.path) if own else None

    def _assumed(self, module: Module, index: int) -> str | None:
        """`args.path` where `args` is a parameter or variable, and the file declares an option of that name."""
        value = module.facts.values[index]
        if type(value) not in (Attr, Item):
            return None
        base = module.facts.values[value.base]
        name = base.name.rsplit(".", 1)[-1] if type(base) in (Param, Bound, Attr, Name) else ""
        if type(value) is Attr:
            key = value.name
        else:
            constant = module.facts.values[value.key]
            key = constant.value if type(constant) is Const and isinstance(constant.value, str) else ""
            if key in self._project.flags.keys and self._is_mapping(module, value.base):
                return key
        return key if name in _NAMESPACES and key in self._project.flags.keys else None

    def _is_mapping(self, module: Module, index: int, depth: int = 0) -> bool:
        """Whether the value is `vars(parser.parse_args())`, or what a function returns as such."""
        value = module.facts.values[index]
        if depth > 4:
            return False
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return len(bindings) == 1 and self._is_mapping(module, bindings[0].value, depth + 1)
        if type(value) is not Call:
            return type(value) is Attr and value.name == "__dict__" and self._is_namespace(module, value.base)
        if module.facts.values[value.func] == Name("builtins.vars"):
            return len(value.args) == 1 and self._is_namespace(module, value.args[0])
        target = self._project.resolver.callee(module, value)
        if type(target) is not Defined:
            return False
        owner, scope = self._project.resolver.scope(target)
        return bool(scope.returns) and all(self._is_mapping(owner, one, depth + 1) for one in scope.returns[:3])

    def _is_namespace(self, module: Module, index: int) -> bool:
        systems = (system for system in self._project.catalogue.flags if system.style == "namespace")
        return any(self._project.flags.is_namespace(module, index, system) for system in systems)

    def _option(self, flags: list[Flag], key: str, reader: str) -> Found | Values:
        passed: Found = ()
        for flag in flags:
            passed += tuple(Folded(b.value, certainty=0.95) for b in self._project.artifact_arguments.option(flag.module.path, key, reader))
        defaults = [d for f in flags if (d := self._default(f)) is not None]
        used = any(self._project.artifact_arguments.default_is_used(f.module.path, key, reader) for f in flags)
        return passed if passed or not used else defaults

    def _default(self, flag: Flag) -> tuple[Module, int] | None:
        call = self._declaration(flag)
        if call is None:
            return None
        for name, value in call.keywords:
            if name == "default":
                return flag.module, value
        holder = next((s for s in self._project.catalogue.flags if s.system == flag.system and s.style == "holder"), None)
        return (flag.module, call.args[1]) if holder is not None and len(call.args) > 1 else None

    def _declaration(self, flag: Flag) -> Call | None:
        return self._calls.get((flag.module.path, flag.span.line, flag.span.column))

    @cached_property
    def _calls(self) -> dict[tuple[str, int, int], Call]:
        declared = {f.module.path for flags in self._project.flags.keys.values() for f in flags}
        found: dict[tuple[str, int, int], Call] = {}
        for path in sorted(declared):
            facts = self._project.modules[path].facts
            for site in facts.sites:
                call = facts.values[site.value]
                if type(call) is Call:
                    found.setdefault((path, site.span.line, site.span.column), call)
        return found

    def parameter(self, module: Module, value: Param) -> Found | Values | None:
        """What an option that arrives as a parameter may be (click, typer)."""
        flags = [f for f in self._project.flags.keys.get(value.name, ()) if f.parameter and f.module is module] if self._options else []
        return self._option(flags, value.name, module.path) if flags else None

    def argument(self, module: Module, value: Item) -> Found | None:
        """`sys.argv[1]`: what committed commands pass."""
        base, key = module.facts.values[value.base], module.facts.values[value.key]
        if base != Name("sys.argv") or type(key) is not Const or not isinstance(key.value, int):
            return None
        if key.value == 0:
            return (Folded((module.path,)),)
        found = self._project.artifact_arguments.positional(module.path, key.value) if self._options else ()
        passed = tuple(Folded(b.value, certainty=0.95) for b in found)
        return passed or (Folded((Hole(f"argv{key.value}", "cli"),)),)

    # environment -----------------------------------------------------------------------------------------------------

    @cached_property
    def _environment(self) -> dict[tuple[str, int], str]:
        return {(r.module.path, r.value): r.key for r in self._project.flags.remote if r.kind == "env"}

    def environment(self, module: Module, index: int) -> tuple[str, int | None] | None:
        """The variable that a call reads, and the value of its default."""
        key = self._environment.get((module.path, index))
        if key is None:
            return None
        call = module.facts.values[index]
        assert type(call) is Call
        default = next((v for n, v in call.keywords if n == "default"), None)
        return key, default if default is not None else (call.args[1] if len(call.args) > 1 else None)

    @cached_property
    def _variables(self) -> dict[str, tuple[str, ...]]:
        """Values that committed files give to environment variables."""
        found: dict[str, set[str]] = {}
        for module in self._project.modules.values():
            if module.is_test:
                continue
            for command in module.facts.commands:
                for name, value in command.env:
                    if value and not value.startswith("$"):
                        found.setdefault(name, set()).add(value)
            for setting in module.facts.settings:
                name = setting.keys[-1]
                if name.isupper() and isinstance(setting.value, str) and setting.value and "_" in name:
                    found.setdefault(name, set()).add(setting.value)
        return {name: tuple(sorted(values)) for name, values in sorted(found.items())}

    def given(self, key: str) -> Found:
        """What committed files set an environment variable to."""
        values = self._variables.get(key, ())
        return tuple(Folded(parse(v), certainty=0.8) for v in values[:4]) if values else ()

    # configuration ---------------------------------------------------------------------------------------------------

    def setting(self, module: Module, index: int) -> Found | None:
        """What configuration files give to the key that an attribute or item reads; environment items too."""
        value = module.facts.values[index]
        chain: list[str] = []
        while type(value) in (Attr, Item):
            if type(value) is Attr:
                chain.append(value.name)
            else:
                key = module.facts.values[value.key]
                if type(key) is not Const or not isinstance(key.value, str):
                    break
                chain.append(key.value)
            index, value = value.base, module.facts.values[value.base]
        if not chain:
            return None
        if type(value) is Name and (value.name in _ENVIRON or ".".join([value.name, *reversed(chain[1:])]) in _ENVIRON):
            return self.given(chain[0]) or (Folded((Hole(chain[0], "env"),)),)
        found = [d for d in self._project.configs.by_key.get(chain[0], ()) if _agrees(d.setting.keys, chain)]
        near = [d for d in found if d.module.path.split("/")[0] == module.path.split("/")[0]] or found
        texts = sorted({d.setting.value for d in near if isinstance(d.setting.value, str) and _PATHLIKE.search(d.setting.value)})
        if not texts or len(texts) > 4:
            return (Folded((Hole(chain[0], "config"),), frozenset({f"setting::{'.'.join(reversed(chain))}"})),) if near else None
        name = frozenset({f"setting::{chain[0]}"})
        return tuple(Folded(parse(t), name, certainty=0.9) for t in texts)


def _agrees(keys: tuple[str, ...], chain: list[str]) -> bool:
    """Whether a setting is the one that a chain of keys reads: the last two agree, or the only one is telling."""
    names = [k for k in keys if not k.isdigit()]
    if not names or names[-1] != chain[0]:
        return False
    if len(chain) > 1 and len(names) > 1:
        return names[-2] == chain[1] or (len(chain[0]) >= 8 and "_" in chain[0])
    return len(names) == 1 or (len(chain[0]) >= 8 and "_" in chain[0])
