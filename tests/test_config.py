"""Where settings come from, which wins, and what is said of a bad one."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest

from mldebt.config import Config, ConfigError, find, load, options, value_of


def settings(start: Path, **given: object) -> Config:
    return load(start, environ=given.pop("environ", {}), **given).config


def complaint(start: Path, **given: object) -> str:
    with pytest.raises(ConfigError) as error:
        settings(start, **given)
    text = str(error.value)
    assert "\n" not in text
    return text.replace(str(start), "HERE")


def test_defaults_hold_where_nothing_is_set(tmp_path: Path):
    loaded = load(tmp_path, environ={}, isolated=True)
    assert loaded.config == Config()
    assert loaded.root == tmp_path
    assert loaded.file is None


def test_command_line_beats_config_option_beats_environment_beats_file(project: Path):
    (project / "mldebt.toml").write_text('profile = "strict"\ntop = 1\njobs = 1\nfail-on = "info"\nmin-confidence = 0.1\n')
    config = settings(
        project,
        environ={"MLDEBT_TOP": "2", "MLDEBT_JOBS": "2", "MLDEBT_FAIL_ON": "error"},
        overrides=["jobs=3", "fail-on=never"],
        arguments={"fail-on": "advisory"},
    )
    assert (config.min_confidence, config.profile, config.top, config.jobs, config.fail_on) == (0.1, "strict", 2, 3, "advisory")


def test_the_nearest_file_above_is_used_and_its_folder_is_the_root(tmp_path: Path):
    (tmp_path / "pyproject.toml").write_text("[tool.mldebt]\ntop = 7\n")
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.other]\n")
    loaded = load(inner, environ={})
    assert loaded.config.top == 7
    assert loaded.root == tmp_path
    (inner / "mldebt.toml").write_text("top = 8\n")
    assert load(inner, environ={}).config.top == 8


def test_mldebt_toml_beats_pyproject_in_the_same_folder(project: Path):
    (project / "pyproject.toml").write_text("[tool.mldebt]\ntop = 1\n")
    assert find(project) == project / "mldebt.toml"


def test_the_search_stops_at_the_repository(tmp_path: Path):
    (tmp_path / "mldebt.toml").write_text("top = 9\n")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    (repository / "src").mkdir()
    assert load(repository / "src", environ={}).config.top == 0


def test_isolated_reads_neither_file_nor_environment(project: Path):
    (project / "mldebt.toml").write_text("top = 9\n")
    assert settings(project, isolated=True, environ={"MLDEBT_TOP": "3"}).top == 0


def test_a_named_file_replaces_the_one_found(project: Path, tmp_path: Path):
    (project / "mldebt.toml").write_text("top = 9\n")
    other = tmp_path / "other.toml"
    other.write_text("jobs = 4\n")
    config = settings(project, overrides=[str(other)])
    assert (config.top, config.jobs) == (0, 4)


def test_environment_values_have_the_types_of_their_keys(tmp_path: Path):
    config = settings(
        tmp_path,
        environ={"MLDEBT_SELECT": "MLD4, unread-flag", "MLDEBT_RESPECT_GITIGNORE": "false", "MLDEBT_LIBRARY": "true", "MLDEBT_TOP": ""},
    )
    assert config.select == ("MLD4", "unread-flag")
    assert (config.respect_gitignore, config.library, config.top) == (False, True, 0)


def test_an_unknown_variable_is_a_warning(tmp_path: Path):
    loaded = load(tmp_path, environ={"MLDEBT_PROFLIE": "strict"})
    assert loaded.warnings == ("MLDEBT_PROFLIE: no such setting; did you mean MLDEBT_PROFILE?",)


def test_inline_settings_are_toml_and_bare_words_may_stand_without_quotes(tmp_path: Path):
    config = settings(tmp_path, overrides=["profile=strict", 'flags.readers=["app.flags.is_on:0"]', "top = 3", 'exclude=["x"]'])
    assert (config.profile, config.flags.readers, config.top, config.exclude) == ("strict", ("app.flags.is_on:0",), 3, ("x",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("topp = 1", "unknown key 'topp'; did you mean top?"),
        ("top = 'x'", "top: expected an integer, got a string"),
        ("top = -1", "top: expected an integer >= 0"),
        ("select = 'MLD4'", "select: expected a list, got a string"),
        ("library = 1", "library: expected true or false, got an integer"),
        ("min-severity = 'warn'", "min-severity: 'warn' is not one of advisory, info, warning, error"),
        ("fail-on = 'warn'", "fail-on: 'warn' is not one of never, advisory, info, warning, error; did you mean warning?"),
        ("[flags]\nreader = []", "unknown key 'flags.reader'; did you mean readers?"),
        ("[flags]\nreaders = ['is on']", "flags.readers[0]: expected module.function or module.function:position"),
        ("flags = 3", "flags: expected a table, got an integer"),
        (
            "[[artifacts]]\nid = 'x'\nvisibility = 'secret'",
            "artifacts[0].visibility: 'secret' is not one of nothing, private, protected, public",
        ),
        ("[per-file-ignores]\n'a' = 'b'", "per-file-ignores: expected a list, got a string"),
    ],
)
def test_a_bad_setting_is_one_line_with_file_and_key(project: Path, text: str, message: str):
    (project / "mldebt.toml").write_text(text)
    assert complaint(project) == f"HERE/mldebt.toml: {message}"


def test_bad_files_are_one_line(project: Path):
    (project / "mldebt.toml").write_text("top = \n")
    assert complaint(project).startswith("HERE/mldebt.toml: not valid TOML: ")
    (project / "mldebt.toml").write_bytes(b"top = 1 # \xff\n")
    assert complaint(project) == "HERE/mldebt.toml: not UTF-8 at byte 10"
    (project / "pyproject.toml").write_text("[project]\n")
    assert complaint(project, overrides=[str(project / "pyproject.toml")]) == "HERE/pyproject.toml: it has no [tool.mldebt] table"
    assert complaint(project, overrides=["nowhere.toml"]) == "--config nowhere.toml: no such file (a setting is given as KEY=VALUE)"
    assert complaint(project.parent, environ={"MLDEBT_JOBS": "many"}) == "MLDEBT_JOBS: expected an integer, got a string"


def test_every_key_has_a_meaning_and_a_value():
    listed = options()
    assert len({option.key for option in listed}) == len(listed)
    for option in listed:
        assert option.help
        assert value_of(Config(), option.key) == option.default


def test_artifacts_are_declared_in_strict_tables(tmp_path: Path) -> None:
    text = '[[artifacts]]\nid = "s3://b/x"\nvisibility = "private"\n[[artifacts.consumers]]\nwho = "a"\nexpires = 2026-01-01\n'
    (tmp_path / "mldebt.toml").write_text('systems = { etl = ["jobs/**"] }\n' + text)
    found = load(tmp_path, environ={}).config
    assert found.artifacts[0].consumers[0].expires == datetime.date(2026, 1, 1)
    assert found.systems == {"etl": ("jobs/**",)}
    for wrong, said in (
        (text.replace("visibility", "visibilty"), "unknown key 'artifacts.visibilty'; did you mean visibility?"),
        (text.replace("expires", "expire"), "unknown key 'artifacts.consumers.expire'; did you mean expires?"),
        (text.replace('"private"', '"secret"'), "'secret'"),
    ):
        (tmp_path / "mldebt.toml").write_text(wrong)
        with pytest.raises(ConfigError, match=re.escape(said)):
            load(tmp_path, environ={})


@pytest.mark.parametrize("folder", ["../elsewhere", "/srv/elsewhere", "a/../../b"])
def test_a_project_cannot_have_its_cache_written_elsewhere(tmp_path: Path, folder: str):
    (tmp_path / "mldebt.toml").write_text(f'cache-dir = "{folder}"\n')
    with pytest.raises(ConfigError, match="leads out of the project"):
        load(tmp_path, environ={})
    assert load(tmp_path, environ={}, isolated=True, arguments={"cache-dir": folder}).config.cache_dir == folder
