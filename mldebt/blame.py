"""When the lines of files were written, by `git blame` of the commit that is checked out.

The work tree is not blamed: git would run the filters that the repository names. The lines of a file that differs from its commit are
matched with those of the commit instead, white space aside. What was learnt stays valid for a path that no later commit touches.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import msgspec

from mldebt.git import GitError, blobs, entries, git, tree_of

Spans = Mapping[str, Sequence[tuple[int, int]]]  # first and last lines, by path
TIMEOUT = 10.0  # seconds for one file
IGNORED = ".git-blame-ignore-revs"  # the customary name of the list of commits that only reformat
_FILES = ("100644", "100755")
_MOST = 5_000  # lines that differ, of a file that is matched with its commit


class Store(Protocol):
    """Where answers are kept between runs."""

    def get(self, key: bytes) -> bytes | None:
        """The data of `key`, if there is any."""

    def put(self, key: bytes, data: bytes) -> None:
        """Keep `data` in the place of what `key` had."""


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """A file at a commit: its blob, "" when it has none, and when runs of its lines were written: first, last, author's time."""

    blob: str
    runs: tuple[tuple[int, int, int], ...] = ()

    def times(self) -> dict[int, int]:
        return {line: time for first, last, time in self.runs for line in range(first, last + 1)}


class _State(msgspec.Struct, frozen=True, array_like=True):
    head: str
    files: dict[bytes, _Known]


class Blame:
    """Answers about the files of one project at one commit; `prefix` is its folder in the repository, `folder` has the files.

    With `since`, git does not look at commits before that time: what they wrote has the time 0.
    """

    def __init__(
        self,
        top: Path,
        prefix: str,
        head: str,
        store: Store | None,
        folder: Path | None = None,
        since: int = 0,
        given: Mapping[str, bytes] | None = None,
    ) -> None:
        self._top, self._prefix, self._head, self._store, self._since = top, prefix, head, store, since
        self._folder = top / prefix if folder is None else folder
        self._given = given or {}
        self._files: dict[str, _Known] | None = None
        self.failed: dict[str, str] = {}  # path -> why git did not say

    def lines(self, spans: Spans) -> dict[str, dict[int, int | None]]:
        """By path, the author's time of each line in its spans; None for one that is not committed. Unknown files are left out."""
        texts = {path: data for path in sorted(spans) if (data := self._text(path)) is not None}
        known = self._identified(texts)
        places = self._places({path: data for path, data in texts.items() if known[path].blob})
        asked = {path: {line for span in spans[path] for line in range(span[0], max(span) + 1)} for path in places}
        wanted: dict[str, set[int]] = {}
        for path, place in places.items():
            lines = {place[line - 1] for line in asked[path] if 0 < line <= len(place)} - {0, None}
            if lines - known[path].times().keys():
                wanted[path] = {line for line in lines if line}
        self._learn(wanted)
        found: dict[str, dict[int, int | None]] = {}
        for path, place in places.items():
            if path in self.failed:
                continue
            times = self._known()[path].times()
            at = {line: place[line - 1] for line in sorted(asked[path]) if 0 < line <= len(place)}
            found[path] = {line: times[number] if number else None for line, number in at.items() if number is not None}
        return found

    def _text(self, path: str) -> bytes | None:
        return self._given[path] if path in self._given else _content(self._folder / path)

    def _known(self) -> dict[str, _Known]:
        if self._files is None:
            self._files = self._recall()
        return self._files

    @cached_property
    def _listed(self) -> dict[str, str]:
        """The blob of each file of the project at its head."""
        return {path: blob for mode, blob, path in entries(self._top, tree_of(self._head, self._prefix)) if mode in _FILES}

    def _identified(self, paths: Iterable[str]) -> dict[str, _Known]:
        """What is known of the files, at least the blob of each."""
        known = self._known()
        new = [path for path in paths if path not in known]
        if new:
            known.update((path, _Known(self._listed.get(path, ""))) for path in new)
        return known

    def _places(self, texts: Mapping[str, bytes]) -> dict[str, Sequence[int | None]]:
        """By path, the line of the commit that each line of the text is: 0 for a new one, None when that cannot be told."""
        known = self._known()
        places: dict[str, Sequence[int | None]] = {}
        changed: dict[str, list[str]] = {}
        for path, data in texts.items():
            blob = known[path].blob
            if identity(data, blob) == blob:
                places[path] = range(1, len(_lines(data)) + 1)
            else:
                changed.setdefault(blob, []).append(path)
        if changed:
            for blob, content in blobs(self._top, changed):
                places |= {path: _matched(texts[path], content) for path in changed[blob]}
        return dict(sorted(places.items()))

    def _learn(self, wanted: Mapping[str, set[int]]) -> None:
        if not wanted:
            return
        from concurrent.futures import ThreadPoolExecutor

        known = self._known()
        with ThreadPoolExecutor(2) as pool:
            for path, runs in zip(wanted, pool.map(self._blamed, wanted, wanted.values()), strict=True):
                if isinstance(runs, GitError):
                    self.failed[path] = str(runs)
                else:
                    known[path] = _Known(known[path].blob, _runs({**known[path].times(), **runs}))
        if self._store is not None:
            files = {os.fsencode(path): one for path, one in sorted(known.items())}
            self._store.put(self._key(), msgspec.msgpack.encode(_State(self._head, files)))

    def _blamed(self, path: str, lines: set[int]) -> dict[int, int] | GitError:
        ranges = [f"-L{first},{last}" for first, last in _joined(lines)]
        lists = [f"--ignore-revs-file={self._top / IGNORED}"] if (self._top / IGNORED).is_file() else []
        command = ["blame", "--incremental", "-w", "--no-textconv", "--root"]
        if self._since:
            command.append(f"--max-age={self._since}")
        place = (self._head, "--", self._prefix + path)
        try:
            try:
                output = git(self._top, *command, *lists, *ranges, *place, timeout=TIMEOUT)
            except GitError:
                if not lists:
                    raise
                output = git(self._top, *command, *ranges, *place, timeout=TIMEOUT)  # the list may name what is no commit
            return _times(output)
        except (GitError, ValueError) as error:
            return GitError(str(error))

    def _key(self) -> bytes:
        ignored = _content(self._top / IGNORED) or b""
        kind = b"blame 1 bounded\0" if self._since else b"blame 1\0"  # what is too old today is so tomorrow
        state = hashlib.blake2b(kind + os.fsencode(self._prefix) + b"\0" + ignored, digest_size=16)
        return state.digest()

    def _recall(self) -> dict[str, _Known]:
        """What an earlier run learnt, without the files that any commit between its head and this one touches."""
        data = self._store.get(self._key()) if self._store is not None else None
        if data is None:
            return {}
        try:
            state = msgspec.msgpack.decode(data, type=_State)
            files = {os.fsdecode(path): known for path, known in state.files.items()}
            if state.head == self._head:
                return files
            touched = touched_between(self._top, state.head, self._head)
            listed = self._listed
        except (GitError, msgspec.MsgspecError):
            return {}
        return {path: known for path, known in files.items() if self._prefix + path not in touched and listed.get(path, "") == known.blob}


def reformatting(top: Path) -> frozenset[bytes]:
    """The commits that a repository lists as ones that only reformat, by their full names."""
    words = (line.split(b"#")[0].strip() for line in (_content(top / IGNORED) or b"").splitlines())
    return frozenset(word for word in words if len(word) in (40, 64))


def touched_between(top: Path, one: str, other: str) -> frozenset[str]:
    """The paths that a commit touches which only one of the two heads has."""
    commits = git(top, "rev-list", f"{one}...{other}", "--")
    output = git(top, "diff-tree", "--stdin", "-r", "-z", "--root", "-c", "--name-only", "--no-commit-id", "--no-renames", data=commits)
    return frozenset(os.fsdecode(path) for path in output.split(b"\0") if path)


def identity(data: bytes, like: str) -> str:
    """The blob identity of a content, by the hash function of `like`."""
    name = "sha1" if len(like) == 40 else "sha256"
    return hashlib.new(name, b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except (OSError, ValueError):
        return None


def _lines(data: bytes) -> list[bytes]:
    lines = data.split(b"\n")
    return lines if lines[-1] else lines[:-1]


def _matched(text: bytes, committed: bytes) -> list[int | None]:
    new, old = ([b"".join(line.split()) for line in _lines(data)] for data in (text, committed))
    start = next((n for n, (a, b) in enumerate(zip(new, old, strict=False)) if a != b), min(len(new), len(old)))
    room = min(len(new), len(old)) - start
    end = next((n for n, (a, b) in enumerate(zip(reversed(new), reversed(old), strict=False)) if n >= room or a != b), room)
    places: list[int | None] = [*range(1, start + 1), *[0] * (len(new) - start - end), *range(len(old) - end + 1, len(old) + 1)]
    middle, other = new[start : len(new) - end], old[start : len(old) - end]
    if max(len(middle), len(other)) > _MOST:
        places[start : len(new) - end] = [None] * len(middle)
        return places
    from difflib import SequenceMatcher

    for block in SequenceMatcher(None, middle, other).get_matching_blocks():
        for n in range(block.size):
            places[start + block.a + n] = start + block.b + n + 1
    return places


def _joined(lines: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The runs of numbers that follow each other."""
    first = last = 0
    for line in sorted(lines):
        if last and line == last + 1:
            last = line
            continue
        if last:
            yield first, last
        first = last = line
    if last:
        yield first, last


def _runs(times: Mapping[int, int]) -> tuple[tuple[int, int, int], ...]:
    runs: list[tuple[int, int, int]] = []
    for line, time in sorted(times.items()):
        if runs and runs[-1][1] == line - 1 and runs[-1][2] == time:
            runs[-1] = (runs[-1][0], line, time)
        else:
            runs.append((line, line, time))
    return tuple(runs)


def _times(output: bytes) -> dict[int, int]:
    """The author's time of each line, of the output of `git blame --incremental`; 0 where git did not look further."""
    by_commit: dict[bytes, int] = {}
    places: list[tuple[bytes, int, int]] = []
    for line in output.split(b"\n"):
        words = line.split(b" ")
        if len(words) == 4 and len(words[0]) in (40, 64) and words[3].isdigit():
            places.append((words[0], int(words[2]), int(words[3])))
        elif words[0] == b"author-time" and places:
            by_commit[places[-1][0]] = max(1, int(words[1]))
        elif words[0] == b"boundary" and places:
            by_commit[places[-1][0]] = 0
    return {line: by_commit[commit] for commit, first, count in places for line in range(first, first + count)}
