from __future__ import annotations

import pytest

from mldebt.findings import Finding
from tests.checks.conftest import Found


def rules(findings: list[Finding]) -> list[tuple[str, str, int]]:
    return [(f.rule, f.location.path, f.location.line) for f in findings]


def test_bytes_of_a_url_are_a_remote_pickle(found: Found) -> None:
    text = """
import pickle
from urllib.request import urlopen

with urlopen("https://models.example.org/words.pkl") as handle:
    words = pickle.load(handle)
"""
    findings = found("unsafe_load", {"a.py": text})
    assert rules(findings) == [("remote-pickle", "a.py", 6)]
    assert "https://models.example.org/words.pkl" in findings[0].message
    assert [(e.path, e.line) for e in findings[0].evidence] == [("a.py", 5)]


def test_a_file_that_a_helper_of_a_helper_fetches_is_remote(found: Found) -> None:
    fetch = """
import requests

def save(url, target):
    with open(target, "wb") as handle:
        for chunk in requests.get(url, stream=True).iter_content(8192):
            handle.write(chunk)

def ensure(name):
    save("https://models.example.org/" + name, name)
"""
    load = """
import joblib
from fetch import ensure

def model(path):
    ensure(path)
    return joblib.load(path)
"""
    findings = found("unsafe_load", {"fetch.py": fetch, "load.py": load})
    assert rules(findings) == [("remote-pickle", "load.py", 7)]


def test_a_path_that_a_fetching_function_returns_is_remote(found: Found) -> None:
    text = """
from pathlib import Path
import wget
import joblib

def local(name):
    path = Path(str(name).strip())
    if not path.exists():
        wget.download("https://models.example.org/x", str(path))
    return str(path)

def model(name):
    return joblib.load(local(name))
"""
    assert rules(found("unsafe_load", {"a.py": text})) == [("remote-pickle", "a.py", 13)]


def test_a_download_after_the_load_does_not_count(found: Found) -> None:
    text = """
import joblib
from urllib.request import urlretrieve

def refresh():
    old = joblib.load("model.joblib")
    urlretrieve("https://models.example.org/m", "model.joblib")
    return old
"""
    assert found("unsafe_load", {"a.py": text}) == []


def test_another_file_of_the_same_function_is_not_the_download(found: Found) -> None:
    text = """
import joblib
from urllib.request import urlretrieve

def both():
    urlretrieve("https://data.example.org/rows.csv", "rows.csv")
    return joblib.load("model.joblib")
"""
    assert [f.confidence for f in found("unsafe_load", {"a.py": text}) if f.confidence > 0.3] == []


@pytest.mark.parametrize(
    "load",
    [
        'path = mlflow.MlflowClient().download_artifacts(run, "encoder.b")\n    return pickle.load(open(path, "rb"))',
        'mlflow.MlflowClient().download_artifacts(run_id=run, path="pre", dst_path=".")\n'
        '    with open("pre/encoder.b", "rb") as handle:\n        return pickle.load(handle)',
    ],
)
def test_an_artifact_store_is_an_unsafe_load(found: Found, load: str) -> None:
    findings = found("unsafe_load", {"a.py": f"import pickle\nimport mlflow\n\ndef encoder(run):\n    {load}\n"})
    assert [(f.rule, f.confidence) for f in findings] == [("unsafe-model-load", 0.8)]


def test_an_upload_is_an_unsafe_load(found: Found) -> None:
    text = """
import joblib
from fastapi import FastAPI, UploadFile

app = FastAPI()

@app.post("/model")
async def register(model: UploadFile):
    return str(joblib.load(model.file))
"""
    assert rules(found("unsafe_load", {"a.py": text})) == [("unsafe-model-load", "a.py", 9)]


def test_a_loader_that_is_the_default_of_a_parameter_counts(found: Found) -> None:
    text = """
import pickle
from urllib.request import urlopen

def fetch(unpickler=pickle.Unpickler):
    return unpickler(urlopen("https://models.example.org/a.pkl")).load()
"""
    assert rules(found("unsafe_load", {"a.py": text})) == [("remote-pickle", "a.py", 6)]


def test_what_the_project_saves_and_paths_of_callers_stay_silent(found: Found) -> None:
    text = """
import joblib
import pickle

class Encoder:
    def load(self, path):
        self.encoder = joblib.load(path)

    def persist(self, path):
        joblib.dump(self.encoder, path)

def rows():
    with open("rows.pkl", "rb") as handle:
        return pickle.load(handle)

def any_rows(path):
    with open(path, "rb") as handle:
        return pickle.load(handle)
"""
    assert found("unsafe_load", {"a.py": text}) == []


def test_a_service_that_loads_any_path_is_a_weak_finding(found: Found) -> None:
    text = "import pickle\nimport flask\n\ndef model(path):\n    return pickle.load(open(path, 'rb'))\n"
    findings = found("unsafe_load", {"service.py": text})
    assert [(f.rule, f.confidence) for f in findings] == [("unsafe-model-load", 0.5)]


TORCH = "import torch\n\ndef weights(path):\n    return torch.load(path)\n"


@pytest.mark.parametrize(
    ("requirement", "expected"),
    [("torch==2.0.1", 1), ("torch>=1.8", 1), ("torch<2.6", 1), ("torch>=2.6", 0), ("torch", 0), ("torchvision==0.1", 0)],
)
def test_the_default_of_an_allowed_old_version_counts(found: Found, requirement: str, expected: int) -> None:
    pyproject = f'[project]\nname = "x"\ndependencies = ["numpy", "{requirement}"]\n'
    assert len(found("unsafe_load", {"pyproject.toml": pyproject, "net.py": TORCH})) == expected


def test_weights_only_is_safe_in_every_version(found: Found) -> None:
    files = {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["torch==1.9"]\n'}
    assert found("unsafe_load", files | {"net.py": TORCH.replace("(path)\n", "(path, weights_only=True)\n")}) == []
    assert found("unsafe_load", files | {"net.py": TORCH.replace("torch.load(path)", "torch.load(path, **options)")}) == []
    assert found("unsafe_load", files | {"net.py": TORCH}) != []


def test_a_compared_digest_clears(found: Found) -> None:
    text = """
import hashlib
import pickle
import requests

def encoder():
    content = requests.get("https://models.example.org/e.pkl").content
    if hashlib.sha256(content).hexdigest() != "5c1f":
        raise ValueError
    return pickle.loads(content)
"""
    assert found("unsafe_load", {"a.py": text}) == []
    without = text.replace('    if hashlib.sha256(content).hexdigest() != "5c1f":\n        raise ValueError\n', "")
    assert rules(found("unsafe_load", {"a.py": without})) == [("remote-pickle", "a.py", 8)]


def test_a_safe_format_without_digest_is_unverified(found: Found) -> None:
    text = """
from urllib.request import urlretrieve
from safetensors.torch import load_file

def weights():
    urlretrieve("https://models.example.org/w.safetensors", "w.safetensors")
    return load_file("w.safetensors")
"""
    findings = found("unsafe_load", {"a.py": text})
    assert rules(findings) == [("unverified-download", "a.py", 6)]
    assert [e.line for e in findings[0].evidence] == [7]


def test_data_that_is_fetched_is_not_a_model(found: Found) -> None:
    text = """
import pandas as pd
from urllib.request import urlretrieve

def rows():
    urlretrieve("https://data.example.org/rows.parquet", "rows.parquet")
    return pd.read_parquet("rows.parquet")
"""
    assert found("unsafe_load", {"a.py": text}) == []


def test_trusted_code_needs_a_commit(found: Found) -> None:
    text = """
import torch
from transformers import AutoModel

floating = AutoModel.from_pretrained("acme/encoder", trust_remote_code=True)
pinned = AutoModel.from_pretrained("acme/encoder", trust_remote_code=True, revision="4c1f6d0a9be27f13508d3c9a7716b2e5d0c8aa31")
unchecked = torch.hub.load("acme/zoo", "net", skip_validation=True)
own = AutoModel.from_pretrained("./encoder", trust_remote_code=True)

def forwarded(name, revision, trust):
    return AutoModel.from_pretrained(name, revision=revision, trust_remote_code=trust)
"""
    findings = found("unsafe_load", {"a.py": text})
    assert rules(findings) == [("trust-remote-code", "a.py", 5), ("trust-remote-code", "a.py", 7)]


def test_tests_and_tutorials_stay_silent(found: Found) -> None:
    text = "import pickle\nfrom urllib.request import urlopen\npickle.load(urlopen('https://models.example.org/a.pkl'))\n"
    assert found("unsafe_load", {"tests/test_a.py": text, "examples/a.py": text, "quickstart.py": text}) == []
    assert len(found("unsafe_load", {"a.py": text})) == 1


def test_recursion_and_cycles_end(found: Found) -> None:
    text = """
import pickle
from b import deeper

def again(path):
    path = deeper(path) or again(path)
    for _ in range(3):
        path = path + again(path)
    return pickle.load(open(path, "rb"))
"""
    other = "from a import again\n\ndef deeper(path):\n    return again(deeper(path))\n"
    assert found("unsafe_load", {"a.py": text, "b.py": other}) == []


def test_a_digest_in_a_helper_clears(found: Found) -> None:
    text = """
import hashlib
import joblib
from urllib.request import urlretrieve

def digest(path):
    return hashlib.md5(open(path, "rb").read()).hexdigest()

def model(path):
    urlretrieve("https://models.example.org/m.joblib", path)
    assert digest(path) == "5c1f"
    return joblib.load(path)
"""
    assert found("unsafe_load", {"a.py": text}) == []
    assert rules(found("unsafe_load", {"a.py": text.replace('    assert digest(path) == "5c1f"\n', "")})) == [("remote-pickle", "a.py", 11)]


def test_loads_of_any_path_in_one_file_are_one_finding(found: Found) -> None:
    pyproject = '[project]\nname = "x"\ndependencies = ["torch==1.9"]\n'
    findings = found("unsafe_load", {"pyproject.toml": pyproject, "net.py": TORCH + TORCH.replace("weights", "biases")})
    assert [(f.location.line, f.size, [e.line for e in f.evidence]) for f in findings] == [(4, 2, [8])]


PLANTED = """
import pickle

import joblib
import numpy as np
import torch


def load():
    with open("models/scaler.pkl", "rb") as handle:
        scaler = pickle.load(handle)
    return scaler, joblib.load("models/churn.joblib"), torch.load("models/net.pt"), np.load("models/words.npy", allow_pickle=True)
"""
CLEAN = """
import numpy as np
import skops.io
import torch
from safetensors.torch import load_file


def load():
    net = torch.load("models/net.pt", weights_only=True)
    return skops.io.load("models/churn.skops"), net, load_file("models/head.safetensors"), np.load("models/words.npy")
"""


@pytest.mark.parametrize("pin", [{"requirements.txt": "torch==2.3.1\n"}, {"uv.lock": '[[package]]\nname = "torch"\nversion = "2.3.1"\n'}])
def test_four_loaders_of_four_are_found(found: Found, pin: dict[str, str]) -> None:
    findings = found("unsafe_load", {"service.py": PLANTED, **pin})
    assert [f.message.split("`")[1] for f in findings] == ["pickle.load", "joblib.load", "torch.load", "numpy.load"]
    assert {f.rule for f in findings} == {"unsafe-model-load"}


@pytest.mark.parametrize("pin", [{}, {"requirements.txt": "torch>=2.6\n"}, {"uv.lock": '[[package]]\nname = "torch"\nversion = "2.3.1"\n'}])
def test_the_safe_twins_of_the_four_are_silent(found: Found, pin: dict[str, str]) -> None:
    assert found("unsafe_load", {"service.py": CLEAN, **pin}) == []


def test_a_lock_file_outweighs_the_bounds_of_a_requirement(found: Found) -> None:
    asked = {"pyproject.toml": '[project]\nname = "x"\ndependencies = ["torch>=2.0"]\n', "net.py": TORCH}
    assert len(found("unsafe_load", asked)) == 1
    assert found("unsafe_load", asked | {"uv.lock": '[[package]]\nname = "torch"\nversion = "2.7.0"\n'}) == []


def test_the_nearer_the_bytes_the_less_is_said(found: Found) -> None:
    remote = "import joblib, requests, io\nm = joblib.load(io.BytesIO(requests.get('https://models.example.org/m').content))\n"
    store = "import boto3, joblib\nboto3.client('s3').download_file('b', 'k', 'm.joblib')\nm = joblib.load('m.joblib')\n"
    local = "import joblib\nm = joblib.load('m.joblib')\n"
    weights = [found("unsafe_load", {"a.py": text})[0] for text in (remote, store, local)]
    assert [f.rule for f in weights] == ["remote-pickle", "unsafe-model-load", "unsafe-model-load"]
    assert weights[0].confidence > weights[1].confidence > weights[2].confidence
    assert weights[1].share > weights[2].share


def test_what_another_file_of_the_project_writes_is_its_own(found: Found) -> None:
    make = "import joblib\nfrom sklearn.linear_model import Ridge\njoblib.dump(Ridge().fit([[1]], [1]), 'models/m.joblib')\n"
    use = "import joblib\nm = joblib.load('models/m.joblib')\n"
    assert found("unsafe_load", {"make.py": make, "use.py": use}) == []


def test_an_unknown_version_says_so(found: Found) -> None:
    text = """
import torch
from urllib.request import urlretrieve

urlretrieve("https://models.example.org/net.pt", "net.pt")
net = torch.load("net.pt")
"""
    unknown = [f for f in found("unsafe_load", {"a.py": text}) if f.rule == "unsafe-model-load"]
    assert len(unknown) == 1 and "nothing says which one" in unknown[0].message and unknown[0].confidence < 0.7
    pinned = found("unsafe_load", {"a.py": text, "requirements.txt": "torch==2.1.0\n"})
    assert [(f.rule, f.confidence) for f in pinned] == [("remote-pickle", 0.95)]
