"""Our own declarations, and Feast's."""

from __future__ import annotations

import datetime

import msgspec

from mldebt.config import ArtifactDeclaration, Config, Consumer
from mldebt.project.artifacts.declared import Declared
from mldebt.project.artifacts.declared.places import located
from tests.project.artifacts.declared.told import said, told

_TABLE = """
    [tool.mldebt]
    systems = { etl = ["jobs/**"], service = ["app/**"] }

    [[tool.mldebt.artifacts]]
    id = "s3://lake/top.json"
    aliases = ["gs://*-prod/top.json"]
    producer = "etl:jobs.top"
    owner = "@etl"
    visibility = "protected"
    [[tool.mldebt.artifacts.consumers]]
    who = "service:app.cache"
    expires = 2026-01-01
"""
_CONFIG = Config(
    systems={"etl": ("jobs/**",), "service": ("app/**",)},
    artifacts=(
        ArtifactDeclaration(
            id="s3://lake/top.json",
            aliases=("gs://*-prod/top.json",),
            producer="etl:jobs.top",
            owner="@etl",
            visibility="protected",
            consumers=(Consumer(who="service:app.cache", expires=datetime.date(2026, 1, 1)),),
        ),
    ),
)


def test_settings() -> None:
    files = {"pyproject.toml": _TABLE, "jobs/top.py": "", "jobs/other.py": "", "app/cache.py": "", "app/page.py": ""}
    rest = "owner=@etl visibility=protected"
    assert said(files, _CONFIG) == [
        f"mldebt pyproject.toml:5 etl:jobs.top produces s3:lake/top.json [jobs/top.py] {rest}",
        f"mldebt pyproject.toml:6 etl:jobs.top produces gs:*-prod/top.json [jobs/top.py] {rest}",
        f"mldebt pyproject.toml:11 service:app.cache consumes gs:*-prod/top.json [app/cache.py] {rest} expires=2026-01-01",
        f"mldebt pyproject.toml:11 service:app.cache consumes s3:lake/top.json [app/cache.py] {rest} expires=2026-01-01",
    ]
    project, found = told(files, _CONFIG)
    artifact = located("s3://lake/top.json")
    assert artifact is not None
    assert Declared(project, found).edge(artifact, "app/cache.py", "jobs/top.py") is not None
    assert Declared(project, found).edge(artifact, "app/page.py", "jobs/top.py") is None


def test_a_consumer_that_fits_no_file_is_not_everybody() -> None:
    config = msgspec.structs.replace(
        _CONFIG, artifacts=(ArtifactDeclaration(id="a.csv", consumers=(Consumer(who="gone"), Consumer(who="service"))),)
    )
    assert said({"app/cache.py": "", "jobs/top.py": ""}, config) == [
        "mldebt mldebt.toml:1 a.csv external file:a.csv []",
        "mldebt mldebt.toml:1 gone consumes file:a.csv [gone]",
        "mldebt mldebt.toml:1 service consumes file:a.csv [app/cache.py]",
    ]


def test_comment() -> None:
    files = {
        "app/cache.py": """
            import json

            # mldebt: consumes s3://lake/top.json owner=@ana until=2026-01-01
            x = json.loads("{}")  # mldebt: consumes data/x.json
            text = '''
            # mldebt: consumes data/y.json
            '''
        """
    }
    assert said(files) == [
        "mldebt app/cache.py:3 app/cache.py consumes s3:lake/top.json [app/cache.py] owner=@ana expires=2026-01-01",
        "mldebt app/cache.py:4 app/cache.py consumes file:data/x.json [app/cache.py]",
    ]
    project, _ = told(files)
    assert project.modules["app/cache.py"].facts.suppressions == ()


def test_feast() -> None:
    files = {
        "repo/features.py": """
            from feast import FeatureService, FeatureView, FileSource

            stats = FileSource(name="stats", path="data/stats.parquet")
            view = FeatureView(name="driver", source=stats, owner="ops")
            service = FeatureService(name="v1", features=[view[["rate"]]], owner="ml")
        """
    }
    assert said(files) == [
        "feast repo/features.py:4 driver consumes file:repo/data/stats.parquet [repo/features.py] owner=ops",
        "feast repo/features.py:4 driver produces feast:driver [repo/features.py] owner=ops",
        "feast repo/features.py:5 service v1 consumes feast:driver [] owner=ml",
    ]
