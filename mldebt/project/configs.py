"""The configuration-key graph: what every committed file sets, and what a read in the code can therefore be."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Map, Name, Param, Setting
from mldebt.facts.scalars import typed
from mldebt.project.evaluate import Constant
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

_HOLDERS = frozenset(
    {
        "config",
        "cfg",
        "conf",
        "params",
        "param",
        "parameters",
        "args",
        "opt",
        "opts",
        "options",
        "self",
        "hparams",
        "hp",
        "settings",
        "flags",
        "FLAGS",
        "CONFIG",
        "CFG",
        "PARAMS",
        "SETTINGS",
        "C",
        "cls",
        "_config",
        "_params",
    }
)
_HOLDER = re.compile(
    r"^(conf|config|configs|configuration|cfg|params|parameters|settings|options|opts?|hparams|hyper_?params|experiments?)$|(_|^)(config|cfg|params|settings|options|args)$",
    re.IGNORECASE,
)
_TOOLS = (
    ".github/",
    ".gitlab",
    ".circleci/",
    ".pre-commit",
    "mkdocs",
    ".readthedocs",
    "codecov",
    ".travis",
    "dependabot",
    "appveyor",
    "azure-pipelines",
    "docker-compose",
    "pyproject.toml",
    "setup.cfg",
    "tox.ini",
    ".flake8",
    "package.json",
    "tsconfig",
    "environment.y",
    "conda",
)
_LANGUAGES = (Language.YAML, Language.TOML, Language.JSON, Language.INI)


class Declared(msgspec.Struct, frozen=True):
    """One leaf of one configuration file."""

    module: Module
    setting: Setting


class ConfigGraph:
    """Settings of the files that the project itself may load, by the last key that is a name."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.by_key: dict[str, list[Declared]] = defaultdict(list)
        for module in project.modules.values():
            if module.source.language not in _LANGUAGES or module.is_test or any(t in module.path for t in _TOOLS):
                continue
            if not self._loaded(module):
                continue
            for setting in module.facts.settings:
                names = [k for k in setting.keys if not k.isdigit()]
                if names and not setting.keys[-1].isdigit():
                    self.by_key[names[-1]].append(Declared(module, setting))

    def _loaded(self, module: Module) -> bool:
        """Whether the project's code or scripts name the file or its folder; Kubernetes and tool files are not its configuration."""
        parts = module.path.split("/")
        folder = parts[-2] if len(parts) > 1 else ""
        if any(_HOLDER.search(part) for part in parts[:-1]):
            return True
        return (
            parts[-1] in self._mentioned or (folder in self._mentioned and folder != "") or parts[-1].rsplit(".", 1)[0] in self._mentioned
        )

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        found: set[str] = set()
        for module in self._project.python:
            for index in module.of_kind(Const):
                text = module.facts.values[index].value  # type: ignore[union-attr]
                if isinstance(text, str) and 2 < len(text) < 200 and ("/" in text or "." in text or text.isidentifier()):
                    found.update(text.split("/"))
        for module in self._project.modules.values():
            for command in module.facts.commands:
                for word in command.argv:
                    found.update(word.split("/"))
            if module.path.endswith((".md", "README")):
                found.update(module.facts.words)
        return frozenset(found)

    def lookup(self, module: Module, index: int) -> frozenset[Constant] | None:
        """Every value that committed configuration gives to the key that this value reads; None when it may be anything."""
        found = self.declared_for(module, index)
        return frozenset(d.setting.value for d in found) if found else None

    def declared_for(self, module: Module, index: int, depth: int = 0) -> list[Declared]:
        """The settings behind a read, where at least two configuration files set it and nothing else can."""
        value = module.facts.values[index]
        if type(value) is Attr:
            key, base = value.name, module.facts.values[value.base]
        elif type(value) is Item:
            inner = module.facts.values[value.key]
            if type(inner) is not Const or not isinstance(inner.value, str):
                return []
            key, base = inner.value, module.facts.values[value.base]
        elif type(value) is Name and "." in value.name:
            key, base = value.name.rsplit(".", 1)[1], None
        else:
            return []
        before = _last(module, base)
        aliases = self._aliases.get(key)
        if aliases is not None:
            # A dict of the code gives the key: `{"use_x": params.use_x}` passes a setting on under a name of its own.
            if depth > 2 or any(a is None for a in aliases):
                return []
            union = [self.declared_for(a[0], a[1], depth + 1) for a in aliases if a is not None]
            return [d for part in union for d in part] if all(union) else []
        if key in self._project.flags.keys or key in self._project.evaluator.written_from_outside:
            return []
        if not self._is_configuration(module, index):
            return []
        found = [d for d in self.by_key.get(key, ()) if _fits(d.setting, key, before) and _same_project(module.path, d.module.path)]
        files = {d.module.path for d in found}
        shown = self._documented.get(key, set())
        return found if len(files) >= 2 and shown <= {d.setting.value for d in found} else []

    @cached_property
    def _documented(self) -> dict[str, set[Constant]]:
        """Values that documents show for a key, and that committed commands give it."""
        found: dict[str, set[Constant]] = defaultdict(set)
        for module in self._project.modules.values():
            if module.source.language is Language.DOCUMENT:
                for setting in module.facts.settings:
                    found[setting.keys[-1]].add(setting.value)
            for command in module.facts.commands:  # overrides on a command line: `model.depth=3`, `--depth=3`
                for word in command.argv:
                    key, equals, value = word.lstrip("+-").partition("=")
                    if equals and key:
                        found[key.rsplit(".", 1)[-1].replace("-", "_")].add(typed(value))
        return dict(found)

    @cached_property
    def _loaders(self) -> frozenset[str]:
        """Functions that return a configuration."""
        return frozenset(name for s in self._project.catalogue.flags if s.style == "config" for name in (*s.parse, *s.containers))

    def _is_configuration(self, module: Module, index: int) -> bool:
        """Whether some link of the chain is called like a configuration; attributes of other objects only share the name."""
        value = module.facts.values[index]
        if type(value) is Name:
            return True
        names: list[str] = []
        while type(value) in (Attr, Item):
            value = module.facts.values[value.base]
            if type(value) in (Attr, Bound, Param, Name):
                names.append(value.name.rsplit(".", 1)[-1])
            elif type(value) is Item:
                names.append(_last(module, value))
            elif type(value) is Call:
                target = self._project.resolver.callee(module, value)
                names.append("config" if target is not None and callee_name(target) in self._loaders else "")
        return any(n in _HOLDERS and (n not in ("self", "cls") or len(names) == 1) or _HOLDER.search(n) for n in names)

    @cached_property
    def _aliases(self) -> dict[str, list[tuple[Module, int] | None]]:
        """Keys that dict displays in code set, with the read that they pass on, or None for any other value."""
        found: dict[str, list[tuple[Module, int] | None]] = defaultdict(list)
        for module in self._project.python:
            if module.is_test:
                continue
            for index in module.of_kind(Map):
                value = module.facts.values[index]
                assert type(value) is Map
                for key, item in zip(value.keys, value.values, strict=True):
                    name = module.facts.values[key] if key >= 0 else None
                    if type(name) is Const and isinstance(name.value, str):
                        passed = module.facts.values[item]
                        found[name.value].append((module, item) if type(passed) in (Attr, Item) else None)
        return dict(found)


def _same_project(reader: str, config: str) -> bool:
    """Whether the configuration may be the reader's: same top folder, a folder for configuration at the top, or the root."""
    top = config.split("/")[0]
    return "/" not in config or top == reader.split("/")[0] or bool(_HOLDER.search(top)) or "/" not in reader


def _last(module: Module, value: object) -> str:
    if type(value) is Attr:
        return value.name
    if type(value) is Item:
        key = module.facts.values[value.key]
        return key.value if type(key) is Const and isinstance(key.value, str) else ""
    return ""


def _fits(setting: Setting, key: str, before: str) -> bool:
    """Whether the read's chain agrees with the setting's path: the key before it matches, or the key alone is telling."""
    names = [k for k in setting.keys if not k.isdigit()]
    parent = names[-2] if len(names) > 1 else ""
    if before and before not in _HOLDERS and parent:
        return before == parent or (len(key) >= 12 and "_" in key)
    return len(key) >= 8 and "_" in key
