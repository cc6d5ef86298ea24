"""The formats that draw: bounded, deterministic, and closed to hostile names."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from mldebt.graphs import dot, html, mermaid
from mldebt.graphs.bounded import picture
from mldebt.graphs.model import GraphReport, graph_report
from tests.project.reading import project_of

HOSTILE = project_of({"a.py": """import pandas as pd\npd.read_csv('x"];<script>alert(1)</script>&\\\\end\\x1b.csv')\n"""})


def test_dot(report: GraphReport):
    assert dot.render(report) == (
        "digraph artifacts {\n"
        "  rankdir=LR;\n"
        '  node [fontname="sans-serif", fontsize=10];\n'
        '  f0 [shape=box, label="jobs/report.py"];\n'
        '  f1 [shape=box, label="prepare.py"];\n'
        '  f2 [shape=box, label="train.py"];\n'
        '  a0 [shape=cylinder, label="data/clean_orders.csv"];\n'
        '  a1 [shape=cylinder, label="data/order_features.parquet"];\n'
        '  a2 [shape=cylinder, label="data/raw_orders.csv"];\n'
        "  f1 -> a0;\n"
        '  a0 -> f2 [color="#27803b"];\n'
        '  a1 -> f0 [color="#c0392b", style=dashed];\n'
        "  f1 -> a1;\n"
        "  a2 -> f1;\n"
        "}\n"
    )


def test_mermaid(report: GraphReport):
    lines = mermaid.render(report).splitlines()
    assert lines[0] == "flowchart LR"
    assert '  a1[("data/order_features.parquet")]' in lines
    assert "  a1 -.->|undeclared| f0" in lines and "  a0 -->|declared| f2" in lines
    assert "  linkStyle 2 stroke:#c0392b" in lines


def test_html_is_one_well_formed_drawing_and_a_table(report: GraphReport):
    page = html.render(report)
    drawing = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert len(drawing.findall("g")) == 6 and len(drawing.findall("path")) == 5
    assert page.count("<tr>") == 4
    assert "src=" not in page and "href=" not in page and "<script" not in page
    assert "3 artifacts, 2 edges, 1 of them silent" in page


def test_boxes_stand_to_the_right_of_what_leads_to_them(report: GraphReport):
    boxes, _ = html.drawn(picture(report))
    x = {box.title: box.x for box in boxes}
    assert x["data/raw_orders.csv"] < x["prepare.py"] < x["data/clean_orders.csv"] < x["train.py"]


def test_files_that_feed_each_other_are_drawn_all_the_same():
    text = "import pandas as pd\npd.read_csv('data/one_table.csv').to_csv('data/one_table.csv')\n"
    assert "data/one_table.csv" in html.render(graph_report(project_of({"a.py": text})))


def test_hostile_names_end_no_label():
    report = graph_report(HOSTILE)
    drawn, chart, page = dot.render(report), mermaid.render(report), html.render(report)
    assert "\x1b" not in drawn + chart + page
    assert '[shape=cylinder, label="x\\"];<script>alert(1)</script>&/end\\\\x1b.csv"];' in drawn
    assert '[("x#34;#93;#59;#60;script#62;alert#40;1#41;' in chart
    assert "<script" not in page and "&lt;script&gt;" in page


@pytest.mark.parametrize(("render", "limit"), [(dot.render, 60), (mermaid.render, 40), (html.render, 60)])
def test_large_graphs_are_cut_and_say_so(render, limit: int):
    reads = "".join(f"pd.read_csv('data/table_{n:03}.csv')\n" for n in range(limit + 5))
    text = render(graph_report(project_of({"a.py": "import pandas as pd\n" + reads})))
    assert "5 more artifacts are left out" in text
    assert f"table_{limit - 1:03}" in text and f"table_{limit:03}" not in text


def test_an_empty_graph_can_be_drawn():
    empty = graph_report(project_of({"a.py": "x = 1\n"}))
    assert "No artifact to show" in html.render(empty)
    assert dot.render(empty).startswith("digraph") and mermaid.render(empty) == "flowchart LR\n"
