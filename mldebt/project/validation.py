"""What a project checks about its data: schema packages, conditions that refuse rows or requests, declared tests and contracts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property

from mldebt.facts.model import Attr, Call, Guard, Name, Op, Value
from mldebt.project.columns_file import children
from mldebt.project.conditions import Conditions
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance
from mldebt.sources.model import Language

# Words of a condition about the form or the values of data.
_ABOUT_DATA = re.compile(
    r"\.(?:shape|columns|empty|dtypes?|is_unique|schema|names)\b|\b(?:len|set|issubset|isinf)\(|(?:isna|isnull|notna|notnull|isnan|isfinite|"
    r"duplicated|nunique|between|is_monotonic\w*|is_unique|issubset|issuperset|difference|count|min|max|any|all|is_\w*_dtype)\(|"
    r"\bnot in\b.*(?:columns|names|fields)|columns.*\bnot in\b|\bcol(?:umn)?\w* not in\b"
)
_CHECKS = re.compile(
    r"(?:^|_)(?:validat\w*|verif(?:y|ies)|sanity|assert\w*|schema|expectations?|data_tests?|quality|integrity)(?:_|$)|^check_", re.I
)
_NOT_DATA = re.compile(
    r"cross_valid|validation_(?:split|data|set|curve|loss|step|epoch|metric)|check_(?:point|random_state|is_fitted|output)|valid(?:ation)?_?(?:loss|acc)",
    re.I,
)
_SUITES = re.compile(
    r"(?:^|/)(?:great_expectations|gx|expectations|soda|data_?contracts?|deepchecks|tfdv)(?:/|\.|_)|\.odcs\.ya?ml$|(?:^|/)schema\.pbtxt$",
    re.I,
)
_TESTING = (("soda", "scan"), ("dbt", "test"), ("dbt", "build"), ("datacontract", "test"), ("great_expectations",), ("gx", "checkpoint"))
_DEEP = 5
_WIDE = 400


class Validation:
    """Checks of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def called(self) -> dict[str, frozenset[int]]:
        """By file: the calls of what the catalogue says checks data, and of functions that are named after checking."""
        conditions = Conditions(self._project)
        found: dict[str, set[int]] = {}
        telling = [e for e in self._project.events.telling if "validate" in e.entry.roles]
        for event in (*self._project.calls("validate"), *telling):
            if conditions.holds(event) is not False:
                found.setdefault(event.module.path, set()).add(event.site.value)
        for name, sites in self._project.called.items():
            if _CHECKS.search(name) and not _NOT_DATA.search(name):
                for module, site, _ in sites:
                    found.setdefault(module.path, set()).add(site.value)
        return {path: frozenset(values) for path, values in found.items()}

    @cached_property
    def is_practised(self) -> bool:
        """Whether the project tests its data with a package, a suite or a contract: then not every path shows it."""
        if self._project.calls("validate"):
            return True
        modules = self._project.modules
        if any(_SUITES.search(path) for path in modules):
            return True
        commands = (c.argv for m in modules.values() if m.source.language is not Language.DOCUMENT for c in m.facts.commands)
        if any(argv[: len(words)] == words for argv in commands for words in _TESTING):
            return True
        return any(d.system in ("odcs", "datacontract") for d in self._project.artifacts.declarations)

    def checks_data(self, paths: Iterable[str]) -> bool:
        """Whether code of these files refuses data that is not as it should be."""
        return any(path in self.called or self._refuses(path) for path in paths)

    def _refuses(self, path: str) -> bool:
        module = self._project.modules.get(path)
        if module is None:
            return False
        raising = {one.block for one in module.facts.raises}
        return any(
            (guard.kind == "assert" or not raising.isdisjoint((guard.body_block, guard.orelse_block))) and _ABOUT_DATA.search(guard.text)
            for guard in module.facts.guards
        )

    # requests --------------------------------------------------------------------------------------------------------

    def refuses_request(self, functions: Iterable[tuple[str, int]], values: frozenset[tuple[str, int]], answer: tuple[str, int]) -> bool:
        """Whether a condition in one of the functions looks at one of the values, not at the answer, and turns the request away."""
        for path, scope in functions:
            module = self._project.modules[path]
            guards = [g for g in module.facts.guards if g.scope == scope and g.kind in ("if", "elif", "assert") and not _is_verb(g)]
            for guard in guards:
                seen = {(path, index) for index in within(module, guard.test)} if _turns_away(module, guard) else set()
                if answer not in seen and not seen.isdisjoint(values):
                    return True
        return False

    def makes_schema(self, values: Iterable[tuple[str, int]]) -> bool:
        """Whether one of the values is made by a class of the project that stands on a package, or by a call that checks."""
        for path, index in values:
            module = self._project.modules[path]
            value = module.facts.values[index]
            if type(value) is not Call:
                continue
            if index in self.called.get(path, ()):
                return True
            target = self._project.resolver.callee(module, value)
            target = target.of if type(target) is Instance else target
            if type(target) is Defined and self._is_schema(target):
                return True
        return False

    def _is_schema(self, target: Defined) -> bool:
        module, scope = self._project.resolver.scope(target)
        return scope.kind == "class" and any(type(self._project.resolver.target(module, base)) is External for base in scope.bases)

    def casts(self, module: Module, scope: int, values: frozenset[tuple[str, int]]) -> bool:
        """Whether numbers are made of the values, so that a text is refused, or an error is answered."""
        for path, index in values:
            owner = self._project.modules[path]
            value = owner.facts.values[index]
            func = owner.facts.values[value.func] if type(value) is Call else None
            if type(func) is Name and func.name in ("builtins.float", "builtins.int"):
                return True
        return any(handler.scope == scope and handler.ends in ("return", "raise") for handler in module.facts.handlers)


def within(module: Module, index: int) -> Iterator[int]:
    """A value and all that it is written with. Operators and the dots of names lead no deeper: a long condition is wide."""
    stack, seen = [(index, 0)], set[int]()
    while stack and len(seen) < _WIDE:
        one, depth = stack.pop()
        if one in seen or one < 0:
            continue
        seen.add(one)
        yield one
        if depth < _DEEP:
            value: Value = module.facts.values[one]
            deeper = depth + (type(value) not in (Op, Attr))
            stack += [(child, deeper) for child in children(value)]


def _turns_away(module: Module, guard: Guard) -> bool:
    """Whether one side of a condition raises, or sets nothing: then it returns, aborts or skips; an encoding sets names."""
    if guard.kind == "assert":
        return True
    facts = module.facts
    raising = {one.block for one in facts.raises}
    setting = {b.block for bindings in facts.scopes[guard.scope].bindings.values() for b in bindings} | {w.block for w in facts.writes}
    sides = [block for block in (guard.body_block, guard.orelse_block) if block >= 0]
    return any(block in raising or block not in setting for block in sides if not guard.orelse_is_elif or block == guard.body_block)


def _is_verb(guard: Guard) -> bool:
    """Whether a condition asks for the method of the request, not for what is in it."""
    return "method" in guard.text
