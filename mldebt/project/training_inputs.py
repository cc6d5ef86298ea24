"""What training reads that nothing in the project makes: tables, objects and files from elsewhere, each with the fits that it reaches."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.flow.model import Node
from mldebt.project.lessons import Lessons
from mldebt.project.models.model import Fit
from mldebt.project.project import Project

_CONFIGURATION = (".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".env", ".json", ".py", ".txt", ".md")
_MODELS = (".bin", ".model", ".joblib", ".pt", ".pth", ".ckpt", ".h5", ".onnx", ".safetensors", ".vec", ".pb")
_LIVE = frozenset({"table", "s3", "gs", "azure", "hdfs", "dbfs", "topic", "feast"})  # stores that others write to
_NO_DATA = frozenset({"mlflow", "hf", "torchhub", "key"})  # references to models, and caches


class TrainingRead(msgspec.Struct, frozen=True):
    """An access that brings data in, and a fit that learns from it."""

    access: Access
    fit: Fit
    entry: str  # the file from which the fit is started
    files: frozenset[str]  # on the way from the read to the fit


def entry_of(fit: Fit) -> str:
    """The file from which a fit is started: that of the outermost call."""
    return fit.calls[0][0] if fit.calls else fit.path


def training_reads(project: Project) -> Iterator[TrainingRead]:
    """Every read from outside with every fit that it reaches, in the order of the fits."""
    if not any(access.direction == "read" for access in project.artifacts.accesses):
        return
    files, lessons = project.flow.steps.files, Lessons(project)
    for fit in project.models.fits:
        entry = entry_of(fit)
        started = project.modules[entry]
        if not fit.is_model or fit.kind == "trial" or not lessons.is_kept(started) or not lessons.is_kept(project.modules[fit.path]):
            continue
        if project.world.openness(started) == "library" and not project.world.is_script(started):
            continue  # its callers bring the data
        slice_ = project.models.trace(fit.nodes((*fit.features, *fit.labels)))
        for node in slice_:
            for access in files.accesses(node):
                if _is_outside(project, node, access):
                    way = {step.node.path for step in slice_.way(node)}
                    yield TrainingRead(access, fit, entry, frozenset(way | {node.path, access.place.path, fit.path, entry}))


def _is_outside(project: Project, node: Node, access: Access) -> bool:
    """Whether the read names data that no code of the project writes."""
    if access.identity is None or access.model or access.identity.store in _NO_DATA or project.flow.steps.files.edges(node):
        return False
    name = label(access.identity).lower()
    return any(c.isalpha() for c in name) and not name.endswith((*_CONFIGURATION, *_MODELS))


def is_live(read: TrainingRead) -> bool:
    """Whether others may change what is read: a shared store, or an address that answers with what is there today."""
    identity = read.access.identity
    if identity is None:
        return False
    name = label(identity)
    return identity.store in _LIVE or (
        identity.store == "http" and "." not in name.partition("?")[0].rpartition("/")[2] and "download" not in name
    )
