"""How many files of a program call a vendor's models themselves, and how many of them are wrappers for the others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.project.glue.vendors import Boundary
from mldebt.project.project import Project
from mldebt.project.resolve import Defined

_VERB = re.compile(r"(^|_)(fit|train|predict|infer|forecast|score|load|transform|embed|encode)(_|$)", re.IGNORECASE)


class Spread(msgspec.Struct, frozen=True):
    """The files of one program that call a vendor, by their first call there; `files` are all of the program."""

    vendor: str
    first: tuple[Boundary, ...]
    wrappers: int
    files: int

    @property
    def share(self) -> float:
        return len(self.first) / self.files


def spreads(project: Project) -> Iterator[Spread]:
    """For each vendor with ready-made models that the project is not written in, the program that calls it in most files."""
    vendors = project.vendors
    home = project.vendors.programs
    sizes = Counter(home.values())
    for vendor, boundaries in vendors.boundaries.items():
        if vendor not in vendors.learners or vendor in vendors.medium:
            continue
        first: dict[str, dict[str, Boundary]] = defaultdict(dict)
        for b in boundaries:
            if vendors.makes_model(b.name) or vendors.trains(b):
                first[home.get(b.module.path, "")].setdefault(b.module.path, b)
        if first:
            program, files = max(sorted(first.items()), key=lambda item: len(item[1]))
            wrappers = sum(_wraps(project, b) for b in files.values())
            yield Spread(vendor, tuple(files[path] for path in sorted(files)), wrappers, sizes[program])


def _wraps(project: Project, boundary: Boundary) -> bool:
    """Whether the call stands between the vendor and others: in `fit`, `predict` ... of a class under a base of the project, or of one
    whose users do not import the vendor."""
    module, vendors = boundary.module, project.vendors
    scopes, index, callers = module.facts.scopes, boundary.site.scope, list[str]()
    while index > 0:
        scope = scopes[index]
        if scope.kind == "class" and any(type(project.resolver.target(module, base)) is Defined for base in scope.bases):
            return bool(callers)
        if scope.kind == "class" or _VERB.search(scope.name):
            callers += [caller.path for caller, _, _ in project.events.callers.get(Defined(module.path, index), ())] or [module.path]
        elif scope.kind == "function":
            return False
        index = scope.parent
    others = [project.modules[path] for path in sorted(set(callers) - {module.path})]
    return bool(others) and not any(vendors.of(i.target) == boundary.vendor for other in others for i in other.facts.imports)
