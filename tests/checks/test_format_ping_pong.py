"""format-ping-pong."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

PREPARE = """
import pandas as pd


def prepared(frame):
    rows = frame.to_numpy()
    return pd.DataFrame(rows).fillna(0)
"""
TRAIN = """
from prepare import prepared


def trained(model, frame, label):
    rows = prepared(frame).values
    model.fit(rows, label)
    return model.predict(rows)
"""


def test_the_way_is_followed_through_functions_and_told_once(found: Found) -> None:
    (finding,) = found("format_ping_pong", {"prepare.py": PREPARE, "train.py": TRAIN})
    assert (finding.location.path, finding.location.line) == ("prepare.py", 6)
    assert finding.anchor == "fit frame array frame array"
    assert [(place.path, place.line) for place in finding.evidence] == [
        ("prepare.py", 7),
        ("train.py", 6),
        ("train.py", 7),
        ("train.py", 8),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "def ask(model, frame):\n    return model.predict(frame.to_numpy())\n",
        "import pandas as pd\n\n\ndef ask(model, frame):\n    return model.predict(pd.DataFrame(frame.to_numpy()))\n",  # two changes
        "import pandas as pd\n\n\ndef show(plot, frame):\n    plot.line(pd.DataFrame(frame.to_numpy()).values)\n",  # for a picture
        "def ask(model, table):\n    return model.predict(list(table.values()))\n",  # a mapping
    ],
)
def test_look_alikes(found: Found, text: str) -> None:
    assert found("format_ping_pong", {"ask.py": text}) == []


def test_a_loop_ends(found: Found) -> None:
    text = "def ask(model, rows):\n    while rows:\n        rows = pd.DataFrame(rows.to_numpy())\n    return model.predict(rows)\n"
    assert found("format_ping_pong", {"ask.py": "import pandas as pd\n\n\n" + text}) == []
