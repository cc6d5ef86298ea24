"""Tables of codes that stand in the code: categories with their numbers or one-hot rows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Const, Map, Seq, Span
from mldebt.project.project import Module
from mldebt.project.skew.derivations import displays

_LEAST = 3  # categories that make a table
_GAP = 2  # the codes of a table are numbers in a row, but for a few

Code = int | None  # None: an all-zero row


class Encoding(msgspec.Struct, frozen=True):
    """Categories and their codes, in text order."""

    module: Module
    scope: int
    span: Span
    codes: tuple[tuple[str, Code], ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.codes)


class Difference(msgspec.Struct, frozen=True):
    """What two tables disagree on: categories of one alone, and categories with other codes."""

    only_here: tuple[str, ...]
    only_there: tuple[str, ...]
    other: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.only_here or self.only_there or self.other)


def encodings(module: Module) -> Iterator[Encoding]:
    """The tables of a file: dict displays and classes whose members are numbers in a row."""
    for index, span, scope in displays(module):
        display = module.facts.values[index]
        if type(display) is Map and -1 not in display.keys:
            pairs = [_pair(module, k, v) for k, v in zip(display.keys, display.values, strict=True)]
            codes = [p for p in pairs if p is not None]
            if len(codes) == len(pairs) and _is_table(codes):
                yield Encoding(module, scope, span, tuple(codes))
    for index, scope_facts in enumerate(module.facts.scopes):
        if scope_facts.kind == "class" and scope_facts.bases:
            members = [(n, b[0].value) for n, b in scope_facts.bindings.items() if len(b) == 1 and b[0].how in ("=", "annotated")]
            numbers = [(n, v.value) for n, i in members if type(v := module.facts.values[i]) is Const and type(v.value) is int]
            codes = [(n, v) for n, v in numbers if isinstance(v, int)]
            if len(codes) == len(members) and _is_table(codes):
                yield Encoding(module, index, scope_facts.span, tuple(codes))


def difference(here: Encoding, there: Encoding) -> Difference:
    """What the first table has otherwise than the second; a shift of all codes by one counts for every category."""
    left, right = dict(here.codes), dict(there.codes)
    return Difference(
        tuple(n for n in left if n not in right),
        tuple(n for n in right if n not in left),
        tuple(n for n in left if n in right and left[n] != right[n]),
    )


def _pair(module: Module, key: int, value: int) -> tuple[str, Code] | None:
    """The category and code of one entry, whichever of the two is the key."""
    name, code = module.facts.values[key], module.facts.values[value]
    if type(name) is Const and type(name.value) is int and type(code) is Const and isinstance(code.value, str):
        return code.value, name.value
    if type(name) is not Const or not isinstance(name.value, str):
        return None
    if type(code) is Const and type(code.value) is int:
        return name.value, code.value
    if type(code) is Seq and code.kind in ("list", "tuple") and len(code.items) >= _LEAST:
        row = [v.value if type(v := module.facts.values[i]) is Const else None for i in code.items]
        if all(one in (0, 1) for one in row) and sum(one == 1 for one in row) < 2:
            return name.value, row.index(1) if 1 in row else None
    return None


def _is_table(codes: list[tuple[str, Code]]) -> bool:
    numbers = sorted(code for _, code in codes if code is not None)
    if len({name for name, _ in codes}) < _LEAST or len(numbers) < _LEAST or len(set(numbers)) < len(numbers):
        return False
    return numbers[0] in (0, 1) and numbers[-1] - numbers[0] < len(numbers) + _GAP
