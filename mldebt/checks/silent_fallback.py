"""Failures to read something outside the project that are swallowed, so that the code goes on with nothing or with something else."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Handler, Map, Name, Seq, Site
from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.project import Module
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration, is_own_demonstration
from mldebt.project.texts import Texts
from mldebt.sources.model import Language, Role

_TELLS = frozenset({
    "debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print", "print_exc", "write", "echo", "secho",
    "format_exc", "incr", "capture_exception", "capture_message",
})  # fmt: skip
_SENDS = frozenset({"post", "put", "patch", "delete"})
_ARGUMENTS = ("bucket", "query", "connection", "ref")

Reads = dict[tuple[str, int], tuple[Event, str]]


def check(project: Project) -> Iterator[Finding]:
    """Yields silent-dependency-fallback for broad `except` clauses around a read of another system."""
    reads = _external(project)
    helpers = _helpers(project, reads)
    for module in project.python:
        if is_demonstration(module) or module.source.role is Role.LEGACY:
            continue
        said: list[int] = []  # the blocks of the clauses reported: what they try next is part of the same fallback
        for handler in sorted(module.facts.handlers, key=lambda h: (h.span.line, h.span.column)):
            if not handler.broad or handler.ends in ("raise", "exit") or _is_repeated(module, handler):
                continue
            if not set(said) & set(_blocks(module, handler.block)):
                found = list(_swallowed(project, module, handler, reads, helpers))
                said += [handler.block] * len(found)
                yield from found


def _is_repeated(module: Module, handler: Handler) -> bool:
    """Whether the `try` stands in a `while` loop that goes on: it is tried again."""
    return any(module.facts.blocks[b].kind == "while" for b in _blocks(module, handler.tried)) and handler.ends in ("", "continue")


def _external(project: Project) -> Reads:
    """Reads of what lies outside the project and its machine, with the text of what is read."""
    conditions, texts = Conditions(project), Texts(project)
    found: Reads = {}
    for role in ("read", "download", "hub-load", "restore"):
        for event in project.calls(role):
            if conditions.holds(event) is False or event.name.rpartition(".")[2] in _SENDS:
                continue
            given = [i for name in ("url", "path", "ref", "table", "data") if (i := conditions.passed(event, name)) is not None]
            written = [w.text for i in given for w in texts.of(event.module, i, event.site.span)]
            address = next((t for t in written if "://" in t), "")
            remote = (
                role in ("download", "hub-load")
                or event.entry.store not in ("", "dataset")
                or any(n in event.entry.args for n in _ARGUMENTS)
            )
            if remote or address:
                found.setdefault((event.module.path, event.site.value), (event, address or next(iter(written), "")))
    return found


def _helpers(project: Project, reads: Reads) -> dict[Defined, tuple[Event, str]]:
    """Functions of the project that read so without catching what goes wrong themselves."""
    found: dict[Defined, tuple[Event, str]] = {}
    for (path, _), (event, text) in sorted(reads.items()):
        module = project.modules[path]
        caught = {h.tried for h in module.facts.handlers if h.broad}
        if not caught & set(_blocks(module, event.site.block)) and module.facts.scopes[event.site.scope].kind == "function":
            found.setdefault(Defined(path, event.site.scope), (event, text))
    return found


def _blocks(module: Module, block: int) -> Iterator[int]:
    while block >= 0:
        yield block
        block = module.facts.blocks[block].parent


def _inside(module: Module, block: int, scope: int) -> list[Site]:
    return [s for s in module.facts.sites if s.scope == scope and block in _blocks(module, s.block)]


def _swallowed(
    project: Project, module: Module, handler: Handler, reads: Reads, helpers: dict[Defined, tuple[Event, str]]
) -> Iterator[Finding]:
    facts = module.facts
    if any(handler.block in _blocks(module, r.block) for r in facts.raises):
        return
    tried = _inside(module, handler.tried, handler.scope)
    nested = {
        h.tried for h in facts.handlers if h is not handler and h.broad and handler.tried in _blocks(module, facts.blocks[h.tried].parent)
    }
    for site in tried:
        if nested & set(_blocks(module, site.block)) or is_own_demonstration(project, module, site):
            continue
        read = _read(project, module, site, reads, helpers)
        if read is None:
            continue
        event, text = read
        other = any(_read(project, module, s, reads, helpers) is not None for s in _inside(module, handler.block, handler.scope))
        told, value = _instead(module, handler, other)
        if value:
            name = text or event.name
            confidence = (0.6 if told or value == "another one" else 0.8) * (0.9 if module.source.language is Language.NOTEBOOK else 1)
            where = project.location(event.module, event.site.span, "this read may fail")
            yield Finding(
                rule="silent-dependency-fallback",
                location=project.location(module, handler.span),
                message=f"failure to read `{name}` is {'logged' if told else 'swallowed'} and replaced by {value}",
                anchor=name,
                scope=module.qualname(handler.scope),
                evidence=(where,),
                confidence=confidence,
            )
        return


def _read(
    project: Project, module: Module, site: Site, reads: Reads, helpers: dict[Defined, tuple[Event, str]]
) -> tuple[Event, str] | None:
    found = reads.get((module.path, site.value))
    if found is not None:
        return found
    call = module.facts.values[site.value]
    target = project.resolver.callee(module, call) if type(call) is Call else None
    return helpers.get(target) if type(target) is Defined else None


def _instead(module: Module, handler: Handler, other: bool) -> tuple[bool, str]:
    """Whether the clause tells anybody, and what the code goes on with; "" for no silent replacement. `other`: it reads too."""
    sites = _inside(module, handler.block, handler.scope)
    told = [s for s in sites if _last(module, s) in _TELLS]
    bound = {
        name: [b.value for b in bindings if handler.block in _blocks(module, b.block) and b.how == "="]
        for name, bindings in module.facts.scopes[handler.scope].bindings.items()
    }
    bound = {name: values for name, values in bound.items() if values}
    if handler.returns:
        shown = {_empty(module, value) for value in handler.returns}
        return bool(told), "" if "" in shown else min(shown)
    if bound:
        shown = {_empty(module, value) for values in bound.values() for value in values}
        if "" not in shown:
            return bool(told), f"`{min(bound)} = {min(shown).strip('`')}`"
        return (False, "another one") if other and not told and _also_tried(module, handler, bound) else (False, "")
    if len(told) == len(sites) and not _inner(module, handler):
        return bool(told), {"continue": "nothing: the entry is left out"}.get(handler.ends, "nothing")
    return False, ""


def _also_tried(module: Module, handler: Handler, bound: dict[str, list[int]]) -> bool:
    """Whether the clause binds, by another read, what the `try` part was to bind."""
    bindings = module.facts.scopes[handler.scope].bindings
    return any(any(handler.tried in _blocks(module, b.block) for b in bindings.get(name, ())) for name in bound)


def _inner(module: Module, handler: Handler) -> bool:
    return any(handler.block == block.parent for block in module.facts.blocks) or any(
        handler.block in _blocks(module, w.block) for w in module.facts.writes
    )


def _last(module: Module, site: Site) -> str:
    call = module.facts.values[site.value]
    func = module.facts.values[call.func] if type(call) is Call else None
    return func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""


def _empty(module: Module, index: int) -> str:
    """How an empty value is written; "" for any other."""
    value = module.facts.values[index]
    if type(value) is Const and (value.value is None or value.value == "" and isinstance(value.value, str)):
        return f"`{value.value!r}`"
    if type(value) is Seq and not value.items:
        return {"list": "`[]`", "tuple": "`()`"}.get(value.kind, "")
    if type(value) is Seq and value.kind == "tuple":
        return "`None`" if all(_empty(module, i) for i in value.items) else ""
    if type(value) is Map and not value.keys:
        return "`{}`"
    if type(value) is Call and not value.args and not value.keywords:
        func = module.facts.values[value.func]
        name = func.name.rpartition(".")[2] if type(func) is Name else ""
        return {"DataFrame": "an empty frame", "Series": "an empty series", "dict": "`{}`", "list": "`[]`"}.get(name, "")
    return ""
