"""Nested settings that Python code declares as a display of named keys: where they go, and which of them nothing reads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Map, Name, Span
from mldebt.project.columns_file import children
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration
from mldebt.project.settings.model import Keys, Loaded, Root
from mldebt.project.settings.trees import Stack, Trees
from mldebt.sources.model import Language

_NAME = re.compile(
    r"(?:^|_)(?:conf|configs?|configuration|cfg|settings?|params?|parameters|hparams|hyper_?param(?:eter)?s|options|opts?)$", re.IGNORECASE
)
_LEAST = 3  # keys
_DEEP = 4
_ALIKE = 0.75  # of the keys that are read by name, of a tree that goes somewhere whole as well
_KNOWN = 4  # keys of it that are
_PARTS = 500


class Display(msgspec.Struct, frozen=True):
    """A display under a name that says settings."""

    module: Module
    scope: int
    shown: str
    span: Span
    root: Root
    keys: dict[Keys, int]  # every path of keys, with its value


class UnreadKeys(msgspec.Struct, frozen=True):
    """Keys or sections of a display that no code reads."""

    display: Display
    keys: tuple[Keys, ...]
    passed: bool  # the display goes whole to where it cannot be followed
    left: bool  # and that is code out of sight, which needs no word of the project's own to read a key


class _Displays(Trees):
    """The walk of loaded trees, from displays."""

    def __init__(self, project: Project, displays: list[Display]) -> None:
        self._displays = displays
        self.left: set[Root] = set()  # displays that go whole to code out of sight
        super().__init__(project)

    def _start(self) -> None:
        for one in self._displays:
            self._push(one.module, one.root.value, self._loaded(one.root), (), (), True)

    def _passed(self, module: Module, index: int, user: int, call: Call, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        """Also into every function of a registry: `PIPELINES[name](config)`. What is recorded as a whole is there to be recorded."""
        target = self._project.resolver.callee(module, call)
        if target is not None and any("track" in entry.roles for entry in self._project.resolver.entries(callee_name(target))):
            self._leave(loaded, keys)
            return
        functions = self._registered(module, call)
        for function in functions:
            self._into(module, index, user, call, function, loaded, keys, stack, sure)
        if not functions:
            super()._passed(module, index, user, call, loaded, keys, stack, sure)

    def _leave(self, loaded: Loaded, keys: Keys) -> None:
        super()._leave(loaded, keys)
        if not keys:
            self.left.add(loaded.root)

    def _registered(self, module: Module, call: Call) -> list[Defined]:
        """The functions of the project that a constant display holds, when all that it holds are some."""
        func = module.facts.values[call.func]
        base = module.facts.values[func.base] if type(func) is Item else None
        if type(base) is Name:
            members = self._project.members.of_name(module, base.name)
        elif type(base) is Bound:
            members = [(module, b.value, "") for b in module.facts.scopes[base.scope].bindings.get(base.name, ())]
        else:
            members = []
        owner, index, _ = members[0] if len(members) == 1 else (module, call.func, "")
        held = owner.facts.values[index]
        if type(held) is not Map:
            return []
        found = [self._function(owner, v) for v in held.values]
        return list(dict.fromkeys(f for f in found if f is not None)) if None not in found else []

    def _function(self, module: Module, index: int) -> Defined | None:
        value = module.facts.values[index]
        if type(value) is Call and len(value.args) == 1 and getattr(module.facts.values[value.func], "name", "") == "functools.partial":
            index = value.args[0]
        target = self._project.resolver.target(module, index)
        return target if type(target) is Defined else None


class DeclaredTrees:
    """Displays of settings, and what is read of them."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def displays(self) -> list[Display]:
        """Those that a name or a field is bound to once, in path and text order."""
        found = []
        for module in self._project.python:
            if is_demonstration(module) or not module.of_kind(Map):
                continue
            for number, shown, index, span in _named(module):
                keys = dict(_paths(module, _display(module, index), ()))
                if sum(len(k) == 1 for k in keys) >= _LEAST:
                    found.append(Display(module, number, shown, span, Root(module.path, index, (), "display"), keys))
        return sorted(found, key=lambda d: (d.module.path, d.span, d.shown))

    def unread(self) -> Iterator[UnreadKeys]:
        """In path and text order."""
        unnamed = {key for d in self.displays for k in d.keys if not self._is_word(key := k[-1])}
        unnamed -= self._quoted(unnamed)
        suspects = [(d, keys) for d in self.displays if (keys := [k for k in d.keys if k[-1] in unnamed])]
        if not suspects:
            return
        walk = _Displays(self._project, [d for d, _ in suspects])
        for display, unsaid in suspects if walk.complete else ():
            loaded = walk.found[display.root]
            read = {one.keys[:n] for one in loaded.reads for n in range(1, len(one.keys) + 1)}
            passed = () in loaded.whole
            if not read or loaded.open or (passed and not self._is_read_by_name(display, loaded)):
                continue
            among = set(unsaid)
            unread = tuple(
                k
                for k in unsaid
                if not any(k[:n] in among for n in range(1, len(k)))  # else its section is
                and not any(k[:n] in loaded.whole for n in range(1, len(k) + 1))
                and k not in read
                and (len(k) == 1 or (k[:-1] in read and not passed))  # of a section that nobody is seen to read nothing is known
            )
            if unread:
                yield UnreadKeys(display, unread, passed, display.root in walk.left)

    def _is_read_by_name(self, display: Display, loaded: Loaded) -> bool:
        top = [k for k in display.keys if len(k) == 1]
        read = {one.keys[:1] for one in loaded.reads}
        known = sum(k in read for k in top)
        return known >= _KNOWN and known >= _ALIKE * len(top)

    # words -----------------------------------------------------------------------------------------------------------

    def _is_word(self, key: str) -> bool:
        """Whether the word is an attribute or a part of an imported name, or stands in a file of another kind."""
        return key in self._project.attribute_names or key in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        found: set[str] = set()
        dotted: set[str] = set()
        for module in self._project.modules.values():
            if module.source.language is not Language.DOCUMENT:
                found.update(module.facts.words)
            for scope in module.facts.scopes:
                dotted.update(scope.qualified)
                found.update(scope.dotted)
        return frozenset(found.union(part for name in dotted for part in name.split(".")))

    def _quoted(self, wanted: set[str]) -> set[str]:
        """Those that stand as a text of their own elsewhere than as a key of a display."""
        found: set[str] = set()
        for module in self._project.python:
            if not any(word in wanted for scope in module.facts.scopes for word in scope.strings):
                continue
            values = module.facts.values
            keys: set[int] = set()
            used: set[int] = set()  # a text that stands twice in a function is one value
            for value in values:
                if type(value) is Map:
                    keys.update(value.keys)
                    used.update(value.values)
                else:
                    used.update(children(value))
            for index in module.of_kind(Const):
                text = values[index].value  # type: ignore[union-attr]
                if text in wanted and (index in used or index not in keys):
                    found.add(str(text))
        return found


def _display(module: Module, index: int) -> int:
    """The display that a value is, or that a call wraps."""
    value = module.facts.values[index]
    if type(value) is Call and len(value.args) == 1 and not value.keywords and type(module.facts.values[value.func]) in (Name, Attr):
        return value.args[0]
    return index


def _paths(module: Module, index: int, above: Keys) -> Iterator[tuple[Keys, int]]:
    value = module.facts.values[index]
    if type(value) is not Map or len(above) >= _DEEP:
        return
    for key, inner in zip(value.keys, value.values, strict=True):
        name = module.facts.values[key] if key >= 0 else None
        if type(name) is not Const or not isinstance(name.value, str):
            continue
        yield (*above, name.value), inner
        yield from _paths(module, inner, (*above, name.value))


def span_of(display: Display, keys: Keys) -> Span:
    """Where the value of a key is made, if the facts place any part of it; else where the display is bound."""
    module = display.module
    inside: set[int] = set()
    stack = [display.keys[keys]]
    while stack:
        index = stack.pop()
        if index not in inside and len(inside) < _PARTS:
            inside.add(index)
            stack += children(module.facts.values[index]) if type(module.facts.values[index]) is Map else ()
    within = [use.span for use in module.facts.uses if use.value in inside]
    within += [site.span for site in module.facts.sites if site.value in inside]
    return min((s for s in within if display.span.line <= s.line), default=display.span)


def _named(module: Module) -> Iterator[tuple[int, str, int, Span]]:
    """Names and fields that say settings, with the scope, the value and the place of the only thing that is bound to them."""
    for number, scope in enumerate(module.facts.scopes):
        for name, bindings in scope.bindings.items():
            if len(bindings) == 1 and bindings[0].how in ("=", "annotated") and _NAME.search(name):
                yield number, f"{scope.qualname}.{name}" if scope.qualname else name, bindings[0].value, bindings[0].span
    for write in module.facts.writes:
        if write.name and _NAME.search(write.name):
            yield write.scope, f"{module.qualname(write.scope)}.{write.name}", write.value, write.span
