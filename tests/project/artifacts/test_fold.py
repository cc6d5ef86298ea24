"""From values to the strings that they may be."""

from __future__ import annotations

from collections.abc import Mapping
from time import perf_counter

import pytest

from mldebt.project.artifacts.fold import Folder, Found
from mldebt.project.artifacts.model import Hole
from mldebt.project.artifacts.templates import text
from tests.project.reading import argument, project_of


def folded(source: str, files: Mapping[str, str] | None = None, *, options: bool = True) -> Found:
    """The argument of the only `see(...)` in app.py."""
    project = project_of({"app.py": source, **(files or {})})
    module = project.modules["app.py"]
    return Folder(project, options=options).fold(module, argument(module))


def texts(source: str, files: Mapping[str, str] | None = None) -> list[str]:
    return sorted(text(f.template) for f in folded(source, files))


STRINGS = {
    "join": ("import os\nsee(os.path.join('data', 'raw', 'x.csv'))", ["data/raw/x.csv"]),
    "join of an absolute part": ("import os\nsee(os.path.join('data', '/raw', 'x.csv'))", ["/raw/x.csv"]),
    "join of a starred list": ("import os\nparts = ['a', 'b']\nsee(os.path.join(*['a', 'b']))", ["a/b"]),
    "join imported as a name": ("from os.path import join\nsee(join('data', 'x.csv'))", ["data/x.csv"]),
    "percent": ("see('data/%s_%d.csv' % ('users', 3))", ["data/users_3.csv"]),
    "percent of one": ("see('data/%s.csv' % 'users')", ["data/users.csv"]),
    "percent of a dict": ("see('data/%(what)s.csv' % {'what': 'users'})", ["data/users.csv"]),
    "percent sign": ("see('%s_100%%.csv' % 'users')", ["users_100%.csv"]),
    "format": ("see('data/{}_{}.csv'.format('users', 3))", ["data/users_3.csv"]),
    "format by number": ("see('{1}/{0}.csv'.format('users', 'data'))", ["data/users.csv"]),
    "format by name": ("see('{where}/{what}.csv'.format(what='users', where='data'))", ["data/users.csv"]),
    "format with a form": ("see('part-{:05d}.csv'.format(7))", ["part-7.csv"]),
    "format of braces": ("see('{{x}}_{}.csv'.format('a'))", ["{x}_a.csv"]),
    "f-string": ("what = 'users'\nsee(f'data/{what}.csv')", ["data/users.csv"]),
    "f-string of an unknown": ("see(f'data/{what}.csv')", ["data/{what}.csv"]),
    "plus": ("see('data/' + 'users' + '.csv')", ["data/users.csv"]),
    "counter": ("see('data' + str(1 + 2))", ["data*"]),
    "join of a text": ("see('_'.join(['a', 'b']) + '.csv')", ["a_b.csv"]),
    "pathlib": ("from pathlib import Path\nsee(Path('data') / 'raw' / 'x.csv')", ["data/raw/x.csv"]),
    "pathlib of several": ("from pathlib import Path\nsee(Path('data', 'x.csv'))", ["data/x.csv"]),
    "pathlib right": ("from pathlib import Path\nsee('data' / Path('x.csv'))", ["data/x.csv"]),
    "pathlib joinpath": ("from pathlib import Path\nsee(Path('data').joinpath('raw', 'x.csv'))", ["data/raw/x.csv"]),
    "parent": ("from pathlib import Path\nsee(Path('data/raw/x.csv').parent / 'y.csv')", ["data/raw/y.csv"]),
    "parent of a name": ("from pathlib import Path\nsee(Path('x.csv').parent / 'y.csv')", ["./y.csv"]),
    "stem": ("from pathlib import Path\nsee(Path('data/x.csv').stem + '.json')", ["x.json"]),
    "suffix": ("from pathlib import Path\nsee('x' + Path('data/x.csv').suffix)", ["x.csv"]),
    "name": ("from pathlib import Path\nsee('out/' + Path('data/x.csv').name)", ["out/x.csv"]),
    "with_suffix": ("from pathlib import Path\nsee(Path('data/x.csv').with_suffix('.json'))", ["data/x.json"]),
    "with_suffix of none": ("from pathlib import Path\nsee(Path('data.v1/x').with_suffix('.json'))", ["data.v1/x.json"]),
    "with_name": ("from pathlib import Path\nsee(Path('data/x.csv').with_name('y.csv'))", ["data/y.csv"]),
    "dirname and basename": ("import os\np = 'data/x.csv'\nsee(os.path.dirname(p) + '/y_' + os.path.basename(p))", ["data/y_x.csv"]),
    "splitext": ("import os\nroot, ext = os.path.splitext('data/x.csv')\nsee(root + '_new' + ext)", ["data/x_new.csv"]),
    "split": ("import os\nhead, tail = os.path.split('data/x.csv')\nsee(head + '|' + tail)", ["data|x.csv"]),
    "replace": ("see('data/x.csv'.replace('.csv', '.json'))", ["data/x.json"]),
    "lower and strip": ("see(' Data.CSV '.strip().lower())", ["data.csv"]),
    "same": ("import os\nsee(os.path.abspath(os.path.expanduser(str('x.csv'))))", ["x.csv"]),
    "file": ("import os\nsee(os.path.join(os.path.dirname(__file__), 'x.csv'))", ["./x.csv"]),
    "if": ("see('a.csv' if test else 'b.csv')", ["a.csv", "b.csv"]),
    "or": ("see(None or 'b.csv')", ["b.csv"]),
    "branches": ("if test:\n    p = 'a.csv'\nelse:\n    p = 'b.csv'\nsee(p)", ["a.csv", "b.csv"]),
    "none": ("see(None)", []),
    "time": ("from datetime import datetime\nsee(f\"x_{datetime.now().strftime('%Y')}.csv\")", ["x_{date}.csv"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), STRINGS.values(), ids=STRINGS.keys())
def test_operators_and_methods(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


LOOPS = {
    "list": ("for n in ['a', 'b']:\n    see(f'{n}.csv')", ["a.csv", "b.csv"]),
    "named list": ("NAMES = ('a', 'b')\nfor n in NAMES:\n    see(f'{n}.csv')", ["a.csv", "b.csv"]),
    "range": ("for n in range(5):\n    see(f'part{n}.csv')", ["part*.csv"]),
    "enumerate": ("for i, n in enumerate(['a', 'b']):\n    see(f'{n}.csv')", ["a.csv", "b.csv"]),
    "number of enumerate": ("for i, n in enumerate(['a', 'b']):\n    see(f'{i}.csv')", ["*.csv"]),
    "zip": ("for n, m in zip(['a'], ['x', 'y']):\n    see(f'{m}.csv')", ["x.csv", "y.csv"]),
    "enumerate of zip": ("for i, (n, m) in enumerate(zip(['a'], ['b'])):\n    see(f'{i}{m}.csv')", ["*b.csv"]),
    "pairs": ("for n, m in [('a', 'b'), ('c', 'd')]:\n    see(m + '.csv')", ["b.csv", "d.csv"]),
    "items": ("for k, v in {'a': 'x.csv', 'b': 'y.csv'}.items():\n    see(v)", ["x.csv", "y.csv"]),
    "keys of items": ("FILES = {'a': 'x.csv', 'b': 'y.csv'}\nfor k, v in FILES.items():\n    see(k)", ["a", "b"]),
    "values": ("FILES = {'a': 'x.csv', 'b': 'y.csv'}\nfor v in FILES.values():\n    see(v)", ["x.csv", "y.csv"]),
    "dict": ("for k in {'a': 1, 'b': 2}:\n    see(k + '.csv')", ["a.csv", "b.csv"]),
    "sorted": ("for n in sorted(['a', 'b']):\n    see(f'{n}.csv')", ["a.csv", "b.csv"]),
    "glob": ("from glob import glob\nfor p in glob('data/*.csv'):\n    see(p)", ["data/*.csv"]),
    "glob of a path": ("from pathlib import Path\nfor p in Path('data').glob('*.csv'):\n    see(p)", ["data/*.csv"]),
    "iterdir": ("from pathlib import Path\nfor p in Path('data').iterdir():\n    see(p)", ["data/*"]),
    "name of a globbed": ("from pathlib import Path\nfor p in Path('in').glob('*.csv'):\n    see('out/' + p.name)", ["out/*.csv"]),
    "unknown": ("for n in everything():\n    see(f'{n}.csv')", ["*.csv"]),
    "helper": ("def names():\n    return ['a', 'b']\nfor n in names():\n    see(f'{n}.csv')", ["a.csv", "b.csv"]),
    "appended": ("xs = ['a']\nxs.append('b')\nfor n in xs:\n    see(n)", ["a", "b"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), LOOPS.values(), ids=LOOPS.keys())
def test_loops(source: str, expected: list[str]) -> None:
    assert texts(source) == expected


NAMED = {
    "constant": ("ROOT = 'data'\nsee(ROOT + '/x.csv')", {}, ["data/x.csv"]),
    "imported constant": ("from settings import ROOT\nsee(ROOT + '/x.csv')", {"settings.py": "ROOT = 'data'"}, ["data/x.csv"]),
    "constant of a module": ("import settings\nsee(settings.ROOT + '/x.csv')", {"settings.py": "ROOT = 'data'"}, ["data/x.csv"]),
    "constant of a constant": ("from s import P\nsee(P)", {"s.py": "ROOT = 'data'\nP = f'{ROOT}/x.csv'"}, ["data/x.csv"]),
    "class attribute": ("class Paths:\n    RAW = 'data/x.csv'\nsee(Paths.RAW)", {}, ["data/x.csv"]),
    "imported class attribute": ("from s import Paths\nsee(Paths.RAW)", {"s.py": "class Paths:\n    RAW = 'x.csv'"}, ["x.csv"]),
    "inherited": ("class A:\n    RAW = 'x.csv'\nclass B(A):\n    pass\nsee(B.RAW)", {}, ["x.csv"]),
    "field": ("class A:\n    def __init__(self):\n        self.p = 'x.csv'\n    def go(self):\n        see(self.p)", {}, ["x.csv"]),
    "property": ("class A:\n    @property\n    def p(self): return 'x.csv'\n    def go(self):\n        see(self.p)", {}, ["x.csv"]),
    "dict": ("FILES = {'a': 'x.csv', 'b': 'y.csv'}\nsee(FILES['b'])", {}, ["y.csv"]),
    "dict with an open key": ("FILES = {'a': 'x.csv', 'b': 'y.csv'}\nsee(FILES[which])", {}, ["x.csv", "y.csv"]),
    "imported dict": ("from s import FILES\nsee(FILES['a'])", {"s.py": "FILES = {'a': 'x.csv'}"}, ["x.csv"]),
    "stored item": ("files = {}\nfiles['a'] = 'x.csv'\nsee(files['a'])", {}, ["x.csv"]),
    "item of a list": ("FILES = ['x.csv', 'y.csv']\nsee(FILES[1])", {}, ["y.csv"]),
    "nested dict": ("FILES = {'raw': {'a': 'x.csv', 'b': 'y.csv'}}\nsee(FILES['raw']['b'])", {}, ["y.csv"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "files", "expected"), NAMED.values(), ids=NAMED.keys())
def test_named_values(source: str, files: Mapping[str, str], expected: list[str]) -> None:
    assert texts(source, files) == expected


def test_named_constants_are_remembered() -> None:
    (found,) = folded("from settings import ROOT\nsee(ROOT + '/x.csv')", {"settings.py": "ROOT = 'data'"})
    assert found.constants == {"settings.py::ROOT"}
    (found,) = folded("def place():\n    return 'data/x.csv'\nsee(place())")
    assert found.constants == {"app.py::place"}
    (found,) = folded("class Paths:\n    RAW = 'data/x.csv'\nsee(Paths.RAW)")
    assert found.constants == {"app.py::Paths.RAW"}
    (found,) = folded("import os\ndef under(name):\n    return os.path.join(name, '1')\nsee(under('x'))")
    assert found.constants == frozenset(), "a helper that only changes what it is given is no contract"


# helpers and parameters --------------------------------------------------------------------------------------------------


def test_helpers_three_deep() -> None:
    source = """
    import os
    def root(): return 'data'
    def folder(kind): return os.path.join(root(), kind)
    def path(kind, name): return os.path.join(folder(kind), name + '.csv')
    see(path('raw', name='users'))
    """
    assert texts(source) == ["data/raw/users.csv"]


def test_a_default_fills_what_a_call_leaves_out() -> None:
    source = "def path(name, ext='.csv'):\n    return 'data/' + name + ext\nsee(path({}))"
    assert texts(source.format("'x'")) == ["data/x.csv"]
    assert texts(source.format("'x', '.json'")) == ["data/x.json"]


def test_a_parameter_is_an_open_hole() -> None:
    (found,) = folded("def load(name):\n    see(f'data/{name}.csv')")
    assert found.template == ("data/", Hole("name", "param"), ".csv")
    assert [(path, name) for path, _, name in found.parameters] == [("app.py", "name")]


def test_two_calls_of_one_helper_do_not_mix() -> None:
    source = "def path(name):\n    return f'data/{name}.csv'\nother = path('y')\nsee(path('x'))"
    assert texts(source) == ["data/x.csv"]


# options and the environment ---------------------------------------------------------------------------------------------

PARSER = """
import argparse
parser = argparse.ArgumentParser()
parser.add_argument('--out', default='data/x.csv')
args = parser.parse_args()
see(args.out)
"""
CLICK = """
import click
@click.command()
@click.option('--out', default='data/x.csv')
def main(out):
    see(out)
"""


@pytest.mark.parametrize("source", [PARSER, CLICK], ids=["argparse", "click"])
def test_options(source: str) -> None:
    assert texts(source) == ["data/x.csv"]
    assert texts(source, {"run.sh": "python app.py --out y.csv\n"}) == ["y.csv"]
    assert texts(source, {"run.sh": "python app.py --out y.csv\npython app.py\n"}) in (["y.csv"], ["data/x.csv", "y.csv"])
    assert [text(f.template) for f in folded(source, options=False)] == ["{out}"]


def test_argv() -> None:
    assert texts("import sys\nsee(sys.argv[1])") == ["{argv1}"]
    assert texts("import sys\nsee(sys.argv[1])", {"Makefile": "all:\n\tpython app.py data/x.csv\n"}) == ["data/x.csv"]


def test_environment() -> None:
    assert texts("import os\nsee(os.environ['DATA_DIR'] + '/x.csv')") == ["{DATA_DIR}/x.csv"]
    assert texts("import os\nsee(os.environ.get('DATA_DIR', 'data') + '/x.csv')") == ["data/x.csv"]
    assert texts("import os\nsee(os.getenv('DATA_DIR', 'data') + '/x.csv')") == ["data/x.csv"]
    committed = {"run.sh": "DATA_DIR=/srv/data python app.py\n"}
    assert "/srv/data/x.csv" in texts("import os\nsee(os.environ['DATA_DIR'] + '/x.csv')", committed)


def test_settings_of_a_file() -> None:
    source = "import yaml\ncfg = yaml.safe_load(open('config.yaml'))\nsee(cfg['data']['train_path'])"
    assert texts(source, {"config.yaml": "data:\n  train_path: data/x.csv\n"}) == ["data/x.csv"]
    (found,) = folded(source, {"config.yaml": "data:\n  train_path: data/x.csv\n"})
    assert found.constants == {"setting::train_path"} and found.certainty < 1


def test_a_temporary_file_is_no_name() -> None:
    (found,) = folded("import os, tempfile\nd = tempfile.mkdtemp()\nsee(os.path.join(d, 'x.csv'))")
    assert found.template == (Hole("", "temporary"), "/x.csv")


def test_a_handle_is_its_file() -> None:
    assert texts("with open('data/x.json') as f:\n    see(f)") == ["data/x.json"]
    assert texts("import gzip\nwith gzip.open('data/x.json.gz', 'rt') as f:\n    see(f)") == ["data/x.json.gz"]


# what never ends in the code must end here -------------------------------------------------------------------------------

ENDLESS = {
    "function returning itself": "def f(p):\n    return f(p + 'x')\nsee(f('a'))",
    "mutual recursion": "def f(p):\n    return g(p)\ndef g(p):\n    return f(p) + 'x'\nsee(f('a'))",
    "self-reference": "p = 'a'\nwhile test:\n    p = p + 'b'\nsee(p)",
    "field of itself": "class A:\n    def __init__(self):\n        self.p = self.p + 'x'\n    def go(self):\n        see(self.p)",
    "class of itself": "class A(A):\n    pass\nsee(A.p)",
    "item of itself": "d = {'a': 'x'}\nwhile test:\n    d = d['a']\nsee(d['a']['b'])",
    "circular import": "from b import P\nQ = P\nsee(P)",
    "many branches": "".join(f"if t{i}:\n    p = 'x{i}.csv'\n" for i in range(200)) + "see(p)",
    "many choices": "".join(f"a{i} = 'x' if t{i} else 'y'\n" for i in range(40)) + "see(" + " + ".join(f"a{i}" for i in range(40)) + ")",
    "long sum": "see(" + " + ".join(f"'x{i}'" for i in range(400)) + ")",
    "helpers in a row": "".join(f"def f{i}(p):\n    return f{i + 1}(p) + f{i + 1}(p)\n" for i in range(30)) + "see(f0('a'))",
    "appends in a row": "xs = []\n" + "".join(f"xs.append(f'x{i}.csv')\n" for i in range(300)) + "for x in xs:\n    see(x)",
    "lists in a row": "x0 = ['a']\n"
    + "".join(f"x{i + 1} = sorted(x{i}) if t else list(x{i})\n" for i in range(60))
    + "for x in x60:\n    see(x)",
    "rebound lists": "x = ['a']\nfor i in y:\n" + "    if t:\n        x = sorted(x)\n" * 40 + "for p in x:\n    see(p)",
    "names in a row": "a0 = 'x'\n" + "".join(f"a{i + 1} = a{i} + a{i}\n" for i in range(60)) + "see(a60)",
}


@pytest.mark.parametrize("source", ENDLESS.values(), ids=ENDLESS.keys())
def test_recursion_and_size_end_quickly(source: str) -> None:
    start = perf_counter()
    found = folded(source, {"b.py": "from app import Q\nP = Q\n"})
    assert len(found) <= 12
    assert perf_counter() - start < 5
