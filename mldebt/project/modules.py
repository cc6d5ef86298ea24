"""Which file an import means, by path alone: src layouts, scripts beside each other, folders without `__init__.py`."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

_STDLIB = frozenset(sys.stdlib_module_names)


class ModuleIndex:
    """Resolves dotted names to the Python files and notebooks of the project."""

    def __init__(self, paths: Iterable[str], installed: frozenset[str] = frozenset(), root: str = "") -> None:
        self.probes: dict[str, bool] = {}  # files that were not read, and whether the disk has them
        self.elsewhere = b""  # the state of sources of other languages, where they were asked for
        self._by_suffix: dict[str, list[str]] = defaultdict(list)
        self._foreign = _STDLIB | installed
        self._cache: dict[tuple[str, str], str | None] = {}
        self._splits: dict[tuple[str, str], tuple[str, tuple[str, ...]] | None] = {}
        self.folders: set[str] = set()
        self._by_path: set[str] = set()
        for path in sorted(paths):
            if not path.endswith((".py", ".pyw")):
                continue
            self._by_path.add(path)
            parts = path.rsplit(".", 1)[0].split("/")
            if parts[-1] == "__init__":
                parts.pop()
            for start in range(len(parts)):
                self._by_suffix[".".join(parts[start:])].append(path)
            for end in range(1, len(path.split("/"))):
                self.folders.add("/".join(path.split("/")[:end]))
        self._heads = {suffix.partition(".")[0] for suffix in self._by_suffix}
        self._root = f"{root}." if root and "__init__.py" in self._by_path else ""  # the root is itself a package

    def find(self, importer: str, dotted: str) -> str | None:
        """The file of module `dotted` (dots in front: relative) as imported from the file `importer`."""
        key = (importer, dotted)
        if key not in self._cache:
            self._cache[key] = self._relative(importer, dotted) if dotted.startswith(".") else self._absolute(importer, dotted)
        return self._cache[key]

    def split(self, importer: str, dotted: str) -> tuple[str, tuple[str, ...]] | None:
        """(file, names inside it) for a dotted object, by its longest prefix that is a file."""
        key = (importer, dotted)
        if key not in self._splits:
            self._splits[key] = self._split(importer, dotted)
        return self._splits[key]

    def _split(self, importer: str, dotted: str) -> tuple[str, tuple[str, ...]] | None:
        level = len(dotted) - len(dotted.lstrip("."))
        names = dotted[level:].split(".") if dotted[level:] else []
        if not level and names and names[0] not in self._heads and not (self._root and dotted.startswith(self._root[:-1])):
            return None
        for end in range(len(names), -1, -1):
            if end == 0 and not level:
                return None
            found = self.find(importer, "." * level + ".".join(names[:end]))
            if found is not None:
                return found, tuple(names[end:])
        return None

    def is_foreign(self, dotted: str) -> bool:
        """Whether the name begins with a package of the standard library or of the catalogue."""
        return dotted.split(".")[0] in self._foreign

    def is_local(self, importer: str, dotted: str) -> bool:
        """Whether the import can only mean this project: relative, or below a package that stands beside or above the importer."""
        if dotted.startswith("."):
            return True
        first = dotted.split(".")[0]
        if first in self._foreign or "." not in dotted:
            return False
        found = self._absolute(importer, first)
        above = importer.rsplit("/", 1)[0] + "/" if "/" in importer else ""
        if found is None or not f"/{found}".endswith(f"/{first}/__init__.py"):
            return False
        parent = found.removesuffix(f"{first}/__init__.py")
        return above.startswith(parent) and f"{parent}__init__.py" not in self._by_path

    def may_exist(self, root: Path, importer: str, dotted: str) -> bool:
        """Whether the module may be there at run time although no Python source is: compiled, generated, a namespace folder."""
        level = len(dotted) - len(dotted.lstrip("."))
        names = [p for p in dotted[level:].split(".") if p]
        if not names or names[-1].startswith(("_version", "version")) or names[-1].endswith(("_pb2", "_pb2_grpc", "_generated")):
            return True
        folder = importer.split("/")[:-level] if level else []
        candidates = [folder] if level else [importer.split("/")[:n] for n in range(importer.count("/") + 1)]
        for start in candidates:
            stem = "/".join([*start, *names])
            if stem in self.folders:
                return True
            if stem not in self.probes:
                self.probes[stem] = on_disk(root, stem)
            if self.probes[stem]:
                return True
        return False

    def _relative(self, importer: str, dotted: str) -> str | None:
        level = len(dotted) - len(dotted.lstrip("."))
        folder = importer.split("/")[:-level]
        if level > len(importer.split("/")):
            return None
        wanted = "/".join([*folder, *([p for p in dotted[level:].split(".") if p])])
        return self._file(wanted, dotted[level:])

    def _file(self, stem: str, dotted: str) -> str | None:
        for candidate in self._by_suffix.get(stem.replace("/", "."), ()):
            if candidate in (f"{stem}.py", f"{stem}/__init__.py", f"{stem}.pyw"):
                return candidate
        return None

    def _absolute(self, importer: str, dotted: str) -> str | None:
        if self._root and f"{dotted}.".startswith(self._root):
            dotted = dotted[len(self._root) :]
            if not dotted:
                return "__init__.py"
        candidates = self._by_suffix.get(dotted)
        if not candidates:
            return None
        folder = importer.split("/")[:-1]
        stem = dotted.replace(".", "/")
        while True:  # the importer's folder, then each folder above it: scripts, then packages and src layouts
            beside = "/".join([*folder, stem]) if folder else stem
            for name in (f"{beside}.py", f"{beside}/__init__.py"):
                if name in candidates:
                    return name
            if not folder:
                break
            folder = folder[:-1]
        if dotted.split(".")[0] in self._foreign:
            return None
        if len(candidates) == 1:
            return candidates[0]
        common = [(_shared(importer, c), c) for c in candidates]
        best = max(score for score, _ in common)
        closest = [c for score, c in common if score == best]
        return closest[0] if len(closest) == 1 else None


def on_disk(root: Path, stem: str) -> bool:
    """Whether there is a folder of this path, or a file with any suffix: `_fast.pyx`, `_fast.so`."""
    path = root / stem
    try:
        return path.is_dir() or (path.parent.is_dir() and any(path.parent.glob(f"{path.name}.*")))
    except OSError:  # longer than a name can be
        return False


def _shared(a: str, b: str) -> int:
    count = 0
    for x, y in zip(a.split("/"), b.split("/"), strict=False):
        if x != y:
            break
        count += 1
    return count
