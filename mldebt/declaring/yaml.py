"""Pieces of YAML that the formats share: strings, and names as catalogs allow them."""

from __future__ import annotations

import json
import re

from mldebt.report.terminal import encodable


def string(text: str) -> str:
    """A double-quoted scalar; JSON's strings are YAML's too."""
    return json.dumps(encodable(text))


def slug(text: str, joint: str = "-") -> str:
    """Letters, digits and the joint."""
    return re.sub(r"[^A-Za-z0-9]+", joint, text).strip(joint)[-60:].strip(joint).lower() or "artifact"
