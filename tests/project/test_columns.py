"""Columns by name: where they are computed, who mentions them, where their frames go."""

from __future__ import annotations

import pytest

from mldebt.checks import duplicate_feature, loaded_unused, unused_features
from mldebt.project.columns import Columns
from mldebt.project.columns_flow import Flow
from tests.project.reading import project_of


def columns_of(text: str, **more: str) -> Columns:
    return project_of({"a.py": text, **{f"{name}.py": body for name, body in more.items()}}).columns


HEAD = "import pandas as pd\nframe = pd.read_csv('x.csv')\n"


def names(columns: Columns) -> list[str]:
    return [one.name for one in columns.definitions]


def test_stores_assign_and_with_column_define_columns():
    stores = "frame['a'] = 1\nframe.loc[frame.x > 1, 'b'] = 2\nframe[['c', 'd']] = 0\n"
    text = HEAD + stores + "frame = frame.assign(e=3)\nframe = frame.withColumn('f', 4)\n"
    assert names(columns_of(text)) == ["a", "b", "c", "d", "e", "f"]


def test_dicts_and_rows_are_no_columns():
    assert names(columns_of("found = {}\nfound['a'] = 1\nprint(found.get('a'))\n")) == []
    assert names(columns_of(HEAD + "frame.loc['total'] = frame.sum()\n")) == []


@pytest.mark.parametrize(
    ("after", "used"),
    [
        ("", False),
        ("frame['a'] = frame['a'].fillna(0)", False),
        ("frame = frame.drop(columns=['a'])", False),
        ("del frame['a']", False),
        ("total = frame['a'].sum()", True),
        ("frame['b'] = frame['a'] * 2", True),
        ("total = frame.a.sum()", True),
        ("part = frame[['a', 'b']]", True),
        ("rows = frame.query('a > 3')", True),
        ("rows = [frame[f'{n}'] for n in names]", False),
        ("rows = frame[prefix + 'a']", True),
    ],
)
def test_mentions_of_a_name(after: str, used: bool):
    columns = columns_of(HEAD + f"frame['a'] = frame['z'] + 1\n{after}\n")
    assert columns.in_file(columns.by_name["a"][0]) is used


def test_any_file_may_mention_a_column():
    text = HEAD + "frame['late_share'] = frame['z'] + 1\nframe.to_parquet('f.parquet')\n"
    assert not columns_of(text).anywhere("late_share")
    assert columns_of(text, b="KEEP = ['late_share']\n").anywhere("late_share")
    assert columns_of(text, b="KEEP = ['late_share-mean']\n").anywhere("late_share")


@pytest.mark.parametrize(
    ("after", "ways"),
    [
        ("print(frame['z'].mean())", set()),
        ("kept = frame[['z', 'y']]\nkept.to_parquet('k.parquet')", set()),
        ("kept = frame[frame.z > 1].drop(columns='a')\nkept.to_parquet('k.parquet')", set()),
        ("frame.to_parquet('k.parquet')", {"written"}),
        ("frame.merge(other).to_csv('k.csv')", {"text"}),
        ("frame.loc['train'].values", {"all"}),
        ("frame.select_dtypes('number')", {"all"}),
        ("frame = frame.drop_duplicates()", {"all"}),
        ("model.fit(frame)", {"passed"}),
        ("def later():\n    return frame", {"returned"}),
        ("def later(table):\n    return table['z']\nprint(later(frame).sum())", set()),
        ("def later(table):\n    table.to_parquet('x')\nlater(frame)", {"written"}),
        ("print(frame)", {"text"}),
        ("print(frame.head())", set()),
    ],
)
def test_ways_of_a_frame(after: str, ways: set[str]):
    columns = columns_of(HEAD + f"frame['a'] = frame['z'] + 1\n{after}\n")
    (one,) = columns.definitions
    found = Flow(columns.project, columns.files).ways(one.module, one.version, "a")
    assert {way.kind for way in found} == ways


def test_a_frame_of_the_caller_is_the_callers():
    text = "import pandas as pd\ndef add(t):\n    t['a'] = t['z'].fillna(0)\n"
    used = "f = pd.read_csv('x')\nadd(f)\n"
    for more, kinds in (("f.to_parquet('k')", {"written"}), ("print(f['z'].sum())", set())):
        columns = columns_of(text + used + more + "\n")
        (one,) = columns.definitions
        assert {w.kind for w in Flow(columns.project, columns.files).ways(one.module, one.version, "a")} == kinds


def test_selected_features_are_followed_through_functions_and_lists():
    train = """
    from sklearn.linear_model import Ridge
    import pandas as pd
    from keep import load

    def split(frame):
        return frame[frame.fold > 0], frame[frame.fold == 0]

    train, test = split(pd.concat([load('a'), load('b')]))
    Ridge().fit(train.drop('y', axis=1), train['y'])
    """
    keep = """
    import pandas as pd
    BASE = ['p', 'q']

    def columns():
        found = list(BASE)
        found += ['r']
        return found

    def load(path):
        return pd.read_parquet(path)[columns()]
    """
    columns = columns_of(train, keep=keep)
    ((event, selection),) = columns.selections.trained()
    assert event.name == "estimator.fit"
    assert selection.names == {"p", "q", "r"}


def test_unselected_features_are_open():
    columns = columns_of(HEAD + "from sklearn.linear_model import Ridge\nRidge().fit(frame.drop('y', axis=1), frame['y'])\n")
    ((_, selection),) = columns.selections.trained()
    assert selection.open
    assert not selection.names


def test_the_checks_share_one_table_of_columns(monkeypatch: pytest.MonkeyPatch):
    made: list[Columns] = []
    build = Columns.__init__
    monkeypatch.setattr(Columns, "__init__", lambda self, project: made.append(self) or build(self, project))
    project = project_of({"a.py": f"{HEAD}frame['a'] = 1\n"})
    for check in (loaded_unused.check, duplicate_feature.check, unused_features.check):
        list(check(project))
    assert made == [project.columns]
