"""Whether anything on the way from a request to its answer keeps what was asked or what was answered."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property

from mldebt.catalogue import Argument
from mldebt.facts.model import Attr, Call, Name
from mldebt.project.answers import Answers
from mldebt.project.conditions import Conditions
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.serving_paths import ServingPath
from mldebt.project.validation import within
from mldebt.project.written import called_as
from mldebt.sources.model import Language

# Methods that hand a value to a log or a store, and those that do so only on what is named after one.
_KEEPS = frozenset(
    (
        *("info", "debug", "warning", "warn", "error", "exception", "critical", "log", "track", "capture", "emit", "insert_one"),
        *("insert_many", "put_item", "put_record", "put_records", "put_object", "upload_fileobj", "publish", "produce", "writerow"),
        *("writelines", "to_csv", "to_sql", "to_parquet", "observe", "histogram", "timing", "distribution", "increment", "set_attribute"),
        *("add_event", "xadd", "lpush", "rpush"),
    )
)
_PUTS = frozenset({"add", "insert", "send", "write", "inc", "set", "gauge", "execute", "put", "report", "labels", "append"})
_STORE = re.compile(
    r"(?:^|[_.])(?:db|session|collection|store|queue|table|redis|conn\w*|cursor|cur|engine|producer|client|metrics?|gauge|counter|hist\w*|"
    r"file|f|fh|fp|out|log\w*|writer|history|records?|monitor\w*)(?:[_.\d]|$)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:^|_)(?:log(?=_)|logs|record|track|monitor|metrics?|audit|telemetry|capture|persist|store|save|publish|instrument)(?:_|$|ging|er)",
    re.I,
)
_AROUND = re.compile(
    r"(?:^|[_.])(?:log|logged|logging|monitor\w*|metrics?|track\w*|trace\w*|instrument\w*|observe\w*|timed?|timer|audit\w*|count\w*)(?:[_.]|$)",
    re.I,
)
_MIDDLEWARE = frozenset(
    {"add_middleware", "middleware", "before_request", "after_request", "teardown_request", "instrument", "instrument_app"}
)
_PLAIN = re.compile(
    r"(?:CORS|GZip|TrustedHost|HTTPSRedirect|Session|Authentication|RateLimit|Proxy\w*)\w*$"
)  # middleware that looks at no answer
_DEPLOYED = re.compile(
    r"data_?capture|enable_?capture|datacollector|model_?monitor|prometheus|grafana|datadog|newrelic|opentelemetry|app_?insights", re.I
)
_FILES = re.compile(r"prometheus|grafana|datadog|newrelic|otel", re.I)


class Recording:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def of(self, path: ServingPath) -> str:
        """How inputs or predictions of this path are kept, as far as the repository tells: kept, printed, or not at all."""
        files = self._project.artifacts.process_files((path.module.path,))
        if self._deployed or self._kept_by_caller or not files.isdisjoint(self._monitored) or self._wrapped(path):
            return "kept"
        functions = sorted(path.functions)
        if any(self._handed(path, file, scope, _is_keeping) for file, scope in functions):
            return "kept"
        if not any(self._handed(path, file, scope, _is_print) for file, scope in functions):
            return ""
        return "kept" if path.is_event else "printed"  # a cloud that runs a function for each event keeps what it prints

    @cached_property
    def _monitored(self) -> frozenset[str]:
        """Files in which metrics are exported, runs are tracked or middleware is added."""
        conditions = Conditions(self._project)
        roles = ("monitor", "track")
        events = [e for role in roles for e in self._project.calls(role)]
        events += [e for e in self._project.events.telling if not set(roles).isdisjoint(e.entry.roles)]
        found = {e.module.path for e in events if conditions.holds(e) is not False}
        packages = {call.name.partition(".")[0] for call in self._project.catalogue.roles.get("monitor", ())}
        found |= {m.path for m in self._project.python if any(i.module.partition(".")[0] in packages for i in m.facts.imports)}
        around = [(m, c) for name in sorted(_MIDDLEWARE) for m, _, c in self._project.called.get(name, ())]
        found |= {m.path for m, c in around if not any(_PLAIN.search(name) for a in c.args for name in _names(m, a))}
        return frozenset(path for path in found if not self._project.modules[path].is_test)

    @cached_property
    def _deployed(self) -> bool:
        """Whether the platform that runs the service is told to keep or to measure, in code or settings of the project."""
        for path, module in self._project.modules.items():
            if module.is_test or module.source.language is Language.DOCUMENT:
                continue
            if _FILES.search(path) or any(_DEPLOYED.search(key) for s in module.facts.settings for key in s.keys):
                return True
            if any(_DEPLOYED.search(name.rpartition(".")[2]) for name in module.names):
                return True
        return False

    @cached_property
    def _kept_by_caller(self) -> bool:
        """Whether code of the project that asks a deployed model for its answers, and that answers nobody itself, writes an artifact."""
        askers = {e.module.path for e in self._project.calls("predict") if _is_remote(e.entry.args)}
        served = {module.path for module, _ in Answers(self._project).handlers()}
        written = {w.place.path for w in self._project.artifacts.writers if not w.terminal}
        for path in sorted(askers - served):
            module = self._project.modules[path]
            if not (module.is_test or is_demonstration(module)) and not written.isdisjoint(self._project.artifacts.process_files((path,))):
                return True
        return False

    def _wrapped(self, path: ServingPath) -> bool:
        """Whether a decorator of one of the functions on the way is named after keeping or measuring."""
        for file, number in path.functions:
            module = self._project.modules[file]
            for decorator in module.facts.scopes[number].decorators:
                if any(_AROUND.search(name) for name in _names(module, decorator)):
                    return True
        return False

    def _handed(self, path: ServingPath, file: str, scope: int, wanted: Callable[[Module, Call], bool]) -> bool:
        """Whether a call of such a name, in a function on the way, is given what was asked or answered."""
        module = self._project.modules[file]
        values = path.answer | path.given
        for site, call, _ in module.calls:
            if site.scope == scope and wanted(module, call):
                given = (*call.args, *(v for _, v in call.keywords))
                if any((file, inner) in values for value in given for inner in within(module, value)):
                    return True
        return False


def _is_remote(arguments: dict[str, Argument]) -> bool:
    """Whether the model is named rather than handed over, as the clients of platforms want it."""
    return "features" in arguments and "model" in arguments and arguments["model"].position is None


def _is_print(module: Module, call: Call) -> bool:
    return called_as(module, call) == "print"


def _is_keeping(module: Module, call: Call) -> bool:
    """Whether a call is named after keeping: `log.info(x)`, `store_answer(x)`, `db.session.add(x)`, but not `numpy.log(x)`."""
    name, func = called_as(module, call), module.facts.values[call.func]
    if name in _PUTS:
        base = [func.name.rpartition(".")[0]] if type(func) is Name else _names(module, func.base) if type(func) is Attr else []
        return any(_STORE.search(word) for word in base)
    if type(func) is Name and name in _KEEPS:
        return func.name.startswith("logging.")
    return name in _KEEPS or _NAMED.search(name) is not None


def _names(module: Module, index: int) -> list[str]:
    return [name for value in within(module, index) if (name := getattr(module.facts.values[value], "name", "")) and isinstance(name, str)]
