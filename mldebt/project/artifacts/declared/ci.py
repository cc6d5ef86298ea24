"""Continuous integration: artifacts that one job uploads and another downloads, and jobs that need others."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.match import order
from mldebt.project.artifacts.declared.places import located, merged, scripts_in
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration, Identity
from mldebt.project.artifacts.templates import parse
from mldebt.project.project import Module, Project

_UPLOAD = re.compile(r"(?:^|/)upload-(?:pages-)?artifact(?:@|$)")
_DOWNLOAD = re.compile(r"(?:^|/|-)download-(?:workflow-)?artifact(?:@|$)")
_KEYS = frozenset({"jobs", "script", "payload"})
_GITLAB_WORDS = frozenset({"stages", "default", "include", "variables", "workflow", "image", "services", "cache", "before_script"})
_Job = tuple[str, tuple[str, ...]]


def declarations(project: Project) -> Iterator[Declaration]:
    for module, documents in tree.files(
        project, lambda path: path.endswith((".yml", ".yaml")), lambda leaf: not _KEYS.isdisjoint(leaf.keys)
    ):
        name = module.path.rpartition("/")[2]
        for document in documents:
            if "/.github/workflows/" in f"/{module.path}":
                yield from _github(project, module, document)
            elif name.startswith(".gitlab-ci") or "/.gitlab/" in f"/{module.path}":
                yield from _gitlab(project, module, document)
            elif document.get("tasks").is_list():
                yield from _taskcluster(project, module, document)


def _github(project: Project, module: Module, document: Node) -> Iterator[Declaration]:
    jobs = {name: (name, _github_files(project, job)) for name, job in document.get("jobs").items()}
    for name, job in document.get("jobs").items():
        for needed in job.get("needs").texts():
            if needed in jobs:
                yield from order("github-actions", module.path, jobs[needed], jobs[name], module.path, job.get("needs").line)
        for step in job.get("steps").elements():
            uses, given = step.get("uses").text(), step.get("with")
            role = "produces" if _UPLOAD.search(uses) else "consumes" if _DOWNLOAD.search(uses) else ""
            if not role:
                continue
            artifact = given.get("name").text()
            identities = [Identity("dataset", ("github-actions",), parse(artifact))] if artifact else []
            for text in given.get("path").text().splitlines():
                # Downloading says where the files are put, not what they are called.
                if text.strip() and role == "produces" and not text.startswith("!") and (found := located(text.strip())) is not None:
                    identities.append(found)
            for identity in identities:
                yield Declaration("github-actions", role, identity, name, module.path, step.line, jobs[name][1] or (module.path,))


def _github_files(project: Project, job: Node) -> tuple[str, ...]:
    folders = tuple(text for found in job.walk("working-directory") if (text := found.text().strip("./")))
    return merged(scripts_in(project, step.get("run").text(), *folders) for step in job.get("steps").elements())


def _gitlab(project: Project, module: Module, document: Node) -> Iterator[Declaration]:
    nodes = {name: node for name, node in document.items() if name not in _GITLAB_WORDS and node.get("script").elements()}
    jobs: dict[str, _Job] = {
        name: (name, merged(scripts_in(project, text) for text in node.get("script").texts())) for name, node in nodes.items()
    }
    stages = {stage: place for place, stage in enumerate(document.get("stages").texts() or ("build", "test", "deploy"))}
    for name, node in nodes.items():
        for text in node.get("artifacts", "paths").texts():
            if (identity := located(text)) is not None:
                files = jobs[name][1] or (module.path,)
                yield Declaration("gitlab-ci", "produces", identity, name, module.path, node.get("artifacts").line, files)
        needs = {
            text for key in ("needs", "dependencies") for item in node.get(key).elements() for text in (item.text(), item.get("job").text())
        }
        place = stages.get(node.get("stage").text(), 0)
        if not node.get("needs").elements() and not node.get("dependencies").elements():  # then all jobs of earlier stages come before
            needs = {other for other, there in nodes.items() if stages.get(there.get("stage").text(), 0) < place}
        for other in sorted(needs & set(jobs)):
            yield from order("gitlab-ci", module.path, jobs[other], jobs[name], module.path, node.line)
        for other in sorted(needs & set(jobs)):  # a job gets the artifacts of those before it
            for text in nodes[other].get("artifacts", "paths").texts():
                if jobs[name][1] and (identity := located(text)) is not None:
                    yield Declaration("gitlab-ci", "consumes", identity, name, module.path, node.line, jobs[name][1])


def _taskcluster(project: Project, module: Module, document: Node) -> Iterator[Declaration]:
    tasks = [task for task in document.get("tasks").elements() if task.get("payload").children]
    jobs: dict[str, _Job] = {}
    for task in tasks:
        name = task.get("ID").text() or task.get("taskId").text() or task.get("metadata", "name").text()
        texts = task.get("payload", "command").texts()
        jobs[name] = (name, scripts_in(project, "\n".join((" ".join(texts), *texts))))
    for task, (name, job) in zip(tasks, jobs.items(), strict=False):
        for needed in task.get("dependencies").texts():
            if needed in jobs:
                yield from order("taskcluster", module.path, jobs[needed], job, module.path, task.get("dependencies").line)
        for label, artifact in task.get("payload", "artifacts").items():
            public = artifact.get("name").text() or label
            visibility = "public" if public.startswith("public/") else "private"
            for identity in (Identity("dataset", ("taskcluster",), parse(public)), located(artifact.get("path").text())):
                if identity is not None:
                    files = job[1] or (module.path,)
                    yield Declaration("taskcluster", "produces", identity, name, module.path, artifact.line, files, "", visibility)
