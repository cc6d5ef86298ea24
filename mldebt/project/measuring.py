"""What names of functions, classes and files say of their purpose."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_MEASURES = re.compile(
    r"eval\w*|metrics?|acc|accuracy|auc|f1|f|precision|recall|confusion|report|reports|plot\w*|draw\w*|vi[sz]\w*|figures?|show|validat\w*|valid|"
    r"val|testing|train\w*|fit\w*|loss\w*|epoch|cv|search|tun(e|ing)|optimi[sz]\w*|augment\w*|benchmarks?|analy[sz]\w*|analysis|"
    r"explor\w*|eda|debug|dataset\w*|loaders?|preprocess\w*|thresholds?|compare|sampl\w*|roc|kappa|iou|dice|"
    r"callbacks?|check\w*|monitor\w*|drift|generate|generation|warper|beam|brier|logloss|rmse|mae|mse|research|experiments?"
)


def words_of(name: str) -> list[str]:
    """The words of a name in lower case: `minScore_2` is min, score, 2."""
    return [word.lower() for word in _WORD.findall(name)]


def is_measure(name: str) -> bool:
    """Whether a name says that something is measured, trained or drawn."""
    words = words_of(name)
    return bool(words) and (words[0] in ("test", "tests") or any(_MEASURES.fullmatch(word) for word in words))
