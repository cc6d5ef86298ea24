"""Rows that get a made-up label, because what prepares them for prediction asks for the label too."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Map, Phi, Seq, Store
from mldebt.project.conventions.model import Leak, Mark, application, behind
from mldebt.project.project import Module, Project
from mldebt.project.written import called_as, text_of

_ASKS = re.compile(r"(^|_)(predict|infer|inference|score|preprocess|transform)", re.IGNORECASE)
_LABEL = re.compile(r"^(y|labels?|targets?|stratify)(_|$)|_(labels?|targets?)$", re.IGNORECASE)
_LABEL_ARGUMENT = re.compile(r"^(y|labels?|targets?|stratify|(label|target)_(col|column|name|field))$", re.IGNORECASE)
_NODES = 60


def placeholders(project: Project) -> Iterator[Leak]:
    """One for each row that is written out, with a constant for a column that is the label elsewhere."""
    labels: dict[str, str] | None = None
    for module in application(project):
        rows = [i for i in module.of_kind(Map) if _is_mixed(module, i)]
        if not rows:
            continue
        asked = _asked(module)
        for row in rows:
            places = asked.get(row)
            if places is None:
                continue
            labels = _labels(project) if labels is None else labels
            for key in _constants(module, row):
                if key in labels:
                    site = next(s for s, call, _ in module.calls if s.value == places)
                    message = f"the row gets a made-up `{key}`, the label, only because preparing it asks for one"
                    yield Leak(
                        module.path,
                        site.scope,
                        "placeholder",
                        message,
                        f"placeholder {key}",
                        (Mark(site.span, f"a made-up `{key}`"),),
                        0.85,
                    )


def _entries(module: Module, index: int) -> list[tuple[str | None, int]]:
    row = module.facts.values[index]
    return [(text_of(module, k), v) for k, v in zip(row.keys, row.values, strict=True)] if type(row) is Map else []


def _constants(module: Module, index: int) -> list[str]:
    return [key for key, value in _entries(module, index) if key is not None and type(module.facts.values[value]) is Const]


def _is_mixed(module: Module, index: int) -> bool:
    """Whether a display names all its entries, some of them constants and some not."""
    entries = _entries(module, index)
    return bool(entries) and all(key is not None for key, _ in entries) and 0 < len(_constants(module, index)) < len(entries)


def _asked(module: Module) -> dict[int, int]:
    """Displays that end up in what a model or its preparation is asked about: the call that makes rows of each."""
    found: dict[int, int] = {}
    values = module.facts.values
    for _, call, _ in module.calls:
        if not _ASKS.search(called_as(module, call)):
            continue
        todo: list[tuple[int, int]] = [(a, -1) for a in (*call.args, *(v for k, v in call.keywords if k != "**"))]
        seen: set[int] = set()
        for at, maker in todo:
            if at in seen or len(todo) > _NODES:
                continue
            seen.add(at)
            value = values[at]
            if type(value) is Map and maker >= 0:
                found.setdefault(at, maker)
            elif type(value) is Call:
                todo += [(a, at) for a in value.args[:1]]
                if type(func := values[value.func]) is Attr:
                    todo.append((func.base, maker))
            elif type(value) is Seq:
                todo += [(i, maker) for i in value.items[:4]]
            elif type(value) is Phi:
                todo += [(o, maker) for o in value.options]
            elif type(value) is Store:
                todo.append((value.base, maker))
            elif type(value) is Bound:
                todo += [(b.value, maker) for b in module.facts.scopes[value.scope].bindings.get(value.name, ())]
    return found


def _labels(project: Project) -> dict[str, str]:
    """Columns that code calls the label, each with a file that does: `y = frame["tag"]`, `split(frame, stratify="tag")`."""
    found: dict[str, str] = {}
    for module in project.python:
        values = module.facts.values
        for _, call, _ in module.calls:
            for name, value in call.keywords:
                if _LABEL_ARGUMENT.match(name):
                    if (text := text_of(module, value)) is not None:
                        found.setdefault(text, module.path)
                    else:
                        _columns(module, value, found)
        for scope in module.facts.scopes:
            for name, bindings in scope.bindings.items():
                if _LABEL.search(name):
                    for binding in bindings:
                        _columns(module, binding.value, found)
        for index in module.of_kind(Map):
            for key, value in _entries(module, index):
                if key is not None and type(values[value]) is not Const and _LABEL.search(key):
                    _columns(module, value, found)
    return found


def _columns(module: Module, index: int, found: dict[str, str]) -> None:
    """The column that a value is taken from: `frame["tag"].values`, `np.array(batch["tag"])`."""
    values = module.facts.values
    value = values[index]
    if (
        type(value) is Call
        and type(values[value.func]) is not Attr
        or (type(value) is Call and value.args and called_as(module, value) in ("array", "asarray", "tensor"))
    ):
        index = value.args[0] if value.args else index
    for at in behind(module, index):
        inner = values[at]
        if type(inner) is Item:
            text = text_of(module, inner.key)
            if text is not None:
                found.setdefault(text, module.path)
            return
