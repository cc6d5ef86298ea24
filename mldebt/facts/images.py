"""The images that a Dockerfile builds on."""

from __future__ import annotations

import re

from mldebt.facts.model import Setting

_LINE = re.compile(r"^[ \t]*(FROM|ARG)[ \t]++(.+)$", re.IGNORECASE | re.MULTILINE)
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::?[-+][^}]*)?\})")


def images(text: str) -> tuple[Setting, ...]:
    """The image of each FROM with the defaults of ARG filled in, as (FROM, number), with ARG where a build may
    choose another; stages of the same file are left out."""
    defaults: dict[str, str] = {}
    stages: set[str] = set()
    found: list[Setting] = []
    for match in _LINE.finditer(text):
        rest = match[2].rstrip()
        if match[1].upper() == "ARG":
            name, equals, value = rest.partition("=")
            if equals:
                defaults[name.strip()] = value.strip().strip("\"'")
        elif (image := _FROM.match(rest)) is not None:
            name = _VARIABLE.sub(lambda used: defaults.get(used[1] or used[2], used[0]), image[1])
            if name.lower() not in stages:
                keys = ("FROM", str(len(found)), *(["ARG"] if name != image[1] else []))
                found.append(Setting(keys, name, text.count("\n", 0, match.start(1)) + 1))
            stages |= {image[2].lower()} if image[2] else set()
    return tuple(found)
