"""Which scripts of the project the committed commands run, and with what: workflows, pipelines, Makefiles, shell scripts, notebooks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

import msgspec

from mldebt.facts.model import Const
from mldebt.project.artifacts.commandbook import Launcher, after, load_commandbook
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.model import Hole, Run
from mldebt.project.artifacts.started import Started, StartedCommands
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language
from mldebt.sources.shell import folder

_SCRIPT = re.compile(r"\.(?:py|pyw|ipynb|sh|bash)$")
_OWN = "${0:h}"
_WORKSPACE = re.compile(
    r"^(?:\$\{\{\s*github\.workspace\s*\}\}|\$\{?(?:GITHUB_WORKSPACE|CI_PROJECT_DIR|PROJECT_ROOT|REPO_ROOT)\}?"
    r"|\$\(git rev-parse --show-toplevel\))(?=/|$)"
)
_HOLED = re.compile(r"[${`~<*\U00100000-\U0010ffff]")
_ENTRY = re.compile(r"\s*([\w.-]+)\s*=\s*([\w.]+)\s*:\s*[\w.]+\s*+(?:\[.*\]\s*+)?")
_AT_ROOT = re.compile(r"(?:^|/)(?:\.github/workflows/|\.gitlab-ci|\.circleci/|\.buildkite/|azure-pipelines|cloudbuild|\.taskcluster)")
_GIVEN_NAME = re.compile(r"(?:\./)?[\U00100000-\U0010ffff]")  # a program that is one hole
_GIVEN = frozenset(str(number) for number in range(1, 10))


class Place(msgspec.Struct, frozen=True):
    """A script that a command names, and the folder that the command then runs in, both from the root."""

    path: str
    cwd: str


class Scripts:
    """Finds the scripts of the project that words of commands name."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path in self._project.modules:
            if _SCRIPT.search(path):
                found[path.rsplit("/", 1)[-1]].append(path)
        return dict(found)

    def find(self, word: str, source: str, cwd: str = "") -> Place | None:
        """The script that a path means in a command of the file `source`: from where it may start, else by its unique end."""
        word, cwd = _WORKSPACE.sub(".", word), _WORKSPACE.sub("", cwd)
        for start in starts(source, cwd):
            path = folder(start, word.replace(_OWN, own(source) or "."))
            if path in self._project.modules:
                return Place(path, start)
        if cwd and not _HOLED.search(word) and not any(self._is_folder(start) for start in starts(source, cwd)):
            for start in ("", own(source)):  # the folder is in an image or a clone: of this project, if anything is
                if (path := folder(start, word)) in self._project.modules and not word.startswith("/"):
                    return Place(path, start)
        return self._ending(word, source, cwd)

    def package(self, word: str, source: str, cwd: str = "") -> Place | None:
        """The `__main__.py` of a folder that is run."""
        for start in starts(source, cwd):
            if (path := folder(start, f"{word.rstrip('/')}/__main__.py")) in self._project.modules:
                return Place(path, start)
        return None

    def _is_folder(self, path: str) -> bool:
        return any(known.startswith(f"{path}/") for known in self._project.modules)

    def _ending(self, word: str, source: str, cwd: str) -> Place | None:
        known = [part for part in word.split("/") if part not in ("", ".", "..")]
        while any(_HOLED.search(part) for part in known):
            known.pop(0)
        if not known:
            return None
        rooted = word.startswith("/") or _HOLED.search(word) is not None
        for start in range(len(known) if rooted else 1):
            end = "/".join(known[start:])
            found = [path for path in self._by_name.get(known[-1], ()) if path == end or path.endswith("/" + end)]
            near = [path for path in found if path.startswith(own(source) + "/")] if len(found) > 1 else found
            if len(near) == 1:
                outer = word[: -len(near[0])].rstrip("/") if word.endswith("/" + near[0]) else None
                if outer is not None:
                    return Place(near[0], cwd.removeprefix(outer).strip("/") if cwd.startswith(outer) else "")
                return Place(near[0], near[0].removesuffix(end).rstrip("/") if not rooted else "")
            if found:
                return None
        return None

    def module(self, dotted: str, source: str, cwd: str = "") -> Place | None:
        """The file of `python -m dotted`. A single name may be any package: only a file just there is meant."""
        if _HOLED.search(dotted):
            return None
        path = dotted.replace(".", "/")
        for word in (f"{path}/__main__.py", f"{path}.py"):
            for start in starts(source, cwd):
                for below in (start, folder(start, "src")):
                    if (found := folder(below, word)) in self._project.modules:
                        return Place(found, start)
        return self._ending(f"{path}.py", source, cwd) or self._ending(f"{path}/__main__.py", source, cwd) if "." in dotted else None

    @cached_property
    def consoles(self) -> dict[str, str]:
        """Scripts that are installed under a name of their own."""
        found: dict[str, str] = {}
        for module in self._project.modules.values():
            for name, dotted in _entry_points(module):
                place = self.module(dotted, module.path) or self._ending(dotted.replace(".", "/") + "/__init__.py", module.path, "")
                if place is not None:
                    found.setdefault(name, place.path)
        return found


def own(source: str) -> str:
    """The folder of a file; a file in `.github` and the like belongs to the root."""
    return source.rpartition("/")[0]


def starts(source: str, cwd: str) -> tuple[str, ...]:
    """The folders that a command of the file may run in, the likeliest first."""
    if cwd.startswith(_OWN):
        return (folder(own(source), cwd.removeprefix(_OWN).lstrip("/") or "."),)
    if _HOLED.search(cwd) or cwd.startswith("/"):
        return ()
    here = own(source)
    above = ["/".join(here.split("/")[:end]) for end in range(here.count("/"), 0, -1)] if here else []
    order = ["", here, *above] if _AT_ROOT.search(source) else [here, "", *above]
    return tuple(dict.fromkeys(path for start in order if not (path := folder(start, cwd)).startswith("..")))


def _entry_points(module: Module) -> Iterable[tuple[str, str]]:
    """(name, dotted module) of the console scripts that a packaging file declares."""
    name = module.path.rsplit("/", 1)[-1]
    if name == "pyproject.toml":
        for leaf in module.facts.settings:
            if leaf.keys[:-1] in (("project", "scripts"), ("tool", "poetry", "scripts")) and isinstance(leaf.value, str):
                yield leaf.keys[-1], leaf.value.partition(":")[0].strip()
    lines: list[str] = []
    if name == "setup.cfg":
        lines = [line for leaf in module.facts.settings if leaf.keys[-1] == "console_scripts" for line in str(leaf.value).splitlines()]
    elif name == "setup.py":
        values = [value.value for value in module.facts.values if type(value) is Const]
        lines = [line for value in values if isinstance(value, str) and ":" in value for line in value.splitlines()]
    for line in lines:
        if match := _ENTRY.fullmatch(line):
            yield match[1], match[2]


class Runs:
    """The runs of a project. `all` has them in path and line order; `by_script` by what they run."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._book = load_commandbook()
        self.scripts = Scripts(project)

    @cached_property
    def all(self) -> tuple[Run, ...]:
        """Every run. A shell script is listed once for each way in which it is itself run, as far as its arguments matter."""
        found = [run for command in self._known for variant in self.variants(command) if (run := self.of(variant)) is not None]
        found += [handed for run in found if (handed := self._handed_on(run)) is not None]
        return tuple(sorted(dict.fromkeys(found), key=lambda run: (run.path, run.line)))

    def _handed_on(self, run: Run) -> Run | None:
        """The run that a script makes of its own arguments, where it starts what it is given: `parallel.py -j 4 convert.py a b`."""
        files = {run.script, *self._project.imported_by_file.get(run.script, ())}
        for at, word in enumerate(run.argv):
            text = word[0] if len(word) == 1 and isinstance(word[0], str) else ""
            if _SCRIPT.search(text) and not self._launches.isdisjoint(files):
                place = self.scripts.find(text, run.path, run.cwd)
                if place is not None and place.path not in files:
                    return Run(place.path, run.argv[at + 1 :], run.path, run.line, place.cwd)
        return None

    @cached_property
    def _launches(self) -> frozenset[str]:
        """Files that start a program or script whose name they are given."""
        found = [(one.command.path, self._program(unwrapped(one.command.words, self._book))) for one in self.started]
        return frozenset(path for path, program in found if _GIVEN_NAME.fullmatch(program))

    def _program(self, words: tuple[str, ...]) -> str:
        """The first word, or the one behind `python`."""
        for launcher in self._book.launchers if words else ():
            if at := next((end for name in launcher.names if (end := after(words, name, launcher.values))), 0):
                return next((word for word in words[at:] if not word.startswith("-")), "")
        return words[0] if words else ""

    @cached_property
    def started(self) -> tuple[Started, ...]:
        """The commands that Python code starts."""
        return StartedCommands(self._project).all

    @cached_property
    def _known(self) -> tuple[Ran, ...]:
        """All commands but those of documents, which readers may run, and of lock files, which say what has been run."""
        committed = tuple(
            of_command(command, module.path)
            for module in self._project.modules.values()
            if module.source.language is not Language.DOCUMENT and not module.path.endswith("dvc.lock")
            for command in module.facts.commands
            if command.argv
        )
        return (*committed, *(one.command for one in self.started))

    @cached_property
    def _callers(self) -> dict[str, list[Run]]:
        """The runs of each shell script."""
        found: dict[str, list[Run]] = defaultdict(list)
        for command in self._known:
            if (run := self.of(command)) is not None and not run.script.endswith((".py", ".ipynb", ".pyw")):
                found[run.script].append(run)
        return dict(found)

    def variants(self, command: Ran) -> tuple[Ran, ...]:
        """A command of a shell script once for each way in which the script is run, `$1` filled in; any other as it is."""
        runs = self._callers.get(command.path, ())
        wanted = {part.name for word in command.words for part in command.value(word) if type(part) is Hole and part.name in _GIVEN}
        return tuple(_given(command, run) for run in runs) if runs and wanted else (command,)

    @cached_property
    def by_script(self) -> dict[str, tuple[Run, ...]]:
        """The runs of each script."""
        found: dict[str, list[Run]] = defaultdict(list)
        for run in self.all:
            found[run.script].append(run)
        return {script: tuple(runs) for script, runs in sorted(found.items())}

    def of(self, command: Ran) -> Run | None:
        """The run of a project's script that a command is, if it is one."""
        words = unwrapped(command.words, self._book)
        if not words:
            return None
        for launcher in self._book.launchers:
            at = next((end for name in launcher.names if (end := after(words, _versioned(words[0], name), launcher.values))), 0)
            if at:
                return self._launched(command, words, at, launcher)
        if _SCRIPT.search(words[0]) and (place := self.scripts.find(words[0], command.path, command.cwd)) is not None:
            return self._run(command, place, words[1:])
        if (path := self.scripts.consoles.get(words[0].rsplit("/", 1)[-1])) is not None:
            start = next(iter(starts(command.path, command.cwd)), "")
            return self._run(command, Place(path, start), words[1:])
        return None

    def _launched(self, command: Ran, words: tuple[str, ...], at: int, launcher: Launcher) -> Run | None:
        while at < len(words):
            word = words[at]
            if word in launcher.module and at + 1 < len(words):
                place = self.scripts.module(words[at + 1], command.path, command.cwd)
                if place is None and _runs_another(words[at + 1 :]):  # python -m torch.distributed.launch x.py
                    at += 2
                    continue
                return self._run(command, place, words[at + 2 :]) if place is not None else None
            if word == "-c" and launcher.module:
                return None
            if word.startswith("-"):
                at += 2 if word in launcher.values else 1
            elif launcher.object:
                place = self.scripts.module(word.partition(":")[0], command.path, command.cwd)
                return self._run(command, place, words[at + 1 :]) if place is not None else None
            elif (place := self._operand(word, command, launcher)) is not None:
                return self._run(command, place, words[at + 1 :])
            elif words[at - 1].startswith("-") and "=" not in words[at - 1]:  # perhaps the value of an option that is not known
                at += 1
            else:
                return None
        return None

    def _operand(self, word: str, command: Ran, launcher: Launcher) -> Place | None:
        if _SCRIPT.search(word):
            return self.scripts.find(word, command.path, command.cwd)
        return self.scripts.package(word, command.path, command.cwd) if "-m" in launcher.module else None

    def _run(self, command: Ran, place: Place, words: tuple[str, ...]) -> Run:
        return Run(place.path, tuple(command.value(word) for word in words), command.path, command.line, place.cwd)


def _versioned(word: str, name: str) -> str:
    """`python3.11` for `python3`, so that any version of an interpreter is one."""
    own_name = word.rsplit("/", 1)[-1]
    return own_name if name == "python3" and re.fullmatch(r"python\d\.\d\w*", own_name) else name


def _runs_another(words: tuple[str, ...]) -> bool:
    """Whether the module after `-m` is one that runs a script: `torch.distributed.launch`, `cProfile` ..."""
    return any(word.endswith(".py") for word in words[1:])


def _given(command: Ran, run: Run) -> Ran:
    holes: list[Hole] = []
    words: list[str] = []
    for word in command.words:
        pieces: list[str] = []
        for part in command.value(word):
            number = int(part.name) - 1 if type(part) is Hole and part.name in _GIVEN else -1
            for piece in run.argv[number] if 0 <= number < len(run.argv) else (part,):
                if type(piece) is Hole:
                    pieces.append(chr(0x100000 + len(holes)))
                    holes.append(piece)
                else:
                    pieces.append(piece)
        words.append("".join(pieces))
    return msgspec.structs.replace(command, words=tuple(words), holes=tuple(holes), shell=False)


def runs(project: Project) -> tuple[Run, ...]:
    """Every committed command that runs a script of the project, in path and line order."""
    return project.artifact_runs.all
