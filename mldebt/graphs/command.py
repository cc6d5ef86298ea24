"""`mldebt graph`: link the project, keep the artifacts or models that were asked for, write them in one format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import msgspec

from mldebt import engine
from mldebt.config import ConfigError, Loaded
from mldebt.findings import Location, Unread
from mldebt.graphs import select
from mldebt.graphs.model import GraphReport, graph_report
from mldebt.linking import LinkArguments, Say
from mldebt.outputs import place, write_output
from mldebt.project import Project
from mldebt.report.options import Color, Options
from mldebt.report.terminal import emit, use_color, use_width

Format = Literal["text", "json", "dot", "mermaid", "html"]


class GraphArguments(LinkArguments, frozen=True):
    """The command line of `mldebt graph`."""

    artifacts: tuple[str, ...] = ()
    globs: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    undeclared: bool = False
    models: bool = False
    format: Format = "text"
    output: str | None = None
    color: Color = "auto"
    jobs: int | None = None
    cache_dir: str | None = None


def graph_command(arguments: GraphArguments, say: Say) -> int:
    """Write the graph and return the exit code: 3 when no file was there to analyse, else 0."""
    target = place(arguments.output, f"--output {arguments.output}") if arguments.output is not None else None
    warn = arguments.warner(say)
    loaded = arguments.load(warn, _settings(arguments))
    if arguments.models and (arguments.findings or arguments.undeclared):
        raise ConfigError("--models shows models, not artifacts: only --artifact and --path choose among them")
    project, unread = arguments.link(loaded, warn)
    look = Options(color=arguments.color, verbose=arguments.verbose)
    if target is None:
        color: Color = "always" if use_color(sys.stdout, look.color) else "never"
        look = msgspec.structs.replace(look, color=color, width=use_width(sys.stdout, None))
    else:
        look = msgspec.structs.replace(look, color="never")
    text = _models(arguments, project, unread, look, warn) if arguments.models else _graph(arguments, project, unread, look, warn, loaded)
    if target is None:
        emit(text, sys.stdout)
    else:
        write_output(target, text.encode("utf-8", "backslashreplace"), f"--output {target}")
    return 0 if project.modules else 3


def _graph(arguments: GraphArguments, project: Project, unread: tuple[Unread, ...], look: Options, warn: Say, loaded: Loaded) -> str:
    whole = graph_report(project, unread)
    report = _selected(whole, arguments, loaded)
    if whole.artifacts and not report.artifacts:
        warn(f"no artifact matches the filters; without them the graph has {len(whole.artifacts)}, by the names that `mldebt graph` shows")
    return rendered(report, arguments.format, look)


def _models(arguments: GraphArguments, project: Project, unread: tuple[Unread, ...], look: Options, warn: Say) -> str:
    from mldebt.graphs.models.command import rendered as drawn
    from mldebt.graphs.models.model import model_report
    from mldebt.graphs.models.model import select as chosen

    whole = model_report(project, unread)
    names = select.names(arguments.artifacts) if arguments.artifacts else None
    report = chosen(whole, names, select.paths(arguments.globs) if arguments.globs else None)
    if whole.models and not report.models:
        warn(f"no model matches the filters; without them there are {len(whole.models)}, as `mldebt graph --models` shows")
    return drawn(report, arguments.format, look)


def rendered(report: GraphReport, format: Format, options: Options) -> str:
    """The report in one format; a format is imported only when asked for."""
    match format:
        case "text":
            from mldebt.graphs import text

            return text.render(report, options)
        case "json":
            from mldebt.graphs import json

            return json.render(report)
        case "dot":
            from mldebt.graphs import dot

            return dot.render(report)
        case "mermaid":
            from mldebt.graphs import mermaid

            return mermaid.render(report)
        case "html":
            from mldebt.graphs import html

            return html.render(report)


def _settings(arguments: GraphArguments) -> dict[str, object]:
    values: dict[str, object] = {}
    if arguments.jobs is not None:
        values["jobs"] = arguments.jobs
    if arguments.cache_dir is not None:
        values["cache-dir"] = str(Path(arguments.cache_dir).absolute())
    return values


def _selected(report: GraphReport, arguments: GraphArguments, loaded: Loaded) -> GraphReport:
    if arguments.artifacts:
        report = select.by_artifact(report, arguments.artifacts)
    if arguments.globs:
        report = select.by_path(report, arguments.globs)
    if arguments.findings:
        report = select.by_places(report, _places(arguments.findings, loaded, arguments.request()))
    return select.silent(report) if arguments.undeclared else report


def _places(wanted: tuple[str, ...], loaded: Loaded, request: engine.Request) -> list[Location]:
    """Where the wanted findings stand: by fingerprint, code or name of the rule."""
    found = engine.scan(loaded, request).findings
    places: list[Location] = []
    for word in wanted:
        meant = [one for one in found if word in (one.fingerprint, one.code, one.name)]
        if not meant:
            raise ConfigError(
                f"--finding {word}: no such finding with the profile {loaded.config.profile}; "
                "`mldebt scan --output-format json` lists fingerprints, `--config profile=audit` turns on every rule"
            )
        places += [place for one in meant for place in (one.finding.location, *one.finding.evidence)]
    return places
