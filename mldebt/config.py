"""Settings: their types and defaults, where they are found, and which of several sources wins."""

from __future__ import annotations

import datetime
import difflib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

from mldebt.data_pass.settings import FeatureSettings
from mldebt.findings import Severity

Raw = Mapping[str, object]  # settings of one source, by kebab-case key, before their types are checked

FAIL_ON = ("never", "advisory", "info", "warning", "error")
PREFIX = "MLDEBT_"
NOT_SETTINGS = frozenset({"MLDEBT_CONFIG"})


_PLAIN = (
    ("bool | null", "true or false"),
    ("float | null", "a number"),
    ("array | null", "a list"),
    ("bool", "true or false"),
    ("int", "an integer"),
    ("float", "a number"),
    ("str", "a string"),
    ("array", "a list"),
    ("object", "a table"),
)


class ConfigError(ValueError):
    """A setting that cannot be used; the text is one line that names the place."""


class FlagSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    readers: Annotated[
        tuple[Annotated[str, Meta(pattern=r"^[A-Za-z_][\w.]*(:\d+)?$")], ...],
        Meta(description="your own functions that read a flag, as `module.function` or `module.function:position-of-the-key`"),
    ] = ()


class Consumer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Who may use an artifact, and until when."""

    who: str  # "system", "system:module.path" or a file pattern
    uses: tuple[str, ...] = ("*",)  # columns or keys
    purpose: str = ""
    since: datetime.date | None = None
    expires: datetime.date | None = None


class ArtifactDeclaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """An artifact that no other system declares."""

    id: str
    aliases: tuple[str, ...] = ()
    kind: Literal["", "dataset", "features", "model", "prediction", "metrics", "labels", "intermediate"] = ""
    producer: str = ""  # as `who` of a consumer
    owner: str = ""
    visibility: Literal["", "private", "protected", "public"] = ""
    versioning: Annotated[str, Meta(pattern=r"^(|none|dated-copy|content-hash|registry|partition:.+)$")] = ""
    sla: str = ""
    consumers: tuple[Consumer, ...] = ()


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """Every setting of a project."""

    profile: Annotated[str, Meta(description="which rules are on: default, strict or audit")] = "default"
    select: Annotated[tuple[str, ...], Meta(description="only these rules: names, codes, code prefixes, debt families or ALL")] = ()
    ignore: Annotated[tuple[str, ...], Meta(description="rules to leave out")] = ()
    extend_select: Annotated[tuple[str, ...], Meta(description="rules to add to the profile")] = ()
    per_file_ignores: Annotated[dict[str, tuple[str, ...]], Meta(description="file pattern -> rules to leave out there")] = {}
    exclude: Annotated[tuple[str, ...] | None, Meta(description="patterns not to scan, instead of the built-in list")] = None
    extend_exclude: Annotated[tuple[str, ...], Meta(description="more patterns not to scan, as in .gitignore")] = ()
    respect_gitignore: Annotated[bool, Meta(description="leave out what git ignores")] = True
    force_exclude: Annotated[bool, Meta(description="exclude also files that are named on the command line")] = False
    max_file_size: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="larger files are not read, in MB; unset: 5 for code, 20 for notebooks, 2 for configuration"),
    ] = None
    min_severity: Annotated[Severity, Meta(description="least severity to report")] = Severity.ADVISORY
    min_confidence: Annotated[float, Meta(ge=0, le=1, description="least confidence to report")] = 0.0
    fail_on: Annotated[str, Meta(description="least severity that makes the exit code 1; never: it stays 0")] = "warning"
    top: Annotated[int, Meta(ge=0, description="report only the first N findings; 0: all")] = 0
    output_format: Annotated[str, Meta(description="format of standard output")] = "text"
    jobs: Annotated[int, Meta(ge=0, description="processes; 0: one per core, or one when there is little to parse")] = 0
    cache_dir: Annotated[str, Meta(min_length=1, description="where parsed files are kept, relative to the project root")] = ".mldebt_cache"
    catalogues: Annotated[tuple[str, ...], Meta(description="your own package and flag catalogues (TOML files)")] = ()
    history: Annotated[bool, Meta(description="ask git for churn and ages; false: they count as 1")] = True
    baseline: Annotated[
        str, Meta(description="file of debt that is known, relative to the project root; only what is not in it is reported")
    ] = ""
    max_file_seconds: Annotated[float, Meta(gt=0, description="a file that takes longer to read is left out, and listed")] = 30.0
    library: Annotated[
        bool | None, Meta(description="is the public API called from outside the project; unset: decided by its packaging files")
    ] = None
    flags: Annotated[FlagSettings, Meta(description="experiment flags")] = FlagSettings()
    systems: Annotated[dict[str, tuple[str, ...]], Meta(description="system -> file patterns: who owns what, instead of CODEOWNERS")] = {}
    imports: Annotated[tuple[str, ...], Meta(description="facts that other repositories exported, as files")] = ()
    artifacts: Annotated[
        tuple[ArtifactDeclaration, ...],
        Meta(description="artifacts with their producer, owner and consumers, as [[tool.mldebt.artifacts]]"),
    ] = ()
    features: Annotated[
        dict[str, FeatureSettings],
        Meta(description="data sets of `mldebt features`, as [tool.mldebt.features.NAME]; a single one as [tool.mldebt.features]"),
    ] = {}


class Loaded(msgspec.Struct, frozen=True):
    """The settings of one project; paths in reports are relative to `root`."""

    root: Path
    config: Config
    file: Path | None = None
    warnings: tuple[str, ...] = ()


class Option(msgspec.Struct, frozen=True):
    """One key, for `mldebt config`."""

    key: str
    type: str
    default: str
    help: str


def options() -> tuple[Option, ...]:
    """Every key with its type, default and meaning, nested keys dotted."""
    return tuple(_options(Config, ""))


def value_of(config: Config, key: str) -> str:
    """The value of a dotted key, as TOML-like text."""
    value: object = config
    for part in key.split("."):
        value = getattr(value, part.replace("-", "_"))
    return _show(value)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is most like this one, in upper or lower case."""
    lower = {other.lower(): other for other in sorted(known, reverse=True)}
    near = difflib.get_close_matches(word.lower(), sorted(lower), n=1, cutoff=0.6)
    return lower[near[0]] if near else None


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean X?` or nothing."""
    near = nearest(word, known)
    return "" if near is None else f"; did you mean {near}?"


def load(
    start: Path,
    *,
    arguments: Raw | None = None,
    overrides: Sequence[str] = (),
    environ: Mapping[str, str] | None = None,
    isolated: bool = False,
) -> Loaded:
    """The settings that hold for `start`: arguments, then `overrides` (KEY=VALUE or a file), environment, file, defaults."""
    environ = os.environ if environ is None else environ
    file, inline = _split_overrides(overrides)
    if file is None and not isolated and environ.get("MLDEBT_CONFIG"):
        file = Path(environ["MLDEBT_CONFIG"])
    if file is None and not isolated:
        file = find(start)
        home = file
    else:  # a file that is named brings settings; the project stays where it is
        home = None if isolated else find(start)
    root = home.resolve().parent if home else (start if start.is_dir() else start.parent).resolve()
    layers: list[tuple[str, Raw]] = []
    warnings: tuple[str, ...] = ()
    if file is not None:
        settings = read_file(file)
        _check_inside(settings.get("cache-dir"), _table_name(file))
        layers.append((_table_name(file), settings))
    if not isolated:
        values, warnings = _from_environment(environ)
        layers.append(("environment", values))
    layers.append(("--config", inline))
    layers.append(("command line", arguments or {}))
    merged: dict[str, object] = {}
    for origin, layer in layers:
        _convert(layer, origin)
        for key, value in layer.items():
            old = merged.get(key)
            merged[key] = _merged(old, value) if key in ("flags", "features") else value
    return Loaded(root, _convert(merged, "settings"), file, warnings)


def _check_inside(folder: object, origin: str) -> None:
    """A project that is merely scanned must not have files written elsewhere."""
    if isinstance(folder, str) and (os.path.isabs(folder) or ".." in Path(folder).parts):
        raise ConfigError(f"{origin}: cache-dir: {folder!r} leads out of the project; give it with --cache-dir or MLDEBT_CACHE_DIR")


def find(start: Path) -> Path | None:
    """The nearest `mldebt.toml`, or `pyproject.toml` with `[tool.mldebt]`, at or above `start`, within its repository."""
    directory = start.resolve()
    for folder in (directory, *directory.parents):
        if (folder / "mldebt.toml").is_file():
            return folder / "mldebt.toml"
        candidate = folder / "pyproject.toml"
        if candidate.is_file() and _has_table(candidate):
            return candidate
        if (folder / ".git").exists():
            return None
    return None


def read_file(file: Path) -> Raw:
    """The mldebt settings of a TOML file, types unchecked."""
    data = _toml(_text(file), str(file))
    if file.name != "pyproject.toml":
        return data
    tool = data.get("tool")
    table = tool.get("mldebt") if isinstance(tool, dict) else None
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: it has no [tool.mldebt] table")
    return table


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8 at byte {error.start}") from None


def _toml(text: str, origin: str) -> dict[str, object]:
    import tomli

    try:
        return dict(tomli.loads(text))
    except (ValueError, RecursionError) as error:  # a ValueError also of a number of very many digits
        raise ConfigError(f"{origin}: not valid TOML: {error}") from None


def _has_table(file: Path) -> bool:
    # Parsing every pyproject on the way up costs more than looking for the word, and a broken one without it is not ours to judge.
    text = _text(file)
    if "mldebt" not in text:
        return False
    tool = _toml(text, str(file)).get("tool")
    return isinstance(tool, dict) and "mldebt" in tool


def _table_name(file: Path) -> str:
    return f"{file}: [tool.mldebt]" if file.name == "pyproject.toml" else str(file)


def _split_overrides(overrides: Sequence[str]) -> tuple[Path | None, Raw]:
    file: Path | None = None
    inline: dict[str, object] = {}
    for item in overrides:
        if not re.match(r"[A-Za-z][\w.-]*\s*=", item) or os.path.isfile(item):  # unlike Path's, of any text
            if file is not None:
                raise ConfigError(f"--config: only one file may be given, not {file} and {item}")
            file = Path(item)
            if not os.path.isfile(item):
                raise ConfigError(f"--config {item}: no such file (a setting is given as KEY=VALUE)")
            continue
        for key, value in _assignment(item).items():
            inline[key] = _merged(inline.get(key), value)
    return file, inline


def _merged(old: object, new: object) -> object:
    """The newer value; tables are joined key by key."""
    if not (isinstance(old, dict) and isinstance(new, dict)):
        return new
    return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}


def _assignment(item: str) -> dict[str, object]:
    try:
        return _toml(item, "--config")
    except ConfigError:
        key, _, word = item.partition("=")
        if re.fullmatch(r"[\w.*/-]+", word.strip()):  # a bare word: quotes are a nuisance in a shell
            return _toml(f'{key}="{word.strip()}"', "--config")
        raise


def _from_environment(environ: Mapping[str, str]) -> tuple[Raw, tuple[str, ...]]:
    values: dict[str, object] = {}
    warnings: list[str] = []
    types = get_type_hints(Config)
    by_name = {PREFIX + field.encode_name.replace("-", "_").upper(): field for field in msgspec.structs.fields(Config)}
    for name in sorted(environ):
        if not name.startswith(PREFIX) or name in NOT_SETTINGS or not environ[name]:
            continue
        field = by_name.get(name)
        if field is None:
            warnings.append(f"{name}: no such setting{suggestion(name, by_name)}")
            continue
        text = environ[name]
        if types[field.name] in (tuple[str, ...], tuple[str, ...] | None):
            values[field.encode_name] = [part.strip() for part in text.split(",") if part.strip()]
        elif types[field.name] in (dict[str, tuple[str, ...]], FlagSettings, tuple[ArtifactDeclaration, ...], dict[str, FeatureSettings]):
            warnings.append(f"{name}: {field.encode_name} cannot be set by the environment; use a file or --config")
        else:
            try:
                values[field.encode_name] = _plain(msgspec.convert(text, field.type, strict=False))
            except msgspec.ValidationError as error:
                raise ConfigError(f"{name}: {_words(str(error))}") from None
    return values, tuple(warnings)


def _plain(value: object) -> object:
    return msgspec.to_builtins(value)


def _convert(data: Raw, origin: str) -> Config:
    _check_keys(data, Config, origin, "")
    try:
        config = msgspec.convert({key: value for key, value in data.items() if key != "features"}, Config)
    except msgspec.ValidationError as error:
        raise _refused(error, origin) from None
    if config.fail_on not in FAIL_ON:
        raise ConfigError(f"{origin}: fail-on: {config.fail_on!r} is not one of {', '.join(FAIL_ON)}{suggestion(config.fail_on, FAIL_ON)}")
    if "\0" in config.cache_dir:
        raise ConfigError(f"{origin}: cache-dir: no path holds a null character")
    return msgspec.structs.replace(config, features=_data_sets(data.get("features", {}), origin))


def _data_sets(table: object, origin: str) -> dict[str, FeatureSettings]:
    """The data sets by name. Settings in the table itself are those of a single data set: its name is "". A table in it is a data set,
    but for one that is called as a setting which is a table."""
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: features: expected a table")
    tables = {field.encode_name for field in msgspec.structs.fields(FeatureSettings) if isinstance(field.default_factory, type(dict))}
    single = any(key in tables or not isinstance(value, dict) for key, value in table.items())
    named: dict[str, object] = {"": table} if single else table
    return {name: data_set(value, origin, f"features.{name}." if name else "features.") for name, value in named.items()}


def data_set(values: object, origin: str, prefix: str = "") -> FeatureSettings:
    """The settings of one data set by kebab-case key; raises ConfigError. `prefix` stands before a key in messages."""
    if isinstance(values, dict):
        _check_keys(values, FeatureSettings, origin, prefix)
    try:
        return msgspec.convert(values, FeatureSettings)
    except msgspec.ValidationError as error:
        raise _refused(error, origin, prefix) from None


def _refused(error: msgspec.ValidationError, origin: str, prefix: str = "") -> ConfigError:
    message, _, where = str(error).partition(" - at `$.")
    key = where.rstrip("`").replace("[...]", "")
    struct = FeatureSettings if prefix else ArtifactDeclaration if key.startswith("artifacts") else None
    if struct is not None and message.startswith("Invalid enum value"):
        name = key.rpartition(".")[2].replace("-", "_")
        choices = [choice or "nothing" for choice in get_args(get_type_hints(struct).get(name))]
        return ConfigError(f"{origin}: {prefix}{key}: {message.removeprefix('Invalid enum value ')} is not one of {', '.join(choices)}")
    return ConfigError(f"{origin}: {prefix + key + ': ' if key else prefix.rstrip('.') + ': ' if prefix else ''}{_words(message)}")


def _check_keys(data: Raw, struct: type[msgspec.Struct], origin: str, prefix: str) -> None:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for key, value in data.items():
        if key not in fields:
            hint = "; in mldebt.toml the keys stand without [tool.mldebt]" if key == "tool" and not prefix else suggestion(key, fields)
            raise ConfigError(f"{origin}: unknown key {prefix + key!r}{hint}")
        if key == "flags" and isinstance(value, dict):
            _check_keys(value, FlagSettings, origin, f"{key}.")
        below = ArtifactDeclaration if key == "artifacts" else Consumer if key == "consumers" else None
        for item in value if below is not None and isinstance(value, (list, tuple)) else ():
            if below is not None and isinstance(item, dict):
                _check_keys(item, below, origin, f"{prefix}{key}.")


def _words(message: str) -> str:
    first = message.partition(" - at ")[0].replace("`", "")
    if "matching regex" in first:
        return "expected module.function or module.function:position"
    if first.startswith("Invalid enum value"):
        return f"{first.removeprefix('Invalid enum value ')} is not one of {', '.join(FAIL_ON[1:])}"
    for word, plain in _PLAIN:
        first = re.sub(rf"(?<![\w.]){re.escape(word)}(?![\w.])", plain, first)
    return first[:1].lower() + first[1:]


def _options(struct: type[msgspec.Struct], prefix: str) -> Iterable[Option]:
    types = get_type_hints(struct)
    annotated = get_type_hints(struct, include_extras=True)
    for field in msgspec.structs.fields(struct):
        if field.name == "flags":
            yield from _options(FlagSettings, f"{field.encode_name}.")
            continue
        meta = [part.description for part in annotated[field.name].__metadata__ if isinstance(part, Meta)]
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        yield Option(prefix + field.encode_name, _type_name(types[field.name]), _show(default), str(meta[0]))


def _type_name(kind: object) -> str:
    names = {
        bool: "true or false",
        int: "integer",
        float: "number",
        str: "string",
        Severity: "advisory, info, warning or error",
        bool | None: "true, false or unset",
        float | None: "number or unset",
        tuple[str, ...]: "list of strings",
        tuple[str, ...] | None: "list of strings or unset",
        tuple[ArtifactDeclaration, ...]: "list of tables",
        dict[str, tuple[str, ...]]: "table of lists of strings",
        dict[str, FeatureSettings]: "table of tables",
    }
    return names.get(kind, str(kind))  # type: ignore[call-overload, no-any-return]


def _show(value: object) -> str:
    if value is None:
        return "unset"
    if isinstance(value, FeatureSettings):  # only what is set
        default = FeatureSettings()
        value = {name: one for name in value.__struct_fields__ if (one := getattr(value, name)) != getattr(default, name)}
    if isinstance(value, dict):
        inner = ", ".join(f"{_show(key)} = {_show(item)}" for key, item in value.items())
        return "{" + (f" {inner} " if inner else "") + "}"
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_show(item) for item in value) + "]"
    return msgspec.json.encode(value).decode()
