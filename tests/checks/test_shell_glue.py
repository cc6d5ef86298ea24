"""shell-glued-pipeline."""

from __future__ import annotations

from tests.checks.conftest import Found

CHAIN = "./prep raw.csv a.bin\n./fit a.bin b.bin\n./use b.bin > c.txt\n"


def test_a_chain_of_programs(found: Found) -> None:
    (finding,) = found("shell_glue", {"go.sh": CHAIN})
    assert finding.message == "3 commands exchange 2 files through the shell, as `a.bin` from `./prep` to `./fit`; no failure stops them"
    assert [(e.line, e.message) for e in finding.evidence] == [(2, "takes `a.bin` of `./prep`"), (3, "takes `b.bin` of `./fit`")]


def test_a_script_that_stops_at_a_failure(found: Found) -> None:
    assert found("shell_glue", {"go.sh": "set -eu\n" + CHAIN}) == []
    assert found("shell_glue", {"go.sh": "set -o errexit\n" + CHAIN}) == []


def test_results_that_somebody_looks_at(found: Found) -> None:
    lines = CHAIN.splitlines()
    ignored = "import os\n" + "".join(f"os.system('{line}')\n" for line in lines)
    assert len(found("shell_glue", {"go.py": ignored})) == 1
    used = "import os\n" + "".join(f"if os.system('{line}'):\n    raise SystemExit\n" for line in lines)
    assert found("shell_glue", {"go.py": used}) == []
    raised = "import subprocess\n" + "".join(f"subprocess.check_call({line.split('>')[0].split()})\n" for line in lines)
    assert found("shell_glue", {"go.py": raised}) == []


def test_options_name_what_is_made(found: Found) -> None:
    body = "./prep --output a.bin raw.csv\n./fit --in a.bin --model-out=b.bin\n./use b.bin\n"
    (finding,) = found("shell_glue", {"go.sh": body})
    assert [e.message for e in finding.evidence] == ["takes `a.bin` of `./prep`", "takes `b.bin` of `./fit`"]


def test_files_that_are_there_before_are_passed_by_nobody(found: Found) -> None:
    assert found("shell_glue", {"go.sh": "./count raw.csv\n./fit raw.csv\n./use raw.csv\nrm raw.csv\n"}) == []
