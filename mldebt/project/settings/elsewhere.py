"""Sources of other languages beside the ones that were read: they may load a configuration file too."""

from __future__ import annotations

import os
from collections import deque

from mldebt.project.project import Project

_ENDINGS = frozenset({
    ".r", ".rmd", ".qmd", ".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".vue", ".svelte", ".jl", ".rs", ".go", ".c", ".cc", ".cpp", ".cxx",
    ".java", ".kt", ".scala", ".cs", ".swift", ".m", ".rb", ".php", ".pl", ".lua", ".smk", ".nf", ".j2", ".jinja", ".jinja2",
})  # fmt: skip
_ASIDE = frozenset({
    "node_modules", "site-packages", "venv", "env", "build", "dist", "docs", "doc", "_static", "static", "assets", "third_party",
    "vendor", "tests", "test",
})  # fmt: skip
_MOST = 20_000  # entries of folders that are looked at


def has_other_sources(project: Project) -> bool:
    """Whether the tree holds a source of a language that is not read; of a large tree the outer folders tell."""
    folders, seen = deque([""]), 0
    while folders and seen < _MOST:
        folder = folders.popleft()
        try:
            with os.scandir(project.root / folder) as entries:
                inside = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
        except OSError:
            continue
        seen += len(inside)
        for name, is_folder in inside:
            stem = os.path.splitext(name)[0]
            if is_folder and not name.startswith(".") and name.lower() not in _ASIDE:
                folders.append(f"{folder}{name}/")
            elif not is_folder and _may_load(folder, name):
                project.index.probes[f"{folder}{stem}"] = True  # a stored result holds as long as the file is there
                return True
    return False


def _may_load(folder: str, name: str) -> bool:
    """Whether a file is a program, or a template that is filled in; packed scripts and settings of their tools are neither."""
    stem, ending = os.path.splitext(name.lower())
    if ending in (".html", ".htm"):
        return "template" in folder.lower()
    return ending in _ENDINGS and not stem.endswith((".min", ".config", ".d", ".bundle"))
