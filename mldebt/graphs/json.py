"""JSON version 1 of the artifact graph: pure ASCII, paths relative to the project root, lines and columns from 1."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec

from mldebt import __version__
from mldebt.findings import Location
from mldebt.graphs.model import End, GraphReport, Link, Node, Stated
from mldebt.report.terminal import encodable

if TYPE_CHECKING:
    from mldebt.graphs.models.model import ModelReport

VERSION = 1

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def render(report: GraphReport) -> str:
    """The whole graph as one indented object, artifacts by name."""
    return document(
        report,
        {
            "artifacts": [_artifact(node) for node in report.artifacts],
            "edges": [_edge(link) for link in report.links],
            "declarations": [_stated(one) for one in report.declarations],
        },
    )


def document(report: GraphReport | ModelReport, body: dict[str, Json]) -> str:
    """The body between what every graph says of itself: the tool and project before it, coverage and unread files behind."""
    whole: dict[str, Json] = {
        "version": VERSION,
        "tool": {"name": "mldebt", "version": __version__},
        "project": encodable(report.project),
        **body,
        "coverage": {
            "resolved": report.coverage.resolved,
            "total": report.coverage.total,
            "unknown": {encodable(why): number for why, number in report.coverage.unknown.items()},
        },
        "unread": [{"path": encodable(one.path), "reason": encodable(one.reason)} for one in report.unread],
    }
    return json.dumps(whole, indent=2, allow_nan=False) + "\n"


def _artifact(node: Node) -> Json:
    return {
        "id": encodable(node.id),
        "namespace": encodable(node.namespace),
        "name": encodable(node.name),
        "label": encodable(node.label),
        "store": node.store,
        "writers": [_end(end) for end in node.writers],
        "readers": [_end(end) for end in node.readers],
    }


def _edge(link: Link) -> Json:
    return {
        "artifact": encodable(link.artifact),
        "writer": _end(link.writer),
        "reader": _end(link.reader),
        "declared": None if link.declared is None else _stated(link.declared),
        "shared": [encodable(name) for name in link.shared],
        "silent": link.silent,
        "whole": link.whole,
        "confidence": link.confidence,
        "origin": link.origin,
    }


def _end(end: End) -> dict[str, Json]:
    return {
        **placed(end.where),
        "api": encodable(end.api),
        "scope": encodable(end.scope),
        "mode": end.mode,
        "via": [placed(place) for place in end.via],
        "certainty": end.certainty,
    }


def placed(where: Location) -> dict[str, Json]:
    """A place; in a notebook with its cell."""
    line = max(where.line, 1)
    place: dict[str, Json] = {
        "path": encodable(where.path),
        "line": line,
        "end_line": max(where.end_line, line),
        "column": max(where.column, 1),
        "end_column": max(where.end_column, 1),
    }
    if where.cell is not None:
        place |= {"cell": where.cell, "cell_line": where.cell_line}
    return place


def _stated(one: Stated) -> Json:
    plain = msgspec.to_builtins(one)
    return {key: encodable(value) if isinstance(value, str) else value for key, value in plain.items() if value not in ("", [], ())}
