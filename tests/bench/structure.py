"""Reading and structure of a generated Parquet file: rows per second and peak memory. Run by hand: `python structure.py [ROWS] [COLUMNS]`.

The file is made in a process of its own, so that the peak is that of the reading alone.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

GROUP = 100_000  # rows of a row group


def make(path: Path, rows: int, columns: int) -> None:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    random = np.random.default_rng(0)
    writer = None
    for start in range(0, rows, GROUP):
        count = min(GROUP, rows - start)
        data = {f"x{place:04d}": random.normal(size=count) for place in range(columns - 7)}
        group = random.integers(0, 20, count)
        data |= {
            "copy": data["x0000"],
            "fahrenheit": 1.8 * data["x0001"] + 32,
            "exponential": np.exp(data["x0002"]),
            "band": np.digitize(data["x0003"], [-1, 0, 1]),
            "group": np.array([f"g{number}" for number in range(20)])[group],
            "group_code": group * 7 % 20,
            "holes": np.where(random.random(count) < 0.1, np.nan, random.normal(size=count)),
            "target": (data["x0000"] + random.normal(size=count) > 0).astype(np.int64),
        }
        table = pa.table(data)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    assert writer is not None
    writer.close()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(rows: int = 1_000_000, columns: int = 40) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.parquet"
        maker = multiprocessing.get_context("spawn").Process(target=make, args=(path, rows, columns))
        maker.start()
        maker.join()
        from mldebt.data_pass.reading.examine import examine
        from mldebt.data_pass.settings import FeatureSettings

        imports, wall, cpu = peak(), time.perf_counter(), time.process_time()
        sample, structure = examine(FeatureSettings(data=path.name, target="target"), Path(folder))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        print(f"{rows:,} rows x {columns} columns, {path.stat().st_size / 2**20:,.0f} MiB, sample {len(sample.frame):,}")
        print(f"{cpu:.2f} s of CPU, {wall:.2f} s, {rows / cpu:,.0f} rows/s; peak {peak():,.0f} MiB, {imports:,.0f} of it before reading")
        print(f"classes {structure.classes}")
        print(f"dependences {[(one.column, one.on, one.exact) for one in structure.dependences]}")


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(Path(__file__).parents[2]))
    main(*map(int, sys.argv[1:]))
