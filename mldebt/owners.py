"""Who owns a file, by the CODEOWNERS of its repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import msgspec
from pathspec import GitIgnoreSpec

from mldebt.repository import prefix, repository

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS")
MAX_BYTES = 3_000_000
_WORD = re.compile(r"(?:\\.|[^\s\\]|\\$)+")
_SECTION = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)$")
_STARS = 3  # in one name, or over folders: a match takes steps to the power of them
_OWNER = re.compile(r"@{0,2}[^\s@]+(?:@[^\s@]+)?")


class _Rule(msgspec.Struct, frozen=True):
    section: str
    pattern: str
    owners: tuple[str, ...]
    spec: GitIgnoreSpec


class Owners:
    """The owners of the files of one project; nobody owns anything where there is no CODEOWNERS."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def of(self, path: str) -> tuple[str, ...]:
        """The owners of a path of the project, as they are written: by the last pattern that meets it, in each section (GitLab)."""
        whole = self._prefix + path
        by_section: dict[str, tuple[str, ...]] = {}
        for rule in self._rules:
            if _meets(rule, whole):
                by_section[rule.section] = rule.owners
        return tuple(dict.fromkeys(owner for owners in by_section.values() for owner in owners))

    @property
    def file(self) -> str:
        """The CODEOWNERS that counts, relative to the repository; "" when there is none."""
        return self._read[0]

    @property
    def malformed(self) -> int:
        """Lines that are not understood and left out."""
        return sum(rule is None for rule in self._parsed)

    @cached_property
    def _prefix(self) -> str:
        top = repository(self._root)
        return "" if top is None else prefix(top, self._root)

    @cached_property
    def _read(self) -> tuple[str, str]:
        top = repository(self._root) or self._root
        for place in PLACES:
            try:
                if (top / place).is_file():
                    with (top / place).open("rb") as file:
                        return place, file.read(MAX_BYTES).decode("utf-8-sig", "replace")
            except OSError:
                continue
        return "", ""

    @cached_property
    def _parsed(self) -> tuple[_Rule | None, ...]:
        return tuple(_parse(self._read[1]))

    @cached_property
    def _rules(self) -> tuple[_Rule, ...]:
        return tuple(rule for rule in self._parsed if rule is not None)


def _parse(text: str) -> Iterator[_Rule | None]:
    """The rules in their order; None for a line that is not understood."""
    section, defaults = "", tuple[str, ...]()
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        if head := _SECTION.match(stripped):
            section, defaults = head["name"].strip().lower(), _owners(_words(head["owners"])) or ()
            continue
        pattern, *words = _words(stripped)
        owners = _owners(words)
        try:
            spec = GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            owners = None
        if owners is None or pattern.startswith("!") or not pattern.strip("/") or _endless(pattern):
            yield None
        else:
            yield _Rule(section, pattern, owners or defaults, spec)


def _endless(pattern: str) -> bool:
    names = pattern.split("/")
    return names.count("**") > _STARS or any(name.count("*") > _STARS for name in names)


def _words(text: str) -> list[str]:
    """The words before a comment."""
    words: list[str] = []
    for word in _WORD.findall(text):
        if word.startswith("#"):
            break
        words.append(word)
    return words


def _owners(words: list[str]) -> tuple[str, ...] | None:
    """The owners that the words name; None when one is neither a name with `@` nor an address."""
    return tuple(words) if all("@" in word and _OWNER.fullmatch(word) for word in words) else None


def _meets(rule: _Rule, path: str) -> bool:
    if not rule.spec.match_file(path):
        return False
    # Unlike in .gitignore, `docs/*` does not speak of what lies deeper.
    return not (rule.pattern.endswith("/*") and rule.spec.match_file(path.rpartition("/")[0]))
