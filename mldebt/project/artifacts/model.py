"""The vocabulary of the artifact graph: templates with holes, identities, accesses, declarations, runs of scripts."""

from __future__ import annotations

import msgspec

from mldebt.facts.model import Span


class Hole(msgspec.Struct, frozen=True, order=True):
    """A part of a string that is not known. `name` is what the code calls it, or empty."""

    name: str = ""
    # param cli env config: who fills it; loop glob: takes many values; time run: differs at each run; unknown
    origin: str = "unknown"


# Text and holes in order; neighbouring texts are joined, empty texts left out. A path uses `/` on every system.
Template = tuple[str | Hole, ...]


class Folded(msgspec.Struct, frozen=True):
    """One string that a value may be."""

    template: Template
    constants: frozenset[str] = frozenset()  # named constants, helpers and settings that gave it: "path::NAME"
    parameters: frozenset[tuple[str, int, str]] = frozenset()  # (path, scope, name) of the holes that callers fill
    certainty: float = 1.0


class Identity(msgspec.Struct, frozen=True):
    """What names an artifact, as in OpenLineage: a namespace and a name in it.

    `store` is file s3 gs azure hdfs dbfs http (paths), table (namespace: the connection or database system, name: as written, up to
    catalog.schema.table), topic, mlflow, hf, torchhub, feast, key (a key of a key-value store), dataset (a name in a catalog).
    The namespace is the bucket, host, system or catalog, and empty for files.
    """

    store: str
    namespace: Template
    name: Template


class Place(msgspec.Struct, frozen=True, order=True):
    """A region of a file; in a notebook, of its joined cells."""

    path: str
    span: Span


class Access(msgspec.Struct, frozen=True):
    """One place where a process reads or writes an artifact."""

    direction: str  # read, write
    identity: Identity | None  # None: not known, see `why`
    place: Place  # in the process: the outermost call, where helpers lie between
    scope: str = ""  # qualified name of the function around it
    api: str = ""  # the call or command that does it
    format: str = ""
    mode: str = ""  # overwrite, append, version; create: the definition of an empty table; empty when it does not matter
    via: tuple[Place, ...] = ()  # inner calls, down to the one that touches the artifact
    constants: frozenset[str] = frozenset()  # named constants that the identity went through: "path::NAME"
    certainty: float = 1.0
    terminal: bool = False  # written for people: nobody is expected to read it
    web: bool = False  # a store of files that is read by its web address
    bounded: bool = False  # a query that asks for a time, a partition or a past state
    why: str = ""  # of an unknown identity: parameter, unknown call, configuration ...
    model: str = ""  # of a model in SQL: trained, asked for predictions, or inspected; the type of a trained one is its `format`


class Declaration(msgspec.Struct, frozen=True):
    """Somebody wrote down, for a machine to read, that `who` produces or consumes an artifact."""

    system: str  # dvc, kedro, dbt, airflow, dagster, prefect, metaflow, zenml, kfp, feast, odcs, odps, backstage, make, mldebt ...
    role: str  # produces, consumes, external (it exists, made elsewhere)
    identity: Identity
    who: str  # the stage, node, exposure, asset or target
    path: str  # of the declaration
    line: int
    files: tuple[str, ...] = ()  # of the project, that `who` runs; empty: not known
    owner: str = ""
    visibility: str = ""  # private, protected, public
    expires: str = ""  # ISO date
    order_only: bool = False  # declares that one job runs after another, not which artifact passes between them


class Run(msgspec.Struct, frozen=True):
    """A committed command that runs a script of the project."""

    script: str  # path of the script
    argv: tuple[Template, ...]  # after the script's own name
    path: str  # where the command stands
    line: int
    cwd: str = ""  # relative to the root
