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

    facts = _with_comments(config_facts(text, source.language), source.language, text.text)
    if source.language == "sql":
        from mldebt.facts.sql import with_statements

        return with_statements(facts, text.text)
    return facts


def _with_comments(facts: Facts, language: Language, text: str) -> Facts:
    """With what the comments of a file that is not Python say: admitted debt, and mldebt's own suppressions."""
    sign = _COMMENTS.get(language.value, "")
    if not sign or sign not in text:
        return facts
    import msgspec

    from mldebt.facts import comments

    lines = text.split("\n")
    found = tuple(comments.debt_comments(lines, sign=sign))
    facts = msgspec.structs.replace(facts, debt_comments=found) if found else facts
    if "mldebt" not in text:
        return facts
    if sign != "#":
        lines = [line.replace(sign, "#", 1) for line in lines]
    said = [(number, number) for number, line in enumerate(lines, 1) if line.strip() and not line.lstrip().startswith("#")]
    return msgspec.structs.replace(facts, suppressions=tuple(comments.suppressions(lines, set(), said)))
