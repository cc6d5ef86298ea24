"""Texts that name one thing outside the code - a place of a store, a run, a model - and stand as literals in several files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping

from mldebt.facts.model import Const
from mldebt.project.constants.literals import Literal, literals
from mldebt.project.constants.model import Coupled, is_compared, is_notebook, is_placeholder, near, originals, spot
from mldebt.project.constants.named import is_own, speaks
from mldebt.project.events import argument
from mldebt.project.project import Project

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
_RESOURCE = re.compile(r"^(arn:aws:(?!iam::aws:)\S{8,}|projects/[^/\s]+/\S{4,})$")
_RUN = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{16,64}$|^(?=.*\d)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
_FORMULA = re.compile(r"^(?=\S*[A-Za-z]\w*\(.*\W\w*\$?\w+.*\))(?=.*\) ?[-+*/] ?\d*\w)(?=.*\$\w)[^?\\;{}]{12,200}$")
_LOCAL = re.compile(r"//([^/@]*@)?(localhost|127\.|0\.0\.0\.0|host\.docker)")
_PUBLIC = re.compile(
    r"^https?://[^/]*\bschemas?[./]|/schemas?/|^https?://(www\.)?(docs?|github|gitlab|arxiv|doi|wikipedia|stackoverflow|en\.wikipedia)[.]"
)
_NAME = re.compile(
    r"(^|_)(experiment|registered_model|endpoint|bucket|topic|stream|queue|collection|deployment|feature_view|subscription|index|project|workspace"
    r"|namespace)(_?(name|id|uri))$(?<!index_name)|^(Bucket|bucket|topic|run_id|NameContains|EndpointName|StreamName|QueueUrl)$"
)
_SLUG = re.compile(r"^(?=\S{8,120}$)(?=.*[-_/.:])[A-Za-z0-9][\w./:@-]*$")
_SECRET = re.compile(r"((?:password|pwd)\s*=\s*)[^\s;]+|(://[^:@/\s]*:)[^@/\s]+(?=@)", re.IGNORECASE)
_RUNS = frozenset({"run", "call", "check_call", "check_output", "Popen", "system"})


def kind_of(text: str) -> str:
    """What the text is when it names one thing; empty for everything else."""
    if len(text) > 300 or is_placeholder(text) or "\n" in text:
        return ""
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
        return "id"
    return "formula" if _FORMULA.match(text) else ""


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
        self._project = project
        self.kinds: dict[str, str] = {}
        self.places: dict[str, list[Literal]] = defaultdict(list)
        models = self._models()
        for module in project.python:
            if not is_compared(module):
                continue
            wanted: dict[int, str] = {}
            for index in module.of_kind(Const):
                text = module.facts.values[index].value  # type: ignore[union-attr]
                if type(text) is str and len(text) >= 8:
                    kind = kind_of(text)
                    if kind or text in models:
                        wanted[index] = text
                        self.kinds[text] = kind or "model"
                    elif _SLUG.match(text) and is_own(text):
                        wanted[index] = text
            for one in literals(module, wanted):
                text = wanted[one.index]
                if text not in self.kinds and not _NAME.search(one.name):
                    continue
                if not speaks(one) and one.callee not in _RUNS and one.name != "scopes":
                    self.places[text].append(one)

    def _models(self) -> frozenset[str]:
        """Names under which code asks a hub for a model, written where it asks."""
        found: set[str] = set()
        for event in self._project.calls("hub-load"):
            index = argument(event.call, event.entry.args.get("ref"))
            value = event.module.facts.values[index] if index is not None else None
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
            by_file = {path: held for path, held in by_file.items() if near(path, first)}  # type: ignore[assignment]
        confidence = _confidence(kind, by_file, text.startswith("http"))
        if confidence:
            paths = sorted(by_file, key=lambda path: (is_notebook(by_file[path][0].module), path))
            groups[(kind, tuple(paths))].append((text, confidence, [one for path in paths for one in by_file[path]]))
    for (kind, paths), held in sorted(groups.items()):
        yield _coupled(kind, paths, held)


def _confidence(kind: str, by_file: Mapping[str, list[Literal]], foreign: bool) -> float:
    apart = originals(held[0].module for held in by_file.values())
    code = [module for module in apart if not is_notebook(module)]
    if len(by_file) == 1 and kind not in ("name", "model") and code:
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
    return Coupled("literal", places, message, f"{kind} {' '.join(shown)}"[:200], max(confidence for _, confidence, _ in held))


def _shown(kind: str, text: str) -> str:
    """The text without a password, and not too long."""
    if kind == "server":
        text = _SECRET.sub(lambda found: f"{found.group(1) or found.group(2)}***", text)
    if kind == "id":
        text = f"{text[:8]}..."  # it may be a secret
    return text if len(text) <= 60 else f"{text[:57]}..."
