"""Texts to facts and projects for tests, and values as short text: `{1|2}` one of two, `$x` a parameter, `x@f` a variable of scope f."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from mldebt.catalogue import load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.facts.model import (
    Attr,
    Bound,
    Call,
    Const,
    Def,
    Elem,
    Facts,
    Item,
    Map,
    Name,
    Op,
    Param,
    Phi,
    Seq,
    Site,
    Span,
    Star,
    Store,
    Template,
    Unknown,
)  # fmt: skip
from mldebt.project import Module, Project, link
from mldebt.sources.languages import language_of, role_of
from mldebt.sources.model import Language, Role, Source, Text

PYTHON = Source("module.py", Language.PYTHON, Role.CODE)
ROOT = Path("/nowhere")


def text_of(source: str) -> Text:
    """The source without its common margin, as a text."""
    body = dedent(source).lstrip("\n")
    return Text(body, body.count("\n") + (body[-1:] not in ("", "\n")))


def facts_of(source: str) -> Facts:
    """What a Python text says; it must be readable."""
    facts = extract(PYTHON, text_of(source))
    assert not facts.unread, facts.unread
    return facts


def project_of(files: Mapping[str, str], *, root: Path = ROOT, config: Config | None = None) -> Project:
    """The project of these files, with the shipped catalogue."""
    linked: dict[str, tuple[Source, Facts]] = {}
    for path, body in files.items():
        language = language_of(path)
        assert language is not None, path
        source = Source(path, language, role_of(path, language))
        linked[path] = (source, extract(source, text_of(body)))
    return link(root, linked, load_catalogue(), config or Config())


def calls_of(facts: Facts, name: str) -> list[tuple[Site, Call]]:
    """The calls in the text whose callee's last part is `name`, in the order of the facts."""
    found = []
    for site in facts.sites:
        call = facts.values[site.value]
        assert isinstance(call, Call)
        if show(facts, call.func).rsplit(".", 1)[-1].split("@")[0] == name:
            found.append((site, call))
    return found


def seen(source: str) -> list[str]:
    """What reaches the first argument of each call of `see`, as text."""
    facts = facts_of(source)
    return [show(facts, call.args[0]) for _, call in calls_of(facts, "see")]


def argument(module: Module, place: int = 0) -> int:
    """The value passed to the only call of `see` in a file."""
    ((_, call),) = calls_of(module.facts, "see")
    return call.args[place]


def under(source: str, span: Span) -> str:
    """The text that a span covers."""
    lines = text_of(source).text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def show(facts: Facts, index: int, inside: tuple[int, ...] = ()) -> str:
    """A value as text, the options of a choice sorted and flat; `~` where it contains itself."""
    if index in inside:
        return "~"
    path = (*inside, index)

    def of(other: int) -> str:
        return show(facts, other, path)

    def each(others: tuple[int, ...]) -> str:
        return ", ".join(of(other) for other in others)

    match facts.values[index]:
        case Const(value=value):
            return repr(value)
        case Name(name=name):
            return name.removeprefix("builtins.")
        case Bound(scope=scope, name=name):
            return f"{name}@{facts.scopes[scope].name or 'module'}"
        case Param(name=name):
            return f"${name}"
        case Attr(base=base, name=name):
            return f"{of(base)}.{name}"
        case Item(base=base, key=key):
            return f"{of(base)}[{of(key)}]"
        case Call(func=func, args=args, keywords=keywords):
            return f"{of(func)}({', '.join([*map(of, args), *(f'{n}={of(v)}' for n, v in keywords)])})"
        case Op(op="?:", operands=(test, then, other)):
            return f"({of(then)} if {of(test)} else {of(other)})"
        case Op(op=op, operands=(one,)):
            return f"({op} {of(one)})"
        case Op(op=op, operands=operands):
            return f"({f' {op} '.join(map(of, operands))})"
        case Template(parts=parts):
            return f"f<{each(parts)}>"
        case Seq(kind=kind, items=items):
            return f"{kind}<{each(items)}>"
        case Map(keys=keys, values=values):
            return "{" + ", ".join(f"{of(k) if k >= 0 else '**'}: {of(v)}" for k, v in zip(keys, values, strict=True)) + "}"
        case Phi():
            return "{" + "|".join(sorted({show(facts, o, path) for o in _options(facts, index)} - {"~"})) + "}"
        case Elem(of=inner):
            return f"elem({of(inner)})"
        case Def(scope=scope):
            return f"def {facts.scopes[scope].qualname}"
        case Store(base=base, how=how, key=key, value=value):
            return f"{of(base)}<-{how}({of(key) + ': ' if key >= 0 else ''}{of(value)})"
        case Star(value=value):
            return f"*{of(value)}"
        case Unknown(why=why):
            return f"?{why}"
    raise AssertionError(facts.values[index])


def _options(facts: Facts, index: int) -> set[int]:
    """The options of a choice, those of the choices among them included."""
    found: set[int] = set()
    stack, done = [index], set[int]()
    while stack:
        one = stack.pop()
        value = facts.values[one]
        if isinstance(value, Phi):
            if one not in done:
                done.add(one)
                stack.extend(value.options)
        else:
            found.add(one)
    return found
