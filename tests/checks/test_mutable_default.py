"""shared-mutable-default."""

from __future__ import annotations

from tests.checks.conftest import Found

FRAMES = """
import pandas as pd


def collect(pair, history={}, names=[]):
    if pair not in history:
        history[pair] = pd.read_parquet(pair)
    names.append(pair)
    return pd.concat(history.values())
"""


def test_one_finding_for_each_function(found: Found):
    (finding,) = found("mutable_default", {"frames.py": FRAMES})
    assert finding.rule == "shared-mutable-default"
    assert finding.anchor == "history,names"
    assert finding.location.line == 5
    assert [place.line for place in finding.evidence] == [7, 8]
    assert finding.size == 2


def test_it_is_less_sure_when_every_call_passes_the_argument(found: Found):
    (unknown,) = found("mutable_default", {"frames.py": FRAMES})
    (passed,) = found("mutable_default", {"frames.py": FRAMES, "main.py": "from frames import collect\ncollect('a', {}, [])\n"})
    (left_out,) = found("mutable_default", {"frames.py": FRAMES, "main.py": "from frames import collect\ncollect('a', {})\n"})
    assert passed.confidence < unknown.confidence == left_out.confidence


def test_code_that_handles_no_data_is_not_looked_at(found: Found):
    assert found("mutable_default", {"menu.py": "def add(item, items=[]):\n    items.append(item)\n    return items\n"}) == []


def test_tests_stay_silent(found: Found):
    assert found("mutable_default", {"tests/test_frames.py": FRAMES}) == []
