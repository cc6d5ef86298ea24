"""Code that asks of which package a model is, to do the same thing in each one's way."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Guard
from mldebt.project.conventions.model import Leak, Mark, application
from mldebt.project.glue.vendors import Vendors
from mldebt.project.kinds.tests import class_tests
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.written import called_as

_PREFIX = 3  # letters of a package's name that are enough: `xgb`
_ADAPTER = 0.65
_Arm = tuple[Guard, str, bool]  # a test, the package that it is of, whether it reads the class as a text


def dispatch(project: Project, vendors: Vendors) -> Iterator[Leak]:
    """One for each scope that asks; the only one of a project, with a way for each class and none for others, may be the adapter."""
    found = list(_ladders(project, vendors))
    for module, arms, leak in found:
        adapts = len(found) == 1 and _is_adapter(module, arms)
        yield msgspec.structs.replace(leak, confidence=min(leak.confidence, _ADAPTER)) if adapts else leak


def _ladders(project: Project, vendors: Vendors) -> Iterator[tuple[Module, list[_Arm], Leak]]:
    names = _Names(project, vendors)
    for module in application(project):
        ladders: dict[tuple[int, int], list[_Arm]] = {}  # by scope and what is asked about
        for guard in module.facts.guards:
            for test in class_tests(project, module, guard.test):
                told = sorted({t for name in test.names if (t := names.told(name, test.spelled))})
                if told:
                    ladders.setdefault((guard.scope, test.subject), []).append((guard, told[0], test.spelled))
        for (scope, subject), arms in sorted(ladders.items()):
            arms = [arm for arm in arms if not _wraps(project, module, arm[0], subject)]
            if any(_acts(module, arm[0]) for arm in arms):
                for leak in _leak(module, scope, arms):
                    yield module, arms, leak


def _leak(module: Module, scope: int, arms: list[_Arm]) -> Iterator[Leak]:
    whose = sorted({name for _, name, _ in arms})
    spelled = any(by_name for _, _, by_name in arms)
    arms = list({arm[0].span: arm for arm in sorted(arms, key=lambda arm: arm[0].span)}.values())
    if len(arms) < 2 and not (spelled and arms[0][0].orelse is not None and not _only_checks(module, arms[0][0])):
        return
    marks = tuple(Mark(guard.span, f"the way of {name}") for guard, name, _ in arms)
    shown = ", ".join(f"`{name}`" for name in whose)
    how = "the name of its class" if spelled else "its class"
    message = f"what is done with a model depends on {how} ({shown}); each further package needs its own branch here"
    confidence = 0.9 if spelled and len(whose) > 1 else 0.8 if spelled or len(whose) > 1 else 0.65
    yield Leak(module.path, scope, "dispatch", message, f"dispatch {' '.join(whose)}", marks, confidence)


def _is_adapter(module: Module, arms: list[_Arm]) -> bool:
    """Whether the classes themselves are asked for, each branch calls something else, and what is none of them is refused."""
    if any(spelled for _, _, spelled in arms) or not any(
        r.scope == arms[0][0].scope and r.block not in {guard.body_block for guard, _, _ in arms} for r in module.facts.raises
    ):
        return False
    done = {
        guard.span: sorted({called_as(module, c) for site, c, _ in module.calls if site.block == guard.body_block}) for guard, _, _ in arms
    }
    ways = list(done.values())
    return all(way not in ways[:n] for n, way in enumerate(ways))


def _wraps(project: Project, module: Module, guard: Guard, subject: int) -> bool:
    """Whether the branch puts the object into a class of the project: the choice of an adapter."""
    for site, call, _ in module.calls:
        if site.block == guard.body_block and subject in call.args:
            target = project.resolver.callee(module, call)
            if type(target) is Defined and project.resolver.scope(target)[1].kind == "class":
                return True
    return False


def _acts(module: Module, guard: Guard) -> bool:
    """Whether the branch does anything but answer the question."""
    facts = module.facts
    inside = {guard.body_block}
    inside.update(i for i, block in enumerate(facts.blocks) if block.parent == guard.body_block)
    body = guard.body
    if guard.kind == "ifexp":
        return True
    return any(s.block in inside for s in facts.sites) or any(
        u.block in inside and body.line <= u.span.line <= body.end_line for u in facts.uses
    )


def _only_checks(module: Module, guard: Guard) -> bool:
    """Whether one of the two branches raises: the class is checked, and nothing done in two ways."""
    return any(r.block in (guard.body_block, guard.orelse_block) for r in module.facts.raises)


class _Names:
    """What the words in tests of classes stand for."""

    def __init__(self, project: Project, vendors: Vendors) -> None:
        self._vendors = vendors
        learners = [p for p in project.catalogue.packages if p.vendor and p.vendor != "framework"]
        self._roots = {root.partition(".")[0]: p.package for p in learners for root in p.imports}
        self._classes: dict[str, str] = {}
        for name in project.catalogue.classes:
            if vendors.makes_model(name):
                self._classes.setdefault(name.rpartition(".")[2], vendors.of(name))

    def told(self, name: str, spelled: bool) -> str:
        """The package of the class, or of which a text speaks: `catboost.core`, `xgb`, `LGBMRegressor`; "" for anything else."""
        if not spelled:
            return self._vendors.of(name) if self._vendors.makes_model(name) else ""
        for part in name.strip("<>'\" .").split("."):
            if part in self._roots:
                return self._roots[part]
            if part in self._classes:
                return self._classes[part]
            for root, package in sorted(self._roots.items()):
                if len(part) >= _PREFIX and root.startswith(part.lower()):
                    return package
        return ""
