"""mldebt's own declarations: [[tool.mldebt.artifacts]] of the settings, and `# mldebt: consumes ...` comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.config import ArtifactDeclaration
from mldebt.project.artifacts.declared.places import SCRIPTS, located
from mldebt.project.artifacts.identity import of_table
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.artifacts.templates import parse
from mldebt.project.project import Project

_STORED = re.compile(r"(?P<store>table|topic|key|dataset|torchhub|feast)[ :](?!//)\s*(?P<name>\S.*)")
_TABLES = (("mldebt.toml", ("artifacts",)), ("pyproject.toml", ("tool", "mldebt", "artifacts")))


def declarations(project: Project) -> Iterator[Declaration]:
    for number, artifact in enumerate(project.config.artifacts):
        yield from _artifact(project, number, artifact)
    for module in project.python:
        for comment in module.facts.consumes:
            identity = named(comment.identity)
            if identity is not None:
                path = project.notebook_of(module.path)
                files = (module.path,)
                line = module.facts.places[min(comment.line, len(module.facts.places)) - 1].line if module.facts.places else comment.line
                yield Declaration(
                    "mldebt", "consumes", identity, module.path, path, line, files, owner=comment.owner, expires=comment.until
                )


def named(text: str) -> Identity | None:
    """The artifact of an id: a path, a URL, or as messages show it, `table analysis.ltv`; `table:analysis.ltv` where a space ends it."""
    found = _STORED.fullmatch(text.strip())
    if found is None:
        return located(text)
    name = parse(found["name"])
    return of_table("", name) if found["store"] == "table" else Identity(found["store"], (), name)


def _artifact(project: Project, number: int, artifact: ArtifactDeclaration) -> Iterator[Declaration]:
    for name in (artifact.id, *artifact.aliases):
        identity = named(name)
        if identity is None:
            continue
        path, line = place(project, number, "id" if name == artifact.id else "aliases")
        role = "produces" if artifact.producer else "external"
        files = files_of(project, artifact.producer) if artifact.producer else ()
        yield Declaration(
            "mldebt", role, identity, artifact.producer or artifact.id, path, line, files, artifact.owner, artifact.visibility
        )
        for order, consumer in enumerate(artifact.consumers):
            path, line = place(project, number, "consumers", str(order), "who")
            expires = consumer.expires.isoformat() if consumer.expires else ""
            yield Declaration(
                *("mldebt", "consumes", identity, consumer.who, path, line, files_of(project, consumer.who)),
                *(artifact.owner, artifact.visibility, expires),
            )


def files_of(project: Project, who: str) -> tuple[str, ...]:
    """The files of `system`, `system:module.path`, an imported project, or a file pattern; `who`, which is no file, when nothing fits."""
    from mldebt.sources.ignore import compiled

    if who not in project.config.systems and (foreign := project.foreign.files_of(who)):
        return foreign
    system, _, part = who.rpartition(":")
    patterns = project.config.systems.get(system or part) or ((who,) if not system else ("**",))
    try:
        spec = compiled(patterns)
    except ValueError:  # no pattern: it meets nothing
        return (who,)
    paths = [path for path in project.modules if path.lower().endswith(SCRIPTS) and spec.match_file(path)]
    if system and part:
        stem = part.replace(".", "/")
        ends = (f"/{stem}.py", f"/{stem}/__init__.py", f"/{part}")
        within = [path for path in paths if f"/{path}".endswith(ends) or f"/{stem}/" in f"/{path}"]
        paths = within
    return tuple(paths) or (who,)


def place(project: Project, number: int, *keys: str) -> tuple[str, int]:
    """Where the settings say it; their file, line 1, when they came from elsewhere."""
    for name, table in _TABLES:
        module = project.modules.get(name)
        start = (*table, str(number), *keys)
        for leaf in module.facts.settings if module is not None else ():
            if leaf.keys[: len(start)] == start:
                return name, leaf.line
    return _TABLES[0][0], 1
