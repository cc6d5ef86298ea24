"""Stages, and what joins them."""

from __future__ import annotations

from tests.project.reading import project_of

PREP = "import pandas as pd\npd.read_csv('raw_visits.csv').to_csv('work/visits_clean.csv')\n"
USE = "import pandas as pd\npd.read_csv('work/visits_clean.csv').to_csv('work/visits_scores.csv')\n"


def test_stages_that_files_join() -> None:
    files = {"prep.py": PREP, "use.py": USE, "alone.py": "import pandas as pd\npd.read_csv('raw_visits.csv')\n"}
    (found,) = project_of(files).pipelines.all
    assert (found.stages, found.intermediates, found.undeclared, found.languages) == (
        ("prep.py", "use.py"),
        ("work/visits_clean.csv",),
        1,
        ("python",),
    )
    assert found.index == 1.5


def test_a_helper_stands_for_the_only_script_that_imports_it() -> None:
    helper = "import pandas as pd\ndef load():\n    return pd.read_csv('work/visits_clean.csv')\n"
    files = {"prep.py": PREP, "helper.py": helper, "use.py": "import helper\nhelper.load()\n"}
    assert [found.stages for found in project_of(files).pipelines.all] == [("prep.py", "use.py")]
    shared = project_of({**files, "other.py": "import helper\nhelper.load()\n"}).pipelines
    assert shared.stage("helper.py") is None
    assert shared.stage("other.py") == "other.py"


def test_declared_stages_are_not_joined() -> None:
    make = "work/visits_scores.csv: work/visits_clean.csv\n\tpython use.py\nwork/visits_clean.csv: raw_visits.csv\n\tpython prep.py\n"
    assert project_of({"prep.py": PREP, "use.py": USE, "Makefile": make}).pipelines.all == ()


def test_languages_gaps_and_rivals() -> None:
    files = {
        "prep.py": PREP,
        "again.py": PREP,
        "use.py": USE + "pd.read_csv('work/visits_cleaned_holdout.csv')\n",
        "hold.py": USE + "pd.DataFrame().to_csv('work/visits_cleaned_holdout_v2.csv')\n",
        "send.sh": "aws s3 cp work/visits_scores.csv s3://b/visits_scores.csv\n",
    }
    (found,) = project_of(files).pipelines.all
    assert found.languages == ("python", "shell")
    assert [gap.difference for gap in found.gaps] == ["`_v2` more"]
    assert found.rivals == 2
