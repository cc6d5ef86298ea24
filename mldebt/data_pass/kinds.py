"""What kind of debt each dropped column is: where its information stays, or that there was none to miss (Sculley et al. 2015, section 3).

The first kind that holds is taken: constant, duplicate, legacy (one column that stays says all it says, or several do), correlated,
bundled, and of the rest epsilon (a gain that is real and smaller than the tolerance) or no measurable gain.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec

from mldebt.data_pass.bundles import Group
from mldebt.data_pass.result import Evidence, Kind
from mldebt.data_pass.structure.model import Copy, Structure

CLOSE = 0.8  # association from which another column is said to keep the information
HOW = {
    "equal": "the same values as `{}`",
    "recoded": "`{}` under other names",
    "affine": "a rescaled `{}`",
    "monotone": "a monotone function of `{}`",
    "missing-indicator": "says only where `{}` is missing",
}


class Prediction(msgspec.Struct, frozen=True):
    """How well the columns that stay tell a dropped one: share of its variance, or of its rows, on rows not fitted."""

    value: float
    others: tuple[str, ...]  # those that matter for it
    exact: bool  # a function of them, as far as the rows show
    mutual: bool  # a linear relation, which holds in every direction


class Told(msgspec.Struct, frozen=True):
    kind: Kind
    evidence: tuple[Evidence, ...]


class Known:
    """What a Structure says, by column: tables may have thousands."""

    def __init__(self, structure: Structure) -> None:
        self.constants = frozenset(structure.constants)
        self.distinct = structure.distinct
        self.members = {name: group for group in structure.classes for name in group}
        self.spare = frozenset(name for group in structure.classes for name in group[1:])
        self.copies: dict[str, list[Copy]] = defaultdict(list)
        for copy in structure.copies:
            self.copies[copy.column].append(copy)
        self.sources: dict[str, list[str]] = defaultdict(list)
        for dependence in structure.dependences:
            self.sources[dependence.column].append(dependence.on)
        self.close: dict[str, list[tuple[float, str, str]]] = defaultdict(list)  # value, other column, measure
        for pair in structure.associations:
            if pair.value >= CLOSE:
                self.close[pair.first].append((pair.value, pair.second, pair.measure))
                self.close[pair.second].append((pair.value, pair.first, pair.measure))

    def firsts(self, names: Iterable[str]) -> frozenset[str]:
        """Without the spare members of classes."""
        return frozenset(names) - self.spare


def duplicate(column: str, kept: frozenset[str], known: Known) -> Told | None:
    """A copy of a column that stays, or, where none of the copies does, of the first of them."""
    members = known.members.get(column, (column,))
    others = tuple(one for one in members if one in kept) or members[:1]
    copies = known.copies.get(column, [])
    if others[0] != column:
        how = next((one for one in copies if one.of in others), None)
        said = _how(how) if how else f"the same information as `{others[0]}`"
        return Told("duplicate", (Evidence(how.how if how else "copy", f"{said}{_gone(others[0], kept)}", others[:1]),))
    for one in copies:
        standing = one.of if one.of in kept else next((name for name in known.members.get(one.of, ()) if name in kept), "")
        if one.how == "missing-indicator" and standing:
            return Told("duplicate", (Evidence(one.how, HOW[one.how].format(standing), (standing,)),))
    return None


def _gone(other: str, kept: frozenset[str]) -> str:
    return "" if other in kept else ", which goes as well"


def _how(copy: Copy) -> str:
    said = HOW[copy.how].format(copy.of)
    return f"{said} ({copy.detail})" if copy.detail and copy.how != "equal" else said


def legacy(column: str, kept: frozenset[str], known: Known) -> Told | None:
    """A function of one column: of one that stays, or else of one that is no duplicate itself."""
    sources = sorted(
        (on not in kept, known.distinct.get(on, 0), on) for on in known.sources.get(column, ()) if on in kept or on not in known.spare
    )
    if not sources:
        return None
    first = sources[0][2]
    return Told("legacy", (Evidence("determined-by", f"`{first}` determines it{_gone(first, kept)}", (first,)),))


def predicted(found: Prediction | None) -> Told | None:
    """What several columns tell together."""
    if found is None:
        return None
    names = " and ".join(f"`{name}`" for name in found.others[:3]) + (f" and {len(found.others) - 3} more" if len(found.others) > 3 else "")
    if found.exact and not found.mutual:
        return Told("legacy", (Evidence("determined-by", f"{names} determine it", found.others, found.value),))
    if found.value >= CLOSE:
        return Told(
            "correlated", (Evidence("predicted-by", f"{names} explain {found.value:.0%} of it", found.others, round(found.value, 4)),)
        )
    return None


def correlated(column: str, kept: frozenset[str], known: Known) -> Told | None:
    pairs = [pair for pair in known.close.get(column, ()) if pair[1] in kept]
    if not pairs:
        return None
    value, other, measure = min(pairs, key=lambda pair: (-round(pair[0], 6), pair[1]))
    said = {"spearman": "rank correlation", "cramers-v": "Cramer's V", "correlation-ratio": "correlation ratio"}[measure]
    message = f"{said} {value:.2f} with `{other}`; which of them causes is not in the data"
    return Told("correlated", (Evidence("association", message, (other,), round(value, 4)),))


def bundled(column: str, kept: frozenset[str], needed: frozenset[str], groups: Sequence[Group]) -> Told | None:
    """A member of a group that was let in as one; a group that a name suggests counts only when some of it is needed."""
    for group in groups:
        stay = [name for name in group.columns if name in kept]
        if column in group.columns and (group.origin == "given" or any(name in needed for name in stay)):
            earn = "earns its" if len(stay) == 1 else "earn their"
            said = f"{len(stay)} of the {len(group.columns)} columns of `{group.name}` {earn} place"
            return Told("bundled", (Evidence("bundle", said, tuple(stay[:5])),))
    return None


def tell(
    dropped: Sequence[str],
    kept: frozenset[str],
    needed: frozenset[str],
    structure: Structure,
    groups: Sequence[Group],
    predictions: Mapping[str, Prediction],
) -> Iterator[tuple[str, Told | None]]:
    """The kind of each dropped column; None: only its gain can tell epsilon from none."""
    known = Known(structure)
    for column in dropped:
        if column in known.constants:
            yield column, Told("constant", (Evidence("constant", "one value in all rows"),))
            continue
        guess = predictions.get(column)
        yield (
            column,
            duplicate(column, kept, known)
            or legacy(column, kept, known)
            or (predicted(guess) if guess is not None and guess.exact else None)
            or correlated(column, kept, known)
            or predicted(guess)
            or bundled(column, kept, needed, groups),
        )
