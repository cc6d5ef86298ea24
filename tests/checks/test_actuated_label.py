"""Ends of one loop are one finding, however many models learn from it."""

from __future__ import annotations

BOT = """
import joblib
model = joblib.load("m.joblib")
def act(issue, text):
    issue.add_to_labels(*model.predict([text]))
"""
READ = """
from github import Github
def issues():
    return [(i.body, str(i.labels[0])) for i in Github("t").get_repo("a/b").get_issues()]
"""
TRAIN = """
import read
from sklearn.svm import LinearSVC
rows = read.issues()
LinearSVC().fit([r[0] for r in rows], [r[1] for r in rows])
"""


def test_two_models_learn_from_one_loop(found):
    findings = found("actuated_label", {"bot.py": BOT, "read.py": READ, "one.py": TRAIN, "two.py": TRAIN})
    assert [f.rule for f in findings] == ["actuated-label-source", "no-uninfluenced-holdout"]
    assert findings[0].message == "sets github.issue.labels by predictions; read.py:4 reads github.issue back to train"
    learners = [e.path for e in findings[0].evidence if e.message == "learns from it"]
    assert learners == ["one.py", "two.py"]


def test_who_reads_another_field_is_silent(found):
    read = READ.replace("str(i.labels[0])", "i.title")
    assert found("actuated_label", {"bot.py": BOT, "read.py": read, "one.py": TRAIN}) == []


def test_a_project_without_acts(found):
    assert found("actuated_label", {"read.py": READ, "one.py": TRAIN}) == []
