"""One file per debt. A check reads the linked project and yields findings; it sees no syntax tree and names no package."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

import msgspec

from mldebt.project.secrets import withheld

if TYPE_CHECKING:
    from mldebt.findings import Finding
    from mldebt.project import Project

Check = Callable[["Project"], "Iterator[Finding]"]

# rule name -> modules of mldebt.checks; each has `check(project)`, which may serve several rules
RULES: dict[str, tuple[str, ...]] = {
    "actuated-label-source": ("actuated_label",),
    "bare-prediction": ("bare_prediction",),
    "broken-path": ("broken_path",),
    "cloned-adapter": ("cloned_adapter",),
    "commented-out-experiment": ("commented_code",),
    "config-near-miss": ("near_miss_key",),
    "computed-unused-feature": ("unread_flow_artifact", "unused_features"),
    "constant-config-branch": ("constant_config", "unvaried_parameter"),
    "correction-cascade": ("correction_cascade",),
    "copied-stage": ("copied_stage",),
    "coupled-constants": ("coupled_constants",),
    "dangling-consumer": ("dangling_consumer",),
    "dead-experimental-branch": ("dead_branch",),
    "deep-config-override": ("deep_override",),
    "deep-model-chain": ("model_chain",),
    "disabled-feature": ("unused_features",),
    "divergent-default": ("divergent_default",),
    "duplicate-feature": ("duplicate_feature",),
    "duplicated-featuriser": ("duplicated_featuriser",),
    "entangled-feature": ("entangled_feature",),
    "expired-declaration": ("expired_declaration",),
    "fixed-decision-threshold": ("fixed_threshold",),
    "feature-contract-divergence": ("feature_contract",),
    "floating-model-reference": ("floating_reference",),
    "foreign-table-without-snapshot": ("unsnapshot_table",),
    "forked-experiment": ("forked_experiment",),
    "hard-coded-environment": ("hard_coded_environment",),
    "format-ping-pong": ("format_ping_pong",),
    "implicit-feature-set": ("implicit_features",),
    "intermediate-sprawl": ("intermediate_sprawl",),
    "leaked-vendor-convention": ("vendor_convention",),
    "language-boundary-in-pipeline": ("language_boundary",),
    "literal-ensemble-weights": ("literal_weights",),
    "loaded-unused-column": ("loaded_unused",),
    "low-coverage": ("low_coverage",),
    "missing-action-limit": ("missing_action_limit",),
    "missing-freshness": ("missing_freshness",),
    "missing-model-abstraction": ("missing_abstraction",),
    "multi-use-test-set": ("multi_use_test",),
    "near-miss-artifact": ("dangling_consumer",),
    "nested-experiments": ("nested_experiments",),
    "no-uninfluenced-holdout": ("actuated_label",),
    "notebook-in-production": ("notebook_in_production",),
    "order-dependent-data": ("unordered_data",),
    "orphan-artifact": ("orphan_artifact",),
    "over-declared-consumer": ("declared_access",),
    "personal-resource": ("personal_resource",),
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
    "undeclared-config-key": ("undeclared_key", "unset_setting"),
    "undeclared-consumer": ("undeclared_consumer",),
    "undeclared-flag": ("flag_use",),
    "undeclared-manual-step": ("manual_step",),
    "unmonitored-prediction": ("unmonitored_prediction",),
    "unreached-experiment": ("unreached",),
    "unread-config-key": ("unread_key", "unread_setting"),
    "unpersisted-preprocessor": ("unpersisted_preprocessor",),
    "unread-flag": ("flag_use",),
    "unsafe-model-load": ("unsafe_load",),
    "unpinned-training-environment": ("unpinned_environment",),
    "unseeded-randomness": ("unseeded_randomness",),
    "untested-training-input": ("untested_input",),
    "untracked-training-run": ("untracked_run",),
    "unvalidated-serving-input": ("unvalidated_request",),
    "unvalidated-config": ("unvalidated_config",),
    "unverified-download": ("unsafe_load",),
    "unversioned-input": ("unversioned_input",),
    "unversioned-output": ("unversioned_output",),
    "vendor-spread": ("vendor_spread",),
    "vendor-type-leak": ("vendor_type_leak",),
    "warm-start-chain": ("warm_start",),
}


def _shown(finding: Finding) -> Finding:
    """The finding without secrets that a check took from the code: they must not reach a report or a baseline."""
    texts = finding.message, finding.anchor, *(place.message for place in finding.evidence)
    if not any("=" in text or ":" in text for text in texts):
        return finding
    return msgspec.structs.replace(
        finding,
        message=withheld(finding.message),
        anchor=withheld(finding.anchor),
        evidence=tuple(msgspec.structs.replace(place, message=withheld(place.message)) for place in finding.evidence),
    )


def run(project: Project, rules: Collection[str]) -> list[Finding]:
    """All findings of the selected rules, sorted by place. A check runs once, also when it serves several rules."""
    wanted = set(rules)
    found: list[Finding] = []
    for name in sorted({name for rule in wanted for name in RULES.get(rule, ())}):
        check: Check = import_module(f"mldebt.checks.{name}").check
        found.extend(_shown(f) for f in check(project) if f.rule in wanted)
    return sorted(found, key=lambda f: (f.location, f.rule, f.message))
