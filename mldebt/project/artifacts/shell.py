"""What commands read, write and copy: `cp`, `aws s3 cp`, `curl -o`, redirections, `COPY` of an image, kept files of a workflow."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.facts.model import Span
from mldebt.project.artifacts.commandbook import Mover, Parts, after, chosen, load_commandbook, taken_apart
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.identity import of_path, of_table
from mldebt.project.artifacts.learners import Program, learning, load_learners
from mldebt.project.artifacts.model import Access, Identity, Place, Template
from mldebt.project.artifacts.opaque import Operand, Unknown, names, options_of
from mldebt.project.artifacts.published import steps
from mldebt.project.artifacts.runs import own, starts
from mldebt.project.artifacts.templates import join_path, parse
from mldebt.project.project import Project
from mldebt.sources.model import Language
from mldebt.sources.shell import folder

_CODE = re.compile(
    r"\.(?:py|sh|bash|ipynb|c|cc|cpp|h|go|java|js|ts|deb|whl|rpm|service|conf|lock|mod|sum|Dockerfile)$"
    r"|(?:^|/)(?:Dockerfile|Makefile|Pipfile|requirements[\w.-]*\.txt|environment\.ya?ml|package(?:-lock)?\.json|pyproject\.toml|setup\.cfg|\.\w+)$"
)
_SYSTEM = re.compile(r"/(?:etc|usr|proc|sys|dev|bin|sbin|boot|run)(?:/|$)|~/\.|\$\{?GITHUB_(?:OUTPUT|ENV|STEP_SUMMARY|PATH)\b")
_FILLED = re.compile(r"\$?\{\{[^{}]*\}\}|\$\([^()]*\)|\$\{[^{}]*\}")
_ODD = re.compile(r"[ \n(\[\"']")
_PROGRAM = re.compile(r"(?:[\w.+-]*/)*[\w+-][\w.+-]*(?<!\.py)(?<!\.sh)")
_EXTENSION = re.compile(r"\.[A-Za-z0-9*]{1,9}$")
_REMOTE = re.compile(r"[A-Za-z][\w+.-]*:/|[\w.-]+@[\w.-]+:")
_STREAMS = frozenset({"-", "", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", ".", "..", "./", "*"})

Copy = tuple[Access, Access]


class Moves:
    """Accesses and copies of the committed commands, then of those that Python code starts; tests and documents left out.

    With `by_hand`, of the commands that documents tell people to run instead.
    """

    def __init__(self, project: Project, *, by_hand: bool = False) -> None:
        self._project = project
        self._runs = project.artifact_runs
        self._book, self._learners = load_commandbook(), load_learners()
        self._by_hand = by_hand
        self.accesses: list[Access] = []
        self.copies: list[Copy] = []
        self.programs: list[Program] = []  # that learn or predict
        self.unknown: list[Unknown] = []  # programs that nobody knows
        self._first: dict[tuple[str, str], int] = {}  # the first line of a file that gives a program the word
        for module in project.modules.values():
            if (module.source.language is Language.DOCUMENT) != by_hand or module.is_test or module.path.endswith("dvc.lock"):
                continue
            for command in module.facts.commands:
                for variant in self._runs.variants(of_command(command, module.path)) if command.argv else ():
                    self.add(variant)
            for pair in steps(module, self._book.actions):
                self._keep([pair[0]], [pair[1]], copied=True)
        for one in () if by_hand else self._runs.started:
            self.add(one.command)

    def add(self, command: Ran) -> None:
        """What one command touches; also for commands that Python code starts."""
        words = unwrapped(command.words, self._book)
        given = self._files(command, words[:1], "read", command.given)
        output = self._files(command, words[:1], "write", command.output, "overwrite")
        output += self._files(command, words[:1], "write", command.appended, "append")
        if words and words[0] == "COPY":
            self._image(command, words)
        elif words and words[0] == "tar":
            self._tar(command, words)
        elif (found := self._mover(words)) is not None:
            mover, at = found
            self._moved(
                command, mover, " ".join(words[:1] + tuple(word for word in words[1:at] if not word.startswith("-"))), words[at:], output
            )
        elif not self._by_hand and words and not self._learned(command, words, given, output):
            self._unknown(command, words, redirected=bool(output))
        self._keep(given, output, copied=bool(words) and words[0] in ("cat", "tee"))
        for word in words if words and words[0] not in self._book.aside else ():
            self._first.setdefault((command.path, word), command.line)

    def _learned(self, command: Ran, words: tuple[str, ...], given: list[Access], output: list[Access]) -> bool:
        """Whether the program is known to learn or to predict; then what it reads and writes."""
        found = learning(words, self._learners)
        if found is None:
            return False
        data, takes = (self._files(command, (found.program,), "read", named) for named in (found.data, found.takes))
        makes, writes = (self._files(command, (found.program,), "write", named, "overwrite") for named in (found.makes, found.writes))
        self._keep([*data, *takes], [*makes, *writes], copied=False)
        ends = ([*data, *given], takes, makes, [*writes, *output])
        self.programs.append(Program(self._place(command), found.program, found.role, *map(names, ends)))
        return True

    def _unknown(self, command: Ran, words: tuple[str, ...], *, redirected: bool) -> None:
        """A program that is no code of the project: of those outside of it, only what Python starts."""
        program = words[0].rsplit("/", 1)[-1]
        own_program = "/" in words[0] and not words[0].startswith("/")
        if program in self._programs or not _PROGRAM.fullmatch(words[0]) or self._runs.of(command) is not None:
            return
        operands = [
            Operand(access, word, option, self._first.get((command.path, word), command.line) < command.line)
            for word, option in (options_of(words[1:]) if own_program or command.path.endswith(".py") else ())
            for access in self._files(command, (program,), "read", (word,))
            if access.identity is not None and "=" not in word
        ]
        if operands:
            self.unknown.append(Unknown(program, tuple(operands), own_program, redirected))

    @cached_property
    def _programs(self) -> frozenset[str]:
        """Programs that are known for something else."""
        entries = (*self._book.wrappers, *self._book.launchers, *self._book.movers)
        return self._book.aside | {name.split(" ")[0] for entry in entries for name in entry.names}

    def _mover(self, words: tuple[str, ...]) -> tuple[Mover, int] | None:
        for name, mover in self._movers.get(words[0].rpartition("/")[2] if words else "", ()):
            if at := after(words, name, mover.values):
                return mover, at
        return None

    @cached_property
    def _movers(self) -> dict[str, list[tuple[str, Mover]]]:
        """The commands that move files, by their program."""
        found: dict[str, list[tuple[str, Mover]]] = defaultdict(list)
        for mover in self._book.movers:
            for name in mover.names:
                found[name.partition(" ")[0]].append((name, mover))
        return dict(found)

    def _keep(self, reads: list[Access], writes: list[Access], *, copied: bool) -> None:
        self.accesses += [*reads, *writes]
        if copied:
            self.copies += [(read, write) for read in reads for write in writes if read.identity != write.identity]

    def _moved(self, command: Ran, mover: Mover, api: str, words: tuple[str, ...], output: list[Access]) -> None:
        found = _parts(words, mover)
        places = range(len(found.operands))
        if mover.needs and not found.has(mover.needs) and not output:
            return
        sources = [found.operands[place] for place in chosen(places, mover.reads)] + list(found.of(mover.read_options))
        targets = [found.operands[place] for place in chosen(places, mover.writes)] + list(found.of(mover.write_options))
        if mover.writes and mover.reads.startswith(":") and len(found.operands) < 2:
            return
        if mover.joined and sources:
            sources = ["/".join(part.strip("/") if index else part.rstrip("/") for index, part in enumerate(sources))]
        names = [mover.prefix + source if not _REMOTE.match(source) else source for source in sources]
        if mover.prefix and mover.writes:  # the target is what has no path
            names, targets = sources, [mover.prefix + target for target in targets]
        api = api.rsplit("/", 1)[-1]
        reads = [self._files(command, (api,), "read", (name,)) for name in names]
        reads += [self._tables(command, api, "read", found.operands[place], mover.system) for place in chosen(places, mover.table_reads)]
        writes = [self._tables(command, api, "write", found.operands[place], mover.system) for place in chosen(places, mover.table_writes)]
        if mover.blob is not None:
            space, key = found.of(mover.blob.bucket), found.of(mover.blob.key)
            if space and key:
                blob = Identity(mover.blob.store, command.value(space[0]), command.value(key[0]))
                (reads if mover.blob.direction == "read" else writes).append([self._access(command, api, mover.blob.direction, blob)])
        paired = False
        if not targets and not output:
            kept = [self._own_target(mover, found, source) for source in sources]
            if mover.copy and any(kept):
                for source, target in zip(reads, kept, strict=False):
                    self._keep(source, self._files(command, (api,), "write", (target,), "overwrite") if target else [], copied=True)
                paired = True
        elif mover.copy and mover.into and len(targets) == 1 and not any(name == "--recursive" for name, _ in found.options):
            for source, name in zip(reads, sources, strict=False):
                target = _inside(targets[0], name) if mover.into and (len(sources) > 1 or _is_folder(targets[0], name)) else targets[0]
                self._keep(source, self._files(command, (api,), "write", (target,), "overwrite"), copied=True)
            paired = True
        if not paired:
            flat = [access for group in reads for access in group]
            written = [access for group in writes for access in group]
            written += self._files(command, (api,), "write", tuple(targets), "overwrite")
            self._keep(flat, written, copied=mover.copy)
            if mover.copy:
                self.copies += [(read, write) for read in flat for write in output]

    def _own_target(self, mover: Mover, parts: Parts, source: str) -> str:
        """Where a command without a target puts what it reads."""
        name = source.partition("?")[0].rstrip("/").rpartition("/")[2]
        if mover.target:
            return mover.target + name
        if mover.suffix:
            return source + mover.suffix if not source.endswith(mover.suffix) else ""
        if mover.here and _EXTENSION.search(name):
            return "/".join([*(into.rstrip("/") for into in parts.of(mover.folder)[:1]), name])
        return ""

    def _tar(self, command: Ran, words: tuple[str, ...]) -> None:
        """`tar xf archive -C folder`, `tar czf archive files`."""
        letters = words[1].lstrip("-") if len(words) > 1 else ""
        if not letters.isalpha() or not set("xc") & set(letters):
            return
        rest = list(words[2:])
        archive = rest.pop(0) if letters.endswith("f") and rest else ""
        into = ""
        for option in ("-C", "--directory"):
            if option in rest[:-1]:
                into = rest[rest.index(option) + 1]
                rest = rest[: rest.index(option)] + rest[rest.index(option) + 2 :]
        if "x" in letters:
            self._keep(self._files(command, ("tar",), "read", (archive,)), self._files(command, ("tar",), "write", (into,)), copied=False)
        else:
            inner = tuple(f"{into.rstrip('/')}/{word}" if into else word for word in rest if not word.startswith("-"))
            reads = self._files(command, ("tar",), "read", inner)
            self._keep(reads, self._files(command, ("tar",), "write", (archive,), "overwrite"), copied=False)

    def _image(self, command: Ran, words: tuple[str, ...]) -> None:
        """`COPY`: what it reads stands beside the Dockerfile, what it writes is inside the image."""
        operands = [word for word in words[1:] if not word.startswith("--")]
        if any(word.startswith("--from=") for word in words) or len(operands) < 2:
            return
        outside = msgspec.structs.replace(command, cwd="")
        for source in operands[:-1]:
            into = _EXTENSION.search(source) and (len(operands) > 2 or _is_folder(operands[-1], source))  # of a folder, what is in it
            target = _inside(operands[-1], source) if into else operands[-1]
            read = of_path(outside.value(source if _REMOTE.match(source) else self._in_context(command.path, source)))
            if read is not None and source not in _STREAMS and not _CODE.search(source):
                reads = [self._access(command, "COPY", "read", read)]
                self._keep(reads, self._files(command, ("COPY",), "write", (target,)), copied=True)

    def _in_context(self, dockerfile: str, source: str) -> str:
        """The path of what an image is built from: beside the Dockerfile, else in the first folder above that has such a place."""
        plain = source.removeprefix("./").strip("/")
        parts = own(dockerfile).split("/") if own(dockerfile) else []
        for depth in range(len(parts), -1, -1):
            path = "/".join([*parts[:depth], plain])
            if path in self._folders or path in self._project.modules or ("/" in plain and own(path) in self._folders):
                return path
        return "/".join([*parts, plain])

    @cached_property
    def _folders(self) -> frozenset[str]:
        parts = [path.split("/") for path in self._project.modules]
        return frozenset("/".join(part[:end]) for part in parts for end in range(1, len(part)))

    # accesses ----------------------------------------------------------------------------------------------------------

    def _files(self, command: Ran, api: tuple[str, ...], direction: str, words: tuple[str, ...], mode: str = "") -> list[Access]:
        found = []
        for word in words:
            if word in _STREAMS or word.startswith("-") or _CODE.search(word) or _SYSTEM.match(word) or _ODD.search(_FILLED.sub("", word)):
                continue
            identity = of_path(self._placed(command, word))
            if identity is not None:
                found.append(self._access(command, " ".join(api), direction, identity, mode))
        return found

    def _tables(self, command: Ran, api: str, direction: str, word: str, system: str) -> list[Access]:
        identity = of_table(system, command.value(word))
        return [self._access(command, api, direction, identity)] if identity is not None else []

    def _access(self, command: Ran, api: str, direction: str, identity: Identity, mode: str = "") -> Access:
        if not any(isinstance(part, str) and part.strip("/") for part in (*identity.namespace, *identity.name)):
            return Access(direction, None, self._place(command), api=api.rsplit("/", 1)[-1], mode=mode, why="variable")
        return Access(direction, identity, self._place(command), api=api.rsplit("/", 1)[-1], mode=mode)

    def _place(self, command: Ran) -> Place:
        return Place(command.path, Span(command.line, 1, command.line, 1))

    def _placed(self, command: Ran, word: str) -> Template:
        """A local path from the root, where the folder of the command is known; what may be elsewhere as it is written."""
        value = command.value(word.replace("${0:h}", own(command.path) or "."))
        first = value[0] if value else ""
        if not isinstance(first, str) or first[:1] in "/~" or _REMOTE.match(first):
            return value
        return join_path(parse(base), value) if (base := self._base(command)) else value

    def _base(self, command: Ran) -> str:
        if command.path.endswith((".sh", ".bash")) and not command.cwd.startswith(("$", "/")):
            folders = {run.cwd for run in self._runs.by_script.get(command.path, ())}
            return folder(folders.pop() if len(folders) == 1 else "", command.cwd)
        if command.path.endswith(".py") or self._project.modules[command.path].source.language is Language.DOCKERFILE:
            return command.cwd
        found = starts(command.path, command.cwd)
        return found[0] if found else command.cwd


def _parts(words: tuple[str, ...], mover: Mover) -> Parts:
    blob = (*mover.blob.bucket, *mover.blob.key) if mover.blob is not None else ()
    return taken_apart(words, {*mover.values, *mover.read_options, *mover.write_options, *mover.folder, *blob})


def _is_folder(target: str, source: str) -> bool:
    """Whether a file of that name would be put into the target, rather than be called so."""
    if target.endswith("/") or target in (".", ".."):
        return not source.endswith("/")
    if _REMOTE.match(target) or source.endswith("/"):
        return False
    return (
        bool(_EXTENSION.search(source))
        and not _EXTENSION.search(target)
        and not target.endswith(("}", ")"))
        and "$" not in target.rpartition("/")[2]
    )


def _inside(target: str, source: str) -> str:
    name = source.rstrip("/").rpartition("/")[2]
    return f"{target.rstrip('/')}/{name}" if target not in (".", "./") else name
