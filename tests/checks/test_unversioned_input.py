from __future__ import annotations

from tests.checks.conftest import Found

MAIN = "https://raw.githubusercontent.com/acme/data/main"


def kinds(found: Found, **files: str) -> list[str]:
    return [f.anchor.partition(":")[0] for f in found("unversioned_input", files)]


def test_the_finding_stands_where_the_address_is_written(found: Found) -> None:
    files = {
        "settings.py": f'LABELS = "{MAIN}/labels.csv"\n',
        "train.py": "import pandas as pd\nfrom settings import LABELS\n\ndef rows(path):\n    return pd.read_csv(path)\n\nrows(LABELS)\n",
    }
    (finding,) = found("unversioned_input", files)
    assert (finding.location.path, finding.location.line) == ("settings.py", 1)
    assert [(e.path, e.line) for e in finding.evidence] == [("train.py", 5)]
    assert finding.message == f"the input `{MAIN}/labels.csv` is a moving reference (`main` is a branch)"


def test_places_that_one_pin_would_fix_are_one_finding(found: Found) -> None:
    files = {
        "a.py": f'import pandas as pd\na = pd.read_csv("{MAIN}/a.csv")\nb = pd.read_csv("{MAIN}/b.csv")\n',
        "run.sh": f"python a.py --data {MAIN}/c.csv\n",
    }
    (finding,) = found("unversioned_input", files)
    assert finding.size == 3 and {e.path for e in finding.evidence} == {"a.py", "run.sh"}


def test_defaults_and_formats_are_followed(found: Found) -> None:
    body = f'pattern = os.getenv("ROWS", "{MAIN}/{{year}}.csv")\n    return pd.read_csv(pattern.format(year=year))'
    assert kinds(found, **{"a.py": f"import os\nimport pandas as pd\n\ndef rows(year):\n    {body}\n"}) == ["address"]
    assert kinds(found, **{"a.py": f'import requests\n\ndef get(u="{MAIN}/a.yaml"):\n    return requests.get(u)\n'}) == ["address"]


def test_the_name_of_a_variable_of_the_environment_is_no_address(found: Found) -> None:
    text = f'import os\nimport pandas as pd\npd.read_csv(os.environ["{MAIN}/a.csv"])\npd.read_csv(os.getenv("{MAIN}/a.csv"))\n'
    assert kinds(found, **{"a.py": text}) == []


def test_entries_of_listings_and_newest_runs(found: Found) -> None:
    text = "def meta(exp):\n    rec = exp.list_recorders()[0]\n    return rec.load_object('model')\n"
    assert kinds(found, **{"a.py": text}) == ["listing"]
    assert kinds(found, **{"b.py": "from metaflow import Flow\nmodel = Flow('Train').latest_run.data.model\n"}) == ["listing", "run"]
    assert kinds(found, **{"a.py": "def last(runs):\n    return runs[0]\n", "b.py": "x = 1\n"}) == []


def test_images_by_who_chooses_them(found: Found) -> None:
    docker = "ARG TAG=latest\nFROM acme/base:$TAG\nRUN pip install numpy\n"
    (chosen,) = found("unversioned_input", {"Dockerfile": docker})
    (fixed,) = found("unversioned_input", {"Dockerfile": docker.replace("$TAG", "latest")})
    assert chosen.confidence < 0.7 <= fixed.confidence
    assert kinds(found, Dockerfile="FROM nginx:latest\nCOPY index.html /www/\n") == []


def test_tests_and_examples_stay_silent(found: Found) -> None:
    text = f'import pandas as pd\npd.read_csv("{MAIN}/a.csv")\n'
    assert kinds(found, **{"tests/test_a.py": text, "examples/a.py": text, "examples/run.sh": f"curl -O {MAIN}/a.csv\n"}) == []
