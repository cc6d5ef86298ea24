"""The versions that a lock file settles."""

from __future__ import annotations

import re

from mldebt.facts.model import Setting

# uv, Poetry, PDM and pylock.toml; Pipenv; conda-lock; pixi
_PACKAGE = re.compile(
    r"""^name[ ]=[ ]"(?P<toml>[\w.-]+)"\n(?:[a-z-]+[ ]=[ ].*\n){0,4}?version[ ]=[ ]"(?P<at>[^"\n]+)"
    |^[ ]+"(?P<json>[\w.-]+)":[ ]\{[^{}]*?"version":[ ]"==(?P<pinned>[^"\n]+)"
    |^-[ ]name:[ ](?P<yaml>[\w.-]+)\n[ ]+version:[ ]['"]?(?P<fixed>[\w.+-]+)
    |^[ ]+name:[ ](?P<pixi>[\w.-]+)\n[ ]+version:[ ]['"]?(?P<set>[\w.+-]+)""",
    re.MULTILINE | re.VERBOSE,
)


def locked(text: str) -> tuple[Setting, ...]:
    """The packages of a lock file with their versions, as (locked, name); one of several versions is a leaf of its own."""
    found: list[Setting] = []
    line, at = 1, 0
    for match in _PACKAGE.finditer(text):
        name, version = (part for part in match.groups() if part is not None)
        line, at = line + text.count("\n", at, match.start()), match.start()
        found.append(Setting(("locked", name), version, line))
    return tuple(found)
