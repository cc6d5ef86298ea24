"""Models that SQL trains and asks, and the tables between them and what learns from them (DEFINITIONS 2.4, 6.2).

A statement of a `.sql` file is the node (file, number of the statement); a query that Python runs is the node of its call.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from mldebt.facts.model import Span, Statement
from mldebt.project.artifacts.graph import Edge
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access, Identity, Place
from mldebt.project.artifacts.templates import text
from mldebt.project.flow.model import Hop, Node
from mldebt.project.flow.slices import Slice
from mldebt.project.models.model import Fit, ModelEdge, Prediction
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

if TYPE_CHECKING:
    from mldebt.project.models.graph import ModelGraph

_PREPARING = frozenset({"pca", "autoencoder", "transform_only"})  # types of models that only prepare what another one gets
_PREDICTED = ("predicted_", "forecast_", "prediction_")  # before the names of columns that hold predictions
_WORD = re.compile(r"[A-Za-z]{2}")
_DEEP = 4  # tables between a prediction and what learns from it
_WAYS = 8  # first models shown for one that learns


class Query(msgspec.Struct, frozen=True):
    """What one statement, or one call that runs a query, does with tables and models."""

    node: Node
    place: Place
    reads: tuple[Access, ...] = ()
    writes: tuple[Access, ...] = ()
    asks: tuple[Access, ...] = ()
    trains: tuple[Access, ...] = ()
    functions: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()  # of what it writes; empty: not known
    without: tuple[str, ...] = ()  # columns that it leaves out of what it reads
    learns: bool = False  # what it writes is a model


class Asked(msgspec.Struct, frozen=True):
    """A prediction that reaches the rows of something that learns."""

    at: Node
    prediction: Prediction | None
    makers: tuple[Node, ...]
    hops: tuple[Hop, ...]
    artifacts: tuple[str, ...]
    confidence: float
    columns: tuple[str, ...] = ()  # of the table that holds it; empty: not known


class SqlModels:
    """Those of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    # what there is ---------------------------------------------------------------------------------------------------

    @cached_property
    def queries(self) -> tuple[Query, ...]:
        """Every statement and query; none where SQL trains or asks no model."""
        accesses = self._project.artifacts.accesses
        files = [m for m in self._project.modules.values() if m.source.language is Language.SQL and not m.is_test]
        if not any(a.model for a in accesses) and not any(s.kind == "model" or s.asked for m in files for s in m.facts.statements):
            return ()
        found: dict[str, list[Access]] = defaultdict(list)
        for access in accesses:
            found[access.place.path].append(access)
        queries = [q for m in files for q in _statements(m, found.get(m.path, []))]
        return (*queries, *(q for m in self._project.python if not m.is_test for q in self._calls(m, found.get(m.path, []))))

    def _calls(self, module: Module, accesses: list[Access]) -> Iterator[Query]:
        """The calls of a Python file that run queries; a call that reads and writes passes on what it reads."""
        groups: dict[tuple[Place, tuple[Place, ...]], list[Access]] = defaultdict(list)
        for access in accesses:
            groups[access.place, access.via].append(access)
        sites = {site.span: site.value for site in module.facts.sites}
        for (place, _), group in groups.items():
            if place.span in sites and (any(a.model for a in group) or len({a.direction for a in group}) > 1):
                yield _query(Node(module.path, sites[place.span]), place, group)

    @cached_property
    def _training(self) -> dict[Access, Query]:
        return {access: query for query in self.queries for access in self._made(query)}

    @cached_property
    def _writing(self) -> dict[Access, Query]:
        return {access: query for query in self.queries for access in query.writes if not query.learns}

    @cached_property
    def _functions(self) -> dict[str, Query]:
        """Functions by which a model is asked, by their whole name and by its last part."""
        found: dict[str, Query] = {}
        for query in self.queries:
            for name in query.functions if self._made(query) else ():
                found[name.lower()] = found[name.lower().rpartition(".")[2]] = query
        return found

    @cached_property
    def _by_reader(self) -> dict[Access, list[Edge]]:
        found: dict[Access, list[Edge]] = defaultdict(list)
        for edge in self._project.artifacts.edges:
            found[edge.reader].append(edge)
        return found

    @cached_property
    def _by_node(self) -> dict[tuple[str, int], Query]:
        return {(query.node.path, query.node.index): query for query in self.queries if self._made(query)}

    def name(self, node: Node) -> str:
        """What the model is called that the statement or call at a node trains; empty for any other."""
        query = self._by_node.get((node.path, node.index))
        made = self._made(query) if query is not None else ()
        return text(made[0].identity.name) if made and made[0].identity is not None else ""

    def _made(self, query: Query) -> tuple[Access, ...]:
        return (*query.trains, *query.writes) if query.learns else query.trains

    # who learns from whom --------------------------------------------------------------------------------------------

    def edges(self, models: ModelGraph) -> Iterator[ModelEdge]:
        """Models that learn from what another one gave, where SQL trains or asks one of the two."""
        if not self.queries:
            return
        for query in self.queries:
            for made in [a for a in self._made(query) if a.format not in _PREPARING][:1]:
                span = query.place.span
                fit = Fit(query.node.path, query.node.index, span, 0, (), "sql", made.api or "CREATE MODEL", query.node.index)
                yield from self._learning(fit, (query.node,), self._rows(query, models))
        for fit in models.fits:
            for how, values in (("feature", fit.features), ("label", fit.labels)):
                if values and fit.is_model:
                    found = self._in_slice(models.sources(fit.nodes(values))[0], models, 0, how == "label")
                    yield from self._learning(fit, models.learner(fit), found, how)

    def _learning(self, fit: Fit, targets: tuple[Node, ...], found: Iterable[Asked], how: str = "feature") -> Iterator[ModelEdge]:
        seen: set[Node] = set()
        for one in found:
            if one.at in seen or set(one.makers) & set(targets) or len(seen) == _WAYS:
                continue
            seen.add(one.at)
            yield ModelEdge(how, fit, one.prediction, one.at, one.hops, one.artifacts, one.confidence, one.makers, targets)

    def _rows(self, query: Query, models: ModelGraph) -> Iterator[Asked]:
        """The predictions in what a statement reads, its own first."""
        if (one := self._asking(query)) is not None:
            yield one
        for one in self._behind(query, models, 0, frozenset({query.node})):
            if query.without and _told(one, query.without):
                continue
            if not query.columns or _told(one, query.columns):
                yield one
            elif not one.columns or len(one.artifacts) > 1:
                yield _lower(one)

    def _behind(self, query: Query, models: ModelGraph, depth: int, seen: frozenset[Node]) -> Iterator[Asked]:
        for access in query.reads:
            for edge in self._by_reader.get(access, ()):
                yield from self._through(edge, access.place, models, depth, seen)

    def _through(self, edge: Edge, place: Place, models: ModelGraph, depth: int, seen: frozenset[Node]) -> Iterator[Asked]:
        """The predictions in what the writer of an artifact wrote there; behind other statements they may be among other columns."""
        assert edge.reader.identity is not None and edge.writer.identity is not None
        if not (_tells(edge.reader.identity) and _tells(edge.writer.identity)):
            return  # any table of one schema
        name = label(edge.reader.identity)
        hop = Hop(place.path, place.span, "file", name)
        writer = self._writing.get(edge.writer)
        found: Iterable[Asked] = ()
        if writer is not None and writer.node not in seen:
            asked = self._asking(writer)
            if asked is not None:
                found = (asked,)
            elif depth < _DEEP:
                found = (_lower(one) for one in self._behind(writer, models, depth + 1, seen | {writer.node}))
        elif writer is None and depth < _DEEP:
            nodes = self._project.flow.steps.files.written(edge.writer)
            found = self._of_python(nodes, models, depth + 1) if nodes else ()
        for one in found:
            yield msgspec.structs.replace(
                one, hops=(*one.hops, hop), artifacts=(*one.artifacts, name), confidence=min(one.confidence, round(edge.confidence, 2))
            )

    def _of_python(self, nodes: list[Node], models: ModelGraph, depth: int) -> Iterator[Asked]:
        """Predictions of Python in what it writes, and those of SQL that it reads before."""
        slice_, sources = models.sources(nodes)
        for source in sources:
            if source.prediction is not None:
                makers = models.asked(source.at)
                files = tuple(dict.fromkeys(step.note for step in reversed(slice_.way(source.at)) if step.how == "file"))
                sure = 0.7 if not makers else 0.9 if models.is_trained_here(makers) else 0.5
                yield Asked(source.at, source.prediction, makers, slice_.hops(source.at), files, sure)
        yield from self._in_slice(slice_, models, depth)

    def _in_slice(self, slice_: Slice, models: ModelGraph, depth: int, named: bool = False) -> Iterator[Asked]:
        """The predictions of SQL that the calls of a slice read; with `named` those of which a column is asked for by its name."""
        files = self._project.flow.steps.files
        for node in slice_:
            read = files.accesses(node)
            asked = [a for a in read if a.model == "asked"]
            if asked:
                one = self._asking(_query(Node(node.path, node.index), asked[0].place, read))
                found = [one] if one is not None else []
            else:
                place = read[0].place if read else Place("", Span(1, 1, 1, 1))
                found = [one for edge in files.edges(node) for one in self._through(edge, place, models, depth, frozenset())]
            later = slice_.hops(node)
            wanted = node.demand.names
            for one in found:
                told = wanted is not None and _told(one, wanted)
                if named and not told:
                    continue
                if wanted is not None and one.columns and not told:
                    one = _lower(one)
                hops = one.hops[:-1] + later if one.hops and later and one.hops[-1] == later[0] else one.hops + later
                yield msgspec.structs.replace(one, hops=hops)

    def _asking(self, query: Query) -> Asked | None:
        """The prediction that a statement makes itself; that of a model which only prepares is none."""
        makers = self._makers(query)
        if not (query.asks or makers) or self._is_prepared(query):
            return None
        trained = [m for m in makers if m.reads]
        prediction = Prediction(query.node.path, query.node.index, query.place.span, 0, "sql", "ML.PREDICT", query.node.index)
        sure = 0.7 if not makers else 0.9 if trained else 0.5  # somebody else's model, which is only connected here
        return Asked(query.node, prediction, tuple(m.node for m in makers), (), (), sure, query.columns)

    def _is_prepared(self, query: Query) -> bool:
        made = [a for m in self._makers(query) for a in self._made(m)]
        return bool(made) and all(a.format in _PREPARING for a in made)

    def _makers(self, query: Query) -> list[Query]:
        """The statements that train the models which a statement asks."""
        edges = [e for a in query.asks for b in (a, msgspec.structs.replace(a, model="")) for e in self._by_reader.get(b, ())]
        found = [self._training[e.writer] for e in edges if e.writer in self._training]
        if not self._made(query):
            found += [self._functions[name] for name in query.functions if name in self._functions]
        return list(dict.fromkeys(found))


def _statements(module: Module, accesses: list[Access]) -> Iterator[Query]:
    """The statements of a file; what dbt declares of the file is what its last one does."""
    declared = [a for a in accesses if a.api == "dbt"]
    at: dict[tuple[str, int], list[Access]] = defaultdict(list)
    for access in accesses:
        if access.api != "dbt":
            at[access.direction, access.place.span.line].append(access)
    last = len(module.facts.statements) - 1
    for number, statement in enumerate(module.facts.statements):
        lines = {("read", line) for _, line in (*statement.reads, *statement.models_read)}
        lines |= {("write", line) for _, line in (*statement.writes, *statement.models_written)}
        group = [a for key in sorted(lines) for a in at.get(key, ())]
        place = Place(module.path, Span(statement.line, 1, statement.line, 1))
        if number == last:
            group += [_of_dbt(a, statement) for a in declared]
        yield _query(Node(module.path, number), place, group, statement)


def _of_dbt(access: Access, statement: Statement) -> Access:
    """A declared access; of a model that the statement asks it says so."""
    asked = {name.removeprefix("dbt:") for name in statement.asked}
    if access.direction == "write" or access.identity is None or text(access.identity.name).rpartition(".")[2] not in asked:
        return access
    return msgspec.structs.replace(access, model="asked")


def _query(node: Node, place: Place, accesses: Iterable[Access], statement: Statement | None = None) -> Query:
    named = [a for a in accesses if a.identity is not None]
    return Query(
        node,
        place,
        tuple(a for a in named if a.direction == "read" and not a.model),
        tuple(a for a in named if a.direction == "write" and not a.model),
        tuple(a for a in named if a.model == "asked"),
        tuple(a for a in named if a.model == "trained"),
        statement.functions if statement is not None else (),
        statement.columns if statement is not None else (),
        statement.without if statement is not None else (),
        statement is not None and statement.kind == "model" and not statement.models_written,
    )


def _tells(identity: Identity) -> bool:
    """Whether the last part of a table's name has a word of its own."""
    spelled = "".join(part if isinstance(part, str) else "?" for part in identity.name)
    return identity.store != "table" or _WORD.search(spelled.rpartition(".")[2]) is not None


def _told(one: Asked, wanted: Iterable[str]) -> bool:
    """Whether a column that is asked for by its name may hold the prediction."""
    return any(name in one.columns or name.lower().startswith(_PREDICTED) for name in wanted)


def _lower(one: Asked) -> Asked:
    """Where other columns may be taken than those that hold the prediction."""
    return msgspec.structs.replace(one, confidence=round(one.confidence - 0.2, 2))
