"""All rows of a few columns, once more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mldebt.data_pass.reading.chunk import Chunk
from mldebt.data_pass.reading.names import Roles
from mldebt.data_pass.reading.scan import Scanned, Source, with_target

TARGET = "\0target"  # what the searches call the target


def all_rows(
    source: Source, roles: Roles, columns: Mapping[str, Scanned], levels: Mapping[str, list[str]], names: Sequence[str]
) -> Iterator[dict[str, np.ndarray]]:
    """Batches of float64: numbers, and codes into `levels` for categories and classes; NaN is missing."""
    real = {name: roles.target if name == TARGET else name for name in names}
    text = frozenset(name for name in real.values() if columns[name].mixed)
    wanted = tuple(sorted({*real.values(), roles.target}))
    for batch in source.batches(wanted, text):
        present = with_target(batch[roles.target])
        yield {name: _plain(batch[real[name]], levels.get(name))[present] for name in names}


def _plain(chunk: Chunk, levels: list[str] | None) -> np.ndarray:
    if chunk.codes is not None:
        assert chunk.levels is not None and levels is not None
        places = {level: float(place) for place, level in enumerate(levels)}
        codes: np.ndarray = np.array([places.get(level, np.nan) for level in chunk.levels])[chunk.codes]
        return codes
    assert chunk.values is not None
    if levels is None or chunk.kind == "nothing":
        return chunk.values
    if chunk.kind == "bool":
        return chunk.values
    return np.searchsorted(np.array([float(level) for level in levels]), chunk.values).astype(np.float64)
