"""Which files of a project are read, found by one walk that prunes what is ignored."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from pathlib import Path

import msgspec

from mldebt.findings import Unread
from mldebt.sources import ignore
from mldebt.sources.languages import language_of, role_of
from mldebt.sources.model import Language, Source
from mldebt.sources.own import is_own

# fmt: off
DEFAULT_EXCLUDE = (
    ".bzr", ".direnv", ".eggs", ".git", ".git-rewrite", ".hg", ".idea", ".ipynb_checkpoints", ".mldebt", ".mldebt_cache", ".mypy_cache",
    ".nox", ".pants.d", ".pyenv", ".pytest_cache", ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__",
    "__pypackages__", "_build", "buck-out", "build", "dist", "node_modules", "site-packages", "venv",
)
# fmt: on
_MB = 1_000_000
_JSON_BYTES = 256_000  # a bigger one is data
_CODE = frozenset({Language.PYTHON, Language.SQL, Language.SHELL})


class FileSettings(msgspec.Struct, frozen=True):
    """What to leave out. Patterns are gitignore-style, relative to the project root."""

    exclude: tuple[str, ...] = DEFAULT_EXCLUDE
    extend_exclude: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False  # also for paths that are named
    max_bytes: int = 5 * _MB
    max_notebook_bytes: int = 20 * _MB
    max_config_bytes: int = 2 * _MB


class Discovery(msgspec.Struct, frozen=True):
    """The files to read, those that cannot be, and how many files and directories the patterns left out."""

    sources: tuple[Source, ...]
    unread: tuple[Unread, ...]
    excluded: int
    ignored: int = 0  # of these, by .gitignore: git may track some all the same


class SourceError(ValueError):
    """A path that was named cannot be analysed; the text is one line and says what to do."""

    def __init__(self, path: str, message: str) -> None:
        super().__init__(f"{_shown(path)}: {message}")
        self.path = path
        self.message = message


def discover(root: Path, paths: Sequence[Path], settings: FileSettings) -> Discovery:
    """The sources below `paths` (all of `root` when empty), in the order of their paths; each real file once."""
    top = os.path.abspath(root)
    if not os.path.isdir(top):
        raise SourceError(str(root), "the project root is not a directory; name an existing one")
    try:
        walk = _Walk(top, settings)
    except ValueError as error:
        raise SourceError(str(error), "not a valid exclude pattern; write it as in .gitignore") from None
    for path in paths or (root,):
        walk.named(_inside(top, path), str(path))
    return walk.result()


class _Walk:
    """The collector of one call of `discover`."""

    def __init__(self, root: str, settings: FileSettings) -> None:
        self.root, self.real_root, self.settings = root, os.path.realpath(root), settings
        self.cut = len(root.rstrip("/")) + 1
        self.excludes = ignore.excludes(root, (*settings.exclude, *settings.extend_exclude))
        self.sources: dict[str, Source] = {}
        self.links: dict[str, tuple[str, Source]] = {}  # symbolic links to files, with what they stand for
        self.unread: dict[str, str] = {}
        self.excluded: set[str] = set()
        self.ignored = 0

    def named(self, path: str, shown: str) -> None:
        """Add a path that the user named: the patterns hold for it only with `force_exclude`."""
        try:
            status = os.stat(path)
        except FileNotFoundError:
            raise SourceError(shown, "no such file or directory; check the spelling") from None
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise SourceError(shown, f"cannot be read ({reason}); check the path and its permissions") from None
        directory = stat.S_ISDIR(status.st_mode)
        if self.settings.force_exclude and path != self.root and self._left_out(path + "/" * directory):
            self.excluded.add(path)
        elif not directory:
            self._file(path, status, os.path.islink(path), named=True)
        elif not self._within(os.path.realpath(path)):
            self._cannot(path, "symbolic link to outside the project root")
        else:
            self._tree(path)

    def _tree(self, start: str) -> None:
        above = ignore.levels_above(start) if self.settings.respect_gitignore else ()
        stack = [(start, above)]
        while stack:
            directory, levels = stack.pop()
            try:
                with os.scandir(directory) as entries:
                    found = list(entries)
            except OSError as error:
                self._cannot(directory, f"directory cannot be read: {error.strerror}")
                continue
            listed = self.settings.respect_gitignore and any(entry.name == ".gitignore" for entry in found)
            if listed and (own := ignore.level_of(directory)):
                levels = (own, *levels)
            prefix = directory.rstrip("/") + "/"
            for entry in found:
                path = prefix + entry.name
                try:
                    if entry.is_dir(follow_symlinks=False):
                        if self._keeps(entry.name, path + "/", levels):
                            stack.append((path, levels))
                    elif entry.is_symlink() and os.path.isdir(path):  # what it shows inside the root is found at its own place
                        if not self._within(os.path.realpath(path)) and self._keeps(entry.name, path + "/", levels):
                            self._cannot(path, "symbolic link to outside the project root")
                    elif language_of(path[self.cut :]) and self._keeps(entry.name, path, levels):
                        self._file(path, entry.stat(), entry.is_symlink(), named=False)
                except OSError as error:
                    if language_of(path[self.cut :]):
                        self._cannot(path, f"broken symbolic link: {error.strerror}" if entry.is_symlink() else str(error.strerror))

    def _keeps(self, name: str, path: str, levels: Sequence[ignore.Level]) -> bool:
        if self.excludes.matches(name, path):
            self.excluded.add(path)
            return False
        if ignore.ignored(levels, path):
            self.excluded.add(path)
            self.ignored += 1
            return False
        return True

    def _left_out(self, path: str) -> bool:
        """Whether a pattern excludes `path` or a directory between it and the root."""
        parts = path[self.cut :].rstrip("/").split("/")
        levels = ignore.levels_above(self.root) if self.settings.respect_gitignore else ()
        current = self.root
        for index, part in enumerate(parts):
            own = ignore.level_of(current) if self.settings.respect_gitignore else None
            levels = (own, *levels) if own else levels
            current = current.rstrip("/") + "/" + part
            shape = current + "/" if index < len(parts) - 1 or path.endswith("/") else current
            if self.excludes.matches(part, shape) or ignore.ignored(levels, shape):
                return True
        return False

    def _file(self, path: str, status: os.stat_result, link: bool, *, named: bool) -> None:
        language = language_of(path[self.cut :])
        if not stat.S_ISREG(status.st_mode):
            return self._cannot(path, "not a regular file")
        if language is None:
            return self._cannot(path, "not a kind of file that mldebt reads")
        limit = self._limit(language)
        if language is Language.JSON and status.st_size > _JSON_BYTES and not named:
            return None
        if status.st_size > limit:
            return self._cannot(path, f"{status.st_size / _MB:.1f} MB: over the limit of {limit / _MB:g} MB (max-file-size)")
        relative = path[self.cut :]
        if not _is_utf8(relative):
            return self._cannot(path, "file name is not UTF-8; rename the file")
        source = Source(relative, language, role_of(relative, language))
        real = os.path.realpath(path) if link else path
        if link and not self._within(real):
            return self._cannot(path, "symbolic link to outside the project root")
        if language is Language.JSON and is_own(path):
            return self._cannot(path, "written by mldebt") if named else None
        if link:
            self.links[relative] = (real, source)
        else:
            self.sources[relative] = source
        return None

    def _limit(self, language: Language) -> int:
        if language is Language.NOTEBOOK:
            return self.settings.max_notebook_bytes
        return self.settings.max_bytes if language in _CODE else self.settings.max_config_bytes

    def _within(self, real: str) -> bool:
        return real == self.real_root or real.startswith(self.real_root.rstrip("/") + "/")

    def _cannot(self, path: str, reason: str) -> None:
        relative = path[self.cut :] or "."
        self.unread[relative.encode("utf-8", "backslashreplace").decode()] = reason

    def result(self) -> Discovery:
        real_files = {os.path.join(self.real_root, path) for path in self.sources}
        sources = dict(self.sources)
        for path, (real, source) in sorted(self.links.items()):
            if real not in real_files:
                real_files.add(real)
                sources[path] = source
        ordered = tuple(sources[path] for path in sorted(sources))
        return Discovery(ordered, tuple(Unread(path, self.unread[path]) for path in sorted(self.unread)), len(self.excluded), self.ignored)


def _inside(root: str, path: Path) -> str:
    """The absolute path, spelled below `root`."""
    plain = os.path.abspath(path)
    base = root.rstrip("/") + "/"
    if plain == root or plain.startswith(base):
        return plain
    real, real_root = os.path.realpath(path), os.path.realpath(root)
    if real == real_root:
        return root
    if real.startswith(real_root.rstrip("/") + "/"):
        return base + real[len(real_root.rstrip("/")) + 1 :]
    raise SourceError(str(path), f"outside the project root {_shown(root)}; name a path inside it")


def _is_utf8(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # bytes that os.fsdecode could only smuggle through
        return False
    return True


def _shown(path: str) -> str:
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "backslashreplace").decode() for c in path)
