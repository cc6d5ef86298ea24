"""`mldebt facts export`: what other repositories need to know of this one, as one file."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable

import msgspec

from mldebt.linking import LinkArguments
from mldebt.outputs import place, write_output
from mldebt.report.terminal import emit, safe


class ExportArguments(LinkArguments, frozen=True):
    """The command line of `mldebt facts export`."""

    output: str | None = None


def export_command(arguments: ExportArguments, say: Callable[[str], None], today: datetime.date | None = None) -> int:
    """Write the facts and return the exit code: 3 when no file was there to analyse, else 0."""
    from mldebt.exports.writing import encoded, exported

    target = place(arguments.output, f"--output {arguments.output}") if arguments.output not in (None, "-") else None
    warn = arguments.warner(say)
    loaded = arguments.load(warn)
    # What others told is not passed on.
    loaded = msgspec.structs.replace(loaded, config=msgspec.structs.replace(loaded.config, imports=()))
    project, unread = arguments.link(loaded, warn)
    export = exported(project, today or datetime.date.today())
    data = encoded(export)
    if target is None:
        emit(data.decode("ascii"), sys.stdout)
    else:
        write_output(target, data, f"--output {target}")
    if not arguments.quiet:
        writes = sum(one.direction == "write" for one in export.accesses)
        told = f"{writes} writes, {len(export.accesses) - writes} reads, {len(export.declarations)} declarations"
        local = "; paths below the project's own folder stay out: they mean nothing elsewhere"
        say(safe(f"exported {export.project}: {told} of artifacts that others may share{local}"))
        if unread:
            warn(f"{len(unread)} files were not read, or not in full; `mldebt scan` lists them")
    return 0 if project.modules else 3
