from __future__ import annotations

from mldebt.facts.model import Const
from tests.project.reading import facts_of

TEXT = """
def load(path):
    try:
        return read(path)
    except ValueError:
        pass
    except (KeyError, Exception) as error:
        log(error)
        return None
    except:
        raise
"""


def test_what_a_clause_takes_and_how_it_ends() -> None:
    facts = facts_of(TEXT)
    first, second, third = facts.handlers
    assert [(h.broad, h.ends) for h in facts.handlers] == [(False, ""), (True, "return"), (True, "raise")]
    assert [facts.values[v] for v in second.returns] == [Const(None)]
    assert {facts.blocks[h.tried].kind for h in facts.handlers} == {"try"} and facts.blocks[third.block].kind == "except"
    assert first.span.line == 4
