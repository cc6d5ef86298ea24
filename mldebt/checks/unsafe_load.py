"""Loaders that can execute code, by where their bytes come from; downloads that nobody compares with a digest; trusted remote code."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.callers import called_by_default
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.hubs import Hubs, Pin
from mldebt.project.origins import Kind, Origin, Origins, loads_model
from mldebt.project.roles import is_demonstration

_EXPOSED = frozenset({"serving", "scheduled"})
_SURE = 0.8  # below, what counts is that the file loads any path, not how often

Place = tuple[str, int]


def check(project: Project) -> Iterator[Finding]:
    """Yields unsafe-model-load, remote-pickle, unverified-download and trust-remote-code; tests and examples stay silent."""
    conditions = Conditions(project)
    origins = Origins(project, conditions)
    reported: set[Place] = set()
    seen: set[Place] = set()
    found: dict[tuple[str | int, ...], list[Finding]] = {}
    for event in (*project.calls("unsafe-load"), *called_by_default(project, "unsafe-load")):
        place = (event.module.path, event.site.value)
        if is_demonstration(event.module) or place in seen or conditions.holds(event) is False:
            continue
        if "hub-load" in event.entry.roles:  # a registry's own loader
            continue
        seen.add(place)
        origin = _origin(conditions, origins, event)
        finding = _unsafe(project, conditions, origins, event, origin)
        if finding is not None:
            if origin.module is not None and origin.site is not None:
                reported.add((origin.module.path, origin.site.value))
            cause = place if finding.confidence >= _SURE else (event.module.path, finding.message)
            found.setdefault(cause, []).append(finding)
    for group in found.values():
        yield _joined(group)
    yield from _unverified(project, conditions, origins, reported)
    yield from _trusted(project, conditions)


def _origin(conditions: Conditions, origins: Origins, event: Event) -> Origin:
    """Where the loaded bytes come from."""
    for name in ("data", "path", "url"):
        index = conditions.passed(event, name)
        if index is None:
            continue
        if name == "url":  # the loader fetches by itself
            return origins.of(event.module, event.site.value, event.site)
        return origins.of(event.module, index, event.site)
    return Origin(Kind.UNKNOWN)


def _unsafe(project: Project, conditions: Conditions, origins: Origins, event: Event, origin: Origin) -> Finding | None:
    if origin.verified:
        return None
    address = f"`{origin.address}`" if origin.address else ""
    if origin.kind is Kind.URL:
        source = address or (f"what `{origin.event.name}` fetches" if origin.event else "a URL")
        message = f"`{event.name}` executes code in bytes from {source}"
        return _finding(project, "remote-pickle", event, origin, message, 0.95)
    if origin.kind is Kind.UPLOAD:
        return _finding(project, "unsafe-model-load", event, origin, f"`{event.name}` executes code from {origin.address}", 0.9)
    if origin.kind is Kind.STORE:
        source = address or (f"what `{origin.event.name}` fetches" if origin.event else "a shared store")
        return _finding(project, "unsafe-model-load", event, origin, f"`{event.name}` executes code from {source}", 0.8)
    if origin.kind is not Kind.PARAMETER or origins.saves(event.module, event.entry.format):
        return None
    if event.entry.defaults_before and all(_left_to_old_default(conditions, event, name) for name in event.entry.when):
        message = f"`{event.name}` executes code in old versions that the requirements allow, and any path can be passed"
        return _finding(project, "unsafe-model-load", event, origin, message, 0.7)
    if not event.entry.when and project.world.exposure(event.module) in _EXPOSED:
        message = f"`{event.name}` executes code from any path that is passed"
        return _finding(project, "unsafe-model-load", event, origin, message, 0.5)
    return None


def _left_to_old_default(conditions: Conditions, event: Event, name: str) -> bool:
    """Whether the argument is left to its default, which is unsafe in a version that the project allows."""
    values = conditions.values(event, name)
    return conditions.passed(event, name) is None and values is not None and not values.isdisjoint(event.entry.when[name])


def _joined(group: list[Finding]) -> Finding:
    """One finding for one cause in one file: the first, with the others as evidence."""
    first, *others = sorted(group, key=lambda finding: finding.location)
    scope = first.scope if first.confidence >= _SURE else ""  # whichever load comes first
    return msgspec.structs.replace(first, scope=scope, evidence=(*first.evidence, *(o.location for o in others)), size=len(group))


def _unverified(project: Project, conditions: Conditions, origins: Origins, reported: set[Place]) -> Iterator[Finding]:
    """Downloads over HTTP that are loaded as a model while no digest is compared; those reported as worse are left out."""
    found: set[Place] = set(reported)
    for event in (*project.calls("read"), *project.calls("restore"), *project.calls("download")):
        if is_demonstration(event.module) or not loads_model(project, event):
            continue
        places = [i for name in ("path", "data") if (i := conditions.passed(event, name)) is not None]
        for index in (event.site.value,) if "download" in event.entry.roles else places:
            origin = origins.of(event.module, index, event.site)
            if origin.kind is not Kind.URL or origin.verified or origin.module is None or origin.site is None:
                continue
            place = (origin.module.path, origin.site.value)
            if place in found:
                continue
            found.add(place)
            source = f"`{origin.address}`" if origin.address else "a download"
            loaded = project.location(event.module, event.site.span, "it is loaded here")
            yield Finding(
                rule="unverified-download",
                location=project.location(origin.module, origin.site.span),
                message=f"{source} is loaded as a model without comparing a checksum",
                anchor=origin.address or event.name,
                scope=origin.module.qualname(origin.site.scope),
                evidence=() if (event.module.path, event.site.value) == place else (loaded,),
                confidence=0.8,
            )


def _trusted(project: Project, conditions: Conditions) -> Iterator[Finding]:
    hubs = Hubs(project, conditions)
    for event in project.calls("hub-load"):
        if is_demonstration(event.module) or conditions.holds(event) is False:
            continue
        argument = hubs.trusted(event)
        if not argument or hubs.is_local(event):
            continue
        reference = hubs.reference(event)
        pin = reference.pin if reference is not None else hubs.revision(event)
        if pin not in (Pin.MOVING, None):
            continue
        what = f"`{reference.text}`" if reference is not None else "the repository that is asked for"
        yield Finding(
            rule="trust-remote-code",
            location=project.location(event.module, event.site.span),
            message=f"{what} may run its own code here (`{argument}=True`, revision not pinned)",
            anchor=reference.text if reference is not None else event.name,
            scope=event.module.qualname(event.site.scope),
            confidence=0.95 if reference is not None else 0.7,
        )


def _finding(project: Project, rule: str, event: Event, origin: Origin, message: str, confidence: float) -> Finding:
    evidence: tuple[Location, ...] = ()
    if origin.site is not None and origin.module is not None and (origin.module, origin.site.value) != (event.module, event.site.value):
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
