"""The artifact graph and the model graph as drawings for a report: what `mldebt graph --format html` draws, and smaller."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.findings import Drawing
from mldebt.graphs import html, layout
from mldebt.graphs.bounded import Picture, picture
from mldebt.graphs.html import svg
from mldebt.graphs.model import GraphReport, graph_report
from mldebt.graphs.models import html as models_html
from mldebt.graphs.models.model import ModelReport, model_report
from mldebt.graphs.models.picture import picture as models_picture
from mldebt.graphs.models.text import heading
from mldebt.project import Project
from mldebt.report.words import count

ARTIFACTS, MODELS, BOXES = 24, 16, 120  # shown at most: a page has more to tell


def drawings(project: Project) -> tuple[Drawing, ...]:
    """The graphs that have an edge to show, artifacts first; the texts in them are escaped."""
    return (*_artifacts(graph_report(project)), *_models(model_report(project)))


def _artifacts(report: GraphReport) -> Iterator[Drawing]:
    shown = _bounded(report)
    if not shown.arrows:
        return
    shown, back = _forward(shown)
    silent = sum(link.silent for link in report.links)
    told = (
        f"{count(len(report.artifacts), 'artifact')}, {count(len(report.links), 'edge')}, {silent:,} of them silent (nobody declared them)"
    )
    means = "A file points to what it writes, an artifact to the files that read it. Red and dashed: silent; green: declared"
    drawing = svg(*html.drawn(shown), html.KEY, html.LABEL)
    yield Drawing("Artifacts", drawing, _caption(told, means, back, _left_out(shown.left_out, "artifact", "mldebt graph")))


def _models(report: ModelReport) -> Iterator[Drawing]:
    shown = models_picture(report, MODELS)
    if not shown.lines:
        return
    means = "An artifact points to the models that learn from it, a model to where its answers go. Violet: what one model gives another"
    drawing = svg(*layout.drawn(shown.things, shown.lines), models_html.KEY, models_html.LABEL)
    yield Drawing("Models", drawing, _caption(heading(report), means, _left_out(shown.left_out, "model", "mldebt graph --models")))


def _bounded(report: GraphReport) -> Picture:
    """One artifact with hundreds of readers is a carpet too, so boxes are counted as well."""
    limit = ARTIFACTS
    shown = picture(report, limit)
    while len(shown.artifacts) + len(shown.files) > BOXES and limit > 1:
        limit //= 2
        shown = picture(report, limit)
    return shown


def _forward(shown: Picture) -> tuple[Picture, str]:
    """Without the arrows back to a file that wrote the artifact itself: they would put both into one column."""
    written = {(arrow.artifact, arrow.file) for arrow in shown.arrows if arrow.write}
    kept = tuple(one for one in shown.arrows if one.write or one.state != "plain" or (one.artifact, one.file) not in written)
    told = "Where a file reads back what it wrote is not drawn" if len(kept) < len(shown.arrows) else ""
    return msgspec.structs.replace(shown, arrows=kept), told


def _left_out(number: int, noun: str, command: str) -> str:
    return f"{count(number, f'more {noun}')} left out here; `{command}` shows them" if number else ""


def _caption(*sentences: str) -> str:
    return " ".join(f"{one}." for one in sentences if one)
