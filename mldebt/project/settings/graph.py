"""The configuration-key graph over files: what each committed file sets, and what the code that loads it reads."""

from __future__ import annotations

from functools import cached_property

import msgspec

from mldebt.project.project import Project
from mldebt.project.roles import is_demonstration
from mldebt.project.settings.files import File, Files
from mldebt.project.settings.meant import Meant
from mldebt.project.settings.model import Keys, Loaded, Read
from mldebt.project.settings.near import nearest
from mldebt.project.settings.trees import Trees
from mldebt.project.settings.words import Words
from mldebt.sources.model import Language, Role

_ALIKE = 0.6  # of the keys of two files that twins share
_MOSTLY = 0.5  # of the leaves of a file that records make up
_FRAME = frozenset({"defaults", "hydra"})  # sections of a layer that its loader reads
_SURPLUS = 2  # how many keys a file must set for each that it lacks, where no load names it
_FEW = 3  # keys that a file of an unknown name must have, of those that are read


class Served(msgspec.Struct, frozen=True):
    """A file, and one load that can be of it."""

    file: File
    loaded: Loaded
    named: bool  # the load names it; False: it stands beside one that is named, and looks like it


class Unread(msgspec.Struct, frozen=True):
    """A key, or a section, that nothing reads, with the files that set it."""

    keys: Keys
    files: tuple[File, ...]
    named: bool
    sure: bool  # every file is there to set things, and no source of another language names it or the key


class Missing(msgspec.Struct, frozen=True):
    """Keys that are read from files that do not set them, with the first read of each."""

    files: tuple[File, ...]
    reads: tuple[tuple[Keys, Read], ...]
    named: bool


class Near(msgspec.Struct, frozen=True):
    """A read of `wrong`, which the file does not set, and the key beside it that has almost its name and that nothing reads."""

    file: File
    keys: Keys
    wrong: Keys
    read: Read


class SettingsGraph:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._files = Files(project)
        self._trees = Trees(project)
        self.words = Words(project)

    @cached_property
    def loads(self) -> list[Loaded]:
        """What the project's own code loads, in path order."""
        found = [one for one in self._trees.found.values() if not is_demonstration(self._project.modules[one.root.path])]
        return sorted(found, key=lambda one: (one.root.path, one.root.value, len(one.root.frames)))

    @cached_property
    def served(self) -> list[Served]:
        """Every pair of a file and a load, those that are only alike after those that are named."""
        if not self._trees.complete:
            return []
        named = []
        for loaded in self.loads:
            if loaded.root.kind == "entry":
                named += [Served(file, loaded, True) for file in self._files.layers(loaded)]
            elif files := self._files.of(loaded):
                named += [Served(file, loaded, True) for file in files]
            else:
                named += [Served(file, loaded, False) for file in self._files.alike(loaded)]
        own = {(s.file.module.path, id(s.loaded)) for s in named}
        taken = {s.file.module.path for s in named}
        twins = [
            Served(twin, one.loaded, False)
            for one in named
            if one.loaded.root.kind == "load"
            for twin in self._twins(one.file)
            if (twin.module.path, id(one.loaded)) not in own and twin.module.path not in taken
        ]
        return named + twins

    def _twins(self, file: File) -> list[File]:
        """Files of the same folder and language that set mostly the same keys."""
        folder, _, name = file.module.path.rpartition("/")
        extension = name.rpartition(".")[2]
        found = []
        for module in self._files.modules:
            if module is file.module or module.path.rpartition("/")[0] != folder or not module.path.endswith("." + extension):
                continue
            other = self._files.file(module)
            if len(file.leaves.keys() & other.leaves.keys()) >= max(_FEW, _ALIKE * max(len(file.leaves), len(other.leaves))):
                found.append(other)
        return found

    # what nobody reads -----------------------------------------------------------------------------------------------

    def unread(self) -> list[Unread]:
        """Keys of loaded files that no code reads by name, as the outermost section of which that holds."""
        by_file: dict[str, list[Served]] = {}
        for one in self.served:
            by_file.setdefault(one.file.module.path, []).append(one)
        slips = {(near.file.module.path, near.keys) for near in self.near}
        meant = Meant(self._project)
        found: dict[Keys, list[File]] = {}
        known: set[Keys] = set()
        for _, served in sorted(by_file.items()):
            file = served[0].file
            if file.module.source.role is Role.EXAMPLE or _holds_records(file):
                continue
            whole = {keys for one in served for keys in one.loaded.whole} | _instantiated(file)
            if () in whole or not any(one.loaded.reads for one in served):
                continue
            read = {r.keys[:depth] for one in served for r in one.loaded.reads for depth in range(1, len(r.keys) + 1)}
            named = any(one.named for one in served)
            around = {keys[:depth] for keys in whole for depth in range(1, len(keys) + 1)}  # sections with a part that is passed on whole
            for leaf in file.leaves:
                if leaf[0] in _FRAME or _below(leaf, whole) or _below(leaf[len(file.prefix) :], whole):
                    continue
                keys = self._outermost(leaf)
                if keys and (file.module.path, keys) not in slips and keys not in around and self._is_owned(file, keys, read):
                    files = found.setdefault(keys, [])
                    if file not in files:
                        files.append(file)
                    if named:
                        known.add(keys)
        return [
            Unread(keys, tuple(files), keys in known, all(meant.is_sure(file, keys[-1]) for file in files))
            for keys, every in found.items()
            if (files := [file for file in every if meant.sets(file)])
        ]

    def _outermost(self, leaf: Keys) -> Keys:
        """The shortest part of a path whose last key is no word of the code; empty where each is one."""
        for depth, key in enumerate(leaf, 1):
            if key.isdigit():
                return ()
            if len(key) > 1 and key[0].isalpha() and not self.words.has(key):
                return leaf[:depth]
        return ()

    def _is_owned(self, file: File, keys: Keys, read: set[Keys]) -> bool:
        """Whether the code reads other keys of the section by name; else it may be another program's."""
        around = keys[:-1]
        beside = sum((*around, key) in read for key in file.tree[around])
        return beside >= (1 if around else 2)

    @cached_property
    def near(self) -> list[Near]:
        """Reads of almost the name of a key that nothing reads, in path and text order; one for each file."""
        read = {r.keys[:depth] for one in self.loads for r in one.reads for depth in range(1, len(r.keys) + 1)}
        found: dict[tuple[str, Keys], Near] = {}
        for served in self.served:
            if served.loaded.root.kind != "load":
                continue
            for one in served.loaded.reads:
                part = served.file.lacks(one.keys)
                place = (served.file.module.path, part or ())
                if part is None or place in found or part[-1] in self._written or is_demonstration(one.module):
                    continue
                free = [k for k in served.file.tree.get(part[:-1], ()) if (*part[:-1], k) not in read]
                meant = nearest(part[-1], free)
                if meant is not None:
                    found[place] = Near(served.file, (*part[:-1], meant), part, one)
        return sorted(found.values(), key=lambda n: (n.read.module.path, n.read.span, n.wrong, n.file.module.path))

    # what is missing -------------------------------------------------------------------------------------------------

    def missing(self) -> list[Missing]:
        """Files that lack keys which their loads read without a default; those that lack the same keys together."""
        gone: dict[str, tuple[Served, dict[Keys, Read]]] = {}
        for one in (*(s for s in self.served if s.loaded.root.kind == "load"), *self._layered()):
            if (lacking := self._lacking(one)) and not self._is_beside(one):
                gone.setdefault(one.file.module.path, (one, {}))[1].update(lacking)
        together: dict[tuple[tuple[Keys, Read], ...], list[Served]] = {}
        for _, (one, lacking) in sorted(gone.items()):
            together.setdefault(tuple(sorted(lacking.items(), key=_order)), []).append(one)
        return [Missing(tuple(s.file for s in served), reads, any(s.named for s in served)) for reads, served in together.items()]

    def _is_beside(self, one: Served) -> bool:
        """Whether the load may be of another file that lacks nothing and has another purpose: a name may have been given."""
        others = self._together.get(id(one.loaded), ())
        return any(other.file is not one.file and not _is_twin(one.file, other.file) and not self._lacking(other) for other in others)

    @cached_property
    def _together(self) -> dict[int, list[Served]]:
        """The files that each load names."""
        found: dict[int, list[Served]] = {}
        for one in self.served:
            if one.named:
                found.setdefault(id(one.loaded), []).append(one)
        return found

    def _lacking(self, one: Served) -> dict[Keys, Read]:
        """What is read from a file that does not set it; nothing where the file sets little of what is read: it is not meant."""
        loaded = one.loaded
        if one.file.module.source.role is Role.EXAMPLE or loaded.open or (loaded.within is not None and loaded.within.open):
            return {}
        lacking: dict[Keys, Read] = {}
        present: set[Keys] = set()
        for read in loaded.reads:
            if read.default or not read.sure or "*" in read.keys:
                continue
            part = one.file.lacks(read.keys)
            if part is None:
                present.add(read.keys)
            elif not (self._is_optional(one.file, part) or is_demonstration(read.module)):
                first = lacking.get(part, read)
                lacking[part] = min(first, read, key=lambda r: (r.module.path, r.span))
        leaves = sum(keys in one.file.leaves or not _below_any(keys, present) for keys in present)
        return lacking if leaves >= (1 if one.named else _SURPLUS * len(lacking)) else {}

    def _is_optional(self, file: File, keys: Keys) -> bool:
        """Whether some code sets the key, asks for it first, or reads it with a default; or it is a slip of another key."""
        return keys[-1] in self._trees.optional or keys[-1] in self._written or (file.module.path, keys) in self._wrong

    @cached_property
    def _written(self) -> frozenset[str]:
        return frozenset(keys[-1] for one in self._trees.found.values() for keys in one.written)

    @cached_property
    def _wrong(self) -> frozenset[tuple[str, Keys]]:
        return frozenset((near.file.module.path, near.wrong) for near in self.near)

    def _layered(self) -> list[Served]:
        """Each entry point with all its layers as one."""
        found: list[Served] = []
        for loaded in self.loads:
            files = self._files.layers(loaded) if loaded.root.kind == "entry" else []
            if files:
                merged = File(files[0].module, files[0].prefix)
                for file in files:
                    merged.lay(file)
                    merged.lay(File(file.module))  # a layer may be laid over the root
                found.append(Served(merged, loaded, False))
        return found


def _is_twin(one: File, other: File) -> bool:
    """Whether most of what the smaller file sets is set by the other too."""
    return len(one.leaves.keys() & other.leaves.keys()) >= _ALIKE * min(len(one.leaves), len(other.leaves))


def _holds_records(file: File) -> bool:
    """Whether a JSON file is mostly records, sections side by side with the same keys: the keys around them say what they are."""
    if file.module.source.language is not Language.JSON:
        return False
    inside = 0
    for section, names in file.tree.items():
        records = [frozenset(file.tree.get((*section, name), ())) for name in names]
        common = frozenset.intersection(*records) if len(records) > 1 else frozenset()
        if len(common) > 1 and len(names) > 1:
            inside = max(inside, sum(leaf[: len(section)] == section for leaf in file.leaves))
    return inside > _MOSTLY * len(file.leaves)


def _instantiated(file: File) -> set[Keys]:
    """Sections that say which class they are the arguments of."""
    return {leaf[:-1] for leaf in file.leaves if leaf[-1].startswith("_") and leaf[-1].endswith("_")}


def _below_any(keys: Keys, others: set[Keys]) -> bool:
    """Whether it is the section of another."""
    return any(len(other) > len(keys) and other[: len(keys)] == keys for other in others)


def _order(item: tuple[Keys, Read]) -> tuple[str, int, int, Keys]:
    return item[1].module.path, item[1].span.line, item[1].span.column, item[0]


def _below(leaf: Keys, whole: set[Keys]) -> bool:
    return any(leaf[:depth] in whole for depth in range(len(leaf) + 1))
