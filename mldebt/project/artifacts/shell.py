"""What commands read, write and copy: `cp`, `aws s3 cp`, `curl -o`, redirections, `COPY` of an image, kept files of a workflow."""

from __future__ import annotations

import re
from functools import cached_property

import msgspec

from mldebt.facts.model import Span
from mldebt.project.artifacts.commandbook import Mover, after, chosen, load_commandbook
from mldebt.project.artifacts.commands import Ran, of_command, unwrapped
from mldebt.project.artifacts.identity import of_path, of_table
from mldebt.project.artifacts.model import Access, Identity, Place, Template
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
_EXTENSION = re.compile(r"\.[A-Za-z0-9*]{1,9}$")
_REMOTE = re.compile(r"[A-Za-z][\w+.-]*:/|[\w.-]+@[\w.-]+:")
_STREAMS = frozenset({"-", "", "/dev/null", "/dev/stdout", "/dev/stderr", "/dev/stdin", ".", "..", "./", "*"})

Copy = tuple[Access, Access]


class _Parts(msgspec.Struct, frozen=True):
    """The operands of a command and the values of its options."""

    operands: tuple[str, ...]
    options: tuple[tuple[str, str], ...]

    def of(self, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(value for name, value in self.options if name in names)

    def has(self, names: tuple[str, ...]) -> bool:
        return any(name in names for name, _ in self.options)


class Moves:
    """Accesses and copies of the committed commands, then of those that Python code starts; tests and documents left out.

    With `by_hand`, of the commands that documents tell people to run instead.
    """

    def __init__(self, project: Project, *, by_hand: bool = False) -> None:
        self._project = project
        self._runs = project.artifact_runs
        self._book = load_commandbook()
        self.accesses: list[Access] = []
        self.copies: list[Copy] = []
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
        self._keep(given, output, copied=bool(words) and words[0] in ("cat", "tee"))

    def _mover(self, words: tuple[str, ...]) -> tuple[Mover, int] | None:
        for mover in self._book.movers:
            for name in mover.names:
                if at := after(words, name, mover.values):
                    return mover, at
        return None

    def _keep(self, reads: list[Access], writes: list[Access], *, copied: bool) -> None:
        self.accesses += [*reads, *writes]
        if copied:
            self.copies += [(read, write) for read in reads for write in writes if read.identity != write.identity]

    def _moved(self, command: Ran, mover: Mover, api: str, words: tuple[str, ...], output: list[Access]) -> None:
        parts = _parts(words, mover)
        places = range(len(parts.operands))
        if mover.needs and not parts.has(mover.needs) and not output:
            return
        sources = [parts.operands[place] for place in chosen(places, mover.reads)] + list(parts.of(mover.read_options))
        targets = [parts.operands[place] for place in chosen(places, mover.writes)] + list(parts.of(mover.write_options))
        if mover.writes and mover.reads.startswith(":") and len(parts.operands) < 2:
            return
        if mover.joined and sources:
            sources = ["/".join(part.strip("/") if index else part.rstrip("/") for index, part in enumerate(sources))]
        names = [mover.prefix + source if not _REMOTE.match(source) else source for source in sources]
        if mover.prefix and mover.writes:  # the target is what has no path
            names, targets = sources, [mover.prefix + target for target in targets]
        api = api.rsplit("/", 1)[-1]
        reads = [self._files(command, (api,), "read", (name,)) for name in names]
        reads += [self._tables(command, api, "read", parts.operands[place], mover.system) for place in chosen(places, mover.table_reads)]
        writes = [self._tables(command, api, "write", parts.operands[place], mover.system) for place in chosen(places, mover.table_writes)]
        if mover.blob is not None:
            space, key = parts.of(mover.blob.bucket), parts.of(mover.blob.key)
            if space and key:
                blob = Identity(mover.blob.store, command.value(space[0]), command.value(key[0]))
                (reads if mover.blob.direction == "read" else writes).append([self._access(command, api, mover.blob.direction, blob)])
        paired = False
        if not targets and not output:
            kept = [self._own_target(mover, parts, source) for source in sources]
            if mover.copy and any(kept):
                for source, target in zip(reads, kept, strict=False):
                    self._keep(source, self._files(command, (api,), "write", (target,), "overwrite") if target else [], copied=True)
                paired = True
        elif mover.copy and mover.into and len(targets) == 1 and not any(name == "--recursive" for name, _ in parts.options):
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

    def _own_target(self, mover: Mover, parts: _Parts, source: str) -> str:
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


def _parts(words: tuple[str, ...], mover: Mover) -> _Parts:
    known = {*mover.values, *mover.read_options, *mover.write_options, *mover.folder}
    if mover.blob is not None:
        known |= {*mover.blob.bucket, *mover.blob.key}
    operands: list[str] = []
    options: list[tuple[str, str]] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word == "--":
            operands += words[at:]
            break
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        name, equals, value = word.partition("=")
        if not equals and name not in known and re.fullmatch(r"-[A-Za-z]{2,6}", name):  # -sSLo
            options += [(f"-{letter}", "") for letter in name[1:-1]]
            name = f"-{name[-1]}"
        if not equals and name in known and at < len(words):
            value = words[at]
            at += 1
        options.append((name, value))
    return _Parts(tuple(operands), tuple(options))


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
