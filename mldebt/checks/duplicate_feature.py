"""One feature under two names, and one name twice in a list of features."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Item, Name, Op, Seq, Span, Store
from mldebt.findings import Finding
from mldebt.project import Module, Project
from mldebt.project.columns import Columns
from mldebt.project.columns_copies import together
from mldebt.project.columns_file import Definition, FileColumns
from mldebt.project.roles import is_demonstration

RULE = "duplicate-feature"
_COMMUTES = frozenset({"+", "*", "&", "|", "=="})
_DRAWS = re.compile(r"random|sample|shuffle|permut|uuid|choice|randint|randn|now|next|time", re.IGNORECASE)
_FEATURES = re.compile(r"(^|_)(feat(ure)?s?|col(umn)?s?|predictors?|covariates?|inputs?|vars?|variables?)(_|$)", re.IGNORECASE)
_PLAIN = frozenset({"columns", "attribute"})  # a copy, that is often changed afterwards
_LIST = 4

Form = tuple["str | int | float | bool | None | Form", ...]


def check(project: Project) -> Iterator[Finding]:
    """Yields duplicate-feature; what draws at random, or is computed from a column that changed in between, is not the same."""
    yield from together(project, _found(project))


def _found(project: Project) -> Iterator[Finding]:
    columns = project.columns
    for path in sorted(columns.files):
        file = columns.files[path]
        if not is_demonstration(file.module):
            yield from _expressions(project, file)
            yield from _lists(project, columns, file)


def _expressions(project: Project, file: FileColumns) -> Iterator[Finding]:
    groups: dict[tuple[int, int, int], list[Definition]] = defaultdict(list)
    for one in file.definitions:
        if one.version >= 0:
            groups[one.scope, one.block, file.root(one.version)].append(one)
    for (_, _, root), group in sorted(groups.items()):
        stored = [one.name for one in group]
        first: dict[Form, Definition] = {}
        for one in group:
            inputs: set[str] = set()
            form = _form(file, one.value, root, inputs, 0)
            if form is None or not inputs or form[0] in _PLAIN or stored.count(one.name) > 1 or _is_part(file, one.version):
                continue
            other = first.setdefault(form, one)
            if other.name != one.name and not inputs & set(_between(file, other.version, one.version)):
                yield _duplicate(project, file.module, other, one, file.explores)


def _duplicate(project: Project, module: Module, other: Definition, one: Definition, explores: bool) -> Finding:
    return Finding(
        rule=RULE,
        location=project.location(module, one.span),
        message=f"`{one.name}` is computed by the same expression as `{other.name}`",
        anchor=f"{other.name} = {one.name}",
        scope=module.qualname(one.scope),
        evidence=(project.location(module, other.span, f"`{other.name}`"),),
        confidence=0.6 if explores else 0.9,
    )


def _is_part(file: FileColumns, version: int) -> bool:
    """Whether several columns are stored at once, or rows only."""
    value = file.values[version]
    return type(value) is Store and type(file.values[value.key]) is not Const


def _between(file: FileColumns, early: int, late: int) -> Iterator[str]:
    """Columns that are stored after one version of a frame and before another."""
    index = late
    for _ in range(2000):
        value = file.values[index]
        if index == early:
            return
        if type(value) is Store:
            names, index_before = file.names(value.key) if value.key >= 0 else (), value.base
        elif type(value) is Call and (added := file.added(index)):
            func = file.values[value.func]
            assert type(func) is Attr
            names, index_before = tuple(name for name, _ in added), func.base
        else:
            return
        if index != late:
            yield from names
        index = index_before


def _form(file: FileColumns, index: int, root: int, inputs: set[str], depth: int) -> Form | None:
    """An expression of columns of one frame in a form that is equal for equal expressions; None when it may differ from call to call."""
    value = file.values[index]
    if depth > 12:
        return None
    if type(value) is Const:
        return ("const", type(value.value).__name__, value.value)
    if type(value) is Name:
        return None if _DRAWS.search(value.name) else ("name", value.name)
    if type(value) is Item and file.root(value.base) == root:
        names = file.names(value.key)
        if not names:
            return None
        inputs.update(names)
        return ("columns", type(file.values[value.key]) is Seq, *names)
    if type(value) is Attr:
        if file.root(value.base) == root:
            inputs.add(value.name)
            return ("attribute", value.name)
        base = _form(file, value.base, root, inputs, depth + 1)
        return None if base is None or _DRAWS.search(value.name) else ("attr", base, value.name)
    if type(value) is Op:
        parts = [_form(file, o, root, inputs, depth + 1) for o in value.operands]
        known = [p for p in parts if p is not None]
        if len(known) < len(parts):
            return None
        return ("op", value.op, *(sorted(known, key=repr) if value.op in _COMMUTES else known))
    if type(value) in (Call, Seq):
        return _composed(file, value, root, inputs, depth)
    return None


def _composed(file: FileColumns, value: Call | Seq, root: int, inputs: set[str], depth: int) -> Form | None:
    if type(value) is Seq:
        parts = [_form(file, i, root, inputs, depth + 1) for i in value.items] if value.kind != "comp" else [None]
        return None if None in parts else ("seq", value.kind, *parts)
    func = file.values[value.func]
    if type(func) is Name and func.name.endswith((".col", ".column")) and len(value.args) == 1:
        inputs.update(file.names(value.args[0]))  # a column of whichever frame it is used in
    keywords = sorted(value.keywords)
    parts = [_form(file, i, root, inputs, depth + 1) for i in (value.func, *value.args, *(v for _, v in keywords))]
    return None if None in parts else ("call", *(k for k, _ in keywords), *parts)


def _lists(project: Project, columns: Columns, file: FileColumns) -> Iterator[Finding]:
    """Lists of feature names, by the name of the variable or by selecting from a frame, that have a name twice."""
    for index in file.module.of_kind(Seq):
        value = file.values[index]
        if type(value) is not Seq or value.kind != "list" or len(value.items) < _LIST:
            continue
        names = [v.value for i in value.items if type(v := file.values[i]) is Const and isinstance(v.value, str)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if len(names) < len(value.items) or not twice or len(set(names)) < _LIST - 1:
            continue
        selects = any(type(p := file.values[parent]) is Item and p.key == index for parent in file.parents.get(index, ()))
        bound = [name for name in file.variables.get(index, ()) if _FEATURES.search(name)]
        place = _binding(file, index) if bound else _chain(file, index) if selects else None
        if place is not None:
            shown = ", ".join(f"`{name}`" for name in twice[:3]) + (f" and {len(twice) - 3} more" if len(twice) > 3 else "")
            yield Finding(
                rule=RULE,
                location=project.location(file.module, place),
                message=f"{shown} {'stands' if len(twice) == 1 else 'stand'} twice in one list of columns",
                anchor=", ".join(twice),
                confidence=0.6 if file.explores else 0.85,
                help="Take the second one out: the model gets the column twice.",
            )


def _binding(file: FileColumns, index: int) -> Span | None:
    for scope in file.module.facts.scopes:
        for bindings in scope.bindings.values():
            for binding in bindings:
                if binding.value == index:
                    return binding.span
    return None


def _chain(file: FileColumns, index: int) -> Span | None:
    for use in file.module.facts.uses:
        value = file.values[use.value]
        if type(value) is Item and value.key == index:
            return use.span
    return None
