"""What a declaration would say of one artifact: its name, who makes it, and the readers that nobody has written down."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from mldebt.config import ConfigError
from mldebt.findings import Location
from mldebt.project import Project
from mldebt.project.artifacts.declared.match import same
from mldebt.project.artifacts.declared.own import files_of, named
from mldebt.project.artifacts.declared.places import SCRIPTS
from mldebt.project.artifacts.graph import Artifact
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access, Identity
from mldebt.project.artifacts.relations import silent_edges
from mldebt.report.terminal import safe

_SPECIAL = re.compile(r"([\\*?\[\]])")


class Use(msgspec.Struct, frozen=True):
    """A file that reads the artifact, and how a declaration names it."""

    who: str
    path: str
    where: Location


class Draft(msgspec.Struct, frozen=True):
    """One artifact, to be declared in any format."""

    identity: Identity
    id: str
    aliases: tuple[str, ...]
    producer: str  # empty: made elsewhere
    uses: tuple[Use, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return (self.id, *self.aliases)


def draft(project: Project, artifact: Artifact) -> Draft:
    """The declaration that settles what is open about the artifact; a ConfigError where its name cannot be written down."""
    readers = _open_readers(project, artifact)
    writers = [w for w in artifact.writers if w.identity is not None] or [e.writer for e in artifact.edges]
    identities = list(dict.fromkeys(r.identity for r in readers if r.identity is not None)) or [artifact.identity]
    names: list[str] = []
    for identity in identities:
        if not any(_is_named(name, identity) for name in names):
            names.append(spelled(identity))
    uses = {r.place.path: Use(_who(project, r.place.path), r.place.path, project.place(r.place)) for r in reversed(readers)}
    producers = sorted({w.place.path for w in writers}, key=lambda path: (project.is_foreign(path), path))
    producer = _who(project, producers[0]) if producers else ""
    return Draft(identities[0], names[0], tuple(names[1:]), producer, tuple(uses[path] for path in sorted(uses)))


def _open_readers(project: Project, artifact: Artifact) -> list[Access]:
    """The readers of silent edges; where there are none, those in other files than the writers' that no declaration names."""
    silent = {e.reader: None for e in silent_edges(project, artifact)}
    if silent:
        return list(silent)
    own = {w.place.path for w in artifact.writers}
    return [r for r in artifact.readers if r.place.path not in own and project.artifacts.consumer(r) is None]


def spelled(identity: Identity) -> str:
    """The id from which the settings read this identity again."""
    shown = label(identity)
    for text in (shown, re.sub(r"\{[^{}]*\}", "*", shown)):
        if _is_named(text, identity):
            return text
    mend = "give it a longer name, or write `# mldebt: ignore[rule] reason`"
    raise ConfigError(f"`{safe(shown)}` says too little for a declaration to find it again; {mend}")


def _is_named(text: str, identity: Identity) -> bool:
    found = named(text)
    return found is not None and same(found, identity)


def _who(project: Project, path: str) -> str:
    """The file as `who` of a consumer: a pattern that means it and no other file, or its plain path."""
    others = any(other != path and other.endswith(f"/{path}") for other in project.modules)
    escaped = _SPECIAL.sub(r"\\\1", path)
    escaped = f"\\{escaped}" if escaped[:1] in ("#", "!") else escaped
    pattern = f"/{escaped}" if "/" not in path and others and path.lower().endswith(SCRIPTS) else escaped
    for who in (pattern, path):
        if path in files_of(project, who):
            return who
    raise ConfigError(f"{safe(path)}: a file of this name cannot be written as a pattern")


def names_artifact(names: Iterable[str], one: Draft) -> bool:
    """Whether the id and aliases of a declaration say all that this one would."""
    identities = [found for name in one.names if (found := named(name)) is not None]
    written = [found for name in names if (found := named(name)) is not None]
    return all(one in written for one in identities)
