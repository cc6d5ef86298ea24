"""Where a declaration points: identities from its paths, and the project's files that its commands run."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

import msgspec

from mldebt.project.artifacts.identity import of_path
from mldebt.project.artifacts.model import Identity
from mldebt.project.artifacts.templates import join_path, normal_path, parse
from mldebt.project.project import Project

SCRIPTS = (".py", ".ipynb", ".sh", ".bash", ".r", ".sql")
_WORD = re.compile(r"[^\s\"'`;|&()<>=,\[\]]+")
_MODULE = re.compile(r"-m\s+([A-Za-z_][\w.]*)")


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def below(folder: str, path: str) -> str:
    """A path that is relative to a folder, relative to the root."""
    joined = posixpath.normpath(posixpath.join(folder, path))
    return "" if joined == "." else joined


def located(text: str, folder: str = "") -> Identity | None:
    """The artifact that a path or URL names; a relative path is one below `folder`, which is taken as it is written."""
    identity = of_path(parse(text)) if text.strip() else None
    if identity is None or identity.store != "file" or not folder:
        return identity
    return msgspec.structs.replace(identity, name=normal_path(join_path((folder,), identity.name)))


def script(project: Project, text: str, *folders: str) -> str:
    """The path of the project's file that `text` names, as seen from one of the folders, else from the root; or empty."""
    if not text.lower().endswith(SCRIPTS) or "://" in text:
        return ""
    for folder in (*folders, ""):
        candidate = below(folder, text)
        if candidate in project.modules:
            return candidate
    return ""


def scripts_in(project: Project, command: str, *folders: str) -> tuple[str, ...]:
    """The files of the project that a command names: paths of scripts, and modules after `-m`."""
    found: dict[str, None] = {}
    for word in _WORD.findall(command):
        if path := script(project, word, *folders):
            found[path] = None
    for dotted in _MODULE.findall(command):
        importer = f"{folders[0]}/-" if folders and folders[0] else "-"
        path = project.index.find(importer, dotted) or ""
        main = path.removesuffix("__init__.py") + "__main__.py"
        path = main if path.endswith("__init__.py") and main in project.modules else path
        if path in project.modules:
            found[path] = None
    return tuple(sorted(found))


def inside(project: Project, folder: str) -> tuple[str, ...]:
    """The project's scripts in a folder, at any depth."""
    start = f"{folder}/" if folder else ""
    return tuple(path for path in project.modules if path.startswith(start) and path.lower().endswith(SCRIPTS))


def merged(groups: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({path for group in groups for path in group if path}))
