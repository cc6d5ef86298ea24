"""Keys of a saved state that are cut by their text, because the file keeps the names of what was around the model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Call, Const, Elem, Item, Op
from mldebt.project.conventions.model import Leak, Mark, application, behind, loads
from mldebt.project.project import Module, Project
from mldebt.project.written import called_as, text_of

_CUTS = frozenset({"replace", "startswith", "removeprefix", "lstrip"})
_PREFIX = re.compile(r"[A-Za-z_]\w*\.(\w+\.)*")
_CONVERTS = re.compile(r"conver[ts]|port|migrat|translat|rehash|clean|rename", re.IGNORECASE)


def states(project: Project) -> Iterator[Leak]:
    """One for each scope. A function whose name says that it converts files is where such cuts belong."""
    loading = {m.path for m, _, call in project.called.get("load_state_dict", ()) if type(m.facts.values[call.func]) is Attr}
    for module in application(project):
        if module.path not in loading:
            continue
        found: dict[int, list[tuple[Mark, str]]] = {}
        for site, call, func in module.calls:
            if type(func) is Attr and func.name in _CUTS and call.args and (prefix := _text(module, call.args[0])):
                if _PREFIX.fullmatch(prefix) and _is_key(project, module, func.base):
                    found.setdefault(site.scope, []).append((Mark(site.span, f"cuts `{prefix}`"), prefix))
        for use in module.facts.uses:
            value = module.facts.values[use.value]
            key = module.facts.values[value.key] if type(value) is Item else None
            if type(value) is Item and type(key) is Op and key.op == "slice" and _is_key(project, module, value.base):
                counted = any(type(v := module.facts.values[o]) is Const and type(v.value) is int for o in key.operands)
                found.setdefault(use.scope, []).append((Mark(use.span, "cuts the front of the key"), "?" if counted else ""))
        for scope, marks in sorted(found.items()):
            if _CONVERTS.search(f"{module.path.rpartition('/')[2]} {module.qualname(scope)}"):
                continue
            marks.sort(key=lambda mark: mark[0].span)
            told = {prefix for _, prefix in marks if prefix}
            prefixes = sorted(told - {"?"})
            shown = f" ({', '.join(f'`{p}`' for p in prefixes)})" if prefixes else ""
            message = f"keys of a saved state are cut by their text{shown}: the file keeps the names of what was around the model"
            parts = {prefix.partition(".")[0] for prefix in prefixes}
            # a part of the project's own model is taken out, or what a caller asks for
            own = parts <= project.evaluator.attributes if parts else not told
            yield Leak(
                module.path, scope, "state", message, f"state {' '.join(prefixes)}", tuple(m for m, _ in marks), 0.45 if own else 0.85
            )


def _is_key(project: Project, module: Module, index: int) -> bool:
    """Whether the value is a key of what was loaded: of `state.items()`, of `state.keys()`, of the state itself."""
    values = module.facts.values
    value = values[index]
    if type(value) is Item:
        value = values[value.base]
    if type(value) is not Elem:
        return False
    listed = values[value.of]
    if type(listed) is Call and called_as(module, listed) == "list" and listed.args:
        listed = values[listed.args[0]]
    if type(listed) is not Call or called_as(module, listed) not in ("items", "keys"):
        return False
    return any(loads(project, module, made) for at in behind(module, listed.func) if type(made := values[at]) is Call)


def _text(module: Module, index: int) -> str:
    return next((text for at in behind(module, index) if (text := text_of(module, at))), "")
