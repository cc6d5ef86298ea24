"""Answers of several models that are put together with weights written in the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Elem, Item, Map, Name, Op, Param, Seq, Span, Store
from mldebt.project.events import argument
from mldebt.project.flow import Node
from mldebt.project.measuring import words_of
from mldebt.project.project import Module, Project

_ANSWER = re.compile(
    r"preds?|predictions?|predicted|prob|probs|proba|probas|yhat|sub|subs|submission|oof|logits?|scores?|forecasts?|blend\w*"
)
_FAMILY = re.compile(r"lgbm?|xgb\w*|cat|catboost|rf|et|nn|gru|lstm|cnn|lr|logreg|ridge|lasso|svm|svr|knn|mlp|gbm|gbdt|ffm|fm|models?|bert")
_OTHER = re.compile(r"loss\w*|lr|grad\w*|kl|reg|alpha|momentum|ema|state|params?|noise|image|img|mask|auc|f1|acc\w*|rmse|mae|metrics?")
_TABLE = re.compile(r"(ensemble|blend(ing)?|model|stack(ing)?|vote|voting)s?_?weights?|weights?_?(ensemble|blend|models?)", re.IGNORECASE)
_UP = 12
_LIMIT = 250
_MOST = 2_000  # terms of a sum


class Blend(msgspec.Struct, frozen=True):
    """One place that blends. `models` are what its parts are called."""

    module: Module
    span: Span
    weights: tuple[float, ...]
    models: tuple[str, ...]
    how: str  # sum, average, vote, table
    confidence: float
    name: str = ""


class Blends:
    """All blends of a project, in path and text order."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._tabled: dict[str, bool] = {}  # by name: whether it says so

    def found(self) -> list[Blend]:
        blends = [blend for module in self._project.python if not module.is_test for blend in self._of(module)]
        return sorted(blends, key=lambda b: (b.module.path, b.span, b.how))

    def _of(self, module: Module) -> Iterator[Blend]:
        facts = module.facts
        sums = {i: v.operands for i in module.of_kind(Op) if type(v := facts.values[i]) is Op and v.op == "+"}
        inner = {o for operands in sums.values() for o in operands}
        for index in sums:
            if index not in inner:
                yield from self._sum(module, index)
        for event in self._project.calls("ensemble"):
            if event.module is module and (given := argument(event.call, event.entry.args.get("weights"))) is not None:
                if weights := self._weights(module, given):
                    yield Blend(module, event.site.span, weights, (), "vote", 0.85, event.name)
        yield from self._averages(module)
        yield from self._tables(module)
        yield from self._loops(module)

    # a * 0.7 + b * 0.3 -----------------------------------------------------------------------------------------------

    def _sum(self, module: Module, index: int) -> Iterator[Blend]:
        terms = tuple(islice(_terms(module, index), _MOST + 1))
        if len(terms) > _MOST:  # each line may double them: `x = x + x`
            return
        parts = [self._part(module, term) for term in terms]
        known = [part for part in parts if part is not None]
        weights = tuple(weight for weight, _ in known)
        if len(known) < 2 or len(known) < len(parts) or len(set(weights)) == 1 or not all(0 < w < 1 for w in weights):
            return
        names = _names(module)
        called = [_called(module, part, names) for _, part in known]
        confidence = self._asked(module, [part for _, part in known]) or _by_name(called)
        span = self._place(module, index)
        if confidence and span is not None:
            yield Blend(module, span, weights, tuple(n for n in called if n), "sum", confidence)

    def _part(self, module: Module, index: int) -> tuple[float, int] | None:
        """(weight, what is weighted) of a product with one number."""
        value = module.facts.values[index]
        if type(value) is not Op or value.op != "*" or len(value.operands) != 2:
            return None
        for weight, part in (value.operands, value.operands[::-1]):
            number = self._number(module, weight)
            if number is not None and self._number(module, part) is None:
                return number, part
        return None

    def _number(self, module: Module, index: int) -> float | None:
        known = self._project.evaluator.constant(module, index)
        only = next(iter(known)) if known is not None and len(known) == 1 else None
        return float(only) if isinstance(only, int | float) and not isinstance(only, bool) else None

    def _asked(self, module: Module, parts: list[int]) -> float:
        """How sure it is that every part is the answer of another model, by where it comes from."""
        models: list[object] = []
        for part in parts:
            source = self._source(module, part)
            if source is None:
                return 0.0
            models.append(source)
        return 0.85 if len(set(models)) == len(models) else 0.0

    def _source(self, module: Module, index: int) -> object:
        """The model, or the file of predictions, that a value comes from."""
        graph = self._project.models
        found = self._project.flow.back(Node(module.path, index), until=lambda n: graph.at(n) is not None, limit=_LIMIT)
        for node in found:
            prediction = graph.at(node)
            if prediction is not None and not prediction.embeds:
                return graph.asked(node) or (prediction.path, prediction.model, node.calls)
        return None

    # the other forms -------------------------------------------------------------------------------------------------

    def _weights(self, module: Module, index: int) -> tuple[float, ...]:
        """Different numbers of a list, directly or under a name with one value; empty when it is no such list."""
        value = module.facts.values[index]
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            value = module.facts.values[bindings[0].value] if len(bindings) == 1 else value
        if type(value) is not Seq or value.kind == "comp" or len(value.items) < 2:
            return ()
        numbers = [self._number(module, item) for item in value.items]
        known = tuple(n for n in numbers if n is not None)
        return known if len(known) == len(numbers) and len(set(known)) > 1 else ()

    def _averages(self, module: Module) -> Iterator[Blend]:
        """`average([p1, p2], weights=[0.7, 0.3])`."""
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            assert type(call) is Call
            func = module.facts.values[call.func]
            given = next((v for k, v in call.keywords if k == "weights"), None)
            if given is None or type(func) not in (Name, Attr) or func.name.rsplit(".", 1)[-1] != "average" or not call.args:
                continue
            weights = self._weights(module, given)
            joined = module.facts.values[call.args[0]]
            parts = list(joined.items) if type(joined) is Seq and joined.kind != "comp" else []
            if weights and parts:
                called = [_called(module, part, _names(module)) for part in parts]
                if confidence := self._asked(module, parts) or _by_name(called):
                    yield Blend(module, site.span, weights, tuple(n for n in called if n), "average", confidence)

    def _loops(self, module: Module) -> Iterator[Blend]:
        """`for weight, day in zip([0.1, 0.9], days): frame.score *= weight`."""
        if not module.of_kind(Elem):
            return
        for index in module.of_kind(Op):
            value = module.facts.values[index]
            if type(value) is not Op or value.op != "*" or len(value.operands) != 2:
                continue
            for weight, part in (value.operands, value.operands[::-1]):
                weights = self._drawn(module, weight)
                called = _called(module, part, _names(module)) if weights else ""
                words = words_of(called)
                if any(_ANSWER.fullmatch(word) for word in words) and not any(_OTHER.fullmatch(word) for word in words):
                    if (span := self._place(module, index)) is not None:
                        yield Blend(module, span, weights, (called,), "loop", 0.75)

    def _drawn(self, module: Module, index: int) -> tuple[float, ...]:
        """The numbers of a list that a loop variable goes through, alone or beside others."""
        value = module.facts.values[index]
        places: list[object] = []
        while type(value) is Item:
            key = module.facts.values[value.key]
            places.insert(0, key.value if type(key) is Const else None)
            value = module.facts.values[value.base]
        if type(value) is not Elem:
            return ()
        source = module.facts.values[value.of]
        if type(source) is Call and module.facts.values[source.func] == Name("builtins.enumerate") and source.args:
            if places[:1] != [1]:
                return ()
            source, places = module.facts.values[source.args[0]], places[1:]
        if type(source) is Call and module.facts.values[source.func] == Name("builtins.zip") and len(places) == 1:
            place = places[0]
            if isinstance(place, int) and 0 <= place < len(source.args):
                return self._weights(module, source.args[place])
        return ()

    def _tables(self, module: Module) -> Iterator[Blend]:
        """`ENSEMBLE_WEIGHTS = {"lgb": 0.6, "nn": 0.4}`."""
        for scope in module.facts.scopes:
            for name, bindings in scope.bindings.items():
                if name not in self._tabled:
                    self._tabled[name] = _TABLE.search(name) is not None
                if not self._tabled[name]:
                    continue
                for binding in bindings:
                    value = module.facts.values[binding.value]
                    if type(value) is Map and -1 not in value.keys and len(value.keys) > 1:
                        keys = [module.facts.values[k] for k in value.keys]
                        models = tuple(k.value for k in keys if type(k) is Const and isinstance(k.value, str))
                        numbers = [n for v in value.values if (n := self._number(module, v)) is not None]
                        if len(models) == len(numbers) == len(keys) and len(set(numbers)) > 1 and abs(sum(numbers) - 1) < 0.02:
                            yield Blend(module, binding.span, tuple(numbers), models, "table", 0.75, name)

    def _place(self, module: Module, index: int) -> Span | None:
        """Where a sum stands: its own place, else that of the nearest value around it that has one."""
        users = _users(module)
        for _ in range(_UP):
            span = self._project.flow.span(module.path, index)
            if span is not None:
                return span
            if index not in users:
                return _returned(module, index)
            index = users[index]
        return None


def _terms(module: Module, index: int) -> Iterator[int]:
    stack = [index]
    while stack:
        value = module.facts.values[stack[-1]]
        term = stack.pop()
        if type(value) is Op and value.op == "+" and len(value.operands) == 2:
            stack += reversed(value.operands)
        else:
            yield term


def _names(module: Module) -> dict[int, str]:
    """What local variables with one meaning are called, by their value."""
    return {b.value: name for scope in module.facts.scopes for name, bindings in scope.bindings.items() for b in bindings}


def _called(module: Module, index: int, names: dict[int, str]) -> str:
    """What a part is called: its variable, field or column."""
    for _ in range(6):
        if index in names:
            return names[index]
        value = module.facts.values[index]
        if type(value) in (Bound, Param):
            return value.name
        if type(value) is Attr:
            if value.name not in ("values", "T"):
                return value.name
            index = value.base
        elif type(value) is Item:
            key = module.facts.values[value.key]
            outer = _called(module, value.base, names)
            return f"{outer}[{key.value}]" if type(key) is Const and isinstance(key.value, str) else outer
        elif type(value) is Store:
            index = value.base
        elif type(value) is Call:
            index = value.func
        else:
            return value.name.rsplit(".", 1)[-1] if type(value) is Name else ""
    return ""


def _by_name(names: list[str]) -> float:
    """How sure the names make it that different models answer."""
    words = [words_of(name) for name in names]
    if len(set(names)) < len(names) or any(_OTHER.fullmatch(word) for part in words for word in part):
        return 0.0
    if all(any(_ANSWER.fullmatch(word) for word in part) for part in words):
        return 0.75
    both = all(any(_ANSWER.fullmatch(word) or _FAMILY.fullmatch(word) for word in part) for part in words)
    return 0.6 if both else 0.0


def _users(module: Module) -> dict[int, int]:
    """For each value one that directly contains it."""
    found: dict[int, int] = {}
    for index, value in enumerate(module.facts.values):
        if type(value) is Op:
            inner: tuple[int, ...] = value.operands
        elif type(value) is Call:
            inner = (value.func, *value.args, *(v for _, v in value.keywords))
        elif type(value) in (Attr, Item):
            inner = (value.base,)
        elif type(value) is Seq:
            inner = value.items
        elif type(value) is Map:
            inner = value.values
        elif type(value) is Store:
            inner = (value.value,)
        else:
            continue
        for part in inner:
            found.setdefault(part, index)
    return found


def _returned(module: Module, index: int) -> Span | None:
    """The last line of the function that returns the value: nothing nearer is known."""
    for scope in module.facts.scopes:
        if index in scope.returns:
            return scope.span
    return None
