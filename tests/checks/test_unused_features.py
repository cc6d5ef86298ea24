"""MLD211 and MLD213: columns that reach no model, by the reason that is given."""

from __future__ import annotations

from tests.checks.conftest import Found

FEATURES = """
import pandas as pd

def build(path):
    seen = pd.read_csv(path).groupby("user")["amount"].sum().to_frame("spent")
    seen["visits"] = seen["spent"] // 3
    seen["basket"] = seen["spent"] / seen["visits"]
    seen["night_share"] = seen["spent"] * 2
    seen.to_parquet("f.parquet")
"""
TRAIN = """
import pandas as pd
from sklearn.linear_model import Ridge
from features import build

build("x.csv")
data = pd.read_parquet("f.parquet")
Ridge().fit(data[{columns}], data["y"])
"""


def test_what_no_list_selects_is_found_when_the_models_select_by_name(found: Found):
    (one,) = found("unused_features", {"features.py": FEATURES, "train.py": TRAIN.format(columns=["spent", "visits", "basket"])})
    assert one.rule == "computed-unused-feature"
    assert one.location.line == 8
    assert [place.path for place in one.evidence] == ["train.py"]


def test_nothing_is_said_when_a_model_takes_what_it_gets(found: Found):
    whole = TRAIN.format(columns="['y']").replace("data[['y']]", "data.drop(columns='y')")
    assert found("unused_features", {"features.py": FEATURES, "train.py": whole}) == []


def test_copies_of_a_file_are_one_finding(found: Found):
    text = "import pandas as pd\nt = pd.read_csv('a')\nt['gone'] = t['x'].fillna(0)\nprint(t['x'].sum())\n"
    (one,) = found("unused_features", {"a.py": text, "b.py": text})
    assert one.location.path == "a.py"
    assert [place.path for place in one.evidence] == ["b.py"]


def test_a_comment_behind_a_list_tells_that_it_was_switched_off(found: Found):
    text = """
import pandas as pd
t = pd.read_csv('a')
t['gone'] = t['x'].fillna(0)
t['rest'] = t['x'] * 2
kept = t[['x', 'rest']]  # 'gone', 'other'
kept.to_parquet('k')
"""
    (one,) = found("unused_features", {"a.py": text})
    assert one.rule == "disabled-feature"


def test_a_list_of_another_script_is_not_meant(found: Found):
    text = "import pandas as pd\nt = pd.read_csv('a')\nt['gone'] = t['x'].fillna(0)\nt.to_parquet('k')\n"
    other = "drop_columns = ['gone', 'x']\n"
    assert found("unused_features", {"a.py": text, "b.py": other}) == []
    assert [f.rule for f in found("unused_features", {"a.py": text + other, "b.py": ""})] == ["disabled-feature"]


def test_what_a_flow_stores_and_no_step_reads(found: Found):
    text = """
from metaflow import FlowSpec, step

class Train(FlowSpec):
    @step
    def start(self):
        self.rows = [1]
        self.left = [2]
        self.next(self.end)

    @step
    def end(self):
        self.result = sum(self.rows)
"""
    (one,) = found("unread_flow_artifact", {"flow.py": text})
    assert one.anchor == "left"
