"""Loaders that can execute code, by where their bytes come from; downloads that nobody compares with a digest; trusted remote code."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.conditions import Conditions
from mldebt.project.hubs import Hubs, Pin
from mldebt.project.loads import Load, Loads
from mldebt.project.origins import Kind, Origins, loads_model
from mldebt.project.roles import is_demonstration

_SURE = 0.8  # below, what counts is that the file loads any path, not how often

Place = tuple[str, int]


def check(project: Project) -> Iterator[Finding]:
    """Yields unsafe-model-load, remote-pickle, unverified-download and trust-remote-code; tests and examples stay silent."""
    conditions = Conditions(project)
    origins = Origins(project, conditions)
    loads = Loads(project, conditions, origins)
    reported: set[Place] = set()
    found: dict[tuple[str | int, ...], list[Finding]] = {}
    for load in loads.all():
        event, origin = load.event, load.origin
        if origin.module is not None and origin.site is not None and load.confidence >= _SURE:
            reported.add((origin.module.path, origin.site.value))
        cause: tuple[str | int, ...] = (event.module.path, event.site.value)
        if load.old:  # one requirement lets them all in
            cause = (event.name, load.message)
        elif load.confidence < _SURE:
            cause = (event.module.path, load.message)
        elif origin.module is not None and origin.site is not None:  # one download
            cause = (event.module.path, origin.module.path, origin.site.value)
        found.setdefault(cause, []).append(_finding(project, load))
    for group in found.values():
        yield _joined(group)
    yield from _unverified(project, conditions, origins, reported)
    yield from _trusted(project, conditions)


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


def _finding(project: Project, load: Load) -> Finding:
    event, origin = load.event, load.origin
    evidence: tuple[Location, ...] = ()
    if origin.site is not None and origin.module is not None and (origin.module, origin.site.value) != (event.module, event.site.value):
        evidence = (project.location(origin.module, origin.site.span, "the bytes are fetched here"),)
    return Finding(
        rule=load.rule,
        location=project.location(event.module, event.site.span),
        message=load.message,
        anchor=event.name,
        scope=event.module.qualname(event.site.scope),
        evidence=evidence,
        confidence=load.confidence,
        share=load.share,
    )
