"""Code that teaches: chapters of a course, homework, workshops. What it lacks is left out on purpose."""

from __future__ import annotations

import re

from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.sources.model import Language, Role

_LESSON = re.compile(
    r"(?:^|/)(?:[\w.-]*[-_.])?(?:home-?works?|workshops?|lessons?|courses?|lectures?|exercises?|assignments?|labs?|cohorts?|bootcamps?|"
    r"curriculum|training-?materials?|quickstarts?|cookbooks?|tutorials?|examples?|demos?|samples?)(?:[-_.][\w.-]*)?/",
    re.IGNORECASE,
)
_CHAPTER = re.compile(r"(?:chapter|section|week|day|module|unit|part|session|ch)?[-_ ]?\d{1,2}(?:[-_. ]|$)", re.IGNORECASE)
_CHAPTERS = 3  # numbered folders side by side, from which they are a course


def is_kept(project: Project, module: Module) -> bool:
    """Whether the file is code that somebody runs again: no test, example, notebook or lesson, nothing that was put away."""
    if is_demonstration(module) or module.source.language is Language.NOTEBOOK:
        return False
    if module.source.role in (Role.NOTEBOOK, Role.LEGACY) or "#" in module.path:
        return False
    return not is_lesson(project, module)


def is_lesson(project: Project, module: Module) -> bool:
    """Whether the file lies in a folder named after teaching, or in one of several numbered ones at the top."""
    if _LESSON.search(module.path):
        return True
    top, inside, _ = module.path.partition("/")
    return bool(inside) and _CHAPTER.match(top) is not None and len({f for f in _tops(project) if _CHAPTER.match(f)}) >= _CHAPTERS


def _tops(project: Project) -> set[str]:
    return {path.partition("/")[0] for path in project.modules if "/" in path}
