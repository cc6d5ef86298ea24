"""Every check survives code that is odd but valid: negative places, classes in a circle, chains and sums of a thousand parts."""

from __future__ import annotations

import pytest

from mldebt.checks import RULES, run
from tests.project.reading import project_of

ODD = {
    "negative places of results": """
        from sklearn.model_selection import train_test_split
        from sklearn.linear_model import LogisticRegression

        def parts(rows):
            if rows:
                return rows, rows
            return rows, rows, rows

        x = parts(data)[-3]
        train, test = train_test_split(data)[-1], train_test_split(data)[-4]
        LogisticRegression().fit(x, train).predict(test)
        """,
    "classes in a circle": """
        class A(B):
            def fit(self, x):
                self.x = x
                return self.predict(x)

        class B(A):
            def predict(self, x):
                return self.fit(self.x)

        A().fit(rows)
        """,
    "a function that calls itself through a parameter": """
        def loop(f, x):
            return f(f, loop(f, x))

        model.fit(loop(loop, lambda g, y: g(g, y)), labels)
        """,
    "a long chain of methods": "class Q:\n    def step_one(self, n):\n        return self\n\ndef go(q):\n"
    + "".join("    q = q.step_one(1)\n" for _ in range(400))
    + "    model.fit(q, labels)\n",
    "a sum of a thousand parts": "import numpy as np\nscore = 0.5 * a.predict(x)\n"
    + "".join("score += 0.1 * b.predict(x)\n" for _ in range(1000)),
    "a list of columns of a thousand parts": "cols = []\n"
    + "".join(f"cols = cols + ['c{n}']\n" for n in range(1000))
    + "model.fit(frame[cols], y)\n",
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD.keys())
def test_odd_code_ends_no_check(text: str) -> None:
    project = project_of({"odd.py": text})

    assert isinstance(run(project, RULES), list)
    assert project.coverage()["models"].total >= 0
