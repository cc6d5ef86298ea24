"""Check the catalogue against the packages that this interpreter can import.

Every dotted name and alias must exist, every `<kind>.<method>` must be a method of a class of that kind, and every argument must be
a parameter of the real signature at the stated place. Prints one line per file; exits 1 when a name or an argument is wrong.

    python tests/bench/verify_catalogue.py [--write] [--verbose] [FILE ...]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import inspect
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mldebt.catalogue import Argument, Call, Catalogue, FlagSystem, Package, load_catalogue, rules_dir

EARLIER = "earlier-versions"  # the file of names that current versions must not have
VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Missing(Exception):
    """A name that its package does not have."""


class Absent(Exception):
    """A package that is not installed here."""


def resolve(name: str) -> object:
    """The object with a dotted name, found as `import` and attribute access find it."""
    parts = name.split(".")
    try:
        found: object = importlib.import_module(parts[0])
    except Exception as error:
        raise Absent(f"{parts[0]}: {error}") from error
    for index, part in enumerate(parts[1:], start=2):
        try:
            found = getattr(found, part)
        except AttributeError:
            try:
                found = importlib.import_module(".".join(parts[:index]))
            except ModuleNotFoundError as error:
                if error.name is not None and not name.startswith(error.name):
                    raise Absent(str(error)) from error
                raise Missing(name) from None
            except Exception as error:
                raise Absent(f"{name}: {error}") from error
        except Exception as error:  # a lazy module that lacks an optional dependency
            raise Absent(f"{name}: {error}") from error
    return found


def members(catalogue: Catalogue, kind: str) -> Iterator[object]:
    """The classes of a kind that can be imported here."""
    for name in sorted(name for name, known in catalogue.classes.items() if known.kind == kind):
        try:
            found = resolve(name)
        except (Missing, Absent):
            continue
        if not inspect.ismodule(found):
            yield found


def method_of(owners: list[object], method: str) -> object:
    """The method as the first of the owners has it that has it at all."""
    for owner in owners:
        found: object = owner
        for part in method.split("."):
            found = getattr(found, part, None)
        if found is not None:
            return found
    raise Missing(method)


def wrong_arguments(target: object, arguments: dict[str, Argument]) -> Iterator[str]:
    """What the signature of `target` contradicts; nothing when it cannot be inspected."""
    try:
        parameters = list(inspect.signature(target).parameters.values())  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return
    if parameters and parameters[0].name in ("self", "cls"):
        parameters = parameters[1:]
    open_ended = {parameter.kind for parameter in parameters} & set(VARIADIC)
    named = {parameter.name: index for index, parameter in enumerate(parameters) if parameter.kind not in VARIADIC}
    positional = [p for p in parameters if p.kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    for role, argument in sorted(arguments.items()):
        if argument.name == "self":
            continue
        if argument.name is not None and argument.name not in named:
            if inspect.Parameter.VAR_KEYWORD not in open_ended:
                yield f"{role}: no parameter `{argument.name}`"
        elif argument.name is not None and argument.position is not None and named[argument.name] != argument.position:
            yield f"{role}: `{argument.name}` stands at {named[argument.name]}, not {argument.position}"
        elif argument.name is not None and argument.position is not None and parameters[argument.position] not in positional:
            yield f"{role}: `{argument.name}` cannot be passed by position"
        elif argument.name is not None and argument.position is None and parameters[named[argument.name]] in positional:
            if inspect.Parameter.VAR_POSITIONAL not in open_ended and named[argument.name] < 3:
                yield f"{role}: `{argument.name}` can also be passed at position {named[argument.name]}"
        elif argument.position is not None and argument.position >= len(positional):
            if inspect.Parameter.VAR_POSITIONAL not in open_ended:
                yield f"{role}: only {len(positional)} positional parameters"


class Tally:
    """What was checked of one file, and what was found wrong."""

    def __init__(self) -> None:
        self.checked = 0
        self.absent: set[str] = set()
        self.unseen: list[str] = []
        self.wrong: list[str] = []

    def check(self, label: str, find: Callable[[], object]) -> object | None:
        """The object that `find` returns; counts it, or what stood in the way."""
        try:
            found = find()
        except Missing:
            self.wrong.append(f"{label}: no such name")
            return None
        except Absent as error:
            self.absent.add(str(error).splitlines()[0][:120])
            return None
        self.checked += 1
        return found


def check_call(catalogue: Catalogue, call: Call, tally: Tally) -> None:
    """Check one entry: its names, and the places of its arguments."""
    for name in (call.name, *call.aliases):
        kind, _, method = name.partition(".")
        if (kind, method) not in catalogue.methods:
            target = tally.check(name, lambda name=name: resolve(name))  # type: ignore[misc]
        elif owners := list(members(catalogue, kind)):
            dynamic = any(isinstance(owner, type) and "__getattr__" in vars(owner) for owner in owners)
            attribute, dot, _ = method.partition(".")  # may be there on the object only: search.best_estimator_.predict
            seen = [found for owner in owners if (found := getattr(owner, attribute if dot else method, None)) is not None]
            if (dynamic or dot) and all(isinstance(found, property) for found in seen):
                tally.unseen.append(name)
                continue
            target = tally.check(name, lambda method=method, owners=owners: method_of(owners, method))  # type: ignore[misc]
        else:
            tally.unseen.append(name)
            continue
        if target is not None:
            tally.wrong.extend(f"{name}: {text}" for text in wrong_arguments(target, call.args))


def check_package(catalogue: Catalogue, package: Package, tally: Tally) -> None:
    """Check every entry of a package file."""
    for known in package.classes:
        for name in (known.name, *known.aliases):
            tally.check(name, lambda name=name: resolve(name))  # type: ignore[misc]
    for call in package.calls:
        check_call(catalogue, call, tally)


def check_flags(system: FlagSystem, tally: Tally) -> None:
    """Check every name of a flag file; bare names must be methods of one of its classes."""
    owners: list[object] = []
    for name in system.classes:
        found = tally.check(name, lambda name=name: resolve(name))  # type: ignore[misc]
        if found is not None:
            owners.append(found)
    for name in (*system.declare, *system.containers, *system.parse, *system.holders, *system.decorators):
        if "." in name:
            tally.check(name, lambda name=name: resolve(name))  # type: ignore[misc]
        elif name != "add_parser":  # a method of what add_subparsers returns, a private class
            tally.check(name, lambda name=name: method_of(owners, name))  # type: ignore[misc]
    for reader in system.readers:
        arguments = {"key": reader.key} | ({"default": reader.default} if reader.default is not None else {})
        if not reader.on:
            target = tally.check(reader.name, lambda reader=reader: resolve(reader.name))  # type: ignore[misc]
        else:
            owners_of = [found for found in (_try(name) for name in reader.on) if inspect.isclass(found)]
            known = any(hasattr(owner, reader.name) for owner in owners_of)
            if not known and (not owners_of or any(hasattr(owner, "__getattr__") for owner in owners_of)):
                tally.unseen.append(f"{system.system}: {reader.name}")
                continue
            target = tally.check(reader.name, lambda o=owners_of, reader=reader: method_of(o, reader.name))  # type: ignore[misc]
        if target is not None:
            tally.wrong.extend(f"{reader.name}: {text}" for text in wrong_arguments(target, arguments))


def _try(name: str) -> object | None:
    try:
        return resolve(name)
    except (Missing, Absent):
        return None


def version(distribution: str) -> str:
    """The installed version of a distribution, "" without one."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return ""


def version_of(imports: tuple[str, ...], package: str) -> str:
    """The version that the names of a file were checked with."""
    if all(module.partition(".")[0] in sys.stdlib_module_names for module in imports):
        return f"Python {sys.version_info.major}.{sys.version_info.minor}"
    providers = importlib.metadata.packages_distributions()
    names = {name.lower(): None for module in imports for name in providers.get(module.partition(".")[0], [])}
    if own := version(package):
        return own
    return ", ".join(f"{name} {version(name)}" for name in names) if len(names) > 1 else "".join(map(version, names))


def write_back(path: Path, checked_with: str) -> None:
    """Set `checked-with` and `checked-on` in the head of a catalogue file."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not re.match(r"checked-(with|on) = ", line)]
    place = next(index for index, line in enumerate(lines) if re.match(r"(package|system) = ", line)) + 1
    today = datetime.now(UTC).date().isoformat()
    lines[place:place] = [f'checked-with = "{checked_with}"', f'checked-on = "{today}"']
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Check all files, or those named; 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", help="stems of the files to check (default: all)")
    parser.add_argument("--write", action="store_true", help="record the versions checked with in the files")
    parser.add_argument("--verbose", action="store_true", help="also list what could not be checked")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    importlib.import_module("sklearn.experimental.enable_halving_search_cv") if _try("sklearn") else None
    importlib.import_module("sklearn.experimental.enable_iterative_imputer") if _try("sklearn") else None
    catalogue = load_catalogue()
    failed = False
    for path in sorted((*rules_dir().glob("packages/*.toml"), *rules_dir().glob("flags/*.toml"))):
        if options.files and path.stem not in options.files or path.stem == "runtime":
            continue
        alone = load_catalogue([path])
        head = re.search(r'^(package|system) = "(.*)"', path.read_text(encoding="utf-8"), re.MULTILINE)
        assert head is not None
        tally = Tally()
        unchecked = ""
        if head[1] == "package":
            package = next(item for item in reversed(alone.packages) if item.package == head[2])
            unchecked, imports = package.unchecked, package.imports
            check_package(catalogue, package, tally)
        else:
            system = next(item for item in reversed(alone.flags) if item.system == head[2])
            unchecked, imports = system.unchecked, system.imports
            check_flags(system, tally)
        found = version_of(imports, head[2])
        if path.stem == EARLIER:
            state = "unchecked"
        elif tally.wrong:
            state = "wrong"
        elif tally.checked and not tally.absent:
            state = "ok"
        else:
            state = "unchecked" if unchecked else "partly" if tally.checked else "absent"
        print(f"{path.parent.name}/{path.stem:24} {found:14} {state:10} {tally.checked:4} checked {len(tally.unseen):3} unseen {unchecked}")
        for text in sorted(set(tally.wrong)) if state == "wrong" else ():
            print(f"    {text}")
        if options.verbose:
            for text in (*sorted(tally.absent), *sorted(set(tally.unseen))):
                print(f"    not checked: {text}")
        failed = failed or state == "wrong"
        if options.write and (state == "ok" or (unchecked and tally.checked and state == "unchecked" and path.stem != EARLIER)):
            write_back(path, found)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
