"""Declarations: what somebody wrote down, for a machine to read, of who makes and who uses an artifact.

One module per system that declares. A declared order of jobs has role `produces` for the earlier job and `consumes` for the later
one, with the earlier job's identity of store `job` in both; `who` is the name of the job whose `files` they are.
"""

from __future__ import annotations

from mldebt.project.artifacts.declared import (
    airflow,
    argo,
    backstage,
    ci,
    contracts,
    dagster,
    dbt,
    dvc,
    feast,
    flows,
    house,
    kedro,
    make,
    metaflow,
    own,
)
from mldebt.project.artifacts.declared.match import Declared
from mldebt.project.artifacts.model import Declaration, Hole, Template
from mldebt.project.project import Project

_ADAPTERS = (airflow, argo, backstage, ci, contracts, dagster, dbt, dvc, feast, flows, house, kedro, make, metaflow, own)

__all__ = ["Declared", "declarations"]


def declarations(project: Project) -> tuple[Declaration, ...]:
    """What every system that mldebt knows declares, by place."""
    found = {one for adapter in _ADAPTERS for one in adapter.declarations(project)}
    return tuple(sorted(found, key=_order))


def _order(one: Declaration) -> tuple[object, ...]:
    identity = (one.identity.store, _text(one.identity.namespace), _text(one.identity.name))
    rest = (one.files, one.owner, one.visibility, one.expires, one.order_only)
    return (one.path, one.line, one.system, one.who, one.role, *identity, *rest)


def _text(template: Template) -> str:
    return "".join(f"{{{part.name}:{part.origin}}}" if type(part) is Hole else part for part in template)
