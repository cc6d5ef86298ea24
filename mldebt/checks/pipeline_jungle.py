"""Many stages that exchange files and nothing that declares their order: a pipeline jungle (Sculley et al., section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from mldebt.checks.undeclared_consumer import located
from mldebt.findings import Finding, Location
from mldebt.project import Project
from mldebt.project.artifacts.pipelines import Pipeline

_STAGES = 5
_INTERMEDIATES = 3
_INDEX = 3.0
_SHOWN = 24


def check(project: Project) -> Iterator[Finding]:
    """Yields pipeline-jungle, one finding for each set of stages that undeclared files join."""
    for pipeline in project.pipelines.all:
        enough = len(pipeline.stages) >= _STAGES and len(pipeline.intermediates) >= _INTERMEDIATES and pipeline.passing
        if enough and pipeline.index >= _INDEX:
            yield _finding(project, pipeline)


def _finding(project: Project, pipeline: Pipeline) -> Finding:
    reads = Counter(stage for stage, _ in {(link.reader, link.artifact) for link in pipeline.links})
    writes = Counter(stage for stage, _ in {(link.writer, link.artifact) for link in pipeline.links})
    target = min(reads, key=lambda stage: (-reads[stage], stage))
    first = min((link.edge.reader for link in pipeline.links if link.reader == target), key=lambda access: access.place)
    others = sorted((stage for stage in pipeline.stages if stage != target), key=lambda stage: (-reads[stage] - writes[stage], stage))
    several = f" in {len(pipeline.languages)} languages" if len(pipeline.languages) > 1 else ""
    return Finding(
        rule="pipeline-jungle",
        location=located(project, first),
        message=f"{len(pipeline.stages)} stages{several} exchange {len(pipeline.intermediates)} artifacts over {pipeline.undeclared} "
        f"undeclared edges; `{target}` reads {reads[target]} of them (jungle index {pipeline.index:.1f})",
        anchor=target,
        evidence=tuple(_evidence(project, pipeline, stage, reads[stage], writes[stage]) for stage in others[:_SHOWN]),
        confidence=min(0.9, round(sum(link.edge.confidence for link in pipeline.links) / len(pipeline.links), 3)),
        size=pipeline.undeclared,
        reach=float(len(pipeline.stages)),
    )


def _evidence(project: Project, pipeline: Pipeline, stage: str, reads: int, writes: int) -> Location:
    link = next(link for link in pipeline.links if stage in (link.writer, link.reader))
    access = link.edge.writer if link.writer == stage else link.edge.reader
    said = [f"{count} {what}" for count, what in ((writes, "to other stages"), (reads, "from other stages")) if count]
    return located(project, access, f"passes {' and '.join(said)}")
