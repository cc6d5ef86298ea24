"""One step back at a time, and what the steps reach together."""

from __future__ import annotations

import pytest

from tests.project.flow.tracing import numbers, way_to

PANDAS = "import pandas as pd\n"
FRAME = f"{PANDAS}f = load()\nf['a'] = 1\nf['b'] = 2\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1\ny = x + 2\nsee(y)", [1, 2]),
        ("x = 1\nx = 2\nsee(x)", [2]),
        ("a = b = 1\nsee(b)", [1]),
        ("see((y := 3) and y)", [3]),
        ("if c:\n    x = 1\nelse:\n    x = 2\nsee(x)", [1, 2]),
        ("x = 1\nif c:\n    x = 2\nsee(x)", [1, 2]),
        ("try:\n    x = 1\nexcept OSError:\n    x = 2\nsee(x)", [1, 2]),
        ("x = 0\nwhile c:\n    x = x + 1\nsee(x)", [0, 1]),
        ("see(1 if 2 else 3)", [1, 3]),
        ("see(f'{1} of {2}')", [1, 2]),
        ("with open_it(1) as f:\n    see(f)", [1]),
    ],
)
def test_what_a_variable_holds(text: str, expected: list[int]):
    assert numbers(text) == expected


@pytest.mark.parametrize("text", ["see(1 in 2)", "see(1 is 2)", "see(1 not in [2])"])
def test_a_test_says_nothing_of_what_is_tested(text: str):
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see([1, 2])", [1, 2]),
        ("a = [1, 2]\nsee(a[0])", [1]),
        ("a = [1, 2]\nsee(a[-1])", [2]),
        ("a = [1, 2, 3]\nsee(a[9])", [1, 2, 3]),
        ("a, b = 1, 2\nsee(b)", [2]),
        ("x = 1, 2\na, b = x\nsee(b)", [2]),
        ("a = [1]\na.append(2)\na += [3]\nsee(a)", [1, 2, 3]),
        ("see([r + 2 for r in [1]])", [1, 2]),
        ("for r in [1]:\n    see(r)", [1]),
        ("for i, r in enumerate([1]):\n    see(r)", [1]),
        ("for k, v in {'a': 2}.items():\n    see(v)", [2]),
        ("d = {'a': 1, 'b': 2}\nsee(d['a'])", [1]),
        ("d = {'a': 1, 'b': 2}\nsee(d)", [1, 2]),
        ("K = 'a'\nd = {'a': 1, 'b': 2}\nsee(d[K])", [1]),
        ("d = {'a': 1, 'b': 2}\nsee(d[key])", [1, 2]),
        ("d = {'a': 1, **more(2)}\nsee(d['a'])", [1]),
        ("d = {'a': 1, **more(2)}\nsee(d['b'])", [2]),
        ("d = {}\nd['a'] = 1\nd['b'] = 2\nsee(d['a'])", [1]),
    ],
)
def test_what_is_in_a_container(text: str, expected: list[int]):
    assert numbers(text) == expected


def test_a_large_table_is_not_what_one_of_its_entries_is_made_of():
    table = ", ".join(f"'k{n}': {n}" for n in range(100))
    assert numbers(f"d = {{{table}}}\nsee(d[key])") == []
    assert numbers(f"d = {{{table}}}\nsee(d['k7'])") == [7]


# columns -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see(f)", [1, 2]),
        ("see(f['a'])", [1]),
        ("see(f[['a', 'b']])", [1, 2]),
        ("see(f[['a']])", [1]),
        ("see(f.b)", [2]),
        ("see(f.loc[mask, 'b'])", [2]),
        ("see(f.loc[:, ['a']])", [1]),
        ("see(f.iloc[:, :])", [1, 2]),
        ("see(f[f['a'] > limit]['b'])", [2]),
        ("see(f[f['a'] > limit])", [1, 2]),
        ("see(f[names])", [1, 2]),
        ("NAMES = ['b', 'c']\nsee(f[NAMES])", [2]),
        ("f['b'] = 3\nsee(f['b'])", [3]),
        ("f['c'] = f['a']\nsee(f['c'])", [1]),
        ("f[['c', 'd']] = 3\nsee(f['d'])", [3]),
        ("f[['c', 'd']] = 3\nsee(f['a'])", [1]),
        ("f[name] = 3\nsee(f['a'])", [1, 3]),
        ("f.loc[mask, 'a'] = 3\nsee(f['b'])", [2]),
        ("f.insert(0, 'c', 3)\nsee(f['c'])", [3]),
    ],
)
def test_a_column_is_what_was_put_into_it(text: str, expected: list[int]):
    assert numbers(FRAME + text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see(f.drop(columns=['a']))", [2]),
        ("see(f.drop('a', axis='columns'))", [2]),
        ("see(f.drop(columns=['a'])[['a', 'b']])", [2]),
        ("see(f[['a', 'b']].drop(columns='b'))", [1]),
        ("g = f.drop(columns=['a'])\ng['a'] = 3\nsee(g['a'])", [3]),
        ("see(f.drop(columns=unknown))", [1, 2]),
        ("g = f.drop(columns='a').copy()\nsee(g)", [2]),
        ("g = f.rename(columns={'a': 'z'})\ng['y'] = 3\nsee(g['y'])", [3]),
    ],
)
def test_dropped_and_renamed_columns(text: str, expected: list[int]):
    assert numbers(FRAME + text) == expected


def test_a_renamed_column_may_be_any_of_the_old_ones():
    assert numbers(FRAME + "see(f[['a']].rename(columns={'a': 'z'})['z'])") == [1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see(f.copy()['b'])", [2]),
        ("see(f.fillna(filler)['b'])", [2]),
        ("see(f.merge(other, on='k')['b'])", [2]),
        ("see(f.set_index('a').loc[row, 'b'])", [2]),
        ("see(pd.concat([f, other])['b'])", [2]),
        ("see(pd.DataFrame({'a': 3, 'c': 4})['c'])", [4]),
        ("see(f.assign(c=3)['a'])", [1]),
        ("see(f.assign(c=3)['c'])", [3]),
        ("see(f.assign(c=3))", [1, 2, 3]),
    ],
)
def test_methods_that_keep_the_names_of_columns(text: str, expected: list[int]):
    assert numbers(FRAME + text) == expected


@pytest.mark.parametrize("text", ["see(f.shape)", "see(f.columns)", "see(f.index)", "see(len(f))", "see(type(f))", "see(range(len(f)))"])
def test_the_form_of_data_is_not_the_data(text: str):
    assert numbers(FRAME + text) == []


def test_a_metric_is_not_what_it_measures():
    text = "from sklearn.metrics import roc_auc_score\nsee(roc_auc_score(1, 2))"
    assert numbers(text) == []
    assert numbers("from other import blend\nsee(blend(1, 2))") == [1, 2]


def test_popped_columns_are_what_is_asked_for():
    assert numbers(FRAME + "y = f.pop('b')\nsee(y)") == [2]


def test_the_frame_after_a_pop_has_the_column_no_more():
    assert numbers(FRAME + "y = f.pop('b')\nsee(f)") == [1]


@pytest.mark.xfail(strict=True, reason="`del` and `drop(inplace=True)` leave no value behind in the facts")
@pytest.mark.parametrize("text", ["del f['b']\nsee(f)", "f.drop(columns=['b'], inplace=True)\nsee(f)"])
def test_columns_that_are_taken_away_in_place(text: str):
    assert numbers(FRAME + text) == [1]


@pytest.mark.xfail(strict=True, reason="the facts keep no named arguments of `update`")
def test_named_values_that_update_a_mapping():
    assert numbers("d = {}\nd.update(rows=3)\nsee(d['rows'])") == [3]


# calls -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def g(v):\n    return v\nsee(g(2))", [2]),
        ("def g(v, w):\n    return w\nsee(g(2, 3))", [3]),
        ("def g(v, w):\n    return w\nsee(g(w=2, v=3))", [2]),
        ("def g(v=1):\n    return v\nsee(g())", [1]),
        ("def g(v=1):\n    return v\nsee(g(2))", [2]),
        ("def g(*a):\n    return a\nsee(g(1, 2))", [1, 2]),
        ("def g(a, b):\n    return b\nk = {'b': 2}\nsee(g(x, **k))", [2]),
        ("def g(a, b):\n    return b\nk = [1, 2]\nsee(g(*k))", [1, 2]),
        ("def g(v):\n    if c:\n        return 1\n    return v\nsee(g(2))", [1, 2]),
        ("def g():\n    return {'x': 1, 'y': 2}\nsee(g()['x'])", [1]),
        ("def g(v):\n    f = v.copy()\n    f['a'] = 1\n    f['b'] = 2\n    return f\nsee(g(x)['b'])", [2]),
        ("async def g():\n    return 1\n\nasync def main():\n    see(await g())", [1]),
        ("g = lambda v: v + 2\nsee(g(1))", [1, 2]),
    ],
)
def test_results_of_functions(text: str, expected: list[int]):
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def g(v):\n    return v, 3\na, b = g(2)\nsee(a)", [2]),
        ("def g(v):\n    return v, 3\na, b = g(2)\nsee(b)", [3]),
        ("def g(v):\n    return v, 3\nsee(g(2)[1])", [3]),
        ("def g():\n    if c:\n        return 1, 2\n    return 3, 4\na, b = g()\nsee(b)", [2, 4]),
        ("def g():\n    r = 1, 2\n    return r\na, b = g()\nsee(b)", [2]),
        ("def g():\n    return h()\ndef h():\n    return 1, 2\na, b = g()\nsee(b)", [2]),
    ],
)
def test_results_by_their_place(text: str, expected: list[int]):
    assert numbers(text) == expected


@pytest.mark.parametrize(("place", "expected"), [("a", [1]), ("b", [1]), ("c", [2]), ("d", [2])])
def test_parts_of_a_split_are_two_of_each_argument(place: str, expected: list[int]):
    split = "from sklearn.model_selection import train_test_split\na, b, c, d = train_test_split(1, 2, test_size=3)\n"
    assert numbers(f"{split}see({place})") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def g(v):\n    yield v\n    yield 3\nfor i in g(2):\n    see(i)", [2, 3]),
        ("def g(v):\n    yield from [v, 3]\nsee(list(g(2)))", [2, 3]),
    ],
)
def test_results_of_generators(text: str, expected: list[int]):
    assert numbers(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def down(n):\n    return n or down(n - 1) + 2\nsee(down(3))", {2, 3}),
        ("def a(n):\n    return b(n) + 1\ndef b(n):\n    return a(n) + 2\nsee(a(3))", {1, 2}),
        ("class T:\n    def walk(self, n):\n        return self.walk(n + 1) or 5\nsee(T().walk(2))", {5}),
        ("x = x0\ndef f():\n    global x\n    x = g(x) + 1\ndef g(y):\n    f()\n    return x\nsee(g(2))", {1}),
    ],
)
def test_recursion_ends(text: str, expected: set[int]):
    assert expected <= set(numbers(text))


# functions as values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("def outer():\n    x = 1\n    def inner():\n        return x\n    return inner()\nsee(outer())", [1]),
        ("def outer(x):\n    def inner():\n        return x\n    return inner()\nouter(1)\nsee(outer(2))", [2]),
        ("x = 1\ndef f():\n    return x\nsee(f())", [1]),
        ("f = make(1)\nsee(f.apply(lambda r: r + 2))", [1, 2]),
        ("f = make(1)\nf.apply(lambda r: see(r))", [1]),
        ("def g(r):\n    return r + 2\nsee(pool.map(g, [3]))", [2, 3]),
        ("def g(r):\n    see(r)\npool.map(g, [3])", [3]),
        ("def on_done(v):\n    see(v)\nstart(3, callback=on_done)", [3]),
        ("def one(v):\n    return 1\ndef same(v):\n    return v\nT = {'x': one, 'y': same}\nsee(T[name](2))", [1, 2]),
        ("def d(f):\n    def w(*a):\n        return f(*a)\n    return w\n\n@d\ndef g(a):\n    return a + 1\nsee(g(2))", [1, 2]),
    ],
)
def test_closures_lambdas_callbacks_and_tables(text: str, expected: list[int]):
    assert numbers(text) == expected


# objects -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "class A:\n    def __init__(self):\n        self.x = 1\n        self.y = 2\n"
            "    def get(self):\n        return self.x\nsee(A().get())",
            [1],
        ),
        (
            "class A:\n    def __init__(self, v, w):\n        self.v = v\n"
            "        self.w = w\n    def run(self):\n        see(self.w)\nA(1, 2)",
            [2],
        ),
        ("class A:\n    x = 1\nclass B(A):\n    def get(self):\n        see(self.x)", [1]),
        ("class A:\n    def get(self):\n        see(self.x)\nclass B(A):\n    def __init__(self):\n        self.x = 3", [3]),
        ("class A:\n    pass\na = A()\na.x = 1\nsee(a.x)", [1]),
        ("class A:\n    @property\n    def x(self):\n        return 4\nsee(A().x)", [4]),
        ("class A:\n    def __call__(self, w):\n        return w\na = A()\nsee(a(2))", [2]),
        ("class A:\n    def forward(self, w):\n        return w\na = A()\nsee(a(2))", [2]),
        ("class A:\n    @staticmethod\n    def same(w):\n        return w\nsee(A.same(2))", [2]),
        ("class A:\n    @classmethod\n    def same(cls, w):\n        return w\nsee(A.same(2))", [2]),
    ],
)
def test_fields_and_methods(text: str, expected: list[int]):
    assert numbers(text) == expected


# names -------------------------------------------------------------------------------------------------------------------


def test_constants_of_other_files():
    files = {"settings.py": "RATE = 3\n\nclass Paths:\n    depth = 4\n", "main.py": "from settings import RATE\nsee(RATE)\n"}
    assert numbers(files) == [3]
    assert numbers({**files, "main.py": "import settings\nsee(settings.RATE)\n"}) == [3]
    assert numbers({**files, "main.py": "from settings import Paths\nsee(Paths.depth)\n"}) == [4]


def test_the_way_says_along_what_it_goes():
    text = "def g(v):\n    return v\nf = load()\nf['a'] = g(7)\nsee(f['a'])"
    assert way_to(text, 7) == [("part", ""), ("column", "a"), ("return", "g"), ("parameter", "g")]
    assert way_to("class A:\n    def __init__(self):\n        self.x = [7]\nsee(A().x)", 7) == [("field", "x"), ("element", "")]
