"""Who owns a file: CODEOWNERS as GitHub and GitLab read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.owners import PLACES, Owners, _parse


def owners(root: Path, text: str, place: str = "CODEOWNERS") -> Owners:
    (root / ".git").mkdir(exist_ok=True)
    (root / place).parent.mkdir(exist_ok=True)
    (root / place).write_text(text)
    return Owners(root)


def test_the_last_pattern_that_meets_the_path_counts(tmp_path: Path) -> None:
    found = owners(tmp_path, "# all\n*  @all\n*.py @py @org/ml # and why\n/jobs/ ml@example.org\n/jobs/open.py\n")

    assert found.of("README.md") == ("@all",)
    assert found.of("lib/a.py") == ("@py", "@org/ml")
    assert found.of("jobs/deep/a.py") == ("ml@example.org",)
    assert found.of("lib/jobs/a.py") == ("@py", "@org/ml")
    assert found.of("jobs/open.py") == ()  # nobody
    assert found.malformed == 0


@pytest.mark.parametrize(
    ("pattern", "path", "met"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/deep/a.md", False),
        ("docs/**", "docs/deep/a.md", True),
        ("docs/", "lib/docs/a.md", True),
        ("/docs", "docs/deep/a.md", True),
        ("/docs", "lib/docs/a.md", False),
        ("**/logs", "deep/logs/a.txt", True),
        (r"a\ b.py", "a b.py", True),
        (r"\#a.py", "#a.py", True),
        ("a.py", "b.py", False),
        ("*", "a/b/c", True),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, path: str, met: bool) -> None:
    assert owners(tmp_path, f"{pattern} @me\n").of(path) == (("@me",) if met else ())


def test_paths_are_those_of_the_project_and_patterns_those_of_the_repository(tmp_path: Path) -> None:
    owners(tmp_path, "/jobs/train/ @trainers\n")
    (tmp_path / "jobs").mkdir()

    assert Owners(tmp_path / "jobs").of("train/a.py") == ("@trainers",)
    assert Owners(tmp_path / "jobs").of("jobs/train/a.py") == ()


def test_the_first_place_counts(tmp_path: Path) -> None:
    for number, place in reversed(list(enumerate(PLACES))):
        found = owners(tmp_path, f"* @owner{number}\n", place)
        assert (found.of("a.py"), found.file) == ((f"@owner{number}",), place)


def test_without_a_file_or_a_repository_nobody_owns_anything(tmp_path: Path) -> None:
    assert (Owners(tmp_path).of("a.py"), Owners(tmp_path).file, Owners(tmp_path).malformed) == ((), "", 0)
    (tmp_path / ".git").mkdir()
    (tmp_path / "CODEOWNERS").mkdir()
    assert Owners(tmp_path).of("a.py") == ()


def test_sections_of_gitlab(tmp_path: Path) -> None:
    found = owners(
        tmp_path,
        "* @all\n[Data][2] @data @@maintainer\n*.csv\n/raw/ @raw\n^[Optional review]\n*.csv @reader\n*.md\n[data]\n/raw/x.csv @x\n",
        ".gitlab/CODEOWNERS",
    )

    assert found.of("a.csv") == ("@all", "@data", "@@maintainer", "@reader")
    assert found.of("raw/a.csv") == ("@all", "@raw", "@reader")
    assert found.of("raw/x.csv") == ("@all", "@x", "@reader")
    assert found.of("a.md") == ("@all",)
    assert found.malformed == 0


def test_what_is_not_understood_is_counted_and_left_out(tmp_path: Path) -> None:
    found = owners(tmp_path, "* @all\n*.py nobody\n!*.md @x\n/ @x\n*.csv @a@b@c\n*.sql @data\n")

    assert found.malformed == 4
    assert (found.of("a.py"), found.of("a.md"), found.of("a.csv"), found.of("a.sql")) == (("@all",),) * 3 + (("@data",),)


@pytest.mark.parametrize("pattern", ["*a" * 30 + "z", "**/a/" * 30 + "z", "*" * 50 + "z"])
def test_a_pattern_that_takes_for_ever_is_left_out(tmp_path: Path, pattern: str) -> None:
    found = owners(tmp_path, f"{pattern} @x\n")

    assert found.of("a" * 200 + "b") == found.of("a/" * 200 + "b") == ()
    assert found.malformed == 1


def test_bytes_of_any_kind_are_read(tmp_path: Path) -> None:
    found = owners(tmp_path, "")
    (tmp_path / "CODEOWNERS").write_bytes(b"\xef\xbb\xbf*.py @py\r\n\xff\xfe\x00 \xff@\r\n*.md @md\r\n")

    assert (found.of("a.py"), found.of("a.md")) == (("@py",), ("@md",))


@given(st.text(alphabet="ab*?[]!\\/#@ ^\t\n.\0é", max_size=40))
def test_no_text_is_fatal(text: str) -> None:
    assert all(rule is None or rule.pattern for rule in _parse(text))
