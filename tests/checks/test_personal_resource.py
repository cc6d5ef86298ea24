"""Places of one person."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

DOCKERFILE = "FROM python:3.11\nRUN useradd --create-home scorer\n"


@pytest.mark.parametrize(
    "path",
    [
        "/home/annika/x.csv",
        "/Users/annika/x.csv",
        "C:\\\\Users\\\\annika\\\\x.csv",
        "C:/Users/annika/x.csv",
        "/media/annika/disk/x.csv",
        "/mnt/c/Users/annika/x",
    ],
)
def test_a_home_folder(found: Found, path: str):
    (one,) = found("personal_resource", {"a.py": f'import pandas as pd\npd.read_csv("{path}")\n'})
    assert (one.location.line, one.confidence) == (2, 0.85)
    assert "annika" in one.anchor


@pytest.mark.parametrize(
    "path",
    [
        "/home/jovyan/x.csv",
        "/home/username/x.csv",
        "/home/annika",
        "~/x.csv",
        "/media/images/a/logo.png",
        "/scratch/data/a/b",
        "/home/scorer/x.csv",
        "/home/tensorflow/model",
        "/var/lib/x",
    ],
)
def test_nobodys_own(found: Found, path: str):
    assert not found("personal_resource", {"a.py": f'open("{path}")\n', "Dockerfile": DOCKERFILE})


def test_one_finding_for_one_person(found: Found):
    files = {
        "a.py": 'open("/home/annika/a/x.csv")\nopen("/home/annika/b/y.csv")\n',
        "b/c.py": 'P = "/home/annika/z"\n',
        "conf.yaml": "weights: /home/annika/w.bin\n",
        "d.py": 'open("/home/bruno/a.csv")\n',
    }
    first, second = found("personal_resource", files)
    assert (first.anchor, first.size, len(first.evidence)) == ("/home/annika", 4, 3)
    assert "in 3 files" in first.message
    assert (second.anchor, second.location.path) == ("/home/bruno", "d.py")


def test_a_default_counts_less_and_help_not(found: Found):
    text = 'def load(path="/home/annika/x.csv"):\n    return open(path)\nparser.add_argument("--y", help="/home/annika/y.csv")\n'
    (one,) = found("personal_resource", {"a.py": text})
    assert (one.confidence, one.size) == (0.75, 1)


def test_only_the_start_of_a_path(found: Found):
    assert not found("personal_resource", {"a.py": 'open(ROOT + "/home/annika/x.csv")\nopen(f"{ROOT}/home/annika/x.csv")\n'})
    assert found("personal_resource", {"a.py": 'open("/home/annika/" + name)\nopen(f"/home/annika/{name}")\n'})[0].size == 2


def test_the_side_of_the_container_is_not_the_host(found: Found):
    compose = "services:\n  web:\n    volumes:\n      - ./data:/home/worker1/data\n      - /Users/annika/creds:/app/creds\n"
    (one,) = found("personal_resource", {"docker-compose.yml": compose})
    assert (one.anchor, one.location.line) == ("/Users/annika", 5)


def test_tests_notebooks_and_routes_stay_silent(found: Found):
    files = {
        "tests/test_a.py": 'open("/home/annika/x.csv")\n',
        "examples/a.py": 'open("/home/annika/x.csv")\n',
        "site.py": '@app.route("/home/annika/overview")\ndef f():\n    print("/home/annika/x.csv")\n',
        "environment.yml": "name: x\nprefix: /home/annika/miniconda3/envs/x\n",
    }
    assert not found("personal_resource", files)


def test_a_local_database(found: Found):
    files = {
        "a.py": 'import pymongo\nclient = pymongo.MongoClient("mongodb://localhost:27017/")\n',
        "app/config.py": 'db = connect("mongodb://localhost/")\n',
    }
    (one,) = found("personal_resource", files)
    assert (one.location.path, one.anchor) == ("a.py", "mongodb://localhost")
    assert one.confidence < 0.7


def test_accounts_of_platforms_and_services(found: Found):
    compose = "services:\n  job:\n    environment:\n      - ROWS=/home/%s/rows/a.csv\n"
    for user in ("cdsw", "clickuser", "svc-train"):
        assert not found("personal_resource", {"docker-compose.yml": compose % user}), user
    for user in ("annika", "mhauser", "brunner", "talbot"):
        assert found("personal_resource", {"docker-compose.yml": compose % user}), user
    assert not found("personal_resource", {"docker-compose.yml": compose % "hal", "deploy.sh": "ssh hal@10.0.0.7 uptime\n"})
    assert not found("personal_resource", {"docker-compose.yml": compose % "hal", "play.yml": "- hosts: all\n  remote_user: hal\n"})


def test_an_exported_variable_is_the_place(found: Found):
    script = "export ROWS=/home/annika/rows\necho go\nmv $ROWS/a $ROWS/b\n"
    (one,) = found("personal_resource", {"run.sh": script})
    assert one.location.line == 1


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("Makefile", "\nDATA := /home/annika/x\nOUT = $(DATA)/out\nfit:\n\tpython fit.py $(DATA)\n\tpython b.py $(OUT)\n", [2]),
        ("run.sh", 'export D="/home/annika/x"\npython a.py $D/y\npython b.py /home/annika/z\n', [1, 3]),
    ],
)
def test_a_variable_of_a_script_is_told_where_its_path_can_be_read(found: Found, path: str, text: str, lines: list[int]):
    (one,) = found("personal_resource", {path: text})
    assert sorted(place.line for place in (one.location, *one.evidence)) == lines
