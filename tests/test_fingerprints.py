"""A finding stays the same finding when lines shift, a formatter runs, functions change places, or files are renamed."""

from __future__ import annotations

import ast
import json
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import msgspec
import pytest

import mldebt
from mldebt import baseline
from mldebt.config import load
from mldebt.findings import Ranked

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures"
PROJECTS = ("churn", "support", "vision")
BY_LINES = {"forked-experiment", "copied-stage"}  # they compare lines of text, so other breaks of lines make other findings


def findings(root: Path) -> tuple[Ranked, ...]:
    settings = msgspec.structs.replace(load(root).config, profile="audit", jobs=1)
    return mldebt.scan([root], settings).findings


@cache
def originals(name: str) -> tuple[Ranked, ...]:
    return findings(FIXTURES / name)


@pytest.fixture(params=PROJECTS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def project(name: str, tmp_path: Path) -> Path:
    return copied(name, tmp_path)


def copied(name: str, folder: Path) -> Path:
    return Path(shutil.copytree(FIXTURES / name, folder / name, ignore=shutil.ignore_patterns(".mldebt_cache", "__pycache__")))


def identities(found: tuple[Ranked, ...]) -> dict[str, str]:
    shown = {one.fingerprint: baseline.describe(baseline.entry(one)) for one in found}
    assert len(shown) == len(found)
    return shown


def python_files(root: Path) -> list[Path]:
    return sorted(root.rglob("*.py"))


def test_fixtures_have_enough_to_lose() -> None:
    assert {name: len(originals(name)) > 15 for name in PROJECTS} == dict.fromkeys(PROJECTS, True)
    assert len({one.name for name in PROJECTS for one in originals(name)}) > 20


# lines shift -----------------------------------------------------------------------------------------------------------------


def with_more_lines(text: str, rng: random.Random) -> str:
    """Blank lines and comments before statements of every depth; never inside of one."""
    lines = text.splitlines(keepends=True)
    places: dict[int, str] = {}
    for node in ast.walk(ast.parse(text)):
        for field in ("body", "orelse", "finalbody"):
            statements = getattr(node, field, None)
            for at, statement in enumerate(statements if isinstance(statements, list) else []):
                if at == 0 and isinstance(statement, ast.Expr):
                    continue  # a docstring
                first = min([statement.lineno, *(d.lineno for d in getattr(statement, "decorator_list", []))])
                before = lines[first - 1][: statement.col_offset]
                if not before.strip():
                    places[first] = before
    for line, indent in sorted(places.items(), reverse=True):
        if rng.random() < 0.5:
            comment = [f"{indent}# The weather was mild on that day.\n"] if rng.random() < 0.5 else []
            lines[line - 1 : line - 1] = ["\n"] * rng.randint(0, 6) + comment
    return "".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_lines_above_and_between(project: Path, name: str, seed: int) -> None:
    rng = random.Random(seed)
    for file in python_files(project):
        before = file.read_text(encoding="utf-8")
        after = with_more_lines(before, rng)
        assert ast.dump(ast.parse(before)) == ast.dump(ast.parse(after))
        file.write_text(after, encoding="utf-8")
    assert identities(findings(project)) == identities(originals(name))


def test_cells_above_and_another_layout_of_a_notebook(tmp_path: Path) -> None:
    project = copied("churn", tmp_path)
    file = project / "notebooks" / "exploration.ipynb"
    book = json.loads(file.read_text(encoding="utf-8"))
    for cell in book["cells"]:
        if cell["cell_type"] == "code":
            cell["source"] = ["\n", "\n", *cell["source"]]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["# Words\n", "and more of them"]}
    book["cells"] = [text, {"cell_type": "code", "execution_count": 9, "metadata": {}, "outputs": [], "source": []}, *book["cells"]]
    file.write_text(json.dumps(book, indent=4), encoding="utf-8")
    assert identities(findings(project)) == identities(originals("churn"))


def test_carriage_returns(project: Path, name: str) -> None:
    for file in sorted(project.rglob("*")):
        if file.suffix in (".py", ".yaml", ".toml", ".md", ".ipynb", ".sh") or file.name == "Makefile":
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert identities(findings(project)) == identities(originals(name))


# a formatter runs ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "quotes"), [(60, "single"), (79, "double"), (100, "double"), (200, "single")])
def test_another_style(project: Path, name: str, width: int, quotes: str) -> None:
    options = ("--config", f"line-length={width}", "--config", f"format.quote-style='{quotes}'")
    before = [file.read_bytes() for file in python_files(project)]
    subprocess.run([sys.executable, "-m", "ruff", "format", "--isolated", "--no-cache", "-q", *options, str(project)], check=True)
    assert [file.read_bytes() for file in python_files(project)] != before
    now, then = findings(project), originals(name)
    now, then = (tuple(one for one in found if one.name not in BY_LINES) for found in (now, then))
    assert identities(now) == identities(then)


# code changes places ---------------------------------------------------------------------------------------------------------


def turned_round(text: str) -> str:
    """Neighbouring functions in the opposite order, in modules and classes."""
    lines = text.splitlines(keepends=True)
    runs: list[list[ast.FunctionDef]] = []
    for node in ast.walk(ast.parse(text)):
        run: list[ast.FunctionDef] = []
        for statement in [*node.body, None] if isinstance(node, ast.Module | ast.ClassDef) else ():
            if isinstance(statement, ast.FunctionDef):
                run.append(statement)
                continue
            runs += [run] if len(run) > 1 else []
            run = []
    for run in sorted(runs, key=lambda run: -run[0].lineno):  # from below: the lines above keep their numbers
        firsts = [min([f.lineno, *(d.lineno for d in f.decorator_list)]) for f in run]
        last = run[-1].end_lineno or 0
        parts = [lines[a - 1 : b - 1] for a, b in zip(firsts, [*firsts[1:], last + 1], strict=True)]
        lines[firsts[0] - 1 : last] = [line for part in reversed(parts) for line in (*part, "\n")]
    return "".join(lines)


def test_functions_change_places(project: Path, name: str) -> None:
    changed = 0
    for file in python_files(project):
        before = file.read_text(encoding="utf-8")
        after = turned_round(before)
        assert sorted(line for line in after.splitlines() if line) == sorted(line for line in before.splitlines() if line)
        changed += before != after
        file.write_text(after, encoding="utf-8")
    assert changed >= 3
    assert identities(findings(project)) == identities(originals(name))


@pytest.mark.parametrize("place", ["a_first.py", "zz/last.py"])
def test_an_unrelated_file(project: Path, name: str, place: str) -> None:
    (project / place).parent.mkdir(exist_ok=True)
    (project / place).write_text('"""Says which day it is."""\n\nimport datetime\n\nprint(datetime.date.today())\n', encoding="utf-8")
    assert identities(findings(project)) == identities(originals(name))


# files are renamed -----------------------------------------------------------------------------------------------------------

RENAMES = [
    ("churn", {"churn/serve.py": "churn/scoring.py"}, {r"\bchurn\.serve\b": "churn.scoring"}),
    ("churn", {"churn/export_old.py": "churn/export_v1.py"}, {}),  # another file's finding is about both
    ("churn", {"churn/features.py": "churn/columns.py"}, {r"\bchurn([./])features\b": r"churn\1columns"}),
    ("churn", {"notebooks/exploration.ipynb": "analysis/first look.ipynb"}, {}),
    ("churn", {"churn": "leaving"}, {r"\bchurn([./])(train|export|serve|features|options)\b": r"leaving\1\2"}),
    ("vision", {"vision/zoo.py": "vision/parts.py"}, {r"\bzoo\b(?=\.(?!example)|\n)": "parts"}),
    ("vision", {"vision": "parcels/detection"}, {r"\bvision\.(?=[a-z])": "detection.", r"from vision import": "from detection import"}),
    ("vision", {"vision/split.py": "vision/divide.py", "vision/evaluate.py": "vision/judge.py"}, {}),
]


@pytest.mark.parametrize(("name", "files", "words"), RENAMES)
@pytest.mark.parametrize("asks_disk", [True, False])
def test_renamed_files(tmp_path: Path, name: str, files: dict[str, str], words: dict[str, str], asks_disk: bool) -> None:
    project = copied(name, tmp_path)
    for old, new in files.items():
        (project / new).parent.mkdir(parents=True, exist_ok=True)
        (project / old).rename(project / new)
    for file in sorted(project.rglob("*")):
        if words and (file.suffix in (".py", ".sh", ".json") or file.name == "Makefile"):
            text = file.read_text(encoding="utf-8")
            for pattern, replacement in words.items():
                text = re.sub(pattern, replacement, text)
            file.write_text(text, encoding="utf-8")
    gone: Callable[[str], bool] | None = (lambda path: not (project / path).exists()) if asks_disk else None
    entries = [baseline.entry(one) for one in originals(name)]
    now = findings(project)
    found = baseline.match(now, entries, seen=lambda entry: True, gone=gone)
    assert [baseline.describe(baseline.entry(one)) for one in found.new] == []
    assert [baseline.describe(one) for one in found.stale] == []
    again = baseline.match(now, baseline.pruned(entries, found), seen=lambda entry: True, gone=gone)
    assert (again.known, again.stale, again.moved) == (now, (), ())


LEAK = """\
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
import pandas as pd

frame = pd.read_csv("rows.csv")
labels = frame.pop("label")
rows = StandardScaler().fit_transform(frame)
rows = PCA().fit_transform(rows)
left, right, known, asked = train_test_split(rows, labels, random_state=1)
print(LogisticRegression().fit(left, known).score(right, asked))
"""


def test_calls_stay_one_finding_when_comments_part_them(tmp_path: Path) -> None:
    file = tmp_path / "train.py"
    file.write_text(LEAK, encoding="utf-8")
    before = [one for one in findings(tmp_path) if one.name == "preprocessing-leak"]
    file.write_text(LEAK.replace("rows = PCA", "\n" + "# The weather was mild.\n" * 9 + "rows = PCA"), encoding="utf-8")
    after = [one for one in findings(tmp_path) if one.name == "preprocessing-leak"]
    assert len(before) == 1
    assert identities(tuple(after)) == identities(tuple(before))
