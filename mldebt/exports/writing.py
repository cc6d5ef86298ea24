"""A linked project -> exported facts: what other repositories may share with it, and nothing of its text."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path

import msgspec

from mldebt import __version__
from mldebt.exports.model import VERSION, Export, ExportedAccess, ExportedDeclaration, Gap, Pieces
from mldebt.project import Project
from mldebt.project.artifacts.model import Access, Declaration, Identity, Template
from mldebt.project.secrets import logged_out
from mldebt.repository import head, repository

_CONTRACTS = frozenset({"odcs", "datacontract", "odps", "backstage"})  # their names of data sets hold between repositories


def exported(project: Project, today: datetime.date) -> Export:
    """What the project tells others; the same for the same files, commit and day."""
    graph = project.artifacts
    accesses = {_access(project, access, access.identity) for access in graph.accesses if access.identity and _shared(access.identity)}
    declarations = {_declaration(one) for one in graph.declarations if one.path not in project.foreign.paths and _told(one)}
    return Export(
        version=VERSION,
        mldebt=__version__,
        project=project_name(project.root),
        commit=head(project.root),
        date=today.isoformat(),
        accesses=tuple(sorted(accesses, key=_order)),
        declarations=tuple(sorted(declarations, key=_order)),
    )


def encoded(export: Export) -> bytes:
    """As ASCII JSON with one entry in each line, so that differences between two exports can be read."""
    parts = []
    for key, value in msgspec.to_builtins(export).items():
        if isinstance(value, (list, tuple)):
            inner = ",\n".join(f"  {json.dumps(one, allow_nan=False)}" for one in value)
            parts.append(f" {json.dumps(key)}: [\n{inner}\n ]" if inner else f" {json.dumps(key)}: []")
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(value)}")
    return ("{\n" + ",\n".join(parts) + "\n}\n").encode("ascii")


def project_name(root: Path) -> str:
    """The name in the project's packaging file, else that of the repository's folder, without odd characters."""
    named = _packaged(root / "pyproject.toml")
    return plain(named or (repository(root) or root).resolve().name)


def _packaged(file: Path) -> str:
    import tomli

    try:
        project = tomli.loads(file.read_text(encoding="utf-8-sig")).get("project")
    except (OSError, ValueError, RecursionError):  # a broken packaging file is not ours to judge
        return ""
    name = project.get("name") if isinstance(project, dict) else ""
    return name if isinstance(name, str) else ""


def plain(name: str) -> str:
    """A name of letters, digits, dots and dashes."""
    return re.sub(r"[^\w.-]+", "-", name, flags=re.ASCII).strip("-.")[:80] or "project"


def _shared(identity: Identity) -> bool:
    """Whether the name means the same in another repository: no path below this one's folder, no name in this one's catalog."""
    if identity.store == "file":
        first = identity.name[0] if identity.name else ""
        return isinstance(first, str) and first.startswith("/")
    return identity.store not in ("dataset", "job")


def _told(one: Declaration) -> bool:
    return not one.order_only and (_shared(one.identity) or one.system in _CONTRACTS)


def _access(project: Project, access: Access, identity: Identity) -> ExportedAccess:
    where = project.place(access.place)
    return ExportedAccess(
        path=_clean(where.path),
        line=max(where.line, 1),
        end_line=max(where.end_line, where.line, 1),
        direction="write" if access.direction == "write" else "read",
        store=identity.store,
        namespace=_pieces(identity.namespace),
        name=_pieces(identity.name),
        scope=_clean(access.scope),
        api=_clean(access.api),
        format=access.format,
        mode=access.mode,
        certainty=round(min(1.0, max(0.0, access.certainty)), 3),
        terminal=access.terminal,
    )


def _declaration(one: Declaration) -> ExportedDeclaration:
    return ExportedDeclaration(
        path=_clean(one.path),
        line=one.line,
        system=one.system,
        role="consumes" if one.role == "consumes" else "produces" if one.role == "produces" else "external",
        store=one.identity.store,
        namespace=_pieces(one.identity.namespace),
        name=_pieces(one.identity.name),
        who=_clean(one.who),
        files=tuple(_clean(path) for path in one.files),
        owner=_clean(one.owner),
        visibility=one.visibility,
        expires=one.expires,
    )


def _pieces(template: Template) -> Pieces:
    return tuple(_told(part) if isinstance(part, str) else Gap(_clean(part.name), part.origin) for part in template)


def _told(text: str) -> str:
    """Without passwords, which others need not know to mean the same place."""
    return logged_out(_clean(text))


def _clean(text: str) -> str:
    """Without lone surrogates, which stand for bytes of a file name and which JSON cannot carry to every reader."""
    return text.encode("utf-8", "backslashreplace").decode()


def _order(one: ExportedAccess | ExportedDeclaration) -> tuple[str, int, bytes]:
    return one.path, one.line, msgspec.json.encode(one)
