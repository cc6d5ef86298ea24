"""Calls in which models learn and calls that ask them, by the catalogue or, on unknown objects, by the names of their methods."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.catalogue import Argument
from mldebt.catalogue import Call as Entry
from mldebt.facts.model import Attr, Bound, Call, Name, Param, Phi, Site, Store, Value
from mldebt.project.conditions import Conditions
from mldebt.project.events import Event, argument, callee_name
from mldebt.project.flow.model import Node
from mldebt.project.models.model import Fit, Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance

_FITS = frozenset({"fit", "fit_generator", "partial_fit", "train_on_batch", "fit_one_cycle", "fine_tune", "fit_transform"})
_TRANSFORMS = frozenset({"transform", "fit_transform", "inverse_transform", "fit_resample"})
_PREDICTS = frozenset(
    {
        "predict",
        "predict_proba",
        "predict_log_proba",
        "decision_function",
        "predict_generator",
        "predict_on_batch",
        "predict_classes",
        "get_preds",
        "score_samples",
    }
)
_LOADERS = frozenset({"from_pretrained", "load_from_checkpoint", "load_model", "load_learner"})
_MODEL = re.compile(r"(?:^|_)(?:\w*model|net|network|classifier|regressor|predictor|encoder|learner|estimator|detector)\d*$", re.IGNORECASE)
_EMBEDS = frozenset({"forward", "get_embeddings", "get_sentence_embedding", "get_pooled_features", "extract_features"})


class Found(msgspec.Struct, frozen=True):
    """Model events of all files, before they are seen from their callers."""

    fits: tuple[Fit, ...]
    predictions: tuple[Prediction, ...]


class ModelEvents:
    """Finds them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._conditions = Conditions(project)
        self._loads_models = any(name in project.called for name in _LOADERS)

    def found(self) -> Found:
        fits: dict[tuple[str, int], Fit] = {}
        predictions: dict[tuple[str, int], Prediction] = {}
        for role in ("train", "predict"):
            own = self._project.flow.steps.receivers.unique  # methods that the project gives such a name itself
            telling = [e for e in self._project.events.telling if role in e.entry.roles and e.entry.name.rpartition(".")[2] not in own]
            for event in (*self._project.calls(role), *telling):
                if self._conditions.holds(event) is False:
                    continue
                key = (event.module.path, event.site.value)
                if role == "train" and key not in fits:
                    fits[key] = self._fit(event)
                elif role == "predict" and "metric" not in event.entry.roles:
                    predictions.setdefault(key, self._prediction(event))
        for module in self._project.python:
            known = {value for path, value in (*fits, *predictions) if path == module.path}
            for fit in self._named(module, known):
                if isinstance(fit, Fit):
                    fits[fit.path, fit.value] = fit
                else:
                    predictions[fit.path, fit.value] = fit
        order = lambda found: (found.path, found.span.line, found.span.column)  # noqa: E731
        return Found(tuple(sorted(fits.values(), key=order)), tuple(sorted(predictions.values(), key=order)))

    # by the catalogue ------------------------------------------------------------------------------------------------

    def _fit(self, event: Event) -> Fit:
        module, call, entry = event.module, event.call, event.entry
        parts = {key: self._values(module, call, entry, key) for key in ("features", "labels", "evaluation", "init")}
        parts["init"] += self._values(module, call, entry, "other_init")
        model = self._values(module, call, entry, "model")
        func = module.facts.values[call.func]
        method = type(func) is Attr
        maker = func.base if method else None
        if not parts["features"] and maker is not None:  # `OLS(y, X).fit()`, `Trainer(model, train_dataset=...).train()`
            made = self._made(module, maker)
            if made is not None:
                owner, creation, entries = made
                if owner is module:
                    for entry_made in entries:
                        for key in parts:
                            parts[key] = parts[key] or self._values(owner, creation, entry_made, key)
                        model = model or self._values(owner, creation, entry_made, "model")
        parts = self._unwrapped(module, parts)
        kind = entry.name.rpartition(".")[0] if method and "." in entry.name else ""
        if not kind and "metric" in entry.roles and "predict" not in entry.roles:
            kind = "trial"  # cross-validation and learning curves throw their models away
        receiver = model[0] if model else maker if maker is not None else event.site.value
        if kind == "optimizer" or (not method and not model):
            receiver = event.site.value
        return Fit(
            module.path,
            event.site.value,
            event.site.span,
            event.site.scope,
            (),
            "loop" if kind == "optimizer" else kind or ("transformer" if "transform" in entry.roles else "model"),
            entry.name,
            receiver,
            *(parts[key] for key in ("features", "labels", "evaluation", "init")),
        )

    def _prediction(self, event: Event) -> Prediction:
        module, call, entry = event.module, event.call, event.entry
        func = module.facts.values[call.func]
        model = self._values(module, call, entry, "model")
        receiver = model[0] if model else func.base if type(func) is Attr else call.func
        kind = entry.name.rpartition(".")[0]
        return Prediction(
            module.path,
            event.site.value,
            event.site.span,
            event.site.scope,
            kind,
            entry.name,
            receiver,
            self._values(module, call, entry, "features"),
            "embed" in entry.roles,
        )

    def _values(self, module: Module, call: Call, entry: Entry, key: str) -> tuple[int, ...]:
        place = entry.args.get(key)
        if place is None:
            return ()
        if place == Argument(name="self"):
            func = module.facts.values[call.func]
            return (func.base,) if type(func) is Attr else ()
        found = argument(call, place)
        return () if found is None else (found,)

    def _unwrapped(self, module: Module, parts: dict[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
        """Data sets that hold features and labels, taken apart: `train(params, Dataset(X, y))`."""
        found = dict(parts)
        for index in parts["features"]:
            made = self._made(module, index)
            if made is None:
                continue
            owner, creation, entries = made
            holders = [e for e in entries if not e.roles]  # a call with a role computes something of its own
            inner = {k: v for e in holders for k in ("features", "labels", "init") if (v := self._values(owner, creation, e, k))}
            if owner is module and inner.get("features"):
                found["features"] = inner["features"]
                found["labels"] = found["labels"] or inner.get("labels", ())
                found["init"] += inner.get("init", ())
        return found

    def _made(self, module: Module, index: int) -> tuple[Module, Call, tuple[Entry, ...]] | None:
        """The call that made an object, through names with one value."""
        for _ in range(6):
            value = module.facts.values[index]
            if type(value) is Call:
                target = self._project.resolver.callee(module, value)
                name = callee_name(target) if target is not None else ""
                return module, value, self._project.resolver.entries(name) if name else ()
            if type(value) is Store:
                index = value.base
            elif type(value) is Bound:
                bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
                if len(bindings) != 1:
                    return None
                index = bindings[0].value
            elif type(value) is Attr:
                members = self._project.members.of_attribute(module, value.base, value.name)
                if len(members) != 1:
                    return None
                module, index = members[0][:2]
            else:
                return None
        return None

    # by the names of methods -----------------------------------------------------------------------------------------

    def _named(self, module: Module, known: set[int]) -> Iterator[Fit | Prediction]:
        """`fit` and `predict` on objects of which nothing is known but what else is called on them; backward passes of loops."""
        unknown: list[tuple[Site, Call, Attr]] = []
        methods: dict[object, set[str]] = defaultdict(set)
        for site in module.facts.sites:
            call = module.facts.values[site.value]
            assert type(call) is Call
            func = module.facts.values[call.func]
            if site.value not in known and self._asks_loaded(module, call):
                yield Prediction(module.path, site.value, site.span, site.scope, "model", "__call__", call.func, call.args[:1])
            if type(func) is not Attr or self._is_super(module, func.base):
                continue
            methods[_key(module, func.base)].add(func.name)
            named = func.name in _FITS or func.name in _PREDICTS or func.name in _EMBEDS or func.name == "backward"
            if named and site.value not in known and not self._is_known(module, call):
                unknown.append((site, call, func))
        for site, call, func in unknown:
            if func.name == "backward":
                if not call.args:
                    yield Fit(module.path, site.value, site.span, site.scope, (), "loop", "backward", site.value, (func.base,))
                continue
            others = methods[_key(module, func.base)]
            if func.name in _FITS:
                labels = tuple(v for k, v in call.keywords if k in ("y", "labels", "target")) or call.args[1:2]
                features = tuple(v for k, v in call.keywords if k in ("X", "x", "features")) or call.args[:1]
                asked = (labels and func.name != "fit_transform") or others & _PREDICTS
                kind = "model" if asked else "transformer" if others & _TRANSFORMS else "unknown"
                evaluation = tuple(v for k, v in call.keywords if k in ("validation_data", "eval_set", "valid_sets"))
                yield Fit(module.path, site.value, site.span, site.scope, (), kind, func.name, func.base, features, labels, evaluation)
            elif call.args or call.keywords:
                features = call.args[:1] or tuple(v for k, v in call.keywords if k in ("X", "x", "data"))
                embeds = func.name in _EMBEDS
                yield Prediction(module.path, site.value, site.span, site.scope, "model", func.name, func.base, features, embeds)

    def _asks_loaded(self, module: Module, call: Call) -> bool:
        """Whether something that is named like a model, and that is loaded by a method for models, is called like a function."""
        value = module.facts.values[call.func]
        if type(value) not in (Attr, Bound, Param) or not call.args or not self._loads_models:
            return False
        if not _MODEL.search(value.name):
            return False
        if self._project.resolver.callee(module, call) is not None:
            return False
        for maker in self._project.models.identity(Node(module.path, call.func)):
            made = self._project.modules[maker.path].facts.values[maker.index]
            func = self._project.modules[maker.path].facts.values[made.func] if type(made) is Call else None
            if type(func) in (Attr, Name) and func.name.rpartition(".")[2] in _LOADERS:
                return True
        return False

    def _is_super(self, module: Module, index: int) -> bool:
        value = module.facts.values[index]
        return type(value) is Call and module.facts.values[value.func] == Name("builtins.super")

    def _is_known(self, module: Module, call: Call) -> bool:
        """Whether the method belongs to the project, or to a package object that the catalogue knows otherwise."""
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            return True
        if type(target) is Instance:
            return type(target.of) is Defined
        return type(target) is External and bool(self._project.resolver.entries(target.name))


def _key(module: Module, index: int) -> object:
    """What a receiver is called, so that calls on the same object of a file are seen together."""
    value: Value = module.facts.values[index]
    for _ in range(4):
        if type(value) is Store:
            value = module.facts.values[value.base]
        elif type(value) is Phi and value.options:
            value = module.facts.values[value.options[0]]
        else:
            break
    if type(value) is Attr:
        return ("attribute", value.name)
    if type(value) in (Param, Bound):
        return (value.scope, value.name)
    return value.name if type(value) is Name else index
