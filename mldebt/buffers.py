"""An editor's buffer on standard input: it stands for one file of the project, the rest is read from disk."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from mldebt.config import ConfigError, Loaded
from mldebt.sources.discover import FileSettings

LARGEST = max(FileSettings().max_bytes, FileSettings().max_notebook_bytes)


def given(loaded: Loaded, file: Path, stream: BinaryIO) -> dict[str, bytes]:
    """The content of the stream under the path, relative to the project root, of the file that it stands for."""
    relative = os.path.relpath(os.path.realpath(file.parent), os.path.realpath(loaded.root))
    path = os.path.normpath(os.path.join(relative, file.name)).replace(os.sep, "/")
    if path.startswith("../"):
        raise ConfigError(f"--stdin-filename {file}: outside the project root {loaded.root}; name a path inside it")
    if file.is_dir():
        raise ConfigError(f"--stdin-filename {file}: this is a directory; name the file that standard input stands for")
    raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise ConfigError(f"--stdin-filename {file}: more than {LARGEST // 1_000_000} MB on standard input; scan the file on disk")
    return {path: raw}
