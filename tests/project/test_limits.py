"""What bounds an action."""

from __future__ import annotations

import pytest

from mldebt.project.feedback.loops import Loops
from mldebt.project.limits import is_bounded
from tests.project.reading import project_of

TEXT = """
import joblib
from github import Github

model = joblib.load("m.joblib")


def label(issue{parameter}):
    issue.add_to_labels(model.predict([issue.title])[0])


def run(token):
    for issue in {issues}:
        {before}
        label(issue)
"""
ISSUES = "Github(token).get_repo('a/b').get_issues()"


def bounded(issues: str = ISSUES, before: str = "pass", parameter: str = "") -> bool:
    project = project_of({"bot.py": TEXT.format(issues=issues, before=before, parameter=parameter)})
    (act,) = Loops(project).acts
    return is_bounded(project, act)


@pytest.mark.parametrize(
    ("issues", "before", "parameter"),
    [
        (f"list({ISSUES})[:20]", "pass", ""),
        (ISSUES, "time.sleep(60)", ""),
        (ISSUES, "pass", ", dry_run=True"),
        (ISSUES, "assert len(done) < 20", ""),
    ],
)
def test_limits_in_the_function_and_its_callers(issues: str, before: str, parameter: str) -> None:
    assert bounded(issues, before, parameter)


@pytest.mark.parametrize("before", ["pass", "print(issue)", "score = model.predict_proba([issue.title])[0][1]\n        assert score > 0.5"])
def test_thresholds_and_other_words_are_none(before: str) -> None:
    assert not bounded(before=before)
