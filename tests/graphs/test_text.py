from __future__ import annotations

from mldebt.graphs.model import GraphReport, graph_report
from mldebt.graphs.text import render
from mldebt.report.options import Options
from tests.project.reading import project_of

PLAIN = Options(color="never", width=100)


def test_a_block_for_each_artifact_silent_ones_first(report: GraphReport):
    assert render(report, PLAIN) == (
        "nowhere: 3 artifacts, 2 edges, 1 of them silent\n"
        "\n"
        "data/order_features.parquet  file\n"
        "  written    prepare.py:6  dataframe.to_parquet\n"
        "  read       jobs/report.py:3  pandas.read_parquet  undeclared\n"
        "\n"
        "data/clean_orders.csv  file\n"
        "  written    prepare.py:5  dataframe.to_csv\n"
        "  read       train.py:3  pandas.read_csv  declared by dvc in dvc.yaml:6\n"
        "  declared   dvc.yaml:6  dvc: train consumes\n"
        "\n"
        "data/raw_orders.csv  file\n"
        "  read       prepare.py:4  pandas.read_csv  nothing here writes it\n"
        "\n"
        "Resolved: 5 of 6 places that read or write (83 %). Not resolved: 1 named by a parameter.\n"
    )


def test_colour_changes_nothing_but_the_colour(report: GraphReport):
    colored = render(report, Options(color="always", width=100))
    assert "\x1b[" in colored and "data/clean_orders.csv" in colored


def test_hostile_names_are_harmless():
    text = render(graph_report(project_of({"a.py": "import pandas as pd\npd.read_csv('x\\x1b[31m\\u202etxt.csv')\n"})), PLAIN)
    assert "\x1b" not in text and "\u202e" not in text and r"\x1b[31m" in text


def test_long_lists_are_cut_unless_verbose():
    reads = "".join("pd.read_csv('data/one_table.csv')\n" for _ in range(20))
    report = graph_report(project_of({"a.py": "import pandas as pd\n" + reads}))
    assert "+ 8 more" in render(report, PLAIN)
    assert "a.py:21" in render(report, Options(color="never", width=100, verbose=True))
