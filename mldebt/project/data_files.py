"""Which files handle data, features or models: they import a package that holds frames, or one that transforms, trains or predicts."""

from __future__ import annotations

from mldebt.project.project import Project

_ROLES = frozenset({"train", "predict", "transform", "embed", "split", "resample", "stack"})
_KINDS = frozenset({"dataframe", "estimator", "xgb-estimator", "lgb-estimator", "transformer", "torch-module", "keras-model"})


def data_files(project: Project) -> frozenset[str]:
    """Paths of the files that import such a package, or a file that does."""
    roots = frozenset(
        root
        for package in project.catalogue.packages
        if any(_ROLES.intersection(call.roles) for call in package.calls) or any(known.kind in _KINDS for known in package.classes)
        for root in package.imports
    )
    own = frozenset(
        module.path
        for module in project.python
        if any(i.target.partition(".")[0] in roots or i.module in roots for i in module.facts.imports)
    )
    return frozenset(path for path, targets in project.imported_by_file.items() if path in own or not own.isdisjoint(targets))
