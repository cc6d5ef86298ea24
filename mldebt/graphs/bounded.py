"""What a picture of the graph shows: files and artifacts as boxes, writes and reads as arrows, as many as one can look at."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from mldebt.graphs.model import GraphReport, Node

LARGEST = 60  # artifacts: a picture of more is a carpet


class Arrow(msgspec.Struct, frozen=True, order=True):
    """From a file to an artifact (a write), or from an artifact to a file (a read); indices into `Picture`."""

    artifact: int
    file: int
    write: bool
    state: str  # silent, declared, plain


class Picture(msgspec.Struct, frozen=True):
    artifacts: tuple[Node, ...]
    files: tuple[str, ...]
    arrows: tuple[Arrow, ...]
    left_out: int  # artifacts

    @property
    def note(self) -> str:
        """What is not in the picture, in words; empty where all is."""
        if not self.left_out:
            return ""
        rest = "1 more artifact is" if self.left_out == 1 else f"{self.left_out} more artifacts are"
        return f"{rest} left out; --artifact and --path choose, --format json has all"


def picture(report: GraphReport, limit: int = LARGEST) -> Picture:
    """The artifacts with silent edges first, then those with edges, then the most used; shown in the order of their names."""
    order = sorted(report.artifacts, key=lambda n: (-n.silent, -len(n.links), -len(n.writers) - len(n.readers), n.id))
    chosen = tuple(sorted(order[:limit], key=lambda n: n.id))
    arrows: set[tuple[int, str, bool, str]] = set()
    for index, node in enumerate(chosen):
        silent = {link.reader.where.path for link in node.links if link.silent}
        declared = {link.reader.where.path for link in node.links if link.declared is not None}
        writers = {end.where.path for end in (*node.writers, *(link.writer for link in node.links))}
        arrows |= {(index, path, True, "plain") for path in writers}
        for path in {end.where.path for end in node.readers}:
            arrows.add((index, path, False, "silent" if path in silent else "declared" if path in declared else "plain"))
    files = tuple(sorted({path for _, path, _, _ in arrows}))
    place = {path: index for index, path in enumerate(files)}
    drawn = sorted(Arrow(index, place[path], write, state) for index, path, write, state in arrows)
    return Picture(chosen, files, tuple(drawn), len(report.artifacts) - len(chosen))


def legend(arrows: Iterable[Arrow]) -> tuple[str, ...]:
    """The states that a picture shows, silent first."""
    seen = {arrow.state for arrow in arrows}
    return tuple(state for state in ("silent", "declared", "plain") if state in seen)
