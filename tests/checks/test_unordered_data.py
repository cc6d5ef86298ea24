"""Orders that nothing defines: what they decide, and where they do not matter."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

HEAD = """
import glob
import os
import random
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

"""


def sources(found: Found, body: str, **files: str) -> list[str]:
    """What is said of the bodies of a file that imports all of the above."""
    return [f.message for f in found("unordered_data", {"prepare.py": HEAD + body, **files})]


@pytest.mark.parametrize(
    "rows",
    [
        "[np.load(p) for p in glob.glob('*.npy')]",
        "list(map(np.load, Path('rows').glob('*.npy')))",
        "np.concatenate([np.load(os.path.join('rows', name)) for name in os.listdir('rows')])",
        "pd.concat([pd.read_csv(entry) for entry in os.scandir('rows')])",
    ],
)
def test_a_seeded_split_of_what_a_listing_gives(found: Found, rows: str) -> None:
    (message,) = sources(found, f"train, test = train_test_split({rows}, random_state=1)\n")
    assert "order of the file system" in message and "split" in message


def test_a_list_that_a_loop_fills(found: Found) -> None:
    body = """
def rows(folder):
    found = []
    for name in os.listdir(folder):
        found.append(pd.read_csv(os.path.join(folder, name)))
    return pd.concat(found)

def main():
    return train_test_split(rows("in"), random_state=4)
"""
    assert len(sources(found, body)) == 1


def test_results_in_the_order_in_which_they_are_done(found: Found) -> None:
    body = """
def main(paths):
    with ThreadPoolExecutor() as pool:
        tasks = [pool.submit(pd.read_csv, path) for path in paths]
        frames = [task.result() for task in as_completed(tasks)]
    return train_test_split(pd.concat(frames), random_state=4)
"""
    (message,) = sources(found, body)
    assert "order in which they are done" in message


@pytest.mark.parametrize(
    "body",
    [
        "train, test = train_test_split([np.load(p) for p in sorted(glob.glob('*.npy'))], random_state=1)\n",
        "paths = glob.glob('*.npy')\npaths.sort()\ntrain, test = train_test_split(paths, random_state=1)\n",
        "for p in glob.glob('*.csv'):\n    train, test = train_test_split(pd.read_csv(p), random_state=1)\n",
        "r = pd.concat([pd.read_csv(p) for p in glob.glob('*')]).sort_values('id')\ntrain, test = train_test_split(r, random_state=1)\n",
        "count = len(glob.glob('*.csv'))\ntrain, test = train_test_split(list(range(count)), random_state=1)\n",
        "rows = pd.read_csv(os.listdir('rows')[0])\ntrain, test = train_test_split(rows, random_state=1)\n",
        "train, test = train_test_split(glob.glob('*.npy'))\n",  # without a seed it differs anyway
        "numbers = {n: i for i, n in enumerate(set(range(9)))}\n",
        "for i, p in enumerate(glob.glob('*.csv')):\n    print(i, p)\n",
        "rows = pd.read_csv('a.csv').drop(columns=list(set(['x', 'y'])))\ntrain, test = train_test_split(rows, random_state=1)\n",
    ],
)
def test_orders_that_do_not_matter_or_are_defined(found: Found, body: str) -> None:
    assert sources(found, body) == []


def test_numbers_of_labels(found: Found) -> None:
    (message,) = sources(found, "words = set('a b c'.split())\nnumbers = {w: i for i, w in enumerate(words)}\n")
    assert "which label gets which number" in message
    (unsure,) = found("unordered_data", {"prepare.py": HEAD + "def f(xs):\n    return {x: i for i, x in enumerate(set(xs))}\n"})
    assert unsure.confidence < 0.7  # the items may be numbers


def test_a_seed_does_not_order_what_is_drawn_from(found: Found) -> None:
    body = "random.seed(3)\nfiles = glob.glob('*.wav')\nrandom.shuffle(files)\n"
    (message,) = sources(found, body)
    assert "in spite of the seed" in message
    assert sources(found, body.replace("random.seed(3)\n", "")) == []


def test_parts_of_a_listing(found: Found) -> None:
    (message,) = sources(found, "files = os.listdir('in')\ntrain, valid = files[:80], files[80:]\n")
    assert "what falls into" in message
    assert sources(found, "files = os.listdir('in')\nfirst, rest = files[:80], files[80:]\n") == []


def test_columns_from_a_set(found: Found) -> None:
    body = "rows = pd.read_csv('a.csv')\ncolumns = list(set(rows.columns) - {'y'})\nlgb.LGBMClassifier().fit(rows[columns], rows['y'])\n"
    (message,) = sources(found, body)
    assert "order of the features" in message
    assert sources(found, body.replace("list(set(rows.columns) - {'y'})", "sorted(set(rows.columns) - {'y'})")) == []


def test_one_listing_is_one_finding_with_all_that_it_decides(found: Found) -> None:
    body = (
        "names = os.listdir('in')\nnumbers = {n: i for i, n in enumerate(names)}\ntrain, test = train_test_split(names, random_state=1)\n"
    )
    (finding,) = found("unordered_data", {"a.py": HEAD + body})
    assert finding.size == 2 and len(finding.evidence) == 2


def test_tests_and_examples_stay_silent(found: Found) -> None:
    body = HEAD + "train, test = train_test_split(glob.glob('*.npy'), random_state=1)\n"
    assert found("unordered_data", {"tests/test_a.py": body, "examples/a.py": body}) == []


def test_cycles_and_long_chains_end(found: Found) -> None:
    loop = "x = glob.glob('*')\nfor i in range(9):\n    x = [y for y in x] + x\ntrain, test = train_test_split(x, random_state=1)\n"
    assert len(sources(found, loop)) == 1
    chain = "x0 = []\n" + "".join(f"x{i + 1} = list(x{i})\n" for i in range(3000)) + "train_test_split(x3000, random_state=1)\n"
    assert sources(found, chain) == []


@pytest.mark.parametrize(("key", "count"), [("NUMBERS", 1), ("names.NUMBERS", 1), ("PRICE", 1), ("FIRST", 0), ("unknown", 0)])
def test_columns_under_a_name(found: Found, key: str, count: int) -> None:
    body = f"""
import names

NUMBERS = ["area", "rooms"]
PRICE = "price"
FIRST = 0

def main(engine, unknown):
    rows = pd.read_sql("SELECT * FROM flats", engine)
    return train_test_split(rows[{key}], random_state=4)
"""
    assert len(sources(found, body, **{"names.py": 'NUMBERS = ["area"]\n'})) == count
