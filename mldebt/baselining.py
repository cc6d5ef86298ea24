"""The flags of `mldebt scan` about debt that is not news: a baseline file, or a commit."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from mldebt import baseline
from mldebt.config import ConfigError, Loaded, suggestion
from mldebt.findings import Ranked
from mldebt.report.words import count
from mldebt.runs import Scanned
from mldebt.shown import Known, could_find, debts, vanished


class BaselineArguments(msgspec.Struct, frozen=True):
    """`file` is that of `--baseline`, None when it is not given."""

    file: str | None = None
    update: bool = False
    prune: bool = False
    error_stale: bool = False
    since: str = ""

    def check(self, loaded: Loaded, *, focus: bool) -> None:
        """Refuse, before the work, what cannot be done."""
        if self.since and (self.file or self.update or self.prune or self.error_stale):
            raise ConfigError("--since and a baseline: choose one; --since REV needs no file")
        if self.update and self.prune:
            raise ConfigError("--update-baseline and --prune-baseline: choose one; an update prunes as well")
        if (self.update or self.prune or self.error_stale) and not loaded.config.baseline:
            flag = "--update-baseline" if self.update else "--prune-baseline" if self.prune else "--error-stale-baseline"
            raise ConfigError(f"{flag}: name the file: --baseline {baseline.NAME}, or baseline = '{baseline.NAME}' in the settings")
        if (self.update or self.prune) and focus:
            raise ConfigError("a baseline is written of the whole project: leave out --focus and PATHS")


def since_commit(loaded: Loaded, rev: str) -> str:
    """The commit that `--since` means: where this branch left REV, which is REV itself when it is an ancestor."""
    from mldebt.git import GitError
    from mldebt.repository import repository, shallow
    from mldebt.revisions import merge_base, names, resolve

    top = repository(loaded.root)
    if top is None:
        raise ConfigError(f"--since {rev}: {loaded.root} is in no git repository")
    try:
        commit = resolve(loaded.root, rev)
        if commit is None:
            mend = "; this clone is shallow, fetch its history (fetch-depth: 0)" if shallow(top) else suggestion(rev, names(top))
            raise ConfigError(f"--since {rev}: git knows no such commit or branch here{mend}")
        return merge_base(loaded.root, commit, "HEAD") or commit
    except GitError as error:
        raise ConfigError(f"--since {rev}: {error}") from None


def known(scanned: Scanned, arguments: BaselineArguments, say: Callable[[str], None]) -> Known | None:
    """The debt that is not news. With `--update-baseline` or `--prune-baseline` the file is written."""
    if scanned.before is not None:
        return Known(arguments.since, tuple(sorted(baseline.entry(one) for one in scanned.before)), stale_counts=False)
    named = scanned.loaded.config.baseline
    if not named:
        return None
    file = scanned.loaded.root / named
    entries = _read(file, arguments, say)
    if (arguments.update or arguments.prune) and not scanned.stored.files:
        raise ConfigError(f"{file}: nothing was read, so nothing is written")
    findings = debts(scanned)
    seen = could_find(scanned)
    if arguments.update:
        kept = baseline.updated(entries, [one for one in findings if _belongs(one)], seen)
        _write(file, entries, kept, say)
        entries = kept
    elif arguments.prune:
        found = baseline.match(findings, entries, seen=seen, gone=vanished(scanned))
        kept = baseline.pruned(entries, found)
        _write(file, entries, kept, say, moved=len(found.moved))
        entries = kept
    return Known(named if not Path(named).is_absolute() else os.path.relpath(file), entries)


def _belongs(one: Ranked) -> bool:
    """What a comment accepts has its own date: the baseline would outlive it."""
    return not one.accepted


def _read(file: Path, arguments: BaselineArguments, say: Callable[[str], None]) -> tuple[baseline.Entry, ...]:
    if arguments.update and not file.exists():
        return ()
    try:
        return baseline.read(file)
    except ConfigError as error:
        if not arguments.update:
            raise
        say(f"warning: {error}; nothing of it is kept")
        return ()


def _write(
    file: Path, old: tuple[baseline.Entry, ...], new: tuple[baseline.Entry, ...], say: Callable[[str], None], moved: int = 0
) -> None:
    if not file.exists() or old != new:
        baseline.write(file, new)
    added, gone = len(set(new) - set(old)) - moved, len(set(old) - set(new)) - moved
    followed = f", {moved} renamed" if moved else ""
    say(f"{file}: {count(len(new), 'entry', 'entries')}, {added} added, {gone} removed{followed}")
