"""MLD405: code that depends on accidental conventions of the packages that it calls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import msgspec

from mldebt.findings import Finding
from mldebt.project.conventions.dispatch import dispatch
from mldebt.project.conventions.generated import generated
from mldebt.project.conventions.model import Leak
from mldebt.project.conventions.patches import patches
from mldebt.project.conventions.placeholders import placeholders
from mldebt.project.conventions.positions import positions
from mldebt.project.conventions.probes import probes
from mldebt.project.conventions.states import states
from mldebt.project.project import Project

RULE = "leaked-vendor-convention"
_HELP = {
    "position": "Look the value up by its name where the package offers one, or unpack it once, in one adapter beside the list it mirrors.",
    "cells": "Build the row once by the names of its columns and append it.",
    "generated": "Give the model named columns, and ask it for importances by these names.",
    "dispatch": "Give the models one interface of your own; each adapter knows its package.",
    "probe": "Let every wrapper return the same key.",
    "placeholder": "Split the preparation: features for everybody, the label only for training.",
    "state": "Save the state of the model itself, without what wraps it for training.",
    "patch": "Save parameters and a version instead of whole objects; migrate old files once.",
}
_SHARED = frozenset({"probe", "placeholder", "state"})
_PLACES = 12


def check(project: Project) -> Iterator[Finding]:
    """One finding for each convention; those with a name of their own, such as a key, are one wherever the project uses them."""
    vendors = project.vendors
    groups: dict[tuple[str, ...], list[Leak]] = {}
    for leak in chain(
        positions(project),
        generated(project),
        dispatch(project, vendors),
        probes(project),
        placeholders(project),
        patches(project, vendors),
        states(project),
    ):
        own = () if leak.kind in _SHARED else (leak.path, str(leak.scope))
        groups.setdefault((leak.anchor, *own), []).append(leak)
    for leaks in groups.values():
        yield _finding(project, leaks)


def _finding(project: Project, leaks: list[Leak]) -> Finding:
    first = leaks[0]
    module = project.modules[first.path]
    marks = [(mark.path or leak.path, mark.span, mark.note) for leak in leaks for mark in leak.marks]
    places = [project.location(project.modules[path], span, note) for path, span, note in dict.fromkeys(marks)]
    return Finding(
        RULE,
        msgspec.structs.replace(places[0], message=""),
        first.message,
        anchor=first.anchor,
        scope=module.qualname(first.scope),
        evidence=tuple(places[1 : _PLACES + 1]),
        confidence=max(leak.confidence for leak in leaks),
        size=len(places),
        help=_HELP[first.kind],
    )
