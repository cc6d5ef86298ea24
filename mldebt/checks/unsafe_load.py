"""Loaders that can execute code, by where their bytes come from; downloads that nobody compares with a digest; trusted remote code."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument
from mldebt.project.hubs import Reference, Hubs
from mldebt.project.origins import Kind, Origin, Origins, loads_model
from mldebt.sources.model import Role

_SILENT = (Role.TEST, Role.EXAMPLE)


def check(project: Project) -> Iterator[Finding]:
    """Yields unsafe-model-load, remote-pickle, unverified-download and trust-remote-code."""
    conditions = Conditions(project)
    origins = Origins(project, conditions)
    reported: set[tuple[str, int]] = set()
    for event in project.calls("unsafe-load"):
        if event.module.source.role in _SILENT or conditions.holds(event) is False:
            continue
        origin = _origin(origins, event)
        finding = _unsafe(project, conditions, event, origin)
        if finding is not None:
            if origin.event is not None:
                reported.add((origin.event.module.path, origin.event.site.value))
            yield finding
    yield from _unverified(project, origins, reported)
    yield from _trusted(project, conditions)


def _origin(origins: Origins, event: Event) -> Origin:
    for place in ("data", "path", "url"):
        index = argument(event.call, event.entry.args.get(place))
        if index is not None:
            found = origins.of(event.module, index, event.site)
            if place == "url" and found.kind < Kind.STORE:
                return Origin(Kind.URL, event.module, event.site)
            return found
    return origins.of(event.module, event.site.value, event.site)


def _unsafe(project: Project, conditions: Conditions, event: Event, origin: Origin) -> Finding | None:
    name = event.name.replace("builtins.", "")
    if origin.verified:
        return None
    if origin.kind is Kind.URL:
        place = f"`{origin.address}`" if origin.address else "a URL"
        return _finding(project, "remote-pickle", event, origin, f"bytes from {place} are given to `{name}`, which executes code in them", 0.95)
    if origin.kind is Kind.UPLOAD:
        return _finding(project, "unsafe-model-load", event, origin, f"`{name}` executes code from {origin.address}", 0.9)
    if origin.kind is Kind.STORE:
        place = f"`{origin.address}`" if origin.address else f"what `{origin.event.name}` fetches" if origin.event else "a shared store"
        return _finding(project, "unsafe-model-load", event, origin, f"`{name}` executes code from {place}", 0.8)
    if event.entry.defaults_before and not event.entry.args.keys() & conditions.unset_safe(event):
        return None
    return None


def _finding(project: Project, rule: str, event: Event, origin: Origin, message: str, confidence: float) -> Finding:
    evidence: tuple[Location, ...] = ()
    if origin.site is not None and origin.module is not None and origin.site != event.site:
        evidence = (project.location(origin.module, origin.site.span, "the bytes are fetched here"),)
    return Finding(
        rule=rule,
        location=project.location(event.module, event.site.span),
        message=message,
        anchor=event.name,
        scope=event.module.qualname(event.site.scope),
        evidence=evidence,
        confidence=confidence,
    )
