"""The commands that workflows, pipelines and manifests run, from the leaves of their files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

from mldebt.facts.model import Command, Setting
from mldebt.facts.yaml_rows import FAR, Rows
from mldebt.sources.shell import script, session

_SCRIPTS = frozenset({"run", "cmd", "script", "before_script", "after_script", "bash_command", "source", "inline", "commands", "bash"})
_ARGUMENTS = frozenset({"command", "entrypoint", "args"})
_PROGRAMS = {  # a Python file by itself, and where its arguments stand
    "python_file": "parameters",
    "main_python_file_uri": "args",
    "mainPythonFileUri": "args",
    "mainApplicationFile": "arguments",
}
_TASKS = (
    *(("tool", tool, "tasks") for tool in ("pixi", "poe", "taskipy")),
    ("tool", "pdm", "scripts"),
)  # of pyproject.toml: one command line each
_FOLDERS = ("working-directory", "working_directory", "workingDirectory", "workingDir", "working_dir", "wdir")
_SHELLS = frozenset({"sh", "bash", "zsh", "dash", "ash"})
_STARTS = re.compile(r"-|(?:\S*/)?(?:python[\d.]*|sh|bash|torchrun|accelerate|papermill|spark-submit|uv|poetry|pipenv)$")
_BUILDER = re.compile(r"\S*/cloud-builders/([\w-]+)(?::\S*)?")  # an image named after the command that it runs
_REFERENCE = re.compile(r"\$\{\s*([\w.-]+)\s*\}")
_MOST_ITEMS = 50  # of a loop over one command

_Keys = tuple[str, ...]
_Document = dict[_Keys, Setting]


def commands_of(settings: tuple[Setting, ...], text: str = "") -> tuple[Command, ...]:
    """What the `run`, `script`, `command`, `args` ... of a workflow or manifest execute, in the order of their lines.

    The `args` of a `command` or `entrypoint` beside them are its arguments; `args` alone count when they begin with an option or
    with an interpreter. A list of shell lines is one shell. A stage that is repeated for each of several items is listed for each.
    With the `text` of the file, the commands of quoted and folded values have the lines on which they stand.
    """
    rows = Rows(settings, text)
    found = [command for document in _documents(settings) for command in _of_document(document, rows)]
    return tuple(sorted(found, key=lambda command: command.line))


def _documents(settings: tuple[Setting, ...]) -> Iterator[_Document]:
    """The leaves of each document; a key that was there before begins a new one."""
    document: _Document = {}
    for leaf in (leaf for leaf in settings if leaf.keys):
        if leaf.keys in document:
            yield document
            document = {}
        document[leaf.keys] = leaf
    yield document


def _of_document(document: _Document, rows: Rows) -> Iterator[Command]:
    foreign = {keys[:-1] for keys, leaf in document.items() if keys[-1:] == ("shell",) and not _is_shell(leaf.value)}
    shells: dict[_Keys, list[Setting]] = {}
    lists: dict[_Keys, list[Setting]] = {}  # by the mapping and key that hold them
    for leaf in document.values():
        if leaf.keys[-1] in _PROGRAMS and isinstance(leaf.value, str):
            lists.setdefault((*leaf.keys[:-1], "program"), []).append(leaf)
        if leaf.keys[:-1] in _TASKS and isinstance(leaf.value, str):
            yield from script(leaf.value, leaf.line)
        at = _command_key(leaf.keys)
        if at < 0 or leaf.keys[:at] in foreign:
            continue
        key, rest = leaf.keys[at], leaf.keys[at + 1 :]
        if isinstance(leaf.value, str) and (key in _SCRIPTS or (not rest and key != "args")):
            shells.setdefault(leaf.keys[: at + 1], []).append(leaf)
        elif key in _ARGUMENTS and leaf.value is not None:
            lists.setdefault(leaf.keys[: at + 1 + max(0, len(rest) - 1)], []).append(leaf)
    for group in sorted(shells, key=lambda group: group[-1] == "before_script"):
        before = shells.pop((*group[:-1], "before_script"), []) if group[-1] == "script" else []
        cwd = _folder(document, group[:-1])
        if group in shells:
            for values in _loops(document, group[:-1]):
                leaves = (*before, *shells[group])
                parts = [(_filled(str(leaf.value), values), n * FAR) for n, leaf in enumerate(leaves)]
                yield from (rows.seated(command, leaves) for command in session(parts, cwd))
    for group in sorted(lists, key=lambda group: group[-1] == "args"):
        yield from _run(group, lists, document, rows)


def _command_key(keys: _Keys) -> int:
    """The index of the key whose value, or list of values, or list of lists, the leaf belongs to; -1 for none."""
    at = len(keys) - 1
    while at >= 0 and keys[at].isdecimal() and len(keys) - at < 3:
        at -= 1
    if at < 0 or keys[at] not in _SCRIPTS | _ARGUMENTS:
        return -1
    if keys[at] == "source" and keys[at - 1 : at] != ("script",):
        return -1
    return at


def _folder(document: _Document, mapping: _Keys) -> str:
    """The working directory that a mapping, or one around it, names."""
    for depth in range(len(mapping), -1, -1):
        above = mapping[:depth]
        for keys in (*((*above, name) for name in _FOLDERS), (*above, "defaults", "run", "working-directory")):
            if (leaf := document.get(keys)) is not None and isinstance(leaf.value, str):
                path = leaf.value.removeprefix("./").rstrip("/")
                return "" if path == "." else path
    return ""


def _loops(document: _Document, mapping: _Keys) -> list[dict[str, str]]:
    """What `${item}` and `${vars}` stand for in a stage, once for each round of its `foreach` or `matrix`; one empty round for none."""
    constants = {".".join(keys[2:]): _text(leaf.value) for keys, leaf in document.items() if keys[:1] == ("vars",) and len(keys) > 2}
    if mapping[-1:] == ("do",):
        below = (*mapping[:-1], "foreach")
        rounds: dict[str, dict[str, str]] = {}
        for keys, leaf in document.items():
            if keys[: len(below)] == below and len(keys) > len(below):
                first, *rest = keys[len(below) :]
                rounds.setdefault(first, {"key": first})[".".join(["item", *rest])] = _text(leaf.value)
        if rounds:
            return [constants | values for values in list(rounds.values())[:_MOST_ITEMS]]
    below = (*mapping, "matrix")
    axes: dict[str, list[str]] = {}
    for keys, leaf in document.items():
        if keys[: len(below)] == below and len(keys) == len(below) + 2:
            axes.setdefault(f"item.{keys[-2]}", []).append(_text(leaf.value))
    return [constants | dict(zip(axes, values, strict=True)) for values in list(product(*axes.values()))[:_MOST_ITEMS]]


def _filled(text: str, values: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda match: values.get(match[1], match[0]), text) if values else text


def _run(group: _Keys, lists: dict[_Keys, list[Setting]], document: _Document, rows: Rows) -> tuple[Command, ...]:
    """The commands of one exec-form list, taken out of `lists` together with its `args`."""
    leaves = lists.pop(group, [])
    if not leaves:
        return ()
    line, mapping = leaves[0].line, group[:-1]
    argv = [_text(leaf.value) for leaf in leaves]
    cwd = _folder(document, mapping)
    if group[-1] == "program":
        key = _PROGRAMS[leaves[0].keys[-1]]
        below = (*mapping, key)
        lists.pop(below, None)
        extra = [leaf for keys, leaf in document.items() if keys[:-1] == below]
        return (Command(("python", *argv, *(_text(leaf.value) for leaf in extra)), line, (), cwd),)
    if group[-1] == "args" and not _STARTS.match(argv[0]):
        image = document.get((*mapping, "name"))
        builder = _BUILDER.fullmatch(_text(image.value)) if image is not None else None
        if builder is None:
            return ()
        return (Command((builder[1], *argv), line, (), cwd),)
    if group[-1] in ("command", "entrypoint"):
        extra = lists.pop((*mapping, "args"), [])
        if group[-1] == "entrypoint":
            extra = lists.pop((*mapping, "command"), []) + extra
        leaves = [*leaves, *extra]
        argv = [_text(leaf.value) for leaf in leaves]
    if _is_shell(argv[0]):
        for index, word in enumerate(argv[1:-1], start=1):
            if word.startswith("-") and not word.startswith("--") and word.endswith("c"):
                found = script(argv[index + 1], 0, cwd=cwd)
                return tuple(rows.seated(command, leaves[index + 1 : index + 2]) for command in found)
    return (Command(tuple(argv), line, (), cwd),)


def _is_shell(value: bool | int | float | str | None) -> bool:
    """Whether the value names a POSIX shell, with or without its path and options. `shell: true` is none in particular."""
    words = value.split() if isinstance(value, str) else ["sh"]
    return bool(words) and words[0].rsplit("/", 1)[-1] in _SHELLS


def _text(value: bool | int | float | str | None) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)
