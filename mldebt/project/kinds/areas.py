"""Which folders at the top of a repository belong together: those whose files import each other."""

from __future__ import annotations

from mldebt.project.project import Project


def areas(project: Project) -> dict[str, str]:
    """The area of each Python file, named by the first of its folders."""
    first: dict[str, str] = {}
    folders = {module.path: module.path.partition("/")[0] if "/" in module.path else "" for module in project.python}

    def root(folder: str) -> str:
        while (above := first.setdefault(folder, folder)) != folder:
            folder = above
        return folder

    for path, targets in project.imported_by_file.items():
        for target in sorted(targets):
            one, other = sorted((root(folders[path]), root(folders.get(target, folders[path]))))
            first[other] = one
    return {path: root(folder) for path, folder in folders.items()}
