"""Which versions a training run gets: the packages that train, and whether anything settles their versions."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.project.conditions import names_of
from mldebt.project.events import Event
from mldebt.project.models.model import PREPARING
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration, is_own_demonstration
from mldebt.sources.model import Language, Role


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
            packages = [
                package for root, package in self._training.items() if root in {i.target.partition(".")[0] for i in module.facts.imports}
            ]
            requirements = self._project.requirements
            bounds = {names[0]: requirements.range(module, names) for names in packages}
            if packages and not any(found is not None and found.exact for found in bounds.values()):
                yield Loose(events[0], tuple(sorted(bounds)), requirements.folder(module))

    def _trainings(self) -> dict[Module, list[Event]]:
        found: dict[Module, list[Event]] = {}
        for event in sorted(self._project.calls("train"), key=lambda e: (e.module.path, e.site.span)):
            if self._trains(event.module, event):
                found.setdefault(event.module, []).append(event)
        return found

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
