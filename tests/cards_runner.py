"""Cards as tests: the fenced files of one section are a project, the marks at the ends of its lines say what is found there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from msgspec import structs

import mldebt
from mldebt.cards import FENCE, MARK, Card
from mldebt.config import Config, load
from mldebt.findings import Ranked

ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
HEADING = re.compile(r"^(#{2,3}) +(.+?) *$")

Place = tuple[str, int]


class CardFormatError(ValueError):
    """A card whose blocks or marks cannot be used."""


class Mark(msgspec.Struct, frozen=True, order=True):
    """One mark: `kind` is error, ok, audit, todo-error or todo-ok; `rule` is empty for ok."""

    path: str
    line: int
    kind: str
    rule: str = ""

    @property
    def place(self) -> Place:
        return self.path, self.line


class Block(msgspec.Struct, frozen=True):
    """One file of a section; `age` in days is that of its commit."""

    title: str
    text: str
    age: int | None = None


class Section(msgspec.Struct, frozen=True):
    """The blocks under one heading."""

    card: str
    heading: str
    blocks: tuple[Block, ...]

    @property
    def marks(self) -> tuple[Mark, ...]:
        return tuple(mark for block in self.blocks for mark in marks_of(block.title, block.text))


def sections(card: Card) -> tuple[Section, ...]:
    """The sections of a card that have files, in order."""
    found: list[Section] = []
    heading, blocks = "", list[Block]()
    lines = iter(card.body.splitlines())
    for line in lines:
        if match := HEADING.match(line):
            found.append(Section(card.name, heading, tuple(blocks)))
            heading, blocks = match[2], []
        elif match := FENCE.match(line):
            blocks.append(_block(card, line, match[1], lines))
    found.append(Section(card.name, heading, tuple(blocks)))
    return tuple(section for section in found if section.blocks)


def _block(card: Card, opening: str, fence: str, lines: Iterator[str]) -> Block:
    attributes = dict(ATTRIBUTE.findall(opening))
    if "title" not in attributes:
        raise CardFormatError(f"{card.name}: a block without title: {opening}")
    body: list[str] = []
    for line in lines:
        if line.startswith(fence):
            age = attributes.get("age")
            return Block(attributes["title"], "".join(f"{line}\n" for line in body), int(age) if age else None)
        body.append(line)
    raise CardFormatError(f"{card.name}: {attributes['title']} is not closed")


def marks_of(path: str, text: str) -> Iterator[Mark]:
    """The marks of a file."""
    for number, line in enumerate(text.splitlines(), start=1):
        while match := MARK.search(line):
            kind = match["kind"] or "ok"
            for rule in (match["rules"] or "").split(","):
                yield Mark(path, number, kind, rule.strip())
            line = line[: match.start()]


def without_marks(text: str) -> str:
    """The text as the marks' author meant it; no line moves."""
    lines = []
    for line in text.splitlines(keepends=True):
        while match := MARK.search(line):
            line = line[: match.start()] + line[match.end() :]
        lines.append(line)
    return "".join(lines)


def write(section: Section, root: Path) -> None:
    """Puts the section's files below `root`, without their marks, in a git history when one has an age."""
    titles = [block.title for block in section.blocks]
    if len(set(titles)) != len(titles):
        raise CardFormatError(f"{section.card}: two files of one name under {section.heading}")
    aged = any(block.age is not None for block in section.blocks)
    if aged:
        _git(root, "init", "--quiet")
    for block in sorted(section.blocks, key=lambda block: -(block.age or 0)):
        target = root / block.title
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(without_marks(block.text), encoding="utf-8")
        if aged:
            _git(root, "add", "--", block.title)
            _git(root, "commit", "--quiet", "--message", f"Add {block.title}", age=block.age or 0)


def _git(root: Path, *arguments: str, age: int = 0) -> None:
    when = (datetime.now(UTC) - timedelta(days=age)).isoformat(timespec="seconds")
    identity = {"NAME": "Card", "EMAIL": "card@example.org", "DATE": when}
    who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
    closed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    subprocess.run(["git", "-C", str(root), *arguments], check=True, capture_output=True, env={**os.environ, **who, **closed})


def scan(root: Path, card: Card) -> tuple[Ranked, ...]:
    """What the card's rule finds below `root`."""
    # The rules about suppressions need the rules that are suppressed.
    chosen = ("ALL",) if card.debt == "mldebt" else (card.name,)
    settings = load(root).config if (root / "mldebt.toml").is_file() else Config()
    report = mldebt.scan([root], structs.replace(settings, profile="audit", select=chosen, jobs=1))
    return tuple(found for found in report.findings if found.name == card.name)


def differences(section: Section, found: tuple[Ranked, ...]) -> list[str]:
    """What the marks and the findings disagree on, in words."""
    wanted = {mark.place: mark.kind for mark in section.marks}
    places = {(one.finding.location.path, one.finding.location.line): one.finding.message for one in found}
    expected = {place for place, kind in wanted.items() if kind in ("error", "todo-ok")}
    said = []
    for path, line in sorted(expected - places.keys()):
        kind = wanted[path, line]
        said.append(f"{path}:{line}: {'missed' if kind == 'error' else 'no longer a false alarm: turn the mark into # ok'}")
    for path, line in sorted(places.keys() - expected):
        kind = wanted.get((path, line), "")
        hint = {"ok": "marked # ok, ", "todo-error": "no longer a known miss: turn the mark into # error, "}.get(kind, "")
        said.append(f"{path}:{line}: {hint}found: {places[path, line]}")
    return said
