"""Programs that nobody knows, run on files: which of the files each reads and which it writes, by who else reads and writes them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from mldebt.project.artifacts.learners import Program
from mldebt.project.artifacts.model import Access, Identity

_FILE = re.compile(r"\.[A-Za-z][\w]{0,9}$")
_OUTPUT = re.compile(r"--?o(?:ut(?:put)?)?(?:[-_](?:file|path|name))?")
_CERTAINTY = 0.85  # that an operand is written only because it stands last


class Operand(msgspec.Struct, frozen=True):
    """A word that may name a file: `option` is what stands before it, and `known` says that an earlier command of the file names it."""

    access: Access  # as a reader
    word: str
    option: str = ""
    known: bool = False


class Unknown(msgspec.Struct, frozen=True):
    """A command of such a program. Of one that is not the project's `own` only what others read and write says anything."""

    program: str
    operands: tuple[Operand, ...]
    own: bool
    redirected: bool = False  # its output goes to a file


def decided(unknown: Iterable[Unknown], accesses: Iterable[Access]) -> tuple[list[Access], list[Program]]:
    """The accesses of the commands in their order, and the programs with them; what one writes another may read."""
    ends: dict[Identity, set[str]] = defaultdict(set)
    for access in accesses:
        if access.identity is not None:
            ends[access.identity].add(access.direction)
    found: list[Access] = []
    programs: list[Program] = []
    for command in unknown:
        written = _written(command, ends)
        read = [o for o in command.operands if o not in written and _is_read(o, command, ends)]
        made = [*(o.access for o in read), *(_as_writer(o, ends) for o in written)]
        for access in made:
            assert access.identity is not None
            ends[access.identity].add(access.direction)
        found += made
        if made:
            inputs, outputs = names(o.access for o in read), names(o.access for o in written)
            programs.append(Program(made[0].place, command.program, "unknown", data=inputs, writes=outputs))
    return found, programs


def _written(command: Unknown, ends: Mapping[Identity, set[str]]) -> list[Operand]:
    """What stands behind `-o`; of an own program also the last operands, as far as they are alike and nobody else makes them."""
    named = [o for o in command.operands if _OUTPUT.fullmatch(o.option)]
    plain = [o for o in command.operands if not o.option]
    if not command.own:
        return [o for o in named if "read" in _ends(o, ends)]
    if named or command.redirected or len(plain) < 2:
        return named
    last: list[Operand] = []
    for one in reversed(plain[1:]):
        if "write" in _ends(one, ends) or one.known or (last and (_ending(one) != _ending(last[0]) or "read" not in _ends(one, ends))):
            break
        if not _FILE.search(one.word) and not _ends(one, ends):
            break
        last.append(one)
    return last[::-1]


def _is_read(one: Operand, command: Unknown, ends: Mapping[Identity, set[str]]) -> bool:
    """Whether somebody else makes it, or it is a file that an own program is plainly given."""
    return "write" in _ends(one, ends) or (command.own and not one.option and _FILE.search(one.word) is not None)


def _ends(one: Operand, ends: Mapping[Identity, set[str]]) -> set[str]:
    return ends.get(one.access.identity, set()) if one.access.identity is not None else set()


def _as_writer(one: Operand, ends: Mapping[Identity, set[str]]) -> Access:
    read = "read" in _ends(one, ends)
    certainty = 1.0 if read or one.option else _CERTAINTY
    return msgspec.structs.replace(one.access, direction="write", mode="overwrite", certainty=certainty, terminal=not read)


def _ending(one: Operand) -> str:
    return one.word.rpartition(".")[2]


def names(accesses: Iterable[Access]) -> tuple[Identity, ...]:
    """What the accesses name, each once."""
    return tuple(dict.fromkeys(a.identity for a in accesses if a.identity is not None))


def options_of(words: Sequence[str]) -> list[tuple[str, str]]:
    """Each word with the option before it, `--name=value` as one; options themselves left out."""
    found: list[tuple[str, str]] = []
    option = ""
    for word in words:
        name, equals, value = word.partition("=")
        if word.startswith("-") and equals:
            found.append((value, name))
            option = ""
        elif word.startswith("-"):
            option = word
        else:
            found.append((word, option))
            option = ""
    return found
