"""The committed files that a load can be of, and what they set."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from functools import cached_property

from mldebt.catalogue import Argument
from mldebt.facts.model import Attr, Call, Setting
from mldebt.project.artifacts.fold import Frame, Frames
from mldebt.project.artifacts.model import Hole, Template
from mldebt.project.callers import callers
from mldebt.project.events import Event, argument
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined
from mldebt.project.settings.model import Keys, Loaded
from mldebt.sources.model import Language, Role

_LANGUAGES = frozenset({Language.YAML, Language.TOML, Language.JSON, Language.INI})
_MOST = 400  # leaves; more is data
# Files of other programs, from which the project's code may read one key as well.
_TOOLS = re.compile(
    r"(?:^|/)(?:\.[^/]+(?:/.*)?|pyproject\.toml|setup\.cfg|tox\.ini|package(?:-lock)?\.json|tsconfig.*|(?:docker-)?compose.*|mkdocs.*|Chart\.ya?ml"
    r"|Pipfile.*|environment.*\.ya?ml|conda.*\.ya?ml|manifest\.json|dvc\.(?:yaml|lock)|MLproject|[^/]*\.ipynb)$"
)
_HANDLES = frozenset({"read", "read_text", "read_bytes", "open", "decode", "strip"})
_OUT = 2  # calls outwards from a path that is a parameter
_CALLERS = 8
_FOLDS = 300  # of one project
_SERVED = 40
_FEW = 4  # keys that tell which file is loaded
_MOSTLY = 0.6  # of the keys that are read
_LESS = 0.3  # by which a file may set fewer of them than the best one does


class File:
    """The keys of one committed file."""

    def __init__(self, module: Module, prefix: Keys = ()) -> None:
        self.module, self.prefix = module, prefix
        self._folds = module.source.language is Language.INI  # its options are the same in lower and upper case
        self.leaves: dict[Keys, Setting] = {self._key((*prefix, *s.keys)): s for s in module.facts.settings}
        self.tree: dict[Keys, dict[str, None]] = {}  # the keys of each section
        for keys in self.leaves:
            for depth in range(len(keys)):
                self.tree.setdefault(keys[:depth], {})[keys[depth]] = None

    def lay(self, other: File) -> None:
        """Adds what another layer sets."""
        self.leaves = {**other.leaves, **self.leaves}
        for section, names in other.tree.items():
            self.tree[section] = {**self.tree.get(section, {}), **names}

    def _key(self, keys: Keys) -> Keys:
        return (*keys[:-1], keys[-1].lower()) if self._folds and len(keys) > 1 else keys

    def has(self, keys: Keys) -> bool:
        """Whether the file sets the key or a section of that name; what the section DEFAULT sets is in all of them."""
        return keys in self.leaves or keys in self.tree or (self._folds and len(keys) > 1 and ("DEFAULT", keys[1]) in self.leaves)

    def lacks(self, keys: Keys) -> Keys | None:
        """The shortest part of the path that the file does not set, where the section around it is one of named keys."""
        keys = self._key(keys[:2]) if self._folds else keys
        for depth in range(1, len(keys) + 1):
            part = keys[:depth]
            if not self.has(part):
                around = self.tree.get(part[:-1], {})
                return part if around and not any(k.isdigit() for k in around) else None
        return None


class Files:
    """Looks up the files behind loads."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.folder
        self._files: dict[str, File] = {}
        self._folded_so_far = 0

    @cached_property
    def modules(self) -> list[Module]:
        """The files that may hold configuration: not those of tests, and not data."""
        return [
            m
            for m in self._project.modules.values()
            if m.source.language in _LANGUAGES
            and m.source.role is not Role.TEST
            and not m.facts.unread
            and 0 < len(m.facts.settings) <= _MOST
            and not _TOOLS.search(m.path)
        ]

    def file(self, module: Module) -> File:
        if module.path not in self._files:
            self._files[module.path] = File(module)
        return self._files[module.path]

    def of(self, loaded: Loaded) -> list[File]:
        """The files that a load names, in order of path; empty where none is known."""
        root = loaded.root
        if not any(read.keys[0] in self._tops for read in loaded.reads):
            return []
        module = self._project.modules[root.path]
        index = loaded.reader if loaded.reader >= 0 else root.value
        found: dict[str, File] = {}
        for path in self._paths(module, index, root.frames):
            for one in self._named(path, root.path):
                found[one.path] = self.file(one)
        return [found[path] for path in sorted(found)][:_SERVED]

    def alike(self, loaded: Loaded) -> list[File]:
        """For a load whose path is not known: the files that set most of what is read from it."""
        every = {r.keys for r in loaded.reads}
        sections = {keys[:depth] for keys in every for depth in range(1, len(keys))}
        read = every - sections
        if len(read) < _FEW or loaded.root.kind != "load":
            return []
        shares: dict[str, float] = {}
        needed = max(_FEW, _MOSTLY * len(read))
        counts = Counter(keys[0] for keys in read)
        for module in self.modules:
            if sum(counts[top] for top in self._outermost[module.path] & counts.keys()) < needed:
                continue
            file = self.file(module)
            held = sum(file.has(keys) for keys in read)
            if held >= needed:
                shares[module.path] = held / len(read)
        best = max(shares.values(), default=0.0)
        found = [path for path, share in shares.items() if share >= best - _LESS]
        return [self._files[path] for path in sorted(found)] if len(found) <= _SERVED else []

    def layers(self, loaded: Loaded) -> list[File]:
        """The files of the folder that an entry point is given, each below the names of its own folders; the first is the one named."""
        module = self._project.modules[loaded.root.path]
        call = module.facts.values[loaded.root.value]
        if type(call) is not Call:
            return []
        texts = [self._text(module, call, place) for place in (Argument(0, "config_path"), Argument(1, "config_name"))]
        if texts[0] is None:
            return []
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(module.path), texts[0]))
        ahead = "" if folder == "." else folder + "/"
        found: list[File] = []
        for one in self.modules:
            if one.path.startswith(ahead) and one.source.language is Language.YAML:
                inside = tuple(one.path[len(ahead) :].split("/")[:-1])
                found.append(File(one, inside) if inside else self.file(one))
        first = (texts[1] or "").removesuffix(".yaml")
        return sorted(found, key=lambda f: (f.module.path != f"{ahead}{first}.yaml", f.module.path))

    def _text(self, module: Module, call: Call, place: Argument) -> str | None:
        index = argument(call, place)
        return self._project.evaluator.string(module, index) if index is not None else None

    @cached_property
    def _outermost(self) -> dict[str, frozenset[str]]:
        """The outermost keys of each file that may hold configuration."""
        return {m.path: frozenset(s.keys[0] for s in m.facts.settings) for m in self.modules}

    @cached_property
    def _tops(self) -> frozenset[str]:
        return frozenset().union(*self._outermost.values())

    def _paths(self, module: Module, index: int, frames: Frames) -> list[Template]:
        named = self._path_value(module, index, 0)
        return [] if named is None else self._folded(module, named, frames, 0)

    def _folded(self, module: Module, index: int, frames: Frames, depth: int) -> list[Template]:
        """What a path may be; a parameter that no frame fills is what the callers pass."""
        found: list[Template] = []
        self._folded_so_far += 1
        if self._folded_so_far > _FOLDS:
            return []
        for one in self._folder.fold(module, index, frames):
            wanted = sorted({(path, scope) for path, scope, _ in one.parameters})
            taken = {(f.function.path, f.function.scope) for f in frames}
            more: list[Template] = []
            for path, scope in wanted if depth < _OUT else ():
                if (path, scope) not in taken:
                    function = Defined(path, scope)
                    for caller, _, call in callers(self._project, function)[:_CALLERS]:
                        if not caller.is_test:
                            more += self._folded(module, index, (*frames, Frame(function, caller, call)), depth + 1)
                    nobody = Frame(function, self._project.modules[path], Call(0, (), ()))
                    more += [t for t in self._plain(module, index, (*frames, nobody)) if t not in more]
            found += more or [one.template]
        return list(dict.fromkeys(found))

    def _plain(self, module: Module, index: int, frames: Frames) -> list[Template]:
        return [f.template for f in self._folder.fold(module, index, frames) if not f.parameters]

    def _path_value(self, module: Module, index: int, depth: int) -> int | None:
        """The value that names the file behind a load, a handle or its text."""
        value = module.facts.values[index]
        if type(value) is not Call or depth > 6:
            return index if depth else None
        event = self._events.get((module.path, index))
        if event is not None:
            named = self._argument(module, value, event.entry.args.get("path"))
            if named is not None:
                return self._path_value(module, named, depth + 1)
        func = module.facts.values[value.func]
        if type(func) is Attr and func.name in _HANDLES:
            return self._path_value(module, func.base, depth + 1)
        return self._path_value(module, value.args[0], depth + 1) if value.args else index

    def _argument(self, module: Module, call: Call, place: Argument | None) -> int | None:
        func = module.facts.values[call.func]
        if place is not None and place.name == "self" and place.position is None:
            return func.base if type(func) is Attr else None
        return argument(call, place)

    @cached_property
    def _events(self) -> dict[tuple[str, int], Event]:
        return {(e.module.path, e.site.value): e for e in self._project.calls("read") if "path" in e.entry.args}

    def _named(self, path: Template, loader: str) -> list[Module]:
        """The files whose path ends as the template does, the nearest to the loader where several have the one constant name."""
        pattern = _pattern(path)
        if pattern is None:
            return []
        found = [m for m in self.modules if (match := pattern.fullmatch(m.path)) and _may_run_in(match["base"], loader)]
        if all(isinstance(p, str) for p in path) and len(found) > 1:
            near = max(len(posixpath.commonpath([m.path, loader])) for m in found)
            found = [m for m in found if len(posixpath.commonpath([m.path, loader])) == near][:1]
        return found if len(found) <= _SERVED else []


def _may_run_in(base: str | None, loader: str) -> bool:
    """Whether a program may be started in the folder: that of its file, or one around it. None: the path says nothing of it."""
    return base is None or loader.startswith(base)


def _pattern(path: Template) -> re.Pattern[str] | None:
    """The paths that a template may be, seen from any folder: `base` is that folder, where the path is relative to one."""
    parts = list(path)
    while parts and type(parts[0]) is Hole:
        parts.pop(0)
    if not parts or not _tells(parts):
        return None
    first = parts[0]
    assert isinstance(first, str)
    relative = type(path[0]) is not Hole and not first.startswith("/")
    text = re.sub(r"^(?:\.{0,2}/)+", "", first)
    inside = type(path[0]) is Hole and not first.startswith("/")  # the hole ends within a name
    spelled = [re.escape(first if inside else text), *(re.escape(p) if isinstance(p, str) else "[^/]*" for p in parts[1:])]
    ahead = "(?P<base>(?:.*/)?)" if relative else "(?:.*/)?(?P<base>(?!))?" + ("[^/]*" if inside else "")
    return re.compile(ahead + "".join(spelled))


def _tells(parts: list[str | Hole]) -> bool:
    """Whether the name of the file is known in part, or that of its folder as a whole."""
    text = "".join(p if isinstance(p, str) else "\0" for p in parts)
    folders, _, name = text.rpartition("/")
    stem = name.rpartition(".")[0] or name
    known = [stem.replace("\0", ""), *(f for f in folders.split("/") if "\0" not in f)]
    return any(sum(c.isalpha() for c in one) >= 3 for one in known)
