"""`mldebt facts export`: what other repositories need to know of this one, as one file."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from mldebt import engine
from mldebt.config import ConfigError, load
from mldebt.progress import Bar
from mldebt.report.terminal import emit, safe
from mldebt.writing import replace


class ExportArguments(msgspec.Struct, frozen=True):
    """The command line of `mldebt facts export`."""

    paths: tuple[str, ...] = ()
    output: str | None = None
    no_cache: bool = False
    no_progress: bool = False
    quiet: bool = False
    verbose: bool = False
    overrides: tuple[str, ...] = ()
    isolated: bool = False

    @classmethod
    def of(cls, arguments: Mapping[str, object]) -> ExportArguments:
        """The arguments as click gives them."""
        return msgspec.convert(arguments, cls)


def export_command(arguments: ExportArguments, say: Callable[[str], None], today: datetime.date | None = None) -> int:
    """Write the facts and return the exit code: 3 when no file was there to analyse, else 0."""
    from mldebt.exports.writing import encoded, exported

    paths = tuple(Path(path) for path in arguments.paths) or (Path(),)
    target = Path(arguments.output) if arguments.output not in (None, "-") else None
    if target is not None and (not target.parent.is_dir() or target.is_dir()):
        raise ConfigError(f"--output {target}: {target.parent if not target.parent.is_dir() else target} is not a place for a file")
    loaded = load(engine.start_of(paths), overrides=arguments.overrides, isolated=arguments.isolated)
    # What others told is not passed on.
    loaded = msgspec.structs.replace(loaded, config=msgspec.structs.replace(loaded.config, imports=()))
    warn: Callable[[str], None] = (lambda text: None) if arguments.quiet else (lambda text: say(f"warning: {text}"))
    for warning in loaded.warnings:
        warn(warning)
    with Bar(not (arguments.no_progress or arguments.quiet)) as bar:
        project, unread = engine.link(loaded, engine.Request(paths, cache=not arguments.no_cache), warn=warn, progress=bar.update)
    export = exported(project, today or datetime.date.today())
    data = encoded(export)
    if target is None:
        emit(data.decode("ascii"), sys.stdout)
    else:
        try:
            replace(target, data)
        except OSError as error:
            raise ConfigError(f"--output {target}: cannot be written: {error.strerror}") from None
    if not arguments.quiet:
        writes = sum(one.direction == "write" for one in export.accesses)
        told = f"{writes} writes, {len(export.accesses) - writes} reads, {len(export.declarations)} declarations"
        local = "; paths below the project's own folder stay out: they mean nothing elsewhere"
        say(safe(f"exported {export.project}: {told} of artifacts that others may share{local}"))
        if unread:
            warn(f"{len(unread)} files were not read, or not in full; `mldebt scan` lists them")
    return 0 if project.modules else 3
