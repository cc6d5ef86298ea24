"""Names of artifacts in the form in which they are compared: segments, wildcards, and what only tells versions apart."""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from mldebt.project.artifacts.identity import PATHS
from mldebt.project.artifacts.model import Hole, Identity, Template
from mldebt.project.artifacts.templates import FIRST_CODE, coded, decoded, normal_path, text

ANY, GLOB, MARK, DEEP = "\U0010f000", "\U0010f001", "\U0010f002", "\U0010f003"  # some text, any text, a version or date, any folders
WILD = re.compile(f"[{ANY}{GLOB}{DEEP}]")
NOT_TEXT = re.compile(f"[{ANY}{GLOB}{MARK}{DEEP}]+")
_OPEN = frozenset({"unknown", "param", "cli", "env", "config"})  # at the start of a path: some folder, however deep

_PACKED = re.compile(r"(?<=[^/])\.(?:gz|bz2|zst|xz|lz4)$|(?<=\.\w{3})\.zip$|(?<=\.\w{4})\.zip$")
_DATE = re.compile(
    r"(?<![0-9A-Za-z])(?:19|20)\d\d(?:-[01]\d(?:-[0-3]\d)?|[01]\d[0-3]\d|_[01]\d_[0-3]\d)(?:[T_-]?\d\d[-:]?\d\d(?:[-:]?\d\d)?)?(?![0-9A-Za-z])"
)
_PARTITION = re.compile(
    r"(?:year|month|day|hour|dt|ds|date|week|run_date|run|version)=[^/]+|[vV]\d+(?:\.\d+)*|\d+(?:\.\d+)+|\d{4,}|(?=[a-f]*\d)[0-9a-f]{7,40}"
)
EXTENSION = re.compile(r"\.[A-Za-z][A-Za-z0-9_]{0,11}$")
_BETWEEN = re.compile(r"[\W_]+")
GENERIC = frozenset({
    "data", "dataset", "datasets", "df", "file", "files", "sample", "samples", "input", "inputs", "output", "outputs", "out", "result",
    "results", "tmp", "temp", "cache", "x", "y", "raw", "processed", "train", "training", "test", "testing", "valid", "validation", "val",
    "dev", "model", "models", "best", "last", "final", "weights", "checkpoint", "checkpoints", "ckpt", "embeddings", "embedding", "log",
    "logs", "metric", "metrics", "config", "configs", "param", "params", "feature", "features", "label", "labels", "pred", "preds",
    "prediction", "predictions", "submission", "submissions", "artifact", "artifacts", "src", "home", "user", "users", "mnt", "content",
    "root",
    "metadata", "meta", "info", "summary", "report", "reports", "stats", "statistics", "eval", "evaluation", "parameters",
    "hyperparameters", "settings", "options", "requirements", "tokenizer", "tokens", "vocab", "vocabulary", "annotations", "pytorch",
    "tensorflow", "optimizer", "scheduler", "preprocessor", "classifier", "regressor", "pipeline", "encoder", "scaler",
})  # fmt: skip
_DEFAULT_SCHEMAS = frozenset({"public", "dbo", "main", "default"})


class Shape(msgspec.Struct, frozen=True):
    """A name as segments from left to right; `marked` has dates and versions replaced, `named` keeps the names of the holes."""

    open: bool  # begins with a hole that may stand for any folders
    absolute: bool
    segments: tuple[str, ...]
    marked: tuple[str, ...]
    named: tuple[str, ...]
    partition: tuple[str, ...]
    constant: bool
    says: bool  # more than holes and an extension; a constant name always does


@lru_cache(maxsize=50_000)
def shape(identity: Identity) -> Shape:
    """The name of an identity, ready to be compared."""
    path = identity.store in PATHS
    name, revision = _revision_apart(identity)
    code, holes = coded(normal_path(name) if path else name)
    if path:
        code = _PACKED.sub("", code)
    wild = code
    for at, hole in enumerate(holes):
        wild = wild.replace(chr(FIRST_CODE + at), _wildcard(hole))
    parts = _split(identity.store, wild)
    opened = path and parts[:1] == ("~",)
    if opened:
        parts = parts[1:]
    elif holes and ord(code[0]) == FIRST_CODE and holes[0].origin in _OPEN:
        opened = True
        parts = parts[1:] if parts[0] == ANY else (GLOB + parts[0][1:], *parts[1:])
    marked = tuple(_marked(part, at == len(parts) - 1) for at, part in enumerate(parts)) if path else parts
    times = (f"{{{hole.name or hole.origin}}}" for hole in holes if hole.origin in ("time", "run"))
    values = (NOT_TEXT.sub("*", part) for part, mark in zip(parts, marked, strict=True) if part != mark)
    return Shape(
        open=opened,
        absolute=identity.store == "file" and code.startswith("/"),
        segments=parts,
        marked=marked,
        named=_split(identity.store, text(decoded(code, holes))),
        partition=(*revision, *times, *values),
        constant=not holes,
        says=not holes or _has_own_text(parts, path),
    )


def _wildcard(hole: Hole) -> str:
    if hole.origin in ("time", "run"):
        return MARK
    if hole.origin == "glob":
        return DEEP if hole.name == "**" else GLOB
    return ANY


def _split(store: str, code: str) -> tuple[str, ...]:
    if store == "table":
        return tuple(code.split("."))
    if store in ("topic", "key", "dataset", "feast"):
        return (code,)
    parts = tuple(part for part in code.split("/") if part not in ("", "."))
    start = 0
    while start < len(parts) and parts[start] == "..":
        start += 1
    return parts[start:]


def _revision_apart(identity: Identity) -> tuple[Template, tuple[str, ...]]:
    if identity.store not in ("mlflow", "hf", "torchhub"):
        return identity.name, ()
    code, holes = coded(identity.name)
    kept, at, revision = code.rpartition("@")
    return (decoded(kept, holes), (text(decoded(revision, holes)),)) if at else (identity.name, ())


@lru_cache(maxsize=50_000)
def _marked(part: str, last: bool) -> str:
    """The segment with what tells its versions apart replaced by one mark."""
    ending = found[0] if last and (found := EXTENSION.search(part)) else ""
    stem = part.removesuffix(ending)
    return (MARK if _PARTITION.fullmatch(stem) else _DATE.sub(MARK, stem)) + ending


@lru_cache(maxsize=50_000)
def letters(part: str, is_last: bool) -> int:
    """How many characters of a segment say which artifact it is: no extension, no generic words, no bare numbers."""
    if is_last and (found := EXTENSION.search(part)):
        part = part[: found.start()]
    count = 0
    for word in _BETWEEN.split(part):
        stem = word.rstrip("0123456789").lower()
        if stem and stem not in GENERIC:
            count += len(word)
    return count


def score(parts: tuple[str, ...], has_extension: bool) -> int:
    """The letters of the last two segments that are more than a version."""
    kept = [at for at, part in enumerate(parts) if part != MARK][-2:]
    return sum(letters(parts[at], has_extension and at == len(parts) - 1) for at in kept)


def literal_space(identity: Identity) -> bool:
    """Whether the bucket, host, database or schema is spelled out."""
    if identity.store == "table":
        parts = shape(identity).segments
        return len(parts) > 1 and not NOT_TEXT.search(parts[-2]) and parts[-2] not in _DEFAULT_SCHEMAS
    return identity.store in PATHS and bool(identity.namespace) and all(isinstance(part, str) for part in identity.namespace)


def _has_own_text(parts: tuple[str, ...], has_extension: bool) -> bool:
    """Whether a name says more than holes and an extension."""
    last = len(parts) - 1
    stems = (EXTENSION.sub("", part) if has_extension and at == last else part for at, part in enumerate(parts))
    return any(letter.isalnum() for stem in stems for letter in NOT_TEXT.sub("", stem))
