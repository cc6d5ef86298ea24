"""Keys of displays of settings that nothing reads."""

from __future__ import annotations

import time

from mldebt.project.declared_trees import DeclaredTrees, span_of
from tests.project.reading import project_of

CONFIG = "CONFIG = {'net': {'width': 8, 'depth': 2}, 'early_stop': {'patience': 3}, 'rate': 0.1}\n"


def unread(files: dict[str, str]) -> list[tuple[str, ...]]:
    return [keys for one in DeclaredTrees(project_of(files)).unread() for keys in one.keys]


def test_a_section_and_a_leaf():
    use = "from settings import CONFIG\n\nprint(CONFIG['net']['width'], CONFIG['rate'])\n"
    assert unread({"settings.py": CONFIG, "fit.py": use}) == [("net", "depth"), ("early_stop",)]


def test_attributes_of_a_wrapped_display():
    wrapped = f"from attrdict import AttrDict\n\n{CONFIG.replace('= {', '= AttrDict({').replace('0.1}', '0.1})')}"
    use = "import settings\n\nprint(settings.CONFIG.net.width, settings.CONFIG.net.depth, settings.CONFIG.rate)\n"
    assert unread({"settings.py": wrapped, "fit.py": use}) == [("early_stop",)]


def test_what_goes_whole_is_read():
    for whole in ("fit(**CONFIG)", "json.dump(CONFIG, file)", "[CONFIG[k] for k in CONFIG]", "CONFIG[name]", "return_all(CONFIG.items())"):
        use = f"import json\nfrom settings import CONFIG\n\nprint(CONFIG['rate'])\n{whole}\n"
        assert unread({"settings.py": CONFIG, "fit.py": use}) == [], whole


def test_a_word_elsewhere_is_a_read():
    use = "from settings import CONFIG\n\nprint(CONFIG['net']['width'], CONFIG['rate'])\n"
    assert unread({"settings.py": CONFIG, "fit.py": f"{use}for name in ('early_stop', 'depth'):\n    print(name)\n"}) == []


def test_the_key_of_another_display_is_no_read():
    use = "from settings import CONFIG\n\nOTHER = {'early_stop': 1}\nfit(CONFIG['net'], CONFIG['rate'], OTHER)\n"
    assert unread({"settings.py": CONFIG, "fit.py": use}) == [("early_stop",)]


def test_through_a_registry_of_functions():
    settings = "CONFIG = {'a_part': 1, 'b_part': 2, 'c_part': 3, 'd_part': 4, 'e_part': 5, 'f_part': unknown(7)}\n"
    models = (
        "from functools import partial\n\n\n"
        "def tree(config, deep):\n    print(config['a_part'], config['b_part'], config['c_part'], deep)\n\n\n"
        "def line(config):\n    print(config['d_part'], config['e_part'], fit(config))\n\n\n"
        "MODELS = {'tree': partial(tree, deep=True), 'line': line}\n"
    )
    run = "import sys\nfrom models import MODELS\nfrom settings import CONFIG\n\nMODELS[sys.argv[1]](config=CONFIG)\n"
    project = project_of({"settings.py": settings, "models.py": models, "run.py": run})
    (found,) = DeclaredTrees(project).unread()
    assert (found.keys, found.passed, found.left) == ((("f_part",),), True, True)
    assert span_of(found.display, ("f_part",)).column > 60
    project = project_of({"settings.py": settings, "models.py": models.replace("fit(config)", "config[key]"), "run.py": run})
    (found,) = DeclaredTrees(project).unread()
    assert (found.passed, found.left) == (True, False)


def test_a_field_of_an_object():
    code = (
        "class Job:\n    def __init__(self):\n        self.params = {'rate': 0.1, 'rounds': 9, 'patience': 3}\n\n"
        "    def run(self):\n        print(self.params['rate'], self.params['rounds'])\n"
    )
    assert unread({"job.py": code}) == [("patience",)]


def test_a_display_of_another_name_is_data():
    assert unread({"fit.py": "capitals = {'it': 'Rome', 'fr': 'Paris', 'es': 'Madrid'}\nprint(capitals['it'])\n"}) == []


def test_many_keys_take_no_time():
    keys = ", ".join(f"'key_{n}': {{'deep_{n}': {n}}}" for n in range(4000))
    use = "from settings import CONFIG\n\nprint(CONFIG['key_1']['deep_1'])\n"
    started = time.perf_counter()
    assert len(unread({"settings.py": f"CONFIG = {{{keys}}}\n", "fit.py": use})) == 3999
    assert time.perf_counter() - started < 20
