"""What is said of settings that nothing reads."""

from __future__ import annotations

from tests.checks.conftest import Found


def test_copies_are_one_finding(found: Found):
    head = "import pandas as pd\n\nROWS = 64\nDEPTH = 3\nprint(ROWS)\n"
    (one,) = found("unread_setting", {"a/fit_one.py": head, "a/fit_two.py": head, "a/fit_three.py": head})
    assert (one.location.path, one.location.line) == ("a/fit_one.py", 4)
    assert one.message == "the setting `DEPTH` is never read, nor are its 2 copies elsewhere"
    assert [place.path for place in one.evidence] == ["a/fit_three.py", "a/fit_two.py"]


def test_many_of_one_holder_are_one_finding(found: Found):
    names = ["ALPHA", "BETA_RATE", "GAMMA", "DELTA_LIST"]
    read = [f"READ_{n}" for n in range(5)]
    config = "".join(f"{name} = [{n}]\n" for n, name in enumerate([*read, *names]))
    use = "import config\n\nprint(" + ", ".join(f"config.{name}" for name in read) + ")\n"
    (one,) = found("unread_setting", {"config.py": config, "fit.py": use})
    assert one.message == "4 settings of `config.py` are never read: `ALPHA`, `BETA_RATE`, `GAMMA` and 1 more"
    assert (one.confidence, one.size, len(one.evidence)) == (0.85, 4, 3)
    (choice,) = found("unread_setting", {"config.py": config, "fit.py": "import config\n\nprint(config.READ_1)\n"})
    assert choice.confidence < 0.7  # most are: a list to choose from


def test_a_key_of_a_display(found: Found):
    config = "CONFIG = {\n    'net': {'width': 8},\n    'early_stop': {'patience': int('3')},\n    'rate': 0.1,\n}\n"
    use = "from settings import CONFIG\n\nfit(CONFIG['net'], CONFIG['rate'])\n"
    (one,) = found("unread_setting", {"settings.py": config, "fit.py": use})
    assert (one.location.line, one.message) == (3, "`CONFIG` sets the key `early_stop`, which no code reads")


def test_a_package_is_open(found: Found):
    files = {
        "setup.py": "from setuptools import setup\n\nsetup(name='ours')\n",
        "ours/__init__.py": "",
        "ours/config.py": "RATE = 0.1\nLEAKY = ['a']\n",
        "ours/fit.py": "from ours import config\n\nprint(config.RATE)\n",
    }
    (one,) = found("unread_setting", files)
    assert one.confidence == 0.6


def test_two_fields_of_a_class_are_one_finding(found: Found):
    config = "class Settings:\n    rows = 1\n    leaky_share = 2\n    old_depth = 3\n    width = 4\n"
    use = "from config import Settings\n\nprint(Settings.rows, Settings.width)\n"
    (one,) = found("unread_setting", {"config.py": config, "fit.py": use})
    assert one.message == "2 settings of `Settings` are never read: `leaky_share`, `old_depth`"


def test_a_word_of_an_enumeration_by_prefix_may_be_there_to_be_chosen(found: Found):
    states = "".join(f"STATUS_{name} = '{name.lower()}'\n" for name in ("NEW", "DONE", "FAILED", "CANCELLED"))
    paths = "MODEL_PATH = 'out/m.pt'\nMODEL_URL = 'http://x'\nMODEL_ARCH = 'unet'\nMODEL_SUFFIX = '.onnx'\n"
    numbers = "STEP_READ = 0\nSTEP_FIT = 1\nSTEP_SHOW = 2\nSTEP_DROP = 3\n"
    read = ("STATUS_NEW", "STATUS_DONE", "STATUS_FAILED", "MODEL_PATH", "MODEL_URL", "MODEL_ARCH", "STEP_READ", "STEP_FIT", "STEP_SHOW")
    use = "import constants\n\nprint(" + ", ".join(f"constants.{name}" for name in read) + ")\n"
    for text, trust in ((states, 0.59), (numbers, 0.59), (paths, 0.85)):
        (one,) = found("unread_setting", {"constants.py": text, "fit.py": use})
        assert one.confidence == trust, one.message


def test_a_display_that_is_recorded_or_dumped_whole(found: Found):
    config = "CONFIG = {'rows': 1, 'rate': 2, 'depth': 3, 'folds': 4, 'author_note': 'x'}\n"
    read = "print(CONFIG['rows'], CONFIG['rate'], CONFIG['depth'], CONFIG['folds'])\n"
    for whole in ("mlflow.log_params(CONFIG)", "wandb.init(config=CONFIG)", "json.dump(CONFIG, open('run.json', 'w'))"):
        use = f"import json\nimport mlflow\nimport wandb\nfrom settings import CONFIG\n\n{whole}\n"
        (one,) = found("unread_setting", {"settings.py": config, "fit.py": use + read})
        assert one.confidence == 0.6, whole
        assert found("unread_setting", {"settings.py": config, "fit.py": f"{use}print(CONFIG['rows'])\n"}) == []
