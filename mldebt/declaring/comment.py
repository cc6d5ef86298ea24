"""The declaration as a comment in each file that reads."""

from __future__ import annotations

import re

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft
from mldebt.report.terminal import safe

_STORE = re.compile(r"^(table|topic|key|dataset|torchhub|feast) ")


def comments(draft: Draft) -> str:
    """One line for each reader, after the place where it belongs."""
    name = _STORE.sub(r"\1:", draft.id)
    if re.search(r"\s", name) or name != safe(name):
        raise ConfigError(f"`{safe(draft.id)}` has spaces or odd characters, which end a name in a comment; leave out --as comment")
    if not draft.uses:
        raise ConfigError(f"`{safe(draft.id)}`: no file reads it without a declaration; a comment declares readers only")
    return "".join(f"# {safe(use.path)}:{use.where.line}\n# mldebt: consumes {name} owner=@TODO\n" for use in draft.uses)
