"""Git repositories for tests: made in a temporary folder, their commits dated."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path


class Repository:
    """A repository at `root`; `today` is the day that commits are dated by."""

    def __init__(self, root: Path, today: datetime.date | None = None) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root, self.today = root, today or datetime.date.today()
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, days: float = 0) -> str:
        """Run git as of `days` before today at noon."""
        noon = datetime.datetime.combine(self.today, datetime.time(12), datetime.UTC)
        identity = {"NAME": "Test", "EMAIL": "test@example.org", "DATE": (noon - datetime.timedelta(days=days)).isoformat()}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
        closed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        done = subprocess.run(
            ["git", "-C", str(self.root), *arguments], check=True, capture_output=True, env={**os.environ, **who, **closed}
        )
        return os.fsdecode(done.stdout).strip()

    def write(self, files: dict[str, str]) -> None:
        """Write the files without a commit."""
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def commit(self, files: dict[str, str] | None = None, days: float = 0) -> str:
        """Commit `files` and whatever else has changed, and return the commit."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change", days=days)
        return self.git("rev-parse", "HEAD")
