"""Loaders that can execute code, with where their bytes come from and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.project.artifacts.identity import label
from mldebt.project.callers import called_by_default
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.flow.model import Node
from mldebt.project.origins import Kind, Origin, Origins
from mldebt.project.project import Project
from mldebt.project.roles import is_demonstration

_EXPOSED = frozenset({"serving", "scheduled"})
_ARRAYS = frozenset({"npy", "npz"})  # numbers, as a rule; their loaders refuse all else for years
_UNSETTLED = 0.65  # of the confidence, where the default of an old version would be unsafe and no version is known
_LOCAL = 0.25  # of the interest: whoever can replace a file beside the code can mostly replace the code


class Load(msgspec.Struct, frozen=True):
    """One load that is worth a finding; `share` of the interest is less where the bytes are nearer."""

    event: Event
    origin: Origin
    rule: str
    message: str
    confidence: float
    share: float = 1.0
    old: bool = False  # only the default of an old version, which the requirements allow, makes it unsafe


class Loads:
    """The nearer the bytes were written, the less is said: what the project writes itself is silent, and so is what a digest settles."""

    def __init__(self, project: Project, conditions: Conditions, origins: Origins) -> None:
        self._project, self._conditions, self._origins = project, conditions, origins

    def all(self) -> Iterator[Load]:
        """Each place once, in path and text order; tests and examples left out."""
        seen: set[tuple[str, int]] = set()
        for event in (*self._project.calls("unsafe-load"), *called_by_default(self._project, "unsafe-load")):
            place = (event.module.path, event.site.value)
            if is_demonstration(event.module) or place in seen or "hub-load" in event.entry.roles:  # a registry's own loader
                continue
            unsettled = event.entry.format == "pickle" and self._conditions.unsettled(event)
            holds = self._conditions.holds(event)
            if holds is False and not unsettled:
                continue
            seen.add(place)
            origin = self._origin(event)
            known = holds or all(self._left_to_old_default(event, name) for name in event.entry.when)
            load = self._load(event, origin) if known or origin.kind >= Kind.STORE else None
            if load is None:
                continue
            if unsettled:
                message = f"{load.message} in old versions, and nothing says which one is installed"
                rule = "unsafe-model-load"
                load = msgspec.structs.replace(load, rule=rule, message=message, confidence=round(load.confidence * _UNSETTLED, 3))
            yield load

    def _origin(self, event: Event) -> Origin:
        """Where the loaded bytes come from."""
        for name in ("data", "path", "url"):
            index = self._conditions.passed(event, name)
            if index is None:
                continue
            if name == "url":  # the loader fetches by itself
                return self._origins.of(event.module, event.site.value, event.site)
            return self._origins.of(event.module, index, event.site)
        return Origin(Kind.UNKNOWN)

    def _load(self, event: Event, origin: Origin) -> Load | None:
        if origin.verified:
            return None
        executes = f"`{event.name}` executes code"
        fetched = f"`{origin.address}`" if origin.address else f"what `{origin.event.name}` fetches" if origin.event else ""
        if origin.kind is Kind.URL:
            return Load(event, origin, "remote-pickle", f"{executes} in bytes from {fetched or 'a URL'}", 0.95)
        if origin.kind is Kind.UPLOAD:
            return Load(event, origin, "unsafe-model-load", f"{executes} from {origin.address}", 0.9)
        if origin.kind is Kind.STORE:
            return Load(event, origin, "unsafe-model-load", f"{executes} from {fetched or 'a shared store'}", 0.8, 0.75)
        if self._origins.saves(event.module, event.entry.format):
            return None
        return self._passed(event, origin, executes) if origin.kind is Kind.PARAMETER else self._beside(event, origin, executes)

    def _passed(self, event: Event, origin: Origin, executes: str) -> Load | None:
        if event.entry.defaults_before and all(self._left_to_old_default(event, name) for name in event.entry.when):
            message = f"{executes} in old versions that the requirements allow, and any path can be passed"
            return Load(event, origin, "unsafe-model-load", message, 0.5 if event.entry.format in _ARRAYS else 0.7, 0.5, True)
        exposed = not event.entry.when and self._exposure(event) in _EXPOSED
        if not exposed and any(self._project.flow.steps.files.edges(node) for node in self._nodes(event)):
            return None
        return Load(event, origin, "unsafe-model-load", f"{executes} from any path that is passed", 0.5 if exposed else 0.3, 0.5)

    def _beside(self, event: Event, origin: Origin, executes: str) -> Load | None:
        """A file of a fixed name that nothing in the project writes, which only the whole of it can tell."""
        if self._project.partial:
            return None
        files = self._project.flow.steps.files
        for node in self._nodes(event):
            access = files.access(node)
            if access is None or access.identity is None or not any(isinstance(part, str) for part in access.identity.name):
                continue
            if files.edges(node):
                return None
            message = f"{executes} from `{label(access.identity)}`, which nothing here writes"
            serves = self._exposure(event) == "serving"
            return Load(event, origin, "unsafe-model-load", message, 0.4 if serves else 0.3, _LOCAL)
        return None

    def _nodes(self, event: Event) -> list[Node]:
        """The load, and the call that opened what it loads."""
        handle = self._conditions.passed(event, "data")
        return [Node(event.module.path, index) for index in (event.site.value, handle) if index is not None]

    def _exposure(self, event: Event) -> str:
        return self._project.world.exposure(event.module)

    def _left_to_old_default(self, event: Event, name: str) -> bool:
        """Whether the argument is left to its default, which is unsafe in a version that the project allows."""
        values = self._conditions.values(event, name)
        return self._conditions.passed(event, name) is None and values is not None and not values.isdisjoint(event.entry.when[name])
