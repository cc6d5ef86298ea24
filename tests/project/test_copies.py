"""Families of copied lines."""

from __future__ import annotations

from mldebt.project.copies import Family, families
from tests.project.reading import project_of

BODY = [f"value_{n} = step_{n}(value_{n - 1}, rate)" for n in range(1, 13)]


def copies(files: dict[str, list[str]]) -> tuple[Family, ...]:
    return families(project_of({path: "\n".join(lines) + "\n" for path, lines in files.items()}).python, 6)


def places(family: Family) -> list[tuple[str, int, int]]:
    return [(m.module.path, m.first, m.last) for m in family.members]


def test_equal_files_are_one_family() -> None:
    (family,) = copies({"a.py": BODY, "b.py": BODY, "c.py": BODY})
    assert places(family) == [("a.py", 1, 12), ("b.py", 1, 12), ("c.py", 1, 12)]
    assert all(m.whole and not m.own for m in family.members)
    assert family.repeated == 24


def test_a_changed_line_is_the_copys_own() -> None:
    changed = [*BODY[:5], "value_6 = other_step(rate)", *BODY[6:]]
    (family,) = copies({"a.py": BODY, "b.py": changed})
    assert [m.own for m in family.members] == [(6,), (6,)]


def test_a_block_in_two_different_files() -> None:
    left = [f"left_{n} = read_left({n}, n)" for n in range(20)]
    right = [f"right_{n} = read_right({n}, n)" for n in range(20)]
    (family,) = copies({"a.py": [*left, *BODY[:8]], "b.py": [*BODY[:8], *right]})
    assert places(family) == [("a.py", 21, 28), ("b.py", 1, 8)]
    assert not any(m.whole for m in family.members)


def test_a_block_that_repeats_in_one_file() -> None:
    between = [f"other_{n} = read_other({n}, n)" for n in range(9)]
    (family,) = copies({"a.py": [*BODY[:8], *between, *BODY[:8]]})
    assert places(family) == [("a.py", 1, 8), ("a.py", 18, 25)]


def test_quotes_blanks_and_imports_do_not_count() -> None:
    plain = [f'row_{n} = frame["c{n}"] + {n}' for n in range(8)]
    other = ["import os", *(line.replace('"', "'").replace(" + ", "+") for line in plain)]
    (family,) = copies({"a.py": plain, "b.py": other})
    assert places(family) == [("a.py", 1, 8), ("b.py", 2, 9)]


def test_a_repeated_single_line_is_no_copy() -> None:
    assert copies({"a.py": ["rows.append(row)"] * 20, "b.py": ["rows.append(row)"] * 20}) == ()
