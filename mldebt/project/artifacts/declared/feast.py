"""Feast: feature views with their sources, and the feature services that name who uses them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Item
from mldebt.project.artifacts.declared import code
from mldebt.project.artifacts.declared.places import folder_of, located
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.events import Event, keyword
from mldebt.project.project import Module, Project

_PATHS = ("path", "s3_endpoint_override", "table", "table_ref", "topic")


def declarations(project: Project) -> Iterator[Declaration]:
    for event in project.calls("declare"):
        if event.module.is_test:
            continue
        if event.entry.format == "feast-view":
            yield from _view(project, event)
        elif event.entry.format == "feast-service":
            yield from _service(project, event)


def _view(project: Project, event: Event) -> Iterator[Declaration]:
    module, call = event.module, event.call
    name = _name(project, module, call)
    line, owner = project.location(module, event.site.span).line, code.text(project, module, keyword(call, "owner"))
    path = project.notebook_of(module.path)
    if name:
        yield Declaration("feast", "produces", Identity("feast", (), (name,)), name, path, line, (module.path,), owner)
    for key in ("source", "stream_source", "batch_source"):
        for there, item in code.elements(project, module, keyword(call, key)):
            identity = _source(project, there, item)
            if identity is not None:
                yield Declaration("feast", "consumes", identity, name or "view", path, line, (module.path,), owner)


def _service(project: Project, event: Event) -> Iterator[Declaration]:
    """A service is the declared consumer of its views: one per version of a model."""
    module, call = event.module, event.call
    service, owner = _name(project, module, call), code.text(project, module, keyword(call, "owner"))
    line = project.location(module, event.site.span).line
    given = code.given(call, event.entry, "features")
    for there, item in code.elements(project, module, given):
        view = _view_of(project, there, item)
        if view:
            identity = Identity("feast", (), (view,))
            yield Declaration("feast", "consumes", identity, f"service {service}", project.notebook_of(module.path), line, (), owner)


def _view_of(project: Project, module: Module, index: int) -> str:
    """The name of a view, also of `view[["column"]]` and `view.with_name(...)`."""
    module, index = code.followed(project, module, index)
    value = module.facts.values[index]
    if type(value) in (Item, Attr):
        return _view_of(project, module, value.base)
    if type(value) is Call:
        return _view_of(project, module, value.func) if type(module.facts.values[value.func]) is Attr else _name(project, module, value)
    return ""


def _name(project: Project, module: Module, call: Call) -> str:
    return code.text(project, module, keyword(call, "name")) or (code.text(project, module, call.args[0]) if call.args else "")


def _source(project: Project, module: Module, index: int) -> Identity | None:
    """Where a source lies: a path below the feature repository, a table or a topic."""
    value = module.facts.values[index]
    if type(value) is not Call:
        return None
    if (inner := keyword(value, "batch_source")) is not None:  # a push or stream source on top of a stored one
        return _source(project, *code.followed(project, module, inner))
    for key in _PATHS:
        if text := code.text(project, module, keyword(value, key)):
            if key.startswith("table"):
                return Identity("table", (), (text.strip("`").lower(),))
            return Identity("topic", (), (text,)) if key == "topic" else located(text, folder_of(module.path))
    return None
