"""Which paths are left out: gitignore-style patterns, nested as git nests them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

import msgspec
from pathspec import GitIgnoreSpec


class Level(msgspec.Struct, frozen=True):
    """The patterns of one directory. `cut` is how much of an absolute path comes before what they match."""

    cut: int
    spec: GitIgnoreSpec

    def decides(self, path: str) -> bool | None:
        """True: ignored; False: a `!` pattern takes it back; None: nothing said. A directory ends in `/`."""
        return self.spec.check_file(path[self.cut :]).include


class Excludes(msgspec.Struct, frozen=True):
    """The project's own patterns; most are plain names, which need no regular expression."""

    names: frozenset[str]
    level: Level | None

    def matches(self, name: str, path: str) -> bool:
        """Whether the file or directory (its absolute path then ends in `/`) is excluded."""
        return name in self.names or (self.level is not None and bool(self.level.decides(path)))


def excludes(root: str, patterns: Sequence[str]) -> Excludes:
    """Compile patterns relative to `root`; ValueError with the pattern when one is not valid."""
    for pattern in patterns:
        try:
            GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            raise ValueError(pattern) from None
    ordered = any(p.startswith("!") for p in patterns)  # later patterns then take back earlier ones
    plain = frozenset() if ordered else frozenset(p for p in patterns if not set(p) & set("*?[\\/#! "))
    rest = [p for p in patterns if p not in plain]
    return Excludes(plain, Level(_cut(root), GitIgnoreSpec.from_lines(rest)) if rest else None)


def level_of(directory: str, file: str = ".gitignore") -> Level | None:
    """The patterns in `directory`'s ignore file, or None when it has none that can be read."""
    try:
        with open(os.path.join(directory, file), encoding="utf-8", errors="replace") as handle:
            lines = handle.read(1_000_000).splitlines()
    except OSError:
        return None
    spec = _tolerant(lines)
    return Level(_cut(directory), spec) if spec.patterns else None


def levels_above(directory: str) -> tuple[Level, ...]:
    """The ignore files of the repository that hold in `directory`, deepest first, its own not included.

    A level that ignores `directory` itself is left out: who names an ignored directory wants what is in it.
    """
    inside: list[str] = []
    current = directory
    while not os.path.exists(os.path.join(current, ".git")):
        parent = os.path.dirname(current)
        if parent == current:
            return ()  # not in a repository: git would read no ignore file above
        current = parent
        inside.append(current)
    found = [level_of(each) for each in inside]
    info = level_of(current, os.path.join(".git", "info", "exclude"))
    found.append(Level(_cut(current), info.spec) if info else None)
    return tuple(level for level in found if level and not (level.cut < len(directory) and level.decides(directory + "/")))


def ignored(levels: Iterable[Level], path: str) -> bool:
    """Whether the deepest level that says anything about `path` ignores it. A directory ends in `/`."""
    for level in levels:
        if (answer := level.decides(path)) is not None:
            return answer
    return False


def _cut(directory: str) -> int:
    return len(directory.rstrip("/")) + 1


def _tolerant(lines: Sequence[str]) -> GitIgnoreSpec:
    try:
        return GitIgnoreSpec.from_lines(lines)
    except ValueError:  # git skips a pattern that makes no sense
        return GitIgnoreSpec.from_lines([line for line in lines if _valid(line)])


def _valid(line: str) -> bool:
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
