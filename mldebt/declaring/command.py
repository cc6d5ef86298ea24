"""`mldebt declare`: link the project, find what is meant, print its declaration or write it into the settings."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from mldebt.cards import load_cards
from mldebt.config import ConfigError, Loaded
from mldebt.declaring import stanza
from mldebt.declaring.draft import Draft, draft, names_artifact
from mldebt.declaring.target import Target, resolve
from mldebt.linking import LinkArguments
from mldebt.project import Project
from mldebt.project.artifacts.declared.match import expired
from mldebt.report.terminal import emit, encodable, safe
from mldebt.report.words import count
from mldebt.writing import replace

Form = Literal["toml", "dbt-exposure", "odps", "backstage", "comment"]


class DeclareArguments(LinkArguments, frozen=True, kw_only=True):
    """The command line of `mldebt declare`."""

    target: str
    form: Form = "toml"
    write: bool = False


def declare_command(arguments: DeclareArguments, say: Callable[[str], None], today: datetime.date | None = None) -> int:
    """Print or write the declaration and return the exit code: 3 when no file was there to analyse, else 0."""
    if arguments.write and arguments.form != "toml":
        raise ConfigError(f"--write writes mldebt's own settings; without it --as {arguments.form} prints what belongs into your file")
    if arguments.write and arguments.isolated:
        raise ConfigError("--write needs the settings file, which --isolated leaves unread; give one of the two")
    today = today or datetime.date.today()
    warn = arguments.warner(say)
    loaded = arguments.load(warn)
    # Whatever the profile of a scan, each of its findings can be named.
    every = msgspec.structs.replace(loaded, config=msgspec.structs.replace(loaded.config, profile="audit"))
    project, _ = arguments.link(every, warn, today)
    if not project.modules:
        say("nothing to analyse")
        return 3
    target = resolve(project, load_cards(), arguments.target)
    found = [draft(project, artifact) for artifact in target.artifacts]
    for one in found:
        _refuse_expired(project, one)
    if arguments.write:
        _write(loaded, found, today, (lambda text: None) if arguments.quiet else say)
    else:
        emit(encodable(rendered(found, project, arguments.form, loaded, today)), sys.stdout)
        if arguments.form == "toml" and not arguments.quiet:
            say(safe(f"for {_file(loaded)}; --write adds it there"))
    if not arguments.quiet:
        _advise(target, say)
    return 0


def rendered(found: Sequence[Draft], project: Project, form: Form, loaded: Loaded, today: datetime.date) -> str:
    """The declaration in one format; a format is imported only when asked for."""
    match form:
        case "toml":
            return "\n".join(stanza.toml(one, ".".join(_keys(_file(loaded))), today) for one in found)
        case "comment":
            from mldebt.declaring.comment import comments

            return "".join(map(comments, found))
        case "dbt-exposure":
            from mldebt.declaring.dbt import exposures

            return exposures(found, project)
        case "odps":
            from mldebt.declaring.odps import products

            return "---\n".join(products(one, project) for one in found)
        case "backstage":
            from mldebt.declaring.backstage import entities

            return "---\n".join(entities(one, project) for one in found)


def _file(loaded: Loaded) -> Path:
    return loaded.file or loaded.root / "mldebt.toml"


def _keys(file: Path) -> tuple[str, ...]:
    return ("tool", "mldebt", "artifacts") if file.name == "pyproject.toml" else ("artifacts",)


def _refuse_expired(project: Project, found: Draft) -> None:
    """A declaration whose day has passed wants a new day, not a second declaration beside it."""
    wanted = {use.who for use in found.uses}
    for artifact in project.config.artifacts:
        for consumer in artifact.consumers if names_artifact((artifact.id, *artifact.aliases), found) else ():
            if consumer.expires and consumer.expires < project.today and consumer.who in wanted:
                old = (d for d in project.artifacts.declarations if d.who == consumer.who and expired(d, project.today))
                where = next((f" at {d.path}:{d.line}" for d in old), "")
                said = f"{consumer.who} is declared{where} until {consumer.expires}, which has passed"
                raise ConfigError(safe(f"{said}: set a new date there"))


def _write(loaded: Loaded, found: Sequence[Draft], today: datetime.date, say: Callable[[str], None]) -> None:
    file = _file(loaded)
    try:
        old = file.read_bytes() if file.exists() else b""
        mark = b"\xef\xbb\xbf" if old.startswith(b"\xef\xbb\xbf") else b""
        new = old[len(mark) :].decode("utf-8")
        for one in found:
            new = stanza.merged(new, one, _keys(file), today)
        data = mark + new.encode("utf-8")
        if data == old:
            say(safe(f"{file}: it is declared there already; nothing was written"))
            return
        replace(file, data)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be written: {error.strerror}") from None
    except ConfigError as error:
        raise ConfigError(f"{file}: {error}") from None
    names = ", ".join(f"`{one.id}`" for one in found)
    files = len({use.path for one in found for use in one.uses})
    readers = f" and its readers in {count(files, 'file')}" if files else ""
    say(safe(f"{file}: declared {names}{readers}; fill in the empty owner and purpose"))


def _advise(target: Target, say: Callable[[str], None]) -> None:
    if target.finding is not None and target.finding.name == "near-miss-artifact":
        say(safe(f"note: {target.finding.finding.message}; if a copy step lies between, it belongs into the pipeline"))
