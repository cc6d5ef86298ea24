"""Two repositories that share artifacts: edges and near misses across them, told at this one's end only."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mldebt.cli import main

ETL = """
import boto3

def publish(client):
    client = boto3.client("s3")
    client.upload_file("scores.json", "acme-shared", "churn/customer_scores.json")
    client.upload_file("weights.json", "acme-shared", "churn/ensemble/blend_weights_daily.json")
    client.upload_file("names.json", "acme-private", "churn/lookup/product_names.json")


publish(None)
"""
SERVICE = """
import json
import boto3

s3 = boto3.client("s3")
scores = json.load(s3.get_object(Bucket="acme-shared", Key="churn/customer_scores.json")["Body"])
weights = json.load(s3.get_object(Bucket="acme-models", Key="churn/ensemble/blend_weights.json.bz2")["Body"])
names = json.load(s3.get_object(Bucket="acme-shared", Key="churn/lookup/product_names.json")["Body"])
prices = json.load(s3.get_object(Bucket="acme-shared", Key="pricing/price_table.json")["Body"])
"""


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, file, text in (("etl", "publish.py", ETL), ("service", "serve.py", SERVICE)):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text)
    monkeypatch.chdir(tmp_path)
    for name, other in (("etl", "service"), ("service", "etl")):
        assert main(["facts", "export", name, "-o", f"{name}.json", "--no-cache", "-q"]) == 0
        (tmp_path / other / "mldebt.toml").write_text(f'imports = ["../{name}.json"]\n')
    return tmp_path


def scan(root: str, capsys: pytest.CaptureFixture[str], *words: str) -> list[tuple[str, str, int, str]]:
    capsys.readouterr()
    main(["scan", root, "--profile", "audit", "--select", "undeclared-consumer,MLD2", "--output-format", "json", *words])
    found = json.loads(capsys.readouterr().out)["findings"]
    return sorted((one["code"], one["path"], one["line"], one["message"]) for one in found)


def test_the_reader_sees_the_writer_of_the_other_repository(two: Path, capsys: pytest.CaptureFixture[str]):
    found = scan("service", capsys, "--no-cache")
    assert [(code, path, line) for code, path, line, _ in found] == [
        ("MLD103", "serve.py", 6),
        ("MLD105", "serve.py", 9),
        ("MLD106", "serve.py", 7),
        ("MLD106", "serve.py", 8),
    ]
    said = [message for *_, message in found]
    assert "which `etl:publish.py` writes; nothing declares this" in said[0]
    assert "(`_daily` more, and `s3://acme-shared` instead of `s3://acme-models`)" in said[2]
    assert "(bucket `acme-private` instead of `acme-shared`)" in said[3]


def test_the_writer_sees_its_readers_and_no_orphan(two: Path, capsys: pytest.CaptureFixture[str]):
    found = [one for one in scan("etl", capsys, "--no-cache") if "customer_scores" in one[3]]
    assert [(code, path, line) for code, path, line, _ in found] == [("MLD103", "publish.py", 6), ("MLD202", "publish.py", 6)]
    assert "`publish.py` writes `s3://acme-shared/churn/customer_scores.json`, which `service:serve.py` reads" in found[0][3]


def test_the_graph_shows_shared_artifacts_with_both_ends(two: Path, capsys: pytest.CaptureFixture[str]):
    capsys.readouterr()
    assert main(["graph", "service", "--no-cache", "--format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert "etl:publish.py" in json.dumps(shown["edges"])
    assert not [one for one in shown["artifacts"] if "blend_weights_daily" in json.dumps(one)]


def test_declare_settles_an_edge_to_another_repository(two: Path, capsys: pytest.CaptureFixture[str]):
    for root, place in (("etl", "etl/publish.py:6"), ("service", "service/serve.py:6")):
        assert "MLD103" in {code for code, *_ in scan(root, capsys, "--no-cache")}
        assert main(["declare", place, root, "--write", "--no-cache", "-q"]) == 0
        assert "MLD103" not in {code for code, *_ in scan(root, capsys, "--no-cache")}


def test_a_declaration_of_either_repository_settles_the_edge(two: Path, capsys: pytest.CaptureFixture[str]):
    stanza = '[[artifacts]]\nid = "s3://acme-shared/churn/customer_scores.json"\n[[artifacts.consumers]]\nwho = "service"\n'
    with (two / "etl" / "mldebt.toml").open("a") as file:
        file.write(stanza)
    assert "MLD103" not in {code for code, *_ in scan("etl", capsys, "--no-cache")}
    with (two / "service" / "mldebt.toml").open("a") as file:
        file.write(stanza.replace('"service"', '"serve.py"'))
    assert "MLD103" not in {code for code, *_ in scan("service", capsys, "--no-cache")}


def test_a_changed_import_changes_a_cached_result(two: Path, capsys: pytest.CaptureFixture[str]):
    first = scan("service", capsys)
    assert scan("service", capsys) == first
    raw = json.loads((two / "etl.json").read_text())
    raw["accesses"] = []
    (two / "etl.json").write_text(json.dumps(raw))
    assert {code for code, *_ in scan("service", capsys)} == {"MLD105"}


def test_a_broken_import_is_bad_configuration(two: Path, capsys: pytest.CaptureFixture[str]):
    (two / "etl.json").write_text("{")
    capsys.readouterr()
    assert main(["scan", "service"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("error: imports: ") and said.err.count("\n") == 1
