"""Commands of workflows, pipelines and manifests: folders, loops over stages, and the several ways to write a program."""

from __future__ import annotations

import pytest

from mldebt.facts.model import Command
from mldebt.facts.settings import settings
from mldebt.facts.yaml_commands import commands_of
from mldebt.sources.model import Language


def found(text: str, language: Language = Language.YAML) -> tuple[Command, ...]:
    return commands_of(settings(text, language))


@pytest.mark.parametrize(
    ("text", "cwd"),
    [
        ("jobs:\n  a:\n    steps:\n      - run: python t.py\n        working-directory: ./src\n", "src"),
        ("defaults:\n  run:\n    working-directory: ml\njobs:\n  a:\n    steps:\n      - run: python t.py\n", "ml"),
        ("jobs:\n  a:\n    defaults: {run: {working-directory: ml}}\n    steps:\n      - run: python t.py\n", "ml"),
        ("stages:\n  a:\n    wdir: src/\n    cmd: python t.py\n", "src"),
        ("services:\n  a:\n    working_dir: /app\n    command: [python, t.py]\n", "/app"),
        ("a:\n  script:\n    - cd src\n    - python t.py\n", "src"),
        ("a:\n  script:\n    - python t.py\n  before_script:\n    - cd src\n", "src"),
    ],
)
def test_the_folder_a_command_runs_in(text: str, cwd: str) -> None:
    assert [command.cwd for command in found(text) if command.argv == ("python", "t.py")] == [cwd]


def test_a_stage_for_each_item() -> None:
    text = "vars:\n  - out: o\nstages:\n  fit:\n    foreach: [a, b]\n    do:\n      cmd: python fit.py ${item} ${out} ${lr}\n"
    assert [command.argv[2:] for command in found(text)] == [("a", "o", "${lr}"), ("b", "o", "${lr}")]
    text = "stages:\n  fit:\n    foreach:\n      us: {n: 3}\n      uk: {n: 4}\n    do:\n      cmd: python fit.py ${key} ${item.n}\n"
    assert [command.argv[2:] for command in found(text)] == [("us", "3"), ("uk", "4")]
    text = "stages:\n  fit:\n    matrix:\n      m: [a, b]\n      n: [1, 2]\n    cmd: python fit.py ${item.m}${item.n}\n"
    assert [command.argv[2] for command in found(text)] == ["a1", "a2", "b1", "b2"]


def test_programs_with_their_arguments() -> None:
    job = "tasks:\n  - spark_python_task:\n      python_file: jobs/etl.py\n      parameters: [--day, '1']\n"
    assert found(job) == (Command(("python", "jobs/etl.py", "--day", "1"), 3),)
    spark = "spec:\n  mainApplicationFile: local:///opt/etl.py\n  arguments: [a]\n"
    assert found(spark) == (Command(("python", "local:///opt/etl.py", "a"), 2),)
    assert found("entrypoint: python train.py --n 1\n") == (Command(("python", "train.py", "--n", "1"), 1),)


def test_arguments_alone() -> None:
    assert found("args: [python, train.py]\n") == (Command(("python", "train.py"), 1),)
    assert found("steps:\n  - name: gcr.io/cloud-builders/gsutil\n    args: [cp, a, 'gs://b/c']\n") == (
        Command(("gsutil", "cp", "a", "gs://b/c"), 3),
    )
    assert found("model:\n  args: [resnet, 5]\n") == ()


def test_tasks_of_a_toml_file() -> None:
    assert found('[tool.poe.tasks]\nfit = "python fit.py"\n', Language.TOML) == (Command(("python", "fit.py"), 2),)


def test_the_lines_of_values_that_break_elsewhere_than_their_text():
    text = (
        'steps:\n  - script: "set -x\\ncd work &&\n      ls\\n\\npython\n      fit.py \\\\\\n  --fast\\necho\n      \\"done\\""\n'
        "  - script: >\n      python a.py\n\n      python b.py\n  - script: |\n      python c.py\n\n      python d.py\n"
    )
    found = commands_of(settings(text, Language.YAML), text)
    assert [(" ".join(command.argv[:2]), command.line) for command in found] == [
        ("set -x", 2), ("cd work", 2), ("ls", 2), ("python fit.py", 3), ("echo done", 4),
        ("python a.py", 7), ("python b.py", 9), ("python c.py", 11), ("python d.py", 13),
    ]  # fmt: skip
