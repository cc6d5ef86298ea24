"""Short texts in every language that mldebt reads; together they read, write, train, predict, switch and configure."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

_FIXTURES = Path(__file__).parents[2] / "fixtures"
_LARGEST = 6_000


def _texts(*texts: str) -> tuple[str, ...]:
    return tuple(dedent(text).lstrip("\n") for text in texts)


PYTHON = _texts(
    """
    import argparse
    import os
    from pathlib import Path

    import joblib
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split

    OUT = Path(os.environ.get("OUT", "models"))
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", "-r", type=int, default=100, help="how many")
    parser.add_argument("--use-new", action="store_true")
    args = parser.parse_args()
    frame = pd.read_csv(f"data/{args.rows}/train.csv")[["age", "income"]]
    if args.use_new:
        frame["ratio"] = frame["age"] / frame["income"]
    train, test = train_test_split(frame, random_state=0)
    model = LogisticRegression().fit(train.drop(columns="age"), train["age"])
    joblib.dump(model, OUT / "{}.joblib".format("model"))
    print(model.score(test, test.age) > 0.5)
    """,
    """
    import pickle
    import joblib
    import numpy as np
    import pandas as pd

    THRESHOLD = 0.7

    class Scorer:
        path = "models/%s.joblib" % "model"

        def __init__(self, rows=None, *, cut=THRESHOLD, **more):
            self.model = joblib.load(self.path)
            self.rows, self.cut = rows or [], cut

        @property
        def scores(self):
            return self.model.predict_proba(self.rows)[:, 1]

        def write(self):
            scores = self.scores
            with open("out/scores.pkl", "wb") as file:
                pickle.dump([s for s in scores if s >= self.cut], file)
            pd.DataFrame({"score": scores, "label": np.where(scores > 0.5, 1, 0)}).to_parquet("out/scores.parquet")

    Scorer(pd.read_parquet("data/new.parquet")).write()
    """,
    """
    import os
    import sqlite3
    import pandas as pd
    from datetime import date

    FLAGS = {"new_model": False, "old": True}

    def load(kind, day=None):
        \"\"\"Rows of a day.\"\"\"
        # TODO: hack, remove
        query = f"SELECT a.id, b.score FROM raw.{kind} AS a JOIN scores b ON a.id = b.id WHERE day = '{day}'"
        try:
            return pd.read_sql(query, sqlite3.connect(os.environ["DB"]))
        except Exception:
            return pd.DataFrame()

    def run(model_a, model_b):
        rows = load("events", day=date.today())
        first = model_a.predict(rows)
        rows["first"] = first
        if FLAGS["new_model"] and os.getenv("NEW") == "1":
            return 0.3 * first + 0.7 * model_b.predict(rows)  # mldebt: ignore[literal-ensemble-weights] agreed
        # rows = rows.fillna(0)
        # model_b.fit(rows, first)
        return first
    """,
    """
    import torch
    import yaml
    from torch import nn

    class Net(nn.Module):
        def __init__(self, config):
            super().__init__()
            self.config = config
            self.layers = nn.ModuleList([nn.Linear(n, n) for n in config["sizes"]])

        def forward(self, x, *, training: bool = False):
            for index, layer in enumerate(self.layers):
                x = layer(x) if index % 2 else torch.relu(layer(x))
            return x

    async def main(path: str = "conf/base.yaml") -> None:
        with open(path) as file:
            config = yaml.safe_load(file)
        net = Net(config["model"])
        net.load_state_dict(torch.load("weights.pt"))
        match config:
            case {"train": {"lr": float(lr)}} if lr > 0:
                print(lambda *a, **k: (a, k), lr)
            case [first, *rest] | {"x": first, **rest}:
                del first
            case _:
                yield_ = [y async for y in net if (z := y)]
        torch.save(net.state_dict(), f"weights_{config.get('name', 'x')!r:>10}.pt")
    """,
    """
    from __future__ import print_function
    import cPickle as pickle, sys
    print "rows", len(sys.argv)
    try:
        rows = pickle.load(open(sys.argv[1]))
    except IOError, error:
        raise ValueError, "no file"
    if rows <> None and 0777: exec "x = 1"
    """,
    """
    def decorated(f):
        def inner(*args, **kwargs):
            nonlocal_ = args
            return f(*nonlocal_, **kwargs)
        return inner

    @decorated
    def clean(df, columns=("a", "b"), how=None):
        global SEEN
        SEEN = [c for c in columns for d in c if d]
        while True:
            df = df.assign(**{c: df[c].fillna(df[c].mean()) for c in columns})
            if how: break
        else:
            return
        return (yield df) or -df[columns[-3]][::2]
    """,
)
SQL = _texts(
    """
    -- daily scores
    CREATE OR REPLACE TABLE mart.scores AS
    WITH a AS (SELECT id, max(x) AS x FROM raw.events WHERE day >= '2024-01-01' GROUP BY id)
    SELECT a.*, p.predicted_label FROM ML.PREDICT(MODEL `shop.churn`, (SELECT * FROM a)) p JOIN a USING (id);
    INSERT INTO log.runs (id, at) SELECT 1, current_timestamp; MERGE INTO t USING s ON t.id = s.id WHEN MATCHED THEN UPDATE SET x = 1;
    """,
    """
    {{ config(materialized='table') }}
    {% set kinds = ["a", 'b'] %}
    select {% for kind in kinds %} sum({{ kind }}) as {{ kind }}{% if not loop.last %}, {% endif %}{% endfor %}
    from {{ ref('orders') }} o left join {{ source("raw", "users") }} /* all */ u on o.id = u.id
    """,
    """
    COPY INTO 's3://bucket/out/' FROM (SELECT $1 FROM @stage/f.csv);
    CREATE MODEL m OPTIONS(model_type='linear_reg') AS SELECT 'it''s' y;
    """,
)
SHELL = _texts(
    """
    #!/usr/bin/env bash
    set -euo pipefail
    DIR="$(dirname "${BASH_SOURCE[0]}")/.."
    export MODEL=${MODEL:-base} ; cd "$DIR" && python -m pkg.train --rows 10 --out=models/${MODEL}.pkl | tee log.txt
    for f in data/*.csv; do
      python clean.py "$f" > "out/$(basename $f)" 2>/dev/null || { echo bad >&2; exit 1; }
    done
    cat <<EOF > conf.yaml
    lr: ${LR}
    EOF
    if [ -z "$1" ]; then aws s3 cp s3://bucket/a.csv data/; fi
    case "$x" in a) echo 1 ;; *) echo '2' ;; esac
    """,
)
MAKE = _texts(
    """
    PY ?= python
    DATA := data/raw
    -include local.mk
    models/model.pkl: $(DATA)/x.csv train.py | out
    \t@$(PY) train.py --in $< --out $@ \\
    \t  --name=$(notdir $@)
    .PHONY: all
    all: models/%.pkl ; @echo done
    ifeq ($(X),1)
    export A=1
    endif
    """,
)
DOCKER = _texts(
    """
    # syntax=docker/dockerfile:1
    ARG BASE=python:3.11
    FROM --platform=linux/amd64 ${BASE} AS build
    ENV A=1 B="two words"
    WORKDIR /app
    COPY --from=build . .
    RUN pip install -r requirements.txt && \\
        python train.py --epochs 3
    CMD ["python", "serve.py"]
    """,
)
YAML = _texts(
    """
    defaults: &d {lr: 1e-3, steps: [1, 2, 3]}
    train:
      <<: *d
      script: |
        python train.py --lr ${lr}
    stages:
      prepare:
        cmd: python prepare.py data/raw.csv
        deps: [data/raw.csv]
        outs:
        - data/clean.csv
    on: {push: {branches: [main]}}
    ---
    second: !!python/object:os.system x
    """,
    """
    version: 2
    models:
      - name: orders
        columns: [{name: id, tests: [unique]}]
    jobs:
      build:
        runs-on: ubuntu-latest
        env: {STAGE: prod}
        steps:
          - run: |
              cd src
              python -m pkg.train --rows ${{ inputs.rows }}
    """,
)
TOML = _texts(
    '[project]\nname = "x"\ndependencies = ["pandas>=2.0,<3", "scikit-learn==1.4"]\n[tool.a]\nx = {b = [1, 2.5, true], "c d" = \'e\'}\n'
)
INI = _texts("[train]\nlr = 0.1\nname: %(base)s/x\n; a comment\n[DEFAULT]\nbase=/data\nmulti = a\n  b\n")
ENV = ("export A=1\nB='x y' # c\nC=\"${A}\\n\"\n",)
REQUIREMENTS = (
    "pandas>=2.0,<3 ; python_version > '3.8'\n-r other.txt\ngit+https://example.org/a.git@main#egg=a\nnumpy==1.26.4 --hash=sha256:00\n",
)
DOCUMENT = ("# Use\n\n```bash\n$ python train.py --rows 3\n```\n\nRun `make all`, then:\n\n```yaml\na: {b: 1}\n```\n",)
JSON = ('{"train": {"lr": 0.1, "cmd": "python train.py"}, "list": [1, null, true, "x"], // c\n "e": {}}\n',)


def notebook(*cells: str, language: str = "python") -> str:
    """A notebook of these code cells."""
    made = [{"cell_type": "code", "metadata": {}, "outputs": [], "source": cell.splitlines(keepends=True)} for cell in cells]
    made.insert(1, {"cell_type": "markdown", "metadata": {}, "source": "# Title"})
    kernel = {"kernelspec": {"language": language, "name": "python3"}}
    return json.dumps({"cells": made, "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}, indent=1)


CELLS = (
    *(
        "!pip install pandas\n%matplotlib inline\n",
        "%%writefile train.py\nimport joblib\njoblib.dump(1, 'm.pkl')\n",
        "%cd data\nfiles = !ls *.csv\n",
    ),
    *(
        "%%bash\npython train.py --rows 3\n",
        "%%time\n" + PYTHON[0],
        "%%sql out <<\nSELECT * FROM a\n",
        "df?\n",
        "x = %timeit -n 3 f(1)\n",
        "",
    ),
    *(
        PYTHON[1],
        "%run -i train.py --x 1\n",
        "%load_ext autoreload\n%autoreload 2\nimport os; os.chdir('..')\n",
        "print 'old'\n",
        "%%html\n<b>\n",
    ),
)
NOTEBOOK = (notebook(*CELLS[:5]), notebook(*CELLS[5:]), notebook(PYTHON[0], PYTHON[1]), notebook("x <- 1", language="R"))

# file name -> texts of that language
BY_NAME: dict[str, tuple[str, ...]] = {
    "app.py": PYTHON,
    "n.ipynb": NOTEBOOK,
    "q.sql": SQL,
    "run.sh": SHELL,
    "Makefile": MAKE,
    "Dockerfile": DOCKER,
    "conf.yaml": YAML,
    "dvc.yaml": YAML,
    "pyproject.toml": TOML,
    "conf.ini": INI,
    ".env": ENV,
    "requirements.txt": REQUIREMENTS,
    "README.md": DOCUMENT,
    "conf.json": JSON,
}


def fixtures(suffix: str) -> tuple[str, ...]:
    """The texts of the planted projects with this suffix."""
    files = sorted(_FIXTURES.glob(f"*/**/*{suffix}"))
    return tuple(text for file in files if 0 < len(text := file.read_text("utf-8")) <= _LARGEST)
