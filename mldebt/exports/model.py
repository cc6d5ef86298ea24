"""Exported facts, version 1: who reads and writes which artifact, and what was declared of it. No source text."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

VERSION = 1

Line = Annotated[int, Meta(ge=1)]


class Gap(msgspec.Struct, frozen=True):
    """A part of a name that the code leaves open, and who fills it."""

    hole: str = ""
    origin: str = "unknown"


Pieces = tuple[str | Gap, ...]


class ExportedAccess(msgspec.Struct, frozen=True):
    """One place that reads or writes an artifact."""

    path: str
    line: Line
    end_line: Line
    direction: Literal["read", "write"]
    store: str
    namespace: Pieces
    name: Pieces
    scope: str = ""
    api: str = ""
    format: str = ""
    mode: str = ""
    certainty: Annotated[float, Meta(ge=0, le=1)] = 1.0
    terminal: bool = False


class ExportedDeclaration(msgspec.Struct, frozen=True):
    """Somebody wrote down that `who` produces or consumes an artifact."""

    path: str
    line: int
    system: str
    role: Literal["produces", "consumes", "external"]
    store: str
    namespace: Pieces
    name: Pieces
    who: str
    files: tuple[str, ...] = ()
    owner: str = ""
    visibility: str = ""
    expires: str = ""


class Export(msgspec.Struct, frozen=True):
    """What one repository tells others."""

    version: int
    mldebt: str  # the version that wrote it
    project: str
    commit: str  # empty: not in git
    date: str
    accesses: tuple[ExportedAccess, ...]
    declarations: tuple[ExportedDeclaration, ...]


class Header(msgspec.Struct, frozen=True):
    """What every version of the form begins with."""

    version: int
    mldebt: str = "?"
