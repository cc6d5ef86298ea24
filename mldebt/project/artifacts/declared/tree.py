"""Configuration files as trees again: facts keep only the leaves, with the path of keys that leads to each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import msgspec

from mldebt.facts.model import Facts, Setting
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language

Scalar = None | bool | int | float | str
_CONFIGURATION = frozenset({Language.YAML, Language.JSON, Language.TOML})


class Node(msgspec.Struct, frozen=True):
    """A scalar, or a mapping or list; the items of a list have their index as a key."""

    line: int = 0
    value: Scalar = None
    children: dict[str, Node] = {}

    def get(self, *keys: str) -> Node:
        """The node below these keys; an empty one where there is none."""
        node = self
        for key in keys:
            node = node.children.get(key, _NOTHING)
        return node

    def items(self) -> Iterator[tuple[str, Node]]:
        yield from self.children.items()

    def elements(self) -> tuple[Node, ...]:
        """The items of a list; of a mapping its values; a scalar is a list of one."""
        if self.children:
            return tuple(self.children.values())
        return (self,) if self.value is not None else ()

    def text(self) -> str:
        """A scalar as text, else empty."""
        if self.value is None or self.children:
            return ""
        return str(self.value).lower() if isinstance(self.value, bool) else str(self.value)

    def texts(self) -> tuple[str, ...]:
        """The scalars of a list, or the one scalar."""
        return tuple(text for element in self.elements() if (text := element.text()))

    def is_list(self) -> bool:
        return "0" in self.children and all(key.isdecimal() for key in self.children)

    def walk(self, key: str) -> Iterator[Node]:
        """Every node below that stands under `key`, at any depth, outermost first."""
        for name, child in self.children.items():
            if name == key:
                yield child
            yield from child.walk(key)


_NOTHING = Node()


def documents(facts: Facts) -> tuple[Node, ...]:
    """The documents of a file. A key path that comes again, or a first key that comes back after another, begins a new one."""
    groups: list[list[Setting]] = []
    seen: set[tuple[str, ...]] = set()
    tops: set[str] = set()
    for leaf in facts.settings:
        top = leaf.keys[0]
        again = top in tops and groups[-1][-1].keys[0] != top
        if not groups or leaf.keys in seen or again:
            groups.append([])
            seen, tops = set(), set()
        groups[-1].append(leaf)
        seen.add(leaf.keys)
        tops.add(top)
    return tuple(_tree(group, 0) for group in groups)


def _tree(leaves: Sequence[Setting], depth: int) -> Node:
    below: dict[str, list[Setting]] = {}
    own: Setting | None = None
    for leaf in leaves:
        if len(leaf.keys) > depth:
            below.setdefault(leaf.keys[depth], []).append(leaf)
        else:
            own = leaf
    if not below and own is not None:
        return Node(own.line, own.value)
    return Node(min(leaf.line for leaf in leaves), None, {key: _tree(group, depth + 1) for key, group in below.items()})


def files(
    project: Project, wanted: Callable[[str], bool], telling: Callable[[Setting], bool] = lambda leaf: True
) -> Iterator[tuple[Module, tuple[Node, ...]]]:
    """The readable configuration files whose path is wanted and that have a telling leaf, with their documents; tests left out."""
    for path, module in project.modules.items():
        leaves = module.facts.settings
        if module.source.language in _CONFIGURATION and leaves and not module.is_test and wanted(path) and any(map(telling, leaves)):
            yield module, documents(module.facts)
