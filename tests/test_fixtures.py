"""The shipped projects, as they are: every planted line is found, nothing else is, and the clean twins are silent."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import msgspec
import pytest

import mldebt
from mldebt.cards import load_cards
from mldebt.config import Config, load
from tests.cards_runner import Mark, marks_of

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
PLANTED = ("churn", "vision", "support")
Found = set[tuple[str, int, str]]


def planted(name: str) -> tuple[Mark, ...]:
    """The marks of a project; in a notebook the lines are those of the .ipynb file."""
    root = FIXTURES / name
    return tuple(
        mark
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.suffix != ".md" and ".mldebt_cache" not in path.parts
        for mark in marks_of(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8"))
    )


def found(name: str, profile: str) -> Found:
    root = FIXTURES / name
    settings = load(root).config if (root / "mldebt.toml").is_file() else Config()
    report = mldebt.scan([root], msgspec.structs.replace(settings, profile=profile, jobs=1))
    assert report.summary.unread == ()
    assert report.summary.files >= 9
    return {(one.finding.location.path, one.finding.location.line, one.name) for one in report.findings}


def expected(name: str, *kinds: str) -> Found:
    return {(mark.path, mark.line, mark.rule) for mark in planted(name) if mark.kind in kinds}


@pytest.mark.parametrize("name", PLANTED)
def test_default_profile_finds_the_planted_debts_and_no_others(name: str) -> None:
    assert sorted(found(name, "default")) == sorted(expected(name, "error"))


@pytest.mark.parametrize("name", PLANTED)
def test_audit_profile_finds_those_of_the_audit_too(name: str) -> None:
    assert sorted(found(name, "audit")) == sorted(expected(name, "error", "audit"))


@pytest.mark.parametrize("name", PLANTED)
def test_clean_twin_is_silent(name: str) -> None:
    assert found(f"{name}-clean", "default") == set()


@pytest.mark.parametrize("name", PLANTED)
def test_marks_name_known_rules_at_their_profiles(name: str) -> None:
    cards = load_cards()
    marks = planted(name)

    assert len({mark.rule for mark in marks}) >= 8
    assert {mark.kind for mark in marks} == {"error", "audit"}
    assert {mark.rule for mark in marks} <= cards.keys()
    assert all(cards[mark.rule].profile == "default" for mark in marks if mark.kind == "error")


@pytest.mark.parametrize("name", PLANTED)
def test_clean_twin_has_no_marks_and_the_same_shape(name: str) -> None:
    twin = FIXTURES / f"{name}-clean"
    files = {path.relative_to(twin).as_posix() for path in twin.rglob("*") if path.is_file() and ".mldebt_cache" not in path.parts}
    original = {path.relative_to(FIXTURES / name).as_posix() for path in (FIXTURES / name).rglob("*") if path.is_file()}

    assert planted(f"{name}-clean") == ()
    assert files - {"dvc.yaml", "mldebt.toml", "requirements.txt"} <= original  # what the clean project declares


@pytest.mark.parametrize("path", sorted(FIXTURES.rglob("*.py")), ids=lambda path: os.fspath(path.relative_to(FIXTURES)))
def test_python_of_the_fixtures_parses(path: Path) -> None:
    assert isinstance(ast.parse(path.read_text(encoding="utf-8")), ast.Module)
