"""Which side of a model a file is on."""

from __future__ import annotations

from mldebt.project.skew.sides import Sides, folders_between
from tests.project.reading import project_of

TRAIN = "from sklearn.linear_model import Ridge\nfrom prepare import clean\nRidge().fit(clean(x), y)\n"
PREPARE = "def clean(x):\n    return x\n\ndef other(x):\n    return x\n"


def sides_of(files: dict[str, str]) -> Sides:
    return Sides(project_of(files))


def names(sides: Sides, side: str) -> set[str]:
    project = sides._project
    return {project.resolver.scope(d)[1].qualname for d in getattr(sides, side) if d.scope}


def test_a_file_that_fits_trains_with_what_it_names_of_its_imports() -> None:
    sides = sides_of({"train.py": TRAIN, "prepare.py": PREPARE})

    assert sides.trainers == {"train.py"}
    assert names(sides, "trains") == {"clean"}


def test_a_loop_of_gradient_steps_trains() -> None:
    sides = sides_of({"loop.py": "def epoch(model, opt, xs):\n    for x in xs:\n        model(x).backward()\n        opt.step()\n"})

    assert sides.trainers == {"loop.py"}


def test_routes_handlers_and_predictions_of_a_loaded_model_apply() -> None:
    sides = sides_of({
        "app.py": "from flask import Flask\napp = Flask('a')\n",
        "router.py": "from own import router\n@router.post('/x')\ndef x():\n    pass\n",
        "hook.py": "def run(event, context):\n    pass\n",
        "score.py": "import joblib\nprint(joblib.load('m').predict(rows))\n",
        "plain.py": "print(1)\n",
    })  # fmt: skip

    assert sides.appliers == {"app.py", "router.py", "hook.py", "score.py"}


def test_what_calls_a_training_and_predicts_is_on_no_side() -> None:
    sides = sides_of({"train.py": TRAIN, "prepare.py": PREPARE, "flow.py": "import train\nmodel.predict(rows)\n"})

    assert "flow.py" not in sides.appliers


def test_what_writes_the_data_of_a_training_is_on_its_side() -> None:
    sides = sides_of({
        "features.py": "import pandas as pd\npd.read_csv('raw_people.csv').to_csv('people_rows.csv')\n",
        "fit.py": "import pandas as pd\nfrom sklearn.linear_model import Ridge\nf = pd.read_csv('people_rows.csv')\nRidge().fit(f, y)\n",
    })  # fmt: skip

    assert sides.feeders == {"features.py"}


def test_a_test_is_on_no_side() -> None:
    sides = sides_of({"tests/test_train.py": TRAIN, "tests/test_app.py": "from flask import Flask\nFlask('a')\n"})

    assert not sides.trainers
    assert not sides.appliers


def test_distance_counts_the_folders_between() -> None:
    assert folders_between("a/b/x.py", "a/b/y.py") == 0
    assert folders_between("a/b/x.py", "a/c/d/y.py") == 3
