"""Data contracts and data products: ODCS, the data contract specification, and ODPS with its input ports."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Setting
from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import located
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.project import Module, Project

_PLACES = ("location", "path", "url")
_Found = tuple[Module, Node]


def declarations(project: Project) -> Iterator[Declaration]:
    contracts: dict[str, tuple[Identity, ...]] = {}
    products: list[_Found] = []
    for module, documents in tree.files(project, lambda path: path.endswith((".yaml", ".yml", ".json")), _is_contract):
        for document in documents:
            if document.get("kind").text() == "DataProduct" and document.get("apiVersion").text():
                products.append((module, document))
            elif document.get("kind").text() == "DataContract" or document.get("dataContractSpecification").text():
                name, owner = document.get("id").text(), _owner(document)
                identities = tuple(_identities(document))
                contracts[name] = identities
                for identity in identities:
                    system = "odcs" if document.get("kind").text() else "datacontract"
                    yield Declaration(system, "produces", identity, document.get("name").text() or name, module.path, 1, (), owner)
    for module, document in products:
        yield from _product(module, document, contracts)


def _is_contract(leaf: Setting) -> bool:
    return leaf.keys == ("dataContractSpecification",) or (leaf.keys == ("kind",) and leaf.value in ("DataContract", "DataProduct"))


def _product(module: Module, document: Node, contracts: dict[str, tuple[Identity, ...]]) -> Iterator[Declaration]:
    who, owner = document.get("name").text() or document.get("id").text(), _owner(document)
    for key, role in (("inputPorts", "consumes"), ("outputPorts", "produces")):
        for port in document.get(key).elements():
            contract = port.get("contractId").text()
            name = Identity("dataset", ("odcs",), (contract or port.get("name").text(),))
            for identity in (name, *contracts.get(contract, ())):
                yield Declaration("odps", role, identity, who, module.path, port.line, (), owner)


def _identities(document: Node) -> Iterator[Identity]:
    """What each server holds: its place, or each table in its schema. The contract's own id is a name too."""
    if name := document.get("id").text():
        yield Identity("dataset", ("odcs",), (name,))
    tables = [_table(key, node) for part in ("schema", "models") for key, node in document.get(part).items()]
    servers = document.get("servers").elements()
    for server in servers:
        place = next((text for key in _PLACES if (text := server.get(key).text())), "")
        identity = located(place) if place and ("://" in place or server.get("type").text() in ("local", "s3", "gcs", "azure")) else None
        if identity is not None:
            yield identity
            continue
        spaces = [server.get(*keys).text() for keys in (("project",), ("catalog",), ("database",), ("dataset",), ("schema",))]
        for table in tables:
            yield Identity("table", (), (".".join([*[s for s in spaces if s][-2:], table]).lower(),))
    if not servers:
        for table in tables:
            yield Identity("table", (), (table.lower(),))


def _table(key: str, node: Node) -> str:
    return node.get("physicalName").text() or node.get("name").text() or key


def _owner(document: Node) -> str:
    team = document.get("team")
    members = team.get("members").elements() or (team.elements() if team.is_list() else ())
    owners = [m.get("username").text() for m in members if m.get("role").text().lower() in ("owner", "data owner", "data steward")]
    return team.get("name").text() or next(iter(owners), "") or document.get("info", "owner").text() or document.get("tenant").text()
