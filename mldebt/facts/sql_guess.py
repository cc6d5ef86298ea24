"""What can be said of SQL without parsing it: its dialect, and the tables of a statement that no parser reads."""

from __future__ import annotations

import re
from bisect import bisect_left

_DIALECTS = (
    ("snowflake", r"\bCOPY\s+INTO\b|\bFLATTEN\s*\(|@[~%]?\w+/|\bFROM\s+@|\bVARIANT\b|\bPUT\s+file:|[A-Za-z_]\w*:[A-Za-z_][\w.]*\s*::"),
    ("databricks", r"\bINSERT\s+OVERWRITE\s+(?:TABLE|DIRECTORY)\b|\bUSING\s+(?:DELTA|PARQUET|ORC|CSV|JSON|AVRO)\b|\bLATERAL\s+VIEW\b"
     r"|\bVERSION\s+AS\s+OF\b|\b(?:parquet|delta|csv|json|orc|avro|text)\.`|\bSTORED\s+AS\b|\bMSCK\b|\bCACHE\s+TABLE\b"),
    ("redshift", r"\bUNLOAD\s*\(|\bDISTKEY\b|\bSORTKEY\b|\bIAM_ROLE\b"),
    ("bigquery", r"`[\w${}\-]+(?:\.[\w*${}\-]+)+`|\bML\s*\.\s*[A-Z_]+\s*\(|\b_TABLE_SUFFIX\b|\b_PARTITION(?:TIME|DATE)\b|\bSAFE_\w+\s*\("
     r"|\bEXPORT\s+DATA\b|\bEXTERNAL\s+TABLE\b[^;]{0,400}?\bOPTIONS\s*\(|\bLOAD\s+DATA\s+(?:INTO|OVERWRITE)\b|\bSELECT\s+AS\s+STRUCT\b|\bFOR\s+SYSTEM_TIME\b|\bCREATE\s+(?:OR\s+REPLACE\s+)?MODEL\b"),
    ("duckdb", r"\bread_(?:parquet|csv|csv_auto|json|json_auto)\s*\(|\bFROM\s+'[^']+\.(?:parquet|csv|json)[^']*'|^\s*FROM\b"),
    ("tsql", r"\[\w+\]\.\[|\bSELECT\s+TOP\b|\bNOLOCK\b|\bNVARCHAR\b|\bINTO\s+#"),
    ("mysql", r"\bAUTO_INCREMENT\b|\bENGINE\s*=|\bON\s+DUPLICATE\s+KEY\b"),
    ("postgres", r"::\s*\w|\bILIKE\b|\bRETURNING\b|\bSERIAL\b|\bON\s+CONFLICT\b|\$\$|\bJSONB\b"),
    ("bigquery", r"`"),
)  # fmt: skip
_GUESSES = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _DIALECTS)

_HEAD = 20_000  # characters from which a dialect is guessed
_MOST_IN_A_LIST = 50  # tables after one FROM

_NOISE = re.compile(r"--[^\n]*|/\*.*?\*/|(?:(?<=\n)|^)\s*#[^\n]*|'(?:[^'\\]|\\.|'')*'", re.DOTALL)
_NOT_A_TABLE = re.compile(r"\b(?:EXTRACT|SUBSTRING|TRIM|OVERLAY|POSITION)\s*\([^()]*\)|\bDISTINCT\s+FROM\b", re.IGNORECASE)
_NAME = r"(?:`[^`\n]+`|\"[^\"\n]+\"|\[[^\]\n]+\]|[A-Za-z_][\w$\-]*)"
_DOTTED = rf"{_NAME}(?:\s*[.:]\s*{_NAME})*"
_INTO = (
    r"INSERT\s+(?:OVERWRITE\s+)?INTO(?:\s+TABLE)?|INSERT\s+OVERWRITE(?:\s+TABLE)?|REPLACE\s+INTO|MERGE\s+INTO|COPY\s+INTO|INTO"
    r"|CREATE\s+(?:OR\s+REPLACE\s+)?(?:EXTERNAL\s+)?(?:MATERIALIZED\s+)?(?:TABLE|VIEW)(?:\s+IF\s+NOT\s+EXISTS)?"
)
_TABLES = re.compile(
    rf"\b(?:(?P<write>{_INTO})\s+(?P<target>(?>{_DOTTED}))|(?:FROM|JOIN)\s+(?:ONLY\s+)?(?P<name>(?>{_DOTTED}))(?!\s*\())", re.IGNORECASE
)
_CREATED_MODEL = re.compile(rf"\bCREATE\s+(?:OR\s+REPLACE\s+)?MODEL\s+(?:IF\s+NOT\s+EXISTS\s+)?(?P<name>{_DOTTED})", re.IGNORECASE)
_NEXT = r"(?!(?:WHERE|JOIN|ON|LEFT|INNER|GROUP|ORDER)\b)"
_MORE = re.compile(rf"\s*(?:AS\s+)?(?:{_NEXT}\w+)?\s*,\s*(?P<name>(?>{_DOTTED}))(?!\s*\()", re.IGNORECASE)
_VERB = re.compile(
    r"[\s(]*(?:SELECT|WITH|INSERT|REPLACE|MERGE|CREATE|COPY|LOAD|EXPORT|UPDATE|DELETE|BEGIN|DECLARE|EXPLAIN|IF|FROM)\b", re.IGNORECASE
)
_CTE = re.compile(
    r"(?:\bWITH\s+(?:RECURSIVE\s+)?|,\s*)([\w`\"]+)\s*(?:\([^()]*\)\s*)?AS\s*(?:NOT\s+)?(?:MATERIALIZED\s*)?\(", re.IGNORECASE
)
_WORDS = frozenset({"select", "lateral", "unnest", "values", "table", "dual", "stdin", "stdout", "where", "set", "only", "if", "directory"})


def dialect_of(text: str) -> str:
    """The dialect that the text gives away, in sqlglot's names; empty when nothing does."""
    return next((name for name, pattern in _GUESSES if pattern.search(text, 0, _HEAD)), "")


class Names:
    """What a statement names after FROM, JOIN and INTO: (name, line of the text)."""

    def __init__(self, text: str) -> None:
        clean = _NOT_A_TABLE.sub(_blank, _NOISE.sub(_blank, text))
        if not _VERB.match(clean):
            clean = ""  # prose
        self._breaks = [found.start() for found in re.finditer("\n", clean)]
        ctes = {name.strip('`"').lower() for name in _CTE.findall(clean)}
        self.reads: list[tuple[str, int]] = []
        self.writes: list[tuple[str, int]] = []
        self.models: list[tuple[str, int]] = []
        for found in _CREATED_MODEL.finditer(clean):
            self._add(self.models, set(), found, "name")
        for found in _TABLES.finditer(clean):
            if found["write"]:
                self._add(self.writes, ctes, found, "target")
                continue
            one: re.Match[str] | None = found
            for _ in range(_MOST_IN_A_LIST):
                if one is None:
                    break
                self._add(self.reads, ctes, one, "name")
                one = _MORE.match(clean, one.end())

    def _add(self, target: list[tuple[str, int]], ctes: set[str], found: re.Match[str], group: str) -> None:
        name = _plain(found[group])
        if name.lower() not in ctes and name.lower() not in _WORDS:
            target.append((name, bisect_left(self._breaks, found.start(group)) + 1))


def _plain(name: str) -> str:
    return re.sub(r"[`\"\[\]\s]", "", name)


def _blank(found: re.Match[str]) -> str:
    """Nothing but the line breaks; a string keeps its quotes."""
    return ("''" if found[0][:1] == "'" else " ") + "\n" * found[0].count("\n")
