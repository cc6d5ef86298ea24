"""A declaration counts until its day; from the next one on the edge is undeclared again."""

from __future__ import annotations

import datetime
from pathlib import Path

from mldebt.config import load
from mldebt.engine import Request, scan

WRITER = 'import pandas as pd\npd.DataFrame().to_csv("shared/customer_scores.csv")\n'
READER = 'import pandas as pd\nscores = pd.read_csv("shared/customer_scores.csv")\n'
SETTINGS = 'profile = "audit"\nselect = ["MLD103", "MLD905"]\n[[artifacts]]\nid = "shared/customer_scores.csv"\n[[artifacts.consumers]]\n'


def codes(root: Path, day: datetime.date) -> list[tuple[str, str, int]]:
    report = scan(load(root, environ={}), Request((root,), cache=False, today=day))
    return sorted((one.code, one.finding.location.path, one.finding.location.line) for one in report.findings)


def test_the_day_itself_still_counts(tmp_path: Path):
    (tmp_path / "write.py").write_text(WRITER)
    (tmp_path / "read.py").write_text(READER)
    (tmp_path / "mldebt.toml").write_text(SETTINGS + 'who = "read.py"\nexpires = 2026-03-01\n')
    assert codes(tmp_path, datetime.date(2026, 3, 1)) == []
    assert codes(tmp_path, datetime.date(2026, 3, 2)) == [("MLD103", "read.py", 2), ("MLD905", "mldebt.toml", 6)]


def test_aliases_and_comments_are_one_finding_each(tmp_path: Path):
    (tmp_path / "write.py").write_text(WRITER)
    (tmp_path / "read.py").write_text(READER + "# mldebt: consumes shared/customer_scores.csv owner=@x until=2020-01-01\n")
    aliased = SETTINGS.replace("[[artifacts.consumers]]", 'aliases = ["s3://bucket/customer_scores.csv"]\n[[artifacts.consumers]]')
    (tmp_path / "mldebt.toml").write_text(aliased + 'who = "read.py"\nexpires = 2020-01-01\n')
    found = codes(tmp_path, datetime.date(2026, 3, 2))
    assert found == [("MLD103", "read.py", 2), ("MLD905", "mldebt.toml", 7), ("MLD905", "read.py", 3)]
