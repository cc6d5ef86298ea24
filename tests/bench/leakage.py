"""Compares the leakage rules with the verdicts of a checkout of malusamayo/leakage-analysis, and measures how fast they are.

    python tests/bench/leakage.py DIR [--show]

DIR is the checkout; its tests name, for each notebook, the fits that leak. A file agrees when both say that something leaks, or both
that nothing does; the fits are compared too. Each file is analysed as it is and again as the body of a function that nobody calls.
That project's own analysis needs a type checker and a Datalog engine for each file; its limit is five minutes for each of the two.
"""

from __future__ import annotations

import argparse
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mldebt.catalogue import load_catalogue
from mldebt.config import Config
from mldebt.facts import extract
from mldebt.project import Project, link
from mldebt.sources.model import Language, Role, Source, Text

# Files where their verdict says more than is true of the code, and why.
DIFFERENT = {
    "nb_344814.py": "the mean only makes the label; the formula names other columns",
    "nb_1090319.py": "bins of pandas.cut that are written out learn nothing from the data",
    "nb_1255091.py": "the columns of qcut are dropped before the split",
}
_TEMPLATE = re.compile(r'template\("([^"]+)",\s*(\[[^\]]*\])')
_CATALOGUE = load_catalogue()


def expected(checkout: Path) -> dict[tuple[str, str], list[str]]:
    """By kind of leak and file: the fits that leak, as their tests write them."""
    found: dict[tuple[str, str], list[str]] = {}
    for kind in ("preprocessing", "overlap"):
        text = (checkout / "tests" / f"test_{kind}.py").read_text(encoding="utf-8").replace("\n", " ")
        for file, fits in _TEMPLATE.findall(text):
            found[kind, file] = re.findall(r"""['"]([^'"]+)['"]""", fits)
    return found


def project_of(text: str) -> Project:
    source = Source("notebook.py", Language.PYTHON, Role.CODE)
    return link(Path("/nowhere"), {source.path: (source, extract(source, Text(text, text.count("\n") + 1)))}, _CATALOGUE, Config())


def leaking(project: Project, kind: str) -> set[str]:
    """The fits that leak, as `Class.method`."""
    if kind == "overlap":
        return {s.pair.fit.use.label for s in project.leakage.shared()}
    return {one.pair.fit.use.label for one in project.leakage.learned()}


def wrapped(text: str) -> str:
    """The same code in a function that nobody calls."""
    return "def work():\n" + "".join(f"    {line}\n" for line in text.splitlines())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("--show", action="store_true", help="list the files that differ")
    options = parser.parse_args()
    verdicts = expected(options.checkout)
    for name, change in (("module level", str), ("function that nobody calls", wrapped)):
        same = known = unread = 0
        started = time.perf_counter()
        for (kind, file), fits in verdicts.items():
            text = (options.checkout / "tests" / "inputs" / file).read_text(encoding="utf-8")
            project = project_of(change(text))
            unread += bool(project.modules["notebook.py"].facts.unread)
            found = leaking(project, kind)
            same += bool(found) == bool(fits)
            known += bool(found) != bool(fits) and file in DIFFERENT
            if options.show and bool(found) != bool(fits):
                print(f"  {kind} {file}: theirs {sorted(fits)}, ours {sorted(found)} {DIFFERENT.get(file, '')}")
        seconds = time.perf_counter() - started
        print(f"{name}: {same} of {len(verdicts)} verdicts are the same, {known} differ for a known reason, {unread} unread")
        print(f"  {len(verdicts) / seconds:.1f} files/s, {seconds / len(verdicts):.3f} s for each file")


if __name__ == "__main__":
    main()
