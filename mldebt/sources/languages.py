"""What a file is by its place in the tree: its language and its role."""

from __future__ import annotations

import re

from mldebt.sources.model import Language, Role, Source

_SUFFIXES = {
    ".md": Language.DOCUMENT,
    ".markdown": Language.DOCUMENT,
    ".rst": Language.DOCUMENT,
    ".py": Language.PYTHON,
    ".pyw": Language.PYTHON,
    ".ipynb": Language.NOTEBOOK,
    ".yaml": Language.YAML,
    ".yml": Language.YAML,
    ".dvc": Language.YAML,
    ".toml": Language.TOML,
    ".json": Language.JSON,
    ".ini": Language.INI,
    ".cfg": Language.INI,
    ".gin": Language.INI,
    ".properties": Language.INI,
    ".env": Language.ENV,
    ".sh": Language.SHELL,
    ".bash": Language.SHELL,
    ".mk": Language.MAKEFILE,
    ".dockerfile": Language.DOCKERFILE,
    ".sql": Language.SQL,
}
_NAMES = {
    "makefile": Language.MAKEFILE,
    "gnumakefile": Language.MAKEFILE,
    "dockerfile": Language.DOCKERFILE,
    "containerfile": Language.DOCKERFILE,
    "dvc.lock": Language.YAML,
    "uv.lock": Language.LOCK,
    "poetry.lock": Language.LOCK,
    "pdm.lock": Language.LOCK,
    "pixi.lock": Language.LOCK,
    "pylock.toml": Language.LOCK,
    "pipfile.lock": Language.LOCK,
    "conda-lock.yml": Language.LOCK,
    "pipfile": Language.TOML,
    "mlproject": Language.YAML,
    "mlmodel": Language.YAML,
}
_REQUIREMENTS = re.compile(r"([^/]*[-_.])?(requirements|constraints)[\w.\-]*\.(txt|in|lock)")  # also cpu-requirements.txt
_LISTS = (".txt", ".in", ".lock")  # in a folder of requirements: requirements/base.txt
_NOT_DOCKER = (".md", ".rst", ".txt", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".dockerignore", ".swp", ".bak", ".orig")

_LEGACY = frozenset({"trash", "legacy", "deprecated", "old", "archive", "archived", "archives", "scratch", "attic", "obsolete", "backup"})
_TEST = frozenset({"test", "tests", "testing", "unit_tests", "integration_tests"})
_EXAMPLE = frozenset(
    {"example", "examples", "doc", "docs", "tutorial", "tutorials", "sample", "samples", "demo", "demos", "template", "templates"}
)
_NOTEBOOK = frozenset({"notebook", "notebooks"})


def language_of(path: str) -> Language | None:
    """The language of a file by its name and the folder it is in, or None when mldebt does not read such files."""
    folder, _, low = path.lower().rpartition("/")
    if found := _NAMES.get(low):
        return found
    dot = low.rfind(".")
    if dot >= 0 and (found := _SUFFIXES.get(low[dot:])):
        return found
    if low.endswith(_LISTS) and (_REQUIREMENTS.fullmatch(low) or folder.rpartition("/")[2] == "requirements"):
        return Language.REQUIREMENTS
    if low.startswith(".env."):
        return Language.ENV
    if low.startswith(("dockerfile.", "dockerfile-", "dockerfile_", "containerfile.")) and not low.endswith(_NOT_DOCKER):
        return Language.DOCKERFILE
    return None


def source_of(path: str) -> Source | None:
    """The source at a path relative to the project root, None when mldebt does not read such files."""
    language = language_of(path)
    return Source(path, language, role_of(path, language)) if language else None


def role_of(path: str, language: Language) -> Role:
    """The role of the file at `path` (relative to the root, with `/`), by the names of its directories and its own."""
    *directories, name = path.lower().split("/")
    parts = frozenset(directories)
    if parts & _LEGACY:
        return Role.LEGACY
    if parts & _TEST or name == "conftest.py" or (name.endswith(".py") and (name.startswith("test_") or name.endswith("_test.py"))):
        return Role.TEST
    if parts & _EXAMPLE:
        return Role.EXAMPLE
    if language is Language.NOTEBOOK or parts & _NOTEBOOK:
        return Role.NOTEBOOK
    return Role.CODE
