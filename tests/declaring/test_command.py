"""`mldebt declare` from end to end: what it prints, what it writes, and that the finding is gone afterwards."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
import tomli
import yaml

from mldebt.cli import main
from mldebt.declaring.command import DeclareArguments, declare_command

MAKE = 'import pandas as pd\npd.DataFrame().to_csv("data/customer_scores.csv")\n'
READ = """import pandas as pd
scores = pd.read_csv("data/customer_scores.csv")
history = pd.read_parquet("gs://warehouse-exports/churn/history_features.parquet")
"""


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "make.py").write_text(MAKE)
    (tmp_path / "read.py").write_text(READ)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> Result:
        capsys.readouterr()
        code = main([*words, "--no-cache"])
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


def findings(run, *words: str) -> list[tuple[str, str, str]]:
    out = run("scan", "--profile", "audit", "--select", "undeclared-consumer,MLD214,MLD905", "--output-format", "json", *words).out
    return [(one["code"], f"{one['path']}:{one['line']}", one["fingerprint"]) for one in json.loads(out)["findings"]]


def test_it_prints_a_stanza_and_writes_nothing(run, here: Path):
    said = run("declare", "read.py:2")
    stanza = tomli.loads(said.out)["artifacts"]
    assert stanza[0]["id"] == "data/customer_scores.csv" and stanza[0]["producer"] == "make.py"
    assert [one["who"] for one in stanza[0]["consumers"]] == ["read.py"]
    assert said.code == 0 and "--write adds it there" in said.err
    assert sorted(path.name for path in here.iterdir()) == ["make.py", "read.py"]


@pytest.mark.parametrize("code", ["MLD103", "MLD105"])
@pytest.mark.parametrize("digits", [16, 8])
def test_a_finding_by_its_fingerprint_is_gone_after_write(run, here: Path, code: str, digits: int):
    before = findings(run)
    (wanted,) = [one for one in before if one[0] == code]
    assert run("declare", wanted[2][:digits], "--write").code == 0
    assert findings(run) == [one for one in before if one != wanted]


@pytest.mark.parametrize("target", ["read.py:2", "./read.py:2", "make.py:2", "data/customer_scores.csv", "./data/customer_scores.csv"])
def test_places_and_names_mean_the_same_artifact(run, here: Path, target: str):
    assert run("declare", target, "--write").code == 0
    assert "MLD103" not in {code for code, *_ in findings(run)}


def test_one_finding_about_several_artifacts_is_settled_as_one(run, here: Path):
    (here / "two.py").write_text(
        "import pandas as pd\n\ndef write(frame):\n    for name in ('visits_by_region', 'orders_by_region'):\n"
        '        frame.to_csv(f"shared/{name}.csv")\n'
    )
    (here / "uses.py").write_text(
        "import pandas as pd\n\ndef load(name):\n    return pd.read_csv(f'shared/{name}.csv')\n\n"
        "frames = [load('visits_by_region'), load('orders_by_region')]\n"
    )
    for _ in range(2):
        for wanted in [one for one in findings(run) if one[1].startswith("uses.py") and one[0] == "MLD103"]:
            assert run("declare", wanted[2], "--write").code == 0
            assert wanted[2] not in {one[2] for one in findings(run)}
    assert not [one for one in findings(run) if one[1].startswith("uses.py")]


def test_an_orphan_is_settled_by_its_producer(run, here: Path):
    (here / "make.py").write_text(MAKE + 'pd.DataFrame().to_parquet("out/weekly_overview.parquet")\n')
    assert "MLD214" in {code for code, *_ in findings(run)}
    assert run("declare", "out/weekly_overview.parquet", "--write").code == 0
    assert "MLD214" not in {code for code, *_ in findings(run)}


def test_pyproject_holds_the_settings_where_it_has_the_table(run, here: Path):
    old = '[project]\nname = "churn"\n\n[tool.mldebt]\nprofile = "audit"\n\n[tool.other]\nx = 1\n'
    (here / "pyproject.toml").write_text(old)
    assert run("declare", "read.py:2", "--write").code == 0
    new = (here / "pyproject.toml").read_text()
    assert new.startswith(old) and not (here / "mldebt.toml").exists()
    assert tomli.loads(new)["tool"]["mldebt"]["artifacts"][0]["consumers"][0]["who"] == "read.py"
    assert "MLD103" not in {code for code, *_ in findings(run)}


def test_a_second_reader_joins_the_stanza(run, here: Path):
    assert run("declare", "read.py:2", "--write").code == 0
    assert "already" in run("declare", "data/customer_scores.csv", "--write").err
    (here / "sub").mkdir()
    (here / "sub" / "later.py").write_text('import pandas as pd\nframe = pd.read_csv("../data/customer_scores.csv")\n')
    assert "MLD103" in {code for code, *_ in findings(run)}
    assert run("declare", "sub/later.py:2", "--write").code == 0
    stanzas = tomli.loads((here / "mldebt.toml").read_text())["artifacts"]
    assert "MLD103" not in {code for code, *_ in findings(run)}
    assert [one["who"] for stanza in stanzas for one in stanza["consumers"]] == ["read.py", "sub/later.py"]


def test_a_past_date_is_to_be_renewed_not_doubled(run, here: Path):
    assert run("declare", "read.py:2", "--write").code == 0
    text = (here / "mldebt.toml").read_text()
    (here / "mldebt.toml").write_text(text + "expires = 2020-01-01\n")
    assert {code for code, *_ in findings(run)} >= {"MLD103", "MLD905"}
    said = run("declare", "read.py:2", "--write")
    assert said.code == 2 and "set a new date there" in said.err and "mldebt.toml:7" in said.err


def test_unknown_targets_say_what_is_near(run, here: Path):
    said = run("declare", "data/customer_score.csv")
    assert said.code == 2 and "did you mean `data/customer_scores.csv`?" in said.err
    said = run("declare", "nothing:7")
    assert said.code == 2 and "a declaration would settle" in said.err and "MLD103 undeclared-consumer at read.py:2" in said.err
    (here / "hub.py").write_text("from transformers import AutoModel\nprint(AutoModel.from_pretrained('acme-nlp/encoder'))\n")
    everything = json.loads(run("scan", "--profile", "audit", "--output-format", "json").out)["findings"]
    other = [one for one in everything if one["path"] == "hub.py"]
    said = run("declare", other[0]["fingerprint"])
    assert said.code == 2 and "no declaration settles it" in said.err


def test_usage_errors(run, here: Path):
    assert "--write writes mldebt's own settings" in run("declare", "read.py:2", "--write", "--as", "odps").err
    assert "--isolated" in run("declare", "read.py:2", "--write", "--isolated").err
    assert run("declare", "read.py:2", "--as", "nonsense").code == 2
    (here / "empty").mkdir()
    assert run("declare", "x", "empty").code == 3


def test_comments_settle_too(run, here: Path):
    said = run("declare", "read.py:3", "--as", "comment")
    assert said.out.splitlines() == [
        "# read.py:3",
        "# mldebt: consumes gs://warehouse-exports/churn/history_features.parquet owner=@TODO",
    ]
    (here / "read.py").write_text(READ + said.out)
    assert "MLD105" not in {code for code, *_ in findings(run)}


def test_data_products_settle_too(run, here: Path):
    said = run("declare", "read.py:3", "--as", "odps")
    contract, product = yaml.safe_load_all(said.out)
    assert product["inputPorts"][0]["contractId"] == contract["id"]
    (here / "products.odps.yaml").write_text(said.out)
    assert "MLD105" not in {code for code, *_ in findings(run)}
    again = run("declare", "gs://warehouse-exports/churn/history_features.parquet", "--as", "odps").out
    assert "DataContract" not in again


def test_backstage_settles_too(run, here: Path):
    said = run("declare", "read.py:3", "--as", "backstage")
    resource, component = yaml.safe_load_all(said.out)
    assert component["spec"]["dependsOn"] == [f"resource:{resource['metadata']['name']}"]
    (here / "catalog-info.yaml").write_text(said.out)
    assert "MLD105" not in {code for code, *_ in findings(run)}
    assert run("declare", "read.py:2", "--as", "backstage").code == 2


def test_tables_and_exposures(run, here: Path):
    (here / "load.py").write_text('import pandas as pd\nframe = pd.read_sql_table("customer_lifetime", "engine", schema="analysis")\n')
    (here / "sql.py").write_text('import pandas as pd\nframe = pd.read_sql("select a from analysis.customer_value", None)\n')
    said = run("declare", "sql.py:2", "--as", "dbt-exposure")
    exposure = yaml.safe_load(said.out)["exposures"][0]
    assert exposure["depends_on"] == ["source('analysis', 'customer_value')"] and exposure["name"] == "sql_py"
    assert run("declare", "read.py:2", "--as", "dbt-exposure").code == 2
    assert any(place == "sql.py:2" for _, place, _ in findings(run))
    assert run("declare", "table analysis.customer_value", "--write").code == 0
    assert not any(place == "sql.py:2" for _, place, _ in findings(run))


@pytest.mark.parametrize("name", ["we[i]rd *.py", "a#b!.py", '"quoted" \\n.py', "ein:stein.py", "zeile\nzwei.py", "smörgås.py"])
def test_hostile_file_names_are_declared_exactly(run, here: Path, name: str):
    (here / "read.py").rename(here / name)
    assert "MLD103" in {code for code, *_ in findings(run)}
    (here / "wexird z.py").write_text(READ)
    assert run("declare", "data/customer_scores.csv", "--write").code == 0
    assert "MLD103" not in {code for code, *_ in findings(run)}
    whos = [one["who"] for one in tomli.loads((here / "mldebt.toml").read_text())["artifacts"][0]["consumers"]]
    assert len(whos) == 2


def test_a_file_at_the_top_does_not_stand_for_its_namesakes(run, here: Path):
    (here / "sub").mkdir()
    (here / "sub" / "read.py").write_text("x = 1\n")
    assert run("declare", "read.py:2", "--write").code == 0
    assert '"/read.py"' in (here / "mldebt.toml").read_text()


def test_the_day_is_the_only_thing_that_changes(here: Path, capsys: pytest.CaptureFixture[str]):
    arguments = DeclareArguments(target="read.py:2", no_cache=True, no_progress=True, quiet=True)
    day = datetime.date(2026, 1, 2)
    assert declare_command(arguments, print, day) == declare_command(arguments, print, day) == 0
    out = capsys.readouterr().out
    half = len(out) // 2
    assert out[:half] == out[half:] and "since = 2026-01-02" in out
