"""One file, or a small project, through the stages of a run without a net: what goes wrong is an exception here, not an `unread` file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec

from mldebt.config import Config
from mldebt.facts import extract
from mldebt.facts.model import Facts, Span
from mldebt.findings import Unread
from mldebt.judge import Judged, Knowledge, judge, load_knowledge
from mldebt.sources.languages import language_of, role_of
from mldebt.sources.model import Source, Text
from mldebt.sources.read import read

TODAY = datetime.date(2026, 1, 2)
AUDIT = Config(profile="audit")


class Broken(AssertionError):
    """Facts that break a promise of `mldebt.facts.model`."""


def source_of(path: str) -> Source:
    """The source that discovery would make of this path."""
    language = language_of(path)
    assert language is not None, path
    return Source(path, language, role_of(path, language))


def write(root: Path, files: Mapping[str, bytes]) -> None:
    """The files on disk, in the order given."""
    for path, raw in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(raw)


def facts_of(root: Path, path: str) -> dict[str, Facts]:
    """The facts of a file and of the files that its cells write, as `mldebt.jobs` makes them, checked."""
    source = source_of(path)
    text = read(root, source)
    if isinstance(text, Unread):
        assert text.reason and "\n" not in text.reason, text.reason
        return {path: Facts(source.language, unread=text.reason)}
    found = {path: checked(source, text)}
    for name, body, places in text.written:
        if name.endswith(".py"):
            part = f"{path}#{name}"
            found[part] = checked(source_of(f"{name}"), Text(body, body.count("\n") + 1, places))
    return found


def checked(source: Source, text: Text) -> Facts:
    """The facts of a text, which keep their promises; nesting that is too deep for the machine is told, not an error."""
    try:
        facts = extract(source, text)
    except RecursionError:
        return Facts(source.language, unread="nested too deeply to analyse")
    check(facts, text)
    return facts


def check(facts: Facts, text: Text) -> None:
    """Raise Broken when a span leaves the file, or the facts do not survive being stored."""
    stored = msgspec.msgpack.encode(facts)
    if msgspec.msgpack.decode(stored, type=Facts) != facts and "nan" not in repr(facts):
        raise Broken("facts differ after they were stored")
    if "\n" in facts.unread or "\n" in facts.partly:
        raise Broken(f"a reason of several lines: {facts.unread or facts.partly}")
    lines = text.text.split("\n")
    as_written = not facts.partly and not text.commands  # else columns are those of the text as it was mended
    for span in _spans(facts):
        if not 1 <= span.line <= span.end_line <= len(lines):
            raise Broken(f"span outside the file's {len(lines)} lines: {span}")
        if as_written and not (
            1 <= span.column <= len(lines[span.line - 1]) + 1 and 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
        ):
            raise Broken(f"column outside its line: {span}")
        if (span.line, span.column) > (span.end_line, span.end_column):
            raise Broken(f"span ends before it begins: {span}")
    for one in (*facts.settings, *facts.commands, *facts.statements, *facts.rules, *facts.suppressions, *facts.debt_comments):
        if not 1 <= one.line <= len(lines):
            raise Broken(f"line outside the file's {len(lines)} lines: {one}")
    if facts.places and len(facts.places) not in (text.lines, text.lines - 1):
        raise Broken("places do not match the lines")


def _spans(value: object) -> Iterator[Span]:
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, Span):
            yield one
        elif isinstance(one, msgspec.Struct):
            stack.extend(getattr(one, name) for name in one.__struct_fields__)
        elif isinstance(one, tuple):
            stack.extend(one)
        elif isinstance(one, dict):
            stack.extend(one.values())


@cache
def knowledge() -> Knowledge:
    """The shipped rules, all of them."""
    return load_knowledge(Path("/nowhere"), AUDIT)


def judged(root: Path, files: Mapping[str, bytes]) -> Judged:
    """What all rules say of these files, once they are written below `root`."""
    write(root, files)
    facts: dict[str, tuple[Source, Facts]] = {}
    for path in files:
        for part, found in facts_of(root, path).items():
            facts[part] = (msgspec.structs.replace(source_of(path), path=part), found)
    return judge(root, dict(sorted(facts.items())), knowledge(), AUDIT, TODAY)
