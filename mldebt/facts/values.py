"""The value table of one file while it is being built: equal values share an index, calls never do."""

from __future__ import annotations

from mldebt.facts.model import Attr, Call, Const, Name, Phi, Unknown, Value

_INT_LIMIT = 2**63


class ValueTable:
    """Appends values and shares equal ones. A `Call` is an event of its own, so each gets a new index."""

    def __init__(self) -> None:
        self.items: list[Value] = []
        self._index: dict[object, int] = {}

    def add(self, value: Value) -> int:
        """The index of a value equal to this one."""
        found = self._index.get(value)
        if found is None:
            found = self._index[value] = len(self.items)
            self.items.append(value)
        return found

    def call(self, func: int, args: tuple[int, ...], keywords: tuple[tuple[str, int], ...]) -> int:
        self.items.append(Call(func, args, keywords))
        return len(self.items) - 1

    def const(self, value: None | bool | int | float | str) -> int:
        """A literal; 1, 1.0 and True stay apart. Integers beyond 64 bits become unknown, the cache cannot hold them."""
        key = (type(value), value)
        found = self._index.get(key)
        if found is None:
            big = type(value) is int and not -_INT_LIMIT <= value < _INT_LIMIT
            found = self._index[key] = len(self.items)
            self.items.append(Unknown("big integer") if big else Const(value))
        return found

    def unknown(self, why: str) -> int:
        """Something that cannot be told; equal to nothing, so never shared."""
        return self.fresh(Unknown(why))

    def fresh(self, value: Value) -> int:
        """A value that differs at each occurrence, such as the element of an iteration."""
        self.items.append(value)
        return len(self.items) - 1

    def attr(self, base: int, name: str) -> int:
        """`base.name`; an attribute of an imported name is a longer imported name."""
        owner = self.items[base]
        return self.add(Name(f"{owner.name}.{name}") if type(owner) is Name else Attr(base, name))

    def phi(self, options: list[int]) -> int:
        """One of the options, a single option being itself."""
        unique = tuple(dict.fromkeys(options))
        return unique[0] if len(unique) == 1 else self.add(Phi(unique))

    def open_phi(self) -> int:
        """A place for a `Phi` whose options are known only after the loop body."""
        self.items.append(Unknown("loop"))
        return len(self.items) - 1

    def close_phi(self, index: int, options: list[int]) -> None:
        unique = tuple(x for x in dict.fromkeys(options) if x != index)
        self.items[index] = Phi(unique) if unique else Unknown("loop")
