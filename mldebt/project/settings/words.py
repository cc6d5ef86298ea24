"""Every word of a project that can be the name of a key that something reads."""

from __future__ import annotations

import re
from functools import cached_property

from mldebt.facts.model import Call, Const
from mldebt.project.project import Project
from mldebt.sources.model import Language

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*+")
_CONFIGURED = frozenset({Language.YAML, Language.TOML, Language.JSON, Language.INI, Language.ENV})


class Words:
    """Words of Python, SQL and scripts, and of the values of configuration: a value may choose or interpolate another key."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def has(self, name: str) -> bool:
        """Whether the word stands anywhere; an option `--some-name` is the word `some_name`, too."""
        plain = name.replace("-", "_").lower()
        return plain in self._code or plain in self._elsewhere or plain in self._values

    @cached_property
    def _code(self) -> frozenset[str]:
        found = set(self._project.attribute_names)
        texts: set[str] = set()
        for module in self._project.python:
            values = module.facts.values
            for scope in module.facts.scopes:
                found.update(scope.names)
                found.update(scope.strings)
                found.update(scope.dotted)
                found.update(p.name for p in scope.parameters)
                texts.update(scope.qualified)
            texts.update(v for i in module.of_kind(Const) if type(v := values[i].value) is str)  # type: ignore[union-attr]
            found.update(n for i in module.of_kind(Call) for n, _ in values[i].keywords)  # type: ignore[union-attr]
        return frozenset(_split(texts) | {name.replace("-", "_").lower() for name in found})

    @cached_property
    def _elsewhere(self) -> frozenset[str]:
        """Words of scripts, queries, templates, and of the commands of any file."""
        found: set[str] = set()
        texts: set[str] = set()
        for module in self._project.modules.values():
            if not module.is_python and module.source.language not in _CONFIGURED and module.source.language is not Language.DOCUMENT:
                found.update(word.lower() for word in module.facts.words)
            for command in module.facts.commands:
                texts.update(command.argv)
        return frozenset(found | _split(texts))

    @cached_property
    def _values(self) -> frozenset[str]:
        """Words of the values of all configuration files."""
        texts = {
            s.value
            for m in self._project.modules.values()
            if m.source.language in _CONFIGURED
            for s in m.facts.settings
            if type(s.value) is str and len(s.value) < 2000
        }
        return frozenset(_split(texts))


def _split(texts: set[str]) -> set[str]:
    """The words of texts, in lower case; those that hyphens join are words of their own and one together."""
    whole = "\n".join(texts)
    joined = "\n".join(text.replace("-", "_") for text in texts if "-" in text)
    return {word.lower() for word in {*_WORD.findall(whole), *_WORD.findall(joined)}}
