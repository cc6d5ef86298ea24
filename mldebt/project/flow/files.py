"""From the call that reads an artifact to the values that the project's writers of it wrote."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import TypeVar

from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Call, Span
from mldebt.facts.model import Site as CallSite
from mldebt.project.artifacts.graph import Edge
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.events import argument
from mldebt.project.flow.model import ALL, Calls, Node, Site, Step
from mldebt.project.project import Module, Project

T = TypeVar("T")
_WRITERS = 24
_COPIES = 4  # copies of copies


class Files:
    """The artifact graph as steps of value flow."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._edges: dict[tuple[str, int, Calls], list[Edge]] = {}
        self._handed: dict[Site, list[int]] = {}
        self._by_value: dict[str, dict[int, CallSite]] = {}
        self._by_span: dict[str, dict[Span, CallSite]] = {}

    def steps(self, node: Node) -> Iterator[Step]:
        """What the writers wrote into the artifact that the call of the node reads."""
        for edge in self.edges(node):
            assert edge.reader.identity is not None
            name = label(edge.reader.identity)
            for written in self.written(edge.writer):
                yield Step(written._replace(demand=node.demand), "file", name)

    def edges(self, node: Node) -> list[Edge]:
        """The edges whose reader is the call of the node, seen from its chain of calls; the first of each writer's place."""
        key = (node.path, node.index, node.calls)
        if key not in self._edges:
            self._edges[key] = self._found(node)
        return self._edges[key]

    def _found(self, node: Node) -> list[Edge]:
        groups = self._at(self._reading, node)
        seen = self._places(node.calls) if groups else []
        kept: dict[object, Edge] = {}
        for edges in groups:
            if self._fits(edges[0].reader, seen):
                for edge in edges:
                    kept.setdefault((edge.writer.place, edge.writer.via), edge)
        return list(kept.values())[:_WRITERS]

    def access(self, node: Node) -> Access | None:
        """The access of a reading call, known or not, seen from its chain of calls."""
        return next(iter(self.accesses(node)), None)

    def accesses(self, node: Node) -> list[Access]:
        """All that a reading call reads: a query reads many tables, a helper what each caller names."""
        found = self._at(self._accesses, node)
        seen = self._places(node.calls) if found else []
        return [a for a in found if self._fits(a, seen)]

    def _at(self, table: dict[str, dict[Span, list[T]]], node: Node) -> list[T]:
        places = table.get(node.path)
        site = None if places is None else self.site(self._project.modules[node.path], node.index)
        return places.get(site.span, []) if places is not None and site is not None else []

    def written(self, access: Access, copies: int = 0) -> list[Node]:
        """The values that an access writes, copies of copies followed; none when the writer is no Python call."""
        source = self._project.artifacts.source(access)
        if source is not None and copies < _COPIES:
            edges = [e for e in self._by_reader.get(source, ()) if e.writer != access]
            return [node for e in edges[:_WRITERS] for node in self.written(e.writer, copies + 1)]
        chain = [access.place, *access.via]
        inner = chain[-1]
        module = self._project.modules.get(inner.path)
        if module is None or not module.is_python:
            return []
        site = self._sites(module).get(inner.span)
        if site is None:
            return []
        calls: list[Site] = []
        for place in chain[:-1]:
            outer = self._project.modules[place.path]
            found = self._sites(outer).get(place.span)
            if found is None:
                return []
            calls.append((outer.path, found.value))
        return [Node(module.path, value, tuple(calls), ALL) for value in self._objects(module, site)]

    def _objects(self, module: Module, site: CallSite) -> list[int]:
        """What a writing call writes: its object, what is put into the handle that it opens, else everything that it is given."""
        call = module.facts.values[site.value]
        assert type(call) is Call
        func = module.facts.values[call.func]
        found: list[int] = []
        entries = self._writers.get((module.path, site.value), [])
        for entry in entries:
            for key in ("object", "data", "features"):
                place = entry.args.get(key)
                if place is None:
                    continue
                if place.name == "self" and place.position is None:
                    found += [func.base] if type(func) is Attr else []
                elif (value := argument(call, place)) is not None:
                    found.append(value)
        if found:
            return list(dict.fromkeys(found))
        if put := self._put(module, site.value):
            return put
        return [func.base] if type(func) is Attr else []

    def _put(self, module: Module, handle: int) -> list[int]:
        """What other calls put into a handle: `json.dump(x, handle)`, `handle.write(x)`."""
        if (module.path, handle) in self._handed:
            return self._handed[module.path, handle]
        found: list[int] = []
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            assert type(call) is Call
            func = module.facts.values[call.func]
            if type(func) is Attr and func.base == handle:
                found += [*call.args, *(v for _, v in call.keywords)]
            elif handle in call.args:
                found += [a for a in call.args if a != handle]
            elif any(v == handle for _, v in call.keywords):
                found += [*call.args, *(v for _, v in call.keywords if v != handle)]
        found = self._handed[module.path, handle] = list(dict.fromkeys(found))
        return found

    # look-ups --------------------------------------------------------------------------------------------------------

    def _places(self, calls: Calls) -> list[tuple[str, Span]]:
        found = [(path, self.site(self._project.modules[path], value)) for path, value in calls]
        return [(path, site.span) for path, site in found if site is not None]

    def _fits(self, access: Access, seen: list[tuple[str, Span]]) -> bool:
        """Whether the access, with the helpers on its way, is the one that these calls lead to."""
        if not access.via or not seen:
            return True
        there = [(place.path, place.span) for place in (access.place, *access.via[:-1])]
        size = min(len(seen), len(there))
        return seen[-size:] == there[-size:]

    @cached_property
    def _reading(self) -> dict[str, dict[Span, list[list[Edge]]]]:
        """Edges by the call that reads, those of one chain of helpers together, one for each writer's place."""
        found: dict[tuple[str, Span], dict[object, dict[object, Edge]]] = defaultdict(dict)
        for edge in self._project.artifacts.edges:
            reader = edge.reader
            inner = reader.via[-1] if reader.via else reader.place
            chain = found[inner.path, inner.span].setdefault((reader.place, reader.via), {})
            chain.setdefault((edge.writer.place, edge.writer.via), edge)
        by_path: dict[str, dict[Span, list[list[Edge]]]] = defaultdict(dict)
        for (path, span), chains in found.items():
            by_path[path][span] = [list(edges.values()) for edges in chains.values()]
        return dict(by_path)

    @cached_property
    def _by_reader(self) -> dict[Access, list[Edge]]:
        found: dict[Access, list[Edge]] = defaultdict(list)
        for edge in self._project.artifacts.edges:
            found[edge.reader].append(edge)
        return found

    @cached_property
    def _accesses(self) -> dict[str, dict[Span, list[Access]]]:
        found: dict[str, dict[Span, list[Access]]] = defaultdict(dict)
        for access in self._project.artifacts.accesses:
            if access.direction == "read":
                inner = access.via[-1] if access.via else access.place
                found[inner.path].setdefault(inner.span, []).append(access)
        return found

    @cached_property
    def _writers(self) -> dict[Site, list[Entry]]:
        found: dict[Site, list[Entry]] = defaultdict(list)
        telling = [e for e in self._project.events.telling if "write" in e.entry.roles]
        for event in (*self._project.calls("write"), *telling):
            found[event.module.path, event.site.value].append(event.entry)
        return found

    def site(self, module: Module, value: int) -> CallSite | None:
        """The place of a call by its value."""
        if module.path not in self._by_value:
            self._by_value[module.path] = {s.value: s for s in module.facts.sites}
        return self._by_value[module.path].get(value)

    def _sites(self, module: Module) -> dict[Span, CallSite]:
        if module.path not in self._by_span:
            self._by_span[module.path] = {s.span: s for s in module.facts.sites}
        return self._by_span[module.path]
