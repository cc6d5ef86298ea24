from __future__ import annotations

from tests.checks.conftest import Found


def test_numbers_of_one_function_are_one_finding(found: Found) -> None:
    text = (
        "def predict_band(model, rows):\n"
        "    p = model.predict_proba(rows)[0][1]\n"
        "    if p > 0.7:\n"
        "        return 'high'\n"
        "    return 'medium' if p > 0.3 else 'low'\n"
    )
    (finding,) = found("fixed_threshold", {"bands.py": text})
    assert (finding.location.line, finding.size) == (3, 2)
    assert finding.message == "decision on `p` uses the constants 0.7, 0.3"
    assert {place.line for place in finding.evidence} == {2, 5}


def test_copies_of_one_number_are_one_finding_at_its_root(found: Found) -> None:
    files = {
        "zz_service.py": (
            "class Service:\n"
            "    def __init__(self, model, threshold=0.9):\n"
            "        self.model, self.threshold = model, threshold\n"
            "        self.threshold = threshold\n\n"
            "    def predict(self, rows):\n"
            "        return self.model.predict_proba(rows)[:, 1] > self.threshold\n"
        ),
        "deploy.py": "from zz_service import Service\n\nservice = Service.bind(model=None, threshold=0.9)\n",
    }
    (finding,) = found("fixed_threshold", files)
    assert (finding.location.path, finding.location.line) == ("zz_service.py", 2)
    assert ("deploy.py", 3) in {(place.path, place.line) for place in finding.evidence}
