from __future__ import annotations

import json

from mldebt.catalogue import load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.graphs.model import GraphReport, graph_report
from mldebt.project import link
from mldebt.sources.model import Language, Role, Source
from mldebt.sources.notebook import notebook
from tests.project.reading import ROOT, project_of


def test_edges_say_who_writes_who_reads_and_who_declared_it(report: GraphReport):
    edges = {(e.artifact, e.writer.where.path, e.reader.where.path): e for e in report.links}
    assert set(edges) == {
        ("data/clean_orders.csv", "prepare.py", "train.py"),
        ("data/order_features.parquet", "prepare.py", "jobs/report.py"),
    }
    declared = edges["data/clean_orders.csv", "prepare.py", "train.py"]
    assert declared.declared is not None and not declared.silent
    assert (declared.declared.system, declared.declared.path, declared.declared.who) == ("dvc", "dvc.yaml", "train")
    silent = edges["data/order_features.parquet", "prepare.py", "jobs/report.py"]
    assert silent.silent and silent.declared is None and silent.whole


def test_an_artifact_has_the_names_of_openlineage(report: GraphReport):
    project = project_of({"a.py": 'import pandas as pd\npd.read_csv("s3://lake/orders/part.csv")\n'})
    (node,) = graph_report(project).artifacts
    assert (node.namespace, node.name, node.label) == ("s3://lake", "orders/part.csv", "s3://lake/orders/part.csv")
    assert [end.where.line for end in node.readers] == [2]


def test_places_in_a_notebook_are_those_of_the_ipynb_file():
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": ["words"]},
        {
            "cell_type": "code",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": ["import pandas as pd\n", 'pd.read_csv("in.csv")'],
        },
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)
    source = Source("look.ipynb", Language.NOTEBOOK, Role.CODE)
    project = link(ROOT, {source.path: (source, extract(source, notebook(text)))}, load_catalogue(), Config())
    (node,) = graph_report(project).artifacts
    place = node.readers[0].where
    assert text.split("\n")[place.line - 1].strip().startswith('"pd.read_csv')
    assert (place.cell, place.cell_line) == (2, 2)


def test_what_is_not_known_is_counted_with_its_reason(report: GraphReport):
    assert (report.coverage.resolved, report.coverage.total) == (5, 6)
    assert report.coverage.unknown == {"param": 1}


def test_equal_labels_have_different_ids():
    files = {
        "a.py": 'import pandas as pd\nimport os\npd.read_csv(os.environ["X"] + "/long_name.csv")\npd.read_csv(f"{unknown}/long_name.csv")\n'
    }
    nodes = graph_report(project_of(files)).artifacts
    assert len({node.id for node in nodes}) == len(nodes)


def test_artifacts_that_are_only_declared_have_edges_too():
    files = {
        "dvc.yaml": """
            stages:
              prepare:
                cmd: ./prepare
                outs:
                  - data/prepared.bin
              train:
                cmd: ./train
                deps:
                  - data/prepared.bin
            """
    }
    report = graph_report(project_of(files))
    (link,) = report.links
    assert (link.artifact, link.origin, link.silent) == ("data/prepared.bin", "declaration", False)
    assert (link.writer.api, link.reader.api) == ("dvc: prepare", "dvc: train")
    assert (link.writer.where.path, link.reader.where.path) == ("dvc.yaml", "dvc.yaml")
    assert report.coverage.total == 0  # nothing was seen to read or write
