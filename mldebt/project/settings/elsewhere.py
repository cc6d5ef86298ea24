"""Sources of other languages beside the ones that were read: they may load a configuration file too."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mldebt.project.project import Project

_ENDINGS = frozenset({
    ".r", ".rmd", ".qmd", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte", ".jl", ".rs", ".go", ".c", ".cc", ".cpp", ".cxx",
    ".java", ".kt", ".scala", ".cs", ".swift", ".m", ".rb", ".php", ".pl", ".lua", ".smk", ".nf", ".j2", ".jinja", ".jinja2",
})  # fmt: skip
_ASIDE = frozenset({
    "node_modules", "site-packages", "venv", "env", "build", "dist", "docs", "doc", "_static", "static", "assets", "third_party",
    "vendor", "tests", "test",
})  # fmt: skip
_ENTRIES = 20_000  # of folders that are looked at, the outer ones first
_FILES = 300
_BYTES = 200_000  # of one file
_LOWER = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ", b"abcdefghijklmnopqrstuvwxyz")


class OtherSources:
    """Sources of languages that are not read; opened only when something depends on them."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def mention(self, *names: str) -> bool:
        """Whether one of them holds a name, spelled as any language would; true as well where they are too many to say."""
        wanted = [plain for name in names if (plain := _plain(name.encode()))]
        return any(name in text for text in self._texts.values() for name in wanted) or len(self._texts) >= _FILES

    @cached_property
    def _texts(self) -> dict[str, bytes]:
        found = texts(self._project.root)
        self._project.index.elsewhere = state(found)
        return found


def texts(root: Path) -> dict[str, bytes]:
    """What the sources of other languages below a folder hold, by path."""
    found: dict[str, bytes] = {}
    for path in _paths(root):
        try:
            with open(root / path, "rb") as file:
                found[path] = _plain(file.read(_BYTES))
        except OSError:
            continue
        if len(found) >= _FILES:
            break
    return found


def state(found: Mapping[str, bytes]) -> bytes:
    """A digest of them: a stored result that asked for them holds as long as they are the same."""
    taken = hashlib.blake2b(digest_size=16)
    for path, text in sorted(found.items()):
        taken.update(f"{path}\0{len(text)}\0".encode("utf-8", "surrogateescape") + text)
    return taken.digest()


def _paths(root: Path) -> Iterator[str]:
    folders, seen = deque([""]), 0
    while folders and seen < _ENTRIES:
        folder = folders.popleft()
        try:
            with os.scandir(root / folder) as entries:
                inside = sorted((e.name, e.is_dir(follow_symlinks=False), e.is_file(follow_symlinks=False)) for e in entries)
        except OSError:
            continue
        seen += len(inside)
        for name, is_folder, is_file in inside:
            if is_folder and not name.startswith(".") and name.lower() not in _ASIDE:
                folders.append(f"{folder}{name}/")
            elif is_file and _may_load(folder, name):
                yield folder + name


def _plain(text: bytes) -> bytes:
    """In lower case and without what joins words: `maxDepth`, `max-depth` and `max_depth` are one."""
    return text.translate(_LOWER, b"_-")


def _may_load(folder: str, name: str) -> bool:
    """Whether a file is a program, or a template that is filled in; packed scripts and settings of their tools are neither."""
    stem, ending = os.path.splitext(name.lower())
    if ending in (".html", ".htm"):
        return "template" in folder.lower()
    return ending in _ENDINGS and not name.startswith(".") and not stem.endswith((".min", ".config", ".d", ".bundle"))
