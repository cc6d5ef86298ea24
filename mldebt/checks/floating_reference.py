"""Models and data sets that are loaded by a name which can come to mean other bytes."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.hubs import Hubs, Pin, Reference
from mldebt.project.roles import is_demonstration, is_own_demonstration, is_unreached
from mldebt.sources.model import Language

_CONFIDENCE = {Pin.MOVING: 0.9, Pin.ALIAS: 0.6}


def check(project: Project) -> Iterator[Finding]:
    """Yields floating-model-reference, one for each hub or registry reference without a pin; tests and examples stay silent."""
    hubs = Hubs(project, Conditions(project))
    seen: set[tuple[str, int]] = set()
    groups: dict[str, list[Finding]] = {}
    for event in project.calls("hub-load"):
        place = (event.module.path, event.site.value)
        if is_demonstration(event.module) or is_own_demonstration(project, event.module, event.site) or place in seen:
            continue
        reference = hubs.reference(event)
        if reference is None or reference.pin not in _CONFIDENCE or hubs.is_read_back(event, reference) or _is_dropped(event):
            continue
        if hubs.trusted(event) and not hubs.is_reloaded(event):
            continue  # a moving reference that may run code is a finding of its own
        seen.add(place)
        groups.setdefault(reference.text, []).append(_finding(project, event, reference))
    for group in groups.values():
        first, *others = sorted(group, key=lambda finding: (-finding.confidence, finding.location))
        places = tuple(msgspec.structs.replace(other.location, message="loaded here too") for other in others)
        yield msgspec.structs.replace(first, scope="", evidence=places, size=len(group))  # whichever place comes first


def _is_dropped(event: Event) -> bool:
    """Whether what is loaded goes to a local variable that nothing reads."""
    return event.site.target in event.module.facts.scopes[event.site.scope].unread


def _finding(project: Project, event: Event, reference: Reference) -> Finding:
    # What a notebook tries or nothing reaches matters less than what runs.
    weak = event.module.source.language is Language.NOTEBOOK or is_unreached(project, event.module, event.site)
    return Finding(
        rule="floating-model-reference",
        location=project.location(event.module, event.site.span),
        message=f"`{reference.text}` may change under you ({reference.why})",
        anchor=reference.text,
        scope=event.module.qualname(event.site.scope),
        confidence=_CONFIDENCE[reference.pin] * (0.8 if weak else 1),
    )
