"""Which files that code loads are there to set things."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.project.settings.elsewhere import state, texts
from tests.project.reading import project_of

JSON = '{"rows": 1, "rate": 2, "leftover_key": 3}'
YAML = "rows: 1\nrate: 2\nleftover_key: 3\n"


def reader(path: str) -> str:
    return f"import json\nimport yaml\n\nwith open('{path}') as f:\n    c = yaml.safe_load(f)\nprint(c['rows'], c['rate'])\n"


def unread(path: str, text: str, more: str = "", root: Path = Path("/nowhere")) -> list[bool]:
    """Whether each finding is sure."""
    return [one.sure for one in project_of({path: text, "run.py": reader(path) + more}, root=root).settings.unread()]


@pytest.mark.parametrize("path", ["conf/base.json", "settings.json", "base.yaml", "models/config.yaml", "conf/model/net.yaml"])
def test_files_that_set_things(path: str) -> None:
    assert unread(path, JSON if path.endswith("json") else YAML) == [True]


def test_a_json_file_of_any_name_is_unsure() -> None:
    assert unread("zoo/base.json", JSON) == [False]


@pytest.mark.parametrize(
    "path", ["results/metrics.json", "models/config.json", "data/schema.yaml", "ckpt/config.json", "labels/names.json", "chart/values.yaml"]
)
def test_results_data_and_charts_are_silent(path: str) -> None:
    assert unread(path, JSON if path.endswith("json") else YAML) == []


@pytest.mark.parametrize("key", ["$schema", "openapi", "swagger", "architectures"])
def test_known_formats_are_silent(key: str) -> None:
    assert unread("conf/base.json", JSON.replace("{", f'{{"{key}": "x", ', 1)) == []


def test_the_kind_of_a_model_is_a_setting_too() -> None:
    assert True in unread("conf/base.yaml", f"model_type: tree\n{YAML}")


def test_what_the_project_writes_is_silent() -> None:
    assert unread("conf/base.json", JSON, "json.dump({'rows': 1}, open('conf/base.json', 'w'))\n") == []
    assert unread("conf/base.json", JSON, "json.dump({'rows': 1}, open('runs/7/base.json', 'w'))\n") == [True]


@pytest.mark.parametrize(
    ("source", "text", "sure"),
    [
        ("web/src/app.ts", "show(config.leftoverKey)", False),
        ("R/plot.R", "config$leftover_key", False),
        ("src/main.rs", 'load("conf/base.yaml")', False),
        ("app/templates/page.html", "{{ leftover_key }}", False),
        ("R/plot.R", "config$colour", True),
        ("docs/_static/theme.js", "leftover_key", True),
        ("web/app.min.js", "leftover_key", True),
        ("report.html", "leftover_key", True),
        (".tool.js", "leftover_key", True),
        ("node_modules/x/index.js", "leftover_key", True),
    ],
)
def test_sources_that_are_not_read(tmp_path: Path, source: str, text: str, sure: bool) -> None:
    file = tmp_path / source
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    project = project_of({"conf/base.yaml": YAML, "run.py": reader("conf/base.yaml")}, root=tmp_path)
    assert [one.sure for one in project.settings.unread()] == [sure]
    assert project.index.elsewhere == state(texts(tmp_path))


def test_too_many_to_say(tmp_path: Path) -> None:
    for n in range(300):
        (tmp_path / f"a{n}.js").write_text("")
    assert unread("conf/base.yaml", YAML, root=tmp_path) == [False]
