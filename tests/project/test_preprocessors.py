"""Whether a preprocessor outlives the function that fits it."""

from __future__ import annotations

import pytest

from mldebt.project.preprocessors import Preprocessor, Preprocessors
from tests.project.reading import project_of

HEAD = (
    "import joblib\nfrom sklearn.preprocessing import LabelEncoder, StandardScaler\n\ndef f(frame, own):\n    scaler = StandardScaler()\n"
)


def only(lines: str) -> Preprocessor:
    body = "".join(f"    {line}\n" for line in lines.splitlines())
    (found,) = Preprocessors(project_of({"train.py": HEAD + body})).found
    return found


@pytest.mark.parametrize(
    "lines",
    [
        "rows = scaler.fit_transform(frame)",
        "scaler.fit(frame)\nrows = scaler.transform(frame)",
        "rows = scaler.fit(frame).transform(frame)",
        "rows = scaler.fit_transform(frame)\nprint(scaler.mean_, len(scaler.scale_))",
    ],
)
def test_nothing_keeps_it(lines: str):
    found = only(lines)
    assert found.name == "StandardScaler"
    assert found.kept == ""
    assert len(found.outputs) == 1


@pytest.mark.parametrize(
    "lines",
    [
        "scaler.fit(frame)\njoblib.dump(scaler, 'scaler.joblib')",
        "rows = scaler.fit_transform(frame)\nreturn rows, scaler",
        "scaler.fit(frame)\nown.scaler = scaler",
        "scaler.fit(frame)\nbundle = {'scaler': scaler}",
        "scaler.fit(frame)\nscales = scaler.scale_ * 2",
        "scaler.fit(frame)\nreturn lambda rows: scaler.transform(rows)",
    ],
)
def test_it_is_kept(lines: str):
    assert only(lines).kept


def test_what_a_caller_makes_is_not_looked_at():
    project = project_of({"train.py": "def f(scaler, frame):\n    return scaler.fit_transform(frame)\n"})
    assert Preprocessors(project).found == ()
