"""Where a pipeline goes over into another language: programs that it starts, scripts of other interpreters, bridges that it imports."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Span
from mldebt.findings import Location
from mldebt.project.artifacts.commandbook import after, load_commandbook
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.learners import load_learners
from mldebt.project.notebook_runs import is_aside
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.surroundings import load_surroundings
from mldebt.sources.model import Language, Role

COMPILED = "a compiled program"
_SET_UP = re.compile(
    r"install|devtools|roxygen|covr|testthat|lintr|\bcheck\b|remotes::|renv::|pak::|sessionInfo|--?version\b|--?help\b", re.IGNORECASE
)
_TARGET = re.compile(
    r"(?:^|[^a-z])(?:tests?|docs?|lint|check|install|setup|build|clean|deps|coverage|format|release|publish|figures?|paper)(?:[^a-z]|$)",
    re.IGNORECASE,
)
_PAGES = frozenset({"JavaScript", "TypeScript", "PHP", "Ruby"})  # a site beside the pipeline is no step of it
_NAME = re.compile(r"[\w.+-]{1,60}")
_SCRIPT = re.compile(r"\.[A-Za-z]{1,4}$")
_FAILURE = re.compile(r"(?:Error|Exception)$")  # to catch what fails on the other side is no step there
_LOGS = re.compile(r"log[-_]?rotat", re.IGNORECASE)
_HOLE = re.compile(r"[${\U00100000-\U0010ffff]")


class Crossing(msgspec.Struct, frozen=True):
    """One place where another language begins. `what` is the program, script or bridge."""

    language: str
    what: str
    location: Location
    confidence: float


class Crossings:
    """All of them, in path and line order. Tests, examples, documents, set-up and what only builds stay out."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = load_surroundings().languages
        self._book = load_commandbook()

    def all(self) -> Iterator[Crossing]:
        for one in self._project.artifact_runs.started:
            module = self._project.modules[one.command.path]
            if self._is_left_out(module) or (found := self._of(one.command)) is None:
                continue
            line = one.command.line
            yield Crossing(*found, self._project.location(module, Span(line, 1, line, 1)), 0.8 * _weight(module))
        for module in self._project.modules.values():
            if self._is_left_out(module):
                continue
            if module.is_python:
                yield from self._bridges(module)
            elif module.facts.commands:
                yield from self._commands(module)

    def _is_left_out(self, module: Module) -> bool:
        role = module.source.role
        left_out = module.source.language is Language.DOCUMENT or role is Role.LEGACY or is_demonstration(module)
        hidden = module.path.startswith(".") and "/workflows/" not in module.path and not module.path.startswith(".gitlab-ci")
        return (
            left_out
            or hidden
            or is_aside(module.path)
            or module.path.rpartition("/")[2] in ("setup.py", "tasks.py", "noxfile.py", "conf.py")
        )

    def _commands(self, module: Module) -> Iterator[Crossing]:
        beside = module.path in self._run_python
        for command in module.facts.commands:
            if (found := self._of(of_command(command, module.path))) is None or found[0] in _PAGES and not beside:
                continue
            rule = max((r for r in module.facts.rules if r.line <= command.line), key=lambda r: r.line, default=None)
            if rule is not None and any(_TARGET.search(target) for target in rule.targets):
                continue
            location = Location(self._project.notebook_of(module.path), command.line, 1, command.line, 1)
            yield Crossing(*found, location, 0.8 if beside else 0.45)

    @cached_property
    def _run_python(self) -> frozenset[str]:
        """Files with commands that run Python code of the project."""
        return frozenset(run.path for run in self._project.artifact_runs.all if run.script.endswith((".py", ".ipynb")))

    def _of(self, command: Ran) -> tuple[str, str] | None:
        """The language that a command goes over into, and the program or script."""
        words = unwrapped(command.words, self._book)
        if not words or any(_SET_UP.search(word) for word in words[1:3]):
            return None
        if language := self._by_ending(words[0]):
            return language, _shown(words[0])
        for program in self._names.programs:
            start = after(words, program.name)
            rest = " ".join(words[start:])
            if not start or len(words) == start or any(word.endswith(".py") for word in words[start:]):
                continue
            if not program.ends or any(
                end in words[start:] or end in rest and " " in end or self._ends(words[start:], end) for end in program.ends
            ):
                script = self._script(words[start:])
                return None if _LOGS.search(script) or self._is_tool(script) else (program.language, _shown(script) or program.name)
        return self._binary(words[0])

    def _is_tool(self, script: str) -> bool:
        """Whether it is an archive of what builds or checks the project, which is no step of it."""
        return script.endswith(".jar") and script.rpartition("/")[2].lower().startswith(self._names.tools)

    def _script(self, words: tuple[str, ...]) -> str:
        """The word that is run: one that ends as a script, else the first that is neither an option nor the value of one."""
        given = [(word, n > 0 and words[n - 1].startswith("-")) for n, word in enumerate(words) if not word.startswith("-")]
        endings = (self._is_script, lambda word: "://" not in word and _SCRIPT.search(word) is not None)
        named = (word for is_one in endings for word, _ in given if is_one(word))
        return next(named, next((word for word, valued in given if not valued), ""))

    def _is_script(self, word: str) -> bool:
        return self._ends((word,), ".jar") or bool(self._by_ending(word))

    def _ends(self, words: tuple[str, ...], end: str) -> bool:
        return end.startswith(".") and any(word.endswith(end) for word in words)

    def _by_ending(self, word: str) -> str:
        """A script of another interpreter that is run by its path."""
        ending = "." + word.rpartition(".")[2] if "." in word.rpartition("/")[2] else ""
        return next((p.language for p in self._names.programs if len(ending) > 1 and ending in p.ends and ending not in (".jar", ".r")), "")

    def _binary(self, word: str) -> tuple[str, str] | None:
        """A program that the project builds, or one that learns from a command line."""
        name = word.rpartition("/")[2]
        if name.endswith(".exe") and name not in self._names.windows:
            return COMPILED, name
        if name in self._built and ("/" in word or name in self._learners):
            return self._built[name], name
        return (COMPILED, name) if name in self._learners else None

    @cached_property
    def _built(self) -> dict[str, str]:
        """Programs that a Makefile or script of the project compiles, with their language."""
        found: dict[str, str] = {}
        for module in self._project.modules.values():
            if module.source.language not in (Language.MAKEFILE, Language.SHELL, Language.DOCKERFILE):
                continue
            for rule in module.facts.rules:
                if any(re.search(rf"(?:^|[\s;&@(])(?:\$\(\w*(?:CC|CXX|NVCC)\w*\)|{name})\s", rule.recipe) for name in self._compilers):
                    for target in rule.targets:
                        found.setdefault(target.rpartition("/")[2], self._source(" ".join((*rule.needs, rule.recipe))))
            for command in module.facts.commands:
                name = command.argv[0].rpartition("/")[2] if command.argv else ""
                if (name in self._compilers or "CXX" in name or name.endswith("CC)")) and "-o" in command.argv[:-1]:
                    target = command.argv[command.argv.index("-o") + 1].rpartition("/")[2]
                    found.setdefault(target, self._source(" ".join(command.argv)))
        return {name: language for name, language in found.items() if name and "." not in name.lstrip(".") and not _HOLE.search(name)}

    @cached_property
    def _compilers(self) -> tuple[str, ...]:
        return tuple(re.escape(name) for name in sorted(self._names.compilers - {"make", "cmake", "go", "cargo"}))

    def _source(self, text: str) -> str:
        endings = sorted(self._names.sources, key=lambda ending: (-len(ending), ending))
        return next((self._names.sources[e] for e in endings if re.search(re.escape(e) + r"(?!\w)", text)), COMPILED)

    @cached_property
    def _learners(self) -> frozenset[str]:
        return frozenset(name for learner in load_learners() for name in learner.names if " " not in name)

    @cached_property
    def _roots(self) -> frozenset[str]:
        return frozenset(name.partition(".")[0] for name in self._names.bridges)

    def _bridges(self, module: Module) -> Iterator[Crossing]:
        """Imports of packages that run another language inside."""
        imported: dict[str, list[int]] = defaultdict(list)
        roots = {i.module.split(".")[0] for i in module.facts.imports}
        if roots.isdisjoint(self._roots):
            return
        for number, item in enumerate(module.facts.imports):
            for name, language in self._names.bridges.items():
                if (item.target == name or item.target.startswith(f"{name}.")) and not _FAILURE.search(item.target):
                    if self._project.index.split(module.path, item.target) is None and roots.isdisjoint(
                        self._names.hosts.get(language, ())
                    ):
                        imported[name].append(number)
        for name, numbers in sorted(imported.items()):
            item = module.facts.imports[numbers[0]]
            confidence = (0.6 if item.optional else 0.8) * _weight(module)
            yield Crossing(self._names.bridges[name], name, self._project.location(module, item.span), confidence)


def _weight(module: Module) -> float:
    return 0.75 if module.source.language is Language.NOTEBOOK or module.source.role is Role.NOTEBOOK else 1.0


def _shown(word: str) -> str:
    name = word.rpartition("/")[2]
    return name if _NAME.fullmatch(name) else ""
