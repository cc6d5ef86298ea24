"""MLD501, MLD502 and MLD507 over files: what is said, where, and when nothing is."""

from __future__ import annotations

from tests.checks.conftest import Found

LOAD = "import yaml\n\nwith open('conf.yaml') as f:\n    c = yaml.safe_load(f)\n"
YAML = "model:\n  depth: 3\n  ridge_of_old: 1\nrows: 5\n"


def test_an_unread_key(found: Found) -> None:
    (finding,) = found("unread_key", {"conf.yaml": YAML, "run.py": LOAD + "print(c['model']['depth'], c['rows'])\n"})
    assert (finding.location.path, finding.location.line, finding.parts) == ("conf.yaml", 3, ("model.ridge_of_old",))


def test_a_word_anywhere_is_a_read(found: Found) -> None:
    files = {"conf.yaml": YAML, "run.py": LOAD + "print(c['model']['depth'], c['rows'])\n"}
    assert not found("unread_key", {**files, "other.py": "def f(x):\n    return x['ridge_of_old']\n"})
    assert not found("unread_key", {**files, "job.sh": "yq .model.ridge_of_old conf.yaml\n"})
    assert not found(
        "unread_key", {**files, "dvc.yaml": "stages:\n  fit:\n    cmd: python run.py\n    params:\n      - model.ridge_of_old\n"}
    )


def test_a_section_of_which_the_code_reads_nothing_is_another_programs(found: Found) -> None:
    files = {
        "conf.yaml": YAML + "tracker:\n  channel_name: x\n",
        "run.py": LOAD + "print(c['model']['depth'], c['model']['ridge_of_old'])\n",
    }
    assert not found("unread_key", files)


def test_many_keys_of_a_section_are_one_finding(found: Found) -> None:
    text = "model:\n  depth: 3\n" + "".join(f"  old_{x}x: 1\n" for x in "abcde")
    (finding,) = found("unread_key", {"conf.yaml": text, "run.py": LOAD + "print(c['model']['depth'])\n"})
    assert finding.size == 5
    assert [e.line for e in finding.evidence] == [4, 5, 6, 7]


def test_a_missing_key_names_the_files(found: Found) -> None:
    (finding,) = found("undeclared_key", {"conf.yaml": YAML, "run.py": LOAD + "print(c['rows'], c['model']['width'])\n"})
    assert (finding.location.path, finding.location.line) == ("run.py", 5)
    assert "`model.width`" in finding.message
    assert finding.evidence[0].path == "conf.yaml"


def test_keys_that_may_be_absent_or_are_set_in_code(found: Found) -> None:
    source = LOAD + "print(c['rows'], c.get('a'))\nif 'b' in c:\n    pass\nprint(c['b'])\nc['d'] = 1\nprint(c['d'])\n"
    assert not found("undeclared_key", {"conf.yaml": YAML, "run.py": source})
    tried = LOAD + "print(c['rows'])\ntry:\n    print(c['e'])\nexcept KeyError:\n    pass\n"
    assert not found("undeclared_key", {"conf.yaml": YAML, "run.py": tried})


def test_a_misspelt_key_is_one_finding_of_one_rule(found: Found) -> None:
    files = {
        "conf.yaml": "model:\n  learning_rate: 1\n  depth: 2\n",
        "run.py": LOAD + "m = c['model']\nprint(m['depth'], m['learing_rate'])\n",
    }
    (finding,) = found("near_miss_key", files)
    assert finding.location.line == 6
    assert "sets `learning_rate`" in finding.message
    assert not found("unread_key", files)
    assert not found("undeclared_key", files)


def test_a_slip_in_one_of_several_files(found: Found) -> None:
    rest = "".join(f"{key}: 1\n" for key in ("rows", "rate", "depth", "folds"))
    source = "import sys\n\nimport yaml\n\nwith open(sys.argv[1]) as f:\n    c = yaml.safe_load(f)\n"
    source += "print(c['rows'], c['rate'], c['depth'], c['folds'], c['USE_SAMPLER'])\n"
    files = {"conf/a.yaml": rest + "USE_SAMPLER: 1\n", "conf/b.yaml": rest + "sUSE_SAMPLER: 1\n", "conf/c.yaml": rest, "run.py": source}
    (near,) = found("near_miss_key", files)
    assert near.evidence[0].path == "conf/b.yaml"
    (missing,) = found("undeclared_key", files)
    assert missing.evidence[0].path == "conf/c.yaml"
    assert not found("unread_key", files)


def test_a_record_that_may_have_more_keys(found: Found) -> None:
    def read(body: str) -> int:
        return len(found("near_miss_key", {"make.py": body, "use.py": "from make import make\n\nprint(make(1)['commens'])\n"}))

    assert read("def make(x):\n    return {'comments': x, 'title': x}\n") == 1
    assert read("def make(x):\n    r = {'comments': x}\n    r['title'] = x\n    return r\n") == 1
    assert read("def make(x):\n    return {'comments': x, **x}\n") == 0
    assert read("def make(x):\n    r = {'comments': x}\n    r.update(x)\n    return r\n") == 0
    assert read("def make(x):\n    return x or {'comments': x}\n") == 0


def test_a_step_passes_its_environment_by_name(found: Found) -> None:
    source = (
        "import os\n\nfrom metaflow import FlowSpec, environment, step\n\nENV = {'TOKEN': '1'}\n\n\nclass F(FlowSpec):\n"
        "    @environment(vars=ENV)\n    @step\n    def fit(self):\n"
        "        print(os.environ['TOKEN'], os.getenv('ROOT'), os.getenv('SIZE', '1'))\n\n"
        "    @environment(vars={**ENV})\n    @step\n    def end(self):\n        print(os.environ['OTHER'])\n"
    )
    (finding,) = found("undeclared_key", {"flow.py": source})
    assert finding.parts == ("ROOT",)
    assert finding.scope == "F.fit"


def test_two_keys_of_a_section_are_one_finding(found: Found) -> None:
    text = "model:\n  depth: 3\n  old_ax: 1\n  old_bx: 2\n"
    (finding,) = found("unread_key", {"conf.yaml": text, "run.py": LOAD + "print(c['model']['depth'])\n"})
    assert finding.message == "`conf.yaml` sets 2 keys in `model` that no code reads: `old_ax`, `old_bx`"


def test_a_json_file_of_records_says_what_it_is(found: Found) -> None:
    load = "import json\n\nwith open('list.json') as f:\n    c = json.load(f)\n"
    record = '{"made": "a", "by": "b", "depth": 1}'
    text = '{"kind_of_list": "x", "current": "v1", "newest": "v2", "versions": {"v1": ' + f'{record}, "v2": {record}' + "}}"
    use = load + "print(c['current'], c['newest'], c['versions']['v1']['made'], c['versions']['v1']['by'], c['versions']['v1']['depth'])\n"
    assert not found("unread_key", {"list.json": text, "run.py": use})
    plain = '{"kind_of_list": "x", "current": "v1", "newest": "v2"}'
    assert found("unread_key", {"list.json": plain, "run.py": load + "print(c['current'], c['newest'])\n"})


def test_a_file_beside_the_one_that_is_meant(found: Found) -> None:
    files = {
        "conf/training.yaml": "model: lgbm\ndepth: 3\nrate: 1\n",
        "conf/dev.yaml": "bucket: b\ndepth: 3\nrows: 5\nurl: u\n",
        "run.py": "import yaml\n\n\ndef load(path):\n    with open(path) as f:\n        c = yaml.safe_load(f)\n"
        "    print(c['model'], c['depth'])\n\n\nload('conf/training.yaml')\nload('conf/dev.yaml')\n",
    }
    assert not found("undeclared_key", files)
    twin = {**files, "conf/dev.yaml": "depth: 3\nrate: 2\n"}
    (finding,) = found("undeclared_key", twin)
    assert finding.evidence[0].path == "conf/dev.yaml"
