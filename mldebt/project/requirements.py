"""Which versions of a package the project allows, as its lock files, requirement files, packaging files and images say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Const
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

_FILE = re.compile(r"(requirements|constraints|environment|conda)[^/]*\.ya?ml$|(pyproject\.toml|setup\.cfg|setup\.py|Pipfile)$")
_DIGITS = 20  # of a number in a version; more are no version, and Python refuses to read very many
_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_BOUND = re.compile(r"(===|==|~=|>=|<=|!=|=|>|<|\^|~)\s*v?(\d[\w.]*)")

_INSTALLING = frozenset({Language.DOCKERFILE, Language.SHELL, Language.DOCUMENT, Language.NOTEBOOK})

Version = tuple[int, ...]


class Range(msgspec.Struct, frozen=True):
    """The lowest and the highest version allowed, as far as written."""

    lowest: Version = ()
    highest: Version = ()

    @property
    def exact(self) -> bool:
        """Whether one version is allowed."""
        return bool(self.lowest) and self.lowest == self.highest

    def allows_before(self, version: Version) -> bool:
        """Whether a version below this one satisfies a bound that somebody wrote; a package without bounds is taken to be new."""
        return self.lowest < version if self.lowest else bool(self.highest) and self.highest <= version

    def only_before(self, version: Version) -> bool:
        """Whether every version that is allowed lies below this one."""
        return bool(self.highest) and (self.highest < version or self.lowest < self.highest == version)


class Requirements:
    """What each folder asks for. A file speaks for its own folder and those below it; `requirements/` for the folder above it."""

    def __init__(self, project: Project) -> None:
        self._asked: dict[str, list[tuple[str, Range]]] = {}
        self._locked: dict[str, list[tuple[str, Range]]] = {}
        self._folders: set[str] = set()
        for module in project.modules.values():
            folder = module.path.rpartition("/")[0]
            if module.source.language is Language.LOCK:
                self._folders.add(folder)
                for setting in module.facts.settings:
                    if settled := version(str(setting.value)):
                        self._locked.setdefault(_normal(setting.keys[-1]), []).append((folder, Range(settled, settled)))
                continue
            if module.source.language in _INSTALLING:
                for name, bounds in _installed(module):
                    self._asked.setdefault(name, []).append((folder, bounds))
                continue
            if module.source.language is not Language.REQUIREMENTS and _FILE.search(module.path) is None:
                continue
            if folder.rpartition("/")[2] == "requirements":
                folder = folder.rpartition("/")[0]
            self._folders.add(folder)
            for name, bounds in _requirements(module):
                self._asked.setdefault(name, []).append((folder, bounds))

    def folder(self, module: Module) -> str:
        """The nearest folder at or above a file that says what is installed; "" for the root."""
        above = (folder for folder in self._folders if module.path.startswith(f"{folder}/"))
        return max(above, key=len, default="")

    def range(self, module: Module, names: tuple[str, ...]) -> Range | None:
        """The bounds that hold for a file: of the nearest folder that locks the package, else that names it, the widest."""
        locked = _nearest(module, names, self._locked)
        if locked:
            return Range(min(r.lowest for r in locked), max(r.highest for r in locked))
        found = _nearest(module, names, self._asked)
        bounded = [r for r in found if r.lowest or r.highest]
        return min(bounded, key=lambda r: (r.lowest, r.highest)) if bounded else found[0] if found else None


def _nearest(module: Module, names: tuple[str, ...], said: dict[str, list[tuple[str, Range]]]) -> list[Range]:
    """What the nearest folder at or above the file says of a package."""
    above = [(f, r) for name in names for f, r in said.get(_normal(name), ()) if not f or module.path.startswith(f + "/")]
    nearest = max((len(folder) for folder, _ in above), default=0)
    return [r for folder, r in above if len(folder) == nearest]


def version(text: str) -> Version:
    """The leading numbers of a version: `2.6.0rc1` is (2, 6, 0)."""
    match = re.match(r"\d+(?:\.\d+)*", text)
    return tuple(int(part[:_DIGITS]) for part in match[0].split(".")) if match else ()


def _requirements(module: Module) -> Iterator[tuple[str, Range]]:
    for setting in module.facts.settings:
        if isinstance(setting.value, str):
            if len(setting.keys) > 1 and setting.keys[-2] in ("dependencies", "dev-dependencies", "packages") and setting.keys[-1] != "0":
                bounds = _bounds(setting.value if setting.value[:1] in "^~<>=!" else f"=={setting.value}")
                if bounds.lowest or bounds.highest:
                    yield _normal(setting.keys[-1]), bounds  # poetry, Pipfile: name = "^2.0"
            for line in setting.value.splitlines():
                yield from _line(line)
    if module.is_python:
        for index in module.of_kind(Const):
            value = module.facts.values[index]
            if type(value) is Const and isinstance(value.value, str) and len(value.value) < 200:
                yield from _line(value.value)


def _installed(module: Module) -> Iterator[tuple[str, Range]]:
    """What an image, script, notebook or reader installs in one version, and what an image builds on: `FROM pytorch/pytorch:2.1.0`."""
    for command in module.facts.commands:
        if "install" in command.argv[:4]:
            for word in command.argv[command.argv.index("install") + 1 :]:
                if "==" in word and word[0] not in "-.":
                    yield from _line(word)
    for setting in module.facts.settings:
        name, _, tag = str(setting.value).rpartition("/")[2].partition(":")
        if setting.keys[:1] == ("FROM",) and (settled := version(tag)):
            yield _normal(name), Range(settled, settled)


def _line(text: str) -> Iterator[tuple[str, Range]]:
    match = _NAME.fullmatch(text.split("#")[0].split(";")[0].strip())
    if match is not None and (not match[2] or _BOUND.match(match[2])):
        yield _normal(match[1]), _bounds(match[2])


def _bounds(text: str) -> Range:
    lowest: Version = ()
    highest: Version = ()
    for sign, written in _BOUND.findall(text):
        found = version(written)
        if sign in ("==", "===", "="):
            return Range(found, found)
        if sign in (">=", ">", "~=", "^", "~"):
            lowest = max(lowest, found)
        if sign in ("<", "<="):
            highest = min(highest, found) if highest else found
    return Range(lowest, highest)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
