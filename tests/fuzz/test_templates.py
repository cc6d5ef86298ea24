"""String templates: what Python folds, mldebt folds to the same text; what it refuses is no crash; cutting and joining undo each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mldebt.project.artifacts.fold import Folder
from mldebt.project.artifacts.model import Hole, Template
from mldebt.project.artifacts.strings import formatted, percent
from mldebt.project.artifacts.templates import (
    coded,
    decoded,
    from_glob,
    is_constant,
    join_path,
    normal_path,
    parse,
    segments,
    template,
    text,
)
from tests.fuzz.mutations import STRINGS
from tests.fuzz.strategies import examples
from tests.project.reading import argument, project_of

PIECES = st.one_of(st.sampled_from(STRINGS), st.text(st.sampled_from("ab/.{}%$()[]:!0s*~\\<>²٣é"), max_size=10))
TEXTS = st.lists(PIECES, max_size=4).map("".join)
HOLES = st.builds(Hole, st.sampled_from(["", "x", "0", "a.b", "*"]), st.sampled_from(["unknown", "env", "glob", "loop", "time"]))
TEMPLATES = st.lists(st.one_of(TEXTS, HOLES), max_size=5).map(lambda pieces: template(*pieces))
PLAIN = st.text(st.sampled_from("ab/._-"), max_size=6)


@given(pattern=TEXTS, given_=st.lists(TEMPLATES, max_size=3), named=st.dictionaries(st.sampled_from(["x", "a", "0", "²"]), TEMPLATES))
@examples(300)
def test_any_pattern_can_be_filled(pattern: str, given_: list[Template], named: dict[str, Template]) -> None:
    for made in (formatted((pattern,), given_, named), percent((pattern,), given_), percent((pattern,), named)):
        assert all(part != "" and isinstance(part, str | Hole) for part in made)


@given(
    fields=st.lists(st.sampled_from(["{}", "{0}", "{1}", "{x}", "{{", "}}", "a/", ".csv"]), max_size=6), values=st.lists(PLAIN, min_size=2)
)
@examples(200)
def test_format_is_that_of_python(fields: list[str], values: list[str]) -> None:
    pattern = "".join(fields)
    try:
        expected = pattern.format(*values, x="named")
    except (IndexError, ValueError):
        return
    assert text(formatted((pattern,), [template(value) for value in values], {"x": ("named",)})) == expected


@given(fields=st.lists(st.sampled_from(["%s", "%%", "a/", "%r.csv", "%5s"][:3]), max_size=6), values=st.lists(PLAIN, max_size=6))
@examples(200)
def test_percent_is_that_of_python(fields: list[str], values: list[str]) -> None:
    pattern = "".join(fields)
    try:
        expected = pattern % tuple(values)
    except TypeError:
        return
    assert text(percent((pattern,), [template(value) for value in values])) == expected


@given(made=TEMPLATES)
@examples(300)
def test_a_template_survives_being_coded_cut_and_joined(made: Template) -> None:
    assert decoded(*coded(made)) == made
    assert is_constant(made) == all(isinstance(part, str) for part in made)
    folded = normal_path(made)
    assert normal_path(folded) == folded
    assert "".join(text(one) for one in segments(made)).replace("/", "") == text(made).replace("/", "")
    from_glob(made)
    join_path(made, folded)


@given(source=TEXTS)
@examples(300)
def test_any_text_of_a_configuration_is_a_template(source: str) -> None:
    made = parse(source)
    assert isinstance(text(made), str)
    assert decoded(*coded(made)) == made


@given(
    pattern=TEXTS,
    call=st.sampled_from(
        ["f{p}", "{p}.format(1, x=a)", "{p} % 3", "{p} % (1, a)", "{p} % {{'x': a}}", "{p}.join([a, {p}])", "a + {p} * 3"]
    ),
)
@examples(40)
def test_any_literal_in_code(pattern: str, call: str) -> None:
    source = f"from unknown import a\nsee({call.replace('{p}', repr(pattern)).replace('{{', '{').replace('}}', '}')})\n"
    try:
        compile(source, "app.py", "exec")
    except (SyntaxError, ValueError):
        return
    project = project_of({"app.py": source})
    module = project.modules["app.py"]
    if module.facts.unread:
        return
    for found in Folder(project).fold(module, argument(module)):
        assert isinstance(text(found.template), str)
