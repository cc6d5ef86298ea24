"""Which versions a training run gets: the packages that train, and whether anything settles their versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Const
from mldebt.project.conditions import names_of
from mldebt.project.events import Event
from mldebt.project.models.model import PREPARING
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration, is_own_demonstration
from mldebt.sources.model import Language, Role

_IMAGE = re.compile(r"(?:[\w.\-]+(?::\d+)?/)+([\w.\-]+):v?\d+\.\d[\w.\-]*(?:@sha256:\w+)?")
_LONG = 200  # what is longer is no image


class Loose(msgspec.Struct, frozen=True):
    """The first training call of a file whose packages may each have any of several versions; `named`: a requirement names one."""

    event: Event
    packages: tuple[str, ...]
    folder: str  # the nearest one that says what is installed


class Environment:
    """Absence is only claimed of a whole project, and of code that is run here: a library leaves the versions to its users."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def loose(self) -> Iterator[Loose]:
        """Files that train and are run, where nothing that trains is locked or pinned; in path order."""
        if self._project.partial:
            return
        for module, events in sorted(self._trainings().items(), key=lambda item: item[0].path):
            roots = self._roots(module)
            packages = [package for root, package in self._training.items() if root in roots]
            requirements = self._project.requirements
            bounds = {names[0]: requirements.range(module, names) for names in packages}
            settled = any(found is not None and found.exact for found in bounds.values())
            folder = requirements.folder(module)
            if packages and not settled and not any((folder, name) in self._images for names in packages for name in names):
                yield Loose(events[0], tuple(sorted(bounds)), folder)

    def _roots(self, module: Module) -> set[str]:
        """Roots of what a file imports of others; tools (`sklearn.utils.shuffle`) train nothing, and files may be called like packages."""
        found: set[str] = set()
        for imported in module.facts.imports:
            own = self._project.index.split(module.path, imported.target)
            if own is None and not self._is_tool(imported.target):
                found.add(imported.target.partition(".")[0])
        return found

    def _is_tool(self, target: str) -> bool:
        """Whether an imported name is a function that neither trains nor makes what can be trained."""
        catalogue = self._project.catalogue
        if target.partition(".")[2] == "" or target in catalogue.classes or target.rpartition(".")[2][:1].isupper():
            return False
        entries = self._project.resolver.entries(target)  # a copy of a model that is given says nothing of its package
        makes = any({"train", "wrap"} & set(entry.roles) or (entry.returns and "model" not in entry.args) for entry in entries)
        return target not in self._holders and not makes

    @cached_property
    def _holders(self) -> frozenset[str]:
        """Names of modules in which the catalogue knows a class or a call that trains: `sklearn.ensemble`."""
        catalogue = self._project.catalogue
        names = {*catalogue.classes, *(call.name for call in catalogue.roles.get("train", ()))}
        return frozenset(name[:at] for name in names for at, letter in enumerate(name) if letter == ".")

    def _trainings(self) -> dict[Module, list[Event]]:
        found: dict[Module, list[Event]] = {}
        for event in sorted(self._project.calls("train"), key=lambda e: (e.module.path, e.site.span)):
            if self._trains(event.module, event):
                found.setdefault(event.module, []).append(event)
        return found

    @cached_property
    def _images(self) -> frozenset[tuple[str, str]]:
        """By folder, what the images with a version bring that settings and code name: `image: pytorch/pytorch:2.4.0`."""
        found: set[tuple[str, str]] = set()
        for module in self._project.modules.values():
            values = module.facts.values
            consts = (value.value for i in module.of_kind(Const) if type(value := values[i]) is Const) if module.is_python else ()
            for text in (*(leaf.value for leaf in module.facts.settings), *consts):
                if type(text) is str and ":" in text and len(text) < _LONG and (image := _IMAGE.fullmatch(text)):
                    found.add((self._project.requirements.folder(module), image[1].lower()))
        return frozenset(found)

    @cached_property
    def _preparing(self) -> frozenset[tuple[str, int]]:
        """Calls in which something learns that is no model: it cleans, scales or numbers what a model gets."""
        return frozenset((fit.path, fit.value) for fit in self._project.models.sites if fit.kind in PREPARING)

    @cached_property
    def _training(self) -> dict[str, tuple[str, ...]]:
        """By the roots of their imports: the packages that train, under the names that requirements may use."""
        return {
            root: names_of(package)
            for package in self._project.catalogue.packages
            if " " not in package.package and any("train" in call.roles for call in package.calls)  # a distribution, no collection
            for root in package.imports
        }

    def _trains(self, module: Module, event: Event) -> bool:
        if module.source.language is not Language.PYTHON or module.source.role is not Role.CODE or is_demonstration(module):
            return False
        if event.name.endswith(".fit_transform") or (module.path, event.site.value) in self._preparing:
            return False
        folders = (folder for folder, kind in self._project.world.packages.items() if kind == "library")
        inside = any(not folder or module.path.startswith(folder + "/") for folder in folders)
        return not inside and not is_own_demonstration(self._project, module, event.site)
