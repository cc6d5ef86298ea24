"""The shape of the code: imports go one way, the checks know no packages, files stay short."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest
from importlinter.api import read_configuration
from importlinter.cli import lint_imports

from mldebt.catalogue import load_catalogue

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "mldebt").rglob("*.py"))
LIMIT = 500


def test_the_import_contracts_hold(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert code == 0, capsys.readouterr().out


def test_every_module_has_a_place_in_the_layers():
    layers = next(one for one in _contracts() if one["type"] == "layers")["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    modules = {f"mldebt.{path.stem}" for path in (ROOT / "mldebt").glob("*.py")}
    packages = {f"mldebt.{path.parent.name}" for path in (ROOT / "mldebt").glob("*/__init__.py")}
    assert (modules | packages) - placed == {"mldebt.__init__", "mldebt.__main__"}


def _contracts() -> list[dict[str, object]]:
    return read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]


def test_only_facts_import_libcst():
    found = {
        path.relative_to(ROOT).parts[1] for path in SOURCES if re.search(r"^\s*(import|from) libcst\b", path.read_text(), re.MULTILINE)
    }
    assert found == {"facts"}


def test_checks_name_no_package():
    catalogue = load_catalogue()
    names = {part.split(".")[0] for package in catalogue.packages for part in (package.package, *package.imports)}
    assert {"sklearn", "torch"} <= names
    offenders = []
    for path in sorted((ROOT / "mldebt" / "checks").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and not _is_docstring(node.value):
                word = re.match(r"[\w-]+(?=\.|$)", node.value)
                if word and word[0] in names - ORDINARY_WORDS:
                    offenders.append(f"{path.name}:{node.lineno}: {node.value!r}")
    assert offenders == []


# `builtins` is the language, the others are import names that are also words.
ORDINARY_WORDS = frozenset({"attr", "builtins", "copy", "http", "json", "operator", "random", "secrets", "string", "typing"})


def _is_docstring(text: str) -> bool:
    return " " in text


def test_files_stay_short():
    long = {str(path.relative_to(ROOT)): count for path in SOURCES if (count := len(path.read_text().splitlines())) > LIMIT}
    assert long == {}


def test_nothing_executes_or_imports_what_is_scanned():
    allowed = {"mldebt/checks/__init__.py", "mldebt/data_pass/reading/imported.py"}
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text())):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            bad = called in (
                "eval",
                "exec",
                "__import__",
                "runpy.run_path",
                "pickle.load",
                "pickle.loads",
                "yaml.load",
                "importlib.import_module",
            )
            assert not bad or str(path.relative_to(ROOT)) in allowed, f"{path}:{node.lineno}: {called}"
