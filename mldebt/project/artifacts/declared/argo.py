"""Workflow manifests (Argo, compiled Kubeflow pipelines, Tekton): which step waits for which, and what it runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from mldebt.facts.model import Setting
from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.declared.places import folder_of, merged, scripts_in
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration
from mldebt.project.project import Module, Project

_APIS = ("argoproj.io/", "tekton.dev/")
_Job = tuple[str, tuple[str, ...]]


def declarations(project: Project) -> Iterator[Declaration]:
    for module, documents in tree.files(project, lambda path: path.endswith((".yaml", ".yml")), _is_manifest):
        for document in documents:
            if document.get("apiVersion").text().startswith(_APIS):
                yield from _manifest(project, module, document)


def _is_manifest(leaf: Setting) -> bool:
    return leaf.keys == ("apiVersion",) and str(leaf.value).startswith(_APIS)


def _manifest(project: Project, module: Module, document: Node) -> Iterator[Declaration]:
    runs = {t.get("name").text(): _files(project, module, t) for templates in document.walk("templates") for t in templates.elements()}
    for dag in document.walk("dag"):
        yield from _tasks(project, module, dag.get("tasks"), runs)
    for spec in (document.get("spec"), document.get("spec", "pipelineSpec")):
        yield from _tasks(project, module, spec.get("tasks"), runs)
    for steps in document.walk("steps"):
        rows = [[_job(project, module, step, runs) for step in row.elements()] for row in steps.elements() if row.is_list()]
        for earlier, later in pairwise(rows):
            for one in earlier:
                for two in later:
                    yield from order("argo", module.path, one, two, module.path, steps.line)


def _tasks(project: Project, module: Module, tasks: Node, runs: dict[str, tuple[str, ...]]) -> Iterator[Declaration]:
    jobs = {task.get("name").text(): _job(project, module, task, runs) for task in tasks.elements()}
    for task in tasks.elements():
        needs = [*task.get("dependencies").texts(), *task.get("runAfter").texts(), *_words(task.get("depends").text())]
        for value in (leaf for key in ("from", "value") for node in task.walk(key) for leaf in node.texts()):
            needs += [name for name in jobs if f"tasks.{name}." in value]
        for name in sorted(set(needs) & set(jobs) - {task.get("name").text()}):
            yield from order("argo", module.path, jobs[name], jobs[task.get("name").text()], module.path, task.line)


def _words(expression: str) -> list[str]:
    """The tasks in `(a && b.Succeeded) || c`."""
    for sign in "()&|!":
        expression = expression.replace(sign, " ")
    return [word.partition(".")[0] for word in expression.split()]


def _job(project: Project, module: Module, task: Node, runs: dict[str, tuple[str, ...]]) -> _Job:
    return task.get("name").text(), merged([runs.get(task.get("template").text(), ()), _files(project, module, task)])


def _files(project: Project, module: Module, node: Node) -> tuple[str, ...]:
    """The project's files that the commands, arguments and scripts of a step name."""
    texts = [text for key in ("command", "args", "source", "script") for found in node.walk(key) for text in found.texts()]
    return scripts_in(project, "\n".join((" ".join(texts), *texts)), folder_of(module.path)) if texts else ()
