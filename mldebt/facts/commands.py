"""The commands of shell scripts, Makefiles and Dockerfiles, with the assignments that they make.

An assignment alone (`export A=b`, `ENV A=b`) is a command without arguments. A Dockerfile's COPY is listed as one too: it is
how a model file comes to where it is served; one from another image has its `--from`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from mldebt.facts.model import Command, Setting
from mldebt.sources.json_lines import without_surrogates
from mldebt.sources.model import Language
from mldebt.sources.shell import Constants, folder, script

_MAKE_SET = re.compile(r"(export\s+)?(?:override\s+)?([\w.-]+)\s*(\+=|\?=|::?:?=|=)\s*(.*)", re.DOTALL)
_MAKE_RULE = re.compile(r"([^\s:=#][^:=#]*+)::?(?!=)\s*([^;]*)(?:;(.*))?", re.DOTALL)
_MAKE_USE = re.compile(r"\$\$|\$[@<^]|\$[({]([\w.-]+)[)}]")
_MAKE_SETS = re.compile(r"^(?: *export +)?([\w.-]+)[ \t]*(?:\+|\?|:{1,3})?=", re.MULTILINE)
_PATH_SET = re.compile(
    r"^ *(?:(?:export|readonly|override|local|declare) +)*([A-Za-z_][\w.-]*)[ \t]*(?:::?|\?)?=[ \t]*[\"']?([^\s\"'#$]*/[^\s\"'#]*)",
    re.MULTILINE,
)
_INSTRUCTION = re.compile(r"\s*([A-Za-z]+)\s+(.*)", re.DOTALL)
_CONTINUED = re.compile(r"(?:(?<![ \t])[ \t]*+)?\\\n[ \t]*+")
_OPTIONS = re.compile(r"(?:--[a-z]+(?:=\S*)?\s+)*")
_FROM = re.compile(r"--from=\S+")
_DOCKER_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_PAIR = re.compile(r"(?<!\w)([A-Za-z_]\w*)=(\"(?:[^\"\\]|\\.)*+\"|'[^']*'|(?:[^\s\\]|\\.)*+)")


def commands(text: str, language: Language) -> tuple[Command, ...]:
    """What a command file runs, in the order of its lines; nothing for the other languages."""
    if language is Language.SHELL:
        return script(text)
    if language is Language.MAKEFILE:
        return tuple(_make(text))
    return tuple(_docker(text)) if language is Language.DOCKERFILE else ()


def paths(text: str) -> tuple[Setting, ...]:
    """The variables of a Makefile or shell script that are given a path, with the lines on which it is written."""
    found: list[Setting] = []
    line, at = 1, 0
    for match in _PATH_SET.finditer(text):
        line, at = line + text.count("\n", at, match.start(1)), match.start(1)
        found.append(Setting((match[1],), match[2], line))
    return tuple(found)


def _logical(lines: list[str], index: int, comments: bool = False) -> int:
    """Where the statement that begins at `index` ends: after its continuation lines (and the comments among them)."""
    while index < len(lines):
        line = lines[index]
        index += 1
        if not line.rstrip().endswith("\\") and not (comments and (not line.strip() or line.lstrip().startswith("#"))):
            break
    return index


def _make(text: str) -> Iterator[Command]:
    counts: dict[str, int] = {}
    for name in _MAKE_SETS.findall(text):
        counts[name] = counts.get(name, 0) + 1
    constants = Constants()
    rule: dict[str, str] = {}
    lines = text.split("\n")
    index, defining = 0, False
    while index < len(lines):
        stop = _logical(lines, index)
        line, number = "\n".join(lines[index:stop]), index + 1
        index = stop
        if line.startswith(("define ", "endef")):
            defining = line.startswith("define ")
        elif defining:
            continue
        elif line.startswith("\t"):
            yield from _recipe(line, number, constants, rule)
        elif match := _MAKE_SET.fullmatch(line.strip()):
            value = _make_filled(_joined(match[4]).split(" #")[0].strip(), constants, {})
            if counts.get(match[2]) == 1 and match[3] != "+=" and "$(" not in value:
                constants.set(match[2], value)
            if match[1]:
                yield Command((), number, ((match[2], value),))
        elif match := _MAKE_RULE.fullmatch(line):
            targets, needs = match[1].split(), _make_filled(_joined(match[2]), constants, {}).split()
            rule = {"^": " ".join(needs), "<": needs[0]} if needs and "%" not in match[2] else {}
            if len(targets) == 1 and "%" not in targets[0]:
                rule["@"] = _make_filled(targets[0], constants, {})
            if match[3]:
                yield from _recipe(match[3], number, constants, rule)


def _recipe(text: str, number: int, constants: Constants, rule: dict[str, str]) -> Iterator[Command]:
    body = text.lstrip().lstrip("@-+ \t")
    yield from script(_make_filled(body, constants, rule), number, substitutions=False)


def _make_filled(text: str, constants: Constants, rule: dict[str, str]) -> str:
    """`text` with make's variables filled in where they are known; the others become shell variables, `$$` a dollar sign."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        if not match[1]:
            return rule.get(match[0][1], f"${{{match[0][1]}}}")
        found = constants.get(match[1])
        return f"${{{match[1]}}}" if found is None else found

    return _MAKE_USE.sub(value, text)


def _docker(text: str) -> Iterator[Command]:
    constants = Constants()
    entrypoint: Command | None = None  # in exec form: the CMD of its stage is its arguments
    cwd = ""
    lines = text.split("\n")
    index = 0
    while index < len(lines):
        if not lines[index].strip() or lines[index].lstrip().startswith("#"):
            index += 1
            continue
        stop = _logical(lines, index, comments=True)
        number = index + 1
        block = "\n".join("\\" if not line.strip() or line.lstrip().startswith("#") else line for line in lines[index:stop])
        index = stop
        match = _INSTRUCTION.fullmatch(block)
        if not match:
            continue
        word, rest = match[1].upper(), match[2]
        options = _OPTIONS.match(rest)
        at = match.start(2) + (options.end() if options else 0)
        rest, number = block[at:], number + block.count("\n", 0, at)
        if word == "RUN" and (heredoc := _DOCKER_HEREDOC.match(rest)):
            end = next((i for i in range(index, len(lines)) if lines[i].strip() == heredoc[2]), len(lines))
            yield from script("\n".join(lines[index:end]), index + 1, constants, cwd=cwd)
            index = min(end + 1, len(lines))
        elif word in ("RUN", "CMD", "ENTRYPOINT"):
            argv = _exec_form(rest)
            if argv is None:
                yield from script(rest, number, constants, cwd=cwd)
            elif word == "RUN":
                yield from [Command(argv, number, (), cwd)] if argv else []
            elif word == "ENTRYPOINT":
                if entrypoint:
                    yield entrypoint
                entrypoint = Command(argv, number, (), cwd) if argv else None
            elif entrypoint:  # CMD
                yield Command((*entrypoint.argv, *argv), entrypoint.line, (), entrypoint.cwd)
                entrypoint = None
            elif argv:
                yield Command(argv, number, (), cwd)
        elif word == "WORKDIR":
            cwd = folder(cwd, _docker_value(_joined(rest).strip(), constants))
        elif word in ("ENV", "ARG"):
            env = _pairs(rest, constants, old_form=word == "ENV")
            for name, value in env:
                constants.set(name, value)
            if env:
                yield Command((), number, env)
        elif word in ("COPY", "ADD"):
            stage = _FROM.search(options[0]) if options else None
            operands = _exec_form(rest) or _docker_value(_joined(rest), constants).split()
            yield Command(("COPY", *([stage[0]] if stage else []), *operands), number, (), cwd)
        elif word == "FROM":
            if entrypoint:
                yield entrypoint
            entrypoint, cwd = None, ""
    if entrypoint:
        yield entrypoint


def _exec_form(text: str) -> tuple[str, ...] | None:
    """The words of `["a", "b"]`; None when it is a shell line."""
    joined = _joined(text).strip()
    if not joined.startswith("["):
        return None
    try:
        words: object = json.loads(joined)
    except (ValueError, RecursionError):
        return None
    return tuple(without_surrogates(str(word)) for word in words) if isinstance(words, list) else None


def _pairs(text: str, constants: Constants, *, old_form: bool) -> tuple[tuple[str, str], ...]:
    """The assignments of ENV and ARG: `A=b C="d e"`, or, for ENV, `A the rest`."""
    line = _joined(text).strip()
    name, _, value = line.partition(" ")
    if old_form and "=" not in name:
        pairs = [(name, value.strip())] if value.strip() else []
    else:
        pairs = [(name, value) for name, value in _PAIR.findall(line)]
    return tuple((name, _docker_value(value, constants)) for name, value in pairs)


def _docker_value(text: str, constants: Constants) -> str:
    if text[:1] == "'" and text.endswith("'"):
        return text[1:-1]
    plain = text[1:-1] if text[:1] == '"' and text.endswith('"') and len(text) > 1 else text

    def value(match: re.Match[str]) -> str:
        found = constants.get(match[1] or match[2])
        return match[0] if found is None else found

    return re.sub(r"\\(.)", r"\1", re.sub(r"\$(?:(\w+)|\{(\w+)\})", value, plain))


def _joined(text: str) -> str:
    return _CONTINUED.sub(" ", text)
