"""pre-commit's environment of the hooks, built once from the present source, and repositories that use it."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.pre_commit.git import Repository, surroundings
from tests.pre_commit.network import lack_of_network
from tests.pre_commit.samples import PROJECT

ROOT = Path(__file__).resolve().parents[2]
_SHIPPED = ("mldebt", "rules", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


class Hooks(msgspec.Struct, frozen=True):
    """A git repository that offers the hooks at `rev`, and the folder of pre-commit's environments."""

    source: Path
    rev: str
    home: Path

    @property
    def program(self) -> Path:
        """The mldebt that the hooks run."""
        (found,) = self.home.glob("repo*/py_env-*/bin/mldebt")
        return found

    def configuration(self, hook: str, **settings: object) -> str:
        """A `.pre-commit-config.yaml` with one hook."""
        lines = [f"repos:\n  - repo: {self.source}\n    rev: {self.rev}\n    hooks:\n      - id: {hook}\n"]
        lines += [f"        {key}: {msgspec.json.encode(value).decode()}\n" for key, value in settings.items()]
        return "".join(lines)


@pytest.fixture(scope="session")
def offered(tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """The source as it is now, as a repository of its own: a clone of this one would lack what is not committed."""
    folder = tmp_path_factory.mktemp("offered")
    source = folder / "mldebt"
    for name in _SHIPPED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            source.mkdir(exist_ok=True)
            shutil.copy(ROOT / name, source / name)
    repository = Repository(source, surroundings(folder / "home"))
    repository.git("init", "-q", "-b", "main")
    repository.git("add", "-A")
    repository.git("commit", "-q", "-m", "the present source")
    return Hooks(source, repository.git("rev-parse", "HEAD"), folder / "home")


@pytest.fixture(scope="session")
def hooks(offered: Hooks, tmp_path_factory: pytest.TempPathFactory) -> Hooks:
    """The hooks with their environment. Skipped only when pip could not reach its index."""
    user = Repository(tmp_path_factory.mktemp("user"), surroundings(offered.home))
    user.git("init", "-q")
    user.write({".pre-commit-config.yaml": offered.configuration("mldebt")})
    built = user.pre_commit("install-hooks")
    if built.code and (reason := lack_of_network(built.output)):
        pytest.skip(f"the environment of the hooks cannot be built without a network: {reason}")
    assert built.code == 0, built.output
    return offered


@pytest.fixture(scope="session")
def _template(hooks: Hooks, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    repository = Repository(folder, surroundings(hooks.home))
    repository.git("init", "-q", "-b", "main")
    repository.unchecked({**PROJECT, ".pre-commit-config.yaml": hooks.configuration("mldebt")})
    assert repository.pre_commit("install").code == 0
    return folder


@pytest.fixture
def repository(hooks: Hooks, _template: Path, tmp_path: Path) -> Repository:
    """An ML project whose commits the hook `mldebt` sees; the debt that it has was committed before."""
    shutil.copytree(_template, tmp_path / "project", symlinks=True)
    return Repository(tmp_path / "project", surroundings(hooks.home))
