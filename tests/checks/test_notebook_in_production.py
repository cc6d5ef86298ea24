"""Notebooks that jobs and services need."""

from __future__ import annotations

import json

import pytest

from tests.checks.conftest import Found

CHECK = "notebook_in_production"
JOB = "on:\n  schedule:\n    - cron: '0 3 * * *'\njobs:\n  a:\n    steps:\n      - run: {}\n"
APP = 'import joblib\nfrom flask import Flask\napp = Flask("x")\nmodel = joblib.load("m.joblib")\n'
SAVE = "import joblib\njoblib.dump(model, 'm.joblib')\n"


def notebook(code: str) -> str:
    cell = {"cell_type": "code", "execution_count": None, "id": "a", "metadata": {}, "outputs": [], "source": code}
    return json.dumps({"cells": [cell], "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    "command",
    [
        "papermill a.ipynb out.ipynb",
        "python -m papermill.cli a.ipynb out.ipynb",
        "jupyter nbconvert --to notebook --execute a.ipynb",
        "poetry run jupyter execute a.ipynb",
    ],
)
def test_a_step_of_a_job(found: Found, command: str):
    (one,) = found(CHECK, {".github/workflows/nightly.yml": JOB.format(command)})
    assert (one.anchor, one.confidence, one.location.line) == ("command a.ipynb", 0.85, 7)


@pytest.mark.parametrize(
    "command", ["pip install papermill", "jupyter nbconvert --to html a.ipynb", "papermill examples/a.ipynb b.ipynb", "papermill --help"]
)
def test_no_run(found: Found, command: str):
    assert not found(CHECK, {".github/workflows/nightly.yml": JOB.format(command)})


@pytest.mark.parametrize(
    ("word", "named"),
    [
        ("a.ipynb", "`a.ipynb`"),
        ("/work/$(params.repo)/$(params.notebook-path)", "the notebook that `params.notebook-path` names"),
        ("${NOTEBOOK}", "the notebook that `NOTEBOOK` names"),
    ],
)
def test_what_is_run_is_named_and_not_the_file_again(found: Found, word: str, named: str):
    text = 'kind: Task\nspec:\n  steps:\n  - name: run\n    script: "set -x\\ncd\n      work\\n\\npapermill\n      '
    (one,) = found(CHECK, {"tasks/score.yaml": f'{text}{word} out.ipynb"\n  - name: done\n    script: echo done\n'})
    assert one.message == f"a step runs {named}"
    assert one.location.line == 6


def test_a_workflow_for_pull_requests_is_a_test(found: Found):
    text = JOB.format("papermill a.ipynb b.ipynb").replace("  schedule:", "  pull_request:\n  schedule:")
    assert not found(CHECK, {".github/workflows/nightly.yml": text})


def test_a_script_counts_more_when_a_job_runs_it(found: Found):
    script = {"jobs/run.sh": "papermill a.ipynb b.ipynb\n"}
    (alone,) = found(CHECK, script)
    (run,) = found(CHECK, script | {".github/workflows/nightly.yml": JOB.format("bash jobs/run.sh")})
    assert (alone.confidence, run.confidence) == (0.6, 0.8)


def test_calls(found: Found):
    files = {
        "dags/a.py": "from airflow.providers.papermill.operators.papermill import PapermillOperator as Run\nRun(input_nb='a.ipynb')\n",
        "b.py": "import papermill as pm\npm.execute_notebook('b.ipynb', 'c.ipynb')\n",
        "c.py": "dbutils.notebook.run('/Shared/c', 60)\n",
        "helper.py": "import papermill as pm\ndef f(path):\n    pm.execute_notebook(path, 'c.ipynb')\n",
        "tests/test_d.py": "import papermill as pm\npm.execute_notebook('b.ipynb', 'c.ipynb')\n",
        "other.py": "session.run('a.ipynb')\nexecute_notebook = 3\n",
    }
    assert [(f.location.path, f.confidence) for f in found(CHECK, files)] == [
        ("b.py", 0.7),
        ("c.py", 0.7),
        ("dags/a.py", 0.85),
        ("helper.py", 0.7),
    ]


def test_tasks_of_a_job(found: Found):
    text = "tasks:\n  - task_key: a\n    notebook_task:\n      source: GIT\n      notebook_path: src/features\n"
    (one,) = found(CHECK, {"resources/jobs.yml": text})
    assert (one.anchor, one.location.line) == ("task src/features", 5)


def test_a_model_of_a_service_that_only_a_notebook_saves(found: Found):
    (one,) = found(CHECK, {"app.py": APP, "fit.ipynb": notebook(SAVE)})
    assert (one.location.path, one.evidence[0].path) == ("app.py", "fit.ipynb")


def test_a_model_that_code_saves_too(found: Found):
    assert not found(CHECK, {"app.py": APP, "fit.ipynb": notebook(SAVE), "fit.py": SAVE})


def test_a_model_that_no_service_loads(found: Found):
    assert not found(CHECK, {"report.py": APP.replace("from flask import Flask\napp = Flask", "print"), "fit.ipynb": notebook(SAVE)})


def test_an_import_from_a_folder_of_prototypes(found: Found):
    files = {
        "serve.py": "from sandbox.features import make\nmake()\n",
        "sandbox/features.py": "def make(): ...\n",
        "sandbox/b.py": "import sandbox.features\n",
    }
    (one,) = found(CHECK, files)
    assert (one.location.path, one.anchor) == ("serve.py", "import sandbox/features.py")
