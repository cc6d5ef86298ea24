from __future__ import annotations

from mldebt.facts.model import Op
from tests.project.reading import facts_of, show, under

TEXT = """
LIMIT = 0.5

def keep(rows, score, table, floor=0.2):
    if score > LIMIT:
        return [row for row in rows if 0.1 < row.score <= floor]
    table["hit"] = (table["p"] >= 0.7).astype(int)
    check = lambda p: p < -0.3
    return rows == score or rows != score or score in rows
"""


def test_each_order_comparison_has_its_place() -> None:
    facts = facts_of(TEXT)
    found = [(show(facts, c.value), under(TEXT, c.span), facts.scopes[c.scope].name) for c in facts.compares]
    assert found == [
        ("($score > LIMIT@module)", "score > LIMIT", "keep"),
        ("(0.1 < elem($rows).score)", "0.1 < row.score <= floor", "keep"),
        ("(elem($rows).score <= $floor)", "0.1 < row.score <= floor", "keep"),
        ("($table['p'] >= 0.7)", 'table["p"] >= 0.7', "keep"),
        ("($p < -0.3)", "p < -0.3", "<lambda>"),
    ]
    assert all(isinstance(facts.values[c.value], Op) for c in facts.compares)
    assert [c.text for c in facts.compares] == [text for _, text, _ in found]


def test_the_block_is_where_the_comparison_is_evaluated() -> None:
    facts = facts_of(TEXT)
    assert [facts.blocks[c.block].kind for c in facts.compares] == ["function", "if", "if", "function", "function"]
    (inner,) = facts_of("if ready:\n    done = score > 1\n").compares
    assert inner.block != 0
