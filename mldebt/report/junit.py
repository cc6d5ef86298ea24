"""JUnit XML, for the many systems that show test results and nothing else: a finding is a failed test, accepted debt a skipped one."""

from __future__ import annotations

import re
from xml.etree import ElementTree as xml

from mldebt.findings import Ranked, Report
from mldebt.report.code_host import rooted
from mldebt.report.options import Options
from mldebt.report.terminal import safe
from mldebt.report.words import duration, percent, place, prose, resolved

_NO_CHARACTER = re.compile("[\ufffe\uffff]")  # all else that XML forbids is made visible by `safe`


def render(report: Report, options: Options) -> str:
    """One suite. A file that was not read is a skipped test, as it does not fail a scan; without findings there is one that passes."""
    report = rooted(report)
    suite = xml.Element("testsuite", name="mldebt")
    for ranked in report.findings:
        suite.append(_case(ranked))
    for unread in sorted(report.summary.unread):
        _add(suite, unread.path, "not read, or not in full", "skipped", prose(unread.reason))
    if not report.summary.files:
        _add(suite, "mldebt", "nothing was analysed", "error", "no file could be read", type="nothing-to-analyse")
    elif not report.findings:
        ledger = resolved(report.summary.coverage)
        said = f"no findings among what was resolved: {ledger}" if ledger else "no findings: no data, model or flag was recognised"
        xml.SubElement(suite, "testcase", classname="mldebt", name=_text(said))
    counts = {"tests": len(suite), **{f"{kind}s": len(suite.findall(f"*/{kind}")) for kind in ("failure", "error")}}
    counts["skipped"] = len(suite.findall("*/skipped"))
    whole = xml.Element("testsuites", name="mldebt")
    for element in (whole, suite):
        element.attrib.update({name: str(number) for name, number in counts.items()})
    whole.append(suite)
    xml.indent(whole)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + xml.tostring(whole, encoding="unicode") + "\n"


def _case(ranked: Ranked) -> xml.Element:
    """The name is the same in every run, for systems tell by it what is new."""
    location = ranked.finding.location
    case = xml.Element("testcase", classname=_text(location.path), name=_text(f"{ranked.code} {ranked.name} ({ranked.fingerprint})"))
    case.attrib |= {"file": _text(location.path), "line": str(max(location.line, 1))}
    said = _text(ranked.finding.message)
    if ranked.accepted:
        xml.SubElement(case, "skipped", message=f"accepted: {_text(ranked.reason) or said}")
        return case
    failure = xml.SubElement(case, "failure", message=said, type=ranked.severity.value)
    failure.text = "\n".join(_lines(ranked))
    return case


def _lines(ranked: Ranked) -> list[str]:
    finding = ranked.finding
    lines = [_text(finding.message)]
    for index, location in enumerate((finding.location, *finding.evidence)):
        where = f"{'also ' if index else ''}{place(location)}"
        lines.append(_text(f"{where}: {location.message}" if location.message else where))
    leave, pay = duration(ranked.interest_minutes_per_quarter), duration(ranked.principal_minutes)
    lines.append(f"cost: {leave} interest per quarter, {pay} principal; confidence {percent(finding.confidence)}, {ranked.certainty}")
    return [*lines, _text(f"help: {prose(ranked.help)}")] if ranked.help else lines


def _add(suite: xml.Element, where: str, name: str, kind: str, message: str, **more: str) -> None:
    case = xml.SubElement(suite, "testcase", classname=_text(where), name=_text(name))
    xml.SubElement(case, kind, message=_text(message), **more)


def _text(text: str) -> str:
    return _NO_CHARACTER.sub("\ufffd", safe(text))
