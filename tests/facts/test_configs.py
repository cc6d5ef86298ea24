"""Leaves of configuration files, with their types and lines; what workflows set and run; and malformed files."""

from __future__ import annotations

import json
from textwrap import dedent

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts.configs import environment, extract
from mldebt.facts.model import Command, Facts, Setting
from mldebt.facts.settings import settings
from mldebt.facts.yaml_commands import commands_of
from mldebt.sources.model import Language, Text

YAML, JSON, TOML, INI, ENV = Language.YAML, Language.JSON, Language.TOML, Language.INI, Language.ENV


def leaves(text: str, language: Language = YAML) -> dict[str, tuple[object, int]]:
    return {".".join(leaf.keys): (leaf.value, leaf.line) for leaf in settings(dedent(text), language)}


def values(text: str, language: Language = YAML) -> dict[str, object]:
    return {key: value for key, (value, _) in leaves(text, language).items()}


def why(text: str, language: Language = YAML) -> str:
    with pytest.raises(ValueError) as error:
        settings(text, language)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_yaml_lines_and_nesting() -> None:
    assert leaves(
        "# c\nmodel:\n  lr: 0.1\n  layers: [64,\n    32]\n  opt: {name: adam}\n  empty: {}\n  note: |\n    one\n    two\n---\nb: 2\n"
    ) == {
        "model.lr": (0.1, 3),
        "model.layers.0": (64, 4),
        "model.layers.1": (32, 5),
        "model.opt.name": ("adam", 6),
        "model.empty": (None, 7),
        "model.note": ("one\ntwo\n", 9),
        "b": (2, 12),
    }


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("No", False),
        ("on", True),
        ("y", "y"),
        ("~", None),
        ("", None),
        ("null", None),
        ("42", 42),
        ("-1_000", -1000),
        ("0x10", 16),
        ("010", 8),
        ("08", "08"),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", "9223372036854775808"),
        ("1" * 5000, "1" * 5000),
        ("0.50", 0.5),
        (".5", 0.5),
        ("1e-3", 0.001),
        ("1.5e3", 1500.0),
        ("1e999", "1e999"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1.2.3", "1.2.3"),
        ("12:30", "12:30"),
        ("2024-01-01", "2024-01-01"),
        ("'true'", "true"),
        ('"3"', "3"),
        ("!!str 3", "3"),
        ("!Ref Bucket", "Bucket"),
        ("!!python/object/apply:os.system x", "x"),
        ("a1b2c3", "a1b2c3"),
    ],
)
def test_yaml_scalars(text: str, value: object) -> None:
    found = values(f"k: {text}\n")["k"]
    assert found == value
    assert type(found) is type(value)


def test_yaml_anchors_and_merges() -> None:
    text = """\
        base: &base {a: 1, b: 2}
        other: &other
          c: 3
        one:
          <<: *base
          b: 9
        two: {<<: [*base, *other], d: 4}
        copy: *other
        """
    found = leaves(text)
    assert {key: value for key, value in found.items() if key[:3] in ("one", "two", "cop")} == {
        "one.a": (1, 1),
        "one.b": (9, 6),
        "two.c": (3, 3),
        "two.a": (1, 1),
        "two.b": (2, 1),
        "two.d": (4, 7),
        "copy.c": (3, 3),
    }


def test_yaml_keys_are_text_and_the_last_of_a_kind_counts() -> None:
    assert leaves("on: push\n3: x\ntrue: y\na: 1\na: 2\n? [complex]\n: z\n") == {
        "on": ("push", 1),
        "3": ("x", 2),
        "true": ("y", 3),
        "a": (2, 5),
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: [1, 2\nb: 3\n", "not valid YAML: line 2 column 2: did not find expected ',' or ']'"),
        ("a: {{ value }}: {% if x %}\n", "templated YAML: line 1"),
        ("a: *nowhere\n", "not valid YAML: line 1: undefined alias 'nowhere'"),
        ("a: \x01\n", "not valid YAML"),
        ("a:\n\tb: 1\n", "not valid YAML: line 2 column 1"),
        ("&a [*a]\n", "nested deeper than 100 levels, or an alias contains itself"),
        ("[" * 300_000, "nested deeper than 100 levels: data, not configuration"),
        ("- " * 5_000 + "x", "nested deeper than 100 levels: data, not configuration"),
    ],
)
def test_yaml_that_is_malformed(text: str, reason: str) -> None:
    assert why(text).startswith(reason)


def test_yaml_aliases_that_multiply_are_stopped() -> None:
    laughs = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{c}: &{c} [{', '.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefg", "bcdefgh", strict=True)
    )
    assert why(laughs) == "more than 20,000 values: data, not configuration"
    empty = "a: &a [[], []]\n" + "".join(f"{c}: &{c} [{', '.join([f'*{b}'] * 9)}]\n" for b, c in zip("abcdefg", "bcdefgh", strict=True))
    assert "more than" in why(empty)


def test_yaml_of_nothing() -> None:
    assert settings("", YAML) == settings("# only words\n", YAML) == settings("---\n", YAML) == settings("just words\n", YAML) == ()


def test_json_lines_comments_and_surrogates() -> None:
    text = (
        '{\n  "a": 1, // why\n  "b": {"c": [true,\n null, 1.5]},\n'
        '  /* x */ "url": "http://x//y",\n  "bad": "\\ud800", "big": 99999999999999999999, "e": {},\n}\n'
    )
    assert leaves(text, JSON) == {
        "a": (1, 2),
        "b.c.0": (True, 3),
        "b.c.1": (None, 4),
        "b.c.2": (1.5, 4),
        "url": ("http://x//y", 5),
        "bad": ("?", 6),
        "big": ("99999999999999999999", 6),
        "e": (None, 6),
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": }', "not valid JSON: line 1 column 7: Expecting value"),
        ('{"a": 1\n "b": 2}', "not valid JSON: line 2 column 2: Expecting ',' delimiter"),
        ("{'a': 1}", "not valid JSON: line 1 column 2: Expecting property name enclosed in double quotes"),
        ('{"a": 1} x', "not valid JSON: line 1 column 10: Extra data"),
        ("[" * 100_000, "nested deeper than 100 levels: data, not configuration"),
        (json.dumps(list(range(20_001))), "more than 20,000 values: data, not configuration"),
    ],
)
def test_json_that_is_malformed(text: str, reason: str) -> None:
    assert why(text, JSON) == reason


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([None, 2]))
def test_json_leaves_are_those_of_the_standard_library(tree: object, indent: int | None) -> None:
    text = json.dumps(tree, indent=indent)
    found = {leaf.keys: leaf.value for leaf in settings(text, JSON)}
    for keys, value in found.items():
        node: object = json.loads(text)
        for key in keys:
            node = node[int(key)] if isinstance(node, list) else node[key]  # type: ignore[index]
        expected = None if node in ({}, []) else str(node) if type(node) is int and not -(2**63) <= node < 2**63 else node
        assert value == expected
    msgspec.msgpack.encode(found)


def test_toml_lines() -> None:
    text = '''\
        title = "x"
        [tool.a]
        lr = 1e-3
        deep.key = 1
        list = [
          "p",
          "q",
        ]
        text = """
        lr = 5
        [not.a.table]
        """
        after = true
        when = 2024-01-01
        [[stage]]
        name = "one"
        [[stage]]
        name = "two"
        [stage.opts]
        n = 2
        '''
    assert leaves(text, TOML) == {
        "title": ("x", 1),
        "tool.a.lr": (0.001, 3),
        "tool.a.deep.key": (1, 4),
        "tool.a.list.0": ("p", 5),
        "tool.a.list.1": ("q", 5),
        "tool.a.text": ("lr = 5\n[not.a.table]\n", 9),
        "tool.a.after": (True, 13),
        "tool.a.when": ("2024-01-01", 14),
        "stage.0.name": ("one", 16),
        "stage.1.name": ("two", 18),
        "stage.1.opts.n": (2, 20),
    }


def test_toml_that_is_malformed() -> None:
    assert why("a = 1\nb = \n", TOML).startswith("not valid TOML: ")
    assert "line 2" in why("a = 1\nb = \n", TOML)
    assert why("a = " + "[" * 50_000, TOML).startswith("not valid TOML: ")


def test_ini_sections_and_lines() -> None:
    assert leaves("; c\n[train]\nLR = 0.1\nname: x%y\nflag\nempty =\n\n[other]\nlines =\n  a\n  b\n", INI) == {
        "train.LR": (0.1, 3),
        "train.name": ("x%y", 4),
        "train.flag": (None, 5),
        "train.empty": ("", 6),
        "other.lines": ("\na\nb", 9),
    }


def test_bindings_without_sections() -> None:
    text = (
        "# gin\nimport model\ntrain.lr = 0.1\nscope/net.size = [1,\n  2]\n"
        "name = 'adam'\nNet.act = @relu\n\nspark.memory=4g\nempty=\nlast : 3\n"
    )
    assert leaves(text, INI) == {
        "train.lr": (0.1, 3),
        "scope/net.size": ("[1, 2]", 4),
        "name": ("adam", 6),
        "Net.act": ("@relu", 7),
        "spark.memory": ("4g", 9),
        "empty": ("", 10),
        "last": (3, 11),
    }


def test_ini_that_is_malformed() -> None:
    assert why("[a]\nx = 1\n=5\n", INI).startswith("not valid INI: ")
    assert why("what is this\n", INI) == "not valid INI: line 1: no section and no `key = value`"


def test_env_values_are_text() -> None:
    text = '# c\nA=1\nexport B=\'x # y\'\nC="two\\nlines" # z\nD=plain words # c\nE=\nF\nG="a\nb"\nH = spaced\n'
    assert leaves(text, ENV) == {
        "A": ("1", 2),
        "B": ("x # y", 3),
        "C": ("two\nlines", 4),
        "D": ("plain words", 5),
        "E": ("", 6),
        "F": (None, 7),
        "G": ("a\nb", 8),
        "H": ("spaced", 10),
    }


def test_env_that_is_malformed() -> None:
    assert why("A=1\nnot an assignment\n", ENV) == "not valid environment file: line 2: no NAME=value"
    assert why('A="never\n', ENV) == "not valid environment file: line 1: the quote is never closed"


WORKFLOW = """\
on: push
env:
  MODE: fast
jobs:
  train:
    environment: production
    steps:
      - uses: actions/checkout@v4
        with: {ref: main}
      - env: {N: 3, DEBUG: true}
        run: |
          pip install x

          python train.py --ref ${{ github.ref }}
      - run: python eval.py
      - shell: python
        run: import os
"""
MANIFEST = """\
spec:
  containers:
    - name: a
      command: [python, serve.py]
      args: ["--port", 80]
      env:
        - name: MODEL
          value: /m/a.pkl
        - name: SECRET
          valueFrom: {secretKeyRef: {name: x, key: y}}
    - name: b
      args: [--workers, "2"]
---
spec:
  containers:
    - name: c
      command: ["/bin/bash", "-lc", "cd x && python job.py"]
      env: [{value: /m/c.pkl, name: MODEL}]
"""


def test_workflow_environment_and_commands() -> None:
    found = settings(WORKFLOW, YAML)
    assert environment(found) == (Setting(("MODE",), "fast", 3), Setting(("N",), "3", 10), Setting(("DEBUG",), "true", 10))
    assert commands_of(found) == (
        Command(("pip", "install", "x"), 12),
        Command(("python", "train.py", "--ref", "${{ github.ref }}"), 14),
        Command(("python", "eval.py"), 15),
    )


def test_manifest_environment_and_commands() -> None:
    found = settings(MANIFEST, YAML)
    assert environment(found) == (Setting(("MODEL",), "/m/a.pkl", 8), Setting(("MODEL",), "/m/c.pkl", 18))
    assert commands_of(found) == (
        Command(("python", "serve.py", "--port", "80"), 4),
        Command(("--workers", "2"), 12),
        Command(("cd", "x"), 17),
        Command(("python", "job.py"), 17, (), "x"),
    )


def test_compose_dvc_gitlab_and_taskcluster() -> None:
    compose = "services:\n  api:\n    command: python api.py\n    environment:\n      - MODE=slow\n      - BARE\n"
    assert environment(settings(compose, YAML)) == (Setting(("MODE",), "slow", 5),)
    assert commands_of(settings(compose, YAML)) == (Command(("python", "api.py"), 3),)
    dvc = "stages:\n  a:\n    cmd: python a.py out/\n    deps: [a.py]\n  b:\n    cmd:\n      - python b.py\n      - python c.py\n"
    assert [command.argv[1] for command in commands_of(settings(dvc, YAML))] == ["a.py", "b.py", "c.py"]
    gitlab = "train:\n  script:\n    - cd x\n    - python t.py && echo ok\n"
    assert [command.line for command in commands_of(settings(gitlab, YAML))] == [3, 4, 4]
    task = "payload:\n  command:\n    - - pip\n      - install\n    - - python\n      - t.py\n"
    assert commands_of(settings(task, YAML)) == (Command(("pip", "install"), 3), Command(("python", "t.py"), 5))


def test_plain_configuration_runs_nothing() -> None:
    found = settings("model:\n  args: [a, b]\n  run_name: x\n  source: here\n  env: {name: CartPole}\n", YAML)
    assert commands_of(found) == environment(found) == ()


def test_extract_by_language() -> None:
    facts = extract(Text("env: {MODE: fast}\nrun: python a.py\n", 2), YAML)
    assert facts == Facts(
        "yaml",
        2,
        settings=(Setting(("env", "MODE"), "fast", 1), Setting(("run",), "python a.py", 2)),
        commands=(Command((), 1, (("MODE", "fast"),)), Command(("python", "a.py"), 2)),
        words=("MODE", "env", "fast", "python", "run"),
    )
    assert extract(Text("SELECT a_b FROM t1, x\n", 1), Language.SQL) == Facts("sql", 1, words=("FROM", "SELECT", "a_b"))
    assert extract(Text("python a.py\n", 1), Language.SHELL).commands == (Command(("python", "a.py"), 1),)
    assert extract(Text("A=b\n", 1), ENV).settings == (Setting(("A",), "b", 1),)
    assert extract(Text("", 0), YAML) == Facts("yaml")


def test_extract_keeps_the_words_of_a_malformed_file() -> None:
    facts = extract(Text("use_fm: [1\n", 1), YAML)
    assert facts.unread.startswith("not valid YAML: line 2")
    assert (facts.settings, facts.words) == ((), ("use_fm",))


def test_words_are_capped() -> None:
    assert len(extract(Text(" ".join(f"word{n}" for n in range(20_500)), 1), Language.SQL).words) == 20_000


@pytest.mark.parametrize("language", [YAML, JSON, TOML, INI, ENV])
@given(text=st.text(alphabet="ab1.:=-[]{}'\"#&*!|>\\ \n\t%\x00é", max_size=60))
def test_any_text_is_facts_that_can_be_stored(language: Language, text: str) -> None:
    facts = extract(Text(text, text.count("\n") + 1), language)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(facts), type=Facts) == facts
    assert "\n" not in facts.unread
    assert all(1 <= leaf.line <= facts.lines + 1 for leaf in facts.settings)
