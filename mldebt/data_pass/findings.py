"""Stored results and the project -> findings: what the data pass proved, at the lines that would go.

One root cause is one finding: the columns without gain that one function makes, a bundle, the copies of one column. A result whose
data has changed is half as sure as it was, which the default profile does not report: what was measured is not what is there, and
who has just deleted the columns is not told so again. Data that is not there (a checkout in CI) is no reason to doubt the result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence

import msgspec

from mldebt.data_pass import STORED
from mldebt.data_pass.code import Producer, producers
from mldebt.data_pass.mentions import Mention, Mentions
from mldebt.data_pass.result import RULES, Column, DropSet, Interval, Result
from mldebt.data_pass.stored import Pass, Passes
from mldebt.findings import Finding, Location
from mldebt.project.project import Project

CHANGED, OLD, ABSENT = 0.5, 0.75, 0.95  # how sure a result is when its data has changed, when it is old, when its data is not here
_SUGGESTED = 0.8  # of bundles that only share the beginning of their names
_NAMED = 4  # columns in a message
_STOREDS = 12  # lines of one finding
_TEXT = (".csv", ".tsv", ".txt")

Key = tuple[str, ...]


def found(project: Project, passes: Passes, active: Collection[str]) -> tuple[Finding, ...]:
    """The findings of the active rules, by place."""
    findings = (finding for one in passes.passes for finding in _of_pass(project, one, active))
    return tuple(sorted(findings, key=lambda f: (f.location, f.rule, f.message)))


def notes(passes: Passes) -> tuple[str, ...]:
    """One line for each data pass, for the report."""
    return tuple(_note(one) for one in passes.passes)


def _note(one: Pass) -> str:
    entry = one.entry
    dropped = len([column for column in entry.result.columns if column.action == "drop"])
    text = f"data pass of {entry.data.path}: {entry.date}, {dropped} of {len(entry.result.columns)} columns may go"
    if one.state == "changed":
        text += "; stale: the data has changed since, so the default profile leaves its findings out; run `mldebt features` again"
    elif one.stale:
        text += f"; {one.stale}"
    return text


def _of_pass(project: Project, one: Pass, active: Collection[str]) -> Iterator[Finding]:
    result = one.entry.result
    dropped = [c for c in result.columns if c.action == "drop" and RULES.get(c.kind) in active]
    if not dropped:
        return
    mentions = Mentions(project, (c.name for c in result.columns))
    dead = producers(result, mentions)
    groups: dict[Key, list[Column]] = defaultdict(list)
    for column in dropped:
        groups[_key(column, result, mentions)].append(column)
    for key, columns in sorted(groups.items()):
        places = _ordered(columns, mentions)
        if places or not project.partial:  # the code may be in what was not read
            yield _finding(project, one, key, columns, places, [p for p in dead if not {c.name for c in columns}.isdisjoint(p.columns)])


def _key(column: Column, result: Result, mentions: Mentions) -> Key:
    """What columns of one finding share: the rule, and the function that makes them, the bundle, or the column that says the same."""
    rule = RULES[column.kind]
    if rule == "epsilon-feature":
        first = next(iter(_ordered([column], mentions)), None)
        return (rule, "", "") if first is None else (rule, first.module.path, _scope(first))
    if rule == "bundled-feature":
        bundle = next((b.name for b in result.bundles if column.name in b.columns), None)
        if bundle is not None:
            return rule, bundle
    return (rule, *(_others(column) or (column.name,)))


def _others(column: Column) -> tuple[str, ...]:
    """The columns that keep what this one says."""
    return next((e.others for e in column.evidence if e.others and e.type != "producer"), ())


def _ordered(columns: Iterable[Column], mentions: Mentions) -> list[Mention]:
    """The lines of the columns: those that create one first."""
    found = {mention.place: mention for column in columns for mention in reversed(mentions.of(column.name))}
    return sorted(found.values(), key=lambda m: (m.role != "creates", m.place))


def _scope(mention: Mention) -> str:
    return mention.module.qualname(mention.scope)


def _finding(
    project: Project, one: Pass, key: Key, columns: Sequence[Column], places: Sequence[Mention], dead: Sequence[Producer]
) -> Finding:
    entry, rule = one.entry, key[0]
    names = sorted(c.name for c in columns)
    lines = {mention.place for mention in places}
    shown = [project.location(m.module, m.span, f"{m.role} `{m.column}`") for m in places[:_STOREDS]]
    if shown:
        location = msgspec.structs.replace(shown[0], message="")
    else:
        data = entry.data.path
        inside = data.endswith(_TEXT) and not data.startswith("..") and (project.root / data).is_file()
        location = Location(data if inside else STORED, 1)
    gone = [Location(p.path, p.line, message=p.claim) for p in dead]
    stale = f", stale: {one.stale}" if one.stale else ""
    return Finding(
        rule=rule,
        location=location,
        message=f"{_claim(rule, key, columns, entry.result)} (data pass of {entry.date}{stale})",
        anchor=f"{entry.name}: {names[0]}" if entry.name else names[0],
        scope=_scope(places[0]) if places else "",
        evidence=(*shown[1:], *gone),
        confidence=_confidence(one) * (_SUGGESTED if _is_suggested(key, entry.result) else 1.0),
        size=max(len(lines), len(columns)),
        reach=float(max(0, len({path for path, _ in lines}) - 1)),
    )


def _confidence(one: Pass) -> float:
    if one.state == "changed":
        return CHANGED
    return OLD if one.stale.startswith("older") else ABSENT if one.state == "gone" else 1.0


def _is_suggested(key: Key, result: Result) -> bool:
    return key[0] == "bundled-feature" and any(b.name == key[1] and b.origin == "prefix" for b in result.bundles)


# what is said --------------------------------------------------------------------------------------------------------


def _claim(rule: str, key: Key, columns: Sequence[Column], result: Result) -> str:
    names, many = _named(sorted(c.name for c in columns)), len(columns) > 1
    others = _named(key[1:])
    if rule == "duplicate-feature-data":
        text = f"{names} {'say' if many else 'says'} the same as {others}{_detail(columns)}"
    elif rule == "legacy-feature":
        text = f"{names} {'are' if many else 'is'} superseded by {others}{_detail(columns)}"
    elif rule == "correlated-feature":
        text = f"{names} {'tell' if many else 'tells'} what {others} already {'tell' if len(key) > 2 else 'tells'}{_detail(columns)}"
    elif rule == "bundled-feature":
        text = _bundled(key, columns, result, names)
    else:
        text = _without_gain(columns, names)
    cost = _cost(columns, result.set)
    return f"{text}; {cost}" if cost else text


def _bundled(key: Key, columns: Sequence[Column], result: Result, names: str) -> str:
    bundle = next((b for b in result.bundles if b.name == key[1]), None)
    if bundle is None:
        return f"{names} came with {_named(key[1:])} and earn{'' if len(columns) > 1 else 's'} nothing"
    earn = len(bundle.kept)
    return f"{earn} of the {len(bundle.columns)} columns of the bundle `{bundle.name}` earn{'s' if earn == 1 else ''} a place, not {names}"


def _without_gain(columns: Sequence[Column], names: str) -> str:
    kinds = {column.kind for column in columns}
    plural = len(columns) > 1
    if kinds == {"constant"}:
        return f"{names} {'have' if plural else 'has'} one value in all rows"
    if kinds == {"epsilon"}:
        return f"{names} {'add' if plural else 'adds'} something, but too little to matter"
    constant = _named(sorted(c.name for c in columns if c.kind == "constant"))
    return f"{names} {'add' if plural else 'adds'} nothing that can be measured" + (f" ({constant}: one value)" if constant else "")


def _detail(columns: Sequence[Column]) -> str:
    """The evidence of a single column."""
    told = next((e.message for e in columns[0].evidence if e.others and e.type != "producer"), "") if len(columns) == 1 else ""
    return f": {told.rstrip('.')}" if told else ""


def _cost(columns: Sequence[Column], dropped: DropSet) -> str:
    """What it is worth: of a column alone what it adds beside those that stay, of more what the whole set costs."""
    gain = columns[0].gain_alone if len(columns) == 1 else None
    if gain is not None:
        return f"put back, it changes {dropped.metric} by {gain.words()}"
    if dropped.delta is None or dropped.low is None or dropped.high is None:
        return ""
    change = Interval(-dropped.delta, -dropped.high, -dropped.low, 0)
    return f"without all that may go, {dropped.metric} changes by {change.words()}"


def _named(names: Sequence[str]) -> str:
    shown = [f"`{name}`" for name in names[:_NAMED]]
    if len(names) > _NAMED:
        return f"{', '.join(shown)} and {len(names) - _NAMED} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
