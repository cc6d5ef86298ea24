"""What the kinds of coupled constants have in common."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import msgspec

from mldebt.facts.model import Span
from mldebt.project.constants.literals import Literal
from mldebt.project.forks import similarity
from mldebt.project.project import Module
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language, Role

_FOREIGN = re.compile(
    r"(^|/)(_?vendor(ed)?|third[_-]?party|external|site-packages|node_modules|migrations|alembic)/"
    r"|(_pb2(_grpc)?|(^|/)(setup|conftest|versioneer|_version))\.py$|\{\{|cookiecutter",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"path/to|your[-_/ ]|^your|<[^>]*>|x{3,}|change_?me|replace_?(me|with)|example\.(com|org)|dummy|placeholder|\.\.\.", re.IGNORECASE
)
_BELOW = 2  # folders below the common one: farther apart, files belong to different programs
_COPY = 0.7  # share of equal lines from which a file is a copy of another


class Spot(msgspec.Struct, frozen=True):
    """One place of a value."""

    module: Module
    span: Span
    scope: int
    note: str = ""


class Coupled(msgspec.Struct, frozen=True):
    """Places that must agree; the first is where the finding stands."""

    kind: str
    places: tuple[Spot, ...]
    message: str
    anchor: str
    confidence: float


def spot(one: Literal, note: str = "") -> Spot:
    return Spot(one.module, one.span, one.scope, note)


def is_compared(module: Module) -> bool:
    """Whether the file is the project's own working code."""
    return module.source.role is not Role.LEGACY and not _is_foreign(module.path) and not is_demonstration(module)


@lru_cache(maxsize=10_000)
def _is_foreign(path: str) -> bool:
    return _FOREIGN.search(path) is not None


def is_placeholder(text: str) -> bool:
    """Whether a reader is to put his own value there."""
    return _PLACEHOLDER.search(text) is not None


def near(first: str, second: str, below: int = _BELOW) -> bool:
    """Whether two files stand so close together that they can be parts of one program: each at most so many folders below a common one."""
    left, right = first.split("/")[:-1], second.split("/")[:-1]
    common = 0
    while common < min(len(left), len(right)) and left[common] == right[common]:
        common += 1
    return len(left) - common <= below and len(right) - common <= below


def originals(modules: Iterable[Module]) -> list[Module]:
    """One file of each set of copies: copies agree because they were copied, which is another finding."""
    found: list[Module] = []
    for module in modules:
        if not any(one is module or similarity(one, module) >= _COPY for one in found):
            found.append(module)
    return found


def is_notebook(module: Module) -> bool:
    return module.source.language is Language.NOTEBOOK or module.source.role is Role.NOTEBOOK


def files(places: Iterable[Spot]) -> str:
    """How many files, in words."""
    count = len({place.module.path for place in places})
    return f"{count} files" if count > 1 else "this file"
