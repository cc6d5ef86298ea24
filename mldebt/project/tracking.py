"""Models that are saved, and whether anything beside them says what they were trained with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from posixpath import normpath

import msgspec

from mldebt.facts.model import Attr, Call, Map, Seq, Span
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Hole, Identity
from mldebt.project.events import Event, argument, callee_name
from mldebt.project.flow.model import Node
from mldebt.project.models.model import Fit
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration, is_own_demonstration, is_unreached
from mldebt.project.validation import within
from mldebt.sources.model import Role

_RECORDS = ("dvc.yaml", "MLproject")  # a run of theirs writes down what went in
_METADATA = frozenset({"json", "yaml", "toml", "log"})
_WRITES = ("write", "write_text", "write_bytes")
_TOLD = re.compile(r"metric|param|config|meta|report|result|scores?\b|log|hist|summary|args", re.IGNORECASE)
_DATED = re.compile(r"\d+[-_.]\d+[^/]*$|\d{6}[^/]*$|(?<![a-z])v\d+[^/]*$", re.IGNORECASE)  # somebody gives each run a name of its own
_STATES = frozenset({"state_dict", "get_booster", "get_weights", "cpu", "to", "eval", "half"})


class Untracked(msgspec.Struct, frozen=True):
    """A trained model written under a name that stays the same, and the call in which it learns."""

    event: Event
    name: str
    fitted: Span


class Tracking:
    """Generous: a tracker, a metadata file or a name that changes from run to run, in a file that the script can reach, is a record."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def untracked(self) -> Iterator[Untracked]:
        """The first such write of each file that trains; in path order."""
        if self._project.partial:
            return
        for module in self._project.python:
            if module.path in self._writing and module.path in self._fits and self._counts(module):
                found = next(filter(None, map(self._saved, self._writing[module.path])), None)
                if found is not None and not self._recorded(module):
                    yield found

    def _counts(self, module: Module) -> bool:
        return module.source.role is Role.CODE and not is_demonstration(module) and self._project.world.openness(module) != "library"

    @cached_property
    def _writing(self) -> dict[str, list[Event]]:
        return _by_file(self._project.calls("write"))

    @cached_property
    def _fits(self) -> dict[str, list[Fit]]:
        found: dict[str, list[Fit]] = {}
        for fit in self._project.models.sites:
            if fit.is_model:
                found.setdefault(fit.path, []).append(fit)
        return found

    def _saved(self, event: Event) -> Untracked | None:
        module, site = event.module, event.site
        handle = argument(event.call, event.entry.args.get("data"))  # the name stands where it was opened
        span = self._project.flow.span(module.path, handle) if handle is not None else site.span
        name = self._names.get((module.path, span or site.span), "")
        if (
            not name
            or (module.path, name) in self._read_back
            or "track" in event.entry.roles
            or event.entry.terminal
            or (module.path, site.scope) in self._moving
        ):
            return None
        if is_own_demonstration(self._project, module, site) or is_unreached(self._project, module, site):
            return None
        fits = {fit.model: fit for fit in self._fits[module.path]}
        makers = {maker: fit for model, fit in fits.items() for maker in self._project.models.identity(Node(module.path, model))}
        for index in self._written(module, event):
            if index in fits:
                return Untracked(event, name, fits[index].span)
            for maker in self._project.models.identity(Node(module.path, index)):
                if maker in makers:
                    return Untracked(event, name, makers[maker].span)
        return None

    @cached_property
    def _read_back(self) -> frozenset[tuple[str, str]]:
        """What a file reads: a model that the script itself loads again is a cache or a step of the run."""
        accesses = (a for a in self._project.artifacts.accesses if a.direction == "read" and a.identity is not None)
        return frozenset((place.path, label(a.identity)) for a in accesses if a.identity for place in (a.place, *a.via))

    @cached_property
    def _moving(self) -> frozenset[tuple[str, int]]:
        """Functions that copy files or run programs: the name that a model is first saved under may not be its last."""
        events = (e for role in ("copy", "run") for e in self._project.calls(role))
        sources = (e for e in self._project.calls("write") if argument(e.call, e.entry.args.get("source")) is not None)
        return frozenset((e.module.path, e.site.scope) for e in (*events, *sources))

    @cached_property
    def _names(self) -> dict[tuple[str, Span], str]:
        """What each write writes to, by its place, where the name of the file stays the same from run to run."""
        found: dict[tuple[str, Span], str] = {}
        for access in self._project.artifacts.accesses:
            if access.direction == "write" and access.identity is not None and _stays(access.identity):
                place = access.via[-1] if access.via else access.place
                found.setdefault((place.path, place.span), label(access.identity))
        return found

    def _written(self, module: Module, event: Event) -> Iterator[int]:
        """What may be the model: what is written, what its state is taken from, the receiver; a bundle tells what is in it."""
        values = module.facts.values
        func = values[event.call.func]
        start = argument(event.call, event.entry.args.get("object"))
        if start is None and type(func) is Attr:
            start = func.base
        if start is None:
            return
        value = values[start]
        if type(value) is Map or (type(value) is Seq and len(value.items) > 1):
            return
        yield start
        if type(value) is Call and type(inner := values[value.func]) is Attr and inner.name in _STATES:
            yield inner.base

    def _recorded(self, module: Module) -> bool:
        around = self._around(module)
        trackers = self._trackers
        for path in around:
            other = self._project.modules[path]
            if any(i.target.partition(".")[0] in trackers for i in other.facts.imports):
                return True
        if any(self._is_metadata(event) for path in around for event in self._writing.get(path, ())):
            return True
        return not self._texts.isdisjoint(around) or module.path in self._in_pipelines

    def _is_metadata(self, event: Event) -> bool:
        if event.entry.format in _METADATA or event.entry.terminal:
            return True
        return _TOLD.search(self._names.get((event.module.path, event.site.span), "").rpartition("/")[2]) is not None

    @cached_property
    def _texts(self) -> frozenset[str]:
        """Files that write a text which a package for metadata makes: `path.write_text(json.dumps(record))`."""
        entries = self._project.catalogue.roles.get("write", ())
        makers = tuple(e.name for e in entries if e.format in _METADATA and {"object", "data"} <= e.args.keys())
        found: set[str] = set()
        for module, _, call in (one for name in _WRITES for one in self._project.called.get(name, ())):
            inner = (module.facts.values[i] for index in call.args[:1] for i in within(module, index))
            targets = (self._project.resolver.callee(module, value) for value in inner if type(value) is Call)
            if any(target is not None and callee_name(target).startswith(makers) for target in targets):  # `dumps` of `dump`
                found.add(module.path)
        return frozenset(found)

    def _around(self, module: Module) -> set[str]:
        """The file, those that it imports and those that import it."""
        imported = self._project.imported_by_file
        found = {module.path}
        for step in (lambda path: imported.get(path, ()), lambda path: self._users.get(path, ())):
            stack, seen = [module.path], {module.path}
            while stack:
                for other in step(stack.pop()):
                    if other not in seen:
                        seen.add(other)
                        stack.append(other)
            found |= seen
        return found

    @cached_property
    def _users(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path, targets in self._project.imported_by_file.items():
            for target in targets:
                found.setdefault(target, []).append(path)
        return found

    @cached_property
    def _trackers(self) -> frozenset[str]:
        """Roots of the imports of packages that keep records of runs."""
        return frozenset(
            root.partition(".")[0]
            for package in self._project.catalogue.packages
            if package.package in _tracking(self._project)
            for root in package.imports
        )

    @cached_property
    def _in_pipelines(self) -> frozenset[str]:
        """Files that a pipeline with records of its own runs, as a script or as a module, or that a stage of it depends on."""
        ends: set[str] = set()
        listed: set[str] = set()
        for module in self._project.modules.values():
            if module.path.rpartition("/")[2] in _RECORDS:
                for command in module.facts.commands:
                    ends.update(word.rpartition("/")[2] for word in command.argv if word.endswith(".py"))
                    ends.update(f"{after.replace('.', '/')}.py" for word, after in pairwise(command.argv) if word == "-m")
                start = module.path.rpartition("/")[0]
                texts = (str(leaf.value) for leaf in module.facts.settings if "deps" in leaf.keys)
                listed.update(normpath(f"{start or '.'}/{text}") for text in texts)
        found = (m.path for m in self._project.python if m.path in listed or _tails(m.path) & ends)
        return frozenset(found)


def _stays(identity: Identity) -> bool:
    """Whether the last part of a path is written out, and nothing before it differs from run to run."""
    if not identity.name or not isinstance(identity.name[-1], str) or _DATED.search(identity.name[-1]):
        return False
    return (len(identity.name) == 1 or "/" in identity.name[-1]) and not any(
        isinstance(part, Hole) and part.origin in ("time", "run", "loop", "glob", "unknown") for part in identity.name
    )


def _tails(path: str) -> set[str]:
    """A path without its first folders: `a/b.py` is `a/b.py` and `b.py`; a package that is run is its `__main__`."""
    parts = path.removesuffix("/__main__.py").split("/")
    if path.endswith("/__main__.py"):
        parts[-1] += ".py"
    return {"/".join(parts[start:]) for start in range(len(parts))}


def _tracking(project: Project) -> frozenset[str]:
    return frozenset(p.package for p in project.catalogue.packages if any("track" in call.roles for call in p.calls))


def _by_file(events: tuple[Event, ...]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.module.path, []).append(event)
    return found
