"""Runs of scripts: which command runs which file, from which folder, with what."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.commands import command_of
from mldebt.project.artifacts.model import Hole
from mldebt.project.artifacts.runs import Runs, runs
from mldebt.project.artifacts.templates import text
from tests.project.reading import project_of


def seen(files: dict[str, str]) -> list[tuple[str, str, str]]:
    """(script, folder, arguments) of each run."""
    return [(run.script, run.cwd, " ".join(text(word) for word in run.argv)) for run in runs(project_of(files))]


@pytest.mark.parametrize(
    ("command", "found"),
    [
        ("python train.py data/x.csv", ("train.py", "", "data/x.csv")),
        ("python3.11 -u -W ignore train.py -n 1", ("train.py", "", "-n 1")),
        ("nohup poetry run python ./train.py &", ("train.py", "", "")),
        ("uv run --with torch train.py a", ("train.py", "", "a")),
        ("CUDA_VISIBLE_DEVICES=0 time python train.py a", ("train.py", "", "a")),
        ("env A=b python train.py", ("train.py", "", "")),
        ("docker run -v $PWD:/w -e A=b image:1 python train.py", ("train.py", "", "")),
        ("python -m pkg.job --n 1", ("pkg/job.py", "", "--n 1")),
        ("python -m pkg a", ("pkg/__main__.py", "", "a")),
        ("python pkg a", ("pkg/__main__.py", "", "a")),
        ("torchrun --nproc_per_node 8 --unknown 3 train.py --lr 1", ("train.py", "", "--lr 1")),
        ("python -m torch.distributed.launch --nproc_per_node 8 train.py --lr 1", ("train.py", "", "--lr 1")),
        ("spark-submit --py-files pkg/job.py --master yarn train.py a", ("train.py", "", "a")),
        ("papermill nb/a.ipynb out.ipynb -p n 1", ("nb/a.ipynb", "", "out.ipynb -p n 1")),
        ("jupyter nbconvert --to notebook --execute nb/a.ipynb", ("nb/a.ipynb", "", "")),
        ("streamlit run train.py", ("train.py", "", "")),
        ("uvicorn pkg.job:app --port 80", ("pkg/job.py", "", "--port 80")),
        ("bash sub/go.sh x", ("sub/go.sh", "", "x")),
        ("./sub/go.sh x", ("sub/go.sh", "", "x")),
        ("cd sub && python deep.py > log", ("sub/deep.py", "sub", "")),
        ("python $HOME/code/sub/deep.py", ("sub/deep.py", "", "")),
        ("cd $WORK && python deep.py", ("sub/deep.py", "sub", "")),
        ("python ${{ github.workspace }}/sub/deep.py", ("sub/deep.py", "", "")),
        ("fit-it --day 1", ("pkg/job.py", "", "--day 1")),
        ("python train.py out/$(date +%F).csv $N", ("train.py", "", "out/*.csv {N}")),
    ],
)
def test_ways_to_run(command: str, found: tuple[str, str, str]) -> None:
    files = {
        "train.py": "",
        "pkg/__init__.py": "",
        "pkg/__main__.py": "",
        "pkg/job.py": "",
        "nb/a.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4}',
        "sub/go.sh": "",
        "sub/deep.py": "",
        "pyproject.toml": '[project]\nname = "p"\n[project.scripts]\nfit-it = "pkg.job:main"\n',
        "run.sh": command + "\n",
    }
    assert seen(files) == [found]


@pytest.mark.parametrize(
    "command",
    [
        "cp train.py x",
        "pip install train.py",
        "python -c 'x' train.py",
        "python $SCRIPT",
        "python -m build",
        "git add train.py",
        "echo python train.py",
        "python other.py",
        "pytest train.py",
    ],
)
def test_what_runs_nothing_of_the_project(command: str) -> None:
    assert seen({"train.py": "", "tools/build.py": "", "run.sh": command + "\n"}) == []


def test_two_files_of_one_name_are_told_apart_or_left() -> None:
    files = {"a/t.py": "", "b/t.py": ""}
    assert seen({**files, "a/Makefile": "x:\n\tpython t.py\n"}) == [("a/t.py", "a", "")]
    assert seen({**files, "run.sh": "cd $X\npython t.py\n"}) == []
    assert seen({**files, "run.sh": "python b/t.py\n"}) == [("b/t.py", "", "")]


def test_where_commands_start() -> None:
    workflow = "jobs:\n  a:\n    steps:\n      - run: python t.py\n        working-directory: ml\n"
    assert seen({"ml/t.py": "", "t.py": "", ".github/workflows/w.yml": workflow}) == [("ml/t.py", "ml", "")]
    assert seen({"ml/t.py": "", "t.py": "", "ml/dvc.yaml": "stages:\n  a:\n    cmd: python t.py\n"}) == [("ml/t.py", "ml", "")]
    assert seen({"ml/t.py": "", "ml/bin/go.sh": 'cd "$(dirname "$0")/.."\npython t.py\n'}) == [("ml/t.py", "ml", "")]
    image = "WORKDIR /app\nCOPY . .\nCMD python src/t.py --x 1\n"
    assert seen({"src/t.py": "", "Dockerfile": image}) == [("src/t.py", "", "--x 1")]
    assert seen({"src/t.py": "", "Dockerfile": 'CMD ["python", "/app/src/t.py"]\n'}) == [("src/t.py", "", "")]


def test_a_clone_of_the_project_is_the_project() -> None:
    files = {"t.py": "", "sub/t.py": "", "go.sh": "git clone https://h/us\ncd us\npython t.py\n"}
    assert seen(files) == [("t.py", "", "")]


def test_documents_and_locks_run_nothing() -> None:
    files = {"t.py": "", "README.md": "```\npython t.py\n```\n", "dvc.lock": "stages:\n  a:\n    cmd: python t.py\n"}
    assert seen(files) == []


def test_a_shell_script_for_each_way_it_is_run() -> None:
    files = {"t.py": "", "go.sh": "python t.py --in $1/x.csv\n", "Makefile": "a:\n\tbash go.sh a\nb:\n\tbash go.sh s3://b/$(DAY)\n"}
    assert [found for found in seen(files) if found[0] == "t.py"] == [("t.py", "", "--in a/x.csv"), ("t.py", "", "--in s3://b/{DAY}/x.csv")]


def test_commands_in_python() -> None:
    project = Runs(project_of({"t.py": "", "go.py": ""}))
    name = Hole("name", "param")
    (command,) = command_of([("python",), ("t.py",), ("out/", name, ".csv"), ("$A",)], "go.py", 3)
    run = project.of(command)
    assert run is not None
    assert (run.script, run.argv, run.line) == ("t.py", (("out/", name, ".csv"), ("$A",)), 3)
    first, second = command_of(
        [
            (
                "mkdir x && python t.py out/",
                name,
                ".csv $A > log",
            )
        ],
        "go.py",
        3,
        shell=True,
    )
    assert project.of(first) is None
    run = project.of(second)
    assert run is not None
    assert (run.argv, second.output, run.line) == ((("out/", name, ".csv"), (Hole("A", "env"),)), ("log",), 3)
    assert command_of([("bash",), ("-c",), ("python t.py",)], "go.py", 1)[0].words == ("python", "t.py")


PARALLEL = """\
import subprocess, sys
def each(script, parts):
    for part in range(int(sys.argv[1])):
        subprocess.check_call([{program}] + [f'{{one}}.{{part}}' for one in parts])
each(sys.argv[2], sys.argv[3:])
"""


@pytest.mark.parametrize("program", ["'./' + script", "script", "'python', script", "sys.executable, '-u', script"])
def test_a_script_that_starts_the_script_it_is_given(program: str) -> None:
    files = {"parallel.py": PARALLEL.format(program=program), "convert.py": "", "go.sh": "python parallel.py 4 convert.py a.csv b.csv\n"}
    assert seen(files) == [("parallel.py", "", "4 convert.py a.csv b.csv"), ("convert.py", "", "a.csv b.csv")]


def test_a_script_that_starts_nothing_runs_no_script_it_is_given() -> None:
    files = {"check.py": "import sys\nopen(sys.argv[1])\n", "convert.py": "", "go.sh": "python check.py convert.py a.csv\n"}
    assert seen(files) == [("check.py", "", "convert.py a.csv")]
