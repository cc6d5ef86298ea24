"""Where leakage matters."""

from __future__ import annotations

import re

from mldebt.project.project import Module

_TEST = re.compile(r"^(test_.*|.*_test|conftest)\.py$")


def is_unit_test(module: Module) -> bool:
    """Whether the file holds unit tests, by its own name: the models in them are never used."""
    return module.is_test and _TEST.match(module.path.rpartition("/")[2]) is not None
