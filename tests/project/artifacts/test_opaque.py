"""Programs that nobody knows: what they read and write follows from the others."""

from __future__ import annotations

from mldebt.project.artifacts.identity import label
from mldebt.project.project import Project
from tests.project.reading import project_of

RUN = "import subprocess\nsubprocess.call({command!r}, shell=True)\n"
WRITER = "open('tr.dense', 'w').write('')\nopen('te.dense', 'w').write('')\n"
READER = "print(open('tr.out').read())\nprint(open('te.out').read())\n"


def touched(command: str, files: dict[str, str] | None = None, path: str = "run.py") -> list[tuple[str, str]]:
    text = RUN.format(command=command) if path.endswith(".py") else command + "\n"
    return _of(project_of({path: text, **(files or {})}), path)


def _of(project: Project, path: str) -> list[tuple[str, str]]:
    return [(a.direction, label(a.identity)) for a in project.artifacts.accesses if a.place.path == path and a.identity is not None]


def test_directions_follow_from_who_else_reads_and_writes() -> None:
    found = touched("./gbdt -t 30 -s 1 te.dense tr.dense te.out tr.out", {"a.py": WRITER, "b.py": READER})
    assert found == [("read", "te.dense"), ("read", "tr.dense"), ("write", "te.out"), ("write", "tr.out")]
    assert touched("./gbdt tr.out tr.dense", {"a.py": WRITER, "b.py": READER}) == [("read", "tr.dense"), ("read", "tr.out")]


def test_the_last_operand_of_an_own_program_is_written() -> None:
    assert touched("bin/convert x.csv y.csv z.bin") == [("read", "x.csv"), ("read", "y.csv"), ("write", "z.bin")]
    assert touched("./convert x.csv y.bin", path="go.sh") == [("read", "x.csv"), ("write", "y.bin")]
    assert touched("./show x.csv") == [("read", "x.csv")]
    assert touched("./convert x.csv y.csv > z.txt") == [("read", "x.csv"), ("read", "y.csv"), ("write", "z.txt")]
    assert touched("./convert -m model 0.5 30 x.csv -o y.csv") == [("read", "x.csv"), ("write", "y.csv")]


def test_what_an_earlier_command_was_given_is_no_output() -> None:
    text = "./first tr.csv a.out\n./second a.out tr.csv\n"
    assert _of(project_of({"go.sh": text}), "go.sh") == [("read", "tr.csv"), ("write", "a.out"), ("read", "a.out"), ("read", "tr.csv")]


def test_of_other_programs_only_what_others_say() -> None:
    assert touched("sox a.wav b.wav") == []
    assert touched("sox a.wav b.wav", {"a.py": "open('a.wav', 'w').write('')\n"}) == [("read", "a.wav")]
    assert touched("mount -o anon a b") == []
    assert touched("sox a.wav b.wav", {"a.py": "open('a.wav', 'w').write('')\n"}, path="go.sh") == []
    assert touched("compile a.c -o model.bin", {"b.py": "print(open('model.bin').read())\n"}) == [("write", "model.bin")]


def test_what_is_no_program_of_files() -> None:
    for command in (
        "./run.sh a.csv b.csv",
        "python -c 'x' a.csv b.csv",
        "rm ./a.csv",
        "./tool --port=80",
        "./configure",
        "$BIN/x a.csv b.csv",
    ):
        assert touched(command) == []


def test_a_program_of_unknown_role() -> None:
    project = project_of({"run.py": RUN.format(command="./gbdt tr.dense tr.out"), "a.py": WRITER, "b.py": READER})
    (one,) = project.artifacts.programs
    assert (one.program, one.role, [label(i) for i in one.data], [label(i) for i in one.writes]) == (
        "gbdt",
        "unknown",
        ["tr.dense"],
        ["tr.out"],
    )
    assert (one.takes, one.makes) == ((), ())
    guessed = project_of({"run.py": RUN.format(command="./gbdt a.csv b.csv")})
    assert [(a.direction, a.certainty, a.terminal) for a in guessed.artifacts.accesses] == [("read", 1.0, False), ("write", 0.85, True)]
