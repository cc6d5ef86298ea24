"""What is said of attributes that nothing sets."""

from __future__ import annotations

from tests.checks.conftest import Found


def test_one_finding_for_all_reads_of_one_name(found: Found):
    code = (
        "class RunConfig:\n    root = 'x'\n\n    def paths(self):\n        return self.folder + self.root\n\n"
        "    def other(self):\n        return self.folder\n"
    )
    (one,) = found("unset_setting", {"run.py": code})
    assert one.message == "`RunConfig.folder` is read, but nothing sets it"
    assert (one.location.line, one.scope, one.size) == (5, "RunConfig.paths", 2)
    assert [place.line for place in one.evidence] == [1, 8]
