"""Configuration keys: which committed files count, and what a read in the code can be by them."""

from __future__ import annotations

import pytest

from mldebt.project.evaluate import Constant
from tests.project.reading import argument, project_of

LOAD = "import yaml\nconfig = yaml.safe_load(open('conf/base.yaml'))\n"


def looked_up(read: str, files: dict[str, str]) -> frozenset[Constant] | None:
    project = project_of({"m.py": f"{LOAD}{read}\n", **files})
    module = project.modules["m.py"]
    return project.configs.lookup(module, argument(module))


@pytest.mark.parametrize(
    ("base", "production", "found"),
    [
        ("false", "false", {False}),
        ("false", "true", {False, True}),
        ("0.1", "0.1", {0.1}),
        ("adam", "sgd", {"adam", "sgd"}),
        ("", "true", {None, True}),
    ],
)
def test_every_value_that_committed_files_give(base: str, production: str, found: set[Constant]) -> None:
    files = {"conf/base.yaml": f"use_embeddings: {base}\n", "conf/production.yaml": f"use_embeddings: {production}\n"}
    assert looked_up("see(config['use_embeddings'])", files) == found


def test_formats_meet() -> None:
    files = {
        "conf/base.yaml": "model:\n  use_embeddings: 1\n",
        "conf/more.toml": "[model]\nuse_embeddings = 2\n",
        "conf/last.json": '{"model": {"use_embeddings": 3}}',
    }
    assert looked_up("see(config['model']['use_embeddings'])", files) == {1, 2, 3}


@pytest.mark.parametrize(
    ("read", "found"),
    [
        ("see(config['model']['dropout'])", {0.1}),
        ("see(config.model.dropout)", {0.1}),
        ("see(config['other']['dropout'])", None),  # another section
        ("see(config['dropout'])", None),  # the key alone tells too little
        ("see(config['model']['gone'])", None),
        ("see(config['model'][key])", None),
    ],
)
def test_short_keys_need_their_section(read: str, found: set[Constant] | None) -> None:
    files = {"conf/base.yaml": "model:\n  dropout: 0.1\n", "conf/production.yaml": "model:\n  dropout: 0.1\n"}
    assert looked_up(read, files) == found


def test_one_file_proves_nothing() -> None:
    assert looked_up("see(config['use_embeddings'])", {"conf/base.yaml": "use_embeddings: false\n"}) is None


@pytest.mark.parametrize("path", [".github/workflows/ci.yml", "docker-compose.yml", "tests/data/base.yaml", "elsewhere/never_named.yaml"])
def test_files_that_are_not_the_projects_configuration(path: str) -> None:
    project = project_of({"m.py": f"{LOAD}see(1)\n", path: "use_embeddings: false\n"})
    assert "use_embeddings" not in project.configs.by_key


def test_an_option_of_the_same_name_may_be_anything() -> None:
    files = {"conf/base.yaml": "use_embeddings: false\n", "conf/production.yaml": "use_embeddings: false\n"}
    option = "import argparse\nargparse.ArgumentParser().add_argument('--use_embeddings')\n"
    assert looked_up(f"{option}see(config['use_embeddings'])", files) is None


def test_a_key_that_code_assigns_may_be_anything() -> None:
    files = {"conf/base.yaml": "use_embeddings: false\n", "conf/production.yaml": "use_embeddings: false\n"}
    assert looked_up("config.use_embeddings = u()\nsee(config['use_embeddings'])", files) is None
    assert looked_up("d = {'use_embeddings': u()}\nsee(config['use_embeddings'])", files) is None


def test_where_a_key_is_declared() -> None:
    files = {"conf/base.yaml": "a: 1\nuse_embeddings: false\n", "conf/production.yaml": "use_embeddings: true\n"}
    project = project_of({"m.py": f"{LOAD}see(config['use_embeddings'])\n", **files})
    module = project.modules["m.py"]
    found = [(d.module.path, d.setting.line, d.setting.value) for d in project.configs.declared_for(module, argument(module))]
    assert found == [("conf/base.yaml", 2, False), ("conf/production.yaml", 1, True)]
