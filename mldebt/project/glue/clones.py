"""Code that was written once for each package: functions and classes that are alike but for the vendor that they stand around."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import msgspec

from mldebt.facts.model import Call, Scope, Span
from mldebt.facts.outline import LINE_SHIFT
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External

_KINDS = 3  # sets of learners, from which a group is a habit
_PAIR = 15  # equal lines of two members that say so alone, when both stand around packages themselves
_LINES = 6  # of a function that is compared
_SHARED = 7  # equal lines of two members
_SHARE = 0.45  # of the shorter function
_CLASS_SHARE = 0.3  # of the shorter class, where the methods have the same names
_METHODS = 3  # of the same name, beside the constructor
_HABIT = 60  # a line of more places is a habit of the code base
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_IN_PROJECT = ":"  # between the file and the name of an adapter
_LONGEST = 3  # words of a name that may spell a package: light_gbm


class Unit(msgspec.Struct, frozen=True):
    """A function or class, the learners that it stands around, and its lines."""

    module: Module
    index: int
    learners: frozenset[str]
    packages: frozenset[str]  # of the learners; an adapter of the project stands for itself
    bases: frozenset[str]  # of a class, those of packages
    methods: frozenset[str]  # of a class, but for the constructor
    lines: dict[int, int]  # hash -> how often

    @property
    def scope(self) -> Scope:
        return self.module.facts.scopes[self.index]


class Clone(msgspec.Struct, frozen=True):
    """Functions or classes of one shape for different learners, in path and text order; `shared` lines stand in the closest two."""

    units: tuple[Unit, ...]
    shared: int


def clones(project: Project) -> Iterator[Clone]:
    """Groups for at least three learners, or for two packages with much in common. What is copied from file to file is one group."""
    found: list[Clone] = []
    for group, shared in _alike(_units(project), project.vendors.programs):
        kinds = {u.learners for u in group}
        packages = {package for u in group for package in u.packages}
        apart = len(packages) > 1 and not any(_IN_PROJECT in name for name in packages)
        if len(kinds) >= _KINDS or (apart and shared >= _PAIR):
            found.append(_joined(found, Clone(tuple(group), shared)))
    yield from sorted(found, key=lambda clone: _place(clone.units[0]))


def _joined(found: list[Clone], clone: Clone) -> Clone:
    """The group together with an earlier one of which two names are the same, which is taken out."""
    names = {u.scope.qualname for u in clone.units}
    known = next((c for c in found if len(names & {u.scope.qualname for u in c.units}) > 1), None)
    if known is None:
        return clone
    found.remove(known)
    return Clone(tuple(sorted((*known.units, *clone.units), key=_place)), max(known.shared, clone.shared))


def _place(unit: Unit) -> tuple[str, Span]:
    return unit.module.path, unit.scope.span


def _units(project: Project) -> list[Unit]:
    """The functions and classes that call a learner, make an adapter of one, or are named after one."""
    learners: dict[tuple[str, int], set[str]] = defaultdict(set)
    vendors = project.vendors
    adapters: set[Defined] = set()
    for vendor, boundaries in vendors.boundaries.items():
        for b in boundaries:
            if vendors.makes_model(b.name) or vendors.trains(b):
                for index in _around(b.module, b.site.scope):
                    learners[b.module.path, index].add(vendor if vendor in vendors.frameworks else b.name)
                    adapters.add(Defined(b.module.path, index))
    for adapter in sorted(adapters, key=lambda d: (d.path, d.scope)):
        name = f"{adapter.path}{_IN_PROJECT}{project.resolver.scope(adapter)[1].qualname.partition('.')[0]}"
        for module, site, _ in project.events.callers.get(adapter, ()):
            for index in _around(module, site.scope):
                if module.path != adapter.path or module.qualname(index).partition(".")[0] != name.rpartition(_IN_PROJECT)[2]:
                    learners[module.path, index].add(name)
    words = _words(project)
    found = []
    for module in vendors.files:
        for index, scope in enumerate(module.facts.scopes):
            if scope.kind in ("function", "class"):
                whose = learners.get((module.path, index)) or _named(scope.name, words)
                if whose and _is_free(project, module, scope) and len(lines := _lines(module, scope)) >= _LINES:
                    packages = frozenset(vendors.of(name) or name for name in whose)
                    found.append(
                        Unit(module, index, frozenset(whose), packages, _bases(project, module, scope), _methods(module, index), lines)
                    )
    return found


def _bases(project: Project, module: Module, scope: Scope) -> frozenset[str]:
    targets = (project.resolver.target(module, base) for base in scope.bases)
    return frozenset(t.name for t in targets if type(t) is External and t.name != "builtins.object")


def _around(module: Module, index: int) -> Iterator[int]:
    """The functions and classes that a scope stands in, itself included."""
    while index > 0:
        if module.facts.scopes[index].kind in ("function", "class"):
            yield index
        index = module.facts.scopes[index].parent


def _is_free(project: Project, module: Module, scope: Scope) -> bool:
    """Whether nothing of the project holds what the adapters share: a base class or a decorator is the remedy."""
    owner = scope if scope.kind == "class" else module.facts.scopes[scope.parent]
    if any(type(project.resolver.target(module, base)) is Defined for base in owner.bases):
        return False
    for decorator in scope.decorators:
        value = module.facts.values[decorator]
        if type(project.resolver.target(module, value.func if type(value) is Call else decorator)) is Defined:
            return False
    return True


def _words(project: Project) -> dict[str, str]:
    """How the project spells its learners: names of packages, and the names that they are imported under; with the vendor of each."""
    vendors = project.vendors
    found: dict[str, str] = {}
    for module in project.python:
        for i in module.facts.imports:
            root = i.module.partition(".")[0]
            if (vendor := vendors.of(root)) and vendor not in vendors.frameworks:
                found.update((w.lower(), vendor) for w in (root, i.name if i.target == root else "") if len(w) > 2)
    return found


def _named(name: str, words: dict[str, str]) -> set[str]:
    parts = [w.lower() for w in _WORD.findall(name)]
    spelled = {"".join(parts[at : at + n]) for at in range(len(parts)) for n in range(1, _LONGEST + 1)}
    return {words[word] for word in spelled & words.keys()}


def _lines(module: Module, scope: Scope) -> dict[int, int]:
    mask, outline = (1 << LINE_SHIFT) - 1, module.facts.outline  # in the order of the lines
    first = bisect_left(outline, scope.span.line << LINE_SHIFT)
    last = bisect_left(outline, (scope.span.end_line + 1) << LINE_SHIFT)
    return Counter(x & mask for x in outline[first:last])


def _alike(units: list[Unit], home: Mapping[str, str]) -> Iterator[tuple[list[Unit], int]]:
    """Connected groups of units that share enough lines, and what the closest pair shares."""
    places: dict[int, list[int]] = defaultdict(list)
    for number, unit in enumerate(units):
        for line in unit.lines:
            places[line].append(number)
    pairs: Counter[tuple[int, int]] = Counter()
    for line, at in places.items():
        if 1 < len(at) <= _HABIT:
            for place, one in enumerate(at):
                for other in at[place + 1 :]:
                    pairs[one, other] += min(units[one].lines[line], units[other].lines[line])
    groups: dict[int, list[int]] = {}
    closest: dict[int, int] = {}
    for (one, other), shared in sorted(pairs.items()):
        if home.get(units[one].module.path) == home.get(units[other].module.path) and _is_alike(units[one], units[other], shared):
            left, right = groups.setdefault(one, [one]), groups.setdefault(other, [other])
            if left is not right:
                left += right
                groups.update(dict.fromkeys(right, left))
            closest[one] = max(closest.get(one, 0), shared)
    for group in sorted(sorted(g) for g in {id(g): g for g in groups.values()}.values()):
        yield [units[n] for n in group], max(closest.get(n, 0) for n in group)


def _is_alike(one: Unit, other: Unit, shared: int) -> bool:
    first, second = one.scope, other.scope
    if first.kind != second.kind or one.learners & other.learners or shared < _SHARED:
        return False
    if first.name == second.name and one.module is not other.module:
        return False  # a copied file: a debt of its own
    if (one.packages <= other.packages or other.packages <= one.packages) and max(len(one.learners), len(other.learners)) > 1:
        return False  # around the same packages: for two tasks, or two steps
    if first.kind == "class" and one.module is not other.module and one.bases & other.bases:
        return False  # adapters to an interface from outside, a file each
    least = min(sum(one.lines.values()), sum(other.lines.values()))
    if first.kind == "class":
        return shared >= _CLASS_SHARE * least and len(one.methods & other.methods) >= _METHODS
    owners = [u.scope.parent if u.module.facts.scopes[u.scope.parent].kind == "class" else -1 for u in (one, other)]
    same = owners[0] == owners[1] and (owners[0] < 0 or one.module is other.module)
    return same and shared >= _SHARE * least


def _methods(module: Module, index: int) -> frozenset[str]:
    scopes = module.facts.scopes
    if scopes[index].kind != "class":
        return frozenset()
    return frozenset(s.name for s in scopes if s.kind == "function" and s.parent == index and not s.name.startswith("__"))
