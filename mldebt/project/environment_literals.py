"""Values of one environment that stand in the code: credentials, buckets, hosts, disks, runs, settings beside configurable ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property, lru_cache

import msgspec

from mldebt.facts.model import Const, Op
from mldebt.findings import Location
from mldebt.project.embedded import embedded, overridden
from mldebt.project.placed import Placed, is_configuration, placed
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.surroundings import load_surroundings
from mldebt.sources.model import Language, Role

_WITH_PASSWORD = re.compile(r"(?P<scheme>[a-z][a-z0-9+]*)://(?P<user>[^:/@\s]*):(?P<secret>[^/@\s]+)@(?P<host>[\w.-]*)", re.IGNORECASE)
_KEYWORDS = re.compile(r"(?:^|[\s;])(?:password|pwd)=(?P<secret>[^\s;'\"]+)", re.IGNORECASE)
_HOST = re.compile(r"(?:^|[\s;])(?:host|server|data source)=(?P<host>[^\s;]+)", re.IGNORECASE)
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:password|passwd|pwd|api_?key|secret_?key|access_?key|secret_access_key|auth_?token|api_?token|access_?token|client_secret)$",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"[{}<>$*\s%]|\.\.\.|your|xxx|change_?me|placeholder|dummy|redacted|insert|example\.|^(?:none|null|pass|secret|token|key|user)$",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"(?:[A-Z]{2,}\d?_)+(?:[A-Z]{2,}|V?\d{1,2})")  # the name of one in the environment
_TOKEN = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=-]{16,}")
_STORE = re.compile(r"(?P<scheme>s3[an]?|gs|gcs|abfss?|wasbs?|hdfs)://(?P<bucket>[\w.@-]{3,})(?:/|$)")
_ACCOUNT = re.compile(r"arn:aws[\w-]*:[\w-]*:[\w-]*:(?P<account>\d{12}):")
_INTERNAL = re.compile(
    r"https?://(?P<host>(?!127\.|0\.0\.0\.0|169\.254\.)\d+\.\d+\.\d+\.\d+|[\w.-]+\.(?:internal|corp|intra|lan|rds\.amazonaws\.com))(?::\d+)?(?:/|$)"
)
_DISK = re.compile(
    r"(?P<root>/(?:mnt|data\d*|storage\d*|nfs\d*|gpfs\w*|lustre|raid\d*|ssd\d*|hdd\d*|disks?\d*|datasets?\d+|fsx|efs|net)(?=/)|[D-Zd-z]:(?=[\\/]))"
    r"(?P<rest>(?:[\\/]+[\w.@ *{}-]+){1,12}[\\/]*)$"
)
_PUBLISHED = re.compile(
    r"public|open[-_]?data|samples?(?![a-z])|demo|tutorial|workshop|test[-_]?data|mirror|pretrained|0{5,}|example|your|<|\[", re.IGNORECASE
)
_RUN = re.compile(
    r"(?:(?:runs:/|(?:mlartifacts|mlruns)/(?:[^/]+/)?)(?P<inside>[0-9a-f]{32})(?:/|$)|^(?!https?:).*/(?P<kept>[0-9a-f]{32})/artifacts(?:/|$)"
    r"|^(?:(?!https?:).*/)?(?P<alone>[0-9a-f]{32})$)"
)
_RUN_NAME = re.compile(r"(?:^|_)(?:run|experiment|model|parent_run)_?(?:id|uuid)s?$", re.IGNORECASE)
_OFFERED = frozenset(
    {
        "add_argument",
        "option",
        "Option",
        "Argument",
        "argument",
        "Field",
        "field",
        "get",
        "getenv",
        "setdefault",
        "pop",
        "config",
        "DEFINE_string",
        "Parameter",
        "env",
        "str",
    }
)
_SAID = frozenset(
    {
        "print",
        "info",
        "debug",
        "warning",
        "warn",
        "error",
        "exception",
        "echo",
        "startswith",
        "endswith",
        "replace",
        "sub",
        "match",
        "compile",
        "search",
        "fullmatch",
    }
)
_TOLD = frozenset({"help", "description", "example", "examples", "title", "doc", "epilog", "metavar", "default"})
_LONGEST = 400
_SET_UP = re.compile(r"(?:^|/)(?:ansible|terraform|packer|vagrant|provision(?:ing|er)?|cloud[-_]init|infra|infrastructure)/", re.IGNORECASE)
_SYSTEM = ("/etc/fstab", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf", "/etc/netplan", "/etc/systemd", "/etc/network")


class Literal(msgspec.Struct, frozen=True):
    """One place of a value. `owner` is what several places have in common; it is never a secret."""

    kind: str  # credential, run, disk, store, account, host, settings, embedded; id while it is read: perhaps a run
    owner: str
    location: Location
    scope: str
    shared: str  # what several files have in common when they are one cause; may be a secret, so it is never shown
    confidence: float


class EnvironmentLiterals:
    """All of them, in path and text order. Tests, examples and documents stay out; of notebooks only credentials count."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = load_surroundings()

    def all(self) -> list[Literal]:
        found = list(self._all())
        runs = {one.owner for one in found if one.kind == "run"}  # what one place names a run is one wherever it stands
        return [
            msgspec.structs.replace(one, kind="run") if one.kind == "id" else one for one in found if one.kind != "id" or one.owner in runs
        ]

    def _all(self) -> Iterator[Literal]:
        for module in self._project.python:
            if is_demonstration(module) or module.source.role not in (Role.CODE, Role.NOTEBOOK):
                continue
            notebook = module.source.language is Language.NOTEBOOK or module.source.role is Role.NOTEBOOK
            for one in placed(module, _telling):
                if one.callee in _SAID or one.name in _TOLD or (found := self._kind(module, one)) is None:
                    continue
                if notebook and found[0] != "credential":
                    continue
                kind, owner, confidence = found
                location = self._project.location(module, one.span)
                shared = owner if kind != "credential" or "@" in owner else ""
                yield Literal(kind, owner, location, module.qualname(one.scope), shared, confidence * (0.75 if notebook else 1))
            if not notebook:
                yield from self._named_secrets(module)
                for kind, owner, span, scope in (*embedded(self._project, module), *overridden(self._project, module)):
                    yield Literal(kind, owner, self._project.location(module, span), module.qualname(scope), "", 0.8)

    def _kind(self, module: Module, one: Placed) -> tuple[str, str, float] | None:
        text, offered = one.text, _is_offered(module, one) or _is_fallback(module, one)
        if (who := self._credential(text)) is not None:
            return None if offered else ("credential", who, 0.85)
        if offered:
            return None
        if (run := _RUN.search(text)) is not None:
            named = run["alone"] is None or _RUN_NAME.search(one.name)
            which = run["inside"] or run["kept"] or run["alone"]
            return ("run" if named else "id", which, 0.8) if one.callee not in ("md5", "get_run") and one.name != "md5" else None
        if is_configuration(module):
            return None  # the module is the configuration
        if (store := _STORE.match(text)) is not None:
            published = store["bucket"] in self._project.catalogue.public or _PUBLISHED.search(store["bucket"])
            return None if published else ("store", f"{store['scheme']}://{store['bucket']}", 0.6)
        if (account := _ACCOUNT.match(text)) is not None:
            return "account", account["account"], 0.65
        if (host := _INTERNAL.match(text)) is not None:
            return "host", host["host"], 0.65
        if not self._project.partial and (disk := _DISK.fullmatch(text)) is not None:  # a container that mounts it may not have been read
            parts = [part for part in re.split(r"[\\/]+", disk["rest"]) if part]
            root = disk["root"]
            if root in self._mounted or not _is_folder(parts) or _sets_up(module):
                return None
            return "disk", f"{root}/{parts[0]}" if root in ("/mnt", "/net") else root, 0.75
        return None

    def _credential(self, text: str) -> str | None:
        """Who and where a connection string with a password logs in; None without one."""
        match = _WITH_PASSWORD.search(text)
        if match is not None:
            known = match["scheme"].lower().partition("+")[0] in self._names.databases.schemes or match["scheme"].startswith("http")
            public = match["user"].lower() == "anonymous"
            if known and not public and not _PLACEHOLDER.search(match["secret"]) and not _PLACEHOLDER.search(match["user"] or "-"):
                return f"{match['user']}@{match['host']}"
            return None
        match = _KEYWORDS.search(text)
        if match is not None and not _PLACEHOLDER.search(match["secret"]) and "=" in text[: match.start() + 1]:
            host = _HOST.search(text)
            return f"@{host['host'] if host else ''}"
        return None

    def _named_secrets(self, module: Module) -> Iterator[Literal]:
        """`connect(password="...")`, `API_KEY = "..."`."""
        names = self._secret_names(module)
        if not names:
            return
        for one in placed(module, lambda text: 4 <= len(text) < 200 and not _PLACEHOLDER.search(text)):
            if one.name not in names or one.how not in ("keyword", "name", "attribute") or _is_offered(module, one):
                continue
            passed = "pass" in one.name.lower() or one.name.lower().endswith("pwd")
            plain = re.fullmatch(r"[A-Za-z_.-]+", one.text) is not None
            if one.text.startswith(("/", "./", "~")) or re.match(r"[A-Za-z]:[\\/]", one.text) or _VARIABLE.fullmatch(one.text):
                continue  # `PWD` is also a folder
            if (
                not passed
                and _TOKEN.fullmatch(one.text) is None
                or plain
                and (not passed or one.how != "keyword" or one.text.islower() and "_" in one.text)
            ):
                continue
            same = f"{one.name}={one.text}"
            yield Literal("credential", one.name, self._project.location(module, one.span), module.qualname(one.scope), same, 0.8)

    def _secret_names(self, module: Module) -> frozenset[str]:
        """Names of keywords, variables and attributes that a secret may have."""
        found = {name for _, call, _ in module.calls for name, _ in call.keywords}
        found.update(name for scope in module.facts.scopes for name in scope.bindings)
        found.update(write.name for write in module.facts.writes)
        return frozenset(name for name in found if _is_secret(name))

    @cached_property
    def _mounted(self) -> frozenset[str]:
        """Roots of folders that images, containers and pods of the project have."""
        found: set[str] = set()
        for module in self._project.modules.values():
            container = module.source.language is Language.DOCKERFILE or module.source.language is Language.YAML
            for command in module.facts.commands if container else ():
                found.update(root for word in command.argv for root in re.findall(r"(?:^|[:=,])(/[\w-]+)(?=/|$)", word))
            for leaf in module.facts.settings if container else ():
                if (
                    isinstance(leaf.value, str)
                    and "/" in leaf.value
                    and ("olume" in "".join(leaf.keys) or "ount" in leaf.keys[-1] or module.source.language is Language.DOCKERFILE)
                ):
                    found.update(re.findall(r"(?:^|[:=,])(/[\w-]+)(?=/|$|:)", leaf.value))
        return frozenset(found)


@lru_cache(maxsize=20_000)
def _is_secret(name: str) -> bool:
    return _SECRET_NAME.search(name) is not None


def _telling(text: str) -> bool:
    """Whether a text may be any of the kinds; most are not."""
    if len(text) < 6 or len(text) > _LONGEST:
        return False
    if len(text) >= 32 and _RUN.search(text) is not None:
        return True
    if "://" in text:
        return not text.startswith("http") or "@" in text or _INTERNAL.match(text) is not None
    if text[0] == "/" or text[1] == ":":
        return _DISK.fullmatch(text) is not None
    return "=" in text and _KEYWORDS.search(text) is not None or text.startswith("arn:")


def _is_offered(module: Module, one: Placed) -> bool:
    """Whether a caller, a user or the environment can give something else: a default, or a field of a data or settings class."""
    scope = module.facts.scopes[one.scope]
    if one.how == "default" or one.name == "default" or one.how == "name" and scope.kind == "class" and (scope.decorators or scope.bases):
        return True
    return one.how in ("argument", "keyword") and one.callee in _OFFERED


def _is_fallback(module: Module, one: Placed) -> bool:
    """Whether the text is taken where something else is missing: `if path is None: path = ...`."""
    guard = module.facts.blocks[one.block].guard if one.block < len(module.facts.blocks) else -1
    if guard < 0 or module.facts.guards[guard].body_block != one.block:
        return False
    test = module.facts.values[module.facts.guards[guard].test]
    if type(test) is not Op or test.op not in ("is", "==", "not"):
        return False
    return test.op == "not" or any(module.facts.values[operand] == Const(None) for operand in test.operands)


def _sets_up(module: Module) -> bool:
    """Whether the code sets a machine up, so that the places of it are its subject: by its folder, or by the system's own files."""
    values = (module.facts.values[index] for index in module.of_kind(Const))
    return _SET_UP.search(module.path) is not None or any(
        type(one) is Const and isinstance(one.value, str) and one.value.startswith(_SYSTEM) for one in values
    )


def _is_folder(parts: list[str]) -> bool:
    return bool(parts) and not (len(parts) == 1 and "{" in parts[0])
