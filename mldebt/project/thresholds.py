"""Decisions on what models say, made with a number that stands in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Attr, Call, Compare, Name, Op, Site, Span
from mldebt.project.deciding import Deciding
from mldebt.project.measuring import words_of
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.scores import Score, Scores, called, sides
from mldebt.project.standing import Found, Standing, Standings

_NAMED = re.compile(r"thr|thres\w*|thresh\w*|cutoff|cut|limit|min|minimum|confidence|conf|prob|probability|tau|bound|score")
_GEOMETRY = re.compile(r"nms|iou|box|boxes|bbox|bboxes|suppression|anchor|anchors|keypoint|keypoints|mask|masks|overlap")
_CHANCES = re.compile(r"prob\w*|scores|logits?|expit|sigmoid|softmax|confidences")
_EPSILON = 1e-4
_ORDERS = frozenset({"gt", "ge", "lt", "le", "greater", "greater_equal", "less", "less_equal"})
_FITS = ("fit", "partial_fit", "train")
_ROUNDS = frozenset({"round", "rint"})
_COMPARING = _ORDERS | _ROUNDS


class Decision(msgspec.Struct, frozen=True):
    """One comparison of a score with numbers."""

    module: Module
    span: Span
    scope: int
    text: str
    score: Score
    numbers: tuple[Standing, ...]
    confidence: float


class Thresholds:
    """All decisions of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._standings, self._deciding, self._scores = Standings(project), Deciding(project), Scores(project)

    def decisions(self) -> Iterator[Decision]:
        """In path and text order."""
        for module in self._project.python:
            if not module.is_test:
                named = (s for s, _, f in module.calls if type(f) in (Attr, Name) and f.name.rpartition(".")[2] in _COMPARING)  # type: ignore[union-attr]
                made = (*(self._decision(module, c) for c in module.facts.compares), *(self._called(module, s) for s in named))
                yield from sorted((d for d in made if d is not None), key=lambda d: (d.span, d.text))

    def _decision(self, module: Module, compare: Compare) -> Decision | None:
        weight = self._deciding.weight(module, compare.scope)
        if not weight or _is_geometry(module, compare):
            return None
        op = module.facts.values[compare.value]
        assert type(op) is Op
        texts = sides(module, compare)
        for score_side, number_side in ((0, 1), (1, 0)):
            number_text = texts[number_side]
            found = self._standings.of(module, op.operands[number_side], compare.span, compare.scope, number_text)
            numbers = tuple(n for n in found.numbers if _decides(n.value))
            if not numbers or len(numbers) < len(found.numbers) or not texts[score_side]:
                continue
            score = self._scores.of(module, op.operands[score_side], texts[score_side])
            if score is None or self._deciding.measures(module, compare.value):
                continue
            inside = all(0 < abs(n.value) < 1 for n in numbers)
            if not inside and score.prediction is None:
                continue
            confidence = score.confidence - (1 - weight) - 0.2 * found.other - 0.25 * (not inside)
            if _says_threshold(called(number_text)) or any(_says_threshold(n.name) for n in numbers):
                confidence += 0.05 if score.prediction is not None else 0.15
            if self._project.world.openness(module) == "library":
                confidence -= 0.15  # who uses the package decides what to do with it
            if all(n.how == "option" for n in numbers):
                confidence -= 0.25  # who runs the program chooses
            if _CHANCES.fullmatch((words_of(module.facts.scopes[compare.scope].name) or [""])[-1]):
                confidence -= 0.2  # gives the chances on, at most without the small ones
            if self._learns(module, compare.scope):
                if any(n.how == "default" for n in numbers):
                    confidence -= 0.25  # a parameter of the model itself, saved with it
                elif all(n.value == 0.5 for n in numbers):
                    confidence -= 0.15  # how the model turns chances into classes
            return Decision(module, compare.span, compare.scope, compare.text, score, numbers, round(min(confidence, 0.95), 2))
        return None

    def _learns(self, module: Module, scope: int) -> bool:
        """Whether the code stands in a class whose objects can be fitted."""
        while scope > 0 and module.facts.scopes[scope].kind != "class":
            scope = module.facts.scopes[scope].parent
        return scope > 0 and any(self._project.resolver.member(Defined(module.path, scope), name) is not None for name in _FITS)

    def _called(self, module: Module, site: Site) -> Decision | None:
        """A comparison that is a call, `scores.ge(0.5)`, or a rounded probability."""
        call = module.facts.values[site.value]
        assert type(call) is Call
        func = module.facts.values[call.func]
        last = func.name.rsplit(".", 1)[-1] if type(func) in (Attr, Name) else ""
        if last not in _ORDERS and last not in _ROUNDS or call.keywords:
            return None
        given = ((func.base,) if type(func) is Attr else ()) + call.args
        if len(given) != (2 if last in _ORDERS else 1):
            return None
        weight = self._deciding.weight(module, site.scope)
        if not weight or _GEOMETRY.search(module.facts.scopes[site.scope].name) or self._deciding.measures(module, site.value):
            return None
        if last in _ROUNDS:
            found = Found((Standing(module.path, site.span, 0.5, "", "literal"),))
        else:
            found = self._standings.of(module, given[1], site.span, site.scope, "")
        if not found.numbers or not all(_decides(n.value) and 0 < abs(n.value) < 1 for n in found.numbers):
            return None
        score = self._scores.of(module, given[0], "")
        if score is None or score.prediction is None:
            return None
        sure = last in _ORDERS or "proba" in score.prediction.api
        confidence = score.confidence - (1 - weight) - 0.2 * found.other - 0.3 * (not sure)
        return Decision(module, site.span, site.scope, f"{last}()", score, found.numbers, round(confidence, 2))


def _decides(value: float) -> bool:
    """Not a sign test, an epsilon, or the end of the scale."""
    return abs(value) > _EPSILON and not 1 - _EPSILON <= abs(value) <= 1


def _says_threshold(name: str) -> bool:
    return any(_NAMED.fullmatch(word) for word in words_of(name))


def _is_geometry(module: Module, compare: Compare) -> bool:
    """Whether boxes and masks are selected: what is kept there is an option of a tool, not a decision about a case."""
    scope = module.facts.scopes[compare.scope]
    return any(_GEOMETRY.fullmatch(word) for word in (*words_of(scope.name), *words_of(compare.text)))
