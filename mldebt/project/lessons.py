"""Code that teaches: chapters of a course, homework, workshops. What it lacks is left out on purpose."""

from __future__ import annotations

import re
from functools import cached_property

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


class Lessons:
    """Tells them from code that somebody runs again."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _are_chapters(self) -> bool:
        """Whether several folders at the top are numbered."""
        tops = {path.partition("/")[0] for path in self._project.modules if "/" in path}
        return sum(_CHAPTER.match(top) is not None for top in tops) >= _CHAPTERS

    def is_kept(self, module: Module) -> bool:
        """Whether the file is code that somebody runs again: no test, example, notebook or lesson, nothing that was put away."""
        if is_demonstration(module) or module.source.language is Language.NOTEBOOK:
            return False
        if module.source.role in (Role.NOTEBOOK, Role.LEGACY) or "#" in module.path:
            return False
        return not self.is_lesson(module)

    def is_lesson(self, module: Module) -> bool:
        """Whether the file lies in a folder named after teaching, or in one of several numbered ones at the top."""
        if _LESSON.search(module.path):
            return True
        return "/" in module.path and _CHAPTER.match(module.path) is not None and self._are_chapters
