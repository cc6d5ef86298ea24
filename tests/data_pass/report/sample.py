"""A made-up result of each verdict, as a run would give it."""

from __future__ import annotations

from msgspec.structs import replace

from mldebt.data_pass.result import Bundle, CodePlace, Column, Cost, DataInfo, DropSet, Evidence, Interval, Leak, Result
from mldebt.report.options import Options

PLAIN = Options(color="never", width=120)


def drop_set(**given: object) -> DropSet:
    usual = DropSet(
        delta=-0.0008,
        low=-0.0031,
        high=0.0017,
        tolerance=0.005,
        metric="roc_auc",
        reference=0.8612,
        verdict="confirmed",
        fits=118,
        seconds=None,
        seed=0,
        splits="5 stratified folds; the last test was on 1,200 rows that the search never saw",
    )
    return replace(usual, **given)


COLUMNS = (
    Column(
        "age",
        "number",
        "needed",
        "keep",
        delta_alone=Interval(0.0312, 0.0251, 0.0373, 5),
        cost=Cost(bytes=48_000),
    ),
    Column(
        "age_band",
        "category",
        "legacy",
        "drop",
        gain_alone=Interval(0.0002, -0.0010, 0.0014, 5),
        evidence=(Evidence("determined-by", "age_band is determined by age", ("age",), 1.0),),
        cost=Cost(bytes=6_000, code_lines=4, files=2),
        code=(
            CodePlace("train.py", 31, "reads"),
            CodePlace("features.py", 12, "creates"),
            CodePlace("serve.py", 8, "reads"),
            CodePlace("serve.py", 40, "drops"),
        ),
    ),
    Column(
        "bureau_1",
        "number",
        "needed",
        "keep",
        delta_alone=Interval(0.0121, 0.0080, 0.0162, 5),
        cost=Cost(bytes=48_000),
    ),
    Column("bureau_2", "number", "bundled", "drop", evidence=(Evidence("bundle", "1 of 2 columns of bureau earns its place"),)),
    Column("city", "category", "undecided", "review", delta_alone=Interval(0.0031, -0.0020, 0.0082, 5)),
    Column(
        "income",
        "number",
        "one-of",
        "keep",
        delta_alone=Interval(0.0201, 0.0150, 0.0252, 5),
        evidence=(Evidence("equal", "income_eur could stand in for it", ("income_eur",)),),
    ),
    Column(
        "income_eur",
        "number",
        "duplicate",
        "drop",
        evidence=(Evidence("equal", "equal to income on all rows", ("income",), 1.0),),
        cost=Cost(bytes=48_000, null_share=0.12),
    ),
    Column("noise", "number", "no-gain", "drop", gain_alone=Interval(-0.0004, -0.0016, 0.0008, 5), cost=Cost(bytes=2_400_000)),
)

CREDIT = Result(
    version=1,
    tool={"name": "mldebt", "version": "0.1.0"},
    data=DataInfo("data/credit.csv", 6000, 9, "abc123", 6000),
    settings={"target": "default", "tolerance": 0.005, "data": "data/credit.csv"},
    task="binary",
    model="gradient boosted trees (hgb)",
    drop=("age_band", "bureau_2", "income_eur", "noise"),
    set=drop_set(),
    columns=COLUMNS,
    undecided=("city",),
    bundles=(Bundle("bureau", "given", ("bureau_1", "bureau_2"), ("bureau_1",), Interval(0.031, 0.02, 0.042, 5)),),
    leaks=(Leak("approved_at", "it is filled only when default = 0", 0.998),),
    identifiers=("customer_id",),
    unused_in_code=("ltv_ratio",),
    notes=("about 14,000 rows would decide city",),
)

BARE = (Evidence("structure", "no other column says the same"),)
NOTHING = replace(
    CREDIT,
    drop=(),
    set=drop_set(delta=None, low=None, high=None, verdict="nothing"),
    columns=tuple(replace(one, kind="needed", action="keep") for one in COLUMNS),
    undecided=(),
    bundles=(),
    leaks=(),
    identifiers=(),
    unused_in_code=(),
    notes=(),
)
UNDECIDED = replace(
    NOTHING,
    set=drop_set(delta=0.003, low=-0.004, high=0.010, verdict="undecided"),
    columns=tuple(replace(one, kind="undecided", action="review") for one in COLUMNS),
    undecided=tuple(one.name for one in COLUMNS),
)
NO_MODEL = replace(
    NOTHING,
    set=drop_set(delta=None, low=None, high=None, verdict="no-model", reference=0.5012, fits=10),
    columns=tuple(replace(one, kind="unexamined", action="review", delta_alone=None, gain_alone=None, evidence=BARE) for one in COLUMNS),
)
STRUCTURE = replace(
    CREDIT,
    settings={"structure-only": True},
    model="none",
    drop=(),
    set=drop_set(delta=None, low=None, high=None, reference=None, verdict="no-model", metric="none", fits=0, splits=""),
    columns=tuple(
        replace(one, action="review")
        if one.name == "income_eur"
        else replace(one, kind="unexamined", action="review", delta_alone=None, gain_alone=None, evidence=BARE)
        for one in COLUMNS
    ),
    undecided=(),
    bundles=(),
)

HOSTILE = (
    "a|b",
    "`tick`",
    "two\nlines",
    "\x1b[31mred\x1b[0m",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "[link](http://example.org)",
    "\u202ereversed",
    "",
    " spaces ",
    "{{ 7 * 7 }}",
    "[bold red]markup[/]",
    "😀 größe",
    "\udc80",
    "x" * 300,
    "**bold** _it_ # ~ ! $x$ @team",
)


def hostile() -> Result:
    """A result whose every name and message is hostile."""
    columns = tuple(
        Column(
            name,
            "number",
            "no-gain" if index % 2 else "needed",
            "drop" if index % 2 else "keep",
            delta_alone=Interval(0.01, 0.0, 0.02, 5),
            evidence=(Evidence("association", f"{name} moves with {name}", (name,), 0.9),),
            code=(CodePlace(f"{name}.py", 3, "reads"),),
        )
        for index, name in enumerate(HOSTILE)
    )
    return replace(
        CREDIT,
        data=replace(CREDIT.data, path="data/\x1b[31m<b>|`.csv"),
        drop=tuple(one.name for one in columns if one.action == "drop"),
        columns=columns,
        undecided=HOSTILE[:2],
        bundles=tuple(Bundle(name, "given", HOSTILE[:3], (name,), None) for name in HOSTILE),
        leaks=tuple(Leak(name, f"{name} tells", 0.9) for name in HOSTILE),
        identifiers=HOSTILE,
        unused_in_code=HOSTILE,
        notes=HOSTILE,
    )
