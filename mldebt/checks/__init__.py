"""One file per debt. A check reads the linked project and yields findings; it sees no syntax tree and names no package."""

from __future__ import annotations
