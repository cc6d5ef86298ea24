"""Recomputes the tables of the README, and the measured figures of the cards, from hand labels, verdicts and peers.

    python tests/bench/checkouts.py DIR --judged          # once: fetches the repositories
    python tests/bench/published.py DIR [DIR ...] [--peers VENV/bin] [--cache DIR] [--write]

Per debt: recall on the labels of tests/labels (default profile), precision on the verdicts of tests/judged, and the same labels scored
for other linters. Per rule: verdicts on findings that this version still reports in the rule's own profile (`now`), all verdicts (`ever`),
and those on code that no rule had been tuned on when it was judged (`fresh`).
`--write` puts the tables into README.md and the figures into rules/debts/*.md; otherwise they are printed. Without `--peers` no tables of
peers are made, and those of the README stay.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import re
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import labels
import peers
from checkouts import JUDGED, checkout_of, judged_commits
from labels import Found, Label, Span

from mldebt import checks, engine
from mldebt.cards import Card, load_cards
from mldebt.config import Config, Loaded
from mldebt.findings import Finding

ROOT = Path(__file__).resolve().parents[2]
SLACK = 3
Verdicts = dict[tuple[str, str, str], list[tuple[int, str]]]


def verdicts(files: str = "*.csv") -> Verdicts:
    """(line, verdict) by repository, path and code. Files called `*fresh*` are of code that no rule was tuned on when it was judged."""
    found: Verdicts = defaultdict(list)
    for file in sorted(JUDGED.glob(files)):
        with file.open(encoding="utf-8", newline="") as rows:
            for row in csv.DictReader(rows):
                found[row["repo"], row["path"], row["code"]].append((int(row["line"]), row["verdict"]))
    return found


def findings(checkout: Path, profile: str, rules: Sequence[str], cache: Path) -> list[Finding]:
    """What the rules say in a profile, without comments and settings of the repository."""
    loaded = Loaded(checkout.resolve(), Config(profile=profile, cache_dir=str(cache.resolve()), history=False))
    project, _ = engine.link(loaded, engine.Request((checkout,)))
    least = project.thresholds.least_confidence
    return [found for found in checks.run(project, rules) if found.confidence >= least]


def spans_of(finding: Finding) -> tuple[Span, ...]:
    return tuple(Span(place.path, place.line, place.end_line or place.line) for place in (finding.location, *finding.evidence))


def judged(found: Iterable[Finding], repo: str, known: Verdicts, codes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(rule, verdict) of each finding; `unread` when nobody judged it."""
    for finding in found:
        place = finding.location
        near = [
            (abs(at - place.line), verdict)
            for at, verdict in known.get((repo, place.path, codes[finding.rule]), ())
            if abs(at - place.line) <= SLACK
        ]
        yield finding.rule, min(near)[1] if near else "unread"


class Measured:
    """Everything that one run measured."""

    def __init__(self, folders: Sequence[Path], cache: Path) -> None:
        self.cards = {card.name: card for card in load_cards().values()}
        self.labels, commits, self.read = labels.load()
        self.checkouts = {repo: path for repo in sorted({*commits, *judged_commits()}) if (path := checkout_of(repo, folders)) is not None}
        self.missing = sorted({*commits, *judged_commits()} - self.checkouts.keys())
        self.now: dict[str, Counter[str]] = defaultdict(Counter)
        self.by_debt: dict[str, Counter[str]] = defaultdict(Counter)
        self._measure(cache)
        self.ever, self.fresh = self._given("*.csv"), self._given("*fresh*.csv")

    def _given(self, files: str) -> dict[str, Counter[str]]:
        """All verdicts of these files, by rule."""
        by_code = {card.code: card.name for card in self.cards.values()}
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for (_, _, code), given in verdicts(files).items():
            found[by_code[code]].update(verdict for _, verdict in given)
        return found

    def _measure(self, cache: Path) -> None:
        known = verdicts()
        codes = {card.name: card.code for card in self.cards.values()}
        for repo, checkout in self.checkouts.items():
            for profile in ("default", "strict", "audit"):
                rules = [name for name, card in self.cards.items() if card.profile == profile and name in checks.RULES]
                found = findings(checkout, profile, rules, cache)
                for rule, verdict in judged(found, repo, known, codes):
                    self.now[rule][verdict] += 1
                if profile == "default" and repo in self.labels:
                    said = [Found(self.cards[one.rule].debt, spans_of(one)) for one in found]
                    add(self.by_debt, labels.score(self.labels[repo], self.read.get(repo, frozenset()), said))
            print(".", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)


def add(table: dict[str, Counter[str]], more: Mapping[str, Counter[str]]) -> None:
    for debt, counts in more.items():
        table[debt].update(counts)


def of_peers(checkouts: Mapping[str, Path], marked: Mapping[str, list[Label]], programs: Path) -> dict[str, dict[str, Counter[str]]]:
    """The same score for each peer, by its name and the debt."""
    _, _, read = labels.load()
    tables: dict[str, dict[str, Counter[str]]] = {}
    for name in peers.versions(programs):
        table: dict[str, Counter[str]] = defaultdict(Counter)
        for repo in sorted(marked.keys() & checkouts.keys()):
            add(table, labels.score(marked[repo], read.get(repo, frozenset()), peers.said_by(name, programs, checkouts[repo])))
        tables[name] = table
        print(f"{name} ", end="", file=sys.stderr, flush=True)
    return tables


def share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def ratio(counts: Counter[str]) -> str:
    whole = counts["right"] + counts["wrong"]
    return f"{counts['right']} / {whole}" if whole else "-"


def debts_table(measured: Measured, today: str) -> list[str]:
    """Per debt: labels, recall, verdicts on the rules of the default profile, findings in completely read files."""
    rows = [
        f"Measured {today}, profile `default`, {len(measured.labels.keys() & measured.checkouts.keys())} labelled and "
        f"{len(judged_commits().keys() & measured.checkouts.keys())} judged repositories.",
        "",
        "| debt | labels (high) | recall (high) | right / judged | precision | fresh | findings in read files: on debt, on clean, open |",
        "|---|---|---|---|---|---|---|",
    ]
    default: dict[str, Counter[str]] = defaultdict(Counter)
    fresh: dict[str, Counter[str]] = defaultdict(Counter)
    for name, card in measured.cards.items():
        if card.profile == "default":
            default[card.debt].update(measured.now[name])
            fresh[card.debt].update(measured.fresh[name])
    for debt in sorted({card.debt for card in measured.cards.values()} - {"mldebt"}):
        seen, right, wrong = measured.by_debt[debt], default[debt]["right"], default[debt]["wrong"]
        marked = f"{seen['labels']} ({seen['high']})" if seen["labels"] else "none"
        recall = f"{share(seen['hit'], seen['labels'])} ({share(seen['high_hit'], seen['high'])})" if seen["labels"] else "-"
        places = f"{seen['on_debt']}, {seen['on_clean']}, {seen['open']}"
        new = ratio(fresh[debt])
        rows.append(f"| {debt} | {marked} | {recall} | {right} / {right + wrong} | {share(right, right + wrong)} | {new} | {places} |")
    return rows


def rules_table(measured: Measured) -> list[str]:
    """Per rule that was ever judged."""
    rows = ["| rule | profile | right / judged, now | precision | right / judged, ever | fresh |", "|---|---|---|---|---|---|"]
    for card in sorted(measured.cards.values(), key=lambda card: card.code):
        now, ever = measured.now[card.name], measured.ever[card.name]
        if now["right"] + now["wrong"] or ever["right"] + ever["wrong"]:
            whole = now["right"] + now["wrong"]
            rows.append(
                f"| {card.code} {card.name} | {card.profile} | {now['right']} / {whole} | {share(now['right'], whole)} "
                f"| {ratio(ever)} | {ratio(measured.fresh[card.name])} |"
            )
    return rows


def peers_table(measured: Measured, programs: Path) -> list[str]:
    """Each peer beside mldebt in the debts for which the peer has a rule that speaks on these files."""
    tables, versions = of_peers(measured.checkouts, measured.labels, programs), peers.versions(programs)
    rows = [
        "| debt | tool | labels met (of high) | findings in read files | on debt | on clean |",
        "|---|---|---|---|---|---|",
    ]
    for debt in sorted({debt for table in tables.values() for debt, seen in table.items() if spoken(seen)}):
        entries = [("mldebt", measured.by_debt[debt])]
        entries += [(f"{name} {versions[name]}", table[debt]) for name, table in tables.items() if spoken(table[debt])]
        for name, seen in entries:
            met = f"{seen['hit']} of {seen['labels']} ({seen['high_hit']} of {seen['high']})"
            rows.append(f"| {debt} | {name} | {met} | {spoken(seen)} | {seen['on_debt']} | {seen['on_clean']} |")
    return rows


def spoken(seen: Counter[str]) -> int:
    return seen["on_debt"] + seen["on_clean"] + seen["open"]


def written(text: str, mark: str, rows: Sequence[str]) -> str:
    """The text with the lines between the two marks replaced."""
    pattern = re.compile(rf"(<!-- {mark}: begin -->\n).*?(<!-- {mark}: end -->)", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"README.md has no part {mark!r}")
    return pattern.sub(lambda found: found[1] + "\n".join(rows) + "\n" + found[2], text)


def card_with(text: str, card: Card, counts: Counter[str], today: str) -> str:
    """The card's text with its measured figures; too few verdicts are no figure, and those that stand then stay."""
    right, whole = counts["right"], counts["right"] + counts["wrong"]
    if not whole or (card.measured and (card.measured.right, card.measured.judged) == (right, whole)):
        return text
    figures = f'[measured]\nprecision = {round(right / whole, 2)}\nright = {right}\njudged = {whole}\ndate = "{today}"\n'
    if card.measured and card.measured.recall_high is not None:
        figures += f"recall-high = {card.measured.recall_high}\n"
    head, mark, body = text.partition("\n+++\n")
    head = re.sub(r"\n\[measured\]\n(?:.+\n?)*", "", head).rstrip()
    return f"{head}\n\n{figures}+++\n{body}" if mark else text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--peers", type=Path, help="folder of programs with the other linters")
    parser.add_argument("--cache", type=Path, help="keep what the files say here")
    parser.add_argument("--write", action="store_true", help="write README.md and the cards")
    options = parser.parse_args()
    today = datetime.date.today().isoformat()
    with tempfile.TemporaryDirectory() as scratch:
        measured = Measured(options.folders, options.cache or Path(scratch))
    if measured.missing:
        print(f"no checkout of {len(measured.missing)}: {', '.join(measured.missing)}", file=sys.stderr)
    parts = {"debts": debts_table(measured, today), "measured": rules_table(measured)}
    if options.peers:
        parts["peers"] = peers_table(measured, options.peers)
    if not options.write:
        print("\n\n".join("\n".join(rows) for rows in parts.values()))
        return
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for mark, rows in parts.items():
        readme = written(readme, mark, rows)
    (ROOT / "README.md").write_text(readme, encoding="utf-8")
    for name, card in measured.cards.items():
        path = ROOT / "rules" / "debts" / f"{name}.md"
        text = path.read_text(encoding="utf-8")
        if (new := card_with(text, card, measured.now[name], today)) != text:
            path.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
