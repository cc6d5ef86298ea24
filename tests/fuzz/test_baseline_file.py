"""Damaged baselines: entries, or one line that names the file and a line of it; and what is written is read back."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.baseline import HEADER, Entry, read, write
from mldebt.config import ConfigError

WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
ENTRIES = st.lists(
    st.builds(Entry, WORDS, st.just("MLD103"), st.just("undeclared-consumer"), WORDS, WORDS, st.integers(0, 3), st.tuples(WORDS)),
    max_size=5,
    unique_by=lambda one: (one.path, one.scope, one.anchor, one.ordinal),
)
JUNK = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([b"<<<<<<< ours", b"=======", b"{", b"[]", b"null", b"{}" * 40, b"[" * 5000, b"\xff"]),
    st.sampled_from([b'{"path": 1}', b'{"mldebt-baseline": 2}']),
    st.dictionaries(WORDS, st.one_of(WORDS, st.integers(), st.none()), max_size=3).map(lambda value: json.dumps(value).encode()),
)


@settings(max_examples=150, derandomize=True)
@given(ENTRIES, st.lists(st.tuples(st.integers(0, 6), JUNK), max_size=3), st.integers(0, 400))
def test_any_damage_is_told_in_one_line(tmp_path_factory, entries: list[Entry], junk: list[tuple[int, bytes]], cut: int) -> None:
    file: Path = tmp_path_factory.mktemp("damage") / "known.jsonl"
    write(file, entries)
    assert set(read(file)) == set(entries)
    lines = file.read_bytes().split(b"\n")
    for place, line in junk:
        lines.insert(place, line)
    file.write_bytes(b"\n".join(lines)[: cut or None])
    try:
        found = read(file)
    except ConfigError as error:
        assert "\n" not in str(error)
        assert str(error).startswith(f"{file}:")
    else:
        assert all(isinstance(one, Entry) for one in found)
        assert json.loads(file.read_text("utf-8-sig").lstrip().splitlines()[0]) == {HEADER: 1}
