"""Files that mldebt itself wrote into the project: reports, graphs, exported facts, whatever they are called."""

from __future__ import annotations

import re

_HEAD = re.compile(rb'\s*\{\s*"version":\s*\d+,\s*"(?:tool":\s*\{\s*"name":\s*"mldebt"|mldebt":\s*")')
_BYTES = 256


def is_own(path: str) -> bool:
    """Whether a JSON file begins as mldebt's do; not one that cannot be read."""
    try:
        with open(path, "rb") as file:
            return _HEAD.match(file.read(_BYTES)) is not None
    except OSError:
        return False
