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
