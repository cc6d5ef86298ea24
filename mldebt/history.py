"""What git knows of the project. Without git, or in a shallow clone, every answer is None."""

from __future__ import annotations

import datetime
import re
import subprocess
from functools import cached_property
from pathlib import Path


class History:
    """Answers about one work tree for one run."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._ages: dict[tuple[str, int, int], int | None] = {}

    def line_age(self, path: str, line: int, end_line: int) -> int | None:
        """Days since the youngest change of these lines, counted from today."""
        key = (path, line, end_line)
        if key not in self._ages:
            self._ages[key] = None if self._shallow else _line_age(self._root, path, line, end_line)
        return self._ages[key]

    @cached_property
    def _shallow(self) -> bool:
        return (_git(self._root, "rev-parse", "--is-shallow-repository") or "true").strip() != "false"


def _line_age(root: Path, path: str, line: int, end_line: int) -> int | None:
    output = _git(root, "blame", "--porcelain", "-w", "-L", f"{line},{max(line, end_line)}", "--", path)
    times = [int(t) for t in re.findall(r"^author-time (\d+)$", output or "", re.MULTILINE)]
    if not times:
        return None
    return (datetime.datetime.now(tz=datetime.UTC) - datetime.datetime.fromtimestamp(max(times), tz=datetime.UTC)).days


def _git(root: Path, *args: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *args], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode("utf8", "replace") if done.returncode == 0 else None
