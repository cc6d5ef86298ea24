"""What is said of configuration without a schema."""

from __future__ import annotations

from tests.checks.conftest import Found


def test_the_file_is_named_where_it_is_known(found: Found):
    names = [f"key_{n}" for n in range(12)]
    code = "import yaml\n\nwith open('run.yaml') as file:\n    settings = yaml.safe_load(file)\n"
    reads = "".join(f"print(settings['{name}'])\n" for name in names)
    (one,) = found("unvalidated_config", {"run.py": code + reads})
    assert one.message.startswith("what `settings` holds is read by its keys in 12 places of this file")
    (one,) = found("unvalidated_config", {"run.py": code + reads, "run.yaml": "".join(f"{name}: 1\n" for name in names)})
    assert one.message.startswith("`run.yaml` is read by its keys in 12 places of this file")
    assert (one.size, len(one.evidence)) == (12, 12)


def test_evaluated_settings(found: Found):
    code = (
        "def read(text):\n    try:\n        return eval(text)\n    except Exception:\n        return text\n\n\nprint(read(config.rate))\n"
    )
    (one,) = found("unvalidated_config", {"run.py": code})
    assert (one.location.line, one.confidence, one.evidence[0].line) == (1, 0.85, 8)


KEYS = [f"key_{n}" for n in range(12)]
LOAD = "import yaml\n\n\ndef load(path):\n    with open(path) as file:\n        return yaml.safe_load(file)\n\n\nsettings = load(PATH)\n"


def test_a_record_that_is_copied_is_no_configuration(found: Found):
    copied = "entry = {" + ", ".join(f"'{k}': settings.get('{k}', 0)" for k in KEYS) + "}\n"
    assert not found("unvalidated_config", {"run.py": LOAD + copied})
    used = "".join(f"print(settings['{k}'])\n" for k in KEYS)
    assert found("unvalidated_config", {"run.py": LOAD + used})


def test_files_of_one_kind_are_one_finding(found: Found):
    used = "".join(f"print(settings['{k}'])\n" for k in KEYS)
    (one,) = found("unvalidated_config", {"one.py": LOAD + used, "two.py": LOAD + used})
    assert one.size == 24
