"""Whether anything bounds what code does to the world in one run: a count, a rate, a budget, a range of values."""

from __future__ import annotations

import re
from collections import deque

from mldebt.facts.model import Call, Const, Item, Name, Op
from mldebt.project.feedback.model import WorldSite
from mldebt.project.flow.slices import enclosing
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.validation import within
from mldebt.project.written import called_as

_LIMIT = re.compile(
    r"(?:^|_)(?:max|maximum|limit|limits|limited|limiter|cap|caps|capped|quota|budget|throttle\w*|rate_?limit\w*|ratelimit\w*|cool_?down|"
    r"cool_?off|daily|per_(?:run|hour|day|minute|user)|at_most|top_?[kn]|n_?max|kill_?switch|circuit_?breaker|dry_?run|approv\w*|confirm\w*|"
    r"review(?:er|ed)?|stop_?loss|risk\w*|exposure|position_?size|turbulence\w*|debounce)(?:_|$)",
    re.IGNORECASE,
)
_BOUNDS = frozenset({"min", "max", "clip", "clamp", "islice", "head", "sleep", "sample", "nlargest", "nsmallest", "acquire"})
_FUNCTIONS = 24  # around an act


def is_bounded(project: Project, act: WorldSite) -> bool:
    """Whether the function of an act or one that leads to it holds a word or a call of a limit."""
    module = project.modules[act.path]
    queue = deque([(module, max(enclosing(module, act.scope), 0))])
    seen: set[tuple[str, int]] = set()
    while queue and len(seen) < _FUNCTIONS:
        here, function = queue.popleft()
        if (here.path, function) in seen or here.is_test:
            continue
        seen.add((here.path, function))
        if _limits(here, function):
            return True
        for path, value in project.flow.steps.calls.callers(Defined(here.path, function)) if function > 0 else ():
            caller = project.modules[path]
            site = project.flow.steps.files.site(caller, value)
            if site is not None:
                queue.append((caller, max(enclosing(caller, site.scope), 0)))
    return False


def _limits(module: Module, function: int) -> bool:
    """Whether one function, those in it included, names a limit, counts, or takes a slice of a fixed length."""
    inner = {function}
    for number, scope in enumerate(module.facts.scopes):
        if scope.parent in inner and scope.kind != "class" and function:
            inner.add(number)
    for number in sorted(inner):
        scope = module.facts.scopes[number]
        words = (*scope.names, *scope.strings, *scope.bindings, *(name.rpartition(".")[2] for name in scope.qualified))
        if any(_LIMIT.search(word) for word in (*words, *(p.name for p in scope.parameters))):
            return True
    for site, call, _ in module.calls:
        if site.scope in inner and called_as(module, call) in _BOUNDS:
            return True
    return any(g.scope in inner and _counts(module, g.test) for g in module.facts.guards) or any(
        u.scope in inner and _slices(module, u.value) for u in module.facts.uses
    )


def _counts(module: Module, test: int) -> bool:
    """Whether a condition compares a length or a counter with a number."""
    for index in within(module, test):
        value = module.facts.values[index]
        if type(value) is Op and value.op in ("<", "<=", ">", ">="):
            sides = [module.facts.values[o] for o in value.operands]
            counted = any(type(s) is Call and module.facts.values[s.func] == Name("builtins.len") for s in sides)
            number = next((s.value for s in sides if type(s) is Const and type(s.value) is int), 0)
            if counted and number > 1:
                return True
    return False


def _slices(module: Module, index: int) -> bool:
    """`rows[:20]`."""
    value = module.facts.values[index]
    key = module.facts.values[value.key] if type(value) is Item else None
    return type(key) is Op and key.op == "slice"
