"""The project at other commits, written from git's objects alone."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mldebt.git import GitError, GitMissing
from mldebt.revisions import materialise, merge_base, resolve, sample
from tests.test_history import Repo


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def files(folder: Path) -> dict[str, str]:
    """What is below a folder: the text of files, and `-> target` for links."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            found[path.relative_to(folder).as_posix()] = f"-> {os.readlink(path)}"
        elif path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_text()
    return found


def test_a_revision_is_a_commit_and_nothing_else(repo: Repo, tmp_path: Path) -> None:
    first = repo.commit(5, {"a.py": "a = 1\n"})
    second = repo.commit(4, {"a.py": "a = 2\n"})
    repo.git("tag", "-a", "-m", "tag", "v1", "HEAD~1")

    found = {name: resolve(repo.root, name) for name in ("HEAD", "main", "v1", "HEAD~1", second[:8])}
    assert found == {"HEAD": second, "main": second, "v1": first, "HEAD~1": first, second[:8]: second}
    for name in ("", "--all", "-h", "nope", "HEAD..HEAD~1", "^HEAD", "HEAD:a.py", "HEAD\0", "HEAD\nHEAD", "0" * 40):
        assert resolve(repo.root, name) is None, name
    (tmp_path / "none").mkdir()
    assert resolve(tmp_path / "none", "HEAD") is None


def test_a_repository_that_git_refuses_is_an_error(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repo.commit(5, {"a.py": "a = 1\n"})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitMissing, match="git is not installed"):
        resolve(repo.root, "HEAD")
    monkeypatch.undo()
    (repo.root / ".git" / "config").write_text("[broken\n")
    with pytest.raises(GitError, match="bad config"):
        resolve(repo.root, "HEAD")


def test_the_merge_base_is_where_two_branches_parted(repo: Repo) -> None:
    base = repo.commit(5, {"a.py": "a = 1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit(4, {"b.py": "b = 1\n"})
    repo.git("checkout", "--quiet", "main")
    repo.commit(3, {"a.py": "a = 2\n"})
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit(2, {"c.py": "c = 1\n"})

    assert merge_base(repo.root, "main", "side") == base
    assert merge_base(repo.root, "main", "other") is None
    assert merge_base(repo.root, "main", "nope") is None


def test_the_files_of_a_commit_are_written_as_git_has_them(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit(5, {"a.py": "a = 1\n", "jobs/b c.py": "b = 1\n", "jobs/new\nline.py": "c = 1\n", "same.py": "a = 1\n"})
    repo.git("rm", "--quiet", "a.py")
    repo.commit(4, {"jobs/b c.py": "b = 2\n"})
    repo.write({"jobs/b c.py": "b = 3\n"})
    state = repo.git("status", "--porcelain")

    assert materialise(repo.root, commit, tmp_path / "all") == ()
    assert files(tmp_path / "all") == {"a.py": "a = 1\n", "jobs/b c.py": "b = 1\n", "jobs/new\nline.py": "c = 1\n", "same.py": "a = 1\n"}
    assert materialise(repo.root / "jobs", commit, tmp_path / "jobs") == ()
    assert files(tmp_path / "jobs") == {"b c.py": "b = 1\n", "new\nline.py": "c = 1\n"}
    assert repo.git("status", "--porcelain") == state
    assert repo.git("worktree", "list").count("\n") == 0


def test_a_folder_that_was_not_there_yet_gives_nothing(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit(5, {"a.py": "a = 1\n"})
    repo.write({"jobs/b.py": "b = 1\n"})

    assert materialise(repo.root / "jobs", commit, tmp_path / "out") == ()
    assert files(tmp_path / "out") == {}


def test_links_are_written_when_they_stay_inside(repo: Repo, tmp_path: Path) -> None:
    repo.write({"data/a.csv": "1\n"})
    links = {"in.csv": "data/a.csv", "up/in.csv": "../data", "here": ".", "out": "here/../..", "abs": "/etc/passwd", "far": "../../etc"}
    for name, to in links.items():
        (repo.root / name).parent.mkdir(exist_ok=True)
        (repo.root / name).symlink_to(to)
    commit = repo.commit(5)

    left_out = materialise(repo.root, commit, tmp_path / "out")
    assert left_out == tuple((name, "a link that leads elsewhere") for name in ("abs", "far", "out"))
    assert files(tmp_path / "out") == {"data/a.csv": "1\n", "here": "-> .", "in.csv": "-> data/a.csv", "up/in.csv": "-> ../data"}


def tree(repo: Repo, *entries: tuple[str, str, str, str]) -> str:
    """A tree that git itself would refuse to make: mode, kind, object, name."""
    lines = "".join(f"{mode} {kind} {name}\t{path}\n" for mode, kind, name, path in entries)
    command = ["git", "-C", str(repo.root), "mktree"]
    return subprocess.run(command, input=lines.encode(), check=True, capture_output=True).stdout.decode().strip()


def test_paths_that_lead_elsewhere_are_refused(repo: Repo, tmp_path: Path) -> None:
    repo.commit(5, {"a.py": "a = 1\n", "link": "../escaped"})
    blob, link = repo.git("rev-parse", "HEAD:a.py"), repo.git("rev-parse", "HEAD:link")
    config = tree(repo, ("100644", "blob", blob, "config"))
    up = tree(repo, ("100644", "blob", blob, "evil.py"))
    top = tree(
        repo,
        ("100644", "blob", blob, "a.py"),
        ("040000", "tree", config, ".GIT"),
        ("040000", "tree", up, ".."),
        ("120000", "blob", link, "dir"),
        ("040000", "tree", up, "dir"),
        ("160000", "commit", repo.git("rev-parse", "HEAD"), "module"),
    )
    commit = repo.git("commit-tree", "-m", "evil", top)

    assert materialise(repo.root, commit, tmp_path / "deep" / "out") == (
        ("../evil.py", "its path leads elsewhere"),
        (".GIT/config", "its path leads elsewhere"),
        ("dir", "a link that leads elsewhere"),
        ("module", "a submodule"),
    )
    assert files(tmp_path / "deep") == {"out/a.py": "a = 1\n", "out/dir/evil.py": "a = 1\n"}


def test_large_files_and_lost_ones_are_left_out(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mldebt.revisions.MAX_BYTES", 1_000_000)
    commit = repo.commit(5, {"a.py": "a = 1\n", "large.csv": "1\n" * 600_000, "lost.py": "b = 1\n"})
    lost = repo.git("rev-parse", "HEAD:lost.py")
    (repo.root / ".git" / "objects" / lost[:2] / lost[2:]).unlink()

    left_out = materialise(repo.root, commit, tmp_path / "out")
    assert left_out == (("large.csv", "larger than 1 MB"), ("lost.py", "git does not have its content"))
    assert files(tmp_path / "out") == {"a.py": "a = 1\n"}


def test_no_filter_and_no_hook_runs(repo: Repo, tmp_path: Path) -> None:
    commit = repo.commit(5, {"a.py": "a = 1\n", ".gitattributes": "* filter=x text eol=crlf\n"})
    repo.git("config", "filter.x.smudge", f"touch '{tmp_path}/sprung'; cat")
    hook = repo.root / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/sprung'\n")
    hook.chmod(0o755)

    materialise(repo.root, commit, tmp_path / "out")
    assert (tmp_path / "out" / "a.py").read_bytes() == b"a = 1\n"
    assert not (tmp_path / "sprung").exists()


def test_a_sample_is_spaced_evenly_in_time_along_the_main_line(repo: Repo) -> None:
    names = {days: repo.commit(days, {"a.py": f"a = {days}\n"}) for days in (200, 100, 99, 98, 60, 50, 1)}
    repo.git("checkout", "--quiet", "-b", "side", "HEAD~1")
    repo.commit(30, {"b.py": "b = 1\n"})
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side", days=0)
    merged = repo.git("rev-parse", "HEAD")

    found = sample(repo.root, "2026-03-01", 5)
    assert found == (
        (names[100], "2026-03-22"),
        (names[98], "2026-03-24"),  # of what stood 75 days before TODAY
        (names[50], "2026-05-11"),
        (merged, "2026-06-30"),
    )
    assert sample(repo.root, "2026-03-01", 1) == ((merged, "2026-06-30"),)
    assert sample(repo.root, "2030-01-01", 5) == ((merged, "2026-06-30"),)
    assert [name for name, _ in sample(repo.root, "2020-01-01", 1_000)] == [*names.values(), merged]


def test_without_commits_there_is_no_sample(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    assert sample(tmp_path / "none", "2020-01-01", 5) == ()
    assert sample(repo.root, "2020-01-01", 5) == ()
