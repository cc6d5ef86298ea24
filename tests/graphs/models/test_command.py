"""`mldebt graph --models`."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from mldebt.config import ConfigError
from mldebt.graphs.command import Format, GraphArguments, graph_command
from tests.graphs.models.conftest import FILES

HEADS: dict[Format, str] = {"text": "shop: 3 models", "json": "{", "dot": "digraph models {", "mermaid": "flowchart", "html": "<!DOCTYPE"}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "shop").mkdir()
    for name, body in FILES.items():
        (tmp_path / "shop" / name).write_text(dedent(body))
    return tmp_path / "shop"


@pytest.mark.parametrize("format", list(HEADS))
def test_each_format(shop: Path, capsys: pytest.CaptureFixture[str], format: Format):
    arguments = GraphArguments((str(shop),), models=True, format=format, no_cache=True, quiet=True)
    assert graph_command(arguments, print) == 0
    assert capsys.readouterr().out.startswith(HEADS[format])


def test_filters_and_a_file(shop: Path, tmp_path: Path):
    said: list[str] = []
    out = tmp_path / "models.json"
    arguments = GraphArguments((str(shop),), models=True, format="json", no_cache=True, output=str(out), globs=("serve.py",))
    assert graph_command(arguments, said.append) == 0
    names = [model["name"] for model in json.loads(out.read_text())["models"]]
    assert (names, said) == (["GradientBoostingRegressor", "limiter.joblib"], [])
    arguments = GraphArguments((str(shop),), models=True, no_cache=True, output=str(out), artifacts=("nothing",))
    assert graph_command(arguments, said.append) == 0
    assert said == ["warning: no model matches the filters; without them there are 3, as `mldebt graph --models` shows"]


def test_questions_about_artifacts_are_refused(shop: Path):
    with pytest.raises(ConfigError, match="only --artifact and --path choose"):
        graph_command(GraphArguments((str(shop),), models=True, undeclared=True), print)
