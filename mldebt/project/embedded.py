"""Settings inside the code that a configuration cannot reach: parsed from a text at import, or literal beside configurable ones."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import Attr, Binding, Call, Const, Item, Name, Op, Phi, Scope, Span
from mldebt.project.events import callee_name
from mldebt.project.project import Module, Project
from mldebt.project.resolve import Defined

_LINES = 3
_SETTING = re.compile(r"^[ \t]*(?:-[ \t]*)?\"?[\w.-]+\"?[ \t]*[:=]", re.MULTILINE)
_RESOURCE = re.compile(
    r"(?:^|_)(?:BUCKET|HOST|HOSTNAME|SERVER|ENDPOINT|PROJECT|PROJECT_ID|ACCOUNT|ACCOUNT_ID|TABLE|TABLE_ID|DATASET|DATASET_ID|INSTANCE|INSTANCE_ID|"
    r"DATABASE|DB|DB_NAME|SCHEMA|TOPIC|QUEUE|STREAM|CLUSTER|ARN|KEY|PREFIX|URI|URL|WAREHOUSE|CONTAINER)$"
)
_PLAIN_KEY = re.compile(r"[\w.-]+/[\w./-]+")  # a KEY is a place in a store, or the name of a field
_PARSERS = frozenset({"loads", "safe_load", "load", "full_load", "unsafe_load", "create", "from_yaml", "from_json", "from_toml", "parse"})
_READS = 2

Found = tuple[str, str, Span, int]


def embedded(project: Project, module: Module) -> Iterator[Found]:
    """Texts with settings that the module parses when it is imported."""
    values = module.facts.values
    parsers = {name.rpartition(".")[0] for s in project.catalogue.flags if s.style == "config" for name in (*s.parse, *s.containers)}
    for site, call, func in module.calls:
        if site.scope != 0 or not call.args or not isinstance(func, Name | Attr) or func.name.rpartition(".")[2] not in _PARSERS:
            continue
        text = values[call.args[0]]
        if type(text) is not Const or not isinstance(text.value, str):
            continue
        target = project.resolver.callee(module, call)
        if target is None or callee_name(target).rpartition(".")[0] not in parsers:
            continue
        if len(_SETTING.findall(text.value)) >= _LINES and text.value.count("\n") >= _LINES:
            yield "embedded", site.target, _written(module, call.args[0], site.span), 0


def _written(module: Module, index: int, parsed: Span) -> Span:
    """From where the text is bound to where it is parsed."""
    spans = [b.span for bound in module.facts.scopes[0].bindings.values() for b in bound if b.value == index and b.span <= parsed]
    first = max(spans, default=parsed)
    return Span(first.line, first.column, parsed.end_line, parsed.end_column)


def overridden(project: Project, module: Module) -> Iterator[Found]:
    """Classes that give literal places to names which a class of the same file reads from the environment or a configuration."""
    readable = [(n, s) for n, s in enumerate(module.facts.scopes) if s.kind == "class" and not s.decorators]
    if len(readable) < 2:
        return
    read: dict[str, set[int]] = {}
    for number, scope in readable:
        for name in scope.bindings:
            if _RESOURCE.search(name.upper()) and any(_is_read(project, module, binding.value) for binding in scope.bindings[name]):
                read.setdefault(name, set()).add(number)
    if len(read) < _READS:
        return
    for number, scope in readable:
        literal = [b for name, b in _literal_places(module, scope) if read.get(name, set()) - {number}]
        if len(literal) >= _READS:
            first, last = min(b.span for b in literal), max(b.span for b in literal)
            yield "settings", scope.name, Span(first.line, first.column, last.end_line, last.end_column), number


def _literal_places(module: Module, scope: Scope) -> Iterator[tuple[str, Binding]]:
    for name, bindings in scope.bindings.items():
        value = module.facts.values[bindings[-1].value]
        if not _RESOURCE.search(name.upper()) or type(value) is not Const or not isinstance(value.value, str) or not value.value.strip():
            continue
        if not name.upper().endswith("KEY") or _PLAIN_KEY.fullmatch(value.value):
            yield name, bindings[-1]


def _is_read(project: Project, module: Module, index: int, depth: int = 0) -> bool:
    """Whether a value comes from the environment or from a reader of settings."""
    value = module.facts.values[index]
    if depth > 3:
        return False
    inner = value.operands if type(value) is Op else value.options if type(value) is Phi else ()
    if inner:
        return any(_is_read(project, module, i, depth + 1) for i in inner[:4])
    if type(value) is Item:
        base = module.facts.values[value.base]
        return type(base) is Name and base.name == "os.environ"
    if type(value) is not Call:
        return False
    target = project.resolver.callee(module, value)
    if target is None or type(target) is Defined:
        return False
    name = callee_name(target)
    if any(name in (reader.name, *(f"{on}.{reader.name}" for on in reader.on)) for s in project.catalogue.flags for reader in s.readers):
        return True
    return any(_is_read(project, module, i, depth + 1) for i in value.args[:2])  # int(os.getenv("PORT"))
