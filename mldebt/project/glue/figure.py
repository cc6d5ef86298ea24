"""How much of a project is glue: files that call ML packages themselves, and lines that only change the form of what goes in and out."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Bound, Call, Elem, Item, Op, Phi, Seq, Span, Store
from mldebt.findings import Glue, VendorUse
from mldebt.project.conversions.forms import Forms
from mldebt.project.glue.vendors import Boundary
from mldebt.project.project import Module, Project

_STEPS = 400  # of the walks of one file, for each of its calls


def figure(project: Project) -> Glue:
    """The figure of a project; no vendors where nothing of an ML package is called."""
    vendors = project.vendors
    forms = Forms(project)
    touching: set[str] = set()
    converted: set[tuple[str, int]] = set()
    uses: list[VendorUse] = []
    for vendor, boundaries in vendors.boundaries.items():
        by_file: dict[str, list[Boundary]] = {}
        for boundary in boundaries:
            by_file.setdefault(boundary.module.path, []).append(boundary)
        lines = {(path, line) for path, found in by_file.items() for line in _lines(project, forms, found)}
        medium = vendor in vendors.medium
        uses.append(VendorUse(vendor, len(by_file), len(boundaries), len(lines), medium))
        converted |= lines
        if not medium:
            touching.update(by_file)
    return Glue(
        files=len(vendors.files),
        touching=len(touching),
        lines=sum(len(m.facts.outline) for m in vendors.files),
        conversions=len(converted),
        vendors=tuple(sorted(uses, key=lambda use: (-use.files, -use.calls, use.vendor))),
    )


def _lines(project: Project, forms: Forms, boundaries: list[Boundary]) -> set[int]:
    """Lines of conversions on the way to the arguments of the calls of one file, or on the way from their results."""
    module = boundaries[0].module
    limit = _STEPS * len(boundaries)
    made = {b.site.value for b in boundaries}
    given = [value for b in boundaries for value in (*b.call.args, *(v for _, v in b.call.keywords))]
    before = _back(module, given, limit)
    spans = dict(_spans(module))
    found = {b.site.span.line for b in boundaries if _carries(project, b.name)}
    for index, span in spans.items():
        change = forms.of(module, index)
        if change is not None and (index in before or not made.isdisjoint(_back(module, [change.source], _STEPS))):
            found.add(span.line)
    return found


def _carries(project: Project, name: str) -> bool:
    """Whether the call only puts data into an object of the vendor: a `DMatrix`, a `Pool`."""
    return any("features" in entry.args and not entry.roles for entry in project.resolver.entries(name))


def _spans(module: Module) -> Iterator[tuple[int, Span]]:
    for use in module.facts.uses:
        yield use.value, use.span
    for site in module.facts.sites:
        yield site.value, site.span


def _back(module: Module, start: list[int], limit: int) -> set[int]:
    """What values of a file are made of, in that file."""
    values, scopes = module.facts.values, module.facts.scopes
    queue = [index for index in start if index >= 0]
    found = set(queue)
    for index in queue:
        value = values[index]
        parts: tuple[int, ...] = ()
        match value:
            case Attr() | Item():
                parts = (value.base,)
            case Elem():
                parts = (value.of,)
            case Store():
                parts = (value.base, value.value)
            case Call():
                parts = (value.func, *value.args, *(v for _, v in value.keywords))
            case Op():
                parts = value.operands
            case Seq():
                parts = value.items
            case Phi():
                parts = value.options
            case Bound():
                parts = tuple(b.value for b in scopes[value.scope].bindings.get(value.name, ()))
        for part in parts:
            if part >= 0 and part not in found and len(found) < limit:
                found.add(part)
                queue.append(part)
    return found
