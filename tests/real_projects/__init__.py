"""Scans of installed packages, and the findings in them that were committed, by version."""

from __future__ import annotations

import datetime
import importlib.util
import json
from importlib import metadata
from pathlib import Path

import msgspec

from mldebt.config import Config, Loaded
from mldebt.engine import Request, scan
from mldebt.findings import Report

HERE = Path(__file__).parent
# Their own tests are two thirds of the lines of pandas and half of those of scikit-learn: left out to save time.
PACKAGES = {"scikit-learn": ("sklearn", ("tests",)), "pandas": ("pandas", ("tests",)), "networkx": ("networkx", ())}
TODAY = datetime.date(2026, 1, 1)

Row = tuple[str, str, int, str]  # code, path, line, fingerprint


class Snapshot(msgspec.Struct, frozen=True):
    """The findings of the audit profile in one version of a package."""

    package: str
    version: str
    findings: tuple[Row, ...]


def folder(package: str) -> Path | None:
    """Where the sources of an installed package are, found without importing it."""
    spec = importlib.util.find_spec(PACKAGES[package][0])
    return Path(spec.submodule_search_locations[0]) if spec is not None and spec.submodule_search_locations else None


def version(package: str) -> str:
    """The installed version."""
    return metadata.version(package)


def report(package: str, *, jobs: int, cache: Path | None = None, today: datetime.date = TODAY) -> Report:
    """A scan of the package with all rules, its cache outside the package."""
    root = folder(package)
    assert root is not None
    config = Config(profile="audit", extend_exclude=PACKAGES[package][1], jobs=jobs, library=True)
    if cache is not None:
        config = msgspec.structs.replace(config, cache_dir=str(cache))
    return scan(Loaded(root, config), Request((root,), cache=cache is not None, today=today))


def rows(found: Report) -> tuple[Row, ...]:
    """The findings as a snapshot holds them, by path and line."""
    places = ((one.code, one.finding.location.path, one.finding.location.line, one.fingerprint) for one in found.findings)
    return tuple(sorted(places, key=lambda row: (row[1], row[2], row[0], row[3])))


def file_of(package: str) -> Path:
    """The committed snapshot of the installed version, which may not exist."""
    return HERE / f"{package}-{version(package)}.json"


def load(package: str) -> Snapshot | None:
    """The committed snapshot of the installed version."""
    file = file_of(package)
    return msgspec.json.decode(file.read_bytes(), type=Snapshot) if file.exists() else None


def write(package: str, found: Report) -> Path:
    """Write the snapshot of the installed version, one finding per line; those of other versions are removed."""
    file = file_of(package)
    for old in HERE.glob(f"{package}-*.json"):
        old.unlink()
    lines = ",\n".join(f"  {json.dumps(row)}" for row in rows(found))
    head = f'"package": {json.dumps(package)}, "version": {json.dumps(version(package))}'
    file.write_text(f'{{{head}, "findings": [\n{lines}\n]}}\n', encoding="utf-8")
    return file
