"""What paths, tables and references name."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.identity import label, of_bucket, of_path, of_reference, of_table, of_topic, openlineage
from mldebt.project.artifacts.model import Hole, Identity
from mldebt.project.artifacts.templates import parse, text


@pytest.mark.parametrize(
    ("path", "store", "namespace", "name"),
    [
        ("./data//train.csv", "file", "", "data/train.csv"),
        ("file:///a/b", "file", "", "/a/b"),
        ("sqlite:///x.db", "file", "", "x.db"),
        ("{x}/y", "file", "", "{x}/y"),
        ("C:\\a\\b", "file", "", "C:/a/b"),
        ("s3a://b/k//x", "s3", "b", "k/x"),
        ("s3://{bucket}/a", "s3", "{bucket}", "a"),
        ("https://b.s3.eu-west-1.amazonaws.com/k/x?versionId=3", "s3", "b", "k/x"),
        ("https://{b}.s3.{region}.amazonaws.com/k", "s3", "{b}", "k"),
        ("https://s3.amazonaws.com/b/k", "s3", "b", "k"),
        ("https://s3-us-west-2.amazonaws.com/b/k", "s3", "b", "k"),
        ("gcs://b/k", "gs", "b", "k"),
        ("https://storage.googleapis.com/b/k", "gs", "b", "k"),
        ("https://storage.cloud.google.com/b/k", "gs", "b", "k"),
        ("abfss://c@acc.dfs.core.windows.net/p", "azure", "c@acc", "p"),
        ("https://acc.blob.core.windows.net/c/p?sv=1&sig=2", "azure", "c@acc", "p"),
        ("hdfs://nn:8020/x", "hdfs", "nn:8020", "x"),
        ("dbfs:/mnt/x", "dbfs", "", "mnt/x"),
        ("/dbfs/mnt/x", "dbfs", "", "mnt/x"),
        ("models:/churn/Production", "mlflow", "", "models:/churn@Production"),
        ("models:/churn@champion", "mlflow", "", "models:/churn@champion"),
        ("runs:/{run_id}/model", "mlflow", "", "runs:/{run_id}/model"),
        ("hf://datasets/o/n@main/x.csv", "hf", "datasets", "o/n/x.csv@main"),
        ("https://huggingface.co/o/n/resolve/main/x.bin", "hf", "models", "o/n/x.bin@main"),
        ("https://github.com/o/r/raw/main/x.csv?raw=true", "http", "raw.githubusercontent.com", "o/r/main/x.csv"),
        ("https://h/x?id=3", "http", "h", "x?id=3"),
    ],
)
def test_the_store_is_known_by_the_prefix(path: str, store: str, namespace: str, name: str) -> None:
    found = of_path(parse(path))
    assert found is not None
    assert (found.store, text(found.namespace), text(found.name)) == (store, namespace, name)


@pytest.mark.parametrize("path", ["", "-", ":memory:", "/dev/null", "sqlite://"])
def test_streams_and_memory_are_no_artifacts(path: str) -> None:
    assert of_path(parse(path)) is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("`proj:ds.Table$20200101`", "proj.ds.table"),
        ('"public"."Users"', "public.users"),
        ("[dbo].[T]", "dbo.t"),
        ("a.b.c.d", "b.c.d"),
        ("events_*", "events_*"),
    ],
)
def test_tables(written: str, name: str) -> None:
    found = of_table("bigquery", (written,))
    assert found is not None
    assert (found.namespace, text(found.name)) == (("bigquery",), name)


def test_a_hole_in_a_table_keeps_its_name() -> None:
    assert of_table("", (Hole("Dataset"), ".Ltv")) == Identity("table", (), (Hole("Dataset"), ".ltv"))


def test_buckets_topics_and_references() -> None:
    assert of_bucket("s3a", ("s3://b/pre",), ("/k",)) == Identity("s3", ("b",), ("pre/k",))
    for unnamed in ((), ("",), (Hole(),), ("s3://",)):
        assert label(of_bucket("s3", unnamed, ("k/x",))) == "s3://{bucket}/k/x"
    assert label(of_bucket("s3", (Hole("BUCKET", "env"),), ("k/x",))) == "s3://{BUCKET}/k/x"
    assert of_topic("pubsub", ("projects/p/topics/t",)) == Identity("topic", ("pubsub",), ("t",))
    assert of_reference("hf", ("squad",), ("v1",), "datasets") == Identity("hf", ("datasets",), ("squad@v1",))


@pytest.mark.parametrize(
    ("identity", "lineage", "shown"),
    [
        (of_path(("data/train.csv",)), ("file", "data/train.csv"), "data/train.csv"),
        (of_path(("s3n://b/k",)), ("s3://b", "k"), "s3://b/k"),
        (of_path(("s3://", Hole("b"), "/k")), ("s3://{b}", "k"), "s3://{b}/k"),
        (of_path(("abfss://c@a.dfs.core.windows.net/p",)), ("abfss://c@a.dfs.core.windows.net", "p"), "az://c/p"),
        (of_path(("https://h/p",)), ("https://h", "p"), "https://h/p"),
        (of_path(("dbfs:/p",)), ("dbfs", "p"), "dbfs:/p"),
        (of_table("bigquery", ("p.d.t",)), ("bigquery", "p.d.t"), "table p.d.t"),
        (of_table("", ("analysis.ltv",)), ("sql:{unknown}", "analysis.ltv"), "table analysis.ltv"),
        (of_topic("kafka", ("clicks",)), ("kafka://", "clicks"), "topic clicks"),
        (of_reference("hf", ("o/n",), (), "models"), ("hf://models", "o/n"), "hf://o/n"),
        (of_reference("feast", ("view:feature",), (), "shop"), ("feast://shop", "view:feature"), "feast view:feature"),
    ],
)
def test_names_for_lineage_systems_and_people(identity: Identity, lineage: tuple[str, str], shown: str) -> None:
    assert openlineage(identity) == lineage
    assert label(identity) == shown


def test_a_hole_of_a_mere_number_is_shown_as_dots() -> None:
    assert label(Identity("s3", (Hole("7"),), ("a/", Hole("0"), "/", Hole("day")))) == "s3://.../a/.../{day}"
