"""No check lets a secret out of the code."""

from __future__ import annotations

from mldebt import checks
from tests.checks.conftest import MakeProject

TEXT = """
import pandas as pd

TABLE = "kept"


def rows():
    # engine = create_engine("postgresql://clerk:hunter2@db.internal/wages", password="hunter2")
    # frame = pd.read_sql("wages", engine)
    # return frame.dropna()
    return pd.read_csv("https://clerk:hunter2@files.internal/rows.csv?token=hunter2")


def train():
    return pd.read_csv("https://clerk:hunter2@files.internal/rows.csv?token=hunter2")
"""


def test_findings_hold_no_secret(project_of: MakeProject) -> None:
    project = project_of({"a.py": TEXT, "b.py": TEXT.replace("kept", "other")})
    found = checks.run(project, list(checks.RULES))
    assert any(one.rule == "commented-out-experiment" and "***" in one.message for one in found)
    assert [one for one in found if "hunter2" in repr(one)] == []
