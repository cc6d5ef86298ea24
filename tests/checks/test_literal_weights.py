from __future__ import annotations

import pytest

from tests.checks.conftest import Found


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("out = pred_a * 0.7 + pred_b * 0.3", "0.7, 0.3"),
        ("W = 0.6\n\ndef blend(pred_a, pred_b):\n    return W * pred_a + (1 - W) * pred_b", "0.6, 0.4"),
        ("for w, day in zip([0.1, 0.9], days):\n    frame = read(day)\n    frame.yhat *= w", "0.1, 0.9"),
        ("ENSEMBLE_WEIGHTS = {'trees': 0.75, 'net': 0.25}", "0.75, 0.25"),
    ],
)
def test_forms(found: Found, text: str, weights: str) -> None:
    (finding,) = found("literal_weights", {"blend.py": f"{text}\n"})
    assert finding.message.endswith(f"blended with the constant weights {weights}")


@pytest.mark.parametrize(
    "text",
    [
        "gray = 0.3 * red + 0.59 * green + 0.11 * blue",
        "out = pred_a * 0.5 + pred_b * 0.5",
        "best = 0.9 * loss_pred + 0.1 * prob_loss",
        "level = 0.9 * level + 0.1 * value",
        "WEIGHTS = {'a': 2, 'b': 5}",
    ],
)
def test_other_sums(found: Found, text: str) -> None:
    assert found("literal_weights", {"blend.py": f"{text}\n"}) == []


def test_the_same_weights_in_one_file_are_one_finding(found: Found) -> None:
    text = "oof = 0.7 * oof_a + 0.3 * oof_b\nsub = 0.7 * sub_a + 0.3 * sub_b\n"
    (finding,) = found("literal_weights", {"blend.py": text})
    assert finding.location.line == 1 and [place.line for place in finding.evidence] == [2]
