"""Pipelines that nobody declared: files that run and are joined by what they write for each other."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.project.artifacts.graph import Edge
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.artifacts.relations import rival_writers, silent_edges, unfed_readers
from mldebt.project.project import Project
from mldebt.sources.model import Language, Role

_WRITERS = 3  # stages that write one artifact


class Link(msgspec.Struct, frozen=True):
    """An edge between two stages that nothing declares."""

    writer: str  # the stage; the access may stand in a helper that only this stage imports
    reader: str
    artifact: str
    edge: Edge


class Gap(msgspec.Struct, frozen=True):
    """A read of what no stage writes, while another stage writes almost the same name: somebody copies by hand."""

    reader: Access
    writer: Access
    difference: str


class Pipeline(msgspec.Struct, frozen=True):
    """Stages that are joined, directly or through others, by undeclared links."""

    stages: tuple[str, ...]
    links: tuple[Link, ...]
    languages: tuple[str, ...]
    gaps: tuple[Gap, ...] = ()
    rivals: int = 0  # artifacts that several stages overwrite

    @property
    def intermediates(self) -> tuple[str, ...]:
        return tuple(sorted({link.artifact for link in self.links}))

    @property
    def undeclared(self) -> int:
        """Pairs of stages of which one reads what the other writes."""
        return len({(link.writer, link.reader) for link in self.links})

    @property
    def passing(self) -> int:
        """Stages that read from others and write for others."""
        return len({link.writer for link in self.links} & {link.reader for link in self.links})

    @property
    def index(self) -> float:
        """How much of a jungle it is, for each stage."""
        weight = len(self.intermediates) + 2 * self.undeclared + 3 * (len(self.languages) - 1) + 2 * len(self.gaps) + self.rivals
        return weight / max(1, len(self.stages))


class Pipelines:
    """The pipelines of one project, the largest first."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def all(self) -> tuple[Pipeline, ...]:
        import networkx

        links = self._links()
        joined = networkx.Graph((link.writer, link.reader) for link in links)
        parts = sorted((tuple(sorted(part)) for part in networkx.connected_components(joined)), key=lambda part: (-len(part), part))
        home = {stage: number for number, part in enumerate(parts) for stage in part}
        held: dict[int, list[Link]] = defaultdict(list)
        for link in links:
            held[home[link.reader]].append(link)
        gaps, rivals = self._gaps(home), self._rivals(home)
        return tuple(
            Pipeline(part, tuple(held[number]), self._languages(part), tuple(gaps[number]), rivals[number])
            for number, part in enumerate(parts)
        )

    # stages ------------------------------------------------------------------------------------------------------------

    @cached_property
    def _importers(self) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for path, imported in self._project.imported_by_file.items():
            if not self._project.modules[path].is_test:
                for one in imported:
                    found[one].add(path)
        return {path: frozenset(importers) for path, importers in found.items()}

    def stage(self, path: str) -> str | None:
        """The file itself where it runs; of a helper, the only file that runs and imports it."""
        if self.runs(path):
            return path
        seen, queue, found = {path}, [path], set[str]()
        while queue:
            for importer in sorted(self._importers.get(queue.pop(), frozenset()) - seen):
                seen.add(importer)
                if self.runs(importer):
                    found.add(importer)
                else:
                    queue.append(importer)
        return found.pop() if len(found) == 1 else None

    def runs(self, path: str) -> bool:
        """Whether a file is a process: a script, a notebook, a command file or SQL, and no module that others import."""
        module = self._project.modules.get(path)
        if module is None or module.source.role is Role.TEST:
            return False
        if module.source.language is not Language.PYTHON:
            return module.source.language in (Language.NOTEBOOK, Language.SHELL, Language.SQL)
        return path in self._run or not self._importers.get(path) or path.endswith("__main__.py")

    @cached_property
    def _run(self) -> frozenset[str]:
        return frozenset(self._project.artifact_runs.by_script)

    def _languages(self, stages: tuple[str, ...]) -> tuple[str, ...]:
        """Notebooks count as the language of their cells."""
        found = {self._project.modules[stage].source.language for stage in stages}
        return tuple(sorted({(Language.PYTHON if one is Language.NOTEBOOK else one).value for one in found}))

    # what joins them ---------------------------------------------------------------------------------------------------

    def _links(self) -> list[Link]:
        found: dict[tuple[str, str, str], Link] = {}
        for artifact in self._project.artifacts.artifacts:
            edges = silent_edges(self._project, artifact)
            if len({self.stage(edge.writer.place.path) for edge in edges}) > _WRITERS:
                continue  # everybody's name: who reads whose is not known
            for edge in edges:
                writer, reader = self.stage(edge.writer.place.path), self.stage(edge.reader.place.path)
                name = label(artifact.identity)
                if writer is not None and reader is not None and writer != reader and (edge.specificity or "/" in name):
                    found.setdefault((writer, reader, name), Link(writer, reader, name, edge))
        return [found[key] for key in sorted(found)]

    def _gaps(self, home: dict[str, int]) -> dict[int, list[Gap]]:
        found: dict[int, list[Gap]] = defaultdict(list)
        for artifact in self._project.artifacts.artifacts:
            readers = [r for r in unfed_readers(self._project, artifact) if self.stage(r.place.path) in home]
            nearest = self._project.artifacts.nearest(readers[0]) if readers else None
            if nearest is None:
                continue
            reader, writer = self.stage(readers[0].place.path), self.stage(nearest[0].place.path)
            if reader is not None and writer is not None and home[reader] == home.get(writer):
                found[home[reader]].append(Gap(readers[0], *nearest))
        return found

    def _rivals(self, home: dict[str, int]) -> dict[int, int]:
        found: dict[int, int] = defaultdict(int)
        for artifact in self._project.artifacts.artifacts:
            paths = {w.place.path for w in rival_writers(self._project, artifact)}
            parts = {home[stage] for path in paths if (stage := self.stage(path)) in home and stage is not None}
            if len(paths) > 1 and len(parts) == 1:
                found[parts.pop()] += 1
        return found
