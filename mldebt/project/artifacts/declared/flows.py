"""Prefect, ZenML and Kubeflow Pipelines in Python: the tasks that one flow function calls, and assets that tasks make."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mldebt.facts.model import Attr, Call, Item, Name, Op, Phi, Seq, Site, Store, Template
from mldebt.project.artifacts.declared import code
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.declared.places import folder_of, located, merged, scripts_in
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.events import keyword
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Target

_SYSTEMS = {"prefect": True, "zenml": False, "kfp": False}  # whether the order of the calls is the order of the runs
_PASSED_ON = frozenset({"submit", "map", "with_options", "delay", "output", "outputs", "result", "after"})
_DEEP = 12
_Job = tuple[str, tuple[str, ...]]


def declarations(project: Project) -> Iterator[Declaration]:
    for system, in_order in _SYSTEMS.items():
        tasks = {Defined(f.module.path, f.index): f.scope.name for f in code.decorated(project, f"{system}-task", f"{system}-asset")}
        for flow in code.decorated(project, f"{system}-flow"):
            if not flow.module.is_test:
                yield from _Flow(project, system, flow, tasks).declarations(in_order)
    yield from _materialized(project)


def _materialized(project: Project) -> Iterator[Declaration]:
    """Prefect's `@materialize("s3://...", asset_deps=[...])`."""
    for found in code.decorated(project, "prefect-asset"):
        call, module = found.call, found.module
        if call is None:
            continue
        line = project.location(module, found.scope.span).line
        arguments = (("produces", call.args), ("consumes", (keyword(call, "asset_deps"),)))
        for role, values in arguments:
            for owner, item in (at for value in values for at in code.elements(project, module, value)):
                identity, contact = _asset(project, owner, item)
                if identity is not None:
                    files = (module.path,)
                    yield Declaration("prefect", role, identity, found.scope.name, project.notebook_of(module.path), line, files, contact)


def _asset(project: Project, module: Module, index: int) -> tuple[Identity | None, str]:
    """An asset given by its key, or as `Asset(key=..., properties=AssetProperties(owners=[...]))`."""
    value = module.facts.values[index]
    contact = ""
    if type(value) is Call:
        key = keyword(value, "key")
        index = key if key is not None else (value.args[0] if value.args else -1)
        for owner, place in code.elements(project, module, keyword(value, "properties")):
            properties = owner.facts.values[place]
            if type(properties) is Call:
                contact = ", ".join(code.texts(project, owner, keyword(properties, "owners")))
    name = code.text(project, module, index) if index >= 0 else ""
    return (located(name) if name else None), contact


class _Flow:
    """One flow function and the calls of tasks in it."""

    def __init__(self, project: Project, system: str, flow: code.Decorated, tasks: dict[Defined, str]) -> None:
        self._project, self._system, self._flow, self._module = project, system, flow, flow.module
        self._path = project.notebook_of(flow.module.path)
        self._calls: dict[int, tuple[Site, _Job]] = {}
        for site in self._module.facts.sites:
            if site.scope == flow.index and (job := self._job(site, tasks)) is not None:
                self._calls[site.value] = (site, job)

    def declarations(self, in_order: bool) -> Iterator[Declaration]:
        ordered = sorted(self._calls.values(), key=lambda item: (item[0].span.end_line, item[0].span.end_column))
        if in_order:
            for (_, one), (site, two) in pairwise(ordered):
                yield from self._edge(one, two, site)
            return
        for site, job in ordered:
            call = self._module.facts.values[site.value]
            assert type(call) is Call
            for value in (*call.args, *(value for _, value in call.keywords)):
                for earlier in self._tasks_in(value, 0):
                    yield from self._edge(earlier, job, site)
        for site in self._module.facts.sites:
            call = self._module.facts.values[site.value]
            func = self._module.facts.values[call.func] if type(call) is Call else None
            if site.scope == self._flow.index and type(call) is Call and type(func) is Attr and func.name == "after":
                for after in self._tasks_in(func.base, 0):
                    for before in (job for value in call.args for job in self._tasks_in(value, 0)):
                        yield from self._edge(before, after, site)

    def _edge(self, before: _Job, after: _Job, site: Site) -> Iterator[Declaration]:
        if before != after:
            workflow = f"{self._module.path}:{self._flow.scope.qualname}"
            yield from order(self._system, workflow, before, after, self._path, self._project.location(self._module, site.span).line)

    def _job(self, site: Site, tasks: dict[Defined, str]) -> _Job | None:
        """The task that a call runs: one of the project's, or an operator with a container's command."""
        call = self._module.facts.values[site.value]
        assert type(call) is Call
        target = self._called(call.func)
        if type(target) is Defined and target in tasks:
            return tasks[target], (target.path,)
        entry = code.declaring(self._project, self._module, call)
        if entry is None or entry.format != f"{self._system}-container":
            return None
        texts = [t for key in ("command", "arguments", "image") for t in code.texts(self._project, self._module, keyword(call, key))]
        files = merged(scripts_in(self._project, text, folder_of(self._module.path)) for text in texts)
        name = code.text(self._project, self._module, code.given(call, entry, "name"))
        return name or f"operator on line {site.span.line}", files

    def _called(self, index: int) -> Target | None:
        """What is called; of `task.submit(...)`, the task."""
        resolver, func = self._project.resolver, self._module.facts.values[index]
        if type(func) is Attr and func.name in _PASSED_ON:
            return self._called(func.base)
        if type(func) is Call:  # task.with_options(...)(...)
            return self._called(func.func)
        if type(func) is Name and func.name.rpartition(".")[2] in _PASSED_ON:
            split = self._project.index.split(self._module.path, func.name.rpartition(".")[0])
            if split is not None and len(split[1]) == 1 and split[0] in self._project.modules:
                return resolver.member(Defined(split[0], 0), split[1][0])
        return resolver.target(self._module, index)

    def _tasks_in(self, index: int, depth: int) -> Iterator[_Job]:
        """The tasks whose results a value is made of."""
        if index in self._calls:
            yield self._calls[index][1]
            return
        value = self._module.facts.values[index] if index >= 0 and depth < _DEEP else None
        below: tuple[int, ...] = ()
        if type(value) in (Attr, Item, Store):
            below = (value.base,)
        elif type(value) is Op:
            below = value.operands
        elif type(value) is Seq:
            below = value.items
        elif type(value) is Template:
            below = value.parts
        elif type(value) is Phi:
            below = value.options
        elif type(value) is Call:
            below = (value.func, *value.args, *(v for _, v in value.keywords))
        for part in below:
            yield from self._tasks_in(part, depth + 1)
