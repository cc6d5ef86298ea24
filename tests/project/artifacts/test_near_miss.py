"""What two names that are almost the same differ in."""

from __future__ import annotations

from mldebt.project.artifacts.identity import of_path
from mldebt.project.artifacts.near_miss import near_miss


def test_keys_in_other_stores_and_buckets():
    def seen(a: str, b: str) -> str:
        here, there = of_path((a,)), of_path((b,))
        assert here is not None and there is not None
        return near_miss(here, there)

    key = "churn/lookup/customer_scores.json"
    assert seen(f"s3://acme-shared/{key}", f"gs://acme-shared/{key}.bz2") == "`s3://acme-shared` instead of `gs://acme-shared`"
    assert seen(f"s3://acme-shared/{key}", f"gs://models/{key}") == "`s3://acme-shared` instead of `gs://models`"
    daily = "churn/lookup/customer_scores_daily.json"
    assert seen(f"s3://a-shared/{daily}", f"s3://b-models/{key}") == "`_daily` more, and `s3://a-shared` instead of `s3://b-models`"
    assert seen(f"s3://acme-dev/{daily}", f"s3://acme-prod/{key}") == ""
    assert seen("s3://a/model.json", "gs://b/model.json") == ""
    assert seen("s3://a/churn/model.json", "gs://b/churn/model.json") == ""
    assert seen(f"s3://a/{key}", f"gs://b/{key.replace('lookup', 'lookups')}") == ""
