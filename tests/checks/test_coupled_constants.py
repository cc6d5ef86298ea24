from __future__ import annotations

from collections.abc import Mapping

from mldebt.findings import Finding
from tests.checks.conftest import Found

_PARAMS = "{'eta': 0.0713402846, 'lambda': 2.91447305127, 'depth': 7}"


def _only(found: Found, files: Mapping[str, str]) -> Finding:
    (finding,) = found("coupled_constants", files)
    return finding


def _places(finding: Finding) -> list[tuple[str, int]]:
    return [(place.path, place.line) for place in (finding.location, *finding.evidence)]


def test_pasted_numbers_are_one_finding_with_every_place(found: Found) -> None:
    files = {
        "a.py": f"def fit(x):\n    params = {_PARAMS}\n    return train(params, x)\n",
        "b.py": f"def fit(x):\n    return train({_PARAMS}, x)\n",
        "c.py": "ETA = 0.0713402846\nLAMBDA = 2.91447305127\n",
    }
    finding = _only(found, files)
    assert _places(finding) == [("a.py", 2), ("b.py", 2), ("c.py", 1), ("c.py", 2)]
    assert finding.size == 4
    assert "3 files" in finding.message


def test_a_variable_that_is_passed_on_is_no_second_place(found: Found) -> None:
    text = f"def fit(x):\n    params = {_PARAMS}\n    log(params)\n    again = params\n    return train(again, x, l=2.91447305127)\n"
    assert _places(_only(found, {"a.py": text})) == [("a.py", 2), ("a.py", 5)]
    assert found("coupled_constants", {"a.py": text.replace(", l=2.91447305127", "")}) == []


def test_fractions_and_constants_of_mathematics_are_not_tuned(found: Found) -> None:
    text = "def f(x):\n    return g(x, 3.141592653589793, 0.6666666666666666, 0.7071067811865476, 6.283185307179586)\n"
    assert found("coupled_constants", {"a.py": text, "b.py": text.replace("f(x)", "h(x)")}) == []


def test_a_password_is_not_shown(found: Found) -> None:
    call = "return find('host=db port=5432 user=jobs password=sesame-open')\n"
    files = {"a.py": "import os\n\n\ndef a(url=os.getenv('DB', 'postgresql://jobs:sesame-open@db.internal/scores')):\n    return url\n"}
    files["b.py"] = files["a.py"].replace("def a", "def b") + "\n\nprint(b())\n"
    for finding in found("coupled_constants", files):
        assert "sesame" not in finding.message + finding.anchor
    assert found("coupled_constants", {"a.py": f"def a():\n    {call}", "b.py": f"import os\n\n\ndef b():\n    {call}"}) == []


def test_logins_and_runs_are_findings_of_another_rule(found: Found) -> None:
    run = "'5b0cd0b5f3a94b63b0a2ed71ae3e5c11'"
    files = {"a.py": f"deploy(run_id={run})\n", "b.py": f"def back():\n    return score({{'run_id': {run}}})\n"}
    assert found("coupled_constants", files) == []
    assert _places(found("hard_coded_environment", files)[0]) == [("a.py", 1), ("b.py", 2)]
    text = "print('DB')\nDB_PASSWORD = 'sesame-open-42'\n"
    (finding,) = found("hard_coded_environment", {"a.py": text, "b.py": text, "c.py": text})
    assert [(place.line, place.message) for place in finding.evidence] == [(2, "one for `DB_PASSWORD`")] * 2


def test_an_id_is_told_across_the_tree_and_not_shown_whole(found: Found) -> None:
    files = {
        "jobs/nightly/run/deploy.py": "deploy(run_id='9c41de07b2aa4f1f8e60')\n",
        "tools/x/y/z/backfill.py": "def back():\n    return score('9c41de07b2aa4f1f8e60')\n",
    }
    finding = _only(found, files)
    assert "9c41de07..." in finding.message
    assert "9c41de07b2" not in finding.message


def test_files_far_apart_are_not_compared(found: Found) -> None:
    text = "TICKET_TOPIC = 'tickets-scored-v2'\n"
    far = {"a/b/c/d/one.py": text, "e/f/g/h/two.py": text + "print(1)\n"}
    assert found("coupled_constants", far) == []
    near = {"a/one.py": text, "a/two.py": text + "print(1)\n\n\ndef f():\n    return TICKET_TOPIC\n"}
    assert _places(_only(found, near)) == [("a/one.py", 1), ("a/two.py", 1)]


def test_names_that_agree_in_the_same_files_are_one_finding(found: Found) -> None:
    one = "BUCKET = 'harbour-scores-eu'\nPREFIX = 'letters/2024/raw/'\n"
    finding = _only(found, {"a.py": one + "use(BUCKET)\n", "b.py": one + "def other():\n    return PREFIX\n"})
    assert finding.size == 4
    assert "`BUCKET`, `PREFIX`" in finding.message


def test_a_literal_beside_its_constant(found: Found) -> None:
    text = "WORD = 'memento'\n\n\ndef shorten(words):\n    kept = ['memento'] + words\n    return kept, WORD\n"
    finding = _only(found, {"a.py": text})
    assert _places(finding) == [("a.py", 5), ("a.py", 1)]
    assert found("coupled_constants", {"a.py": text.replace("['memento']", "[WORD]")}) == []
    column = "WORD = 'memento'\n\n\ndef shorten(frame):\n    return frame['memento'], pick('memento'), WORD\n"
    assert found("coupled_constants", {"a.py": column}) == []


def test_the_default_of_a_variable_in_a_test_of_the_same_file(found: Found) -> None:
    text = "import os\n\n\ndef run(name):\n    end = os.getenv('END', 'ports-blue-1')\n    if name == 'ports-blue-1':\n        return end\n"
    finding = _only(found, {"a.py": text})
    assert _places(finding) == [("a.py", 6), ("a.py", 5)]


def test_a_committed_environment_and_a_literal(found: Found) -> None:
    files = {
        "load.py": "import os\n\nSCHEMA = os.environ['RAW_SCHEMA']\n",
        "example.env": "RAW_SCHEMA=PORTS_2024_RAW\n",
        "dbt/models/sources.yml": "sources:\n  - name: ports\n    schema: PORTS_2024_RAW\n",
    }
    finding = _only(found, files)
    assert _places(finding) == [("dbt/models/sources.yml", 3), ("example.env", 1)]
    assert found("coupled_constants", {**files, "load.py": "print(1)\n"}) == []


def test_a_promise_in_a_help_text(found: Found) -> None:
    option = (
        "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--length', type=int, default=64, help={!r})\n"
        "print(p.parse_args().length)\n"
    )
    files = {"prepare.py": option.format("of a row"), "train.py": option.format("of a row. Must match the preparation.")}
    finding = _only(found, files)
    assert _places(finding) == [("train.py", 4), ("prepare.py", 4)]


def test_a_promise_in_a_comment(found: Found) -> None:
    files = {"a.py": "# must match b.py\nROWS = 512\n", "b.py": "ROWS = 512\n"}
    assert _places(_only(found, files)) == [("a.py", 2), ("b.py", 1)]
    assert found("coupled_constants", {**files, "b.py": "ROWS = 256\n"}) == []


def test_a_list_of_what_other_scripts_call_themselves(found: Found) -> None:
    files = {
        "blend.py": "PARTS = ['0712', '0713']\n\nfor part in PARTS:\n    read(f'out/{part}/scores.csv')\n",
        "first.py": "RUN = '0712'\nwrite(f'out/{RUN}/scores.csv')\n",
        "second.py": "RUN = '0713'\nwrite(f'out/{RUN}/scores.csv')\n",
    }
    assert _places(_only(found, files)) == [("blend.py", 1), ("first.py", 1), ("second.py", 1)]
    assert found("coupled_constants", {**files, "second.py": "NAME = '0713'\n"}) == []


def test_the_order_of_files_does_not_matter(found: Found) -> None:
    files = {f"{name}.py": f"def f_{name}():\n    return train({_PARAMS}, '{name}')\n" for name in "cab"}
    first = found("coupled_constants", files)
    assert first == found("coupled_constants", dict(reversed(files.items())))
    assert first[0].location.path == "a.py"


def test_an_address_is_told_without_what_opens_it(found: Found) -> None:
    address = "https://rows.blob.core.windows.net/letters/2024.csv?sv=2023&sig=h3Xq"
    text = "import pandas as pd\n\n\ndef {0}():\n    return pd.read_csv('{1}').{0}()\n"
    finding = _only(found, {"a.py": text.format("mean", address), "b.py": text.format("sum", address), "c.py": text.format("std", address)})
    assert "letters" in finding.message and "h3Xq" not in finding.message + finding.anchor


_ENVIRONMENT = "RAW_SCHEMA=PORTS_2024_RAW\n"


def _beside_environment(found: Found, code: str, **more: str) -> list[Finding]:
    files = {"load.py": "import os\n\nSCHEMA = os.environ['RAW_SCHEMA']\n", ".env.example": _ENVIRONMENT, "job.py": code, **more}
    return found("coupled_constants", files)


def test_a_literal_that_nothing_overrides_repeats_the_environment(found: Found) -> None:
    (finding,) = _beside_environment(found, "def run(read):\n    return read(schema='PORTS_2024_RAW')\n")
    assert _places(finding) == [("job.py", 2), (".env.example", 1)]


def test_a_default_of_the_variable_is_no_second_value(found: Found) -> None:
    helper = "import os\n\n\ndef setting(key, default):\n    return os.environ.get(key) or default\n"
    for code in (
        "from helper import setting\n\n\ndef run():\n    return setting('RAW_SCHEMA', 'PORTS_2024_RAW')\n",
        "from helper import setting\n\nOWN = 'PORTS_2024_RAW'\n\n\ndef run():\n    return setting('RAW_SCHEMA', OWN)\n",
        "import os\n\n\ndef run():\n    return os.environ.get('RAW_SCHEMA') or 'PORTS_2024_RAW'\n",
        "import os\n\nif not os.environ.get('RAW_SCHEMA'):\n    connect('PORTS_2024_RAW')\n",
        "def run(schema='PORTS_2024_RAW'):\n    return schema\n",
        "class Settings(Base):\n    schema: str = 'PORTS_2024_RAW'\n",
        "class Settings(Base):\n    schema: str = Field(default='PORTS_2024_RAW')\n",
        "def run(parser):\n    parser.add_argument('--schema', default='PORTS_2024_RAW')\n",
        "def run(config):\n    return config.get('schema', 'PORTS_2024_RAW')\n",
        "SCHEMAS = ['PORTS_2024_RAW', 'PORTS_2023_RAW', 'PORTS_2022_RAW']\n",
        "def run(start):\n    start(Env(name='RAW_SCHEMA', value='PORTS_2024_RAW'))\n",
    ):
        assert _beside_environment(found, code, **{"helper.py": helper}) == [], code


def test_entries_of_a_register_are_chosen_from(found: Found) -> None:
    one = "sources:\n  - name: ports\n    schema: PORTS_2024_RAW\n"
    assert len(_beside_environment(found, "pass\n", **{"models/sources.yml": one})) == 1
    two = one + "  - name: berths\n    schema: BERTHS_2024_RAW\n"
    assert _beside_environment(found, "pass\n", **{"models/sources.yml": two}) == []


def test_variables_of_the_same_files_are_one_finding(found: Found) -> None:
    code = "RAW, CLEAN = read('PORTS_2024_RAW'), read('ports/clean/2024')\n"
    files = {
        "load.py": "import os\n\nprint(os.environ['RAW_SCHEMA'], os.environ['CLEAN_DIR'])\n",
        ".env": _ENVIRONMENT + "CLEAN_DIR=ports/clean/2024\n",
        "one/job.py": code,
        "two/job.py": code,
        "one/again.py": "print(read('PORTS_2024_RAW'))\n",
    }
    finding = _only(found, files)
    assert "`CLEAN_DIR`, `RAW_SCHEMA`" in finding.message
    assert _places(finding) == [("one/again.py", 1), ("one/job.py", 1), ("two/job.py", 1), (".env", 1), (".env", 2)]


def test_a_parameter_that_every_caller_passes_has_no_default_of_its_own(found: Found) -> None:
    code = (
        "import os\n\n\nclass Store:\n    def __init__(self, path='feedback/answers.db'):\n        self.path = path\n\n\n"
        "def make():\n    return Store(path=os.environ.get('ANSWERS', 'feedback/answers.db'))\n"
    )
    assert found("coupled_constants", {"a.py": code}) == []
    assert len(found("coupled_constants", {"a.py": code, "b.py": "from a import Store\n\nSTORE = Store()\n"})) == 1


def test_options_that_one_value_is_compared_with(found: Found) -> None:
    head = "WAY = 'trimmed_mean'\n\n\ndef join(x, way=WAY):\n"
    options = (
        "    if way == 'mean':\n        return 1\n    if way == 'trimmed_mean':\n        return 2\n    if way == 'p75':\n        return 3\n"
    )
    assert found("coupled_constants", {"a.py": head + options}) == []
    assert found("coupled_constants", {"a.py": head + "    if way == 'trimmed_mean':\n        return 2\n"}) == []
    other = head.replace("way=WAY", "y, way=WAY") + "    print(way)\n    if y == 'trimmed_mean':\n        return 2\n"
    assert len(found("coupled_constants", {"a.py": other})) == 1


def test_a_choice_that_is_compared_with_its_own_default(found: Found) -> None:
    head = "import os\n\nBACKEND = os.environ.get('INFER_BACKEND', 'torch-script')\n\n\ndef run(x, name):\n"
    for test in ("BACKEND == 'torch-script'", "BACKEND.lower() != 'torch-script'", "x or BACKEND in ('torch-script', 'onnx-runtime')"):
        assert found("coupled_constants", {"a.py": head + f"    if {test}:\n        return x\n"}) == [], test
    field = (
        "import os\n\n\nclass Net:\n    def __init__(self):\n        self.kind = os.getenv('KIND', 'torch-script')\n\n"
        "    def run(self, x):\n        return x if self.kind == 'torch-script' else None\n"
    )
    assert found("coupled_constants", {"a.py": field}) == []
    assert len(found("coupled_constants", {"a.py": head + "    if name == 'torch-script':\n        return x\n    return BACKEND\n"})) == 1


def test_a_plain_word_is_weak(found: Found) -> None:
    code = "METRIC = 'accuracy'\n\n\ndef run(model, log, score):\n    log(METRIC, score)\n    model.compile(metrics=['accuracy'])\n"
    assert _only(found, {"a.py": code}).confidence < 0.7
    assert _only(found, {"a.py": code.replace("accuracy", "val_accuracy")}).confidence >= 0.7


def test_an_id_that_documentation_shows(found: Found) -> None:
    text = "202090a4-de4c-4230-acba-6e2931d9e37c"
    files = {"a.py": f"def run(get):\n    return get('{text}')\n", "b.py": f"LAST = '{text}'\nuse(LAST, 1, 2)\n"}
    assert len(found("coupled_constants", files)) == 1
    assert found("coupled_constants", {**files, "schema.py": f"Visit = Field(String, example='{text}')\n"}) == []
    assert found("coupled_constants", {**files, "schema.py": f"def _query_examples():\n    return dict(visit='{text}')\n"}) == []


def test_a_key_of_the_same_spelling_as_a_default(found: Found) -> None:
    head = "import os\n\nNAME = os.getenv('STEP_NAME', 'scale_step')\n\n\ndef run(state):\n    print(NAME)\n"
    assert found("coupled_constants", {"a.py": head + "    return state.get('scale_step')\n"}) == []
    assert len(found("coupled_constants", {"a.py": head + "    return state.load('scale_step')\n"})) == 1


def test_a_template_and_the_own_name_of_a_settings_file(found: Found) -> None:
    one = "sources:\n  - name: ports\n    schema: PORTS_2024_RAW\n"
    assert _beside_environment(found, "pass\n", **{"models/sources_template.yml": one}) == []
    assert _beside_environment(found, "pass\n", **{"conda.yml": "name: PORTS_2024_RAW\nchannels: [defaults]\n"}) == []
    assert len(_beside_environment(found, "pass\n", **{"conda.yml": "schema: PORTS_2024_RAW\n"})) == 1


def test_published_numbers_and_places_on_the_earth_are_not_tuned(found: Found) -> None:
    one = (
        "Z95 = 1.959963984540054\nMAD = 1.482602218505602\nFLAT = 298.257223563\nALPHA = 1.6732632423543772\nprint(Z95, MAD, FLAT, ALPHA)\n"
    )
    two = "def f(x):\n    return g(x, alpha=1.6732632423543772, scale=1.0507009873554805, z=1.959963984540054, m=1.482602218505602)\n"
    assert found("coupled_constants", {"a.py": one, "b.py": two, "c.py": two.replace("f(x)", "h(x)")}) == []
    city = {"a.py": "BERLIN = (52.520006599, 13.404953999)\n", "b.py": "CITIES = {'berlin': (52.520006599, 13.404953999)}\n"}
    assert found("coupled_constants", city) == []


def test_a_number_alone_is_tuned_where_a_learner_takes_it(found: Found) -> None:
    text = "def f(x):\n    return g(x, {0}=0.0713402846153)\n"
    (finding,) = found("coupled_constants", {"a.py": text.format("learning_rate"), "b.py": "print(1)\n" + text.format("learning_rate")})
    assert finding.confidence >= 0.7 and "search" in finding.message
    assert found("coupled_constants", {"a.py": text.format("offset"), "b.py": "print(1)\n" + text.format("offset")}) == []


def test_numbers_without_a_learner_are_no_search(found: Found) -> None:
    text = "{0} = {{'first': 0.7134028461, 'second': 2.9144730512, 'third': 5.1820374611}}\nprint({0})\n"
    (finding,) = found("coupled_constants", {"a.py": text.format("A"), "b.py": text.format("B")})
    assert finding.confidence < 0.7 and "search" not in finding.message


def test_common_texts_of_protocols_and_devices_name_no_one_thing(found: Found) -> None:
    texts = ("cuda:0", "application/json", "text/plain; charset=utf-8", "val/loss", "val_f1_macro", "x-request-id", "bfloat16", "recall@10")
    for text in texts:
        one = f"KIND = '{text}'\nprint(KIND)\n"
        assert found("coupled_constants", {"a.py": one, "b.py": "import os\n" + one, "c.py": "import re\n" + one}) == [], text
    for text in ("user-events-v2", "model/letters-2024", "image/raw/2024", "train-tickets-v2"):
        one = f"KIND = '{text}'\nprint(KIND)\n"
        assert len(found("coupled_constants", {"a.py": one, "b.py": "import os\n" + one})) == 1, text


def test_a_promise_about_another_library_is_none_about_a_script(found: Found) -> None:
    option = "import argparse\n\np = argparse.ArgumentParser()\np.add_argument('--seed', type=int, help={!r})\nprint(p.parse_args().seed)\n"
    plain = {"a.py": option.format("random seed")}
    assert found("coupled_constants", {**plain, "b.py": option.format("random seed (the same value as for numpy)")}) == []
    assert found("coupled_constants", {**plain, "b.py": option.format("same as in the paper")}) == []
    assert len(found("coupled_constants", {**plain, "b.py": option.format("the same value as in the training script")})) == 1


def test_published_ids_are_nobodys_own(found: Found) -> None:
    text = "import uuid\n\n\ndef {0}():\n    return uuid.UUID('{1}').{0}\n"
    for known in ("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b811-9dad-11d1-80b4-00c04fd430c8"):
        assert found("coupled_constants", {"a.py": text.format("hex", known), "b.py": text.format("int", known)}) == []
    own = "202090a4-de4c-4230-acba-6e2931d9e37c"
    assert len(found("coupled_constants", {"a.py": text.format("hex", own), "b.py": text.format("int", own)})) == 1


def test_addresses_with_one_beginning_have_anchors_and_ends_of_their_own(found: Found) -> None:
    start = "https://storage.googleapis.com/harbour-letters-eu-production/models/"
    text = "def {0}(get):\n    return get('{1}{2}').{0}\n"
    files = {
        "a.py": text.format("mean", start, "spring.pkl"),
        "b.py": "import os\n\n\n" + text.format("std", start, "spring.pkl") + "\n\nprint(os.name)\n",
        "c.py": text.format("most", start, "autumn.pkl"),
        "d.py": "import re\n\n\n" + text.format("least", start, "autumn.pkl") + "\n\nprint(re.A)\n",
    }
    first, second = found("coupled_constants", files)
    assert first.anchor != second.anchor
    assert "spring.pkl" in first.message and "autumn.pkl" in second.message
    assert all(len(one.message) < 140 for one in (first, second))
