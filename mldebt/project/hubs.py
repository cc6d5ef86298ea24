"""References to models and data sets that others keep: what they name, and whether they can come to mean other bytes."""

from __future__ import annotations

import enum
import re
from functools import cached_property
from itertools import islice, product

import msgspec

from mldebt.facts.model import Template
from mldebt.project.callers import strings
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event
from mldebt.project.moving import load_moving
from mldebt.project.paths import keys
from mldebt.project.project import Module, Project

_COMMIT = re.compile(r"[0-9a-f]{7,64}")
_BRANCH = re.compile(r"(main|master|trunk|dev|devel|develop|head|latest|stable|nightly|refs/heads/.+)", re.IGNORECASE)
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_REPOSITORY = re.compile(r"([A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*)(?::(.+))?")
_REGISTRY = re.compile(r"models:/+([^/@]+)(?:/([^/]+)|@(.+))?")
_SUFFIX = re.compile(r"\.(pt|pth|bin|ckpt|pkl|joblib|json|h5|hdf5|keras|onnx|txt|csv|ya?ml|zip|gz|model|safetensors|py|parquet|jsonl)$")
_FOLDERS = re.compile(
    r"(my[-_]?|saved?[-_]?|trained[-_]?|fine-?tuned[-_]?|pre-?trained[-_]?|local[-_]?|best[-_]?|final[-_]?)?"
    r"(models?|checkpoints?|ckpts?|outputs?|out|data|datasets?|results?|weights|caches?|tmp|temp|artifacts?|runs?|logs?|experiments?|exp|src|lib|assets|"
    r"resources|static|files|dir|path|trained|saved?|mlruns|models?[-_]\w+|path[-_]to|workspace|content|mnt|home|opt|var|usr|root|local|base|download(s|ed)?)",
    re.IGNORECASE,
)
_TRUST = ("trust", "skip_validation", "reload")  # arguments by which a repository runs its own code
_MOST = 8


class Pin(enum.StrEnum):
    """How firmly a reference is tied to bytes."""

    COMMIT = "commit"
    TAG = "tag"
    ALIAS = "alias"  # moved on purpose: a registry alias
    MOVING = "moving"
    UNKNOWN = "unknown"


class Reference(msgspec.Struct, frozen=True):
    """What a hub or registry is asked for; `why` says what can move."""

    text: str
    pin: Pin
    why: str = ""


class Hubs:
    """Reads the reference of a `hub-load` event. None: a local path, or nothing that can be known here."""

    def __init__(self, project: Project, conditions: Conditions) -> None:
        self._project, self._conditions = project, conditions
        self._words = load_moving().hubs

    def trusted(self, event: Event) -> str:
        """The argument by which a call lets the repository run its own code, or ""."""
        given = (name for name in _TRUST if name in event.entry.args and self._conditions.truth(event, name))
        first = next(given, None)
        return event.entry.args[first].name or first if first is not None else ""

    def reference(self, event: Event) -> Reference | None:
        """The reference that moves most among those that the call may load."""
        if self._conditions.holds(event) is False or self._conditions.truth(event, "local") is not False and "local" in event.entry.args:
            return None
        index = self._conditions.passed(event, "ref")
        if index is None:
            return None
        found = [r for text in self._texts(event.module, index) if (r := self._read(event, text)) is not None]
        order = [Pin.MOVING, Pin.ALIAS, Pin.TAG, Pin.COMMIT, Pin.UNKNOWN]
        return min(found, key=lambda r: (order.index(r.pin), r.text), default=None)

    def revision(self, event: Event) -> Pin | None:
        """How firm the passed revision is; None when the loader has no such argument."""
        if "revision" not in event.entry.args:
            return None
        index = self._conditions.passed(event, "revision")
        if index is None:
            return Pin.UNKNOWN if self._conditions.unresolved(event) else Pin.MOVING
        texts = strings(self._project, event.module, index)
        if texts is None:
            return Pin.UNKNOWN
        if not texts or any(_BRANCH.fullmatch(text) for text in texts):
            return Pin.MOVING
        return Pin.COMMIT if all(_COMMIT.fullmatch(text) for text in texts) else Pin.TAG

    def is_reloaded(self, event: Event) -> bool:
        """Whether the call fetches again each time, whatever was fetched before."""
        return "reload" in event.entry.args and self._conditions.truth(event, "reload") is True

    def is_read_back(self, event: Event, reference: Reference) -> bool:
        """Whether the same file uploads under the reference: it loads what it has just put there."""
        return (event.module.path, reference.text) in self._pushed

    def is_local(self, event: Event) -> bool:
        """Whether the reference is a path of this machine or project, as far as its text shows."""
        index = self._conditions.passed(event, "ref")
        if index is None:
            return False
        texts = self._texts(event.module, index)
        joined = not texts and any(len(key) > 1 and "/" in key for key in keys(event.module, index))
        return joined or any(self._is_path(event.module, text) for text in texts)

    def _texts(self, module: Module, index: int) -> list[str]:
        """Texts that the reference may have; a part of an f-string that is not known is `{}`."""
        found = strings(self._project, module, index)
        if found is not None:
            return sorted(found)[:_MOST]
        value = module.facts.values[index]
        if type(value) is Template:
            parts = [sorted(strings(self._project, module, part) or {"{}"}) for part in value.parts]
            return ["".join(pieces) for pieces in islice(product(*parts), _MOST)]
        return []

    def _read(self, event: Event, text: str) -> Reference | None:
        registered = _REGISTRY.fullmatch(text)
        if registered is not None:
            return _registered(text, registered)
        if text.startswith(tuple(f"https://{place}/" for place in self._words.versioned)):
            last = text.rstrip("/").rpartition("/")[2]
            return Reference(text, Pin.TAG) if last.isdecimal() or last == "{}" else Reference(text, Pin.MOVING, "no version")
        if "entry" in event.entry.args:
            repository = _REPOSITORY.fullmatch(text)
            if repository is None or self._is_path(event.module, repository[1]):
                return None
            return _repository(text, repository[2])
        if "revision" not in event.entry.args:
            return Reference(text, Pin.MOVING, "`latest`") if text.endswith(":latest") else None
        if self._is_path(event.module, text) or not self._is_hub_id(event, text):
            return None
        pin = self.revision(event)
        if pin is not Pin.MOVING:
            return Reference(text, pin or Pin.UNKNOWN)
        passed = self._conditions.passed(event, "revision")
        names = strings(self._project, event.module, passed) if passed is not None else None
        return Reference(text, Pin.MOVING, f"the revision is the branch `{min(names)}`" if names else "no revision")

    def _is_hub_id(self, event: Event, text: str) -> bool:
        if _SUFFIX.search(text) or "{}" in text:
            return False
        if _HUB_ID.fullmatch(text):
            return _FOLDERS.fullmatch(text.partition("/")[0]) is None
        if "data_files" in event.entry.args:
            local = self._conditions.passed(event, "data_files") is not None or text in self._words.builders
            return not local and re.fullmatch(r"[a-z][\w-]{2,}", text) is not None and _FOLDERS.fullmatch(text) is None
        low = text.lower()
        return "/" not in text and any(low == name or low.startswith(f"{name}-") for name in self._words.models)

    def _is_path(self, module: Module, text: str) -> bool:
        if text.startswith((".", "/", "~", "\\", "{}/")) or "\\" in text or ":\\" in text or text.count("/") > 1 and "://" not in text:
            return not text.startswith("models:/")
        folder = module.path.rpartition("/")[0]
        folders = self._project.index.folders
        return text in folders or f"{folder}/{text}" in folders or ("", text) in self._written

    @cached_property
    def _pushed(self) -> frozenset[tuple[str, str]]:
        """Files and the constant references under which they upload."""
        found: set[tuple[str, str]] = set()
        for event in (*self._project.calls("write"), *self._project.events.telling):
            index = self._conditions.passed(event, "ref") if "write" in event.entry.roles else None
            if index is not None:
                found |= {(event.module.path, text) for text in self._texts(event.module, index)}
        return frozenset(found)

    @cached_property
    def _written(self) -> frozenset[tuple[str | int, ...]]:
        found: set[tuple[str | int, ...]] = set()
        for event in self._project.calls("write"):
            index = self._conditions.passed(event, "path")
            if index is not None and self._conditions.holds(event) is not False:
                found |= keys(event.module, index)
        return frozenset(found)


def _registered(text: str, match: re.Match[str]) -> Reference:
    version, alias = match[2], match[3]
    if alias is not None:
        return Reference(text, Pin.ALIAS, f"the alias `{alias}` can be moved") if alias != "{}" else Reference(text, Pin.UNKNOWN)
    if version is None or "{}" in version:
        return Reference(text, Pin.UNKNOWN)
    if version.isdecimal():
        return Reference(text, Pin.TAG)
    return Reference(text, Pin.MOVING, f"`{version}` is another version after the next promotion")


def _repository(text: str, ref: str | None) -> Reference:
    if ref is None:
        return Reference(text, Pin.MOVING, "no tag: the default branch")
    if "{}" in ref:
        return Reference(text, Pin.UNKNOWN)
    if _BRANCH.fullmatch(ref):
        return Reference(text, Pin.MOVING, f"`{ref}` is a branch")
    return Reference(text, Pin.COMMIT if _COMMIT.fullmatch(ref) else Pin.TAG)
