"""Moving references in Python: what reads and downloads are given, images that operators run, newest runs, first entries of listings."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Item, Name, Op, Seq, Site
from mldebt.facts.model import Template as Formatted
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.moving import Moving, Reference, copied
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration, is_own_demonstration
from mldebt.project.texts import Texts
from mldebt.sources.model import Language, Role

_ADDRESSES = ("url", "path", "data", "key")
_PINS = ("hash", "other_hash", "version", "revision")
_REMOTE = ("s3", "gs", "azure", "hdfs", "dbfs")
_LOADS = ("load", "restore", "read", "download")


def in_code(project: Project, words: Moving) -> Iterator[Reference]:
    """References in Python files and notebooks; tests, examples and what a package demonstrates of itself stay out."""
    conditions, texts = Conditions(project), Texts(project)
    seen: set[tuple[str, int]] = set()
    for role in ("read", "download", "restore", "unsafe-load"):
        for event in project.calls(role):
            place = (event.module.path, event.site.value)
            if place not in seen and not _is_shown(project, event.module, event.site):
                seen.add(place)
                yield from _addresses(project, words, conditions, texts, event)
    for module in project.python:
        if is_demonstration(module) or module.source.role is Role.LEGACY:
            continue
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            if type(call) is Call:
                yield from _call(project, words, module, site, call)
        yield from _runs(project, words, module)
    for event in project.calls("run"):
        if not _is_shown(project, event.module, event.site):
            yield from _command(project, words, texts, event)


def _is_shown(project: Project, module: Module, site: Site) -> bool:
    return is_demonstration(module) or module.source.role is Role.LEGACY or is_own_demonstration(project, module, site)


def _weight(module: Module) -> float:
    return 0.9 if module.source.language is Language.NOTEBOOK else 1.0


def _addresses(project: Project, words: Moving, conditions: Conditions, texts: Texts, event: Event) -> Iterator[Reference]:
    if conditions.holds(event) is False or any(conditions.passed(event, name) is not None for name in _PINS):
        return
    remote = event.entry.store in _REMOTE or "bucket" in event.entry.args
    for name in _ADDRESSES:
        index = conditions.passed(event, name)
        if index is None:
            continue
        for written in texts.of(event.module, index, event.site.span):
            if written.module.is_test:
                continue
            why = words.address(written.text) or ("://" not in written.text and remote and words.key(written.text)) or ""
            if why:
                here = project.location(event.module, event.site.span, "it is read here")
                location = project.location(written.module, written.span)
                confidence = 0.9 * _weight(event.module)
                scope = event.module.qualname(event.site.scope) if written.module is event.module else ""
                used = () if (here.path, here.line) == (location.path, location.line) else (here,)
                yield Reference("address", "the input", written.text, why, location, confidence, scope, used, words.cause(written.text))
        yield from _first_of(project, words, event, index)


def _first_of(project: Project, words: Moving, event: Event, index: int) -> Iterator[Reference]:
    found = _listing(words, event.module, index, 0)
    if found is not None:
        yield _listed(project, words, event.module, event.site, *found)


def _listed(project: Project, words: Moving, module: Module, site: Site, name: str, call: int) -> Reference:
    span = next((s.span for s in module.facts.sites if s.value == call), site.span)
    used = (project.location(module, site.span, "it is loaded here"),) if site.span.line != span.line else ()
    why = "the entries have no order of their own and more may come"
    scope = module.qualname(site.scope)
    confidence = (0.7 if name in words.listings else 0.5) * _weight(module)
    return Reference("listing", "one entry of", f"{name}()", why, project.location(module, span), confidence, scope, used)


def _listing(words: Moving, module: Module, index: int, depth: int) -> tuple[str, int] | None:
    """The name and index of a listing call whose entry at a constant place is part of the value."""
    if index < 0 or depth > 5:
        return None
    value = module.facts.values[index]
    if type(value) is Item:
        base, key = module.facts.values[value.base], module.facts.values[value.key]
        if type(base) is Call and type(key) is Const and isinstance(key.value, int):
            name = _last(module, base)
            if name in words.listings or name in words.file_listings:
                return name, value.base
        return None
    inner: tuple[int, ...] = ()
    if type(value) in (Op, Formatted):
        inner = value.operands if type(value) is Op else value.parts
    elif type(value) is Call:
        inner = value.args
    elif type(value) is Attr:
        inner = (value.base,)
    return next((found for i in inner if (found := _listing(words, module, i, depth + 1)) is not None), None)


def _call(project: Project, words: Moving, module: Module, site: Site, call: Call) -> Iterator[Reference]:
    func = module.facts.values[call.func]
    if type(func) is Attr and func.name.startswith(_LOADS):
        found = _listing(words, module, func.base, 0)
        if found is not None:
            yield _listed(project, words, module, site, *found)
    for name, index in call.keywords:
        value = module.facts.values[index]
        if name in words.image_arguments and type(value) is Const and isinstance(value.value, str) and ":" in value.value:
            why = words.image(value.value)
            if why:
                location = project.location(module, site.span)
                yield Reference("image", "the image", value.value, why, location, 0.6, module.qualname(site.scope))
    if type(func) is Name and func.name == "builtins.max":
        yield from _newest(project, words, module, site, call, call)
    if type(func) is Name and func.name == "builtins.sorted":
        items = (v for v in module.facts.values if type(v) is Item and v.base == site.value)
        if any(type(k := module.facts.values[i.key]) is Const and k.value in (0, -1) for i in items):
            yield from _newest(project, words, module, site, call, call)


def _newest(project: Project, words: Moving, module: Module, site: Site, call: Call, ordered: Call) -> Iterator[Reference]:
    key = next((value for name, value in ordered.keywords if name == "key"), None)
    if key is None:
        return
    by = _ordered_by(words, module, key)
    if by:
        location = project.location(module, site.span)
        why = "whichever was changed last"
        yield Reference("newest", "the choice by", by, why, location, 0.6, module.qualname(site.scope))


def _ordered_by(words: Moving, module: Module, key: int) -> str:
    value = module.facts.values[key]
    if type(value) is Name:
        return value.name if value.name in words.newest else ""
    scope = getattr(value, "scope", None)
    if isinstance(scope, int):
        for returned in module.facts.scopes[scope].returns:
            inner = module.facts.values[returned]
            if type(inner) is Item and type(k := module.facts.values[inner.key]) is Const and k.value in words.newest:
                return str(k.value)
            if type(inner) is Attr and inner.name in words.newest:
                return inner.name
            if type(inner) is Call and type(f := module.facts.values[inner.func]) is Name and f.name in words.newest:
                return f.name
    return ""


def _runs(project: Project, words: Moving, module: Module) -> Iterator[Reference]:
    for use in module.facts.uses:
        value = module.facts.values[use.value]
        while type(value) in (Attr, Item):
            if type(value) is Attr and value.name in words.newest_runs:
                location = project.location(module, use.span)
                yield Reference("run", "the run", value.name, "whichever finished last", location, 0.8, module.qualname(use.scope))
                break
            value = module.facts.values[value.base]


def _command(project: Project, words: Moving, texts: Texts, event: Event) -> Iterator[Reference]:
    """Copies of whole prefixes by a command that is run from Python."""
    module, first = event.module, event.call.args[:1]
    display = module.facts.values[first[0]] if first else None
    if type(display) is Seq and display.items:
        argv = tuple((found[0].text if (found := texts.of(module, i, event.site.span)) else "{}") for i in display.items)
        source = words.copy(argv)
        if source:
            yield copied(source, project.location(module, event.site.span), module.qualname(event.site.scope))


def _last(module: Module, call: Call) -> str:
    func = module.facts.values[call.func]
    return func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""
