"""Models that command lines train, fed with what other programs or models gave: `./boost ... out`, a script, `ffm-train ... in`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.project.artifacts.graph import Edge
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.learners import Program
from mldebt.project.artifacts.model import Access
from mldebt.project.flow.model import Hop, Node
from mldebt.project.models.model import Fit, ModelEdge
from mldebt.project.project import Project

# Words in the names of programs that learn.
_LEARNER = re.compile(
    r"gbdt|gbm|xgb|boost|svm|ffm|(?:^|[^a-z])fm(?:[^a-z]|$)|forest|tree|regress|classif|neural|predict|train|model", re.IGNORECASE
)


def program_edges(project: Project) -> Iterator[ModelEdge]:
    """Edges to the models that programs train, from programs that predict or may, and from predictions in Python."""
    programs = project.artifacts.programs
    for program in programs:
        if program.role == "train":
            for edge in project.artifacts.edges:
                if edge.reader.place == program.place and edge.reader.identity in program.data:
                    yield from _to(project, programs, program, edge)


def _to(project: Project, programs: tuple[Program, ...], program: Program, edge: Edge) -> Iterator[ModelEdge]:
    """What stands behind one file that a program learns from."""
    named = label(edge.writer.identity) if edge.writer.identity is not None else ""
    first = _giver(programs, edge.writer)
    if first is not None and first != program:
        yield _edge(program, first, (), (named,))
        return
    files, models = project.flow.steps.files, project.models
    found = models.trace(files.written(edge.writer))
    for node in found:
        prediction = models.at(node)
        if prediction is not None:
            hops = (*found.hops(node), Hop(edge.writer.place.path, edge.writer.place.span, "file", named))
            yield _edge(program, None, hops, (named,), node)
            continue
        for read in files.edges(node):
            giver = _giver(programs, read.writer)
            if giver is not None and giver != program:
                span = project.flow.span(node.path, node.index)
                name = label(read.writer.identity) if read.writer.identity is not None else ""
                here = (Hop(node.path, span, "file", name),) if span is not None else ()
                there = Hop(edge.writer.place.path, edge.writer.place.span, "column", named)
                yield _edge(program, giver, (*here, *found.hops(node), there), (name, named))


def _giver(programs: tuple[Program, ...], writer: Access) -> Program | None:
    """The program that wrote what a model said: one that predicts, or one of unknown role with the name of a learner."""
    for program in programs:
        if program.place == writer.place and writer.identity in program.writes:
            if program.role == "predict" or _LEARNER.search(program.program):
                return program
    return None


def _edge(program: Program, first: Program | None, hops: tuple[Hop, ...], files: tuple[str, ...], at: Node | None = None) -> ModelEdge:
    fit = Fit(program.place.path, -1, program.place.span, 0, (), "program", program.program, -1)
    place = program.place if first is None else first.place
    return ModelEdge(
        "feature",
        fit,
        None,
        at or Node(place.path, -1),
        hops if first is None else (Hop(first.place.path, first.place.span, "program", first.program), *hops),
        files,
        0.75 if first is None or first.role == "predict" else 0.7,
        source=first.program if first is not None else "",
        target=program.program,
    )
