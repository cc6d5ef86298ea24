"""The command line as a user meets it: what is printed where, and the exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mldebt import __version__, scanning
from mldebt.cli import main
from mldebt.report import FORMATS

HEAVY = ("libcst", "networkx", "sqlglot", "joblib", "nbformat", "pandas", "sklearn", "numpy", "yaml", "rich.table", "rich.progress")


class Result:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*words: str) -> Result:
        capsys.readouterr()
        code = main(words)
        captured = capsys.readouterr()
        return Result(code, captured.out, captured.err)

    return run


@pytest.fixture
def here(project: Path, import_check: None, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory: one file with debt, one without."""
    (project / "debt.py").write_text("import debt\n")
    (project / "clean.py").write_text("import os\n\nprint(os.name)\n")
    monkeypatch.chdir(project)
    return project


def python(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    return subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=cwd, env=environment, check=False)


def test_findings_are_exit_code_1_and_none_is_0(run, here: Path):
    found = run("scan", "--output-format", "concise")
    assert (found.code, found.err) == (1, "")
    assert found.out.startswith("debt.py:1:1: [warning] MLD423 unread-flag debt in debt.py")
    assert run("scan", "clean.py").code == 0
    assert run("scan", "--exit-zero").code == 0
    assert run("scan", "--fail-on", "error").code == 0
    assert run("scan", "--fail-on", "never").code == 0
    assert run("scan", "--select", "MLD702", "--fail-on", "info").code == 0


def test_nothing_to_analyse_is_exit_code_3(run, here: Path):
    (here / "empty").mkdir()
    assert run("scan", "empty").code == 3


def test_unreadable_files_are_exit_code_3_only_when_strict(run, here: Path):
    (here / "broken.py").write_text("def f(:\n")
    assert run("scan", "clean.py", "broken.py").code == 0
    assert run("scan", "clean.py", "broken.py", "--strict").code == 3
    assert run("scan", "clean.py", "--strict").code == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scna",), "error: No such command 'scna'."),
        (("scan", "--tpo", "3"), "error: No such option '--tpo'."),
        (("scan", "--top", "x"), "error: Invalid value for '--top'"),
        (("scan", "nowhere"), "error: nowhere: no such file or directory"),
        (("scan", "--select", "unread-flg"), 'error: unknown rule "unread-flg"; did you mean "unread-flag"?'),
        (("scan", "--ignore", "MLD999"), 'error: unknown rule "MLD999"'),
        (("scan", "--profile", "strct"), 'error: unknown profile "strct"; did you mean "strict"?'),
        (("scan", "--output-format", "jsn"), "error: unknown output format 'jsn'; did you mean json?"),
        (("scan", "--output", "json"), "error: --output json: write FORMAT=FILE"),
        (("scan", "--output", "json=nowhere/x.json"), "error: --output json=nowhere/x.json: nowhere is not a place for a file"),
        (("scan", "--per-file-ignores", "tests"), "error: --per-file-ignores tests: write PATTERN:RULE"),
        (("scan", "--config", "topp=1"), "error: --config: unknown key 'topp'; did you mean top?"),
        (("scan", "--config", "nowhere.toml"), "error: --config nowhere.toml: no such file"),
        (("scan", "a\x1b[31m\n.py"), "error: a\\x1b[31m\\n.py: no such file or directory"),
        (("explain", "unread-flg"), 'error: unknown rule "unread-flg"; did you mean "unread-flag"?'),
        (("config", "profil"), "error: unknown key 'profil'; did you mean profile?"),
    ],
)
def test_bad_usage_is_exit_code_2_and_one_line(run, here: Path, words: tuple[str, ...], message: str):
    result = run(*words)
    assert result.code == 2
    assert result.out == ""
    assert result.err.startswith(message)
    assert result.err.count("\n") == 1


def test_no_command_prints_help_and_is_bad_usage(run):
    result = run()
    assert result.code == 2
    assert "Usage: mldebt" in result.out


def test_a_crash_is_one_line_and_exit_code_101(run, here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mldebt.judge.judge", lambda *given, **named: 1 // 0)
    result = run("scan", "--no-cache")
    assert (result.code, result.out, result.err.count("\n")) == (101, "", 1)
    assert f"mldebt {__version__} crashed: ZeroDivisionError" in result.err
    assert "Traceback" in run("scan", "--no-cache", "-v").err


def test_an_interrupt_is_quiet(run, here: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupt(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("mldebt.judge.judge", interrupt)
    result = run("scan", "--no-cache")
    assert (result.code, result.out, result.err.strip()) == (130, "", "")


def test_reports_go_to_files_as_well_and_whole(run, here: Path):
    result = run("scan", "--output", "json=debt.json", "--output", "jsonl=debt.jsonl")
    assert "unread-flag" in result.out
    data = json.loads((here / "debt.json").read_text())
    assert [one["path"] for one in data["findings"]] == ["debt.py"]
    assert len((here / "debt.jsonl").read_text().splitlines()) == 1
    assert sorted(path.name for path in here.iterdir() if path.name.startswith(".debt")) == []


def test_top_and_sort(run, here: Path):
    (here / "a.py").write_text("import debt\n")
    paths = [json.loads(line)["path"] for line in run("scan", "--output-format", "jsonl", "--sort", "path").out.splitlines()]
    assert paths == ["a.py", "debt.py"]
    first = run("scan", "--output-format", "jsonl", "--top", "1")
    assert (len(first.out.splitlines()), first.code) == (1, 1)


def test_focus_takes_the_paths_as_a_filter(run, here: Path):
    assert run("scan", "--focus", "clean.py").code == 0
    assert run("scan", "--focus", "debt.py").code == 1
    summary = json.loads(run("scan", "--focus", "clean.py", "--output-format", "json").out)["summary"]
    assert summary["files"] == 3  # the configuration file is one


def test_focus_without_configuration_means_the_repository(run, here: Path, monkeypatch: pytest.MonkeyPatch):
    (here / "mldebt.toml").unlink()
    (here / ".git").mkdir()
    (here / "package").mkdir()
    (here / "package" / "other.py").write_text("import debt\n")
    monkeypatch.chdir(here / "package")
    found = run("scan", "--focus", "other.py", "--output-format", "concise")
    # Both ends of the one, and the other, are named from the root of the repository.
    assert [line.split(":")[0] for line in found.out.splitlines()] == ["debt.py", "package/other.py"]


def test_warnings_go_to_standard_error_unless_quiet(run, here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MLDEBT_TPO", "3")
    assert run("scan", "clean.py").err == "warning: MLDEBT_TPO: no such setting; did you mean MLDEBT_TOP?\n"
    assert run("scan", "clean.py", "-q").err == ""
    assert run("scan", "clean.py", "--isolated").err == ""


def test_timings_go_to_standard_error(run, here: Path):
    result = run("scan", "clean.py", "--timings", "--output-format", "jsonl")
    assert result.out == ""
    assert [line.split()[0] for line in result.err.splitlines()] == ["discover", "hash", "knowledge", "parse", "judge"]


def test_statistics_count_per_rule(run, here: Path):
    out = run("scan", "--statistics").out
    assert "MLD423" in out
    assert "debt.py" not in out


def test_show_files_and_settings_do_not_scan(run, here: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("mldebt.engine.scan", lambda *given, **more: pytest.fail("scanned"))
    assert run("scan", "--show-files").out == "clean.py\ndebt.py\nmldebt.toml\n"
    assert run("scan", "--show-files", "--exclude", "clean.py").out == "debt.py\nmldebt.toml\n"
    settings = run("scan", "--show-settings", "--top", "5", "--select", "MLD4,MLD7").out
    assert f"# project root: {here}" in settings
    assert 'select = ["MLD4", "MLD7"]' in settings
    assert "top = 5" in settings


def test_per_file_ignores_and_extend_exclude(run, here: Path):
    assert run("scan", "--per-file-ignores", "debt.*:unread-flag").code == 0
    assert run("scan", "--extend-exclude", "debt.py").code == 0


def test_the_cache_stands_where_it_is_asked_for(run, here: Path):
    run("scan", "--no-cache")
    assert not (here / ".mldebt_cache").exists()
    run("scan", "--cache-dir", "elsewhere")
    assert (here / "elsewhere" / "CACHEDIR.TAG").exists()
    run("scan")
    assert run("clean").err == f"removed {here / '.mldebt_cache'}\n"
    assert run("clean").err == f"nothing to clean: {here / '.mldebt_cache'} does not exist\n"
    (here / "mine").mkdir()
    refused = run("clean", "--cache-dir", "mine")
    assert (refused.code, refused.err) == (2, f"error: {here / 'mine'} was not made by mldebt; it is left alone\n")


def test_explain_prints_a_card_or_the_list(run):
    card = run("explain", "MLD423")
    assert card.code == 0
    assert "unread-flag" in card.out
    assert run("explain", "unread-flag").out == card.out
    everything = run("explain", "--all").out
    assert card.out in everything
    listed = run("explain").out.splitlines()
    assert any(line.startswith("MLD423  unread-flag") for line in listed)


def test_config_prints_every_key_and_where_its_value_differs(run, project: Path, monkeypatch: pytest.MonkeyPatch):
    (project / "mldebt.toml").write_text("top = 3\n")
    monkeypatch.chdir(project)
    assert run("config", "top").out.startswith("top = 3  (default 0)\n")
    assert len(run("config").out.splitlines()) == 2 * len(scanning.options())


def test_help_shows_panels_examples_and_all_formats(run):
    out = run("scan", "--help").out
    for word in ("Rules", "Exit code", "mldebt scan --focus", *FORMATS):
        assert word in out


def test_every_option_stands_in_a_panel(run):
    assert "─ Options" not in run("scan", "--help").out


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path):
    code = f"{sys.executable} -m mldebt config | head -n 1; echo ${{PIPESTATUS[0]}}"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, cwd=tmp_path, env=environment, check=True)
    assert done.stdout.splitlines() == ['profile = "default"', "0"]
    assert done.stderr == ""


def test_the_version_imports_nothing_heavy():
    code = "import sys; from mldebt.cli import main; main(['--version']); print(sorted(set(sys.argv[1:]) & set(sys.modules)))"
    done = python("-c", code, *HEAVY, "msgspec", "rich", "sqlite3")
    assert done.stdout == f"mldebt {__version__}\n[]\n"


def test_a_warm_scan_imports_nothing_heavy(run, here: Path):
    cold = run("scan", "--output-format", "json", "--timings")
    assert "parse" in cold.err
    code = (
        "import sys; from mldebt.cli import main; main(['scan', '--output-format', 'json', '--timings'])\n"
        "print(sorted(set(sys.argv[1:]) & set(sys.modules)), file=sys.stderr)"
    )
    warm = python("-c", code, *HEAVY, "mldebt.judge", "mldebt.facts.python", "rich", cwd=here)
    assert "parse" not in warm.stderr
    assert warm.stderr.splitlines()[-1] == "[]"
    assert json.loads(warm.stdout)["findings"] == json.loads(cold.out)["findings"]
