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
