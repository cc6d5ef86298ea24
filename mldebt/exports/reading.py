"""Exported facts of other repositories, read and checked: accesses and declarations of files named `<project>:path`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from mldebt.config import ConfigError
from mldebt.exports.model import VERSION, Export, ExportedAccess, ExportedDeclaration, Gap, Header, Pieces
from mldebt.exports.writing import plain, project_name
from mldebt.facts.model import Span
from mldebt.project.artifacts.model import Access, Declaration, Hole, Identity, Place, Template
from mldebt.project.artifacts.templates import template
from mldebt.project.foreign import Foreign

_LARGEST = 200_000_000
_AGAIN = "write it again with `mldebt facts export -o FILE` in that repository"


def load_foreign(root: Path, imports: Sequence[str]) -> Foreign:
    """What the files say together; relative paths start at the project root. A ConfigError is one line with the mend."""
    accesses: list[Access] = []
    declarations: list[Declaration] = []
    taken: list[str] = []
    for written in dict.fromkeys(imports):
        export = read_export(root / written)
        if _is_own(root, export):
            raise ConfigError(f"imports: {root / written}: these are the facts of this project itself; take the file out of `imports`")
        name = _free(plain(export.project), taken)
        taken.append(name)
        accesses += [_access(name, one) for one in export.accesses]
        paths = tuple(sorted({f"{name}:{one.path}" for one in export.accesses}))
        declarations += [_declaration(name, one, paths) for one in export.declarations]
    return Foreign(tuple(accesses), tuple(declarations), tuple(taken))


def read_export(file: Path) -> Export:
    """The exported facts in a file; a ConfigError says what is wrong with it and how to mend it."""
    try:
        if file.exists() and not file.is_file():
            raise ConfigError(f"imports: {file}: not a regular file; {_AGAIN}, or mend `imports` in the settings")
        if file.stat().st_size > _LARGEST:
            raise ConfigError(f"imports: {file}: larger than {_LARGEST // 1_000_000} MB: these are no exported facts; {_AGAIN}")
        data = file.read_bytes()
    except OSError as error:
        raise ConfigError(f"imports: {file}: cannot be read: {error.strerror}; {_AGAIN}, or mend `imports` in the settings") from None
    try:
        header = msgspec.json.decode(data, type=Header)
        if header.version > VERSION:
            newer = f"written by mldebt {header.mldebt[:40]!r} in version {header.version} of the form, this one reads {VERSION}"
            raise ConfigError(f"imports: {file}: {newer}; update mldebt here, or export with the older one there")
        return msgspec.json.decode(data, type=Export)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        reason = str(error).replace("\n", " ")[:200]
        raise ConfigError(f"imports: {file}: these are no exported facts: {reason}; {_AGAIN}") from None


def _is_own(root: Path, export: Export) -> bool:
    """Whether an export is that of this very project: the same name and only files that are here too."""
    paths = {one.path for one in export.accesses}
    return bool(paths) and plain(export.project) == project_name(root) and all(_exists(root, path) for path in paths)


def _exists(root: Path, path: str) -> bool:
    try:
        return (root / path.partition("#")[0]).exists()
    except (OSError, ValueError):  # ValueError: a null character
        return False


def _free(name: str, taken: Sequence[str]) -> str:
    """A name that no other import has; equal names of repositories get numbers."""
    number = 2
    free = name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def _access(project: str, one: ExportedAccess) -> Access:
    return Access(
        direction=one.direction,
        identity=_identity(one.store, one.namespace, one.name),
        place=Place(f"{project}:{one.path}", Span(one.line, 1, one.end_line, 1)),
        scope=one.scope,
        api=one.api,
        format=one.format,
        mode=one.mode,
        certainty=one.certainty,
        terminal=one.terminal,
    )


def _declaration(project: str, one: ExportedDeclaration, paths: tuple[str, ...]) -> Declaration:
    """A consumer without known files is one of that project: it declares nothing for the readers of this one."""
    files = tuple(f"{project}:{path}" for path in one.files)
    return Declaration(
        system=one.system,
        role=one.role,
        identity=_identity(one.store, one.namespace, one.name),
        who=f"{project}:{one.who}",
        path=f"{project}:{one.path}",
        line=max(one.line, 1),
        files=files or (paths if one.role == "consumes" else ()) or (f"{project}:",),
        owner=one.owner,
        visibility=one.visibility,
        expires=one.expires,
    )


def _identity(store: str, namespace: Pieces, name: Pieces) -> Identity:
    return Identity(store, _template(namespace), _template(name))


def _template(pieces: Pieces) -> Template:
    return template(*_parts(pieces))


def _parts(pieces: Pieces) -> Iterator[str | Hole]:
    for piece in pieces:
        yield Hole(piece.hole, piece.origin) if isinstance(piece, Gap) else piece
