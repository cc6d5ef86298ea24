"""mldebt's own declarations: the TOML stanza, and the settings file with the stanza in it, all else byte for byte as it was."""

from __future__ import annotations

import copy
import datetime
import re
from collections.abc import Iterable, Mapping

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft, Use, names_artifact

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_HEADER = re.compile(r"\s*\[\[?([^\[\]]+)\]\]?\s*(?:#.*)?$")


def toml(draft: Draft, table: str, today: datetime.date) -> str:
    """The stanza below a table's name, `artifacts` or `tool.mldebt.artifacts`."""
    lines = [f"[[{table}]]", f"id = {quoted(draft.id)}"]
    if draft.aliases:
        lines.append(f"aliases = [{', '.join(map(quoted, draft.aliases))}]")
    if draft.producer:
        lines.append(f"producer = {quoted(draft.producer)}")
    lines.append('owner = ""  # who answers for it')
    return "\n".join(lines) + "\n" + consumers(draft.uses, table, today)


def consumers(uses: Iterable[Use], table: str, today: datetime.date) -> str:
    """The tables of the consumers, each after an empty line."""
    rest = f'purpose = ""  # what it uses it for\nsince = {today.isoformat()}\n'
    return "".join(f"\n[[{table}.consumers]]\nwho = {quoted(use.who)}\n{rest}" for use in uses)


def quoted(text: str) -> str:
    """A basic string of TOML."""
    if re.search("[\ud800-\udfff]", text):
        raise ConfigError(f"{text!a} holds bytes that are not UTF-8, which TOML cannot say; rename the file")
    return '"' + "".join(_ESCAPES.get(char) or (f"\\u{ord(char):04x}" if char < " " or char == "\x7f" else char) for char in text) + '"'


def merged(text: str, draft: Draft, keys: tuple[str, ...], today: datetime.date) -> str:
    """The settings file with the declaration: consumers join a stanza of the same artifact, else the stanza stands at the end.

    `keys` lead to the list of artifacts. The same text where nothing is missing; a ConfigError where the file's layout does not allow it.
    """
    import tomli

    newline = "\r\n" if "\r\n" in text else "\n"
    before = tomli.loads(text)
    known = _list(before, keys)
    table = ".".join(keys)
    at = next((number for number, one in enumerate(known) if names_artifact(_names(one), draft)), None)
    expected = copy.deepcopy(before)
    if at is None:
        body = toml(draft, table, today)
        gap = "" if not text.strip() else "\n" if text.endswith("\n") else "\n\n"
        new = text + (gap + body).replace("\n", newline)
        _list(expected, keys, make=True).extend(_list(tomli.loads(body), keys))
    else:
        given = _items(known[at].get("consumers"))
        there = {one.get("who") for one in given if isinstance(one, Mapping)}
        fresh = [use for use in draft.uses if use.who not in there]
        if not fresh:
            return text
        body = consumers(fresh, table, today)
        new = _inserted(text, body, table, at, newline)
        _list(expected, keys)[at]["consumers"] = [*given, *_list(tomli.loads(body), (*keys, "consumers"))]
    try:
        right = tomli.loads(new) == expected
    except tomli.TOMLDecodeError:
        right = False
    if not right:
        raise ConfigError(f"its layout leaves no place for a table; write this by hand:\n{body.strip()}")
    return new


def _inserted(text: str, body: str, table: str, number: int, newline: str) -> str:
    """The text with `body` after the last line of the stanza with this number that says something."""
    lines = text.splitlines(keepends=True)
    seen, last = -1, len(lines)
    for at, line in enumerate(lines):
        found = _HEADER.match(line.rstrip("\r\n"))
        name = re.sub(r"\s*\.\s*", ".", found[1].strip()) if found else ""
        if name == table:
            seen += 1
        if found and seen >= number and not (seen == number and (name == table or name.startswith(f"{table}."))):
            last = at
            break
    while last and (not lines[last - 1].strip() or lines[last - 1].lstrip().startswith("#")):
        last -= 1
    head = "".join(lines[:last])
    head += "" if head.endswith("\n") else newline
    return head + body.replace("\n", newline) + "".join(lines[last:])


def _names(entry: Mapping[str, object]) -> list[str]:
    return [one for one in (entry.get("id"), *_items(entry.get("aliases"))) if isinstance(one, str)]


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _list(document: dict[str, object], keys: tuple[str, ...], *, make: bool = False) -> list[dict[str, object]]:
    node: object = document
    for key in keys[:-1]:
        node = node.setdefault(key, {}) if isinstance(node, dict) and make else node.get(key, {}) if isinstance(node, dict) else {}
    if not isinstance(node, dict):
        return []
    found = node.setdefault(keys[-1], []) if make else node.get(keys[-1], [])
    return found if isinstance(found, list) else []
