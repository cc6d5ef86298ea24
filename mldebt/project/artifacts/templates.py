"""Strings with holes: building them, joining them as paths, reading them from configuration text, showing them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from mldebt.project.artifacts.model import Hole, Template

FIRST_CODE = 0x100000  # a private plane of Unicode: a hole as one character, so that strings with holes are cut as strings
_DIRECTIVE = r"%[-#]?[YymdHMSjBbaAIpfTUWs]"
_DATED = re.compile(r"%[-#]?[YyH]")
_GLOB = r"(?P<glob>\*\*|\*|\?|\[[!^]?[^\]/\[]+\])"
_HOLES = re.compile(
    r"\$\{\{\s*+(?P<action>(?:[^}\s]|\s++(?!\}\}))*+)\s*+\}\}"
    r"|\{\{-?\s*+(?P<jinja>(?:[^}\s-]|\s++(?!-?\}\})|-(?!\}\}))*+)\s*+-?\}\}"
    r"|\$\{(?P<braced>[^{}]+)\}"
    r"|\$\((?P<command>[^()]+)\)"
    r"|\$(?P<variable>[A-Za-z_]\w*|[0-9@*](?![0-9]))"
    r"|\{(?P<field>[^{}/]*)\}"
    r"|<(?P<placeholder>[A-Za-z][\w .-]*)>"
    rf"|(?P<date>{_DIRECTIVE}(?:[-_.:T]?{_DIRECTIVE})*)"
    r"|%(?:\((?P<named>\w+)\))?(?P<printf>0\d+[di]|[sdirf]|\.\df)"
    rf"|{_GLOB}"
)
_GLOBS = re.compile(_GLOB)
_TIME = re.compile(
    r"(?:(?:next_|prev_|yesterday_|tomorrow_)?(?:ds|ts|execution_date|logical_date)|data_interval|macros\.|dag_run\.(?:logical|execution))"
)
_TIME_NAME = re.compile(r"(?:.*[._])?(?:now|today|timestamp|datetime|time_?stamp|ds|ds_nodash|execution_date)(?:\(\))?")
_RUN = re.compile(r"(?:.*[._])?(?:run_?id|run_number|run_name|uuid\d?|guid|sha|commit|git_commit|build_id|job_id)(?:\(\))?", re.IGNORECASE)
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]*")


def template(*pieces: str | Hole | Template) -> Template:
    """The pieces in order, with neighbouring texts joined and empty texts left out."""
    result: list[str | Hole] = []
    for piece in pieces:
        for part in piece if isinstance(piece, tuple) else (piece,):
            if isinstance(part, str) and result and isinstance(last := result[-1], str):
                result[-1] = last + part
            elif part != "":
                result.append(part)
    return tuple(result)


def coded(t: Template) -> tuple[str, tuple[Hole, ...]]:
    """The template as one string in which each hole is one private character, to be undone by `decoded`."""
    if not t or (len(t) == 1 and isinstance(t[0], str)):
        return (t[0] if t and isinstance(t[0], str) else ""), ()
    holes = tuple(part for part in t if type(part) is Hole)
    numbers = iter(range(FIRST_CODE, FIRST_CODE + len(holes)))
    return "".join(part if isinstance(part, str) else chr(next(numbers)) for part in t), holes


def decoded(code: str, holes: tuple[Hole, ...]) -> Template:
    """The template of a string, or of a part of a string, made by `coded`."""
    if not holes:
        return (code,) if code else ()
    pieces: list[str | Hole] = []
    start = 0
    for at, letter in enumerate(code):
        if 0 <= (index := ord(letter) - FIRST_CODE) < len(holes):
            pieces += (code[start:at], holes[index])
            start = at + 1
    return template(*pieces, code[start:])


def join_path(*parts: Template) -> Template:
    """As `os.path.join`: an absolute part discards what stands before it; holes count as relative."""
    result: Template = ()
    for part in parts:
        first = part[0] if part else ""
        if not result or (isinstance(first, str) and first.startswith(("/", "\\"))):
            result = part
        elif isinstance(last := result[-1], str) and last.endswith(("/", "\\")):
            result = template(result, part)
        else:
            result = template(result, "/", part)
    return result


def text(t: Template) -> str:
    """For people: a hole is `{name}`, or `*` where it takes many values or has no name."""
    return "".join(part if isinstance(part, str) else _shown(part) for part in t)


def _shown(hole: Hole) -> str:
    if hole.origin == "glob" and hole.name == "**":
        return "**"
    return f"{{{hole.name}}}" if hole.name and hole.origin not in ("loop", "glob") else "*"


def is_constant(t: Template) -> bool:
    """Whether the template has no hole."""
    return not t or (len(t) == 1 and isinstance(t[0], str))


def segments(t: Template) -> tuple[Template, ...]:
    """The parts between `/`; the first one is empty where the path is absolute."""
    code, holes = coded(t)
    return tuple(decoded(part, holes) for part in code.split("/"))


def normal_path(t: Template) -> Template:
    """The path with `\\`, `./`, `//`, a trailing slash and `a/..` (of texts) folded; a scheme such as `s3://` stays."""
    code, holes = coded(t)
    return decoded(_folded(code), holes)


@lru_cache(maxsize=20_000)
def _folded(path: str) -> str:
    path = path.replace("\\", "/")
    head = ""
    if match := re.match(r"[^/\s]{1,40}://", path):
        head, path = match[0], path[match.end() :]
    kept: list[str] = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and kept and kept[-1] != ".." and not _has_hole(kept[-1]):
            kept.pop()
        elif part != ".." or kept or not path.startswith("/"):
            kept.append(part)
    folded = "/".join(kept)
    if path.startswith("/"):
        return f"{head}/{folded}"
    return head + folded or ("." if path else "")


def _has_hole(code: str) -> bool:
    return any(ord(letter) >= FIRST_CODE for letter in code)


def from_glob(t: Template) -> Template:
    """The template with `*`, `**`, `?` and `[...]` in its texts as holes."""
    return template(*(_cut(part, _GLOBS, _glob) if isinstance(part, str) else part for part in t))


@lru_cache(maxsize=20_000)
def parse(source: str) -> Template:
    """A text of a shell script, YAML file, orchestrator or SQL as a template: variables, Jinja, format fields, globs, dates are holes."""
    dated = _DATED.search(source) is not None
    url = "://" in source

    def hole(found: re.Match[str]) -> Hole | None:
        if found["glob"] == "?" and url:
            return None
        if found["date"] is not None and not dated:
            return Hole() if re.fullmatch(r"%[sdf]", found[0]) else None
        return _hole(found)

    return _cut(source, _HOLES, hole)


def _cut(source: str, pattern: re.Pattern[str], hole: Callable[[re.Match[str]], Hole | None]) -> Template:
    pieces: list[str | Hole] = []
    at = 0
    for found in pattern.finditer(source):
        if (made := hole(found)) is not None:
            pieces += (source[at : found.start()], made)
            at = found.end()
    return template(*pieces, source[at:])


def _glob(found: re.Match[str]) -> Hole:
    return Hole("**" if found["glob"] == "**" else "", "glob")


def _hole(found: re.Match[str]) -> Hole:
    kind = found.lastgroup if found.lastgroup != "printf" else "named"
    inside = found[kind] or "" if kind else ""
    match kind:
        case "glob":
            return _glob(found)
        case "date":
            return Hole("", "time")
        case "jinja":
            return _jinja(inside)
        case "action":
            return _action(inside)
        case "braced":
            return _braced(inside)
        case "command":
            return _command(inside)
        case "variable":
            return Hole(inside, "env" if inside[0].isalpha() or inside[0] == "_" else "cli")
        case "placeholder":
            return Hole(inside, "param")
        case "field":
            return _field(inside)
        case _:
            return _named(inside, "unknown")


def _named(name: str, origin: str) -> Hole:
    if _TIME_NAME.fullmatch(name):
        return Hole(name, "time")
    return Hole(name, "run" if _RUN.fullmatch(name) else origin)


def _jinja(inside: str) -> Hole:
    name = found[0] if (found := _IDENTIFIER.match(inside)) else ""
    if _TIME.match(name) and not name.startswith("dsn"):
        return Hole(name, "time")
    if name == "var" and (quoted := re.search(r"['\"]([^'\"]+)['\"]", inside)):
        return Hole(quoted[1], "config")
    if name == "env_var" and (quoted := re.search(r"['\"]([^'\"]+)['\"]", inside)):
        return Hole(quoted[1], "env")
    return _named(name, "config" if name.startswith(("var.", "params.", "conn.", "conf.", "cookiecutter.")) else "unknown")


def _action(inside: str) -> Hole:
    top = inside.partition(".")[0]
    return _named(inside, {"env": "env", "matrix": "loop", "inputs": "param"}.get(top, "config"))


def _braced(inside: str) -> Hole:
    """Shell `VAR`, `VAR:-default`, `VAR%suffix`; OmegaConf `a.b`, `now:...`, `oc.env:VAR`, `hydra:...`."""
    name = found[0] if (found := _IDENTIFIER.match(inside)) else inside[:1]
    if name == "now":
        return Hole("", "time")
    if name == "oc.env":
        return Hole(re.split(r"[:,]", inside)[1].strip(), "env")
    if name == "hydra" and ":" in inside:
        return Hole(inside, "run")
    if "." in name or name.startswith("_"):
        return _named(name, "config")
    return _named(name, "cli" if name.isdigit() or name in "@*#" else "env")


def _command(inside: str) -> Hole:
    word = inside.split()[0] if inside.split() else ""
    if word == "date":
        return Hole("", "time")
    if word in ("git", "uuidgen", "uuid"):
        return Hole("", "run")
    return Hole(word, "env") if re.fullmatch(r"[A-Z_][A-Z0-9_]*", inside) else Hole(word, "unknown")


def _field(inside: str) -> Hole:
    if "," in inside or ".." in inside:
        return Hole("", "glob")  # {a,b} and {1..5} of a shell
    name, _, form = inside.partition(":")
    name = name.partition("!")[0].strip()
    if "%" in form and _DATED.search(form):
        return Hole(name, "time")
    return _named("" if name.isdigit() else name, "unknown")
