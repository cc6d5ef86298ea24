"""All searches over one table, in the order in which they use each other."""

from __future__ import annotations

from collections.abc import Mapping

from mldebt.data_pass.structure.association import associations
from mldebt.data_pass.structure.columns import Column, Table
from mldebt.data_pass.structure.copies import classes_of, copies_of, indicators_of
from mldebt.data_pass.structure.dependence import dependences
from mldebt.data_pass.structure.identifiers import is_identifier
from mldebt.data_pass.structure.leaks import leaks
from mldebt.data_pass.structure.model import Dependence, Structure
from mldebt.data_pass.structure.state import Facts
from mldebt.data_pass.structure.verify import Stream, verified_copies, verified_dependences


def find(
    columns: Mapping[str, Column], facts: Mapping[str, Facts], target: str, identifiers: tuple[str, ...], stream: Stream | None
) -> Structure:
    """`columns`: the sampled features and the target; `facts`: of these and of the columns that are no features, `identifiers` among
    which are given; `stream`: all rows of the columns that are asked for, where the sample is only some of them."""
    table = Table(columns, facts, stream is None)
    features = [name for name in table.columns if name != target]
    constants = [name for name in features if facts[name].constant]
    varying = [name for name in features if not facts[name].constant]
    pairs = associations(table, varying)
    classes = classes_of(table, varying, pairs)
    copies = list(copies_of(table, classes))
    if stream is not None:
        copies = verified_copies(table, copies, stream)
        holds = {one.column for one in copies}
        shorter = [(first, *(name for name in others if name in holds)) for first, *others in classes]
        classes = tuple(group for group in shorter if len(group) > 1)
    spare = {name for group in classes for name in group[1:]}
    distinct = [name for name in varying if name not in spare]
    ids = {name for name in varying if is_identifier(table, name)}
    determiners = [name for name in distinct if name not in ids]
    indicators = indicators_of(table, varying)
    known = {(copy.column, copy.of) for copy in indicators}
    found = [one for one in dependences(table, distinct, determiners) if (one.column, one.on) not in known]
    if stream is not None:
        proved = verified_dependences(table, [(one.column, one.on) for one in found], stream)
        found = [Dependence(one.column, one.on, True) for one in found if (one.column, one.on) in proved]
    return Structure(
        constants=tuple(constants),
        classes=classes,
        copies=tuple(sorted((*copies, *indicators))),
        dependences=tuple(found),
        associations=pairs,
        identifiers=tuple(sorted({*ids, *identifiers})),
        leaks=leaks(table, varying, [name for name in varying if name not in ids], target, stream),
        distinct={
            name: table.distinct(name) if name in table.columns else facts[name].distinct for name in sorted(facts) if name != target
        },
        missing={name: facts[name].missing / facts[name].rows for name in sorted(facts) if name != target},
        bytes={name: facts[name].bytes for name in sorted(facts) if name != target},
    )
