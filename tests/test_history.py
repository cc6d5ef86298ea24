"""What git knows of a project, asked of real repositories."""

from __future__ import annotations

import datetime
import os
import subprocess
from pathlib import Path

import pytest

from mldebt.blame import identity, touched_between
from mldebt.history import DAYS, OLDEST, History

TODAY = datetime.date(2026, 6, 30)


class Memory(dict[bytes, bytes]):
    """A store that lives as long as the test."""

    put = dict.__setitem__


class Repo:
    """A repository whose commits have dates."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, days: float = 0) -> str:
        """Run git as of `days` before TODAY at noon."""
        when = datetime.datetime.combine(TODAY, datetime.time(12), datetime.UTC) - datetime.timedelta(days=days)
        identity = {"NAME": "Test", "EMAIL": "test@example.org", "DATE": when.isoformat()}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in identity.items()}
        closed = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        command = ["git", "-C", str(self.root), *arguments]
        done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **who, **closed})
        return os.fsdecode(done.stdout).strip()

    def write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            (self.root / path).parent.mkdir(parents=True, exist_ok=True)
            (self.root / path).write_text(text)

    def commit(self, days: float, files: dict[str, str] | None = None) -> str:
        """Commit `files` and whatever else has changed."""
        self.write(files or {})
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change", days=days)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


def text(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)


LONG = text(*(f"line_{n} = {n}" for n in range(20)))


# churn -----------------------------------------------------------------------------------------------------------------


def test_churn_counts_the_commits_of_a_quarter(repo: Repo) -> None:
    repo.commit(DAYS + 2, {"old.py": "a = 1\n", "train.py": "a = 1\n"})
    repo.commit(40, {"train.py": "a = 2\n"})
    repo.commit(1, {"train.py": "a = 3\n", "new.py": "b = 1\n"})

    history = History(repo.root, TODAY)
    assert dict(history.churn) == {"train.py": 2, "new.py": 1, "old.py": 0}
    assert history.note == ""
    assert dict(History(repo.root, TODAY + datetime.timedelta(days=60)).churn) == {"train.py": 1, "new.py": 1, "old.py": 0}


def test_a_project_below_the_repository_sees_its_own_paths_only(repo: Repo) -> None:
    repo.commit(3, {"jobs/train.py": "a = 1\n", "jobs2/train.py": "a = 1\n", "train.py": "a = 1\n"})
    repo.commit(2, {"train.py": "a = 2\n"})

    assert dict(History(repo.root / "jobs", TODAY).churn) == {"train.py": 1}


def test_a_renamed_file_keeps_its_churn_and_the_new_file_of_that_name_its_own(repo: Repo) -> None:
    repo.commit(20, {"model.py": LONG})
    repo.commit(15, {"model.py": LONG + "x = 1\n"})
    repo.git("mv", "model.py", "lib model.py")
    repo.commit(10, {"lib model.py": LONG + "x = 2\n"})
    repo.commit(5, {"model.py": "from lib import *\n"})
    repo.commit(4, {"lib model.py": LONG + "x = 3\n"})

    assert dict(History(repo.root, TODAY).churn) == {"lib model.py": 4, "model.py": 1}


def test_a_file_that_moved_into_the_project_keeps_its_churn(repo: Repo) -> None:
    repo.commit(20, {"model.py": LONG})
    repo.commit(15, {"model.py": LONG + "x = 1\n"})
    (repo.root / "jobs").mkdir()
    repo.git("mv", "model.py", "jobs/model.py")
    repo.commit(10)

    assert dict(History(repo.root / "jobs", TODAY).churn) == {"model.py": 2}  # the move itself changed nothing


def test_a_branch_that_does_not_know_of_the_rename_counts_for_the_new_name(repo: Repo) -> None:
    repo.commit(30, {"model.py": LONG})
    repo.git("checkout", "--quiet", "-b", "side")
    repo.commit(5, {"model.py": LONG + "x = 1\n"})
    repo.git("checkout", "--quiet", "main")
    repo.git("mv", "model.py", "lib.py")
    repo.commit(20)
    repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side", days=1)

    assert dict(History(repo.root, TODAY).churn) == {"lib.py": 2}  # neither the merge nor the move counts


@pytest.mark.parametrize("name", ["a b.py", 'quo"te.py', "new\nline.py", "tab\t.py", "näme.py", os.fsdecode(b"\xff\xfe.py"), ":M.py"])
def test_names_of_any_kind_survive(repo: Repo, name: str) -> None:
    (repo.root / name).write_text(LONG)
    repo.commit(3)
    (repo.root / name).write_text(LONG + "x = 1\n")
    repo.commit(2)
    store = Memory()

    for _ in range(2):
        history = History(repo.root, TODAY, store)
        assert dict(history.churn) == {name: 2}
        assert history.ages({name: [(20, 21)]}) == {(name, 20): 3}


def test_what_is_configured_for_people_does_not_matter(repo: Repo) -> None:
    repo.commit(3, {"jobs/train.py": LONG})
    repo.git("mv", "jobs/train.py", "jobs/fit.py")
    repo.commit(2, {"jobs/fit.py": LONG + "x = 1\n"})
    for key, value in {
        "diff.renames": "false",
        "diff.noprefix": "true",
        "diff.relative": "true",
        "color.ui": "always",
        "color.diff": "always",
        "log.showRoot": "false",
        "core.quotePath": "true",
        "blame.showRoot": "false",
        "blame.date": "relative",
        "log.follow": "true",
        "core.abbrev": "4",
        "diff.orderFile": "missing",
    }.items():
        repo.git("config", key, value)

    history = History(repo.root, TODAY)
    assert (dict(history.churn), history.note) == ({"jobs/fit.py": 2}, "")
    assert history.ages({"jobs/fit.py": [(1, 2)]}) == {("jobs/fit.py", 1): 3}


# why there is no history -----------------------------------------------------------------------------------------------


def test_without_a_repository_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*arguments: object, **settings: object) -> None:
        raise AssertionError("git was run")

    monkeypatch.setattr(subprocess, "run", forbidden)
    monkeypatch.setattr(subprocess, "Popen", forbidden)
    monkeypatch.setattr("mldebt.history.repository", lambda start: None)

    history = History(tmp_path, TODAY)
    assert history.note == "no git repository"
    assert (history.churn, history.ages({"a.py": [(1, 1)]}), history.line_age("a.py", 1, 1)) == ({}, {}, None)


def test_git_that_is_not_installed_is_said(repo: Repo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    repo.commit(3, {"a.py": "a = 1\n"})
    monkeypatch.setenv("PATH", str(tmp_path))

    history = History(repo.root, TODAY)
    assert history.note == "git is not installed"
    assert (history.churn, history.ages({"a.py": [(1, 1)]})) == ({}, {})


def test_a_shallow_clone_is_said(repo: Repo, tmp_path: Path) -> None:
    repo.commit(3, {"a.py": "a = 1\n"})
    repo.commit(2, {"a.py": "a = 2\n"})
    repo.git("clone", "--quiet", "--depth", "1", repo.root.as_uri(), str(tmp_path / "shallow"))

    history = History(tmp_path / "shallow", TODAY)
    assert history.note == "a shallow clone: fetch-depth 0 gives its history"
    assert history.line_age("a.py", 1, 1) is None


def test_a_repository_without_a_commit_is_said(repo: Repo) -> None:
    assert History(repo.root, TODAY).note == "no commit yet"


def test_a_damaged_repository_is_said(repo: Repo) -> None:
    repo.commit(3, {"a.py": "a = 1\n"})
    (repo.root / ".git" / "config").write_text("[broken\n")

    history = History(repo.root, TODAY)
    assert history.note.startswith("git failed: fatal: bad config line 1")
    assert history.churn == {}


def test_a_folder_that_git_does_not_know_is_said(repo: Repo) -> None:
    repo.commit(3, {"a.py": "a = 1\n", ".gitignore": "vendor/\n"})
    repo.write({"vendor/b.py": "b = 1\n"})

    assert History(repo.root / "vendor", TODAY).note == "the folder is not in git"


def test_a_quiet_quarter_is_history_too(repo: Repo) -> None:
    repo.commit(200, {"a.py": "a = 1\n"})

    history = History(repo.root, TODAY)
    assert (dict(history.churn), history.note) == ({"a.py": 0}, "")


def test_a_commit_that_only_reformats_is_no_churn_where_the_repository_says_so(repo: Repo) -> None:
    repo.commit(20, {"a.py": LONG})
    formatted = repo.commit(10, {"a.py": LONG + "\n\n", "b.py": "b = 1\n"})
    assert dict(History(repo.root, TODAY).churn) == {"a.py": 2, "b.py": 1}

    (repo.root / ".git-blame-ignore-revs").write_text(f"# black\n{formatted}  # on everything\nnonsense\n")
    assert dict(History(repo.root, TODAY).churn) == {"a.py": 1, "b.py": 0}
    assert "c.py" not in History(repo.root, TODAY).churn


def test_a_linked_work_tree_has_the_history_of_its_branch(repo: Repo, tmp_path: Path) -> None:
    repo.commit(3, {"a.py": "a = 1\n"})
    repo.git("worktree", "add", "--quiet", "-b", "side", str(tmp_path / "tree"))

    history = History(tmp_path / "tree", TODAY)
    assert (dict(history.churn), history.ages({"a.py": [(1, 1)]})) == ({"a.py": 1}, {("a.py", 1): 3})


# ages ------------------------------------------------------------------------------------------------------------------


def test_the_age_of_a_span_is_that_of_its_oldest_line(repo: Repo) -> None:
    repo.commit(300, {"a.py": text("a = 1", "b = 1", "c = 1"), "b.py": text("z = 1")})
    repo.commit(50, {"a.py": text("a = 1", "b = 2", "c = 1")})
    repo.commit(5, {"a.py": text("a = 1", "b = 2", "c = 3")})

    history = History(repo.root, TODAY)
    spans = {"a.py": [(2, 3), (1, 3), (3, 0)], "b.py": [(1, 1)], "gone.py": [(1, 1)]}
    assert history.ages(spans) == {("a.py", 1): 300, ("a.py", 2): 50, ("a.py", 3): 5, ("b.py", 1): 300}
    assert (history.line_age("a.py", 1, 3), history.line_age("a.py", 1, 0), history.line_age("gone.py", 1, 1)) == (5, 300, None)


def test_nobody_looks_further_back_than_a_year_but_for_a_single_line(repo: Repo) -> None:
    repo.commit(900, {"a.py": text("a = 1")})
    repo.commit(2, {"a.py": text("a = 1", "b = 1")})

    history = History(repo.root, TODAY)
    assert history.ages({"a.py": [(1, 2), (2, 2)]}) == {("a.py", 1): OLDEST, ("a.py", 2): 2}
    assert history.line_age("a.py", 1, 1) == 900


def test_the_first_commit_is_no_border(repo: Repo) -> None:
    repo.commit(7, {"a.py": text("a = 1")})

    assert History(repo.root, TODAY).ages({"a.py": [(1, 1)]}) == {("a.py", 1): 7}


def test_lines_that_are_not_committed_are_new_and_the_others_keep_their_age(repo: Repo) -> None:
    repo.commit(60, {"a.py": text("import x", "def f():", "    return 1", "y = 2")})
    repo.write({"a.py": text("# new", "import x", "", "def f():", "\treturn 1  ", "y = 3"), "untracked.py": "a = 1\n"})

    history = History(repo.root, TODAY)
    spans = {"a.py": [(n, n) for n in range(1, 7)] + [(90, 99)], "untracked.py": [(1, 1)]}
    ages = {line: age for (_, line), age in history.ages(spans).items()}
    assert ages == {1: 0, 2: 60, 3: 0, 4: 60, 5: 60, 6: 0}  # line 5 differs in white space only
    assert history.ages({"a.py": [(1, 2)]}) == {("a.py", 1): 60}
    assert history.line_age("a.py", 1, 2) == 0
    assert history.line_age("untracked.py", 1, 1) is None


def test_line_ends_of_another_system_are_white_space(repo: Repo) -> None:
    repo.commit(60, {"a.py": LONG})
    (repo.root / "a.py").write_bytes(LONG.replace("\n", "\r\n").encode())

    assert History(repo.root, TODAY).ages({"a.py": [(3, 4)]}) == {("a.py", 3): 60}


def test_a_large_rewrite_leaves_its_lines_without_an_age(repo: Repo) -> None:
    repo.commit(60, {"a.py": "first = 1\n" + "".join(f"a{n} = 1\n" for n in range(6_000)) + "last = 1\n"})
    repo.write({"a.py": "first = 1\n" + "".join(f"b{n} = 1\n" for n in range(6_000)) + "last = 1\n"})

    assert History(repo.root, TODAY).ages({"a.py": [(1, 1), (9, 9), (6_002, 6_002)]}) == {("a.py", 1): 60, ("a.py", 6_002): 60}


def test_a_commit_that_only_reformats_is_passed_over_when_the_project_says_so(repo: Repo) -> None:
    repo.commit(80, {"a.py": text("f(1,", "2)")})
    reformat = repo.commit(10, {"a.py": text("f(1, 2)")})

    assert History(repo.root, TODAY).ages({"a.py": [(1, 1)]}) == {("a.py", 1): 10}
    repo.write({".git-blame-ignore-revs": f"# black\n{reformat}\n"})
    assert History(repo.root, TODAY).ages({"a.py": [(1, 1)]}) == {("a.py", 1): 80}
    repo.write({".git-blame-ignore-revs": "no commit\n"})
    assert History(repo.root, TODAY).ages({"a.py": [(1, 1)]}) == {("a.py", 1): 10}


def test_what_blame_cannot_tell_is_told(repo: Repo) -> None:
    repo.commit(3, {"a.py": text("a = 1")})
    repo.git("config", "blame.ignoreRevsFile", "missing")

    history = History(repo.root, TODAY)
    assert history.ages({"a.py": [(1, 1)]}) == {}
    assert history.unknown_ages == {"a.py": "fatal: could not open object name list: missing"}


def test_a_time_in_the_future_is_today(repo: Repo) -> None:
    repo.commit(-20, {"a.py": "a = 1\n"})

    history = History(repo.root, TODAY)
    assert (history.ages({"a.py": [(1, 1)]}), dict(history.churn)) == ({("a.py", 1): 0}, {"a.py": 1})


# between runs ----------------------------------------------------------------------------------------------------------


def test_a_second_run_on_the_same_commit_does_not_ask_git_again(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(60, {"a.py": text("a = 1", "b = 1"), "b.py": "z = 1\n"})
    spans, store = {"a.py": [(1, 2)], "b.py": [(1, 1)], "gone.py": [(1, 1)]}, Memory()
    cold = History(repo.root, TODAY, store)
    answers = dict(cold.churn), cold.ages(spans)

    def forbidden(*arguments: object, **settings: object) -> None:
        raise AssertionError("git was run")

    monkeypatch.setattr(subprocess, "run", forbidden)
    warm = History(repo.root, TODAY, store)
    assert (dict(warm.churn), warm.ages(spans)) == answers
    later = History(repo.root, TODAY + datetime.timedelta(days=2), store)
    assert later.ages(spans) == {key: age + 2 for key, age in answers[1].items()}


@pytest.mark.parametrize("change", ["other", "same", "rename", "revert", "branch", "amend", "merge"])
def test_what_was_learnt_at_another_commit_is_used_only_where_it_still_holds(repo: Repo, change: str) -> None:
    first = {"a.py": text("a = 1", "b = 1", "c = 1"), "b.py": LONG}
    repo.commit(60, first)
    repo.commit(40, {"a.py": text("a = 1", "b = 2", "c = 1")})
    spans = {"a.py": [(1, 1), (2, 2), (3, 3)], "b.py": [(4, 6)], "c.py": [(4, 6)]}
    store = Memory()
    History(repo.root, TODAY, store).ages(spans)
    if change == "other":
        repo.commit(5, {"d.py": "d = 1\n"})
    elif change == "same":
        repo.commit(5, {"a.py": text("a = 1", "b = 2", "c = 9")})
    elif change == "rename":
        repo.git("mv", "b.py", "c.py")
        repo.commit(5)
    elif change == "revert":
        repo.commit(6, first)
        repo.commit(5, {"a.py": text("a = 1", "b = 2", "c = 1")})
    elif change == "branch":
        repo.git("checkout", "--quiet", "-b", "side", "HEAD~1")
        repo.commit(5, {"a.py": text("a = 1", "b = 2", "c = 1")})
    elif change == "amend":
        repo.git("commit", "--quiet", "--amend", "--no-edit", "--date", "2026-06-20T12:00:00Z", days=5)
    else:
        repo.git("checkout", "--quiet", "-b", "side", "HEAD~1")
        repo.commit(30, {"b.py": LONG.replace("line_4", "row_4")})
        repo.git("checkout", "--quiet", "main")
        repo.git("merge", "--quiet", "--no-ff", "--message", "merge", "side", days=5)

    warm, cold = History(repo.root, TODAY, store).ages(spans), History(repo.root, TODAY).ages(spans)
    assert warm == cold
    assert warm[("a.py", 2)] == {"revert": 5, "branch": 5, "amend": 10}.get(change, 40)


def test_a_commit_elsewhere_costs_no_blame(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit(60, {"a.py": LONG, "b.py": LONG})
    store = Memory()
    History(repo.root, TODAY, store).ages({"a.py": [(1, 2)], "b.py": [(1, 2)]})
    head = repo.git("rev-parse", "HEAD")
    repo.commit(5, {"b.py": LONG + "x = 1\n"})
    assert touched_between(repo.root, head, repo.git("rev-parse", "HEAD")) == {"b.py"}

    blamed = []
    run = subprocess.run

    def watched(command: list[str], **settings: object) -> object:
        if "blame" in command:
            blamed.append(command[-1])
        return run(command, **settings)

    monkeypatch.setattr(subprocess, "run", watched)
    assert History(repo.root, TODAY, store).ages({"a.py": [(1, 2)], "b.py": [(1, 2)]}) == {("a.py", 1): 60, ("b.py", 1): 60}
    assert blamed == ["b.py"]


def test_a_damaged_store_is_no_loss(repo: Repo) -> None:
    repo.commit(60, {"a.py": LONG})
    store = Memory()
    History(repo.root, TODAY, store).ages({"a.py": [(1, 2)]})
    assert History(repo.root, TODAY, store).churn
    store.update(dict.fromkeys(store, b"\xc1"))

    history = History(repo.root, TODAY, store)
    assert (dict(history.churn), history.ages({"a.py": [(1, 2)]})) == ({"a.py": 1}, {("a.py", 1): 60})


# git is kept on a lead -------------------------------------------------------------------------------------------------


def test_the_repository_cannot_make_git_run_anything(repo: Repo, tmp_path: Path) -> None:
    repo.commit(60, {"a.py": text("a = 1", "b = 1"), "b.py": LONG})
    repo.git("mv", "b.py", "c.py")
    repo.commit(5, {"c.py": LONG + "x = 1\n"})
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\necho $0 $@ >> '{sprung}'\nexit 1\n")
    trap.chmod(0o755)
    for key in (
        *("core.fsmonitor", "core.pager", "core.editor", "core.sshCommand", "core.askPass", "diff.external", "gpg.program", "pager.blame"),
        *("filter.x.clean", "filter.x.smudge", "filter.x.process", "diff.x.textconv", "diff.x.command", "core.alternateRefsCommand"),
    ):
        repo.git("config", key, str(trap))
    for key, value in {
        "log.showSignature": "true",
        "filter.x.required": "true",
        "extensions.partialClone": "evil",
        "remote.evil.promisor": "true",
        "remote.evil.url": f"ext::{trap} %S",
        "protocol.ext.allow": "always",
        "core.hooksPath": str(tmp_path),
    }.items():
        repo.git("config", key, value)
    (tmp_path / "post-index-change").symlink_to(trap)
    (repo.root / ".git" / "info" / "attributes").write_text("* filter=x diff=x\n")
    repo.write({"a.py": text("a = 1", "b = 2"), ".gitattributes": "* filter=x diff=x\n"})
    sprung.unlink(missing_ok=True)

    history = History(repo.root, TODAY)
    assert dict(history.churn) == {"a.py": 1, "c.py": 2}
    assert history.ages({"a.py": [(1, 1), (2, 2)]}) == {("a.py", 1): 60, ("a.py", 2): 0}
    missing = repo.git("rev-parse", "HEAD:a.py")
    (repo.root / ".git" / "objects" / missing[:2] / missing[2:]).unlink()
    assert History(repo.root, TODAY).ages({"a.py": [(1, 1)]}) == {}  # not fetched
    assert not sprung.exists(), sprung.read_text()


def test_a_folder_that_looks_like_a_repository_is_none(repo: Repo, tmp_path: Path) -> None:
    sprung = tmp_path / "sprung"
    repo.commit(60, {"jobs/a.py": "a = 1\n"})
    repo.git("init", "--quiet", "--bare", "jobs")
    repo.write({"jobs/config": f"[core]\nbare = true\nrepositoryformatversion = 0\nfsmonitor = \"touch '{sprung}'\"\n"})

    history = History(repo.root / "jobs", TODAY)
    assert (dict(history.churn), history.ages({"a.py": [(1, 1)]})) == ({"a.py": 1}, {("a.py", 1): 60})
    assert not sprung.exists()


def test_the_variables_of_a_hook_do_not_mislead(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Repo(tmp_path / "other")
    other.commit(1, {"z.py": "z = 1\n"})
    repo.commit(60, {"a.py": "a = 1\n"})
    for name, value in {
        "GIT_DIR": other.root / ".git",
        "GIT_WORK_TREE": other.root,
        "GIT_INDEX_FILE": other.root / ".git" / "index",
        "GIT_OBJECT_DIRECTORY": other.root / ".git" / "objects",
        "GIT_PREFIX": "x/",
        "GIT_CONFIG_PARAMETERS": "'core.bare=true'",
        "GIT_LITERAL_PATHSPECS": "1",
    }.items():
        monkeypatch.setenv(name, str(value))

    history = History(repo.root, TODAY)
    assert (dict(history.churn), history.ages({"a.py": [(1, 1)]})) == ({"a.py": 1}, {("a.py", 1): 60})


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_both_kinds_of_object_names_are_known(tmp_path: Path, kind: str) -> None:
    (tmp_path / "repo").mkdir()
    subprocess.run(["git", "init", "--quiet", f"--object-format={kind}", str(tmp_path / "repo")], check=True)
    repo = Repo(tmp_path / "repo")
    repo.commit(60, {"a.py": "a = 1\n"})
    blob = repo.git("rev-parse", "HEAD:a.py")

    assert identity(b"a = 1\n", blob) == blob
    history = History(repo.root, TODAY)
    assert (dict(history.churn), history.ages({"a.py": [(1, 1)]})) == ({"a.py": 1}, {("a.py", 1): 60})
