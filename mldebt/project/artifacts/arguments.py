"""What committed commands pass to the parameters of the scripts that they run, each run apart from the others."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

import msgspec

from mldebt.facts.model import Call, Const, Span
from mldebt.project.artifacts.model import Hole, Run, Template
from mldebt.project.artifacts.templates import coded, decoded
from mldebt.project.events import keyword
from mldebt.project.flags import Flag
from mldebt.project.project import Project

_SWITCHES = frozenset({"store_true", "store_false", "store_const", "append_const", "count", "help", "version"})
_SPREADS = frozenset({"@", "*", "args"})  # holes that stand for any number of words


class Bound(msgspec.Struct, frozen=True):
    """A value that one run passes. A switch that is given passes the text `true`."""

    value: Template
    run: Run


class _Option(msgspec.Struct, frozen=True):
    key: str
    names: tuple[str, ...]  # `-n`, `--name`; none for a positional argument
    switch: bool


class _Passed(msgspec.Struct, frozen=True):
    """The words of a run, taken apart."""

    options: dict[str, tuple[Template, ...]]  # by name as written
    positional: tuple[Template, ...]
    open: bool  # more words stand behind a hole


class Arguments:
    """Binds runs to `sys.argv`, to declared options, and to what a notebook is given by papermill."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._runs = project.artifact_runs.by_script
        self._known: dict[str, tuple[_Option, ...]] = {}
        self._passed: dict[tuple[str, Run], _Passed] = {}
        self._sites: dict[str, dict[Span, int]] = {}  # by file and place, the value of the first call there

    def positional(self, script: str, index: int) -> tuple[Bound, ...]:
        """What stands in `sys.argv[index]`. Nothing for a run that has fewer words, or a spread before that place."""
        return tuple(
            Bound(run.argv[index - 1], run)
            for run in self._runs.get(script, ())
            if 0 < index <= len(run.argv) and not any(_spread(word) for word in run.argv[:index])
        )

    def option(self, path: str, key: str, reader: str = "") -> tuple[Bound, ...]:
        """The values that runs pass for the option that a file declares and that the code calls `key`, positional ones included."""
        found: list[Bound] = []
        for script, run in self._runs_with(path, reader):
            found.extend(Bound(value, run) for value in self._values(script, key, run))
        return tuple(found)

    def default_is_used(self, path: str, key: str, reader: str = "") -> bool:
        """Whether no committed run sets the option, or at least one leaves it out."""
        runs = self._runs_with(path, reader)
        return not runs or any(not self._values(script, key, run) and not self._taken_apart(script, run).open for script, run in runs)

    def _runs_with(self, path: str, reader: str) -> list[tuple[str, Run]]:
        """Runs of the file that declares an option; else of the scripts that import its options, of the reader alone if it is one."""
        scripts = [path] if path in self._runs else [script for script in self._importers.get(path, ()) if not self._by_file.get(script)]
        scripts = [reader] if reader in scripts else scripts
        return [(script, run) for script in scripts for run in self._runs.get(script, ())]

    @cached_property
    def _importers(self) -> dict[str, list[str]]:
        """By file: the scripts that are run and import it."""
        found: dict[str, list[str]] = defaultdict(list)
        for script in self._runs:
            for path in self._project.imported_by_file.get(script, ()):
                found[path].append(script)
        return found

    def _values(self, script: str, key: str, run: Run) -> tuple[Template, ...]:
        passed = self._taken_apart(script, run)
        options = [option for option in self._options(script) if option.key == key]
        dashed = key.replace("_", "-")
        names = {name for option in options for name in option.names} or {f"--{key}", f"--{dashed}"}
        found = [value for name in sorted({*names, f"{key}="}) for value in passed.options.get(name, ())]
        declared = [option.key for option in self._options(script) if not option.names]
        if not found and key in declared and declared.index(key) < len(passed.positional):
            found = [passed.positional[declared.index(key)]]
        return tuple(found)

    def _taken_apart(self, script: str, run: Run) -> _Passed:
        """The words of a run by option; asked for each option of the script."""
        found = self._passed.get((script, run))
        if found is None:
            found = self._passed[script, run] = self._apart(script, run)
        return found

    def _apart(self, script: str, run: Run) -> _Passed:
        switches = {name for option in self._options(script) if option.switch for name in option.names}
        taking = {name for option in self._options(script) if not option.switch for name in option.names}
        options: dict[str, list[Template]] = defaultdict(list)
        positional: list[Template] = []
        words, at, is_open = run.argv, 0, False
        while at < len(words):
            name, equals, value = _parted(words[at])
            at += 1
            if _spread(words[at - 1]):
                is_open = True
            elif name == "--":
                positional.extend(words[at:])
                break
            elif script.endswith(".ipynb") and name in ("-p", "-r", "--parameters", "--raw-parameters") and at + 1 < len(words):
                options[f"{_parted(words[at])[0]}="].append(words[at + 1])
                at += 2
            elif not _dashed(name):
                if equals and name.replace(".", "").replace("_", "").isalnum():
                    options[f"{name.lstrip('+')}="].append(value)
                else:
                    positional.append(words[at - 1])
            elif equals:
                options[name].append(value)
            elif name in switches or at == len(words) or (_dashed(_parted(words[at])[0]) and name not in taking):
                options[name].append(("true",))
            else:
                options[name].append(words[at])
                at += 1
                while name in taking and at < len(words) and self._many(script, name) and not _dashed(_parted(words[at])[0]):
                    options[name].append(words[at])
                    at += 1
        return _Passed({name: tuple(values) for name, values in options.items()}, tuple(positional), is_open)

    @cached_property
    def _by_file(self) -> dict[str, list[Flag]]:
        found: dict[str, list[Flag]] = defaultdict(list)
        for flag in self._project.flags.declared:
            found[flag.module.path].append(flag)
        return found

    def _options(self, script: str) -> tuple[_Option, ...]:
        """The options that the script declares, else those of the files that it imports, in the order of the text."""
        if script not in self._known:
            flags = self._by_file.get(script, [])
            if not flags:
                imported = sorted(self._project.imported_by_file.get(script, ()))
                flags = [flag for path in imported for flag in self._by_file.get(path, ())]
            ordered = sorted(flags, key=lambda flag: (flag.module.path, flag.span.line, flag.span.column))
            self._known[script] = tuple(self._option(flag) for flag in ordered)
        return self._known[script]

    def _option(self, flag: Flag) -> _Option:
        call = self._call(flag)
        names = [self._project.evaluator.string(flag.module, argument) for argument in call.args] if call is not None else []
        written = tuple(part for name in names if name and name.startswith("-") for part in name.split("/"))
        if not written and flag.shown.startswith("-"):
            written = (flag.shown,)
        return _Option(flag.key, written, self._is_switch(flag, call, written))

    def _call(self, flag: Flag) -> Call | None:
        facts = flag.module.facts
        sites = self._sites.get(flag.module.path)
        if sites is None:
            sites = self._sites[flag.module.path] = {site.span: site.value for site in reversed(facts.sites)}
        index = sites.get(flag.span)
        found = None if index is None else facts.values[index]
        return found if type(found) is Call else None

    def _is_switch(self, flag: Flag, call: Call | None, names: tuple[str, ...]) -> bool:
        given = {}
        for name in ("action", "is_flag", "type", "default"):
            index = keyword(call, name) if call is not None else None
            value = flag.module.facts.values[index] if index is not None else None
            given[name] = value.value if type(value) is Const else value
        if given["action"] is not None:
            return given["action"] in _SWITCHES
        if given["is_flag"] is not None or any(name.startswith("--no-") for name in names[1:]):
            return given["is_flag"] is not False
        return flag.parameter and isinstance(given["default"], bool) and given["type"] is None

    def _many(self, script: str, name: str) -> bool:
        """Whether the option takes several words: `nargs="+"`."""
        calls = (self._call(flag) for flag in self._by_file.get(script, []) if flag.shown == name)
        return any(call is not None and keyword(call, "nargs") is not None for call in calls)


def _parted(word: Template) -> tuple[str, str, Template]:
    """`--name=value` as its name, the sign, and its value; a word without a sign has only a name."""
    code, holes = coded(word)
    name, equals, _ = code.partition("=")
    return name, equals, decoded(code[len(name) + len(equals) :], holes) if not holes or equals else ()


def _dashed(name: str) -> bool:
    return name.startswith("-") and len(name) > 1 and not name[1:].replace(".", "", 1).isdigit()


def _spread(word: Template) -> bool:
    return len(word) == 1 and type(word[0]) is Hole and word[0].name.lower() in _SPREADS
