from __future__ import annotations

import pytest

from mldebt.project.glue.boundary import leaks
from tests.project.reading import project_of

CALL = "from lib.use import use\n\nuse({argument})\n"


def types(use: str, *, argument: str = "1", more: dict[str, str] | None = None) -> list[tuple[str, str]]:
    files = {"lib/use.py": use, "jobs/run.py": CALL.format(argument=argument), **(more or {})}
    return [(leak.type, leak.module.qualname(leak.scope)) for leak in leaks(project_of(files))]


@pytest.mark.parametrize(
    "use",
    [
        "import xgboost as xgb\n\n\ndef use(data: xgb.DMatrix):\n    return data\n",
        "import xgboost as xgb\n\n\ndef use(data: xgb.DMatrix | None = None):\n    return data\n",
        "import xgboost as xgb\n\n\ndef use(data: list[xgb.DMatrix]):\n    return data\n",
        "import xgboost as xgb\n\n\ndef use(data):\n    return isinstance(data, (list, xgb.DMatrix))\n",
    ],
)
def test_annotations_and_instance_checks(use: str) -> None:
    assert types(use) == [("xgboost.DMatrix", "use")]


@pytest.mark.parametrize(
    "use",
    [
        "import numpy as np\n\n\ndef use(data: np.ndarray):\n    return data\n",
        "import torch\n\n\ndef use(data: torch.Tensor):\n    return data\n",
        "from sklearn.base import BaseEstimator\n\n\ndef use(data: BaseEstimator):\n    return data\n",
        "try:\n    import xgboost as xgb\nexcept ImportError:\n    xgb = None\n\n\ndef use(data: xgb.DMatrix):\n    return data\n",
    ],
    ids=["lingua franca", "framework", "interface", "optional"],
)
def test_types_that_may_cross(use: str) -> None:
    assert types(use) == []


def test_only_calls_from_other_folders_that_pass_it_count() -> None:
    use = "import xgboost as xgb\n\n\ndef use(data: xgb.DMatrix = None):\n    return data\n"
    assert types(use, argument="") == []
    files = {"lib/use.py": use, "lib/run.py": "from lib.use import use\n\nuse(1)\n"}
    assert not list(leaks(project_of(files)))


def test_a_program_about_the_package_has_no_other_side() -> None:
    use = "import spacy\n\n\ndef use(data: spacy.tokens.Doc):\n    return data\n"
    more = {f"lib/step_{n}.py": "import spacy\nimport lib.use\n\nprint(spacy)\n" for n in range(4)}
    assert types(use) == [("spacy.tokens.Doc", "use")]
    assert types(use, more=more) == []
