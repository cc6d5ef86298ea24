"""Columns that are chosen by a pattern of their names: `[c for c in frame.columns if c.startswith("f_")]`, `frame.filter(like="f_")`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Name, Op, Param, Phi, Seq, Site, Span, Store, Template, Write
from mldebt.project.columns_file import FRAME_METHODS, SERIES_METHODS, FileColumns, children
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_KEEPS = frozenset({"tolist", "to_list", "copy", "values", "to_numpy", "keys", "names"})
_LISTS = frozenset({"builtins.list", "builtins.sorted", "builtins.set", "builtins.tuple"})
_REGEX = frozenset({"re.match", "re.search", "re.fullmatch"})
_STR = {"startswith": "begins with", "endswith": "ends with", "contains": "contains", "match": "matches", "fullmatch": "matches"}
_DEPTH = 6


class Pattern(msgspec.Struct, frozen=True, order=True):
    """`how` is begins with, ends with, contains or matches; `text` is what."""

    how: str
    text: str

    def fits(self, name: str) -> bool:
        if self.how == "begins with":
            return name.startswith(self.text)
        if self.how == "ends with":
            return name.endswith(self.text)
        if self.how == "contains":
            return self.text in name
        try:
            return re.search(self.text, name) is not None
        except re.error:
            return False


class Choice(msgspec.Struct, frozen=True):
    """A list of columns, or a frame of them, that is chosen by patterns; `value` is what is chosen."""

    module: Module
    value: int
    scope: int
    span: Span
    patterns: tuple[Pattern, ...]
    frame: int  # whose columns they are: the value of the frame
    target: str = ""  # names of the variables and attributes that hold it
    is_frame: bool = False  # the columns themselves, not their names


def choices(project: Project) -> list[Choice]:
    """Every such choice outside tests, in path and text order."""
    found = [c for module in project.python if not module.is_test for c in (*_lists(module), *_frames(module))]
    return sorted(found, key=lambda c: (c.module.path, c.span, c.value))


def columns_of(module: Module, index: int, depth: int = 0) -> int | None:
    """The frame, when the value is its columns."""
    value = module.facts.values[index]
    if depth > _DEPTH:
        return None
    if type(value) is Attr:
        if value.name == "columns":
            return value.base
        return columns_of(module, value.base, depth + 1) if value.name in _KEEPS else None
    if type(value) is Name and value.name.endswith(".columns"):
        return index
    if type(value) is Call:
        func = module.facts.values[value.func]
        if type(func) is Name and func.name in _LISTS and len(value.args) == 1:
            return columns_of(module, value.args[0], depth + 1)
        return columns_of(module, func.base, depth + 1) if type(func) is Attr and func.name in _KEEPS else None
    if type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        return columns_of(module, bindings[0].value, depth + 1) if len(bindings) == 1 else None
    return index if type(value) in (Param, Item, Phi, Store) and _is_frame(module, index) else None


def _is_frame(module: Module, index: int) -> bool:
    return any(v.base == index and v.name in FRAME_METHODS for i in module.of_kind(Attr) if type(v := module.facts.values[i]) is Attr)


# lists of names ------------------------------------------------------------------------------------------------------


def _lists(module: Module) -> Iterator[Choice]:
    values = module.facts.values
    tests: dict[int, list[tuple[Pattern, int]]] = defaultdict(list)  # by the element that is tested: what for, and the test
    if not module.of_kind(Elem):
        return
    for index in sorted((*module.of_kind(Op), *module.of_kind(Call))):
        for element, pattern in _tested(module, values[index]):
            if not _is_negated(module, index):
                tests[element].append((pattern, index))
    if not tests:
        return
    sites = {site.value: site for site in module.facts.sites}
    for index in sorted((*module.of_kind(Seq), *module.of_kind(Store))):
        value, element = values[index], _element(module, index)
        if element not in tests:
            continue
        of = values[element]
        frame = columns_of(module, of.of) if type(of) is Elem else None
        if frame is None:
            continue
        found = tests[element]
        if type(value) is Store:
            found = [(p, t) for p, t in found if any(_guards(module, t, g.test) for g in module.facts.guards)]
        if found:
            yield from _placed(module, index, frame, found, sites)


def _element(module: Module, index: int) -> int:
    """The element that a comprehension takes as it is, or that a loop appends; -1 when the value is neither."""
    value = module.facts.values[index]
    if type(value) is Seq and value.kind == "comp" and len(value.items) == 1:
        return value.items[0]
    return value.value if type(value) is Store and value.how == "append" else -1


def _tested(module: Module, value: object) -> Iterator[tuple[int, Pattern]]:
    """The element and the pattern of a test of a name."""
    values = module.facts.values
    if type(value) is Op and value.op == "in" and type(values[value.operands[1]]) is Elem:
        if type(part := values[value.operands[0]]) is Const and isinstance(part.value, str) and part.value:
            yield value.operands[1], Pattern("contains", part.value)
    if type(value) is Op and value.op == "==" and type(item := values[value.operands[0]]) is Item:
        yield from _beginning(module, item, value.operands[1])
    if type(value) is not Call or not value.args:
        return
    func = values[value.func]
    if type(func) is Attr and func.name in ("startswith", "endswith") and type(values[func.base]) is Elem:
        for text in _texts(module, value.args[0]):
            yield func.base, Pattern(_STR[func.name], text)
    if type(func) is Name and func.name in _REGEX and len(value.args) > 1 and type(values[value.args[1]]) is Elem:
        for text in _texts(module, value.args[0]):
            yield value.args[1], Pattern("matches", text)


def _beginning(module: Module, item: Item, text: int) -> Iterator[tuple[int, Pattern]]:
    """`c[:3] == "f1_"`."""
    values = module.facts.values
    key = values[item.key]
    if type(values[item.base]) is Elem and type(key) is Op and key.op == "slice":
        begins = values[key.operands[0]] == Const(None)
        for found in _texts(module, text):
            yield item.base, Pattern("begins with" if begins else "ends with", found)


def _texts(module: Module, index: int) -> list[str]:
    value = module.facts.values[index]
    if type(value) is Seq:
        return [text for item in value.items for text in _texts(module, item)]
    return [value.value] if type(value) is Const and isinstance(value.value, str) and value.value else []


def _is_negated(module: Module, test: int) -> bool:
    """Whether what is chosen are the names for which the test does not hold, alone or as a part of a condition."""
    for index in module.of_kind(Op):
        value = module.facts.values[index]
        if type(value) is Op and test in value.operands and index != test:
            if value.op in ("not", "~") or (value.op in ("and", "or") and _is_negated(module, index)):
                return True
    return False


def _guards(module: Module, test: int, condition: int) -> bool:
    """Whether a condition is the test, or holds only or perhaps when it does."""
    value = module.facts.values[condition]
    return condition == test or (type(value) is Op and value.op in ("and", "or") and any(_guards(module, test, o) for o in value.operands))


def _placed(module: Module, index: int, frame: int, found: list[tuple[Pattern, int]], sites: dict[int, Site]) -> Iterator[Choice]:
    """The choice where it is bound, else where its test or its columns stand."""
    bound = sorted(
        (binding.span, name, number)
        for number, scope in enumerate(module.facts.scopes)
        for name, bindings in scope.bindings.items()
        for binding in bindings
        if binding.value == index
    )
    bound += sorted((write.span, write.name, write.scope) for write in module.facts.writes if write.value == index and write.name)
    patterns = tuple(sorted({pattern for pattern, _ in found}))
    place = next((sites[test] for _, test in found if test in sites), None) or next(
        (use for use in module.facts.uses if use.value in (index, frame)), None
    )
    if bound:
        names = " ".join(dict.fromkeys(name for _, name, _ in bound))
        yield Choice(module, index, bound[0][2], bound[0][0], patterns, frame, names)
    elif place is not None:
        yield Choice(module, index, place.scope, place.span, patterns, frame)


# frames --------------------------------------------------------------------------------------------------------------


def _frames(module: Module) -> Iterator[Choice]:
    """`frame.filter(like=...)`, `frame.columns[frame.columns.str.startswith(...)]`, `frame.loc[:, <the same>]`."""
    values = module.facts.values
    calls: dict[int, tuple[Site, Pattern, int]] = {}
    for site, call, func in module.calls:
        if type(func) is not Attr:
            continue
        base = values[func.base]
        if func.name == "filter":
            for word, given in call.keywords:
                for text in _texts(module, given) if word in ("like", "regex") else ():
                    pattern = Pattern("contains" if word == "like" else "matches", text)
                    yield Choice(module, site.value, site.scope, site.span, (pattern,), func.base, site.target, is_frame=True)
        elif func.name in _STR and type(base) is Attr and base.name == "str" and call.args:
            frame = columns_of(module, base.base)
            for text in _texts(module, call.args[0]) if frame is not None else ():
                calls[site.value] = (site, Pattern(_STR[func.name], text), frame if frame is not None else -1)
    for index in module.of_kind(Item) if calls else ():
        value = values[index]
        assert type(value) is Item
        key = values[value.key]
        last = key.items[-1] if type(key) is Seq and key.items else value.key
        if last in calls:
            site, pattern, frame = calls[last]
            yield Choice(
                module, index, site.scope, site.span, (pattern,), frame, site.target, is_frame=columns_of(module, value.base) is None
            )


# who writes such columns ---------------------------------------------------------------------------------------------


class Producer(msgspec.Struct, frozen=True):
    """A place that stores a column; what is not constant in its name is `{}`."""

    module: Module
    span: Span
    name: str


def producers(project: Project, patterns: tuple[Pattern, ...]) -> list[Producer]:
    """Those outside tests whose column fits one of the patterns; one for each name and file."""
    found: dict[tuple[str, str], Producer] = {}
    for path, file in project.columns.files.items():
        places = [(d.name, d.span, -1) for d in file.definitions]
        places += [(_text(file.module, w.key), w.span, n) for n, w in enumerate(file.module.facts.writes) if w.key >= 0]
        for name, span, number in places:
            if name and (path, name) not in found and any(pattern.fits(name) for pattern in patterns):
                if number < 0 or _holds(file, file.module.facts.writes[number]):
                    found[path, name] = Producer(file.module, span, name)
    return [found[key] for key in sorted(found)]


def _text(module: Module, index: int) -> str:
    """The text of a key; what is not constant in it is `{}`."""
    value = module.facts.values[index]
    if type(value) is Const:
        return value.value if isinstance(value.value, str) else ""
    parts = value.parts if type(value) is Template else value.operands if type(value) is Op and value.op == "+" else ()
    texts = [v.value if type(v := module.facts.values[p]) is Const and isinstance(v.value, str) else "{}" for p in parts]
    return "".join(texts) if any(t != "{}" for t in texts) else ""


def _holds(file: FileColumns, write: Write) -> bool:
    """Whether what is stored to is used as a data frame, or what is stored is computed from other entries of it."""
    root = file.root(write.base)
    for value in file.values:
        if type(value) is Attr:
            base = file.values[value.base]
            if value.name in FRAME_METHODS and file.root(value.base) == root:
                return True
            if value.name in SERIES_METHODS and type(base) is Item and file.root(base.base) == root:
                return True
    return file.is_frame_call(root) or _is_made_of(file, write.value, root)


def _is_made_of(file: FileColumns, index: int, root: int, depth: int = 0) -> bool:
    value = file.values[index]
    if type(value) is Item and file.root(value.base) == root:
        return True
    return depth < _DEPTH and any(_is_made_of(file, c, root, depth + 1) for c in children(value) if c < index)


class Neighbours:
    """Which files can work on the same frame."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._closures: dict[str, frozenset[str]] = {}
        self._bases: dict[str, frozenset[str]] = {}

    def meet(self, one: str, other: str) -> bool:
        """Whether a file imports the other or a third both, or `one` extends a class that `other` imports or writes what it reads."""
        if one == other:
            return False
        if other in self._closure(one) or one in self._closure(other):
            return True
        if self._extended(one) & self._closure(other) or (one, other) in self._handed:
            return True
        return any({one, other} <= targets for targets in self._project.imported_by_file.values())

    @cached_property
    def _handed(self) -> frozenset[tuple[str, str]]:
        """Pairs of files of which one writes an artifact that the other reads."""
        return frozenset((e.writer.place.path, e.reader.place.path) for e in self._project.artifacts.edges)

    def _closure(self, path: str) -> frozenset[str]:
        """The files that a file imports, and those that they import."""
        if path not in self._closures:
            found: set[str] = set()
            stack = [path]
            while stack:
                for target in self._project.imported_by_file.get(stack.pop(), ()):
                    if target not in found:
                        found.add(target)
                        stack.append(target)
            self._closures[path] = frozenset(found)
        return self._closures[path]

    def _extended(self, path: str) -> frozenset[str]:
        """The files of the classes that the file's classes are made from."""
        if path not in self._bases:
            module = self._project.modules[path]
            bases = (self._project.resolver.target(module, b) for s in module.facts.scopes if s.kind == "class" for b in s.bases)
            self._bases[path] = frozenset(b.path for b in bases if type(b) is Defined and b.path != path)
        return self._bases[path]
