"""One source -> Facts. The only place that imports libcst."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mldebt.facts.model import Facts
    from mldebt.sources.model import Language, Source, Text

# what begins a comment
_COMMENTS = dict.fromkeys(("yaml", "toml", "ini", "env", "shell", "makefile", "dockerfile"), "#") | {"sql": "--"}


def extract(source: Source, text: Text) -> Facts:
    """What one file says. Depends on its text and language alone."""
    if source.language in ("python", "notebook"):
        from mldebt.facts.python import python_facts

        return python_facts(text, source.language.value)
    from mldebt.facts.configs import extract as config_facts

    facts = _with_debt(config_facts(text, source.language), source.language, text.text)
    if source.language == "sql":
        from mldebt.facts.sql import with_statements

        return with_statements(facts, text.text)
    return facts


def _with_debt(facts: Facts, language: Language, text: str) -> Facts:
    """With the comments of debt in a file that is not Python."""
    sign = _COMMENTS.get(language.value, "")
    if not sign or sign not in text:
        return facts
    import msgspec

    from mldebt.facts.comments import debt_comments

    return msgspec.structs.replace(facts, debt_comments=tuple(debt_comments(text.split("\n"), sign=sign)))
