"""`mldebt features`: its arguments, the data sets of the settings, one data pass for each, the reports, the exit code."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePath

import msgspec
from msgspec.structs import replace

from mldebt.config import ConfigError, Loaded, data_set, load, suggestion
from mldebt.data_pass.api import judged, need_extra
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.report import FORMATS, render, write
from mldebt.data_pass.report.words import dropped
from mldebt.data_pass.result import RULES, Result
from mldebt.data_pass.settings import FeatureSettings
from mldebt.outputs import place, write_output
from mldebt.progress import FitBar
from mldebt.report.options import Color, Options
from mldebt.report.terminal import safe
from mldebt.repository import repository

Say = Callable[[str], None]
UNUSABLE = 2  # exit code
PLAIN = (
    *("target", "model", "metric", "tolerance", "alpha", "folds", "repeats", "groups", "time", "weights"),
    *("budget", "sample", "seed", "jobs", "backend", "scheduler", "allow_import", "structure_only"),
)
_REFERENCE = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")  # module:function


class FeatureArguments(msgspec.Struct, frozen=True):
    """The command line of `mldebt features`. None: not given, so that the settings may decide."""

    data: tuple[str, ...] = ()
    target: str | None = None
    model: str | None = None
    metric: str | None = None
    tolerance: float | None = None
    alpha: float | None = None
    folds: int | None = None
    repeats: int | None = None
    groups: str | None = None
    time: str | None = None
    weights: str | None = None
    bundle: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    budget: float | None = None
    sample: int | None = None
    seed: int | None = None
    jobs: int | None = None
    backend: str | None = None
    scheduler: str | None = None
    allow_import: bool | None = None
    structure_only: bool | None = None
    code: str | None = None
    no_code: bool = False
    output_format: str = "text"
    outputs: tuple[str, ...] = ()
    fail_on: tuple[str, ...] = ()
    timings: bool = False
    color: Color = "auto"
    no_progress: bool = False
    no_store: bool = False
    quiet: bool = False
    verbose: bool = False
    overrides: tuple[str, ...] = ()
    isolated: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> FeatureArguments:
        """The arguments as click gives them."""
        return msgspec.convert(arguments, cls)


class DataSet(msgspec.Struct, frozen=True):
    """A data set by the name under which its result is stored."""

    name: str
    settings: FeatureSettings
    declared: bool = False  # by the settings of the project


def features_command(arguments: FeatureArguments, say: Say) -> int:
    """Judge the data sets, write the reports, and return the exit code."""
    warn: Say = (lambda text: None) if arguments.quiet else (lambda text: say(f"warning: {text}"))
    loaded, is_project = _loaded(arguments, warn)
    chosen = data_sets(arguments, loaded)
    kinds = _kinds(arguments.fail_on)
    targets = _targets(arguments.outputs)
    code = _code(arguments, loaded, is_project)
    need_extra()
    clock = _Clock()
    with FitBar(not (arguments.no_progress or arguments.quiet)) as bar:

        def progress(stage: str, done: int, expected: int) -> None:
            clock.enter(stage)
            bar.update(stage, done, expected)

        done, failed = _judged(chosen, lambda settings: judged(settings, loaded.root, progress, warn, timings=arguments.timings), say)
    results = [result for _, result in done]
    clock.enter("code")
    if code is not None and any(result.columns for result in results):
        results = _with_code(results, code, arguments, warn)
    clock.enter("report")
    look = Options(color=arguments.color, verbose=arguments.verbose)
    for format, file in targets if results else ():
        text = render(results, format, replace(look, color="always" if look.color == "always" else "never", width=None))
        write_output(file, text.encode("utf-8", "backslashreplace"), f"--output {format}={file}")
    if results:
        write(results, arguments.output_format, sys.stdout, options=look)
    if is_project and not arguments.no_store:  # last: a file that cannot be replaced must not cost the report
        _store(loaded, [one for one, _ in done], results)
    for stage, seconds in clock.stop() if arguments.timings else ():
        say(f"{safe(stage):<20}{seconds:8.3f} s")
    if failed:
        return UNUSABLE
    return int(any(column.kind in kinds for result in results for column in dropped(result)))


def _judged(chosen: list[DataSet], judge: Callable[[FeatureSettings], Result], say: Say) -> tuple[list[tuple[DataSet, Result]], bool]:
    """The data sets with their results, and whether one of several could not be judged: that is said, and the others are."""
    done: list[tuple[DataSet, Result]] = []
    for one in chosen:
        try:
            done.append((one, judge(one.settings)))
        except DataError as error:
            if len(chosen) == 1:
                raise
            say(f"error: {one.name}: {error}")
    return done, len(done) < len(chosen)


def data_sets(arguments: FeatureArguments, loaded: Loaded) -> list[DataSet]:
    """What is to be judged: the data sets and files that are named, else every data set of the settings. Options win over settings."""
    known = {name or _stem(settings.data): settings for name, settings in loaded.config.features.items()}
    given = settings_of(arguments)
    if not arguments.data and not known:
        raise ConfigError("no data: name a file, as in `mldebt features DATA --target COL`, or add [tool.mldebt.features]")
    wanted: dict[str, FeatureSettings] = {}
    for word in arguments.data or known:
        settings = known[word] if word in known else FeatureSettings(data=_from_root(word, loaded.root))
        name = word if word in known else _name(settings, known, wanted)
        wanted[name] = data_set({**msgspec.to_builtins(settings), **given}, "command line", "--") if given else settings
        _check(name, wanted[name], loaded.root, known)
    return [DataSet(name, settings, name in known and settings.data == known[name].data) for name, settings in wanted.items()]


def _name(settings: FeatureSettings, known: Mapping[str, FeatureSettings], taken: Mapping[str, FeatureSettings]) -> str:
    """The name of a file that is named itself: that of the data set which has this file, else its stem, else its path."""
    for name, declared in known.items():
        if os.path.normpath(declared.data) == settings.data:
            return name
    stem = _stem(settings.data)
    free = stem not in known and (stem not in taken or taken[stem].data == settings.data)
    return stem if free else settings.data


def settings_of(arguments: FeatureArguments) -> dict[str, object]:
    """The settings that the arguments give, by configuration key."""
    values: dict[str, object] = {name: getattr(arguments, name) for name in PLAIN if getattr(arguments, name) is not None}
    values |= {name: _split(getattr(arguments, name)) for name in ("keep", "drop") if getattr(arguments, name)}
    if arguments.bundle:
        values["bundle"] = _bundles(arguments.bundle)
    return {name.replace("_", "-"): value for name, value in values.items()}


def _split(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _bundles(values: Iterable[str]) -> dict[str, str]:
    table: dict[str, str] = {}
    for value in values:
        name, equals, pattern = value.partition("=")
        if not equals or not name or not pattern:
            raise ConfigError(f"--bundle {value}: write NAME=PATTERN, for example 'bureau=bureau_*'")
        table[name] = pattern
    return table


def _check(name: str, settings: FeatureSettings, root: Path, known: Mapping[str, FeatureSettings]) -> None:
    if not settings.data:
        raise ConfigError(f'features.{name}: it has no data: add data = "FILE"')
    if _is_reference(settings.data, root):
        return
    if not os.path.exists(root / settings.data):
        raise ConfigError(f"{settings.data}: no such file or folder, and no data set of the settings{suggestion(settings.data, known)}")
    if not settings.target and not settings.structure_only:
        raise ConfigError(f"{settings.data}: which column does the model predict? Add --target COL")


def _is_reference(data: str, root: Path) -> bool:
    return _REFERENCE.fullmatch(data) is not None and not os.path.exists(root / data)


def _stem(data: str) -> str:
    """A name for data that has none: that of the file or function."""
    if _REFERENCE.fullmatch(data):
        return data.rpartition(":")[2]
    return PurePath(data).name.split(".")[0] or "data"


def _from_root(data: str, root: Path) -> str:
    """A path of the command line, which is relative to where the user stands, relative to the project root if it is inside."""
    if _is_reference(data, Path.cwd()):
        return data
    relative = os.path.relpath(os.path.abspath(data), root)
    if relative.startswith(".."):
        relative = os.path.relpath(os.path.realpath(data), os.path.realpath(root))
    outside = relative.startswith("..") and os.path.isabs(data)
    return data if outside else relative.replace(os.sep, "/")


def _loaded(arguments: FeatureArguments, warn: Say) -> tuple[Loaded, bool]:
    """The settings in force, and whether their root is that of a project: it has settings or is a repository."""
    loaded = load(Path.cwd(), overrides=arguments.overrides, isolated=arguments.isolated)
    for warning in loaded.warnings:
        warn(warning)
    top = repository(Path.cwd())
    if loaded.file is not None or top is None:
        return loaded, loaded.file is not None
    return replace(loaded, root=top), True


def _code(arguments: FeatureArguments, loaded: Loaded, is_project: bool) -> Path | None:
    """Whose code is linked; None: nobody's."""
    if arguments.no_code:
        if arguments.code is not None:
            raise ConfigError("--code and --no-code exclude each other")
        return None
    if arguments.code is None:
        return loaded.root if is_project else None
    if not os.path.exists(arguments.code):
        raise ConfigError(f"--code {arguments.code}: no such file or directory")
    return Path(arguments.code)


def _with_code(results: list[Result], code: Path, arguments: FeatureArguments, warn: Say) -> list[Result]:
    from mldebt.data_pass.code import attach
    from mldebt.linking import LinkArguments

    silent = arguments.quiet or arguments.no_progress
    linked = LinkArguments((str(code),), no_progress=silent, overrides=arguments.overrides, isolated=arguments.isolated)
    project, unread = linked.link(linked.load(lambda text: None), warn)
    if unread:
        warn(f"{len(unread)} files of the code were not read, or not in full; `mldebt scan` lists them")
    return [attach(result, project) for result in results]


def _inside(one: DataSet) -> bool:
    """Whether the data belongs to the project: the settings name it, or it lies below the root."""
    return one.declared or not (os.path.isabs(one.settings.data) or one.settings.data.startswith(".."))


def _store(loaded: Loaded, chosen: list[DataSet], results: list[Result]) -> None:
    """Keeps the results for `mldebt scan`; data outside the project only when the settings name it."""
    from mldebt.data_pass.stored import store

    for one, result in zip(chosen, results, strict=True):
        data = one.settings.data
        if _inside(one):
            store(loaded.root, one.name, result, None if _is_reference(data, loaded.root) else loaded.root / data)


def _kinds(values: Iterable[str]) -> frozenset[str]:
    kinds = _split(values)
    for kind in kinds:
        if kind not in (*RULES, "any"):
            raise ConfigError(f"--fail-on {kind}: no such kind{suggestion(kind, RULES)}; there are {', '.join(sorted(RULES))} and any")
    return frozenset(RULES if "any" in kinds else kinds)


def _targets(outputs: Iterable[str]) -> list[tuple[str, Path]]:
    targets: list[tuple[str, Path]] = []
    for output in outputs:
        format, equals, name = output.partition("=")
        if not equals or not name:
            raise ConfigError(f"--output {output}: write FORMAT=FILE, for example json=features.json")
        if format not in FORMATS:
            raise ConfigError(f"unknown output format {format!r}{suggestion(format, FORMATS)}; there are {', '.join(FORMATS)}")
        targets.append((format, place(name, f"--output {output}")))
    return targets


class _Clock:
    """Seconds by stage, in the order in which the stages began."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._stage = ""
        self._spent: dict[str, float] = {}

    def enter(self, stage: str) -> None:
        if stage != self._stage:
            now = time.perf_counter()
            if self._stage:
                self._spent[self._stage] = self._spent.get(self._stage, 0.0) + now - self._last
            self._last, self._stage = now, stage

    def stop(self) -> Iterable[tuple[str, float]]:
        self.enter("")
        return self._spent.items()
