"""Functions that prepare data, and which of them are the same function written twice."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from mldebt.facts.model import Const, Scope
from mldebt.facts.outline import LINE_SHIFT
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_PREPARES = re.compile(
    r"(pre_?proc|process|clean|normali[sz]|standardi[sz]|tokeni[sz]|featur|encod|transform|prepar|vectori[sz]|numericali[sz]|impute"
    r"|fill_?na|pad_|_pad|resize|crop|letterbox|scale|embed|lemmati[sz]|stem_|augment_input|to_tensor|collate|discreti[sz]|bin_|bucket"
    r"|one_?hot|parse_text|remove_)",
    re.IGNORECASE,
)
_OTHER = re.compile(
    r"(^|_)(load_model|save|plot|train|fit|evaluate|log|args?|main|test|postprocess\w*|post|config|process_pool)(_|$)", re.IGNORECASE
)
_LEAST = 3  # lines that do something
_SAME = 0.5  # share of equal lines of the longer one, from which two functions of one name are one


class Pair(msgspec.Struct, frozen=True):
    """One function that stands in two files; `equal` when no line of its body differs."""

    here: Defined
    there: Defined
    share: float
    equal: bool


class Featurisers:
    """The functions of a project that prepare data by their name, take something and return something, by name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._by_name: dict[str, list[Defined]] = defaultdict(list)
        self._lines: dict[Defined, Counter[int]] = {}
        for module in project.python:
            if module.is_test:
                continue
            for index, scope in enumerate(module.facts.scopes):
                if scope.kind == "function" and _prepares(module, scope):
                    here = Defined(module.path, index)
                    lines = _lines(module, scope)
                    if lines.total() >= _LEAST:
                        self._lines[here] = lines
                        self._by_name[self._full_name(module, scope)].append(here)

    def _full_name(self, module: Module, scope: Scope) -> str:
        """A method together with its class: classes of another name have the method for their own reasons."""
        parent = module.facts.scopes[scope.parent]
        return f"{parent.name}.{scope.name}" if parent.kind == "class" else scope.name

    def pairs(self, here: Iterable[Defined], there: frozenset[Defined]) -> Iterator[Pair]:
        """Functions of the first that stand in another file of the second, too."""
        for one in sorted((d for d in here if d in self._lines), key=lambda d: (d.path, d.scope)):
            module, scope = self._project.resolver.scope(one)
            for other in self._by_name[self._full_name(module, scope)]:
                if other.path == one.path or other not in there:
                    continue
                left, right = self._lines[one], self._lines[other]
                share = (left & right).total() / max(left.total(), right.total())
                if share >= _SAME:
                    twin = self._project.resolver.scope(other)[1]
                    yield Pair(one, other, share, scope.digest == twin.digest)

    def lines(self, one: Defined) -> int:
        return self._lines[one].total()


def _prepares(module: Module, scope: Scope) -> bool:
    if not _PREPARES.search(scope.name) or _OTHER.search(scope.name) or scope.name.startswith("__"):
        return False
    returned = [module.facts.values[r] for r in scope.returns]
    if not any(type(value) is not Const for value in returned):
        return False
    return any(p.name not in ("self", "cls") for p in scope.parameters)


def _lines(module: Module, scope: Scope) -> Counter[int]:
    mask = (1 << LINE_SHIFT) - 1
    return Counter(o & mask for o in module.facts.outline if scope.span.line < o >> LINE_SHIFT <= scope.span.end_line)
