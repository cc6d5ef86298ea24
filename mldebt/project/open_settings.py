"""Whether modules and classes of settings go somewhere as a whole, where their members may be looked up by name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from mldebt.facts.model import Attr, Bound, Const, Param, Star
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_WHOLE = frozenset({"asdict", "astuple", "fields", "dict", "model_dump", "_asdict", "to_dict", "from_object", "as_dict"})
_TURNED = frozenset(f"builtins.{name}" for name in ("vars", "dir", "iter", "list", "tuple", "dict", "getattr"))
_SHOWN = ("builtins.print", "builtins.str", "builtins.repr", "builtins.isinstance", "builtins.type", "builtins.id", "pprint.", "logging.")


class OpenHolders:
    """Answers for the files and classes that hold settings."""

    def __init__(self, project: Project, modules: frozenset[str], importing: Mapping[str, list[str]]) -> None:
        self._project, self._modules, self._importing = project, modules, importing

    def is_open_module(self, module: Module, program: bool) -> bool:
        """Whether names of the module may be looked up by something else than code that imports it."""
        if module.facts.open_names and not any(i.name == "*" for i in module.facts.imports):
            return True
        if module.path in self._project.reach.dynamic or module.path in self._passed or module.path in self._named_in_strings:
            return True
        return not program and module.path not in self._importing

    @cached_property
    def _passed(self) -> frozenset[str]:
        """Files of settings modules that are passed to a call as an object."""
        found: set[str] = set()
        paths = self._modules
        for module in self._project.python:
            if not paths & self._project.imported_by_file.get(module.path, frozenset()):
                continue
            whole: dict[int, str] = {}
            for dotted, index in module.names.items():
                split = self._project.index.split(module.path, dotted)
                if split is not None and not split[1] and split[0] in paths:
                    whole[index] = split[0]
            for _, call, _ in module.calls if whole else ():
                found.update(whole[i] for i in (*call.args, *(v for _, v in call.keywords)) if i in whole)
        return frozenset(found)

    @cached_property
    def _named_in_strings(self) -> frozenset[str]:
        """Settings modules that a string names, as a file or a dotted module: a framework or a tool reads them."""
        by_end: dict[str, list[str]] = defaultdict(list)
        for path in sorted(self._modules):
            name = path.rsplit("/", 1)[-1]
            by_end[name].append(path)
            by_end[name.removesuffix(".py")].append(path)
        found: set[str] = set()
        for module in self._project.python:
            for index in module.of_kind(Const):
                text = module.facts.values[index].value  # type: ignore[union-attr]
                if isinstance(text, str) and "." in text and len(text) < 120 and " " not in text:
                    end = text.rpartition("/")[2]
                    found.update(by_end.get(end, ()) or (by_end.get(end.rpartition(".")[2], ()) if not text.endswith(".py") else ()))
        for module in self._project.modules.values():
            for command in module.facts.commands:
                for word in command.argv:
                    found.update(by_end.get(word.rpartition("/")[2], ()))
        for path in sorted(found):  # what a settings module of a framework takes over belongs to it
            module = self._project.modules[path]
            for star in (i for i in module.facts.imports if i.name == "*"):
                split = self._project.index.split(path, star.target)
                if split is not None:
                    found.add(split[0])
        return frozenset(found)

    @cached_property
    def _dotted(self) -> frozenset[str]:
        """Last parts of dotted strings: `from_object("app.config.Production")`."""
        return frozenset(word for m in self._project.python for s in m.facts.scopes for word in s.dotted)

    def goes(self, module: Module, number: int) -> str:
        """Where the class or its objects go as a whole: `looked up` by names, `passed` to code out of sight, or ""."""
        owner = Defined(module.path, number)
        heirs = {owner, *self._project.resolver.subclasses(owner)}
        heirs |= {h for one in tuple(heirs) for h in self._project.resolver.subclasses(one)}
        if any(self._project.resolver.scope(h)[1].name in self._dotted for h in heirs):
            return "looked up"
        near = [m for m in self._project.python if m is module or module.path in self._project.imported_by_file.get(m.path, ())]
        found = {self._goes(m, heirs) for m in near}
        return "looked up" if "looked up" in found else "passed" if "passed" in found else ""

    def _goes(self, module: Module, owners: set[Defined]) -> str:
        values, resolver = module.facts.values, self._project.resolver

        def is_one(index: int, *, unknown: bool = False) -> bool:
            target = resolver.target(module, index)
            target = target.of if type(target) is Instance else target
            return target in owners or (unknown and target is None and type(values[index]) in (Param, Attr, Bound))

        for index in module.of_kind(Attr):
            value = values[index]
            if value.name in ("__dict__", "__annotations__", "__fields__") and is_one(value.base, unknown=True):  # type: ignore[union-attr]
                return "looked up"
        goes = ""
        for _, call, func in module.calls:
            name = getattr(func, "name", "").rpartition(".")[2]
            if type(func) is Attr and name in _WHOLE and is_one(func.base):
                return "looked up"
            passed = (*call.args, *(v for _, v in call.keywords))
            target = resolver.callee(module, call)
            known = callee_name(target) if target is not None else ""
            if known in _TURNED or name in _WHOLE:
                computed = name != "getattr" or (len(call.args) > 1 and type(values[call.args[1]]) is not Const)
                if computed and any(is_one(i, unknown=True) for i in passed[:1]):
                    return "looked up"
            elif type(target) is not Defined and not known.startswith(_SHOWN):
                inner = target.of if type(target) is Instance else None
                parts = [v.value if type(v := values[i]) is Star else i for i in passed]
                if type(inner) is not Defined and any(is_one(i) for i in parts):
                    goes = "passed"
        return goes
