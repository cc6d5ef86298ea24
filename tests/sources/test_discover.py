"""Which files are found, and what is said about those that are not."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from mldebt.sources.discover import Discovery, FileSettings, SourceError, discover
from mldebt.sources.languages import language_of, role_of
from mldebt.sources.model import Language, Role


def tree(root: Path, *paths: str, **contents: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")
    for path, content in contents.items():
        (root / path).write_text(content)
    return root


def ignore(directory: Path, text: str) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / ".gitignore").write_text(text)


def found(root: Path, *paths: Path, **settings: object) -> list[str]:
    return [source.path for source in discover(root, paths, FileSettings(**settings)).sources]  # type: ignore[arg-type]


def reasons(discovery: Discovery) -> dict[str, str]:
    return {each.path: each.reason for each in discovery.unread}


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("train.py", Language.PYTHON),
        ("Train.IPYNB", Language.NOTEBOOK),
        ("params.yaml", Language.YAML),
        ("data.csv.dvc", Language.YAML),
        ("dvc.lock", Language.YAML),
        ("setup.cfg", Language.INI),
        ("model.gin", Language.INI),
        (".env", Language.ENV),
        (".env.production", Language.ENV),
        ("local.env", Language.ENV),
        ("run.sh", Language.SHELL),
        ("Makefile", Language.MAKEFILE),
        ("rules.mk", Language.MAKEFILE),
        ("Dockerfile", Language.DOCKERFILE),
        ("Dockerfile.gpu", Language.DOCKERFILE),
        ("Dockerfile.py", Language.PYTHON),
        ("serving.dockerfile", Language.DOCKERFILE),
        ("q.sql", Language.SQL),
        ("run", None),
        ("README.md", Language.DOCUMENT),
        ("Dockerfile.j2", None),
        ("environment", None),
        ("cpu-requirements.txt", Language.REQUIREMENTS),
        ("requirements-dev.lock", Language.REQUIREMENTS),
        ("requirements/base.txt", Language.REQUIREMENTS),
        ("train/requirements/gpu.in", Language.REQUIREMENTS),
        ("requirements/old/base.txt", None),
        ("requirements/.env.txt", Language.REQUIREMENTS),
        ("Dockerfile.in", Language.DOCKERFILE),
        ("notes.txt", None),
    ],
)
def test_language_by_name(name: str, language: Language | None) -> None:
    assert language_of(name) is language


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("src/train.py", Role.CODE),
        ("tests/helpers.py", Role.TEST),
        ("src/test_train.py", Role.TEST),
        ("src/testing_ground.py", Role.CODE),
        ("conftest.py", Role.TEST),
        ("docs/build.py", Role.EXAMPLE),
        ("notebooks/util.py", Role.NOTEBOOK),
        ("py/trash/199_cv.py", Role.LEGACY),
        ("legacy/tests/test_a.py", Role.LEGACY),
    ],
)
def test_role_by_place(path: str, role: Role) -> None:
    assert role_of(path, Language.PYTHON) is role


def test_a_notebook_anywhere_has_its_role() -> None:
    assert role_of("src/explore.ipynb", Language.NOTEBOOK) is Role.NOTEBOOK


def test_sorted_by_path_and_default_excludes_pruned(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a/z.py", "a.py", ".venv/lib/x.py", "src/__pycache__/x.py", "node_modules/x/y.py", "notes.txt")
    discovery = discover(tmp_path, [], FileSettings())
    assert [source.path for source in discovery.sources] == ["a.py", "a/z.py", "b.py"]
    assert discovery.excluded == 3


def test_nested_gitignore_the_deepest_word_counts(tmp_path: Path) -> None:
    tree(tmp_path, "keep.py", "gen_a.py", "pkg/gen_b.py", "pkg/gen_keep.py", "out/x.py", "pkg/out/x.py", "pkg/sub/only.py")
    ignore(tmp_path, "gen_*.py\n/out/\n")
    ignore(tmp_path / "pkg", "!gen_keep.py\nsub/\n")
    assert found(tmp_path) == ["keep.py", "pkg/gen_keep.py", "pkg/out/x.py"]
    assert "gen_a.py" in found(tmp_path, respect_gitignore=False)


def test_gitignore_above_the_root_holds_up_to_the_repository(tmp_path: Path) -> None:
    ignore(tmp_path, "secret.py\n")
    (tmp_path / ".git").mkdir()
    tree(tmp_path / "project", "secret.py", "open.py")
    assert found(tmp_path / "project") == ["open.py"]
    (tmp_path / ".git").rmdir()
    assert found(tmp_path / "project") == ["open.py", "secret.py"]


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_gitignore_agrees_with_git(tmp_path: Path) -> None:
    tree(
        tmp_path, "a.py", "data/raw.py", "data/keep.py", "x/data/raw.py", "logs/a.py", "x/logs/b.py", "x/y/deep.py", "tmp1.py", "x/#odd.py"
    )
    tree(tmp_path, "x/we ird.py", "x/y/z/last.py", "pre/foo/bar.py", "foo/bar.py")
    ignore(tmp_path, "# comment\n/data/*\n!/data/keep.py\nlogs/\ntmp[0-9].py\n\\#odd.py\nx/**/last.py\n/foo/bar.py\n")
    ignore(tmp_path / "x", "we\\ ird.py\ny/*\n!y/deep.py\n!logs/b.py\n")
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    listed = subprocess.run(
        ["git", "-C", str(tmp_path), "ls-files", "-co", "--exclude-standard", "-z", "*.py"], check=True, capture_output=True, text=True
    ).stdout
    assert found(tmp_path) == sorted(listed.strip("\0").split("\0"))


def test_a_broken_pattern_in_gitignore_is_skipped(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "b.py")
    (tmp_path / ".gitignore").write_bytes(b"\xff\xfe\n!\na.py\n")
    assert found(tmp_path) == ["b.py"]


def test_extend_exclude_adds_and_exclude_replaces(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "gen/a.py", "src/gen/b.py", "build/c.py")
    assert found(tmp_path, extend_exclude=("/gen/",)) == ["a.py", "src/gen/b.py"]
    assert found(tmp_path, exclude=("gen",)) == ["a.py", "build/c.py"]
    assert found(tmp_path, extend_exclude=("*.py", "!a.py")) == ["a.py", "gen/a.py"]


def test_an_exclude_pattern_that_is_none_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^!: not a valid exclude pattern"):
        discover(tmp_path, [], FileSettings(extend_exclude=("!",)))


def test_a_named_path_goes_past_the_patterns_unless_forced(tmp_path: Path) -> None:
    tree(tmp_path, "build/gen.py", "ignored/a.py", "b.py")
    ignore(tmp_path, "ignored/\n")
    named = (tmp_path / "build" / "gen.py", tmp_path / "ignored")
    assert found(tmp_path, *named) == ["build/gen.py", "ignored/a.py"]
    assert found(tmp_path, *named, force_exclude=True) == []
    assert discover(tmp_path, named, FileSettings(force_exclude=True)).excluded == 2


def test_an_ignored_directory_of_a_repository_can_be_named(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    ignore(tmp_path, "work/\n")
    tree(tmp_path, "work/a.py")
    assert found(tmp_path, tmp_path / "work") == ["work/a.py"]


def test_overlapping_paths_give_each_file_once(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py", "b.py")
    assert found(tmp_path, tmp_path / "src", tmp_path / "src" / "a.py", tmp_path / "src") == ["src/a.py"]


def test_a_missing_path_is_one_line_with_the_mend(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such file or directory; check the spelling") as error:
        discover(tmp_path, [tmp_path / "no\x1b[31m\nsuch.py"], FileSettings())
    assert "\x1b" not in str(error.value)
    assert "\n" not in str(error.value)


def test_a_path_outside_the_root_is_refused(tmp_path: Path) -> None:
    tree(tmp_path, "root/a.py", "other.py")
    with pytest.raises(SourceError, match="outside the project root"):
        discover(tmp_path / "root", [tmp_path / "root" / ".." / "other.py"], FileSettings())


def test_a_path_with_a_nul_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        discover(tmp_path, [Path(str(tmp_path) + "/a\0b.py")], FileSettings())


def test_a_named_file_of_another_kind_is_reported(tmp_path: Path) -> None:
    tree(tmp_path, "photo.png")
    assert reasons(discover(tmp_path, [tmp_path / "photo.png"], FileSettings())) == {"photo.png": "not a kind of file that mldebt reads"}


def test_size_limits_by_language_and_bigger_json_is_data(tmp_path: Path) -> None:
    for name, size in {
        "big.py": 50_000_000,
        "ok.ipynb": 19_000_000,
        "big.yaml": 2_500_000,
        "data.json": 257_000,
        "small.json": 255_000,
    }.items():
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    discovery = discover(tmp_path, [], FileSettings())
    assert [source.path for source in discovery.sources] == ["ok.ipynb", "small.json"]
    assert reasons(discovery) == {
        "big.py": "50.0 MB: over the limit of 5 MB (max-file-size)",
        "big.yaml": "2.5 MB: over the limit of 2 MB (max-file-size)",
    }


def test_symlink_loops_end_and_each_real_file_counts_once(tmp_path: Path) -> None:
    tree(tmp_path, "a/real.py", "a/deep/x.py", "runner.txt")
    (tmp_path / "a" / "deep" / "up").symlink_to(tmp_path / "a")
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "self.py").symlink_to(tmp_path / "self.py")
    (tmp_path / "alias.py").symlink_to(tmp_path / "a" / "real.py")
    (tmp_path / "run1.py").symlink_to(tmp_path / "runner.txt")
    (tmp_path / "run2.py").symlink_to(tmp_path / "runner.txt")
    discovery = discover(tmp_path, [], FileSettings())
    assert [source.path for source in discovery.sources] == ["a/deep/x.py", "a/real.py", "run1.py"]
    assert list(reasons(discovery)) == ["self.py"]
    assert reasons(discovery)["self.py"].startswith("broken symbolic link")


def test_symlinks_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "outside/secret.py", "root/a.py")
    root = tmp_path / "root"
    (root / "dir").symlink_to(tmp_path / "outside")
    (root / "file.py").symlink_to(tmp_path / "outside" / "secret.py")
    (root / "gone.py").symlink_to(root / "nothing.py")
    discovery = discover(root, [], FileSettings())
    assert [source.path for source in discovery.sources] == ["a.py"]
    assert reasons(discovery)["dir"] == reasons(discovery)["file.py"] == "symbolic link to outside the project root"
    assert reasons(discovery)["gone.py"] == "broken symbolic link: No such file or directory"
    assert found(root, root / "dir") == []


def test_a_root_that_is_itself_a_symlink(tmp_path: Path) -> None:
    tree(tmp_path, "real/a.py")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "real" / "b.py").symlink_to(tmp_path / "real" / "a.py")
    assert found(tmp_path / "link") == ["a.py"]
    assert found(tmp_path / "link", tmp_path / "real" / "a.py") == ["a.py"]


def test_an_unreadable_directory_is_listed_and_the_rest_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(tmp_path, "a.py", "locked/b.py")
    scan = os.scandir

    def refuse(path: str) -> Iterator[os.DirEntry[str]]:
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    discovery = discover(tmp_path, [], FileSettings())
    assert [source.path for source in discovery.sources] == ["a.py"]
    assert reasons(discovery) == {"locked": "directory cannot be read: Permission denied"}


def test_hostile_names_are_kept_as_they_are(tmp_path: Path) -> None:
    name = "a\x1b[31mred\nline.py"
    tree(tmp_path, name)
    assert found(tmp_path) == [name]


def test_a_name_that_is_not_utf8_is_unread(tmp_path: Path) -> None:
    with open(os.fsencode(tmp_path) + b"/caf\xe9.py", "wb") as file:
        file.write(b"x = 1\n")
    discovery = discover(tmp_path, [], FileSettings())
    assert discovery.sources == ()
    assert reasons(discovery) == {"caf\\udce9.py": "file name is not UTF-8; rename the file"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "queue.py")
    assert reasons(discover(tmp_path, [], FileSettings())) == {"queue.py": "not a regular file"}


def test_an_empty_root_gives_nothing_and_a_file_as_root_is_refused(tmp_path: Path) -> None:
    assert discover(tmp_path, [], FileSettings()) == Discovery((), (), 0)
    with pytest.raises(SourceError, match="not a directory"):
        discover(tree(tmp_path, "a.py") / "a.py", [], FileSettings())
