"""Airflow, Dagster, Prefect, ZenML, Kubeflow, Metaflow, Argo: assets, and the order of jobs."""

from __future__ import annotations

from mldebt.project.artifacts.declared import Declared
from tests.project.artifacts.declared.told import order_of, said, told


def test_airflow_assets_and_order() -> None:
    files = {
        "dags/daily.py": """
            from airflow import DAG
            from airflow.datasets import Dataset
            from airflow.operators.bash import BashOperator
            from airflow.operators.python import PythonOperator
            from jobs.load import load

            USERS = Dataset("s3://lake/users.parquet")

            with DAG("daily", schedule="@daily"):
                extract = PythonOperator(task_id="extract", python_callable=load, outlets=[USERS])
                train = BashOperator(task_id="train", bash_command="python jobs/train.py --fast")
                report = BashOperator(task_id="report", bash_command="python jobs/report.py")
                extract >> [train] >> report
        """,
        "dags/weekly.py": """
            from airflow import DAG
            from airflow.datasets import Dataset
            from airflow.operators.bash import BashOperator
            from airflow.sensors.external_task import ExternalTaskSensor

            with DAG("weekly", schedule=[Dataset("s3://lake/users.parquet")]):
                wait = ExternalTaskSensor(task_id="wait", external_dag_id="daily")
                score = BashOperator(task_id="score", bash_command="python jobs/score.py")
                score.set_upstream(wait)
        """,
        "jobs/load.py": "def load():\n    pass\n",
        "jobs/train.py": "",
        "jobs/report.py": "",
        "jobs/score.py": "",
    }
    assert said(files) == [
        "airflow dags/daily.py:10 extract produces s3:lake/users.parquet [dags/daily.py jobs/load.py]",
        "airflow dags/weekly.py:6 weekly consumes s3:lake/users.parquet [dags/weekly.py jobs/score.py]",
    ]
    assert order_of(files) == ["daily -> dags/weekly.py", "extract -> train", "train -> report", "wait -> score"]
    project, found = told(files)
    declared = Declared(project, found)
    assert declared.order("jobs/report.py", "jobs/load.py") is not None
    assert declared.order("jobs/load.py", "jobs/report.py") is None


def test_airflow_taskflow_and_dag_factory() -> None:
    files = {
        "dags/flow.py": """
            from airflow.decorators import dag, task

            @task
            def extract():
                return 1

            @task
            def load(rows):
                pass

            @dag(dag_id="flow")
            def flow():
                load(extract())
        """,
        "dags/made.yml": """
            made:
              schedule: ["s3://lake/in.csv"]
              tasks:
                one:
                  operator: airflow.operators.python.PythonOperator
                  python_callable_file: steps/one.py
                  outlets: ["s3://lake/out.csv"]
                two:
                  operator: airflow.operators.bash.BashOperator
                  bash_command: python steps/two.py
                  dependencies: [one]
        """,
        "dags/steps/one.py": "",
        "steps/two.py": "",
    }
    assert order_of(files) == ["extract -> load", "one -> two"]
    assert said(files) == [
        "airflow dags/made.yml:2 made consumes s3:lake/in.csv [dags/steps/one.py steps/two.py]",
        "airflow dags/made.yml:7 one produces s3:lake/out.csv [dags/steps/one.py]",
    ]


def test_dagster() -> None:
    files = {
        "assets.py": """
            from dagster import AssetIn, AssetSpec, asset

            raw = AssetSpec("raw", owners=["team:data"])

            @asset(deps=[raw], key_prefix="lake", owners=["ana@example.org"])
            def users():
                ...

            @asset(ins={"people": AssetIn(key=["lake", "users"])})
            def model(context, people):
                ...
        """,
        "more.py": """
            from dagster import asset

            @asset
            def scores(model):
                ...
        """,
    }
    assert said(files) == [
        "dagster assets.py:3 raw external dataset:dagster/raw [] owner=team:data",
        "dagster assets.py:6 lake/users consumes dataset:dagster/raw [assets.py]",
        "dagster assets.py:6 lake/users produces dataset:dagster/lake/users [assets.py] owner=ana@example.org",
        "dagster assets.py:10 model consumes dataset:dagster/lake/users [assets.py]",
        "dagster assets.py:10 model produces dataset:dagster/model [assets.py]",
        "dagster more.py:4 scores consumes dataset:dagster/model [more.py]",
        "dagster more.py:4 scores produces dataset:dagster/scores [more.py]",
    ]
    assert order_of(files) == ["lake/users -> model", "model -> scores"]


def test_prefect() -> None:
    files = {
        "steps.py": """
            from prefect import task
            from prefect.assets import materialize

            @task
            def fetch(): ...

            @materialize("s3://lake/features.parquet", asset_deps=["s3://lake/raw.csv"])
            def build(rows): ...
        """,
        "train.py": """
            from prefect import task

            @task(retries=3)
            def train(data): ...
        """,
        "flow.py": """
            from prefect import flow
            from steps import build, fetch
            from train import train

            @flow
            def main():
                rows = fetch.submit()
                train(build(rows))
        """,
    }
    assert order_of(files) == ["build -> train", "fetch -> build"]
    assert said(files) == [
        "prefect steps.py:8 build consumes s3:lake/raw.csv [steps.py]",
        "prefect steps.py:8 build produces s3:lake/features.parquet [steps.py]",
    ]


def test_zenml_and_kubeflow() -> None:
    files = {
        "zen.py": """
            from zenml import pipeline, step

            @step
            def load(): ...

            @step
            def idle(): ...

            @step
            def fit(rows): ...

            @pipeline
            def training():
                rows = load()
                idle()
                fit(rows)
        """,
        "kube.py": """
            import kfp
            from kfp import dsl

            @dsl.pipeline(name="p")
            def p():
                a = dsl.ContainerOp(name="a", image="i", command=["python", "a.py"])
                b = dsl.ContainerOp(name="b", image="i", command=["sh", "-c"], arguments=["python b.py"])
                c = dsl.ContainerOp(name="c", image="i", arguments=["--in", b.outputs["o"]])
                b.after(a)
        """,
        "a.py": "",
        "b.py": "",
    }
    assert order_of(files) == ["a -> b", "b -> c", "load -> fit"]
    project, found = told(files)
    assert Declared(project, found).order("b.py", "a.py") is not None


def test_metaflow() -> None:
    files = {
        "flow.py": """
            from metaflow import FlowSpec, step

            class Train(FlowSpec):
                @step
                def start(self):
                    self.next(self.left, self.right)

                @step
                def left(self):
                    self.next(self.join)

                @step
                def right(self):
                    self.next(self.join)

                @step
                def join(self, inputs):
                    self.next(self.end)

                @step
                def end(self): ...
        """
    }
    assert order_of(files) == ["join -> end", "left -> join", "right -> join", "start -> left", "start -> right"]


def test_argo() -> None:
    files = {
        "flow.yaml": """
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            spec:
              templates:
              - name: main
                dag:
                  tasks:
                  - {name: get, template: run-get}
                  - {name: fit, template: run-fit, depends: get.Succeeded}
                  - name: use
                    template: run-fit
                    arguments:
                      artifacts:
                      - {name: m, from: "{{tasks.fit.outputs.artifacts.model}}"}
              - name: run-get
                container: {command: [python, get.py]}
              - name: run-fit
                container: {command: [sh, -c], args: ["python fit.py"]}
        """,
        "get.py": "",
        "fit.py": "",
    }
    assert order_of(files) == ["fit -> use", "get -> fit"]
    project, found = told(files)
    assert Declared(project, found).order("fit.py", "get.py") is not None
