"""The names that are compared are all that match: nothing is lost, and little is asked."""

from __future__ import annotations

from itertools import product

from mldebt.project.artifacts.matching import contains, unify
from mldebt.project.artifacts.model import Hole, Identity
from mldebt.project.artifacts.nearby import Nearby

RUN, NAME, DEEP = Hole("time", "ds"), Hole("param", "name"), Hole("glob", "**")
SPACES = (("file", ()), ("s3", ("lake",)), ("table", ("warehouse",)))
ENDS = (
    ("events.csv",),
    ("events-2021-03-04.csv",),
    ("events-", RUN, ".csv"),
    (NAME, ".csv"),
    ("2021",),
    ("version=3",),
    ("version=", NAME),
    ("events",),
    (NAME,),
    (DEEP,),
)
FOLDERS = (
    (),
    ("raw/",),
    (NAME, "/"),
    ("raw/", RUN, "/"),
    ("raw/", DEEP, "/"),
    ("raw/version=3/",),
    ("/raw/events/",),
    ("raw/events.csv/",),
)
ALL = [Identity(store, space, (*folder, *end)) for (store, space), folder, end in product(SPACES, FOLDERS, ENDS)]


def test_all_that_match_are_related_in_the_order_of_the_list() -> None:
    nearby = Nearby(ALL)
    for one in ALL:
        related = list(nearby.related(one))
        assert related == [other for other in ALL if other in set(related)]
        missing = [other for other in ALL if other not in related and (unify(one, other) or contains(one, other) or contains(other, one))]
        assert missing == []


def test_held_is_what_any_of_them_contains() -> None:
    outer = ALL[::3]
    nearby = Nearby(outer)
    answers = [nearby.is_held(one) for one in ALL]
    assert answers == [any(contains(other, one) for other in outer) for one in ALL]
    assert True in answers and False in answers


def test_names_that_spell_out_other_files_are_not_asked() -> None:
    names = [Identity("file", (), (f"data/part{number}.csv",)) for number in range(100)]
    assert list(Nearby(names).related(names[7])) == [names[7]]
