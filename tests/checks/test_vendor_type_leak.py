from __future__ import annotations

from tests.checks.conftest import Found

USE = "import xgboost as xgb\n\n\ndef gain(data: xgb.DMatrix):\n    return data\n"
MORE = "\n\ndef loss(model: xgb.Booster):\n    return model\n"


def test_one_function_is_a_weak_finding(found: Found) -> None:
    (finding,) = found("vendor_type_leak", {"lib/use.py": USE, "jobs/run.py": "from lib.use import gain\n\ngain(1)\n"})
    assert finding.message == "`xgboost.DMatrix` crosses from jobs to lib in `gain`"
    assert (finding.confidence, finding.size, [place.path for place in finding.evidence]) == (0.6, 1, ["jobs/run.py"])


def test_a_vendor_is_one_finding(found: Found) -> None:
    run = "from lib.use import gain, loss\n\ngain(1)\nloss(2)\n"
    (finding,) = found("vendor_type_leak", {"lib/use.py": USE + MORE, "jobs/run.py": run})
    assert finding.message == "`xgboost.DMatrix` crosses from jobs to lib in `gain` and one more function"
    assert finding.confidence == 0.75
    assert [(p.path, p.line, p.message) for p in finding.evidence] == [
        ("jobs/run.py", 3, "calls `gain`"),
        ("lib/use.py", 8, "takes `xgboost.Booster`"),
        ("jobs/run.py", 4, "calls `loss`"),
    ]
