"""Defaults of settings: of environment variables where the code reads them, of options where they are declared."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Call, Span
from mldebt.project.constants.model import is_compared
from mldebt.project.evaluate import Constant
from mldebt.project.events import argument, keyword
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role


class Default(msgspec.Struct, frozen=True):
    """What a setting is when nobody sets it."""

    key: str
    shown: str  # as a user writes it: --epochs, EPOCHS
    value: Constant
    module: Module
    span: Span
    scope: int
    index: int  # of the value
    sets: bool = False  # gives the variable this value for programs that it starts


class Given(msgspec.Struct, frozen=True):
    """A value that a committed file gives to a variable of the environment."""

    key: str
    value: str
    module: Module
    line: int

    @property
    def span(self) -> Span:
        return Span(self.line, 1, self.line, 1)


def of_environment(project: Project) -> list[Default]:
    """Reads of the environment that say what holds without it, in path and text order."""
    found: list[Default] = []
    for system in project.catalogue.flags:
        for reader in system.readers:
            if system.kind != "env" or reader.default is None:
                continue
            sets = reader.name.endswith(".setdefault")
            for name in [f"{cls}.{reader.name}" for cls in reader.on] or [reader.name]:
                for module, site, call in project.events.named.get(name, ()):
                    key, default = argument(call, reader.key), argument(call, reader.default)
                    if key is not None and default is not None and default >= 0 and is_compared(module):
                        shown = project.evaluator.string(module, key)
                        values = project.evaluator.constant(module, default)
                        if shown and values is not None and len(values) == 1:
                            found.append(Default(shown, shown, next(iter(values)), module, site.span, site.scope, default, sets))
    return sorted(found, key=lambda one: (one.module.path, one.span, one.key))


def of_options(project: Project) -> list[Default]:
    """Options of command lines with a constant default, in path and text order."""
    found: list[Default] = []
    calls: dict[str, dict[Span, Call]] = {}
    for flag in project.flags.declared:
        if not is_compared(flag.module):
            continue
        if flag.module.path not in calls:
            calls[flag.module.path] = {site.span: call for site, call, _ in flag.module.calls}
        call = calls[flag.module.path].get(flag.span)
        default = keyword(call, "default") if call is not None else None
        if default is None and call is not None and not flag.parameter and flag.system in _SECOND and len(call.args) > 1:
            default = call.args[1]
        values = project.evaluator.constant(flag.module, default) if default is not None else None
        if default is not None and values is not None and len(values) == 1:
            found.append(Default(flag.key, flag.shown, next(iter(values)), flag.module, flag.span, flag.scope, default))
    return sorted(found, key=lambda one: (one.module.path, one.span, one.key))


_SECOND = frozenset({"absl", "tf-flags"})


def given(project: Project) -> Iterator[Given]:
    """Variables that committed environment files, compose files and scripts set."""
    for module in project.modules.values():
        if module.is_test or module.source.role is Role.TEST:
            continue
        language = module.source.language
        for setting in module.facts.settings if language in (Language.ENV, Language.YAML) else ():
            names = setting.keys
            in_environment = language is Language.ENV or len(names) > 1 and names[-2] in ("environment", "env")
            if in_environment and isinstance(setting.value, str) and setting.value:
                yield Given(names[-1], setting.value, module, setting.line)
        for command in module.facts.commands if language is not Language.DOCUMENT else ():
            for key, value in command.env:
                if value:
                    yield Given(key, value, module, command.line)
