"""Branches on the kind of a model, and which of them are about the same kinds: one more kind changes all of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Guard, Item, Param, Span
from mldebt.project.conventions.model import application
from mldebt.project.data_files import data_files
from mldebt.project.kinds.areas import areas
from mldebt.project.kinds.layers import in_layer
from mldebt.project.kinds.tests import class_tests, text_tests
from mldebt.project.project import Module, Project

_KIND = re.compile(
    r"(\w+_)?(model|algo|algorithm|clf|classifier|regressor|estimator|learner|booster|agent)s?"
    r"(_(name|type|kind|class|cls|key|str|lib|library|package|flavou?r|family|algo|choice))?",
    re.IGNORECASE,
)
_SUBJECT = re.compile(r"(?:not )?\(*([\w.]+?)(?:\.(?:lower|upper|strip)\(\))?\)* *(?:==|in\b)")
_ARMS = 3
_SITES = 2
_COMMON = 2
_SPREAD = 4  # functions for which two kinds are enough
Key = tuple[str, frozenset[str]]  # area, kinds


class Ladder(msgspec.Struct, frozen=True):
    """The branches of one function on one thing: what each of them is for, and how many there are."""

    path: str
    scope: int
    span: Span
    names: frozenset[str]
    arms: int
    about: str


def ladders(project: Project) -> Iterator[tuple[Ladder, ...]]:
    """Groups of ladders on the same kinds, in path and text order."""
    data = data_files(project)
    area = areas(project)
    found = [ladder for module in application(project, notebooks=True) if module.path in data for ladder in _of_file(project, module)]
    equal: dict[Key, list[Ladder]] = defaultdict(list)
    for ladder in found:
        equal[area[ladder.path], ladder.names].append(ladder)
    groups: list[list[Key]] = []
    for key in equal:
        same = [group for group in groups if any(_alike(key, other) for other in group)]
        groups = [group for group in groups if group not in same] + [[*(one for group in same for one in group), key]]
    together = [[ladder for key in group for ladder in equal[key]] for group in groups]
    for group in sorted(together, key=lambda g: min((one.path, one.span) for one in g)):
        functions = {project.modules[one.path].qualname(one.scope) for one in group}  # copies of one are another debt
        kinds = frozenset().union(*(one.names for one in group))
        sized = len(functions) >= _SITES and len(kinds) >= _ARMS and any(one.arms >= _ARMS for one in group)
        sized = sized or len(functions) >= _SPREAD
        if sized and _belong(project, sorted({one.path for one in group}), len(group)):
            yield tuple(sorted(group, key=lambda one: (one.path, one.span)))


def _belong(project: Project, paths: list[str], sites: int) -> bool:
    """Whether two of the places are in use together: in one file, or in files of which one imports the other or a third one both."""
    imports = project.imported_by_file
    if sites > len(paths) or any(not imports[path].isdisjoint(paths) for path in paths):
        return True
    return any(len(targets.intersection(paths)) > 1 for targets in imports.values())


def _alike(one: Key, other: Key) -> bool:
    common = len(one[1] & other[1])
    return one[0] == other[0] and common >= _COMMON and 2 * common >= min(len(one[1]), len(other[1]))


def _of_file(project: Project, module: Module) -> Iterator[Ladder]:
    asked: dict[tuple[int, str], dict[Span, tuple[Guard, frozenset[str]]]] = defaultdict(dict)
    for guard in module.facts.guards:
        if guard.kind not in ("if", "elif", "ifexp"):
            continue
        for test in text_tests(module, guard.test):
            name = _named(module, test.subject) or _written(guard.text)
            if _KIND.fullmatch(name):
                asked[guard.scope, name][guard.span] = guard, frozenset(n.lower() for n in test.names)
        for test in class_tests(project, module, guard.test):
            if test.spelled:
                asked[guard.scope, "the class of the model"][guard.span] = guard, frozenset(n.lower() for n in test.names)
    raising = {raised.block for raised in module.facts.raises}
    for (scope, about), guards in sorted(asked.items()):
        chain = [guards[span] for span in sorted(guards)]
        distinct = list(dict.fromkeys(names for _, names in chain))
        names = frozenset().union(*distinct)
        closed = chain[-1][0].orelse is not None and not chain[-1][0].orelse_is_elif and chain[-1][0].orelse_block not in raising
        arms = len(distinct) + (len(distinct) > 1 and closed)
        if len(distinct) > 1 and not in_layer(project, module, scope):
            yield Ladder(module.path, scope, chain[0][0].span, names, arms, about)


def _named(module: Module, index: int) -> str:
    """The name or key under which a value is at hand."""
    value = module.facts.values[index]
    if type(value) is Attr or type(value) is Param or type(value) is Bound:
        return value.name
    if type(value) is Call and type(func := module.facts.values[value.func]) is Attr:
        if func.name in ("lower", "upper", "strip"):
            return _named(module, func.base)
        key = value.args[0] if func.name == "get" and value.args else -1
    else:
        key = value.key if type(value) is Item else -1
    text = module.facts.values[key] if key >= 0 else None
    return text.value if type(text) is Const and type(text.value) is str else ""


def _written(text: str) -> str:
    """What stands in front of the comparison in the text of a condition."""
    found = _SUBJECT.match(text)
    return found[1].rpartition(".")[2] if found else ""
