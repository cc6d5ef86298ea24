"""Backstage: resources with their owners, and the components that depend on them. A name becomes a place only by an annotation."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import folder_of, inside, located
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.project import Project


def declarations(project: Project) -> Iterator[Declaration]:
    found = [
        (module, document)
        for module, documents in tree.files(project, lambda path: path.rpartition("/")[2] in ("catalog-info.yaml", "catalog-info.yml"))
        for document in documents
    ]
    kept: dict[str, tuple[Identity, ...]] = {}
    for module, document in found:
        if document.get("kind").text() in ("Resource", "API"):
            name, spec = document.get("metadata", "name").text(), document.get("spec")
            kept[name] = (Identity("dataset", ("backstage",), (name,)), *_annotated(document))
            for identity in kept[name]:
                yield Declaration("backstage", "external", identity, name, module.path, document.line, (), spec.get("owner").text())
    for module, document in found:
        name, spec = document.get("metadata", "name").text(), document.get("spec")
        files = inside(project, folder_of(module.path))
        relations = (("dependsOn", "consumes"), ("consumesApis", "consumes"), ("providesApis", "produces"))
        for key, role in relations if document.get("kind").text() == "Component" else ():
            for item in spec.get(key).elements():
                kind, _, reference = item.text().rpartition(":")
                target = reference.rpartition("/")[2]
                if kind in ("", "resource", "api"):
                    for identity in kept.get(target, (Identity("dataset", ("backstage",), (target,)),)):
                        yield Declaration("backstage", role, identity, name, module.path, item.line, files, spec.get("owner").text())


def _annotated(document: Node) -> Iterator[Identity]:
    for _, node in document.get("metadata", "annotations").items():
        text = node.text()
        if "://" in text and not text.startswith(("http://", "https://", "url:")) and (identity := located(text)) is not None:
            yield identity
