"""What functions that answer requests give back, and whether it says which model spoke."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Const, Map, Name, Scope, Span, Template
from mldebt.project.flow import Node
from mldebt.project.models.model import Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance
from mldebt.project.roles import is_demonstration

_ROUTES = frozenset({"route", "get", "post", "put", "api", "websocket", "api_route", "view", "function", "endpoint"})
_IDENTITY = re.compile(r"model|version|revision|run_?id|checksum|digest|sha|artifact|build|release", re.IGNORECASE)
_LIMIT = 400


class Answer(msgspec.Struct, frozen=True):
    """A prediction that leaves a function which answers requests."""

    module: Module
    scope: Scope
    span: Span
    prediction: Prediction


class Answers:
    """Answers of a project that name no model."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._hooks = frozenset(call.name.rsplit(".", 1)[-1] for call in project.catalogue.roles.get("hook", ()))

    def bare(self) -> Iterator[Answer]:
        """In path and text order, one for each function."""
        for module, index in self.handlers():
            if not is_demonstration(module) and (answer := self._bare(module, module.facts.scopes[index])) is not None:
                yield answer

    def handlers(self) -> Iterator[tuple[Module, int]]:
        """The functions that answer requests and return something, in path and text order."""
        for module in self._project.python:
            for index, scope in enumerate(module.facts.scopes):
                if scope.kind == "function" and scope.returns and self._answers(module, scope):
                    yield module, index

    def _answers(self, module: Module, scope: Scope) -> bool:
        """Whether a server calls the function: by its decorator, or because a platform looks for its name."""
        if scope.name in self._hooks and len(scope.parameters) == 2 and scope.parent == 0:
            return True
        return any(self._is_route(module, d) for d in scope.decorators)

    def _is_route(self, module: Module, index: int) -> bool:
        value = module.facts.values[index]
        func = module.facts.values[value.func] if type(value) is Call else value
        if type(func) is Attr and func.name in _ROUTES:
            target = self._project.resolver.target(module, func.base)
            return type(target) is Instance and type(target.of) is External and self._serves(target.of.name)
        return type(func) is Name and func.name.rsplit(".", 1)[-1] in _ROUTES and self._serves(func.name)

    def _serves(self, name: str) -> bool:
        roots = {call.name.split(".")[0] for call in self._project.catalogue.roles.get("serve", ())}
        return name.split(".")[0] in roots

    def _bare(self, module: Module, scope: Scope) -> Answer | None:
        if any(_IDENTITY.search(word) for word in scope.strings):
            return None
        graph = self._project.models
        starts = [Node(module.path, index) for index in scope.returns]
        found = self._project.flow.back(starts, until=lambda n: graph.at(n) is not None, limit=_LIMIT)
        prediction: Prediction | None = None
        for node in found:
            asked = graph.at(node)
            if asked is not None and not asked.embeds:
                prediction = prediction or asked
            elif self._says(node):
                return None
        if prediction is None:
            return None
        spans = [s for start in starts if (s := self._project.flow.span(start.path, start.index)) is not None]
        inside = [s for s in spans if scope.span.line <= s.line <= scope.span.end_line]
        return Answer(module, scope, inside[0] if inside else scope.span, prediction)

    def _says(self, node: Node) -> bool:
        """Whether a part of the answer is called after a model, or made of text or an object that names one."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        names: list[object] = []
        if type(value) is Map:
            names = [k.value for k in (module.facts.values[i] for i in value.keys if i >= 0) if type(k) is Const]
        elif type(value) is Call:
            target = self._project.resolver.callee(module, value)
            if type(target) is not Defined:  # `jsonify(scores=..., model=VERSION)`, but not `explain(model=model)`
                names = [k for k, index in value.keywords if not self._project.models.identity(Node(node.path, index))]
            elif self._project.resolver.scope(target)[1].kind == "class":
                names = [*(k for k, _ in value.keywords), *self._project.resolver.scope(target)[1].bindings]
        elif type(value) is Template:
            names = [p.value for p in (module.facts.values[i] for i in value.parts) if type(p) is Const]
        return any(isinstance(name, str) and _IDENTITY.search(name) for name in names)
