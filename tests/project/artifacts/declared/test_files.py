"""Declarations that stand in configuration files: DVC, Kedro, dbt, contracts, catalogs, CI, query metadata."""

from __future__ import annotations

from mldebt.project.artifacts.declared import Declared
from mldebt.project.artifacts.declared.places import located
from tests.project.artifacts.declared.told import order_of, said, told

_DVC = {
    "ml/dvc.yaml": """
        vars: [{model: forest}, extra.yaml]
        stages:
          split:
            cmd: python code/split.py ${raw.path}
            deps: ["${raw.path}", code/split.py]
            outs: [{data/parts: {cache: false}}]
          train:
            foreach: [small, large]
            do:
              cmd: python -m code.train ${item}
              wdir: .
              deps: [data/parts]
              outs: ["models/${model}-${item}.pkl"]
              metrics: [{"scores/${item}.json": {cache: false}}]
          grid:
            matrix: {side: [a, b], size: [1]}
            cmd: sh code/grid.sh ${item.side}
            outs: ["grid/${item.side}${item.size}"]
        metrics: [scores/small.json]
    """,
    "ml/params.yaml": "raw: {path: data/raw.csv}\n",
    "ml/extra.yaml": "x: 1\n",
    "ml/code/split.py": "import ml.code.tools\n",
    "ml/code/tools.py": "",
    "ml/code/train.py": "",
    "ml/code/grid.sh": "",
    "ml/data/raw.csv.dvc": """
        deps:
        - path: data/raw.csv
          repo: {url: https://github.com/acme/registry.git, rev_lock: abc}
        outs:
        - {md5: aa, path: raw.csv}
    """,
}


def test_dvc() -> None:
    assert said(_DVC) == [
        "dvc ml/data/raw.csv.dvc:2 dvc import consumes http:github.com/acme/registry/data/raw.csv [ml/data/raw.csv.dvc]",
        "dvc ml/data/raw.csv.dvc:5 ml/data/raw.csv.dvc external file:ml/data/raw.csv []",
        "dvc ml/dvc.yaml:5 split consumes file:ml/data/raw.csv [ml/code/split.py]",
        "dvc ml/dvc.yaml:6 split produces file:ml/data/parts [ml/code/split.py]",
        "dvc ml/dvc.yaml:12 train@large consumes file:ml/data/parts [ml/code/train.py]",
        "dvc ml/dvc.yaml:12 train@small consumes file:ml/data/parts [ml/code/train.py]",
        "dvc ml/dvc.yaml:13 train@large produces file:ml/models/forest-large.pkl [ml/code/train.py]",
        "dvc ml/dvc.yaml:13 train@small produces file:ml/models/forest-small.pkl [ml/code/train.py]",
        "dvc ml/dvc.yaml:14 train@large produces file:ml/scores/large.json [ml/code/train.py]",
        "dvc ml/dvc.yaml:14 train@small produces file:ml/scores/small.json [ml/code/train.py]",
        "dvc ml/dvc.yaml:18 grid@a-1 produces file:ml/grid/a1 [ml/code/grid.sh]",
        "dvc ml/dvc.yaml:18 grid@b-1 produces file:ml/grid/b1 [ml/code/grid.sh]",
        "dvc ml/dvc.yaml:19 dvc metrics consumes file:ml/scores/small.json [ml/dvc.yaml]",
    ]


def test_declared_edges() -> None:
    project, found = told(_DVC)
    known = Declared(project, found)
    part = located("ml/data/parts/train.csv")
    raw = located("ml/data/raw.csv")
    assert part is not None and raw is not None
    edge = known.edge(part, "ml/code/train.py", "ml/code/split.py")
    assert edge is not None and (edge.who, edge.line) == ("train@large", 12)
    assert known.edge(part, "ml/code/grid.sh", "ml/code/split.py") is None
    assert known.edge(raw, "ml/code/train.py", "elsewhere.py") is None
    assert known.edge(raw, "ml/code/tools.py", "elsewhere.py") is not None, "what a stage's script imports is part of the stage"


def test_kedro() -> None:
    files = {
        "conf/base/catalog.yml": """
            _csv: &csv {type: pandas.CSVDataset}
            raw: {<<: *csv, filepath: data/01/raw.csv}
            model@pickle: {type: pickle.PickleDataset, filepath: s3://lake/model.pkl, versioned: true}
            users: {type: pandas.SQLTableDataset, table_name: Users, save_args: {schema: app}}
        """,
        "src/pkg/nodes.py": "def clean(raw, users): ...\ndef fit(rows, params): ...\n",
        "src/pkg/pipeline.py": """
            from kedro.pipeline import Pipeline, node
            from .nodes import clean, fit

            def create_pipeline():
                return Pipeline([
                    node(clean, ["raw", "users"], "rows", name="clean_rows"),
                    node(func=fit, inputs=dict(rows="rows", params="params:fit"), outputs="model"),
                ])
        """,
    }
    both = "[src/pkg/nodes.py src/pkg/pipeline.py]"
    assert said(files) == [
        "kedro conf/base/catalog.yml:2 raw external dataset:kedro/raw []",
        "kedro conf/base/catalog.yml:2 raw external file:data/01/raw.csv []",
        "kedro conf/base/catalog.yml:4 users external dataset:kedro/users []",
        "kedro conf/base/catalog.yml:4 users external table:app.users []",
        f"kedro src/pkg/pipeline.py:6 clean_rows consumes dataset:kedro/raw {both}",
        f"kedro src/pkg/pipeline.py:6 clean_rows consumes dataset:kedro/users {both}",
        f"kedro src/pkg/pipeline.py:6 clean_rows consumes file:data/01/raw.csv {both}",
        f"kedro src/pkg/pipeline.py:6 clean_rows consumes table:app.users {both}",
        f"kedro src/pkg/pipeline.py:6 clean_rows produces dataset:kedro/rows {both}",
        f"kedro src/pkg/pipeline.py:7 fit consumes dataset:kedro/rows {both}",
        f"kedro src/pkg/pipeline.py:7 fit produces dataset:kedro/model {both}",
        f"kedro src/pkg/pipeline.py:7 fit produces s3:lake/model.pkl {both}",
    ]


def test_dbt() -> None:
    files = {
        "warehouse/dbt_project.yml": "name: shop\nmodel-paths: [models]\n",
        "warehouse/models/orders.sql": "select 1\n",
        "warehouse/models/schema.yml": """
            models:
            - {name: orders, group: finance, config: {access: private, alias: orders_v1}}
            sources:
            - {name: app, database: prod, schema: public, tables: [{name: users}, {name: log, identifier: log_raw}]}
            exposures:
            - name: churn
              type: ml
              owner: {email: ml@example.org}
              depends_on: [ref('orders'), "source('app', 'log')"]
        """,
        "elsewhere/models/x.sql": "select 1\n",
    }
    assert said(files) == [
        "dbt warehouse/models/orders.sql:1 orders produces table:orders_v1 [warehouse/models/orders.sql] owner=finance visibility=private",
        "dbt warehouse/models/schema.yml:4 source app.log external table:prod.public.log_raw []",
        "dbt warehouse/models/schema.yml:4 source app.users external table:prod.public.users []",
        "dbt warehouse/models/schema.yml:9 exposure churn consumes table:orders_v1 [] owner=ml@example.org",
        "dbt warehouse/models/schema.yml:9 exposure churn consumes table:prod.public.log_raw [] owner=ml@example.org",
    ]


def test_queries_of_dbt_that_only_check() -> None:
    files = {
        "dbt_project.yml": "name: shop\n",
        "tests/one_row_each.sql": "select 1 from {{ ref('orders') }}\n",
        "analyses/look.sql": "select 1 from {{ ref('orders') }}\n",
        "macros/helper.sql": "select 1 from {{ ref('orders') }}\n",
    }
    assert said(files) == [
        "dbt analyses/look.sql:1 look consumes table:orders [analyses/look.sql]",
        "dbt tests/one_row_each.sql:1 one_row_each consumes table:orders [tests/one_row_each.sql]",
    ]


def test_contracts_and_products() -> None:
    files = {
        "orders.odcs.yaml": """
            apiVersion: v3.1.0
            kind: DataContract
            id: c-1
            name: orders
            servers:
            - {server: prod, type: postgres, database: shop, schema: public}
            schema:
            - {name: orders, physicalName: Orders_V1}
            team: {name: sales}
        """,
        "report.odps.yaml": """
            apiVersion: v1.0.0
            kind: DataProduct
            name: report
            inputPorts: [{name: in, contractId: c-1}]
            outputPorts: [{name: out, contractId: c-2}]
        """,
        "datacontract.yaml": """
            dataContractSpecification: 1.1.0
            id: clicks
            info: {owner: web}
            servers: {prod: {type: s3, location: "s3://lake/clicks/*.parquet"}}
            models: {clicks: {type: table}}
        """,
    }
    assert said(files) == [
        "datacontract datacontract.yaml:1 clicks produces dataset:odcs/clicks [] owner=web",
        "datacontract datacontract.yaml:1 clicks produces s3:lake/clicks/*.parquet [] owner=web",
        "odcs orders.odcs.yaml:1 orders produces dataset:odcs/c-1 [] owner=sales",
        "odcs orders.odcs.yaml:1 orders produces table:shop.public.orders_v1 [] owner=sales",
        "odps report.odps.yaml:4 report consumes dataset:odcs/c-1 []",
        "odps report.odps.yaml:4 report consumes table:shop.public.orders_v1 []",
        "odps report.odps.yaml:5 report produces dataset:odcs/c-2 []",
    ]


def test_backstage_reads_every_document() -> None:
    files = {
        "svc/catalog-info.yaml": """
            apiVersion: backstage.io/v1alpha1
            kind: Component
            metadata: {name: scorer}
            spec: {owner: team-a, dependsOn: ["resource:default/lake"]}
            ---
            apiVersion: backstage.io/v1alpha1
            kind: Resource
            metadata: {name: lake, annotations: {acme.org/place: "s3://lake/scores"}}
            spec: {type: s3-bucket, owner: team-b}
        """,
        "svc/app.py": "",
        "other.py": "",
    }
    assert said(files) == [
        "backstage svc/catalog-info.yaml:4 scorer consumes dataset:backstage/lake [svc/app.py] owner=team-a",
        "backstage svc/catalog-info.yaml:4 scorer consumes s3:lake/scores [svc/app.py] owner=team-a",
        "backstage svc/catalog-info.yaml:6 lake external dataset:backstage/lake [] owner=team-b",
        "backstage svc/catalog-info.yaml:6 lake external s3:lake/scores [] owner=team-b",
    ]


def test_continuous_integration() -> None:
    files = {
        ".github/workflows/train.yml": """
            jobs:
              train:
                steps:
                - run: python train.py
                - uses: actions/upload-artifact@v4
                  with: {name: model, path: out/model.pkl}
              score:
                needs: train
                steps:
                - uses: actions/download-artifact@v4
                  with: {name: model, path: in}
                - run: python score.py
        """,
        ".gitlab-ci.yml": """
            stages: [make, use]
            make: {stage: make, script: [python train.py], artifacts: {paths: [out/]}}
            use: {stage: use, script: [python score.py]}
        """,
        "train.py": "",
        "score.py": "",
    }
    assert said(files) == [
        "github-actions .github/workflows/train.yml:5 train produces dataset:github-actions/model [train.py]",
        "github-actions .github/workflows/train.yml:5 train produces file:out/model.pkl [train.py]",
        "github-actions .github/workflows/train.yml:10 score consumes dataset:github-actions/model [score.py]",
        "gitlab-ci .gitlab-ci.yml:2 make produces file:out [train.py]",
        "gitlab-ci .gitlab-ci.yml:3 use consumes file:out [score.py]",
    ]
    assert order_of(files) == ["make -> use", "train -> score"]


def test_taskcluster_and_query_metadata() -> None:
    files = {
        "pipeline.yml": """
            tasks:
            - ID: fetch
              payload:
                command: [python, fetch.py]
                artifacts: {public/raw.json: {path: /data/raw.json}}
            - ID: train
              dependencies: [fetch]
              payload: {command: [/bin/bash, -c, "python train.py"]}
        """,
        "fetch.py": "",
        "train.py": "",
        "sql/prod/app/daily/metadata.yaml": """
            owners: [a@example.org]
            scheduling: {referenced_tables: [[prod, raw, events]]}
        """,
        "sql/prod/app/daily/query.sql": "select 1\n",
    }
    query = "[sql/prod/app/daily/query.sql] owner=a@example.org"
    assert said(files) == [
        "taskcluster pipeline.yml:5 fetch produces dataset:taskcluster/public/raw.json [fetch.py] visibility=public",
        "taskcluster pipeline.yml:5 fetch produces file:/data/raw.json [fetch.py] visibility=public",
        f"metadata sql/prod/app/daily/metadata.yaml:1 prod.app.daily produces table:prod.app.daily {query}",
        f"metadata sql/prod/app/daily/metadata.yaml:2 prod.app.daily consumes table:prod.raw.events {query}",
    ]
    assert order_of(files) == ["fetch -> train"]
