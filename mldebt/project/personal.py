"""Places that belong to one person: somebody's home folder, a database on the machine that happens to run the code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

import msgspec

from mldebt.findings import Location
from mldebt.project.placed import Placed, is_configuration, placed
from mldebt.project.project import Module, Project
from mldebt.project.roles import is_demonstration
from mldebt.project.surroundings import load_surroundings
from mldebt.sources.model import Language, Role

_HOME = re.compile(
    r"(?:file://)?(?P<root>/home|/Users|/media|/scratch|(?:/mnt/[a-z]|[A-Za-z]:)?[\\/]{1,2}(?:Users|Documents and Settings))"
    r"[\\/]{1,2}(?P<user>[A-Za-z][\w.-]*)(?P<rest>[\\/].*|$)",
    re.DOTALL,
)
_INSIDE = re.compile(
    r"(?:^|[\s:=,'\"(])(?=(?:file://)?(?:/home/|/Users/|/media/|/scratch/|/mnt/[a-z]/Users/|[A-Za-z]:[\\/]{1,2}Users[\\/]))"
)
_STEP = re.compile(r"[\\/]+")
_ACCOUNT = re.compile(r"/home/([A-Za-z][\w.-]*)")
_MAKES = ("useradd", "adduser")
# Names of services; but Hauser, Heuser, Brunner and Talbot are people.
_SERVICE = re.compile(r"(?:(?<![ae])user|svc|service|admin|[-_](?:user|daemon|bot|runner))$|^svc[-_]", re.IGNORECASE)
_RUNS_AS = frozenset(
    {"user", "remote_user", "ansible_user", "ansible_ssh_user", "admin_username", "ssh_user", "vm_user", "run_as", "runAsUser"}
)
_REMOTE = re.compile(r"(?:^|//)([A-Za-z][\w.-]*)@(?:[\w.-]|[\U00100000-\U0010ffff])")
_LOGS_IN = ("ssh", "scp", "sftp", "rsync")
_LONGEST = 300
_ROUTES = frozenset(
    {"route", "get", "post", "put", "patch", "delete", "path", "re_path", "url", "add_url_rule", "mount", "Mount", "websocket", "api_route"}
)
_SAID = frozenset(
    {"print", "info", "debug", "warning", "warn", "error", "exception", "echo", "write", "startswith", "endswith", "replace", "sub"}
)
_TOLD = frozenset({"help", "description", "example", "examples", "title", "doc", "epilog", "metavar"})
_SETTINGS = (Language.YAML, Language.JSON, Language.TOML, Language.INI, Language.ENV)
_SCRIPTS = (Language.SHELL, Language.MAKEFILE, *_SETTINGS)
_DATABASE = re.compile(r"(?P<scheme>[a-z0-9+]+)://(?P<host>\[?[\w.:-]+?\]?)(?::\d+)?(?:[/?].*)?$")


class Personal(msgspec.Struct, frozen=True):
    """One place that names something of one person. `owner` is the folder that is theirs, or the database."""

    kind: str  # home, database
    owner: str
    text: str
    location: Location
    scope: str
    default: bool  # an option or parameter says so: it can be given otherwise
    setting: bool  # of a file of settings, or a command
    served: bool = False


class PersonalPlaces:
    """All of them, in path and line order; tests, examples, documents, notebooks and images stay out."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._names = load_surroundings()

    def all(self) -> Iterator[Personal]:
        for module in self._project.modules.values():
            source = module.source
            if is_demonstration(module) or source.role is not Role.CODE or module.facts.unread:
                continue
            if source.language is Language.PYTHON:
                yield from self._in_code(module)
            elif source.language in _SCRIPTS:
                yield from self._in_files(module)

    def owner(self, text: str) -> str:
        """The folder of the person that a path leads into, or empty."""
        match = _HOME.match(text) if len(text) < _LONGEST else None
        if match is None:
            return ""
        user, accounts = match["user"], self._names.accounts
        below = [part for part in _STEP.split(match["rest"]) if part]
        if user.lower() in accounts.shared or user.lower() in accounts.placeholders or user in self._made or _SERVICE.search(user):
            return ""
        root = _STEP.sub("/", match["root"])
        mounted = root in ("/media", "/scratch")
        if mounted and (user.lower() in accounts.folders or len(below) < 2 or re.fullmatch(r"[\w-]+\.\w+", user)):
            return ""
        if not below and not match["rest"]:
            return ""  # `/home/x` alone may be an address of a site
        return f"{root}/{user}"

    @cached_property
    def _made(self) -> frozenset[str]:
        """Accounts that an image of the project has, or that it uses on the machines where it is deployed."""
        found: set[str] = set()
        for module in self._project.modules.values():
            if module.source.language is not Language.DOCKERFILE:
                found.update(self._elsewhere(module))
                continue
            for command in module.facts.commands:
                found.update(user for word in command.argv for user in _ACCOUNT.findall(word))
                if not command.argv or command.argv[0].rpartition("/")[2] in _MAKES:
                    found.update(command.argv[1:])
            found.update(user for leaf in module.facts.settings for user in _ACCOUNT.findall(str(leaf.value)))
            found.update(str(leaf.value).partition(":")[0] for leaf in module.facts.settings if leaf.keys[-1].upper() == "USER")
        return frozenset(found)

    def _elsewhere(self, module: Module) -> Iterator[str]:
        """Accounts that a deployment file runs something as, makes, or logs in to."""
        for command in module.facts.commands if module.source.language in (Language.YAML, Language.SHELL, Language.MAKEFILE) else ():
            words = [word.rpartition("/")[2] for word in command.argv[:2]]
            if any(word in _MAKES for word in words):
                yield from command.argv[1:]
            elif words[:1] and words[0] in _LOGS_IN:
                yield from (user for word in command.argv[1:] for user in _REMOTE.findall(word))
        for leaf in module.facts.settings if module.source.language in (Language.YAML, Language.INI) else ():
            if leaf.keys[-1] in _RUNS_AS and isinstance(leaf.value, str):
                yield leaf.value.partition(":")[0]

    def _in_code(self, module: Module) -> Iterator[Personal]:
        for one in placed(module, _telling):
            if one.name in _TOLD or one.callee in _SAID or one.how == "receiver" and one.callee in _SAID:
                continue
            if one.callee in _ROUTES and one.how == "argument" and "\\" not in one.text:
                continue
            if owner := self.owner(one.text):
                yield self._found(module, one, "home", owner)
            elif (
                one.how in ("argument", "keyword")
                and not _is_default(one)
                and not is_configuration(module)
                and (owner := self._database(one.text))
            ):
                yield self._found(module, one, "database", owner)

    def _database(self, text: str) -> str:
        """A database on the machine that runs the code, without a password: one with it is a finding of its own."""
        match = _DATABASE.match(text)
        if match is None or match["scheme"].partition("+")[0] not in self._names.databases.schemes:
            return ""
        return f"{match['scheme']}://{match['host']}" if match["host"] in self._names.databases.here else ""

    def _found(self, module: Module, one: Placed, kind: str, owner: str) -> Personal:
        served = self._project.world.exposure(module) in ("serving", "scheduled") or module.path in self._learning
        location = self._project.location(module, one.span)
        return Personal(kind, owner, one.text, location, module.qualname(one.scope), _is_default(one), False, served)

    @cached_property
    def _learning(self) -> frozenset[str]:
        return frozenset(event.module.path for role in ("train", "predict", "restore") for event in self._project.calls(role))

    def _in_files(self, module: Module) -> Iterator[Personal]:
        seen: set[tuple[int, str]] = set()
        for leaf in module.facts.settings if module.source.language in _SETTINGS else ():
            text = leaf.value
            if type(text) is str and _has_folder(text) and text.count("\n") < 2 and leaf.keys[-1] not in self._names.accounts.recorded:
                yield from self._words(module, (text,), leaf.line, seen)
        for command in module.facts.commands if module.source.language not in (Language.JSON, Language.TOML) else ():
            yield from self._words(module, command.argv or tuple(value for _, value in command.env), command.line, seen)

    def _words(self, module: Module, words: tuple[str, ...], line: int, seen: set[tuple[int, str]]) -> Iterator[Personal]:
        for word in words:
            for match in _INSIDE.finditer(word) if _has_folder(word) else ():
                text = re.split(r"[\s:,'\"]", word[match.end() + 2 :], maxsplit=1)[0]
                text = word[match.end() : match.end() + 2] + text
                at = next((one.line for one in module.facts.paths if text.startswith(str(one.value))), line)  # where it can be read
                inside = match.start() > 0 and word[match.start()] == ":"  # `./data:/home/x`: behind the colon is the container's
                if not inside and (owner := self.owner(text)) and (at, owner) not in seen:
                    seen.add((at, owner))
                    location = Location(self._project.notebook_of(module.path), at, 1, at, 1)
                    yield Personal("home", owner, text, location, "", False, True)


def _has_folder(text: str) -> bool:
    return "/" in text or "\\" in text


def _telling(text: str) -> bool:
    return len(text) < _LONGEST and _has_folder(text) and bool(_HOME.match(text) or _DATABASE.match(text))


def _is_default(one: Placed) -> bool:
    """Whether the text is what an option, a parameter or a look-up falls back to."""
    return one.how == "default" or one.name == "default" or one.how == "argument" and one.callee in ("get", "getenv", "setdefault", "pop")
