from __future__ import annotations

import pytest

from mldebt.project.moving import load_moving

WORDS = load_moving()
COMMIT = "90ab12cd34ef56789012345678901234567890ab"


@pytest.mark.parametrize(
    ("text", "moves"),
    [
        ("https://raw.githubusercontent.com/acme/data/main/a.csv", True),
        ("https://raw.githubusercontent.com/acme/data/refs/heads/main/a.csv", True),
        ("https://github.com/acme/data/raw/master/a.csv", True),
        ("https://github.com/acme/data/archive/main.zip", True),
        ("https://huggingface.co/acme/m/resolve/main/model.bin", True),
        ("gs://acme/connector-latest_2.12.jar", True),
        ("https://index.example.org/task/train.latest/artifacts/public/model.zst", True),
        (f"https://raw.githubusercontent.com/acme/data/{COMMIT}/a.csv", False),
        ("https://github.com/acme/data/raw/v1.2/a.csv", False),
        ("https://github.com/acme/data/blob/main/README.md", False),
        ("https://docs.example.org/en/latest/guide", False),
        ("s3://acme/2024-01-01/a.csv", False),
        ("data/latest.csv", False),
    ],
)
def test_addresses(text: str, moves: bool) -> None:
    assert bool(WORDS.address(text)) is moves


def test_a_configuration_names_data_not_tools() -> None:
    assert WORDS.address("https://raw.githubusercontent.com/acme/tools/main/install.sh", data=True) == ""
    assert WORDS.address("https://github.com/acme/tool/releases/latest/download/tool.tar.gz", data=True) == ""
    assert WORDS.address("https://raw.githubusercontent.com/acme/tools/main/a.csv", data=True) == "`main` is a branch"


def test_one_pin_is_one_cause() -> None:
    first, second = (WORDS.cause(f"https://raw.githubusercontent.com/acme/data/main/{name}.csv") for name in "ab")
    assert first == second == "raw.githubusercontent.com/acme/data/main"
    assert WORDS.cause("s3://acme/x.latest/a.csv") == "acme/x.latest"


@pytest.mark.parametrize(
    ("image", "moves"),
    [
        ("acme/run", True),
        ("acme/run:latest", True),
        ("localhost:5000/acme/run", True),
        ("acme/run:1.2", False),
        ("acme/run@sha256:" + "0" * 64, False),
        ("acme/run:$TAG", False),
        ("scratch", False),
    ],
)
def test_images(image: str, moves: bool) -> None:
    assert bool(WORDS.image(image)) is moves


def test_requirements() -> None:
    assert WORDS.requirement("x @ git+https://github.com/acme/x.git")[1] == "no revision: the default branch"
    assert WORDS.requirement("git+https://github.com/acme/x@main#egg=x") == ("https://github.com/acme/x@main", "`main` is a branch")
    assert WORDS.requirement("git+https://github.com/acme/x@v1.0") == ("", "")
    assert WORDS.requirement("git+ssh://git@github.com/acme/x.git@" + COMMIT) == ("", "")
    assert WORDS.requirement("numpy==2.0") == ("", "")


def test_copies_of_all_that_lies_under_an_address() -> None:
    assert WORDS.copy(("aws", "s3", "sync", "s3://acme/models", "models")) == "s3://acme/models"
    assert WORDS.copy(("gsutil", "cp", "-r", "gs://acme/$TEAM/models", ".")) == "gs://acme/$TEAM/models"
    assert WORDS.copy(("aws", "s3", "sync", "models", "s3://acme/models")) == ""
    assert WORDS.copy(("aws", "s3", "cp", "s3://acme/models", "models")) == ""
    assert WORDS.copy(("aws", "s3", "sync", "s3://acme/${RUN_ID}/model", ".")) == ""
    assert WORDS.copy(("aws", "s3", "sync", "s3://acme/v12/model", ".")) == ""


def test_the_newest_object() -> None:
    assert WORDS.newest_of("sort_by(Contents, &LastModified)[-1].Key")
    assert not WORDS.newest_of("Contents[].LastModified")
