"""Categories that training and serving code in two ways."""

from __future__ import annotations

from tests.checks.conftest import Found

TRAIN = "from sklearn.svm import SVC\nf['kind'] = f['kind'].map({'a': 0, 'b': 1, 'c': 2, 'd': 3})\nSVC().fit(f, y)\n"


def serving(table: str) -> str:
    return f"from flask import Flask\napp = Flask('a')\nKINDS = {table}\n"


def test_another_number(found: Found) -> None:
    (one,) = found("feature_contract", {"train.py": TRAIN, "app.py": serving("{'a': 0, 'b': 2, 'c': 1, 'd': 3}")})

    assert (one.location.path, one.location.line) == ("app.py", 3)
    assert "`b` is 2 here and 1 there, `c` is 1 here and 2 there" in one.message
    assert [(e.path, e.line) for e in one.evidence] == [("train.py", 2)]


def test_a_category_of_one_side(found: Found) -> None:
    (one,) = found("feature_contract", {"train.py": TRAIN, "app.py": serving("{'a': 0, 'b': 1, 'c': 2, 'new': 3}")})

    assert "`new` stands only here; `d` only there" in one.message


def test_the_same_codes_and_tables_of_other_things_are_silent(found: Found) -> None:
    for table in ("{'d': 3, 'c': 2, 'b': 1, 'a': 0}", "{'x': 0, 'b': 1, 'z': 2, 'w': 3}", "{'a': 7, 'b': 90, 'c': 4, 'd': 55}"):
        assert not found("feature_contract", {"train.py": TRAIN, "app.py": serving(table)})


def test_a_table_that_both_sides_import_is_silent(found: Found) -> None:
    files = {
        "kinds.py": "KINDS = {'a': 0, 'b': 1, 'c': 2}\n",
        "train.py": "from sklearn.svm import SVC\nfrom kinds import KINDS\nSVC().fit(f['kind'].map(KINDS), y)\n",
        "app.py": "from flask import Flask\nfrom kinds import KINDS\napp = Flask('a')\n",
    }

    assert not found("feature_contract", files)
