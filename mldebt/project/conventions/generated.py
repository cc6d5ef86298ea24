"""Numbers cut out of names that a package made up for columns which nobody named."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Item, Name, Op
from mldebt.project.conventions.model import Leak, Mark, application, behind
from mldebt.project.project import Module, Project
from mldebt.project.written import called_as

GENERATED = "generated-names"  # the catalogue's kind of names that a model has for its features
_CUTS = frozenset({"replace", "strip", "lstrip", "rstrip", "removeprefix", "removesuffix", "split", "rsplit", "partition", "rpartition"})


def generated(project: Project) -> Iterator[Leak]:
    givers = frozenset(method for (_, method), call in project.catalogue.methods.items() if call.returns == GENERATED)
    own: frozenset[str] | None = None
    for module in application(project):
        number = module.names.get("builtins.int")
        keys: frozenset[int] | None = None
        for site, call, _ in module.calls if number is not None else ():
            name = _cut(module, call.args[0]) if call.func == number and call.args else None
            if name is None:
                continue
            keys = _keys(module) if keys is None else keys
            if site.value not in keys:
                continue
            own = _functions(project, givers) if own is None else own
            giver = _giver(module, name, givers | own)
            if giver:
                message = f"the place of a feature is cut out of a name that the model made up (`{giver}`)"
                yield Leak(module.path, site.scope, "generated", message, f"generated {giver}", (Mark(site.span, ""),), 0.9)


def _keys(module: Module) -> frozenset[int]:
    """Values by which something is looked up."""
    values = module.facts.values
    return frozenset(value.key for i in module.of_kind(Item) if type(value := values[i]) is Item)


def _cut(module: Module, index: int) -> int | None:
    """The string that a number is cut out of: `name.split("_")[1]`, `name[1:]`, `name.replace("f", "")`."""
    values = module.facts.values
    value = values[index]
    if type(value) is Item:
        key, base = values[value.key], values[value.base]
        if type(key) is Op and key.op == "slice":
            return value.base
        if type(key) is not Const or type(base) is not Call:
            return None
        value = base
    func = values[value.func] if type(value) is Call else None
    return func.base if type(func) is Attr and func.name in _CUTS else None


def _giver(module: Module, index: int, givers: frozenset[str]) -> str:
    values = module.facts.values
    for at in behind(module, index):
        value = values[at]
        if type(value) is Call and called_as(module, value) in givers and type(values[value.func]) in (Attr, Name):
            return called_as(module, value)
        if type(value) is Attr and value.name in givers:
            return value.name
    return ""


def _functions(project: Project, givers: frozenset[str]) -> frozenset[str]:
    """Functions of the project that hand such names on."""
    return frozenset(scope.name for _, scope in project.scopes("function") if not givers.isdisjoint(scope.names))
