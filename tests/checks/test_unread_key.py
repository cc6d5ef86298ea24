"""What is said of keys of committed files that nothing reads."""

from __future__ import annotations

from tests.checks.conftest import Found

FIT = "import yaml\n\nwith open('conf/base.yaml') as f:\n    c = yaml.safe_load(f)\nprint(c['rows'], c['rate'])\n"
BASE = "rows: 1\nrate: 2\nleftover_key: 3\nold_depth: 4\n"


def test_keys_of_one_section_are_one_finding(found: Found):
    (one,) = found("unread_key", {"conf/base.yaml": BASE, "fit.py": FIT})
    assert one.message == "`conf/base.yaml` sets 2 keys that no code reads: `leftover_key`, `old_depth`"
    assert (one.location.line, one.confidence) == (3, 0.85)


def test_a_source_of_another_language_may_read_them(found: Found):
    files = {"conf/base.yaml": BASE, "fit.py": FIT, "figures/plot.R": "plot(conf$old_depth)\n"}
    (one,) = found("unread_key", files)
    assert (one.message, one.confidence) == ("`conf/base.yaml` sets the key `leftover_key`, which no code reads", 0.85)
    (one,) = found("unread_key", {**files, "figures/plot.R": "plot(read_yaml('conf/base.yaml'))\n"})
    assert (one.size, one.confidence) == (2, 0.6)
