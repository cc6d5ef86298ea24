"""The training tables of `fixtures/churn` and its clean twin: what their code would make of made-up subscribers.

`python tests/data_pass/churn_data.py` writes both again.
"""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Mapping
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
ROWS = 400
WINDOW = 90  # days, as in conf/production.yaml
PLANS = {"basic": 2.0, "plus": 0.0, "pro": -2.0}
REGIONS = {"east": -2.0, "north": 2.0, "south": 1.0, "west": -1.0}
BANDS = (1, 2, 4, 7)
CLEAN = ("logins_per_day", "tenure_years", "plan", "region", "churned")


def subscribers() -> list[dict[str, str]]:
    """One row per customer. The label depends on logins, tenure, plan and region; the rest repeats them or is noise."""
    draw = random.Random(7)
    found = []
    for _ in range(ROWS):
        logins, tenure = draw.randrange(0, 181), draw.randrange(30, 3650)
        plan, region = draw.choice(sorted(PLANS)), draw.choice(sorted(REGIONS))
        weekday, month = draw.randrange(7), draw.randrange(1, 13)
        years = tenure / 365
        score = 4.0 - 0.03 * logins - 0.6 * years + PLANS[plan] + REGIONS[region]
        row: Mapping[str, object] = {
            "logins": logins,
            "logins_per_day": logins / WINDOW,
            "tenure_years": years,
            "plan": plan,
            "region": region,
            "tenure_band": sum(years > limit for limit in BANDS),
            "signup_weekday": weekday,
            "signup_month": month,
            "churned": int(draw.random() < 1 / (1 + math.exp(-1.6 * score))),
        }
        found.append({name: str(value) for name, value in row.items()})
    return found


def table(rows: list[dict[str, str]], columns: tuple[str, ...] = ()) -> str:
    """The rows as CSV, all columns or some."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or tuple(rows[0]), extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def tables() -> dict[Path, str]:
    """Each file with its text."""
    rows = subscribers()
    place = Path("data", "features.csv")
    return {FIXTURES / "churn" / place: table(rows), FIXTURES / "churn-clean" / place: table(rows, CLEAN)}


if __name__ == "__main__":
    for path, text in tables().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
