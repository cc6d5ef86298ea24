from __future__ import annotations

import gzip
from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt.data_pass.errors import DataError
from mldebt.data_pass.reading import memory
from mldebt.data_pass.reading.delimited import Delimited
from mldebt.data_pass.reading.examine import _examine, examine, examine_frame
from mldebt.data_pass.reading.names import roles_of
from mldebt.data_pass.settings import FeatureSettings

ROWS = 400


def table(**columns: object) -> pd.DataFrame:
    random = np.random.default_rng(3)
    return pd.DataFrame({"a": random.normal(size=ROWS), "b": random.integers(0, 9, ROWS), "y": random.integers(0, 2, ROWS), **columns})


def asked(data: str = "d.csv", target: str = "y", **more: object) -> FeatureSettings:
    return FeatureSettings(data=data, target=target, **more)


def look(folder: Path, frame: pd.DataFrame, **more: object):
    frame.to_csv(folder / "d.csv", index=False)
    return examine(asked(**more), folder)


def complaint(folder: Path, frame: pd.DataFrame, **more: object) -> str:
    with pytest.raises(DataError) as caught:
        look(folder, frame, **more)
    text = str(caught.value)
    assert "\n" not in text
    return text


def mixed_table() -> pd.DataFrame:
    random = np.random.default_rng(5)
    return table(
        flag=random.random(ROWS) > 0.5,
        day=pd.date_range("2024-01-01", periods=ROWS),
        city=random.choice(["Ulm", "Jena", "Kiel"], ROWS),
        holes=np.where(random.random(ROWS) < 0.2, np.nan, random.normal(size=ROWS)),
        name=[f"customer {number}" for number in range(ROWS)],
    )


def test_types_and_values(tmp_path: Path):
    frame = mixed_table()
    sample, _ = look(tmp_path, frame)
    assert sample.types == {
        "a": "number",
        "b": "number",
        "city": "category",
        "day": "date",
        "flag": "bool",
        "holes": "number",
    }
    assert list(sample.frame.columns) == sorted(sample.types)
    assert sample.frame["a"].to_numpy() == pytest.approx(frame["a"].to_numpy(), rel=1e-12)
    assert sample.frame["city"].astype(str).tolist() == frame["city"].tolist()
    assert sample.frame["day"].iloc[1] - sample.frame["day"].iloc[0] == 86_400
    assert set(sample.frame["flag"]) == {0.0, 1.0}
    assert sample.excluded == {"name": "another text in every row"}
    assert sample.classes == ("0", "1")
    assert sample.rows == ROWS


def test_formats_agree(tmp_path: Path):
    frame = mixed_table()
    frame["a"] = frame["a"].round(6)
    frame["holes"] = frame["holes"].round(6)
    want = look(tmp_path, frame)
    with gzip.open(tmp_path / "d.csv.gz", "wt") as stream:
        frame.to_csv(stream, index=False)
    frame.to_csv(tmp_path / "d.tsv", sep="\t", index=False)
    frame.to_parquet(tmp_path / "d.parquet", row_group_size=70)
    frame.to_feather(tmp_path / "d.feather")
    for part in range(3):
        (tmp_path / "parts").mkdir(exist_ok=True)
        frame.iloc[part * 150 : (part + 1) * 150].to_parquet(tmp_path / "parts" / f"part-{part}.parquet")
    (tmp_path / "parts" / "_SUCCESS").write_text("")
    found = [examine(asked(data), tmp_path) for data in ("d.csv.gz", "d.tsv", "d.parquet", "d.feather", "parts")]
    found.append(examine_frame(frame.drop(columns="y"), frame["y"], asked()))
    for sample, structure in found:
        assert sample.fingerprint == want[0].fingerprint
        assert structure == want[1]
        pd.testing.assert_frame_equal(sample.frame, want[0].frame)


def test_column_order_does_not_matter(tmp_path: Path):
    frame = mixed_table()
    sample, structure = look(tmp_path, frame)
    again, other = look(tmp_path, frame[list(frame.columns)[::-1]])
    assert other == structure
    assert again.fingerprint == sample.fingerprint
    pd.testing.assert_frame_equal(again.frame, sample.frame)


def test_hive_folders_add_a_column(tmp_path: Path):
    frame = table()
    for year in (2023, 2024):
        (tmp_path / "all" / f"year={year}").mkdir(parents=True)
        frame[: ROWS // 2].to_parquet(tmp_path / "all" / f"year={year}" / "part.parquet")
    sample, _ = examine(asked("all"), tmp_path)
    assert sample.types["year"] == "number"
    assert sample.frame["year"].tolist() == [2023.0] * (ROWS // 2) + [2024.0] * (ROWS // 2)


def test_arrow_types(tmp_path: Path):
    columns = {
        "small": pa.array([1, None] * 200, pa.int8()),
        "flag": pa.array([True, None] * 200, pa.bool_()),
        "money": pa.array([1, 2] * 200, pa.int64()).cast(pa.decimal128(24, 2)),
        "when": pa.array(range(0, 400_000_000, 1_000_000), pa.timestamp("ns", "UTC")),
        "word": pa.array(["p", None, "q", "q"] * 100).dictionary_encode(),
        "many": pa.array([[1, 2]] * 400),
        "none": pa.nulls(400),
        "y": pa.array([0, 1] * 200),
    }
    pq.write_table(pa.table(columns), tmp_path / "d.parquet")
    sample, structure = examine(asked("d.parquet"), tmp_path)
    assert sample.types == {"small": "number", "flag": "bool", "money": "number", "when": "date", "word": "category", "none": "number"}
    assert sample.frame["small"].isna().sum() == 200
    assert list(sample.frame["word"].cat.categories) == ["p", "q"]
    assert "list" in sample.excluded["many"]
    assert structure.constants == ("none",)
    assert structure.missing["word"] == 0.25


def test_a_byte_order_mark_and_latin_1(tmp_path: Path):
    text = "größe,b,y\n" + "".join(f"{row * 0.5},ä{row % 3},{row % 2}\n" for row in range(60))
    (tmp_path / "d.csv").write_text(text, encoding="utf-8-sig")
    marked, _ = examine(asked(), tmp_path)
    (tmp_path / "d.csv").write_text(text, encoding="latin-1")
    old, _ = examine(asked(), tmp_path)
    assert list(marked.frame.columns) == ["b", "größe"]
    assert old.fingerprint == marked.fingerprint
    assert marked.notes == ()
    assert old.notes == ("d.csv is not UTF-8: read as Latin-1",)


def test_semicolons_and_decimal_commas(tmp_path: Path):
    (tmp_path / "d.csv").write_text("a;b;y\n" + "".join(f"{row},25;{row};{row % 2}\n" for row in range(60)))
    sample, _ = examine(asked(), tmp_path)
    assert sample.frame["a"].tolist() == [row + 0.25 for row in range(60)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("\n\n", "empty"),
        ("a,b,y\n", "no rows"),
        ("a,a,y\n1,2,3\n", "'a' is there more than once"),
        ("a,b,y\n1,2,3\n1,2,3,4\n", "Expected 3 fields in line 3, saw 4"),
        ("a,b,y\n1,2,3,4\n1,2,3,4\n", "not a table"),
        ("a\0b,y\n1,2\n", "binary"),
    ],
)
def test_what_is_no_table(tmp_path: Path, text: str, words: str):
    (tmp_path / "d.csv").write_text(text)
    with pytest.raises(DataError, match=r"^[^\n]*$") as caught:
        examine(asked(), tmp_path)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("d.parquet", b"PAR1 not really", "not a Parquet file"),
        ("d.parquet", b"", "empty"),
        ("d.feather", b"nonsense", "not a Feather file"),
        ("d.csv.gz", b"nonsense", "cannot be read"),
        ("d.xlsx", b"x", "not a known kind"),
    ],
)
def test_damaged_files(tmp_path: Path, name: str, content: bytes, words: str):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=r"^[^\n]*$") as caught:
        examine(asked(name), tmp_path)
    assert words in str(caught.value)


def test_a_parquet_file_that_breaks_off(tmp_path: Path):
    table().to_parquet(tmp_path / "d.parquet")
    content = bytearray((tmp_path / "d.parquet").read_bytes())
    content[4:3000] = b"\xff" * 2996
    (tmp_path / "d.parquet").write_bytes(bytes(content))
    with pytest.raises(DataError, match="damaged"):
        examine(asked("d.parquet"), tmp_path)


def test_folders_that_are_no_data(tmp_path: Path):
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="no tables"):
        examine(asked("none"), tmp_path)
    with pytest.raises(DataError, match="no such file"):
        examine(asked("gone"), tmp_path)
    (tmp_path / "two").mkdir()
    table().to_parquet(tmp_path / "two" / "a.parquet")
    table().rename(columns={"b": "c"}).to_parquet(tmp_path / "two" / "b.parquet")
    with pytest.raises(DataError, match=r"b\.parquet: not the columns of a\.parquet: 'b'"):
        examine(asked("two"), tmp_path)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"target": "Y"}, "target: no column 'Y'; did you mean 'y'?"),
        ({"target": "price"}, "target: no column 'price'; there are 'a', 'b', 'y'"),
        ({"target": ""}, "--target"),
        ({"keep": ("A",)}, "keep: no column 'A'; did you mean 'a'?"),
        ({"drop": ("bb",)}, "drop: no column 'bb'; did you mean 'b'?"),
        ({"drop": ("y",)}, "drop: 'y' is the target"),
        ({"keep": ("y",)}, "keep: 'y' is the target; take it out of the list"),
        ({"keep": ("a", "b"), "drop": ("b",)}, "keep and drop: 'b' cannot be in both lists; take it out of one"),
        ({"drop": ("a", "b")}, "no column is left"),
        ({"groups": "g"}, "groups: no column 'g'"),
        ({"groups": "y"}, "groups: 'y' is the target"),
        ({"time": "bb"}, "time: no column 'bb'; did you mean 'b'?"),
        ({"weights": "w"}, "weights: no column 'w'"),
        ({"folds": 500}, "400 rows are fewer than the 500 folds"),
    ],
)
def test_names_and_numbers_that_do_not_fit(tmp_path: Path, more: dict[str, object], words: str):
    assert words in complaint(tmp_path, table(), **more)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ([1] * ROWS, "one value in all 400 rows"),
        ([None] * ROWS, "missing in all 400 rows"),
        ([0] * (ROWS - 3) + [1] * 3, "class '1' of target 'y' has 3 rows, fewer than the 5 folds"),
        ([f"t{row}" for row in range(ROWS)], "more than 100 different values"),
        (pd.date_range("2020", periods=ROWS), "holds dates"),
    ],
)
def test_targets_that_do_not_do(tmp_path: Path, target: object, words: str):
    assert words in complaint(tmp_path, table(y=target))


@pytest.mark.parametrize(
    ("target", "classes"),
    [
        (np.arange(ROWS) % 3, ("0", "1", "2")),
        (np.arange(ROWS) % 12 - 2, tuple(str(number) for number in range(-2, 10))),
        (np.arange(ROWS) % 21, ()),
        (np.arange(ROWS) % 3 + 0.5, ()),
        (np.arange(ROWS) % 2 == 0, ("False", "True")),
        (["no", "yes"] * (ROWS // 2), ("no", "yes")),
    ],
)
def test_classes_or_numbers(tmp_path: Path, target: object, classes: tuple[str, ...]):
    sample, _ = look(tmp_path, table(y=target))
    assert sample.classes == classes
    if classes:
        assert set(sample.target) == set(range(len(classes)))


@pytest.mark.parametrize("more", [{"model": "ridge"}, {"metric": "r2"}, {"metric": "neg_root_mean_squared_error"}, {"metric": "max_error"}])
def test_whole_numbers_are_a_quantity_for_a_model_or_a_metric_of_numbers(tmp_path: Path, more: dict[str, object]):
    counts = np.arange(ROWS) % 6 - 2
    counts[:2] = 9  # as a class it would be too rare
    sample, _ = look(tmp_path, table(y=counts), **more)
    assert sample.classes == ()
    assert sample.target.tolist() == counts.tolist()
    texts, _ = look(tmp_path, table(y=["no", "yes"] * (ROWS // 2)), **more)
    assert texts.classes == ("no", "yes")


def test_a_rare_class_of_numbers_names_the_way_out(tmp_path: Path):
    counts = np.arange(ROWS) % 6
    counts[:2] = 9
    assert complaint(tmp_path, table(y=counts)).endswith("give fewer --folds; if it is a number and no class, --metric r2")
    assert complaint(tmp_path, table(y=[f"c{count}" for count in counts])).endswith("give fewer --folds")


def test_rows_without_a_target_are_left_out(tmp_path: Path):
    frame = table()
    frame["y"] = frame["y"].astype(float)
    frame.loc[::4, "y"] = np.nan
    sample, structure = look(tmp_path, frame)
    whole, same = look(tmp_path, frame.dropna(subset=["y"]))
    assert sample.rows == 300
    assert sample.notes == ("100 rows without a target are left out",)
    assert (sample.fingerprint, structure) == (whole.fingerprint, same)


def test_roles_are_no_features(tmp_path: Path):
    random = np.random.default_rng(0)
    frame = table(w=random.random(ROWS), g=random.choice(["x", "y", "z"], ROWS), t=random.permutation(ROWS), out=1.0)
    sample, _ = look(tmp_path, frame, weights="w", groups="g", time="t", drop=("out",))
    assert list(sample.frame.columns) == ["a", "b"]
    assert sample.time is not None and sample.groups is not None and sample.weights is not None
    assert sample.time.tolist() == list(range(ROWS))
    ordered = frame.sort_values("t")
    assert sample.target.tolist() == ordered["y"].tolist()
    assert sample.weights == pytest.approx(ordered["w"].to_numpy())
    assert len(set(zip(sample.groups.tolist(), ordered["g"], strict=True))) == 3


@pytest.mark.parametrize("value", [-1.0, np.nan, np.inf])
def test_weights_that_weigh_nothing(tmp_path: Path, value: float):
    assert "weights: column 'w'" in complaint(tmp_path, table(w=[value] + [1.0] * (ROWS - 1)), weights="w")


def test_time_needs_values(tmp_path: Path):
    assert "missing in 1 rows" in complaint(tmp_path, table(t=[np.nan, *range(1, ROWS)]), time="t")
    assert "neither numbers nor ISO dates" in complaint(tmp_path, table(t=["early", "late"] * (ROWS // 2)), time="t")


def test_infinite_and_mixed_values_are_told(tmp_path: Path):
    sample, _ = look(tmp_path, table(i=[np.inf, -np.inf, *range(ROWS - 2)], m=["none", *(number % 4 for number in range(ROWS - 1))]))
    assert sample.frame["i"].isna().sum() == 2
    assert sample.types["m"] == "category"
    assert sample.notes == ("infinite values are read as missing: 'i'", "numbers and text in one column, read as text: 'm'")


LARGE = 2**62


@pytest.mark.parametrize("suffix", ["csv", "parquet", "memory"])
@pytest.mark.parametrize("holes", [False, True])
def test_whole_numbers_that_floats_do_not_tell_apart_are_read_as_text(tmp_path: Path, suffix: str, holes: bool):
    random = np.random.default_rng(0)
    bit = random.integers(0, 2, ROWS)
    frame = table(two=LARGE + 200 * bit, row=LARGE + np.arange(ROWS), one=LARGE, twin=LARGE + random.integers(0, 2, ROWS))
    if holes:
        frame = frame.astype(dict.fromkeys(("two", "row", "one", "twin"), "Int64"))
        frame.loc[:3, ["two", "row", "one", "twin"]] = None
    if suffix == "memory":
        sample, structure = examine_frame(frame.drop(columns="y"), frame["y"], asked(data="", target=""))
    else:
        frame.to_csv(tmp_path / "d.csv", index=False) if suffix == "csv" else frame.to_parquet(tmp_path / "d.parquet")
        sample, structure = examine(asked(f"d.{suffix}"), tmp_path)
    assert structure.constants == (() if holes else ("one",))
    assert structure.classes == ()
    assert (structure.distinct["two"], structure.distinct["twin"]) == (2, 2)
    assert {name: sample.types[name] for name in ("two", "twin")} == {"two": "category", "twin": "category"}
    shown = sample.frame["two"].astype(object).to_numpy()
    assert all(text == str(LARGE + 200 * one) for text, one in zip(shown[4:], bit[4:], strict=True))
    assert set(sample.excluded) == {"row"}
    (note,) = sample.notes
    assert note.startswith("whole numbers beyond 2^53") and note.endswith("'one', 'row', 'twin', 'two'")


def test_large_whole_numbers_that_floats_tell_apart_stay_numbers(tmp_path: Path):
    random = np.random.default_rng(0)
    spread = random.integers(-(2**63), 2**63 - 1, ROWS)
    moments = 1_700_000_000_000_000_000 + random.integers(0, 10**15, ROWS)
    frame = table(hash=spread, moment=moments, near=2**53 - random.integers(0, 9, ROWS), big=random.normal(size=ROWS) * 1e30)
    sample, structure = look(tmp_path, frame)
    assert {sample.types[name] for name in ("hash", "moment", "near", "big")} == {"number"}
    assert sample.notes == () and structure.constants == ()
    most = look(tmp_path, table(mostly=np.where(random.random(ROWS) < 0.5, 0, LARGE + random.integers(0, 200, ROWS))))[0]
    assert most.types["mostly"] == "category"


def test_large_numbers_of_groups_are_told_apart_and_times_stay_numbers(tmp_path: Path):
    frame = table(g=LARGE + np.arange(ROWS) % 40, t=LARGE + np.arange(ROWS))
    sample, _ = look(tmp_path, frame, groups="g", time="t")
    assert sample.groups is not None and len(set(sample.groups.tolist())) == 40
    assert sample.time is not None and sample.time.dtype == np.float64


def test_objects_in_a_frame():
    frame = table().drop(columns="y")
    frame["lists"] = [[1]] * ROWS
    frame["mixed"] = [1, "a"] * (ROWS // 2)
    frame["flags"] = pd.Series([True, None] * (ROWS // 2), dtype=object)
    frame["complex"] = 1j
    frame["number"] = pd.array([1, None] * (ROWS // 2), dtype="Int64")
    frame["kind"] = pd.Categorical([3, 5] * (ROWS // 2), categories=[5, 3, 9])
    sample, _ = examine_frame(frame, table()["y"], FeatureSettings())
    assert sample.types == {"a": "number", "b": "number", "flags": "bool", "mixed": "category", "number": "number", "kind": "category"}
    assert sample.excluded == {"complex": "holds complex128 values", "lists": "holds list values"}
    assert list(sample.frame["kind"].cat.categories) == ["3", "5"]


def test_frames_and_arrays_of_the_wrong_shape():
    with pytest.raises(DataError, match=r"the target has shape \(3,\), the features have 400 rows"):
        examine_frame(table(), [1, 2, 3], FeatureSettings())
    with pytest.raises(DataError, match="the features have shape"):
        examine_frame(np.zeros(3), [1, 2, 3], FeatureSettings())
    random = np.random.default_rng(0)
    sample, _ = examine_frame(random.normal(size=(50, 2)), random.normal(size=(50, 1)), FeatureSettings(), groups=[1, 2] * 25)
    assert list(sample.frame.columns) == ["x0", "x1"]
    assert sample.groups is not None and sample.groups.tolist() == [0, 1] * 25


def test_the_target_column_is_left_out_of_a_frame_that_still_holds_it():
    sample, structure = examine_frame(table(), table()["y"], asked())
    assert "y" not in sample.frame
    assert structure.leaks == ()


@given(st.integers(7, 399), st.integers(0, 3))
@settings(max_examples=10, deadline=None)
def test_batches_of_any_size_are_the_whole(rows: int, seed: int):
    random = np.random.default_rng(seed)
    frame = table(
        c=random.choice(["p", "q", "r"], ROWS),
        late=["1"] * 300 + ["word"] * 100,
        empty=[None] * 250 + ["x", "y", "z"] * 50,
        holes=np.where(random.random(ROWS) < 0.3, np.nan, random.integers(0, 5, ROWS)),
        day=[f"2024-01-{day % 28 + 1:02d}" for day in range(ROWS)],
    )
    frame["late"] = [1] * 300 + ["word"] * 100
    asking = asked(sample=100, seed=seed)
    found = []
    for size in (rows * 8, 10**9):
        source = memory.InMemory(frame.drop(columns="y"), frame["y"], cells=size)
        found.append(_examine(source, roles_of(source.names, asking, {"target": memory.TARGET}), asking))
    (sample, structure), (whole, same) = found
    assert structure == same
    assert sample.fingerprint == whole.fingerprint
    assert sample.notes == whole.notes
    pd.testing.assert_frame_equal(sample.frame, whole.frame)
    assert len(sample.frame) == 100


@pytest.mark.parametrize("cells", [30, 700])
def test_a_large_file_is_read_in_batches(tmp_path: Path, cells: int):
    frame = mixed_table()
    frame["late"] = [str(number) for number in range(300)] + ["none"] * 100
    frame["flag_late"] = ["True"] * 300 + ["1"] * 100
    frame["day_late"] = ["2024-01-05"] * 350 + ["soon"] * 50
    frame["empty_first"] = [None] * 390 + ["p", "q"] * 5
    frame["holes_late"] = [True] * 200 + [None, False] * 100
    frame.to_csv(tmp_path / "d.csv", index=False)
    whole, structure = examine(asked(), tmp_path)
    source = Delimited(tmp_path / "d.csv", cells=cells, whole=0)
    assert source.batch is not None and source.batch < ROWS
    sample, same = _examine(source, roles_of(source.names, asked()), asked())
    assert same == structure
    assert (sample.fingerprint, sample.types, sample.notes) == (whole.fingerprint, whole.types, whole.notes)
    pd.testing.assert_frame_equal(sample.frame, whole.frame)
    assert sample.types["day_late"] == sample.types["flag_late"] == sample.types["empty_first"] == "category"
    assert sample.types["holes_late"] == "bool"
    assert "late" in sample.excluded


def test_the_sample_is_of_the_rows_and_keeps_their_order(tmp_path: Path):
    frame = table(n=np.arange(ROWS) * 2.5)
    sample, _ = look(tmp_path, frame, sample=50)
    rows = sample.frame["n"].to_numpy()
    assert len(rows) == 50 and (np.diff(rows) > 0).all()
    again, _ = look(tmp_path, frame[["y", "n", "b", "a"]], sample=50)
    assert again.frame["n"].tolist() == rows.tolist()
    other, _ = look(tmp_path, frame, sample=50, seed=1)
    assert other.frame["n"].tolist() != rows.tolist()
    assert sample.notes == ("models see 50 of 400 rows",)


def test_structure_only_needs_no_folds(tmp_path: Path):
    sample, _ = look(tmp_path, table()[:4], structure_only=True)
    assert sample.rows == 4


def test_no_pyarrow_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    import sys

    table().to_parquet(tmp_path / "d.parquet")
    monkeypatch.setitem(sys.modules, "mldebt.data_pass.reading.tables", None)
    with pytest.raises(DataError, match=r"pip install 'mldebt\[data\]'"):
        examine(asked("d.parquet"), tmp_path)


def test_structs_are_plain(tmp_path: Path):
    _, structure = look(tmp_path, mixed_table())
    assert msgspec.json.decode(msgspec.json.encode(structure))["constants"] == []
