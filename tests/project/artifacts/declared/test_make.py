"""What Makefiles declare."""

from __future__ import annotations

from mldebt.project.artifacts.declared import Declared, declarations
from mldebt.project.artifacts.declared.places import located
from tests.project.reading import project_of

_TEXT = """\
.PHONY: all features train
all: train
features:
\tpython src/features.py
train: features
\tpython src/train.py
ml/scores.csv: src/score.py ml/model.pkl
\tpython src/score.py
"""


def test_targets_and_order() -> None:
    project = project_of({**dict.fromkeys(("src/features.py", "src/train.py", "src/score.py"), ""), "Makefile": _TEXT})
    found = declarations(project)
    assert [(one.role, one.who, one.files) for one in found if not one.order_only] == [
        ("consumes", "ml/scores.csv", ("src/score.py",)),
        ("produces", "ml/scores.csv", ("src/score.py",)),
    ]
    known = Declared(project, found)
    model = located("ml/model.pkl")
    assert model is not None
    assert known.edge(model, "src/score.py", "anything.py") is not None
    assert known.order("src/train.py", "src/features.py") is not None
    assert known.order("src/features.py", "src/train.py") is None
    assert known.order("src/score.py", "src/train.py") is None
