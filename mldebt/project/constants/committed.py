"""What a setting is by default, and what literals elsewhere take it to be."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Const, Span
from mldebt.project.callers import callers, passed_to
from mldebt.project.constants.choices import is_choice
from mldebt.project.constants.defaults import of_environment, of_options
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, Spot, is_compared, is_placeholder, near, spot
from mldebt.project.constants.named import asks, speaks
from mldebt.project.flags import Flag
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_DISTINCT = re.compile(r"^(?=\S{10,160}$)[A-Za-z0-9][\w.:/@-]*[-_/.:][\w.:/@-]*$")
_LOCAL = re.compile(r"(^|/)(localhost|127\.0|0\.0\.0\.0)|^\d+([.:]\d+)*$")
_PROMISE = re.compile(
    r"(must|should|has to|have to|needs? to) (match|agree|be (the same|equal|identical|consistent))"
    r"|same (value )?as (was )?(used )?(in|for|during|at) (the )?(?!(numpy|torch|python|random)\b)"
    r"\w*(train|prepar|preproc|infer|eval|predict|serv|script|stage|step|notebook|job)",
    re.IGNORECASE,
)
_PROMISED = frozenset({"must match", "keep in sync"})


def is_distinct(text: str) -> bool:
    """Whether two places hardly hold the text by chance."""
    return _DISTINCT.match(text) is not None and not is_placeholder(text) and not _LOCAL.search(text)


def beside_defaults(project: Project) -> Iterator[Coupled]:
    """Literals that repeat the default of a setting which the same file reads from the environment."""
    by_file: dict[str, list[tuple[int, str, Spot, Module]]] = defaultdict(list)
    reads: dict[str, set[Span]] = defaultdict(set)
    for one in of_environment(project):
        reads[one.module.path].add(one.span)
        if isinstance(one.value, str) and is_distinct(one.value) and type(one.module.facts.values[one.index]) is Const:
            read = Spot(one.module, one.span, one.scope, f"`{one.shown}` decides here")
            by_file[one.module.path].append((one.index, one.shown, read, one.module))
    for path, found in sorted(by_file.items()):
        module = found[0][3]
        again: dict[int, list[Literal]] = defaultdict(list)
        chosen: set[int] = set()
        for place in literals(module, {index for index, *_ in found}):
            own = place.span in reads[path] or place.name == place.value or speaks(place) or asks(place)
            if is_choice(module, place):
                chosen.add(place.index)
            elif not own and not _is_passed(project, place):
                again[place.index].append(place)
        for index, shown, read, _ in found:
            if again[index] and index not in chosen:
                text = f"a literal repeats the default of `{shown}`: where the variable is set, the two disagree"
                yield Coupled("default", (*(spot(one) for one in again.pop(index)), read), text, shown, 0.85)


def _is_passed(project: Project, place: Literal) -> bool:
    """Whether the literal is the default of a parameter that every caller gives a value to."""
    function = Defined(place.module.path, place.scope)
    calls = callers(project, function) if place.how == "default" else []
    return bool(calls) and all(passed_to(project, function, call, place.name) is not None for _, _, call in calls)


def promised(project: Project) -> Iterator[Coupled]:
    """Options and constants whose help text or comment says that they must equal another, and where that other is."""
    options: dict[str, list[Flag]] = defaultdict(list)
    for flag in project.flags.declared:
        if is_compared(flag.module):
            options[flag.key].append(flag)
    defaults = {(one.module.path, one.span): one.value for one in of_options(project)}
    for key, flags in sorted(options.items()):
        promising = [flag for flag in flags if _promises(flag)]
        first = promising[0] if promising else None
        others = [f for f in flags if first and f.module is not first.module and near(f.module.path, first.module.path)]
        if first is not None and others:
            values = {repr(defaults.get((f.module.path, f.span))) for f in (first, *others)}
            places = [Spot(f.module, f.span, f.scope, "set separately here") for f in (first, *others)]
            text = f"`{first.shown}` must agree with the same option elsewhere, as its help says, and is set separately"
            yield Coupled("promise", tuple(places), text, key, 0.85 if len(values) == 1 else 0.8)
    yield from _commented(project)


def _promises(flag: Flag) -> bool:
    facts = flag.module.facts
    call = next((c for s, c, _ in flag.module.calls if s.span == flag.span), None)
    passed = (facts.values[i] for i in (*call.args[1:], *(v for n, v in call.keywords if n == "help"))) if call is not None else ()
    return any(type(one) is Const and isinstance(one.value, str) and _PROMISE.search(one.value) for one in passed)


def _commented(project: Project) -> Iterator[Coupled]:
    """Constants with such a comment above or beside them, of which another file has one of the same name and value."""
    named: dict[tuple[str, object], list[Spot]] = defaultdict(list)
    marked: list[tuple[str, object, Spot]] = []
    for module in project.python:
        if not is_compared(module) or not module.facts.scopes:
            continue
        lines = {c.line for c in module.facts.debt_comments if c.word in _PROMISED}
        for name, bound in module.facts.scopes[0].bindings.items():
            value = module.facts.values[bound[0].value] if len(bound) == 1 and bound[0].how in ("=", "annotated") else None
            if type(value) is Const and value.value is not None and len(name) > 1:
                here = Spot(module, bound[0].span, 0, f"`{name}` again")
                named[(name, value.value)].append(here)
                if lines.intersection(range(bound[0].span.line - 1, bound[0].span.line + 1)):
                    marked.append((name, value.value, here))
    for name, said, here in marked:
        others = [one for one in named[(name, said)] if one.module is not here.module]
        if others:
            text = f"a comment says that `{name}` must equal another: it does, but nothing keeps it so"
            yield Coupled("comment", (here, *others), text, name, 0.9)
