"""The declaration as Backstage entities: the artifact as a resource with its place in an annotation, each consumer as a component."""

from __future__ import annotations

from mldebt.config import ConfigError
from mldebt.declaring.draft import Draft
from mldebt.declaring.yaml import slug, string
from mldebt.project import Project
from mldebt.project.artifacts.declared.places import folder_of
from mldebt.report.terminal import safe


def entities(draft: Draft, project: Project) -> str:
    """For the catalog-info.yaml of the consumers' folder; a place without `scheme://` cannot be an annotation that is found again."""
    if "://" not in draft.id or draft.id.startswith(("http://", "https://")):
        why = "only buckets and the like (scheme://...) can be named in a Backstage annotation; leave out --as"
        raise ConfigError(f"`{safe(draft.id)}`: {why}")
    name = slug(draft.id.partition("://")[2])
    documents = [
        "apiVersion: backstage.io/v1alpha1\n"
        "kind: Resource\n"
        "metadata:\n"
        f"  name: {name}\n"
        "  annotations:\n"
        f"    mldebt/artifact: {string(draft.id)}\n"
        "spec:\n"
        "  type: dataset\n"
        "  owner: TODO\n"
    ]
    for folder in sorted({folder_of(use.path) for use in draft.uses}):
        documents.append(
            "apiVersion: backstage.io/v1alpha1\n"
            "kind: Component\n"
            "metadata:\n"
            f"  name: {slug(folder or project.root.name)}\n"
            "spec:\n"
            "  type: service\n"
            "  lifecycle: production\n"
            "  owner: TODO\n"
            "  dependsOn:\n"
            f"    - resource:{name}\n"
        )
    return "---\n".join(documents)
