"""The debt that a project has agreed to live with: one line of text per finding, without anything that changes by itself."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path

import msgspec

from mldebt.config import ConfigError, suggestion
from mldebt.findings import Ranked
from mldebt.writing import replace

NAME = ".mldebt-baseline.jsonl"
HEADER, VERSION = "mldebt-baseline", 1
_ANEW = "write it anew with --update-baseline"
_CONFLICT = re.compile(r"(<{7}|\|{7}|={7}|>{7})( |$)")
_WHOLE_FILE = "file"  # the anchor of what is said of a file as such
_PAIRS = 2_500  # of old and new files with the same finding
_COUPLING = frozenset(
    ("undeclared-consumer", "correction-cascade", "entanglement", "unstable-data-dependency", "feedback-loop", "training-serving-skew")
)
_WORD = re.compile(r"[^\s`>]+")  # of an anchor; a path stands alone, in backticks or before an arrow


class Entry(msgspec.Struct, frozen=True, order=True, omit_defaults=True):
    """What identifies a finding, in words. The name is for people: rules are compared by code.

    `also` are the other files that it names, `parts` the names that it groups: debt that has reached one more is not known.
    """

    path: str
    code: str
    name: str
    scope: str
    anchor: str
    ordinal: int = 0
    also: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


class Match(msgspec.Struct, frozen=True):
    """`new` and `known` keep the order of the findings. `moved` are entries with what they have become: known, but spelled anew.

    `grown` of the new ones are known, in fewer files or of fewer parts.
    """

    new: tuple[Ranked, ...]
    known: tuple[Ranked, ...]
    stale: tuple[Entry, ...]
    moved: tuple[tuple[Entry, Entry], ...] = ()
    grown: tuple[Ranked, ...] = ()


# the file --------------------------------------------------------------------------------------------------------------------


def read(file: Path) -> tuple[Entry, ...]:
    """The entries in order, each once; the lines may be in any order, as a merge leaves them."""
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such baseline; {_ANEW}") from None
    except OSError as error:
        raise ConfigError(f"{file}: the baseline cannot be read: {error.strerror}") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{file}:{number}: the baseline is not UTF-8; save it as UTF-8, or {_ANEW}") from None
    entries: dict[_Key, Entry] = {}
    headed = False
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = _value(line)
            if HEADER in value:
                _check_header(value)
                headed = True
            elif not headed:
                raise ValueError(f'this is not a baseline: it must begin with {{"{HEADER}": {VERSION}}}; {_ANEW}')
            else:
                one = _entry(value)
                entries[_spelled(one)] = _merged(one, entries.get(_spelled(one), one))
        except ValueError as error:
            raise ConfigError(f"{file}:{number}: {error}") from None
    if not headed:
        raise ConfigError(f"{file}:1: this baseline is empty; {_ANEW}")
    return tuple(sorted(entries.values()))


def write(file: Path, entries: Iterable[Entry]) -> None:
    """The same entries give the same bytes."""
    lines = [json.dumps({HEADER: VERSION}), *(_line(one) for one in sorted(set(entries)))]
    try:
        replace(file, "".join(f"{line}\n" for line in lines).encode("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: the baseline cannot be written: {error.strerror}") from None


def _line(one: Entry) -> str:
    values = msgspec.to_builtins(one)
    text = json.dumps(values, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a file name that is not UTF-8
        return json.dumps(values)
    return text


def _value(line: str) -> dict[str, object]:
    if _CONFLICT.match(line):
        raise ValueError("a merge conflict; keep the lines of both sides, and delete those of the conflict marks")
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise ValueError(f"this line is cut off or damaged; delete it, or {_ANEW}") from None
    if not isinstance(value, dict):
        raise ValueError(f"this line is no JSON object; delete it, or {_ANEW}")
    return value


def _check_header(value: Mapping[str, object]) -> None:
    if value != {HEADER: VERSION} or isinstance(value[HEADER], bool):
        raise ValueError(
            f"the baseline is of version {value[HEADER]!r}, and this mldebt reads version {VERSION}; update mldebt, or {_ANEW}"
        )


def _entry(value: dict[str, object]) -> Entry:
    fields = Entry.__struct_fields__
    for key in value:
        if key not in fields:
            raise ValueError(f"unknown key {key!r}{suggestion(key, fields)}")
    try:
        entry = msgspec.convert(value, Entry)
    except msgspec.ValidationError as error:
        raise ValueError(f"{error}; delete the line, or {_ANEW}") from None
    if entry.ordinal < 0:
        raise ValueError("`ordinal` is below 0; delete the line")
    return entry


def _merged(one: Entry, other: Entry) -> Entry:
    """Two sides of a merge may know a finding with other files."""
    also, parts = tuple(sorted({*one.also, *other.also})), tuple(sorted({*one.parts, *other.parts}))
    return msgspec.structs.replace(max(one, other), also=also, parts=parts)


# entries ---------------------------------------------------------------------------------------------------------------------


def entry(ranked: Ranked) -> Entry:
    found = ranked.finding
    also = {place.path for place in found.evidence} - {found.location.path}
    parts = tuple(sorted(set(found.parts)))
    return Entry(found.location.path, ranked.code, ranked.name, found.scope, found.anchor, ranked.ordinal, tuple(sorted(also)), parts)


def describe(entry: Entry) -> str:
    """One line for people."""
    scope = f" in {entry.scope}" if entry.scope else ""
    ordinal = f" (number {entry.ordinal + 1})" if entry.ordinal else ""
    return " ".join(f"{entry.path}: {entry.code} {entry.name}{scope}: {entry.anchor}{ordinal}".split())


def updated(old: Iterable[Entry], findings: Iterable[Ranked], seen: Callable[[Entry], bool]) -> tuple[Entry, ...]:
    """Entries for all findings, and the old ones of which this run can say nothing."""
    return tuple(sorted({*(entry(one) for one in findings), *(one for one in old if not seen(one))}))


def pruned(old: Iterable[Entry], match: Match) -> tuple[Entry, ...]:
    """The old entries without the stale ones, those that moved at their new place; nothing is added for new findings."""
    gone = {*match.stale, *(before for before, _ in match.moved)}
    return tuple(sorted({*(one for one in old if one not in gone), *(after for _, after in match.moved)}))


# matching --------------------------------------------------------------------------------------------------------------------


def match(
    findings: Sequence[Ranked],
    entries: Sequence[Entry],
    *,
    seen: Callable[[Entry], bool],
    gone: Callable[[str], bool] | None = None,
) -> Match:
    """Which findings the entries explain, one each, and which entries explain nothing although this run could have `seen` them.

    `gone` says whether the project has no file of that path. Without it, a file counts as gone in which this run could have found
    something and found nothing, also not as a part of another finding.

    An entry explains the finding that it spells out; else one that differs in the ordinal alone; else one to which the renames of
    files lead (`_Renames`); else one of the same anchor that now begins in another of its files. Of equal findings in one
    scope the entries explain the first ones: if one is added above them, it is the last that is new.
    """
    rest = _Rest(findings, entries)
    rest.pair(_spelled, _spelled)
    rest.pair(_without_ordinal, _without_ordinal)
    renames = None
    if rest.entries and rest.findings:
        renames = _Renames(rest, entries, seen, gone)
        renames.learn_places(rest)
        rest.pair(renames.followed, _loosely)
        renames.learn_parts(rest)
        rest.pair(renames.followed, _loosely)
        rest.pair(renames.at_place, lambda one: (one.path, *_placeless(one)))
        rest.lead(renames)
    present = {path for places in rest.places for path in places}
    left = gone or (lambda path: path not in present)
    followed = renames.file if renames else str
    had = [{followed(path) for path in (one.path, *one.also)} for one, _ in rest.pairs]
    grown = {
        at
        for (one, at), files in zip(rest.pairs, had, strict=True)
        if _has_grown(findings[at].debt, files, rest.places[at], left) or not set(findings[at].finding.parts) <= set(one.parts)
    }
    pairs = [(one, entry(findings[at])) for one, at in rest.pairs if at not in grown]
    explained = {at for _, at in rest.pairs} - grown
    return Match(
        new=tuple(one for at, one in enumerate(findings) if at not in explained),
        known=tuple(one for at, one in enumerate(findings) if at in explained),
        stale=tuple(one for one in rest.entries if seen(one)),
        moved=tuple(sorted((one, now) for one, now in pairs if _has_moved(one, now, seen))),
        grown=tuple(findings[at] for at in sorted(grown)),
    )


_Key = tuple[object, ...]


def _has_grown(debt: str, had: set[str], has: Collection[str], gone: Callable[[str], bool]) -> bool:
    """Whether a debt has reached more files. Where who stands at its ends is the debt, one end does not make good for another,
    unless that has left the project: it was renamed. Elsewhere findings name only some of their files, so that their number counts.
    """
    if debt not in _COUPLING:
        return len(has) > len(had)
    return len(set(has) - had) > sum(gone(path) for path in had.difference(has))


def _has_moved(one: Entry, now: Entry, seen: Callable[[Entry], bool]) -> bool:
    """Whether an entry is spelled anew; not where it merely lacks files that this run could not read."""
    return _spelled(one) != _spelled(now) or ((one.also, one.parts) != (now.also, now.parts) and seen(one))


def _spelled(one: Entry) -> _Key:
    return one.path, one.code, one.scope, one.anchor, one.ordinal


def _without_ordinal(one: Entry) -> _Key:
    return one.path, one.code, one.scope, one.anchor


def _loosely(one: Entry) -> _Key:
    """The paths in an anchor are sorted, so a rename may change their order."""
    return one.path, one.code, one.scope, *sorted(_WORD.findall(one.anchor))


class _Rest:
    """The entries and findings that are not paired yet, in an order that does not depend on how they were given."""

    def __init__(self, findings: Sequence[Ranked], entries: Iterable[Entry]) -> None:
        self.entries = sorted(set(entries))
        self.findings = sorted(((entry(one), at) for at, one in enumerate(findings)), key=lambda pair: (pair[0], findings[pair[1]].rank))
        self.places = [_places(one) for one in findings]
        self.pairs: list[tuple[Entry, int]] = []

    def pair(self, of_entry: Callable[[Entry], _Key], of_finding: Callable[[Entry], _Key]) -> None:
        """Entries and findings of one key belong together, in order."""
        waiting: dict[_Key, list[Entry]] = defaultdict(list)
        for one in reversed(self.entries):
            waiting[of_entry(one)].append(one)
        self._keep({at: held.pop() for spelled, at in self.findings if (held := waiting.get(of_finding(spelled)))})

    def lead(self, renames: _Renames) -> None:
        """A finding with several files begins in the first of them: another one may have become the first."""
        waiting: dict[_Key, list[Entry]] = defaultdict(list)
        for one in self.entries:
            _, code, _, *words = renames.followed(one)
            waiting[code, *words].append(one)
        found: dict[int, Entry] = {}
        for spelled, at in self.findings:
            _, code, _, *words = _loosely(spelled)
            held = waiting.get((code, *words), [])
            here = next((one for one in held if _shares_a_file(one, spelled.path, self.places[at], renames)), None)
            if here is not None:
                held.remove(here)
                found[at] = here
        self._keep(found)

    def _keep(self, found: Mapping[int, Entry]) -> None:
        done = set(found.values())
        self.pairs += [(one, at) for at, one in found.items()]
        self.entries = [one for one in self.entries if one not in done]
        self.findings = [pair for pair in self.findings if pair[1] not in found]


def _shares_a_file(one: Entry, path: str, places: Collection[str], renames: _Renames) -> bool:
    """Whether the finding at `path` is of a file of an entry that begins in another one."""
    had = renames.file(one.path)
    return had != path and any(renames.file(other) in places for other in (one.path, *one.also))


class _Renames:
    """Files that are gone, and the new files which have their findings.

    A file is taken for the one that has most of its findings, then for one of its name, then for the most similar path; no two
    files become one. An old file is gone, and the baseline does not know the new one. A file that the baseline names in an anchor
    alone is followed when the other words of that anchor are the same.
    """

    def __init__(self, rest: _Rest, entries: Iterable[Entry], seen: Callable[[Entry], bool], gone: Callable[[str], bool] | None) -> None:
        self._present = {path for places in rest.places for path in places}
        self._mentioned = {word for one in entries for word in (one.path, *_WORD.findall(one.anchor))}
        self._seen = seen
        self._gone = gone
        self.files: dict[str, str] = {}

    def file(self, path: str) -> str:
        return self.files.get(path, path)

    def followed(self, one: Entry) -> _Key:
        """The entry as `_loosely` spells its finding after the renames."""
        anchor = one.anchor
        if one.path in self.files:
            anchor = anchor.replace(one.path, self.files[one.path])  # also when there is a blank in it
        return self.file(one.path), one.code, one.scope, *sorted(self.file(word) for word in _WORD.findall(anchor))

    def at_place(self, one: Entry) -> _Key:
        """An entry of a file that moved: what the file names relative to itself has moved with it."""
        return (self.files[one.path], *_placeless(one)) if one.path in self.files else ()

    def learn_places(self, rest: _Rest) -> None:
        """From how many findings each file that is gone has in common with each new one."""
        olds: dict[_Key, Counter[str]] = defaultdict(Counter)
        for one in rest.entries:
            if one.anchor != _WHOLE_FILE and self._is_gone(one.path, one):
                olds[_placeless(one)][one.path] += 1
        news: dict[_Key, Counter[str]] = defaultdict(Counter)
        for spelled, _ in rest.findings:
            if spelled.path not in self._mentioned and (key := _placeless(spelled)) in olds:
                news[key][spelled.path] += 1
        common: Counter[tuple[str, str]] = Counter()
        for key, new_paths in news.items():
            for old, new in _candidates(sorted(olds[key]), sorted(new_paths)):
                common[old, new] += min(olds[key][old], new_paths[new])
        # One finding in common is little: the same call in another function of that name. A file elsewhere, of another name, has two.
        self._settle({pair: count for pair, count in common.items() if count > 1 or _alike(*pair)})

    def learn_parts(self, rest: _Rest) -> None:
        """From entries and findings with several files that differ by files alone."""
        waiting: dict[str, list[tuple[Entry, set[str]]]] = defaultdict(list)
        for one in rest.entries:
            words = {self.file(word) for word in _WORD.findall(one.anchor)}
            if any("." in word and self._is_gone(word, one) for word in (self.file(one.path), *words)):
                waiting[one.code].append((one, words))
        common: Counter[tuple[str, str]] = Counter()
        several = [(spelled, at) for spelled, at in rest.findings if len(rest.places[at]) > 1 and spelled.code in waiting]
        sizes = Counter(spelled.code for spelled, _ in several)
        for spelled, at in several:
            if sizes[spelled.code] * len(waiting[spelled.code]) > 16 * _PAIRS:
                continue  # nobody renames so many by hand
            there, places = set(_WORD.findall(spelled.anchor)), rest.places[at]
            for one, words in waiting[spelled.code]:
                olds, news, path = words - there, there - words, self.file(one.path)
                if not olds and not news and path not in places:  # it begins in another of its files now
                    news = {new for new in places - self._mentioned if _name(new) == _name(path)}
                    olds = {path} if news else set()
                elif len(olds) != len(news) or not news <= places - self._mentioned or path not in places | olds:
                    continue
                if all(self._is_gone(word, one) for word in olds):
                    common.update((old, new) for old in olds for new in news)
        self._settle(common)

    def _is_gone(self, path: str, one: Entry) -> bool:
        return path not in self._present and (self._seen(one) if self._gone is None else self._gone(path))

    def _settle(self, common: Mapping[tuple[str, str], int]) -> None:
        taken = set(self.files.values())
        for old, new in sorted(common, key=lambda pair: (-common[pair], *_likeness(*pair), pair)):
            if old not in self.files and new not in taken:
                self.files[old] = new
                taken.add(new)


def _places(one: Ranked) -> frozenset[str]:
    return frozenset((one.finding.location.path, *(place.path for place in one.finding.evidence)))


def _placeless(one: Entry) -> _Key:
    """What stays of an entry when its file moves, and those that its anchor names: their names."""
    words = _WORD.findall(one.anchor.replace(one.path, "/"))
    return one.code, one.scope, *sorted(_name(word) for word in words)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _alike(old: str, new: str) -> bool:
    """Whether two paths have the name or the folder in common."""
    return _name(old) == _name(new) or old.rpartition("/")[0] == new.rpartition("/")[0]


def _candidates(olds: Sequence[str], news: Sequence[str], depth: int = 1) -> Iterator[tuple[str, str]]:
    """All pairs; where that would be very many, those with the same name, then those in a folder of the same name, and so on."""
    if len(olds) * len(news) <= _PAIRS:
        yield from product(olds, news)
        return
    ends: dict[tuple[str, ...], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, paths in enumerate((olds, news)):
        for path in paths:
            ends[tuple(path.split("/")[-depth:])][side].append(path)
    for end in sorted(ends):
        yield from _candidates(*ends[end], depth + 1)


def _likeness(old: str, new: str) -> tuple[bool, int, int]:
    """Smaller for more similar paths: of one name, with more folders the same, with more equal letters at both ends."""
    *above, name = old.split("/")
    *over, other = new.split("/")
    folders = sum((Counter(above) & Counter(over)).values())
    return name != other, -folders, -(_shared(old, new) + _shared(old[::-1], new[::-1]))


def _shared(one: Collection[str], other: Collection[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
