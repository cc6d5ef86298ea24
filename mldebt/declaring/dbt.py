"""The declaration as dbt exposures: one for each consumer, which depends on the model or source."""

from __future__ import annotations

from collections.abc import Sequence

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft
from mldebt.declaring.yaml import slug, string
from mldebt.project import Project
from mldebt.project.artifacts.declared.match import same
from mldebt.project.artifacts.templates import is_constant, text
from mldebt.report.terminal import safe


def exposures(drafts: Sequence[Draft], project: Project) -> str:
    """For a properties file below the models; dbt knows tables only."""
    users: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.identity.store != "table" or not is_constant(draft.identity.name):
            raise ConfigError(f"`{safe(draft.id)}` is no table with a fixed name, and dbt knows no other artifacts; leave out --as")
        if not draft.uses:
            raise ConfigError(f"`{safe(draft.id)}`: no file reads it without a declaration; an exposure needs a consumer")
        for use in draft.uses:
            users.setdefault(use.path, []).append(draft)
    lines = ["version: 2", "", "exposures:"]
    for path, used in sorted(users.items()):
        lines += [
            f"  - name: {slug(path, '_')}",
            f"    type: {_kind(path)}",
            f"    description: {string(f'{path} reads ' + ', '.join(one.id for one in used))}",
            "    owner:",
            '      name: "TODO"',
            "    depends_on:",
            *(f"      - {_reference(one, project)}" for one in used),
        ]
    return "\n".join(lines) + "\n"


def _reference(draft: Draft, project: Project) -> str:
    for one in project.artifacts.declarations:
        if one.system == "dbt" and one.role in ("produces", "external") and same(one.identity, draft.identity):
            kind, _, name = one.who.rpartition("source ")
            if not kind and one.role == "external":
                schema, _, table = name.partition(".")
                return f"source('{schema}', '{table}')"
            return f"ref('{one.who}')"
    schema, _, table = text(draft.identity.name).rpartition(".")
    return f"source('{schema.rpartition('.')[2]}', '{table}')" if schema else f"ref('{table}')"


def _kind(path: str) -> str:
    return "notebook" if path.endswith(".ipynb") else "analysis" if path.endswith(".sql") else "ml"
