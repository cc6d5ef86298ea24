"""Configuration that is read by its keys without a schema."""

from __future__ import annotations

import pytest

from mldebt.project.unvalidated import LEAST, Configurations
from tests.project.reading import project_of

LOAD = "import yaml\n\nwith open('run.yaml') as file:\n    settings = yaml.safe_load(file)\n"


def reads(count: int) -> str:
    return "".join(f"print(settings['key_{n}'])\n" for n in range(count))


def found(files: dict[str, str]) -> list[tuple[str, int, int]]:
    return [(one.module.path, one.site.span.line, len(one.reads)) for one in Configurations(project_of(files)).unvalidated()]


def test_in_more_than_ten_places():
    assert found({"run.py": LOAD + reads(LEAST)}) == [("run.py", 4, LEAST)]
    assert found({"run.py": LOAD + reads(LEAST - 1)}) == []


def test_sections_on_the_way_do_not_count():
    nested = "".join(f"print(settings['net'].get('key_{n}'))\n" for n in range(LEAST))
    assert found({"run.py": LOAD + nested}) == [("run.py", 4, LEAST)]


@pytest.mark.parametrize(
    "check",
    [
        "import jsonschema\n",
        "assert settings['key_1'] > settings['key_2']\n",
        "if 'key_2' not in settings or settings.get('key_3') == 0:\n    raise KeyError\n",
        "for key in KEYS:\n    if key not in settings:\n        raise KeyError\n",
        "def check_config(given):\n    return given\n",
    ],
)
def test_checks_of_some_of_its_keys_are_enough(check: str):
    assert found({"run.py": LOAD + reads(20) + check}) == []


def test_a_choice_that_ends_in_an_error_is_no_check_of_the_rest():
    choice = "if settings['key_1'] == 'a':\n    print(1)\nelse:\n    raise NotImplementedError\n"
    assert len(found({"run.py": LOAD + reads(20) + choice})) == 1


def test_fields_of_a_record():
    record = "from dataclasses import dataclass\n\n\n@dataclass\nclass Run:\n    a: int\n\n\n"
    fields = ", ".join(f"k{n}=settings['key_{n}']" for n in range(20))
    fill = f"Run({fields})\n"
    assert found({"run.py": record + LOAD + fill}) == []
    assert len(found({"run.py": LOAD + fill.replace("Run(", "dict(")})) == 1


def test_through_a_helper_it_is_the_call_outside():
    helper = "import yaml\n\n\ndef load(path):\n    with open(path) as file:\n        return yaml.safe_load(file)\n"
    one = "from helper import load\n\nsettings = load('a.yaml')\n" + reads(12)
    two = "from helper import load\n\nsettings = load('b.yaml')\n" + reads(3)
    assert found({"helper.py": helper, "one.py": one, "two.py": two}) == [("one.py", 3, 12)]


def test_json_is_data_unless_its_name_says_otherwise():
    code = "import json\n\nwith open('{0}.json') as file:\n    {0} = json.load(file)\n"
    body = reads(12)
    assert found({"run.py": code.format("issue") + body.replace("settings", "issue")}) == []
    assert len(found({"run.py": code.format("settings") + body})) == 1
