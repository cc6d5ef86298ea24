"""The catalogue loads, says each thing once, and names what exists."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from mldebt.catalogue import ROLES, Argument, CatalogueError, load_catalogue, rules_dir

ROOT = Path(__file__).parents[1]
PACKAGE = 'package = "ours"\nimports = ["ours"]\n'


@pytest.fixture(scope="module")
def catalogue():
    return load_catalogue()


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def fails(path: Path) -> str:
    with pytest.raises(CatalogueError) as caught:
        load_catalogue([path])
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_every_file_is_loaded(catalogue):
    files = sorted(rules_dir().glob("packages/*.toml"))
    assert len(catalogue.packages) == len(files) >= 70
    assert len(catalogue.flags) == len(sorted(rules_dir().glob("flags/*.toml"))) - 1  # runtime.toml is not a system
    assert all(package.calls or package.classes for package in catalogue.packages)


def test_rules_dir_is_the_one_of_the_repository():
    assert rules_dir() == ROOT / "rules"


def test_rules_dir_prefers_the_packaged_rules(tmp_path, monkeypatch):
    package = tmp_path / "mldebt"
    (package / "_rules").mkdir(parents=True)
    (tmp_path / "rules").mkdir()
    monkeypatch.setattr("mldebt.catalogue.__file__", str(package / "catalogue.py"))
    assert rules_dir() == package / "_rules"
    (package / "_rules").rmdir()
    assert rules_dir() == tmp_path / "rules"


def test_nothing_is_said_twice(catalogue):
    said = Counter(
        (name, role, msgspec.json.encode(call.when, order="sorted"))
        for package in catalogue.packages
        for call in package.calls
        for name in (call.name, *call.aliases)
        for role in call.roles
    )
    assert [key for key, count in said.items() if count > 1] == []
    classes = Counter(name for package in catalogue.packages for known in package.classes for name in (known.name, *known.aliases))
    assert [name for name, count in classes.items() if count > 1] == []
    systems = Counter(system.system for system in catalogue.flags)
    assert [name for name, count in systems.items() if count > 1] == []


def test_every_role_is_used_and_every_file_was_checked_or_says_why_not(catalogue):
    assert set(catalogue.roles) >= set(ROLES) - {"convert"}
    for item in (*catalogue.packages, *catalogue.flags):
        assert item.checked_with or item.unchecked, item


def test_indexes_agree(catalogue):
    for name, found in catalogue.entries.items():
        kind, _, method = name.partition(".")
        first = catalogue.methods.get((kind, method)) or catalogue.calls.get(name)
        assert first is found[0]
        assert all(name in (call.name, *call.aliases) for call in found)
    for role, calls in catalogue.roles.items():
        assert calls and all(role in call.roles for call in calls)


@pytest.mark.parametrize(
    ("name", "role", "when", "defaults", "before"),
    [
        ("pickle.load", "unsafe-load", {}, {}, {}),
        ("joblib.load", "unsafe-load", {}, {}, {}),
        ("pandas.read_pickle", "unsafe-load", {}, {}, {}),
        ("torch.load", "unsafe-load", {"weights_only": (False,)}, {"weights_only": True}, {"2.6": {"weights_only": False}}),
        ("numpy.load", "unsafe-load", {"allow_pickle": (True,)}, {"allow_pickle": False}, {"1.16.3": {"allow_pickle": True}}),
        ("tensorflow.keras.models.load_model", "unsafe-load", {"safe_mode": (False,)}, {"safe_mode": True}, {"2.13": {"safe_mode": False}}),
        ("sklearn.model_selection.KFold", "random", {"shuffle": (True,)}, {"shuffle": False}, {}),
        ("sklearn.svm.SVC", "random", {"probability": (True,)}, {"probability": False}, {}),
        ("sklearn.ensemble.RandomForestClassifier", "random", {}, {}, {}),
        ("torch.utils.data.DataLoader", "random", {"shuffle": (True,)}, {"shuffle": False}, {}),
    ],
)
def test_conditions(catalogue, name, role, when, defaults, before):
    (call,) = catalogue.of(name, role)
    assert (call.when, call.defaults, call.defaults_before) == (when, defaults, before)
    assert set(when) <= set(call.args)


def test_yaml_loaders(catalogue):
    (call,) = catalogue.of("yaml.load", "unsafe-load")
    assert "yaml.Loader" in call.when["Loader"]
    assert not {"yaml.SafeLoader", "yaml.FullLoader", "yaml.CSafeLoader"} & set(call.when["Loader"])
    assert call.defaults_before == {"5.1": {"Loader": "yaml.Loader"}}


@pytest.mark.parametrize(
    "name",
    [
        "xgboost.XGBClassifier",  # seeded by default
        "lightgbm.LGBMClassifier",
        "catboost.CatBoostClassifier",
        "sklearn.linear_model.LinearRegression",
        "sklearn.linear_model.Perceptron",
        "sklearn.ensemble.GradientBoostingClassifier",
        "sklearn.model_selection.TimeSeriesSplit",
        "sklearn.datasets.make_classification",
        "yaml.safe_load",
        "skops.io.load",
        "json.load",
    ],
)
def test_what_only_looks_like_it(catalogue, name):
    assert not catalogue.of(name, "random")
    assert not catalogue.of(name, "unsafe-load")


@pytest.mark.parametrize(
    ("name", "generator", "seed"),
    [
        ("numpy.random.seed", "numpy", Argument(0, "seed")),
        ("random.seed", "python", Argument(0, "a")),
        ("torch.manual_seed", "torch", Argument(0, "seed")),
        ("tensorflow.random.set_seed", "tensorflow", Argument(0, "seed")),
        ("keras.utils.set_random_seed", "numpy,python,tensorflow,torch", Argument(0, "seed")),
    ],
)
def test_seeds(catalogue, name, generator, seed):
    (call,) = catalogue.of(name, "seed")
    assert (call.generator, call.args["seed"]) == (generator, seed)


def test_every_draw_says_from_which_generator(catalogue):
    assert [call.name for call in (*catalogue.roles["random"], *catalogue.roles["seed"]) if not call.generator] == []


def test_every_download_and_hub_reference_says_where_it_points(catalogue):
    without = {call.name for call in catalogue.roles["hub-load"] if "ref" not in call.args}
    assert without == set()


def test_methods_by_kind_of_receiver(catalogue):
    assert catalogue.kind_of("sklearn.linear_model.LogisticRegression") == "estimator"
    assert "train" in catalogue.methods["estimator", "fit"].roles
    assert catalogue.kind_of("transformers.SomeNewForCausalLM") == "pretrained"  # by its module
    assert "hub-load" in catalogue.methods["pretrained", "from_pretrained"].roles
    assert catalogue.kind_of("torch.nn.Linear") == "torch-module"
    assert catalogue.kind_of("sklearn.linear_model") == ""
    assert catalogue.of("dataframe.sample", "random")[0].args["seed"] == Argument(4, "random_state")


def test_a_method_that_tells_by_its_name(catalogue):
    (call,) = catalogue.telling["to_parquet"]
    assert (call.name, call.roles, call.args["path"]) == ("dataframe.to_parquet", ("write",), Argument(0, "path"))
    assert [call.roles for call in catalogue.telling["write.parquet"]] == [("write",)]
    assert {call.args["query"] for call in catalogue.telling["execute"]} == {Argument(0)}
    generic = "read write get put save load to_json format option mode send add copy find set csv"
    assert not set(generic.split()) & set(catalogue.telling)


def test_what_tells_by_its_name_means_the_same_everywhere(catalogue):
    """Telling entries of several kinds agree on where their path or table stands."""
    for method in catalogue.telling:
        told = [call for kind, name in catalogue.methods if name == method for call in catalogue.of(f"{kind}.{name}") if call.telling]
        for key in ("path", "table"):
            places = {call.args[key].position for call in told if key in call.args and not call.when}
            assert len(places) <= 1, method


def test_only_methods_can_tell_by_their_name(tmp_path):
    path = write(tmp_path / "ours.toml", PACKAGE + '[[call]]\nname = "ours.put"\nroles = ["write"]\ntelling = true\n')
    assert "`telling` is for methods, not for `ours.put`" in fails(path)


def test_modes_of_open_do_not_overlap_beyond_updates(catalogue):
    for name in ("builtins.open", "gzip.open", "path.open", "smart_open.open", "h5py.File", "pandas.HDFStore"):
        (reading,), (writing,) = catalogue.of(name, "read"), catalogue.of(name, "write")
        both = set(reading.when["mode"]) & set(writing.when["mode"])
        assert all("+" in mode or mode == "a" for mode in both), name
        assert reading.defaults == writing.defaults != {}


@pytest.mark.parametrize(
    ("name", "role", "expected"),
    [
        ("numpy.save", "write", {"extension": ".npy"}),
        ("numpy.savez_compressed", "write", {"extension": ".npz"}),
        ("aws-client.upload_file", "write", {"store": "s3", "telling": True}),
        ("gcs-blob.download_to_filename", "download", {"store": "gs"}),
        ("kafka.KafkaConsumer", "read", {"store": "topic"}),
        ("dataframe.to_sql", "write", {"store": "table"}),
        ("mlflow.sklearn.load_model", "hub-load", {"store": "mlflow"}),
        ("pretrained.from_pretrained", "hub-load", {"store": "hf"}),
        ("feature-store.get_historical_features", "read", {"store": "feast"}),
        ("matplotlib.pyplot.savefig", "write", {"terminal": True}),
        ("sqlite3.connect", "connect", {"returns": "db-connection"}),
    ],
)
def test_what_names_an_artifact(catalogue, name, role, expected):
    (call,) = catalogue.of(name, role)
    assert {field: getattr(call, field) for field in expected} == expected


def test_arguments_of_object_stores_lie_along_the_chain(catalogue):
    """client.bucket(b).blob(k).upload_from_filename(p), resource.Bucket(b).upload_file(p, k), df.write.mode(m).parquet(p)."""
    bucket = catalogue.methods["gcs-client", "bucket"]
    blob = catalogue.methods[bucket.returns, "blob"]
    upload = catalogue.methods[blob.returns, "upload_from_filename"]
    assert ("bucket" in bucket.args, "key" in blob.args, set(upload.args)) == (True, True, {"source"})
    resource = catalogue.methods["aws-resource", "Bucket"]
    assert set(catalogue.methods[resource.returns, "upload_file"].args) == {"source", "key"}
    mode = catalogue.methods["spark-frame", "write.mode"]
    assert catalogue.methods[mode.returns, "parquet"].args["path"] == Argument(0, "path")
    tables = [call for call in catalogue.of("spark-reader.option") if "table" in call.args]
    assert {value for call in tables for value in call.when["option"]} >= {"table", "dbtable"}


def test_the_receiver_can_be_an_argument(catalogue):
    assert catalogue.methods["path", "read_text"].args == {"path": Argument(None, "self")}
    assert catalogue.methods["path", "rename"].args == {"source": Argument(None, "self"), "target": Argument(0, "target")}


def test_runtime_toggles_are_no_experiments(catalogue):
    for name in ("use_gpu", "--dry-run", "verbose", "DEBUG", "log_every", "use_cuda"):
        assert catalogue.is_runtime_toggle(name), name
    for name in ("use_focal_loss", "new_ranker", "enable_stacking", "use_pretrained", "test_size", "augment"):
        assert not catalogue.is_runtime_toggle(name), name


def test_flag_systems(catalogue):
    by_name = {system.system: system for system in catalogue.flags}
    assert {"argparse", "absl", "click", "typer", "hydra", "environment", "launchdarkly", "growthbook", "loaders"} <= set(by_name)
    assert {system.style for system in catalogue.flags} == {
        *("namespace", "holder", "decorator", "parameter", "settings-class", "config", "reader"),
    }
    for system in catalogue.flags:
        assert system.kind in ("cli", "env", "config", "remote")
        assert (system.lifetime_days == 40) == (system.kind == "remote")
    variation = next(reader for reader in by_name["launchdarkly"].readers if reader.name == "variation")
    assert (variation.key, variation.default) == (Argument(0, "key"), Argument(2, "default"))


def test_digest_follows_the_bytes(catalogue, tmp_path):
    assert load_catalogue().digest == catalogue.digest
    extra = write(tmp_path / "ours.toml", PACKAGE)
    with_extra = load_catalogue([extra]).digest
    assert with_extra != catalogue.digest
    write(extra, PACKAGE + "# a comment\n")
    assert load_catalogue([extra]).digest not in (catalogue.digest, with_extra)


def test_an_extra_catalogue_adds_and_replaces(catalogue, tmp_path):
    extra = write(
        tmp_path / "ours.toml",
        PACKAGE.replace('["ours"]', '["ours", "joblib"]')
        + '[[call]]\nname = ["ours.fetch", "ours.pull"]\nroles = ["download"]\nargs = { url = "0:address", target = 1, mode = "how" }\n'
        + '[[call]]\nname = "ours-store.read"\nroles = ["read"]\nargs = { path = { position = 0 } }\n'
        + '[[call]]\nname = "joblib.load"\nroles = ["read"]\n'
        + '[[class]]\nname = "ours.Store"\nkind = "ours-store"\naliases = ["ours.store.Store"]\n',
    )
    merged = load_catalogue([extra])
    assert merged.calls["ours.pull"].args == {"url": Argument(0, "address"), "target": Argument(1), "mode": Argument(None, "how")}
    assert merged.methods["ours-store", "read"].args == {"path": Argument(0)}
    assert merged.kind_of("ours.store.Store") == "ours-store"
    assert not merged.of("joblib.load", "unsafe-load") and catalogue.of("joblib.load", "unsafe-load")
    assert merged.calls["pickle.load"] == catalogue.calls["pickle.load"]
    assert load_catalogue([tmp_path]).digest == merged.digest  # a directory stands for its files


def test_an_extra_flag_system(tmp_path):
    extra = write(
        tmp_path / "flags.toml",
        'system = "ours"\nstyle = "reader"\nkind = "remote"\nlifetime-days = 30\n'
        '[[reader]]\nname = "app.flags.is_on"\nkey = { position = 0 }\n',
    )
    (system,) = [system for system in load_catalogue([extra]).flags if system.system == "ours"]
    assert (system.lifetime_days, system.readers[0].name) == (30, "app.flags.is_on")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[[call]]\nname = "ours.f"\nrole = ["read"]\n', "unknown key `role`; did you mean `roles`? at call[0] (name = 'ours.f')"),
        ('[[class]]\nname = "ours.C"\nkinds = "x"\n', "unknown key `kinds`; did you mean `kind`? at class[0]"),
        ('checked-wiht = "1"\n', "unknown key `checked-wiht`; did you mean `checked-with`?"),
        ('[[call]]\nname = "ours.f"\nroles = ["raed"]\n', "unknown role `raed` of 'ours.f'; did you mean `read`?"),
        ('[[call]]\nname = "ours.f"\nroles = ["random"]\ngenerator = "nunpy"\n', "did you mean `numpy`?"),
        ('[[call]]\nname = "ours.f"\nroles = ["read"]\nstore = "tabel"\n', "unknown store `tabel` of 'ours.f'; did you mean `table`?"),
        ('[[call]]\nname = "ours.f"\nroles = []\nargs = { path = "one:path" }\n', "argument `path` of 'ours.f'"),
        ('[[call]]\nname = "ours.f"\nroles = []\nargs = { path = { positon = 0 } }\n', "unknown key `positon`; did you mean `position`?"),
        ('[[call]]\nname = "ours.f"\nroles = "read"\n', "Expected `array`, got `str` at call[0].roles"),
        ('[[call]]\nname = "estimater.fit"\nroles = ["train"]\n', "did you mean `estimator.fit`?"),
        ('[[call]]\nname = ["ours.f", "ours.g"]\nroles = []\naliases = ["ours.h"]\n', "aliases of"),
        ("[[call]]\nname = \n", "is not TOML: Invalid value (at line 4"),
    ],
)
def test_mistakes_are_explained_in_one_line(tmp_path, text, expected):
    path = write(tmp_path / "ours.toml", PACKAGE.strip() + "\n" + text)
    assert expected in fails(path)
    assert str(path) in fails(path)


def test_files_that_are_no_catalogue(tmp_path):
    assert "cannot be read" in fails(tmp_path / "absent.toml")
    assert "needs one of the keys" in fails(write(tmp_path / "other.toml", 'title = "x"\n'))
    (tmp_path / "latin.toml").write_bytes(b'package = "caf\xe9"\n')
    assert "is not UTF-8" in fails(tmp_path / "latin.toml")


def test_a_hostile_name_cannot_write_to_the_terminal(tmp_path):
    path = write(tmp_path / "ours\x1b[2J.toml", PACKAGE + '[[call]]\nname = "ours.f"\n"\\u001b[31mred" = 1\nroles = []\n')
    assert "\x1b" not in fails(path)


def verify(*files: str) -> str:
    command = [sys.executable, str(ROOT / "tests" / "bench" / "verify_catalogue.py"), *files]
    result = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=300, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def checked(output: str) -> set[str]:
    return {line.split()[0].partition("/")[2] for line in output.splitlines() if " ok " in line}


def test_names_of_installed_packages_exist():
    always = ["pickle", "random", "stdlib", "joblib", "pyyaml", "click", "argparse", "environment"]
    assert checked(verify(*always)) == set(always)


@pytest.mark.skipif(importlib.util.find_spec("sklearn") is None or importlib.util.find_spec("pandas") is None, reason="needs mldebt[data]")
def test_names_of_the_data_packages_exist():
    files = ["scikit-learn", "pandas", "numpy", "scipy"]
    assert checked(verify(*files)) == set(files)


def test_a_wrong_name_and_a_wrong_place_are_found(tmp_path):
    """The verification itself can fail."""
    spec = importlib.util.spec_from_file_location("verify_catalogue", ROOT / "tests" / "bench" / "verify_catalogue.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    extra = write(
        tmp_path / "wrong.toml",
        'package = "wrong"\nimports = ["json"]\n[[call]]\nname = "json.laod"\nroles = ["read"]\n'
        '[[call]]\nname = "json.dump"\nroles = ["write"]\nargs = { object = "1:obj", data = "fq" }\n'
        '[[call]]\nname = "json-decoder.decod"\nroles = []\n[[class]]\nname = "json.JSONDecoder"\nkind = "json-decoder"\n',
    )
    merged = load_catalogue([extra])
    tally = module.Tally()
    module.check_package(merged, next(package for package in merged.packages if package.package == "wrong"), tally)
    assert sorted(tally.wrong) == [
        "json-decoder.decod: no such name",
        "json.dump: object: `obj` stands at 0, not 1",
        "json.laod: no such name",
    ]
