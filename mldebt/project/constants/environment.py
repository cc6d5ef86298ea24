"""What a committed file gives to variables of the environment, and where the same is written out."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator

from mldebt.facts.model import Call, Const, Op, Seq, Span
from mldebt.project.constants.committed import is_distinct
from mldebt.project.constants.defaults import Given, given, of_environment
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, Spot, is_compared, is_notebook, near, spot
from mldebt.project.constants.named import speaks
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

_RARE = re.compile(r"\d|[-_/.:].+[-_/.:]")  # not one of the few words that an option may be
_SHAPE = frozenset({"environment", "env", "image", "services", "steps", "jobs"})  # other programs, and what they are given
_SETTINGS = (Language.YAML, Language.TOML, Language.JSON, Language.INI)
_VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
_DEFAULT = re.compile(r"(^|_)(default|fallback)", re.IGNORECASE)
_LOOKS_UP = frozenset({"get", "pop", "setdefault", "getattr", "getenv"})
_FILLED_IN = re.compile(r"(^|[/._-])(templates?|examples?|samples?)[._-][^/]*$|[._-](template|example|sample)\.[^/]*$", re.IGNORECASE)
_STEPS = 40


def beside_environment(project: Project) -> Iterator[Coupled]:
    """Literals in code or configuration that repeat what a committed file gives to a variable which the code reads.

    Defaults are no such literals: they hold where the variable is not set. One finding for the variables of the same files.
    """
    sets = list(given(project))
    asked = {name for module in project.python if sets and not module.is_test for scope in module.facts.scopes for name in scope.strings}
    texts: dict[str, list[Given]] = defaultdict(list)
    for one in sets:
        if one.key.isupper() and one.key in asked and is_distinct(one.value) and _RARE.search(one.value) and "@" not in one.value:
            texts[one.value].append(one)
    if not texts:
        return
    fallen = _Fallen(project, texts)
    found: dict[str, list[tuple[Spot, Given]]] = defaultdict(list)
    for module in project.modules.values():
        for place, text, name in _places(module, texts, fallen):
            ends = [one for one in texts[text] if _is_for(one.module, module)]
            if ends:
                end = next((one for one in ends if one.key == name), ends[0])
                found[end.key].append((place, end))
    files = {key: tuple(sorted({place.module.path for place, _ in pairs})) for key, pairs in found.items()}
    groups: dict[tuple[str, ...], list[str]] = {}
    for key in sorted(files, key=lambda key: (-len(files[key]), files[key], key)):
        home = next((other for other in groups if set(files[key]) <= set(other)), files[key])
        groups.setdefault(home, []).append(key)
    for _, keys in sorted(groups.items()):
        yield _coupled(sorted(keys), [pair for key in sorted(keys) for pair in found[key]])


def _coupled(keys: list[str], pairs: list[tuple[Spot, Given]]) -> Coupled:
    pairs = sorted(pairs, key=lambda pair: (pair[0].module.path, pair[0].span))
    path = pairs[0][1].module.path
    shown = ", ".join(f"`{key}`" for key in keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
    ends = {(end.module.path, end.line, end.key): Spot(end.module, end.span, 0, f"`{end.key}` is set here") for _, end in pairs}
    text = f"the value that {path} gives to {shown} is written out here: set to anything else, the two disagree"
    return Coupled("environment", (*(place for place, _ in pairs), *(ends[key] for key in sorted(ends))), text, " ".join(keys), 0.75)


def _is_for(environment: Module, module: Module) -> bool:
    """Whether the committed environment may be that of the file: they stand near each other, or it is for the whole folder."""
    folder = environment.path.rpartition("/")[0]
    return environment is not module and (near(environment.path, module.path) or bool(folder) and module.path.startswith(f"{folder}/"))


def _places(module: Module, texts: dict[str, list[Given]], fallen: _Fallen) -> Iterator[tuple[Spot, str, str]]:
    if module.is_python and is_compared(module) and not is_notebook(module) and not module.facts.unread:
        wanted = {i: v for i in module.of_kind(Const) if type(v := module.facts.values[i].value) is str and v in texts}  # type: ignore[union-attr]
        found = [one for one in literals(module, wanted) if not speaks(one)]
        tested = fallen.tested(module) if found else []
        for one in found:
            text = wanted[one.index]
            if not fallen.is_default(one, text) and not any(_within(one.span, span) for span in tested):
                yield spot(one), text, one.name
    elif module.source.language in _SETTINGS and not module.is_test and not _FILLED_IN.search(module.path):
        held = [setting for setting in module.facts.settings if isinstance(setting.value, str) and setting.value in texts]
        rows = _rows(module) if held else Counter()
        for setting in held:
            sets = texts[str(setting.value)]
            free = all(one.module is not module and one.key not in setting.keys for one in sets) and _SHAPE.isdisjoint(setting.keys)
            if (
                free
                and setting.keys != ("name",)
                and all(rows[setting.keys[:i], setting.keys[i + 1 :]] < 2 for i in range(len(setting.keys) - 1))
            ):
                yield Spot(module, Span(setting.line, 1, setting.line, 1), 0), str(setting.value), setting.keys[-1]


def _rows(module: Module) -> Counter[tuple[tuple[str, ...], tuple[str, ...]]]:
    """How many settings differ in one key only, which is not the last: entries of a list, of which the variable chooses one."""
    return Counter((s.keys[:i], s.keys[i + 1 :]) for s in module.facts.settings for i in range(len(s.keys) - 1))


def _within(inner: Span, outer: Span) -> bool:
    return outer.line <= inner.line and inner.end_line <= outer.end_line


class _Fallen:
    """Which literals only hold where a variable is not set."""

    def __init__(self, project: Project, texts: Collection[str]) -> None:
        defaults = of_environment(project)
        self.calls = {(one.module.path, one.span) for one in defaults}
        self.held = {(one.module.path, one.value) for one in defaults}  # other literals of these files are told beside the default
        self.wanted = texts
        self.texts: set[str] = set()  # given to calls that name a variable, mostly by the name of a constant
        for module in project.python:
            names = self._variables(module)
            for site, call, _ in module.calls if names else ():
                passed = (*call.args, *(value for _, value in call.keywords))
                if not names.isdisjoint(passed):
                    self.calls.add((module.path, site.span))
                    for index in passed:
                        if index not in names and index >= 0:
                            self.texts.update(
                                v for v in project.evaluator.constant(module, index) or () if isinstance(v, str) and v in texts
                            )

    def is_default(self, one: Literal, text: str) -> bool:
        if one.how == "default" or (one.module.path, one.span) in self.calls or one.callee in _LOOKS_UP or _DEFAULT.search(one.name):
            return True
        facts = one.module.facts
        if (one.module.path, text) in self.held:
            return True
        if one.how == "field" and any(b.how == "annotated" for b in facts.scopes[one.scope].bindings.get(one.name, ())):
            return True  # what the constructor is called with when nobody says otherwise
        holder = facts.values[one.holder]
        if type(holder) is Seq or type(holder) is Op and holder.op in ("or", "?:"):
            return True  # one of several
        return one.how == "constant" and text in self.texts

    def tested(self, module: Module) -> list[Span]:
        """What runs under a test of a variable of the environment."""
        names = self._variables(module)
        found: list[Span] = []
        for guard in module.facts.guards if names else ():
            if _holds(module, guard.test, names):
                found += [span for span in (guard.body, guard.orelse) if span is not None]
        return found

    def _variables(self, module: Module) -> frozenset[int]:
        """The constants that spell a variable of the environment."""
        found: list[int] = []
        for index in module.of_kind(Const):
            value = module.facts.values[index]
            text = value.value if type(value) is Const else None
            if isinstance(text, str) and _VARIABLE.fullmatch(text) and text not in self.wanted:
                found.append(index)
        return frozenset(found)


def _holds(module: Module, top: int, wanted: frozenset[int]) -> bool:
    """Whether an operator or a call of the test is given one of the values."""
    todo, steps = [top], 0
    while todo and steps < _STEPS:
        index, steps = todo.pop(), steps + 1
        if index in wanted:
            return True
        value = module.facts.values[index] if index >= 0 else None
        if type(value) is Op:
            todo += value.operands
        elif type(value) is Call:
            todo += value.args
    return False
