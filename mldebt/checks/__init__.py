"""One file per debt. A check reads the linked project and yields findings; it sees no syntax tree and names no package."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from mldebt.findings import Finding, Location
from mldebt.project.fork import Fork

if TYPE_CHECKING:
    from mldebt.project import Project

Check = Callable[["Project"], "Iterator[Finding]"]

# rule name -> modules of mldebt.checks; each has `check(project)`, which may serve several rules
RULES: dict[str, tuple[str, ...]] = {
    "actuated-label-source": ("actuated_label",),
    "bare-prediction": ("bare_prediction",),
    "broken-path": ("broken_path",),
    "commented-out-experiment": ("commented_code",),
    "computed-unused-feature": ("unread_flow_artifact", "unused_features"),
    "constant-config-branch": ("constant_config", "unvaried_parameter"),
    "correction-cascade": ("correction_cascade",),
    "copied-stage": ("copied_stage",),
    "dangling-consumer": ("dangling_consumer",),
    "dead-experimental-branch": ("dead_branch",),
    "deep-config-override": ("deep_override",),
    "deep-model-chain": ("model_chain",),
    "disabled-feature": ("unused_features",),
    "duplicate-feature": ("duplicate_feature",),
    "duplicated-featuriser": ("duplicated_featuriser",),
    "entangled-feature": ("entangled_feature",),
    "expired-declaration": ("expired_declaration",),
    "fixed-decision-threshold": ("fixed_threshold",),
    "feature-contract-divergence": ("feature_contract",),
    "floating-model-reference": ("floating_reference",),
    "forked-experiment": ("forked_experiment",),
    "implicit-feature-set": ("implicit_features",),
    "intermediate-sprawl": ("intermediate_sprawl",),
    "literal-ensemble-weights": ("literal_weights",),
    "loaded-unused-column": ("loaded_unused",),
    "multi-use-test-set": ("multi_use_test",),
    "near-miss-artifact": ("dangling_consumer",),
    "nested-experiments": ("nested_experiments",),
    "no-uninfluenced-holdout": ("actuated_label",),
    "orphan-artifact": ("orphan_artifact",),
    "over-declared-consumer": ("declared_access",),
    "pipeline-jungle": ("pipeline_jungle",),
    "positional-join": ("positional_join",),
    "prediction-used-as-label": ("prediction_label",),
    "preprocessing-leak": ("preprocessing_leak",),
    "private-artifact-access": ("declared_access",),
    "remote-pickle": ("unsafe_load",),
    "self-training-loop": ("prediction_label",),
    "shared-mutable-artifact": ("shared_artifact",),
    "shared-mutable-default": ("mutable_default",),
    "shared-world-actuator": ("shared_actuator",),
    "shell-glued-pipeline": ("shell_glue",),
    "silent-dependency-fallback": ("silent_fallback",),
    "stale-experiment-flag": ("stale_flag",),
    "target-in-features": ("target_in_features",),
    "train-test-overlap": ("train_test_overlap",),
    "trust-remote-code": ("unsafe_load",),
    "undeclared-consumer": ("undeclared_consumer",),
    "undeclared-flag": ("flag_use",),
    "undeclared-manual-step": ("manual_step",),
    "unreached-experiment": ("unreached",),
    "unpersisted-preprocessor": ("unpersisted_preprocessor",),
    "unread-flag": ("flag_use",),
    "unsafe-model-load": ("unsafe_load",),
    "unseeded-randomness": ("unseeded_randomness",),
    "unverified-download": ("unsafe_load",),
    "unversioned-input": ("unversioned_input",),
    "unversioned-output": ("unversioned_output",),
    "warm-start-chain": ("warm_start",),
}


# Checks that another process may run: what is dear for them, most of the others do not need.
_APART = frozenset(
    (
        *("constant_config", "dead_branch", "flag_use", "unreached", "unvaried_parameter"),
        *("commented_code", "copied_stage", "duplicate_feature", "literal_weights", "loaded_unused", "mutable_default", "unsafe_load"),
        *("unseeded_randomness", "unused_features", "unversioned_input", "multi_use_test", "preprocessing_leak", "train_test_overlap"),
    )
)
_SMALL = 4000  # calls in a project that one process has judged sooner than a second one has started


def run(project: Project, rules: Collection[str], jobs: int = 1) -> list[Finding]:
    """All findings of the selected rules, sorted by place. A check runs once, also when it serves several rules.

    With several `jobs`, a forked process runs a part of the checks of a large project; the findings are the same.
    """
    wanted = frozenset(rules)
    names = sorted({name for rule in wanted for name in RULES.get(rule, ())})
    apart = [name for name in names if name in _APART]
    if jobs > 1 and apart and sys.platform == "linux" and sum(len(module.facts.sites) for module in project.python) >= _SMALL:
        project.events.callers  # noqa: B018 - what both need is made once
        project.artifacts.accesses  # noqa: B018
        with Fork(lambda: msgspec.msgpack.encode({name: _check(project, name, wanted) for name in apart})) as fork:
            found = {name: _check(project, name, wanted) for name in names if name not in _APART}
            if (told := fork.result()) is not None:
                found.update((name, [_read(one) for one in ones]) for name, ones in msgspec.msgpack.decode(told).items())
    else:
        found = {}
    everything = (f for name in names for f in (found[name] if name in found else _check(project, name, wanted)))
    return sorted(everything, key=lambda f: (f.location, f.rule, f.message))


def _check(project: Project, name: str, wanted: frozenset[str]) -> list[Finding]:
    check: Check = import_module(f"mldebt.checks.{name}").check
    return [f for f in check(project) if f.rule in wanted]


def _read(raw: dict[str, object]) -> Finding:
    """A finding from the other process. Not decoded by its types, as a number would not stay of the kind that it is: 1, not 1.0."""
    places = {"location": Location(**raw["location"]), "evidence": tuple(Location(**one) for one in raw["evidence"])}  # type: ignore
    return Finding(**{**raw, **places})  # type: ignore[arg-type]
