"""Options: what declares one, what it can be, where it is read, and what only looks like one."""

from __future__ import annotations

import pytest

from mldebt.project.flags import Flag, FlagGraph
from tests.project.reading import project_of

ARGPARSE = "import argparse\nparser = argparse.ArgumentParser()\n"


def flags_of(source: str, **others: str) -> FlagGraph:
    return project_of({"m.py": source, **{f"{path}.py": text for path, text in others.items()}}).flags


def only(graph: FlagGraph) -> Flag:
    (flag,) = graph.declared
    return flag


@pytest.mark.parametrize(
    "declaration",
    [
        "parser.add_argument('--use-x')",
        "parser.add_argument('-x', '--use-x', action='store_true')",
        "parser.add_argument('-x', dest='use_x')",
        "parser.add_argument('--other', dest='use_x')",
        "group = parser.add_argument_group('g')\ngroup.add_argument('--use-x')",
        "parser.add_mutually_exclusive_group().add_argument('--use-x')",
        "sub = parser.add_subparsers().add_parser('train')\nsub.add_argument('--use-x')",
        "def options(p):\n    p.add_argument('--use-x')\noptions(parser)",
        "def options(p):\n    return p.add_argument('--use-x')\noptions(p=parser)",
        "NAME = '--use-x'\nparser.add_argument(NAME)",
        "class C:\n  def __init__(self):\n    self.p = argparse.ArgumentParser()\n  def f(self):\n    self.p.add_argument('--use-x')",
        "class Parser(argparse.ArgumentParser): pass\nParser().add_argument('--use-x')",
        "def make():\n    return argparse.ArgumentParser()\nmake().add_argument('--use-x')",
    ],
)
def test_argparse_declares(declaration: str) -> None:
    flag = only(flags_of(f"{ARGPARSE}{declaration}\n"))
    assert (flag.system, flag.kind, flag.key) == ("argparse", "cli", "use_x")


@pytest.mark.parametrize(
    "source",
    [
        "from selenium import webdriver\noptions = webdriver.ChromeOptions()\noptions.add_argument('--headless')\n",
        "options = Options()\noptions.add_argument('--no-sandbox')\n",
        "def f(config):\n    config.add_argument('learning_rate')\n",
        "import argparse\nprint(argparse.ArgumentParser().parse_args())\n",
    ],
)
def test_what_only_looks_like_an_option(source: str) -> None:
    assert flags_of(source).declared == []


def test_a_parser_passed_to_another_file() -> None:
    graph = flags_of(f"{ARGPARSE}from options import add\nadd(parser)\n", options="def add(p):\n    p.add_argument('--use-x')\n")
    assert (only(graph).key, only(graph).module.path) == ("use_x", "options.py")


def test_names_that_are_computed_are_counted_but_not_guessed() -> None:
    graph = flags_of(f"{ARGPARSE}for name in names():\n    parser.add_argument('--' + name)\nparser.add_argument('--known')\n")
    assert [flag.key for flag in graph.declared] == ["known"]
    assert (graph.resolved, graph.total) == (1, 2)
    assert graph.is_read(only(graph))  # the file may read anything


@pytest.mark.parametrize(
    ("arguments", "fixed", "value"),
    [
        ("action='store_true', default=True", True, True),
        ("action='store_false', default=False", True, False),
        ("choices=['a'], default='a'", True, "a"),
        ("action='store_true'", False, None),
        ("action='store_true', default=False", False, None),
        ("action='store_false', default=True", False, None),
        ("choices=['a', 'b'], default='a'", False, None),
        ("choices=['a']", False, None),
        ("default=True", False, None),
    ],
)
def test_options_that_have_one_value(arguments: str, fixed: bool, value: object) -> None:
    flag = only(flags_of(f"{ARGPARSE}parser.add_argument('--use-x', {arguments})\n"))
    assert (flag.fixed, flag.only) == (fixed, value)


def test_absl_declares_with_the_first_argument() -> None:
    graph = flags_of("from absl import flags\nflags.DEFINE_bool('use_x', False, 'help')\nLR = flags.DEFINE_float('lr', 0.1, 'help')\n")
    assert [(flag.system, flag.key, flag.shown) for flag in graph.declared] == [("absl", "use_x", "--use_x"), ("absl", "lr", "--lr")]


def test_click_options_are_parameters_of_the_function_below() -> None:
    source = """
        import click
        @click.command()
        @click.option("--use-x", is_flag=True)
        @click.option("--no-y/--y", "skip_y")
        @click.argument("path")
        def train(use_x, skip_y, path):
            return path, skip_y
    """
    graph = flags_of(source)
    assert {flag.key: graph.is_read(flag) for flag in graph.declared} == {"use_x": False, "skip_y": True, "path": True}
    assert all(flag.parameter and flag.system == "click" for flag in graph.declared)


@pytest.mark.parametrize(
    ("reader", "read"),
    [
        ("print(args.use_x)", True),
        ("print(getattr(args, 'use_x'))", True),
        ("print(vars(args)['use_x'])", True),
        ("train(**vars(args))", True),
        ("run(args)", True),  # a function that is not of the project may read all of it
        ("print(args.__dict__)", True),
        ("def run(a):\n    return a.use_x\nrun(args)", True),
        ("def run(a):\n    return a.other\nrun(args)", False),
        ("print(args.other)", False),
        ("print(args)", False),  # shown, not used
        ("args.use_y = 1", False),
        ("# args.use_x", False),
    ],
)
def test_whether_an_option_is_read(reader: str, read: bool) -> None:
    declared = "import os\nparser.add_argument('--use-x')\nargs = parser.parse_args()\nfrom elsewhere import run, train\n"
    graph = flags_of(f"{ARGPARSE}{declared}{reader}\n")
    assert graph.is_read(only(graph)) is read


def test_an_option_is_read_in_another_file() -> None:
    declared = f"{ARGPARSE}parser.add_argument('--use-x')\nfrom lib import train\ntrain(parser.parse_args())\n"
    assert flags_of(declared, lib="def train(a):\n    return a.use_x\n").is_read(only(flags_of(declared)))
    graph = flags_of(declared, lib="def train(a):\n    return a.lr\n")
    assert not graph.is_read(only(graph))


@pytest.mark.parametrize(
    "source",
    [
        "args = parser.parse_args()\nprint(args.use_x)\n",
        "args = parser.parse_intermixed_args()\nprint(args.use_x)\n",
        "print(parser.parse_args().use_x)\n",
        "def get():\n    return parser.parse_args()\nprint(get().use_x)\n",
        "args = parser.parse_args()\ndef f():\n    print(args.use_x)\n",
    ],
)
def test_reads_of_a_namespace(source: str) -> None:
    ((system, key),) = [(read.system, read.key) for read in flags_of(f"{ARGPARSE}{source}").namespaces]
    assert (system, key) == ("argparse", "use_x")


def test_reads_of_another_object_are_none_of_a_namespace() -> None:
    assert flags_of(f"{ARGPARSE}args = Settings()\nprint(args.use_x)\nimport os\nprint(os.path)\n").namespaces == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os\nos.getenv('USE_X')\n", ("environment", "env", "USE_X")),
        ("import os\nos.environ.get('USE_X', '')\n", ("environment", "env", "USE_X")),
        ("from os import getenv as e\nKEY = 'USE_X'\ne(KEY)\n", ("environment", "env", "USE_X")),
        ("import os\nos.getenv(key='USE_X')\n", ("environment", "env", "USE_X")),
    ],
)
def test_reads_of_the_environment(source: str, found: tuple[str, str, str]) -> None:
    assert [(read.system, read.kind, read.key) for read in flags_of(source).remote] == [found]


def test_a_computed_key_is_counted_but_not_guessed() -> None:
    graph = flags_of("import os\nfor k in keys():\n    os.getenv(k)\n")
    assert graph.remote == []
    assert (graph.resolved, graph.total) == (0, 1)
