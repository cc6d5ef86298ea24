"""Files that `--output` names: refused before the work when they cannot be one, written whole after it."""

from __future__ import annotations

from pathlib import Path

from mldebt.config import ConfigError
from mldebt.writing import replace


def place(name: str, option: str) -> Path:
    """The file of that name; `option` is what the user wrote, for the message."""
    file = Path(name)
    if not file.parent.is_dir() or file.is_dir():
        raise ConfigError(f"{option}: {file.parent if not file.parent.is_dir() else file} is not a place for a file")
    return file


def write_output(file: Path, data: bytes, option: str) -> None:
    try:
        replace(file, data)
    except OSError as error:
        raise ConfigError(f"{option}: cannot be written: {error.strerror}") from None
