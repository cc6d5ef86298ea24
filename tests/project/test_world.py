"""Who may call the project's code, and who runs each file."""

from __future__ import annotations

import pytest

from mldebt.config import Config
from tests.project.reading import project_of

PACKAGE = {"pkg/__init__.py": "", "pkg/core.py": "x = 1\n", "scripts/go.py": "import pkg\n", "tests/test_core.py": "import pkg\n"}
SETUP = {"setup.py": "from setuptools import setup\nsetup(name='pkg')\n"}


@pytest.mark.parametrize(
    ("files", "openness"),
    [
        ({}, "closed"),
        (SETUP, "library"),
        ({"pyproject.toml": "[project]\nname = 'pkg'\n"}, "library"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'pkg'\n"}, "library"),
        ({"pyproject.toml": "[tool.poetry]\nname = 'pkg'\npackage-mode = false\n"}, "closed"),
        ({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"}, "closed"),
        ({"setup.cfg": "[metadata]\nname = pkg\n"}, "library"),
        ({"setup.cfg": "[flake8]\nmax-line-length = 100\n"}, "closed"),
        ({**SETUP, "Dockerfile": "FROM python\nCMD python -m pkg\n"}, "application"),
        (
            {
                **SETUP,
                "Dockerfile": "FROM python\n",
                ".github/workflows/release.yml": "jobs:\n  a:\n    uses: pypa/gh-action-pypi-publish\n",
            },
            "library",
        ),
        ({"tests/setup.py": SETUP["setup.py"]}, "closed"),
    ],
)
def test_openness_of_a_package(files: dict[str, str], openness: str) -> None:
    project = project_of({**PACKAGE, **files})
    assert project.world.openness(project.modules["pkg/core.py"]) == openness


def test_only_what_is_installed_is_open() -> None:
    project = project_of({**PACKAGE, **SETUP, "src/other.py": "x = 1\n", "top.py": "x = 1\n"})
    assert {
        path: project.world.openness(project.modules[path])
        for path in ("pkg/core.py", "src/other.py", "scripts/go.py", "top.py", "tests/test_core.py")
    } == {
        "pkg/core.py": "library",
        "src/other.py": "library",
        "scripts/go.py": "closed",
        "top.py": "closed",
        "tests/test_core.py": "closed",
    }


def test_the_setting_decides() -> None:
    for setting, openness in ((True, "library"), (False, "closed")):
        project = project_of({**PACKAGE, **SETUP}, config=Config(library=setting))
        assert project.world.openness(project.modules["pkg/core.py"]) == openness


MAIN = "if __name__ == '__main__':\n    print(1)\n"


@pytest.mark.parametrize(
    ("path", "text", "exposure"),
    [
        ("api.py", "from fastapi import FastAPI\n", "serving"),
        ("api.py", "import flask.views\n", "serving"),
        ("job.py", MAIN, "scheduled"),  # the Makefile runs it
        ("tool.py", MAIN, "script"),
        ("lib.py", "def f(): pass\n", "library"),
        ("lib.py", "if 'x' == '__main__':\n    pass\n", "library"),
        ("examples/api.py", "import flask\n", "example"),
        ("tests/test_api.py", "import flask\n", "test"),
        ("legacy/api.py", "import flask\n", "legacy"),
    ],
)
def test_exposure(path: str, text: str, exposure: str) -> None:
    project = project_of({path: text, "Makefile": "all:\n\tpython ./job.py --fast\n"})
    assert project.world.exposure(project.modules[path]) == exposure


@pytest.mark.parametrize(
    ("runner", "text"),
    [
        ("run.sh", "cd jobs && python nightly.py\n"),
        ("Makefile", "all:\n\tpython jobs/nightly.py\n"),
        ("Dockerfile", 'FROM python\nCMD ["python", "/app/jobs/nightly.py"]\n'),
        (".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: python jobs/nightly.py\n"),
    ],
)
def test_files_that_a_committed_command_runs(runner: str, text: str) -> None:
    project = project_of({"jobs/nightly.py": MAIN, "jobs/by_hand.py": MAIN, runner: text})
    assert project.world.scheduled == {"jobs/nightly.py"}
