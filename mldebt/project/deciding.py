"""Whether code decides about cases - serves, scores a batch, acts - or measures, trains and shows models."""

from __future__ import annotations

import re
from functools import cached_property

from mldebt.facts.model import Attr, Call, Const, Item, Map, Name, Op, Param, Seq, Store, Value
from mldebt.project.measuring import is_measure, words_of
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration

_DECIDES = re.compile(
    r"predict|infer|serv(e|ing|ice)|deploy|api|app|endpoint|handle|classif|recommend|moderat|submi|sub|postprocess|scor(e|ing|er)|decid|"
    r"decision|alert|notif|bot|live|production|label(er)?|tagg?(er)?|triage|untriaged|entry|exit|trade|approve|detect|rank(er)?|match(er)?|"
    r"respond|answer|assign|select|choose"
)
_STRONG = re.compile(r"predict|infer|serv(e|ing|ice)|deploy|api|app|endpoint|handle|submi|postprocess|lambda|bot|production|live")
_LOOKS = 3  # calls that are looked up above a function


class Deciding:
    """Answers from names, imports, callers and what is done with a comparison."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._weights: dict[tuple[str, int], float] = {}

    def weight(self, module: Module, scope: int) -> float:
        """1 where code serves, 0.9 where names say that it decides, 0.7 where nothing does; 0 where it measures, trains or shows."""
        key = (module.path, scope)
        if key not in self._weights:
            self._weights[key] = self._weight(module, scope)
        return self._weights[key]

    def _weight(self, module: Module, scope: int) -> float:
        if module.is_test or is_demonstration(module) or self._exposure(module) in ("legacy", "test", "example"):
            return 0.0
        inner = self._function(module, scope)
        if is_measure(inner) or self._class_measures(module, scope):
            return 0.0
        stem = re.split(r"[/.]", module.path)[-2] if "." in module.path else module.path
        decides = _says(_DECIDES, inner) or _says(_STRONG, stem)
        if is_measure(stem) or any(is_measure(part) for part in module.path.split("/")[:-1][-1:]):
            return 0.7 if _says(_STRONG, inner) else 0.0
        if self._exposure(module) == "serving":
            return 1.0
        if self._exposure(module) == "notebook":
            return 0.8 if decides else 0.7
        if decides or self._called_so(module, scope, 0):
            return 0.9
        return 0.75 if self._exposure(module) in ("scheduled", "script") else 0.7

    def _exposure(self, module: Module) -> str:
        return self._project.world.exposure(module)

    def _function(self, module: Module, scope: int) -> str:
        return module.facts.scopes[self._outer(module, scope)].name if self._outer(module, scope) else ""

    @staticmethod
    def _outer(module: Module, scope: int) -> int:
        while scope > 0 and module.facts.scopes[scope].kind != "function":
            scope = module.facts.scopes[scope].parent
        return max(scope, 0)

    def _class_measures(self, module: Module, scope: int) -> bool:
        while scope > 0:
            one = module.facts.scopes[scope]
            if one.kind in ("class", "function") and is_measure(one.name):
                return True
            scope = one.parent
        return False

    def _called_so(self, module: Module, scope: int, depth: int) -> bool:
        """Whether a function that decides calls this one."""
        outer = self._outer(module, scope)
        if not outer or depth >= _LOOKS:
            return False
        for caller, site, _ in self._project.events.callers.get(Defined(module.path, outer), ())[:8]:
            name = self._function(caller, site.scope)
            if not caller.is_test and not is_measure(name):
                if _says(_STRONG, name) or self._exposure(caller) == "serving" or self._called_so(caller, site.scope, depth + 1):
                    return True
        return False

    # what becomes of it ----------------------------------------------------------------------------------------------

    def measures(self, module: Module, value: int) -> bool:
        """Whether the outcome of a comparison goes into a metric, directly or through a function, or is held against the truth."""
        return value in self._measured.get(module.path, ())

    @cached_property
    def _measured(self) -> dict[str, set[int]]:
        found: dict[str, set[int]] = {}
        for event in self._project.calls("metric"):
            for given in (*event.call.args, *(v for _, v in event.call.keywords)):
                found.setdefault(event.module.path, set()).update(_parts(event.module, given))
        metering = {Defined(e.module.path, self._outer(e.module, e.site.scope)) for e in self._project.calls("metric")}
        for function in sorted((f for f in metering if f.scope), key=lambda f: (f.path, f.scope)):
            for module, _, call in self._project.events.callers.get(function, ()):
                for given in (*call.args, *(v for _, v in call.keywords)):
                    found.setdefault(module.path, set()).update(_parts(module, given))
        for module in self._project.python:
            for index in module.of_kind(Op):
                value = module.facts.values[index]
                if type(value) is Op and value.op == "==" and not any(type(module.facts.values[o]) is Const for o in value.operands):
                    for operand in value.operands:
                        found.setdefault(module.path, set()).update(_chain(module, operand))
        return found


def _says(pattern: re.Pattern[str], name: str) -> bool:
    return any(pattern.match(word) for word in words_of(name))


def _chain(module: Module, index: int) -> set[int]:
    """A value and what its attributes, subscripts and methods are taken of: `(p > t).float()[:, 0]` is made of `p > t`."""
    found = {index}
    for _ in range(8):
        link: Value = module.facts.values[index]
        if type(link) is Call:
            index = link.func
        elif type(link) in (Item, Attr):
            index = link.base
        else:
            break
        found.add(index)
    return found


def _parts(module: Module, start: int) -> set[int]:
    """All values of the file that a value is made of, calls and subscripts included."""
    found, stack = {start}, [start]
    while stack and len(found) < 300:
        value: Value = module.facts.values[stack.pop()]
        inner: tuple[int, ...] = ()
        if type(value) is Op:
            inner = value.operands
        elif type(value) is Call:
            inner = (value.func, *value.args, *(v for _, v in value.keywords))
        elif type(value) is Seq:
            inner = value.items
        elif type(value) is Map:
            inner = value.values
        elif type(value) is Store:
            inner = (value.base, value.value)
        elif type(value) not in (Name, Param):
            base = value.base if type(value) is Item else getattr(value, "base", getattr(value, "of", None))
            inner = (base,) if base is not None else getattr(value, "options", ())
        stack += [i for i in inner if i not in found]
        found.update(inner)
    return found
