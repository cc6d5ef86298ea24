"""Configuration text to its leaves: typed scalars with the path of keys that leads to them and the line they stand on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from configparser import Error as IniError
from configparser import RawConfigParser
from json import JSONDecodeError

import tomli

from mldebt.facts.model import Setting
from mldebt.facts.scalars import Scalar, bounded, plain, typed
from mldebt.facts.yaml_settings import yaml_leaves
from mldebt.sources.json_lines import JsonCursor, not_json, without_surrogates
from mldebt.sources.model import Language

MOST_LEAVES = 20_000  # a file with more is data; an alias bomb has more too
_HEADER = re.compile(r"\s*+\[{1,2}\s*+([^\[\]]+)\]{1,2}\s*+(?:#.*)?$")
_TOML_KEY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
_TOML_PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")
_INI_KEY = re.compile(r"([^\s=:#;\[][^=:]*)")
_ENV_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*(=)?(.*)")
_BINDING = re.compile(r"([\w./@-]+)\s*[=:]\s*(.*)")


def settings(text: str, language: Language) -> tuple[Setting, ...]:
    """The leaves of a configuration file in the order of the file; ValueError, in one line, when it is malformed."""
    leaves: dict[Language, Callable[[str], Iterator[Setting]]] = {
        Language.YAML: yaml_leaves,
        Language.JSON: _json,
        Language.TOML: _toml,
        Language.INI: _ini,
        Language.ENV: _env,
    }
    found: list[Setting] = []
    for leaf in leaves[language](text):
        found.append(leaf)
        if len(found) > MOST_LEAVES:
            raise ValueError(f"more than {MOST_LEAVES:,} values: data, not configuration")
    return tuple(found)


def _json(text: str) -> Iterator[Setting]:
    cursor = JsonCursor(text, lenient=True)
    if not text.strip():
        return
    try:
        yield from _json_leaves(cursor, ())
        cursor.end()
    except JSONDecodeError as error:
        raise ValueError(not_json(error)) from None
    except RecursionError:
        raise ValueError("not valid JSON: nested too deeply") from None


def _json_leaves(cursor: JsonCursor, keys: tuple[str, ...]) -> Iterator[Setting]:
    if len(keys) > 100:
        raise ValueError("nested deeper than 100 levels: data, not configuration")
    char = cursor.peek()
    line = cursor.line
    empty = True
    if char == "{":
        for key in cursor.members():
            empty = False
            yield from _json_leaves(cursor, (*keys, without_surrogates(key)))
    elif char == "[":
        for index in cursor.elements():
            empty = False
            yield from _json_leaves(cursor, (*keys, str(index)))
    else:
        empty = False
        yield Setting(keys, plain(cursor.value()), line)
    if empty and keys:
        yield Setting(keys, None, line)


def _toml(text: str) -> Iterator[Setting]:
    try:
        tree: dict[str, object] = tomli.loads(text)
    except (tomli.TOMLDecodeError, RecursionError, ValueError) as error:
        raise ValueError(f"not valid TOML: {str(error) or 'nested too deeply'}".splitlines()[0]) from None
    lines = _toml_lines(text)
    stack: list[tuple[tuple[str, ...], object, int]] = [((), tree, 1)]
    while stack:
        keys, value, above = stack.pop()
        line = lines.get(keys, above)
        if isinstance(value, dict) and value:
            stack.extend(((*keys, key), item, line) for key, item in reversed(value.items()))
        elif isinstance(value, list) and value:
            stack.extend(((*keys, str(index)), item, line) for index, item in reversed(list(enumerate(value))))
        elif keys:
            yield Setting(keys, plain(value), line)


def _toml_lines(text: str) -> dict[tuple[str, ...], int]:
    """The line of every table header and key, found without parsing values: text within a multi-line string is skipped."""
    lines: dict[tuple[str, ...], int] = {}
    tables: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    quote = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if quote:
            quote = quote if line.count(quote) % 2 == 0 else ""
            continue
        if line.lstrip().startswith("[") and (match := _HEADER.match(line)):
            table = ()
            for part in _toml_parts(match[1].rstrip()):
                table = (*table, part)
                if table in tables and len(table) < len(_toml_parts(match[1].rstrip())):
                    table = (*table, str(tables[table]))  # inside the last element of an array of tables
            if line.lstrip().startswith("[["):
                tables[table] = tables.get(table, -1) + 1
                table = (*table, str(tables[table]))
            lines.setdefault(table, number)
        elif match := _TOML_KEY.match(line):
            keys = (*table, *_toml_parts(match[1]))
            lines.setdefault(keys, number)
        quote = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return lines


def _toml_parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in _TOML_PART.findall(key)]


class _IniParser(RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keys keep their case."""
        return optionstr


def _ini(text: str) -> Iterator[Setting]:
    if not re.search(r"^[ \t]*\[[^\]\n]+\]", text, re.MULTILINE):
        yield from _bindings(text)
        return
    parser = _IniParser(strict=False, allow_no_value=True, default_section="\0")
    try:
        parser.read_string(text)
    except (IniError, ValueError, AttributeError, TypeError) as error:
        raise ValueError(f"not valid INI: {' '.join(str(error).split())[:160]}") from None
    lines: dict[tuple[str, str], int] = {}
    headers: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), start=1):
        if match := RawConfigParser.SECTCRE.match(line.strip()):
            section = match["header"]
            headers[section] = number
        elif match := _INI_KEY.match(line.lstrip()):
            lines[section, match[1].rstrip()] = number
    found = [
        Setting((section, key), _ini_value(value), lines.get((section, key), headers.get(section, 1)))
        for section in parser.sections()
        for key, value in parser.items(section)
    ]
    yield from sorted(found, key=lambda leaf: leaf.line)


def _ini_value(value: str | None) -> Scalar:
    return None if value is None else typed(value) if value else ""


def _bindings(text: str) -> Iterator[Setting]:
    """`key = value` lines without sections: .properties and gin files. A dotted key is a path of keys."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        number, line = index + 1, lines[index].strip()
        index += 1
        if not line or line[0] in "#!;" or line.startswith(("import ", "include ", "from ")):
            continue
        match = _BINDING.match(line)
        if not match:
            raise ValueError(f"not valid INI: line {number}: no section and no `key = value`")
        parts = [match[2]]
        depth = _open_brackets(match[2])
        while index < len(lines) and (depth > 0 or parts[-1].endswith("\\") or not "".join(parts)):
            if not parts[-1] and not lines[index][:1].isspace():
                break
            parts[-1] = parts[-1].rstrip("\\")
            parts.append(lines[index].strip())
            depth += _open_brackets(parts[-1])
            index += 1
        value = " ".join(part for part in parts if part).split(" #")[0].strip()
        quoted = len(value) > 1 and value[0] in "'\"" and value[-1] == value[0]
        yield Setting(tuple(match[1].strip(".").split(".")), value[1:-1] if quoted else typed(value) if value else "", number)


def _open_brackets(text: str) -> int:
    return sum(text.count(c) for c in "([{") - sum(text.count(c) for c in ")]}")


def _env(text: str) -> Iterator[Setting]:
    """Values stay text, as the process that reads them finds them."""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        number, line = index + 1, lines[index]
        index += 1
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _ENV_LINE.fullmatch(line)
        if not match or (not match[2] and match[3].strip()):
            raise ValueError(f"not valid environment file: line {number}: no NAME=value")
        value = match[3].strip()
        if value[:1] in ("'", '"'):
            quote = value[0]
            pattern = re.compile(rf"{quote}((?:[^{quote}\\]|\\.)*+){quote}" if quote == '"' else r"'([^']*)'", re.DOTALL)
            while not (closed := pattern.match(value)) and index < len(lines) and index - number < 200:
                value += "\n" + lines[index]
                index += 1
            if not closed:
                raise ValueError(f"not valid environment file: line {number}: the quote is never closed")
            value = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), closed[1]) if quote == '"' else closed[1]
        else:
            value = re.split(r"\s#", value)[0].strip()
        yield Setting((match[1],), bounded(value) if match[2] else None, number)
