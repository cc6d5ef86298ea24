"""What git knows of a project: how often its files change, and how old its lines are."""

from __future__ import annotations

import datetime
import hashlib
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import msgspec

from mldebt.blame import Blame, Spans, Store, reformatting
from mldebt.git import GitError, GitMissing, entries, git, parsed, tree_of
from mldebt.repository import head, prefix, repository, shallow

DAYS = 90  # a quarter
OLDEST = 365  # days; to look no further back makes blame about five times as fast
_TROUBLE = ("git failed", "git is not installed")
_RENAMES = 200  # files of one commit that are compared for renames


class _Place(msgspec.Struct, frozen=True):
    top: Path
    prefix: str
    head: str


class History:
    """Answers about one project for one run, as of `today`. Git runs when something is asked, and only in a repository."""

    def __init__(
        self,
        root: Path,
        today: datetime.date | None = None,
        store: Store | None = None,
        given: Mapping[str, bytes] | None = None,
    ) -> None:
        self._root = root
        self._given = given or {}  # content that counts instead of that on disk
        self._today = today or datetime.date.today()
        self._store = store
        self._asked: set[str] = set()

    @property
    def failed(self) -> bool:
        """Whether git did not answer, which it may do the next time."""
        return self.note.startswith(_TROUBLE) or bool(self.unknown_ages)

    @property
    def asked(self) -> tuple[str, ...]:
        """The files whose lines somebody asked about: the answers depend on their content."""
        return tuple(sorted(self._asked))

    @property
    def note(self) -> str:
        """Why there is no history, as one clause; "" when there is."""
        if isinstance(self._place, str):
            return self._place
        return self._commits if isinstance(self._commits, str) else ""

    @property
    def churn(self) -> Mapping[str, int]:
        """How many commits of the last 90 days touch a file, under whatever name it then had; of all files that git has."""
        return {} if isinstance(self._commits, str) else self._commits

    def ages(self, spans: Spans) -> dict[tuple[str, int], int]:
        """Days since the oldest line of each span (first line, last line) was written, by path and first line; at most `OLDEST`.

        0 when no line of it is committed; nothing for a file that git does not know.
        """
        found: dict[tuple[str, int], int] = {}
        for path, lines in self._lines(self._recent, spans).items():
            for first, last in spans[path]:
                times = [lines[line] for line in range(first, max(first, last) + 1) if line in lines]
                if times:
                    age = min(OLDEST, self._days(min((time for time in times if time is not None), default=None)))
                    found[path, first] = max(age, found.get((path, first), 0))
        return found

    def line_age(self, path: str, line: int, end_line: int) -> int | None:
        """Days since the youngest of these lines was written, None when that is not known."""
        times = self._lines(self._blame, {path: [(line, end_line)]}).get(path, {}).values()
        if not times:
            return None
        return 0 if None in times else self._days(max(time for time in times if time is not None))

    @property
    def unknown_ages(self) -> Mapping[str, str]:
        """The files whose lines were asked for and git did not tell, with the reason."""
        return {} if self._recent is None else dict(sorted(self._recent.failed.items()))

    def _lines(self, blame: Blame | None, spans: Spans) -> Mapping[str, Mapping[int, int | None]]:
        self._asked.update(spans)
        try:
            return {} if blame is None else blame.lines(spans)
        except GitError as error:
            if blame is not None:
                blame.failed.update(dict.fromkeys(spans, str(error)))
            return {}

    def _days(self, time: int | None) -> int:
        if time is None:
            return 0
        written = datetime.date(1970, 1, 1) + datetime.timedelta(days=min(max(time // 86_400, 0), 100_000))
        return max(0, (self._today - written).days)

    @cached_property
    def _blame(self) -> Blame | None:
        place = self._place
        return None if isinstance(place, str) else Blame(place.top, place.prefix, place.head, self._store, given=self._given)

    @cached_property
    def _recent(self) -> Blame | None:
        place = self._place
        since = _midnight(self._today - datetime.timedelta(days=OLDEST))
        return None if isinstance(place, str) else Blame(place.top, place.prefix, place.head, self._store, since=since)

    @cached_property
    def _place(self) -> _Place | str:
        """Where the project stands in a repository whose history is there, or else what is missing."""
        top = repository(self._root)
        if top is None:
            return "no git repository"
        if shallow(top):
            return "a shallow clone: fetch-depth 0 gives its history"
        below = prefix(top, self._root)
        commit = head(top)
        try:
            commit = commit or parsed(top, "HEAD")
            if not commit:
                return "no commit yet"
            if below and not parsed(top, tree_of(commit, below)):
                return "the folder is not in git"
        except GitMissing as error:
            return str(error)
        except GitError as error:
            return f"git failed: {error}"
        return _Place(top, below, commit)

    @cached_property
    def _commits(self) -> Mapping[str, int] | str:
        place = self._place
        if isinstance(place, str):
            return place
        names = f"churn 2\0{sorted(reformatting(place.top))}\0{place.head}\0{self._today}\0{place.prefix}"
        key = hashlib.blake2b(os.fsencode(names), digest_size=16).digest()
        data = self._store.get(key) if self._store is not None else None
        if data is not None:
            try:
                return {os.fsdecode(path): count for path, count in msgspec.msgpack.decode(data, type=dict[bytes, int]).items()}
            except msgspec.MsgspecError:
                pass
        try:
            counts = _churn(place, _midnight(self._today - datetime.timedelta(days=DAYS)))
        except GitMissing as error:
            return str(error)
        except GitError as error:
            return f"git failed: {error}"
        if self._store is not None:
            self._store.put(key, msgspec.msgpack.encode({os.fsencode(path): count for path, count in counts.items()}))
        return counts


class Past(History):
    """A project as a commit has it, its files written below `folder`: only `line_age` has answers, counted from `today`."""

    def __init__(self, root: Path, today: datetime.date, commit: str, folder: Path) -> None:
        super().__init__(root, today)
        self._commit, self._folder = commit, folder

    @property
    def note(self) -> str:
        return "a commit of the past"

    @property
    def churn(self) -> Mapping[str, int]:
        return {}

    def ages(self, spans: Spans) -> dict[tuple[str, int], int]:
        return {}

    @cached_property
    def _blame(self) -> Blame | None:
        place = self._place
        return None if isinstance(place, str) else Blame(place.top, place.prefix, self._commit, None, self._folder)


class NoHistory(History):
    """For who wants none: every factor counts as 1."""

    @property
    def note(self) -> str:
        return "history = false"

    @cached_property
    def _place(self) -> _Place | str:
        return self.note


def _midnight(day: datetime.date) -> int:
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp())


def _churn(place: _Place, since: int) -> dict[str, int]:
    """The commits since then by the path that the file has now, newest first, so that a rename is met before the older name.

    0 for a file that none of them touches. A rename alone touches nothing, nor does a commit that the list of reformatting ones has.
    """
    present = {path for _, _, path in entries(place.top, place.head)}
    below = len(place.prefix)
    churn = {path[below:]: 0 for path in sorted(present) if path.startswith(place.prefix)}
    told = git(place.top, "rev-list", "--no-merges", f"--max-age={since}", place.head, "--").split()
    skipped = reformatting(place.top)
    commits = b"".join(commit + b"\n" for commit in told if commit not in skipped)
    if not commits:
        return churn
    command = ("diff-tree", "--stdin", "-r", "-z", "--root", "--raw", f"-l{_RENAMES}")
    try:
        output = git(place.top, *command, "-M", data=commits)
    except GitError:  # a partial clone has no contents to compare
        output = git(place.top, *command, "-M100%", data=commits)
    touched: dict[str, set[int]] = {}
    now: dict[str, str] = {}  # an older name -> the name now, "" for that of another file, which is gone
    for number, changes in enumerate(_changes(output)):
        targets = [now.get(one.new, one.new) for one in changes]
        for one, target in zip(changes, targets, strict=True):
            if not one.only_name:
                touched.setdefault(target, set()).add(number)
        renames = [(one.old, one.new, target) for one, target in zip(changes, targets, strict=True) if one.old]
        now.update((new, "") for _, new, _ in renames)
        now.update((old, target) for old, _, target in renames)
    for old, new in now.items():  # touched under the older name by a branch that did not know the rename
        if new and old in touched and old not in present:
            touched.setdefault(new, set()).update(touched.pop(old))
    churn.update((path[below:], len(seen)) for path, seen in sorted(touched.items()) if path.startswith(place.prefix) and path)
    return churn


class _Change(msgspec.Struct, frozen=True):
    old: str  # the older name of a renamed file, or ""
    new: str
    only_name: bool = False


def _changes(output: bytes) -> Iterator[list[_Change]]:
    """The changes of each commit."""
    changes: list[_Change] = []
    tokens = iter(output.split(b"\0"))
    for token in tokens:
        if not token.startswith(b":"):
            if changes:
                yield changes
            changes = []
        elif (kind := token.split(b" ")[4]).startswith(b"R"):
            old, new = os.fsdecode(next(tokens)), os.fsdecode(next(tokens))
            changes.append(_Change(old, new, kind == b"R100"))
        else:
            changes.append(_Change("", os.fsdecode(next(tokens))))
    if changes:
        yield changes
