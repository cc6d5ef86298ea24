"""positional-join."""

from __future__ import annotations

from tests.checks.conftest import Found

IMPORTS = "import numpy as np\nimport pandas as pd\n"
TWO = IMPORTS + "a = pd.read_csv('left_table.csv')\nb = pd.read_csv('right_table.csv')\n"


def test_one_finding_for_one_artifact_of_a_file(found: Found) -> None:
    body = TWO + "c = np.load('third.npy')\nnp.hstack([a, b.values])\nnp.concatenate((np.array(a), c), axis=1)\n"
    (finding,) = found("positional_join", {"t.py": body})
    assert finding.message == "`hstack` puts `left_table.csv` and `right_table.csv` side by side by row order; no key ties their rows"
    assert [(e.line, e.message) for e in finding.evidence] == [
        (3, "reads `left_table.csv`"),
        (4, "reads `right_table.csv`"),
        (7, "and here"),
    ]


def test_through_helpers_and_parameters(found: Found) -> None:
    body = IMPORTS + (
        "def customers():\n    return pd.read_csv('tables/customers.csv')\n"
        "def join(first, second):\n    return np.column_stack((first, second))\n"
        "join(customers(), pd.read_csv('tables/payments.csv').values)\n"
    )
    (finding,) = found("positional_join", {"t.py": body})
    assert finding.location.line == 6
    assert "`tables/customers.csv` and `tables/payments.csv`" in finding.message


def test_silent(found: Found) -> None:
    for call in (
        "np.hstack([a, a * 2])",
        "np.concatenate([a, b])",
        "np.concatenate([a, b], axis=0)",
        "pd.concat([a, b])",
        "pd.concat([a.set_index('k'), b.set_index('k')], axis=1)",
        "np.hstack([a, a.merge(b, on='k')])",
        "np.hstack([a, [[1]]])",
        "np.hstack(tables)",
    ):
        assert found("positional_join", {"t.py": f"{TWO}{call}\n"}) == [], call


def test_parts_that_one_file_writes(found: Found) -> None:
    maker = "import pandas as pd\nt = pd.read_csv('raw.csv')\nt.to_csv('left_table.csv')\nt.to_csv('right_table.csv')\n"
    assert found("positional_join", {"t.py": TWO + "np.hstack([a, b])\n", "maker.py": maker}) == []
