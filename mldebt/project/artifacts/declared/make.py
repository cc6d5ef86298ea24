"""Make: a target is made from its prerequisites by the scripts of its recipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mldebt.facts.model import MakeRule
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.declared.places import SCRIPTS, folder_of, located, merged, script, scripts_in
from mldebt.project.artifacts.model import Declaration
from mldebt.project.project import Project


def declarations(project: Project) -> Iterator[Declaration]:
    """What the rules of every Makefile declare."""
    for module in project.modules.values():
        yield from of_rules(project, module.path, module.facts.rules)


def of_rules(project: Project, path: str, rules: Iterable[MakeRule]) -> Iterator[Declaration]:
    """What the rules of the Makefile at `path` declare. A target that is no file only says which recipe runs before which."""
    rules = [rule for rule in rules if rule.targets]
    phony = {need for rule in rules if ".PHONY" in rule.targets for need in rule.needs}
    named = [rule for rule in rules if not rule.targets[0].startswith(".")]
    folder = folder_of(path)
    files = {target: _files(project, folder, rule) for rule in named if rule.recipe or rule.needs for target in rule.targets}
    for rule in named:
        data = [need for need in rule.needs if need not in phony and _is_data(need)]
        for target in rule.targets:
            run = files.get(target, ())
            if rule.recipe and target not in phony and _is_data(target) and (made := located(target.replace("%", "*"), folder)) is not None:
                yield Declaration("make", "produces", made, target, path, rule.line, run)
            for need in data if run else ():
                if (identity := located(need.replace("%", "*"), folder)) is not None:
                    yield Declaration("make", "consumes", identity, target, path, rule.line, run)
            for need in rule.needs:
                if need in files and need != target:
                    yield from order("make", path, (need, files[need]), (target, run), path, rule.line)


def _is_data(name: str) -> bool:
    """Whether a target is a file that is no script: few Makefiles list all names that are none as phony."""
    return ("." in name or "/" in name) and not name.lower().endswith(SCRIPTS)


def _files(project: Project, folder: str, rule: MakeRule) -> tuple[str, ...]:
    """The scripts that the recipe names, and those among the prerequisites."""
    return merged([scripts_in(project, rule.recipe, folder), (script(project, need, folder) for need in rule.needs)])
