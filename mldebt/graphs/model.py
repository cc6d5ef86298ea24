"""The artifact graph as plain data: places as reports show them, names as OpenLineage and as people write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from mldebt.findings import Coverage, Location, Unread
from mldebt.project import Project
from mldebt.project.artifacts.declared.match import same
from mldebt.project.artifacts.graph import Artifact, Edge
from mldebt.project.artifacts.identity import label, openlineage
from mldebt.project.artifacts.model import Access, Declaration, Place
from mldebt.project.artifacts.relations import silent_edges


class End(msgspec.Struct, frozen=True):
    """One place that writes or reads an artifact; `via` leads through helpers down to the call that touches it."""

    where: Location
    api: str = ""
    via: tuple[Location, ...] = ()
    certainty: float = 1.0
    scope: str = ""
    mode: str = ""


class Stated(msgspec.Struct, frozen=True):
    """What somebody declared of an artifact, and where."""

    system: str
    role: str
    label: str
    namespace: str
    name: str
    who: str
    path: str
    line: int
    files: tuple[str, ...] = ()
    owner: str = ""
    visibility: str = ""
    expires: str = ""


class Link(msgspec.Struct, frozen=True):
    """A writer and a reader of one artifact. Not `whole`: one of them names a folder or pattern that holds the other's.

    Its `origin` is code, or declaration: both ends are declared, and the code that does it is not known.
    """

    artifact: str
    writer: End
    reader: End
    declared: Stated | None
    shared: tuple[str, ...]
    silent: bool
    whole: bool
    confidence: float
    origin: str = "code"


class Node(msgspec.Struct, frozen=True):
    """One artifact. `id` is its label, with a number behind it where an earlier artifact has the same label."""

    id: str
    label: str
    store: str
    namespace: str
    name: str
    writers: tuple[End, ...]
    readers: tuple[End, ...]
    links: tuple[Link, ...]
    declarations: tuple[Stated, ...] = ()

    @property
    def silent(self) -> int:
        return sum(link.silent for link in self.links)


class GraphReport(msgspec.Struct, frozen=True):
    """What the writers of formats get. `left_out`: artifacts that a filter removed."""

    project: str
    artifacts: tuple[Node, ...]
    declarations: tuple[Stated, ...]
    coverage: Coverage
    unread: tuple[Unread, ...] = ()
    left_out: int = 0

    @property
    def links(self) -> tuple[Link, ...]:
        return tuple(link for node in self.artifacts for link in node.links)


def graph_report(project: Project, unread: tuple[Unread, ...] = ()) -> GraphReport:
    """The whole graph of a project, in the order of the artifacts' names."""
    return _Builder(project).report(unread)


class _Builder:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._ends: dict[Access, End] = {}
        self._stated = {one: _stated(one) for one in project.artifacts.declarations}
        self._parts = [one for one in project.artifacts.declarations if not one.order_only]

    def report(self, unread: tuple[Unread, ...]) -> GraphReport:
        nodes: list[Node] = []
        seen: Counter[str] = Counter()
        for artifact in self._project.artifacts.artifacts:
            name = label(artifact.identity)
            seen[name] += 1
            nodes.append(self._node(name if seen[name] == 1 else f"{name}#{seen[name]}", artifact))
        nodes += declared_nodes(self._parts, self._stated, nodes)
        nodes.sort(key=lambda node: node.id)
        coverage = self._project.artifact_coverage()
        return GraphReport(self._project.root.name, tuple(nodes), tuple(self._stated.values()), coverage, unread)

    def _node(self, key: str, artifact: Artifact) -> Node:
        silent = {id(edge) for edge in silent_edges(self._project, artifact)}
        links = {self._link(key, edge, id(edge) in silent): None for edge in artifact.edges}
        namespace, name = openlineage(artifact.identity)
        return Node(
            id=key,
            label=label(artifact.identity),
            store=artifact.identity.store,
            namespace=namespace,
            name=name,
            writers=self._all(artifact.writers),
            readers=self._all(artifact.readers),
            links=tuple(links),
            declarations=tuple(self._stated[one] for one in self._parts if same(one.identity, artifact.identity)),
        )

    def _link(self, key: str, edge: Edge, silent: bool) -> Link:
        return Link(
            artifact=key,
            writer=self._end(edge.writer),
            reader=self._end(edge.reader),
            declared=None if edge.declared is None else self._stated.get(edge.declared) or _stated(edge.declared),
            shared=tuple(sorted(edge.shared)),
            silent=silent,
            whole=edge.whole,
            confidence=edge.confidence,
        )

    def _all(self, accesses: Iterable[Access]) -> tuple[End, ...]:
        return tuple({self._end(access): None for access in accesses})

    def _end(self, access: Access) -> End:
        found = self._ends.get(access)
        if found is None:
            found = self._ends[access] = End(
                where=self._location(access.place),
                api=access.api,
                via=tuple(self._location(place) for place in access.via),
                certainty=round(access.certainty, 3),
                scope=access.scope,
                mode=access.mode,
            )
        return found

    def _location(self, place: Place) -> Location:
        module = self._project.modules.get(place.path)
        if module is None:
            return Location(place.path, place.span.line, place.span.column, place.span.end_line, place.span.end_column)
        return self._project.location(module, place.span)


def declared_nodes(declarations: Iterable[Declaration], stated: Mapping[Declaration, Stated], known: Iterable[Node]) -> Iterator[Node]:
    """Artifacts that are declared and that no code is seen to touch, with edges from those who make them to those who use them."""
    taken = {node.label for node in known}
    groups: dict[str, list[Declaration]] = {}
    for one in declarations:
        if (name := stated[one].label) not in taken:
            groups.setdefault(name, []).append(one)
    for name, members in sorted(groups.items()):
        makers = [stated[one] for one in members if one.role == "produces"]
        users = [stated[one] for one in members if one.role == "consumes"]
        if users or makers:
            yield Node(
                id=name,
                label=name,
                store=members[0].identity.store,
                namespace=stated[members[0]].namespace,
                name=stated[members[0]].name,
                writers=tuple(_declared_end(one) for one in makers),
                readers=tuple(_declared_end(one) for one in users),
                links=tuple(
                    Link(name, _declared_end(maker), _declared_end(user), user, (), False, True, 1.0, "declaration")
                    for user in users
                    for maker in makers
                    if maker.who != user.who
                ),
                declarations=tuple(stated[one] for one in members),
            )


def _declared_end(one: Stated) -> End:
    return End(Location(one.path, one.line), api=f"{one.system}: {one.who}")


def _stated(one: Declaration) -> Stated:
    namespace, name = openlineage(one.identity)
    return Stated(
        one.system,
        one.role,
        label(one.identity),
        namespace,
        name,
        one.who,
        one.path,
        one.line,
        one.files,
        one.owner,
        one.visibility,
        one.expires,
    )
