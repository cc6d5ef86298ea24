"""Which files train a model, and which apply one: answer requests, score batches, watch predictions."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

from mldebt.facts.model import Attr, Call, Name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.sources.model import Role

_HANDLERS = frozenset({
    "lambda_handler", "model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn", "input_handler", "output_handler",
})  # fmt: skip
_EVENT = ("event", "context")  # what a platform passes to a function that it runs
_ASKED = re.compile(r"_?(predict|infer|serve|score)", re.IGNORECASE)  # what a file that trains has beside training
_ROUTES = frozenset({"route", "get", "post", "put", "websocket"})


class Sides:
    """The two sides of the models of a project, by file, with what each file imports."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._asked = self._methods("predict")

    def _methods(self, role: str) -> frozenset[str]:
        """Names of methods that have the role on some kind of object."""
        catalogue = self._project.catalogue
        return frozenset(name for (_, name), call in catalogue.methods.items() if role in call.roles and "train" not in call.roles)

    @cached_property
    def trainers(self) -> frozenset[str]:
        """Files outside tests that fit a model themselves."""
        found = {e.module.path for e in self._project.calls("train") if not e.name.startswith("transformer.") and not e.module.is_test}
        found.update(m.path for m in self._project.python if not m.is_test and self._steps(m))
        return frozenset(found)

    @cached_property
    def feeders(self) -> frozenset[str]:
        """Files that write what a training reads."""
        edges = self._project.artifacts.edges
        found = {e.writer.place.path for e in edges if e.reader.place.path in self.trainers}
        return frozenset(p for p in found if p in self._project.modules and self._project.modules[p].is_python) - self.appliers

    def _steps(self, module: Module) -> bool:
        """Whether the file fits a model of its own making: a gradient step by hand, or `fit` with features and labels."""
        names: set[str] = set()
        for _, call, func in module.calls:
            if type(func) is Attr:
                names.add(func.name)
                if func.name == "fit" and len(call.args) > 1:
                    return True
        return {"backward", "step"} <= names

    @cached_property
    def appliers(self) -> frozenset[str]:
        """Files outside tests that apply a model which they did not fit; what calls a training as well is on both sides, so on none."""
        watching = {e.module.path for e in self._project.calls("monitor")}
        found: set[str] = set()
        for module in self._project.python:
            path = module.path
            if module.is_test or path in self.trainers:
                continue
            if self.answers(module):
                found.add(path)
            elif path in watching or self._predicts(module):
                if not self.trainers & self._project.imported_by_file.get(path, frozenset()):
                    found.add(path)
        return frozenset(found)

    def answers(self, module: Module) -> bool:
        """Whether somebody outside calls the file: a route, a handler, a page."""
        if self._project.world.exposure(module) == "serving":
            return True
        for scope in module.facts.scopes:
            if scope.kind != "function":
                continue
            names = tuple(p.name for p in scope.parameters if p.name != "self")
            if scope.name in _HANDLERS or names[:2] == _EVENT or scope.name.endswith("lambda_handler"):
                return True
            for decorator in scope.decorators:
                value = module.facts.values[decorator]
                func = module.facts.values[value.func] if type(value) is Call else None
                if type(func) in (Attr, Name) and func.name.rpartition(".")[2] in _ROUTES and type(value) is Call and value.args:
                    return True
        return False

    @cached_property
    def _predicting(self) -> frozenset[str]:
        return frozenset(e.module.path for e in self._project.calls("predict") if "embed" not in e.entry.roles)

    def _predicts(self, module: Module) -> bool:
        if module.path in self._predicting:
            return True
        for _, call, func in module.calls:
            if type(func) is Attr and func.name in self._asked and (call.args or call.keywords):
                if func.name.startswith("predict"):
                    return True
        return False

    @cached_property
    def trains(self) -> frozenset[Defined]:
        """Definitions of files that fit a model, and those that they name of what they import."""
        return self._spread(self.trainers | self.feeders, self.appliers)

    @cached_property
    def applies(self) -> frozenset[Defined]:
        """Definitions of files that apply a model, and those that they name of what they import."""
        return self._spread(self.appliers, self.trainers)

    def _spread(self, seeds: Collection[str], without: Collection[str]) -> frozenset[Defined]:
        visible = self._with_imports(seeds, without)
        by_name: dict[str, list[Defined]] = defaultdict(list)
        inner: dict[Defined, list[Defined]] = defaultdict(list)
        stack: list[Defined] = []
        for path in sorted(visible):
            scopes = self._project.modules[path].facts.scopes
            for index, scope in enumerate(scopes):
                here = Defined(path, index)
                if path in seeds and not (seeds is not self.appliers and _ASKED.match(scope.name)):
                    stack.append(here)
                elif scope.kind in ("function", "class"):
                    by_name[scope.name].append(here)
                if index and (scopes[scope.parent].kind != "class" or scope.name.startswith("__")):
                    inner[Defined(path, scope.parent)].append(here)
        reached: set[Defined] = set()
        while stack:
            here = stack.pop()
            if here in reached:
                continue
            reached.add(here)
            scope = self._project.modules[here.path].facts.scopes[here.scope]
            if here.scope:
                stack += inner[here]
            for name in (*scope.names, *scope.qualified):
                stack += by_name.get(name.rsplit(".", 1)[-1], ())
        return frozenset(reached)

    def _with_imports(self, start: Collection[str], without: Collection[str]) -> frozenset[str]:
        """These files and all that they import, but for those of the other side."""
        reached = set(start)
        stack = sorted(reached)
        while stack:
            for other in sorted(self._project.imported_by_file.get(stack.pop(), ())):
                module = self._project.modules[other]
                if other not in reached and other not in without and module.source.role is not Role.TEST and module.facts.scopes:
                    reached.add(other)
                    stack.append(other)
        return frozenset(reached)


def folders_between(one: str, other: str) -> int:
    """How many folders lie between two files."""
    left, right = one.split("/")[:-1], other.split("/")[:-1]
    common = 0
    while common < min(len(left), len(right)) and left[common] == right[common]:
        common += 1
    return len(left) + len(right) - 2 * common
