"""Configuration files against the code that loads them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project.project import Project


def check(project: Project) -> Iterator[Finding]:
    """Nothing yet."""
    yield from ()
