"""Which identities are the same artifact, which are not, and which are almost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.project.artifacts.identity import of_path, of_reference, of_table, of_topic
from mldebt.project.artifacts.matching import contains, joins, key, specificity, unify
from mldebt.project.artifacts.model import Hole, Identity
from mldebt.project.artifacts.near_miss import near_miss
from mldebt.project.artifacts.templates import parse, template


def named(text: str) -> Identity:
    """`system#table` is a table, anything else a path."""
    system, is_table, name = text.rpartition("#")
    made = of_table(system, parse(name)) if is_table else of_path(parse(text))
    assert made is not None
    return made


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("data/past_fixed_bugs_by_function.json", 20, 27),
        ("model.pkl", 0, 0),
        ("{}/{}.csv", 0, 0),
        ("output/train_predictions_final.csv", 0, 0),
        ("tasks_s20.pkl", 8, 8),
        ("s3://b/lite/2020-01-01/guid.json", 14, 14),
        ("bigquery#analysis.ltv", 17, 17),
        ("bigquery#public.ltv", 3, 9),
    ],
)
def test_specificity(name: str, least: int, most: int) -> None:
    assert least <= specificity(named(name)) <= most


JOINED = [
    ("data/train.csv", "../data/train.csv"),
    ("data/train_data.csv", "./data/train_data.csv"),
    ("data/bugs.json", "data/bugs.json.zst"),
    ("s3://telemetry/lite/guid_coinstallation.json", "s3://{bucket}/lite/guid_coinstallation.json.bz2"),
    ("{prefix}guid_coinstallation.json", "s3://telemetry/lite/guid_coinstallation.json"),
    ("{dir}/past_fixed_bugs.json", "data/past_fixed_bugs.json"),
    ("predictions/preds{n}.csv", "predictions/preds0.csv"),
    ("../feature/{}/f101_order.p", "../feature/{part}/f101_order.p"),
    ("out/{{ ds }}/client_profile.parquet", "out/2020-01-01/client_profile.parquet"),
    ("client_profiles_{y}-{m}.parquet", "client_profiles_2021-01.parquet"),
    ("client_profiles_{{ ds_nodash }}.parquet", "client_profiles_20210131.parquet"),
    ("https://storage.googleapis.com/b/x.json", "gs://b/x.json"),
    ("az://box/x.json", "https://acc.blob.core.windows.net/box/x.json"),
    ("bigquery#analysis.ltv_daily", "#ltv_daily"),
    ("bigquery#p.analysis.ltv_daily", "bigquery#analysis.ltv_daily"),
    ("models:/churn/3", "models:/churn@champion"),
]
APART = [
    ("a/model.pkl", "b/model.pkl"),
    ("model.pkl", "service/model.pkl"),
    ("{}/{}.csv", "data/x.csv"),
    ("{}.csv", "{}.csv"),
    ("{dir}/model.pkl", "out/model.pkl"),
    ("preds{n}.csv", "{name}_train.csv"),
    ("{dir}/pytorch_model.bin", "{out}/pytorch_model.bin"),
    ("{dir}/{name}_metadata.json", "{out}/global_metadata.json"),
    ("fold1_features_of_users.csv", "fold2_features_of_users.csv"),
    ("recommendations_{{ ds }}.pkl", "recommendations.pkl"),
    ("s3://b/x/recommendations.pkl", "s3://b/recommendations.pkl"),
    ("s3://b/recommendations.pkl", "s3://c/recommendations.pkl"),
    ("s3://b/recommendations.pkl", "gs://b/recommendations.pkl"),
    ("x#a.recommendations", "y#a.recommendations"),
    ("x#a.recommendations", "x#b.recommendations"),
    ("x#users", "#users"),
    ("/data/train.csv", "data/train.csv"),
    ("recommendations.csv", "recommendations.json"),
    ("models:/churn/3", "models:/fraud/3"),
    ("out/user_{n}_history.csv", "out/cart_{n}_history.csv"),
    ("client_profiles_2021-01.csv", "client_profiles_2021-02.csv"),
]


@pytest.mark.parametrize(("a", "b"), JOINED)
def test_the_same_artifact(a: str, b: str) -> None:
    match = unify(named(a), named(b))
    assert match is not None
    assert joins(match)
    assert match == unify(named(b), named(a))


@pytest.mark.parametrize(("a", "b"), APART)
def test_not_the_same_artifact(a: str, b: str) -> None:
    match = unify(named(a), named(b))
    assert match is None or not joins(match)
    assert match == unify(named(b), named(a))


def test_dates_and_versions_are_not_compared_but_kept() -> None:
    match = unify(named("user_profile/v1/x.csv"), named("user_profile/v2/x.csv"))
    assert match is not None
    assert (match.exact, match.apart, match.partition) == (False, True, ("v1", "v2"))
    run = unify(named("user_profile/{run_id}/x.csv"), named("user_profile/v2/x.csv"))
    assert run is not None
    assert (run.apart, run.partition) == (False, ("v2", "{run_id}"))


def test_a_loop_over_names_is_one_segment() -> None:
    loop = Identity("file", (), ("cache/", Hole("part", "loop"), "/tf_idf_matrix.npz"))
    assert (match := unify(loop, named("cache/title/tf_idf_matrix.npz"))) is not None and joins(match)
    assert unify(loop, named("cache/a/b/tf_idf_matrix.npz")) is None


def test_topics_and_references() -> None:
    assert unify(of_topic("kafka", ("clicks",)), of_topic("", ("clicks",))) is not None
    assert unify(of_topic("kafka", ("clicks",)), of_topic("kafka", ("views",))) is None
    pinned, moving = of_reference("hf", ("o/n",), ("abc123",), "models"), of_reference("hf", ("o/n",), (), "models")
    assert (match := unify(pinned, moving)) is not None and joins(match)


@pytest.mark.parametrize(
    ("outer", "inner", "held"),
    [
        ("preds/", "preds/fold1.csv", True),
        ("../preds", "preds/fold1.csv", True),
        ("preds", "preds/a/b.csv", True),
        ("feature/*.f", "feature/user.f", True),
        ("feature/**/*.f", "feature/a/b/user.f", True),
        ("s3://b", "s3://b/k/x", True),
        ("{root}/session_embeddings_cart", "x/session_embeddings_cart/part-0.parquet", True),
        ("preds/fold1.csv", "preds", False),
        ("preds", "preds.csv", False),
        ("preds", "other/fold1.csv", False),
        ("feature/*.f", "feature/user.csv", False),
        ("feature/*.f", "feature/*.f", False),
        ("*.csv", "a.csv", False),
        ("{dir}", "a/b.csv", False),
        ("{dir}/*.csv", "a/b.csv", False),
        (".", "a/b.csv", False),
    ],
)
def test_folders_and_patterns(outer: str, inner: str, held: bool) -> None:
    assert contains(named(outer), named(inner)) is held


@pytest.mark.parametrize(
    ("a", "b", "difference"),
    [
        (
            "s3://telemetry-parquet/locale/top10_dict.json",
            "s3://telemetry-private/locale/top10_dict.json",
            "bucket `telemetry-parquet` instead of `telemetry-private`",
        ),
        ("s3://b/ensemble_weight_daily.json", "s3://b/ensemble_weight.json.bz2", "`_daily` more"),
        ("s3://b/ensemble_weight.json", "s3://b/ensemble_weight_v2.json", "`_v2` less"),
        ("data/issue_vectors.hdf", "data/issue_vectors.pkl", "extension `.hdf` instead of `.pkl`"),
        ("data/custommer_history.csv", "data/customer_history.csv", "one letter differs: `custommer` instead of `customer`"),
        ("data/user-profiles.csv", "data/user_profiles.csv", "`user-profiles` instead of `user_profiles`"),
        ("data/User_profiles.csv", "data/user_profiles.csv", "upper and lower case differ: `User_profiles` and `user_profiles`"),
        ("x#analysis.ltv_daily_new", "x#analysis.ltv_daily", "`_new` more"),
        ("x#analysis.ltv_daily", "x#personal.ltv_daily", "schema `analysis` instead of `personal`"),
    ],
)
def test_near_misses(a: str, b: str, difference: str) -> None:
    assert near_miss(named(a), named(b)) == difference
    assert near_miss(named(b), named(a)) != ""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("data/customer_history.csv", "data/customer_history.csv"),
        ("data/customer_history_1.csv", "data/customer_history_2.csv"),
        ("data/customer_history_train.csv", "data/customer_history_test.csv"),
        ("data/customer_history_train.csv", "data/customer_history.csv"),
        ("a/customer_history.csv", "b/customer_history.csv"),
        ("data/train.csv", "data/train.pkl"),
        ("reports/customer_history.html", "reports/customer_history.csv"),
        ("model_new.pkl", "model.pkl"),
        ("s3://shop-dev/customer_history.csv", "s3://shop-prod/customer_history.csv"),
        ("s3://a/model.pkl", "s3://b/model.pkl"),
        ("x#staging.customer_history", "x#prod.customer_history"),
        ("s3://b/customer_history.csv", "gs://b/customer_history.csv"),
    ],
)
def test_changes_on_purpose_are_no_near_misses(a: str, b: str) -> None:
    assert near_miss(named(a), named(b)) == ""
    assert near_miss(named(b), named(a)) == ""


PIECE = st.one_of(
    st.text("ab/._1", min_size=1, max_size=6),
    st.sampled_from([
        Hole("x", "param"), Hole("i", "loop"), Hole("", "time"), Hole("**", "glob"), Hole("", "glob"),
        "2020-01-01", "v1", "/", "model", ".csv", ".gz",
    ]),
)  # fmt: skip
NAMES = st.lists(PIECE, max_size=6).map(lambda pieces: of_path(template(*pieces)))
CONSTANTS = st.text("abcxyz/._-12", max_size=16).map(lambda text: of_path((text,) if text else ()))


@given(NAMES, NAMES)
def test_matching_does_not_depend_on_the_order(a: Identity | None, b: Identity | None) -> None:
    if a is not None and b is not None:
        match = unify(a, b)
        assert match == unify(b, a)
        assert bool(near_miss(a, b)) == bool(near_miss(b, a))
        if match is not None and key(a) and key(b) and match.constant:
            assert key(a) == key(b)


@given(CONSTANTS)
def test_a_constant_name_is_itself(one: Identity | None) -> None:
    if one is not None:
        match = unify(one, one)
        assert match is not None
        assert match.exact and match.constant and joins(match)
