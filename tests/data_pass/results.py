"""Made-up results of data passes."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.data_pass.result import Bundle, Column, DataInfo, DropSet, Evidence, Interval, Result

KEPT = ("needed", "one-of", "undecided", "unexamined")


def column(name: str, kind: str = "needed", *, others: tuple[str, ...] = (), message: str = "", gain: float | None = None) -> Column:
    """A column, dropped when its kind says so."""
    return Column(
        name=name,
        type="number",
        kind=kind,
        action="keep" if kind in KEPT else "drop",
        gain_alone=None if gain is None else Interval(gain, gain - 0.001, gain + 0.001, 5),
        evidence=(Evidence("association", message, others),) if others or message else (),
    )


def result(*columns: Column | str, bundles: tuple[Bundle, ...] = (), settings: Mapping[str, object] | None = None) -> Result:
    """A confirmed data pass; a bare name is a column that stays."""
    found = tuple(column(c) if isinstance(c, str) else c for c in columns)
    return Result(
        version=1,
        tool={"name": "mldebt", "version": "0.1"},
        data=DataInfo("data/features.csv", 1000, len(found), "f00d", 1000),
        settings=dict(settings or {"target": "churned"}),
        task="binary",
        model="gradient-boosted trees",
        drop=tuple(c.name for c in found if c.action == "drop"),
        set=DropSet(0.0004, -0.001, 0.0018, 0.005, "roc_auc", 0.81, "confirmed", 40, None, 0, "5 folds"),
        columns=found,
        undecided=(),
        bundles=bundles,
    )
