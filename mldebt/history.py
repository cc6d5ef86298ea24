"""What git knows of the project. Without git, or in a shallow clone, every answer is None."""

from __future__ import annotations

import datetime
import re
import subprocess
from functools import lru_cache
from pathlib import Path


@lru_cache(maxsize=4096)
def line_age(root: Path, path: str, line: int, end_line: int) -> int | None:
    """Days since the youngest change of these lines, counted from today."""
    if _shallow(root):
        return None
    output = _git(root, "blame", "--porcelain", "-w", "-L", f"{line},{max(line, end_line)}", "--", path)
    times = [int(t) for t in re.findall(r"^author-time (\d+)$", output or "", re.MULTILINE)]
    if not times:
        return None
    return (datetime.datetime.now(tz=datetime.UTC) - datetime.datetime.fromtimestamp(max(times), tz=datetime.UTC)).days


@lru_cache(maxsize=16)
def _shallow(root: Path) -> bool:
    return (_git(root, "rev-parse", "--is-shallow-repository") or "true").strip() != "false"


def _git(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf8", "replace") if done.returncode == 0 else None
