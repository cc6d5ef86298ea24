"""How strongly two columns go together: candidates and explanations, never a decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np

from mldebt.data_pass.structure.columns import Ranked, Table, chosen_rows
from mldebt.data_pass.structure.model import Association

LEAST = 0.6
ROWS = 50_000
RANKS = 40_000_000  # of all columns together: fewer rows where there are thousands of columns
FEWEST = 2_000
PARTNERS = 30  # strongest partners of one column that are kept
BLOCK = 512  # columns of one matrix product
CELLS = 200_000_000  # rows x pairs of categories that are counted
MANY = 20_000  # pairs of categories that are all measured; of more, only the likely ones
SCORES, SKETCHED = 4, 2_000  # random scores of the levels of a category, and the rows on which they are compared
CHANCE, SHARE = 2.5, 0.05  # least likeness of two sketches: as a multiple of chance, and as a share of what LEAST would give
OVERLAP = 30  # rows on which both have a value
DIGITS = 4


def associations(table: Table, names: Sequence[str]) -> tuple[Association, ...]:
    """All pairs at or above LEAST, at most PARTNERS per column (of a pair, either may count it among its strongest)."""
    numeric = [name for name in names if table.columns[name].numeric]
    categories = [name for name in names if not table.columns[name].numeric]
    ranks, masks = centred_ranks(table, numeric, chosen_rows(table.rows, min(ROWS, max(FEWEST, RANKS // max(1, len(numeric))))))
    found = list(_spearman(numeric, ranks, masks))
    if categories:
        found += _with_categories(table, numeric, categories)
    return _strongest(found)


def centred_ranks(table: Table, names: Sequence[str], rows: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    """float32, rows x names: ranks with mean 0 and length 1 (0 where missing), and 1 where there is a value."""
    count = table.rows if rows is None else len(rows)
    ranks = np.zeros((len(names), count), dtype=np.float32)
    masks = np.ones((len(names), count), dtype=np.float32) if any(table.facts[name].missing for name in names) else ranks[:, :0]
    for place, name in enumerate(names):
        one = table.ranked(name) if rows is None else table.columns[name].ranked(rows)
        ranks[place] = average_ranks(one)
        if one.missing:
            masks[place, one.codes < 0] = 0
    return ranks, masks


def average_ranks(one: Ranked) -> np.ndarray:
    """float64, centred and of length 1; ties share their mean rank."""
    if one.levels == 0:
        return np.zeros(len(one.codes))
    counts = np.bincount(one.codes[one.codes >= 0] if one.missing else one.codes, minlength=one.levels)
    means = np.cumsum(counts) - (counts + 1) / 2
    means -= (means @ counts) / counts.sum()
    length = np.sqrt((means * means) @ counts)
    scaled = means / length if length > 0 else means * 0
    centred: np.ndarray = np.append(scaled, 0.0)[one.codes]  # -1, missing, is the appended one
    return centred


def _spearman(names: Sequence[str], ranks: np.ndarray, masks: np.ndarray) -> Iterator[Association]:
    for start in range(0, len(names), BLOCK):
        block = slice(start, start + BLOCK)
        rho = np.abs(ranks[block] @ ranks.T)
        if masks.shape[1]:
            _only_common_rows(rho, ranks[block], masks[block], ranks, masks)
        rho[np.arange(len(rho)), start + np.arange(len(rho))] = 0
        for place, row in enumerate(rho, start):
            near = np.flatnonzero(row >= LEAST)
            if len(near) > PARTNERS:
                near = np.sort(near[np.argsort(-row[near], kind="stable")[:PARTNERS]])
            for other in near.tolist():
                # Either may have the other among its strongest: the pair is made once, by `_strongest`.
                first, second = sorted((names[place], names[other]))
                yield Association(first, second, "spearman", min(1.0, round(float(row[other]), DIGITS)))


def _only_common_rows(rho: np.ndarray, left: np.ndarray, has_left: np.ndarray, right: np.ndarray, has_right: np.ndarray) -> None:
    """Scale to the rows on which both have a value."""
    lengths = np.sqrt(((left * left) @ has_right.T) * (has_left @ (right * right).T))
    common = has_left @ has_right.T
    np.divide(rho, lengths, out=rho, where=lengths > 1e-6)
    rho[(common < OVERLAP) | (lengths <= 1e-6)] = 0


def _with_categories(table: Table, numeric: Sequence[str], categories: Sequence[str]) -> list[Association]:
    pairs = len(categories) * (len(categories) - 1) // 2 + len(categories) * len(numeric)
    rows = chosen_rows(table.rows, int(min(ROWS, max(FEWEST, CELLS // max(1, pairs)))))
    ranks, masks = centred_ranks(table, numeric, rows)
    codes = {name: (table.ranked(name) if rows is None else table.columns[name].ranked(rows)) for name in categories}
    found = []
    for name, other in likely_pairs(codes) if len(categories) * (len(categories) - 1) // 2 > MANY else combinations(categories, 2):
        value = round(cramers_v(codes[name], codes[other]), DIGITS)
        if value >= LEAST:
            found.append(Association(name, other, "cramers-v", value))
    for name in categories:
        if numeric:
            for value, other in zip(correlation_ratios(codes[name], ranks, masks), numeric, strict=True):
                if round(float(value), DIGITS) >= LEAST:
                    first, second = sorted((name, other))
                    found.append(Association(first, second, "correlation-ratio", round(float(value), DIGITS)))
    return found


def likely_pairs(codes: Mapping[str, Ranked]) -> list[tuple[str, str]]:
    """Pairs of categories that may be associated, at most PARTNERS of one column with later ones, found by matrix products.

    Random scores of the levels, with a variance of one over the rows of a level, are correlated: the squares sum to about SCORES^2 x
    V^2 / (levels - 1), levels being those of the column that has more. Of pairs with hundreds of levels each, chance hides the weaker.
    """
    names = list(codes)
    rows = chosen_rows(len(codes[names[0]].codes), SKETCHED)
    sketches, levels = sketches_of([codes[name] for name in names], slice(None) if rows is None else rows)
    pairs = []
    for start in range(0, len(names), BLOCK):
        block = slice(start, start + BLOCK)
        likeness = np.zeros((len(names[block]), len(names) - start), dtype=np.float32)
        for one in sketches:
            for two in sketches:
                likeness += (one[block] @ two[start:].T) ** 2
        expected = LEAST**2 / np.maximum(np.maximum.outer(levels[block], levels[start:]) - 1, 1)
        least = SCORES**2 * np.maximum(CHANCE / sketches.shape[2], SHARE * expected)
        for place, row in enumerate(likeness):
            later = row[place + 1 :]
            near = np.flatnonzero(later >= least[place, place + 1 :])
            near = np.sort(near[np.argsort(-later[near], kind="stable")[:PARTNERS]])
            pairs += [(names[start + place], names[start + place + 1 + other]) for other in near.tolist()]
    return pairs


def sketches_of(columns: Sequence[Ranked], rows: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray]:
    """float32, SCORES x columns x rows: with mean 0 and length 1, or 0 throughout; and the levels of each column, missing being one."""
    levels = np.array([one.levels + (one.missing > 0) for one in columns])
    scores = np.random.default_rng(0).normal(size=(SCORES, int(levels.max())))
    made = []
    for one, count in zip(columns, levels.tolist(), strict=True):
        codes = one.codes[rows] + (one.missing > 0)
        sizes = np.bincount(codes, minlength=count)
        values = (scores[:, :count] / np.sqrt(np.maximum(sizes, 1)))[:, codes]
        values -= values.mean(axis=1, keepdims=True)
        lengths = np.sqrt((values**2).sum(axis=1, keepdims=True))
        made.append(np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 1e-9).astype(np.float32))
    return np.stack(made, axis=1), levels


def cramers_v(one: Ranked, two: Ranked) -> float:
    """Bias-corrected (Bergsma 2013); a missing value is a value of its own."""
    count = len(one.codes)
    r, c = one.levels + (one.missing > 0), two.levels + (two.missing > 0)
    if min(r, c) <= 1 or count <= 1:
        return 0.0
    cells = np.bincount((one.codes.astype(np.int64) + (one.missing > 0)) * c + two.codes + (two.missing > 0), minlength=r * c)
    table = cells.reshape(r, c).astype(np.float64)
    expected = np.outer(table.sum(1), table.sum(0)) / count
    phi = float(((table - expected) ** 2 / expected).sum()) / count
    corrected = max(0.0, phi - (r - 1) * (c - 1) / (count - 1))
    room = min(r - (r - 1) ** 2 / (count - 1), c - (c - 1) ** 2 / (count - 1)) - 1
    return float(np.sqrt(min(1.0, corrected / room))) if room > 0 else 0.0


def correlation_ratios(groups: Ranked, ranks: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Of the ranks of each row of `ranks` (names x rows) between groups, corrected for the number of groups (epsilon squared)."""
    codes = groups.codes + (groups.missing > 0)
    order = np.argsort(codes, kind="stable")
    counts = np.bincount(codes)
    starts = np.cumsum(counts) - counts
    sums = np.add.reduceat(ranks[:, order], starts, axis=1, dtype=np.float64)
    if masks.shape[1]:
        present = np.add.reduceat(masks[:, order], starts, axis=1, dtype=np.float64)
    else:
        present = np.broadcast_to(counts, sums.shape).astype(np.float64)
    between = np.divide(sums**2, present, out=np.zeros_like(sums), where=present > 0).sum(1)  # the total is 1
    count, used = present.sum(1), (present > 0).sum(1)
    free = count - used
    corrected = 1 - (1 - between) * np.divide(count - 1, free, out=np.full(len(free), np.inf), where=free > 0)
    valid = (free >= OVERLAP) & (used > 1) & (between > 0)
    ratios: np.ndarray = np.sqrt(np.clip(np.where(valid, corrected, 0.0), 0, 1))
    return ratios


def _strongest(found: list[Association]) -> tuple[Association, ...]:
    """Each pair once. Both directions come from different products, whose last digits may differ: the larger value counts."""
    pairs = {(one.first, one.second): one for one in sorted(found)}
    ranking = sorted(pairs.values(), key=lambda one: (-one.value, one))
    seen: dict[str, int] = {}
    kept = []
    for one in ranking:
        places = seen.get(one.first, 0), seen.get(one.second, 0)
        if min(places) < PARTNERS:
            kept.append(one)
        seen[one.first], seen[one.second] = places[0] + 1, places[1] + 1
    return tuple(sorted(kept))
