"""Commands as words with holes, from the files that hold them and from the arguments of calls that start a process."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from mldebt.facts.model import Command
from mldebt.project.artifacts.commandbook import Commandbook, after
from mldebt.project.artifacts.model import Hole, Template
from mldebt.project.artifacts.templates import coded, decoded, parse, template
from mldebt.sources.shell import script

_SHELLS = frozenset({"sh", "bash", "zsh", "dash"})
_BETWEEN = "\0"


class Ran(msgspec.Struct, frozen=True):
    """One command: its words, without redirections. A hole that was there before is one private character, see `templates.coded`."""

    words: tuple[str, ...]
    path: str
    line: int
    cwd: str = ""  # as in `Command`
    given: tuple[str, ...] = ()  # files that it gets as input
    output: tuple[str, ...] = ()  # files that its output goes to
    appended: tuple[str, ...] = ()
    holes: tuple[Hole, ...] = ()
    shell: bool = True  # variables and globs in the words stand for something

    def value(self, word: str) -> Template:
        """A word as a template."""
        parts = decoded(word, self.holes)
        return template(*(parse(part) if isinstance(part, str) and self.shell else part for part in parts))


def of_command(command: Command, path: str, holes: tuple[Hole, ...] = ()) -> Ran:
    """A command of a file."""
    words: list[str] = []
    files: dict[str, list[str]] = {"<": [], ">": [], ">>": []}
    at = 0
    while at < len(command.argv):
        word = command.argv[at]
        if word in files and at and at + 1 < len(command.argv):
            files[word].append(command.argv[at + 1])
            at += 2
            continue
        words.append(word)
        at += 1
    return Ran(tuple(words), path, command.line, command.cwd, tuple(files["<"]), tuple(files[">"]), tuple(files[">>"]), holes)


def command_of(argv: Sequence[Template], path: str, line: int, *, shell: bool = False, cwd: str = "") -> tuple[Ran, ...]:
    """The commands of a call that starts a process: of its list of arguments or, with `shell`, of its one line."""
    code, holes = coded(template(*(piece for word in argv for piece in (word, _BETWEEN))))
    words = tuple(code.split(_BETWEEN)[:-1])
    inner = _shell_line(words)
    if shell or inner is not None:
        text = words[0] if inner is None and words else inner or ""
        return tuple(
            msgspec.structs.replace(of_command(command, path, holes), line=line) for command in script(text, cwd=cwd) if command.argv
        )
    return (Ran(words, path, line, cwd, holes=holes, shell=False),) if words else ()


def _shell_line(words: tuple[str, ...]) -> str | None:
    """The line that `bash -c line` gives to a shell."""
    if words and words[0].rsplit("/", 1)[-1] in _SHELLS:
        for index, word in enumerate(words[1:-1], start=1):
            if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
                return words[index + 1]
    return None


def unwrapped(words: tuple[str, ...], book: Commandbook) -> tuple[str, ...]:
    """The words without what only starts another command: `nohup`, `poetry run`, `docker run ... image`."""
    for _ in range(4):
        program = words[0].rpartition("/")[2] if words else ""
        for wrapper in book.wrappers:
            named = (name for name in wrapper.names if name.startswith(program))
            at = next((found for name in named if (found := after(words, name, wrapper.values))), 0)
            if at:
                skip = wrapper.skip
                while at < len(words):
                    word = words[at]
                    if word == "--":
                        at, skip = at + 1, 0
                        break
                    if word.startswith("-"):
                        at += 2 if word in wrapper.values else 1
                    elif skip:
                        at, skip = at + 1, skip - 1
                    elif "=" in word.split("/")[0] and wrapper.names == ("env",):
                        at += 1
                    else:
                        break
                words = words[at:]
                break
        else:
            break
    return words
