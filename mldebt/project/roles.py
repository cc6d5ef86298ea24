"""Files that show or test something and whose results nobody keeps."""

from __future__ import annotations

import re

from mldebt.project.project import Module
from mldebt.sources.model import Role

_NAME = re.compile(r"(^|[-_.])(tutorials?|examples?|demos?|quick_?start|getting_?started|walkthrough)([-_.]|$)", re.IGNORECASE)


def is_demonstration(module: Module) -> bool:
    """Whether the file is a test, an example or a tutorial, by its folder or its own name."""
    if module.source.role in (Role.TEST, Role.EXAMPLE):
        return True
    return _NAME.search(module.path.rpartition("/")[2]) is not None
