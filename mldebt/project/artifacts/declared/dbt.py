"""dbt: the relation of each model file, what it refers to, sources, and the exposures that name consumers with their owners."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import below, folder_of
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.project import Module, Project

_REFERENCE = re.compile(r"\b(ref|source)\(\s*([^)]*)\)")
_QUOTED = re.compile(r"[\"']([^\"']+)[\"']")
_MODELS = (("model-paths", "models"), ("source-paths", "models"), ("snapshot-paths", "snapshots"), ("seed-paths", "seeds"))
_CHECKING = (("test-paths", "tests"), ("analysis-paths", "analyses"))  # whose queries make no relation
_SUFFIXES = (".sql", ".py")


def declarations(project: Project) -> Iterator[Declaration]:
    for module, documents in tree.files(project, lambda path: path.rpartition("/")[2] in ("dbt_project.yml", "dbt_project.yaml")):
        for document in documents[:1]:
            yield from _Dbt(project, module, document).declarations()


class _Dbt:
    """One dbt project."""

    def __init__(self, project: Project, module: Module, document: Node) -> None:
        self._project = project
        root = folder_of(module.path)
        self._inside = _folders(root, document, _MODELS)
        self._checking = _folders(root, document, _CHECKING)
        self._sheets = [(each, node) for each, nodes in tree.files(project, lambda path: path.startswith(self._inside)) for node in nodes]
        self._sources = {
            f"{source.get('name').text()}.{table.get('name').text()}": (each, source, table)
            for each, node in self._sheets
            for source in node.get("sources").elements()
            for table in source.get("tables").elements()
        }
        self._models = {
            model.get("name").text(): model for _, node in self._sheets for model in (*_list(node, "models"), *_list(node, "snapshots"))
        }

    def declarations(self) -> Iterator[Declaration]:
        for path, module in self._project.modules.items():
            if path.startswith(self._inside) and path.endswith(_SUFFIXES):
                yield from self._model(path, module)
            elif path.startswith(self._checking) and path.endswith(_SUFFIXES):
                yield from self._consumed(path, module)
        for name, (module, _, table) in self._sources.items():
            yield Declaration("dbt", "external", self._source(name), f"source {name}", module.path, table.line)
        for module, node in self._sheets:
            for exposure in node.get("exposures").elements():
                yield from self._exposure(module, exposure)

    def _model(self, path: str, module: Module) -> Iterator[Declaration]:
        name = path.rpartition("/")[2].rpartition(".")[0]
        model = self._models.get(name, Node())
        config = model.get("config")
        visibility = (model.get("access").text() or config.get("access").text()).lower()
        owner = model.get("group").text() or config.get("group").text()
        yield Declaration("dbt", "produces", self._relation(name), name, path, 1, (path,), owner, visibility)
        yield from self._consumed(path, module)

    def _consumed(self, path: str, module: Module) -> Iterator[Declaration]:
        """What a file refers to through dbt: the reference is the declaration."""
        name = path.rpartition("/")[2].rpartition(".")[0]
        for reference, line in _references(module):
            identity = self._source(reference) if "." in reference else self._relation(reference)
            yield Declaration("dbt", "consumes", identity, name, path, line, (path,))

    def _exposure(self, module: Module, node: Node) -> Iterator[Declaration]:
        owner = node.get("owner")
        who = f"exposure {node.get('name').text()}"
        for item in node.get("depends_on").elements():
            for kind, inside in _REFERENCE.findall(item.text()):
                names = _QUOTED.findall(inside)
                if names:
                    identity = self._source(".".join(names)) if kind == "source" else self._relation(names[-1])
                    contact = owner.get("email").text() or owner.get("name").text() or owner.text()
                    yield Declaration("dbt", "consumes", identity, who, module.path, item.line, (), contact)

    def _relation(self, name: str) -> Identity:
        """The table of a model: its alias, with the schema when it is a plain word."""
        model = self._models.get(name, Node())
        alias = model.get("config", "alias").text() or model.get("alias").text() or name
        return Identity("table", (), (alias.lower(),))

    def _source(self, name: str) -> Identity:
        if name not in self._sources:
            return Identity("table", (), (name.lower(),))
        _, source, table = self._sources[name]
        schema = source.get("schema").text() or source.get("name").text()
        parts = (source.get("database").text(), schema, table.get("identifier").text() or table.get("name").text())
        return Identity("table", (), (".".join(part for part in parts if part and "{{" not in part).lower(),))


def _folders(root: str, document: Node, keys: tuple[tuple[str, str], ...]) -> tuple[str, ...]:
    """Those that the project names, or dbt's own, with a slash at the end."""
    found = {below(root, name) for key, default in keys for name in (document.get(key).texts() or (default,))}
    return tuple(f"{folder}/" for folder in sorted(found))


def _list(node: Node, key: str) -> Iterable[Node]:
    return node.get(key).elements()


def _references(module: Module) -> Iterator[tuple[str, int]]:
    """What the statements of a model refer to through dbt, with the line."""
    for statement in module.facts.statements:
        for name, line in statement.reads:
            if name.startswith("dbt:"):
                yield name.removeprefix("dbt:"), line
