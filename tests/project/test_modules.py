"""Which file an import means: src layouts, scripts beside each other, folders without `__init__.py`, and when it is not clear."""

from __future__ import annotations

from pathlib import Path

import pytest

from mldebt.project.modules import ModuleIndex

PATHS = (
    "main.py",
    "utils.py",
    "jobs/train.py",
    "jobs/utils.py",
    "jobs/deep/score.py",
    "other/tools.py",
    "src/churn/__init__.py",
    "src/churn/model.py",
    "src/churn/io/__init__.py",
    "src/churn/io/csv.py",
    "tests/test_model.py",
    "plain/folder/thing.py",
    "a/twin.py",
    "b/twin.py",
    "b/deep/user.py",
    "notebooks/explore.ipynb",
    "conf/base.yaml",
)


@pytest.fixture
def index() -> ModuleIndex:
    return ModuleIndex(PATHS, frozenset({"sklearn", "pandas"}))


@pytest.mark.parametrize(
    ("importer", "dotted", "found"),
    [
        ("jobs/train.py", "utils", "jobs/utils.py"),  # a script's own folder comes first
        ("jobs/deep/score.py", "utils", "jobs/utils.py"),
        ("main.py", "utils", "utils.py"),
        ("other/tools.py", "utils", "utils.py"),
        ("main.py", "jobs.utils", "jobs/utils.py"),  # no __init__.py is needed
        ("main.py", "plain.folder.thing", "plain/folder/thing.py"),
        ("tests/test_model.py", "churn.model", "src/churn/model.py"),  # src layout
        ("tests/test_model.py", "churn", "src/churn/__init__.py"),
        ("notebooks/explore.ipynb", "churn.io", "src/churn/io/__init__.py"),
        ("main.py", "twin", None),  # two candidates, equally far
        ("b/deep/user.py", "twin", "b/twin.py"),
        ("main.py", "nothing", None),
        ("main.py", "churn.nothing", None),
        ("main.py", "json", None),
        ("main.py", "sklearn", None),
    ],
)
def test_absolute_imports(index: ModuleIndex, importer: str, dotted: str, found: str | None) -> None:
    assert index.find(importer, dotted) == found


@pytest.mark.parametrize(
    ("importer", "dotted", "found"),
    [
        ("src/churn/model.py", ".io", "src/churn/io/__init__.py"),
        ("src/churn/model.py", ".io.csv", "src/churn/io/csv.py"),
        ("src/churn/model.py", ".", "src/churn/__init__.py"),
        ("src/churn/io/csv.py", "..model", "src/churn/model.py"),
        ("src/churn/io/csv.py", "..", "src/churn/__init__.py"),
        ("src/churn/io/__init__.py", ".csv", "src/churn/io/csv.py"),
        ("src/churn/io/csv.py", "...churn.model", "src/churn/model.py"),
        ("src/churn/model.py", ".utils", None),  # never a file from elsewhere
        ("main.py", "..churn", None),
        ("main.py", "....", None),
    ],
)
def test_relative_imports(index: ModuleIndex, importer: str, dotted: str, found: str | None) -> None:
    assert index.find(importer, dotted) == found


@pytest.mark.parametrize(
    ("importer", "dotted", "split"),
    [
        ("main.py", "churn.model.Model.fit", ("src/churn/model.py", ("Model", "fit"))),
        ("main.py", "churn.Model", ("src/churn/__init__.py", ("Model",))),
        ("main.py", "jobs.utils.load", ("jobs/utils.py", ("load",))),
        ("main.py", "pandas.read_csv", None),
        ("src/churn/model.py", ".io.csv.read", ("src/churn/io/csv.py", ("read",))),
        ("src/churn/model.py", ".VERSION", ("src/churn/__init__.py", ("VERSION",))),
    ],
)
def test_an_object_is_split_at_its_file(index: ModuleIndex, importer: str, dotted: str, split: tuple[str, tuple[str, ...]] | None) -> None:
    assert index.split(importer, dotted) == split


def test_a_file_of_the_project_hides_a_package_only_from_its_own_folder_down() -> None:
    index = ModuleIndex(("lib/json.py", "lib/deep/use.py", "main.py"))
    assert index.find("lib/deep/use.py", "json") == "lib/json.py"
    assert index.find("main.py", "json") is None


@pytest.mark.parametrize(
    ("importer", "dotted", "local"),
    [
        ("src/churn/model.py", ".gone", True),
        ("src/churn/model.py", "churn.gone", True),  # below the package that the importer is part of
        ("main.py", "churn.gone", False),  # may be an installed distribution of that name
        ("main.py", "torch.nn", False),
        ("main.py", "gone", False),
    ],
)
def test_what_can_only_mean_this_project(index: ModuleIndex, importer: str, dotted: str, local: bool) -> None:
    assert index.is_local(importer, dotted) is local


def test_what_may_exist_at_run_time_without_python_source(tmp_path: Path) -> None:
    (tmp_path / "pkg" / "data").mkdir(parents=True)
    (tmp_path / "pkg" / "_fast.pyx").write_text("")
    index = ModuleIndex(("pkg/__init__.py", "pkg/use.py"))
    verdicts = {
        name: index.may_exist(tmp_path, "pkg/use.py", name)
        for name in ("._fast", ".data", "._version", ".schema_pb2", "pkg._fast", ".gone", "pkg.gone", "gone")
    }
    assert verdicts == {
        "._fast": True,
        ".data": True,
        "._version": True,
        ".schema_pb2": True,
        "pkg._fast": True,
        ".gone": False,
        "pkg.gone": False,
        "gone": False,
    }


def test_the_order_of_paths_does_not_matter() -> None:
    names = ("utils", "twin", "churn.model", "jobs.utils", "deep.user")
    one, other = ModuleIndex(PATHS), ModuleIndex(reversed(PATHS))
    assert [one.find(path, name) for path in PATHS for name in names] == [other.find(path, name) for path in PATHS for name in names]


def test_a_name_that_no_disk_can_hold_is_not_there(tmp_path: Path) -> None:
    index = ModuleIndex(PATHS)
    assert index.may_exist(tmp_path, "main.py", "long" * 100) is False
    assert index.may_exist(tmp_path, "jobs/train.py", f"{'long' * 100}.part") is False
