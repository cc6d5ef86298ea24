"""Strings from options, the environment and configuration files."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from mldebt.project.artifacts.fold import Folder
from mldebt.project.artifacts.templates import text
from tests.project.reading import argument, project_of


def texts(source: str, files: Mapping[str, str] | None = None, *, options: bool = True) -> list[str]:
    project = project_of({"app.py": source, **(files or {})})
    module = project.modules["app.py"]
    return sorted(text(f.template) for f in Folder(project, options=options).fold(module, argument(module)))


PARSER = "import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--out-dir', default='data')\n"
DOCKER = "FROM python:3.11\nENV DATA_DIR=/srv/data\nCMD python app.py\n"
YAML = "data:\n  path: data/x.csv\nother:\n  path: data/y.csv\n"
READ = "import yaml\ncfg = yaml.safe_load(open('config.yaml'))\n"


def test_an_option_read_in_another_function() -> None:
    source = PARSER + "def main(args):\n    see(args.out_dir + '/x.csv')\nmain(parser.parse_args())\n"
    assert texts(source) == ["data/x.csv"]
    assert texts(source, {"run.sh": "python app.py --out-dir /tmp/a\npython app.py --out-dir=b\n"}) == ["/tmp/a/x.csv", "b/x.csv"]
    assert texts(source, options=False) in (["{out_dir}/x.csv"], ["{args}/x.csv"])


def test_an_option_without_a_default() -> None:
    source = "import argparse\np = argparse.ArgumentParser()\np.add_argument('--out')\nargs = p.parse_args()\nsee(args.out)\n"
    assert texts(source) == ["{out}"]
    assert texts(source, {"run.sh": "python app.py --out x.csv\n"}) == ["x.csv"]


def test_two_scripts_with_one_option_name() -> None:
    other = PARSER.replace("'data'", "'other'") + "args = parser.parse_args()\nprint(args.out_dir)\n"
    assert texts(PARSER + "args = parser.parse_args()\nsee(args.out_dir)", {"b.py": other}) == ["data"]


def test_argv() -> None:
    assert texts("import sys\nsee(sys.argv[0])") == ["app.py"]
    assert texts("import sys\nsee(sys.argv[2])", {"run.sh": "python app.py a.csv b.csv\n"}) == ["b.csv"]
    assert texts("import sys\nsee(sys.argv[2])", {"run.sh": "python app.py a.csv\n"}) == ["{argv2}"]


@pytest.mark.parametrize("read", ["os.environ['DATA_DIR']", "os.environ.get('DATA_DIR')", "os.getenv('DATA_DIR')"])
def test_environment(read: str) -> None:
    assert texts(f"import os\nsee({read})") == ["{DATA_DIR}"]
    assert texts(f"import os\nsee({read})", {"run.sh": "DATA_DIR=data python app.py\n"}) == ["data"]
    assert texts(f"import os\nsee({read})", {"compose.yaml": "services:\n  app:\n    environment:\n      DATA_DIR: data\n"}) == ["data"]
    assert texts(f"import os\nsee({read})", {"tests/run.sh": "DATA_DIR=data python app.py\n"}) == ["{DATA_DIR}"]


def test_environment_of_a_dockerfile() -> None:
    assert texts("import os\nsee(os.environ['DATA_DIR'])", {"Dockerfile": DOCKER}) == ["/srv/data"]


def test_a_committed_value_stands_beside_the_default() -> None:
    source = "import os\nsee(os.environ.get('DATA_DIR', 'here'))"
    assert texts(source, {"run.sh": "DATA_DIR=data python app.py\n"}) == ["data", "here"]


def test_settings() -> None:
    assert texts(READ + "see(cfg['data']['path'])", {"config.yaml": YAML}) == ["data/x.csv"]
    assert texts(READ + "see(cfg['other']['path'])", {"config.yaml": YAML}) == ["data/y.csv"]
    assert texts("def f(cfg):\n    see(cfg.data.path)\nf(load('config.yaml'))", {"config.yaml": YAML}) == ["data/x.csv"]
    assert texts(READ + "see(cfg['data']['name'])", {"config.yaml": YAML}) == ["{name}"]


def test_a_setting_of_a_folder_comes_before_others() -> None:
    files = {
        "a/config.yaml": "train_path: a/x.csv\n",
        "b/config.yaml": "train_path: b/x.csv\n",
        "a/job.py": "def f(cfg):\n    see(cfg['train_path'])\nf(load('config.yaml'))",
    }
    project = project_of(files)
    module = project.modules["a/job.py"]
    assert [text(f.template) for f in Folder(project).fold(module, argument(module))] == ["a/x.csv"]


def test_too_many_values_are_a_hole_that_keeps_its_name() -> None:
    files = {f"conf/c{i}.yaml": f"train_path: data/x{i}.csv\n" for i in range(5)}
    project = project_of({"app.py": READ + "see(cfg['train_path'])", **files})
    module = project.modules["app.py"]
    (found,) = Folder(project).fold(module, argument(module))
    assert text(found.template) == "{train_path}" and found.constants == {"setting::train_path"}


@pytest.mark.parametrize("read", ["vars(parser.parse_args())", "parser.parse_args().__dict__"])
def test_options_as_a_mapping(read: str) -> None:
    plain = f"{PARSER}given = {read}\nsee(given['out_dir'] + '/x.csv')\n"
    assert texts(plain) == ["data/x.csv"]
    assert texts(plain, {"run.sh": "python app.py --out-dir b\n"}) == ["b/x.csv"]
    function = f"{PARSER}def read():\n    given = {read}\n    return given\ndef main():\n    given = read()\n    see(given['out_dir'])\n"
    assert texts(function) == ["data"]
    assert texts(f"{PARSER}given = dict(a=1)\nsee(given['out_dir'])\n") == ["{out_dir}"]
