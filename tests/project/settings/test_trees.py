"""What is read of a loaded file, and what is passed on whole."""

from __future__ import annotations

from mldebt.project.settings.model import Loaded
from mldebt.project.settings.trees import Trees
from tests.project.reading import project_of


def loaded(files: dict[str, str]) -> list[Loaded]:
    trees = Trees(project_of(files))
    assert trees.complete
    return list(trees.found.values())


def reads(files: dict[str, str]) -> set[str]:
    return {".".join(r.keys) for one in loaded(files) for r in one.reads}


LOAD = "import yaml\nwith open('a.yaml') as f:\n    c = yaml.safe_load(f)\n"


def test_chains_of_items_and_get() -> None:
    assert reads({"run.py": LOAD + "print(c['model']['depth'], c['data'].get('rows', 3))\n"}) == {
        "model",
        "model.depth",
        "data",
        "data.rows",
    }


def test_through_a_function_and_back() -> None:
    source = LOAD + "def part(x):\n    return x['model']\nprint(part(c)['depth'])\n"
    assert reads({"run.py": source}) == {"model", "model.depth"}


def test_two_loads_through_one_helper_stay_apart() -> None:
    source = (
        "import yaml\n\n\ndef load(path):\n    with open(path) as f:\n        return yaml.safe_load(f)\n\n\n"
        "a = load('a.yaml')\nb = load('b.yaml')\nprint(a['x'], b['y'])\n"
    )
    found = [{".".join(r.keys) for r in one.reads} for one in loaded({"run.py": source})]
    assert {"x"} in found
    assert {"y"} in found
    assert {"x", "y"} not in found


def test_fields_of_objects_and_imported_names() -> None:
    files = {
        "conf.py": LOAD,
        "run.py": "import conf\nfrom conf import c\n\n\nclass Run:\n    def __init__(self):\n        self.c = c\n\n"
        "    def go(self):\n        return self.c['depth'], conf.c['rows']\n",
    }
    assert reads(files) == {"depth", "rows"}


def test_what_goes_out_of_sight_is_whole() -> None:
    (one,) = loaded({"run.py": LOAD + "from sklearn.svm import SVC\nprint(SVC(**c['svm']), c['rows'])\n"})
    assert list(one.whole) == [("svm",)]


def test_a_loop_and_a_computed_key_are_whole() -> None:
    (one,) = loaded({"run.py": LOAD + "import sys\nfor k in c['names']:\n    print(k)\nprint(c['other'][sys.argv[1]])\n"})
    assert set(one.whole) == {("names",), ("other",)}


def test_printing_is_no_read() -> None:
    (one,) = loaded({"run.py": LOAD + "print(c)\nprint(yaml.dump(c))\nprint(c['rows'])\n"})
    assert not one.whole


def test_dumping_to_a_file_is_a_read() -> None:
    (one,) = loaded({"run.py": LOAD + "yaml.dump(c, open('b.yaml', 'w'))\n"})
    assert () in one.whole


def test_layers_make_it_open() -> None:
    (one,) = loaded({"run.py": LOAD + "c.update(other())\nprint(c['rows'])\n"})
    assert one.open


def test_reads_under_a_condition_are_not_sure() -> None:
    source = LOAD + "import sys\nif sys.argv[1] == 'x':\n    print(c['a'])\nprint(c['b'])\nif __name__ == '__main__':\n    print(c['d'])\n"
    (one,) = loaded({"run.py": source})
    assert {r.keys[0]: r.sure for r in one.reads} == {"a": False, "b": True, "d": True}


def test_a_value_that_holds_itself_ends() -> None:
    source = LOAD + "for _ in range(9):\n    c = c['next']\n\n\ndef f(x):\n    return f(x['n'])\n\n\nf(c)\n"
    assert {"next", "n"} <= reads({"run.py": source})


def test_odd_calls_do_not_stop_the_walk() -> None:
    source = LOAD + "getattr(**c)\nc()\nc.get()\nhasattr(c)\nprint(*c, **c['x'])\nc.get(*c)\nlambda: c['y']\n"
    assert {"x", "y"} <= reads({"run.py": source})
