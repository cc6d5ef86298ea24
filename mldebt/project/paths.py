"""Which file a value names, as keys that are equal when two values of one file name the same path."""

from __future__ import annotations

import posixpath

from mldebt.facts.model import Attr, Bound, Call, Const, Item, Name, Op, Param, Phi, Store, Template
from mldebt.project.project import Module

_DEPTH = 8
_SAME_PATH = frozenset({
    "str", "resolve", "absolute", "expanduser", "as_posix", "strip", "rstrip", "lstrip", "fspath", "abspath", "realpath", "normpath",
    "expandvars", "Path", "PurePath", "PosixPath", "replace", "__fspath__", "unquote",
})  # fmt: skip
_JOINS = frozenset({"joinpath", "join"})

Key = tuple[str | int, ...]


def keys(module: Module, index: int, depth: int = 0) -> frozenset[Key]:
    """Keys of the paths that the value may be. A constant path is `("", text)`: equal in every file."""
    if index < 0 or depth > _DEPTH:
        return frozenset()
    value = module.facts.values[index]
    if type(value) is Phi:
        return frozenset().union(*(keys(module, option, depth + 1) for option in value.options[:6]))
    if type(value) is Store:
        return keys(module, value.base, depth + 1)
    if type(value) is Call:
        inner = _unwrapped(module, value)
        if inner is not None:
            return keys(module, inner, depth + 1)
    if type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        if len(bindings) == 1 and bindings[0].how in ("=", "annotated"):
            return keys(module, bindings[0].value, depth + 1)
        return frozenset({("bound", value.scope, value.name)})
    if type(value) is Param:
        return frozenset({("param", value.scope, value.name)})
    parts = _flat(module, index, 0)
    if parts and all(isinstance(p, str) for p in parts):
        return frozenset({("", posixpath.normpath("".join(str(p) for p in parts)))})
    return frozenset({tuple(parts)}) if parts else frozenset()


def constant(key: Key) -> str:
    """The text of a constant path, else empty."""
    return str(key[1]) if len(key) == 2 and key[0] == "" else ""


def under(path: Key, target: Key) -> bool:
    """Whether the first path is the second or lies below it."""
    if path == target:
        return True
    inner, outer = constant(path), constant(target)
    if inner and outer:
        return outer != "." and inner.startswith(outer + "/")
    return len(target) < len(path) and path[: len(target)] == target and len(target) > 1


def _unwrapped(module: Module, call: Call) -> int | None:
    """The path inside `Path(p)`, `str(p)`, `p.resolve()`."""
    func = module.facts.values[call.func]
    if type(func) is Attr and func.name in _SAME_PATH:
        return func.base
    if type(func) is Name and func.name.rpartition(".")[2] in _SAME_PATH and len(call.args) == 1:
        return call.args[0]
    return None


def _flat(module: Module, index: int, depth: int) -> list[str | int]:
    """The pieces of a path: constant text, and the index of what is not known. Separators are kept between joined pieces."""
    if depth > _DEPTH:
        return [index]
    value = module.facts.values[index]
    if type(value) is Const:
        return [str(value.value)]
    if type(value) is Template:
        return [piece for part in value.parts for piece in _flat(module, part, depth + 1)]
    if type(value) is Op and value.op in ("+", "/"):
        left, right = (_flat(module, operand, depth + 1) for operand in value.operands[:2])
        return [*left, "/", *right] if value.op == "/" else [*left, *right]
    if type(value) is Call:
        inner = _unwrapped(module, value)
        if inner is not None:
            return _flat(module, inner, depth + 1)
        func = module.facts.values[value.func]
        name = func.name.rpartition(".")[2] if type(func) in (Name, Attr) else ""
        path_like = type(func) is Name and name in ("Path", "PurePath") and len(value.args) > 1
        if path_like or (name in _JOINS and not value.keywords):
            first = [func.base] if type(func) is Attr else []
            pieces: list[str | int] = []
            for argument in (*first, *value.args):
                pieces += ["/", *_flat(module, argument, depth + 1)] if pieces else _flat(module, argument, depth + 1)
            return pieces
    if type(value) is Bound:
        bindings = module.facts.scopes[value.scope].bindings.get(value.name, ())
        if len(bindings) == 1 and bindings[0].how in ("=", "annotated"):
            return _flat(module, bindings[0].value, depth + 1)
    if type(value) in (Attr, Item, Param):
        return [index]
    return [index]
