"""YAML, SQL, shell, Makefiles, Dockerfiles and the rest: mutated texts are read or refused with a reason."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.sql import statements
from mldebt.sources.shell import script
from tests.fuzz.strategies import examples, mutants
from tests.fuzz.test_facts import text_of
from tests.fuzz.texts import BY_NAME, SHELL, SQL, YAML, fixtures
from tests.fuzz.trial import checked, source_of

OTHERS = {name: texts for name, texts in BY_NAME.items() if name not in ("app.py", "n.ipynb", "q.sql", "run.sh", "conf.yaml", "dvc.yaml")}


@given(text=mutants((*YAML, *fixtures(".yaml"))), name=st.sampled_from(["conf.yaml", "dvc.yaml", ".github/workflows/ci.yml", "MLproject"]))
@examples(120)
def test_yaml(text: str, name: str) -> None:
    checked(source_of(name), text_of(text))


@given(text=mutants(SQL))
@examples(80)
def test_sql(text: str) -> None:
    checked(source_of("q.sql"), text_of(text))


@given(text=mutants(SQL), dialect=st.sampled_from(["", "bigquery", "snowflake", "spark", "postgres", "tsql"]))
@examples(40)
def test_sql_in_strings(text: str, dialect: str) -> None:
    for one in statements(text_of(text).text, dialect):
        assert one.line >= 1


@given(text=mutants(SHELL))
@examples(200)
def test_shell(text: str) -> None:
    facts = checked(source_of("run.sh"), text_of(text))
    assert facts.commands == checked(source_of("run.bash"), text_of(text)).commands


@pytest.mark.parametrize("name", sorted(OTHERS))
def test_other_languages(name: str) -> None:
    @given(text=mutants(OTHERS[name]))
    @examples(60)
    def run(text: str) -> None:
        checked(source_of(name), text_of(text))

    run()


@given(
    name=st.sampled_from(sorted(set(BY_NAME) - {"n.ipynb"})),
    text=st.text(st.sampled_from("ab \n\t:-[]{}'\"&*!|>%$()`\\=<#;,.@/é"), max_size=60),
)
@examples(300)
def test_any_marks(name: str, text: str) -> None:
    checked(source_of(name), text_of(text))


BOMB = "a: &a [x, x]\n" + "".join(f"{chr(i + 1)}: &{chr(i + 1)} [*{chr(i)}, *{chr(i)}]\n" for i in range(97, 121))
DOUBLING = "".join(f"V{n}=$(V{n - 1})$(V{n - 1})\n" for n in range(1, 60)) + "x: $(V59)\n\tpython $(V59)\n"
LONG = {
    "conf.yaml": (
        *(BOMB, "<<: &a [*a]\n", "&a [*a, *a]\n", "[" * 50_000, "{a: " * 50_000, "- " * 50_000, "? " * 20_000, "&a " * 20_000),
        *(
            "'" * 99_999,
            "x: " + "1" * 99_999,
            "x: 0x" + "f" * 9_999,
            "a: |\n" + " x\n" * 30_000,
            "!!binary ====\n",
            "a: *\n",
            "? [a]\n: b\n",
        ),
        *("x: " + "1:" * 30_000 + "1", "x: 2024-13-45T99:99:99Z\n", "x: 99999-99-99\n", "%YAML 9.9\n---\na: 1\n", "!!set {a, b}\n"),
    ),
    "conf.toml": ("x = " + "[" * 50_000, "a." * 20_000 + "b = 1", "x = " + "9" * 9_999, "[[a]]\n" * 9_999, "x = 1e999999", "x = 99:99:99"),
    "conf.json": (
        *("[" * 99_999, '{"a":' * 99_999, "9" * 9_999, "1e999", '"\\ud800"', "// " * 30_000, "/*" * 30_000, "NaN", '{"a": 1, "a": 2}'),
    ),
    "conf.ini": ("[" * 99_999, "=" * 99_999, "[a" + " " * 99_999 + "b", "a=%(a)s\n" * 9_999, " x\n" * 9_999, "[DEFAULT]\na=1\n" * 2),
    "q.sql": (
        *("(" * 50_000, "select " * 20_000, "'" * 99_999, "{{ " * 30_000, "{% if x %}" * 5_000, "/*" * 30_000, "with a as (" * 3_000),
        *("$$" * 30_000, "select a from b union all " * 999 + "select 1", "select " + "a+" * 9_999 + "1", "case when a then " * 3_000),
        *("`" * 30_001, "--" * 50_000, "{#" * 30_000, f"select * from __mark_0__, __hole_9__, __mark_{'9' * 5_000}__"),
    ),
    "run.sh": (
        *("$(" * 5_000, "`" * 50_001, "${" * 20_000, '"' * 50_001, "<<A " * 9_999, "case x in " * 5_000, "if " * 20_000, "{ " * 20_000),
        *("( " * 20_000, "a=" * 30_000, "a|" * 30_000, "\\\n" * 30_000, "cd a\n" * 5_000, "for x in " * 9_999, "$((" * 9_999, "<(" * 9_999),
        *(
            "f(){ " * 9_999,
            "x=y " * 9_999 + "cmd",
            "''" * 30_000 + "'",
            "$'\\x" * 9_999,
            "dirname " * 9_999 + ")" * 9_999 + "/a",
            " " * 99_999,
        ),
    ),
    "Makefile": (
        *("$(" * 30_000, "a:" * 30_000, "define x\n" * 9_999, "\t" * 99_999, "A=$(A)$(A)\nb: $(A)\n\t$(A)\n", "\\\n" * 30_000, DOUBLING),
        *("a " * 50_000 + ": b", "%: %\n" * 9_999, "a" * 99_999, "export " * 20_000, "A" * 50_000 + "=", "a" + " " * 90_000 + "b"),
    ),
    "Dockerfile": (
        *(
            "RUN " * 20_000,
            "FROM " + "--a=b " * 20_000,
            "ENV " + 'a="\\' * 20_000,
            "RUN a \\\n" * 20_000,
            'CMD ["' * 9_999,
            "ARG a=$a\n" * 999,
        ),
        *("ENV a=" + "\\ " * 30_000, "RUN <<EOF\n" * 9_999, "COPY " + '["a",' * 9_999, "ENV " + "a=b\\" * 20_000, "FROM a AS " * 9_999),
    ),
    "README.md": (
        *("```\n" * 20_001, "`" * 99_999, "```yaml\na: [\n" * 5_000, "`a" * 50_000, "~~~" * 30_000, " " * 99_999 + "```"),
        "```" + "a" * 99_999,
    ),
    "requirements.txt": ("a" * 99_999, "a[" * 30_000, "-r " * 30_000, "a>=" * 30_000, "a==" + "9." * 30_000, "a" + "-" * 99_999 + "!"),
    ".env": ("A='" * 30_000, 'A="' + "\\" * 99_999, "export " * 20_000, "A=$A" * 9_999, "A" * 99_999, " " * 99_999 + "A"),
}


@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_texts(name: str) -> None:
    for text in LONG[name]:
        facts = checked(source_of(name), text_of(text))
        assert "\n" not in facts.unread + facts.partly
        assert not re.search(r"internal error", facts.unread), text[:40]


@given(text=mutants(SHELL))
@examples(60)
def test_a_command_stands_on_a_line_of_its_script(text: str) -> None:
    plain = text_of(text).text
    for command in script(plain):
        assert 1 <= command.line <= plain.count("\n") + 1
