"""Small projects from texts, and what a check finds in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from mldebt.catalogue import load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.findings import Finding
from mldebt.project import Project, link
from mldebt.sources.discover import FileSettings, discover
from mldebt.sources.model import Text
from mldebt.sources.read import read

CATALOGUE = load_catalogue()

MakeProject = Callable[[Mapping[str, str]], Project]
Found = Callable[[str, Mapping[str, str]], list[Finding]]


@pytest.fixture
def project_of(tmp_path: Path) -> MakeProject:
    """Writes the files (path -> text) and links them."""

    def make(files: Mapping[str, str]) -> Project:
        for path, text in files.items():
            target = tmp_path / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        facts = {}
        for source in discover(tmp_path, [tmp_path], FileSettings()).sources:
            text = read(tmp_path, source)
            assert isinstance(text, Text), text
            facts[source.path] = (source, extract(source, text))
        return link(tmp_path, facts, CATALOGUE, Config())

    return make


@pytest.fixture
def found(project_of: MakeProject) -> Found:
    """The findings of one module of `mldebt.checks`, sorted by place."""

    def run(check: str, files: Mapping[str, str]) -> list[Finding]:
        findings = import_module(f"mldebt.checks.{check}").check(project_of(files))
        return sorted(findings, key=lambda finding: (finding.location, finding.rule))

    return run
