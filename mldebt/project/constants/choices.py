"""Texts that are options: code compares what is chosen with them, so they stand beside the default by design."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Op, Param, Phi, Seq
from mldebt.project.constants.literals import Literal
from mldebt.project.project import Module
from mldebt.project.written import text_of

_EQUAL = frozenset({"==", "!="})
_AMONG = frozenset({"in", "not in"})
_OPTIONS = 2  # texts that one value is compared with
_STEPS = 60  # from what is compared to its default
_DEEP = 20  # comparisons of one condition


def is_choice(module: Module, one: Literal) -> bool:
    """Whether the text is compared with what has it as its own default, or with what is compared with other texts too."""
    text = one.value
    for subject, texts in _compared(module, one.holder):
        if text in texts:
            if len(texts) >= _OPTIONS or _is_default(module, subject, text):
                return True
            tests = (test for guard in module.facts.guards if guard.scope == one.scope for test in _compared(module, guard.test))
            if len({other for known, others in tests if known == subject for other in others}) >= _OPTIONS:
                return True
    return False


def _compared(module: Module, test: int) -> Iterator[tuple[int, frozenset[str]]]:
    """What a condition compares, each with the texts that it is compared with."""
    values = module.facts.values
    todo = [test] if test >= 0 else []
    for _ in range(_DEEP):
        if not todo:
            return
        value = values[todo.pop()]
        if type(value) is not Op:
            continue
        if value.op in ("or", "and", "not", "?:"):
            todo.extend(part for part in value.operands if part >= 0)
        elif len(value.operands) == 2 and value.op in _EQUAL | _AMONG:
            left, right = value.operands
            if value.op in _EQUAL and text_of(module, left) is not None:
                left, right = right, left
            shown = values[right]
            parts = shown.items[:50] if type(shown) is Seq and value.op in _AMONG else (right,) if value.op in _EQUAL else ()
            texts = frozenset(text for part in parts if (text := text_of(module, part)) is not None)
            if texts and text_of(module, left) is None:
                yield left, texts


def _is_default(module: Module, subject: int, text: object) -> bool:
    """Whether the value can be the text because it was set to it, or was read with it as a default."""
    facts = module.facts
    todo, seen = [subject], {subject}
    for _ in range(_STEPS):
        if not todo:
            return False
        value = facts.values[todo.pop()]
        found: tuple[int, ...] = ()
        if type(value) is Const:
            if value.value == text:
                return True
        elif type(value) is Param:
            found = tuple(one.default for one in facts.scopes[value.scope].parameters if one.name == value.name)
        elif type(value) is Bound:
            found = tuple(bound.value for bound in facts.scopes[value.scope].bindings.get(value.name, ()))
        elif type(value) is Call:
            found = (value.func, *value.args[:5], *(given for _, given in value.keywords[:5]))
        elif type(value) is Attr:
            written = tuple(write.value for write in facts.writes if write.name == value.name)
            found = (value.base, *written[:5])
        elif type(value) is Phi:
            found = value.options[:10]
        elif type(value) is Op and value.op in ("or", "?:"):
            found = value.operands
        fresh = [one for one in found if one >= 0 and one not in seen]
        seen.update(fresh)
        todo.extend(fresh)
    return False
