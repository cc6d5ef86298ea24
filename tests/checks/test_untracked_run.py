"""Models that are saved with and without a record of their run."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

TRAIN = """
import joblib
import pandas as pd
from sklearn.linear_model import Ridge

rows = pd.read_csv("prices.csv")
model = Ridge().fit(rows[["area"]], rows["price"])
joblib.dump(model, "ridge.joblib")
"""


def test_a_fixed_name_without_a_record(found: Found) -> None:
    (finding,) = found("untracked_run", {"train.py": TRAIN})
    assert "`ridge.joblib`" in finding.message
    assert [e.line for e in finding.evidence] == [7]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import joblib\n", "import joblib\nimport mlflow\n"),
        ('"ridge.joblib"', '"ridge-2024_11.joblib"'),
        ('"ridge.joblib"', 'f"ridge-{pd.Timestamp.now()}.joblib"'),
        ("joblib.dump(model,", 'joblib.dump({"model": model, "rows": len(rows)},'),
        ("joblib.dump(model,", "joblib.dump(rows,"),
        ("import joblib\n", "import joblib\nimport json\njson.dump({'alpha': 1.0}, open('ridge.json', 'w'))\n"),
        (
            "import joblib\n",
            "import joblib\nimport json\nfrom pathlib import Path\nPath('ridge.txt').write_text(json.dumps({'alpha': 1.0}))\n",
        ),
        ("import joblib\n", "import joblib\nimport json\nopen('ridge.txt', 'w').write(json.dumps({'alpha': 1.0}) + '\\n')\n"),
        ('"ridge.joblib")\n', '"ridge.joblib")\nagain = joblib.load("ridge.joblib")\n'),
    ],
)
def test_records_and_steps_of_a_run(found: Found, old: str, new: str) -> None:
    assert found("untracked_run", {"train.py": TRAIN.replace(old, new)}) == []


@pytest.mark.parametrize("text", ["rows.to_csv()", "str(rows)", "json.loads('1')"])
def test_other_texts_are_no_record(found: Found, text: str) -> None:
    written = f"import json\nfrom pathlib import Path\n{TRAIN}Path('rows.txt').write_text({text})\n"
    assert len(found("untracked_run", {"train.py": written})) == 1


def test_a_tracker_in_a_file_that_is_imported_counts(found: Found) -> None:
    tracked = {"train.py": "import track\n" + TRAIN, "track.py": "import wandb\n\n\ndef log(x):\n    wandb.log(x)\n"}
    assert found("untracked_run", tracked) == []


def test_a_pipeline_with_records_of_its_own_counts(found: Found) -> None:
    stages = "stages:\n  train:\n    cmd: python train.py\n    outs: [ridge.joblib]\n"
    assert found("untracked_run", {"train.py": TRAIN, "dvc.yaml": stages}) == []


def test_tests_examples_and_libraries_stay_silent(found: Found) -> None:
    assert found("untracked_run", {"tests/train.py": TRAIN, "examples/train.py": TRAIN}) == []


@pytest.mark.parametrize(
    ("stage", "count"),
    [
        ("cmd: python -m prices.train", 0),
        ("cmd: python -m prices.train --alpha 2", 0),
        ("cmd: make model\n    deps: [rows.csv, src/prices/train.py]", 0),
        ("cmd: python -m stocks.train", 1),
        ("cmd: python -m prices", 1),
        ("cmd: make model\n    deps: [prices/train.py]", 1),  # another file: deps start at the folder of the pipeline
    ],
)
def test_a_stage_that_runs_a_module_or_depends_on_the_file(found: Found, stage: str, count: int) -> None:
    files = {"src/prices/train.py": TRAIN, "dvc.yaml": f"stages:\n  train:\n    {stage}\n"}
    assert len(found("untracked_run", files)) == count


def test_a_package_that_a_stage_runs(found: Found) -> None:
    files = {"prices/__init__.py": "", "prices/__main__.py": TRAIN}
    assert len(found("untracked_run", files)) == 1
    assert found("untracked_run", {**files, "dvc.yaml": "stages:\n  train:\n    cmd: python -m prices\n"}) == []


def test_the_pipeline_of_a_folder(found: Found) -> None:
    files = {"src/train.py": TRAIN, "models/dvc.yaml": "stages:\n  train:\n    cmd: fit\n    deps:\n      - ../src/train.py\n"}
    assert found("untracked_run", files) == []
