"""Shell text to the commands that it runs, without running anything.

Quotes, comments, continuations, here-documents, operators and substitutions are understood; conditions and loops are not
followed, every command in them is listed. What a variable holds is filled in when the script sets it once, before its use.
An output or input file follows the arguments, as `>`, `>>` or `<` and its name; `2>&1` and /dev/null are left out. Each command
has the folder that `cd` led to; the folder of the script itself, in whichever way it is found, is written `${0:h}`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from mldebt.facts.model import Command

_LONGEST_PATH = 4_096  # characters
_SPACE = re.compile(r"(?:[ \t]|\\\n)+")
_PRESENT = re.compile(r"\$\(pwd\)|`pwd`|\$PWD\b|\$\{PWD\}")
_COMMENT = re.compile(r"#[^\n]*")
_HEREDOC = re.compile(r"\d*<<(-?)[ \t]*(\\?)(['\"]?)([\w.-]+)\3")
_REDIRECT = re.compile(r"\d*<<<|(?:\d*|&)(>>|>\||>|<)(&[\d-]+|&(?!\d))?")
_OPERATOR = re.compile(r"&&|\|\||\|&|;;|[;|&()\n]")
_PLAIN = re.compile(r"[^\s;&|()<>'\"`$\\]+")
_SINGLE = re.compile(r"'([^']*)'")
_IN_DOUBLE = re.compile(r'["\\]|\$\(')
_TEMPLATE = re.compile(r"\$?\{\{[^{}\n]*\}\}")  # of a workflow: filled in before the shell sees it
_FIELD = re.compile(r"(?:\$?\{\{[^{}\n]*\}\}|\S)+")
_IN_SUBSTITUTION = re.compile(r"""'[^'\n]*'|"(?:[^"\\]|\\.)*+"|\\.|[()]""")
_TICKS = re.compile(r"`([^`]*)`")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_DEFAULTED = re.compile(r"\$\{(\w+)\W")
_REFERENCE = re.compile(r"\$\{[^{}\n]*\}|\$\w+|\$[@*#?!$-]?")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(\+?)=")
_SETS = re.compile(r"(?:^|(?<=[\s;&|(]))([A-Za-z_]\w*)\+?=|\b(?:for|read|select|local|unset)\s+(?:-\w+\s+)*([A-Za-z_]\w*)", re.MULTILINE)
_BELOW_OWN = re.compile(r"dirname\b.*?\)+\"?((?:/[\w.-]+)+)")
_KEYWORDS = frozenset(
    ("if", "then", "else", "elif", "while", "until", "do", "!", "{", "}", "time", "exec", "nohup", "command", "builtin", "coproc")
)
_NO_COMMAND = frozenset(("for", "case", "select", "function", "fi", "done", "esac", "[", "[[", "test", "in"))
_EXPORTS = frozenset({"export", "declare", "typeset", "readonly"})
_LONGEST = 4096  # of a value that is filled in: doubling variables must not fill the memory
_WINDOW = 20_000  # in which a substitution must close
_DEPTH = 4
_UNCLOSED = 20  # substitutions after which a script is taken for something else


class Constants:
    """What variables are known to hold, and how much text filling them in may still add to what is read."""

    def __init__(self, values: Mapping[str, str] | None = None, budget: list[int] | None = None) -> None:
        self._values = dict(values or {})
        self._budget = budget or [1_000_000]

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def get(self, name: str) -> str | None:
        """The value of `name`, or None when it is not known or the budget is spent."""
        value = self._values.get(name)
        if value is None or self._budget[0] < len(value):
            return None
        self._budget[0] -= len(value)
        return value

    def set(self, name: str, value: str) -> None:
        """Remember a value, unless it is long enough to be no name, path or option."""
        if len(value) <= _LONGEST:
            self._values[name] = value

    def copy(self) -> Constants:
        """The same values for a shell of its own, within the same budget."""
        return Constants(self._values, self._budget)


def script(
    text: str, first_line: int = 1, constants: Constants | None = None, *, substitutions: bool = True, cwd: str = ""
) -> tuple[Command, ...]:
    """The commands of a script, in the order of their lines. `constants` are known before it starts and are not changed."""
    known = constants.copy() if constants else Constants()
    commands = _Script(text, first_line, known, 0 if substitutions else _DEPTH, cwd, _varying(text)).commands()
    return tuple(sorted(commands, key=lambda command: command.line))


def session(parts: Iterable[tuple[str, int]], cwd: str = "") -> tuple[Command, ...]:
    """The commands of texts that one shell runs in turn, each with the line that it begins on."""
    pieces = list(parts)
    varying = _varying("\n".join(text for text, _ in pieces))
    known, found = Constants(), list[Command]()
    for text, line in pieces:
        shell = _Script(text, line, known, 0, cwd, varying)
        found.extend(sorted(shell.commands(), key=lambda command: command.line))
        cwd = shell.cwd
    return tuple(found)


def folder(cwd: str, target: str) -> str:
    """Where `cd target` leads from `cwd`. A variable at the front may hold any folder, so it begins anew."""
    target = _PRESENT.sub("", target, count=1).removeprefix("/") if _PRESENT.match(target) else target
    if not target or target[0] in "/~$`{":
        return _plain(target) if target else cwd
    return _plain(f"{cwd}/{target}" if cwd and len(cwd) < _LONGEST_PATH else target)


def _plain(path: str) -> str:
    """`path` without `.`, doubled slashes, and what `..` takes back."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts and parts[-1] != ".." and parts[-1][0] not in "$~`{":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return ("/" if path[:1] == "/" else "") + "/".join(parts)


def _own_folder(text: str) -> str:
    """`text` with the script's own folder, where a substitution works it out, as `${0:h}`."""
    at = text.find("$(")
    while at >= 0 and (stop := _closing(text, at + 2)):
        inner = text[at:stop]
        if "dirname" in inner and ("$0" in inner or "BASH_SOURCE" in inner):
            below = _BELOW_OWN.search(inner)
            text = text[:at] + "${0:h}" + (below[1] if below else "") + text[stop:]
            stop = at
        at = text.find("$(", stop)
    return text


def _varying(text: str) -> set[str]:
    """The variables that a script sets more than once, or to each of several values."""
    counts: dict[str, int] = {}
    for match in _SETS.finditer(text):
        name = match[1] or match[2]
        counts[name] = counts.get(name, 0) + (1 if match[1] else 2)
    return {name for name, count in counts.items() if count > 1}


class _Word:
    """A word as it grows, in pieces. It has more than one field when an unquoted variable holds several words."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.quoted = False
        self._pieces: list[list[str]] = [[]]

    def add(self, text: str) -> None:
        self._pieces[-1].append(text)

    def split(self, text: str) -> None:
        head, *rest = _FIELD.findall(text) or [""]
        self.add(head)
        self._pieces.extend([field] for field in rest)

    @property
    def assigns(self) -> bool:
        """Whether it begins as an assignment, in which values are not split."""
        return bool(self._pieces[0]) and _ASSIGNMENT.match(self._pieces[0][0]) is not None

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple("".join(pieces) for pieces in self._pieces)


class _Field(NamedTuple):
    text: str
    at: int
    quoted: bool


class _Script:
    """One pass over the text; the words and redirections of the command under way are its state."""

    def __init__(self, text: str, first_line: int, constants: Constants, depth: int, cwd: str, varying: set[str]) -> None:
        self.text, self.first_line, self.constants, self.depth = text, first_line, constants, depth
        self.cwd, self.varying = cwd, varying
        self.folders: list[str] = []  # to which `popd` returns
        self.subshells: list[str] = []  # to which `)` returns
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.out: list[Command] = []
        self.words: list[_Field] = []
        self.files: list[str] = []
        self.pending = ""  # the redirection whose file comes next
        self.previous = cwd  # to which `cd -` returns
        self.parens = 0
        self.unclosed = 0
        self.heredocs: list[tuple[str, bool]] = []

    def commands(self) -> list[Command]:
        text, at, end = self.text, 0, len(self.text)
        while at < end:
            if match := _SPACE.match(text, at) or _COMMENT.match(text, at):
                at = match.end()
            elif match := _HEREDOC.match(text, at):
                self.heredocs.append((match[4], match[1] == "-"))
                at = match.end()
            elif match := _REDIRECT.match(text, at):
                if not match[2] or match[2] == "&":
                    self.pending = match[1] or "<<<"
                at = match.end()
            elif text.startswith("((", at) and (stop := text.find("))", at, at + 400)) > 0:
                at = stop + 2
            elif match := _OPERATOR.match(text, at):
                at = self._operator(match[0], match.end())
            else:
                at = max(self._word(at), at + 1)  # a character that is neither blank nor word, such as a no-break space
        self._flush()
        return self.out

    def _operator(self, operator: str, at: int) -> int:
        if operator == "(":
            if self.words and self.text.startswith(")", at):  # name() {: a function
                self.words.clear()
                return at + 1
            if self.words and self.words[-1].text.endswith("=") and self.text[at - 2] == "=":  # an array
                self.words.pop()
                return max(at, self._closing(at))
            self.parens += 1
            self.subshells.append(self.cwd)
        elif operator == ")":
            if self.parens == 0:  # a pattern of a case
                self.words.clear()
            self.parens = max(0, self.parens - 1)
        self._flush()
        if operator == ")" and self.subshells:
            self.cwd = self.subshells.pop()
        if operator == "\n":
            for mark, tabs in self.heredocs:
                at = self._after_heredoc(at, mark, tabs)
            self.heredocs.clear()
        return at

    def _after_heredoc(self, at: int, mark: str, tabs: bool) -> int:
        found = re.compile(rf"^{chr(9) + '*' if tabs else ''}{re.escape(mark)}[ \t]*$", re.MULTILINE).search(self.text, at)
        return found.end() if found else len(self.text)

    def _word(self, at: int) -> int:
        text, end = self.text, len(self.text)
        word = _Word(at)
        nested: list[tuple[int, str]] = []
        while at < end:
            if match := _TEMPLATE.match(text, at) or _PLAIN.match(text, at):
                word.add(match[0])
            elif match := _SINGLE.match(text, at):
                word.quoted = True
                word.add(match[1])
            elif text[at] == '"' and (stop := self._double(at + 1)):
                word.quoted = True
                inner = text[at + 1 : stop - 1]
                nested.extend(self._inside(inner, at + 1))
                word.add(re.sub(r'\\([$`"\\])|\\\n', lambda m: m[1] or "", self._filled(inner)))
                at = stop
                continue
            elif text.startswith("$(", at) and (stop := self._closing(at + 2)):
                word.add(text[at:stop])
                nested.append((at + 2, text[at + 2 : stop - 1]))
                at = stop
                continue
            elif match := _TICKS.match(text, at):
                word.add(match[0])
                nested.append((match.start(1), match[1]))
            elif match := _REFERENCE.match(text, at):
                filled = self._filled(match[0])
                (word.add if word.assigns or filled == match[0] else word.split)(filled)
            elif text[at] == "\\":
                word.add("" if text[at + 1 : at + 2] == "\n" else text[at + 1 : at + 2])
                at = min(at + 2, end)
                continue
            elif text[at] in "'\"`":  # never closed
                word.add(text[at])
                at += 1
                continue
            else:
                break
            at = match.end()
        if self.pending:
            self._redirected(" ".join(word.fields))
        else:
            self.words.extend(_Field(field, word.at, word.quoted) for field in word.fields)
        for start, inner in nested:
            self._nested(start, inner)
        return at

    def _redirected(self, file: str) -> None:
        if file and file != "/dev/null" and self.pending != "<<<":
            self.files += [">" if self.pending == ">|" else self.pending, file]
        self.pending = ""

    def _inside(self, text: str, start: int) -> list[tuple[int, str]]:
        """The command substitutions of a double-quoted string."""
        found, at = [], text.find("$(")
        while at >= 0 and (stop := _closing(text, at + 2)):
            found.append((start + at + 2, text[at + 2 : stop - 1]))
            at = text.find("$(", stop)
        return found

    def _nested(self, at: int, text: str) -> None:
        if self.depth < _DEPTH and not text.startswith("("):
            nested = _Script(text, self._line(at), self.constants.copy(), self.depth + 1, self.cwd, _varying(text))
            self.out.extend(nested.commands())

    def _double(self, at: int) -> int:
        """Just after the quote that closes the one before `at`; 0 when none does."""
        while self.unclosed <= _UNCLOSED and (match := _IN_DOUBLE.search(self.text, at)):
            if match[0] == '"':
                return match.end()
            at = match.end() + 1 if match[0] == "\\" else self._closing(match.end()) or match.end()
        self.unclosed += 1
        return 0

    def _closing(self, at: int) -> int:
        if self.unclosed > _UNCLOSED:
            return 0
        stop = _closing(self.text, at)
        self.unclosed += stop == 0
        return stop

    def _filled(self, text: str) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1] or match[2]
            if name not in self.constants:
                self.varying.add(name)  # read before it is set here: the caller may set it
            found = self.constants.get(name)
            return match[0] if found is None else found

        for name in _DEFAULTED.findall(text):
            if name not in self.constants:
                self.varying.add(name)
        return _VARIABLE.sub(value, text)

    def _line(self, at: int) -> int:
        return self.first_line + bisect_right(self.newlines, at - 1)

    def _flush(self) -> None:
        words, files = self.words, self.files
        self.words, self.files, self.pending = [], [], ""
        start = 0
        while start < len(words) and not words[start].quoted and words[start].text in _KEYWORDS:
            start += 1
        if [word.text[:1] == "-" for word in words[start + 1 : start + 2]] == [False] and words[start].text == "sudo":
            start += 1
        words = words[start:]
        if not words or words[0].text in _NO_COMMAND or words[-1].text == "]]":
            return None
        line = self._line(words[0].at)
        if words[0].text in _EXPORTS:
            return self._export([word.text for word in words[1:]], line)
        env: list[tuple[str, str]] = []
        rest = start = 1 if words[0].text == "env" else 0
        while rest < len(words) and (match := _ASSIGNMENT.match(words[rest].text)):
            env.append((match[1], words[rest].text[match.end() :]))
            rest += 1
        if rest == len(words) and not start:
            for name, value in env:
                self._set(name, value)
        elif rest < len(words):
            first = 0 if start and not env else rest
            argv = tuple(_own_folder(word.text) if "dirname" in word.text else word.text for word in words[first:])
            self.out.append(Command((*argv, *files), line, tuple(env), self.cwd))
            self._move(argv)
        return None

    def _move(self, argv: tuple[str, ...]) -> None:
        """Follow `cd`, `pushd` and `popd`."""
        target = next((word for word in argv[1:] if word != "--"), "~")
        if argv[0] == "popd" and self.folders:
            self.cwd = self.folders.pop()
        elif argv[0] == "cd" and target == "-":
            self.cwd = self.previous
        elif argv[0] in ("cd", "pushd"):
            self.folders += [self.cwd] if argv[0] == "pushd" else []
            self.previous, self.cwd = self.cwd, folder(self.cwd, _own_folder(target))

    def _export(self, fields: list[str], line: int) -> None:
        env: list[tuple[str, str]] = []
        for field in fields:
            if match := _ASSIGNMENT.match(field):
                env.append((match[1], field[match.end() :]))
                self._set(match[1], field[match.end() :])
            elif (value := self.constants.get(field)) is not None:
                env.append((field, value))
        if env:
            self.out.append(Command((), line, tuple(env), self.cwd))

    def _set(self, name: str, value: str) -> None:
        value = _own_folder(value)
        if name not in self.varying and "$(" not in value and "`" not in value:
            self.constants.set(name, value)


def _closing(text: str, at: int) -> int:
    """Just after the parenthesis that closes the one before `at`; 0 when none does within the window."""
    depth = 1
    for match in _IN_SUBSTITUTION.finditer(text, at, at + _WINDOW):
        depth += (match[0] == "(") - (match[0] == ")")
        if depth == 0:
            return match.end()
    return 0
