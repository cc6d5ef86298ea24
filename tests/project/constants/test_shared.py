from __future__ import annotations

import pytest

from mldebt.project.constants.shared import kind_of


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("s3://harbour/scores/", "place"),
        ("https://data.harbour.io/letters.parquet", "place"),
        ("https://storage.googleapis.com/harbour/models/v3", "place"),
        ("mongodb://db.internal:27017/", "server"),
        ("host=localhost dbname=ports user=x password=y", "server"),
        ("projects/harbour/topics/letters", "resource"),
        ("e1efc53e9bd149078b0c", "id"),
        ("Ref($close, -2)/Ref($close, -1) - 1", "formula"),
        ("https://docs.python.org/3/library/json.html", ""),
        ("http://localhost:5000/models/x.pkl", ""),
        ("mongodb://localhost:27017/", ""),
        ("s3://your-bucket/path", ""),
        ("12345678901234567890", ""),
        ("a sentence about f(x) - 1", ""),
    ],
)
def test_what_a_text_names(text: str, kind: str) -> None:
    assert kind_of(text) == kind
