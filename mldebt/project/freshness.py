"""Data from elsewhere that a project declares without saying how old it may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import below, folder_of
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.lessons import Lessons
from mldebt.project.project import Module, Project

_DBT = ("dbt_project.yml", "dbt_project.yaml")
_SHEETS = ("models", "sources", "staging")
_FRESH = re.compile(r"fresh|recency|recent|staleness|\bsla\b|latency|frequency|timeliness|update_?interval|volume_anomal", re.IGNORECASE)
_REFERENCE = re.compile(r"dbt:(.+)")


class Stale(msgspec.Struct, frozen=True):
    """Upstream artifacts of one declaration, none of which has a limit on its age."""

    system: str
    name: str
    path: str
    line: int
    tables: tuple[tuple[str, int], ...]  # name and line
    root: str = ""  # of the dbt project
    practised: bool = False  # other sources of the same project have one


def without_freshness(project: Project) -> Iterator[Stale]:
    """Sources of dbt projects that models read, data contracts, and artifacts of the project's own settings."""
    yield from _sources(project)
    yield from _contracts(project)
    yield from _own(project)


def _sources(project: Project) -> Iterator[Stale]:
    lessons = Lessons(project)
    for module, documents in tree.files(project, lambda path: path.rpartition("/")[2] in _DBT):
        root = folder_of(module.path)
        configured = documents[0].get("model-paths").texts() or documents[0].get("source-paths").texts() or _SHEETS[:1]
        inside = tuple(f"{below(root, name)}/" for name in configured)
        if any(_limits(document.get("sources")) for document in documents):
            continue  # set for all of them
        read = _read(project, inside)
        found: list[Stale] = []
        limited = False
        for sheet, nodes in tree.files(project, lambda path, inside=inside: path.startswith(inside)):  # type: ignore[misc]
            for node in nodes if not lessons.is_lesson(sheet) else ():
                for source in node.get("sources").elements():
                    limited = limited or _limits(source)
                    if source.get("database").text() not in project.catalogue.public:
                        found += _source(sheet, source, read)
        yield from (msgspec.structs.replace(one, root=module.path, practised=limited) for one in found)


def _source(sheet: Module, source: Node, read: frozenset[str]) -> Iterator[Stale]:
    """The source, when it has tables that models read and that no limit holds for."""
    name = source.get("name").text()
    if not name or any(_limits(node) for key, node in source.items() if key != "tables") or "freshness" in source.children:
        return
    tables = [table for table in source.get("tables").elements() if f"{name}.{table.get('name').text()}".lower() in read]
    left = tuple((table.get("name").text(), table.line) for table in tables if not _limits(table))
    if left:
        yield Stale("dbt", name, sheet.path, source.line, left)


def _read(project: Project, inside: tuple[str, ...]) -> frozenset[str]:
    """The sources that models of a dbt project refer to."""
    return frozenset(
        match[1].lower()
        for path, module in project.modules.items()
        if path.startswith(inside)
        for statement in module.facts.statements
        for name, _ in statement.reads
        if (match := _REFERENCE.fullmatch(name)) and "." in match[1]
    )


def _contracts(project: Project) -> Iterator[Stale]:
    """Contracts of data that code of the project reads and does not make."""
    graph = project.artifacts
    read = {d.path for a in graph.readers if (d := graph.declared(a)) is not None and d.system in ("odcs", "datacontract")}
    for module, documents in tree.files(project, lambda path: path in read):
        for document in documents:
            if not any(_limits(document.get(key)) for key in ("slaProperties", "servicelevels", "quality", "schema", "models")):
                name = document.get("name").text() or document.get("id").text()
                yield Stale("contract", name, module.path, 1, ())


def _own(project: Project) -> Iterator[Stale]:
    """Artifacts of the settings that somebody else produces."""
    from mldebt.project.artifacts.declared.own import place

    for number, artifact in enumerate(project.config.artifacts):
        if not artifact.sla and not artifact.producer and artifact.kind not in ("model", "metrics", "intermediate"):
            path, line = place(project, number, "id")
            yield Stale("settings", artifact.id, path, line, ())


def _limits(node: Node, depth: int = 0) -> bool:
    """Whether a key or a text of the tree speaks of age."""
    if depth > 8:
        return False
    if isinstance(node.value, str) and _FRESH.search(node.value) and len(node.value) < 80:
        return True
    return any(_FRESH.search(key) or _limits(child, depth + 1) for key, child in node.items() if key != "description")
