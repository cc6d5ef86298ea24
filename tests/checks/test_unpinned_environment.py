"""Which versions train."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

TRAIN = "import xgboost as xgb\n\n\ndef train(matrix):\n    return xgb.train({}, matrix)\n"
UV = '[[package]]\nname = "xgboost"\nversion = "2.1.1"\n'


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"requirements.txt": "xgboost\n"},
        {"requirements.txt": "xgboost>=1.0,<3\n"},
        {"Dockerfile": "FROM python:3.11\nRUN pip install xgboost\n"},
        {"other/requirements.txt": "xgboost==2.1.1\n"},
        {"uv.lock": UV.replace("xgboost", "numpy")},
    ],
)
def test_any_version_may_train(found: Found, files: dict[str, str]) -> None:
    (finding,) = found("unpinned_environment", {"train.py": TRAIN, **files})
    assert "`xgboost`" in finding.message


@pytest.mark.parametrize(
    "files",
    [
        {"cpu-requirements.txt": "xgboost==2.1.1\n"},
        {"requirements/base.txt": "xgboost==2.1.1 \\\n    --hash=sha256:00\n"},
        {"requirements/train.lock": "xgboost==2.1.1\n"},
        {"requirements-dev.lock": "xgboost==2.1.1\n"},
        {"uv.lock": UV},
        {"poetry.lock": UV},
        {"requirements.txt": "xgboost==2.1.1\n"},
        {"environment.yml": "dependencies:\n  - xgboost=2.1.1\n"},
        {"Dockerfile": "FROM python:3.11\nRUN pip install xgboost==2.1.1\n"},
        {"requirements.txt": "xgboost>=1\n", "requirements-lock.txt": "xgboost==2.1.1\n", "uv.lock": UV},
    ],
)
def test_one_version_trains(found: Found, files: dict[str, str]) -> None:
    assert found("unpinned_environment", {"train.py": TRAIN, **files}) == []


def test_one_finding_for_each_folder_with_requirements(found: Found) -> None:
    files = {f"{name}/requirements.txt": "xgboost\n" for name in "ab"} | {f"{name}/{f}.py": TRAIN for name in "ab" for f in ("t", "u")}
    findings = found("unpinned_environment", files)
    assert [(f.anchor, f.size, len(f.evidence)) for f in findings] == [("a", 2, 1), ("b", 2, 1)]


def test_libraries_tests_and_notebooks_leave_versions_open(found: Found) -> None:
    package = {"setup.cfg": "[metadata]\nname = boosted\n", "boosted/__init__.py": "", "boosted/fit.py": TRAIN}
    assert found("unpinned_environment", package) == []
    assert found("unpinned_environment", {"tests/train.py": TRAIN, "examples/train.py": TRAIN}) == []


PREPARES = """
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, StandardScaler


def prepare(rows, texts, make_cleaner):
    {}
"""


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("return LabelEncoder().fit_transform(texts)", 0),
        ("return StandardScaler().fit(rows).transform(rows)", 0),
        ("return make_pipeline(StandardScaler()).fit_transform(rows)", 0),
        ("return make_cleaner().fit_transform(texts)", 0),
        ("return Ridge().fit(StandardScaler().fit_transform(rows), texts)", 1),
        ("return make_pipeline(StandardScaler(), Ridge()).fit(rows, texts)", 1),
    ],
)
def test_preprocessors_alone_are_no_training(found: Found, body: str, count: int) -> None:
    findings = found("unpinned_environment", {"prepare.py": PREPARES.format(body)})
    assert len(findings) == count


NETS = "from sklearn.base import clone\n{}\n\n\ndef train(net, x, y):\n    return clone(net).fit(x, y)\n"


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("from sklearn.utils import shuffle", 0),
        ("from transformers import ItemSelector", 0),  # a file of the project
        ("from sklearn.linear_model import LogisticRegression", 1),
        ("from sklearn import ensemble", 1),
        ("import sklearn.ensemble", 1),
        ("from sklearn.pipeline import make_pipeline", 1),
        ("from sklearn.newest import Forest", 1),
    ],
)
def test_tools_of_a_package_train_nothing(found: Found, line: str, count: int) -> None:
    files = {"train.py": NETS.format(line), "transformers.py": "class ItemSelector:\n    pass\n"}
    assert len(found("unpinned_environment", files)) == count


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"deploy.py": 'IMAGE = "rented/pytorch:2.4.0-py3.11-cuda12.4.1"\n'}, 0),
        ({"pod.yaml": "spec:\n  image: registry.example.com:5000/pytorch/pytorch:2.4.0\n"}, 0),
        ({"pod.yaml": "spec:\n  image: pytorch/pytorch:latest\n"}, 1),
        ({"other/pod.yaml": "image: pytorch/pytorch:2.4.0\n", "other/requirements.txt": "torch\n"}, 1),  # another environment
        ({"pod.yaml": "spec:\n  image: library/postgres:16.1\n"}, 1),
        ({"deploy.py": 'NOTE = "see pytorch/pytorch:2.4.0 for more"\n'}, 1),
    ],
)
def test_an_image_that_settings_or_code_name(found: Found, files: dict[str, str], count: int) -> None:
    loop = "import torch\n\n\ndef epoch(net, rows, steps: torch.optim.Optimizer):\n    net(rows).sum().backward()\n    steps.step()\n"
    assert len(found("unpinned_environment", {"train.py": loop, **files})) == count
