"""Values of one environment in the code."""

from __future__ import annotations

import pytest

from tests.checks.conftest import Found

CHECK = "hard_coded_environment"
SETTINGS = """
import os

class Default:
    MODEL_BUCKET = os.getenv("MODEL_BUCKET", "dev")
    MODEL_KEY = os.environ["MODEL_KEY"]

class Packaged(Default):
    MODEL_BUCKET = "acme-prod"
    MODEL_KEY = "churn/model.joblib"
"""
RUN = "5b0cd0b5f3a94b63b0a2ed71ae3e5c11"


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ('connect("postgresql://etl:Kestrel42@db.acme/sales")', "etl@db.acme"),
        ('connect("host=db.acme user=etl password=Kestrel42")', "@db.acme"),
        ('DSN = "mysql+pymysql://root:Kestrel42@localhost/x"', "root@localhost"),
        ('Client(url, api_key="78afe31bd58c157723501a0351e3716e")', "api_key"),
        ('connect(password="Kestrel42!")', "password"),
    ],
)
def test_a_secret_is_found_and_not_shown(found: Found, text: str, who: str):
    (one,) = found(CHECK, {"a.py": text + "\n"})
    assert one.anchor == f"credential {who}"
    assert one.confidence >= 0.8
    assert "Kestrel" not in f"{one}" and "78afe" not in f"{one}"


@pytest.mark.parametrize(
    "text",
    [
        'os.getenv("DSN", "postgresql://etl:Kestrel42@db/sales")',
        'connect("postgresql://user:{password}@db/sales")',
        'connect("postgresql://user:<password>@db/sales")',
        'connect(f"postgresql://{user}:{password}@db/sales")',
        'fetch("ftp://anonymous:guest@ftp.acme.org/x")',
        'Client(api_key="YOUR_KEY_HERE_0123456789")',
        'PWD = "/srv/churn/work1"',
        'PASSWORD_FIELD = "password"',
        'pad_token = "[PAD]"',
        'ACCESS_TOKEN = "OPENAI_ACCESS_TOKEN_V2"',
        'read("https://gist.githubusercontent.com/a/5b0cd0b5f3a94b63b0a2ed71ae3e5c11/raw/iris.csv")',
        'PAGE = "https://www.notion.so/acme/5b0cd0b5f3a94b63b0a2ed71ae3e5c11"',
    ],
)
def test_no_secret(found: Found, text: str):
    assert not found(CHECK, {"a.py": text + "\n"})


def test_a_class_that_fixes_what_its_sibling_reads(found: Found):
    (one,) = found(CHECK, {"settings.py": SETTINGS})
    assert (one.location.line, one.location.end_line, one.anchor) == (9, 10, "settings Packaged")
    assert not found(
        CHECK, {"settings.py": SETTINGS.replace("MODEL", "LOCALE", 1).replace('    MODEL_KEY = os.environ["MODEL_KEY"]\n', "")}
    )


def test_settings_parsed_at_import(found: Found):
    text = 'import yaml\nTEXT = """\nrate: 0.1\nleaves: 31\ndepth: 4\n"""\nBOOSTER = yaml.safe_load(TEXT)\n'
    (one,) = found(CHECK, {"a.py": text})
    assert (one.location.line, one.anchor) == (2, "embedded BOOSTER")
    inside = "import yaml\ndef f(text):\n    return yaml.safe_load(text)\n"
    assert not found(CHECK, {"a.py": inside, "b.py": 'import yaml\nA = yaml.safe_load("a: 1")\n'})


def test_a_run(found: Found):
    files = {"a.py": f'score(run_id="{RUN}")\n', "b.py": f'load("runs:/{RUN}/model")\n', "c.py": f'check(md5="{RUN}")\n'}
    (one,) = found(CHECK, files)
    assert (one.anchor, one.size, one.location.path) == (f"run {RUN}", 2, "a.py")


@pytest.mark.parametrize("path", ["mlruns/0/{}/artifacts/model", "s3://acme/1/{}/artifacts/model", "mlartifacts/1/{}"])
def test_a_run_in_a_path(found: Found, path: str):
    (one,) = found(CHECK, {"a.py": f'load("{path.format(RUN)}")\n'})
    assert one.anchor == f"run {RUN}"


def test_one_finding_for_a_bucket_and_a_disk(found: Found):
    files = {
        "a.py": 'read("s3://acme-prod/a")\nread("/mnt/big/x/a.parquet")\nread("D:\\\\data\\\\a.csv")\n',
        "b.py": 'read("s3://acme-prod/b")\n',
        "c.py": 'read("s3://nyc-tlc/b")\nread("/tmp/x/y")\nread(base + "/mnt/big/x")\n',
    }
    assert {(f.anchor, f.size) for f in found(CHECK, files)} == {("store s3://acme-prod", 2), ("disk /mnt/big", 1), ("disk D:", 1)}


def test_what_can_be_given_otherwise(found: Found):
    text = """
def f(path="/mnt/big/a.csv", other=None):
    if other is None:
        other = "s3://acme-prod/x"
    parser.add_argument("--x", default="s3://acme-prod/x")
    return settings.get("x", "s3://acme-prod/y")

@dataclass
class Options:
    path: str = "/mnt/big/a.csv"
"""
    assert not found(CHECK, {"a.py": text})


def test_the_configuration_tests_and_containers(found: Found):
    files = {
        "app/constants.py": 'BUCKET = "s3://acme-prod/a"\n',
        "tests/test_a.py": 'read("s3://acme-prod/a")\n',
        "serve.py": 'read("/data/models/a.bin")\n',
        "Dockerfile": "FROM x\nCOPY models /data/models\n",
    }
    assert not found(CHECK, files)


def test_the_same_place_without_a_container(found: Found):
    (one,) = found(CHECK, {"serve.py": 'read("/data/models/a.bin")\n'})
    assert one.anchor == "disk /data"


def test_a_script_that_sets_a_machine_up_may_name_its_places(found: Found):
    code = 'rows = open("/mnt/user-data/a.yaml")\n'
    assert found(CHECK, {"run.py": code})
    assert not found(CHECK, {"run.py": code + 'open("/etc/resolv.conf", "w")\n'})
    assert not found(CHECK, {"infrastructure/run.py": code})
