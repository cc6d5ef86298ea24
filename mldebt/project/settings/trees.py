"""Where the tree that a configuration file holds goes: which keys are read, what is passed on whole, what is laid over it.

Walks forwards from each call that loads a file, through names, fields, containers, parameters and results of the project's functions.
What cannot be followed counts as read whole; the walk ends for all after a fixed number of steps.
"""

from __future__ import annotations

from collections import deque
from functools import cached_property

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Map, Name, Op, Param, Phi, Site, Star, Store, Template
from mldebt.project.artifacts.fold import Frame
from mldebt.project.callers import callers
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined, External, Instance
from mldebt.project.settings.links import Fields, Links, variables
from mldebt.project.settings.model import Keys, Loaded, Read, Root

_STEPS = 60_000
_DEEP = 8  # keys of a path
_STACK = 4
_FRAMES = 3
_CALLERS = 24
_OPTIONAL = frozenset({"get", "getattr", "pop", "setdefault"})
_GETTERS = _OPTIONAL | {"getint", "getfloat", "getboolean", "select"}
_SAME = frozenset({"copy", "deepcopy", "to_dict", "as_dict", "todict", "dict", "toDict", "__getitem__"})
_LAYING = frozenset({
    "update", "merge", "merge_from_file", "merge_from_list", "merge_from_dict", "merge_with", "merge_update", "__setitem__",
})  # fmt: skip
_READING = frozenset({"read", "read_file", "read_string", "read_dict"})
_LOOKING = frozenset({
    "print", "len", "isinstance", "type", "repr", "str", "bool", "hasattr", "pprint", "pformat", "debug", "info", "warning", "warn",
    "error", "exception", "log", "critical", "id", "callable", "set_struct", "set_readonly",
})  # fmt: skip
_RENDERING = frozenset({"dumps", "dump", "to_yaml", "pformat", "safe_dump", "format"})
Stack = tuple[tuple[Defined, str, int], ...]  # the calls through which it came: function, file and value of the call
Step = tuple[str, int, Loaded, Keys, Stack, bool]


class Trees:
    """One walk over all that a project loads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._fields = Fields(project)
        self._links: dict[str, Links] = {}
        self._queue: deque[Step] = deque()
        self._seen: set[Step] = set()
        systems = [s for s in project.catalogue.flags if s.style == "config"]
        self._loaders = frozenset(name for s in systems for name in s.parse)
        self._containers = frozenset(name for s in systems for name in s.containers)
        self._entries = frozenset(name for s in systems for name in s.decorators)
        self.found: dict[Root, Loaded] = {}
        self.optional: set[str] = set()  # keys that some code asks for before it reads them, or reads with a default
        self._start()
        while self._queue:
            self._step(*self._queue.popleft())
        self.complete = len(self._seen) <= _STEPS

    def _start(self) -> None:
        for name in sorted(self._loaders):
            for module, site, _ in self._project.events.named.get(name, ()):
                if not module.is_test:
                    self._push(module, site.value, self._loaded(Root(module.path, site.value)), (), (), True)
        if self._entries:
            for module, scope in self._project.scopes("function"):
                for decorator in scope.decorators:
                    call = module.facts.values[decorator]
                    target = self._project.resolver.callee(module, call) if type(call) is Call else None
                    if target is not None and callee_name(target) in self._entries and scope.parameters:
                        function = Defined(module.path, module.facts.scopes.index(scope))
                        for index in self.links(module).parameters.get((function.scope, scope.parameters[0].name), ()):
                            self._push(module, index, self._loaded(Root(module.path, decorator, (), "entry")), (), (), True)

    def links(self, module: Module) -> Links:
        if module.path not in self._links:
            self._links[module.path] = Links(module)
        return self._links[module.path]

    def _push(self, module: Module, index: int, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        step = (module.path, index, loaded, keys, stack, sure)
        if step not in self._seen and not module.is_test and len(self._seen) <= _STEPS:
            self._seen.add(step)
            self._queue.append(step)

    def _loaded(self, root: Root) -> Loaded:
        if root not in self.found:
            self.found[root] = Loaded(root)
        return self.found[root]

    def _step(self, path: str, index: int, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        module = self._project.modules[path]
        links = self.links(module)
        loaded.modules[path] = None
        for key, name in links.written.get(index, ()):
            loaded.written[(*keys, name or self._key(module, key) or "*")] = None
        for user in links.users.get(index, ()):
            self._use(module, index, user, loaded, keys, stack, sure)
        for scope, name in links.bound.get(index, ()):
            self._bound(module, scope, name, loaded, keys, stack, sure)
        for base, name in links.fields.get(index, ()):
            self._field(module, base, name, loaded, keys, sure)
        for scope in links.returned.get(index, ()):
            self._returned(module, scope, loaded, keys, stack, sure)

    # one use ---------------------------------------------------------------------------------------------------------

    def _use(self, module: Module, index: int, user: int, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        value = module.facts.values[user]
        if type(value) is Attr:
            self._attribute(module, user, value.name, loaded, keys, stack, sure)
        elif type(value) is Item and value.base == index:
            key = self._key(module, value.key)
            if key is None:
                loaded.whole[keys] = None
            else:
                self._read(module, user, loaded, (*keys, key), stack, sure, default=False)
        elif type(value) is Call:
            self._passed(module, index, user, value, loaded, keys, stack, sure)
        elif type(value) is Phi or (type(value) is Op and value.op in ("or", "and", "?:")):
            self._push(module, user, loaded, keys, stack, sure)
        elif type(value) is Store and value.base == index:
            if value.how in _LAYING or value.how == "|=":
                loaded.open = True
            elif value.how in _READING and not keys:
                self._reads_more(module, user, loaded)
            self._push(module, user, loaded, keys, stack, sure)
        elif (type(value) is Map and (-1, index) in zip(value.keys, value.values, strict=True)) or (type(value) is Op and value.op == "|"):
            loaded.open = True
            self._push(module, user, loaded, keys, stack, sure)
        elif type(value) is Op and value.op in ("in", "not in") and value.operands[-1] == index:
            key = self._key(module, value.operands[0])
            if key is not None:
                self.optional.add(key)
        elif type(value) in (Op, Template):
            pass  # a leaf that is compared, added or shown
        else:
            loaded.whole[keys] = None

    def _attribute(self, module: Module, user: int, name: str, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        """`value.name`: a key, or a method of the container."""
        calls = [u for u in self.links(module).users.get(user, ()) if type(c := module.facts.values[u]) is Call and c.func == user]
        if not calls:
            self._read(module, user, loaded, (*keys, name), stack, sure, default=False)
        for made in calls:
            self._method(module, made, name, loaded, keys, stack, sure)

    def _method(self, module: Module, made: int, name: str, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        call = module.facts.values[made]
        assert type(call) is Call
        if name in _GETTERS and call.args:
            names = [self._key(module, a) for a in call.args]
            sectioned = self._is_parser(loaded.root) and not keys  # parser.get(section, option)
            taken = names[:2] if sectioned else names[:1]
            if None in taken:
                loaded.whole[keys] = None
                return
            more = tuple(k for k in taken if k is not None)
            default = bool(call.keywords) if sectioned else name in _OPTIONAL
            self._read(module, made, loaded, (*keys, *more), stack, sure, default=default)
        elif name in _SAME:
            self._push(module, made, loaded, keys, stack, sure)
        elif name in _LAYING:
            loaded.open = True
        elif name in _READING and not keys:
            self._reads_more(module, made, loaded)
        elif not self._is_silent_method(name):
            self._leave(loaded, keys)

    def _is_silent_method(self, name: str) -> bool:
        return name in ("sections", "has_section", "has_option", "append", "clear", "freeze", "defrost", "pretty_text")

    def _reads_more(self, module: Module, made: int, loaded: Loaded) -> None:
        """`parser.read(path)`: the call that names the file of an object that was made empty."""
        site = self.links(module).sites.get(made)
        if site is not None and loaded.reader < 0:
            loaded.reader = made

    def _is_parser(self, root: Root) -> bool:
        call = self._project.modules[root.path].facts.values[root.value]
        target = self._project.resolver.callee(self._project.modules[root.path], call) if type(call) is Call else None
        return type(target) is External and target.name in self._parsers

    @cached_property
    def _parsers(self) -> frozenset[str]:
        """Classes whose objects are made empty and read files afterwards."""
        return frozenset(name for s in self._project.catalogue.flags if s.style == "config" for name in s.classes if name in s.parse)

    def _read(self, module: Module, index: int, loaded: Loaded, keys: Keys, stack: Stack, sure: bool, *, default: bool) -> None:
        links = self.links(module)
        if default:
            self.optional.add(keys[-1])
        place = links.read_at.get(index)
        if place is None and (site := links.sites.get(index)) is not None:
            place = site.span, site.scope, site.block
        if place is not None:  # else it is only assigned
            loaded.reads.append(Read(keys, module, *place, default, sure and not self._is_chosen(module, place[2])))
        if len(keys) < _DEEP:
            self._push(module, index, loaded, keys, stack, sure)
        else:
            loaded.whole[keys] = None

    def _is_chosen(self, module: Module, block: int) -> bool:
        """Whether it only runs under a condition, or where its failing is expected; the file being run counts as none."""
        blocks, guards = module.facts.blocks, module.facts.guards
        while block >= 0:
            here = blocks[block]
            if here.kind in ("try", "except", "with case", "case"):
                return True
            if here.guard >= 0 and guards[here.guard].kind != "assert":
                test = module.facts.values[guards[here.guard].test]
                if not (type(test) is Op and any(module.facts.values[o] == Name("builtins.__name__") for o in test.operands)):
                    return True
            block = here.parent
        return False

    def _key(self, module: Module, index: int) -> str | None:
        if index < 0:
            return None
        value = module.facts.values[index]
        if type(value) is Const:
            return str(value.value) if isinstance(value.value, (str, int)) and not isinstance(value.value, bool) else None
        return self._project.evaluator.string(module, index)

    # calls -----------------------------------------------------------------------------------------------------------

    def _passed(self, module: Module, index: int, user: int, call: Call, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        if call.func == index:
            loaded.whole[keys] = None
            return
        target = self._project.resolver.callee(module, call)
        if type(target) is Defined:
            self._into(module, index, user, call, target, loaded, keys, stack, sure)
            return
        name = callee_name(target) if target is not None else ""
        func = module.facts.values[call.func]
        last = name.rpartition(".")[2] or (func.name.rpartition(".")[2] if type(func) in (Attr, Name, Bound) else "")  # type: ignore[union-attr]
        if name == "builtins.getattr" and call.args[:1] == (index,) and len(call.args) > 1:
            key = self._key(module, call.args[1])
            if key is None:
                loaded.whole[keys] = None
            else:
                self._read(module, user, loaded, (*keys, key), stack, sure, default=len(call.args) > 2)
        elif name == "builtins.hasattr" and len(call.args) == 2 and (key := self._key(module, call.args[1])) is not None:
            self.optional.add(key)
        elif last == "select" and name in self._readers and len(call.args) > 1 and (key := self._key(module, call.args[1])) is not None:
            self._read(module, user, loaded, (*keys, *key.split(".")), stack, sure, default=len(call.args) > 2)
        elif name in self._containers or name in ("builtins.dict", "builtins.vars", "copy.copy", "copy.deepcopy") or name in self._loaders:
            if len(call.args) + len(call.keywords) > 1:
                loaded.open = True  # merged with others
            self._push(module, user, loaded, keys, stack, sure)
        elif last in _RENDERING and self._is_only_shown(module, user):
            pass
        elif last not in _LOOKING and not any("track" in entry.roles for entry in self._project.resolver.entries(name)):
            self._leave(loaded, keys)

    def _leave(self, loaded: Loaded, keys: Keys) -> None:
        """It goes whole to code out of sight, or all its keys are taken in turn."""
        loaded.whole[keys] = None

    def _is_only_shown(self, module: Module, rendered: int) -> bool:
        """Whether a text made of it goes to people alone."""
        values = module.facts.values
        users = self.links(module).users.get(rendered, ())
        for user in users:
            value = values[user]
            func = values[value.func] if type(value) is Call else None
            if type(value) is not Template and not (type(func) in (Attr, Name) and func.name.rpartition(".")[2] in _LOOKING):  # type: ignore[union-attr]
                return False
        return bool(users)

    @cached_property
    def _readers(self) -> frozenset[str]:
        return frozenset(r.name for s in self._project.catalogue.flags if s.style == "config" for r in s.readers)

    def _into(
        self, module: Module, index: int, user: int, call: Call, target: Defined, loaded: Loaded, keys: Keys, stack: Stack, sure: bool
    ) -> None:
        """As an argument of a function or class of the project: on as its parameter."""
        owner, scope = self._project.resolver.scope(target)
        inner = target
        if scope.kind == "class":
            made = self._project.resolver.member(target, "__init__")
            if type(made) is not Defined:
                loaded.whole[keys] = None
                return
            inner = made
            owner, scope = self._project.resolver.scope(inner)
        if scope.kind not in ("function", "lambda") or len(stack) >= _STACK:
            loaded.whole[keys] = None
            return
        entered = (*stack, (inner, module.path, user))
        site = self.links(module).sites.get(user)
        sure = sure and site is not None and not self._is_chosen(module, site.block)
        values = module.facts.values
        bound = scope.parent >= 0 and owner.facts.scopes[scope.parent].kind == "class" and not self._is_static(owner, scope.decorators)
        positional = [p.name for p in scope.parameters if p.kind in ("pos", "posonly")][1 if bound else 0 :]
        named = {p.name for p in scope.parameters[1 if bound else 0 :] if p.kind in ("pos", "kw")}
        names: list[str] = []
        for place, argument in enumerate(call.args):
            if argument == index and place < len(positional) and not any(type(values[a]) is Star for a in call.args[:place]):
                names.append(positional[place])
            elif argument == index:
                loaded.whole[keys] = None
        for name, argument in call.keywords:
            if argument == index and name in named:
                names.append(name)
            elif argument == index and name == "**":
                for each in sorted(named):
                    for parameter in self.links(owner).parameters.get((inner.scope, each), ()):
                        self._push(owner, parameter, loaded, (*keys, each), entered, sure)
                if any(p.kind == "**" for p in scope.parameters):
                    loaded.whole[keys] = None
            elif argument == index:
                loaded.whole[keys] = None
        for name in names:
            for parameter in self.links(owner).parameters.get((inner.scope, name), ()):
                self._push(owner, parameter, loaded, keys, entered, sure)

    def _is_static(self, module: Module, decorators: tuple[int, ...]) -> bool:
        return any(type(v := module.facts.values[d]) is Name and v.name.endswith("staticmethod") for d in decorators)

    # names, fields, results ------------------------------------------------------------------------------------------

    def _bound(self, module: Module, scope: int, name: str, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        bindings = module.facts.scopes[scope].bindings.get(name, ())
        sure = sure and len({b.value for b in bindings if b.how != "del"}) == 1  # else another value may be read
        for index in self.links(module).outer.get((scope, name), ()):
            self._push(module, index, loaded, keys, stack, sure)
        kind = module.facts.scopes[scope].kind
        if kind == "class":
            self._of_object(Defined(module.path, scope), name, loaded, keys, sure)
        elif kind == "module":
            for path in sorted(self._fields.importers.get(module.path, ())):
                importer = self._project.modules[path]
                for index, dotted in variables(importer, name):
                    split = self._project.index.split(path, dotted)
                    if split is not None and split[0] == module.path and split[1][:1] == (name,):
                        self._imported(importer, index, split[1][1:], loaded, keys, sure)

    def _imported(self, module: Module, index: int, rest: Keys, loaded: Loaded, keys: Keys, sure: bool) -> None:
        """`config.params.rate` of an imported module is one dotted name: what follows the variable are keys, or a method."""
        calls = [u for u in self.links(module).users.get(index, ()) if type(c := module.facts.values[u]) is Call and c.func == index]
        if not rest:
            self._push(module, index, loaded, keys, (), sure)
        elif calls:
            for made in calls:
                self._method(module, made, rest[-1], loaded, (*keys, *rest[:-1]), (), sure)
        else:
            self._read(module, index, loaded, (*keys, *rest), (), sure, default=False)

    def _field(self, module: Module, base: int, name: str, loaded: Loaded, keys: Keys, sure: bool) -> None:
        """`base.name = value`: on where that field of the class is read."""
        value = module.facts.values[base]
        owner = module.facts.scopes[value.scope].parent if type(value) is Param else -1
        if owner >= 0 and module.facts.scopes[owner].kind == "class":
            self._of_object(Defined(module.path, owner), name, loaded, keys, sure)
            return
        target = self._project.resolver.target(module, base)
        of = target.of if type(target) is Instance else target
        if type(of) is Defined:
            self._of_object(of, name, loaded, keys, sure)
        else:
            loaded.whole[keys] = None

    def _of_object(self, owner: Defined, name: str, loaded: Loaded, keys: Keys, sure: bool) -> None:
        sure = sure and len(set(self._project.resolver.fields(owner).get(name, ()))) <= 1
        for module, index, known in self._fields.readers(owner, name):
            self._push(module, index, loaded, keys, (), sure and known)

    def _returned(self, module: Module, scope: int, loaded: Loaded, keys: Keys, stack: Stack, sure: bool) -> None:
        function = Defined(module.path, scope)
        if stack and stack[-1][0] == function:
            _, path, user = stack[-1]
            self._push(self._project.modules[path], user, loaded, keys, stack[:-1], sure)
            return
        of = module.facts.scopes[scope]
        if any(type(v := module.facts.values[d]) is Name and v.name.endswith("property") for d in of.decorators):
            if of.parent >= 0:
                self._of_object(Defined(module.path, of.parent), of.name, loaded, keys, sure)
            return
        found = callers(self._project, function)[:_CALLERS] if of.name != "__init__" else []
        if not found:
            loaded.whole[keys] = None
        for caller, site, call in found:
            root, on = loaded.root, loaded
            if not stack and len(root.frames) < _FRAMES and self._is_path_through(root, function):
                on = self._loaded(Root(root.path, root.value, (*root.frames, Frame(function, caller, call)), root.kind))
                on.within = loaded
            self._push(caller, site.value, on, keys, (), sure)

    def _is_path_through(self, root: Root, function: Defined) -> bool:
        """Whether each link of the chain was called by the next: a value that came through a field has lost its way."""
        module = self._project.modules[root.path]
        site: Site | None = self.links(module).sites.get(root.value)
        inside = Defined(root.path, site.scope) if site is not None else None
        if not root.frames:
            return inside == function
        last = root.frames[-1]
        place = next((s for s in last.module.facts.sites if last.module.facts.values[s.value] is last.call), None)
        return place is not None and Defined(last.module.path, place.scope) == function
