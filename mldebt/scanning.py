"""`mldebt scan`: its arguments as settings, one run of the engine, the reports, the exit code."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mldebt import engine, shown
from mldebt.baselining import BaselineArguments, known, since_commit
from mldebt.buffers import given
from mldebt.config import ConfigError, Loaded, load, options, suggestion, value_of
from mldebt.findings import Drawing, Point, Ranked, Report
from mldebt.outputs import place, write_output
from mldebt.progress import Bar
from mldebt.report import FORMATS, Options, write, write_statistics
from mldebt.report.options import Color
from mldebt.report.terminal import emit, safe
from mldebt.runs import is_narrow

if TYPE_CHECKING:
    from mldebt.project import Project

PICTURED = frozenset({"html"})  # formats that draw the graphs
LISTS = ("select", "ignore", "extend_select", "exclude", "extend_exclude")
PLAIN = (
    "profile",
    "respect_gitignore",
    "force_exclude",
    "output_format",
    "min_severity",
    "min_confidence",
    "top",
    "fail_on",
    "jobs",
    "history",
)


class ScanArguments(msgspec.Struct, frozen=True):
    """The command line of `mldebt scan`. None: not given, so that a file or the environment may decide."""

    paths: tuple[str, ...] = ()
    profile: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    extend_select: tuple[str, ...] = ()
    per_file_ignores: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool | None = None
    force_exclude: bool | None = None
    focus: bool = False
    show_files: bool = False
    output_format: str | None = None
    outputs: tuple[str, ...] = ()
    min_severity: str | None = None
    min_confidence: float | None = None
    top: int | None = None
    sort: str = "cost"
    statistics: bool = False
    debt_comments: bool = False
    color: Color = "auto"
    no_progress: bool = False
    timings: bool = False
    quiet: bool = False
    verbose: bool = False
    fail_on: str | None = None
    exit_zero: bool = False
    strict: bool = False
    show_settings: bool = False
    jobs: int | None = None
    no_cache: bool = False
    cache_dir: str | None = None
    overrides: tuple[str, ...] = ()
    isolated: bool = False
    baseline: str | None = None
    update_baseline: bool = False
    prune_baseline: bool = False
    error_stale_baseline: bool = False
    since: str = ""
    trend: str = ""
    stdin_filename: str | None = None
    history: bool | None = None
    backend: str | None = None
    scheduler: str = ""

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> ScanArguments:
        """The arguments as click gives them."""
        return msgspec.convert(arguments, cls)


def scan_command(arguments: ScanArguments, say: Callable[[str], None]) -> int:
    """Run one scan, write its reports, and return the exit code."""
    buffer = _buffer(arguments)
    paths = (buffer,) if buffer else tuple(Path(path) for path in arguments.paths) or (Path(),)
    focus = arguments.focus or buffer is not None
    loaded = load(engine.start_of(paths), arguments=settings_of(arguments), overrides=arguments.overrides, isolated=arguments.isolated)
    loaded = engine.placed(loaded, whole=focus)
    aging = _aging(arguments)
    # What is new shows only beside the whole: a part is looked at, not read alone.
    focus = focus or (bool(aging.since or loaded.config.baseline) and is_narrow(loaded, paths))
    request = engine.Request(paths, focus=focus, cache=not arguments.no_cache, scheduler=_scheduler(arguments))
    warn: Callable[[str], None] = (lambda text: None) if arguments.quiet else (lambda text: say(f"warning: {text}"))
    for warning in loaded.warnings:
        warn(warning)
    if arguments.show_settings:
        emit(show_settings(loaded), sys.stdout)
        return 0
    if arguments.show_files:
        emit("".join(f"{safe(source.path)}\n" for source in engine.find_sources(loaded, request).sources), sys.stdout)
        return 0
    targets = _targets(arguments.outputs)
    _check_format(loaded.config.output_format)
    if arguments.debt_comments:
        _check_listed(arguments, loaded.config.output_format, targets)
    aging.check(loaded, focus=focus)
    if buffer is not None:
        request = msgspec.structs.replace(request, given=given(loaded, buffer, sys.stdin.buffer))
    if aging.since:
        request = msgspec.structs.replace(request, since=since_commit(loaded, aging.since))
    formats = {loaded.config.output_format, *(format for format, _ in targets)}
    if arguments.trend and not formats & PICTURED:
        raise ConfigError("--trend: only the page shows it; add --output html=FILE")
    drawings: list[Drawing] = []
    projects: list[Project] = []
    with Bar(not (arguments.no_progress or arguments.quiet)) as bar:
        draw = _drawer(drawings) if formats & PICTURED else projects.append if arguments.debt_comments else None
        scanned = engine.run(loaded, request, warn=warn, progress=bar.update, look=draw)
        trend = _trend(loaded, request, arguments.trend, warn, bar)
    report = shown.report(scanned, known(scanned, aging, (lambda text: None) if arguments.quiet else say))
    report = msgspec.structs.replace(arranged(report, arguments.sort), drawings=tuple(drawings), trend=trend)
    look = Options(color=arguments.color, top=loaded.config.top or None, verbose=arguments.verbose)
    for format, file in targets:
        _write_file(report, format, file, look)
    if "github" in formats:
        _step_summary(report, warn)
    if arguments.debt_comments:
        return _admitted(projects, report, look, loaded.config.output_format, shown.inside(scanned))
    if arguments.statistics:
        write_statistics(report, sys.stdout, options=look)
    else:
        write(report, loaded.config.output_format, sys.stdout, options=look)
    if arguments.timings:
        for stage, seconds in report.summary.timings.items():
            say(f"{stage:<10}{seconds:8.3f} s")
    if focus and not arguments.quiet and loaded.config.output_format == "text" and report.findings:
        _tell_stop(report, loaded.config.fail_on, say)
    state = report.summary.baseline
    if aging.error_stale and state is not None and state.stale and not focus:
        say(f"error: {len(state.stale)} stale entries in {state.origin}; --prune-baseline removes them")
        return max(1, exit_code(report, loaded.config.fail_on, exit_zero=arguments.exit_zero, strict=arguments.strict))
    return exit_code(report, loaded.config.fail_on, exit_zero=arguments.exit_zero, strict=arguments.strict)


def _buffer(arguments: ScanArguments) -> Path | None:
    """The file that standard input stands for."""
    if "-" not in arguments.paths:
        if arguments.stdin_filename is not None:
            raise ConfigError("--stdin-filename: give - as the path, so that standard input is read")
        return None
    if len(arguments.paths) > 1 or not arguments.stdin_filename:
        raise ConfigError("- reads one file from standard input: add --stdin-filename, which says where in the project it stands")
    return Path(arguments.stdin_filename)


def _scheduler(arguments: ScanArguments) -> str:
    if arguments.backend == "dask" and not arguments.scheduler:
        raise ConfigError("--backend dask: name the scheduler, for example --scheduler tcp://10.0.0.5:8786")
    if arguments.scheduler and arguments.backend != "dask":
        raise ConfigError("--scheduler: only with --backend dask")
    return arguments.scheduler


def _aging(arguments: ScanArguments) -> BaselineArguments:
    return BaselineArguments(
        arguments.baseline, arguments.update_baseline, arguments.prune_baseline, arguments.error_stale_baseline, arguments.since
    )


def _trend(loaded: Loaded, request: engine.Request, since: str, warn: Callable[[str], None], bar: Bar) -> tuple[Point, ...]:
    if not since:
        return ()
    from mldebt.trending import points

    return points(loaded, request, since, warn=warn, progress=bar.update)


def _step_summary(report: Report, warn: Callable[[str], None]) -> None:
    """The page that GitHub shows for the job."""
    file = os.environ.get("GITHUB_STEP_SUMMARY")
    if not file:
        return
    from mldebt.report.markdown import summary

    try:
        with open(file, "a", encoding="utf-8") as out:
            out.write(summary(report))
    except OSError as error:
        warn(f"GITHUB_STEP_SUMMARY: {file}: cannot be written: {error.strerror}")


def _check_listed(arguments: ScanArguments, format: str, targets: Sequence[tuple[str, Path]]) -> None:
    from mldebt.report.admitted import FORMATS as listed

    if arguments.statistics:
        raise ConfigError("--debt-comments and --statistics are two lists; ask for one of them")
    if targets:
        raise ConfigError("--debt-comments: there is no --output of it; redirect standard output")
    if format not in listed:
        raise ConfigError(f"--debt-comments: output format {format!r}; there are {', '.join(listed)}")


def _admitted(projects: Sequence[Project], report: Report, look: Options, format: str, wanted: Callable[[str], bool]) -> int:
    """Writes the comments of debt instead of the findings. They are a list to read: nothing of it fails a run."""
    from mldebt.admitted import admitted
    from mldebt.report.admitted import render

    found = [one for project in projects for one in admitted(project, report.findings) if wanted(one.path)]
    emit(render(found, format, look), sys.stdout)
    return 0 if report.summary.files else 3


def _tell_stop(report: Report, fail_on: str, say: Callable[[str], None]) -> None:
    """Who commits sees which of the findings stops the commit."""
    stopping = [one for one in report.findings if engine.is_failing(one, fail_on)]
    if stopping:
        ranks = ", ".join(f"#{one.rank}" for one in stopping[:10])
        say(f"{len(stopping)} of {len(report.findings)} at or above {fail_on} (--fail-on): {ranks}")
    else:
        say(f"none of them is at or above {fail_on} (--fail-on)")


def _drawer(drawings: list[Drawing]) -> Callable[[Project], None]:
    from mldebt.graphs.drawings import drawings as drawn

    return lambda project: drawings.extend(drawn(project))


def exit_code(report: Report, fail_on: str, *, exit_zero: bool, strict: bool) -> int:
    """3 when nothing was there to analyse, or with `strict` something could not be; 1 for debt at or above `fail_on`; else 0."""
    if not report.summary.files or (strict and report.summary.unread):
        return 3
    return int(engine.fails(report, fail_on) and not exit_zero)


def settings_of(arguments: ScanArguments) -> dict[str, object]:
    """The settings that the arguments give, by configuration key."""
    values: dict[str, object] = {name: getattr(arguments, name) for name in PLAIN if getattr(arguments, name) is not None}
    values |= {name: _split(getattr(arguments, name)) for name in LISTS if getattr(arguments, name)}
    if arguments.per_file_ignores:
        values["per_file_ignores"] = _per_file(arguments.per_file_ignores)
    if arguments.baseline is not None:
        values["baseline"] = os.path.abspath(arguments.baseline)
    if arguments.cache_dir is not None:
        values["cache_dir"] = os.path.abspath(arguments.cache_dir)  # relative to where the user stands, not to the project
    return {name.replace("_", "-"): value for name, value in values.items()}


def _split(values: Iterable[str]) -> list[str]:
    return [part.strip() for value in values for part in value.split(",") if part.strip()]


def _per_file(values: Iterable[str]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for value in _split(values):
        pattern, colon, rule = value.rpartition(":")
        if not colon or not pattern or not rule:
            raise ConfigError(f"--per-file-ignores {value}: write PATTERN:RULE, for example tests/*:unread-flag")
        table.setdefault(pattern, []).append(rule)
    return table


def show_settings(loaded: Loaded) -> str:
    """The settings in force and where they come from."""
    lines = [f"# project root: {safe(str(loaded.root))}", f"# configuration: {safe(str(loaded.file)) if loaded.file else 'none found'}"]
    lines += [f"{option.key} = {safe(value_of(loaded.config, option.key))}" for option in options()]
    return "\n".join(lines) + "\n"


def _check_format(format: str) -> None:
    if format not in FORMATS:
        raise ConfigError(f"unknown output format {format!r}{suggestion(format, FORMATS)}; there are {', '.join(FORMATS)}")


def _targets(outputs: Iterable[str]) -> list[tuple[str, Path]]:
    targets: list[tuple[str, Path]] = []
    for output in outputs:
        format, equals, name = output.partition("=")
        if not equals or not name:
            raise ConfigError(f"--output {output}: write FORMAT=FILE, for example json=debt.json")
        _check_format(format)
        if any(os.path.realpath(name) == os.path.realpath(file) for _, file in targets):
            raise ConfigError(f"--output {output}: another report is written to this file")
        targets.append((format, place(name, f"--output {output}")))
    return targets


def _write_file(report: Report, format: str, file: Path, look: Options) -> None:
    options = Options(color="never" if look.color == "auto" else look.color, top=look.top, verbose=look.verbose)
    out = io.StringIO()
    write(report, format, out, options=options)
    write_output(file, out.getvalue().encode("utf-8"), f"--output {format}={file}")


def arranged(report: Report, order: str) -> Report:
    """The report in another order; `rank` stays what it was."""
    from mldebt.ranking import payback

    keys: dict[str, Callable[[Ranked], tuple[float | str, ...]]] = {
        "interest": lambda one: (-one.interest_minutes_per_quarter,),
        "payback": lambda one: (payback(one),),
        "principal": lambda one: (-one.principal_minutes,),
        "severity": lambda one: (-one.severity.level,),
        "confidence": lambda one: (-one.finding.confidence,),
        "path": lambda one: (one.finding.location.path, one.finding.location.line),
        "rule": lambda one: (one.code,),
    }
    if order not in keys:
        return report
    return msgspec.structs.replace(report, findings=tuple(sorted(report.findings, key=keys[order])), order=order)
