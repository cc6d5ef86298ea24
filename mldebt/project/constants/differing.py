"""One setting with several defaults: which of them holds depends on where the program is entered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from mldebt.facts.model import Const
from mldebt.project.constants.defaults import Default, given, of_environment
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Spot, is_compared, is_notebook, is_placeholder, near, originals
from mldebt.project.constants.named import constants
from mldebt.project.project import Project
from mldebt.project.secrets import masked, shown

_PER_PROGRAM = re.compile(
    r"(^|_)(PORT|HOST|BIND|LISTEN|LOG|LOGGING|LEVEL|DEBUG|VERBOSE|WORKERS?|THREADS?|TIMEOUT|SEEDS?|RETRIES|INTERVAL|NAME|TITLE|VERSION|TAG|OUTPUT"
    r"|OUT|TMP|TEMP|DEVICES?|CUDA|GPU|RANK|WORLD|HOME|USER|PATH|DIR|FOLDER|ROOT|PWD|PASSWORD|SECRET|TOKEN|BATCH|EPOCHS?|LR|STEPS?|LIMIT|MAX|MIN"
    r"|TRIALS?|FOLDS?|ITERATIONS?|SAMPLES?)(_|$)",
    re.IGNORECASE,
)
_TWO_NAMES = re.compile(
    r"(DB|DATABASE|BUCKET|MODEL|EXPERIMENT|COLLECTION|TABLE|TOPIC|STREAM|QUEUE|INDEX|SCHEMA|ENDPOINT|PROJECT|DATASET)_NAME$", re.IGNORECASE
)
_SETTINGS_FILE = re.compile(
    r"^(\.{1,2}/)*\w[\w./-]*\.(ya?ml|toml|ini|cfg|conf|env)$|^(\.{1,2}/)*(\w[\w./-]*)?(config|settings|params?|options)[\w-]*\.json$"
)
_ENDING = re.compile(r"^(?P<stem>.*?/?[\w-]+?)(?P<ending>(\.[A-Za-z]\w{0,8})+)$")


class Differing(msgspec.Struct, frozen=True):
    """A setting whose defaults disagree; the first place is where the finding stands."""

    kind: str
    key: str
    places: tuple[Spot, ...]
    message: str
    confidence: float


def environment(project: Project) -> Iterator[Differing]:
    """Variables of the environment with several defaults, in reads and in constants of the same name."""
    known: dict[str, list[Default]] = defaultdict(list)
    for one in of_environment(project):
        if not one.sets and is_shared(one.key) and _says(one.value) and not project.catalogue.is_runtime_toggle(one.key.lower()):
            known[one.key].append(one)
    if not known:
        return
    named = _constants(project, known)
    for key, found in sorted(known.items()):
        while found:
            group = [one for one in found if near(found[0].module.path, one.module.path)]
            found = [one for one in found if one not in group]
            values = {_bare(one.value) for one in group}
            if len(values) > 1 and (len({one.module.path for one in group}) == 1 or len(originals(one.module for one in group)) > 1):
                yield reads(key, group, "reads")
            elif len(values) == 1:
                others = [(spot, value) for spot, value in named.get(key, ()) if near(spot.module.path, group[0].module.path)]
                said = {_bare(value) for _, value in others}
                if len(said) == 1 and not said & values and not all(is_notebook(spot.module) for spot, _ in others):
                    yield _constant(key, group, [spot for spot, _ in others], others[0][1])


def is_shared(key: str) -> bool:
    """Whether the variable names something that all programs share, not how one of them runs."""
    return _TWO_NAMES.search(key) is not None or _PER_PROGRAM.search(key) is None


def _says(value: object) -> bool:
    """Whether the default is a value of its own: empty texts and placeholders ask to be set."""
    if isinstance(value, str):
        return (
            bool(value.strip())
            and not is_placeholder(value)
            and value.lower() not in ("none", "null", "unknown", "0", "1", "true", "false")
        )
    return type(value) in (int, float) and value not in (0, 1, -1)


def _bare(value: object) -> str:
    """The value as text, without the folders of a path that is seen from another folder."""
    text = str(value).rstrip("/")
    return text.rpartition("/")[2] if "://" not in text and text.startswith((".", "/")) else text


def _constants(project: Project, keys: dict[str, list[Default]]) -> dict[str, list[tuple[Spot, str]]]:
    found: dict[str, list[tuple[Spot, str]]] = defaultdict(list)
    for module in project.python:
        if is_compared(module):
            for name, (_, value) in constants(module).items():
                if name in keys:
                    span = module.facts.scopes[0].bindings[name][0].span
                    found[name].append((Spot(module, span, 0, f"`{name}` is {shown(name, value)} here"), str(value)))
    return found


def reads(key: str, group: list[Default], kind: str) -> Differing:
    """The default that fewest places have, and the others."""
    counts: dict[str, int] = defaultdict(int)
    for one in group:
        counts[_bare(one.value)] += 1
    odd = min(group, key=lambda one: (counts[_bare(one.value)], one.module.path, one.span))
    other = next(one for one in group if _bare(one.value) != _bare(odd.value))
    rest = [one for one in group if one is not odd]
    places = (_at(odd), *(_at(one, f"{shown(key, one.value)} here") for one in rest))
    where = other.module.path if other.module is not odd.module else "another place of this file"
    text = f"`{key}` defaults to {shown(key, odd.value)} here and to {shown(key, other.value)} in {where}"
    return Differing(kind, key, places, text, 0.85)


def _constant(key: str, group: list[Default], others: list[Spot], value: str) -> Differing:
    one = group[0]
    text = f"`{key}` defaults to {shown(key, one.value)} here, but is {shown(key, value)} in {others[0].module.path}" + (
        " and others" if len(others) > 1 else ""
    )
    return Differing(
        "constant", key, (_at(one), *(_at(o, "the same default") for o in group[1:]), *others), text, 0.85 if len(others) > 1 else 0.75
    )


def _at(one: Default, note: str = "") -> Spot:
    return Spot(one.module, one.span, one.scope, note)


def formats(project: Project) -> Iterator[Differing]:
    """Defaults that name a file of another format than what committed files set, one finding for each pair of files."""
    sets: dict[str, list[tuple[str, Spot]]] = defaultdict(list)
    for one in given(project):
        sets[one.key].append((one.value, Spot(one.module, one.span, 0, f"`{one.key}` is set to {masked(one.value)} here")))
    pairs: dict[tuple[str, str], list[tuple[Default, Spot]]] = defaultdict(list)
    for default in of_environment(project):
        theirs = [(value, spot) for value, spot in sets.get(default.key, ()) if _other_format(default.value, value)]
        if theirs and len(theirs) == len(sets[default.key]):
            pairs[(default.module.path, theirs[0][1].module.path)].append((default, theirs[0][1]))
    for (_, path), found in sorted(pairs.items()):
        keys = sorted({default.key for default, _ in found})
        names = ", ".join(f"`{key}`" for key in keys[:3]) + (f" and {len(keys) - 3} more" if len(keys) > 3 else "")
        places = (*(_at(default) for default, _ in found), *(spot for _, spot in found))
        text = f"by default {names} {'names' if len(keys) == 1 else 'name'} a file of another format than {path} sets"
        yield Differing("format", " ".join(keys), places, text, 0.85)


def _other_format(default: object, value: str) -> bool:
    """Whether both name the same file but for its ending."""
    if not isinstance(default, str):
        return False
    left, right = _ENDING.match(default), _ENDING.match(value)
    if left is None or right is None or left["ending"] == right["ending"]:
        return False
    return left["stem"].rpartition("/")[2] == right["stem"].rpartition("/")[2]


def fallbacks(project: Project) -> Iterator[Differing]:
    """One settings file that files of the same folder pass to the same function by different relative paths."""
    found: dict[tuple[str, str, str, str], list[Literal]] = defaultdict(list)
    for module in project.python:
        if not is_compared(module) or module.facts.places:
            continue
        wanted = {
            index
            for index in module.of_kind(Const)
            if type(text := module.facts.values[index].value) is str and len(text) < 120 and _SETTINGS_FILE.match(text)  # type: ignore[union-attr]
        }
        for one in literals(module, wanted):
            text = str(one.value)
            if one.how == "argument" and one.callee and "/" in text:
                found[(module.path.rpartition("/")[0], one.callee, one.name, _trimmed(text))].append(one)
    for (_, callee, _, name), places in sorted(found.items()):
        spellings = sorted({_up(str(one.value)) for one in places})
        if len(spellings) > 1 and len({one.module.path for one in places}) > 1:
            first = min(places, key=lambda one: (-_up(str(one.value)), one.module.path, one.span))
            rest = [one for one in places if one is not first and _up(str(one.value)) != _up(str(first.value))]
            other = rest[0]
            text = f"`{callee}` gets {first.value!r} here and {other.value!r} in {other.module.path}: the folder decides which is found"
            spots = (Spot(first.module, first.span, first.scope), *(Spot(o.module, o.span, o.scope, f"{o.value!r} here") for o in rest))
            yield Differing("fallback", name, spots, text, 0.85)


def _trimmed(path: str) -> str:
    return re.sub(r"^(\.{0,2}/)+", "", path)


def _up(path: str) -> int:
    """How many folders up the path begins."""
    return path.count("../")
