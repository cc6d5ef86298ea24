"""House formats of query repositories: `referenced_tables` and `depends_on` in the metadata.yaml beside a query."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import folder_of, inside
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.project import Project


def declarations(project: Project) -> Iterator[Declaration]:
    for module, documents in tree.files(project, lambda path: path.rpartition("/")[2] in ("metadata.yaml", "metadata.yml")):
        folder = folder_of(module.path)
        for document in documents:
            scheduling = document.get("scheduling")
            if not scheduling.children and not document.get("referenced_tables").children:
                continue
            owner = ", ".join(document.get("owners").texts())
            files, own = inside(project, folder), ".".join(folder.split("/")[-3:]).lower()
            if folder.count("/") >= 2:
                yield Declaration("metadata", "produces", Identity("table", (), (own,)), own, module.path, 1, files, owner)
            for node in (*scheduling.get("referenced_tables").elements(), *document.get("referenced_tables").elements()):
                if table := _table(node):
                    yield Declaration("metadata", "consumes", Identity("table", (), (table,)), own, module.path, node.line, files, owner)


def _table(node: Node) -> str:
    """`[project, dataset, table]`, or `project.dataset.table`."""
    return ".".join(node.texts()).strip("`").lower()
