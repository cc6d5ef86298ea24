"""Settings files with a stanza more: everything else stays byte for byte."""

from __future__ import annotations

import datetime

import pytest
import tomli

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft, Use
from mldebt.declaring.stanza import merged, quoted
from mldebt.findings import Location
from mldebt.project.artifacts.declared.own import named

DAY = datetime.date(2026, 5, 4)
OWN = ("artifacts",)


def drafted(name: str, *readers: str) -> Draft:
    identity = named(name)
    assert identity is not None
    return Draft(identity, name, (), "", tuple(Use(path, path, Location(path, 1)) for path in readers))


def test_an_empty_file_gets_the_stanza_alone():
    assert (
        merged("", drafted("a/scores_table.csv"), OWN, DAY)
        == '[[artifacts]]\nid = "a/scores_table.csv"\nowner = ""  # who answers for it\n'
    )


@pytest.mark.parametrize("text", ["# only a comment", 'profile = "audit"\n', "systems = { a = ['x/**'] }\n\n\n", "[flags]\nreaders = []"])
def test_what_was_there_stays_in_front(text: str):
    new = merged(text, drafted("a/scores_table.csv", "b.py"), OWN, DAY)
    assert new.startswith(text) and new.endswith("since = 2026-05-04\n")
    assert tomli.loads(new)["artifacts"][0]["consumers"] == [{"who": "b.py", "purpose": "", "since": DAY}]


def test_line_ends_are_kept():
    new = merged('profile = "audit"\r\n', drafted("a/scores_table.csv", "b.py"), OWN, DAY)
    assert new.count("\n") == new.count("\r\n") > 5


def test_a_consumer_joins_its_stanza_between_others():
    text = (
        '[[artifacts]]\nid = "a/scores_table.csv"\n[[artifacts.consumers]]\nwho = "x.py"\n'
        '\n# about the next one\n[[artifacts]]\nid = "other/prices_table.csv"\n[flags]\nreaders = []\n'
    )
    new = merged(text, drafted("a/scores_table.csv", "x.py", "y.py"), OWN, DAY)
    added = '\n[[artifacts.consumers]]\nwho = "y.py"\npurpose = ""  # what it uses it for\nsince = 2026-05-04\n'
    assert new == text.replace('who = "x.py"\n', f'who = "x.py"\n{added}')
    assert merged(new, drafted("a/scores_table.csv", "y.py"), OWN, DAY) == new
    again = merged(text, drafted("other/prices_table.csv", "z.py"), OWN, DAY)
    assert [len(one.get("consumers", ())) for one in tomli.loads(again)["artifacts"]] == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        'artifacts = [{ id = "a/scores_table.csv" }]\n',
        'artifacts = [{ id = "other/prices_table.csv" }]\n',
        '[[artifacts]]\nid = "a/scores_table.csv"\nconsumers = [{ who = "x.py" }]\n',
    ],
)
def test_a_layout_without_place_is_refused_with_the_text_to_add(text: str):
    with pytest.raises(ConfigError, match="by hand") as caught:
        merged(text, drafted("a/scores_table.csv", "y.py"), OWN, DAY)
    assert 'who = "y.py"' in str(caught.value)


def test_a_header_inside_a_string_is_no_header():
    text = 'cache-dir = """\n[[artifacts]]\n"""\n[[artifacts]]\nid = "a/scores_table.csv"\n'
    try:
        new = merged(text, drafted("a/scores_table.csv", "y.py"), OWN, DAY)
    except ConfigError:
        return
    assert tomli.loads(new)["artifacts"][0]["consumers"][0]["who"] == "y.py"


@pytest.mark.parametrize("text", ['a"b', "a\\b", "a\nb\tc\rd", "\x00\x1b\x7f", "smörgås \U0001f41f", ""])
def test_strings_come_back(text: str):
    assert tomli.loads(f"x = {quoted(text)}") == {"x": text}


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(ConfigError, match="not UTF-8"):
        quoted("a\udcff.csv")
