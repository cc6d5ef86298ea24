"""What commands read, write and copy."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.artifacts.shell import Moves
from tests.project.reading import project_of


def shown(access: Access) -> str:
    return label(access.identity) if access.identity is not None else "?"


def copied(text: str, path: str = "run.sh", **files: str) -> list[tuple[str, str]]:
    return [(shown(read), shown(write)) for read, write in Moves(project_of({path: text, **files})).copies]


def touched(text: str, path: str = "run.sh", **files: str) -> list[tuple[str, str]]:
    return [(access.direction, shown(access)) for access in Moves(project_of({path: text, **files})).accesses]


@pytest.mark.parametrize(
    ("command", "source", "target"),
    [
        ("cp out/x.csv data/", "out/x.csv", "data/x.csv"),
        ("cp out/x.csv data", "out/x.csv", "data/x.csv"),
        ("mv -f x.csv y.csv", "x.csv", "y.csv"),
        ("cd a && cp x.csv ../b/y.csv", "a/x.csv", "b/y.csv"),
        ("aws --profile p s3 cp x.csv s3://b/k/ --acl private", "x.csv", "s3://b/k/x.csv"),
        ("aws s3 cp s3://b/k/x.csv .", "s3://b/k/x.csv", "x.csv"),
        ("aws s3 sync out s3://b/k --delete", "out", "s3://b/k"),
        ("gsutil -m cp -r gs://b/m/v1 models", "gs://b/m/v1", "models"),
        ("gcloud storage cp x.csv gs://b/x.csv", "x.csv", "gs://b/x.csv"),
        ("az storage blob upload --container-name c --name k/x.csv -f x.csv", "x.csv", "az://c/k/x.csv"),
        ("az storage blob download -c c -n k/x.csv --file=x.csv", "az://c/k/x.csv", "x.csv"),
        ("hdfs dfs -put x.csv hdfs://h/d/", "x.csv", "hdfs://h/d/x.csv"),
        ("curl -sSLo x.csv https://h/a.csv", "https://h/a.csv", "x.csv"),
        ("curl -LO https://h/d/a.csv", "https://h/d/a.csv", "a.csv"),
        ("curl https://h/a.csv -H 'X: y' > x.csv", "https://h/a.csv", "x.csv"),
        ("wget -q https://h/a.csv -P data", "https://h/a.csv", "data/a.csv"),
        ("wget https://h/a.csv?x=1 -O x.csv", "https://h/a.csv?x=1", "x.csv"),
        ("kaggle datasets download -d o/n -p data", "https://www.kaggle.com/datasets/o/n", "data"),
        ("huggingface-cli download org/m w.bin --local-dir m", "hf://org/m/w.bin", "m"),
        ("dvc get https://h/r data/x.csv -o x.csv", "https://h/r/data/x.csv", "x.csv"),
        ("gzip -k x.csv", "x.csv", "x.csv.gz"),
        ("sudo cp x.csv /srv/x.csv", "x.csv", "/srv/x.csv"),
        ("gh release upload v1 m.bin", "m.bin", "https://github.com/{repository}/releases/download/{tag}/m.bin"),
        ("bq cp p:d.t d.u", "table p.d.t", "table d.u"),
    ],
)
def test_copies(command: str, source: str, target: str) -> None:
    assert copied(command + "\n") == [(source, target)]


def test_several_sources() -> None:
    assert copied("cp a.csv b.csv out\n") == [("a.csv", "out/a.csv"), ("b.csv", "out/b.csv")]
    assert copied("cat a.csv b.csv > c.csv\n") == [("a.csv", "c.csv"), ("b.csv", "c.csv")]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("python x.py < in.csv > out.csv", [("read", "in.csv"), ("write", "out.csv")]),
        ("sort -k 1 a.csv | tee b.csv", [("read", "a.csv"), ("write", "b.csv")]),
        ("grep x a.csv", [("read", "a.csv")]),
        ("tar xzf a.tgz -C data", [("read", "a.tgz"), ("write", "data")]),
        ("tar -czf a.tgz out/x.csv", [("read", "out/x.csv"), ("write", "a.tgz")]),
        ("unzip -q a.zip -d data", [("read", "a.zip"), ("write", "data")]),
        ("bq load --source_format=CSV d.t gs://b/x.csv", [("read", "gs://b/x.csv"), ("write", "table d.t")]),
        ("mkdir data", []),
        ("rm data/x.csv", []),
        ("curl -X POST http://h/predict -d @x.json", []),
        ("echo a >> $GITHUB_OUTPUT", []),
        ("cp train.py requirements.txt /app/", []),
        ("cp $A $B", [("read", "?"), ("write", "?")]),
    ],
)
def test_accesses(command: str, found: list[tuple[str, str]]) -> None:
    assert sorted(touched(command + "\n")) == sorted(found)


def test_appending() -> None:
    (access,) = Moves(project_of({"run.sh": "python x.py >> out.csv\n"})).accesses
    assert (access.mode, access.place.path, access.place.span.line, access.api) == ("append", "run.sh", 1, "python")


def test_where_a_path_begins() -> None:
    assert copied("a:\n\tcp x.csv out/y.csv\n", "ml/Makefile") == [("ml/x.csv", "ml/out/y.csv")]
    assert copied("cp x.csv y.csv\n", "bin/go.sh") == [("x.csv", "y.csv")]
    assert copied("cp x.csv y.csv\n", "bin/go.sh", **{"ml/Makefile": "a:\n\tbash ../bin/go.sh\n"}) == [("ml/x.csv", "ml/y.csv")]
    assert copied('cp x.csv $(dirname "$0")/y.csv\n', "bin/go.sh") == [("x.csv", "bin/y.csv")]


def test_arguments_of_a_shell_script() -> None:
    files = {"Makefile": "a:\n\tbash go.sh out\nb:\n\tbash go.sh new\n"}
    assert copied("cp $1/x.csv y.csv\n", "go.sh", **files) == [("out/x.csv", "y.csv"), ("new/x.csv", "y.csv")]


def test_files_of_an_image() -> None:
    text = "WORKDIR /app\nCOPY model.pkl requirements.txt ./\nCOPY --from=b x.csv y.csv\nCOPY ml/cfg /cfg\nADD https://h/w.bin /w/\n"
    assert copied(text, "docker/Dockerfile", **{"ml/cfg/a.yaml": "a: 1\n"}) == [
        ("docker/model.pkl", "/app/model.pkl"),
        ("ml/cfg", "/cfg"),
        ("https://h/w.bin", "/w/w.bin"),
    ]


def test_kept_files_of_workflows() -> None:
    upload = "      - uses: actions/upload-artifact@v4\n        with: {name: model, path: out/m.pkl}\n"
    download = "      - uses: actions/download-artifact@v4\n        with: {path: in}\n"
    text = f"jobs:\n  a:\n    steps:\n{upload}{download}"
    assert copied(text, ".github/workflows/w.yml") == [("out/m.pkl", "dataset model"), ("dataset *", "in")]
    task = "payload:\n  artifacts:\n    public/x.json.zst:\n      path: /data/x.json.zst\n      type: file\n"
    assert copied(task, "infra/pipeline.yml") == [("/data/x.json.zst", "https://{host}/{route}/artifacts/public/x.json.zst")]


def test_documents_and_tests_touch_nothing() -> None:
    assert touched("```\ncp a.csv b.csv\n```\n", "README.md") == []
    assert touched("cp a.csv b.csv\n", "tests/run.sh") == []
