"""A source: one file of the project, in one language, with one role; and its text once read."""

from __future__ import annotations

import enum

import msgspec

from mldebt.facts.model import Command, Place


class Language(enum.StrEnum):
    PYTHON = "python"
    NOTEBOOK = "notebook"
    YAML = "yaml"
    TOML = "toml"
    JSON = "json"
    INI = "ini"
    ENV = "env"
    SHELL = "shell"
    MAKEFILE = "makefile"
    DOCKERFILE = "dockerfile"
    SQL = "sql"
    REQUIREMENTS = "requirements"
    LOCK = "lock"  # of a package manager: the version of each package
    DOCUMENT = "document"  # Markdown and reStructuredText: only the code that they show counts


class Role(enum.StrEnum):
    """What a file is for, by its place in the tree; it lowers exposure and keeps tests apart, nothing else."""

    CODE = "code"
    TEST = "test"
    EXAMPLE = "example"  # examples, docs, tutorials
    NOTEBOOK = "notebook"
    LEGACY = "legacy"  # trash, legacy, deprecated, old


class Source(msgspec.Struct, frozen=True, order=True):
    """`path` is relative to the project root, with `/`."""

    path: str
    language: Language
    role: Role


class Text(msgspec.Struct, frozen=True):
    """What was read. For a notebook `text` is its code cells joined, with magics masked, and `places` maps its lines."""

    text: str
    lines: int  # lines of the file itself
    places: tuple[Place, ...] = ()
    commands: tuple[Command, ...] = ()  # `!`, `%run`, `%%bash` of a notebook
    written: tuple[tuple[str, str, tuple[Place, ...]], ...] = ()  # (file name, text, places) of `%%writefile` cells
