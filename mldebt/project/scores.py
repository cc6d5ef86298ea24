"""Which values are what a model says of a case: by where they come from, else by what they are called."""

from __future__ import annotations

import re

import msgspec

from mldebt.facts.model import Attr, Call, Compare, Item, Op, Value
from mldebt.project.events import callee_name
from mldebt.project.flow import Node
from mldebt.project.measuring import is_measure, words_of
from mldebt.project.models.model import Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, Instance

_LIMIT = 250
_NEAR = 4  # steps back within which a draw or a metric is what the value is
_ORDERS = frozenset({"<", "<=", ">", ">=", "==", "!=", "in", "not in", "is", "is not", "not"})
_STAND_INS = frozenset({"random", "metric"})
# Functions and methods whose result says the same as what they are given.
# fmt: off
_SAME = frozenset({
    "abs", "amax", "amin", "apply", "argsort", "array", "as_numpy", "asarray", "aslist", "astype", "clip", "collect", "concat",
    "concatenate", "convert_to_tensor", "cpu", "cumsum", "DataFrame", "detach", "dict", "divide", "dumps", "enumerate", "exp",
    "expit", "fillna", "flatten", "float", "from_numpy", "get", "head", "hstack", "item", "items", "iterrows", "itertuples", "join",
    "json", "list", "loads", "log", "log10", "map", "max", "maximum", "mean", "median", "merge", "min", "minimum", "nan_to_num",
    "next", "numpy", "pop", "ravel", "rename", "reset_index", "reshape", "result", "reversed", "round", "Series", "sigmoid",
    "softmax", "sort_values", "sorted", "squeeze", "stack", "take", "tensor", "Tensor", "to", "toarray", "todense", "tolist",
    "toPandas", "topk", "transpose", "tuple", "unsqueeze", "values", "view", "vstack", "where", "zip",
})
# fmt: on
# fmt: off
_SURE = frozenset({
    "confidence", "confidences", "logit", "logits", "prob", "proba", "probabilities", "probability", "probas", "probs", "sigmoid",
    "softmax", "yhat",
})
_LIKELY = frozenset({
    "conf", "likelihood", "pred", "predicted", "prediction", "predictions", "preds", "score", "scored", "scores", "similarities",
    "similarity",
})
# fmt: on
# A word beside it that makes it a metric, a setting of training or a number of another kind.
# fmt: off
_OTHER = frozenset({
    "acc", "accuracy", "auc", "aug", "best", "beta", "bleu", "compliance", "count", "cv", "dev", "diff", "drop", "dropout", "epoch",
    "eval", "f1", "file", "flip", "fold", "forcing", "gap", "hidden", "id", "idx", "improvement", "interval", "iou", "keep", "label",
    "labels", "len", "length", "level", "loss", "mask", "max", "metric", "metrics", "mse", "mutation", "names", "noise", "num", "oof",
    "overall", "path", "perplexity", "pos", "prev", "previous", "prior", "process", "quality", "r2", "rand", "random", "rate",
    "recall", "replay", "rmse", "rouge", "sample", "silhouette", "size", "smooth", "step", "teacher", "test", "thres", "thresh",
    "threshold", "train", "transition", "type", "val", "valid", "validation", "value", "values", "weight", "z", "zscore",
})
# fmt: on
# What is measured of an answer, its place or its form, rather than what the model says.
# fmt: off
_OF_ANSWERS = frozenset({
    "acc", "accuracy", "area", "auc", "best", "brier", "center", "centre", "coord", "count", "diff", "dist", "distance", "duration",
    "error", "f1", "height", "id", "idx", "index", "len", "length", "loss", "mae", "metric", "mse", "num", "perc", "percent",
    "percentage", "rank", "residual", "rmse", "size", "time", "width",
})
# fmt: on
_FORM = re.compile(r"\b(len|sum|count|isinstance|hasattr|id)\(|\.(shape|size|ndim|count|dim|sum|index|name|dtype|columns|nunique)\b")


class Score(msgspec.Struct, frozen=True):
    """A value that a model gave. `prediction` is None where only its name tells."""

    name: str
    confidence: float
    prediction: Prediction | None = None


class Scores:
    """Answers for single values."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._stand_ins = {(e.module.path, e.site.value) for role in _STAND_INS for e in project.calls(role)}

    def of(self, module: Module, index: int, text: str) -> Score | None:
        """The score that a value is; `text` is how it is written there."""
        if _FORM.search(text):
            return None
        name = called(text)
        if set(words_of(name)) & _OF_ANSWERS:
            return None
        start = Node(module.path, index)
        found = self._project.flow.back(start, until=self._ends, limit=_LIMIT)
        other = False
        for node in found:
            prediction = self._project.models.at(node)
            if prediction is not None and not prediction.embeds:
                return Score(name, 0.85, prediction)
            other = other or (self._stands_in(node) and len(found.way(node)) <= _NEAR)
        return None if other else self._by_name(name)

    def _ends(self, node: Node) -> bool:
        """Where the way back stops: at predictions, and at calls that make something else of what they are given."""
        module = self._project.modules[node.path]
        value: Value = module.facts.values[node.index]
        if type(value) is Op:
            return value.op in _ORDERS
        if type(value) is not Call:
            return False
        if self._project.models.at(node) is not None or self._stands_in(node):
            return True
        target = self._project.resolver.callee(module, value)
        if type(target) is Defined:
            return self._project.resolver.scope(target)[1].kind == "class"
        if type(target) is Instance and type(target.of) is Defined:
            return False
        name = callee_name(target) if target is not None else ""
        if not name:
            func = module.facts.values[value.func]
            name = func.name if type(func) is Attr else ""
        if any("read" in entry.roles for entry in self._project.resolver.entries(name)):
            return False
        return name.rsplit(".", 1)[-1] not in _SAME

    def _stands_in(self, node: Node) -> bool:
        """Whether the node is a draw or a metric, by the catalogue or, of a function of the project, by its name."""
        if (node.path, node.index) in self._stand_ins:
            return True
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        target = self._project.resolver.callee(module, value) if type(value) is Call else None
        return type(target) is Defined and is_measure(self._project.resolver.scope(target)[1].name)

    def _by_name(self, name: str) -> Score | None:
        words = set(words_of(name))
        if words & _OTHER:
            return None
        if words & _SURE:
            return Score(name, 0.7)
        return Score(name, 0.6) if words & _LIKELY else None


def sides(module: Module, compare: Compare) -> tuple[str, str]:
    """How the two operands of a comparison are written; empty where the text is cut."""
    parts, depth, start, place = [], 0, 0, 0
    text, quote = compare.text, ""
    while place < len(text):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char in "<>" and depth == 0:
            parts.append(text[start:place])
            place += text[place + 1 : place + 2] == "="
            start = place + 1
        place += 1
    parts.append(text[start:])
    earlier = sum(c.span == compare.span and c.value != compare.value for c in _before(module, compare))
    if earlier + 1 >= len(parts):
        return "", ""
    return parts[earlier].strip(), parts[earlier + 1].strip()


def _before(module: Module, compare: Compare) -> list[Compare]:
    """Links of the same chain that stand before this one."""
    found: list[Compare] = []
    for other in module.facts.compares:
        if other is compare:
            break
        if other.span == compare.span:
            found.append(other)
    return found


def called(text: str) -> str:
    """What an expression is called: `prob[pred]` is prob, `row["score"]` score, `float(model.confidence)` confidence."""
    for _ in range(4):
        text = text.strip()
        if text.startswith("(") and text.endswith(")"):
            text = text[1:-1]
            continue
        key = re.search(r"(?:\[|\bget\()\s*f?[\"']([^\"']+)[\"'][^\"']*$", text)
        if key is not None:
            return key[1]
        head = re.match(r"[-+~\s]*([A-Za-z_][\w.]*)", text)
        if head is None:
            return ""
        names, rest = head[1].split("."), text[head.end() :]
        if names[-1] not in _SAME:
            return names[-1]
        inner = rest[1 : rest.rindex(")")] if rest.startswith("(") and ")" in rest else ""
        if names[-1] not in ("get", "pop") and re.match(r"[-+~(\s]*[A-Za-z_]\w*(?!\w*\s*=)", inner):
            text = inner  # a function of the answer; else a method of it
            continue
        while len(names) > 1 and names[-1] in _SAME:
            names.pop()
        return names[-1]
    return ""


def root(module: Module, index: int) -> int:
    """The container that subscripts and attributes are taken of."""
    for _ in range(8):
        value = module.facts.values[index]
        if type(value) not in (Item, Attr):
            break
        index = value.base
    return index
