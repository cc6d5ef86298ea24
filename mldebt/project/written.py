"""How values are written: what a literal says, and under which name a call is made."""

from __future__ import annotations

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Name
from mldebt.project.project import Module


def text_of(module: Module, index: int) -> str | None:
    """The string that a literal is."""
    value = module.facts.values[index] if index >= 0 else None
    return value.value if type(value) is Const and type(value.value) is str else None


def called_as(module: Module, call: Call) -> str:
    """The last part of the name that a call is written with."""
    func = module.facts.values[call.func]
    if type(func) is Def:
        return module.facts.scopes[func.scope].name
    return func.name.rpartition(".")[2] if type(func) is Attr or type(func) is Name or type(func) is Bound else ""
