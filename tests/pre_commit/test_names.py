"""Which files the hook gets, what they may be called, and how many they may be."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mldebt.sources.languages import language_of
from mldebt.sources.model import Language
from tests.pre_commit.conftest import ROOT
from tests.pre_commit.git import Repository
from tests.pre_commit.samples import HARMLESS, READER, passed, stopped

READ = (
    *("a.py", "a.pyw", "A.PY", "a b.ipynb", "a.yaml", "a.yml", "dvc.yaml", "dvc.lock", "data.csv.dvc", "a.toml", "pyproject.toml"),
    *("a.json", "a.ini", "setup.cfg", "model.gin", "a.properties", ".env", "prod.env", ".env.production", "a.sh", "a.bash", "rules.mk"),
    *("Makefile", "GNUmakefile", "Dockerfile", "Containerfile", "gpu.dockerfile", "Dockerfile.gpu", "Dockerfile-gpu", "dockerfile_gpu"),
    *("Containerfile.gpu", "a.sql", "MLproject", "MLmodel", "requirements.txt", "requirements-dev.in", "constraints.txt"),
    *("cpu-requirements.txt", "base_constraints.txt", "requirements.lock", "requirements/base.txt", "requirements/dev.lock", "uv.lock"),
)
NOT_READ = (
    *(
        "a.pyi",
        "a.csv",
        "a.parquet",
        "model.joblib",
        "a.txt",
        "requirements.md",
        "notes.md",
        "a.rst",
        "a.sql.j2",
        "Snakefile",
        "CODEOWNERS",
    ),
    *("LICENSE", "myrequirements.txt", "a.js", "a.yaml.j2", "spy", "Makefile.am", "environment", "env", "mldebt-baseline.jsonl"),
)
NOTEBOOK = """\
{
 "cells": [
  {"cell_type": "markdown", "metadata": {}, "source": ["# How are the scores spread?"]},
  {"cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": [
   "import pandas as pd\\n",
   "scores = pd.read_parquet(\\"warehouse/customer_scores.parquet\\")\\n",
   "scores.describe()"
  ]}
 ],
 "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
 "nbformat": 4, "nbformat_minor": 4
}
"""


def definition(hook: str) -> dict[str, str]:
    return next(one for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text()) if one["id"] == hook)


@pytest.mark.parametrize("name", READ)
def test_the_hook_gets_what_mldebt_reads(name: str) -> None:
    pattern = definition("mldebt")["files"]
    assert language_of(name)
    assert re.search(pattern, name)
    assert re.search(pattern, f"some folder/{name}")


@pytest.mark.parametrize("name", NOT_READ)
def test_the_hook_gets_nothing_else(name: str) -> None:
    assert language_of(name) in (None, Language.DOCUMENT)  # what documents show is read, but debt is never in them
    assert not re.search(definition("mldebt")["files"], name)


def test_no_suffix_is_forgotten() -> None:
    """Every name that the tables of languages have."""
    from mldebt.sources import languages

    names = [f"a{suffix}" for suffix in languages._SUFFIXES] + list(languages._NAMES)
    pattern = definition("mldebt")["files"]
    assert {name for name in names if not re.search(pattern, name)} == {"a.md", "a.markdown", "a.rst"}


def test_the_manifest_is_valid(repository: Repository) -> None:
    assert repository.pre_commit("validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")).code == 0


@pytest.mark.parametrize("name", ["service/e mail.py", 'service/it\'s "mail".py', "service/poșta $HOME;.py", "service/メール.py"])
def test_any_file_name(repository: Repository, name: str) -> None:
    repository.stage({name: READER})
    outcome = repository.commit()
    assert stopped(outcome, name), outcome.output
    repository.stage({name: HARMLESS})
    assert passed(repository.commit())


def test_a_notebook(repository: Repository) -> None:
    repository.stage({"notebooks/spread.ipynb": NOTEBOOK})
    outcome = repository.commit()
    assert stopped(outcome, "notebooks/spread.ipynb", 6), outcome.output


@pytest.mark.parametrize("name", ["dvc.lock", "MLproject", ".env", "requirements.in"])
def test_files_without_a_type_of_pre_commit_are_passed(repository: Repository, name: str) -> None:
    repository.stage({name: "\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_files_that_mldebt_does_not_read_are_no_error(repository: Repository) -> None:
    """A `files` of the user's replaces that of the hook."""
    text = (repository.folder / ".pre-commit-config.yaml").read_text()
    repository.stage({".pre-commit-config.yaml": text + "        files: ^service/\n", "service/notes.txt": "Notes\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_a_thousand_files(repository: Repository) -> None:
    """Names longer than one command line may be: pre-commit starts the hook more than once."""
    names = [f"service/{'a_rather_long_name_of_a_folder/' * 4}and_one_of_a_file_{number:04}.py" for number in range(1_000)]
    assert sum(map(len, names)) > 2**17
    repository.write({name: f"print({number})\n" for number, name in enumerate(names)})
    repository.write({"service/mail.py": READER})
    repository.git("add", "service")
    outcome = repository.commit()
    assert stopped(outcome), outcome.output[:2_000]
    assert outcome.output.count("1 finding, ") == 1
    (Path(repository.folder) / "service/mail.py").write_text(HARMLESS)
    repository.git("add", "service")
    assert passed(repository.commit())
