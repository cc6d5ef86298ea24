"""Lists of names that must equal the constants of other scripts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from mldebt.facts.model import Const, Seq, Span
from mldebt.project.constants.model import Coupled, Spot, is_compared, is_placeholder, near
from mldebt.project.project import Module, Project

_LEAST = 3  # characters of an item
_ITEMS = 100
_SHARE = 2 / 3  # of the items that are constants elsewhere


def lists(project: Project) -> Iterator[Coupled]:
    """A script that lists what several other scripts call themselves, each by a constant of the same name."""
    named: dict[str, dict[str, list[tuple[Module, Span]]]] = defaultdict(lambda: defaultdict(list))  # constant -> text -> places
    for module in project.python:
        if not is_compared(module) or not module.facts.scopes:
            continue
        for name, bound in module.facts.scopes[0].bindings.items():
            value = module.facts.values[bound[0].value] if len(bound) == 1 and bound[0].how in ("=", "annotated") else None
            if name.isupper() and type(value) is Const and isinstance(value.value, str) and len(value.value) >= _LEAST:
                named[name][value.value].append((module, bound[0].span))
    rows = {name: texts for name, texts in named.items() if len(texts) > 1}
    items = frozenset(text for texts in rows.values() for text in texts)
    for module in project.python if rows else ():
        if is_compared(module):
            listed = {i: texts for i in module.of_kind(Seq) if (texts := _texts(module, i)) and not items.isdisjoint(texts)}
            if listed:
                yield from _of_file(module, rows, listed)


def _of_file(module: Module, rows: dict[str, dict[str, list[tuple[Module, Span]]]], listed: dict[int, list[str]]) -> Iterator[Coupled]:
    for name in sorted(rows):
        spots: list[Spot] = []
        ends: dict[tuple[str, Span], Spot] = {}
        for number, scope in enumerate(module.facts.scopes):
            for variable, bindings in scope.bindings.items():
                for binding in bindings:
                    texts = listed.get(binding.value)
                    if texts is None:
                        continue
                    theirs = {
                        text: [p for p in rows[name].get(text, ()) if p[0] is not module and near(p[0].path, module.path)] for text in texts
                    }
                    found = {text: places for text, places in theirs.items() if places}
                    files = {place[0].path for places in found.values() for place in places}
                    if len(found) > 1 and len(files) > 1 and len(found) >= _SHARE * len(texts):
                        spots.append(Spot(module, binding.span, number, f"`{variable}` lists them"))
                        for text in sorted(found):
                            for other, span in found[text]:
                                ends[(other.path, span)] = Spot(other, span, 0, f"`{name}` is one of them")
        if spots:
            text = f"this list must equal what `{name}` is in {len({path for path, _ in ends})} other scripts: nothing ties them together"
            yield Coupled("list", (*sorted(spots, key=lambda s: s.span), *(ends[key] for key in sorted(ends))), text, name, 0.85)


def _texts(module: Module, index: int) -> list[str]:
    """The items of a list or tuple that holds nothing but texts."""
    value = module.facts.values[index]
    if type(value) is not Seq or value.kind == "comp" or not 2 <= len(value.items) <= _ITEMS:
        return []
    items = [module.facts.values[item] for item in value.items]
    texts = [one.value for one in items if type(one) is Const and isinstance(one.value, str) and not is_placeholder(one.value)]
    return list(dict.fromkeys(texts)) if len(texts) == len(items) else []
