"""One source -> Facts. The only place that imports libcst."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mldebt.facts.model import Facts
    from mldebt.sources.model import Source, Text


def extract(source: Source, text: Text) -> Facts:
    """What one file says. Depends on its text and language alone."""
    if source.language in ("python", "notebook"):
        from mldebt.facts.python import python_facts

        return python_facts(text, source.language.value)
    from mldebt.facts.configs import extract as config_facts

    facts = config_facts(text, source.language)
    if source.language == "sql":
        from mldebt.facts.sql import with_statements

        return with_statements(facts, text.text)
    return facts
