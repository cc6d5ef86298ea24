"""Which general-purpose ML packages the project calls, and where. The catalogue says which packages those are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Call, Site
from mldebt.project.glue.programs import programs
from mldebt.project.project import Module, Project
from mldebt.project.resolve import External, Instance, Target
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language

_SUBCLASSES = 2
_SHARE = 0.1  # of the files
_ANSWERS = ("predict", "embed")


class Boundary(msgspec.Struct, frozen=True):
    """A call of a vendor: of something imported from it, or of a method of its objects."""

    vendor: str
    module: Module
    site: Site
    call: Call
    name: str  # dotted, or `<kind>.<method>`


class Vendors:
    """The vendors of one project. A vendor is named as its package is distributed: `scikit-learn`."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._imports: dict[str, str] = {}
        self._kinds: dict[str, set[str]] = {}  # kinds of objects -> vendors that make them
        packages = project.catalogue.packages
        self.learners = frozenset(p.package for p in packages if p.vendor == "learner")
        self.frameworks = frozenset(p.package for p in packages if p.vendor == "framework")
        for package in packages:
            if package.vendor:
                self._imports.update(dict.fromkeys(package.imports, package.package))
                for known in package.classes:
                    self._kinds.setdefault(known.kind, set()).add(package.package)
        self._models = frozenset(kind for (kind, _), call in project.catalogue.methods.items() if not set(_ANSWERS).isdisjoint(call.roles))
        self._of: dict[str, str] = {}

    def of(self, dotted: str) -> str:
        """The vendor of a dotted name, "" for anything else."""
        found = self._of.get(dotted)
        if found is None:
            name = dotted
            while name and name not in self._imports:
                name = name.rpartition(".")[0]
            found = self._of[dotted] = self._imports.get(name, "")
        return found

    def of_target(self, target: Target | None) -> str:
        """The vendor of an imported object or of an instance of its classes."""
        if type(target) is Instance and type(target.of) is External:
            return self._of_name(target.of.name)
        return self._of_name(target.name) if type(target) is External else ""

    def makes_model(self, name: str) -> bool:
        """Whether calling this makes a model: an object that predicts or embeds."""
        catalogue = self._project.catalogue
        known = catalogue.classes.get(name)
        kinds = {known.kind} if known is not None else {e.returns for e in catalogue.entries.get(name, ()) if e.returns}
        return bool(self.of(name)) and not self._models.isdisjoint(kinds or {catalogue.kind_of(name)})

    def trains(self, boundary: Boundary) -> bool:
        """Whether the call is a function of the vendor that trains and returns a model: no method of one that is there."""
        return bool(self.of(boundary.name)) and any("train" in e.roles for e in self._project.catalogue.entries.get(boundary.name, ()))

    @cached_property
    def files(self) -> tuple[Module, ...]:
        """The Python files that are no tests, demonstrations or notebooks, in path order."""
        return tuple(m for m in self._project.python if m.source.language is not Language.NOTEBOOK and not is_demonstration(m))

    @cached_property
    def programs(self) -> Mapping[str, str]:
        """For each file the program that it belongs to."""
        return programs(self._project)

    @cached_property
    def medium(self) -> frozenset[str]:
        """Vendors whose classes the project subclasses: what it is written in, not what it is glued to.

        One subclass of a ready-made model is not enough. A framework is one too when every tenth file calls it. Frameworks stand on each
        other, so that with one of them all are the medium.
        """
        found: Counter[str] = Counter()
        for module, scope in self._project.scopes("class"):
            if scope.bases and not is_demonstration(module):
                targets = (self._project.resolver.target(module, base) for base in scope.bases)
                found.update(self.of(target.name) for target in targets if type(target) is External)
        medium = {v for v, n in found.items() if v and (n >= _SUBCLASSES or v in self.frameworks)}
        for vendor in self.frameworks & self.boundaries.keys():
            if len({b.module.path for b in self.boundaries[vendor]}) >= _SHARE * len(self._project.python):
                medium.add(vendor)
        return frozenset(medium | self.frameworks if medium & self.frameworks else medium)

    @cached_property
    def boundaries(self) -> dict[str, tuple[Boundary, ...]]:
        """The calls of each vendor in these files; vendors by name, calls in path and text order."""
        files = {m.path for m in self.files}
        found: dict[str, list[Boundary]] = {}
        for name, sites in self._project.events.named.items():
            vendor = self.of(name)
            if not vendor and name.partition(".")[0] not in self._kinds:
                continue
            for module, site, call in sites:
                if module.path in files and (whose := vendor or self._of_method(module, call)):
                    found.setdefault(whose, []).append(Boundary(whose, module, site, call, name))
        return {v: tuple(sorted(found[v], key=lambda b: (b.module.path, b.site.span, b.name))) for v in sorted(found)}

    def _of_method(self, module: Module, call: Call) -> str:
        func = module.facts.values[call.func]
        base = func.base if type(func) is Attr else call.func
        return self.of_target(self._project.resolver.target(module, base))

    def _of_name(self, name: str) -> str:
        """The vendor of a dotted name or of a method of a kind that only one of them makes."""
        vendors = self._kinds.get(name.partition(".")[0], ())
        return self.of(name) or (next(iter(vendors)) if len(vendors) == 1 else "")
