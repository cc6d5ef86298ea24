"""Conditions that ask what an object is, and which of several names a setting holds."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Name, Op, Seq, Value
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_PARTS = 16  # of one condition


class Test(msgspec.Struct, frozen=True):
    """`subject` is asked whether it is one of `names`: dotted names of classes or, `spelled`, texts."""

    __test__ = False  # nothing for a test runner

    subject: int
    names: tuple[str, ...]
    spelled: bool


def class_tests(project: Project, module: Module, index: int) -> Iterator[Test]:
    """Questions about the class of an object: `isinstance`, `type(x) is`, a text in or equal to the name of its class."""
    values = module.facts.values
    for value in _parts(module, index):
        if type(value) is Call and values[value.func] == Name("builtins.isinstance") and len(value.args) == 2:
            if names := _classes(project, module, value.args[1]):
                yield Test(value.args[0], names, False)
        elif type(value) is Op and len(value.operands) == 2 and value.op in ("==", "in", "is"):
            left, right = value.operands
            for asked, named in ((left, right), (right, left)):
                subject, spelled = _class_of(module, asked)
                if subject < 0:
                    continue
                names = _texts(module, named) if spelled else _classes(project, module, named)
                if names:
                    yield Test(subject, names, spelled)
                    break


def text_tests(module: Module, index: int) -> Iterator[Test]:
    """Questions which text a value is: `kind == "a"`, `kind in ("a", "b")`."""
    for value in _parts(module, index):
        if type(value) is Op and len(value.operands) == 2 and value.op in ("==", "in"):
            left, right = value.operands
            if type(module.facts.values[left]) is Const:
                left, right = (right, left) if value.op == "==" else (-1, right)
            names = _texts(module, right) if left >= 0 else ()
            if names:
                yield Test(left, names, True)


def _parts(module: Module, index: int) -> Iterator[Value]:
    values = module.facts.values
    found = [index]
    for at in found:
        value = values[at]
        if type(value) is Op and value.op in ("and", "or", "not") and len(found) < _PARTS:
            found += value.operands
        else:
            yield value


def _class_of(module: Module, index: int) -> tuple[int, bool]:
    """The object whose class an expression is, and whether it is the name of the class; -1: it is none."""
    values = module.facts.values
    value, spelled = values[index], False
    if type(value) is Call and type(lowered := values[value.func]) is Attr and lowered.name == "lower":
        value = values[lowered.base]
    if type(value) is Call and values[value.func] == Name("builtins.str") and len(value.args) == 1:
        value, spelled = values[value.args[0]], True
    elif type(value) is Attr and value.name in ("__name__", "__qualname__", "__module__"):
        value, spelled = values[value.base], True
    if type(value) is Attr and value.name == "__class__":
        return value.base, spelled
    if type(value) is Call and values[value.func] == Name("builtins.type") and len(value.args) == 1:
        return value.args[0], spelled
    return -1, spelled


def _texts(module: Module, index: int) -> tuple[str, ...]:
    value = module.facts.values[index]
    items = value.items if type(value) is Seq and value.kind != "comp" else (index,)
    return tuple(v.value for i in items if type(v := module.facts.values[i]) is Const and type(v.value) is str and v.value)


def _classes(project: Project, module: Module, index: int) -> tuple[str, ...]:
    """Dotted names of classes, of the project's own their path and name."""
    value = module.facts.values[index]
    items = value.items if type(value) is Seq and value.kind != "comp" else (index,)
    found: list[str] = []
    for item in items:
        target = project.resolver.target(module, item)
        if type(target) is External:
            found.append(target.name)
        elif type(target) is Defined and (scope := project.resolver.scope(target)[1]).kind == "class":
            found.append(f"{target.path}::{scope.qualname}")
    return tuple(found)
