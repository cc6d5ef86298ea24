"""The lines of each column: every way in which code names one, and what only looks like it."""

from __future__ import annotations

from textwrap import dedent

import pytest

from mldebt.data_pass.code import attach
from mldebt.data_pass.result import Column, Result
from tests.data_pass.results import column, result
from tests.project.reading import project_of

COLUMNS = ("logins", "region", "plan_code", "tenure_years", "bureau_loans", "bureau_debt", "age", "id")


def places(text: str, *columns: str, path: str = "a.py", **others: str) -> list[tuple[str, int, str]]:
    """(column, line, role) in one file."""
    files = {path: dedent(text), **{name.replace("__", "/").replace("_dot_", "."): dedent(one) for name, one in others.items()}}
    attached = attach(result(*(columns or COLUMNS)), project_of(files))
    return sorted((c.name, p.line, p.role) for c in attached.columns for p in c.code if p.path == path)


HEAD = "import pandas as pd\nframe = pd.read_csv('x.csv')\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("frame['logins'] = 1", [("logins", "creates")]),
        ("frame.loc[:, 'logins'] = 1", [("logins", "creates")]),
        ("frame['logins'] = frame['logins'].fillna(0)", [("logins", "reads")]),
        ("frame['tenure_years'] = frame['logins'] / 365", [("logins", "reads"), ("tenure_years", "creates")]),
        ("frame = frame.assign(region=frame['logins'] + 1)", [("logins", "reads"), ("region", "creates")]),
        ("frame = frame.rename(columns={'old': 'logins'})", [("logins", "creates")]),
        ("frame = frame.rename(columns={'logins': 'new'})", [("logins", "reads")]),
        ("counts = frame.groupby('region').size().rename('logins')", [("logins", "creates"), ("region", "reads")]),
        ("counts = frame.groupby('region').size().reset_index(name='logins')", [("logins", "creates"), ("region", "reads")]),
        ("counts = frame.groupby('k').agg(logins=('x', 'sum'))", [("logins", "creates")]),
        ("frame.columns = ['logins', 'other']", [("logins", "creates")]),
        ("x = frame.merge(other, on='region')\ny = x['other'].fillna(len(x))", [("region", "reads")]),
        ("x = {'logins': 1, 'region': 2}", []),
        ("feature_types = {'logins': int, 'region': str}", [("logins", "reads"), ("region", "reads")]),
        ("frame.insert(0, 'logins', 1)", [("logins", "creates")]),
        ("frame = frame.drop(columns=['logins', 'region'])", [("logins", "drops"), ("region", "drops")]),
        ("del frame['logins']", [("logins", "drops")]),
        ("label = frame.pop('logins')", [("logins", "drops")]),
        ("x = frame[['logins', 'region']]", [("logins", "reads"), ("region", "reads")]),
        ("x = frame.logins.mean()", [("logins", "reads")]),
        ("x = frame.query('logins > 3')", [("logins", "reads")]),
        ("x = frame.merge(other, on='logins')", [("logins", "reads")]),
        ("x = frame.merge(other, left_on=['logins'], right_on=['b'])", [("logins", "reads")]),
        ("x = pd.read_csv('y.csv', usecols=['logins', 'other'])", [("logins", "reads")]),
        ("x = pd.read_csv('y.csv', dtype={'logins': 'int', 'region': str})", [("logins", "reads"), ("region", "reads")]),
        ("x = pd.DataFrame({'logins': [1]})", [("logins", "creates")]),
        ("FEATURES = ['logins']", [("logins", "reads")]),
        ("NAMES = ['logins', 'region']", [("logins", "reads"), ("region", "reads")]),
        ("DROPPED = ['logins', 'region']", [("logins", "drops"), ("region", "drops")]),
        ("steps = ColumnTransformer([('num', scaler, ['logins', 'other'])])", []),
        ("steps = ColumnTransformer([('num', scaler, ['logins', 'region'])])", [("logins", "reads"), ("region", "reads")]),
        ("x = [c for c in frame.columns if c.startswith('bureau_')]", [("bureau_debt", "reads"), ("bureau_loans", "reads")]),
        ("x = frame.filter(like='bureau_')", [("bureau_debt", "reads"), ("bureau_loans", "reads")]),
        ("for c in names: frame[f'bureau_{c}'] = 1", [("bureau_debt", "creates"), ("bureau_loans", "creates")]),
        ("for c in names: frame['bureau_' + c] = 1", [("bureau_debt", "creates"), ("bureau_loans", "creates")]),
        ("for c in names: frame['bureau_{}'.format(c)] = 1", [("bureau_debt", "creates"), ("bureau_loans", "creates")]),
        ("for c in ['tenure', 'other']: frame[f'{c}_years'] = 1", [("tenure_years", "creates")]),
        ("x = pd.read_sql('SELECT logins, a AS region FROM t', db)", [("logins", "reads"), ("region", "creates")]),
        ("model = ols('y ~ logins + region', frame)", [("logins", "reads"), ("region", "reads")]),
        # Short and common names count next to a frame only.
        ("x = frame['age'] + frame['id']", [("age", "reads"), ("id", "reads")]),
        ("x = frame.age", [("age", "reads")]),
        ("x = person['age'], person.age, record['id']", []),
        ("NAMES = ['age', 'id']", []),
        # What is no column.
        ("print('logins')", []),
        ("parser.add_argument('--region')", []),
        ("x = config['data']['region']", []),
        ("x = args['region']", []),
        ("x = region", []),
        ("x = self.logins", []),
        ("f(region=3)", []),
        ("for c in names: frame[f'{c}_loans'] = 1", []),
        ("x = 'all logins of a region'", []),
    ],
)
def test_one_line(line: str, expected: list[tuple[str, str]]):
    assert [(name, role) for name, number, role in places(HEAD + line + "\n") if number == 3] == expected


def test_lines_are_those_of_the_text_and_each_stands_once():
    text = """
        import pandas as pd


        def build(frame: pd.DataFrame) -> pd.DataFrame:
            frame["logins"] = (
                frame["raw"]
            )
            frame["region"] = frame["logins"] + frame["logins"]
            return frame.drop(columns=["raw"])
        """
    assert places(text) == [("logins", 5, "creates"), ("logins", 8, "reads"), ("region", 8, "creates")]


def test_a_name_in_a_variable_is_followed():
    text = "import pandas as pd\nCOLUMN = 'tenure_years'\n\n\ndef build(frame):\n    frame[COLUMN] = frame.shape[0]\n"
    assert places(text) == [("tenure_years", 6, "creates")]


def test_sql_and_configuration():
    files = {
        "features.sql": "CREATE TABLE f AS\nSELECT user_id, count(*) AS logins, plan_code FROM events GROUP BY 1;\n",
        "conf.yaml": "data: x\nfeatures:\n  - logins\n  - age\nregion: eu-west-1\n",
        "model.toml": "[schema]\nlogins = 'int'\n",
        "mldebt.toml": "[features]\nkeep = ['logins', 'region']\n",
        "pyproject.toml": "[tool.mldebt.features]\nkeep = ['logins', 'region']\n",
    }
    attached = attach(result(*COLUMNS), project_of(files))
    found = {c.name: [(p.path, p.line, p.role) for p in c.code] for c in attached.columns if c.code}
    assert found == {
        "logins": [("conf.yaml", 3, "reads"), ("features.sql", 1, "creates"), ("model.toml", 2, "reads")],
        "plan_code": [("features.sql", 1, "creates")],
        "age": [("conf.yaml", 4, "reads")],
    }


def test_tests_do_not_count_and_all_lines_are_counted():
    reads = "".join(f"x{n} = frame['logins']\n" for n in range(30))
    files = {"a.py": HEAD + reads, "b.py": HEAD + "x = frame['logins']\n", "tests/test_a.py": HEAD + reads}
    (one,) = attach(result("logins"), project_of(files)).columns
    assert (one.cost.code_lines, one.cost.files, len(one.code)) == (31, 2, 20)
    assert list(one.code) == sorted(one.code)


def test_the_lines_that_create_are_shown_before_those_that_read():
    files = {"a.py": HEAD + "".join(f"x{n} = frame['logins']\n" for n in range(30)), "z.py": HEAD + "frame['logins'] = 1\n"}
    (one,) = attach(result("logins"), project_of(files)).columns
    assert ("z.py", 3, "creates") in [(p.path, p.line, p.role) for p in one.code]


def test_cost_of_the_data_stays_and_what_is_not_found_is_said():
    attached = attach(result("logins", "nowhere"), project_of({"a.py": HEAD + "x = frame['logins']\n"}))
    assert [n for n in attached.notes if n.startswith("code: ")] == [
        "code: 1 of 2 columns are named on no line: they come from data that is loaded whole, or their names are made at run time"
    ]
    assert attach(attached, project_of({"a.py": HEAD + "x = frame['logins']\n"})) == attached


BUREAU = """
import pandas as pd


def bureau(loans):
    frame = pd.DataFrame()
    frame["bureau_loans"] = loans.groupby("k").size()
    frame["bureau_debt"] = loans.groupby("k")["debt"].sum()
    return frame


def both(frame):
    frame = frame.assign(plan_code=frame["plan"].map(CODES))
    frame["logins"] = frame["clicks"] > 0
    return frame
"""


def producers(attached: Result) -> dict[str, list[str]]:
    def told(one: Column) -> list[str]:
        return [e.message for e in one.evidence if e.type == "producer"]

    return {c.name: told(c) for c in attached.columns if told(c)}


def test_a_function_that_makes_only_dropped_columns_goes_too():
    dropped = [column(name, "no-gain") for name in ("bureau_loans", "bureau_debt", "plan_code")]
    attached = attach(result(*dropped, "logins"), project_of({"a.py": BUREAU}))
    message = "`bureau` (a.py:4) creates no column that stays: it goes too"
    assert producers(attached) == {"bureau_loans": [message], "bureau_debt": [message]}


def test_a_function_stays_when_one_of_its_columns_does_or_when_it_writes():
    one = [column("bureau_loans", "no-gain"), "bureau_debt"]
    assert producers(attach(result(*one), project_of({"a.py": BUREAU}))) == {}
    both = [column("bureau_loans", "no-gain"), column("bureau_debt", "no-gain")]
    written = BUREAU.replace("    return frame\n", "    frame.to_parquet('x.parquet')\n    return frame\n", 1)
    assert producers(attach(result(*both), project_of({"a.py": written}))) == {}
    beside = BUREAU.replace("    return frame\n", "    frame['another'] = 1\n    return frame\n", 1)
    assert producers(attach(result(*both), project_of({"a.py": beside}))) == {}


def test_sql_that_makes_only_dropped_columns_goes_too():
    files = {"a.sql": "CREATE TABLE f AS SELECT user_id, count(*) AS bureau_loans FROM loans GROUP BY 1;\n"}
    attached = attach(result(column("bureau_loans", "no-gain"), "logins"), project_of(files))
    assert producers(attached) == {"bureau_loans": ["the statement (a.sql:1) creates no column that stays: it goes too"]}


def test_columns_that_are_computed_and_are_not_in_the_data():
    text = """
        import pandas as pd


        def build(frame):
            frame["logins"] = frame["clicks"] + 1
            frame["region"] = frame["zip"].str[:2]
            frame["lost"] = frame["clicks"] ** 2
            frame["step"] = frame["clicks"] * 3
            frame["plan_code"] = frame["step"] / 2
            frame["churned"] = frame["end"] > 0
            frame["gone"] = 1
            return frame.drop(columns=["gone"])


        def other(table):
            table["elsewhere"] = table["x"].fillna(0)
            return table
        """
    attached = attach(result("logins", "region", "plan_code"), project_of({"a.py": dedent(text)}))
    assert attached.unused_in_code == ("lost",)
