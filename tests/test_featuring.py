"""`mldebt features` as a user meets it. The data pass itself is played: it says what it was asked, and gives a result that is made up."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import types
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

import mldebt
from mldebt import featuring
from mldebt.cli import features as command
from mldebt.cli import main
from mldebt.data_pass import api
from mldebt.data_pass.errors import DataError
from mldebt.data_pass.report.json import arranged
from mldebt.data_pass.result import CodePlace, Result
from mldebt.data_pass.settings import FeatureSettings

from .data_pass.report.sample import CREDIT, NO_MODEL, STRUCTURE


class Played:
    """Stands in for the data pass, the link to code and the store; remembers what it was asked."""

    def __init__(self) -> None:
        self.settings: list[FeatureSettings] = []
        self.roots: list[Path] = []
        self.stored: list[tuple[Path, str, Path | None]] = []
        self.linked: list[Path] = []
        self.frames: list[tuple[object, object]] = []
        self.result: Result = CREDIT
        self.error: Exception | None = None
        self.broken = ""  # the data that the error is of; all

    def run(self, settings, root, *, progress, warn) -> Result:
        self.settings.append(settings)
        self.roots.append(root)
        if self.error is not None and self.broken in settings.data:
            raise self.error
        progress("reading", 0, 0)
        progress("search", 3, 10)
        warn("3 rows have no target")
        return replace(self.result, data=replace(self.result.data, path=settings.data))

    def run_frame(self, X, y, settings, *, groups=None, weights=None, progress, warn) -> Result:
        self.settings.append(settings)
        self.frames.append((X, y))
        return self.result

    def attach(self, result: Result, project) -> Result:
        self.linked.append(project.root)
        columns = tuple(replace(one, code=(CodePlace("made.py", 7, "creates"),)) for one in result.columns)
        return replace(result, columns=columns)

    def store(self, root, name, result, data_path, *, today=None) -> Path:
        self.stored.append((root, name, data_path))
        return root


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    played = Played()
    for name, members in {"run": ("run", "run_frame"), "code": ("attach",), "stored": ("store",)}.items():
        module = types.ModuleType(f"mldebt.data_pass.{name}")
        for member in members:
            setattr(module, member, getattr(played, member))
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return played


class Output:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], played: Played):
    def run(*words: str) -> Output:
        capsys.readouterr()
        code = main(("features", *words))
        captured = capsys.readouterr()
        return Output(code, captured.out, captured.err)

    return run


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: data, and no project."""
    (tmp_path / "credit.csv").write_text("age,default\n30,0\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def table(root: Path, text: str) -> None:
    (root / "mldebt.toml").write_text(text)


def test_the_report_goes_to_standard_output_and_warnings_do_not(run, here: Path):
    found = run("credit.csv", "--target", "default")
    assert found.code == 0
    assert found.out.startswith("credit.csv: 4 of 8 columns may go together")
    assert found.err == "warning: 3 rows have no target\n"
    assert run("credit.csv", "--target", "default", "-q").err == ""


def test_every_option_reaches_the_settings(run, here: Path, played: Played):
    words = (
        "credit.csv --target default --model hgb --metric roc_auc --tolerance 0.01 --alpha 0.1 --folds 4 --repeats 2 --groups g --time t "
        "--weights w --bundle bureau=bureau_* --bundle geo=geo_* --keep a,b --keep c --drop id, --budget 9.5 --sample 500 --seed 7 -j 2 "
        "--backend dask --scheduler tcp://h:1 --allow-import --structure-only"
    )
    assert run(*words.split()).code == 0
    assert played.settings == [
        FeatureSettings(
            data="credit.csv",
            target="default",
            model="hgb",
            metric="roc_auc",
            tolerance=0.01,
            alpha=0.1,
            folds=4,
            repeats=2,
            groups="g",
            time="t",
            weights="w",
            bundle={"bureau": "bureau_*", "geo": "geo_*"},
            keep=("a", "b", "c"),
            drop=("id",),
            budget=9.5,
            sample=500,
            seed=7,
            jobs=2,
            backend="dask",
            scheduler="tcp://h:1",
            allow_import=True,
            structure_only=True,
        )
    ]


def test_every_setting_has_an_option_and_every_argument_a_field():
    options = {parameter.name for parameter in command.params}
    assert set(FeatureSettings.__struct_fields__) <= options
    assert options - {"help"} == set(featuring.FeatureArguments.__struct_fields__)


def test_without_options_the_defaults_hold(run, here: Path, played: Played):
    run("credit.csv", "--target", "default")
    assert played.settings == [FeatureSettings(data="credit.csv", target="default")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("credit.csv",), "error: credit.csv: which column does the model predict? Add --target COL"),
        ((), "error: no data: name a file, as in `mldebt features DATA --target COL`, or add [tool.mldebt.features]"),
        (("nowhere.csv", "--target", "y"), "error: nowhere.csv: no such file or folder, and no data set of the settings"),
        (("credit.csv", "--target", "y", "--tolerance", "0"), "error: command line: --tolerance: expected a number > 0"),
        (("credit.csv", "--target", "y", "--tolerance", "inf"), "error: command line: --tolerance: expected a number <= 1000000000.0"),
        (("credit.csv", "--target", "y", "--folds", "1"), "error: command line: --folds: expected an integer >= 2"),
        (("credit.csv", "--target", "y", "--alpha", "0.5"), "error: command line: --alpha: expected a number < 0.5"),
        (("credit.csv", "--target", "y", "--seed", str(2**63)), "error: command line: --seed: expected an integer <= 9223372036854775807"),
        (("credit.csv", "--target", "y", "--seed", str(2**80)), "error: command line: --seed: expected an integer <= 9223372036854775807"),
        (("credit.csv", "--target", "y", "--folds", "1001"), "error: command line: --folds: expected an integer <= 1000"),
        (("credit.csv", "--target", "y", "--budget", "inf"), "error: command line: --budget: expected a number <= 1000000000.0"),
        (("credit.csv", "--target", "y", "--alpha", "x"), "error: Invalid value for '--alpha'"),
        (("credit.csv", "--target", "y", "--bundle", "x"), "error: --bundle x: write NAME=PATTERN, for example 'bureau=bureau_*'"),
        (("credit.csv", "--target", "y", "--fail-on", "dupicate"), "error: --fail-on dupicate: no such kind; did you mean duplicate?"),
        (("credit.csv", "--target", "y", "--output-format", "xml"), "error: Invalid value for '--output-format'"),
        (("credit.csv", "--target", "y", "--output", "jsn=x"), "error: unknown output format 'jsn'; did you mean json?"),
        (("credit.csv", "--target", "y", "--output", "json"), "error: --output json: write FORMAT=FILE"),
        (("credit.csv", "--target", "y", "--output", "json=no/x.json"), "error: --output json=no/x.json: no is not a place for a file"),
        (("credit.csv", "--target", "y", "--code", "no"), "error: --code no: no such file or directory"),
        (("credit.csv", "--target", "y", "--code", ".", "--no-code"), "error: --code and --no-code exclude each other"),
        (("credit.csv", "--tagret", "y"), "error: No such option '--tagret'."),
        (
            ("credit.csv", "--config", "features.credit.foldz=3"),
            "error: --config: unknown key 'features.credit.foldz'; did you mean folds?",
        ),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(run, here: Path, played: Played, words, message):
    found = run(*words)
    assert (found.code, found.out) == (2, "")
    assert found.err.startswith(message), found.err
    assert found.err.count("\n") == 1
    assert played.settings == []


def test_what_the_data_pass_refuses_is_exit_code_2(run, here: Path, played: Played):
    played.error = DataError("credit.csv: it has no column 'y'; did you mean x?")
    found = run("credit.csv", "--target", "y")
    assert (found.code, found.out, found.err) == (2, "", "error: credit.csv: it has no column 'y'; did you mean x?\n")


def test_a_crash_is_exit_code_101(run, here: Path, played: Played):
    played.error = RuntimeError("boom")
    assert run("credit.csv", "--target", "y").code == 101


def test_a_missing_extra_is_said_in_one_line(run, here: Path, played: Played, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(api.importlib.util, "find_spec", lambda name: None)
    found = run("credit.csv", "--target", "y")
    assert (found.code, found.out) == (2, "")
    assert found.err == "error: the data pass needs pandas and scikit-learn: pip install 'mldebt[data]'\n"
    assert played.settings == []


@pytest.mark.parametrize(
    ("kinds", "code"), [("any", 1), ("duplicate", 1), ("constant,legacy", 1), ("constant", 0), ("epsilon,correlated", 0)]
)
def test_fail_on_makes_kinds_of_dropped_columns_exit_code_1(run, here: Path, kinds: str, code: int):
    assert run("credit.csv", "--target", "y", "--fail-on", kinds).code == code


def test_fail_on_may_be_repeated_and_needs_a_dropped_column(run, here: Path, played: Played):
    assert run("credit.csv", "--target", "y", "--fail-on", "constant", "--fail-on", "legacy").code == 1
    played.result = NO_MODEL
    assert run("credit.csv", "--target", "y", "--fail-on", "any").code == 0


def test_fail_on_counts_what_the_structure_alone_says(run, here: Path, played: Played):
    played.result = STRUCTURE
    assert run("credit.csv", "--structure-only", "--fail-on", "duplicate").code == 1
    assert run("credit.csv", "--structure-only", "--fail-on", "legacy").code == 0


def test_a_model_that_does_not_learn_is_exit_code_0(run, here: Path, played: Played):
    played.result = NO_MODEL
    found = run("credit.csv", "--target", "y")
    assert found.code == 0 and found.out.startswith("credit.csv: the model does not learn")


@pytest.mark.parametrize("format", ["json", "markdown", "html"])
def test_reports_go_to_files_too(run, here: Path, format: str):
    found = run("credit.csv", "--target", "y", "--output", f"{format}=out", "--output", "text=out.txt", "--output-format", format)
    assert (here / "out").read_text() == found.out
    assert (here / "out.txt").read_text().startswith("credit.csv: 4 of 8")


def test_the_json_file_lists_what_may_go(run, here: Path):
    run(*["credit.csv", "--target", "target", "--metric", "roc_auc", "--tolerance", "0.005", "--output", "json=out.json"])
    found = json.loads((here / "out.json").read_text())
    assert found["drop"] == ["age_band", "bureau_2", "income_eur", "noise"]
    assert msgspec.convert(found, Result) == arranged(replace(CREDIT, data=replace(CREDIT.data, path="credit.csv")))


def test_seconds_are_told_only_with_timings(run, here: Path, played: Played):
    played.result = replace(CREDIT, set=replace(CREDIT.set, seconds=1.5))
    assert json.loads(run("credit.csv", "--target", "y", "--output-format", "json").out)["set"]["seconds"] is None
    found = run("credit.csv", "--target", "y", "--output-format", "json", "--timings", "-q")
    assert json.loads(found.out)["set"]["seconds"] > 0
    assert [line.split()[0] for line in found.err.splitlines()] == ["reading", "search", "code", "report"]


def test_colour_and_verbosity(run, here: Path):
    assert "\x1b[" in run("credit.csv", "--target", "y", "--color", "always").out
    assert "\x1b[" not in run("credit.csv", "--target", "y").out
    assert "train.py:31" not in run("credit.csv", "--target", "y").out
    assert "train.py:31" in run("credit.csv", "--target", "y", "-v").out


def test_a_named_data_set_brings_its_settings_and_options_win(run, here: Path, played: Played, monkeypatch: pytest.MonkeyPatch):
    table(
        here, '[features.credit]\ndata = "credit.csv"\ntarget = "default"\nfolds = 3\nkeep = ["a"]\n[features.credit.bundle]\nb = "b_*"\n'
    )
    (here / "deep").mkdir()
    monkeypatch.chdir(here / "deep")
    assert run("credit", "--folds", "7", "--no-code").code == 0
    expected = FeatureSettings(data="credit.csv", target="default", folds=7, keep=("a",), bundle={"b": "b_*"})
    assert (played.settings, played.roots) == ([expected], [here])


def test_without_data_every_data_set_of_the_settings_is_judged(run, here: Path, played: Played):
    (here / "b.csv").write_text("x,y\n")
    table(here, '[features.credit]\ndata = "credit.csv"\ntarget = "default"\n[features.b]\ndata = "b.csv"\ntarget = "y"\n')
    found = run("--no-code")
    assert [one.data for one in played.settings] == ["credit.csv", "b.csv"]
    assert found.out.count("may go together:") == 2
    assert [name for _, name, _ in played.stored] == ["credit", "b"]
    assert [one["data"]["path"] for one in json.loads(run("--no-code", "--output-format", "json").out)] == ["credit.csv", "b.csv"]


def test_one_of_several_data_sets_that_cannot_be_judged(run, here: Path, played: Played):
    (here / "b.csv").write_text("x,y\n")
    table(here, '[features.b]\ndata = "b.csv"\ntarget = "z"\n[features.credit]\ndata = "credit.csv"\ntarget = "default"\n')
    played.error, played.broken = DataError("target: no column 'z'"), "b.csv"
    found = run("--no-code", "-q", "--fail-on", "any", "--output", "json=out.json")
    assert (found.code, found.err) == (2, "error: b: target: no column 'z'\n")
    assert found.out.startswith("credit.csv: 4 of 8 columns may go together")
    assert json.loads((here / "out.json").read_text())["data"]["path"] == "credit.csv"
    assert [name for _, name, _ in played.stored] == ["credit"]
    played.broken = ""
    found = run("--no-code", "-q", "--output", "json=none.json")
    assert (found.code, found.out) == (2, "")
    assert found.err == "error: b: target: no column 'z'\nerror: credit: target: no column 'z'\n"
    assert not (here / "none.json").exists() and len(played.stored) == 1


def test_a_bundle_of_a_single_data_set_may_come_from_the_command_line(run, here: Path, played: Played):
    table(here, '[features]\ndata = "credit.csv"\ntarget = "default"\n')
    assert run("--no-code", "--config", 'features.bundle.b="alpha_*"').code == 0
    assert played.settings[-1].bundle == {"b": "alpha_*"}
    table(here, '[features.credit]\ndata = "credit.csv"\ntarget = "default"\n')
    assert run("--no-code", "--config", 'features.credit.bundle.b="alpha_*"').code == 0
    assert played.settings[-1].bundle == {"b": "alpha_*"}


def test_a_single_data_set_stands_in_the_table_itself(run, here: Path, played: Played):
    (here / "pyproject.toml").write_text(
        '[tool.mldebt.features]\ndata = "credit.csv"\ntarget = "default"\n[tool.mldebt.features.bundle]\nb = "b_*"\n'
    )
    assert run("--no-code").code == 0
    assert played.settings == [FeatureSettings(data="credit.csv", target="default", bundle={"b": "b_*"})]
    assert played.stored == [(here, "credit", here / "credit.csv")]
    assert run("--no-code", "--config", "features.folds=3").code == 0
    assert played.settings[-1].folds == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[features.credit]\ndta = "credit.csv"\n', "unknown key 'features.credit.dta'; did you mean data?"),
        ('[features]\ndata = "credit.csv"\ntraget = "y"\n', "unknown key 'features.traget'; did you mean target?"),
        ('[features.credit]\ndata = "credit.csv"\nbackend = "ray"\n', "features.credit.backend: 'ray' is not one of local, dask"),
        ('[features.credit]\ndata = "credit.csv"\ntolerance = "x"\n', "features.credit.tolerance: expected a number, got a string"),
        ('[features.credit]\ntarget = "y"\n', 'features.credit: it has no data: add data = "FILE"'),
        ("features = 3\n", "features: expected a table"),
        ('[features.credit]\ndata = "gone.csv"\ntarget = "y"\n', "gone.csv: no such file or folder"),
    ],
)
def test_bad_settings_are_exit_code_2(run, here: Path, text: str, message: str):
    table(here, text)
    found = run()
    assert found.code == 2 and message in found.err, found.err


def test_a_misspelt_data_set_is_suggested(run, here: Path):
    table(here, '[features.credit]\ndata = "credit.csv"\ntarget = "y"\n')
    assert "did you mean credit?" in run("credti").err


def test_settings_of_features_do_not_trouble_a_scan(here: Path, capsys: pytest.CaptureFixture[str]):
    table(here, '[features.credit]\ndata = "credit.csv"\ntarget = "y"\n')
    assert main(("config", "features")) == 0
    assert 'features = { "credit" = { "data" = "credit.csv", "target" = "y" } }' in capsys.readouterr().out


def test_paths_are_those_of_the_user_and_shown_from_the_project_root(run, here: Path, played: Played, monkeypatch: pytest.MonkeyPatch):
    table(here, "")
    (here / "data").mkdir()
    (here / "data" / "x.csv").write_text("a,y\n")
    monkeypatch.chdir(here / "data")
    run("x.csv", "--target", "y", "--no-code")
    assert played.settings[0].data == "data/x.csv"
    run("../credit.csv", "--target", "y", "--no-code")
    assert played.settings[1].data == "credit.csv"


def test_results_are_stored_for_a_scan_only_in_a_project(run, here: Path, played: Played, tmp_path_factory: pytest.TempPathFactory):
    run("credit.csv", "--target", "y")
    assert (played.stored, played.linked) == ([], [])
    (here / ".git").mkdir()
    run("credit.csv", "--target", "y", "--no-store")
    assert played.stored == []
    run("credit.csv", "--target", "y")
    assert played.stored == [(here, "credit", here / "credit.csv")]
    outside = tmp_path_factory.mktemp("outside") / "other.csv"
    outside.write_text("a,y\n")
    run(str(outside), "--target", "y")
    assert len(played.stored) == 1 and played.settings[-1].data == str(outside)


def test_files_of_one_name_are_stored_apart(run, here: Path, played: Played):
    table(here, '[features.credit]\ndata = "./credit.csv"\ntarget = "y"\n')
    for folder in ("a", "b"):
        (here / folder).mkdir()
        (here / folder / "x.csv").write_text("a,y\n")
    run("a/x.csv", "b/x.csv", "credit.csv", "--target", "y", "--no-code")
    assert [name for _, name, _ in played.stored] == ["x", "b/x.csv", "credit"]


def test_the_code_of_the_project_is_linked_unless_it_is_not_wanted(run, here: Path, played: Played):
    table(here, "")
    (here / "train.py").write_text("import os\n")
    assert "made.py:7 creates" in run("credit.csv", "--target", "y").out
    assert played.linked == [here]
    assert "made.py:7" not in run("credit.csv", "--target", "y", "--no-code").out
    assert played.linked == [here]


def test_code_elsewhere_may_be_linked(run, here: Path, played: Played, tmp_path_factory: pytest.TempPathFactory):
    other = tmp_path_factory.mktemp("code")
    (other / "train.py").write_text("import os\n")
    run("credit.csv", "--target", "y", "--code", str(other))
    assert played.linked == [other]


def test_functions_are_no_paths(run, here: Path, played: Played):
    table(here, "")
    assert run("pipeline.data:load", "--allow-import", "--no-code").code == 0
    assert played.settings[0].data == "pipeline.data:load"
    assert played.stored == [(here, "load", None)]


def test_structure_only_needs_no_target(run, here: Path, played: Played):
    assert run("credit.csv", "--structure-only").code == 0
    assert played.settings == [FeatureSettings(data="credit.csv", structure_only=True)]


def test_help_teaches(run):
    found = run("--help")
    assert found.code == 0
    for words in ("mldebt features credit.csv --target default", "[tool.mldebt.features.credit]", "Exit codes: 0 judged", "Decision"):
        assert words in found.out
    assert "features" in subprocess.run([sys.executable, "-m", "mldebt", "--help"], capture_output=True, text=True, check=True).stdout


def test_the_function_gives_what_the_command_gives(here: Path, played: Played, run):
    with pytest.warns(UserWarning, match="3 rows have no target"):
        found = mldebt.features("credit.csv", target="default", tolerance=0.01, keep=["a"])
    told = json.loads(run(*["credit.csv", "--target", "default", "--tolerance", "0.01", "--keep", "a", "--output-format", "json"]).out)
    assert msgspec.convert(told, Result) == arranged(found)
    assert played.settings[0] == played.settings[1]


def test_the_function_takes_a_frame(played: Played):
    import pandas as pd

    frame = pd.DataFrame({"a": [1, 2], "y": [0, 1]})
    assert mldebt.features(frame, target="y", seed=3) == CREDIT
    X, y = played.frames[0]
    assert list(X.columns) == ["a"] and y.tolist() == [0, 1]
    assert played.settings[0] == FeatureSettings(target="y", seed=3)
    mldebt.features(frame[["a"]], frame["y"])
    assert played.frames[1][1].tolist() == [0, 1] and list(frame.columns) == ["a", "y"]


def test_the_function_refuses_in_one_line(here: Path, played: Played):
    import pandas as pd

    frame = pd.DataFrame({"aaa": [1, 2], "y": [0, 1]})
    for call, message in [
        (lambda: mldebt.features(frame, target="aab"), "no column 'aab'; did you mean aaa?"),
        (lambda: mldebt.features(frame), "target: name the column"),
        (lambda: mldebt.features("credit.csv", target="y", tolerence=1), "unknown key 'tolerence'; did you mean tolerance?"),
        (lambda: mldebt.features("credit.csv", target="y", folds=1), "folds: expected an integer >= 2"),
        (lambda: mldebt.features("credit.csv", target=frame["y"]), "target: with a path it is the name of a column"),
    ]:
        with pytest.raises(ValueError, match=message.replace("?", r"\?")):
            call()


def test_a_data_pass_from_end_to_end(here: Path, capsys: pytest.CaptureFixture[str]):
    """Nothing is played: six columns, of which one is a copy, one is constant and two are noise."""
    numbers = random.Random(1)
    with (here / "six.csv").open("w") as file:
        file.write("a,b,copy,one,noise_a,noise_b,y\n")
        for _ in range(200):
            a, b, first, second, rest = (numbers.gauss(0, 1) for _ in range(5))
            file.write(f"{a},{b},{2 * a + 1},1,{first},{second},{a + b + rest / 4}\n")
    table(here, "")
    (here / "train.py").write_text("import pandas as pd\nframe = pd.read_csv('six.csv')\nframe['copy'] = 2 * frame['a'] + 1\n")
    words = ["features", "six.csv", "--target", "y", "--fail-on", "constant", "--output", "json=six.json"]
    assert main(words) == 1
    out = capsys.readouterr().out
    assert out.startswith("six.csv: 4 of 6 columns may go together: r2 0.9")
    assert "code  train.py:3 creates" in out
    found = msgspec.json.decode((here / "six.json").read_bytes(), type=Result)
    assert found.drop == ("copy", "noise_a", "noise_b", "one") and found.set.verdict == "confirmed"
    assert {one.name: one.kind for one in found.columns if one.name in ("copy", "one")} == {"copy": "duplicate", "one": "constant"}
    assert mldebt.features("six.csv", target="y").drop == found.drop
    assert json.loads((here / ".mldebt" / "features.json").read_text())["data_sets"][0]["name"] == "six"
    first = (here / "six.json").read_bytes()
    assert main([*words, "-j", "2"]) == 1
    assert (here / "six.json").read_bytes() == first


def test_a_scan_imports_no_data_packages(here: Path):
    table(here, '[features.credit]\ndata = "credit.csv"\ntarget = "y"\n')
    (here / "train.py").write_text("import pandas as pd\nframe = pd.read_csv('credit.csv')\nframe['age'] = 1\n")
    words = ["pandas", "sklearn", "numpy", "scipy", "pyarrow"]
    program = f"import sys; from mldebt.cli import main; main(['scan', '--no-cache']); print([w for w in {words} if w in sys.modules])"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=here, env=environment, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_command_imports_no_data_packages_before_it_is_sure(here: Path):
    program = "import sys; from mldebt.cli import main; main(['features', 'gone.csv']); print('pandas' in sys.modules)"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=here, env=environment, check=True)
    assert done.stdout == "False\n"
