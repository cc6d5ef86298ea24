"""A small made-up project and eight findings about it, as a run would report them."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgspec

from mldebt.findings import (
    BaselineState,
    Certainty,
    Coverage,
    Finding,
    Glue,
    Grade,
    Location,
    Ranked,
    Report,
    Severity,
    Summary,
    Unread,
    VendorUse,
)
from mldebt.report import Options, write

SERVER = """import dill
from urllib.request import urlopen

THRESHOLD = 0.5


def load(url):
    return dill.load(urlopen(url))


def answer(request):
    score = model.predict_proba([request.row])[0, 1]
    if score > THRESHOLD:
        orders.update(
            request.id,
            status="blocked",
        )
    return score
"""
LABELS = """select id, status = 'blocked' as label
from orders
where created_at > current_date - 90
"""
TRAIN = """import pandas as pd

NEW_ENCODER = False


def features(frame):
\tif NEW_ENCODER:
\t\treturn frame.join(encode(frame["größe"]))
\treturn frame[["price", "hour", "price_eur"]]
"""
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": ["# Churn, second try\n"]},
        {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {},
            "outputs": [],
            "source": ["scores = first.predict(orders)\n", 'orders["score"] = scores\n', "second.fit(orders, returned)"],
        },
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def write_project(root: Path) -> None:
    """Writes the files that the findings name, except `jobs/export.py`, which is gone."""
    for path, text in {
        "serving/worker.py": SERVER,
        "train/labels.sql": LABELS,
        "train/features.py": TRAIN,
        "notebooks/second_try.ipynb": json.dumps(NOTEBOOK, indent=1, ensure_ascii=False),
    }.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")


def ranked(
    rank: int,
    rule: str,
    location: Location,
    message: str,
    *,
    code: str = "MLD999",
    debt: str = "glue-code",
    severity: Severity = Severity.WARNING,
    certainty: Certainty = Certainty.INFERRED,
    confidence: float = 0.8,
    interest: float = 30.0,
    principal: float = 60.0,
    evidence: tuple[Location, ...] = (),
    help: str = "Say who reads it. Then tell them.",
    exposure: str = "library",
    accepted: bool = False,
) -> Ranked:
    """A finding with everything that a test does not care about filled in."""
    finding = Finding(rule=rule, location=location, message=message, anchor=rule, evidence=evidence, confidence=confidence)
    return Ranked(
        finding=finding,
        code=code,
        name=rule,
        debt=debt,
        severity=severity,
        certainty=certainty,
        help=help,
        principal_minutes=principal,
        interest_minutes_per_quarter=interest,
        exposure=exposure,
        fingerprint=f"{rank:016x}",
        rank=rank,
        accepted=accepted,
    )


def sample(root: Path | str = "/srv/churn") -> Report:
    """Eight findings of seven families, three unread files, a ledger."""
    findings = (
        ranked(
            1,
            "unsafe-load-remote",
            Location("serving/worker.py", 8, 12, 8, 35, "runs what the server sends"),
            "`dill.load` unpickles what it downloads from `url`, in the process that serves requests",
            code="MLD802",
            debt="unsafe-loading",
            severity=Severity.ERROR,
            certainty=Certainty.PROVED,
            confidence=0.95,
            interest=912,
            principal=40,
            help="Save the model with skops or safetensors and pin its digest. A pickle runs any code that its author likes.",
            exposure="serving",
        ),
        ranked(
            2,
            "hidden-feedback-loop",
            Location("serving/worker.py", 14, 9, 17, 10, "the model's answer decides the status"),
            "`orders.status` is set by the model's own answer and read as its next training label; what the model blocks today it "
            "learns to block tomorrow",
            code="MLD303",
            debt="feedback-loop",
            confidence=0.6,
            interest=432,
            principal=480,
            evidence=(Location("train/labels.sql", 1, 12, 1, 30, "the label is that status"),),
            help="Let a random 1 % of the orders pass and train on those only. See `mldebt explain hidden-feedback-loop`.",
            exposure="serving",
        ),
        ranked(
            3,
            "fixed-threshold",
            Location("serving/worker.py", 4, 1, 4, 16, "chosen by hand"),
            "a constant decides what the score means, whatever the model is retrained on",
            code="MLD601",
            debt="fixed-threshold",
            confidence=0.9,
            interest=216,
            principal=120,
            evidence=(Location("serving/worker.py", 13, 8, 13, 25, "decides here"),),
            help="Store the threshold with the model, chosen on validation data.",
            exposure="serving",
        ),
        ranked(
            4,
            "undeclared-consumer",
            Location("jobs/export.py", 88, 5, 88, 61, "writes `s3://scores/daily.parquet`"),
            "`s3://scores/daily.parquet` has five readers that its producer does not declare",
            code="MLD103",
            debt="undeclared-consumer",
            confidence=0.7,
            interest=173.6,
            principal=60,
            evidence=(
                Location("dashboards/weekly.py", 12, 1, 12, 40, "reads every column by position"),
                Location("marketing/campaigns/customer_reactivation/build_audience.py", 203, 9, 203, 50, "reads `score`"),
                Location("notebooks/adhoc.ipynb", 57, 1, 57, 20, "reads `score`", cell=4, cell_line=2),
                Location("ops/alerts.sql", 3, 1, 3, 10, "external table"),
                Location("finance/provision.sql", 31, 1, 31, 10, "external table"),
            ),
            help="Declare the readers under [[tool.mldebt.artifacts]].",
            exposure="scheduled",
        ),
        ranked(
            5,
            "correction-cascade",
            Location("notebooks/second_try.ipynb", 18, 1, 18, 29, "learns from the first model", cell=2, cell_line=3),
            "`second` is fitted on the predictions of `first`, so improving `first` can make the whole worse",
            code="MLD101",
            debt="correction-cascade",
            interest=64,
            principal=960,
            evidence=(Location("notebooks/second_try.ipynb", 16, 10, 16, 31, "its predictions", cell=2, cell_line=1),),
            help="Give `first` the features that it lacks, and drop `second`.",
            exposure="notebook",
            accepted=True,
        ),
        ranked(
            6,
            "dead-experimental-branch",
            Location("train/features.py", 7, 2, 8, 44, "never runs"),
            "`NEW_ENCODER` is False in every configuration, so this branch never runs",
            code="MLD420",
            debt="dead-experimental-path",
            certainty=Certainty.PROVED,
            confidence=1.0,
            interest=19,
            principal=22,
            evidence=(Location("train/features.py", 3, 1, 3, 20, "the only value it takes"),),
            help="Delete the branch and the flag.",
            exposure="scheduled",
        ),
        ranked(
            7,
            "unseeded-split",
            Location("train/split.py", 21, 18, 21, 44),
            "`train_test_split` without `random_state`: two runs cannot be compared",
            code="MLD702",
            debt="reproducibility-debt",
            severity=Severity.INFO,
            confidence=0.9,
            interest=12,
            principal=5,
            help="Pass `random_state`.",
            exposure="script",
        ),
        ranked(
            8,
            "nested-experiments",
            Location("train/features.py", 7, 2, 7, 16),
            "three flags are nested here: eight paths, of which configurations reach two",
            code="MLD424",
            debt="dead-experimental-path",
            severity=Severity.ADVISORY,
            certainty=Certainty.ADVISORY,
            confidence=0.5,
            interest=0.3,
            principal=45,
            help="",
        ),
    )
    summary = Summary(
        files=212,
        lines=31204,
        seconds=1.84,
        findings=8,
        principal_minutes=1732,
        interest_minutes_per_quarter=1828.9,
        coverage={"models": Coverage(12, 12), "flags": Coverage(41, 52), "reads and writes": Coverage(96, 218), "queries": Coverage(0, 0)},
        unread=(
            Unread("legacy/score.py", "Python 2 syntax at line 4"),
            Unread("data/export.py", "larger than 5 MB"),
            Unread("course/week3.py", "not valid Python: blank to fill in at line 19"),
            Unread("vendor/blob.py", "not UTF-8"),
        ),
        suppressed=3,
        accepted=1,
        filtered=14,
        notes=("shallow clone: churn counts as 1",),
        glue=Glue(120, 9, 18_400, 61, (VendorUse("xgboost", 7, 12, 40, False), VendorUse("torch", 6, 80, 25, True))),
        timings={"facts": 1.2, "checks": 0.31},
        languages={"python": 171, "sql": 12, "notebook": 29},
    )
    return Report(root=str(root), profile="default", summary=summary, findings=findings)


def daily(root: Path | str = "/srv/churn") -> Report:
    """The sample against a baseline that has its first finding, with a comment that ignores its second, history and a grade."""
    whole = sample(root)
    factors = {"reach": 2.5, "commits": 12, "age_days": 400, "owners": ("@ml/serving",)}
    known, ignored, *new = (msgspec.structs.replace(one, **factors) for one in whole.findings)
    findings = tuple(msgspec.structs.replace(one, rank=rank) for rank, one in enumerate(new, 1))
    summary = msgspec.structs.replace(
        whole.summary,
        findings=len(findings),
        suppressed=1,
        grade=Grade(0.0185, "A", code_lines=31_000),
        baseline=BaselineState("mldebt-baseline.toml", 1, ("MLD702 train/old.py split",)),
    )
    ignored = msgspec.structs.replace(ignored, reason="the status is set by hand since May")
    return msgspec.structs.replace(whole, summary=summary, findings=findings, known=(known,), ignored=(ignored,))


def empty(**changes: int) -> Report:
    """A report without findings."""
    coverage = {"flags": Coverage(41, 52), "models": Coverage(3, 4)}
    summary = Summary(
        files=40,
        lines=1204,
        seconds=0.3,
        findings=0,
        principal_minutes=0.0,
        interest_minutes_per_quarter=0.0,
        coverage=coverage,
        suppressed=changes.get("suppressed", 0),
        filtered=changes.get("filtered", 0),
    )
    return Report(root="/srv/churn", profile="default", summary=summary, findings=())


def rendered(report: Report, format: str, **options: Any) -> str:
    """What `write` puts out, 100 columns wide unless told otherwise."""
    out = io.StringIO()
    write(report, format, out, options=Options(**{"width": 100, **options}))
    return out.getvalue()


def only(*findings: Ranked, root: Path | str = "/srv/churn") -> Report:
    """A report of these findings."""
    return msgspec.structs.replace(sample(root), findings=findings)
