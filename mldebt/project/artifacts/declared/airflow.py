"""Airflow: data sets that tasks and schedules name, and the order of tasks within and between DAGs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from mldebt.facts.model import Attr, Call, Op, Value
from mldebt.project.artifacts.declared import code, tree
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.declared.places import folder_of, located, merged, script, scripts_in
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.events import keyword
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Target

_KEYWORDS = {"inlets": "consumes", "outlets": "produces", "schedule": "consumes"}
_COMMANDS = ("bash_command", "application", "py_file", "python_file", "command", "cmds", "arguments", "main", "notebook_path", "input_nb")
_FILES = ("python_callable_file", "bash_command", "application", "py_file", "command", "cmds", "arguments")
_CHAINED = {">>": (0, 1), "<<": (1, 0)}


def declarations(project: Project) -> Iterator[Declaration]:
    modules = [m for m in project.python if not m.is_test and any(i.target.split(".")[0] == "airflow" for i in m.facts.imports)]
    tasks = frozenset(Defined(f.module.path, f.index) for f in code.decorated(project, "airflow-task")) if modules else frozenset()
    for module in modules:
        yield from _Dags(project, module, tasks).declarations()
    for module, documents in tree.files(project, lambda path: path.endswith((".yaml", ".yml")), lambda leaf: leaf.keys[1:2] == ("tasks",)):
        for document in documents:
            for name, dag in document.items():
                if any("." in task.get("operator").text() or task.get("decorator").text() for task in dag.get("tasks").elements()):
                    yield from _factory(project, module, name, dag)


class _Dags:
    """The DAGs of one Python file."""

    def __init__(self, project: Project, module: Module, tasks: frozenset[Target]) -> None:
        self._project, self._module, self._tasks = project, module, tasks
        self._path = project.notebook_of(module.path)
        self._lines = {site.value: project.location(module, site.span).line for site in module.facts.sites}

    def declarations(self) -> Iterator[Declaration]:
        for site in self._module.facts.sites:
            call = self._module.facts.values[site.value]
            assert type(call) is Call
            for key, role in _KEYWORDS.items():
                for identity in self._assets(keyword(call, key)):
                    job = self._dag(site.value) if key == "schedule" else self._job(site.value)
                    yield Declaration("airflow", role, identity, job[0], self._path, self._lines[site.value], job[1])
            yield from self._between_dags(site.value, call)
            yield from self._method(site.value, call)
        yield from self._tasks_of_functions()
        for index, value in enumerate(self._module.facts.values):
            if type(value) is Op and value.op in _CHAINED:
                before, after = (value.operands[place] for place in _CHAINED[value.op])
                yield from self._edges(self._ends(before), self._ends(after), self._line(index))

    def _assets(self, index: int | None) -> Iterator[Identity]:
        """The data sets in a list, by their URI, else by their name."""
        for module, item in code.elements(self._project, self._module, index):
            call = module.facts.values[item]
            entry = code.declaring(self._project, module, call) if type(call) is Call else None
            if type(call) is Call and entry is not None and entry.format == "airflow-asset":
                given = (keyword(call, "uri"), keyword(call, "name"), call.args[0] if call.args else None)
                name = next((text for value in given if (text := code.text(self._project, module, value))), "")
                identity = _named(name)
                if identity is not None:
                    yield identity

    def _tasks_of_functions(self) -> Iterator[Declaration]:
        """`@task(outlets=...)` and, in TaskFlow, what one task's result is passed to; `@asset(schedule=...)` makes what it is called."""
        for found in code.decorated(self._project, "airflow-asset-function"):
            if found.module is self._module:
                name = found.scope.name
                uri = code.text(self._project, self._module, keyword(found.call, "uri")) if found.call is not None else ""
                identity = _named(uri or name)
                if identity is not None:
                    line = self._project.location(self._module, found.scope.span).line
                    yield Declaration("airflow", "produces", identity, name, self._path, line, (self._module.path,))
        for site in self._module.facts.sites:
            call = self._module.facts.values[site.value]
            if type(call) is Call and self._is_task(call):
                for argument in (*call.args, *(value for _, value in call.keywords)):
                    yield from self._edges(self._starts(argument), [site.value], self._lines[site.value])

    def _is_task(self, call: Call) -> bool:
        return self._project.resolver.target(self._module, call.func) in self._tasks

    def _between_dags(self, index: int, call: Call) -> Iterator[Declaration]:
        """Sensors that wait for another DAG, and operators that start one."""
        for key, waits in (("external_dag_id", True), ("trigger_dag_id", False)):
            other = code.text(self._project, self._module, keyword(call, key))
            files = self._files_of_dag(other) if other else ()
            if files:
                own = (self._path, (self._module.path,))
                there = (other, files)
                before, after = (there, own) if waits else (own, there)
                yield from order("airflow", "dags", before, after, self._path, self._lines[index])

    def _files_of_dag(self, dag: str) -> tuple[str, ...]:
        found = set()
        for event in self._project.calls("declare"):
            if event.entry.format == "airflow-dag":
                given = code.given(event.call, event.entry, "name")
                if code.text(self._project, event.module, given) == dag:
                    found.add(event.module.path)
        return tuple(sorted(found))

    def _method(self, index: int, call: Call) -> Iterator[Declaration]:
        """`a.set_downstream(b)`, `b.set_upstream(a)`, `chain(a, b, c)`."""
        func = self._module.facts.values[call.func]
        if type(func) is Attr and func.name in ("set_downstream", "set_upstream") and call.args:
            here, there = self._starts(func.base), self._starts(call.args[0])
            before, after = (here, there) if func.name == "set_downstream" else (there, here)
            yield from self._edges(before, after, self._lines[index])
        entry = code.declaring(self._project, self._module, call)
        if entry is not None and entry.format == "airflow-chain":
            for one, two in pairwise(call.args):
                yield from self._edges(self._starts(one), self._starts(two), self._lines[index])

    def _ends(self, index: int) -> list[int]:
        """The tasks that the next sign in a chain is about: of `a >> b` and of `a << b`, b."""
        value = self._value(index)
        if type(value) is Op and value.op in _CHAINED:
            return self._starts(value.operands[1])
        return self._starts(index)

    def _starts(self, index: int) -> list[int]:
        found = []
        for module, item in code.elements(self._project, self._module, index):
            value = module.facts.values[item]
            if module is self._module and type(value) is Call:
                func = self._value(value.func)
                if type(func) is Attr and func.name in ("expand", "output"):  # mapped tasks: operator.partial(...).expand(...)
                    found.extend(self._starts(func.base) or [item])
                else:
                    found.append(item)
        return found

    def _value(self, index: int) -> Value:
        return self._module.facts.values[index]

    def _line(self, index: int) -> int:
        """The line of an expression: that of the last call in it."""
        value = self._value(index)
        below = [self._line(part) for part in value.operands] if type(value) is Op else [self._lines.get(index, 1)]
        return max(below, default=1)

    def _edges(self, before: Iterable[int], after: Iterable[int], line: int) -> Iterator[Declaration]:
        for one in before:
            for two in after:
                if one != two:
                    yield from order("airflow", self._module.path, self._job(one), self._job(two), self._path, line)

    def _dag(self, index: int) -> tuple[str, tuple[str, ...]]:
        """The name of a DAG and the files of all tasks in its file."""
        call, module = self._value(index), self._module
        assert type(call) is Call
        entry = code.declaring(self._project, module, call)
        name = code.text(self._project, module, code.given(call, entry, "name"))
        tasks = [self._job(other)[1] for other in self._lines if self._has_id(other)]
        return name or self._job(index)[0], merged([(module.path,), *tasks])

    def _has_id(self, index: int) -> bool:
        call = self._value(index)
        return type(call) is Call and keyword(call, "task_id") is not None

    def _job(self, index: int) -> tuple[str, tuple[str, ...]]:
        """The name of a task and the files that it runs, that of the DAG among them."""
        module, project, call = self._module, self._project, self._value(index)
        assert type(call) is Call
        name = next((t for key in ("task_id", "dag_id") if (t := code.text(project, module, keyword(call, key)))), "")
        files = [module.path, code.function(project, module, keyword(call, "python_callable")), code.function(project, module, call.func)]
        named: list[str] = []
        for key in _COMMANDS:
            for text in code.texts(project, module, keyword(call, key)):
                named.extend(scripts_in(project, text, folder_of(module.path)))
        target = project.resolver.target(module, call.func)
        if not name and type(target) is Defined and target in self._tasks:
            name = project.resolver.scope(target)[1].name
        return name or f"task on line {self._lines.get(index, 0)}", merged([files, named])


def _named(text: str) -> Identity | None:
    """An asset by its URI, else by its name."""
    return located(text) if "://" in text else Identity("dataset", ("airflow",), (text,)) if text else None


def _factory(project: Project, module: Module, name: str, dag: Node) -> Iterator[Declaration]:
    """A DAG of dag-factory."""
    folder = folder_of(module.path)
    tasks = {task.get("task_id").text() or key: task for key, task in dag.get("tasks").items()}
    jobs = {}
    for key, task in tasks.items():
        texts = [text for field in _FILES for text in task.get(field).texts()]
        found = merged([(path,) for text in texts if (path := script(project, text.lstrip("/"), folder))])
        jobs[key] = (key, found or merged(scripts_in(project, text, folder) for text in texts))
    for text in dag.get("schedule").texts():
        if "://" in text and (identity := located(text)) is not None:
            files = merged(files for _, files in jobs.values())
            yield Declaration("airflow", "consumes", identity, name, module.path, dag.get("schedule").line, files)
    for key, task in tasks.items():
        for field, role in (("inlets", "consumes"), ("outlets", "produces")):
            for text in task.get(field).texts():
                if (identity := _named(text)) is not None:
                    yield Declaration("airflow", role, identity, key, module.path, task.get(field).line, jobs[key][1])
        for earlier in task.get("dependencies").texts():
            if earlier in jobs:
                yield from order("airflow", f"{module.path}:{name}", jobs[earlier], jobs[key], module.path, task.get("dependencies").line)
