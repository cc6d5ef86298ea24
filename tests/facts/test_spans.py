"""Positions of calls are those of libcst's own provider, on real files, with and without a stdlib tree."""

from __future__ import annotations

import importlib.util
import tokenize
from collections import Counter
from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libcst.metadata import MetadataWrapper, PositionProvider

from mldebt.facts import extract
from mldebt.facts.model import Facts, Span
from mldebt.sources.model import Text
from tests.project.reading import PYTHON, calls_of, facts_of, under

PEP_695 = "\ntype _NewerSyntax = int\n"  # a line that only libcst reads on Python 3.11
PACKAGES = {"click": 2, "networkx": 9, "sklearn": 15}  # every so many files


def files_of(package: str, step: int) -> list[Path]:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return []
    return sorted(Path(spec.submodule_search_locations[0]).rglob("*.py"))[::step]


def expected(source: str) -> tuple[list[Span], list[Span]]:
    """By libcst: the spans of calls outside f-strings, and of those inside with the span of the outermost f-string."""
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    ranges = wrapper.resolve(PositionProvider)
    outside: list[Span] = []
    inside: list[Span] = []
    stack: list[tuple[cst.CSTNode, bool]] = [(wrapper.module, False)]
    while stack:
        node, formatted = stack.pop()
        formatted = formatted or isinstance(node, cst.FormattedString)
        if isinstance(node, cst.Call):
            found = ranges[node]
            span = Span(found.start.line, found.start.column + 1, found.end.line, found.end.column + 1)
            (inside if formatted else outside).append(span)
        stack.extend((child, formatted) for child in node.children)
    return outside, inside


def read(source: str) -> Facts:
    return extract(PYTHON, Text(source, source.count("\n") + 1))


def covers(outer: Span, inner: Span) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def compare(source: str, where: object) -> int:
    """Asserts the equality of all spans of calls in a text; the number of calls outside f-strings."""
    outside, inside = expected(source)
    facts = read(source)
    assert not facts.unread, where
    ours = Counter(site.span for site in facts.sites)
    assert not Counter(outside) - ours, where
    rest = sorted((ours - Counter(outside)).elements(), key=lambda s: (s.line, s.column))
    assert len(rest) == len(inside), where
    # Inside an f-string a call stands where the whole string does.
    assert all(any(covers(span, call) for span in rest) for call in inside), where
    return len(outside)


@pytest.mark.parametrize("package", PACKAGES)
def test_calls_of_real_files_stand_where_libcst_says(package: str) -> None:
    files = files_of(package, PACKAGES[package])
    if not files:
        pytest.skip(f"{package} is not installed")
    total = sum(compare(_source(path), path) for path in files)
    assert total > 100


@pytest.mark.parametrize("package", ["click", "networkx"])
def test_without_a_stdlib_tree_the_spans_are_libcsts_own(package: str) -> None:
    files = files_of(package, 40 if package == "networkx" else 5)
    if not files:
        pytest.skip(f"{package} is not installed")
    for path in files:
        source = _source(path) + PEP_695
        outside, inside = expected(source)
        assert Counter(site.span for site in read(source).sites) == Counter([*outside, *inside]), path


def _source(path: Path) -> str:
    with tokenize.open(path) as file:
        return file.read()


SAMPLE = """\
größe = f(1, "ü") + g(h("日本"), k=é("😀"))   # ü()
x = "😀", f("a")(
    *größe(), **m(n="ß"),
).o("p")[q()]
def ŧ(a=r(), *b: s("é"), c="é".t()) -> u():
    return v(w(), "ö") if "ö".y() else [z(i) for i in "ä".aa() if bb("ë")]
@cc("ÿ").dd()
class C(ee(), metaclass=ff("ï")):
    gg = lambda x=hh("ñ"): ii("ñ", x)
    jj("a"
       "ü", kk()); ll("é"); mm()
"""


@pytest.mark.parametrize("ending", ["", PEP_695])
def test_calls_on_lines_with_other_than_ascii(ending: str) -> None:
    source = SAMPLE + ending
    assert compare(source, "sample") == 30
    texts = {name: [under(source, site.span) for site, _ in calls_of(read(source), name)] for name in ("é", "ee", "ll", "jj")}
    assert texts == {"é": ['é("😀")'], "ee": ["ee()"], "ll": ['ll("é")'], "jj": ['jj("a"\n       "ü", kk())']}


@pytest.mark.parametrize(
    ("source", "call"),
    [
        ("x = f'é{f(1)} {g(2)}'\n", "f'é{f(1)} {g(2)}'"),
        ("x = 'é' f'{f(1):>{g(2)}}'\n", "'é' f'{f(1):>{g(2)}}'"),
        ("x = f'''a\n{f(1)}\n''' + h\n", "f'''a\n{f(1)}\n'''"),
    ],
)
def test_a_call_inside_an_f_string_stands_where_the_string_does(source: str, call: str) -> None:
    ((site, _),) = calls_of(facts_of(source), "f")
    assert under(source, site.span) == call


def test_statements_and_tests_stand_where_they_are_written() -> None:
    source = "if ä(1) and b:  # ü\n    é.x = 'ö'; raise E('ü')\nelse:\n    import a.b as é, c\n"
    facts = read(source)
    assert under(source, facts.guards[0].span) == "ä(1) and b"
    assert under(source, facts.guards[0].body) == "é.x = 'ö'; raise E('ü')"
    assert under(source, facts.writes[0].span) == "é.x"
    assert under(source, facts.raises[0].span) == "raise E('ü')"
    assert under(source, facts.imports[0].span) == "import a.b as é, c"


_NAMES = st.sampled_from(["a", "é", "größe", "日本"])
_TEXTS = st.sampled_from(["'a'", "'ü😀'", '"""é\nx"""', "'ß' 'ß'"])
_CALLS = st.recursive(
    st.one_of(_NAMES, _TEXTS),
    lambda inner: st.one_of(
        st.builds("{}({}, k={})".format, _NAMES, inner, inner),
        st.builds("{}(\n  *{},\n)".format, _NAMES, inner),
        st.builds("[{}, ({})]".format, inner, inner),
        st.builds("({}) + ({})".format, inner, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("[{} for x in ({}) if ({})]".format, inner, inner, inner),
        st.builds("({}).m({})".format, inner, inner),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("{{{}: {}}}".format, inner, inner),
        st.builds("(lambda y={}: {})".format, inner, inner),
        st.builds("(not {} < {} <= {})".format, inner, inner, inner),
    ),
    max_leaves=12,
)


@given(_CALLS, st.booleans())
def test_calls_of_any_expression_stand_where_libcst_says(expression: str, newer: bool) -> None:
    source = f"x = {expression}{PEP_695 if newer else ''}\n"
    compare(source, source)
