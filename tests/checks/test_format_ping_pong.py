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


def test_conversions_of_a_helper_are_one_finding_whoever_calls_it(found: Found) -> None:
    helper = """
import pandas as pd


def numbers_of(frame):
    return pd.DataFrame(frame.values).fillna(0).values
"""
    ask = "import pandas as pd\nfrom helper import numbers_of\n\n\ndef {0}(model, rows):\n    return model.predict(numbers_of({1}))\n"
    files = {"helper.py": helper, "a.py": ask.format("a", "pd.DataFrame(rows.tolist())"), "b.py": ask.format("b", "rows")}
    (finding,) = found("format_ping_pong", files)
    assert (finding.location.path, finding.location.line, finding.scope) == ("helper.py", 6, "numbers_of")
    assert finding.anchor == "predict frame array frame array"
    assert [(place.path, place.line) for place in finding.evidence if place.message == "gets the result"] == [("a.py", 6), ("b.py", 6)]
    assert [place.path for place in finding.evidence if place.message == "converted again"] == ["helper.py", "helper.py"]
    del files["b.py"]
    assert [one.location.path for one in found("format_ping_pong", files)] == ["helper.py"]


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
