"""Whether an address, image or requirement can come to mean other bytes while this repository stays as it is."""

from __future__ import annotations

import re

import msgspec
import tomli

from mldebt.catalogue import rules_dir
from mldebt.findings import Location

_ADDRESS = re.compile(r"(?:git\+)?(https?|s3a?|gs|gcs|abfss?|wasbs?|hdfs|dbfs)://([^/\s?#]+)/?([^\s?#]*)")
_GIT = re.compile(r"git\+(?:https?|ssh|git|file)://[^\s;,\"'\]#]+")
_IMAGE = re.compile(r"(?:[\w.-]+(?::\d+)?/)*[\w.-]+(?::([\w.-]+))?(@sha256:[0-9a-f]+)?")
_ARCHIVE = re.compile(r"(\.git|\.zip|\.tar\.gz|\.tgz|\.tar)$")
_STORED = re.compile(r"(s3a?|gs|gcs|abfss?|wasbs?|https://[^/]*blob\.core)://|https://[^/]*\.blob\.core\.")
_VARIES = re.compile(r"[${][^/${]*(run|version|sha|commit|tag|date|hash|build|release|timestamp|_id)", re.IGNORECASE)
_VERSION = re.compile(r"\d{4}|\d+\.\d+|(?<![a-z0-9])v\d+|[0-9a-f]{12,}", re.IGNORECASE)


class _Host(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    at: int = -1
    after: tuple[str, ...] = ()


class HubNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    versioned: tuple[str, ...]
    models: tuple[str, ...]
    builders: tuple[str, ...]


class Moving(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The words of rules/moving.toml, and what they say of a text: why it can move, or "" where it cannot as far as is known."""

    branches: tuple[str, ...]
    pointers: tuple[str, ...]
    tags: tuple[str, ...]
    newest: tuple[str, ...]
    data: tuple[str, ...]
    pages: tuple[str, ...]
    plain_images: tuple[str, ...]
    image_arguments: tuple[str, ...]
    image_tags: tuple[str, ...]
    newest_runs: tuple[str, ...]
    file_listings: tuple[str, ...]
    listings: tuple[str, ...]
    copies: tuple[tuple[str, ...], ...]
    hosts: tuple[_Host, ...] = msgspec.field(name="host")
    hubs: HubNames

    def address(self, text: str, *, data: bool = False) -> str:
        """Of a URL or object key with its scheme; with `data`, only where it ends like a file of data. `{}` is what is not known."""
        match = _ADDRESS.match(text)
        if match is None:
            return ""
        parts = match[3].split("/")
        ending = self.ending(match[3])
        if ending in self.pages or data and ending not in self.data:
            return ""
        branch = self._branch(match[2].lower(), parts)
        if branch:
            code = data and "archive" in parts
            return f"`{branch}` is a branch" if branch.lower() in self.branches and not code else ""
        if data and "releases" in parts:
            return ""  # a tool
        if match[1] in ("http", "https") and not ending and "artifacts" not in parts and "download" not in parts:
            return ""
        return self.key(match[3])

    def cause(self, text: str) -> str:
        """What of an address one pin would fix: up to the branch, or up to the part that is replaced."""
        match = _ADDRESS.match(text)
        parts = match[3].split("/") if match is not None else text.split("/")
        at = next((i for i, part in enumerate(parts) if part.lower() in self.branches or self.key(part)), len(parts))
        return "/".join([*([match[2]] if match is not None else []), *parts[: at + 1]])

    def key(self, text: str) -> str:
        """Of a path in a store: a part of it says that it is replaced."""
        words = re.split(r"[/._\-=]", text.lower())
        found = next((word for word in words if word in self.pointers), "")
        return f"`{found}` is replaced by the next one" if found else ""

    def image(self, text: str) -> str:
        match = _IMAGE.fullmatch(text)
        if match is None or match[2] or text.lower() in self.plain_images:
            return ""
        if match[1] is None:
            return "no tag"
        return f"the tag `{match[1]}` is moved" if match[1].lower() in self.tags else ""

    def copy(self, argv: tuple[str, ...]) -> str:
        """The address under which a command copies everything, when no part of it names a version."""
        words = next((w for w in self.copies if argv[0].rpartition("/")[2] == w[0] and set(w[1:]) <= set(argv[1:])), None)
        if words is None:
            return ""
        source = next((word for word in argv[1:] if not word.startswith("-") and word not in words), "")
        return source if _STORED.match(source) and not names_version(source) and not _VARIES.search(source) else ""

    def newest_of(self, text: str) -> str:
        """Of a query over the objects of a store: that it takes the one that was changed last."""
        named = any(word in text for word in self.newest if word[0].isupper())
        return "whichever object was changed last" if named and re.search(r"\[-1\]|\[0\]|reverse\(|max_by\(", text) else ""

    def requirement(self, text: str) -> tuple[str, str]:
        """Of an installation from a repository: its address and why it moves."""
        match = _GIT.search(text)
        if match is None or "$" in match[0]:
            return "", ""
        address, _, revision = match[0].partition("://")[2].partition("/")[2].partition("@")
        shown = match[0].removeprefix("git+")
        if not address:
            return "", ""
        if not revision:
            return shown, "no revision: the default branch"
        return (shown, f"`{revision}` is a branch") if revision.lower() in self.branches else ("", "")

    def ending(self, path: str) -> str:
        """The extension of the last part of a path, in small letters."""
        name = path.rstrip("/").rpartition("/")[2]
        return name.rpartition(".")[2].lower() if "." in name else ""

    def _branch(self, host: str, parts: list[str]) -> str:
        known = next((h for h in self.hosts if h.name == host), None)
        if known is None:
            return ""
        at = known.at
        if known.after:
            at = next((i + 1 for i, part in enumerate(parts) if i > 0 and part in known.after), -1)
        rest = parts[at:] if 0 <= at < len(parts) else []
        if rest[:2] == ["refs", "heads"]:
            rest = rest[2:]
            return rest[0] if rest and rest[0].lower() in self.branches else self.branches[0] if rest else ""
        return _ARCHIVE.sub("", rest[0]) if rest else ""


def names_version(text: str) -> bool:
    """Whether an address holds a date, a version or a digest."""
    return _VERSION.search(text) is not None


def load_moving() -> Moving:
    """The words of the shipped rules."""
    return msgspec.convert(tomli.loads((rules_dir() / "moving.toml").read_text(encoding="utf-8")), Moving)


class Reference(msgspec.Struct, frozen=True):
    """A moving reference in the text of the project."""

    kind: str  # address, copy, newest, image, tag, requirement, run, listing
    what: str  # what it is for, to begin a sentence with
    text: str
    why: str
    location: Location
    confidence: float
    scope: str = ""
    used: tuple[Location, ...] = ()  # where it is read, when that is another place
    cause: str = ""  # what all references share that one pin would fix


def copied(source: str, location: Location, scope: str = "") -> Reference:
    bucket = "/".join(source.split("/")[:3])
    return Reference("copy", "all that lies under", source, "no version in the address", location, 0.8, scope, cause=bucket)
