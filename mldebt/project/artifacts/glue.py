"""Chains of commands in one script: which command makes a file that a later one takes, and whether anybody looks at its exit code."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Command
from mldebt.project.artifacts.commandbook import load_commandbook
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.relations import silent_edges
from mldebt.project.artifacts.templates import text
from mldebt.project.project import Project
from mldebt.sources.model import Language

_FILE = re.compile(r"(?:[^\s:=]*/)?[^\s/:=]*[^\s/:=.]\.[A-Za-z][\w.]{0,11}|[^\s:=]+/[^\s:=]+|\{\w*(?:FILE|PATH|OUT|DIR)\w*\}", re.ASCII)
_CODE = re.compile(
    r"\.(?:py|sh|bash|ipynb|c|cc|cpp|cu|h|java|jar|js|exe|so|R|r|pl|rb|go|deb|whl|rpm|md|toml|ya?ml|cfg|ini|lock|pem|key|crt|csr|cert)$"
)
_REMOTE = re.compile(r"[A-Za-z][\w+.-]*://|[\w.-]+@[\w.-]+:|--?\w")
_OUT = re.compile(r"--?(?:o|target|dump)\b|--?[\w-]*(?:out(?:put|file)?|results?|save|dest)(?:[-_][\w-]*)?$")
_MAKERS = 8  # of one file that are looked at: a generated script may make it thousands of times


class Step(msgspec.Struct, frozen=True):
    """A command whose failure nobody notices, with the files that it takes and makes."""

    command: Ran
    script: str  # of the project, that it runs
    takes: frozenset[str]
    makes: frozenset[str]


class Chain(msgspec.Struct, frozen=True):
    """Steps of one script that pass files on."""

    path: str
    steps: tuple[Step, ...]  # those that make or take a file of another step
    passed: tuple[tuple[int, int, str], ...]  # places of the maker and the taker among the steps, and what is passed


class Glue:
    """The chains of a project, by the path of the script."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._runs = project.artifact_runs
        self._book = load_commandbook()

    def chains(self) -> Iterator[Chain]:
        """The chains of each shell script that does not stop at a failure, and of each Python file that ignores the results."""
        by_path: dict[str, list[Ran]] = defaultdict(list)
        for module in self._project.modules.values():
            if module.source.language is Language.SHELL and not module.is_test and not _stops(module.facts.commands):
                by_path[module.path] = [of_command(command, module.path) for command in module.facts.commands if command.argv]
        for one in self._runs.started:
            if not one.checked:
                by_path[one.command.path].append(one.command)
        for path in sorted(by_path):
            chain = self._chain(path, by_path[path])
            if chain.passed:
                yield chain

    def _chain(self, path: str, commands: list[Ran]) -> Chain:
        steps: list[Step] = []
        named: set[str] = set()
        for command in commands:
            if (step := self._step(command, named)) is not None:
                steps.append(step)
                named |= step.takes | step.makes
        passed: list[tuple[int, int, str]] = []
        makers: dict[str, list[int]] = defaultdict(list)
        runs: dict[str, list[int]] = defaultdict(list)
        for later, step in enumerate(steps):
            near = {place for name in step.takes for place in makers[name][-_MAKERS:]}
            near |= {place for script in self._writers.get(step.script, ()) for place in runs[script][-_MAKERS:]}
            for earlier in sorted(near):
                before = steps[earlier]
                if before.command.line != step.command.line:
                    common = sorted(before.makes & step.takes)
                    passed.append((earlier, later, common[0] if common else self._exchanged(before.script, step.script)))
            for name in step.makes:
                makers[name].append(later)
            runs[step.script].append(later)
        used = sorted({place for earlier, later, _ in passed for place in (earlier, later)})
        number = {place: at for at, place in enumerate(used)}
        return Chain(path, tuple(steps[place] for place in used), tuple((number[a], number[b], name) for a, b, name in passed))

    def _step(self, command: Ran, named: set[str]) -> Step | None:
        """What a command takes and makes. What a program does is not known: what nobody named before is made, but for its first file."""
        words = unwrapped(command.words, self._book)
        if not words or words[0].rpartition("/")[2] in self._book.aside:
            return None
        run = self._runs.of(command)
        shown = [text(command.value(word)) for word in words[1:]]
        makes = {text(command.value(word)) for word in (*command.output, *command.appended)}
        takes = {text(command.value(word)) for word in command.given}
        first = not makes
        for before, word in zip(["", *shown], shown, strict=False):
            value = word.rpartition("=")[2] if word.startswith("-") else word
            if not _is_file(value):
                continue
            if _OUT.match(word.partition("=")[0] if word.startswith("-") else before):
                makes.add(value)
            elif value in named or first or makes and command.output:
                takes.add(value)
            else:
                makes.add(value)
            first = False
        return Step(command, run.script if run is not None else "", frozenset(takes), frozenset(makes - takes))

    @cached_property
    def _between(self) -> dict[tuple[str, str], str]:
        from mldebt.project.artifacts.identity import label

        found: dict[tuple[str, str], str] = {}
        for artifact in self._project.artifacts.artifacts:
            for edge in silent_edges(self._project, artifact):
                found.setdefault((edge.writer.place.path, edge.reader.place.path), label(artifact.identity))
        return found

    @cached_property
    def _writers(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for writer, reader in self._between:
            found[reader].append(writer)
        return found

    def _exchanged(self, writer: str, reader: str) -> str:
        """An artifact that one script of the project writes and another reads, with nothing that declares it; else empty."""
        return self._between.get((writer, reader), "") if writer and reader else ""


def _is_file(word: str) -> bool:
    return bool(_FILE.fullmatch(word)) and not _CODE.search(word) and not _REMOTE.match(word) and not word.startswith("/dev/")


def _stops(commands: Iterable[Command]) -> bool:
    """Whether a script stops at the first failure: `set -e`."""
    options = (word for command in commands if command.argv[:1] == ("set",) for word in command.argv[1:])
    return any(word == "errexit" or re.fullmatch(r"-[a-z]*e[a-z]*", word) for word in options)
