"""Texts that name one thing outside the code - a place of a store, a run, a model - and stand as literals in several files."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256

from mldebt.facts.model import Const, Map
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, is_compared, is_notebook, is_placeholder, near, originals, spot
from mldebt.project.constants.named import is_own, speaks
from mldebt.project.events import argument
from mldebt.project.project import Module, Project
from mldebt.project.secrets import masked

_STORE = re.compile(r"^(s3[an]?|gs|gcs|az|abfss?|wasbs?|hdfs|dbfs|adl|oss|models|runs):/{1,2}[^/\s]\S{5,}$")
_FILE = re.compile(
    r"^https?://[^/\s]+/\S*\.(csv|tsv|parquet|json|jsonl|pkl|pickle|joblib|pth?|h5|hdf5?|onnx|bin|zip|gz|tgz|bz2|tar|npz|npy|model|safetensors"
    r"|txt|xlsx?|feather|arrow|ckpt|pb|tflite)(\?\S*)?$",
    re.IGNORECASE,
)
_OWN_STORE = re.compile(r"^https?://[^/\s]*(storage\.googleapis|amazonaws|blob\.core\.windows|cloudfront)[^/\s]*/\S{6,}$")
_SERVER = re.compile(
    r"^(\w+\+)?(amqps?|mongodb(\+srv)?|postgres(ql)?|mysql|redis|rediss|mssql|kafka|snowflake|clickhouse)(\+\w+)?://\S{8,}$"
)
_DSN = re.compile(r"(?=.*\b(host|server)\s*=)(?=.*\b(password|pwd|dbname|database|user)\s*=)", re.IGNORECASE)
_RESOURCE = re.compile(r"^(arn:aws:(?!iam::aws:)\S{8,}|projects/[\w{}.-]+/[\w{}/.-]{4,})$")
_RUN = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{16,64}$|^(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_FORMULA = re.compile(r"^(?=\S*[A-Za-z]\w*\(.*\W\w*\$?\w+.*\))(?=.*\) ?[-+*/] ?\d*\w)(?=.*\$\w)[^?\\;{}]{12,200}$")
_PATTERN = re.compile(r"[()\[\]^|\\]")  # of a regular expression, never of a name
_LOCAL = re.compile(r"//([^/@]*@)?(localhost|127\.|0\.0\.0\.0|host\.docker)")
_PUBLIC = re.compile(
    r"^https?://[^/]*\bschemas?[./]|/schemas?/|^https?://(www\.)?(docs?|github|gitlab|arxiv|doi|wikipedia|stackoverflow|en\.wikipedia)[.]"
)
_NAME = re.compile(
    r"(^|_)(experiment|registered_model|endpoint|bucket|topic|stream|queue|collection|deployment|feature_view|subscription|index|project|workspace"
    r"|namespace)(_?(name|id|uri))$(?<!index_name)|^(Bucket|bucket|topic|run_id|NameContains|EndpointName|StreamName|QueueUrl)$"
)
_PUBLISHED_ID = re.compile(  # RFC 4122: name spaces, the empty id, the full one; ids of partitions and of Bluetooth services
    r"^6ba7b81[0-9a-f]-9dad-11d1-80b4-00c04fd430c8$|^0{8}-(0{4}-){3}0{11}[0-9a-f]$|^f{8}-(f{4}-){3}f{12}$|-0000-1000-8000-00805f9b34fb$",
    re.IGNORECASE,
)
_NOT = re.compile(r"^scopes$|hash|md5|sha\d|checksum|digest|etag", re.IGNORECASE)  # of a file that does not change
_EXAMPLE = re.compile(r"(^|_)examples?(_|$)", re.IGNORECASE)
_SLUG = re.compile(r"^(?=\S{8,120}$)(?=.*[-_/.:])[A-Za-z0-9][\w./:@-]*$")
_WIDTH = 60  # characters of a text in a message
_PATHS = frozenset({"place", "resource", "server", "model"})
_RUNS = frozenset({"len", "run", "call", "check_call", "check_output", "Popen", "system"})


def kind_of(text: str) -> str:
    """What the text is when it names one thing; empty for everything else."""
    if "\n" in text or is_placeholder(text):
        return ""
    if _PATTERN.search(text):
        return "formula" if _FORMULA.match(text) else ""
    if _STORE.match(text):
        return "place"
    if _DSN.search(text) and len(text) < 200:
        return "server"
    if _LOCAL.search(text) or _PUBLIC.search(text):
        return ""
    if _FILE.match(text) or _OWN_STORE.match(text):
        return "place"
    if _SERVER.match(text):
        return "server"
    if _RESOURCE.match(text):
        return "resource"
    if _RUN.match(text):
        return "" if _PUBLISHED_ID.search(text) else "id"
    return "formula" if _FORMULA.match(text) else ""


_ALONE = frozenset({"place", "server", "formula"})  # told of one file too, when several functions of it hold the text
_WORDS = {
    "place": "the same address",
    "server": "the same connection",
    "resource": "the same resource",
    "id": "the same id",
    "formula": "the same formula",
    "model": "the same model",
    "name": "the same name",
}


class Texts:
    """Literals of the whole project by their text, for texts that name one thing."""

    def __init__(self, project: Project) -> None:
        self.kinds: dict[str, str] = {}
        self.places: dict[str, list[Literal]] = defaultdict(list)
        held = [(module, _texts(module), _given(module)) for module in project.python if is_compared(module)]
        files = Counter(text for _, texts, _ in held for text in texts)
        models = _models(project)
        examples: set[str] = set()
        told: dict[str, str] = {}  # what a text is; asked once, and never of texts that cannot be anything
        for module, texts, given in held:
            wanted: dict[int, str] = {}
            for text, index in texts.items():
                if files[text] > 1 or "://" in text or "$" in text or "=" in text:
                    if text not in told:
                        kind = "" if _is_public(text, project.catalogue.public) else kind_of(text)
                        told[text] = kind or ("model" if text in models else "")
                    telling = bool(told[text]) and (files[text] > 1 or told[text] in _ALONE)
                    if telling or (index in given and files[text] > 1 and _SLUG.match(text) and is_own(text)):
                        wanted[index] = text
            for one in literals(module, wanted):
                text = wanted[one.index]
                if _is_example(one):
                    examples.add(text)
                if (told[text] or _is_name(one.name)) and not speaks(one) and one.callee not in _RUNS and not _NOT.search(one.name):
                    self.places[text].append(one)
                    self.kinds[text] = told[text] or "name"
        for text in examples:  # what the documentation of an interface shows, and what is made up for it
            self.places.pop(text, None)


def _is_example(one: Literal) -> bool:
    """Whether the documentation of an interface shows the text."""
    return _EXAMPLE.search(one.name) is not None or _EXAMPLE.search(one.module.facts.scopes[one.scope].name) is not None


def _given(module: Module) -> frozenset[int]:
    """The values that are given to a parameter, a variable or a key which is called like the name of a thing."""
    facts = module.facts
    found = {value for _, call, _ in module.calls for name, value in call.keywords if _is_name(name)}
    for scope in facts.scopes:
        found.update(binding.value for name, bindings in scope.bindings.items() if _is_name(name) for binding in bindings)
        found.update(parameter.default for parameter in scope.parameters if _is_name(parameter.name))
    for index in module.of_kind(Map):
        shown = facts.values[index]
        for key, value in zip(shown.keys, shown.values, strict=True):  # type: ignore[union-attr]
            named = facts.values[key] if key >= 0 else None
            if type(named) is Const and isinstance(named.value, str) and _is_name(named.value):
                found.add(value)
    return frozenset(found)


@lru_cache(maxsize=20_000)
def _is_name(name: str) -> bool:
    return _NAME.search(name) is not None


def _is_public(text: str, buckets: frozenset[str]) -> bool:
    """Whether the text names a place that its owner publishes for everybody."""
    return "://" in text and not buckets.isdisjoint(text.partition("://")[2].split("/")[:2])


def _texts(module: Module) -> dict[str, int]:
    """The texts of a file that are not too short or too long, with the place of each."""
    values = module.facts.values
    return {text: i for i in module.of_kind(Const) if type(text := values[i].value) is str and 8 <= len(text) <= 300}  # type: ignore[union-attr]


def _models(project: Project) -> frozenset[str]:
    """Names under which code asks a hub for a model, written where it asks."""
    found: set[str] = set()
    for event in project.calls("hub-load"):
        index = argument(event.call, event.entry.args.get("ref"))
        value = event.module.facts.values[index] if index is not None and index >= 0 else None
        named = event.entry.store != "torchhub"  # there it is a repository of code
        if named and type(value) is Const and type(value.value) is str and "/" in value.value and kind_of(value.value) == "":
            found.add(value.value)
    return frozenset(found)


def repeated(project: Project) -> Iterator[Coupled]:
    """Names of one thing that stand as literals in several files; texts of the same files in one finding."""
    texts = Texts(project)
    groups: dict[tuple[str, tuple[str, ...]], list[tuple[str, float, list[Literal]]]] = defaultdict(list)
    for text, found in sorted(texts.places.items()):
        kind = texts.kinds.get(text, "name")
        by_file: dict[str, list[Literal]] = defaultdict(list)
        for one in found:
            by_file[one.module.path].append(one)
        if kind != "id":
            first = min(by_file, default="", key=lambda path: (is_notebook(by_file[path][0].module), path))
            by_file = {path: held for path, held in by_file.items() if near(path, first)}
        confidence = _confidence(kind, by_file, text.startswith("http"))
        if confidence:
            files = sorted(by_file, key=lambda path: (is_notebook(by_file[path][0].module), path))
            groups[(kind, tuple(files))].append((text, confidence, [one for path in files for one in by_file[path]]))
    for (kind, paths), held in sorted(groups.items()):
        yield _coupled(kind, paths, held)


def _confidence(kind: str, by_file: Mapping[str, list[Literal]], foreign: bool) -> float:
    apart = originals(held[0].module for held in by_file.values())
    code = [module for module in apart if not is_notebook(module)]
    if len(by_file) == 1 and kind in _ALONE and code:
        return 0.7 if len({one.scope for held in by_file.values() for one in held}) > 1 else 0.0
    if len(apart) < 2 or not code and kind != "id":
        return 0.0
    confidence = {"id": 0.9, "place": 0.85, "server": 0.85, "resource": 0.8, "formula": 0.75, "model": 0.8, "name": 0.75}[kind]
    if len(apart) < 3 and kind != "id" and (len(code) < 2 or foreign):
        confidence -= 0.15
    if kind == "model" and len(apart) < 3:
        confidence -= 0.1
    return round(confidence, 2)


def _coupled(kind: str, paths: tuple[str, ...], held: list[tuple[str, float, list[Literal]]]) -> Coupled:
    shown = [_shown(kind, text) for text, _, _ in held]
    names = ", ".join(f"`{text}`" for text in shown[:2]) + (f" and {len(shown) - 2} more" if len(shown) > 2 else "")
    where = f"{len(paths)} files" if len(paths) > 1 else "several functions of this file"
    message = f"{names} {'stands as a literal' if len(shown) == 1 else 'stand as literals'} in {where}: the copies must change together"
    places = tuple(spot(one, _WORDS[kind]) for _, _, found in held for one in found)
    texts = "\n".join(sorted(masked(text) if kind != "id" else text for text, _, _ in held))
    anchor = f"{kind} {sha256(texts.encode()).hexdigest()[:12]}"
    return Coupled("literal", places, message, anchor, max(confidence for _, confidence, _ in held))


def _shown(kind: str, text: str) -> str:
    """The text without a password, and not too long: the end tells one address from the next."""
    text = f"{text[:8]}..." if kind == "id" else masked(text)  # an id may be a secret
    if len(text) > _WIDTH and kind == "place":
        text = text.partition("?")[0]
    if len(text) <= _WIDTH:
        return text
    last = text.rstrip("/").rpartition("/")[2] if kind in _PATHS else ""
    joint = ".../" if 0 < len(last) <= _WIDTH - 12 else "..."
    end = last if joint == ".../" else text[-_WIDTH // 2 :]
    return f"{text[: _WIDTH - len(joint) - len(end)]}{joint}{end}"
