"""What several tests share: a clean environment, and a small check that stands in for the real ones."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import pytest
from hypothesis import settings

from mldebt.findings import Coverage, Finding
from mldebt.project import Project

settings.register_profile("untimed", deadline=None)  # a busy machine is no defect
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("MLDEBT_") or name in ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS"):
            monkeypatch.delenv(name)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An empty project: its configuration file makes it a root of its own."""
    (tmp_path / "mldebt.toml").write_text("")
    return tmp_path


@pytest.fixture
def import_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only finding is an import of `debt`; a second file that imports it is evidence of the first."""

    def run(project: Project, rules: Collection[str]) -> list[Finding]:
        found = []
        places = [project.location(module, one.span) for module in project.python for one in module.facts.imports if one.target == "debt"]
        for number, place in enumerate(places):
            others = tuple(places[number + 1 : number + 2])
            found.append(Finding("unread-flag", place, f"debt in {place.path}", anchor="debt", evidence=others))
        return [finding for finding in found if finding.rule in rules]

    monkeypatch.setattr("mldebt.checks.run", run)
    monkeypatch.setattr(Project, "coverage", lambda self: {"imports": Coverage(1, 2)})
