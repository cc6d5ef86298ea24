"""A small ML project: a job that fits and one that scores every night, a reader that nobody declared, and a file beside them."""

from __future__ import annotations

from tests.pre_commit.git import Outcome

TRAIN = '''\
"""Fits the churn model every night."""

import joblib
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier

visits = pd.read_csv("raw/visits.csv")
model = GradientBoostingClassifier(random_state=7)
model.fit(visits.drop(columns=["churned"]), visits["churned"])
joblib.dump(model, "models/churn_night.joblib")
'''
SCORE = '''\
"""Scores every customer every night."""

import joblib
import pandas as pd


def score(visits):
    visits["score"] = visits["logins"] / visits["days"]
    return visits


score(pd.read_csv("raw/visits.csv")).to_parquet("warehouse/customer_scores.parquet")
'''
OLD_REPORT = '''\
"""The report from before: it reads what the night makes, and nobody wrote that down."""

import joblib

print(joblib.load("models/churn_night.joblib"))
'''
WORDS = '''\
"""Words for people."""

GREETING = "Dear customer"
print(GREETING)
'''
READER = '''\
"""Writes to those who may leave."""

import pandas as pd

scores = pd.read_parquet("warehouse/customer_scores.parquet")
print(scores["score"].mean())
'''
HARMLESS = '''\
"""Counts to three."""

for number in range(3):
    print(number)
'''
PROJECT = {
    "jobs/train.py": TRAIN,
    "jobs/score.py": SCORE,
    "jobs/old_report.py": OLD_REPORT,
    "service/words.py": WORDS,
    "notes.md": "Notes\n",
}
# Both ends of the debt that READER adds.
WRITTEN_AT = "jobs/score.py:12"
READ_LINE = 5


def stopped(outcome: Outcome, reader: str = "service/mail.py", line: int = READ_LINE, writer: str = WRITTEN_AT) -> bool:
    """Whether the commit was stopped for the debt of READER, with both of its ends shown."""
    shown = f"{reader}:{line}" in outcome.output and f"{writer}  writes `warehouse/customer_scores.parquet`" in outcome.output
    return outcome.code == 1 and not outcome.made and shown and "undeclared-consumer" in outcome.output


def passed(outcome: Outcome) -> bool:
    """Whether the hook ran and let the commit through."""
    return outcome.code == 0 and outcome.made and "Passed" in outcome.output
