"""Lock files of several package managers say which version of a package is installed."""

from __future__ import annotations

import pytest

from mldebt.facts import extract
from mldebt.facts.locks import locked
from mldebt.sources.languages import language_of, source_of
from mldebt.sources.model import Language, Text

UV = 'version = 1\n\n[[package]]\nname = "torch"\nversion = "2.3.1"\nsource = { registry = "https://pypi.org/simple" }\n'
OLD_POETRY = '[[package]]\ncategory = "main"\nname = "torch"\noptional = false\npython-versions = ">=3.8"\nversion = "2.3.1"\n'
PIPENV = '{"default": {\n        "torch": {\n            "hashes": ["sha256:0a"],\n            "version": "==2.3.1"\n        }\n }}\n'
CONDA = "package:\n- name: torch\n  version: 2.3.1\n  manager: pip\n"
PIXI = "packages:\n- kind: pypi\n  name: torch\n  version: 2.3.1\n"


@pytest.mark.parametrize("text", [UV, OLD_POETRY, PIPENV, CONDA, PIXI])
def test_the_version_of_each_package(text: str) -> None:
    (only,) = locked(text)
    assert (only.keys, only.value) == (("locked", "torch"), "2.3.1")
    assert "torch" in text.split("\n")[only.line - 1]


def test_lock_files_are_read_and_say_nothing_else() -> None:
    names = ("uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "pylock.toml", "Pipfile.lock", "conda-lock.yml")
    assert {language_of(name) for name in names} == {Language.LOCK}
    assert language_of("Cargo.lock") is None
    source = source_of("app/uv.lock")
    assert source is not None
    facts = extract(source, Text(UV, 6))
    assert [s.value for s in facts.settings] == ["2.3.1"]
    assert not facts.words and not facts.unread
