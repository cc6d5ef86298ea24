"""Strategies over mutated texts. An example is a seed: the same for ever, and cheap to draw."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.fuzz.mutations import encoded, mutated
from tests.fuzz.texts import BY_NAME

SEEDS = st.integers(0, 2**32)


def examples(number: int) -> settings:
    """The same `number` of examples in every run, on a machine of any speed."""
    slow = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example)
    return settings(max_examples=number, derandomize=True, deadline=None, database=None, suppress_health_check=slow)


def mutant(seed: int, texts: Sequence[str]) -> str:
    """One of the texts, mutated with parts of another."""
    random = Random(seed)
    return mutated(random, random.choice(texts), random.choice(texts))


def mutants(texts: Sequence[str]) -> st.SearchStrategy[str]:
    return SEEDS.map(lambda seed: mutant(seed, texts))


def project(seed: int) -> dict[str, bytes]:
    """A small project: two to five files in any languages, some of them in folders, most of them mutated."""
    random = Random(seed)
    files: dict[str, bytes] = {}
    for number in range(random.randint(2, 5)):
        name = random.choice(("app.py", "app.py", "app.py", *BY_NAME))
        texts = BY_NAME[name]
        text = random.choice(texts)
        if random.random() < 0.7:
            text = mutated(random, text, random.choice(texts))
        stem, dot, suffix = name.rpartition(".")
        unique = f"{stem}{number}{dot}{suffix}" if name in ("app.py", "n.ipynb", "q.sql") else name
        files[random.choice(("", "", "src/", "jobs/daily/", "tests/", "notebooks/")) + unique] = encoded(random, text)
    return files
