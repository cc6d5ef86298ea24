"""Constants and fields of settings that nothing reads."""

from __future__ import annotations

from mldebt.project.declared_settings import DeclaredSettings
from tests.project.reading import project_of

READER = "import config\n\nprint(config.RATE)\n"


def unread(files: dict[str, str]) -> list[str]:
    return [one.shown for one in DeclaredSettings(project_of(files)).unread()]


def test_a_constant_of_a_settings_module_that_nothing_reads():
    assert unread({"config.py": "RATE = 0.1\nLEAKY = ['a', 'b']\n", "fit.py": READER}) == ["LEAKY"]


def test_any_trace_of_the_name_is_a_read():
    config = "RATE = 0.1\nFOLDS = 5\n"
    for other in ("from config import *\nprint(FOLDS)\n", "import config\nprint(getattr(config, 'FOLDS'))\n", "print(unknown.FOLDS)\n"):
        assert unread({"config.py": config, "fit.py": READER, "other.py": other}) == []


def test_a_module_that_goes_somewhere_whole_is_silent():
    config = "RATE = 0.1\nFOLDS = 5\n"
    for whole in ("show(config)", "vars(config)", "getattr(config, name)", "app.from_object('app.config')"):
        files = {"app/__init__.py": "", "app/config.py": config, "app/fit.py": f"from app import config\nprint(config.RATE)\n{whole}\n"}
        assert unread(files) == [], whole


def test_a_module_that_nothing_imports_is_silent():
    assert unread({"config.py": "RATE = 0.1\nFOLDS = 5\nprint(RATE)\n"}) == []


def test_the_name_of_the_variable_behind_a_field_is_no_read():
    settings = (
        "from decouple import config\n\n\nclass CacheSettings:\n    HOST = config('HOST', 'localhost')\n    TTL = config('TTL', 60)\n"
    )
    use = "from settings import CacheSettings\n\nprint(CacheSettings.HOST)\n"
    assert unread({"settings.py": settings, "cache.py": use}) == ["CacheSettings.TTL"]


def test_a_field_of_a_record_that_is_unpacked_is_read():
    record = "from dataclasses import asdict, dataclass\n\n\n@dataclass\nclass RunConfig:\n    rate: float = 0.1\n    decay: float = 0.0\n"
    assert unread({"run.py": f"{record}\n\nprint(RunConfig().rate)\n"}) == ["RunConfig.decay"]
    assert unread({"run.py": f"{record}\n\nprint(RunConfig().rate, fit(**asdict(RunConfig())))\n"}) == []


def test_a_class_with_a_base_out_of_sight_is_silent():
    code = "from transformers import TrainingArguments\n\n\nclass OurArguments(TrainingArguments):\n    folds = 5\n    hidden = 8\n"
    assert unread({"run.py": f"{code}\n\nprint(OurArguments.folds)\n"}) == []


def test_constants_of_programs():
    head = "import pandas as pd\n\nROWS = 64\nDEPTH = 3\nSTARTED = pd.Timestamp.now()\nNAMES = [n for n in 'ab']\nprint(ROWS)\n"
    assert unread({"fit.py": head}) == ["DEPTH"]


def test_a_constant_of_another_program_of_the_same_name_is_no_read():
    one = "import pandas as pd\n\nROWS = 64\nDEPTH = 3\nprint(ROWS)\n"
    two = "import pandas as pd\n\nROWS = 64\nDEPTH = 3\nprint(ROWS, DEPTH)\n"
    assert unread({"one.py": one, "two.py": two}) == ["DEPTH"]
    assert unread({"one.py": one, "two.py": two + "from one import *\n"}) == []


def test_whether_a_package_is_there_is_no_setting():
    code = "import pandas as pd\n\ntry:\n    import colorama\n    HAS_COLOUR = True\nexcept ImportError:\n    HAS_COLOUR = False\n"
    assert unread({"fit.py": f"{code}ROWS = 3\nprint(ROWS)\n"}) == []


def test_values_that_hold_each_other_end():
    code = "import pandas as pd\n\nROWS = [1]\nROWS = [ROWS, ROWS]\nfor _ in range(3):\n    ROWS = [ROWS]\nDEPTH = 1\nprint(DEPTH)\n"
    assert unread({"fit.py": code}) == []


def test_settings_of_tests_are_no_settings():
    assert (
        unread({"tests/config.py": "RATE = 0.1\nLEAKY = 1\n", "tests/test_fit.py": "from tests import config\nprint(config.RATE)\n"}) == []
    )


def test_a_record_that_goes_out_of_sight():
    record = "from dataclasses import dataclass\nfrom elsewhere import Net\n\n\n@dataclass\nclass NetConfig:\n" + "".join(
        f"    size_{n}: int = 1\n" for n in range(6)
    )
    given = ", ".join(f"size_{n}=2" for n in range(5))
    assert unread({"net.py": f"{record}\n\nconfig = NetConfig({given})\nprint(config.size_0, Net(config))\n"}) == ["NetConfig.size_5"]
    assert unread({"net.py": f"{record}\n\nconfig = NetConfig()\nprint(config.size_0, Net(config))\n"}) == []


def test_a_class_that_a_string_names_is_silent():
    config = "class Config:\n    RATE = 1\n    FOLDS = 2\n\n\nclass Production(Config):\n    RATE = 3\n    FOLDS = 4\n"
    use = "from config import Config\n\nprint(Config.RATE)\n"
    assert unread({"config.py": config, "app.py": use}) == ["Config.FOLDS"]
    assert unread({"config.py": config, "app.py": f"{use}app.config.from_object('config.Production')\n"}) == []
