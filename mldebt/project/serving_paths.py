"""From the request that a service gets to the prediction that it answers with: what is asked, what was given, what lies between."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Item, Name, Op, Param, Parameter, Scope, Seq
from mldebt.project.answers import Answers
from mldebt.project.columns_file import children
from mldebt.project.flow.model import Calls, Node
from mldebt.project.lessons import Lessons
from mldebt.project.models.model import Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_LIMIT = 400
_DEEP = 6
_FILES = frozenset({"files", "FILES", "UploadFile", "FileStorage"})
_TYPED = frozenset({"float", "int", "bool", "datetime", "date", "Decimal", "UUID", "conint", "confloat", "constr", "Literal"})
_OPEN = frozenset({"dict", "Dict", "Mapping", "Any", "list", "Request", "HttpRequest", "object", "JSONStructure"})
_BODIES = frozenset({"event", "request", "req", "body", "data", "payload", "json", "input", "inputs", "instances", "X", "features"})
_PLATFORM = frozenset({"self", "cls", "context", "response"})  # what a server passes beside the request

_DECODES = re.compile(r"b64|base64|imdecode|imread|image|audio|decode_jpeg|decode_png", re.IGNORECASE)  # a file in the text of a request
_EVENT = ("event", "context")  # the parameters of a function that a cloud runs for each event

Place = tuple[str, int]  # a value of a file


class ServingPath(msgspec.Struct, frozen=True):
    """A function that answers requests, and a prediction in its answer."""

    module: Module
    scope: int  # of the function
    prediction: Prediction
    calls: Calls  # through which the model is asked
    answer: frozenset[Place]  # all that the answer is made of, down to the prediction
    given: frozenset[Place]  # all that the model is asked with, up to the request
    takes: frozenset[str]  # of the request: structured, text, file, typed
    functions: frozenset[tuple[str, int]]  # whose code lies on the way

    @property
    def handler(self) -> Scope:
        return self.module.facts.scopes[self.scope]

    @property
    def is_event(self) -> bool:
        """Whether a cloud runs the function for each event."""
        return tuple(p.name for p in self.handler.parameters[:2])[:1] == _EVENT[:1]


def serving_paths(project: Project) -> Iterator[ServingPath]:
    """One for each function that answers with a prediction, in path and text order."""
    models = project.models
    if not models.predictions:
        return
    lessons = Lessons(project)
    for module, index in _handlers(project):
        if not lessons.is_kept(module):
            continue
        starts = [Node(module.path, value) for value in module.facts.scopes[index].returns]
        answer = project.flow.back(starts, until=lambda node: models.at(node) is not None, limit=_LIMIT)
        asked = next(((node, found) for node in answer if (found := models.at(node)) is not None and found.features), None)
        if asked is not None:
            yield _path(project, module, index, asked[0], asked[1], frozenset(_places(project, answer)))


def _handlers(project: Project) -> list[tuple[Module, int]]:
    """Functions that answer requests: by their decorator, by the call that adds their route, or by what a platform passes to them."""
    found = {(module.path, index) for module, index in Answers(project).handlers()}
    found |= {(route.handler.path, route.handler.scope) for route in project.flow.steps.routes.all}
    for module in project.python:
        for index, scope in enumerate(module.facts.scopes):
            if len(scope.parameters) > 1 and scope.returns and tuple(p.name for p in scope.parameters[:2]) == _EVENT:
                found.add((module.path, index))
    return [(project.modules[path], index) for path, index in sorted(found)]


def _path(project: Project, module: Module, index: int, at: Node, prediction: Prediction, answer: frozenset[Place]) -> ServingPath:
    starts = [Node(at.path, value, at.calls) for value in prediction.features]
    given = list(project.flow.back(starts, limit=_LIMIT))
    functions = {(module.path, index), (at.path, prediction.scope)}
    for path, value in (*at.calls, *((n.path, n.index) for n in given)):
        site = project.flow.steps.files.site(project.modules[path], value)
        if site is not None:
            functions.add((path, site.scope))
    takes = {kind for node in given for kind in _taken(project, module, index, node)}
    places = frozenset(_places(project, given))
    return ServingPath(module, index, prediction, at.calls, answer, places, frozenset(takes), frozenset(functions))


def _places(project: Project, nodes: object) -> Iterator[Place]:
    """The values that stand for something in particular: no literals, no names of functions and packages."""
    for node in nodes:  # type: ignore[attr-defined]
        if type(project.modules[node.path].facts.values[node.index]) not in (Const, Name, Def):
            yield node.path, node.index


def _taken(project: Project, module: Module, handler: int, node: Node) -> Iterator[str]:
    """What a value takes of the request: a parameter of the handler, or the request object of the package."""
    owner = project.modules[node.path]
    value = owner.facts.values[node.index]
    if type(value) is Param and node.path == module.path and value.scope == handler:
        parameter = next((p for p in module.facts.scopes[handler].parameters if p.name == value.name), None)
        if parameter is not None and parameter.name not in _PLATFORM:
            yield _kind(project, module, parameter)
    elif type(value) is Attr and value.name in _FILES:
        yield "file"
    if type(value) is Call:
        value = owner.facts.values[value.func]
        if type(value) in (Name, Attr) and _DECODES.search(value.name.rpartition(".")[2]):  # type: ignore[union-attr]
            yield "file"
    if type(value) is Name and (parts := value.name.split("."))[1:2] == ["request"] and parts[0] in _servers(project):
        yield "file" if not _FILES.isdisjoint(parts) else "structured"


def _servers(project: Project) -> frozenset[str]:
    return frozenset(call.name.partition(".")[0] for call in project.catalogue.roles.get("serve", ()))


def _kind(project: Project, module: Module, parameter: Parameter) -> str:
    """What a server lets through for a parameter of a handler."""
    default = module.facts.values[parameter.default] if parameter.default >= 0 else None
    func = module.facts.values[default.func] if type(default) is Call else None
    if type(func) is Name and func.name.endswith((".Depends", ".File", ".Security")):
        return "file" if func.name.endswith(".File") else "typed"
    if parameter.annotation < 0:
        return "structured" if parameter.name in _BODIES else "text"
    names = set(_annotated(project, module, parameter.annotation, 0))
    if not names.isdisjoint(_FILES):
        return "file"
    if "" in names or not names.isdisjoint(_TYPED):
        return "typed"
    if not names.isdisjoint(_OPEN):
        return "structured"
    return "text" if "str" in names or "bytes" in names else "typed"


def _annotated(project: Project, module: Module, index: int, depth: int) -> Iterator[str]:
    """The last parts of the types that an annotation names; empty for a class of the project."""
    value = module.facts.values[index]
    target = project.resolver.target(module, index) if type(value) in (Name, Attr, Bound, Def) else None
    if type(target) is Defined:
        yield ""
    elif type(target) is External:
        yield target.name.rpartition(".")[2]
    elif type(value) is Const and isinstance(value.value, str):
        yield value.value.rpartition(".")[2]
    elif depth < _DEEP and type(value) in (Item, Op, Seq):
        for child in children(value):
            yield from _annotated(project, module, child, depth + 1)
