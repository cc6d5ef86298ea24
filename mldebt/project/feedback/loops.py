"""Loops through the world: what a model decides is carried out, and what comes of it is read back to train or to ask a model."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Name
from mldebt.project.feedback.model import Loop, WorldSite
from mldebt.project.feedback.records import Records
from mldebt.project.feedback.sites import world_sites
from mldebt.project.flow.model import Node, Step
from mldebt.project.flow.slices import enclosing
from mldebt.project.models.model import Fit, Prediction
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_PREDICTS = re.compile(r"^(predict|infer|classify|compute_single_action|select_action|act$)")
_CHAIN = 4  # callers of the act that may hold the prediction
_CHANCE = re.compile(r"(^|_)(holdout|hold_out|control_group|explore|exploration|epsilon|bandit|propensity|treatment|ab_test|bucket)", re.I)


class Loops:
    """Finds them, from the ends that are rarer: a project without acts costs nothing."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self.sites = world_sites(project)
        self.acts = [s for s in self.sites if s.role == "act"]
        self._observed: dict[tuple[str, int], list[WorldSite]] = defaultdict(list)
        for site in self.sites:
            if site.role == "observe":
                self._observed[site.path, site.value].append(site)
        self._records = Records(project, self.acts)
        self._read: dict[int, bool] = {}  # by the number of a node
        self._asking: dict[int, tuple[Prediction | None, float] | None] = {}

    def found(self) -> list[Loop]:
        """One for each act and place that a model learns or is asked at: of what is read back, the surest and first in the text."""
        if not self.acts:
            return []
        best: dict[tuple[object, ...], Loop] = {}
        for loop in (*self._through_values(), *self._through_training()):
            key = (loop.act.entity, loop.how, loop.path, loop.at if loop.how == "input" else None)
            if key not in best or _rank(loop) < _rank(best[key]):
                best[key] = loop
        return sorted(best.values(), key=lambda x: (x.act.path, x.act.span, x.observed.path, x.observed.span))

    # what was observed reaches a model -------------------------------------------------------------------------------

    def _through_values(self) -> Iterator[Loop]:
        models = self._project.models
        for prediction in models.predictions:
            module = self._project.modules[prediction.path]
            if prediction.features and not prediction.embeds and not module.is_test:
                starts = tuple(
                    Node(prediction.path, value, calls)
                    for calls in self._project.flow.contexts(prediction.path, prediction.scope, depth=1, limit=6)
                    for value in prediction.features
                )
                yield from self._back(starts, "input", prediction)
        for fit in models.fits:
            if fit.is_model:
                values = (*fit.features, *fit.labels)
                yield from self._back(fit.nodes(values), "training", fit)

    def _back(self, starts: tuple[Node, ...], how: str, at: Prediction | Fit) -> Iterator[Loop]:
        flow = self._project.flow
        slice_ = flow.back(starts, until=self._is_read, known=self._read)
        for number in slice_.numbers:
            node = flow.nodes[number]
            if not (self._read[number] if number in self._read else self._is_read(node)):
                continue
            sure = _sureness(slice_.way(node))
            for observed in self._observed.get((node.path, node.index), ()):
                for act in self._matching(observed):
                    yield from self._loop(act, observed, how, at, 0.85 * sure)
            module = self._project.modules[node.path]
            rows = self._records.read_by(module, node.index)
            site = self._project.flow.steps.files.site(module, node.index)
            if rows is not None and site is not None:
                act, made = self._records.of_acts[rows]
                read = WorldSite("observe", made.entity, node.path, site.span, site.scope, node.index, made.api)
                yield from self._loop(act, read, how, at, 0.85 * sure)

    def _is_read(self, node: Node) -> bool:
        if (node.path, node.index) in self._observed:
            return True
        return self._records.read_by(self._project.modules[node.path], node.index) is not None

    def _through_training(self) -> Iterator[Loop]:
        """What was observed is handed to code that trains, on ways that values cannot be followed: files of services, tables."""
        fits: dict[str, Fit] = {}
        for fit in self._project.models.sites:
            if fit.kind != "unknown" and not self._project.modules[fit.path].is_test:
                fits.setdefault(fit.path, fit)
        for observed in (s for sites in self._observed.values() for s in sites):
            acts = list(self._matching(observed))
            if not acts:
                continue
            asked = self._project.modules[observed.path].facts.values[observed.value]
            for path in self._users(observed):
                if path in fits and (path != observed.path or type(asked) is not Call):  # values of one file can be followed
                    for act in acts:
                        yield from self._loop(act, observed, "training", fits[path], 0.75)

    def _users(self, observed: WorldSite) -> list[str]:
        """The file of an observation, when it stands outside functions, and the files that call its function."""
        module = self._project.modules[observed.path]
        function = enclosing(module, observed.scope)
        if function <= 0:
            return [observed.path]
        found, queue = {observed.path}, [(Defined(observed.path, function), 0)]
        while queue:
            target, depth = queue.pop()
            for caller, site, _ in self._project.events.callers.get(target, ()):
                found.add(caller.path)
                outer = enclosing(caller, site.scope)
                if outer > 0 and depth < 2:
                    queue.append((Defined(caller.path, outer), depth + 1))
        return sorted(found)

    # the other end ---------------------------------------------------------------------------------------------------

    def _matching(self, observed: WorldSite) -> Iterator[WorldSite]:
        """Acts on what is observed: the same entity, a wider one, or a field of it that the observing code names."""
        for act in self.acts:
            if act.entity == observed.entity or observed.entity.startswith(act.entity + "."):
                yield act
            elif act.entity.startswith(observed.entity + "."):
                if self._names(observed, act.entity.rpartition(".")[2]):
                    yield act

    def _names(self, observed: WorldSite, field: str) -> bool:
        """Whether the function or script around an observation reads the field."""
        module = self._project.modules[observed.path]
        scope = module.facts.scopes[max(enclosing(module, observed.scope), 0)]
        inner = [s for s in module.facts.scopes if scope.span.line <= s.span.line and s.span.end_line <= scope.span.end_line]
        return any(field in s.names or field in s.strings for s in inner)

    def _loop(self, act: WorldSite, observed: WorldSite, how: str, at: Prediction | Fit, sure: float) -> Iterator[Loop]:
        if self._project.modules[act.path].is_test or observed.narrowed:
            return
        fed, certain = self._fed(act, at)
        if certain:
            confidence = round(sure * certain, 3)
            yield Loop(act, observed, how, at.span, at.path, at.scope, fed, self._held_out(act), confidence)

    def _fed(self, act: WorldSite, at: Prediction | Fit) -> tuple[Prediction | None, float]:
        """The prediction that an act follows, and how sure that is; 0 when nothing around it predicts."""
        module = self._project.modules[act.path]
        for calls in self._project.flow.contexts(act.path, act.scope, depth=3, limit=8):
            reached = self._project.flow.back([Node(act.path, value, calls) for value in act.given])
            for number in reached.numbers:
                if number not in self._asking:
                    self._asking[number] = self._asked_at(self._project.flow.nodes[number])
                if (found := self._asking[number]) is not None:
                    return found
        if isinstance(at, Prediction) and at.path == act.path:
            return at, 0.9
        if self._predicting_caller(module, act.scope):
            return None, 0.9
        if isinstance(at, Prediction) and self._uses(act.path, at):
            return at, 0.88
        return None, 0.0

    def _asked_at(self, node: Node) -> tuple[Prediction | None, float] | None:
        """The prediction at a node, or that its name speaks of one, with how sure that is."""
        prediction = self._project.models.at(node)
        if prediction is not None and not prediction.embeds:
            return prediction, 1.0
        return (None, 0.95) if self._asks(self._project.modules[node.path], node.index) else None

    def _asks(self, module: Module, index: int) -> bool:
        """Whether a call is named after predicting."""
        value = module.facts.values[index]
        func = module.facts.values[value.func] if type(value) is Call else None
        name = func.name.rpartition(".")[2] if type(func) in (Attr, Name) else ""
        return _PREDICTS.match(name) is not None

    def _predicting_caller(self, module: Module, scope: int) -> bool:
        """Whether the function, one of its callers or another method of its class asks a model."""
        seen: set[tuple[str, int]] = set()
        queue = [(module, max(enclosing(module, scope), 0), 0)]
        while queue:
            here, function, depth = queue.pop()
            if (here.path, function) in seen or here.is_test:
                continue
            seen.add((here.path, function))
            family = {function}
            owner = here.facts.scopes[function].parent if function else -1
            if owner > 0 and here.facts.scopes[owner].kind == "class" and depth == 0:
                family |= {n for n, s in enumerate(here.facts.scopes) if s.parent == owner}
            if any(site.scope in family and self._asks(here, site.value) for site in here.facts.sites):
                return True
            if function and depth < _CHAIN:
                found = self._project.events.callers.get(Defined(here.path, function), ())
                queue += [(caller, max(enclosing(caller, site.scope), 0), depth + 1) for caller, site, _ in found]
        return False

    def _uses(self, path: str, prediction: Prediction) -> bool:
        """Whether the acting file imports, however far, the file of the predicting class or of a class that it is made from."""
        module = self._project.modules[prediction.path]
        wanted = {prediction.path}
        scope = prediction.scope
        while scope > 0:
            if module.facts.scopes[scope].kind == "class":
                for base in module.facts.scopes[scope].bases:
                    target = self._project.resolver.target(module, base)
                    wanted |= {target.path} if type(target) is Defined else set()
            scope = module.facts.scopes[scope].parent
        return bool(self._project.artifacts.process_files((path,)) & wanted)

    def follows_a_prediction(self, act: WorldSite) -> bool:
        """Whether a prediction reaches the act, or a caller of it asks a model."""
        for calls in self._project.flow.contexts(act.path, act.scope, depth=3, limit=8):
            reached = self._project.flow.back([Node(act.path, value, calls) for value in act.given])
            if any(self._project.models.at(n) or self._asks(self._project.modules[n.path], n.index) for n in reached):
                return True
        return self._predicting_caller(self._project.modules[act.path], act.scope)

    # isolation -------------------------------------------------------------------------------------------------------

    def _held_out(self, act: WorldSite) -> bool:
        """Whether chance or a hold-out decides on some acts: words or draws in the function of the act and its callers."""
        module = self._project.modules[act.path]
        drawn = {(e.module.path, e.site.scope) for e in self._project.calls("random")}
        queue, seen = [(module, max(enclosing(module, act.scope), 0))], set[tuple[str, int]]()
        while queue and len(seen) < 12:
            here, function = queue.pop()
            if (here.path, function) in seen:
                continue
            seen.add((here.path, function))
            scope = here.facts.scopes[function]
            words = (*scope.names, *scope.strings, *scope.bindings, *(p.name for p in scope.parameters))
            if any(_CHANCE.search(word) for word in words) or (here.path, function) in drawn:
                return True
            found = self._project.events.callers.get(Defined(here.path, function), ()) if function else ()
            queue += [(caller, max(enclosing(caller, site.scope), 0)) for caller, site, _ in found]
        return False


def _sureness(way: tuple[Step, ...]) -> float:
    """Less where the way leads through containers that code of other files fills."""
    sure, before = 1.0, way[0].node.path if way else ""
    for step in way:
        if step.how in ("column", "field") and step.node.path != before:
            sure *= 0.7
        before = step.node.path
    return sure


def _rank(loop: Loop) -> tuple[object, ...]:
    """Acts near the place that reads back come first, then the surest, then the order of the text."""
    act, observed = loop.act, loop.observed
    near = 0 if act.path == observed.path else 1 if act.path.split("/")[0] == observed.path.split("/")[0] else 2
    return near, -loop.confidence, act.path, act.span, observed.path, observed.span
