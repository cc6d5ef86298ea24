from __future__ import annotations

import json
import math

import jsonschema
import msgspec
from msgspec.structs import replace

from mldebt.data_pass.report import render
from mldebt.data_pass.report.json import arranged
from mldebt.data_pass.result import Result

from .sample import CREDIT, NO_MODEL, NOTHING, PLAIN, STRUCTURE, UNDECIDED, hostile


def test_json_reads_back_as_the_result():
    for result in (CREDIT, NOTHING, UNDECIDED, NO_MODEL, STRUCTURE):
        assert msgspec.json.decode(render([result], "json", PLAIN), type=Result) == arranged(result)


def test_the_contract_of_version_1():
    shown = json.loads(render([CREDIT], "json", PLAIN))
    assert list(shown) == [*Result.__struct_fields__]
    assert set(shown) >= {"version", "data", "settings", "drop", "set", "columns", "undecided"}
    assert shown["drop"] == ["age_band", "bureau_2", "income_eur", "noise"]
    assert {"delta", "low", "high", "tolerance", "metric", "reference", "fits", "seconds", "seed"} <= set(shown["set"])
    assert shown["set"]["seconds"] is None
    assert list(shown["columns"][0]) == ["name", "type", "kind", "action", "delta_alone", "gain_alone", "evidence", "cost", "code"]
    assert shown["columns"][1]["code"][0] == {"path": "features.py", "line": 12, "role": "creates"}


def test_the_schema_of_the_structs_holds():
    schema = msgspec.json.schema(Result, schema_hook=lambda kind: {"description": "a setting"})
    for result in (CREDIT, NO_MODEL, STRUCTURE, hostile()):
        jsonschema.validate(json.loads(render([result], "json", PLAIN)), schema)


def test_equal_results_give_equal_bytes_whatever_the_order():
    turned = replace(
        CREDIT,
        drop=CREDIT.drop[::-1],
        columns=CREDIT.columns[::-1],
        settings=dict(reversed(CREDIT.settings.items())),
        tool=dict(reversed(CREDIT.tool.items())),
    )
    assert render([turned], "json", PLAIN) == render([CREDIT], "json", PLAIN)


def test_notes_and_evidence_keep_their_order():
    told = replace(CREDIT, notes=("b", "a"))
    assert json.loads(render([told], "json", PLAIN))["notes"] == ["b", "a"]


def test_numbers_that_are_not_finite_are_null():
    odd = replace(CREDIT, set=replace(CREDIT.set, delta=math.nan, high=math.inf))
    shown = json.loads(render([odd], "json", PLAIN))
    assert shown["set"]["delta"] is None and shown["set"]["high"] is None


def test_hostile_names_are_kept_and_ascii():
    shown = render([hostile()], "json", PLAIN)
    assert shown.isascii()
    names = {one["name"] for one in json.loads(shown)["columns"]}
    assert {"a|b", "two\nlines", "", "\u202ereversed", "x" * 300, "\\x80"} <= names


def test_several_results_are_an_array():
    assert [one["set"]["verdict"] for one in json.loads(render([CREDIT, NOTHING], "json", PLAIN))] == ["confirmed", "nothing"]
