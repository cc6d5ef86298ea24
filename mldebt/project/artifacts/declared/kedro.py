"""Kedro: data sets of the catalog files, and the nodes of pipelines that make and use them."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.project.artifacts.declared import code, tree
from mldebt.project.artifacts.declared.places import located, merged
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.artifacts.templates import parse
from mldebt.project.events import Event
from mldebt.project.project import Module, Project

_PATHS = ("filepath", "path", "uri")
_Catalog = dict[str, Identity]  # data set -> where it is kept


def declarations(project: Project) -> Iterator[Declaration]:
    catalogs: dict[str, _Catalog] = {}
    external: list[tuple[str, str, str, int]] = []
    for module, documents in tree.files(project, _is_catalog):
        root = root_of(module.path)
        kept = catalogs.setdefault(root, {})
        for document in documents:
            for name, entry in document.items():
                if not name.startswith("_") and entry.get("type").text():
                    line = next((line for key in (*_PATHS, "table_name", "sql") if (line := entry.get(key).line)), entry.line)
                    external.append((root, name, module.path, line))
                    if (identity := _kept(root, entry)) is not None:
                        kept.setdefault(name, identity)
    produced: set[tuple[str, str]] = set()
    roots = tuple(sorted(catalogs, key=len, reverse=True))
    for event in project.calls("declare"):
        if event.entry.format == "kedro-node" and not event.module.is_test:
            root = next((root for root in roots if f"{event.module.path}/".startswith(f"{root}/" if root else "")), "")
            for one, name in _node(project, event, root, catalogs.get(root, {})):
                yield one
                if one.role == "produces":
                    produced.add((root, _plain(name)))
    for root, name, path, line in external:
        if (root, _plain(name)) not in produced:
            for identity in _spellings(root, name, catalogs[root]):
                yield Declaration("kedro", "external", identity, name, path, line)


def root_of(path: str) -> str:
    """The folder of the Kedro project that a file below its `conf` belongs to."""
    return f"/{path}".partition("/conf/")[0].lstrip("/")


def identity_of(root: str, name: str) -> Identity:
    """A data set by its name in the catalog of the project in the folder `root`."""
    return Identity("dataset", (f"kedro:{root}" if root else "kedro",), parse(_plain(name)))


def _plain(name: str) -> str:
    """A data set without the way it is transcoded: `rows` of `rows@spark`."""
    return name.partition("@")[0]


def _is_catalog(path: str) -> bool:
    inside = f"/{path}".partition("/conf/")[2]
    return bool(inside) and any(part.startswith("catalog") for part in inside.split("/")[1:]) and path.endswith((".yml", ".yaml"))


def _kept(root: str, entry: tree.Node) -> Identity | None:
    for key in _PATHS:
        if text := entry.get(key).text():
            return located(text, root)
    table = entry.get("table_name").text() or entry.get("table").text()
    schema = entry.get("save_args", "schema").text() or entry.get("database").text() or entry.get("dataset").text()
    return Identity("table", (), (f"{schema}.{table}".strip(".").lower(),)) if table else None


def _node(project: Project, event: Event, root: str, kept: _Catalog) -> Iterator[tuple[Declaration, str]]:
    module, call, entry = event.module, event.call, event.entry
    run = code.given(call, entry, "fn")
    files = merged([(module.path, code.function(project, module, run))])
    who = code.text(project, module, code.given(call, entry, "name")) or _called(module, run)
    line = project.location(module, event.site.span).line
    path = project.notebook_of(module.path)
    for role, key in (("consumes", "inputs"), ("produces", "outputs")):
        for name in code.texts(project, module, code.given(call, entry, key)):
            if name != "parameters" and not name.startswith("params:"):
                for identity in _spellings(root, name, kept):
                    yield Declaration("kedro", role, identity, who, path, line, files), name


def _called(module: Module, index: int | None) -> str:
    value = module.facts.values[index] if index is not None else None
    name = getattr(value, "name", "")
    return name.rpartition(".")[2] if isinstance(name, str) and name else "node"


def _spellings(root: str, name: str, kept: _Catalog) -> tuple[Identity, ...]:
    """A data set by its name, and by its place when it is kept."""
    by_name = identity_of(root, name)
    identity = kept.get(name) or next((one for key, one in kept.items() if _plain(key) == _plain(name)), None)
    return (by_name,) if identity is None else (by_name, identity)
