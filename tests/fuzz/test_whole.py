"""Whole projects through the command line: exit code, schema, places inside the project, the same report in any order."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from random import Random

import jsonschema
import pytest
from hypothesis import given

from mldebt.cli import main
from tests.fuzz.strategies import SEEDS, examples, project
from tests.fuzz.trial import facts_of, judged, write

SCHEMA = json.loads((Path(__file__).parents[1] / "report" / "schema_v1.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
CONTROLS = {chr(code) for code in (*range(32), 127, *range(0x80, 0xA0))} - {"\n"}


def scan(root: Path, *words: str, form: str = "json") -> tuple[int, str]:
    """Exit code and standard output of one scan with all rules; nothing but warnings on standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(["scan", str(root), "--no-cache", "--profile", "audit", "--no-progress", "--output-format", form, *words])
    assert code in (0, 1, 3), err.getvalue()
    assert all(line.startswith("warning: ") for line in err.getvalue().splitlines()), err.getvalue()
    return code, out.getvalue()


def place(root: Path, files: Mapping[str, bytes]) -> Path:
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    (root / "mldebt.toml").write_text("")
    write(root, files)
    return root


def stable(text: str) -> dict[str, object]:
    """The report without what the clock says."""
    report = json.loads(text)
    for name in ("seconds", "timings"):
        report["summary"].pop(name, None)
    return report


@given(seed=SEEDS)
@examples(24)
def test_reports_of_random_projects(tmp_path: Path, seed: int) -> None:
    files = project(seed)
    root = place(tmp_path / "p", files)
    code, text = scan(root, "-j", "1")
    report = json.loads(text)
    VALIDATOR.validate(report)
    assert not any("internal error" in one["reason"] for one in report["summary"]["unread"])
    paths = [one["path"] for one in (*report["findings"], *report["summary"]["unread"])]
    for finding in report["findings"]:
        paths += [one["path"] for one in finding["evidence"]]
        _inside(root, finding)
    for path in paths:
        assert not os.path.isabs(path)
        assert ".." not in path.split("/")
        assert (root / path).exists()
    assert (code == 3) == (not report["summary"]["files"])


def _inside(root: Path, finding: dict[str, object]) -> None:
    raw = (root / str(finding["path"])).read_bytes()
    lines = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1
    line, end = finding["line"], finding["end_line"]
    assert isinstance(line, int)
    assert isinstance(end, int)
    assert 1 <= line <= lines + 1 or b"\0" in raw
    assert line <= end <= lines + 1 or b"\0" in raw


@given(seed=SEEDS)
@examples(5)
def test_the_same_report_for_any_jobs_and_order(tmp_path: Path, seed: int) -> None:
    files = project(seed)
    _, first = scan(place(tmp_path / "p", files), "-j", "1")
    shuffled = list(files.items())
    Random(seed).shuffle(shuffled)
    _, second = scan(place(tmp_path / "p", dict(shuffled)), "-j", "2")
    assert stable(first) == stable(second)


@given(seed=SEEDS)
@examples(8)
def test_what_people_read_has_no_control_characters(tmp_path: Path, seed: int) -> None:
    root = place(tmp_path / "p", project(seed))
    for form in ("text", "full", "concise"):
        _, text = scan(root, "-v", "--color", "never", form=form)
        assert not CONTROLS.intersection(text), form


@given(seed=SEEDS)
@examples(15)
def test_all_rules_over_random_projects(tmp_path: Path, seed: int) -> None:
    files = project(seed)
    root = place(tmp_path / "p", files)
    first, second = judged(root, files), judged(root, dict(reversed(files.items())))
    assert first.ranked == second.ranked
    assert first.coverage == second.coverage


DOUBLING = {
    "a sum": "x = 1\n" + "x = x + x\n" * 80 + "open(x)\n",
    "a text": "x = 'a'\n" + "x = f'{x}/{x}'\n" * 80 + "open(x).read()\n",
    "a list": "x = [a]\n" + "x = [*x, *x]\n" * 80 + "model.fit(frame[x], y)\n",
    "a dictionary": "x = {}\n" + "x = {'a': x, 'b': x}\n" * 80 + "open(x['a']['b']['a'])\n",
    "a choice": "x = 1\n" + "x = x if x else x\n" * 80 + "if x:\n    pass\n",
    "a call": "import os\nx = 'a'\n" + "x = os.path.join(x, x)\n" * 80 + "open(x, 'w').write(x)\n",
    "scores": "from sklearn.svm import SVC\nm = SVC().fit(a, b)\nx = m.predict(c)\n" + "x = x * x + x\n" * 60 + "SVC().fit(x, b)\n",
    "a table": "import pandas as pd\nx = pd.read_csv('a.csv')\n"
    + "x['a'] = x['a'] + x['b']\nx = pd.concat([x, x])\n" * 40
    + "x.to_csv('b.csv')\n",
    "functions": "def f0(x):\n    return x\n"
    + "".join(f"def f{n}(x):\n    return f{n - 1}(x) + f{n - 1}(x)\n" for n in range(1, 60))
    + "open(f59('a'))\n",
    "methods": "class A:\n    def f(self, x):\n        self.x = self.f(self.x) + self.f(x)\n        return self.x\n\nA().f(open(0))\n",
    "branches": "x = 1\n" + "if a:\n    x = x + 1\nelse:\n    x = x + 2\n" * 40 + "open(str(x))\n",
    "a long sum": "y = frame.assign(z=" + " + ".join(["frame"] * 900) + ")\ny.to_csv('a')\n",
    "a long chain": "y = frame" + ".fillna(0)" * 400 + "\nmodel.fit(y, z)\n",
    "a long condition": "if " + " and ".join(["x > 1"] * 900) + ":\n    model.fit(a)\n",
    "a long choice": "x = " + "".join(f"{n} if a == {n} else " for n in range(80)) + "0\nopen(x)\n",
}


@pytest.mark.parametrize("text", DOUBLING.values(), ids=DOUBLING)
def test_values_that_double_or_go_deep(tmp_path: Path, text: str) -> None:
    files = {"app.py": text.encode()}
    judged(tmp_path, files)
    assert not facts_of(tmp_path, "app.py")["app.py"].unread


USED = """
import joblib, os, torch
import numpy as np
import pandas as pd
from sklearn.svm import SVC

frame = pd.read_csv("a.csv")
model = SVC().fit(frame[["a"]], frame["b"])
x, y = os.environ["A"], ["a"]
{step}
model.fit(x, x); model.fit(frame, x); open(x).read(); frame.to_csv(x); frame["k"] = x
if x: model.predict(x)
torch.load(x); joblib.dump(x, "b.pkl"); frame[x].to_csv("c.csv"); SVC(C=x).fit(frame[x], frame["t"]); pd.read_sql(x, c)
"""
STEPS = {
    "a store": "x[x] = x",
    "a path": "x = os.path.join(x, x)",
    "a choice": "x = x if x else x",
    "an array": "x = np.where(x > 0.5, x, x)",
    "a name": "x = (z := x) + z",
    "a list": "x = [x, x]",
    "a method": "x = x.merge(x, on=x)",
    "a loop": "for x in x:\n    x = x + x",
    "a prediction": "x = SVC().fit(x, x).predict(x)",
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_values_that_double_wherever_they_are_used(tmp_path: Path, step: str) -> None:
    judged(tmp_path, {"app.py": USED.replace("{step}", f"{step}\n" * 40).encode()})


FOUND = {
    "an option without a name": b"import argparse\np = argparse.ArgumentParser()\np.add_argument('', default=3)\nprint(p.parse_args())\n",
    "a class in a function": b"def f():\n    class A:\n        def g(on=None):\n            if on and a:\n                b()\n\nf(1)\n",
    "a superscript": b"open('{\xc2\xb2}'.format('a')).read()\n",
    "a place of 5,000 digits": b"open('{" + b"9" * 5_000 + b"}'.format('a')).read()\n",
    "a sum of columns": b"def add(frame):\n    return frame.assign(code=" + b" + ".join([b"frame"] * 600) + b")\n",
}


@pytest.mark.parametrize("raw", FOUND.values(), ids=FOUND)
def test_what_the_long_fuzzer_found_in_python(tmp_path: Path, raw: bytes) -> None:
    assert judged(tmp_path, {"app.py": raw}).coverage


def test_what_the_long_fuzzer_found_elsewhere(tmp_path: Path) -> None:
    digits = b"9" * 5_000
    files = {
        "requirements.txt": b"pandas==" + digits + b".1\n",
        "q.sql": b"SELECT * FROM __mark_" + digits + b"__ JOIN `a.{" + digits + b"}`\n",
        "n.ipynb": b'{"cells": [], "metadata": ' + digits + b"}",
        "jobs/app.py": b"import pandas as pd\nprint(pd.read_sql('SELECT a FROM t{" + digits + b"}', c))\n",
    }
    assert judged(tmp_path, files).coverage
