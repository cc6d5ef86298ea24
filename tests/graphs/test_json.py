from __future__ import annotations

import json

from mldebt.graphs.json import render
from mldebt.graphs.model import GraphReport, graph_report
from tests.project.reading import project_of


def test_version_1(report: GraphReport):
    whole = json.loads(render(report))
    assert list(whole) == ["version", "tool", "project", "artifacts", "edges", "declarations", "coverage", "unread"]
    assert whole["version"] == 1
    assert whole["coverage"] == {"resolved": 5, "total": 6, "unknown": {"param": 1}}
    (node,) = [one for one in whole["artifacts"] if one["id"] == "data/raw_orders.csv"]
    assert node == {
        "id": "data/raw_orders.csv",
        "namespace": "file",
        "name": "data/raw_orders.csv",
        "label": "data/raw_orders.csv",
        "store": "file",
        "writers": [],
        "readers": [
            {
                "path": "prepare.py",
                "line": 4,
                "end_line": 4,
                "column": 13,
                "end_column": 47,
                "api": "pandas.read_csv",
                "scope": "main",
                "mode": "",
                "via": [],
                "certainty": 1.0,
            }
        ],
    }
    silent = [one for one in whole["edges"] if one["silent"]]
    assert [(e["artifact"], e["writer"]["path"], e["reader"]["path"], e["declared"]) for e in silent] == [
        ("data/order_features.parquet", "prepare.py", "jobs/report.py", None)
    ]
    (declared,) = [one["declared"] for one in whole["edges"] if not one["silent"]]
    assert (declared["system"], declared["who"], declared["path"], declared["line"]) == ("dvc", "train", "dvc.yaml", 6)


def test_hostile_names_are_kept_as_ascii():
    text = render(graph_report(project_of({"a.py": "import pandas as pd\npd.read_csv('caf\\u00e9\\u202e\\x1b[31m.csv')\n"})))
    assert text.isascii() and "\x1b" not in text
    assert json.loads(text)["artifacts"][0]["name"].startswith("caf\u00e9")


def test_an_empty_project_has_an_empty_graph():
    whole = json.loads(render(graph_report(project_of({"a.py": "x = 1\n"}))))
    assert (whole["artifacts"], whole["edges"], whole["coverage"]["total"]) == ([], [], 0)
