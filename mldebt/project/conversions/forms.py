"""Which calls and attributes hold data in another form, by what the catalogue says of them."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Attr, Call
from mldebt.project.events import argument, callee_name
from mldebt.project.project import Module, Project

# The form of the objects that have such a method.
_FORMS = {"dataframe": "frame", "series": "frame", "tensor": "tensor", "ndarray": "array", "spark-frame": "spark frame"}
_COMMON = frozenset(dir(dict) + dir(list) + dir(str))  # as a call such a method of an unknown object tells nothing


class Change(msgspec.Struct, frozen=True):
    """A value in another form: from what (empty: whatever it was), to what, and what was converted."""

    before: str
    after: str
    source: int


class Forms:
    """Conversions of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._functions = {call.name: call for call in project.catalogue.roles.get("convert", ()) if call.args}
        self._methods: dict[str, tuple[str, str]] = {}
        for call in project.catalogue.roles.get("convert", ()):
            kind, _, method = call.name.rpartition(".")
            if not call.args:
                before = _FORMS.get(kind, "")
                known = self._methods.get(method)
                self._methods[method] = (before if known is None or known[0] == before else "", call.format)

    def of(self, module: Module, index: int) -> Change | None:
        """What a value is when it is a conversion."""
        values = module.facts.values
        value = values[index]
        if type(value) is Attr:
            found = self._methods.get(value.name)
            return Change(*found, value.base) if found is not None and value.name in _COMMON else None
        if type(value) is not Call:
            return None
        func = values[value.func]
        target = self._project.resolver.callee(module, value)
        name = callee_name(target) if target is not None else ""
        entry = self._functions.get(name)
        if entry is not None:
            source = argument(value, entry.args["object"])
            return None if source is None else Change("", entry.format, source)
        if type(func) is Attr and func.name in self._methods and func.name not in _COMMON:
            return Change(*self._methods[func.name], func.base)
        return None
