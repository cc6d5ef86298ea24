"""Dagster: assets by their keys, what each depends on, and who owns it."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Call, Map
from mldebt.project.artifacts.declared import code
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.events import keyword
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_NOT_DATA = frozenset({"context", "config", "self"})


def declarations(project: Project) -> Iterator[Declaration]:
    assets = [
        (found, *_own(project, found.module, found.call, found.scope.name))
        for found in code.decorated(project, "dagster-asset")
        if not found.module.is_test
    ]
    made = {key: found.module.path for found, key, _ in assets}
    short = {key.rpartition("/")[2]: key for key in sorted(made)}
    for found, key, owner in assets:
        module, files = found.module, (found.module.path,)
        path, line = project.notebook_of(module.path), project.location(module, found.scope.span).line
        yield Declaration("dagster", "produces", _identity(key), key, path, line, files, owner)
        for needed in sorted(_needs(project, found, short)):
            yield Declaration("dagster", "consumes", _identity(needed), key, path, line, files)
            if needed in made:
                yield from order("dagster", "assets", (needed, (made[needed],)), (key, files), path, line)
    for event in project.calls("declare"):
        if event.entry.format == "dagster-asset-spec" and not event.module.is_test:
            key, owner = _own(project, event.module, event.call, "")
            if key and key not in made:
                line = project.location(event.module, event.site.span).line
                yield Declaration("dagster", "external", _identity(key), key, event.module.path, line, (), owner)


def _own(project: Project, module: Module, call: Call | None, name: str) -> tuple[str, str]:
    """The key of an asset and its owners."""
    if call is None:
        return name, ""
    places = (keyword(call, "key"), keyword(call, "name"), call.args[0] if call.args and not name else None)
    given = next((place for place in places if place is not None), None)
    prefix = [*code.texts(project, module, keyword(call, "key_prefix"))]
    own = _key(project, module, given) or name
    return "/".join([*prefix, own]) if own else "", ", ".join(code.texts(project, module, keyword(call, "owners")))


def _key(project: Project, module: Module, index: int | None) -> str:
    """`"a"`, `["a", "b"]`, or `AssetKey(...)` of one of them, as `a/b`."""
    if index is None:
        return ""
    module, index = code.followed(project, module, index)
    value = module.facts.values[index]
    if type(value) is Call:
        return _key(project, module, value.args[0] if value.args else keyword(value, "key"))
    return "/".join(code.texts(project, module, index))


def _needs(project: Project, found: code.Decorated, short: dict[str, str]) -> set[str]:
    """The keys that an asset depends on: `deps`, `ins`, and the arguments that are called like an asset."""
    module, call = found.module, found.call
    needs: set[str] = set()
    renamed: set[str] = set()
    if call is not None:
        for owner, item in code.elements(project, module, keyword(call, "deps")):
            target = code.function(project, owner, item)
            name = _function_name(project, owner, item) if target else ""
            key = short.get(name, name) or _key(project, owner, item)
            needs.add(key)
        for owner, parameter, value in _ins(project, module, keyword(call, "ins")):
            renamed.add(parameter)
            needs.add(_own(project, owner, value, parameter)[0])
    needs.update(short[p.name] for p in found.scope.parameters if p.name in short and p.name not in renamed | _NOT_DATA)
    return {need for need in needs if need}


def _ins(project: Project, module: Module, index: int | None) -> Iterator[tuple[Module, str, Call]]:
    """The parameters of `ins={"a": AssetIn(...)}` with their calls."""
    owner, place = (module, -1) if index is None else code.followed(project, module, index)
    ins = owner.facts.values[place] if place >= 0 else None
    for key, item in zip(ins.keys, ins.values, strict=True) if type(ins) is Map else ():
        value = owner.facts.values[item]
        if key >= 0 and type(value) is Call:
            yield owner, code.text(project, owner, key), value


def _function_name(project: Project, module: Module, index: int) -> str:
    target = project.resolver.target(module, index)
    return project.resolver.scope(target)[1].name if type(target) is Defined else ""


def _identity(key: str) -> Identity:
    return Identity("dataset", ("dagster",), (key,))
