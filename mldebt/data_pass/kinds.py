"""What kind of debt each dropped column is: where its information stays, or that there was none to miss (Sculley et al. 2015, section 3).

The first kind that holds is taken: constant, duplicate, legacy (one column that stays says all it says, or several do), correlated,
bundled, and of the rest epsilon (a gain that is real and smaller than the tolerance) or no measurable gain.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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


def duplicate(column: str, kept: frozenset[str], structure: Structure) -> Told | None:
    """A copy of a column that stays, or, where none of the copies does, of the first of them."""
    members = next((group for group in structure.classes if column in group), (column,))
    others = tuple(one for one in members if one in kept) or members[:1]
    copies = [one for one in structure.copies if one.column == column]
    if others[0] != column:
        how = next((one for one in copies if one.of in others), None)
        said = _how(how) if how else f"the same information as `{others[0]}`"
        return Told("duplicate", (Evidence(how.how if how else "copy", f"{said}{_gone(others[0], kept)}", others[:1]),))
    for one in copies:
        standing = one.of if one.of in kept else next((k for g in structure.classes if one.of in g for k in g if k in kept), "")
        if one.how == "missing-indicator" and standing:
            return Told("duplicate", (Evidence(one.how, HOW[one.how].format(standing), (standing,)),))
    return None


def _gone(other: str, kept: frozenset[str]) -> str:
    return "" if other in kept else ", which goes as well"


def _how(copy: Copy) -> str:
    said = HOW[copy.how].format(copy.of)
    return f"{said} ({copy.detail})" if copy.detail and copy.how != "equal" else said


def legacy(column: str, kept: frozenset[str], structure: Structure) -> Told | None:
    """A function of one column: of one that stays, or else of one that is no duplicate itself."""
    spare = {name for group in structure.classes for name in group[1:]}
    sources = sorted(
        (one.on not in kept, structure.distinct.get(one.on, 0), one.on)
        for one in structure.dependences
        if one.column == column and (one.on in kept or one.on not in spare)
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


def correlated(column: str, kept: frozenset[str], structure: Structure) -> Told | None:
    pairs = [
        (one.value, other, one.measure)
        for one in structure.associations
        if column in (one.first, one.second)
        for other in (one.second if one.first == column else one.first,)
        if other in kept and one.value >= CLOSE
    ]
    if not pairs:
        return None
    value, other, measure = min(pairs, key=lambda pair: (-round(pair[0], 6), pair[1]))
    said = {"spearman": "rank correlation", "cramers-v": "Cramer's V", "correlation-ratio": "correlation ratio"}[measure]
    return Told(
        "correlated",
        (
            Evidence(
                "association", f"{said} {value:.2f} with `{other}`; which of them causes is not in the data", (other,), round(value, 4)
            ),
        ),
    )


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
    for column in dropped:
        if column in structure.constants:
            yield column, Told("constant", (Evidence("constant", "one value in all rows"),))
            continue
        yield (
            column,
            duplicate(column, kept, structure)
            or legacy(column, kept, structure)
            or predicted(predictions.get(column) if (predictions.get(column) or _none).exact else None)
            or correlated(column, kept, structure)
            or predicted(predictions.get(column))
            or bundled(column, kept, needed, groups),
        )


_none = Prediction(0.0, (), exact=False, mutual=False)
