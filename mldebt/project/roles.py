"""Code that shows, draws or tests something and whose results nobody keeps."""

from __future__ import annotations

import re

from mldebt.facts.model import Name, Op, Site
from mldebt.project.project import Module, Project
from mldebt.sources.model import Role

_NAME = re.compile(r"(^|[-_.])(tutorials?|examples?|demos?|quick_?start|getting_?started|walkthrough)([-_.]|$)", re.IGNORECASE)

_PICTURE = re.compile(
    r"(?:^|[/ ._-])(?:plot|draw|visuali[sz]|viz(?![a-z])|figures?(?![a-z])|charts?(?![a-z])|umap|tsne|t_sne)", re.IGNORECASE
)


def is_demonstration(module: Module) -> bool:
    """Whether the file is a test, an example or a tutorial, by its folder or its own name."""
    if module.source.role in (Role.TEST, Role.EXAMPLE):
        return True
    return _NAME.search(module.path.rpartition("/")[2]) is not None


def is_drawing(module: Module, site: Site) -> bool:
    """Whether the call stands in code that is named after pictures: its file, its folder, its function or class."""
    return _PICTURE.search(f"{module.path} {module.qualname(site.scope)}") is not None


def is_own_demonstration(project: Project, module: Module, site: Site) -> bool:
    """Whether the call stands directly under `if __name__ == "__main__"` of a file that is part of an installed package."""
    if site.scope != 0 or project.world.openness(module) == "closed" or project.world.exposure(module) in ("serving", "scheduled"):
        return False
    block = site.block
    while block >= 0:
        guard = module.facts.blocks[block].guard
        test = module.facts.values[module.facts.guards[guard].test] if guard >= 0 else None
        if type(test) is Op and any(module.facts.values[o] == Name("builtins.__name__") for o in test.operands):
            return True
        block = module.facts.blocks[block].parent
    return False


def is_unreached(project: Project, module: Module, site: Site) -> bool:
    """Whether nothing in a project whose callers are all in sight uses the code of the call: that is a finding of its own."""
    return project.world.openness(module) == "closed" and not project.reach.is_live(module, site.scope)
