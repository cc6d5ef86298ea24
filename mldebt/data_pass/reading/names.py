"""Which column plays which part, and whether the names that were asked for exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from mldebt.config import nearest
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.settings import FeatureSettings

SHOWN = 5


class Roles(msgspec.Struct, frozen=True):
    """Names of columns in the source; empty: there is none. `features` are sorted."""

    target: str
    groups: str
    time: str
    weights: str
    features: tuple[str, ...]

    def used(self) -> tuple[str, ...]:
        return tuple(sorted({*self.features, self.target, self.groups, self.time, self.weights} - {""}))


def roles_of(names: Sequence[str], settings: FeatureSettings, given: dict[str, str] | None = None) -> Roles:
    """`given`: role -> name, for what came beside the columns. Raises DataError for names that are twice there, or not at all."""
    twice = sorted(name for name, count in Counter(names).items() if count > 1)
    if twice:
        raise DataError(f"column name {quoted(twice)} is there more than once; rename one of each")
    given = given or {}
    if not settings.target and "target" not in given:
        raise DataError("no target; name the column that the model predicts with --target")
    parts = {role: given.get(role) or str(getattr(settings, role)) for role in ("target", "groups", "time", "weights")}
    asked = [(role, name) for role, name in parts.items() if name and role not in given]
    asked += [("keep", name) for name in settings.keep] + [("drop", name) for name in settings.drop]
    for role, name in asked:
        if name not in names:
            raise DataError(f"{role}: no column '{name}'{did_you_mean(name, names)}")
    for role, name in asked[:4]:
        if role != "target" and name == parts["target"] and role in parts:
            raise DataError(f"{role}: '{name}' is the target; name another column")
    for role, listed in (("keep", settings.keep), ("drop", settings.drop)):
        if parts["target"] in listed:
            raise DataError(f"{role}: '{parts['target']}' is the target; take it out of the list")
    both = sorted({*settings.keep}.intersection(settings.drop))
    if both:
        raise DataError(f"keep and drop: {quoted(both)} cannot be in both lists; take it out of one")
    out = {*parts.values(), *settings.drop}
    if "target" in given:
        out.add(settings.target)  # the features may still hold the column that was given as y
    features = tuple(sorted(name for name in names if name not in out))
    if not features:
        raise DataError("no column is left as a feature")
    return Roles(features=features, **parts)


def did_you_mean(name: str, names: Sequence[str]) -> str:
    near = nearest(name, names)
    return f"; there are {quoted(sorted(names))}" if near is None else f"; did you mean {quoted([near])}?"


def quoted(names: Sequence[str]) -> str:
    """The first few names, and how many more."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(f"'{' '.join(name.split())}'" for name in names[:SHOWN]) + more
