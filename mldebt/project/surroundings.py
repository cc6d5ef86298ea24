"""rules/surroundings.toml as immutable structs: names of accounts, databases, notebook runners and other languages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import msgspec

from mldebt.catalogue import rules_dir
from mldebt.project.artifacts.commandbook import read_book


class Accounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shared: frozenset[str]
    placeholders: frozenset[str]
    folders: frozenset[str]
    recorded: frozenset[str]


class Databases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schemes: frozenset[str]
    here: frozenset[str]


class Runner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command that runs a notebook, with one of the options that it `needs`."""

    name: str
    needs: tuple[str, ...] = ()


class Notebooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    commands: tuple[Runner, ...]
    modules: frozenset[str]
    functions: frozenset[str]
    operators: frozenset[str]
    tasks: frozenset[str]
    folders: frozenset[str]


class Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A program of another language, where one of its words ends as `ends` says."""

    name: str
    language: str
    ends: tuple[str, ...] = ()


class Languages(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    programs: tuple[Program, ...]
    bridges: dict[str, str]
    hosts: dict[str, frozenset[str]]
    tools: tuple[str, ...]
    windows: frozenset[str]
    compilers: frozenset[str]
    sources: dict[str, str]


class Surroundings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    accounts: Accounts
    databases: Databases
    notebooks: Notebooks
    languages: Languages


def load_surroundings(path: Path | None = None) -> Surroundings:
    """The shipped file, or another of the same form."""
    return _load(path or rules_dir() / "surroundings.toml")


@lru_cache(maxsize=2)
def _load(path: Path) -> Surroundings:
    return read_book(path, Surroundings, {"accounts": Accounts, "databases": Databases, "notebooks": Notebooks, "languages": Languages})
