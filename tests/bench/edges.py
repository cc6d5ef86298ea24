"""How many of the hand-made edges of a folder of truths are in `mldebt graph --format json`, and how many of its edges are not there.

    python tests/bench/edges.py CHECKOUTS GRAPHS [--show] [--extra]

CHECKOUTS holds one folder `<owner>__<name>` per repository; GRAPHS holds `graph_<owner>_<name>.csv` with the columns artifact,
producer_path:line, consumer_path:line, declared, same_component, resolvable_statically. An edge is found when some edge of the graph
has its writer, or a helper on the way to it, within three lines of the producer, and its reader likewise. Of a producer that is not in
the checkout only the reader is asked for, of an edge without a consumer only the writer. Places are compared, not names; a model in an
SQL file is the whole file, wherever in it the truth points. `+n` are edges that are not found so, but whose artifact joins the same two
files in the graph: the truth often names the line that builds a path, the graph the call that opens it.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

NEAR = 3
KINDS = ("yes", "partly", "no")
_FIELD = re.compile(r"(?:\([^()]*\)\s*)?(?P<path>[^()]*?)(?::(?P<lines>\d[\d,\s-]*))?\s*(?:\(.*\))?\s*")
_RANGE = re.compile(r"(\d+)\s*(?:-\s*(\d+))?")
_OUTSIDE = re.compile(r"(?:external|other repository|none|unknown|outside|manual)\b|\(no |dvc \(raw\)", re.IGNORECASE)


class Spot(NamedTuple):
    """A file of the checkout (or a glob or folder of files) with ranges of lines; no range: any line."""

    path: str
    ranges: tuple[tuple[int, int], ...]

    def holds(self, place: dict) -> bool:
        path = place["path"]
        if path != self.path and not path.startswith(f"{self.path.rstrip('/')}/") and not fnmatchcase(path, self.path):
            return False
        return (
            not self.ranges
            or (path.endswith(".sql") and place.get("writes", False))
            or any(a - NEAR <= place["end_line"] and place["line"] <= b + NEAR for a, b in self.ranges)
        )


class Truth(NamedTuple):
    artifact: str
    kind: str
    producer: Spot | None  # None: made elsewhere
    consumer: Spot | None  # None: read by nobody
    text: str


def main(checkouts: Path, graphs: Path, show: bool, extra: bool) -> None:
    """Print one row per project and one for all."""
    print(f"{'project':<52} {'yes':>11} {'partly':>9} {'no':>9}  edges  not in truth (silent)  unparsed")
    total: Counter[str] = Counter()
    for table in sorted(graphs.glob("graph_*.csv")):
        folder = _checkout(checkouts, table.stem.removeprefix("graph_"))
        if folder is None:
            print(f"{table.stem.removeprefix('graph_'):<52} no checkout")
            continue
        counts, notes = score(folder, table, extra)
        print(_row(table.stem.removeprefix("graph_"), counts))
        total += counts
        if show or extra:
            print("".join(f"    {note}\n" for note in notes if show or note.startswith("extra")), end="")
    print(_row("all", total))


def score(folder: Path, table: Path, extra: bool) -> tuple[Counter[str], list[str]]:
    """The counts of one project and a line for each edge that was missed."""
    graph = _graph(folder)
    counts: Counter[str] = Counter()
    notes: list[str] = []
    truths = []
    for row in csv.DictReader(table.open(encoding="utf-8", newline="")):
        truth = _truth(row, folder)
        if truth is None:
            counts["unparsed"] += 1
            notes.append(f"unparsed: {row['producer_path:line']} -> {row['consumer_path:line']}")
            continue
        truths.append(truth)
        hit = _found(truth, graph)
        near = not hit and _found(_anywhere(truth), _called(graph, truth.artifact))
        counts[truth.kind] += 1
        counts[f"{truth.kind} found"] += hit
        counts[f"{truth.kind} near"] += near
        if not hit and truth.kind != "no":
            notes.append(f"{'elsewhere' if near else 'missed'} {truth.kind}: {truth.text}")
    edges = {(_key(e["writer"]), _key(e["reader"])): e for e in graph["edges"]}
    within = table.stem.removeprefix("graph_" + folder.name.replace("__", "_", 1)).strip("_")
    edges = {key: e for key, e in edges.items() if e["reader"]["path"].startswith(f"{within}/" if within else "")}
    for edge in edges.values():
        if not any(t.producer and t.consumer and _ends(edge["writer"], t.producer) and _ends(edge["reader"], t.consumer) for t in truths):
            counts["more"] += 1
            counts["more silent"] += edge["silent"]
            if extra:
                said = f"{edge['artifact']}: {_said(edge['writer'])} -> {_said(edge['reader'])}"
                notes.append(f"extra{' silent' if edge['silent'] else ''}: {said}")
    counts["edges"] = len(edges)
    return counts, notes


def _found(truth: Truth, graph: dict) -> bool:
    if truth.producer is not None and truth.consumer is not None:
        return any(_ends(e["writer"], truth.producer) and _ends(e["reader"], truth.consumer) for e in graph["edges"])
    side, spot = ("readers", truth.consumer) if truth.producer is None else ("writers", truth.producer)
    return spot is not None and any(_ends(end, spot) for node in graph["artifacts"] for end in node[side])


def _anywhere(truth: Truth) -> Truth:
    """The same edge with any line of its files."""
    return truth._replace(
        producer=truth.producer and truth.producer._replace(ranges=()), consumer=truth.consumer and truth.consumer._replace(ranges=())
    )


def _called(graph: dict, artifact: str) -> dict:
    """The part of the graph that is about artifacts of this name: the longest text in the last part of one is in the label of the other."""
    last = artifact.rstrip("/*").rpartition("/")[2]
    word = max(re.split(r"\{[^}]*\}|[*\s(),]+", last), key=len)
    if len(word) < 4:
        return {"artifacts": [], "edges": []}
    nodes = [node for node in graph["artifacts"] if word in node["label"]]
    ids = {node["id"] for node in nodes}
    return {"artifacts": nodes, "edges": [edge for edge in graph["edges"] if edge["artifact"] in ids]}


def _ends(end: dict, spot: Spot) -> bool:
    return any(spot.holds(place) for place in (end, *end["via"]))


def _truth(row: dict[str, str], folder: Path) -> Truth | None:
    kind = (row["resolvable_statically"].split() or ["no"])[0].strip(",;")
    made, used = row["producer_path:line"].strip(), row["consumer_path:line"].strip()
    producer = None if not made or _OUTSIDE.match(made) else _spot(made, folder)
    consumer = _spot(used, folder) if used else None
    outside = not made or _OUTSIDE.match(made) is not None
    if kind not in KINDS or (producer is None and not outside) or (consumer is None and (used or outside)):
        return None
    return Truth(
        row["artifact"], kind, producer, consumer, f"{row['artifact']}: {made} -> {used or 'nobody'} [{row['resolvable_statically']}]"
    )


def _spot(field: str, folder: Path) -> Spot | None:
    """The place that a field names; None where no file of the checkout is meant."""
    found = _FIELD.fullmatch(field)
    if found is None:
        return None
    path = found["path"].strip()
    if not path:
        return None
    if not (folder / path).exists() and not any(folder.glob(path)):
        named = sorted(folder.rglob(path.rpartition("/")[2])) if re.fullmatch(r"[\w./-]+", path) else []
        if len(named) != 1:
            return None
        path = named[0].relative_to(folder).as_posix()
    return Spot(path, tuple((int(a), max(int(a), int(b or a))) for a, b in _RANGE.findall(found["lines"] or "")))


def _graph(folder: Path) -> dict:
    words = (sys.executable, "-m", "mldebt", "graph", str(folder), "--isolated", "--no-cache", "--no-progress", "-q", "--format", "json")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: exit code {done.returncode}: {done.stderr.strip()}")
    graph = json.loads(done.stdout)
    for end in (*(edge["writer"] for edge in graph["edges"]), *(end for node in graph["artifacts"] for end in node["writers"])):
        end["writes"] = True
    return graph


def _checkout(checkouts: Path, name: str) -> Path | None:
    """The folder whose name, with one underscore between owner and repository, is the longest start of `name`."""
    fits = [p for p in checkouts.iterdir() if (short := p.name.replace("__", "_", 1)) == name or name.startswith(f"{short}_")]
    return max(fits, key=lambda p: len(p.name), default=None)


def _key(end: dict) -> tuple[str, int, int]:
    return end["path"], end["line"], end["column"]


def _said(end: dict) -> str:
    return f"{end['path']}:{end['line']}"


def _row(name: str, counts: Counter[str]) -> str:
    cells = " ".join(f"{_share(counts, kind):>{11 if kind == 'yes' else 9}}" for kind in KINDS)
    return f"{name:<52} {cells} {counts['edges']:>6}  {counts['more']:>12} ({counts['more silent']})  {counts['unparsed']:>8}"


def _share(counts: Counter[str], kind: str) -> str:
    near = f"+{counts[f'{kind} near']}" if counts[f"{kind} near"] else ""
    return f"{counts[f'{kind} found']}{near}/{counts[kind]}" if counts[kind] else "-"


def _options() -> Iterator[str]:
    yield from (word for word in sys.argv[1:] if word.startswith("--"))


if __name__ == "__main__":
    places = [Path(word) for word in sys.argv[1:] if not word.startswith("--")]
    if len(places) != 2 or not all(place.is_dir() for place in places) or not set(_options()) <= {"--show", "--extra"}:
        raise SystemExit("usage: python tests/bench/edges.py CHECKOUTS GRAPHS [--show] [--extra]")
    main(*places, "--show" in _options(), "--extra" in _options())
