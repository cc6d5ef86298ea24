"""A small project with a declared edge, a silent one, one without a writer, and names that are not known."""

from __future__ import annotations

import pytest

from mldebt.graphs.model import GraphReport, graph_report
from tests.project.reading import project_of

FILES = {
    "prepare.py": """
        import pandas as pd

        def main():
            frame = pd.read_csv("data/raw_orders.csv")
            frame.to_csv("data/clean_orders.csv")
            frame.to_parquet("data/order_features.parquet")

        main()
        """,
    "train.py": """
        import pandas as pd

        frame = pd.read_csv("data/clean_orders.csv")
        """,
    "jobs/report.py": """
        import pandas as pd

        features = pd.read_parquet("data/order_features.parquet")

        def other(path):
            return pd.read_csv(path)
        """,
    "dvc.yaml": """
        stages:
          train:
            cmd: python train.py
            deps:
              - train.py
              - data/clean_orders.csv
        """,
}


@pytest.fixture
def report() -> GraphReport:
    return graph_report(project_of(FILES))
