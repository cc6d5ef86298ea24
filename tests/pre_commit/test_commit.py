"""`git commit` in a project with the hook `mldebt`: what it stops, what it lets through, and what it says."""

from __future__ import annotations

from pathlib import Path

from tests.pre_commit.conftest import Hooks
from tests.pre_commit.git import Repository, run
from tests.pre_commit.samples import HARMLESS, READER, SCORE, WORDS, passed, stopped


def test_a_new_reader_is_stopped(repository: Repository) -> None:
    repository.stage({"service/mail.py": READER})
    outcome = repository.commit()
    assert stopped(outcome), outcome.output
    assert "old_report" not in outcome.output  # debt that this commit does not touch
    assert repository.git("status", "--short") == "A  service/mail.py"


def test_a_new_writer_of_what_is_read_is_stopped(repository: Repository) -> None:
    repository.git("rm", "-q", "jobs/score.py")
    repository.unchecked({"service/mail.py": READER})
    repository.stage({"jobs/score.py": SCORE})
    assert stopped(repository.commit())


def test_a_declared_reader_is_let_through(repository: Repository, hooks: Hooks) -> None:
    repository.stage({"service/mail.py": READER})
    assert stopped(repository.commit())
    declare = (hooks.program, "declare", "warehouse/customer_scores.parquet", "--write")
    assert run(declare, repository.folder, repository.env).returncode == 0
    repository.git("add", "mldebt.toml")
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_an_accepting_comment_lets_it_through(repository: Repository) -> None:
    line = 'scores = pd.read_parquet("warehouse/customer_scores.parquet")'
    comment = "  # mldebt: accept[undeclared-consumer] until=2999-01-01 goes with the next service"
    repository.stage({"service/mail.py": READER.replace(line, line + comment)})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_a_commit_beside_old_debt_goes_through(repository: Repository) -> None:
    repository.stage({"service/words.py": WORDS + "print()\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_a_file_that_mldebt_does_not_read_is_not_passed(repository: Repository) -> None:
    repository.stage({"notes.md": "More notes\n", "raw/visits.csv": "logins,days\n1,2\n"})
    outcome = repository.commit()
    assert outcome.made
    assert "(no files to check)Skipped" in outcome.output


def test_only_the_staged_content_counts(repository: Repository) -> None:
    """pre-commit puts away what is not staged while the hook runs."""
    repository.stage({"service/mail.py": HARMLESS})
    repository.write({"service/mail.py": READER})
    outcome = repository.commit()
    assert passed(outcome), outcome.output
    assert (repository.folder / "service/mail.py").read_text() == READER

    repository.git("add", "service/mail.py")
    repository.write({"service/mail.py": HARMLESS})
    assert stopped(repository.commit())
    assert (repository.folder / "service/mail.py").read_text() == HARMLESS
    assert repository.git("show", ":service/mail.py") == READER.strip()


def test_mending_after_a_stop(repository: Repository) -> None:
    """The second run has the first one's cache: it must see the change."""
    repository.stage({"service/mail.py": READER})
    assert stopped(repository.commit())
    repository.stage({"service/mail.py": HARMLESS})
    assert passed(repository.commit())
    assert repository.git("status", "--short") == ""  # the cache is not the user's to commit


def test_a_deletion_alone_is_not_seen(repository: Repository) -> None:
    """pre-commit passes no deleted names: nothing is left that the hook could look at."""
    repository.git("rm", "-q", "jobs/score.py")
    outcome = repository.commit()
    assert outcome.made
    assert "(no files to check)Skipped" in outcome.output


def test_a_deletion_beside_a_change(repository: Repository) -> None:
    repository.unchecked({"service/mail.py": READER})
    repository.git("rm", "-q", "jobs/score.py")
    repository.stage({"service/mail.py": READER + "print(len(scores))\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output  # nobody writes it now: no undeclared reader any more


def test_a_renamed_reader_is_seen_at_its_new_place(repository: Repository) -> None:
    repository.unchecked({"service/mail.py": READER})
    repository.git("mv", "service/mail.py", "service/letters.py")
    outcome = repository.commit()
    assert stopped(outcome, "service/letters.py"), outcome.output
    assert "service/mail.py" not in outcome.output


def test_a_merge_with_a_conflict(repository: Repository) -> None:
    """One branch has the writer, the other the reader: the debt is born where they meet."""
    repository.git("rm", "-q", "jobs/score.py")
    repository.unchecked({"service/words.py": HARMLESS})
    repository.git("switch", "-q", "-c", "readers")
    repository.unchecked({"service/words.py": READER})
    repository.git("switch", "-q", "main")
    repository.unchecked({"service/words.py": HARMLESS + "print()\n", "jobs/score.py": SCORE})
    assert repository.merge("readers").code == 1
    repository.stage({"service/words.py": READER})
    outcome = repository.commit()
    assert stopped(outcome, "service/words.py"), outcome.output
    repository.stage({"service/words.py": HARMLESS})
    assert passed(repository.commit())
    assert len(repository.git("show", "-s", "--format=%P").split()) == 2


def test_a_merge_without_a_conflict(repository: Repository, hooks: Hooks) -> None:
    """git asks pre-merge-commit then. Of the `git commit` that concludes a stopped merge pre-commit shows conflicts only."""
    repository.unchecked({".pre-commit-config.yaml": hooks.configuration("mldebt") + "      - id: mldebt-project\n"})
    assert repository.pre_commit("install", "--hook-type", "pre-merge-commit").code == 0
    repository.git("rm", "-q", "jobs/score.py", "jobs/old_report.py")
    repository.unchecked({"service/words.py": HARMLESS})
    repository.git("switch", "-q", "-c", "readers")
    repository.unchecked({"service/mail.py": READER})
    repository.git("switch", "-q", "main")
    repository.unchecked({"jobs/score.py": SCORE})
    outcome = repository.merge("readers")
    assert stopped(outcome), outcome.output
    assert outcome.output.count("- hook id: mldebt") == 2
    outcome = repository.commit()
    assert stopped(outcome), outcome.output
    assert "(no files to check)Skipped" in outcome.output
    assert outcome.output.count("- hook id: mldebt-project") == 1


def test_all_files(repository: Repository) -> None:
    repository.unchecked({"service/mail.py": READER})
    outcome = repository.pre_commit("run", "--all-files")
    assert outcome.code == 1
    assert "jobs/old_report.py" in outcome.output
    assert "service/mail.py" in outcome.output
    assert outcome.output.count("hook id: mldebt") == 1


def test_a_linked_work_tree(repository: Repository, tmp_path: Path) -> None:
    repository.git("worktree", "add", "-q", "-b", "linked", tmp_path / "linked")
    linked = Repository(tmp_path / "linked", repository.env)
    linked.stage({"service/mail.py": READER})
    assert stopped(linked.commit())
    linked.stage({"service/mail.py": HARMLESS})
    assert passed(linked.commit())
    assert not (repository.folder / ".mldebt_cache").exists()


def test_from_a_subfolder(repository: Repository) -> None:
    service = repository.at("service")
    service.stage({"mail.py": READER})
    assert stopped(service.commit())
    service.stage({"mail.py": HARMLESS})
    assert passed(service.commit())


def test_the_first_commit(repository: Repository, tmp_path: Path) -> None:
    new = Repository(tmp_path / "new", repository.env)
    new.write({".pre-commit-config.yaml": (repository.folder / ".pre-commit-config.yaml").read_text()})
    new.git("init", "-q")
    assert new.pre_commit("install").code == 0
    new.git("add", ".pre-commit-config.yaml")
    new.stage({"jobs/score.py": SCORE, "service/mail.py": READER})
    assert stopped(new.commit())
    new.stage({"service/mail.py": HARMLESS})
    assert passed(new.commit())


def test_a_commit_of_named_files(repository: Repository) -> None:
    """`git commit FILE` has an index of its own."""
    repository.stage({"service/mail.py": READER})
    repository.write({"service/words.py": WORDS + "print()\n"})
    assert passed(repository.commit("service/words.py"))
    assert stopped(repository.commit("service/mail.py"))


def test_a_broken_configuration_stops_the_commit(repository: Repository) -> None:
    repository.stage({"mldebt.toml": 'profle = "strict"\n'})
    outcome = repository.commit()
    assert not outcome.made
    assert "- exit code: 2" in outcome.output
    said = [line for line in outcome.output.splitlines() if "profle" in line]
    assert len(said) == 1
    assert "mldebt.toml" in said[0]
    assert "did you mean profile?" in said[0]
    assert "Traceback" not in outcome.output


def test_a_file_that_cannot_be_parsed_does_not_stop_the_commit(repository: Repository) -> None:
    repository.stage({"service/mail.py": "def broken(:\n"})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_an_excluded_file_does_not_stop_the_commit(repository: Repository) -> None:
    repository.stage({"mldebt.toml": 'extend-exclude = ["service/"]\n', "service/mail.py": READER})
    outcome = repository.commit()
    assert passed(outcome), outcome.output


def test_colour_is_what_pre_commit_says(repository: Repository) -> None:
    repository.stage({"service/mail.py": READER})
    assert "\x1b[" not in repository.commit().output
    assert "\x1b[" not in repository.pre_commit("run", "--color", "never").output
    lines = repository.pre_commit("run", "--color", "always").output.splitlines()
    assert any("\x1b[" in line and "undeclared-consumer" in line for line in lines)
