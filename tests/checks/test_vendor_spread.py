from __future__ import annotations

import pytest

from mldebt.checks import vendor_spread
from mldebt.config import Config
from mldebt.project.project import Project
from tests.checks.conftest import CATALOGUE, Found, MakeProject

TRAIN = "import base\nimport xgboost\n\n\ndef job_{n}(rows):\n    return xgboost.train({{}}, rows)\n"


def files(callers: int, others: int = 0) -> dict[str, str]:
    calling = {f"a{n:02}.py": TRAIN.format(n=n) for n in range(callers)}
    rest = {f"b{n:02}.py": "import base\n" for n in range(others)}
    return {**calling, **rest, "base.py": "X = 1\n"}


def test_names_the_share_and_the_other_files(found: Found) -> None:
    (finding,) = found("vendor_spread", files(5, 10))
    assert finding.message == "models of xgboost are made or trained in 5 of 16 files (31 %)"
    assert (finding.location.path, finding.anchor, finding.size) == ("a00.py", "xgboost", 5)
    assert [place.path for place in finding.evidence] == ["a01.py", "a02.py", "a03.py", "a04.py"]


@pytest.mark.parametrize(("callers", "others"), [(4, 0), (5, 40)], ids=["few files", "a small share"])
def test_few(found: Found, callers: int, others: int) -> None:
    assert found("vendor_spread", files(callers, others)) == []


def test_evidence_is_capped(found: Found) -> None:
    (finding,) = found("vendor_spread", files(30))
    assert (finding.size, len(finding.evidence)) == (30, 19)


def test_shares_of_a_part_are_not_told(project_of: MakeProject) -> None:
    whole = project_of(files(6))
    part = Project(whole.root, {m.path: (m.source, m.facts) for m in whole.modules.values()}, CATALOGUE, Config(), partial=True)
    assert list(vendor_spread.check(whole))
    assert not list(vendor_spread.check(part))
