"""The baseline file, and which findings it explains."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mldebt import baseline
from mldebt.baseline import Entry, Match, describe, entry, match, pruned, read, updated, write
from mldebt.config import ConfigError
from mldebt.findings import Certainty, Finding, Location, Ranked, Severity
from mldebt.ranking import fingerprint

HEADER = '{"mldebt-baseline": 1}\n'
LINE = '{"path": "a.py", "code": "MLD420", "name": "dead-experimental-branch", "scope": "fit", "anchor": "if x"}\n'


def ranked(path: str, anchor: str = "x", code: str = "MLD420", scope: str = "", ordinal: int = 0, also: Sequence[str] = ()) -> Ranked:
    places = tuple(Location(other, 1) for other in also)
    return Ranked(
        finding=Finding("dead-experimental-branch", Location(path, 7), "message", anchor, scope, places),
        code=code,
        name="dead-experimental-branch",
        debt="dead-experimental-path",
        severity=Severity.WARNING,
        certainty=Certainty.PROVED,
        help="",
        principal_minutes=1.0,
        interest_minutes_per_quarter=1.0,
        exposure="library",
        fingerprint=fingerprint(code, path, scope, anchor, ordinal),
        rank=1,
        ordinal=ordinal,
    )


def always(one: Entry) -> bool:
    return True


def against(before: Sequence[Ranked], now: Sequence[Ranked], gone: Callable[[str], bool] | None = None) -> Match:
    return match(now, [entry(one) for one in before], seen=always, gone=gone)


# the file --------------------------------------------------------------------------------------------------------------------


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / baseline.NAME
    write(file, [entry(ranked("b/é.py", "if y", scope="fit", ordinal=1)), entry(ranked("a.py", 'two\n"lines"'))])
    assert file.read_text(encoding="utf-8").splitlines() == [
        '{"mldebt-baseline": 1}',
        '{"path": "a.py", "code": "MLD420", "name": "dead-experimental-branch", "scope": "", "anchor": "two\\n\\"lines\\""}',
        '{"path": "b/é.py", "code": "MLD420", "name": "dead-experimental-branch", "scope": "fit", "anchor": "if y", "ordinal": 1}',
    ]
    assert file.read_bytes().endswith(b"}\n")


texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(["\udcff.py", "a\r\nb", "\u2028", '"', "<<<<<<< ours"])
any_entries = st.lists(st.builds(Entry, texts, texts, st.just("a-rule"), texts, texts, st.integers(0, 3)), max_size=6)


@settings(max_examples=60, deadline=None)
@given(any_entries, st.randoms(use_true_random=False))
def test_the_same_entries_give_the_same_bytes_and_come_back(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], rng: random.Random
):
    folder = tmp_path_factory.mktemp("baseline")
    write(folder / "one", entries)
    shuffled = [*entries, *entries[:2]]
    rng.shuffle(shuffled)
    write(folder / "other", shuffled)
    assert (folder / "one").read_bytes() == (folder / "other").read_bytes()
    assert (folder / "one").read_bytes().count(b"\n") == 1 + len(set(entries))
    assert read(folder / "one") == tuple(sorted(set(entries)))


@pytest.mark.parametrize(
    "text",
    [
        HEADER + LINE,
        HEADER + LINE + LINE,  # both sides of a merge added it
        HEADER + LINE + HEADER + LINE,
        "\ufeff" + HEADER + "\n" + LINE.rstrip(),
        (HEADER + LINE).replace("\n", "\r\n"),
    ],
)
def test_what_merges_and_editors_leave_is_read(tmp_path: Path, text: str) -> None:
    file = tmp_path / "debt.jsonl"
    file.write_bytes(text.encode())
    assert read(file) == (Entry("a.py", "MLD420", "dead-experimental-branch", "fit", "if x"),)


def test_both_sides_of_a_merge_know_the_finding_with_other_files(tmp_path: Path) -> None:
    sides = [entry(ranked("a.py", also=["b.py"])), entry(ranked("a.py", also=["c.py"]))]
    write(tmp_path / "merged", sides)
    assert read(tmp_path / "merged") == (entry(ranked("a.py", also=["b.py", "c.py"])),)


@pytest.mark.parametrize(
    ("data", "line", "said"),
    [
        (HEADER + "<<<<<<< HEAD\n" + LINE, 2, "merge conflict; keep the lines of both sides"),
        (HEADER + LINE + "=======\n", 3, "merge conflict"),
        (HEADER + LINE + "||||||| 1234\n", 3, "merge conflict"),
        (HEADER + LINE + ">>>>>>> main\r\n", 3, "merge conflict"),
        ("<<<<<<< HEAD\n" + HEADER, 1, "merge conflict"),
        (HEADER + LINE[:40], 2, "cut off or damaged"),
        (HEADER + "[" * 100_000, 2, "cut off or damaged"),
        (HEADER + '{"path": ' + "9" * 5000 + "}", 2, "cut off or damaged"),
        (HEADER + "[]", 2, "no JSON object"),
        ('{"mldebt-baseline": 2}\n' + LINE, 1, "version 2, and this mldebt reads version 1; update mldebt"),
        ('{"mldebt-baseline": true}\n', 1, "version True"),
        ('{"mldebt-baseline": 1, "date": "today"}\n', 1, "version 1"),
        (LINE, 1, 'must begin with {"mldebt-baseline": 1}'),
        ("", 1, "empty; write it anew with --update-baseline"),
        (HEADER + LINE.replace('"scope"', '"scop"'), 2, "unknown key 'scop'; did you mean scope?"),
        (HEADER + LINE.replace("}", ', "line": 3}'), 2, "unknown key 'line'"),
        (HEADER + '{"path": "a.py"}', 2, "missing required field `code`"),
        (HEADER + LINE.replace('"fit"', "3"), 2, "Expected `str`, got `int`"),
        (HEADER + LINE.replace("}", ', "ordinal": -1}'), 2, "below 0"),
        (HEADER + LINE.replace("}", ', "ordinal": 1.5}'), 2, "Expected `int`, got `float`"),
    ],
)
def test_damage_is_told_with_its_line_and_the_mend(tmp_path: Path, data: str, line: int, said: str) -> None:
    file = tmp_path / "debt.jsonl"
    file.write_bytes(data.encode())
    with pytest.raises(ConfigError) as error:
        read(file)
    assert str(error.value).startswith(f"{file}:{line}: ")
    assert said in str(error.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(HEADER.encode() + b'{"path": "\xe9.py"}\n')
    for name, said in (("latin", r"latin:2: .* not UTF-8; save it as"), ("none", "no such baseline; write it"), (".", "directory")):
        with pytest.raises(ConfigError, match=said):
            read(tmp_path / name)
    for place in (tmp_path, tmp_path / "none" / "debt.jsonl"):
        with pytest.raises(ConfigError, match="cannot be written"):
            write(place, [])


# matching --------------------------------------------------------------------------------------------------------------------

PATHS = ("a.py", "lib/a.py", "lib/b.py", "jobs/c.py")


@st.composite
def some_findings(draw: st.DrawFn) -> list[Ranked]:
    """As a run gives them: those with one code, path, scope and anchor are numbered."""
    keys = st.tuples(st.sampled_from(PATHS), st.sampled_from(["x", "y", "lib/a.py z"]), st.sampled_from(["", "f"]), st.integers(1, 3))
    chosen = draw(st.lists(keys, max_size=6, unique_by=lambda key: key[:3]))
    also = draw(st.lists(st.sampled_from(PATHS), max_size=2))
    return [
        ranked(path, anchor, scope=scope, ordinal=number, also=also) for path, anchor, scope, count in chosen for number in range(count)
    ]


@settings(max_examples=80, deadline=None)
@given(some_findings())
def test_a_fresh_baseline_knows_everything(now: list[Ranked]) -> None:
    entries = updated((), now, always)
    found = match(now, entries, seen=always)
    assert found == Match(new=(), known=tuple(now), stale=())
    assert pruned(entries, found) == entries


@settings(max_examples=100, deadline=None)
@given(some_findings(), some_findings(), st.booleans(), st.randoms(use_true_random=False))
def test_nothing_is_lost_and_order_does_not_matter(before: list[Ranked], now: list[Ranked], asks: bool, rng: random.Random) -> None:
    entries = [entry(one) for one in before]
    gone = (lambda path: path in PATHS[:2]) if asks else None
    found = match(now, entries, seen=always, gone=gone)
    assert [one for one in now if one in found.known or one in found.new] == now
    assert len(found.known) + len(found.new) == len(now)
    assert len(found.known) + len(found.grown) + len(found.stale) == len(set(entries))  # one entry explains one finding
    other, others = list(now), [*entries, *entries]
    rng.shuffle(other)
    rng.shuffle(others)
    again = match(other, others, seen=always, gone=gone)
    assert again.stale == found.stale and again.moved == found.moved
    assert {one.fingerprint for one in again.new} == {one.fingerprint for one in found.new}
    kept = pruned(entries, found)
    once = match(now, kept, seen=always, gone=gone)
    assert (once.new, once.known, once.stale, once.moved) == (found.new, found.known, (), ())
    assert pruned(kept, once) == kept


@settings(max_examples=80, deadline=None)
@given(some_findings(), some_findings(), st.sampled_from(PATHS))
def test_what_a_run_cannot_see_stays(before: list[Ranked], now: list[Ranked], part: str) -> None:
    def seen(one: Entry) -> bool:
        return one.path == part

    now = [one for one in now if one.finding.location.path == part]
    old = [entry(one) for one in before]
    found = match(now, old, seen=seen, gone=lambda path: False)
    hidden = {one for one in old if not seen(one)}
    assert all(seen(one) for one in found.stale)
    assert hidden <= set(pruned(old, found)) | {one for one, _ in found.moved}
    fresh = updated(old, now, seen)
    assert hidden <= set(fresh)
    assert match(now, fresh, seen=seen, gone=lambda path: False).new == ()
    assert match(now, fresh, seen=seen, gone=lambda path: False).stale == ()


@settings(max_examples=80, deadline=None)
@given(some_findings(), st.permutations(["p.py", "q/a.py", "q/r/b.py", "s.py"]), st.booleans())
def test_renamed_files_bring_nothing_new(before: list[Ranked], names: list[str], asks: bool) -> None:
    before = [one for one in before if "/" not in one.finding.anchor]
    before += [ranked(path, anchor) for path in PATHS for anchor in ("k", "l")]  # one in common would be little
    new = dict(zip(PATHS, names, strict=True))
    now = [
        ranked(new[one.finding.location.path], one.finding.anchor, scope=one.finding.scope, ordinal=one.ordinal, also=[]) for one in before
    ]
    found = against(before, now, gone=(lambda path: path in PATHS) if asks else None)
    assert (found.new, found.stale) == ((), ())
    assert {after for _, after in found.moved} == {entry(one) for one in now}


def test_an_equal_finding_above_makes_the_last_one_new() -> None:
    one, two, three = (ranked("a.py", ordinal=number) for number in range(3))
    assert against([one, two], [one, two, three]).new == (three,)
    assert against([one, two, three], [one]).stale == (entry(two), entry(three))
    after = against([two], [one])  # somebody took the first line out of the baseline by hand
    assert (after.known, after.moved) == ((one,), ((entry(two), entry(one)),))


def test_the_rule_may_be_renamed() -> None:
    old = msgspec.structs.replace(entry(ranked("a.py")), name="an-older-name")
    found = match([ranked("a.py")], [old], seen=always)
    assert (found.new, found.stale, found.moved) == ((), (), ())


def test_only_a_file_that_is_gone_was_renamed() -> None:
    old, new = ranked("a.py"), ranked("b.py")
    assert against([old], [new], gone=lambda path: True).known == (new,)
    assert against([old], [new], gone=lambda path: False).new == (new,)  # a copy is new debt
    assert against([old], [new]).known == (new,)  # as far as one can tell
    assert against([old], [new, ranked("a.py", "other")]).new[0] == new  # the file is there
    assert against([old], [new, ranked("c.py", "other", also=["a.py"])]).new[0] == new
    assert against([old, ranked("b.py", "y")], [new], gone=lambda path: True).new == (new,)  # the baseline knows the file
    assert match([new], [entry(old)], seen=lambda one: False).new == (new,)
    partly = match([new], [entry(old)], seen=lambda one: False, gone=lambda path: path == "a.py")  # only b.py was asked for
    assert (partly.known, partly.moved) == ((new,), ((entry(old), entry(new)),))


def test_one_file_becomes_one_file() -> None:
    one, two = ranked("b/train.py"), ranked("c/train.py")
    found = against([ranked("a/train.py")], [one, two], gone=lambda path: True)
    assert (found.known, found.new) == ((one,), (two,))


@pytest.mark.parametrize(
    ("old", "candidates", "taken"),
    [
        ("a/train.py", ("a/trainer.py", "b/train.py"), "b/train.py"),
        ("src/x/train.py", ("lib/x/train.py", "lib/y/train.py", "train.py"), "lib/x/train.py"),
        ("a/load_data.py", ("a/report.py", "a/load_table.py"), "a/load_table.py"),
        ("a/one.py", ("a/two.py", "a/two.py"), "a/two.py"),
    ],
)
def test_the_likeliest_file_is_taken(old: str, candidates: tuple[str, ...], taken: str) -> None:
    found = against([ranked(old)], [ranked(path, ordinal=candidates[:at].count(path)) for at, path in enumerate(candidates)])
    assert [one.finding.location.path for one in found.known] == [taken]


def test_the_file_with_most_of_the_findings_comes_before_one_of_the_name() -> None:
    before = [ranked("a/utils.py", anchor) for anchor in "xyz"]
    now = [*(ranked("a/helpers.py", anchor) for anchor in "xyz"), ranked("b/utils.py", "x")]
    assert against(before, now).new == (now[-1],)


def test_anchors_that_name_other_files() -> None:
    def gone(path: str) -> bool:
        return path in ("b.py", "old/b.py")

    copies = [ranked("a.py", "a.py b.py", also=["b.py"])]
    assert against(copies, [ranked("a.py", "a.py c.py", also=["c.py"])], gone).new == ()
    # The order of the paths, and with it the first of them, may change.
    assert against(copies, [ranked("A.py", "A.py a.py", also=["a.py"])], gone).new == ()
    copies = [ranked("old/b.py", "old/b.py z.py", also=["z.py"]), ranked("old/b.py", "x")]
    moved = [ranked("z.py", "z.py zz/b.py", also=["zz/b.py"]), ranked("zz/b.py", "x")]
    assert against(copies, moved, gone).new == ()
    # Another artifact is other debt: it is no file of the project.
    assert against([ranked("a.py", "models/v1/b.py")], [ranked("a.py", "models/v2/b.py")], lambda path: path != "a.py").new != ()
    asked = [ranked("a.py", "the model that `old/b.py` asks>M>", also=["old/b.py"]), ranked("old/b.py", "x")]
    told = [ranked("a.py", "the model that `new/c.py` asks>M>", also=["new/c.py"]), ranked("new/c.py", "x")]
    assert against(asked, told, gone).new == ()


def test_a_finding_that_begins_in_another_of_its_files_is_known() -> None:
    found = against([ranked("m.py", "table.csv", also=["a.py", "n.py"])], [ranked("a.py", "table.csv", also=["m.py", "n.py"])])
    assert (found.new, found.stale) == ((), ())
    assert against([ranked("m.py", "table.csv")], [ranked("a.py", "table.csv", also=["n.py"])], lambda path: False).new != ()
    renamed = against(
        [ranked("z.py", "table.csv", also=["b.py"]), ranked("b.py")], [ranked("b.py", "table.csv", also=["new/z.py"]), ranked("b.py")]
    )
    assert (renamed.new, renamed.stale) == ((), ())


def test_debt_that_reaches_one_more_file_is_new() -> None:
    two, three = ranked("m.py", "table.csv", also=["n.py"]), ranked("a.py", "table.csv", also=["m.py", "n.py"])
    grown = against([two], [three], lambda path: False)
    assert (grown.new, grown.known, grown.stale, grown.grown) == ((three,), (), (), (three,))
    assert pruned([entry(two)], grown) == (entry(two),)
    shrunk = against([three], [two], lambda path: False)
    assert (shrunk.known, shrunk.moved) == ((two,), ((entry(three), entry(two)),))
    # One file for another: it was renamed, or stood behind those that the finding names.
    assert against([two], [ranked("m.py", "table.csv", also=["x/n.py"])], lambda path: path == "n.py").known != ()
    assert against([two], [ranked("m.py", "table.csv", also=["x/n.py"])], lambda path: False).known != ()


def test_where_the_ends_are_the_debt_a_new_one_is_not_made_good_by_one_that_went() -> None:
    def coupled(path: str, *also: str) -> Ranked:
        return msgspec.structs.replace(ranked(path, "table.csv", also=also), debt="undeclared-consumer")

    before, after = coupled("r1.py", "r2.py", "writer.py"), coupled("r1.py", "svc/pay.py", "writer.py")
    assert against([before], [after], lambda path: False).new == (after,)
    assert against([before], [after], lambda path: path == "r2.py").known == (after,)
    alone = coupled("svc/pay.py", "writer.py")
    assert against([coupled("r1.py", "writer.py")], [alone], lambda path: False).new == (alone,)


def test_one_common_finding_does_not_make_another_file_the_old_one() -> None:
    old, new = ranked("old.py", "pickle.load", scope="predict"), ranked("api/upload.py", "pickle.load", scope="predict")
    assert against([old], [new], lambda path: path == "old.py").new == (new,)
    broken = ranked("api/old.py", "file")
    assert against([ranked("old.py", "file")], [broken], lambda path: path == "old.py").new == (broken,)


def test_what_a_file_names_relative_to_itself_moves_with_it() -> None:
    before = [ranked("jobs/a.py", "jobs/out/table.csv"), ranked("jobs/a.py", "x")]
    now = [ranked("nightly/a.py", "nightly/out/table.csv"), ranked("nightly/a.py", "x")]
    assert against(before, now).new == ()
    spaced = [ranked("my books/a b.ipynb", "c.py my books/a b.ipynb"), ranked("my books/a b.ipynb", "x")]
    assert against(spaced, [ranked("e/f g.ipynb", "c.py e/f g.ipynb"), ranked("e/f g.ipynb", "x")]).new == ()


def test_one_line_for_people() -> None:
    assert describe(entry(ranked("a.py", "if\n x", scope="C.fit", ordinal=1))) == (
        "a.py: MLD420 dead-experimental-branch in C.fit: if x (number 2)"
    )
    assert describe(entry(ranked("a.py", "if x"))) == "a.py: MLD420 dead-experimental-branch: if x"


def grouped(*parts: str) -> Ranked:
    one = ranked("conf.yaml", "model.*", code="MLD501")
    return msgspec.structs.replace(one, finding=msgspec.structs.replace(one.finding, parts=parts))


def test_a_group_is_known_by_its_parts(tmp_path: Path) -> None:
    before = grouped("depth", "rate")
    fewer, same, more = (against([before], [grouped(*parts)]) for parts in (("rate",), ("rate", "depth"), ("depth", "leaves", "rate")))
    assert (fewer.new, fewer.stale) == ((), ()), "a part is paid"
    assert (same.new, same.moved) == ((), ()), "in another order"
    assert (more.new, more.known) == (more.grown, ()), "one more part is told"
    file = tmp_path / baseline.NAME
    write(file, [entry(before)])
    assert read(file) == (entry(before),)
    write(file, pruned(read(file), fewer))
    assert read(file)[0].parts == ("rate",)
    file.write_text(file.read_text() + file.read_text().splitlines()[1].replace("rate", "depth") + "\n")
    assert read(file)[0].parts == ("depth", "rate"), "both sides of a merge"
