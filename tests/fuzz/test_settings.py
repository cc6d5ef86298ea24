"""Any settings are either loaded or refused by one line that names where they stand."""

from __future__ import annotations

import contextlib
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.config import Config, ConfigError, Loaded, load, options, value_of
from mldebt.judge import load_knowledge
from tests.fuzz.strategies import examples, mutants

KEYS = sorted({option.key.split(".")[0] for option in options()})
SETTINGS = """\
profile = "audit"
select = ["unread-flag", "MLD1"]
per-file-ignores = { "tests/*" = ["ALL"] }
exclude = ["*.py"]
min-confidence = 0.5
jobs = 2
systems = { shop = ["shop/**"] }

[flags]
readers = ["shop.flags.get:1"]

[[artifacts]]
id = "s3://bucket/{day}/x.parquet"
kind = "model"
versioning = "partition:day"
consumers = [{ who = "shop", uses = ["*"], expires = 2027-01-01 }]

[features.churn]
target = "label"
"""
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["default", "audit", "ALL", "never", "json", "*", "**", "[z-a]", "!", "a:b", "../..", "/", "\x1b[2J", "\n", "%"]),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC])),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.text(max_size=5), st.sampled_from(KEYS)), inner, max_size=3)
    ),
    max_leaves=6,
)
TABLES = st.dictionaries(st.one_of(st.sampled_from(KEYS), st.sampled_from(KEYS), st.text(max_size=6)), VALUES, max_size=3)


def _refused(error: ConfigError, origin: str) -> None:
    message = str(error)
    assert "\n" not in message.strip()
    assert message.startswith((origin, "settings", "environment", "--config"))


@given(table=TABLES)
@examples(400)
def test_any_table(tmp_path: Path, table: dict[str, object]) -> None:
    try:
        loaded = load(tmp_path, arguments=table, environ={}, isolated=True)
    except ConfigError as error:
        return _refused(error, "command line")
    assert isinstance(loaded, Loaded)
    assert all(isinstance(value_of(loaded.config, option.key), str) for option in options())
    return None


@given(text=mutants((SETTINGS,)))
@examples(250)
def test_mutated_files(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mldebt.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        loaded = load(tmp_path, environ={})
    except ConfigError as error:
        return _refused(error, str(file))
    assert loaded.root == tmp_path.resolve()
    with contextlib.suppress(ConfigError):  # rules, profiles and catalogues of these names, if any
        load_knowledge(tmp_path, loaded.config)
    return None


@given(
    text=mutants(
        (SETTINGS.replace("[", "[tool.mldebt.").replace("[tool.mldebt.[tool.mldebt.", "[[tool.mldebt."), "[project]\nname = 'x'\n")
    )
)
@examples(100)
def test_mutated_pyproject(tmp_path: Path, text: str) -> None:
    file = tmp_path / "pyproject.toml"
    file.write_bytes(text.encode("utf-8", "replace"))
    try:
        load(tmp_path, environ={})
    except ConfigError as error:
        _refused(error, str(file))


@given(
    name=st.sampled_from(KEYS),
    text=st.one_of(st.text(max_size=10), st.sampled_from(["1", "true", "a,b", "inf", "nan", "1e999", "9" * 5000])),
)
@examples(200)
def test_any_environment(tmp_path: Path, name: str, text: str) -> None:
    variable = "MLDEBT_" + name.upper().replace("-", "_")
    try:
        loaded = load(tmp_path, environ={variable: text}, isolated=False)
    except ConfigError as error:
        assert variable in str(error) or name in str(error)
        assert "\n" not in str(error)
        return
    assert isinstance(loaded.config, Config)


@given(
    items=st.lists(st.one_of(mutants(("jobs=3", "profile=audit", "flags.readers=['a.b']", "exclude=[]")), st.text(max_size=20)), max_size=2)
)
@examples(200)
def test_any_overrides(tmp_path: Path, items: list[str]) -> None:
    try:
        load(tmp_path, overrides=items, environ={}, isolated=True)
    except ConfigError as error:
        assert "--config" in str(error)


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 50_000,
        "x = " + "{a=" * 50_000,
        ".".join(["a"] * 50_000) + " = 1",
        "[" + "a." * 5_000 + "b]\n",
        "jobs = " + "9" * 50_000,
        "min-confidence = 1e999999",
        "features = " + "{a=" * 300 + "1" + "}" * 300,
        "x = '''" + "a" * 500_000,
        "\ufeffjobs = 1\n\0",
        "profile = '\x1b[2J'",
        'profile = "a\\nb"',
        '"a\\nb" = 1',
        'select = ["a\\nb"]',
        'per-file-ignores = { "[z-a]" = ["ALL"] }',
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_hostile_files(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mldebt.toml"
    file.write_text(text, encoding="utf-8")
    with contextlib.suppress(ConfigError):
        load_knowledge(tmp_path, load(tmp_path, environ={}).config)
    try:
        load(tmp_path, environ={})
    except ConfigError as error:
        _refused(error, str(file))


@pytest.mark.parametrize(
    "text", ["x = " + "9" * 5_000, "x = " + "[" * 5_000, "\0", "[[call]]\nname = 1\n", "x = " + "{a=" * 900], ids=range(5)
)
def test_hostile_catalogues(tmp_path: Path, text: str) -> None:
    (tmp_path / "ours.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"ours\.toml") as refused:
        load_knowledge(tmp_path, Config(catalogues=("ours.toml",)))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("path", ["/dev/zero", "gone.toml", "a\0b", "x" * 5_000])
def test_catalogues_that_are_no_files(tmp_path: Path, path: str) -> None:
    with pytest.raises(ConfigError):
        load_knowledge(tmp_path, Config(catalogues=(path,)))


def test_a_cache_folder_that_no_disk_can_hold(tmp_path: Path) -> None:
    (tmp_path / "mldebt.toml").write_text('cache-dir = "a\\u0000b"\n')
    with pytest.raises(ConfigError, match="cache-dir: no path holds a null character"):
        load(tmp_path, environ={})
