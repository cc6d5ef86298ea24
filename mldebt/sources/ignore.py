"""Which paths are left out: gitignore-style patterns, nested as git nests them."""

from __future__ import annotations

import os
import re
import stat
import warnings
from collections.abc import Iterable, Sequence

import msgspec
from pathspec import GitIgnoreSpec

_MOST_STARS = 3  # in one part of a path, after the first: with each the time to match grows by the length of the name
_MOST_WILD = 4  # of all those and `**`
_LONGEST = 4_000  # characters: paths are no longer
_RUN = re.compile(r"\*+")


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
        if not _valid(pattern):
            raise ValueError(pattern)
    ordered = any(p.startswith("!") for p in patterns)  # later patterns then take back earlier ones
    plain = frozenset() if ordered else frozenset(p for p in patterns if not set(p) & set("*?[\\/#! "))
    rest = [p for p in patterns if p not in plain]
    return Excludes(plain, Level(_cut(root), compiled(rest)) if rest else None)


def level_of(directory: str, file: str = ".gitignore") -> Level | None:
    """The patterns in `directory`'s ignore file, or None when it has none that can be read; like git, no link is followed to it."""
    path = os.path.join(directory, file)
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):  # a pipe would be waited for
            return None
        with open(path, encoding="utf-8", errors="replace") as handle:
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


def compiled(patterns: Iterable[str]) -> GitIgnoreSpec:
    """The patterns, ready to match; ValueError when one makes no sense, or could take hours to match a long name."""
    lines = tuple(patterns)
    for line in lines:
        if line.count("*") > _MOST_STARS and _is_wild(line):
            raise ValueError(f"too many wildcards: {line[:60]}")
        if len(line) > _LONGEST:
            raise ValueError(f"longer than any path: {line[:60]}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # a `[` within brackets
        try:
            return GitIgnoreSpec.from_lines(lines)
        except (re.error, RecursionError) as error:
            raise ValueError(str(error)) from None


def _is_wild(line: str) -> bool:
    stars = sum(max(len(_RUN.findall(part)) - 1, 0) for part in line.split("/"))
    return line[:1] != "#" and (stars > _MOST_STARS or stars + line.count("**") > _MOST_WILD)


def _tolerant(lines: Sequence[str]) -> GitIgnoreSpec:
    try:
        return compiled(lines)
    except ValueError:  # git skips a pattern that makes no sense
        return compiled(line for line in lines if _valid(line))


def _valid(line: str) -> bool:
    try:
        compiled([line])
    except ValueError:
        return False
    return True
