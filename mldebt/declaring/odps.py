"""The declaration as data products with input ports (ODPS), and the data contract (ODCS) that they name where there is none."""

from __future__ import annotations

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft
from mldebt.declaring.yaml import slug, string
from mldebt.project import Project
from mldebt.project.artifacts.declared.match import same
from mldebt.project.artifacts.identity import PATHS
from mldebt.project.artifacts.templates import text
from mldebt.report.terminal import safe

_SERVERS = {"s3": "s3", "gs": "gcs", "azure": "azure", "file": "local"}


def products(draft: Draft, project: Project) -> str:
    """One document for each consumer, after the contract."""
    contract = _contract_of(draft, project)
    documents = [] if contract else [_contract(draft, slug(draft.id))]
    for use in draft.uses:
        documents.append(
            "apiVersion: v1.0.0\n"
            "kind: DataProduct\n"
            f"id: {slug(use.path)}\n"
            f"name: {string(use.path)}\n"
            "status: draft\n"
            "team:\n"
            '  name: "TODO"\n'
            "inputPorts:\n"
            f"  - name: {slug(draft.id)}\n"
            "    version: 1.0.0\n"
            f"    contractId: {string(contract or slug(draft.id))}\n"
        )
    return "---\n".join(documents)


def _contract_of(draft: Draft, project: Project) -> str:
    """The id of a contract of the project that holds the artifact."""
    declared = [one for one in project.artifacts.declarations if one.system in ("odcs", "datacontract")]
    for one in declared:
        if same(one.identity, draft.identity):
            for other in declared:
                if (other.path, other.who, other.identity.store) == (one.path, one.who, "dataset"):
                    return text(other.identity.name)
    return ""


def _contract(draft: Draft, name: str) -> str:
    server = _SERVERS.get(draft.identity.store)
    start = (
        f"apiVersion: v3.1.0\nkind: DataContract\nid: {name}\nname: {string(draft.id)}\nversion: 1.0.0\nstatus: draft\nteam:\n"
        '  name: "TODO"\n'
    )
    if draft.identity.store == "table":
        table = text(draft.identity.name)
        return f"{start}schema:\n  - name: {string(table)}\n    physicalName: {string(table)}\n"
    if draft.identity.store not in PATHS:
        raise ConfigError(f"`{safe(draft.id)}`: a data contract has no word for this kind of store; leave out --as")
    key = "path" if server == "local" else "location"
    return f"{start}servers:\n  - server: production\n    type: {server or 'custom'}\n    {key}: {string(draft.id)}\n"
