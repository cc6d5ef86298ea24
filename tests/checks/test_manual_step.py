"""undeclared-manual-step."""

from __future__ import annotations

from tests.checks.conftest import Found

COMMANDS = "wget https://h/dumps/visits.csv -O data/visits_raw.csv\nkaggle datasets download -d o/shops -p input/shops\n"
README = f"# Data\n\n```sh\n{COMMANDS}```\n"
READ = "import pandas as pd\npd.read_csv('data/visits_raw.csv')\npd.read_csv('input/shops/shops.csv')\n"


def test_one_finding_for_one_document(found: Found) -> None:
    (finding,) = found("manual_step", {"README.md": README, "fit.py": READ})
    assert (finding.location.path, finding.location.line) == ("fit.py", 2)
    assert "`data/visits_raw.csv`" in finding.message
    assert "`README.md` tells people to make it from `https://h/dumps/visits.csv`" in finding.message
    assert [(e.path, e.line) for e in finding.evidence] == [("README.md", 4), ("fit.py", 3)]


def test_what_a_script_does_too(found: Found) -> None:
    assert found("manual_step", {"README.md": README, "fit.py": READ, "fetch.sh": COMMANDS}) == []
