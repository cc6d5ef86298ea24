"""SQL text made ready for a parser: holes, templating and placeholders become identifiers that can be turned back; lines stay."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from mldebt.facts.sql_models import is_model, macro, rewritten

_MARK = re.compile(r"__(hole|mark)_(\d{1,9})__")
_JINJA = re.compile(
    r"(?P<comment>\{#(?:[^#{]++|#(?!\})|\{(?!#))*+#\})"
    r"|\{%-?\s*(?P<tag>\w*+)(?P<rest>(?:[^%{]++|%(?!\})|\{(?!%))*+)%\}"
    r"|\{\{(?P<jinja>(?:[^{}\"']++|\"[^\"]*+\"|'[^']*+'|\{[^{}]*+\}|\}(?!\}))*+)\}\}"
)
_BETWEEN = re.compile(r"\bnot\s+loop\.|\bloop\.(?!first\s*-?$|last\s*-?$)")  # does not hold in a loop of one turn
_BLOCKS = frozenset({"if", "for", "snapshot", "filter", "block"})  # their bodies are SQL
_BODIES = frozenset({"macro", "call", "test", "materialization", "docs"})  # theirs are not, or not of this file's statements
_QUOTED = r"\s*['\"]([^'\"]+)['\"]\s*"
_REFERENCE = re.compile(rf"\b(?P<kind>ref|source)\({_QUOTED}(?:,{_QUOTED})?(?:,\s*(?:v|version)\s*=[^()]*)?\)")
_MODEL = re.compile(r"\(\s*MODEL(?:\s+|(?=`))(`[^`]+`(?:\s*\.\s*(?:`[^`]+`|[\w\-]+))*|[\w.\-]+(?:\.`[^`]+`)*)\s*(?=[,)])", re.IGNORECASE)
_TABLE = re.compile(r"([(,]\s*)TABLE\s+(`[^`]+`|[\w.\-]+)(?=\s*[,)])", re.IGNORECASE)
_PLACEHOLDER = re.compile(
    r"\$\{[^{}\n]*\}|\$\([\w. ]+\)"
    r"|(?<![\w$])\$[A-Za-z_]\w*(?![\w$])"
    r"|\{(?:[A-Za-z_0-9][\w.]*(?:\[[^\]{}]*\])*(?:\([^(){}]*\))?)?(?:![rsa])?(?::[^{}\n']*)?\}"
    r"|%\(\w+\)[sdif]|(?<!%)%(?:\.\d+)?[sdifr](?![\w%])"
)
_CLIENT = re.compile(r"^[ \t]*(?:\\(?!copy\b)|\.(?=[a-z]+(?:\s|$))|!(?=[a-z])|%(?=sql\b|%))[^\n]*", re.MULTILINE)
_COPY = re.compile(r"^([ \t]*)\\(copy\b)", re.MULTILINE | re.IGNORECASE)
_BATCH = re.compile(r"^[ \t]*(?:GO|/)[ \t]*$", re.MULTILINE)
_REWRITES = (
    (re.compile(r"\b(DIRECTORY\s+'[^'\n]*')\s+USING\s+\w+(?:\s+OPTIONS\s*\([^()]*\))?", re.IGNORECASE), r"\1"),
    (re.compile(r"(^|;)(\s*)REPLACE\s+INTO\b", re.IGNORECASE), r"\1\2INSERT INTO"),
)  # what means the same to us and what parsers know
SELF = "dbt:"  # the relation that a dbt model makes, as it names itself


class Prepared(msgspec.Struct, frozen=True):
    """Text without templating. `marks[n]` is what stood where the identifier `__mark_n__` is now."""

    text: str
    marks: tuple[str, ...] = ()
    references: tuple[tuple[str, int], ...] = ()  # what dbt's ref and source name anywhere, with the line
    templated: bool = False
    learns: bool = False  # dbt makes a model that learns from the query


def fill(pieces: Sequence[str | None]) -> str:
    """Pieces of a string as one text; the n-th unknown piece becomes the identifier `__hole_n__`."""
    parts: list[str] = []
    holes = 0
    for piece in pieces:
        parts.append(f"__hole_{holes}__" if piece is None else piece)
        holes += piece is None
    return "".join(parts)


def prepare(text: str) -> Prepared:
    """The text with everything that no SQL parser knows replaced."""
    marks: list[str] = []
    references: list[tuple[str, int]] = []
    templated = "{{" in text or "{%" in text or "{#" in text
    learns = templated and is_model(text)
    if templated:
        text = _rendered(text, marks, references)
    if "\n" in text or text[:1] in "\\.!%":
        text = _BATCH.sub(";", _CLIENT.sub("", _COPY.sub(r"\1\2", text)))

    def mark(found: re.Match[str]) -> str:
        return _mark(marks, found[0])

    text = rewritten(_PLACEHOLDER.sub(mark, text).replace("%%", "%"))
    for pattern, other in _REWRITES:
        text = pattern.sub(other, text)
    if _MODEL.search(text):
        text = _MODEL.sub(lambda found: "(" + _mark(marks, "model:" + re.sub(r"[`\s]", "", found[1])) + _newlines(found[0]), text)
        text = _TABLE.sub(r"\1(SELECT * FROM \2)", text)
    return Prepared(text, tuple(marks), tuple(references), templated, learns)


def restored(name: str, marks: Sequence[str]) -> str:
    """The name as the text spells it, with `{n}` for the n-th hole of `fill`."""
    for _ in range(3):  # a mark may hold another
        if "__" not in name:
            break
        name = _MARK.sub(lambda m: f"{{{m[2]}}}" if m[1] == "hole" else marks[int(m[2])] if int(m[2]) < len(marks) else m[0], name)
    return name


def is_hole(name: str) -> bool:
    """Whether the whole name stands for unknown text."""
    return _MARK.fullmatch(name) is not None


def _mark(marks: list[str], original: str) -> str:
    marks.append(original)
    return f"__mark_{len(marks) - 1}__" + _newlines(original)


def _newlines(text: str) -> str:
    return "\n" * text.count("\n")


def _rendered(text: str, marks: list[str], references: list[tuple[str, int]]) -> str:
    """Without Jinja: of a choice the first branch stays, of a loop one turn; a reference becomes a name."""
    parts: list[str] = []
    dropped: list[bool] = []  # of each open block, whether its text goes
    at = 0
    for found in _JINJA.finditer(text):
        between = text[at : found.start()]
        parts.append(_newlines(between) if any(dropped) else between)
        at = found.end()
        tag = found["tag"] or ""
        if tag in _BLOCKS or tag in _BODIES or (tag == "set" and "=" not in (found["rest"] or "")):
            dropped.append(tag not in _BLOCKS or (tag == "if" and _BETWEEN.search(found["rest"]) is not None))
        elif tag in ("else", "elif") and dropped:
            dropped[-1] = True
        elif tag.startswith("end") and dropped:
            dropped.pop()
        inside = found["jinja"] if found["jinja"] is not None else found["rest"] or ""
        line = text.count("\n", 0, found.start()) + 1
        references.extend((_referred(each), line + inside.count("\n", 0, each.start())) for each in _REFERENCE.finditer(inside))
        shown = "" if found["jinja"] is None or any(dropped) else _expression(found["jinja"].strip(" \n\t-"), marks)
        parts.append(shown + _newlines(found[0]))
    rest = text[at:]
    return "".join(parts) + (_newlines(rest) if any(dropped) else rest)


def _expression(inside: str, marks: list[str]) -> str:
    if inside.startswith("config(") or not inside:
        return ""
    if (asked := macro(inside)) is not None:
        function, model, rows = asked
        table = f", TABLE {_expression(rows, marks) if rows.startswith('ref') else rows[1:-1]}" if rows else ""
        return f"ML.{function}(MODEL {_expression(model, marks)}{table})"
    named = _REFERENCE.fullmatch(inside)
    original = _referred(named) if named else SELF if inside == "this" else "{{ " + " ".join(inside.split()) + " }}"
    return _mark(marks, original)


def _referred(found: re.Match[str]) -> str:
    """`dbt:model`, or `dbt:source.table`; the package of `ref('package', 'model')` is left out."""
    first, second = found[2], found[3]
    if found["kind"] == "source":
        return f"dbt:{first}.{second}" if second else f"dbt:{first}"
    return f"dbt:{second or first}"
