"""What the kinds of coupled constants have in common."""

from __future__ import annotations

import re

import msgspec

from mldebt.project.constants.literals import Literal
from mldebt.project.project import Module
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Role

_FOREIGN = re.compile(
    r"(^|/)(_?vendor(ed)?|third[_-]?party|external|site-packages|node_modules|migrations|alembic)/"
    r"|(_pb2(_grpc)?|(^|/)(setup|conftest|versioneer|_version))\.py$|\{\{|cookiecutter",
    re.IGNORECASE,
)


class Coupled(msgspec.Struct, frozen=True):
    """Places that must agree; the first is where the finding stands."""

    kind: str
    places: tuple[Literal, ...]
    message: str
    anchor: str
    confidence: float
    notes: tuple[str, ...] = ()  # of the places behind the first


def is_compared(module: Module) -> bool:
    """Whether the file is the project's own working code."""
    return not is_demonstration(module) and module.source.role is not Role.LEGACY and not _FOREIGN.search(module.path)
