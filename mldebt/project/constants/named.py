"""Constants that have a name: the same one in several files, and literals beside the constant that holds them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.facts.model import Bound, Const, Item, Seq
from mldebt.project.constants.choices import is_choice
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, Spot, is_compared, is_notebook, is_placeholder, near, originals, spot
from mldebt.project.project import Module, Project

_LEAST = 5  # characters of a text that two places hardly share by chance
_GENERAL = frozenset({
    "utf-8", "latin", "ascii", "false", "true", "error", "info", "debug", "warning", "default", "train", "valid", "value", "label",
    "target", "index", "count",
})  # fmt: skip
_OF_THE_FILE = re.compile(
    r"(LICEN[SC]E|COPYRIGHT|AUTHOR|VERSION|TITLE|MESSAGE|MSG|ERROR|WARNING|HELP|USAGE|DESCRIPTION|LOGGER|LOG|FONT|FORMAT|FMT|COLOU?R|URL_PREFIX|ENCODING|REGION|ZONE|LOCATION|SHA\d+|MD5|HASH|CHECKSUM)S?$"
    r"|(API|BASE|HOST)_?(URL|URI|HOST|ENDPOINT)$|(^|_)(OUT(PUT)?|LOG|TMP|TEMP|CACHE|RESULTS?|FIGURES?|PLOTS?|IMAGES?)_?(DIR|PATH|FOLDER)$"
)
_LOCAL = re.compile(r"^localhost|^127\.0|^0\.0\.0\.0|^/tmp/|^https?://[^/]+/?$|^https?://\S+/releases/download/")
_FOLDER = re.compile(r"^(\.{0,2}/)*(\w+/?){0,2}$(?<=/)|^(\.{1,2}/)+\w*$")  # a folder of every other project
_COLUMN = re.compile(r"(^|_)(TARGET|LABEL|COL|COLUMN|ID|FEATURE|FIELD|INDEX)S?(_NAMES?|_COL(UMN)?S?)?$")
_EVERYWHERE = re.compile(  # media types, headers, devices, metrics, types of numbers, codecs
    r"^application/[\w.+-]+(; ?[\w=-]+)?$|^multipart/[a-z-]+$|^text/(plain|html|csv|xml|markdown|css|event-stream|javascript)(; ?[\w=-]+)?$"
    r"|^image/(png|jpe?g|gif|webp|tiff|bmp|svg\+xml)$|^audio/(x-)?(wav|mpeg|mp3|ogg|flac|webm)$|^video/(mp4|webm|mpeg|ogg|avi|quicktime)$"
    r"|^x(-[a-z]+)+$|^content-(type|length|encoding|disposition|range|md5)$|^accept(-[a-z]+)?$|^(cache-control|user-agent|if-none-match)$"
    r"|^(cpu|cuda|gpu|tpu|mps|xla|hip|xpu|npu)(:\d+)?$|^/?((device:)?[CG]PU):\d+$"
    r"|^(train|val|valid|validation|test|eval|dev)/[a-z][\w@]*$"
    r"|^([a-z]+[-_/.])*(loss|accuracy|acc|f1|auc|mae|mse|rmse|map|recall|precision|mrr|ndcg)([-_@/](score|macro|micro|weighted|epoch|step|\d+))*$"
    r"|^(float|bfloat|int|uint|bf|fp|tf)\d+$|^(utf|iso|cp|latin)[-_]?[\d-]+$|^sha-?\d+$|^(RS|HS|ES)\d+$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[a-z]+")
_SAYS = frozenset(
    {"print", "info", "debug", "warning", "error", "exception", "log", "critical", "write", "getLogger", "format", "append_text"}
)
_ASKS = frozenset({
    "getattr", "hasattr", "setattr", "getenv", "get", "pop", "setdefault", "add_argument", "startswith", "endswith", "split", "join",
    "replace",
})  # fmt: skip
_TOLD = frozenset({"help", "description", "desc", "title", "label", "message", "msg", "doc"})


def constants(module: Module) -> dict[str, tuple[int, object]]:
    """Names in capitals that the module binds once to a literal: the place of the literal and its value."""
    found: dict[str, tuple[int, object]] = {}
    for name, bindings in module.facts.scopes[0].bindings.items() if module.facts.scopes else ():
        if len(bindings) == 1 and bindings[0].how in ("=", "annotated") and name.isupper():
            value = module.facts.values[bindings[0].value]
            if type(value) is Const and type(value.value) is str and is_own(value.value) and not _COLUMN.search(name):
                found[name] = bindings[0].value, value.value
    return found


def is_own(text: str) -> bool:
    """Whether the text is a name of something rather than a common word, a sentence, or a place to fill in."""
    if (
        not _LEAST <= len(text) <= 200
        or text.startswith(".")
        and text[1:].isalnum()
        or text.lower() in _GENERAL
        or is_placeholder(text)
        or "\n" in text
    ):
        return False
    if _LOCAL.search(text) or _FOLDER.match(text):
        return False
    return text.count(" ") <= 1 or "=" in text


def speaks(one: Literal) -> bool:
    """Whether people read the text: a message, a help text, a title."""
    return one.callee in _SAYS or one.name in _TOLD


def asks(one: Literal) -> bool:
    """Whether the text is a key that is looked up."""
    return one.callee in _ASKS


def beside(project: Project) -> Iterator[Coupled]:
    """Literals that repeat what a constant of the same file holds, one finding for each constant."""
    for module in project.python:
        if not is_compared(module):
            continue
        held = {index: name for name, (index, _) in constants(module).items() if not _OF_THE_FILE.search(name) and _is_read(module, name)}
        if not held:
            continue
        again: dict[int, list[Literal]] = defaultdict(list)
        own: dict[int, Literal] = {}
        chosen: set[int] = set()
        for one in literals(module, held):
            if one.how == "constant":
                if one.name == held[one.index] and one.holder == one.index:
                    own[one.index] = one
            elif is_choice(module, one):
                chosen.add(one.index)
            elif not speaks(one) and not asks(one) and not _is_listed(module, one):
                again[one.index].append(one)
        columns = _keys(module) if again else set()
        for index, found in sorted(again.items()):
            if (
                index in own
                and index not in columns | chosen
                and (not module.facts.places or all(one.span > own[index].span for one in found))
            ):  # cells run in any order
                yield _beside(held[index], own[index], found)


def _beside(name: str, own: Literal, found: list[Literal]) -> Coupled:
    value = str(own.value)
    telling = any(c in value for c in "-_/.: ") or any(c.isdigit() for c in value) or len(value) >= _LEAST + 5
    confidence = 0.85 if telling else 0.75
    if value == name.lower() or _WORD.fullmatch(value) or all(one.how == "test" for one in found) and not telling:
        confidence = 0.65  # a word for itself, or one that means something else there
    places = (*(spot(one, "the same text as a literal") for one in found), spot(own, f"`{name}` is defined here"))
    text = f"a literal repeats the constant `{name}` of this file: changing the constant leaves it behind"
    return Coupled("beside", places, text, name, confidence)


def _is_listed(module: Module, one: Literal) -> bool:
    """Whether the text is one of many in a list: columns, keys, choices."""
    holder = module.facts.values[one.holder] if one.holder >= 0 else None
    return type(holder) is Seq and len(holder.items) > 2


def _is_read(module: Module, name: str) -> bool:
    return any(name in scope.names for scope in module.facts.scopes)


def _keys(module: Module) -> set[int]:
    """Constants that stand in brackets: columns and keys."""
    values = module.facts.values
    return {values[i].key for i in module.of_kind(Item)}  # type: ignore[union-attr]


def _keyed(module: Module) -> set[str]:
    """Names of the module that stand in brackets: they hold columns and keys."""
    values = module.facts.values
    keys = _keys(module)
    named = {name for name, (index, _) in constants(module).items() if index in keys}
    return named | {key.name for index in keys if type(key := values[index]) is Bound and key.scope == 0}


def twins(project: Project) -> Iterator[Coupled]:
    """Constants of one name and value in several files near each other, one finding for each set of files."""
    places: dict[tuple[str, object], list[Spot]] = defaultdict(list)
    for module in project.python:
        if is_compared(module):
            for name, (_, value) in constants(module).items():
                if not _OF_THE_FILE.search(name) and not _is_everywhere(value):
                    span = module.facts.scopes[0].bindings[name][0].span
                    places[(name, value)].append(Spot(module, span, 0, f"`{name}` again"))
    sets: dict[tuple[str, ...], dict[str, list[Spot]]] = defaultdict(dict)
    keyed: dict[str, set[str]] = {}
    for (name, _), found in sorted(places.items(), key=lambda item: str(item[0])):
        for one in found if len(found) > 1 else ():
            if one.module.path not in keyed:
                keyed[one.module.path] = _keyed(one.module)
        found = [one for one in found if name not in keyed.get(one.module.path, ())]
        for group in _neighbours(found):
            if len(originals(one.module for one in group)) > 1 and not _tied(project, group):
                sets[tuple(one.module.path for one in group)].setdefault(name, group)
    joined: dict[tuple[str, ...], dict[str, list[Spot]]] = {}
    for paths in sorted(sets, key=lambda paths: (-len(paths), paths)):  # files that agree in more than one name are told once
        home = next((other for other in joined if set(paths) <= set(other)), paths)
        joined.setdefault(home, {}).update({name: found for name, found in sets[paths].items() if name not in joined.get(home, {})})
    for paths, names in sorted(joined.items()):
        yield _twins(paths, names)


def _is_everywhere(value: object) -> bool:
    """Whether the text is a common one of protocols, devices, metrics or libraries: two programs hold it without knowing of each other."""
    return isinstance(value, str) and _EVERYWHERE.search(value) is not None


def _neighbours(found: list[Spot]) -> Iterator[list[Spot]]:
    """The places in groups of files that stand near their first."""
    rest = found
    while len(rest) > 1:
        group = [one for one in rest if near(rest[0].module.path, one.module.path)]
        rest = [one for one in rest if one not in group]
        paths = sorted({one.module.path for one in group})
        if len(paths) > 2 or len(paths) == 2 and near(paths[0], paths[1], 1):
            yield group


def _tied(project: Project, group: list[Spot]) -> bool:
    """Whether all are notebooks: each is run on its own, from top to bottom."""
    return all(is_notebook(one.module) for one in group)


def _twins(paths: tuple[str, ...], names: Mapping[str, list[Spot]]) -> Coupled:
    shown = ", ".join(f"`{name}`" for name in sorted(names)[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    first = sorted(names)[0]
    value = _text(names[first][0], first)
    weight = 0.75 if "/" in value or any(c.isdigit() for c in value) or len(re.findall(r"[-_.:]", value)) > 1 else 0.65
    spots = [*names[first], *(one for name in sorted(names)[1:] for one in names[name])]
    text = f"{shown} {'is' if len(names) == 1 else 'are'} defined with the same text in {len(paths)} files: nothing keeps them equal"
    return Coupled("twins", tuple(spots), text, " ".join(sorted(names)), 0.8 if len(names) > 1 or len(paths) > 2 else weight)


def _text(place: Spot, name: str) -> str:
    value = constants(place.module).get(name, (0, ""))[1]
    return value if isinstance(value, str) else ""
