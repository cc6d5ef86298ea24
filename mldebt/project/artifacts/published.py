"""Files that a workflow keeps or brings under a name: upload and download steps, artifacts of a task."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Setting, Span
from mldebt.project.artifacts.commandbook import Action
from mldebt.project.artifacts.identity import of_path
from mldebt.project.artifacts.model import Access, Hole, Identity, Place
from mldebt.project.artifacts.templates import parse
from mldebt.project.project import Module
from mldebt.sources.model import Language

PUBLISHED = frozenset({"artifacts", "actions/upload-artifact", "actions/download-artifact"})  # what a pipeline file lists is declared


def steps(module: Module, actions: tuple[Action, ...]) -> Iterator[tuple[Access, Access]]:
    """Pairs of a file or name that is read and the name or file that it is written to."""
    if module.source.language is not Language.YAML:
        return
    leaves = {leaf.keys: leaf for leaf in module.facts.settings}
    for leaf in leaves.values():
        if leaf.keys[-1] == "uses" and isinstance(leaf.value, str):
            action = next((one for one in actions if leaf.value.partition("@")[0] == one.uses), None)
            if action is not None:
                yield from _step(module, leaf, leaves, action)
        elif len(leaf.keys) > 2 and leaf.keys[-1] == "path" and leaf.keys[-3] == "artifacts" and leaf.keys[-2].startswith("public/"):
            route = Identity("http", (Hole("host", "config"),), (Hole("route", "config"), f"/artifacts/{leaf.keys[-2]}"))
            local = of_path(parse(str(leaf.value)))
            if local is not None:
                yield _access(module, leaf, "read", local, "artifacts"), _access(module, leaf, "write", route, "artifacts")


def _step(module: Module, leaf: Setting, leaves: dict[tuple[str, ...], Setting], action: Action) -> Iterator[tuple[Access, Access]]:
    given = (*leaf.keys[:-1], "with")
    path, name = leaves.get((*given, action.path)), leaves.get((*given, action.name))
    if path is None or not isinstance(path.value, str):
        return
    without = (Hole("", "glob"),) if action.direction == "read" else ("artifact",)  # all of them; the name that it then has
    named = parse(str(name.value)) if name is not None else without
    kept = Identity("dataset", (action.system,), named)
    for line in path.value.splitlines():
        local = of_path(parse(line.strip())) if line.strip() and not line.strip().startswith("!") else None
        if local is None:
            continue
        ends = (local, kept) if action.direction == "write" else (kept, local)
        yield _access(module, path, "read", ends[0], action.uses), _access(module, path, "write", ends[1], action.uses)


def _access(module: Module, leaf: Setting, direction: str, identity: Identity, api: str) -> Access:
    return Access(direction, identity, Place(module.path, Span(leaf.line, 1, leaf.line, 1)), api=api)
