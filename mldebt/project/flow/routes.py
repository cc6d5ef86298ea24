"""From a call of a client to what the project's own handler of that route returns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Name, Seq
from mldebt.project.artifacts.model import Identity, Template
from mldebt.project.events import keyword
from mldebt.project.flow.files import Files
from mldebt.project.flow.model import ALL, Node, Site, Step
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_VERBS = frozenset({"get", "post", "put", "patch", "delete"})
_DECORATORS = _VERBS | {"route", "api_route"}
_ADDING = frozenset({"add_url_rule", "add_api_route", "add_route", "add_resource"})
_INCLUDING = frozenset({"include_router", "register_blueprint"})
_PREFIXES = ("prefix", "url_prefix")
# Hosts that run what is at hand: this machine, an address, a name that only a private network knows.
_OWN_HOST = re.compile(r"(?:localhost|[\d.]+|[\w-]+|\[?::1\]?|[\w.-]+\.(?:internal|local|localhost|svc))(?::\d+)?", re.IGNORECASE)
_PARAMETER = re.compile(r"<[^<>]*>|\{[^{}]*\}|:\w+")
_WORD = re.compile(r"[A-Za-z]{3}")
_HOLE = "\0"
_NESTED = 3  # routers in routers
_DEEP = 6  # calls one inside the other
_RETURNS = 24


class Route(msgspec.Struct, frozen=True):
    """A path, the methods that it answers (empty: any), and the function that does."""

    path: tuple[str, ...]  # segments; a parameter is empty
    verbs: frozenset[str]
    handler: Defined


class Routes:
    """Those of one project."""

    def __init__(self, project: Project, files: Files) -> None:
        self._project, self._files = project, files

    def steps(self, node: Node) -> Iterator[Step]:
        """What the only handler of the route that a client's call asks for returns."""
        handler = self._asked(node) if len(node.calls) < _DEEP and (node.path, node.index) not in node.calls else None
        if handler is None:
            return
        owner, scope = self._project.resolver.scope(handler)
        for index in scope.returns[:_RETURNS]:
            yield Step(Node(owner.path, index, (*node.calls, (node.path, node.index)), ALL), "return", scope.qualname)

    def _asked(self, node: Node) -> Defined | None:
        if not self.all:
            return None
        call = self._project.modules[node.path].facts.values[node.index]
        func = self._project.modules[node.path].facts.values[call.func] if type(call) is Call else None
        name = func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""
        for access in self._files.accesses(node):
            target = _target(access.identity) if access.identity is not None else None
            if target is None:
                continue
            segments, is_open = target
            routes = [r for r in self.all if name not in _VERBS or not r.verbs or name in r.verbs]
            found = [r for r in routes if _same(segments, r.path)]
            if not found and is_open:  # the address of the host may end in the first segments of the path
                found = [r for r in routes if len(r.path) > len(segments) and _same(segments, r.path[-len(segments) :])]
            handlers = {route.handler for route in found}
            if len(handlers) == 1:
                return handlers.pop()
        return None

    # routes ----------------------------------------------------------------------------------------------------------

    @cached_property
    def all(self) -> tuple[Route, ...]:
        """Every route whose path is known, in path and text order; tests left out."""
        return tuple(route for module in self._project.python if not module.is_test for route in self._of(module))

    def _of(self, module: Module) -> Iterator[Route]:
        for number, scope in enumerate(module.facts.scopes):
            if scope.kind == "function":
                for decorator in scope.decorators:
                    yield from self._decorated(module, decorator, Defined(module.path, number))
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            func = module.facts.values[call.func] if type(call) is Call else None
            if type(call) is Call and type(func) is Attr and func.name in _ADDING:
                yield from self._added(module, call, func)

    def _decorated(self, module: Module, index: int, handler: Defined) -> Iterator[Route]:
        call = module.facts.values[index]
        func = module.facts.values[call.func] if type(call) is Call else None
        if type(call) is not Call or type(func) not in (Attr, Name):
            return
        name = func.name.rpartition(".")[2]
        if name not in _DECORATORS:
            return
        if type(func) is Attr:
            target = self._project.resolver.target(module, func.base)
            serves = type(target) is Instance and type(target.of) is External and self._serves(target.of.name)
        else:
            serves = self._serves(func.name)
        if serves:
            base = func.base if type(func) is Attr else -1
            verbs = frozenset({name}) if name in _VERBS else self._verbs(module, call, "get")
            yield from self._routes(module, call.args[:1], base, verbs, handler)

    def _added(self, module: Module, call: Call, func: Attr) -> Iterator[Route]:
        """`add_url_rule(path, view_func=f)`, `add_api_route(path, f)`, `add_resource(Class, path)`."""
        given = [*call.args, *(v for k, v in call.keywords if k in ("view_func", "endpoint"))]
        for index in given:
            target = self._project.resolver.target(module, index)
            if type(target) is not Defined:
                continue
            if self._project.resolver.scope(target)[1].kind == "function":
                yield from self._routes(module, call.args, func.base, self._verbs(module, call), target)
                continue
            for verb in sorted(_VERBS):
                method = self._project.resolver.member(target, verb)
                if type(method) is Defined:
                    yield from self._routes(module, call.args, func.base, frozenset({verb}), method)

    def _routes(self, module: Module, given: tuple[int, ...], base: int, verbs: frozenset[str], handler: Defined) -> Iterator[Route]:
        for index in given:
            path = self._project.evaluator.string(module, index)
            if path is not None and path.startswith("/"):
                for prefix in self._prefixes(module, base, 0):
                    segments = tuple(_PARAMETER.sub("", s) if _PARAMETER.fullmatch(s) else s for s in f"{prefix}{path}".split("/") if s)
                    yield Route(segments, verbs, handler)

    def _verbs(self, module: Module, call: Call, default: str = "") -> frozenset[str]:
        """The methods that a registration lists; empty where they are not known."""
        index = next((i for n in ("methods", "method") if (i := keyword(call, n)) is not None), None)
        if index is None:
            return frozenset({default} if default else ())
        value = module.facts.values[index]
        items = [module.facts.values[i] for i in value.items] if type(value) is Seq else [value]
        return frozenset(i.value.lower() for i in items if type(i) is Const and isinstance(i.value, str))

    def _serves(self, name: str) -> bool:
        return name.partition(".")[0] in self._servers

    @cached_property
    def _servers(self) -> frozenset[str]:
        return frozenset(call.name.partition(".")[0] for call in self._project.catalogue.roles.get("serve", ()))

    # prefixes --------------------------------------------------------------------------------------------------------

    def _prefixes(self, module: Module, base: int, depth: int) -> list[str]:
        """What stands before the paths of an application or router: its own prefix, and those under which it is included."""
        made = self._made(module, base) if base >= 0 else None
        if made is None or depth > _NESTED:
            return [""]
        owner = self._project.modules[made[0]]
        own = self._prefix(owner, made[1])
        outer = [
            f"{before}{self._prefix(user, site)}"
            for user, site, parent in self._included.get(made, ())
            for before in self._prefixes(user, parent, depth + 1)
        ]
        return [f"{before}{own}" for before in dict.fromkeys(outer)] or [own]

    def _prefix(self, module: Module, index: int) -> str:
        call = module.facts.values[index]
        given = [v for k, v in call.keywords if k in _PREFIXES] if type(call) is Call else []
        return ((self._project.evaluator.string(module, given[0]) or "") if given else "").rstrip("/")

    @cached_property
    def _included(self) -> dict[Site, list[tuple[Module, int, int]]]:
        """By the call that makes a router: the calls that include it, with what they include it in."""
        found: dict[Site, list[tuple[Module, int, int]]] = {}
        for module in self._project.python:
            for site in module.facts.sites if not module.is_test else ():
                call = module.facts.values[site.value]
                func = module.facts.values[call.func] if type(call) is Call else None
                if type(call) is Call and type(func) is Attr and func.name in _INCLUDING and call.args:
                    if (made := self._made(module, call.args[0])) is not None:
                        found.setdefault(made, []).append((module, site.value, func.base))
        return found

    def _made(self, module: Module, index: int) -> Site | None:
        """The call that made an object, through names with one value."""
        for _ in range(6):
            value = module.facts.values[index]
            if type(value) is Call:
                return module.path, index
            if type(value) is Bound:
                found = [(module, b.value) for b in module.facts.scopes[value.scope].bindings.get(value.name, ())]
            elif type(value) is Name:
                found = [(owner, at) for owner, at, _ in self._project.members.of_name(module, value.name)]
            elif type(value) is Attr:
                found = [(owner, at) for owner, at, _ in self._project.members.of_attribute(module, value.base, value.name)]
            else:
                return None
            if len(found) != 1:
                return None
            module, index = found[0]
        return None


def _target(identity: Identity) -> tuple[tuple[str, ...], bool] | None:
    """The segments of the path that a client asks for, and whether its host is open; None for somebody else's and for no path."""
    parts: Template = identity.name
    is_open = True
    if identity.store == "http":
        host = "".join(p if isinstance(p, str) else _HOLE for p in identity.namespace)
        is_open = _HOLE in host
        if not is_open and not _OWN_HOST.fullmatch(host):
            return None
    elif identity.store != "file" or not parts:
        return None
    elif not isinstance(parts[0], str):
        parts = parts[1:]  # the host
    text = "".join(p if isinstance(p, str) else _HOLE for p in parts).partition("?")[0]
    if identity.store == "file" and not text.startswith("/"):
        return None
    segments = tuple(s for s in text.split("/") if s)
    return (segments, is_open) if segments else None


def _same(asked: tuple[str, ...], path: tuple[str, ...]) -> bool:
    """Whether two paths agree in every segment; a word of its own must be among those that both spell out."""
    if len(asked) != len(path):
        return False
    pairs = list(zip(asked, path, strict=True))
    return all(not b or a == b for a, b in pairs) and any(b and _WORD.search(b) for _, b in pairs)
