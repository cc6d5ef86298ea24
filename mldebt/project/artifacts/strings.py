"""What operators, methods and functions of strings and paths make of templates."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import count, product

from mldebt.project.artifacts.model import Folded, Hole, Template
from mldebt.project.artifacts.templates import from_glob, join_path, template

Build = Callable[[list[Template]], Template]
_CHOICES = 12
_PARTS = 400
_TEXT = 100_000
_PERCENT = re.compile(r"%(?:\((\w+)\))?[-+ #0]*+(?:\*|\d+)?(?:\.\d+)?[hlL]?([diouxXeEfFgGcrsa%])")
_FIELD = re.compile(r"\{\{|\}\}|\{([^{}!:]*)(?:![rsa])?(?::[^{}]*(?:\{[^{}]*\}[^{}]*)*)?\}")
_HOLE: Template = (Hole(),)


def constant(value: object) -> tuple[Folded, ...]:
    """A literal as a string; nothing for None and booleans, which name no artifact."""
    if value is None or isinstance(value, bool):
        return ()
    return (Folded(template(value if isinstance(value, str) else str(value))),)


def combined(choices: Sequence[tuple[Folded, ...]], build: Build) -> tuple[Folded, ...]:
    """`build` over every choice of one string each; the named constants and open parameters of the parts are joined."""
    total = 1
    for choice in choices:
        total *= len(choice)
    if total > _CHOICES:  # the longest lists of choices become holes first
        width = sorted((len(c) for c in choices), reverse=True)[0]
        choices = [_widened(c) if len(c) == width else c for c in choices]
        return combined(choices, build)
    found = []
    for parts in product(*choices):
        made = build([p.template for p in parts])
        if len(made) > _PARTS or sum(len(p) for p in made if isinstance(p, str)) > _TEXT:
            made = _HOLE  # a text that doubles itself in a loop names nothing
        found.append(
            Folded(
                made,
                frozenset().union(*(p.constants for p in parts)),
                frozenset().union(*(p.parameters for p in parts)),
                min((p.certainty for p in parts), default=1.0),
            )
        )
    return tuple(found)


def _widened(choice: tuple[Folded, ...]) -> tuple[Folded, ...]:
    names = {h.name for f in choice for h in f.template if type(h) is Hole}
    certainty = min(f.certainty for f in choice)
    parameters = frozenset().union(*(f.parameters for f in choice))
    return (Folded((Hole(min(names, default=""), "loop"),), parameters=parameters, certainty=certainty),)


def plain(made: Template) -> str | None:
    """The text of a template without holes."""
    if not made:
        return ""
    return made[0] if len(made) == 1 and isinstance(made[0], str) else None


def joined(parts: Sequence[Template]) -> Template:
    return join_path(*parts)


def globbed(parts: list[Template]) -> Template:
    return from_glob(join_path(*parts))


def join_text(separator: Template, items: Sequence[Template]) -> Template:
    pieces: list[str | Hole] = []
    for index, item in enumerate(items):
        pieces += [*(separator if index else ()), *item]
    return template(*pieces)


def percent(pattern: Template, given: Sequence[Template] | Mapping[str, Template]) -> Template:
    """`pattern % given`."""
    places = count()

    def filled(match: re.Match[str]) -> Template:
        if match[2] == "%":
            return ("%",)
        if isinstance(given, Mapping):
            return given.get(match[1] or "", _HOLE)
        return given[place] if (place := next(places)) < len(given) else _HOLE

    return _filled(pattern, _PERCENT, filled)


def formatted(pattern: Template, given: Sequence[Template], named: Mapping[str, Template]) -> Template:
    """`pattern.format(*given, **named)`."""
    places = count()

    def filled(match: re.Match[str]) -> Template:
        if match[1] is None:
            return (match[0][0],)
        name = match[1].strip()
        if name in named:
            return named[name]
        if not name or (name.isdecimal() and len(name) < 10):
            at = int(name) if name else next(places)
            return given[at] if at < len(given) else _HOLE
        return (Hole(re.split(r"[.\[]", name)[-1].rstrip("]")),)

    return _filled(pattern, _FIELD, filled)


def _filled(pattern: Template, field: re.Pattern[str], filled: Callable[[re.Match[str]], Template]) -> Template:
    """The pattern with each match of `field` in its text replaced, from left to right."""
    pieces: list[str | Hole] = []
    for part in pattern:
        if type(part) is Hole:
            pieces.append(part)
            continue
        end = 0
        for match in field.finditer(part):
            pieces += [part[end : match.start()], *filled(match)]
            end = match.end()
        pieces.append(part[end:])
    return template(*pieces)


def _parent(parts: list[Template]) -> Template:
    base = parts[0]
    for at in range(len(base) - 1, -1, -1):
        piece = base[at]
        if "/" in (text := _bare(base, at)):
            return template(*base[:at], text.rpartition("/")[0] or ("" if at else "/"))
        if type(piece) is Hole and at == 0:
            return (piece,) if len(base) == 1 else (Hole(piece.name, piece.origin),)
    return template(".")


def _name(parts: list[Template]) -> Template:
    base = parts[0]
    for at in range(len(base) - 1, -1, -1):
        if "/" in (text := _bare(base, at)):
            return template(text.rpartition("/")[2], *base[at + 1 :])
    return base


def _bare(base: Template, at: int) -> str:
    """A text of a path, without the slash at the end of the path."""
    piece = base[at]
    if type(piece) is Hole:
        return ""
    return piece if at + 1 < len(base) else piece.rstrip("/")


def _without_suffix(base: Template) -> Template:
    if base and isinstance(base[-1], str):
        stem, dot, suffix = base[-1].rpartition(".")
        if dot and "/" not in suffix and (stem or len(base) > 1):
            return template(*base[:-1], stem)
    return base


def _suffix(base: Template) -> Template:
    if base and isinstance(base[-1], str):
        _, dot, suffix = base[-1].rpartition(".")
        if dot and "/" not in suffix:
            return template(dot + suffix)
    return (Hole("suffix"),)


def _stem(parts: list[Template]) -> Template:
    return _without_suffix(_name(parts))


def _replaced(parts: list[Template]) -> Template:
    if len(parts) == 2:  # pathlib: rename to
        return parts[1]
    if len(parts) < 3:  # of a date or a struct, by keywords
        return (Hole("replaced"),)
    old, new = (plain(p) for p in parts[1:3])
    if old is None or new is None or not old:
        return parts[0] if plain(parts[0]) is None else (Hole("replaced"),)
    return template(*(p.replace(old, new) if isinstance(p, str) else p for p in parts[0]))


def _with_texts(change: Callable[[str], str]) -> Build:
    return lambda parts: template(*(change(p) if isinstance(p, str) else p for p in parts[0]))


def _same(parts: list[Template]) -> Template:
    return parts[0]


def _stripped(parts: list[Template]) -> Template:
    text = plain(parts[0])
    characters = plain(parts[1]) if len(parts) > 1 else None
    return parts[0] if text is None else template(text.strip(characters))


def _right_stripped(parts: list[Template]) -> Template:
    base = parts[0]
    characters = plain(parts[1]) if len(parts) > 1 else None
    return template(*base[:-1], base[-1].rstrip(characters)) if base and isinstance(base[-1], str) else base


def _without_end(parts: list[Template]) -> Template:
    base, end = parts[0], plain(parts[1]) if len(parts) > 1 else None
    return template(*base[:-1], base[-1].removesuffix(end)) if end and base and isinstance(base[-1], str) else base


PATH_ATTRIBUTES: dict[str, Build] = {"parent": _parent, "stem": _stem, "name": _name, "suffix": lambda p: _suffix(_name(p))}

METHODS: dict[str, Build] = {
    "joinpath": joined,
    "with_suffix": lambda p: template(*_without_suffix(p[0]), *(p[1] if len(p) > 1 else ())),
    "with_name": lambda p: joined([_parent(p), p[1] if len(p) > 1 else _HOLE]),
    "with_stem": lambda p: template(*joined([_parent(p), p[1] if len(p) > 1 else _HOLE]), *_suffix(_name(p))),
    "replace": _replaced,
    "lower": _with_texts(str.lower),
    "upper": _with_texts(str.upper),
    "strip": _stripped,
    "rstrip": _right_stripped,
    "lstrip": _same,
    "resolve": _same,
    "absolute": _same,
    "expanduser": _same,
    "as_posix": _same,
    "as_uri": _same,
    "__str__": _same,
    "__fspath__": _same,
    "encode": _same,
    "decode": _same,
    "relative_to": _same,
    "open": _same,
    "glob": globbed,
    "rglob": lambda p: globbed([p[0], (Hole("", "glob"),), *p[1:]]),
    "removesuffix": _without_end,
    "strftime": lambda p: (Hole("date", "time"),),
    "isoformat": lambda p: (Hole("date", "time"),),
}  # fmt: skip

NAMES = {**dict.fromkeys(("os.sep", "os.path.sep", "posixpath.sep", "os.altsep"), "/"), "sys.executable": "python"}
_JOINS = ("os.path.join", "posixpath.join", "ntpath.join", "pathlib.Path", "pathlib.PurePath", "pathlib.PosixPath", "pathlib.PurePosixPath")
FUNCTIONS: dict[str, Build] = {
    **dict.fromkeys(_JOINS, lambda p: joined(p) if p else template(".")),
    **dict.fromkeys(("os.path.dirname", "posixpath.dirname"), lambda p: _parent(p or [_HOLE])),
    **dict.fromkeys(("os.path.basename", "posixpath.basename"), lambda p: _name(p or [_HOLE])),
    **dict.fromkeys(("os.getcwd", "pathlib.Path.cwd"), lambda p: template(".")),
    **dict.fromkeys(("os.path.expanduser",), lambda p: p[0] if p else _HOLE),
    **dict.fromkeys(("pathlib.Path.home",), lambda p: template("~")),
}  # fmt: skip
VARIADIC = frozenset(_JOINS)
SAME = frozenset({
    "builtins.str", "os.path.abspath", "os.path.realpath", "os.path.normpath", "os.path.expandvars", "os.fspath", "builtins.repr",
    "builtins.open", "copy.copy", "copy.deepcopy", "builtins.sorted", "builtins.list", "builtins.tuple", "builtins.set", "builtins.iter",
    "builtins.next", "builtins.reversed", "tqdm.tqdm", "builtins.bytes", "io.open", "urllib.parse.quote", "builtins.max", "builtins.min",
})  # fmt: skip
# The places of what these return: (function, index)
CUTS: dict[tuple[str, int], Build] = {
    ("os.path.splitext", 0): lambda p: _without_suffix(p[0] if p else _HOLE),
    ("os.path.splitext", 1): lambda p: _suffix(p[0] if p else _HOLE),
    ("os.path.split", 0): lambda p: _parent(p or [_HOLE]),
    ("os.path.split", 1): lambda p: _name(p or [_HOLE]),
}
SAME_ITEMS = frozenset({"sorted", "list", "tuple", "set", "iter", "reversed", "tqdm", "trange_", "unique", "natsorted", "shuffle", "cycle"})
GLOBS = frozenset({"glob", "iglob", "rglob"})
ORIGINS = {
    **dict.fromkeys(("now", "today", "utcnow", "time", "strftime", "gmtime", "localtime", "fromtimestamp", "isoformat"), "time"),
    **dict.fromkeys(("uuid1", "uuid4", "getpid", "token_hex", "randint", "urandom"), "run"),
    **dict.fromkeys(("range", "trange"), "loop"),
    **dict.fromkeys(("TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile"), "temporary"),
    **dict.fromkeys(("mkdtemp", "mkstemp", "mktemp", "gettempdir"), "temporary"),
}  # fmt: skip
