"""The models in the format that was asked for."""

from __future__ import annotations

from typing import Literal

from mldebt.graphs.models.model import ModelReport
from mldebt.report.options import Options


def rendered(report: ModelReport, format: Literal["text", "json", "dot", "mermaid", "html"], options: Options) -> str:
    """The report in one format; a format is imported only when asked for."""
    match format:
        case "text":
            from mldebt.graphs.models import text

            return text.render(report, options)
        case "json":
            from mldebt.graphs.models import json

            return json.render(report)
        case "dot":
            from mldebt.graphs.models import dot

            return dot.render(report)
        case "mermaid":
            from mldebt.graphs.models import mermaid

            return mermaid.render(report)
        case "html":
            from mldebt.graphs.models import html

            return html.render(report)
