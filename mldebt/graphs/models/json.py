"""JSON version 1 of the models and the edges between them: pure ASCII, paths relative to the project root, lines and columns from 1."""

from __future__ import annotations

from mldebt.graphs.json import Json, document, placed
from mldebt.graphs.models.model import Call, ModelLink, ModelNode, ModelReport
from mldebt.report.terminal import encodable


def render(report: ModelReport) -> str:
    """One indented object, models by place."""
    return document(
        report,
        {
            "models": [_model(node) for node in report.models],
            "edges": [_edge(link) for link in report.links],
            "unknown_predictions": report.unknown,
        },
    )


def _model(node: ModelNode) -> Json:
    return {
        "id": encodable(node.id),
        "name": encodable(node.name),
        "depth": node.depth,
        "made": [placed(where) for where in node.made],
        "held": [encodable(name) for name in node.held],
        "fits": [_call(call) for call in node.fits],
        "sources": [
            {
                "artifact": encodable(one.artifact),
                "how": one.how,
                "columns": [encodable(name) for name in one.columns] if one.columns else None,
                "without": [encodable(name) for name in one.without],
                "direct": one.direct,
                **placed(one.where),
            }
            for one in node.sources
        ],
        "predictions": [_call(call) for call in node.asked],
        "uses": [{"kind": one.kind, "name": encodable(one.name), **placed(one.where)} for one in node.goals],
    }


def _call(call: Call) -> Json:
    return {**placed(call.where), "api": encodable(call.api)}


def _edge(link: ModelLink) -> Json:
    return {
        "source": encodable(link.source) if link.source else None,
        "target": encodable(link.target),
        "how": link.how,
        "at": placed(link.at),
        "to": placed(link.to),
        "path": [{**placed(one.where), "how": one.how, "note": encodable(one.note)} for one in link.way],
        "artifacts": [encodable(name) for name in link.artifacts],
        "confidence": link.confidence,
    }
