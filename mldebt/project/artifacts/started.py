"""Commands that Python code starts: `subprocess.run`, `os.system` and the like, with the words that they are given."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Name, Op, Param, Phi, Seq, Site, Star, Store
from mldebt.project.artifacts.commands import Ran, command_of
from mldebt.project.artifacts.fold import Folder, Found, Frame, Frames
from mldebt.project.artifacts.model import Folded, Hole
from mldebt.project.artifacts.strings import combined, join_text, plain
from mldebt.project.artifacts.templates import coded, decoded
from mldebt.project.callers import callers, passed_to
from mldebt.project.events import Event, argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_HELPERS = 3
_CALLERS = 48
_DEEPEST = 8
_BETWEEN = "\0"
_REST: Found = (Folded((Hole("*", "cli"),)),)  # any number of words
_SPLITTERS = frozenset({"shlex.split", "split"})
_SAME = frozenset({"builtins.list", "builtins.tuple", "copy", "map"})

Words = list[Found]


class Started(msgspec.Struct, frozen=True):
    """One command of a call that starts a process."""

    command: Ran
    site: Site  # the call in the file of the command; where helpers lie between, the outermost
    checked: bool  # a failure stops the program, or somebody looks at the result


class StartedCommands:
    """All commands that Python files start, tests left out, in path and line order; options stay holes, whose runs are not known yet."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = Folder(project, options=False)
        events = sorted((event for event in project.calls("run") if not event.module.is_test), key=_place)
        self.all: tuple[Started, ...] = tuple(dict.fromkeys(one for event in events for one in self._of(event, (), [], 0)))

    def _of(self, event: Event, frames: Frames, outer: list[tuple[Module, Site]], depth: int) -> Iterator[Started]:
        lines, as_line = self._lines(event, frames)
        wanted = {Defined(path, scope) for line in lines for path, scope, _ in line.parameters} - {f.function for f in frames}
        module, site = outer[-1] if outer else (event.module, event.site)
        own = Defined(module.path, site.scope)
        function = own if own in wanted else min(wanted, key=lambda f: (f.path, f.scope), default=None)
        found = [c for c in callers(self._project, function) if not c[0].is_test][:_CALLERS] if function is not None else []
        if function is not None and found and depth < _HELPERS:
            for caller, call_site, call in found:
                places = [*outer, (caller, call_site)] if function == own else outer
                yield from self._of(event, (*frames, Frame(function, caller, call)), places, depth + 1)
            return
        folder = self._text(event, "cwd", frames)
        checked = not event.site.statement or self._flag(event, "check")
        for line in lines:
            code, holes = coded(line.template)
            words = [decoded(word, holes) for word in code.split(_BETWEEN)]
            for ran in command_of(words, module.path, site.span.line, shell=as_line, cwd=folder or ""):
                yield Started(ran, site, checked)

    def _lines(self, event: Event, frames: Frames) -> tuple[Found, bool]:
        """The commands, their words apart from each other, or each as the one line that a shell reads."""
        first = event.entry.args.get("program")
        if first is not None and first.position is not None:
            given = event.call.args[first.position :]
            return self._joined([w for index in given for w in self._star(event.module, index, frames, 0)]), False
        index = argument(event.call, event.entry.args["command"]) if "command" in event.entry.args else None
        if index is None or index < 0:
            return (), True
        listed = self._words(event.module, index, frames, 0)
        if listed is not None and "shell" in event.entry.args and not self._flag(event, "shell"):
            return self._joined(listed), False
        return self._folder.fold(event.module, self._split(event.module, index), frames), True

    def _joined(self, words: Words) -> Found:
        return combined([word or _REST for word in words], lambda parts: join_text((_BETWEEN,), parts)) if words else ()

    def _words(self, module: Module, index: int, frames: Frames, depth: int) -> Words | None:
        """The words of a list; None for a value that is no list."""
        value = module.facts.values[index]
        if depth > _DEEPEST:
            return None
        if type(value) is Seq:
            return [_REST] if value.kind == "comp" else [w for item in value.items for w in self._star(module, item, frames, depth)]
        if type(value) is Store:
            base = self._words(module, value.base, frames, depth + 1)
            if base is None or value.how not in ("append", "extend", "+="):
                return base
            if value.how == "append":
                return [*base, self._folder.fold(module, value.value, frames)]
            return base + (self._words(module, value.value, frames, depth + 1) or [_REST])
        if type(value) is Op and value.op == "+":
            sides = [self._words(module, operand, frames, depth + 1) for operand in value.operands]
            return None if all(side is None for side in sides) else [w for side in sides for w in (side or [_REST])]
        if type(value) is Phi:
            options = [words for option in value.options if (words := self._words(module, option, frames, depth + 1)) is not None]
            return max(options, key=len, default=None)  # the longest: the others lack what a condition adds
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return self._words(module, bindings[0].value, frames, depth + 1) if len(bindings) == 1 else None
        if type(value) is Param:
            function = Defined(module.path, value.scope)
            frame = next((f for f in frames if f.function == function), None)
            passed = passed_to(self._project, function, frame.call, value.name) if frame is not None else None
            rest = tuple(f for f in frames if f is not frame)
            return self._words(frame.module, passed, rest, depth + 1) if frame is not None and passed is not None else None
        if type(value) is Call and value.args:
            func = module.facts.values[value.func]
            if type(func) is Name and func.name in _SAME:
                return self._words(module, value.args[-1], frames, depth + 1)
        return None

    def _star(self, module: Module, index: int, frames: Frames, depth: int) -> Words:
        value = module.facts.values[index]
        if type(value) is Star:
            return self._words(module, value.value, frames, depth + 1) or [_REST]
        return [self._folder.fold(module, index, frames)]

    def _split(self, module: Module, index: int) -> int:
        """The text that `shlex.split(text)` and `text.split()` cut into words."""
        value = module.facts.values[index]
        if type(value) is Phi and len(value.options) == 1:
            return self._split(module, value.options[0])
        if type(value) is Call:
            func = module.facts.values[value.func]
            if type(func) is Name and func.name in _SPLITTERS and value.args:
                return value.args[0]
            if type(func) is Attr and func.name in _SPLITTERS and not value.args:
                return func.base
        return index

    def _text(self, event: Event, key: str, frames: Frames) -> str | None:
        index = argument(event.call, event.entry.args[key]) if key in event.entry.args else None
        found = self._folder.fold(event.module, index, frames) if index is not None else ()
        return plain(found[0].template) if len(found) == 1 else None

    def _flag(self, event: Event, key: str) -> bool:
        index = argument(event.call, event.entry.args[key]) if key in event.entry.args else None
        value = event.module.facts.values[index] if index is not None and index >= 0 else Const(event.entry.defaults.get(key))
        return type(value) is Const and bool(value.value)


def _place(event: Event) -> tuple[str, int, int]:
    return event.module.path, event.site.span.line, event.site.span.column
