"""Settings that are evaluated as code and kept as text."""

from __future__ import annotations

from mldebt.project.evaluated_settings import evaluated_settings
from tests.project.reading import project_of

KEPT = "import ast\n\n\ndef read(text):\n    try:\n        return {0}(text)\n    except Exception:\n        return text\n\n\n"


def found(code: str) -> list[tuple[str, str, bool, int]]:
    return [(one.scope.name, one.evaluator, one.runs_code, len(one.calls)) for one in evaluated_settings(project_of({"run.py": code}))]


def test_a_setting_goes_in():
    assert found(KEPT.format("eval") + "print(read(config.rate), read(config['depth']))\n") == [("read", "eval", True, 2)]
    assert found(KEPT.format("ast.literal_eval") + "print(read(params.rate))\n") == [("read", "ast.literal_eval", False, 1)]


def test_what_is_no_setting():
    assert found(KEPT.format("eval") + "print(read(row.cell))\n") == []
    assert found(KEPT.format("float") + "print(read(config.rate))\n") == []


def test_a_failure_that_is_told():
    told = KEPT.format("eval").replace("        return text", "        raise")
    assert found(told + "print(read(config.rate))\n") == []
