"""rules/ as immutable structs: what packages' calls do, how flags are declared and read, what each debt is and costs."""

from __future__ import annotations

import msgspec

Scalar = None | bool | int | float | str


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    pass


class Argument(_Strict):
    """Where an argument stands: by position (from 0, `self` not counted), by name, or both."""

    position: int | None = None
    name: str | None = None


class Call(_Strict):
    """What a function, constructor or method does.

    `name` is dotted, as documented; for a method it is `<kind>.<method>`, with the kind of `Class` that the receiver has.
    The roles hold when every argument of `when` has one of the listed values; `defaults` are the values of absent arguments;
    `defaults_before` says which defaults an older version of the package had.
    """

    name: str
    roles: tuple[str, ...]
    args: dict[str, Argument] = {}
    when: dict[str, tuple[Scalar, ...]] = {}
    defaults: dict[str, Scalar] = {}
    defaults_before: dict[str, dict[str, Scalar]] = {}
    generator: str = ""  # which random state it draws from or seeds: numpy, python, torch, tensorflow, own
    returns: str = ""  # kind of the object that it returns
    format: str = ""  # of bytes read or written: pickle, csv, parquet ...
    aliases: tuple[str, ...] = ()  # other importable names of the same object


class Class(_Strict):
    """A class, or a factory that returns one. Its constructor may also stand as a `Call` of the same name."""

    name: str
    kind: str  # estimator transformer splitter search dataframe parser module ...
    aliases: tuple[str, ...] = ()


class Package(_Strict):
    """One package of the ecosystem (rules/packages/*.toml)."""

    package: str
    imports: tuple[str, ...]
    checked_with: str = ""
    checked_on: str = ""
    unchecked: str = ""  # why the names were not verified by import
    classes: tuple[Class, ...] = msgspec.field(default=(), name="class")
    calls: tuple[Call, ...] = msgspec.field(default=(), name="call")


class Reader(_Strict):
    """A call that reads one flag. `name` is dotted, or a bare method name when `on` names the receiver's class."""

    name: str
    on: tuple[str, ...] = ()
    key: Argument = Argument(position=0)
    default: Argument | None = None
    type: str = ""  # bool, int ... of what it returns, when fixed


class FlagSystem(_Strict):
    """One way to switch experiments (rules/flags/*.toml).

    `style` says which mechanism of mldebt applies: namespace (argparse), holder (absl), decorator (click), parameter (typer),
    settings-class (pydantic-settings), config (hydra, omegaconf, yaml), reader (environment, remote services).
    """

    system: str
    style: str
    kind: str  # cli, env, config, remote
    imports: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()  # parsers, settings bases, clients
    declare: tuple[str, ...] = ()  # methods or functions that declare one flag
    containers: tuple[str, ...] = ()  # methods that return a further parser: groups, subparsers
    parse: tuple[str, ...] = ()  # methods or functions that return the namespace or configuration
    holders: tuple[str, ...] = ()  # objects whose attributes are flags
    decorators: tuple[str, ...] = ()
    readers: tuple[Reader, ...] = msgspec.field(default=(), name="reader")
    lifetime_days: int = 0  # 0: flags of this system do not expire
    checked_with: str = ""
    checked_on: str = ""
    unchecked: str = ""
