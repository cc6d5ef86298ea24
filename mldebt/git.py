"""Runs git so that nothing in a repository makes it run a program, ask a question or use the network.

What a hostile `.git/config`, `.gitattributes` or hook could start is turned off: file system monitors, hooks, pagers, external diffs,
text conversions, and fetches of missing objects. Only plumbing is called, on commits and never on the work tree, so that no filter
runs, no index is refreshed and few settings matter. Git's own reading of objects and configuration remains.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

TIMEOUT = 30.0  # seconds
SILENT = "no word, exit code"

_SETTINGS = {
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.pager": "cat",
    "core.commitGraph": "true",
    "diff.external": "",
    "gc.auto": "0",
    "safe.bareRepository": "explicit",  # a folder of the project that looks like a repository is none
}
# Hooks are run with variables that name their own index and objects; only what says where settings come from is kept.
_KEPT = ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_COUNT", "GIT_EXEC_PATH")
_KEPT_PREFIXES = ("GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_")


class GitError(Exception):
    """Why git did not answer, on one line."""


class GitMissing(GitError):
    """There is no git on this machine."""


def git(top: Path, *arguments: str, data: bytes = b"", timeout: float = TIMEOUT) -> bytes:
    """What `git` prints when run in the repository `top`, which holds `.git`."""
    import subprocess

    try:
        done = subprocess.run(
            _command(top, arguments), input=data, capture_output=True, timeout=timeout, env=_environment(top), check=False
        )
    except subprocess.TimeoutExpired:
        raise GitError(f"{arguments[0]} took longer than {timeout:g} seconds") from None
    except (FileNotFoundError, PermissionError):
        raise GitMissing("git is not installed") from None
    except (OSError, ValueError) as error:
        raise GitError(str(error)) from None
    if done.returncode:
        raise GitError(_reason(done.stderr, done.returncode))
    return done.stdout


def blobs(top: Path, identities: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The identity and content of each blob, one at a time and in order; those that are not there are left out."""
    import subprocess

    with tempfile.TemporaryFile() as wanted:
        wanted.writelines(f"{identity}\n".encode() for identity in identities)
        wanted.seek(0)
        try:
            process = subprocess.Popen(
                _command(top, ("cat-file", "--batch")),
                stdin=wanted,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(top),
            )
        except OSError:
            raise GitMissing("git is not installed") from None
        assert process.stdout is not None
        with process, process.stdout as out:
            try:
                for line in iter(out.readline, b""):
                    words = line.split()
                    if len(words) != 3:  # `<name> missing`
                        continue
                    content = out.read(int(words[2]))
                    if len(content) < int(words[2]) or not out.read(1):
                        raise GitError("cat-file ended early")
                    if words[1] == b"blob":
                        yield words[0].decode(), content
            finally:
                process.kill()


def entries(top: Path, tree: str) -> Iterator[tuple[str, str, str]]:
    """Mode, identity and path of everything below `tree`, which is a commit or `<commit>:<folder>`."""
    for record in git(top, "ls-tree", "-r", "-z", "--full-tree", tree).split(b"\0"):
        head, tab, path = record.partition(b"\t")
        if tab:
            mode, _, identity = head.decode("ascii").split()
            yield mode, identity, os.fsdecode(path)


def parsed(top: Path, name: str) -> str:
    """The full name of the object that `name` means, or ""; it cannot be taken for an option."""
    return quiet(top, "rev-parse", "--verify", "--quiet", "--end-of-options", name)


def quiet(top: Path, *arguments: str) -> str:
    """One line that git prints, or "" when it ends without a word because there is no such thing."""
    try:
        return git(top, *arguments).decode("ascii", "replace").strip()
    except GitError as error:
        if str(error).startswith(SILENT):
            return ""
        raise


def tree_of(commit: str, prefix: str) -> str:
    """The name of the tree of a folder at a commit; `prefix` ends with `/`, or is "" for all of the repository."""
    return f"{commit}:{prefix.rstrip('/')}"


def _command(top: Path, arguments: Iterable[str]) -> list[str]:
    settings = [word for key, value in _SETTINGS.items() for word in ("-c", f"{key}={value}")]
    return ["git", "--no-pager", *settings, "-C", str(top), *arguments]


def _environment(top: Path) -> dict[str, str]:
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.upper().startswith("GIT_") or key in _KEPT or key.startswith(_KEPT_PREFIXES)
    }
    return {
        **kept,
        "GIT_ALLOW_PROTOCOL": "none",  # a partial clone must not fetch what it lacks: its configuration says with which program
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_CEILING_DIRECTORIES": str(top.parent),
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def _reason(errors: bytes, code: int) -> str:
    lines = errors.decode("utf-8", "replace").strip().splitlines()
    return next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0] if lines else f"{SILENT} {code}")
