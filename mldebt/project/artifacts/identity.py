"""What a path, bucket and key, table, topic or reference names: identities, with OpenLineage's names for them."""

from __future__ import annotations

import re

from mldebt.project.artifacts.model import Hole, Identity, Template
from mldebt.project.artifacts.templates import coded, decoded, from_glob, normal_path, template, text
from mldebt.project.secrets import logged_out, withheld

PATHS = frozenset({"file", "s3", "gs", "azure", "hdfs", "dbfs", "http"})  # stores whose names are paths

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(//|/)?")
_STORES = {
    "s3": "s3", "s3a": "s3", "s3n": "s3", "gs": "gs", "gcs": "gs", "hdfs": "hdfs", "webhdfs": "hdfs", "viewfs": "hdfs", "dbfs": "dbfs",
    "az": "azure", "abfs": "azure", "abfss": "azure", "adl": "azure", "wasb": "azure", "wasbs": "azure",
    "http": "http", "https": "http", "ftp": "http",
}  # fmt: skip
_LONGEST_HOST = 300  # characters
_S3_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?s3(?:[.-][^/.]+)?(?:\.dualstack)?(?:\.[^/.]+)?\.amazonaws\.com(?:\.cn)?")
_GCS_HOST = re.compile(r"(?:(?P<bucket>.+)\.)?storage(?:\.cloud)?\.(?:googleapis|google)\.com")
_AZURE_HOST = re.compile(r"(?P<account>[^.]+)\.(?:blob|dfs)\.core\.(?:windows\.net|usgovcloudapi\.net|chinacloudapi\.cn)")
_NUMBERED = re.compile(r"\{\d+\}")  # what `"{0}/{1}".format(*parts)` leaves open
_HUB = re.compile(r"(?P<kind>datasets/|spaces/)?(?P<ref>[^/]+/[^/]+)/(?:resolve|raw|blob)/(?P<revision>[^/]+)/(?P<path>.+)")
_GITHUB = re.compile(r"(?P<repository>[^/]+/[^/]+)/(?:blob|raw)/(?P<path>.+)")
_NOISE = re.compile(r"(?:raw|dl|download|alt|versionId|token|sig|se|sp|sv|sr|X-Amz-[\w-]+|X-Goog-[\w-]+)(?:=[^&]*)?")
_QUOTES = re.compile(r"[`\"'\[\]]")
_DECORATOR = re.compile(r"[$@](?:\d|-).*$")  # of one partition, or of a past state, of a BigQuery table
_PARENTS = re.compile(r"(?:projects/[^/]+/(?:topics|subscriptions)/|arn:aws:[^/]*[:/])")


def of_path(t: Template) -> Identity | None:
    """The identity of a path or URL; None where the text is empty, a standard stream or in memory."""
    code, holes = coded(t)
    code = code.strip().replace("\\", "/")
    if code in ("", "-", ":memory:", "/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/null"):
        return None
    found = _SCHEME.match(code)
    scheme = found[1].lower() if found else ""
    rest = code[found.end() :] if found else ""
    if scheme in ("models", "runs", "mlflow-artifacts"):
        return Identity("mlflow", (), decoded(f"{scheme}:/{_version_apart(scheme, rest.strip('/'))}", holes))
    if scheme == "hf":
        return _of_hub(rest, holes)
    if scheme == "dbfs" or code.startswith("/dbfs/"):
        return Identity("dbfs", (), _key(rest if scheme else code.removeprefix("/dbfs/"), holes))
    if scheme == "file":
        return _local(("/" if found and found[2] == "/" else "") + rest, holes)
    if scheme == "sqlite":
        return _local(rest.removeprefix("/"), holes) if rest.strip("/") not in ("", ":memory:") else None
    if found and found[2] == "//" and scheme in _STORES:
        host, _, path = rest.partition("/")
        return _of_url(_STORES[scheme], host, path, holes)
    return _local(code, holes)


def of_bucket(store: str, bucket: Template, key: Template = ()) -> Identity:
    """An object in a bucket or container; the bucket may be given with its scheme, and with the start of the key."""
    code, holes = coded(template(bucket, "/", key))
    found = _SCHEME.match(code)
    name, _, rest = (code[found.end() :] if found else code).partition("/")
    return Identity(_STORES.get(store, store), _bucket(name, holes), _key(rest, holes))


def of_table(system: Template | str, name: Template) -> Identity | None:
    """A table of a database system; quotes, partition decorators and case do not distinguish tables."""
    code, holes = coded(name)
    code = _DECORATOR.sub("", _QUOTES.sub("", code).strip()).replace(":", ".").lower()
    parts = [part.strip() for part in code.split(".")]
    kept = ".".join(parts[-3:]).strip(".")
    if not kept:
        return None
    return Identity("table", _namespace(system), from_glob(decoded(kept, holes)))


def of_topic(system: Template | str, name: Template) -> Identity:
    """A topic or stream of a message broker, by its last name."""
    code, holes = coded(name)
    return Identity("topic", _namespace(system), decoded(_PARENTS.sub("", code, count=1), holes))


def of_reference(store: str, ref: Template, revision: Template = (), namespace: Template | str = ()) -> Identity:
    """A name in a registry, hub, feature store or catalog; for hf the namespace is models or datasets. A revision stands behind `@`."""
    return Identity(store, _namespace(namespace), template(ref, "@", revision) if revision else ref)


def openlineage(identity: Identity) -> tuple[str, str]:
    """Namespace and name as the OpenLineage naming specification writes them."""
    space, name = text(identity.namespace), text(identity.name)
    match identity.store:
        case "s3" | "gs" | "hdfs" as scheme:
            return (f"{scheme}://{space}" if space else scheme), name
        case "azure":
            container, _, account = space.partition("@")
            return (f"abfss://{container}@{account}.dfs.core.windows.net" if account else f"abfss://{container}"), name
        case "dbfs":
            return (f"dbfs://{space}" if space else "dbfs"), name
        case "http":
            return f"https://{space}", name
        case "table":
            return space or "sql:{unknown}", name
        case "topic":
            return (space if "://" in space or not space else f"{space}://") or "topic", name
        case "hf" | "torchhub" | "feast" as scheme:
            return (f"{scheme}://{space}" if space else scheme), name
        case store:
            return (f"{store}://{space}" if space else store), name


def label(identity: Identity) -> str:
    """The artifact in a message: `data/train.csv`, `s3://bucket/key`, `table analysis.ltv`; a hole of a mere number is `...`."""
    space, name = (withheld(_NUMBERED.sub("...", text(part))) for part in (identity.namespace, identity.name))
    space = logged_out(space)
    match identity.store:
        case "file" | "mlflow":
            return name
        case "http":
            return f"https://{space}/{name}"
        case "hf":
            return f"hf://{name}" if space in ("", "models") else f"hf://{space}/{name}"
        case "azure" | "s3" | "gs" | "hdfs" as store:
            return f"{'az' if store == 'azure' else store}://{space.partition('@')[0]}/{name}"
        case "dbfs":
            return f"dbfs:/{name}"
        case store:
            return f"{store} {name}"


def _namespace(system: Template | str) -> Template:
    return template(system)


def _local(code: str, holes: tuple[Hole, ...]) -> Identity:
    return Identity("file", (), normal_path(decoded(code, holes)))


def _bucket(code: str, holes: tuple[Hole, ...]) -> Template:
    """One that nobody names, or that a default leaves empty, is a hole of that name: who runs the code says which."""
    found = decoded(code, holes)
    if len(found) == 1 and type(hole := found[0]) is Hole and not hole.name:
        return (Hole("bucket", hole.origin),)
    return found or (Hole("bucket"),)


def _key(code: str, holes: tuple[Hole, ...]) -> Template:
    """The name in a bucket: a normal path without its leading slash."""
    return normal_path(decoded(code.replace("\\", "/").strip("/"), holes))


def _of_url(store: str, host: str, path: str, holes: tuple[Hole, ...]) -> Identity:
    """A URL; the web addresses of buckets, hub files and files of a Git host name the same as their other spellings."""
    if store == "azure":
        container, _, server = host.partition("@")
        account = server.partition(".")[0]
        return Identity("azure", decoded(f"{container}@{account}" if account else container, holes), _key(path, holes))
    if store != "http":
        return Identity(store, _bucket(host, holes) if store in ("s3", "gs") else decoded(host, holes), _key(path, holes))
    host = host.rpartition("@")[2].lower()
    bare = path.partition("#")[0].partition("?")[0]
    for kind, pattern in () if len(host) > _LONGEST_HOST else (("s3", _S3_HOST), ("gs", _GCS_HOST)):
        if found := pattern.fullmatch(host):
            bucket, _, key = (found["bucket"], "", bare) if found["bucket"] else bare.partition("/")
            return Identity(kind, decoded(bucket, holes), _key(key, holes))
    if found := _AZURE_HOST.fullmatch(host):
        container, _, key = bare.partition("/")
        return Identity("azure", decoded(f"{container}@{found['account']}", holes), _key(key, holes))
    if host == "huggingface.co" and (found := _HUB.fullmatch(bare)):
        space = (found["kind"] or "models/").rstrip("/")
        return Identity("hf", (space,), decoded(f"{found['ref']}/{found['path']}@{found['revision']}", holes))
    if host == "github.com" and (found := _GITHUB.fullmatch(bare)):
        host, path = "raw.githubusercontent.com", f"{found['repository']}/{found['path']}"
    return Identity("http", decoded(host, holes), _web(path, holes))


def _web(path: str, holes: tuple[Hole, ...]) -> Template:
    """Path and query, without what only says how to deliver the same bytes."""
    bare, _, query = path.partition("#")[0].partition("?")
    kept = "&".join(part for part in query.split("&") if part and not _NOISE.fullmatch(part))
    name = _key(bare, holes)
    return template(name, "?", decoded(kept, holes)) if kept else name


def _of_hub(rest: str, holes: tuple[Hole, ...]) -> Identity:
    """`hf://[datasets/]org/name[@revision][/path]`."""
    kind, _, inner = rest.strip("/").partition("/")
    if kind not in ("datasets", "spaces", "models"):
        kind, inner = "models", rest.strip("/")
    found = re.fullmatch(r"([^@]+)@([^/]+)(/.*)?", inner)
    name = f"{found[1]}{found[3] or ''}@{found[2]}" if found else inner
    return Identity("hf", (kind,), decoded(name, holes))


def _version_apart(scheme: str, rest: str) -> str:
    """`name/version` and `name/stage` of a model registry as `name@version`."""
    name, _, version = rest.partition("/")
    return f"{name}@{version}" if scheme == "models" and version and "@" not in name else rest
