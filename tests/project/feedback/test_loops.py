"""Loops through the world: what a model decides comes back to it."""

from __future__ import annotations

from mldebt.project.feedback.loops import Loops
from mldebt.project.feedback.model import Loop
from tests.project.reading import project_of

BOT = """
import joblib
model = joblib.load("triage.joblib")
def label(issue, text):
    issue.add_labels(*model.predict([text]))
"""
QUERY = """
import pandas as pd
def issues():
    sql = "SELECT JSON_EXTRACT(payload, '$.issue.labels') AS labels FROM `githubarchive.month.20*`{where}"
    return pd.read_gbq(sql)
"""
TRAIN = """
import query
from sklearn.svm import LinearSVC
rows = query.issues()
LinearSVC().fit(rows[["a"]], rows["labels"])
"""


def loops(files: dict[str, str]) -> list[Loop]:
    return Loops(project_of(files)).found()


def test_both_ends_in_three_files():
    (loop,) = loops({"bot.py": BOT, "query.py": QUERY.replace("{where}", ""), "train.py": TRAIN})
    assert (loop.act.path, loop.observed.path, loop.path, loop.how) == ("bot.py", "query.py", "train.py", "training")
    assert not loop.held_out


def test_one_end_is_no_loop():
    assert loops({"bot.py": BOT}) == []
    assert loops({"query.py": QUERY.replace("{where}", ""), "train.py": TRAIN}) == []


def test_a_filter_by_actor_ends_it():
    assert loops({"bot.py": BOT, "query.py": QUERY.replace("{where}", " WHERE actor.login NOT IN ('bot')"), "train.py": TRAIN}) == []


def test_an_act_that_follows_no_prediction():
    bot = "def label(issue, names):\n    issue.add_labels(*names)\n"
    assert loops({"bot.py": bot, "query.py": QUERY.replace("{where}", ""), "train.py": TRAIN}) == []


def test_chance_is_a_hold_out():
    bot = BOT.replace("    issue", "    if random.random() < 0.1:\n        return\n    issue").replace(
        "import joblib", "import joblib\nimport random"
    )
    (loop,) = loops({"bot.py": bot, "query.py": QUERY.replace("{where}", ""), "train.py": TRAIN})
    assert loop.held_out


AGENT = """
class Agent:
    def __init__(self, client, model):
        self.client, self.model = client, model
    def held(self):
        return [p.qty for p in self.client.list_positions()]
    def step(self):
        amount = self.model.predict([self.held()])[0]
        self.order(amount)
    def order(self, amount):
        self.client.submit_order("X", amount)
"""


def test_an_agent_reads_its_own_positions():
    (loop,) = loops({"agent.py": AGENT})
    assert (loop.how, loop.act.api, loop.observed.api) == ("input", "submit_order", "list_positions")


ROWS = """
from sqlalchemy.orm import declarative_base
Base = declarative_base()
class Order(Base):
    __tablename__ = "orders"
    @staticmethod
    def open():
        return []
"""
ACTS = """
from rows import Order
import decide
def run(client):
    client.create_market_order("X", "buy", decide.amount())
    return Order(symbol="X")
"""
DECIDES = """
import joblib
from rows import Order
model = joblib.load("m.joblib")
def amount():
    return model.predict([[order.price for order in Order.open()]])[0]
"""


def test_records_of_acts_are_input_again():
    (loop,) = loops({"rows.py": ROWS, "acts.py": ACTS, "decide.py": DECIDES})
    assert (loop.observed.entity, loop.observed.path, loop.act.path) == ("own.Order", "decide.py", "acts.py")


def test_records_of_which_no_act_is_made():
    acts = ACTS.replace('    client.create_market_order("X", "buy", decide.amount())\n', "")
    assert loops({"rows.py": ROWS, "acts.py": acts, "decide.py": DECIDES}) == []
