"""Settings that Python code declares: constants of configuration modules, fields of settings classes; and whether anything reads them.

A setting counts as read when its name stands anywhere else as an identifier, an attribute or a word of its own in a string, and when
its holder as a whole goes where its members may be looked up. Names, not resolved reads: a missed read would be a false alarm.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Binding, Call, Const, Elem, Map, Name, Op, Param, Scope, Seq, Template, Value
from mldebt.project.columns_file import children
from mldebt.project.data_files import data_files
from mldebt.project.open_settings import OpenHolders
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language, Role

_WORD = (
    r"conf|configs?|configuration|cfg|settings?|constants?|consts?|params|parameters|hparams|hyper_?param(eter)?s|defaults|options|globals"
)
_FILE = re.compile(rf"^(?:\w+_)?(?:{_WORD})$|^(?:config|settings|constants)_\w+$", re.IGNORECASE)
_CLASS = re.compile(
    r"(?:Conf|Configs?|Configuration|CFG|Cfg|Settings?|Constants?|Consts?|Params|Parameters|HParams|Hyper[pP]aram(?:eter)?s|Options|Args|Arguments)$"
    r"|^(?:config|cfg|settings|constants|params|args|opt|hparams)$|^(?:CONFIG|CFG|SETTINGS|CONSTANTS|PARAMS)$"
)
_UPPER = re.compile(r"^[A-Z][A-Z0-9_]{2,}$")
_TOOLS = re.compile(r"(^|/)(conf|conftest|setup|noxfile|gunicorn\w*|celeryconfig|\w*_config\.d)\.py$")
_FAMILY = 2
_MOST = 0.8
_PARTS = 400
_FIELD = ("=", "annotated")


class Declared(msgspec.Struct, frozen=True):
    """One setting: a constant of a module (`scope` 0) or a field of a class."""

    module: Module
    scope: int
    name: str
    binding: Binding
    passed: bool = False  # its holder goes to code out of sight, which may read it

    @property
    def shown(self) -> str:
        owner = self.module.qualname(self.scope)
        return f"{owner}.{self.name}" if self.scope else self.name

    @property
    def holder(self) -> str:
        return self.module.qualname(self.scope) if self.scope else self.module.path.rpartition("/")[2]


class DeclaredSettings:
    """All settings that are declared in code, by holder."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._importers: dict[str, frozenset[str]] = {}

    @cached_property
    def holders(self) -> list[tuple[Module, int]]:
        """Modules (scope 0) and classes that hold settings and little else, and programs that set theirs at their head."""
        found = []
        for module in self._project.python:
            if is_demonstration(module) or not module.facts.scopes or module.source.role is Role.LEGACY:
                continue
            if is_settings_module(module) or module.path in self._programs:
                found.append((module, 0))
            found += ((module, n) for n, s in enumerate(module.facts.scopes) if s.kind == "class" and self._is_settings_class(module, s))
        return found

    @cached_property
    def _programs(self) -> frozenset[str]:
        """Files that handle data or models, that nobody installs, and that are not settings alone."""
        relevant = data_files(self._project)
        return frozenset(
            m.path
            for m in self._project.python
            if m.path in relevant
            and m.source.language is Language.PYTHON
            and m.facts.exports is None
            and not m.path.endswith("__init__.py")
            and not is_settings_module(m)
            and self._project.world.openness(m) == "closed"
        )

    def _is_settings_class(self, module: Module, scope: Scope) -> bool:
        if not _CLASS.search(scope.name) or module.facts.scopes[scope.parent].kind != "module" or scope.generator:
            return False
        fields = sum(all(b.how in _FIELD for b in found) for found in scope.bindings.values())
        defined = sum(any(b.how == "def" for b in found) for found in scope.bindings.values())
        if fields < 2 or defined > fields:
            return False
        return all(self._is_plain_base(module, base, 0) for base in scope.bases) and all(
            self._is_record(module, decorator) for decorator in scope.decorators
        )

    def _is_plain_base(self, module: Module, base: int, depth: int) -> bool:
        target = self._project.resolver.target(module, base)
        if type(target) is External:
            return target.name in ("builtins.object", "typing.NamedTuple", "abc.ABC") or self._is_of_record(target.name)
        if type(target) is not Defined or depth > 4:
            return False
        owner, scope = self._project.resolver.scope(target)
        return scope.kind == "class" and all(self._is_plain_base(owner, b, depth + 1) for b in scope.bases)

    def _is_of_record(self, name: str) -> bool:
        return any(s.style == "settings-class" and name in s.classes for s in self._project.catalogue.flags)

    def _is_record(self, module: Module, decorator: int) -> bool:
        """Whether a decorator of a class only makes its fields arguments of its constructor."""
        value = module.facts.values[decorator]
        target = self._project.resolver.target(module, value.func if type(value) is Call else decorator)
        return type(target) is External and target.name.rpartition(".")[2] in ("dataclass", "define", "frozen", "attrs", "s", "mutable")

    @cached_property
    def declared(self) -> list[Declared]:
        """In path and text order."""
        found = []
        hooks = self._project.reach.hooks
        for module, number in self.holders:
            program = number == 0 and module.path in self._programs
            for name, bindings in module.facts.scopes[number].bindings.items():
                if name.startswith("_") or not all(b.how in _FIELD for b in bindings) or (name in hooks and not program):
                    continue  # what is among the hooks a framework looks up
                if number == 0 and not (_UPPER.match(name) and all(_is_literal(module, b, program) for b in bindings)):
                    continue
                found.append(Declared(module, number, name, bindings[0]))
        return sorted(found, key=lambda d: (d.module.path, d.scope, d.binding.span))

    def is_choice(self, found: list[Declared]) -> bool:
        """Whether the settings may be there to be chosen from: most of a holder that is nothing else, or words of one kind."""
        first = found[0]
        beside = [d for d in self.declared if d.module is first.module and d.scope == first.scope]
        if len(found) > 1:
            return first.module.path not in self._programs and len(found) * 2 > len(beside)
        if type(self._value(first)) is not Const:
            return False
        return sum(self._kind(d) == self._kind(first) for d in beside) > _FAMILY or self._is_of_enumeration(first, beside)

    def _is_of_enumeration(self, first: Declared, beside: list[Declared]) -> bool:
        """Whether constants of one prefix say their own names, as `STATUS_NEW = "new"`, or number themselves."""
        prefix = first.name.partition("_")[0] + "_"
        family = [
            (d.name.removeprefix(prefix), v.value) for d in beside if d.name.startswith(prefix) and type(v := self._value(d)) is Const
        ]
        numbers = [value for _, value in family if type(value) is int]
        if len(numbers) == len(family):
            return len(set(numbers)) == len(family) > _FAMILY and max(numbers) - min(numbers) < len(family)
        said = sum(type(value) is str and _says(name, value) for name, value in family)
        return len(family) > _FAMILY and said * 2 > len(family)

    def is_shared(self, one: Declared) -> bool:
        """Whether the constant stands beside code that others import: it may be a word of what the module deals with, no setting."""
        module = one.module
        return (
            one.scope == 0
            and module.path in self._programs
            and module.path in self._importing
            and not self._project.world.is_script(module)
        )

    def _value(self, one: Declared) -> Value:
        return one.module.facts.values[one.binding.value]

    def _kind(self, one: Declared) -> tuple[str, object]:
        """`X_TYPE` and `Y_TYPE` with a text each are of one kind."""
        return one.name.rpartition("_")[2] if "_" in one.name else one.name, type(getattr(self._value(one), "value", None))

    @cached_property
    def _readers(self) -> dict[str, set[tuple[str, int]]]:
        """For each name of a setting, the scopes that may read it."""
        wanted = {d.name for d in self.declared}
        holders = {(m.path, n) for m, n in self.holders}
        found: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for module in self._project.python:
            for number, scope in enumerate(module.facts.scopes):
                here = (module.path, number)
                words = [*scope.names, *(part for dotted in scope.qualified for part in dotted.split(".")), *scope.dotted]
                if here not in holders:  # there a string is the name of the variable that sets the field
                    words += scope.strings
                for word in words:
                    if word in wanted:
                        found[word].add(here)
        return dict(found)

    @cached_property
    def _words(self) -> Counter[str]:
        """Words of templates, workflows and scripts."""
        files = (m for m in self._project.modules.values() if m.source.language not in (Language.DOCUMENT, Language.ENV))
        return Counter(word for m in files for word in m.facts.words)

    def unread(self) -> Iterator[Declared]:
        """Settings that nothing reads, of holders that other code does use, in path and text order."""
        silent = [d for d in self.declared if not self._is_read(d)]
        if not silent:
            return
        used = {(d.module.path, d.scope) for d in self.declared if self._is_read(d)}
        goes: dict[tuple[str, int], str] = {}
        holders = OpenHolders(self._project, frozenset(m.path for m, n in self.holders if n == 0), self._importing)
        for one in silent:
            here = (one.module.path, one.scope)
            if here not in used or (one.name in self._words and not self._reads_environment(one)):
                continue
            if here not in goes:
                program = one.module.path in self._programs
                open_module = not one.scope and holders.is_open_module(one.module, program)
                goes[here] = "looked up" if open_module else holders.goes(one.module, one.scope) if one.scope else ""
            if not goes[here]:
                yield one
            elif goes[here] == "passed" and self._is_left_out(one):
                yield msgspec.structs.replace(one, passed=True)

    def _is_left_out(self, one: Declared) -> bool:
        """Whether the project sets almost every field of a record but this one, which keeps its default."""
        fields = {d.name for d in self.declared if d.module is one.module and d.scope == one.scope}
        made = self._project.events.callers.get(Defined(one.module.path, one.scope), [])
        given = {name for _, _, call in made for name, _ in call.keywords} | self._project.evaluator.written_from_outside
        return bool(made) and one.name not in given and len(fields & given) >= _MOST * len(fields)

    def _is_read(self, one: Declared) -> bool:
        readers = self._readers.get(one.name)
        if not readers or one.scope or one.module.path not in self._programs:
            return bool(readers)
        return any(self._may_see(path, one.module.path) for path, _ in readers)

    def _may_see(self, reader: str, program: str) -> bool:
        """Whether a file may mean a name of a program: it is the program, or imports it, or something of its name that cannot be placed."""
        if reader == program:
            return True
        if program not in self._importers:
            stem = program.rpartition("/")[2].removesuffix(".py")
            found = set(self._naming.get(stem, ()))
            stack = [program, *found]
            imported = self._importing
            while stack:
                for other in imported.get(stack.pop(), ()):
                    if other not in found:
                        found.add(other)
                        stack.append(other)
            self._importers[program] = frozenset(found)
        return reader in self._importers[program]

    @cached_property
    def _naming(self) -> dict[str, set[str]]:
        """For each word of an import the files that have it."""
        found: dict[str, set[str]] = defaultdict(set)
        for module in self._project.python:
            for one in module.facts.imports:
                for part in one.target.split("."):
                    found[part].add(module.path)
        return dict(found)

    @cached_property
    def _importing(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for path, targets in self._project.imported_by_file.items():
            for target in targets:
                found[target].append(path)
        return dict(found)

    def _reads_environment(self, one: Declared) -> bool:
        """Whether the value comes from a variable of the setting's own name."""
        value = one.module.facts.values[one.binding.value]
        return type(value) is Call and any(one.module.facts.values[a] == Const(one.name) for a in value.args)


def _says(name: str, text: str) -> bool:
    """Whether a text is the name in other letters, or the one is short for the other."""
    short, long = sorted((re.sub(r"[\W_]", "", one).lower() for one in (name, text)), key=len)
    return short != "" and (long.startswith(short) or long.endswith(short))


def is_settings_name(name: str) -> bool:
    """Whether a class is named after settings."""
    return _CLASS.search(name) is not None


def is_settings_module(module: Module) -> bool:
    """Whether the file's name says configuration and most of what it binds are constants."""
    folders, _, name = module.path.rpartition("/")
    stem = name.removesuffix(".py")
    if module.source.language is not Language.PYTHON or _TOOLS.search(module.path):
        return False
    if not _FILE.match(folders.rpartition("/")[2] if stem == "__init__" else stem):
        return False
    bindings = module.facts.scopes[0].bindings
    constants = sum(bool(_UPPER.match(name)) and all(b.how in _FIELD for b in found) for name, found in bindings.items())
    return constants > sum(any(b.how in ("def", "class") for b in found) for found in bindings.values())


def _is_literal(module: Module, binding: Binding, program: bool) -> bool:
    """Whether a value is written down, in whole or in part, rather than an object that does its work by being made."""
    value = module.facts.values[binding.value]
    if program and module.facts.blocks[binding.block].kind in ("try", "except"):
        return False  # found out, such as whether a package is there
    if type(value) is Call:
        return not program and type(module.facts.values[value.func]) is Name
    if type(value) not in (Const, Seq, Map, Op, Template):
        return False
    seen = {binding.value}
    stack = [binding.value]
    while stack and len(seen) < _PARTS:
        part = module.facts.values[stack.pop()]
        if type(part) in (Elem, Param) or (type(part) is Seq and part.kind == "comp") or (program and type(part) is Call):
            return False  # computed
        new = [i for i in children(part) if i not in seen]
        seen.update(new)
        stack += new
    return True
