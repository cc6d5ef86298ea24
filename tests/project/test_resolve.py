"""What a call calls: through imports, aliases, fields, hierarchies, partials, decorators and the results of functions."""

from __future__ import annotations

import pytest

from mldebt.project import Project
from mldebt.project.resolve import Defined, External, Instance, Target
from tests.project.reading import project_of, under

KLASS = "class K:\n    def m(self): pass\n    @staticmethod\n    def s(): pass\n    @classmethod\n    def make(cls): return cls()\n"
HELPERS = f"def f(): pass\n{KLASS}"


def callees(files: dict[str, str]) -> dict[str, str]:
    """What each call in the last file calls, by its text."""
    project = project_of(files)
    path = list(files)[-1]
    module = project.modules[path]
    return {
        under(files[path], site.span): named(project, project.resolver.target(module, module.facts.values[site.value].func))  # type: ignore[union-attr]
        for site in module.facts.sites
    }


def named(project: Project, target: Target | None) -> str:
    match target:
        case None:
            return ""
        case External(name=name):
            return name
        case Defined(path=path, scope=scope):
            return f"{path}:{project.modules[path].facts.scopes[scope].qualname}"
        case Instance(of=of):
            return f"a {named(project, of)}"


@pytest.mark.parametrize(
    ("imports", "call", "callee"),
    [
        ("import numpy as np", "np.random.rand(3)", "numpy.random.rand"),
        ("from os.path import join as j", "j('a')", "os.path.join"),
        ("", "len([])", "builtins.len"),
        ("import u", "u.f()", "u.py:f"),
        ("import u as v", "v.K()", "u.py:K"),
        ("from u import f as g", "g()", "u.py:f"),
        ("from u import K", "K().m()", "u.py:K.m"),
        ("from u import K", "K.s()", "u.py:K.s"),
        ("from u import K", "K.make().m()", "u.py:K.m"),
        ("import u\nk = u.K()", "k.m()", "u.py:K.m"),
        ("from u import f\ng = f\nh = g", "h()", "u.py:f"),
        ("from u import K\nn = K().m", "n()", "u.py:K.m"),
        ("from u import f\nif c:\n    g = f\nelse:\n    g = f", "g()", "u.py:f"),
        ("from u import f\nimport os\nif c:\n    g = f\nelse:\n    g = os.getcwd", "g()", ""),
        ("from functools import partial\nfrom u import f\ng = partial(f, 1)", "g(2)", "u.py:f"),
        ("import functools\nimport pandas as pd\nr = functools.partial(pd.read_csv, sep=',')", "r('x')", "pandas.read_csv"),
        ("f = lambda x: x", "f(1)", "a.py:<lambda>"),
        ("from u import nothing", "nothing()", ""),
        ("import u", "u.K.nothing()", ""),
        ("from u import K\nwith K() as k:\n    pass", "k.m()", "u.py:K.m"),
        ("from u import K", "K()()", "a u.py:K"),
        ("from u import K\nkinds = {'k': K}", "kinds['k']()", ""),
    ],
)
def test_callees(imports: str, call: str, callee: str) -> None:
    assert callees({"u.py": HELPERS, "a.py": f"{imports}\n{call}\n"})[call] == callee


def test_packages_that_pass_names_on() -> None:
    files = {
        "pkg/__init__.py": "from .core import f\nfrom .more import *\n",
        "pkg/core.py": "def f(): pass\n",
        "pkg/more.py": "def g(): pass\n",
        "a.py": "import pkg\nfrom pkg import f, g\nf()\ng()\npkg.f()\npkg.core.f()\n",
    }
    assert callees(files) == {"f()": "pkg/core.py:f", "g()": "pkg/more.py:g", "pkg.f()": "pkg/core.py:f", "pkg.core.f()": "pkg/core.py:f"}


def test_fields_of_self() -> None:
    source = """\
from sklearn.linear_model import LogisticRegression
class A:
    def __init__(self, other):
        self.model = LogisticRegression()
        self.other = other
        if other:
            self.either = B()
        else:
            self.either = C()
    def go(self, X):
        self.model.fit(X)
        self.stop()
        self.other.run()
        self.either.x()
    def stop(self): pass
class B:
    def x(self): pass
class C:
    def x(self): pass
a = A(1)
a.model.predict(1)
"""
    found = callees({"a.py": source})
    assert found["self.model.fit(X)"] == "estimator.fit"
    assert found["self.stop()"] == "a.py:A.stop"
    assert found["self.other.run()"] == found["self.either.x()"] == ""
    assert found["a.model.predict(1)"] == "estimator.predict"


def test_methods_come_from_the_class_then_from_its_bases() -> None:
    files = {
        "base.py": "class Base:\n    def m(self): pass\n    def n(self): pass\n",
        "a.py": "import torch\nfrom base import Base\n"
        "class A(Base):\n    def n(self): self.m()\n"
        "class Net(torch.nn.Module):\n    pass\n"
        "A().m()\nA().n()\nnet = Net()\nnet.load_state_dict(1)\nnet(1)\n",
    }
    found = callees(files)
    assert (found["A().m()"], found["A().n()"], found["self.m()"]) == ("base.py:Base.m", "a.py:A.n", "base.py:Base.m")
    assert found["net.load_state_dict(1)"] == "torch-module.load_state_dict"
    assert found["net(1)"] == "a a.py:Net"


def test_results_of_functions_are_instances_when_all_returns_agree() -> None:
    source = f"{KLASS}def make(): return K()\ndef maybe(c):\n    if c: return K()\n    return None\nmake().m()\nmaybe(1).m()\n"
    found = callees({"a.py": source})
    assert (found["make().m()"], found["maybe(1).m()"]) == ("a.py:K.m", "")


def test_annotated_parameters_are_instances() -> None:
    source = f"{KLASS}def g(k: K, other):\n    k.m()\n    other.m()\n"
    found = callees({"a.py": source})
    assert (found["k.m()"], found["other.m()"]) == ("a.py:K.m", "")


def test_a_decorated_function_is_still_itself() -> None:
    source = "import functools\ndef d(fn):\n    @functools.wraps(fn)\n    def w(*a): return fn(*a)\n    return w\n@d\ndef f(): pass\nf()\n"
    assert callees({"a.py": source})["f()"] == "a.py:f"


def test_modules_that_import_each_other_end() -> None:
    files = {"b.py": "from a import f\nclass A(B): pass\nclass B(A): pass\nA().x()\n", "a.py": "from b import f\nf()\n"}
    assert callees(files) == {"f()": ""}
    assert callees(dict(reversed(files.items())))["A().x()"] == ""


def test_callers_and_subclasses_are_known_across_files() -> None:
    files = {
        "lib.py": "class Base: pass\ndef f(x): pass\n",
        "one.py": "from lib import Base, f\nclass One(Base): pass\nf(1)\n",
        "two.py": "import functools\nimport lib\nclass Two(lib.Base): pass\ng = functools.partial(lib.f, 2)\n",
    }
    project = project_of(files)
    scopes = {scope.name: index for index, scope in enumerate(project.modules["lib.py"].facts.scopes)}
    assert [m.path for m, _, _ in project.events.callers[Defined("lib.py", scopes["f"])]] == ["one.py", "two.py"]
    assert [d.path for d in project.resolver.subclasses(Defined("lib.py", scopes["Base"]))] == ["one.py", "two.py"]


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    """Chains around the bound and cycles: what is remembered of one value says the same of another as when it is asked first."""
    chain = "".join(f"class C{i}:\n    def __init__(self):\n        self.inner = C{i + 1}()\n" for i in range(9))
    deep = ".".join(["C0()", *["inner"] * 9])
    loops = "".join(f"def f{i}(n):\n    if n: return f{(i * 7 + 1) % 5}(n).a\n    return f{(i + 1) % 5}(n)\n" for i in range(5))
    last = "class C9:\n    last = json.JSONDecoder()\n"
    source = f"import json\n{chain}{last}a = {deep}\nb = a.last\ndef g():\n    return b.decode(a)\n{loops}f0(b)\n"

    def answers(backwards: bool) -> dict[int, object]:
        project = project_of({"m.py": source})
        module = project.modules["m.py"]
        order = range(len(module.facts.values))
        found = {i: project.resolver.target(module, i) for i in (reversed(order) if backwards else order)}
        return dict(sorted(found.items()))

    forwards = answers(False)
    assert forwards == answers(True)
    assert any(forwards.values()) and None in forwards.values()
