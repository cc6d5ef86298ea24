"""IPython syntax in a code cell, masked so that what is left is Python with every line where it was.

What a magic does to names is kept (`x = !ls` binds x, `%pylab` imports), what it runs becomes commands. A bound result is a
call, not a constant: a constant would make branches on it look decided.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from collections.abc import Iterator, Sequence

import msgspec

from mldebt.facts.model import Command
from mldebt.sources.shell import folder, script

_BODY_IS_SHELL = frozenset(("bash", "sh", "!", "sx", "system"))
# fmt: off
_BODY_IS_PYTHON = frozenset((
    "time", "timeit", "capture", "prun", "memit", "mprun", "heat", "snakeviz", "scalene", "pyinstrument", "python", "python3", "local",
    "spark", "wandb", "notify", "debug", "ipytest",
))
_BODY_IS_OTHER = frozenset((
    "html", "HTML", "javascript", "js", "latex", "markdown", "md", "svg", "SVG", "perl", "ruby", "R", "r", "julia", "scala", "sql",
    "bigquery", "cython", "script", "cmd", "configure", "manim", "mermaid", "writetemplate", "css", "graphql", "cypher", "sparql",
    "kotlin", "fs", "go", "rust",
))
# fmt: on
_DATABRICKS = frozenset(("sql", "md", "sh", "scala", "r", "fs", "python"))  # `%sql` alone on the first line: the cell's language
_MOVES = re.compile(r"\s*%cd\b")
_CELL = re.compile(r"%%\s*([\w!]+)(.*)")
_LINE = re.compile(r"%\s*(\w+)\s*(.*)", re.DOTALL)
_ASSIGN = re.compile(r"(?<![=!<>])=\s*([!%])")
_TARGET = re.compile(r"[\w.,\s\[\]()*]+")
_TOKEN = re.compile(r"'''|\"\"\"|['\"#()\[\]{}]|\\.")
_CAPTURED = re.compile(r"(?:-[\w-]+\s+)*([A-Za-z_]\w*)")
_SQL_RESULT = re.compile(r"\s*([A-Za-z_]\w*)\s*<<")
_TIMER_OPTIONS = re.compile(r"(?:-[nrpto]\s*\d*\s+|-q\s+)*")
_TIMERS = frozenset({"time", "timeit", "prun", "memit"})


class Masked(msgspec.Struct, frozen=True):
    """A cell's Python. Lines of commands are those of the cell; `written` is (file name, appended) of a %%writefile cell.

    `cwd` is the folder in which the notebook goes on: `%cd` moves it, a `cd` in a shell of its own does not.
    """

    lines: tuple[str, ...]
    commands: tuple[Command, ...] = ()
    written: tuple[str, bool] | None = None
    cwd: str = ""


def mask(lines: Sequence[str], cwd: str = "") -> Masked:
    """The cell with its magics masked, line for line; the notebook is in the folder `cwd`."""
    masked = _mask(lines)
    commands: list[Command] = []
    for command in masked.commands:
        commands.append(msgspec.structs.replace(command, cwd=folder(cwd, command.cwd)))
        if command.argv[:1] == ("cd",) and _MOVES.match(lines[command.line - 1]):
            cwd = folder(cwd, command.argv[1]) if len(command.argv) > 1 else "~"
    return msgspec.structs.replace(masked, commands=tuple(commands), cwd=cwd)


def _mask(lines: Sequence[str]) -> Masked:
    first = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    if first < len(lines) and lines[first].lstrip().startswith("%"):
        head = lines[first].strip()
        if match := _CELL.match(head):
            return _cell_magic(lines, first, match[1], match[2].strip())
        if (match := _LINE.match(head)) and match[1] in _DATABRICKS and (match[1] == "md" or not match[2]):
            return _cell_magic(lines, first, match[1], "")
    if not any("%" in line or "!" in line or "?" in line or line.lstrip()[:1] in ("/", ",", ";") for line in lines):
        return Masked(tuple(lines))
    return _body(lines)


def _cell_magic(lines: Sequence[str], first: int, name: str, rest: str) -> Masked:
    head = lines[first]
    body = [""] * (first + 1) + list(lines[first + 1 :])
    if name in _BODY_IS_SHELL or (name == "script" and rest.split()[:1] in (["bash"], ["sh"])):
        text = "\n".join([rest if name in ("!", "sx", "system") else "", *lines[first + 1 :]])
        return Masked(("",) * len(lines), script(text, first_line=first + 1))
    if name in ("writefile", "file"):
        words = _words(rest)
        target = next((word for word in words if not word.startswith("-")), "")
        return Masked(("",) * len(lines), written=(target, "-a" in words or "--append" in words) if target else None)
    if name not in _BODY_IS_OTHER:
        masked = _body(body)
        if name in _BODY_IS_PYTHON or parses("\n".join(masked.lines)):
            captured = _CAPTURED.fullmatch(rest) if name == "capture" else None
            opening = _padded(f"{captured[1]} = object()", head) if captured else ""
            return Masked((*body[:first], opening, *masked.lines[first + 1 :]), masked.commands)
    bound = _SQL_RESULT.match(rest) if name == "sql" else _CAPTURED.match(rest) if name == "bigquery" else None
    opening = _padded(f"{bound[1]} = object()", head) if bound else ""
    return Masked((*body[:first], opening, *[""] * (len(lines) - first - 1)))


def _body(lines: Sequence[str]) -> Masked:
    out: list[str] = []
    commands: list[Command] = []
    quote, depth, continued = "", 0, False
    index = 0
    while index < len(lines):
        line = lines[index]
        stop = index + 1
        start = line.strip()
        if quote or depth or continued or not start:
            new = line
        elif start[0] in "%!?/,;" or _asks(start) or _assigned(line):
            while lines[stop - 1].endswith("\\") and stop < len(lines):
                stop += 1
            new, found = _line_magic("\n".join(lines[index:stop]), index + 1)
            commands.extend(found)
        else:
            new = line
        quote, depth, continued = _state(new, quote, depth)
        out.append(new)
        out.extend([""] * (stop - index - 1))
        index = stop
    return Masked(tuple(out), tuple(commands))


def _line_magic(text: str, number: int) -> tuple[str, tuple[Command, ...]]:
    """The Python that stands for one line of IPython (`text` has its continuation lines too), and what it runs."""
    line = text.split("\n", 1)[0]
    indent = line[: len(line) - len(line.lstrip())]
    if line.strip()[0] == "!":
        return _nothing(line), script(text.strip().lstrip("!"), first_line=number)
    if match := _LINE.match(text.strip()):
        name, rest = match[1], match[2]
        if name in _TIMERS and "\n" not in text and (kept := _timed(line, rest)):
            return indent + kept[len(indent) :], ()
        if name == "pylab":
            return indent + "from pylab import *", ()
        if name == "run" and (module := _module(rest)):
            return indent + f"from {module} import *", _magic_commands(name, rest, number)
        return _nothing(line), _magic_commands(name, rest, number)
    if at := _assigned(text):
        target, sign, rest = text[:at], text[at], text[at + 1 :].strip()
        if sign == "!":
            return _padded(f"{target}list()", line), script(rest.lstrip("!"), first_line=number)
        magic = _LINE.match("%" + rest)
        if magic and magic[1] in _TIMERS and "\n" not in text and parses(magic[2]):
            return target + magic[2].rjust(len(line) - len(target)), ()
        return _padded(f"{target}object()", line), _magic_commands(magic[1], magic[2], number) if magic else ()
    return _nothing(line), ()


def _asks(line: str) -> bool:
    """Whether the line is a request for help, `name?`."""
    return line.endswith("?") and not set(line) & set("#'\"")


def _assigned(text: str) -> int:
    """Where the `!` or `%` of `x = !cmd` stands; 0 when it is no such line."""
    match = _ASSIGN.search(text)
    return match.start(1) if match and _TARGET.fullmatch(text, 0, match.start()) else 0


def _timed(line: str, rest: str) -> str:
    """`%time x = f()` as `pass; x = f()`, the statement at its own column; "" when it is not one simple statement."""
    options = _TIMER_OPTIONS.match(rest)
    statement = rest[options.end() :] if options else rest
    column = len(line.rstrip()) - len(statement.rstrip())
    start = len(line) - len(line.lstrip())
    if not statement or not parses(f"pass; {statement}"):
        return ""
    return (line[:start] + "pass;").ljust(column) + statement


def _magic_commands(name: str, rest: str, number: int) -> tuple[Command, ...]:
    """What a line magic runs: `%run` becomes `python`, `%env` an assignment."""
    if name in ("sx", "system", "sh"):
        return script(rest, first_line=number)
    if name in ("pip", "conda", "mamba", "cd", "dvc"):
        return script(f"{name} {rest}", first_line=number)
    if name == "run":
        words = _words(rest)
        while words and re.fullmatch(r"-[nidtpGeN]+\d*", words[0]):
            words = words[1:]
        return (Command(("python", *words), number),) if words else ()
    if name in ("env", "set_env") and (match := re.match(r"([A-Za-z_]\w*)(?:\s*=\s*|\s+)(.+)", rest)):
        return (Command((), number, ((match[1], match[2].strip()),)),)
    return ()


def _module(rest: str) -> str:
    """The module whose names `%run path` brings in, "" when the path does not say."""
    for word in _words(rest):
        if not word.startswith("-"):
            parts = [part for part in re.sub(r"\.(py|ipynb)$", "", word).split("/") if part not in (".", "..", "")]
            return ".".join(parts) if parts and all(part.isidentifier() for part in parts) and not word.startswith("/") else ""
    return ""


def _state(line: str, quote: str, depth: int) -> tuple[str, int, bool]:
    """The open quote, the bracket depth and whether a backslash continues the line, after it."""
    at, end = 0, len(line)
    comment = False
    while at < end:
        if quote:
            closing = next((m.end() for m in _closing(quote, line, at)), -1)
            if closing < 0:
                return (quote if len(quote) == 3 or line.endswith("\\") else ""), depth, False
            at, quote = closing, ""
        elif not (match := _TOKEN.search(line, at)):
            break
        elif (token := match[0]) == "#":
            comment = True
            break
        else:
            at = match.end()
            if token in "([{":
                depth += 1
            elif token in ")]}":
                depth = max(0, depth - 1)
            elif token[0] in "'\"":
                quote = token
    return (quote if len(quote) == 3 else ""), depth, line.endswith("\\") and not comment


def _closing(quote: str, line: str, at: int) -> Iterator[re.Match[str]]:
    return (m for m in re.compile(r"\\.|" + quote).finditer(line, at) if m[0] == quote)


def _nothing(line: str) -> str:
    """A statement that does nothing, as long as `line` and with its indentation."""
    indent = len(line) - len(line.lstrip())
    word = "pass" if len(line) - indent >= 4 else "0"
    return (line[:indent] + word).ljust(len(line))


def _padded(code: str, line: str) -> str:
    return code.ljust(len(line))


def _words(rest: str) -> list[str]:
    try:
        return shlex.split(rest, comments=False)
    except ValueError:
        return rest.split()


def parses(code: str) -> bool:
    """Whether `code` is Python by itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True
