from __future__ import annotations

from mldebt.findings import Finding
from tests.checks.conftest import Found


def _read(key: str, default: str) -> str:
    return f"import os\n\nVALUE = os.getenv({key!r}, {default!r})\nprint(VALUE)\n"


def test_two_defaults_of_one_variable(found: Found) -> None:
    more = "\n\ndef other(x):\n    return x + 1\n"
    files = {"a.py": _read("STORE_REGION", "eu-west-3"), "b.py": _read("STORE_REGION", "us-east-1") + more}
    (finding,) = found("divergent_default", files)
    assert (finding.location.path, finding.location.line) == ("a.py", 3)
    assert finding.message == "`STORE_REGION` defaults to 'eu-west-3' here and to 'us-east-1' in b.py"
    for key, other in (("STORE_REGION", ""), ("PORT", "8081"), ("STORE_REGION", "eu-west-3")):
        assert (
            found("divergent_default", {"a.py": _read(key, "8080" if key == "PORT" else "eu-west-3"), "b.py": _read(key, other) + more})
            == []
        )


def test_one_file_seen_from_two_folders_is_one_default(found: Found) -> None:
    files = {"a/one.py": _read("SCORES", "scores.csv"), "b/two.py": _read("SCORES", "../a/scores.csv") + "use(VALUE)\n"}
    assert found("divergent_default", files) == []


def test_a_constant_of_the_same_name(found: Found) -> None:
    files = {"a.py": _read("TICKETS_DATABASE", "scores"), "b.py": "TICKETS_DATABASE = 'scoring_service'\nopen_it(TICKETS_DATABASE)\n"}
    (finding,) = found("divergent_default", files)
    assert (finding.location.path, finding.confidence) == ("a.py", 0.75)
    (finding,) = found("divergent_default", {**files, "c.py": "TICKETS_DATABASE = 'scoring_service'\nclose_it()\n"})
    assert finding.confidence == 0.85
    assert found("divergent_default", {**files, "c.py": "TICKETS_DATABASE = 'scores'\n"}) == []


def test_another_format_than_what_is_deployed(found: Found) -> None:
    files = {"a.py": _read("TABLE", "ports/table.json"), "deploy.env": "TABLE=live/ports/table.json.bz2\n"}
    (finding,) = found("divergent_default", files)
    assert [place.path for place in finding.evidence] == ["deploy.env"]
    assert found("divergent_default", {**files, "deploy.env": "TABLE=live/ports/table.json\n"}) == []
    assert found("divergent_default", {**files, "deploy.env": "TABLE=live/other.pkl\n"}) == []


def test_two_paths_to_one_settings_file(found: Found) -> None:
    files = {
        "src/read.py": "def read(path):\n    return open(path).read()\n",
        "src/a.py": "from .read import read\n\nX = read('../conf/all.yaml')\n",
        "src/b.py": "from .read import read\n\nX = read('conf/all.yaml')\n",
    }
    (finding,) = found("divergent_default", files)
    assert (finding.location.path, finding.location.line) == ("src/a.py", 3)
    own = {"src/b.py": "", "b.py": files["src/b.py"].replace(".read", "src.read")}
    assert found("divergent_default", own) == []  # each file has its own folder


_COMMAND = (
    "import argparse\nimport torch\n\np = argparse.ArgumentParser()\n"
    + "p.add_argument('--max_len', type=int, default={})\na = p.parse_args()\n"
)


def test_an_option_of_training_and_prediction(found: Found) -> None:
    train = _COMMAND.format(64) + "torch.save(make(a.max_len).state_dict(), 'out/reader-weights.pt')\n"
    predict = _COMMAND.format(96) + "print(make(a.max_len).load_state_dict(torch.load('out/reader-weights.pt')))\n"
    (finding,) = found("divergent_default", {"train.py": train, "predict.py": predict})
    assert finding.message == "`--max_len` is 96 here and 64 in train.py, which trains the model"
    apart = predict.replace("reader-weights", "another-network")
    assert found("divergent_default", {"train.py": train, "predict.py": apart}) == []
    assert found("divergent_default", {"train.py": train, "predict.py": predict.replace("max_len", "batch")}) == []


def test_tests_are_silent(found: Found) -> None:
    files = {"a.py": _read("STORE_REGION", "eu-west-3"), "tests/test_a.py": _read("STORE_REGION", "us-east-1")}
    assert found("divergent_default", files) == []


def test_one_key_looked_up_with_two_defaults(found: Found) -> None:
    files = {
        "model/a.py": "def a(config):\n    return config.get('warm_up_rows', 20)\n",
        "model/b.py": "def b(config):\n    return config.get('warm_up_rows', 0), config.get('warm_up_rows', 0)\n",
    }
    (finding,) = found("divergent_default", files)
    assert (finding.location.path, finding.location.line, finding.size) == ("model/a.py", 2, 3)
    same = files["model/a.py"].replace("20", "0.0")
    assert found("divergent_default", {"model/a.py": same}) == []
    other = files["model/a.py"].replace("config", "response")
    assert found("divergent_default", {"model/a.py": other}) == []


def test_sections_of_a_parser_have_no_defaults(found: Found) -> None:
    files = {
        "a.py": "def a(config):\n    return config.get('DIRECTORY', 'out'), config.get('DIRECTORY', 'origin')\n",
        "b.py": "def b(config):\n    return config.get('DIRECTORY', 'scores')\n",
    }
    assert found("divergent_default", files) == []


def test_defaults_that_log_somebody_in_are_not_told(found: Found) -> None:
    more = "\n\ndef other(x):\n    return x + 1\n"
    for key, one, other in (
        ("STORE_URL", "postgresql://clerk:hunter2@east/wages", "postgresql://clerk:hunter3@west/wages"),
        ("OPENAI_API_KEY", "hunter2", "hunter3"),
    ):
        (finding,) = found("divergent_default", {"a.py": _read(key, one), "b.py": _read(key, other) + more})
        assert "***" in finding.message and not any("hunter" in text for text in (finding.message, finding.anchor, *_notes(finding)))


def _notes(finding: Finding) -> list[str]:
    return [place.message for place in finding.evidence]


def test_a_key_that_the_loader_fills_in_has_no_default(found: Found) -> None:
    files = {
        "src/app.py": "def run(config):\n    return config.get('environment', 'local')\n",
        "src/data.py": "def run(config):\n    return config.get('environment', 'dev')\n\n\ndef other(x):\n    return x\n",
    }
    assert len(found("divergent_default", files)) == 1
    loader = "def load(read, env):\n    config = read(env)\n    config.setdefault('environment', env)\n    return config\n"
    assert found("divergent_default", {**files, "src/load.py": loader}) == []
    assert found("divergent_default", {**files, "src/app.py": files["src/app.py"].replace("local", "unknown")}) == []
