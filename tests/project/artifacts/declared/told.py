"""What the files of a small project declare, as text."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.config import Config
from mldebt.project import Project
from mldebt.project.artifacts.declared import declarations
from mldebt.project.artifacts.model import Declaration
from mldebt.project.artifacts.templates import text
from tests.project.reading import project_of


def told(files: Mapping[str, str], config: Config | None = None) -> tuple[Project, tuple[Declaration, ...]]:
    project = project_of(files, config=config)
    return project, declarations(project)


def said(files: Mapping[str, str], config: Config | None = None) -> list[str]:
    """The declarations of artifacts, one line each."""
    return [_line(one) for one in told(files, config)[1] if not one.order_only]


def order_of(files: Mapping[str, str]) -> list[str]:
    """The declared orders of jobs, `earlier -> later`."""
    return sorted({f"{text(one.identity.name)} -> {one.who}" for one in told(files)[1] if one.order_only and one.role == "consumes"})


def _line(one: Declaration) -> str:
    place = "/".join(part for part in (text(one.identity.namespace), text(one.identity.name)) if part)
    rest = [f"{key}={value}" for key, value in (("owner", one.owner), ("visibility", one.visibility), ("expires", one.expires)) if value]
    head = f"{one.system} {one.path}:{one.line} {one.who} {one.role} {one.identity.store}:{place} [{' '.join(one.files)}]"
    return " ".join([head, *rest])
