"""Files that belong to one program: those that import each other, directly or through others."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.project.project import Project
from mldebt.project.roles import is_demonstration


def programs(project: Project) -> Mapping[str, str]:
    """For each file that is no test or demonstration, the first path of its program; scripts that share nothing stand alone."""
    parent = {m.path: m.path for m in project.python if not is_demonstration(m)}

    def root(path: str) -> str:
        while parent[path] != path:
            parent[path] = path = parent[parent[path]]
        return path

    for path, targets in project.imported_by_file.items():
        for target in targets if path in parent else ():
            if target in parent:
                one, other = sorted((root(path), root(target)))
                parent[other] = one
    return {path: root(path) for path in parent}
