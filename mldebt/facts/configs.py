"""Facts of files that are not Python: the leaves of configuration files, the environment they set, the commands they run."""

from __future__ import annotations

import re

from mldebt.facts.commands import commands, paths
from mldebt.facts.images import images
from mldebt.facts.locks import locked
from mldebt.facts.make_rules import make_rules
from mldebt.facts.model import Command, Facts, Setting
from mldebt.facts.settings import settings
from mldebt.facts.yaml_commands import commands_of
from mldebt.sources.model import Language, Text

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_MOST_WORDS = 20_000
_RUNNERS = frozenset({"pip", "pip3", "python", "python3", "uv", "conda", "mamba", "poetry", "pipx", "make"})
# What people are told to do with files by hand.
_MOVERS = frozenset({"cp", "mv", "ln", "wget", "curl", "kaggle", "gsutil", "aws", "gdown", "unzip", "tar", "gunzip", "rsync", "scp"})
_FENCE = re.compile(r"^[ \t]*```++[ \t]*+([\w+-]*+)[^\n]*+\n(.*?)^[ \t]*```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`{1,2}([^`\n]{2,120})`")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*")
_ENVIRONMENTS = frozenset({"env", "environment", "environment_variables", "env_vars", "envVars", "variables"})
_COMMANDED = frozenset({Language.YAML, Language.JSON, Language.TOML})
_CONFIGURED = frozenset({Language.YAML, Language.JSON, Language.TOML, Language.INI, Language.ENV})


def extract(text: Text, language: Language) -> Facts:
    """The facts of a file in any language but Python; malformed ones keep their words and say why they are unread."""
    if language is Language.DOCUMENT:
        return _document(text)
    if language is Language.LOCK:
        return Facts(language.value, text.lines, settings=locked(text.text))
    words = tuple(sorted(set(_WORD.findall(text.text)))[:_MOST_WORDS])
    if language is Language.REQUIREMENTS:
        return Facts(language.value, text.lines, settings=_requirements(text.text), words=words)
    if language not in _CONFIGURED:
        based = images(text.text) if language is Language.DOCKERFILE else ()
        rules = make_rules(text.text) if language is Language.MAKEFILE else ()
        runs = commands(text.text, language)
        written = paths(text.text) if language in (Language.MAKEFILE, Language.SHELL) else ()
        return Facts(language.value, text.lines, settings=based, commands=runs, words=words, rules=rules, paths=written)
    try:
        leaves = settings(text.text, language)
    except ValueError as error:
        return Facts(language.value, text.lines, unread=str(error), words=words)
    runs = ()
    if language in _COMMANDED:
        assigned = (Command((), leaf.line, ((leaf.keys[0], str(leaf.value)),)) for leaf in environment(leaves))
        runs = tuple(sorted((*commands_of(leaves, text.text), *assigned), key=lambda command: command.line))
    return Facts(language.value, text.lines, settings=leaves, commands=runs, words=words)


def _document(text: Text) -> Facts:
    """The words of code that a document shows, and the settings of its YAML blocks: what it tells users to run and to set."""
    words: set[str] = set()
    leaves: list[Setting] = []
    runs: list[Command] = []
    for block in _FENCE.finditer(text.text):
        words.update(_WORD.findall(block.group(2)))
        start = text.text.count("\n", 0, block.start(2))
        for number, line in enumerate(block.group(2).split("\n"), start + 1):
            argv = tuple(line.strip().removeprefix("$ ").removeprefix("> ").split())
            if argv and argv[0] in _RUNNERS | _MOVERS:
                runs.append(Command(argv, number))
        if block.group(1).lower() in ("yaml", "yml"):
            try:
                found = settings(block.group(2), Language.YAML)
            except ValueError:
                continue  # an excerpt need not be whole
            leaves.extend(Setting(leaf.keys, leaf.value, leaf.line + start) for leaf in found)
    for inline in _INLINE.finditer(text.text):
        words.update(_WORD.findall(inline.group(1)))
    return Facts(
        Language.DOCUMENT.value, text.lines, settings=tuple(leaves), commands=tuple(runs), words=tuple(sorted(words)[:_MOST_WORDS])
    )


def _requirements(text: str) -> tuple[Setting, ...]:
    """The requirements of a pip file, one leaf each; options and comments left out."""
    lines = ((number, line.split(" #")[0].strip()) for number, line in enumerate(text.split("\n"), start=1))
    found = [(number, line) for number, line in lines if line and line[0] not in "#-"]
    return tuple(Setting(("requirements", str(index)), line, number) for index, (number, line) in enumerate(found))


def environment(settings: tuple[Setting, ...]) -> tuple[Setting, ...]:
    """The environment variables that a workflow, compose file or manifest sets: keys are (NAME,), values are text."""
    found: list[Setting] = []
    for index, leaf in enumerate(settings):
        keys = leaf.keys
        if len(keys) >= 3 and keys[-3] in _ENVIRONMENTS and keys[-2].isdecimal() and keys[-1] == "name":  # - name: A, value: b
            value = _sibling(settings, index, "value")
            if value is not None and isinstance(leaf.value, str) and _IDENTIFIER.fullmatch(leaf.value):
                found.append(Setting((leaf.value,), _text(value.value), value.line))
        elif len(keys) >= 2 and keys[-2] in _ENVIRONMENTS:
            if keys[-1].isdecimal():  # - A=b
                name, equals, rest = str(leaf.value).partition("=")
                if equals and _IDENTIFIER.fullmatch(name):
                    found.append(Setting((name,), rest, leaf.line))
            elif _VARIABLE.fullmatch(keys[-1]):
                found.append(Setting((keys[-1],), _text(leaf.value), leaf.line))
    return tuple(found)


def _sibling(settings: tuple[Setting, ...], index: int, key: str) -> Setting | None:
    """The leaf `key` of the same mapping, just after or just before."""
    wanted = (*settings[index].keys[:-1], key)
    for near in (index + 1, index - 1):
        if 0 <= near < len(settings) and settings[near].keys == wanted:
            return settings[near]
    return None


def _text(value: bool | int | float | str | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
