"""How open the project is to code that is not in it, and who runs each file."""

from __future__ import annotations

import re
from functools import cached_property

from mldebt.facts.model import Call, Name, Op
from mldebt.project.project import Module, Project
from mldebt.sources.model import Language, Role

_DEPLOYED = re.compile(
    r"(^|/)(Dockerfile[^/]*|docker-compose[^/]*|serverless\.ya?ml|Procfile|app\.ya?ml|skaffold\.ya?ml|deployment\.ya?ml|k8s/.*)$"
)
_PACKAGED = re.compile(r"(^|/)(setup\.py|setup\.cfg|pyproject\.toml)$")


class World:
    """Answers from the tree of files and the imports alone."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def packages(self) -> dict[str, str]:
        """Folder of each packaging file that describes an installable package, with `library` or `application`."""
        found: dict[str, str] = {}
        for path, module in self._project.modules.items():
            match = _PACKAGED.search(path)
            if match is None or module.source.role in (Role.EXAMPLE, Role.TEST):
                continue
            folder = path[: match.start()].rstrip("/")
            if path.endswith("setup.py"):
                packaged = (
                    any(q.split(".")[-1] == "setup" for s in module.facts.scopes[:1] for q in (*s.qualified, *s.names))
                    if module.facts.scopes
                    else True
                )
            else:
                keys = {s.keys for s in module.facts.settings}
                packaged = ("project", "name") in keys or ("tool", "poetry", "name") in keys or ("metadata", "name") in keys
                if ("tool", "poetry", "package-mode") in keys:
                    packaged = False
            if packaged:
                deployed = any(p.startswith(f"{folder}/" if folder else "") and _DEPLOYED.search(p) for p in self._project.modules)
                kind = "application" if deployed and not self._published(module) else "library"
                found[folder] = kind if found.get(folder) != "library" else "library"
        return found

    def _published(self, module: Module) -> bool:
        """Whether readers are told to install the package by its name, or a workflow uploads it to an index."""
        name = self._package_name(module)
        documents = [m for m in self._project.modules.values() if m.source.language is Language.DOCUMENT]
        if any("install" in c.argv and name in {a.lower() for a in c.argv} for m in documents for c in m.facts.commands):
            return True
        workflows = (m for p, m in self._project.modules.items() if ".github/workflows" in p or ".gitlab-ci" in p or ".circleci" in p)
        return any(word in m.facts.words for m in workflows for word in ("pypi", "twine"))

    def _package_name(self, module: Module) -> str:
        """The name under which a packaging file publishes, in lower case, or ""."""
        named = (("project", "name"), ("tool", "poetry", "name"), ("metadata", "name"))
        for setting in module.facts.settings:
            if setting.keys in named:
                return str(setting.value).lower()
        for value in module.facts.values:
            if type(value) is Call:
                given = next((v for k, v in value.keywords if k == "name"), None)
                found = self._project.evaluator.string(module, given) if given is not None else None
                if found:
                    return found.lower()
        return ""

    def openness(self, module: Module) -> str:
        """`closed`: every caller is in the project. `application`: packaged, but deployed rather than published. `library`: open."""
        setting = self._project.config.library
        if self._project.partial:
            return "library"
        if setting is not None:
            return "library" if setting else "closed"
        best, kind = -1, "closed"
        for folder, found in self.packages.items():
            inside = not folder or module.path.startswith(folder + "/")
            if inside and len(folder) > best and self._inside_package(module, folder):
                best, kind = len(folder), found
        return kind

    def _inside_package(self, module: Module, folder: str) -> bool:
        """Whether the file is part of what is installed: below a folder with `__init__.py`, or in `src`; not scripts, not tests."""
        if module.source.role is not Role.CODE or module.source.language is not Language.PYTHON:
            return False
        relative = module.path[len(folder) :].lstrip("/").split("/")
        if relative[0] in ("src", "lib"):
            return True
        if len(relative) == 1:
            return False
        return "/".join(filter(None, [folder, relative[0], "__init__.py"])) in self._project.modules

    @cached_property
    def scheduled(self) -> frozenset[str]:
        """Files that a committed command runs: workflow, Makefile, Dockerfile, shell script."""
        found: set[str] = set()
        paths = {m.path for m in self._project.python}
        by_name: dict[str, list[str]] = {}
        for path in paths:
            by_name.setdefault(path.rsplit("/", 1)[-1], []).append(path)
        for module in self._project.modules.values():
            if module.source.language is Language.DOCUMENT:
                continue  # what a reader may run is not on a schedule
            for command in module.facts.commands:
                words = [*command.argv]
                if "-m" in words[:-1]:
                    words.append(words[words.index("-m") + 1].replace(".", "/") + ".py")
                for word in words:
                    if word.endswith((".py", ".ipynb")):
                        candidates = by_name.get(word.rsplit("/", 1)[-1], [])
                        suffix = word.lstrip("./")
                        found.update(p for p in candidates if p == suffix or p.endswith("/" + suffix) or suffix.endswith("/" + p))
        return frozenset(found)

    @cached_property
    def _serving(self) -> frozenset[str]:
        return frozenset(call.name.split(".")[0] for call in self._project.catalogue.roles.get("serve", ()))

    def exposure(self, module: Module) -> str:
        """serving, scheduled, library, script, notebook, example, legacy or test: who would notice first."""
        role = module.source.role
        if role is Role.TEST:
            return "test"
        if role is Role.LEGACY:
            return "legacy"
        if role is Role.EXAMPLE:
            return "example"
        if role is Role.NOTEBOOK or module.source.language is Language.NOTEBOOK:
            return "notebook"
        if any(i.module.split(".")[0] in self._serving for i in module.facts.imports):
            return "serving"
        if module.path in self.scheduled:
            return "scheduled"
        if self.is_script(module):
            return "script"
        return "library"

    def is_script(self, module: Module) -> bool:
        """Has an `if __name__ == "__main__"`."""
        if "builtins.__name__" not in module.names:
            return False
        for guard in module.facts.guards:
            test = module.facts.values[guard.test]
            if type(test) is Op and test.op == "==":
                sides = [module.facts.values[o] for o in test.operands]
                if any(type(s) is Name and s.name == "builtins.__name__" for s in sides):
                    return True
        return False
