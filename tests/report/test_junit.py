from __future__ import annotations

from xml.etree import ElementTree as xml

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from inline_snapshot import snapshot

from mldebt.findings import Location, Report, Unread

from .sample import daily, empty, only, ranked, rendered, sample
from .test_terminal import hostile


def suite_of(report: Report) -> xml.Element:
    whole = xml.fromstring(rendered(report, "junit").encode())
    (suite,) = whole
    assert (whole.tag, suite.tag) == ("testsuites", "testsuite")
    for element in (whole, suite):
        assert int(element.attrib["tests"]) == len(suite.findall("testcase")) > 0
        for kind, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert int(element.attrib[name]) == len(suite.findall(f"testcase/{kind}"))
    names = [(case.attrib["classname"], case.attrib["name"]) for case in suite]
    assert len(set(names)) == len(names)
    return suite


def counts(report: Report) -> tuple[str, ...]:
    return tuple(suite_of(report).attrib[name] for name in ("tests", "failures", "errors", "skipped"))


def test_findings_fail_accepted_ones_and_unread_files_are_skipped() -> None:
    assert counts(sample()) == ("12", "7", "0", "5")
    assert counts(daily()) == ("10", "5", "0", "5")


def test_a_failure() -> None:
    case = suite_of(sample())[2]
    assert case.attrib == snapshot(
        {"classname": "serving/worker.py", "name": "MLD601 fixed-threshold (0000000000000003)", "file": "serving/worker.py", "line": "4"}
    )
    (failure,) = case
    assert failure.attrib["type"] == "warning" and failure.attrib["message"].startswith("a constant decides")
    assert failure.text == snapshot("""\
a constant decides what the score means, whatever the model is retrained on
serving/worker.py:4: chosen by hand
also serving/worker.py:13: decides here
cost: 3 h 36 min interest per quarter, 2 h principal; confidence 90 %, inferred
help: Store the threshold with the model, chosen on validation data.\
""")


def test_the_reason_of_an_acceptance_is_told() -> None:
    one = msgspec.structs.replace(ranked(1, "r", Location("a.py", 1), "m", accepted=True), reason="until the new store")
    assert suite_of(only(one)).find("testcase/skipped").attrib == {"message": "accepted: until the new store"}


def test_without_findings_one_test_passes() -> None:
    suite = suite_of(empty())
    assert counts(empty()) == ("1", "0", "0", "0")
    assert suite[0].attrib["name"] == "no findings among what was resolved: flags 41 of 52 (79 %), models 3 of 4 (75 %)"
    unread = msgspec.structs.replace(empty().summary, unread=(Unread("a.py", "not UTF-8"),))
    assert counts(msgspec.structs.replace(empty(), summary=unread)) == ("2", "0", "0", "1")


def test_a_run_that_read_nothing_does_not_pass() -> None:
    nothing = msgspec.structs.replace(empty(), summary=msgspec.structs.replace(empty().summary, files=0))
    assert counts(nothing) == ("1", "0", "1", "0")


def test_hostile_names_are_text() -> None:
    assert counts(hostile()) == ("3", "2", "0", "1")
    finding = ranked(1, "r", Location("]]><a b='c'>.py", 1), "</failure><testcase name='x'/>&amp;\0\ufffe\uffff")
    case = suite_of(only(finding))[0]
    assert case.attrib["file"] == "]]><a b='c'>.py"
    assert case[0].attrib["message"] == "</failure><testcase name='x'/>&amp;\\x00\ufffd\ufffd"


@given(st.text())
def test_any_text_is_valid_xml(text: str) -> None:
    finding = ranked(1, text, Location(f"a{text}", 1, message=text), text, code=text, help=text, evidence=(Location(text, 1),))
    suite_of(only(finding))
