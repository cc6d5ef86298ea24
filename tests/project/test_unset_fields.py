"""Attributes of settings objects that nothing sets."""

from __future__ import annotations

import pytest

from mldebt.project.unset_fields import UnsetFields
from tests.project.reading import project_of

CLASS = "class RunConfig:\n    folds = 5\n\n    def __init__(self, root):\n        self.root = root\n"


def unset(files: dict[str, str]) -> list[str]:
    return [f"{one.shown}.{one.name}" for one in UnsetFields(project_of(files)).found()]


def test_in_the_class_and_outside():
    method = "\n    def path(self):\n        return self.roots\n"
    use = "from run_config import RunConfig\n\nprint(RunConfig('x').fold, RunConfig('x').folds, RunConfig('x').root)\n"
    assert unset({"run_config.py": CLASS + method, "fit.py": use}) == ["RunConfig.fold", "RunConfig.roots"]


@pytest.mark.parametrize(
    "method",
    [
        "    def __getattr__(self, name):\n        return 1\n",
        "    def fill(self, given):\n        self.__dict__.update(given)\n",
        "    def fill(self, given):\n        for k, v in given.items():\n            setattr(self, k, v)\n",
        "    @classmethod\n    def parse(cls, k, v):\n        self = cls('x')\n        object.__setattr__(self, k, v)\n",
    ],
)
def test_a_class_that_sets_by_name_is_open(method: str):
    assert unset({"run.py": f"{CLASS}\n{method}\n\nprint(RunConfig('x').fold)\n"}) == []


def test_bases_and_heirs_count():
    base = "class BaseConfig:\n    def path(self):\n        return self.root\n\n\nclass RunConfig(BaseConfig):\n    root = 'x'\n\n\n"
    assert unset({"run.py": f"{base}print(RunConfig().root, RunConfig().roof)\n"}) == ["RunConfig.roof"]
    assert unset({"run.py": "import elsewhere\n\n\nclass RunConfig(elsewhere.Base):\n    a = 1\n\n\nprint(RunConfig().b)\n"}) == []


def test_a_read_that_may_fail_is_none():
    assert unset({"run.py": f"{CLASS}\n\ntry:\n    print(RunConfig('x').fold)\nexcept AttributeError:\n    pass\n"}) == []


def test_set_from_outside():
    assert unset({"run.py": f"{CLASS}\n\nconfig = RunConfig('x')\nconfig.fold = 3\nprint(config.fold)\n"}) == []


def test_a_class_that_is_its_own_base_ends():
    assert unset({"run.py": "class RunConfig(RunConfig):\n    a = 1\n\n\nprint(RunConfig().b)\n"}) == []
