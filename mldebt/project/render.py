"""Values as short source-like text, for messages and for anchors that survive reformatting."""

from __future__ import annotations

from mldebt.facts.model import Attr, Bound, Call, Const, Def, Elem, Item, Map, Name, Op, Param, Phi, Seq, Star, Store, Template
from mldebt.project.project import Module

_LIMIT = 60


def render(module: Module, index: int, depth: int = 0) -> str:
    """The value as it might stand in the source; `...` for what is too deep or unknown."""
    if index < 0 or depth > 5:
        return "..."
    value = module.facts.values[index]
    below = depth + 1
    match value:
        case Const():
            text = repr(value.value)
            return text if len(text) <= _LIMIT else f"{text[: _LIMIT - 3]}..."
        case Name():
            return value.name.removeprefix("builtins.").removeprefix("?.").lstrip(".")
        case Bound() | Param():
            return value.name
        case Attr():
            return f"{render(module, value.base, below)}.{value.name}"
        case Item():
            return f"{render(module, value.base, below)}[{render(module, value.key, below)}]"
        case Call():
            args = [render(module, a, below) for a in value.args[:3]] + [f"{n}={render(module, v, below)}" for n, v in value.keywords[:2]]
            more = ["..."] if len(value.args) > 3 or len(value.keywords) > 2 else []
            return f"{render(module, value.func, below)}({', '.join(args + more)})"
        case Op():
            parts = [render(module, o, below) for o in value.operands]
            if len(parts) == 1:
                return f"{'-' if value.op == 'neg' else value.op + ' '}{parts[0]}"
            if value.op == "?:":
                return f"{parts[1]} if {parts[0]} else {parts[2]}"
            return f" {value.op} ".join(parts)
        case Seq():
            return "[" + ", ".join(render(module, i, below) for i in value.items[:4]) + (", ...]" if len(value.items) > 4 else "]")
        case Map():
            return "{...}"
        case Template():
            return "".join(str(p.value) if type(p := module.facts.values[i]) is Const else "{}" for i in value.parts)[:_LIMIT]
        case Star():
            return f"*{render(module, value.value, below)}"
        case Elem():
            return f"{render(module, value.of, below)}[...]"
        case Store():
            return render(module, value.base, below)
        case Def():
            return module.facts.scopes[value.scope].name
        case Phi():
            shown = {render(module, o, below + 2) for o in value.options[:3]}
            return "|".join(sorted(shown)) if len(shown) < 3 else "..."
        case _:
            return "..."


def lines(count: int) -> str:
    """A number of lines in words."""
    return f"{count} line" if count == 1 else f"{count} lines"
