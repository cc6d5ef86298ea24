"""Under which names code keeps what it computes, and from which names."""

from __future__ import annotations

import pytest

from mldebt.project.skew.derivations import Derivation, Derivations
from tests.project.reading import project_of


def derived(source: str) -> dict[str, Derivation]:
    project = project_of({"module.py": source})
    return {d.name: d for d in Derivations(project).of(project.modules["module.py"])}


@pytest.mark.parametrize(
    "line",
    [
        "frame['total'] = frame['price'] * frame['count']",
        "frame.loc[:, 'total'] = frame['price'] * frame['count']",
        "frame.total = frame.price * frame.count",
        "frame = frame.assign(total=frame['price'] * frame['count'])",
        "frame = frame.withColumn('total', col('price') * col('count'))",
        "row = {'total': frame['price'] * frame['count']}",
        "frame['total'] = f\"{frame['price']}/{frame['count']}\"",
        "total = frame.get('price') * frame.get('count')",
    ],
)
def test_ways_to_keep_and_to_read(line: str) -> None:
    found = derived(f"from functions import col\ndef add(frame):\n    {line}\n    return frame\n")["total"]

    assert found.inputs == {"price", "count"}
    assert found.computed


@pytest.mark.parametrize("value", ["row['age']", "int(row['age'])", "row['age'].astype(float)", "float(row.get('age'))"])
def test_a_conversion_is_not_a_computation(value: str) -> None:
    assert not derived(f"def add(row, out):\n    out['age'] = {value}\n")["age"].computed


def test_a_part_of_a_date_is_computed() -> None:
    found = derived("import pandas as pd\ndef add(f):\n    f['day'] = pd.to_datetime(f['joined']).dt.day\n")["day"]

    assert (found.inputs, found.computed) == (frozenset({"joined"}), True)


def test_what_a_model_answers_is_no_feature() -> None:
    assert "grade" not in derived("def add(f, model):\n    f['grade'] = model.predict(f[['a', 'b']])\n")


def test_splits_and_names_of_frames_are_no_features() -> None:
    assert not derived("def add(f):\n    f['train_rows'] = f['a'] + f['b']\n    f.columns = f['a'] + f['b']\n")


def test_the_helper_that_computes_it_is_known() -> None:
    found = derived("def ratio(a, b):\n    return a / b\ndef add(f):\n    f['rate'] = ratio(f['a'], f['b'])\n")["rate"]

    assert found.helper is not None
    assert found.helper.path == "module.py"
