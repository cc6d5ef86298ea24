"""Small questions to the value flow: which numbers reach the argument of `see`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from mldebt.catalogue import Catalogue, load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.facts.model import Const, Facts
from mldebt.project import Project, link
from mldebt.project.flow.model import ALL, Demand, Node
from mldebt.project.flow.slices import Slice
from mldebt.sources.languages import language_of, role_of
from mldebt.sources.model import Source
from tests.project.reading import ROOT, calls_of, text_of

Code = str | Mapping[str, str]


@cache
def catalogue() -> Catalogue:
    """The shipped one, read once."""
    return load_catalogue()


def linked(code: Code) -> Project:
    """The project of these files, or of one file with this text."""
    files: dict[str, tuple[Source, Facts]] = {}
    for path, body in ({"module.py": code} if isinstance(code, str) else code).items():
        language = language_of(path)
        assert language is not None, path
        source = Source(path, language, role_of(path, language))
        files[path] = (source, extract(source, text_of(body)))
    return link(ROOT, files, catalogue(), Config())


def start(project: Project, demand: Demand = ALL) -> Node:
    """The argument of the only call of `see`."""
    (found,) = [Node(m.path, call.args[0], (), demand) for m in project.python for _, call in calls_of(m.facts, "see")]
    return found


def slice_of(project: Project, demand: Demand = ALL) -> Slice:
    return project.flow.back(start(project, demand))


def numbers(code: Code) -> list[int]:
    """The whole numbers among what the argument of `see` is made of, sorted."""
    project = linked(code)
    return in_slice(project, slice_of(project))


def in_slice(project: Project, found: Slice) -> list[int]:
    values = {constant(project, node) for node in found}
    return sorted(value for value in values if isinstance(value, int) and not isinstance(value, bool))


def constant(project: Project, node: Node) -> object:
    """The literal that a node is, else None."""
    value = project.modules[node.path].facts.values[node.index]
    return value.value if isinstance(value, Const) else None


def node_of(project: Project, found: Slice, number: int) -> Node:
    """The node of a slice that is the number."""
    (node,) = [n for n in found if constant(project, n) == number]
    return node


def way_to(code: Code, number: int) -> list[tuple[str, str]]:
    """The steps (how, note) that lead from the argument of `see` to a number."""
    project = linked(code)
    found = slice_of(project)
    return [(step.how, step.note) for step in found.way(node_of(project, found, number))]
