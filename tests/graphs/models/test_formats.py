"""The models in each format: complete where machines read, bounded and closed to hostile names where people look."""

from __future__ import annotations

import json as stdlib
from xml.etree import ElementTree

import pytest

from mldebt.graphs import layout
from mldebt.graphs.models import dot, html, json, mermaid, text
from mldebt.graphs.models.model import ModelReport, model_report, select
from mldebt.graphs.models.picture import picture
from mldebt.graphs.select import names, paths
from mldebt.report.options import Options
from tests.project.reading import project_of

CHURN, OFFER, LIMITER = "LogisticRegression train.py:6", "GradientBoostingRegressor offer.py:6", "limiter.joblib serve.py:5"
HOSTILE = model_report(project_of({"a.py": """import joblib\njoblib.load('x"];<script>&\\x1b.pkl').predict(rows)\n"""}))


def many(number: int) -> ModelReport:
    body = "".join(f"LogisticRegression().fit(rows_{n}, labels)\n" for n in range(number))
    return model_report(project_of({"a.py": "from sklearn.linear_model import LogisticRegression\n" + body}))


def test_text(report: ModelReport):
    assert text.render(report, Options(width=100)).split("\n") == [
        "nowhere: 3 models, 2 edges between models, the longest chain 3 models long",
        "",
        "limiter.joblib  serve.py:5  behind 2 other models",
        "  kept in        limits/limiter.joblib",
        "  asked at       serve.py:10  predict",
        "  asked about    answers of GradientBoostingRegressor offer.py:6  as input",
        "  answers go to  route /offer  serve.py:9",
        "",
        "GradientBoostingRegressor  offer.py:6  behind 1 other model",
        "  learns at      offer.py:7  estimator.fit",
        "  learns from    data/scores.csv  offer.py:5  feature (without amount), label (amount)",
        "                 answers of LogisticRegression train.py:6  as feature, through data/scores.csv",
        "  kept in        models/offer.joblib",
        "  asked at       serve.py:10  predict",
        "  answers go to  model limiter.joblib serve.py:5  as input",
        "",
        "LogisticRegression  train.py:6",
        "  learns at      train.py:6  estimator.fit",
        "  learns from    data/visits.csv  train.py:5  feature (age, visits), label (churned)",
        "  kept in        models/churn.joblib",
        "  asked at       train.py:8  estimator.predict_proba",
        "  answers go to  data/scores.csv  train.py:9",
        "                 model GradientBoostingRegressor offer.py:6  as feature, through data/scores.csv",
        "",
        "1 call asks a model that is not known: nothing in sight makes or loads it.",
        "Resolved: 5 of 6 places where models learn or are asked (83 %). Not resolved: 1 made by nothing in",
        "  sight.",
        "",
    ]
    assert "data/visits.csv  train.py:5  feature, label (churned)  through another artifact" not in text.render(report, Options())
    assert "through another artifact" in text.render(report, Options(verbose=True, width=120))


def test_json_version_1(report: ModelReport):
    whole = stdlib.loads(json.render(report))
    assert list(whole) == ["version", "tool", "project", "models", "edges", "unknown_predictions", "coverage", "unread"]
    assert (whole["version"], whole["unknown_predictions"]) == (1, 1)
    assert [model["id"] for model in whole["models"]] == [OFFER, LIMITER, CHURN]
    churn = whole["models"][2]
    assert list(churn) == ["id", "name", "depth", "made", "held", "fits", "sources", "predictions", "uses"]
    assert [(s["artifact"], s["how"], s["columns"], s["without"], s["direct"], s["line"]) for s in churn["sources"]] == [
        ("data/visits.csv", "feature", ["age", "visits"], [], True, 5),
        ("data/visits.csv", "label", ["churned"], [], True, 5),
    ]
    assert [(u["kind"], u["name"], u["path"], u["line"]) for u in churn["uses"]] == [("artifact", "data/scores.csv", "train.py", 9)]
    assert [model["depth"] for model in whole["models"]] == [1, 2, 0]
    learnt, asked = whole["edges"]
    assert (learnt["source"], learnt["target"], learnt["how"], learnt["artifacts"]) == (CHURN, OFFER, "feature", ["data/scores.csv"])
    assert (learnt["at"]["path"], learnt["to"]["path"], learnt["path"][-1]["how"]) == ("train.py", "offer.py", "file")
    assert (asked["source"], asked["target"], asked["how"]) == (OFFER, LIMITER, "input")


def test_pictures(report: ModelReport):
    drawn, chart = dot.render(report).split("\n"), mermaid.render(report).split("\n")
    assert f'  m2 [shape=box3d, label="{CHURN}"];' in drawn and '  r0 [shape=ellipse, label="/offer"];' in drawn
    assert [line for line in drawn if "->" in line] == [
        "  a0 -> m0;",
        "  a1 -> m2;",
        '  m0 -> m1 [style=bold, color="#6b4fb3"];',
        "  m1 -> r0;",
        "  m2 -> a0;",
        '  m2 -> m0 [style=bold, color="#6b4fb3"];',
    ]
    assert chart[0] == "flowchart LR" and "  m2 ==> m0" in chart and '  r0(["/offer"])' in chart


def test_html_is_one_well_formed_drawing_and_a_table(report: ModelReport):
    page = html.render(report)
    drawing = ElementTree.fromstring(page[page.index("<svg") : page.index("</svg>") + 6])
    assert len(drawing.findall("g")) == 6 and len(drawing.findall("path")) == 6
    assert page.count("<tr>") == 4 and "<title>Models of nowhere</title>" in page
    assert "src=" not in page and "href=" not in page and "<script" not in page
    boxes, _ = layout.drawn((shown := picture(report)).things, shown.lines)
    x = {box.title: box.x for box in boxes}
    assert x["data/visits.csv"] < x[CHURN] < x["data/scores.csv"] < x[OFFER] < x[LIMITER] < x["/offer"]


def test_hostile_names_end_no_label():
    drawn, chart, page = dot.render(HOSTILE), mermaid.render(HOSTILE), html.render(HOSTILE)
    assert "\x1b" not in drawn + chart + page + text.render(HOSTILE, Options()) + json.render(HOSTILE)
    assert 'label="x\\"];<script>&' in drawn and "#34;#93;#59;#60;script" in chart
    assert "<script" not in page and json.render(HOSTILE).isascii()


@pytest.mark.parametrize(("render", "limit"), [(dot.render, 40), (mermaid.render, 25), (html.render, 40)])
def test_large_pictures_are_cut_and_say_so(render, limit: int):
    assert "2 more models are left out" in render(many(limit + 2))


def test_models_by_artifact_and_by_file(report: ModelReport):
    by_name = select(report, names(["visits"]), None)
    assert ([node.id for node in by_name.models], len(by_name.links), by_name.left_out) == ([OFFER, CHURN], 2, 1)
    by_file = select(report, None, paths(["train.py"]))
    assert [node.id for node in by_file.models] == [OFFER, CHURN]
    assert select(report, names(["nothing"]), None).models == ()


def test_nothing_to_show():
    empty = model_report(project_of({"a.py": "x = 1\n"}))
    assert "No model was recognised that learns or is asked here." in text.render(empty, Options())
    assert "No model to show" in html.render(empty) and mermaid.render(empty) == "flowchart LR\n"
    assert stdlib.loads(json.render(empty))["models"] == []
