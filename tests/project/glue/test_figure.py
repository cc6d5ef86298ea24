from __future__ import annotations

from mldebt.findings import VendorUse
from mldebt.project.glue.figure import figure
from tests.project.reading import project_of

FIT = """
    import numpy as np
    import pandas as pd
    import xgboost as xgb


    def fit(path):
        frame = pd.read_csv(path)
        labels = frame.pop("y").to_numpy()
        names = frame.columns.tolist()
        rows = frame.to_numpy()
        data = xgb.DMatrix(rows, labels)
        booster = xgb.train({}, data)
        print(names)
        return pd.DataFrame(booster.predict(data))
"""


def test_counts_files_and_conversions_around_the_calls() -> None:
    found = figure(project_of({"fit.py": FIT, "read.py": "import pandas as pd\n\nframe = pd.read_csv('a.csv').to_numpy()\n"}))
    assert (found.files, found.touching) == (2, 1)
    assert found.conversions == 4  # two ways in, the container, the way out; not the names, not the other file
    assert found.vendors == (VendorUse("xgboost", 1, 3, 4, medium=False),)
    assert found.share_of_files == 0.5
    assert 0 < found.share_of_lines < 1


def test_the_medium_touches_nothing() -> None:
    net = "import torch\n\n\nclass Net(torch.nn.Module):\n    pass\n\n\nprint(torch.ones(3))\n"
    found = figure(project_of({"net.py": net}))
    assert found.touching == 0
    assert found.vendors == (VendorUse("torch", 1, 1, 0, medium=True),)


def test_a_project_without_vendors() -> None:
    found = figure(project_of({"a.py": "print(1)\n"}))
    assert (found.touching, found.conversions, found.vendors) == (0, 0, ())
    assert (found.share_of_files, found.share_of_lines) == (0.0, 0.0)


def test_values_that_refer_to_themselves_end() -> None:
    code = """
        import xgboost as xgb


        def grow(rows):
            for step in range(3):
                rows = rows + rows
                while step:
                    rows = [rows, step]
            return xgb.DMatrix(rows, rows)
    """
    assert figure(project_of({"a.py": code})).vendors[0].calls == 1
