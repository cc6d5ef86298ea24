"""Notebooks that something runs without a person: jobs, containers and services; and production code that leans on prototype folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Name, Span
from mldebt.findings import Location
from mldebt.project.artifacts.commandbook import after, load_commandbook
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.surroundings import load_surroundings
from mldebt.sources.model import Language, Role

_WORKFLOW = re.compile(r"(?:^|/)\.github/workflows/|(?:^|/)\.gitlab-ci|(?:^|/)\.circleci/|azure-pipelines|(?:^|/)buildspec|(?:^|/)\.travis")
_CHECKED = re.compile(
    r"(?:^|[^a-z])(?:tests?|testing|docs?|lint|check|examples?|tutorials?|samples?|demos?|gallery|benchmarks?|nbmake|html|site|smoke|pr|render|template)(?:[^a-z]|$)",
    re.IGNORECASE,
)
_PARAMETER = re.compile(r"[$][({]{0,3}\s*([\w.-]+)")
_HOLED = re.compile(r"[${\U00100000-\U0010ffff]")
_ASKS = ("pull_request", "pull_request_target", "merge_request_event")
_MODEL = re.compile(
    r"\.(?:pkl|pickle|joblib|h5|hdf5|keras|pt|pth|ckpt|onnx|bin|model|cbm|safetensors|tflite|pb|sav|json\.model)$", re.IGNORECASE
)


class NotebookRun(msgspec.Struct, frozen=True):
    """Something of production that needs a notebook. `kind`: command, task, call, import, model."""

    kind: str
    notebook: str  # as it is written; empty when it is given from outside
    location: Location
    confidence: float
    where: Location | None = None  # of the notebook that saves a model
    parameter: str = ""  # that names the notebook


class NotebookRuns:
    """All of them, in path and line order. What executes notebooks to test or to publish them stays out."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = load_surroundings().notebooks
        self._book = load_commandbook()

    def all(self) -> Iterator[NotebookRun]:
        for module in self._project.modules.values():
            language = module.source.language
            if is_demonstration(module) or module.source.role is Role.LEGACY or language is Language.DOCUMENT or self._is_check(module):
                continue
            if module.is_python:
                if self._is_production(module):
                    yield from self._imports(module)
            else:
                yield from self._commands(module)
                yield from self._tasks(module)
        yield from self._calls()
        for one in self._project.artifact_runs.started:
            module = self._project.modules[one.command.path]
            if self._is_production(module) and (named := self._ran(one.command)) is not None:
                place = self._project.location(module, Span(one.command.line, 1, one.command.line, 1))
                yield NotebookRun("call", named[0], place, 0.75 if named[0] else 0.5, parameter=named[1])
        if not self._project.partial:  # a script that saves the model too may not have been read
            yield from self._models()

    def _is_check(self, module: Module) -> bool:
        """Whether a workflow or target runs for a change that is asked for, or is named after tests and documents."""
        if is_aside(module.path):
            return True
        if not _WORKFLOW.search(module.path):
            return False
        return any(
            leaf.keys[0] in ("on", "True", "true") and (leaf.value in _ASKS or any(key in _ASKS for key in leaf.keys))
            for leaf in module.facts.settings
        )

    def _commands(self, module: Module) -> Iterator[NotebookRun]:
        for command in module.facts.commands:
            ran = of_command(command, module.path)
            if not ran.words or (named := self._ran(ran)) is None:
                continue
            notebook, parameter = named
            rule = max((r for r in module.facts.rules if r.line <= command.line), key=lambda r: r.line, default=None)
            if rule is not None and any(_CHECKED.search(t) or "nbconvert" in t or t.endswith((".html", ".md")) for t in rule.targets):
                continue
            location = Location(self._project.notebook_of(module.path), command.line, 1, command.line, 1)
            sure = self._confidence(module) - (0 if notebook or not _by_hand(module) else 0.1)
            yield NotebookRun("command", notebook, location, sure, parameter=parameter)

    def _confidence(self, module: Module) -> float:
        """A job or a container runs by itself; a script or a target perhaps by hand."""
        if _by_hand(module):
            return 0.8 if module.path in self._run_by_jobs else 0.6
        return 0.85

    @cached_property
    def _run_by_jobs(self) -> frozenset[str]:
        return frozenset(
            run.script
            for run in self._project.artifact_runs.all
            if self._project.modules[run.path].source.language not in (Language.SHELL, Language.MAKEFILE, Language.NOTEBOOK)
            and not self._is_check(self._project.modules[run.path])
        )

    def _ran(self, command: Ran) -> tuple[str, str] | None:
        """The notebook that a command runs: its path, or "" and the parameter that names it where that is given from outside."""
        words = unwrapped(command.words, self._book)
        if not words:
            return None
        if words[0].rpartition("/")[2].startswith("python") and "-m" in words[:-1]:
            at = words.index("-m") + 1
            if words[at] not in self._names.modules:
                return None
            words = (words[at].partition(".")[0], *words[at + 1 :])
        for runner in self._names.commands:
            start = after(words, runner.name)
            if start and (not runner.needs or any(word.endswith(need) for word in words[start:] for need in runner.needs)):
                given = [word for word in words[start:] if not word.startswith("-")]
                notebook = next((word for word in given if word.endswith(".ipynb") or _HOLED.search(word)), "")
                if not given or is_aside(notebook):
                    return None
                if notebook and not _HOLED.search(notebook):
                    return notebook, ""
                return "", next((names[-1] for word in given if (names := _PARAMETER.findall(word))), "")
        return None

    def _tasks(self, module: Module) -> Iterator[NotebookRun]:
        """`notebook_task: {notebook_path: ...}` of a job; `type: DatabricksNotebook`."""
        if module.source.language not in (Language.YAML, Language.JSON):
            return
        seen: set[tuple[str, ...]] = set()
        tasks = self._names.tasks
        for leaf in module.facts.settings:
            typed = leaf.keys[-1] == "type" and leaf.value in tasks
            if not typed and tasks.isdisjoint(leaf.keys):
                continue
            key = next((n for n, key in enumerate(leaf.keys) if key in tasks), -1)
            typed = typed and key < 0
            group = leaf.keys[:-1] if typed else leaf.keys[: key + 1]
            if group in seen:
                continue
            path = leaf.value if not typed and leaf.keys[-1] in ("notebook_path", "notebookPath") else ""
            if typed or path:
                seen.add(group)
                yield NotebookRun("task", str(path), Location(module.path, leaf.line, 1, leaf.line, 1), 0.85)

    def _calls(self) -> Iterator[NotebookRun]:
        for last in sorted({name.rpartition(".")[2] for name in (*self._names.functions, *self._names.operators)}):
            for module, site, call in self._project.called.get(last, ()):
                if not self._is_production(module):
                    continue
                target = self._project.resolver.callee(module, call)
                dotted = callee_name(target) if target is not None else _written(module, call)
                if dotted not in self._names.functions and last not in self._names.operators:
                    continue
                texts = [module.facts.values[index] for index in (*call.args[:2], *(value for _, value in call.keywords))]
                notebook = next((v.value for v in texts if type(v) is Const and isinstance(v.value, str) and _is_notebook(v.value)), "")
                if not is_aside(notebook):
                    sure = last in self._names.operators or self._project.world.exposure(module) in ("scheduled", "serving")
                    confidence = 0.85 if sure else 0.7 if notebook else 0.5
                    yield NotebookRun("call", notebook, self._project.location(module, site.span), confidence)

    def _is_production(self, module: Module) -> bool:
        """Whether it is Python that is neither a test, a demonstration nor a prototype."""
        code = module.source.language is Language.PYTHON and module.source.role is Role.CODE
        return code and not is_demonstration(module) and not is_aside(module.path)

    def _imports(self, module: Module) -> Iterator[NotebookRun]:
        """Code outside of prototype folders that imports a file inside one."""
        if self._inside(module.path):
            return
        for item in module.facts.imports:
            split = self._project.index.split(module.path, item.target) or self._project.index.split(module.path, item.module)
            if split is not None and (folder := self._inside(split[0])) and split[0] in self._project.modules and not item.optional:
                if self._project.modules[split[0]].source.language is Language.PYTHON and not split[0].endswith("__init__.py"):
                    yield NotebookRun("import", split[0], self._project.location(module, item.span), 0.75 if folder else 0.0)

    def _inside(self, path: str) -> str:
        return next((part for part in path.split("/")[:-1] if part.lower() in self._names.folders), "")

    def _models(self) -> Iterator[NotebookRun]:
        """Models that a service or a job loads and that only notebooks save."""
        for artifact in self._project.artifacts.artifacts:
            name = label(artifact.identity)
            writers = [*artifact.writers, *(edge.writer for edge in artifact.edges)]
            if not writers or not _MODEL.search(name) or not all(self._is_notebook(writer) for writer in writers):
                continue
            writer = min(writers, key=lambda access: access.place)
            if is_demonstration(self._project.modules[writer.place.path]):
                continue
            for reader in {reader.place.path: reader for reader in reversed(artifact.readers)}.values():
                module = self._project.modules.get(reader.place.path)
                if module is None or module.source.language is not Language.PYTHON or is_demonstration(module):
                    continue
                if self._project.world.exposure(module) in ("serving", "scheduled"):
                    place = self._project.place(writer.place, "saved here")
                    confidence = round(0.8 * min(reader.certainty, writer.certainty), 3)
                    yield NotebookRun("model", name, self._project.place(reader.place), confidence, place)

    def _is_notebook(self, access: Access) -> bool:
        module = self._project.modules.get(access.place.path)
        return module is not None and module.source.language is Language.NOTEBOOK


def _by_hand(module: Module) -> bool:
    return module.source.language in (Language.SHELL, Language.MAKEFILE)


def _written(module: Module, call: Call) -> str:
    """`a.b.c` as it is written."""
    names: list[str] = []
    value = module.facts.values[call.func]
    while type(value) is Attr and len(names) < 6:
        names.append(value.name)
        value = module.facts.values[value.base]
    first = value.name if type(value) is Name or type(value) is Bound else ""
    return ".".join([first.removeprefix("builtins.").removeprefix("?."), *reversed(names)])


def _is_notebook(text: str) -> bool:
    return text.endswith(".ipynb") or text.startswith(("/Repos/", "/Users/", "/Shared/", "/Workspace/", "./"))


def is_aside(path: str) -> bool:
    """Whether a file or notebook is there to be tested or read."""
    return bool(_CHECKED.search(path.rpartition("/")[2])) or any(_CHECKED.fullmatch(part) for part in path.split("/"))
