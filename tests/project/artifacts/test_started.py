"""Commands that Python code starts."""

from __future__ import annotations

import pytest

from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Access
from mldebt.project.artifacts.runs import runs
from mldebt.project.artifacts.shell import Moves
from mldebt.project.artifacts.templates import text
from tests.project.reading import project_of

IMPORTS = "import os, shlex, subprocess, sys\nfrom subprocess import run\n"


def seen(body: str) -> list[tuple[str, int]]:
    """(words, line after the imports) of each command that a file starts."""
    started = project_of({"go.py": IMPORTS + body}).artifact_runs.started
    return [(" ".join(text(one.command.value(word)) for word in one.command.words), one.command.line - 2) for one in started]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("os.system('python fit.py --n 3')", ["python fit.py --n 3"]),
        ("os.system('nohup python fit.py a > log && python use.py &')", ["python fit.py a", "python use.py"]),
        ("subprocess.run(['python', 'fit.py', str(3)], check=True)", ["python fit.py 3"]),
        ("run([sys.executable, '-m', 'pkg.job'])", ["python -m pkg.job"]),
        ("cmd = './fit -t {n} in.dense out'.format(n=3)\nsubprocess.call(cmd, shell=True)", ["./fit -t 3 in.dense out"]),
        ("subprocess.check_call(f'python fit.py {sys.argv[1]}'.split())", ["python fit.py {argv1}"]),
        ("subprocess.Popen(shlex.split('python fit.py a'))", ["python fit.py a"]),
        ("cmd = ['python', 'fit.py']\ncmd.append('x')\ncmd += ['y', *more]\nrun(cmd)", ["python fit.py x y {*}"]),
        ("run(['bash', '-c', 'cp a.csv b.csv; python fit.py'])", ["cp a.csv b.csv", "python fit.py"]),
        ("for day in ['mo', 'tu']:\n    os.system('python fit.py ' + day)", ["python fit.py mo", "python fit.py tu"]),
        ("run(command)", ["{command}"]),
    ],
)
def test_words(body: str, found: list[str]) -> None:
    assert [words for words, _ in seen(body + "\n")] == found


def test_helpers_are_seen_from_their_callers() -> None:
    helpers = "def sh(line, log=None):\n    subprocess.check_call(line, shell=True)\ndef step(name):\n    sh(f'python {name}.py')\n"
    body = helpers + "step('fit')\nstep('use')\n"
    assert seen(body) == [("python fit.py", 5), ("python use.py", 6)]


def test_whether_a_failure_is_noticed() -> None:
    body = "os.system('a')\nrun(['b'], check=True)\nrun(['c'])\nsubprocess.check_call(['d'])\nif os.system('e'):\n    raise SystemExit\n"
    started = project_of({"go.py": IMPORTS + body}).artifact_runs.started
    assert [(one.command.words[0], one.checked) for one in started] == [("a", False), ("b", True), ("c", False), ("d", True), ("e", True)]


def test_scripts_that_python_runs() -> None:
    files = {
        "jobs/all.py": IMPORTS + "os.system('python fit.py --out m.pkl')\nrun(['python', 'use.py'], cwd='other')\n",
        "jobs/fit.py": "",
        "jobs/other/use.py": "",
        "tests/test_it.py": IMPORTS + "os.system('python jobs/fit.py')\n",
    }
    assert [(run.script, run.path, [text(word) for word in run.argv]) for run in runs(project_of(files))] == [
        ("jobs/fit.py", "jobs/all.py", ["--out", "m.pkl"]),
        ("jobs/other/use.py", "jobs/all.py", []),
    ]


def test_options_of_a_script_that_python_runs() -> None:
    parser = "import argparse, pandas as pd\np = argparse.ArgumentParser()\np.add_argument('--out', default='x.csv')\n"
    fit = parser + "a = p.parse_args()\npd.DataFrame().to_csv(a.out)\n"
    project = project_of({"all.py": IMPORTS + "run(['python', 'fit.py', '--out', 'scores.csv'])\n", "fit.py": fit})
    assert [label(a.identity) for a in project.artifacts.accesses if a.identity is not None] == ["scores.csv"]


def test_files_that_python_moves() -> None:
    project = project_of({"go.py": IMPORTS + "run(['aws', 's3', 'cp', 'm.pkl', f's3://models/{name}/m.pkl'])\nos.system('cp a.csv b/')\n"})

    def shown(access: Access) -> str:
        return label(access.identity) if access.identity is not None else "?"

    found = [(access.direction, shown(access)) for access in Moves(project).accesses]
    assert found == [("read", "m.pkl"), ("write", "s3://models/{name}/m.pkl"), ("read", "a.csv"), ("write", "b/a.csv")]
