"""Which versions of a package the project allows, as its requirement files, packaging files and lock-like pins say."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Const
from mldebt.project.project import Module, Project

_FILE = re.compile(r"(requirements|constraints|environment|conda)[^/]*\.(txt|in|ya?ml)$|(pyproject\.toml|setup\.cfg|setup\.py|Pipfile)$")
_DIGITS = 20  # of a number in a version; more are no version, and Python refuses to read very many
_NAME = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)", re.DOTALL)
_BOUND = re.compile(r"(===|==|~=|>=|<=|!=|=|>|<|\^|~)\s*v?(\d[\w.]*)")

Version = tuple[int, ...]


class Range(msgspec.Struct, frozen=True):
    """The lowest and the highest version allowed, as far as written."""

    lowest: Version = ()
    highest: Version = ()

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
        for module in project.modules.values():
            if _FILE.search(module.path) is None:
                continue
            folder = module.path.rpartition("/")[0]
            if folder.rpartition("/")[2] == "requirements":
                folder = folder.rpartition("/")[0]
            for name, bounds in _requirements(module):
                self._asked.setdefault(name, []).append((folder, bounds))

    def range(self, module: Module, names: tuple[str, ...]) -> Range | None:
        """The bounds that hold for a file: of the nearest folder that names the package, the widest."""
        asked = [entry for name in names for entry in self._asked.get(_normal(name), ())]
        above = [(folder, r) for folder, r in asked if not folder or module.path.startswith(folder + "/")]
        if not above:
            return None
        nearest = max(len(folder) for folder, _ in above)
        found = [r for folder, r in above if len(folder) == nearest]
        bounded = [r for r in found if r.lowest or r.highest]
        return min(bounded, key=lambda r: (r.lowest, r.highest)) if bounded else found[0]


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
