from __future__ import annotations

import pytest

from tests.checks.conftest import Found

HUB = """
import os
from pathlib import Path

import mlflow
import torch
from datasets import load_dataset
from transformers import AutoModel, BertModel
"""


def lines(found: Found, expression: str, **files: str) -> int:
    """How many findings the expression gives, standing in a function of the parameters a, b and of **options."""
    text = f"{HUB}\ndef load(a, b, **options):\n    return {expression}\n"
    return len([f for f in found("floating_reference", {"load.py": text, **files}) if f.rule == "floating-model-reference"])


@pytest.mark.parametrize(
    "expression",
    [
        'AutoModel.from_pretrained("acme/encoder")',
        'BertModel.from_pretrained("bert-base-uncased", revision=None)',
        'AutoModel.from_pretrained("acme/encoder", revision="main")',
        'torch.hub.load("acme/zoo", "net")',
        'torch.hub.load("acme/zoo:main", "net")',
        'mlflow.pyfunc.load_model("models:/churn/Production")',
        'mlflow.sklearn.load_model("models:/churn/latest")',
        'mlflow.sklearn.load_model(f"models:/{a}/Staging")',
        'mlflow.sklearn.load_model("models:/churn@champion")',
        'load_dataset("acme/tickets")',
    ],
)
def test_moving(found: Found, expression: str) -> None:
    assert lines(found, expression) == 1


@pytest.mark.parametrize(
    "expression",
    [
        'AutoModel.from_pretrained("acme/encoder", revision="4c1f6d0a9be27f13508d3c9a7716b2e5d0c8aa31")',
        'AutoModel.from_pretrained("acme/encoder", revision="v2.1")',
        'AutoModel.from_pretrained("acme/encoder", revision=b)',
        'AutoModel.from_pretrained("acme/encoder", **options)',
        'AutoModel.from_pretrained("acme/encoder", local_files_only=True)',
        "AutoModel.from_pretrained(a)",
        'AutoModel.from_pretrained("./encoder")',
        'AutoModel.from_pretrained("/models/encoder")',
        'AutoModel.from_pretrained("checkpoints/best")',
        'AutoModel.from_pretrained(Path(a) / "encoder")',
        'AutoModel.from_pretrained(os.path.join("acme", "encoder"))',
        'AutoModel.from_pretrained(f"{a}/encoder")',
        'torch.hub.load("acme/zoo:v1.2", "net")',
        'torch.hub.load("acme/zoo", "net", source="local")',
        'mlflow.pyfunc.load_model("models:/churn/17")',
        'mlflow.pyfunc.load_model(f"models:/churn/{a}")',
        'mlflow.pyfunc.load_model(f"runs:/{a}/model")',
        'load_dataset("csv", data_files=a)',
        'load_dataset("json", data_files="rows.json")',
    ],
)
def test_pinned_local_or_unknown(found: Found, expression: str) -> None:
    assert lines(found, expression) == 0


def test_a_folder_of_the_project_is_local(found: Found) -> None:
    assert lines(found, 'AutoModel.from_pretrained("acme/encoder")') == 1
    assert lines(found, 'AutoModel.from_pretrained("acme/encoder")', **{"acme/encoder/make.py": "x = 1\n"}) == 0


def test_what_the_project_saves_under_that_name_is_local(found: Found) -> None:
    text = f"""{HUB}
model = AutoModel.from_pretrained("./base")
model.save_pretrained("team/encoder")
AutoModel.from_pretrained("team/encoder")
"""
    assert found("floating_reference", {"a.py": text}) == []


def test_the_reference_is_found_through_callers_and_defaults(found: Found) -> None:
    text = f"""{HUB}
def stage(name, stage):
    return mlflow.pyfunc.load_model(f"models:/{{name}}/{{stage}}")

def encoder(name="acme/encoder"):
    return AutoModel.from_pretrained(name)

stage("churn", "Production")
"""
    messages = [f.message for f in found("floating_reference", {"a.py": text})]
    assert messages == [
        "`models:/churn/Production` may change under you (`Production` is another version after the next promotion)",
        "`acme/encoder` may change under you (no revision)",
    ]


def test_tests_and_examples_stay_silent(found: Found) -> None:
    text = f'{HUB}\nAutoModel.from_pretrained("acme/encoder")\n'
    assert found("floating_reference", {"tests/test_a.py": text, "examples/a.py": text, "demo.py": text}) == []


def test_a_package_may_demonstrate_itself(found: Found) -> None:
    text = f'{HUB}\nif __name__ == "__main__":\n    AutoModel.from_pretrained("acme/encoder")\n'
    packaged = {"pyproject.toml": '[project]\nname = "x"\nclassifiers = []\nkeywords = ["nlp"]\n', "x/__init__.py": "", "x/a.py": text}
    assert found("floating_reference", packaged) == []
    assert len(found("floating_reference", {"script.py": text})) == 1
    service = found("floating_reference", packaged | {"x/a.py": "import flask\n" + text})
    assert [[place.path for place in (f.location, *f.evidence)] for f in service] == [["script.py", "x/a.py"]]


def test_one_finding_for_one_reference(found: Found) -> None:
    text = f'{HUB}\ndef one():\n    return AutoModel.from_pretrained("acme/encoder")\n'
    first, second = found("floating_reference", {"a.py": text, "b.py": text + 'x = torch.hub.load("acme/zoo", "net")\n'})
    assert [(f.location.path, [e.path for e in f.evidence], f.size) for f in (first, second)] == [("a.py", ["b.py"], 2), ("b.py", [], 1)]


def test_what_nothing_reads_is_no_input(found: Found) -> None:
    text = f'{HUB}\ndef one():\n    model = AutoModel.from_pretrained("acme/encoder")\n    return 1\n'
    assert found("floating_reference", {"a.py": text}) == []


def test_a_reload_moves_whatever_it_may_run(found: Found) -> None:
    assert lines(found, 'torch.hub.load("acme/zoo", "net", force_reload=True, skip_validation=True)') == 1
    assert lines(found, 'torch.hub.load("acme/zoo", "net", skip_validation=True)') == 0


def test_what_the_file_has_just_uploaded_is_read_back(found: Found) -> None:
    text = f'{HUB}\ndef run(data):\n    data.push_to_hub("acme/rows")\n    return load_dataset("acme/rows")\n'
    assert found("floating_reference", {"a.py": text}) == []
    assert len(found("floating_reference", {"b.py": text.replace('data.push_to_hub("acme/rows")', "pass")})) == 1
