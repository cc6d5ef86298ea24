"""Models in SQL: the ways of Snowflake, Redshift and dbt to train and ask one, written as BigQuery does, which parsers know; lines stay."""

from __future__ import annotations

import re
from collections.abc import Callable

_NAME = r"(?:[\w.$\-]|`[^`\n]*`|\"[^\"\n]*\")+"
_METHODS = "PREDICT|PREDICT_PROBA|FORECAST|DETECT_ANOMALIES|CLASSIFY"
# Functions of a model that give what it predicts; all others tell of the model itself.
_ASKING = (
    *("PREDICT", "FORECAST", "RECOMMEND", "DETECT_ANOMALIES", "EXPLAIN_PREDICT", "EXPLAIN_FORECAST", "CLASSIFY", "GENERATE_TEXT"),
    *("GENERATE_TABLE", "GENERATE_EMBEDDING", "GENERATE_TEXT_EMBEDDING", "UNDERSTAND_TEXT", "TRANSLATE", "ANNOTATE_IMAGE"),
)
_ASKED = re.compile(rf"\bML\s*\.\s*(?:{'|'.join(_ASKING)})\s*\(\s*(?P<model>__mark_\d+__)", re.IGNORECASE)
_SNOWFLAKE = re.compile(
    rf"\bCREATE(?P<replace>\s+OR\s+REPLACE)?\s+SNOWFLAKE\.ML\.(?P<type>\w+)\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_NAME})\s*(?=\()",
    re.IGNORECASE,
)
_INPUT = re.compile(
    r"\bINPUT_DATA\s*=>\s*(?:SYSTEM\$QUERY_REFERENCE\s*\(\s*(?P<quote>'|\$\$)(?P<query>.*?)(?P=quote)"
    rf"|(?:TABLE|SYSTEM\$REFERENCE)\s*\((?:\s*'\w+'\s*,)?\s*'?(?P<table>{_NAME}))",
    re.IGNORECASE | re.DOTALL,
)
_METHOD = re.compile(rf"(?<![\w.$`\"\-])(?P<name>{_NAME})!(?P<method>{_METHODS})\s*\(", re.IGNORECASE)
_RESULTS = re.compile(
    rf"\bCALL\s+(?P<name>{_NAME})!(?P<method>{_METHODS})\s*\(|\bTABLE\s*\(\s*RESULT_SCAN\s*\((?:[^()]|\([^()]*\))*\)\s*\)", re.IGNORECASE
)
_REDSHIFT = re.compile(rf"\bCREATE\s+MODEL\s+(?P<name>{_NAME})\s+FROM\s*(?:(?=\()|(?P<table>{_NAME}))", re.IGNORECASE)
_FUNCTION = re.compile(rf"\bFUNCTION\s+(?P<name>{_NAME})", re.IGNORECASE)
_MACRO = re.compile(
    r"(?:\w+\.)?(?P<method>predict|forecast|detect_anomalies|recommend)\s*\(\s*(?P<model>ref\([^()]*\))\s*"
    r"(?:,\s*(?P<rows>ref\([^()]*\)|['\"]\w+['\"])\s*)?(?:,.*)?\)",
    re.DOTALL,
)
_IMMEDIATE = re.compile(
    r"\bEXECUTE\s+IMMEDIATE\s*(?P<format>FORMAT\s*\(\s*)?(?P<quote>\"\"\"|'''|\$\$)(?P<body>.*?)(?P=quote)(?P<rest>[^;]*)",
    re.IGNORECASE | re.DOTALL,
)
_MATERIALIZED = re.compile(r"\bmaterialized\s*=\s*['\"](?:ml_)?model['\"]")


def rewritten(text: str) -> str:
    """The text, with what trains and asks models in BigQuery's words; a statement that is executed from a text stands for itself."""
    lower = text.lower()
    if "immediate" in lower:
        text = _IMMEDIATE.sub(lambda m: "\n" * _breaks(m[0], m["body"], m["rest"]) + m["body"] + "\n" * m["rest"].count("\n"), text)
    if "snowflake.ml." in lower:
        text = _statements(_SNOWFLAKE, text, _snowflake)
    if "function" in lower and _REDSHIFT.search(text):
        text = _statements(_REDSHIFT, text, _redshift)
    if "!" in text and _METHOD.search(text):
        text = _METHOD.sub(lambda m: f"ML.{m['method']}(MODEL {_plain(m['name'])}, ", _with_results(text))
    return text


def asked(text: str) -> frozenset[str]:
    """The identifiers that stand for the models which a prepared text asks for predictions."""
    return frozenset(found["model"] for found in _ASKED.finditer(text))


def is_model(config: str) -> bool:
    """Whether what dbt is told of a relation makes it a model that learns from its query."""
    return _MATERIALIZED.search(config) is not None


def macro(inside: str) -> tuple[str, str, str] | None:
    """Of an expression of dbt that asks a model: the function, the model and the rows; each of these a `ref` or a quoted name."""
    found = _MACRO.fullmatch(inside)
    return None if found is None else (found["method"].upper(), found["model"], found["rows"] or "")


def _statements(head: re.Pattern[str], text: str, rewrite: Callable[[re.Match[str], str], str]) -> str:
    """Every statement that starts so, up to its semicolon, rewritten."""
    parts: list[str] = []
    at = 0
    for found in head.finditer(text):
        if found.start() < at:
            continue
        end = _end(text, found.end())
        made = rewrite(found, text[found.end() : end])
        lost = text.count("\n", found.start(), end) - made.count("\n")
        parts += [text[at : found.start()], made, "\n" * lost]
        at = end
    return "".join(parts) + text[at:]


def _snowflake(head: re.Match[str], body: str) -> str:
    found = _INPUT.search(body)
    source = "" if found is None else f" AS SELECT * FROM {_plain(found['table'])}" if found["table"] else f" AS {found['query']}"
    replace = "OR REPLACE " if head["replace"] else ""
    return f"CREATE {replace}MODEL {head['name']} OPTIONS(model_type='{head['type'].lower()}'){source}"


def _redshift(head: re.Match[str], body: str) -> str:
    function = _FUNCTION.search(body)
    options = f" OPTIONS(function='{_plain(function['name'])}')" if function is not None else ""
    query = head["table"] or body[: _closed(body)]
    return f"CREATE MODEL {head['name']}{options} AS SELECT * FROM {query}"


def _with_results(text: str) -> str:
    """The result of the last call written as the call of the model itself."""
    last: list[str] = []

    def result(found: re.Match[str]) -> str:
        if found["name"]:
            last.append(f"{found['name']}!{found['method']}")
            return found[0]
        return f"TABLE({last[-1]}(1))" + "\n" * found[0].count("\n") if last else found[0]

    return _RESULTS.sub(result, text)


def _end(text: str, at: int) -> int:
    """The semicolon behind a place, or the end."""
    found = re.compile(r"(?:[^;'$]|'[^']*'|\$\$.*?\$\$|\$)*+", re.DOTALL).match(text, at)
    return found.end() if found is not None else len(text)


def _closed(body: str) -> int:
    """Behind the parenthesis that closes the first one."""
    depth = 0
    for found in re.finditer(r"'[^']*'|[()]", body):
        depth += 1 if found[0] == "(" else -1 if found[0] == ")" else 0
        if depth == 0 and found[0] == ")":
            return found.end()
    return len(body)


def _breaks(whole: str, *parts: str) -> int:
    """The line breaks of a text that are not in these parts of it."""
    return whole.count("\n") - sum(part.count("\n") for part in parts)


def _plain(name: str) -> str:
    return re.sub(r"[`\"]", "", name)
