"""`Result` as JSON, version 1: one object, or with several data sets an array of them. Equal results give equal bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from mldebt.data_pass.result import Column, Result
from mldebt.report.options import Options
from mldebt.report.terminal import encodable


def render(results: Sequence[Result], options: Options) -> str:
    """ASCII, indented; what has no order of its own is sorted by name."""
    whole = [_plain(msgspec.to_builtins(arranged(result))) for result in results]
    return json.dumps(whole[0] if len(whole) == 1 else whole, indent=2, allow_nan=False) + "\n"


def arranged(result: Result) -> Result:
    """The same result in the order of names."""
    return replace(
        result,
        tool=dict(sorted(result.tool.items())),
        settings=dict(sorted(result.settings.items())),
        drop=tuple(sorted(result.drop)),
        columns=tuple(sorted((_column(column) for column in result.columns), key=lambda one: one.name)),
        undecided=tuple(sorted(result.undecided)),
        bundles=tuple(sorted(result.bundles, key=lambda one: (one.name, one.columns))),
        leaks=tuple(sorted(result.leaks, key=lambda one: (one.column, one.message))),
        identifiers=tuple(sorted(result.identifiers)),
        unused_in_code=tuple(sorted(result.unused_in_code)),
    )


def _column(column: Column) -> Column:
    return replace(column, code=tuple(sorted(column.code)))


def _plain(value: object) -> object:
    """What JSON can say: numbers that are not finite become null, lone surrogates become escapes."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {encodable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
