"""Any bytes become a text with plain newlines that can be stored, or a reason of one line; ignore files are read like git reads them."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.findings import Unread
from mldebt.sources.discover import FileSettings, SourceError, discover
from mldebt.sources.ignore import compiled
from mldebt.sources.read import read
from tests.fuzz.mutations import encoded, mutated
from tests.fuzz.strategies import SEEDS, examples
from tests.fuzz.texts import BY_NAME
from tests.fuzz.trial import source_of

PATTERNS = st.text(st.sampled_from("ab*?[]!/\\-^.# {}()+|$é\x00"), max_size=12)
PATHS = st.text(st.sampled_from("ab/.-"), min_size=1, max_size=20).filter(lambda path: not path.startswith("/"))


@given(name=st.sampled_from(sorted(BY_NAME)), seed=SEEDS)
@examples(250)
def test_mutated_files(tmp_path: Path, name: str, seed: int) -> None:
    random = Random(seed)
    texts = BY_NAME[name]
    (tmp_path / name).write_bytes(encoded(random, mutated(random, random.choice(texts), random.choice(texts))))
    _readable(tmp_path, name)


@given(name=st.sampled_from(["a.py", "a.ipynb", "a.yaml"]), raw=st.binary(max_size=60))
@examples(150)
def test_bytes(tmp_path: Path, name: str, raw: bytes) -> None:
    (tmp_path / name).write_bytes(raw)
    _readable(tmp_path, name)


@given(coding=st.text(max_size=12), raw=st.binary(max_size=20))
@examples(100)
def test_coding_lines(tmp_path: Path, coding: str, raw: bytes) -> None:
    (tmp_path / "a.py").write_bytes(f"# -*- coding: {coding} -*-\n".encode("utf-8", "replace") + raw)
    _readable(tmp_path, "a.py")


@pytest.mark.parametrize(
    "coding", ["rot13", "base64", "idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "utf-7", "zip", "mbcs"]
)
def test_codecs_that_are_no_encodings(tmp_path: Path, coding: str) -> None:
    (tmp_path / "a.py").write_bytes(f"# coding: {coding}\nx = '\\ud800 \xff +2AA-'\n".encode("latin-1"))
    _readable(tmp_path, "a.py")


def _readable(root: Path, name: str) -> None:
    text = read(root, source_of(name))
    if isinstance(text, Unread):
        assert text.path == name
        assert text.reason
        assert "\n" not in text.reason
        return
    text.text.encode()
    assert "\r" not in text.text
    assert "\0" not in text.text
    assert text.lines in (text.text.count("\n"), text.text.count("\n") + 1)
    assert all(place.line >= 1 and place.cell >= 1 and place.cell_line >= 1 for place in text.places)


@given(lines=st.lists(PATTERNS, max_size=4), path=PATHS)
@examples(300)
def test_ignore_patterns(lines: list[str], path: str) -> None:
    try:
        spec = compiled(lines)
    except ValueError:
        assert lines  # nothing is never wrong
        return
    assert spec.match_file(path) in (True, False)


@given(lines=st.lists(PATTERNS, max_size=4))
@examples(60)
def test_a_broken_ignore_file_hides_no_good_pattern(tmp_path: Path, lines: list[str]) -> None:
    for name in ("kept.py", "wanted.sql"):
        (tmp_path / name).write_text("")
    (tmp_path / ".gitignore").write_text("\n".join([*lines, "!*", "kept.py", "[z-a]"]), encoding="utf-8")
    found = discover(tmp_path, (), FileSettings())
    assert [source.path for source in found.sources] == ["wanted.sql"]


@given(lines=st.lists(PATTERNS, min_size=1, max_size=3))
@examples(60)
def test_exclude_patterns_are_kept_or_refused(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "a.py").write_text("")
    try:
        discover(tmp_path, (), FileSettings(extend_exclude=tuple(lines)))
    except SourceError as error:
        assert "not a valid exclude pattern" in str(error)
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    "pattern", ["*a" * 40 + "b", "**/a/" * 40 + "b", "a" * 5_000, "[z-a]", "[" * 50 + "]", "*" * 60 + "x", "*/a*b*/" * 9]
)
def test_patterns_that_no_one_can_match_in_time(tmp_path: Path, pattern: str) -> None:
    folder = tmp_path / ("a" * 200) / ("a" * 200)
    folder.mkdir(parents=True)
    (folder / f"{'a' * 200}.py").write_text("")
    (tmp_path / ".gitignore").write_text(pattern + "\n")
    assert [Path(source.path).name for source in discover(tmp_path, (), FileSettings()).sources] == [f"{'a' * 200}.py"]
