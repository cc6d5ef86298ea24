"""YAML to its leaves, from the parser's events: no tag is ever constructed, and no nesting goes deeper than is allowed here
(the C composer recurses, and takes the process with it)."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from mldebt.facts.model import Setting
from mldebt.facts.scalars import Scalar, bounded, typed

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # libyaml where PyYAML was built with it
_DEEPEST = 100
_MOST_NODES = 100_000  # aliases counted each time


class _Node:
    """A scalar (`text`), or a collection: a mapping has its keys and values in turn in `items`."""

    __slots__ = ("items", "kind", "line", "text", "value")

    def __init__(self, kind: str, line: int, text: str = "", value: Scalar = None) -> None:
        self.kind, self.line, self.text, self.value = kind, line, text, value
        self.items: list[_Node] = []


_Item = tuple[tuple[str, ...], _Node, int]


def yaml_leaves(text: str) -> Iterator[Setting]:
    """The leaves of all documents, in order. The line of a block scalar is that of its first line of text."""
    visited = 0
    try:
        for document in _documents(text):
            stack: list[_Item] = [((), document, 0)]
            while stack:
                keys, node, depth = stack.pop()
                visited += 1
                if visited > _MOST_NODES:
                    raise ValueError(f"more than {_MOST_NODES:,} values with its aliases followed: data, not configuration")
                if depth > _DEEPEST:
                    raise ValueError(f"nested deeper than {_DEEPEST} levels, or an alias contains itself")
                children = _children(keys, node, depth + 1)
                stack.extend(reversed(children))
                if keys and not children:
                    yield Setting(keys, node.value, node.line)
    except yaml.YAMLError as error:
        raise ValueError(_reason(error, text)) from None


def _documents(text: str) -> Iterator[_Node]:
    """The root node of each document. Events come flat, so that the depth is known before anything is built."""
    anchors: dict[str, _Node] = {}
    parents: list[_Node] = []
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            node = parents.pop()
            if not parents:
                yield node
            continue
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in anchors:
                raise ValueError(f"not valid YAML: line {event.start_mark.line + 1}: undefined alias {bounded(event.anchor)!r}")
            parents[-1].items.append(anchors[event.anchor])
            continue
        if isinstance(event, yaml.ScalarEvent):
            node = _scalar(event)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            node = _Node("mapping" if isinstance(event, yaml.MappingStartEvent) else "sequence", event.start_mark.line + 1)
        else:
            if isinstance(event, yaml.DocumentStartEvent):
                anchors.clear()
            continue
        if event.anchor:
            anchors[event.anchor] = node
        if parents:
            parents[-1].items.append(node)
        elif node.kind == "scalar":
            yield node
        if node.kind != "scalar":
            parents.append(node)
            if len(parents) > _DEEPEST:
                raise ValueError(f"nested deeper than {_DEEPEST} levels: data, not configuration")


def _scalar(event: yaml.ScalarEvent) -> _Node:
    block = event.style in ("|", ">")
    text = bounded(event.value)
    typeless = event.tag is None or event.tag.startswith("tag:yaml.org,2002:")
    unquoted = not event.style and typeless and event.tag != "tag:yaml.org,2002:str"
    return _Node("scalar", event.start_mark.line + (2 if block else 1), text, typed(event.value) if unquoted else text)


def _children(keys: tuple[str, ...], node: _Node, depth: int) -> list[_Item]:
    if node.kind == "sequence":
        return [((*keys, str(index)), item, depth) for index, item in enumerate(node.items)]
    return [((*keys, key), item, depth) for key, item in _members(node, 0).items()] if node.kind == "mapping" else []


def _members(node: _Node, depth: int) -> dict[str, _Node]:
    """The items of a mapping; what `<<` merges comes first, so that its own keys win."""
    found: dict[str, _Node] = {}
    pairs = list(zip(node.items[::2], node.items[1::2], strict=True))
    for key, value in pairs:
        if key.kind == "scalar" and key.text == "<<" and depth < 5:
            for each in reversed(value.items[:20] if value.kind == "sequence" else [value]):
                if each.kind == "mapping":
                    found.update(_members(each, depth + 1))
    for key, value in pairs:
        if key.kind == "scalar" and key.text != "<<":
            found.pop(key.text, None)
            found[key.text] = value
    return found


def _reason(error: yaml.YAMLError, text: str) -> str:
    kind = "templated YAML" if "{{" in text or "{%" in text else "not valid YAML"
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "cannot be parsed"
    where = f": line {mark.line + 1} column {mark.column + 1}" if mark else ""
    return f"{kind}{where}: {bounded(' '.join(str(problem).split()))}"
