"""Whether a committed file that code loads is there to set things: it may as well be a result, a description of data or a tool's file."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property

from mldebt.project.project import Project
from mldebt.project.settings.elsewhere import OtherSources
from mldebt.project.settings.files import File
from mldebt.sources.model import Language

_SAYS = re.compile(r"conf|cfg|setting|param|option|hyper|(?:^|[_-])(?:args|arguments|opts?)(?:$|[_-])", re.IGNORECASE)
# Folders of what programs make or take in.
_HELD = re.compile(
    r"^(?:results?|outputs?|artifacts?|metrics|reports?|logs?|(?:saved_?|trained_?|pretrained_?)?models?|checkpoints?|ckpts?|weights|runs"
    r"|data|datasets?|raw|processed|labels?|annotations?|schemas?|vocabs?)$",
    re.IGNORECASE,
)
_HELM = re.compile(r"^values(?:[-_.][\w.-]+)?\.ya?ml$")
_CHART = re.compile(r"(?:^|/)(?:charts?|helm)(?:/|$)")
# Outermost keys of formats: any set of them tells.
_FORMATS = tuple(
    frozenset(keys)
    for keys in (
        ("$schema",),
        ("openapi",),
        ("swagger",),
        ("asyncapi",),
        ("properties", "type"),
        ("nbformat",),
        ("images", "annotations"),
    )
)
_SAVED = (frozenset({"architectures"}), frozenset({"model_type", "vocab_size"}), frozenset({"model_type", "transformers_version"}))


class Meant:
    """Answers for the files that loads are of."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._others = OtherSources(project)

    def sets(self, file: File) -> bool:
        """Whether it is no file of a known format, no result, and not written by the project itself."""
        path = file.module.path
        tops = file.tree.get((), {}).keys()
        formats = (*_FORMATS, *_SAVED) if file.module.source.language is Language.JSON else _FORMATS
        return not (any(keys <= tops for keys in formats) or _is_held(file) or self._is_of_chart(path) or path in self._written)

    def is_sure(self, file: File, key: str) -> bool:
        """Whether its place says settings, where the format does not, and no source of another language names it or the key."""
        if file.module.source.language is Language.JSON and not any(_SAYS.search(part) for part in file.module.path.split("/")):
            return False
        return not self._others.mention(posixpath.basename(file.module.path), key)

    def _is_of_chart(self, path: str) -> bool:
        """Whether it holds the values of a chart of Kubernetes."""
        folder, name = posixpath.split(path)
        return bool(_HELM.match(name)) and (bool(_CHART.search(folder)) or posixpath.join(folder, "Chart.yaml") in self._project.modules)

    @cached_property
    def _written(self) -> frozenset[str]:
        """Files of constant paths that the project writes."""
        names = {
            posixpath.normpath("".join(str(part) for part in access.identity.name))
            for access in self._project.artifacts.writers
            if access.identity is not None and access.identity.store == "file" and all(type(part) is str for part in access.identity.name)
        }
        last = {posixpath.basename(name) for name in names}
        return frozenset(path for path in self._project.modules if posixpath.basename(path) in last and _ends(path, names))


def _is_held(file: File) -> bool:
    """Whether it lies with results, data or models, and neither its name nor a folder says settings; a model's own JSON says so too."""
    *folders, name = file.module.path.split("/")
    said = any(_SAYS.search(folder) for folder in folders)
    said = said or (file.module.source.language is not Language.JSON and bool(_SAYS.search(name)))
    return not said and any(_HELD.match(folder) for folder in folders)


def _ends(path: str, names: set[str]) -> bool:
    """Whether the path, or what is left of it in some folder, is one of the names."""
    return any(path[n:] in names for n in (0, *(i + 1 for i, c in enumerate(path) if c == "/")))
