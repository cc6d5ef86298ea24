"""From features back to code: what the features of several models have in common (`cace_reach`, DEFINITIONS 6.1)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property

import msgspec

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Op, Seq, Span, Template, Write
from mldebt.project.artifacts.identity import label
from mldebt.project.artifacts.model import Place
from mldebt.project.columns_file import FileColumns, children
from mldebt.project.conditions import Conditions
from mldebt.project.flow.model import Calls, Node, Site, Step
from mldebt.project.flow.slices import enclosing
from mldebt.project.models.model import Fit
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.roles import is_demonstration

LEAST = 3  # different models
_DEPTH = 4  # sums and calls around a list of columns
_FEATURE = re.compile(r"(^|_)(feats?|features?|featuri[sz]\w*|predictors?|covariates?)(_|$)", re.IGNORECASE)
_OTHER = re.compile(r"(^|_)(splits?|splitter|folds?|save|write|dump|plot|log|logger)(_|$)", re.IGNORECASE)
_VERSIONED = re.compile(r"_?v\d+$", re.IGNORECASE)
Key = tuple[str, str, int]  # what it is: function or list; the file; its scope, or the value of the list
Schema = tuple[str, str, frozenset[Key]]  # a kind of model, its label, and what makes its features


class Trained(msgspec.Struct, frozen=True, order=True):
    """One of the models: what it is called and where it is trained or put together."""

    name: str
    place: Place


class Shared(msgspec.Struct, frozen=True):
    """A piece of code that makes or chooses features of several models."""

    kind: str  # function, list, class
    name: str
    place: Place
    models: tuple[Trained, ...]
    confidence: float


def shared(project: Project) -> Iterator[Shared]:
    """Functions that make columns and constant lists that choose them, where they reach models of at least three files."""
    fits = [f for f in project.models.fits if f.is_model and f.features and _counts(project, f)]
    if len({_entry(f) for f in fits}) < LEAST:
        return
    finder = _Finder(project)
    reached: dict[Key, list[Fit]] = defaultdict(list)
    for fit in fits:
        for key in finder.keys(fit):
            reached[key].append(fit)
    for key, found in sorted(reached.items()):
        if len({_entry(f) for f in found}) >= LEAST and finder.is_feature(key, found):
            models = finder.models(found)
            if len(models) >= LEAST:
                yield finder.shared(key, models, sure=len(finder.models([f for f in found if finder.is_clear(key, f)])) >= LEAST)


def _entry(fit: Fit) -> str:
    """The file from which the training starts."""
    return fit.calls[0][0] if fit.calls else fit.path


def _counts(project: Project, fit: Fit) -> bool:
    """Whether a model of this project is trained: no example, and no method that users of a library call with data of their own."""
    module = project.modules[_entry(fit)]
    if is_demonstration(module) or is_demonstration(project.modules[fit.path]):
        return False
    scope = fit.scope if not fit.calls else _scope(project, fit.calls[0])
    return enclosing(module, scope) == 0 or project.world.openness(module) != "library" or project.world.exposure(module) != "library"


def _order(fit: Fit) -> tuple[object, ...]:
    return (_entry(fit), fit.path, fit.span, fit.calls)


def _is_again(one: Schema, other: Schema) -> bool:
    """Whether both are one kind of model with one label, on features that are mostly made by the same code."""
    same_label = one[1] == other[1] or not one[1] or not other[1]
    return one[0] == other[0] and same_label and 2 * len(one[2] & other[2]) >= len(one[2] | other[2])


def _scope(project: Project, site: Site) -> int:
    found = project.flow.steps.files.site(project.modules[site[0]], site[1])
    return found.scope if found is not None else 0


class _Finder:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._functions: dict[Site, Defined | None] = {}
        self._lists: dict[Site, tuple[Key, ...]] = {}
        self._keys: dict[Node, frozenset[Key]] = {}
        self._clear: dict[Node, frozenset[Key]] = {}

    def keys(self, fit: Fit) -> frozenset[Key]:
        """The functions that the values of the features went through, and the lists that chose among them."""
        if fit.node not in self._keys:
            self._keys[fit.node] = frozenset(self._keys_of(fit, self._project.models.sources(fit.nodes(fit.features))[0]))
        return self._keys[fit.node]

    def _keys_of(self, fit: Fit, nodes: Iterable[Node]) -> set[Key]:
        calls: set[Calls] = set()
        found: set[Key] = set()
        for node in nodes:
            calls.add(node.calls)
            found.update(self._lists_of(node))
        for site in {site for chain in calls for site in chain} - set(fit.calls):
            function = self._function(site)
            if function is not None:
                found.add(("function", function.path, function.scope))
        return found

    def is_clear(self, key: Key, fit: Fit) -> bool:
        """Whether a way leads from the features to the code through no file that several files of the project write.

        Of a model that learns from predictions it is not known which of its features they are.
        """
        if self._project.models.sources(fit.nodes(fit.features))[1]:
            return False
        if fit.node not in self._clear:
            project = self._project
            starts = fit.nodes(fit.features)
            found = project.flow.back(starts, until=lambda n: project.models.at(n) is not None, passes=self._is_clear)
            self._clear[fit.node] = frozenset(self._keys_of(fit, found))
        return key in self._clear[fit.node]

    def _is_clear(self, step: Step) -> bool:
        return step.how != "file" or step.note not in self._unclear

    @cached_property
    def _unclear(self) -> frozenset[str]:
        """Names of artifacts that some reader may have from several files of the project."""
        found: dict[tuple[str, Place], set[str]] = defaultdict(set)
        for edge in self._project.artifacts.edges:
            if edge.reader.identity is not None:
                found[label(edge.reader.identity), edge.reader.place].add(edge.writer.place.path)
        return frozenset(name for (name, _), writers in found.items() if len(writers) > 1)

    def _function(self, site: Site) -> Defined | None:
        if site not in self._functions:
            module = self._project.modules[site[0]]
            call = module.facts.values[site[1]]
            target = self._project.resolver.callee(module, call) if type(call) is Call else None
            known = type(target) is Defined and self._project.resolver.scope(target)[1].kind == "function"
            self._functions[site] = target if known and type(target) is Defined else None
        return self._functions[site]

    def _lists_of(self, node: Node) -> tuple[Key, ...]:
        """The constant lists that a selection of columns names."""
        module = self._project.modules[node.path]
        value = module.facts.values[node.index]
        if type(value) is not Item or type(module.facts.values[value.key]) is Const:
            return ()
        site = (node.path, value.key)
        if site not in self._lists:
            self._lists[site] = tuple(self._constants(module, value.key, 0))
        return self._lists[site]

    def _constants(self, module: Module, index: int, depth: int) -> Iterator[Key]:
        value = module.facts.values[index]
        if type(value) is Op and value.op == "+" and depth < _DEPTH:
            for operand in value.operands:
                yield from self._constants(module, operand, depth + 1)
        elif type(value) is Name:
            yield from (("list", o.path, i) for o, i, _ in self._project.members.of_name(module, value.name) if _is_names(o, i))
        elif type(value) is Attr:
            members = self._project.members.of_attribute(module, value.base, value.name)
            yield from (("list", o.path, i) for o, i, constant in members if constant and _is_names(o, i))
        elif type(value) is Bound and value.scope == 0:
            bindings = module.facts.scopes[0].bindings.get(value.name, ())
            yield from (("list", module.path, b.value) for b in bindings if _is_names(module, b.value))

    # what counts -----------------------------------------------------------------------------------------------------

    def is_feature(self, key: Key, fits: list[Fit]) -> bool:
        """Whether it makes columns or puts them side by side, or is named after features and kept for others to import."""
        kind, path, scope = key
        module = self._project.modules[path]
        if is_demonstration(module):
            return False
        if kind == "list":
            return True
        function = module.facts.scopes[scope]
        entries = {_entry(f) for f in fits}
        if _OTHER.search(function.name) or _OTHER.search(_stem(path)) or any(self._is_around(module, scope, f) for f in fits):
            return False
        if path in entries and not entries & self._importers(path):
            return False  # a script that trains as well: the others read a file that it writes
        if self._makes(path, scope):
            return True
        kept = path not in entries and bool(function.strings) and bool(self._importers(path))
        return bool(function.returns) and bool(_FEATURE.search(function.name) or (kept and _FEATURE.search(_stem(path))))

    def _makes(self, path: str, scope: int) -> bool:
        """Whether a function computes columns of a frame or puts columns side by side."""
        module, file = self._project.modules[path], self._project.columns.files[path]
        inner = _inside(module, scope)
        if any(w.scope in inner and _derives(file, w) for w in module.facts.writes):
            return True
        if any(d.scope in inner for d in file.definitions):
            return True
        return any(place == path and inside in inner for place, inside in self._stacking)

    def _is_around(self, module: Module, scope: int, fit: Fit) -> bool:
        """Whether it is a method of the class that trains, or the function in which the model is trained."""
        if fit.path != module.path:
            return False
        owner = module.facts.scopes[scope].parent
        own = fit.scope
        while own > 0:
            if own == scope or (own == owner and module.facts.scopes[owner].kind == "class"):
                return True
            own = module.facts.scopes[own].parent
        return False

    @cached_property
    def _stacking(self) -> frozenset[tuple[str, int]]:
        """The functions that put columns side by side, by file and scope."""
        conditions = Conditions(self._project)
        events = (e for e in self._project.calls("stack") if conditions.holds(e))
        return frozenset((e.module.path, e.site.scope) for e in events)

    def _importers(self, path: str) -> set[str]:
        return {other for other, found in self._project.imported_by_file.items() if path in found and other != path}

    def models(self, fits: list[Fit]) -> tuple[Trained, ...]:
        """Different models: one for each file that trains and each maker, those left out that only train again what others train."""
        groups: list[tuple[set[object], list[Fit]]] = []
        for fit in fits:
            makers: set[object] = {(m.path, m.index) for m in self._project.models.learner(fit)}
            makers |= {(fit.path, fit.value), _entry(fit)}
            same = [g for g in groups if g[0] & makers]
            groups = [g for g in groups if g not in same]
            groups.append((makers.union(*(g[0] for g in same)), [f for g in same for f in g[1]] + [fit]))
        kinds = {min(group, key=_order).node: (min(group, key=_order), {self._schema(f) for f in group}) for _, group in groups}
        for node, (_, own) in sorted(kinds.items(), key=lambda item: (-len(item[1][1]), item[0])):
            others = [schema for other, (_, schemas) in kinds.items() if other != node for schema in schemas]
            if all(any(_is_again(schema, other) for other in others) for schema in own):
                del kinds[node]
        return tuple(sorted(Trained(_entry(fit).rpartition("/")[2], self._place(fit)) for fit, _ in kinds.values()))

    def _schema(self, fit: Fit) -> Schema:
        """What is trained to give what, and the shared code that its features go through."""
        keys = frozenset(key for key in self.keys(fit) if key[1] != _entry(fit))
        made = fit.model != fit.value  # else a function of a package trains
        name = self._project.models.name(self._project.models.learner(fit), fit.api) if made else fit.api.partition(".")[0]
        return name, self._label(fit), keys

    def _label(self, fit: Fit) -> str:
        """The column that is the label, where the call names one."""
        values = self._project.modules[fit.path].facts.values
        for index in fit.labels:
            value = values[index]
            if type(value) is Item and type(key := values[value.key]) is Const:
                return str(key.value)
        return ""

    def _place(self, fit: Fit) -> Place:
        if not fit.calls:
            return Place(fit.path, fit.span)
        path, index = fit.calls[0]
        return Place(path, self._project.flow.span(path, index) or Span(1, 1, 1, 1))

    def shared(self, key: Key, models: tuple[Trained, ...], *, sure: bool) -> Shared:
        kind, path, index = key
        module = self._project.modules[path]
        if kind == "function":
            name, span = module.facts.scopes[index].qualname, module.facts.scopes[index].span
        else:
            name, span = _binding(module, index)
        confidence = 0.8 if kind == "list" or self._makes(path, index) else 0.65
        confidence -= (0.15 if _VERSIONED.search(name) else 0.0) + (0.0 if sure else 0.35)
        return Shared(kind, name, Place(path, span), models, round(confidence, 2))


def _is_names(module: Module, index: int) -> bool:
    """Whether it is a display of at least two constant strings."""
    value = module.facts.values[index]
    if type(value) is not Seq or value.kind not in ("list", "tuple", "set") or len(value.items) < 2:
        return False
    return all(type(c := module.facts.values[i]) is Const and isinstance(c.value, str) for i in value.items)


def _derives(file: FileColumns, write: Write) -> bool:
    """Whether a column is computed of columns of the same frame: `frame["rate"] = frame["sold"] / frame["shown"]`."""
    key = file.values[write.key] if write.key >= 0 else None
    if type(key) is not Template and not (type(key) is Const and isinstance(key.value, str)):
        return False
    frame = file.values[file.root(write.base)]
    stack = [(write.value, 0)]
    while stack:
        index, depth = stack.pop()
        value = file.values[index]
        if type(value) in (Item, Attr) and file.values[file.root(value.base)] == frame:
            return True
        if depth < _DEPTH:
            stack += [(child, depth + 1) for child in children(value)]
    return False


def _binding(module: Module, index: int) -> tuple[str, Span]:
    """What a constant is called, and where."""
    for scope in module.facts.scopes:
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                if binding.value == index:
                    return (f"{scope.qualname}.{name}" if scope.kind == "class" else name), binding.span
    return "list", Span(1, 1, 1, 1)


def _inside(module: Module, scope: int) -> set[int]:
    """A scope with those in it; the table has outer scopes first."""
    found = {scope}
    for index, inner in enumerate(module.facts.scopes):
        if inner.parent in found:
            found.add(index)
    return found


def _stem(path: str) -> str:
    return path.rpartition("/")[2].rpartition(".")[0]
