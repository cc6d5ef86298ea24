"""Facts of mutated Python keep their promises: equal for equal text, stored and read back the same, every span inside the file."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mldebt.facts import extract
from mldebt.sources.model import Text
from tests.fuzz.strategies import SEEDS, examples, mutant, mutants
from tests.fuzz.texts import BY_NAME, PYTHON, fixtures
from tests.fuzz.trial import checked, source_of

SEEDED = (7, 8, 9)


def text_of(text: str) -> Text:
    plain = text.replace("\0", "?").replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    return Text(plain, plain.count("\n") + (not plain.endswith("\n") and plain != ""))


@given(text=mutants((*PYTHON, *fixtures(".py"))))
@examples(150)
def test_mutated_python(text: str) -> None:
    facts = checked(source_of("app.py"), text_of(text))
    assert facts.language == "python"
    if facts.unread:
        assert not facts.sites


@given(text=mutants(PYTHON))
@examples(30)
def test_equal_text_has_equal_facts(text: str) -> None:
    first, second = (msgspec.msgpack.encode(extract(source_of("app.py"), text_of(text))) for _ in range(2))
    assert first == second


@given(
    left=st.lists(st.sampled_from(["(", "[", "{", "lambda: ", "not ", "-", "f(", "x if ", "*", "await ", "[*"]), max_size=60), seed=SEEDS
)
@examples(60)
def test_unbalanced_nesting(left: list[str], seed: int) -> None:
    opened = "".join(left)
    closed = "".join({"(": ")", "[": "]", "{": "}"}.get(c, "") for c in reversed(opened) if c in "([{")
    checked(source_of("app.py"), text_of(f"y = {opened}x{closed if seed % 3 else ''}\nz = y\n"))


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), max_size=80))
@examples(150)
def test_any_text(text: str) -> None:
    checked(source_of("app.py"), text_of(text))


@pytest.mark.parametrize("word", ["x", "é", "ﬁ", "ℌ", "x²", "ｘ", "\u202ex", "İ", "µ"])
def test_names_that_python_spells_in_another_way(word: str) -> None:
    checked(
        source_of("app.py"), text_of(f"class {word}:\n    {word} = '{word}'  # {word}\nprint({word}.{word}, '😀', {word}({word}={word}))\n")
    )


_DIGESTS = """
import json, sys
from tests.fuzz.test_facts import digests
print(json.dumps(digests()))
"""


def digests() -> list[str]:
    """A digest of the facts of a handful of mutated texts in every language."""
    made = []
    for name, texts in sorted(BY_NAME.items()):
        if name.endswith(".ipynb"):
            continue
        for seed in SEEDED:
            facts = extract(source_of(name), text_of(mutant(seed, texts)))
            made.append(hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest())
    return made


@pytest.mark.parametrize("seed", ["1", "2"])
def test_facts_do_not_depend_on_the_hash_seed(seed: str) -> None:
    root = str(Path(__file__).parents[2])
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}
    done = subprocess.run([sys.executable, "-c", _DIGESTS], cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == digests()
