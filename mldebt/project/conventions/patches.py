"""Attributes that are put on loaded objects because an older version of their class did not have them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Call, Name, Op, Write
from mldebt.project.conventions.model import Leak, Mark, application, behind, loads
from mldebt.project.glue.vendors import Vendors
from mldebt.project.kinds.tests import class_tests
from mldebt.project.project import Module, Project
from mldebt.project.written import text_of

_LEVELS = 4


def patches(project: Project, vendors: Vendors) -> Iterator[Leak]:
    """One for each scope."""
    for module in application(project):
        if "builtins.hasattr" not in module.names:
            continue
        found: dict[int, list[tuple[Write, float]]] = {}
        for write in module.facts.writes:
            sure = _patched(project, vendors, module, write) if write.name else 0.0
            if sure:
                found.setdefault(write.scope, []).append((write, sure))
        for scope, writes in sorted(found.items()):
            names = sorted({w.name for w, _ in writes})
            marks = tuple(Mark(w.span, f"`{w.name}` is put on") for w, _ in sorted(writes, key=lambda w: w[0].span))
            shown = ", ".join(f"`{name}`" for name in names)
            message = f"{shown} {'is' if len(names) == 1 else 'are'} put on a loaded object that was saved without"
            yield Leak(module.path, scope, "patch", message, f"patch {' '.join(names)}", marks, max(sure for _, sure in writes))


def _patched(project: Project, vendors: Vendors, module: Module, write: Write) -> float:
    """How sure it is that the attribute is missing on an object that was loaded."""
    block = module.facts.blocks[write.block]
    for _ in range(_LEVELS):
        if block.guard >= 0 and block.kind == "if":
            test = module.facts.guards[block.guard].test
            if _lacks(module, test, write):
                classes = [t for t in class_tests(project, module, test) if not t.spelled]
                if any(vendors.of(name) for t in classes for name in t.names):
                    return 0.85
                return 0.8 if _is_loaded(project, module, write.base) else 0.0
        if block.parent < 0:
            break
        block = module.facts.blocks[block.parent]
    return 0.0


def _lacks(module: Module, test: int, write: Write) -> bool:
    """Whether a condition says that the object does not have the attribute."""
    values = module.facts.values
    todo = [test]
    for at in todo:
        value = values[at]
        if type(value) is Op and value.op == "and" and len(todo) < 16:
            todo += value.operands
        if type(value) is Op and value.op == "not":
            call = values[value.operands[0]]
            if type(call) is Call and values[call.func] == Name("builtins.hasattr") and len(call.args) == 2:
                if call.args[0] == write.base and text_of(module, call.args[1]) == write.name:
                    return True
    return False


def _is_loaded(project: Project, module: Module, index: int) -> bool:
    return any(loads(project, module, made) for at in behind(module, index) if type(made := module.facts.values[at]) is Call)
