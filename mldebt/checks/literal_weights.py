"""Answers of several models that are blended with weights that nobody learns again."""

from __future__ import annotations

from collections.abc import Iterator

from mldebt.findings import Finding
from mldebt.project import Project
from mldebt.project.blends import Blend, Blends
from mldebt.project.roles import is_demonstration

_SHOWN = 4


def check(project: Project) -> Iterator[Finding]:
    """Yields literal-ensemble-weights; the same weights in one file are one finding. Examples and plain averages stay silent."""
    groups: dict[tuple[str, tuple[float, ...]], list[Blend]] = {}
    for blend in Blends(project).found():
        if not is_demonstration(blend.module):
            groups.setdefault((blend.module.path, blend.weights), []).append(blend)
    for blends in groups.values():
        first = blends[0]
        places = [project.location(b.module, b.span, "the same weights") for b in blends[1:]]
        weights = ", ".join(f"{weight:g}" for weight in first.weights[:_SHOWN]) + (" ..." if len(first.weights) > _SHOWN else "")
        models = ", ".join(f"`{name}`" for name in first.models[:_SHOWN])
        yield Finding(
            rule="literal-ensemble-weights",
            location=project.location(first.module, first.span),
            message=f"answers of {models or 'several models'} are blended with the constant weights {weights}",
            anchor=min((b.name for b in blends if b.name), default=" ".join(first.models) or weights),
            evidence=tuple(dict.fromkeys(places)),
            confidence=max(blend.confidence for blend in blends),
            size=len(first.weights),
        )
