"""Moving references in commands, Dockerfiles, requirements and settings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Command, Setting
from mldebt.findings import Location
from mldebt.project.moving import Moving, Reference, copied
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language, Role

_URL = re.compile(r"(?:git\+)?[a-z0-9]+://[^\s\"'<>,]+")
_PROSE = re.compile(r"desc|help|doc|comment|readme|homepage|link|source|reference|title|badge|schema|\$id|uses", re.IGNORECASE)
_FOR_PEOPLE = re.compile(r"(^|[-_./])(tests?|dev|develop(ment)?|docs?|lint|ci|mypy|typing)([-_.]|$)", re.IGNORECASE)
_NEWEST_FIRST = re.compile(r"-[a-zA-Z]*t[a-zA-Z]*")
_CODE = re.compile(r"(^|/)(python|conda|miniconda|mamba|jupyter|pytorch|tensorflow|ray|spark|cuda|nvidia)", re.IGNORECASE)
_PYTHON = ("python", "python3", "pip", "pip3", "conda", "mamba", "poetry", "uv", "pipenv", "gunicorn", "uvicorn", "jupyter")
_SETTINGS = (Language.YAML, Language.JSON, Language.TOML, Language.INI, Language.ENV)
_MANY = 400  # a setting that is longer is a text


def in_files(project: Project, words: Moving) -> Iterator[Reference]:
    """References in files that are not Python, and in the commands of notebooks."""
    for module in project.modules.values():
        language = module.source.language
        if module.source.role in (Role.TEST, Role.EXAMPLE, Role.LEGACY) or is_demonstration(module) or language is Language.DOCUMENT:
            continue
        if module.facts.commands:
            yield from _commands(project, words, module)
        if language is Language.DOCKERFILE:
            yield from _images(project, words, module)
        elif language is Language.REQUIREMENTS:
            if not _FOR_PEOPLE.search(module.path):
                for leaf in module.facts.settings:
                    yield from _requirement(words, module, str(leaf.value), _at(project, module, leaf.line))
        elif language in _SETTINGS:
            yield from _settings(project, words, module)


def _at(project: Project, module: Module, line: int) -> Location:
    return Location(project.notebook_of(module.path), line, 1, line, 1)


def _commands(project: Project, words: Moving, module: Module) -> Iterator[Reference]:
    before: Command | None = None
    for command in module.facts.commands:
        location = _at(project, module, command.line)
        pieces = (*command.argv, *(value for _, value in command.env))
        for piece in pieces:
            if "://" in piece:
                yield from _addresses(words, piece, location)
                if command.argv and "install" in command.argv:
                    yield from _requirement(words, module, piece, location)
            why = words.newest_of(piece) if command.argv else ""
            if why:
                yield Reference("newest", "the choice by", piece, why, location, 0.9)
        source = words.copy(command.argv) if command.argv else ""
        if source:
            yield copied(source, location)
        if before is not None and _takes_newest(before, command):
            yield Reference("newest", "the choice by", " ".join(before.argv), "whichever was changed last", location, 0.7)
        before = command


def _takes_newest(first: Command, second: Command) -> bool:
    listed = first.argv[:1] == ("ls",) and any(_NEWEST_FIRST.fullmatch(word) for word in first.argv[1:])
    return listed and second.argv[:1] in (("head",), ("tail",)) and second.line == first.line


def _addresses(words: Moving, text: str, location: Location) -> Iterator[Reference]:
    for found in _URL.findall(text):
        why = words.address(found, data=True)
        if why and not found.startswith("git+"):
            yield Reference("address", "the input", found, why, location, 0.9, cause=words.cause(found))


def _requirement(words: Moving, module: Module, text: str, location: Location) -> Iterator[Reference]:
    address, why = words.requirement(text)
    if why:
        yield Reference("requirement", "the requirement", address, why, location, 0.8)


def _images(project: Project, words: Moving, module: Module) -> Iterator[Reference]:
    programs = {c.argv[0].rpartition("/")[2] for c in module.facts.commands if c.argv}
    copied = any(word.endswith(".py") or "requirements" in word for c in module.facts.commands for word in c.argv)
    for leaf in module.facts.settings:
        image = str(leaf.value)
        why = words.image(image)
        if why and (copied or programs & set(_PYTHON) or _CODE.search(image)):
            confidence = 0.5 if leaf.keys[-1] == "ARG" else 0.8
            yield Reference("image", "the image", image, why, _at(project, module, leaf.line), confidence)


def _settings(project: Project, words: Moving, module: Module) -> Iterator[Reference]:
    leaves = {leaf.keys: leaf for leaf in module.facts.settings}
    for leaf in module.facts.settings:
        text = leaf.value
        if not isinstance(text, str) or len(text) > _MANY:
            continue
        location = _at(project, module, leaf.line)
        names = [key for key in leaf.keys if not key.isdecimal()]
        name = names[-1] if names else ""
        if "://" in text and not _PROSE.search(name):
            yield from _addresses(words, text, location)
            if module.source.language is Language.YAML and text.startswith("git+"):
                yield from _requirement(words, module, text, location)
        if name.lower() in words.image_tags and text.lower() in words.tags:
            yield Reference("tag", "the image tag", text, "it is moved to each new image", location, 0.8)
        if name == "image" and leaf.keys[0] == "services" and not _is_built(leaves, leaf):
            why = words.image(text)
            if why:
                yield Reference("image", "the image", text, why, location, 0.6)


def _is_built(leaves: dict[tuple[str, ...], Setting], leaf: Setting) -> bool:
    """Whether a service of the file is built from the project and tagged so."""
    built = {keys[:-1] for keys in leaves if keys[-1:] == ("build",)} | {keys[:-2] for keys in leaves if keys[-2:-1] == ("build",)}
    images = {leaves[(*service, "image")].value for service in built if (*service, "image") in leaves}
    return leaf.keys[:-1] in built or leaf.value in images
