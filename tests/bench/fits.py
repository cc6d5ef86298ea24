"""Seconds of one data pass with boosted trees by number of processes: `python tests/bench/fits.py [ROWS] [COLUMNS]`."""

from __future__ import annotations

import sys
import time

import msgspec
import numpy as np
import pandas as pd

from mldebt.data_pass.api import features


def table(rows: int, columns: int) -> tuple[pd.DataFrame, pd.Series]:
    """A third of the columns make the target."""
    draw = np.random.default_rng(0)
    values = draw.normal(size=(rows, columns))
    effects = np.where(np.arange(columns) % 3 == 0, draw.uniform(0.2, 1.0, columns), 0.0)
    frame = pd.DataFrame(values, columns=[f"column_{i}" for i in range(columns)])
    return frame, pd.Series(values @ effects + draw.normal(size=rows), name="y")


def main() -> None:
    rows, columns = (int(word) for word in (*sys.argv[1:], "20000", "24")[:2])
    frame, target = table(rows, columns)
    seen = set()
    for jobs in (1, 2, 0):
        started = time.perf_counter()
        result = features(frame, target, {"model": "hgb", "jobs": jobs})
        seen.add(msgspec.json.encode(result))
        print(f"--jobs {jobs}: {time.perf_counter() - started:6.1f} s, {result.set.fits} fits, {len(result.drop)} of {columns} columns go")
    print("the same bytes" if len(seen) == 1 else "DIFFERENT RESULTS")


if __name__ == "__main__":
    main()
