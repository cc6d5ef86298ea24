"""The facts of all files, and the graphs that follow from them. Everything is derived from facts, in path order."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt.cards import Thresholds, load_profiles
from mldebt.catalogue import Catalogue
from mldebt.facts.model import Attr, Bound, Call, Def, Facts, Name, Scope, Site, Span, Value
from mldebt.findings import Coverage, Location
from mldebt.history import History
from mldebt.project.modules import ModuleIndex
from mldebt.sources.model import Language, Role, Source

if TYPE_CHECKING:
    from mldebt.config import Config
    from mldebt.project.artifacts.arguments import Arguments
    from mldebt.project.artifacts.fold import Folder
    from mldebt.project.artifacts.graph import ArtifactGraph
    from mldebt.project.artifacts.model import Place
    from mldebt.project.artifacts.pipelines import Pipelines
    from mldebt.project.artifacts.runs import Runs
    from mldebt.project.columns import Columns
    from mldebt.project.configs import ConfigGraph
    from mldebt.project.environment_literals import Literal
    from mldebt.project.evaluate import Evaluator
    from mldebt.project.events import Event, Events
    from mldebt.project.flags import FlagGraph
    from mldebt.project.flow import Flow
    from mldebt.project.foreign import Foreign
    from mldebt.project.forks import Fork
    from mldebt.project.glue.vendors import Vendors
    from mldebt.project.leakage import Leakage
    from mldebt.project.members import Members
    from mldebt.project.models.graph import ModelGraph
    from mldebt.project.parameters import Parameters
    from mldebt.project.reach import Reach
    from mldebt.project.requirements import Requirements
    from mldebt.project.resolve import Resolver
    from mldebt.project.seeds import Seeds
    from mldebt.project.settings.graph import SettingsGraph
    from mldebt.project.world import World


class Module:
    """One file of the project with its facts."""

    __slots__ = ("_calls", "_kinds", "_names", "facts", "is_python", "is_test", "path", "source")

    def __init__(self, source: Source, facts: Facts) -> None:
        self.source, self.facts, self.path = source, facts, source.path
        self._kinds: dict[type[Value], list[int]] | None = None
        self._calls: list[tuple[Site, Call, Value]] | None = None
        self._names: dict[str, int] | None = None
        self.is_python = source.language in (Language.PYTHON, Language.NOTEBOOK)
        self.is_test = source.role is Role.TEST

    def value(self, index: int) -> Value:
        return self.facts.values[index]

    def of_kind(self, kind: type[Value]) -> Sequence[int]:
        """The places of all values of one kind, in order."""
        if self._kinds is None:
            self._kinds = defaultdict(list)
            for index, value in enumerate(self.facts.values):
                self._kinds[type(value)].append(index)
        return self._kinds.get(kind, ())

    @property
    def names(self) -> Mapping[str, int]:
        """The imported and built-in objects that the file reads, by dotted name: the place of each."""
        if self._names is None:
            values = self.facts.values
            self._names = {value.name: i for i in self.of_kind(Name) if type(value := values[i]) is Name}
        return self._names

    @property
    def calls(self) -> Sequence[tuple[Site, Call, Value]]:
        """Every call site with its call and the value that is called, in text order."""
        if self._calls is None:
            values = self.facts.values
            self._calls = [(site, call, values[call.func]) for site in self.facts.sites if type(call := values[site.value]) is Call]
        return self._calls

    def qualname(self, scope: int) -> str:
        return self.facts.scopes[scope].qualname if self.facts.scopes else ""

    def __repr__(self) -> str:
        return f"Module({self.path})"


class Project:
    """What all files say together. The graphs are made when first asked for."""

    def __init__(
        self,
        root: Path,
        files: Mapping[str, tuple[Source, Facts]],
        catalogue: Catalogue,
        config: Config,
        *,
        partial: bool = False,
        foreign: Foreign | None = None,
        today: datetime.date | None = None,
        history: History | None = None,
    ) -> None:
        from mldebt.project.foreign import Foreign

        self.partial = partial  # other files of the project were not read
        self.foreign = foreign or Foreign()  # what other projects say of the artifacts that they share with this one
        self.today = today or datetime.date.today()
        self.history = history or History(root, self.today)  # git is asked only where somebody needs an answer
        self.root, self.catalogue, self.config = root, catalogue, config
        self.modules: dict[str, Module] = {path: Module(*files[path]) for path in sorted(files)}
        self.python: tuple[Module, ...] = tuple(m for m in self.modules.values() if m.is_python and not m.facts.unread)
        installed = frozenset(name for package in catalogue.packages for name in package.imports)
        self.index = ModuleIndex(self.modules, installed, root.name)

    def location(self, module: Module, span: Span, message: str = "") -> Location:
        """A place as reports show it: for a notebook the line of the .ipynb file, with cell and cell line."""
        places = module.facts.places
        path = module.path
        if not places:
            return Location(path, span.line, span.column, span.end_line, span.end_column, message)
        first = places[min(span.line, len(places)) - 1]
        last = places[min(max(span.end_line, span.line), len(places)) - 1]
        end = max(last.line, first.line)
        return Location(self.notebook_of(path), first.line, span.column, end, span.end_column, message, first.cell, first.cell_line)

    def place(self, place: Place, message: str = "") -> Location:
        """The same for the place of an access; one in another project as it was exported."""
        module = None if self.is_foreign(place.path) else self.modules.get(place.path)
        if module is None:
            return Location(place.path, *msgspec.structs.astuple(place.span), message)
        return self.location(module, place.span, message)

    def is_foreign(self, path: str) -> bool:
        """Whether a file of an access belongs to another project."""
        return path in self.foreign.paths

    def notebook_of(self, path: str) -> str:
        """The notebook that a `%%writefile` cell's file stands in, else the path itself."""
        notebook, mark, _ = path.rpartition("#")
        return notebook if mark and notebook in self.modules else path

    def scopes(self, *kinds: str) -> Iterator[tuple[Module, Scope]]:
        """Every scope of these kinds, in path and text order."""
        for module in self.python:
            for scope in module.facts.scopes:
                if scope.kind in kinds:
                    yield module, scope

    @cached_property
    def thresholds(self) -> Thresholds:
        """From which size a rule speaks in the profile of this run."""
        return load_profiles()[self.config.profile].thresholds

    @cached_property
    def imported_by_file(self) -> dict[str, frozenset[str]]:
        """For each file, the files of the project that it imports."""
        found: dict[str, frozenset[str]] = {}
        for module in self.python:
            dotted = {name for i in module.facts.imports for name in (i.target, i.module) if name}
            targets = {split[0] for name in dotted if (split := self.index.split(module.path, name)) is not None}
            found[module.path] = frozenset(targets - {module.path})
        return found

    @cached_property
    def called(self) -> dict[str, list[tuple[Module, Site, Call]]]:
        """Every call, by the last part of the name that it is written with, in path and text order."""
        found: dict[str, list[tuple[Module, Site, Call]]] = defaultdict(list)
        for module in self.python:
            scopes = module.facts.scopes
            for site, call, func in module.calls:
                kind = type(func)
                if kind is Attr or kind is Bound:
                    found[func.name].append((module, site, call))  # type: ignore[union-attr]
                elif kind is Name:
                    found[func.name.rpartition(".")[2]].append((module, site, call))  # type: ignore[union-attr]
                elif kind is Def:
                    found[scopes[func.scope].name].append((module, site, call))  # type: ignore[union-attr]
        found.pop("", None)
        return dict(found)

    @cached_property
    def attribute_names(self) -> frozenset[str]:
        """Every name that stands behind a dot, but for those of what is imported."""
        return frozenset(m.facts.values[i].name for m in self.python for i in m.of_kind(Attr))  # type: ignore[union-attr]

    @cached_property
    def added_names(self) -> frozenset[str]:
        """Names that are there for all: from a host, or because some file does `builtins.trace = trace`."""
        injected = {call.name.rsplit(".", 1)[-1] for call in self.catalogue.roles.get("inject", ())}
        builtins = Name("builtins")
        return frozenset(injected | {w.name for m in self.python for w in m.facts.writes if w.name and m.facts.values[w.base] == builtins})

    @cached_property
    def resolver(self) -> Resolver:
        from mldebt.project.resolve import Resolver

        return Resolver(self)

    @cached_property
    def requirements(self) -> Requirements:
        from mldebt.project.requirements import Requirements

        return Requirements(self)

    @cached_property
    def seeds(self) -> Seeds:
        from mldebt.project.seeds import Seeds

        return Seeds(self)

    @cached_property
    def members(self) -> Members:
        from mldebt.project.members import Members

        return Members(self)

    @cached_property
    def environment_literals(self) -> tuple[Literal, ...]:
        """Credentials, runs, buckets, hosts and disks that stand in the code, in path and text order."""
        from mldebt.project.environment_literals import EnvironmentLiterals

        return tuple(EnvironmentLiterals(self).all())

    @cached_property
    def evaluator(self) -> Evaluator:
        from mldebt.project.evaluate import Evaluator

        return Evaluator(self)

    @cached_property
    def events(self) -> Events:
        from mldebt.project.events import Events

        return Events(self)

    @cached_property
    def reach(self) -> Reach:
        from mldebt.project.reach import Reach

        return Reach(self)

    @cached_property
    def flags(self) -> FlagGraph:
        from mldebt.project.flags import FlagGraph

        return FlagGraph(self)

    @cached_property
    def leakage(self) -> Leakage:
        from mldebt.project.leakage import Leakage

        return Leakage(self)

    @cached_property
    def vendors(self) -> Vendors:
        from mldebt.project.glue.vendors import Vendors

        return Vendors(self)

    @cached_property
    def flow(self) -> Flow:
        from mldebt.project.flow import Flow

        return Flow(self)

    @cached_property
    def columns(self) -> Columns:
        from mldebt.project.columns import Columns

        return Columns(self)

    @cached_property
    def models(self) -> ModelGraph:
        from mldebt.project.models.graph import ModelGraph

        return ModelGraph(self)

    @cached_property
    def configs(self) -> ConfigGraph:
        from mldebt.project.configs import ConfigGraph

        return ConfigGraph(self)

    @cached_property
    def settings(self) -> SettingsGraph:
        from mldebt.project.settings.graph import SettingsGraph

        return SettingsGraph(self)

    @cached_property
    def parameters(self) -> Parameters:
        from mldebt.project.parameters import Parameters

        return Parameters(self)

    @cached_property
    def forks(self) -> tuple[Fork, ...]:
        from mldebt.project.forks import forks

        return tuple(forks(self))

    @cached_property
    def world(self) -> World:
        from mldebt.project.world import World

        return World(self)

    @cached_property
    def pipelines(self) -> Pipelines:
        from mldebt.project.artifacts.pipelines import Pipelines

        return Pipelines(self)

    @cached_property
    def folder(self) -> Folder:
        from mldebt.project.artifacts.fold import Folder

        return Folder(self)

    @cached_property
    def artifact_runs(self) -> Runs:
        from mldebt.project.artifacts.runs import Runs

        return Runs(self)

    @cached_property
    def artifact_arguments(self) -> Arguments:
        from mldebt.project.artifacts.arguments import Arguments

        return Arguments(self)

    @cached_property
    def artifacts(self) -> ArtifactGraph:
        from mldebt.project.artifacts.graph import ArtifactGraph

        return ArtifactGraph(self)

    def calls(self, role: str) -> tuple[Event, ...]:
        """Every call site whose callee has this role in the catalogue, in path and text order."""
        return self.events.by_role.get(role, ())

    def coverage(self) -> dict[str, Coverage]:
        """How much of what the checks rest on was resolved; the same whichever checks run."""
        self.flags.remote  # noqa: B018 - counts the reads of flags too
        return {
            "calls": Coverage(self.events.resolved, self.events.total),
            "flags": Coverage(self.flags.resolved, self.flags.total),
            "conditions": self._conditions(),
            "artifacts": self.artifact_coverage(),
            "models": self.models.coverage(),
        }

    def artifact_coverage(self) -> Coverage:
        """Places that read or write, seen from each caller of a helper, and whether what they name is known at least in part."""
        sites: dict[tuple[object, ...], str | None] = {}  # why it is not known; None: it is
        for access in self.artifacts.accesses:
            key = (access.direction, access.place, access.via, access.api)
            sites[key] = None if access.identity is not None else sites.get(key, access.why or "unknown")
        unknown = Counter(why for why in sites.values() if why is not None)
        return Coverage(len(sites) - unknown.total(), len(sites), dict(sorted(unknown.items())))

    def _conditions(self) -> Coverage:
        """Conditions outside tests whose outcome follows from constants and committed configuration."""
        guards = [(m, g) for m in self.python if not m.is_test for g in m.facts.guards if g.kind in ("if", "elif", "while")]
        known = sum(self.evaluator.truth(m, g.test, self.configs.lookup) is not None for m, g in guards)
        return Coverage(known, len(guards))
