"""Whether pip failed for lack of a network, by its own words."""

from __future__ import annotations

import re

_BROKEN = re.compile(r"connection broken by '(.*)': ")
_ENDS = re.compile(r"ERROR: (?:No matching distribution found|Could not install packages due to an OSError|Could not find a version)")


def lack_of_network(output: str) -> str:
    """Why pip could not reach its index, when that is what it ended with; else ""."""
    broken = _BROKEN.search(output)
    return broken[1] if broken and _ENDS.search(output, broken.end()) else ""
