"""Which columns or keys a subscript, a method or a display asks for or gives."""

from __future__ import annotations

from mldebt.facts.model import Bound, Call, Const, Op, Seq, Template
from mldebt.project.flow.model import ALL, PLACE, Demand
from mldebt.project.members import Member
from mldebt.project.project import Module, Project

_DEPTH = 4
_COLUMNS = ("columns", "labels")


class Names:
    """Constant column names that a value stands for."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._memo: dict[tuple[str, int], frozenset[str] | None] = {}

    def of(self, module: Module, index: int) -> frozenset[str] | None:
        """The name or the list of names that the value is; None when any is not known."""
        key = (module.path, index)
        if key not in self._memo:
            self._memo[key] = None
            self._memo[key] = self._of(module, index, 0)
        return self._memo[key]

    def _of(self, module: Module, index: int, depth: int) -> frozenset[str] | None:
        value = module.facts.values[index]
        if type(value) is Const:
            return frozenset({value.value}) if isinstance(value.value, str) else None
        if depth > _DEPTH:
            return None
        if type(value) is Seq and value.kind != "comp":
            return _union([self._of(module, item, depth + 1) for item in value.items[:400]])
        if type(value) is Template:
            parts = [self._of(module, part, depth + 1) for part in value.parts]
            known = [next(iter(part)) for part in parts if part is not None and len(part) == 1]
            return frozenset({"".join(known)}) if len(known) == len(parts) else None
        if type(value) is Op and value.op == "+":
            if (text := self._project.evaluator.string(module, index)) is not None:
                return frozenset({text})
            return _union([self._of(module, o, depth + 1) for o in value.operands])
        if type(value) is Bound:
            bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
            return self._of(module, bindings[0].value, depth + 1) if len(bindings) == 1 else None
        members = self._members(module, index)
        if len(members) == 1:
            return self._of(*members[0][:2], depth + 1)
        text = self._project.evaluator.string(module, index)
        return frozenset({text}) if text is not None else None

    def _members(self, module: Module, index: int) -> list[Member]:
        from mldebt.facts.model import Attr, Name

        value = module.facts.values[index]
        if type(value) is Attr:
            return self._project.members.of_attribute(module, value.base, value.name)
        return self._project.members.of_name(module, value.name) if type(value) is Name else []

    def dropped(self, module: Module, call: Call) -> frozenset[str]:
        """Columns that a `drop` leaves out."""
        given = next((v for k, v in call.keywords if k in _COLUMNS), call.args[0] if call.args else None)
        return (self.of(module, given) or frozenset()) if given is not None else frozenset()


def _union(parts: list[frozenset[str] | None]) -> frozenset[str] | None:
    return None if not parts or None in parts else frozenset().union(*(p for p in parts if p is not None))


def item(place: int) -> Demand:
    """What `sequence[place]` asks of the sequence."""
    return Demand(frozenset({f"{PLACE}{place}"}))


def narrowed(demand: Demand, names: frozenset[str] | None) -> Demand:
    """What `frame[names]` asks of the frame, when `demand` is what is asked of the result."""
    if names is None:
        return ALL
    if len(names) == 1:
        return Demand(names)
    kept = frozenset(n for n in names if demand.asks(n))
    return Demand(kept or names)
