"""Which committed file a load is of."""

from __future__ import annotations

from tests.project.reading import project_of

LOAD = "import yaml\n\n\ndef load(path):\n    with open(path) as f:\n        return yaml.safe_load(f)\n\n\n"


def served(files: dict[str, str]) -> set[tuple[str, bool]]:
    return {(one.file.module.path, one.named) for one in project_of(files).settings.served}


def test_a_constant_path_and_its_twin() -> None:
    twin = "rows: 1\nrate: 2\ndepth: 3\n"
    files = {
        "conf/a.yaml": twin,
        "conf/b.yaml": twin,
        "conf/c.yaml": "other: 1\n",
        "run.py": LOAD + "c = load('./conf/a.yaml')\nprint(c['rows'])\n",
    }
    assert served(files) == {("conf/a.yaml", True), ("conf/b.yaml", False)}


def test_the_nearest_of_one_name() -> None:
    files = {"a/conf.yaml": "rows: 1\n", "b/conf.yaml": "rows: 1\n", "b/run.py": LOAD + "c = load('conf.yaml')\nprint(c['rows'])\n"}
    assert served(files) == {("b/conf.yaml", True)}


def test_a_file_of_another_program_is_not_served() -> None:
    files = {"other/conf.yaml": "rows: 1\n", "run/run.py": LOAD + "c = load('conf.yaml')\nprint(c['rows'])\n"}
    assert served(files) == set()


def test_the_default_of_an_option() -> None:
    source = (
        LOAD
        + "import argparse\np = argparse.ArgumentParser()\np.add_argument('--config', default='conf/a.yaml')\n"
        + "c = load(p.parse_args().config)\nprint(c['rows'])\n"
    )
    assert served({"conf/a.yaml": "rows: 1\n", "run.py": source}) == {("conf/a.yaml", True)}


def test_an_unknown_path_is_the_file_with_the_keys() -> None:
    source = LOAD + "import sys\nc = load(sys.argv[1])\nprint(c['rows'], c['rate'], c['depth'], c['folds'])\n"
    files = {"conf/a.yaml": "rows: 1\nrate: 1\ndepth: 1\nfolds: 1\n", "conf/b.yaml": "rows: 1\n", "run.py": source}
    assert served(files) == {("conf/a.yaml", False)}


def test_layers_of_an_entry_point() -> None:
    source = "import hydra\n\n\n@hydra.main(config_path='conf', config_name='main')\ndef main(cfg):\n    print(cfg.model.depth, cfg.rows)\n"
    files = {"conf/main.yaml": "rows: 1\n", "conf/model/tree.yaml": "depth: 1\nwidth_of_tree: 2\n", "run.py": source}
    project = project_of(files)
    assert [(u.keys, u.files[0].module.path) for u in project.settings.unread()] == [(("model", "width_of_tree"), "conf/model/tree.yaml")]
    assert project.settings.missing() == []


def test_names_of_options_are_the_same_in_any_case() -> None:
    source = "import configparser\n\nc = configparser.ConfigParser()\nc.read('run.cfg')\n"
    source += "print(c['S3']['log_data'], c.get('S3', 'song'), c['S3']['gone'])\n"
    project = project_of({"run.cfg": "[S3]\nLOG_DATA=x\nSONG=y\n", "run.py": source})
    assert [[keys for keys, _ in m.reads] for m in project.settings.missing()] == [[("S3", "gone")]]
