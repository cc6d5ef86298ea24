"""Where the string constants of a file stand: as an argument, a default, the value of a name, a key's value."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator

import msgspec

from mldebt.facts.model import Attr, Bound, Const, Def, Map, Name, Op, Phi, Seq, Span, Star, Store, Template, Value
from mldebt.project.project import Module

_DEEPEST = 6
_CONFIGURATION = re.compile(
    r"(?:^|[_/-])(?:config|configs|conf|settings?|constants?|consts?|cons|const|params|parameters|globals|env|paths?|defaults|secrets?|creds|options)(?:[_./-]|\d*$)",
    re.IGNORECASE,
)
_MADE_OF = (Seq, Map, Template, Phi, Store, Star, Op)
_MOST = 4_000  # steps up from one constant
_HELD = 100  # constants of one value


class Placed(msgspec.Struct, frozen=True):
    """A string constant at one place of its file."""

    text: str
    span: Span
    scope: int
    how: str  # argument, keyword, receiver (of a method of the text), name, default, attribute, item
    name: str  # of the keyword, variable, parameter, attribute or key; empty for a positional argument
    callee: str = ""  # of an argument: the last part of what is called
    site: int = -1  # of an argument: its call
    index: int = -1  # the constant
    block: int = 0


def placed(module: Module, wanted: Callable[[str], bool]) -> list[Placed]:
    """The places of the string constants that are wanted, in text order."""
    values = module.facts.values
    hits = {i: v.value for i in module.of_kind(Const) if type((v := values[i]).value) is str and wanted(v.value)}  # type: ignore[union-attr]
    if not hits:
        return []
    holding = _holding(module, hits)
    found = {
        (one.text, one.span.line, one.how, one.name): one
        for one in (*_arguments(module, hits, holding), *_bindings(module, hits, holding), *_writes(module, hits, holding))
    }
    return sorted(found.values(), key=lambda one: (one.span, one.text, one.how, one.name))


def _holding(module: Module, hits: dict[int, str]) -> dict[int, tuple[int, ...]]:
    """For each value that is made of wanted constants, or begins with one, without a call in between, those constants."""
    above: dict[int, list[int]] = defaultdict(list)
    for kind in _MADE_OF:
        for index in module.of_kind(kind):
            for inner in _parts(module.facts.values[index]):
                above[inner].append(index)
    found: dict[int, list[int]] = {hit: [hit] for hit in hits}
    for hit in hits:
        level, seen, steps = [hit], {hit}, 0
        for _ in range(_DEEPEST):
            level = [upper for index in level for upper in above.get(index, ()) if upper not in seen]
            steps += len(level)
            if steps > _MOST:
                break
            for upper in level:
                if upper not in seen:
                    seen.add(upper)
                    found.setdefault(upper, []).append(hit)
    return {index: tuple(sorted(set(constants))[:_HELD]) for index, constants in found.items()}


def _parts(value: Value) -> tuple[int, ...]:
    if type(value) is Seq:
        return value.items
    if type(value) is Map:
        return value.values
    if type(value) is Template:
        return value.parts[:1]
    if type(value) is Phi:
        return value.options
    if type(value) is Store:
        return (value.base, value.value)
    if type(value) is Star:
        return (value.value,)
    if type(value) is Op and value.op in ("+", "/", "%"):
        return value.operands[:1]  # what follows is no start of a path
    if type(value) is Op and value.op == "?:":
        return value.operands[1:]
    return ()


def _arguments(module: Module, hits: dict[int, str], holding: dict[int, tuple[int, ...]]) -> Iterator[Placed]:
    values = module.facts.values
    for site, call, func in module.calls:
        callee = ""
        if type(func) is Attr or type(func) is Bound:
            callee = func.name
        elif type(func) is Name:
            callee = func.name.rpartition(".")[2]
        elif type(func) is Def:
            callee = module.facts.scopes[func.scope].name
        given = [("argument", "", index) for index in call.args] + [("keyword", name, index) for name, index in call.keywords]
        if type(func) is Attr and type(values[func.base]) is Const:
            given.append(("receiver", "", func.base))
        for how, name, index in given:
            for hit in holding.get(index, ()):
                yield Placed(hits[hit], site.span, site.scope, how, name, callee, site.value, hit, site.block)


def _bindings(module: Module, hits: dict[int, str], holding: dict[int, tuple[int, ...]]) -> Iterator[Placed]:
    for number, scope in enumerate(module.facts.scopes):
        for name in scope.bindings:
            for binding in scope.bindings[name]:
                for hit in holding.get(binding.value, ()):
                    yield Placed(hits[hit], binding.span, number, "name", name, index=hit, block=binding.block)
        for parameter in scope.parameters:
            for hit in holding.get(parameter.default, ()):
                yield Placed(hits[hit], parameter.span or scope.span, number, "default", parameter.name, index=hit)


def _writes(module: Module, hits: dict[int, str], holding: dict[int, tuple[int, ...]]) -> Iterator[Placed]:
    for write in module.facts.writes:
        for hit in holding.get(write.value, ()):
            key = module.facts.values[write.key] if write.key >= 0 else None
            name = write.name or (str(key.value) if type(key) is Const else "")
            yield Placed(hits[hit], write.span, write.scope, "attribute" if write.name else "item", name, index=hit, block=write.block)


def is_configuration(module: Module) -> bool:
    """Whether a module is the configuration, by its name or a folder's."""
    return _CONFIGURATION.search(module.path.removesuffix(".py")) is not None
