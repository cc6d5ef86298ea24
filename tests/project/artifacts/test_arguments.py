"""Arguments of runs bound to what the script declares."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.arguments import Arguments
from mldebt.project.artifacts.templates import text
from tests.project.reading import project_of

PARSER = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument("source")
parser.add_argument("target")
parser.add_argument("-n", "--n-rows", type=int, default=3)
parser.add_argument("--fast", action="store_true")
parser.add_argument("--cols", nargs="+")
args = parser.parse_args()
"""


def arguments(script: str, *commands: str, name: str = "t.py", **files: str) -> Arguments:
    return Arguments(project_of({name: script, "run.sh": "".join(command + "\n" for command in commands), **files}))


def values(found: Arguments, key: str, name: str = "t.py") -> list[str]:
    return [text(bound.value) for bound in found.option(name, key)]


def test_positional() -> None:
    found = arguments("import sys\nsys.argv[1]\n", "python t.py a.csv $OUT", "python t.py b.csv", 'python t.py "$@" c')
    assert [(text(bound.value), bound.run.line) for bound in found.positional("t.py", 1)] == [("a.csv", 1), ("b.csv", 2)]
    assert [text(bound.value) for bound in found.positional("t.py", 2)] == ["{OUT}"]
    assert found.positional("t.py", 0) == ()


def test_options_of_a_parser() -> None:
    found = arguments(PARSER, "python t.py --fast in.csv -n 5 out.csv --cols a b", "python t.py in2.csv out2.csv --n-rows=7")
    assert values(found, "n_rows") == ["5", "7"]
    assert values(found, "source") == ["in.csv", "in2.csv"]
    assert values(found, "target") == ["out.csv", "out2.csv"]
    assert values(found, "fast") == ["true"]
    assert values(found, "cols") == ["a", "b"]


def test_default_is_used_when_a_run_leaves_it_out() -> None:
    found = arguments(PARSER, "python t.py a b -n 1", "python t.py a b -n 2 --fast")
    assert not found.default_is_used("t.py", "n_rows")
    assert found.default_is_used("t.py", "fast")
    assert arguments(PARSER).default_is_used("t.py", "n_rows")
    assert not arguments(PARSER, 'python t.py a b "$@"').default_is_used("t.py", "n_rows")


def test_options_of_a_file_that_scripts_import() -> None:
    uses = "from options import args\n"
    files = {"options.py": PARSER, "b.py": uses, "own.py": uses + PARSER, "c.py": ""}
    runs = ("python t.py a b -n 1", "python b.py a b", "python own.py a b -n 9", "python c.py a b -n 7")
    found = arguments(uses, *runs, **files)
    assert values(found, "n_rows", "options.py") == ["1"]
    assert found.default_is_used("options.py", "n_rows") and not found.default_is_used("options.py", "n_rows", "t.py")
    assert found.option("options.py", "n_rows", "b.py") == ()


@pytest.mark.parametrize(
    ("script", "command", "key", "value"),
    [
        ("import click\n@click.command()\n@click.option('--out', '-o')\n@click.option('--dry/--no-dry')\ndef f(out, dry): ...\n",
         "python t.py --dry -o x.csv", "out", "x.csv"),
        ("from absl import flags\nflags.DEFINE_string('out', 'a', 'b')\n", "python t.py --out=x.csv", "out", "x.csv"),
        ("import typer\ndef f(out_file: str): ...\ntyper.run(f)\n", "python t.py --out-file x.csv", "out_file", "x.csv"),
        ("import hydra\n", "python t.py data.out=x.csv +n=1", "data.out", "x.csv"),
    ],
)  # fmt: skip
def test_other_parsers(script: str, command: str, key: str, value: str) -> None:
    assert values(arguments(script, command), key) == [value]


def test_options_declared_in_an_imported_file() -> None:
    found = arguments("from opts import args\n", "python t.py -n 5 a b", **{"opts.py": PARSER})
    assert values(found, "n_rows") == ["5"]


def test_parameters_of_a_notebook() -> None:
    notebook = '{"cells": [], "metadata": {}, "nbformat": 4}'
    found = arguments(notebook, "papermill nb.ipynb out.ipynb -p day 3 -r name a/b", name="nb.ipynb")
    assert values(found, "day", "nb.ipynb") == ["3"]
    assert values(found, "name", "nb.ipynb") == ["a/b"]
