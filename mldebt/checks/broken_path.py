"""MLD428: code that cannot work when it is reached."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Item, Name, Op, Param, Raise, Scope
from mldebt.findings import Finding, Location
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.undefined import missing_names
from mldebt.sources.model import Language, Role

RULE = "broken-path"
_NOT_IMPLEMENTED = ("builtins.NotImplementedError", "builtins.NotImplemented")


def check(project: Project) -> Iterator[Finding]:
    """Names that nothing defines, imports of modules that are gone, results that are an exception class, options that only raise."""
    methods = _frame_methods(project)
    for module in project.python:
        if module.is_test or module.source.language is Language.NOTEBOOK or module.source.role is Role.LEGACY:
            continue
        yield from _undefined(project, module)
        yield from _gone(project, module)
        yield from _returned_exceptions(project, module)
        yield from _offered(project, module)
        yield from _subscripted_methods(project, module, methods)


def _undefined(project: Project, module: Module) -> Iterator[Finding]:
    """One finding per set of functions that lack the same names."""
    for uses in missing_names(project, module):
        names = list(dict.fromkeys(u.name for u in uses))
        places = list(dict.fromkeys(module.qualname(u.scope) for u in uses))
        shown = ", ".join(f"`{n}`" for n in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        where = "the file fails" if "" in places else f"`{places[0]}` fails" if len(places) == 1 else f"{len(places)} functions fail"
        yield Finding(
            RULE,
            project.location(module, uses[0].span),
            f"{shown} {'is' if len(names) == 1 else 'are'} defined nowhere: {where} on reaching this",
            anchor=f"undefined {' '.join(sorted(names))}",
            scope=min(places),
            confidence=0.9,
            size=len(uses),
            evidence=tuple(project.location(module, u.span, f"`{u.name}`") for u in uses[1:9]),
        )


def _gone(project: Project, module: Module) -> Iterator[Finding]:
    missing = []
    for item in module.facts.imports:
        if item.optional or not project.index.is_local(module.path, item.module):
            continue
        if project.index.find(module.path, item.module) is None and not project.index.may_exist(project.root, module.path, item.module):
            missing.append(item)
    if missing:
        names = list(dict.fromkeys(i.module for i in missing))
        yield Finding(
            RULE,
            project.location(module, missing[0].span),
            f"imports {', '.join(f'`{n}`' for n in names[:3])}, which the project does not have: this file cannot be imported",
            anchor=f"import {' '.join(sorted(n.rpartition('.')[2] for n in names))}",  # its package may be renamed
            scope="",
            confidence=0.85,
            evidence=tuple(project.location(module, i.span, f"`{i.module}`") for i in missing[1:4]),
            size=module.facts.lines,
        )


def _returned_exceptions(project: Project, module: Module) -> Iterator[Finding]:
    for scope in module.facts.scopes:
        for value in scope.returns if scope.kind == "function" else ():
            item = module.facts.values[value]
            func = module.facts.values[item.func] if type(item) is Call else item
            wrong = type(func) is Name and func.name == "builtins.NotImplementedError"
            if wrong and not _is_abstract(project, module, scope):
                span = next((u.span for u in module.facts.uses if u.value == value and module.facts.scopes[u.scope] is scope), scope.span)
                span = next((c.span for c in module.facts.sites if c.value == value), span)
                yield Finding(
                    RULE,
                    project.location(module, span),
                    f"`{scope.qualname}` returns `{func.name.rsplit('.', 1)[-1]}` instead of raising it: callers go on with it as a result",
                    anchor="returns NotImplementedError",
                    scope=scope.qualname,
                    confidence=0.9,
                    size=scope.span.end_line - scope.span.line + 1,
                )
                break


def _is_abstract(project: Project, module: Module, scope: Scope) -> bool:
    """A method that subclasses of the project override."""
    if scope.parent <= 0:
        return False
    heirs = project.resolver.subclasses(Defined(module.path, scope.parent))
    return any(scope.name in project.resolver.scope(heir)[1].bindings for heir in heirs)


def _subscripted_methods(project: Project, module: Module, methods: frozenset[str]) -> Iterator[Finding]:
    """`frame.drop[columns]`: a method of data frames that this file calls elsewhere, here with the wrong brackets."""
    methods = methods.intersection(func.name for _, _, func in module.calls if type(func) is Attr)
    values = module.facts.values
    for use in module.facts.uses if methods else ():
        value = values[use.value]
        while type(value) in (Attr, Item):
            base = values[value.base]
            if type(value) is Item and type(base) is Attr and base.name in methods:
                owner = project.resolver.target(module, value.base)
                if type(owner) is not Defined and base.name not in project.evaluator.attributes:
                    yield Finding(
                        RULE,
                        project.location(module, use.span),
                        f"`.{base.name}[...]` subscripts a method: `{module.qualname(use.scope) or module.path}` fails here",
                        anchor=f"subscripted {base.name}",
                        scope=module.qualname(use.scope),
                        confidence=0.85,
                    )
                    break
            value = base


def _frame_methods(project: Project) -> frozenset[str]:
    """Methods of data frames, by the catalogue, that are not also common fields of other objects."""
    return frozenset(
        m for kind, m in project.catalogue.methods if kind == "dataframe" and m not in ("sample", "filter", "index", "values", "columns")
    )


def _offered(project: Project, module: Module) -> Iterator[Finding]:
    """A branch that only raises NotImplementedError, although the project itself passes the value that leads there."""
    for item in module.facts.raises:
        guard = module.facts.blocks[item.block].guard
        if not item.alone or guard < 0 or module.facts.blocks[item.block].kind != "if" or not _not_implemented(module, item):
            continue
        test = module.facts.values[module.facts.guards[guard].test]
        wanted: object = True
        if type(test) is Op and test.op == "==" and type(module.facts.values[test.operands[1]]) is Const:
            wanted, test = module.facts.values[test.operands[1]].value, module.facts.values[test.operands[0]]  # type: ignore[union-attr]
        callers: list[Location] = []
        if type(test) is Param:
            callers = [project.location(m, s.span, "offered here") for m, s in project.parameters.passing(module, test, wanted)]
        elif type(test) is Attr:
            offers = [f for f in project.flags.keys.get(test.name, ()) if wanted in f.choices]
            callers = [project.location(f.module, f.span, "offered here") for f in offers]
        if callers and type(test) in (Param, Attr):
            yield Finding(
                RULE,
                project.location(module, item.span),
                f"`{test.name}={wanted!r}` is offered but not implemented: this branch only raises",
                anchor=f"offered {test.name}={wanted!r}",
                scope=module.qualname(item.scope),
                confidence=0.9,
                evidence=tuple(callers[:3]),
            )


def _not_implemented(module: Module, item: Raise) -> bool:
    if item.value < 0:
        return False
    value = module.facts.values[item.value]
    func = module.facts.values[value.func] if type(value) is Call else value
    return type(func) is Name and func.name in _NOT_IMPLEMENTED
