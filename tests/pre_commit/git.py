"""Real git repositories in folders of the tests, and the real pre-commit program in them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

_FOREIGN = ("GIT_", "PRE_COMMIT", "_PRE_COMMIT", "MLDEBT_", "PYTHON", "COV_")


class Outcome(msgspec.Struct, frozen=True):
    """How a commit ended. `made` tells whether HEAD is another commit than before."""

    code: int
    output: str
    made: bool


def surroundings(home: Path) -> dict[str, str]:
    """The environment of every process here: nobody's git settings, and pre-commit's environments in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN) and name != "SKIP"}
    identity = {
        f"GIT_{role}_{part}": text for role in ("AUTHOR", "COMMITTER") for part, text in (("NAME", "test"), ("EMAIL", "test@invalid"))
    }
    return {
        **kept,
        **identity,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_EDITOR": "true",
        "PRE_COMMIT_HOME": str(home),
        "PIP_RETRIES": "2",  # pip names a lack of network only when it tries again
        "LC_ALL": "C.UTF-8",
    }


def run(arguments: Sequence[str | Path], folder: Path, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Standard output and standard error together, as a person sees them."""
    return subprocess.run(
        arguments,
        cwd=folder,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
    )


class Repository:
    """A work tree with pre-commit's hook in it; `folder` is where commands run."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, env

    def git(self, *arguments: str | Path) -> str:
        """What git says; it must succeed."""
        done = run(("git", *arguments), self.folder, self.env)
        assert done.returncode == 0, f"git {' '.join(map(str, arguments))}\n{done.stdout}"
        return done.stdout.strip()

    def pre_commit(self, *arguments: str) -> Outcome:
        """One call of pre-commit."""
        done = run((sys.executable, "-m", "pre_commit", *arguments), self.folder, self.env)
        return Outcome(done.returncode, done.stdout, made=False)

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, below `folder`."""
        for name, text in files.items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def stage(self, files: Mapping[str, str]) -> None:
        """Write files and stage them."""
        self.write(files)
        self.git("add", "--", *files)

    def commit(self, *arguments: str) -> Outcome:
        """`git commit` with its hooks."""
        return self._moving("commit", "-m", "change", *arguments)

    def merge(self, branch: str) -> Outcome:
        """`git merge` with its hooks."""
        return self._moving("merge", "--no-edit", "--no-ff", branch)

    def unchecked(self, files: Mapping[str, str]) -> None:
        """Files that came into the repository without the hook."""
        self.stage(files)
        self.git("commit", "--no-verify", "-q", "-m", "before the hook")

    def at(self, folder: str) -> Repository:
        """The same work tree, seen from one of its folders."""
        return Repository(self.folder / folder, self.env)

    def _moving(self, *arguments: str) -> Outcome:
        before = self._head()
        done = run(("git", *arguments), self.folder, self.env)
        return Outcome(done.returncode, done.stdout, made=self._head() != before)

    def _head(self) -> str:
        return run(("git", "rev-parse", "--quiet", "--verify", "HEAD"), self.folder, self.env).stdout
