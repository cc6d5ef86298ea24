"""What other repositories read, write and declare, as they exported it. Their files are named `<project>:path`."""

from __future__ import annotations

from functools import cached_property

import msgspec

from mldebt.project.artifacts.model import Access, Declaration


class Foreign(msgspec.Struct, frozen=True, dict=True):
    """The accesses and declarations of the imported projects."""

    accesses: tuple[Access, ...] = ()
    declarations: tuple[Declaration, ...] = ()
    projects: tuple[str, ...] = ()

    @cached_property
    def paths(self) -> frozenset[str]:
        """The files of the accesses."""
        return frozenset(access.place.path for access in self.accesses)

    def files_of(self, who: str) -> tuple[str, ...]:
        """The files that a consumer names: one of them, or all of a project."""
        if who in self.paths:
            return (who,)
        return tuple(sorted(path for path in self.paths if path.startswith(f"{who}:"))) if who in self.projects else ()
