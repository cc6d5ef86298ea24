"""The objects of a SARIF 2.1.0 log that mldebt writes, by their names in the standard where those are short. What is None is left out."""

from __future__ import annotations

import msgspec


class _Object(msgspec.Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    pass


class Text(_Object, frozen=True):
    """A `message` or a `multiformatMessageString`."""

    text: str
    markdown: str | None = None


class Artifact(_Object, frozen=True):
    uri: str
    uri_base_id: str


class Base(_Object, frozen=True):
    """An `artifactLocation` whose address the reader of the log knows."""

    description: Text


class Region(_Object, frozen=True):
    start_line: int
    start_column: int
    end_line: int | None = None
    end_column: int | None = None


class Physical(_Object, frozen=True):
    artifact_location: Artifact
    region: Region | None = None


class Place(_Object, frozen=True):
    """A `location`."""

    physical_location: Physical
    id: int | None = None
    message: Text | None = None
    properties: dict[str, int] = {}


class Step(_Object, frozen=True):
    """A `threadFlowLocation`."""

    location: Place


class ThreadFlow(_Object, frozen=True):
    locations: tuple[Step, ...]


class CodeFlow(_Object, frozen=True):
    thread_flows: tuple[ThreadFlow, ...]


class Suppression(_Object, frozen=True):
    """Without a `status`, which editions of the schema name differently; not to give one is to say that it is accepted."""

    kind: str
    justification: str | None = None


class Result(_Object, frozen=True):
    """`suppressions` is always written: an empty list says that the result is not suppressed, none would say nothing."""

    rule_id: str
    rule_index: int
    kind: str
    level: str
    message: Text
    locations: tuple[Place, ...]
    partial_fingerprints: dict[str, str]
    suppressions: tuple[Suppression, ...]
    properties: dict[str, object]
    rank: float | None = None
    baseline_state: str | None = None
    related_locations: tuple[Place, ...] = ()
    code_flows: tuple[CodeFlow, ...] = ()


class Configuration(_Object, frozen=True):
    level: str


class Descriptor(_Object, frozen=True):
    """A `reportingDescriptor`: of a rule, or of a kind of notification."""

    id: str
    short_description: Text
    name: str | None = None
    full_description: Text | None = None
    default_configuration: Configuration | None = None
    help: Text | None = None
    properties: dict[str, object] = {}


class Reference(_Object, frozen=True):
    id: str


class Notification(_Object, frozen=True):
    descriptor: Reference
    level: str
    message: Text
    locations: tuple[Place, ...] = ()


class Invocation(_Object, frozen=True):
    execution_successful: bool
    tool_execution_notifications: tuple[Notification, ...]


class Driver(_Object, frozen=True):
    name: str
    version: str
    semantic_version: str
    rules: tuple[Descriptor, ...]
    notifications: tuple[Descriptor, ...] = ()


class Tool(_Object, frozen=True):
    driver: Driver


class Run(_Object, frozen=True):
    tool: Tool
    invocations: tuple[Invocation, ...]
    original_uri_base_ids: dict[str, Base]
    column_kind: str
    results: tuple[Result, ...]
    properties: dict[str, object]


class Log(msgspec.Struct, frozen=True, kw_only=True):
    schema: str = msgspec.field(name="$schema")
    version: str
    runs: tuple[Run, ...]
