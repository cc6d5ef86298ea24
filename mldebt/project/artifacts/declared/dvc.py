"""DVC: stages of dvc.yaml with what they depend on and make; tracked and imported files of *.dvc."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice, product

from mldebt.project.artifacts.declared import tree
from mldebt.project.artifacts.declared.places import SCRIPTS, below, folder_of, inside, located, merged, script, scripts_in
from mldebt.project.artifacts.declared.tree import Node
from mldebt.project.artifacts.model import Declaration
from mldebt.project.project import Project

_USE = re.compile(r"\$\{\s*+((?:[^}\s]|\s++(?!\}))++)\s*+\}")
_INDEX = re.compile(r"\[(\w+)\]")
_MOST = 100  # stages that one template makes
_MADE = ("outs", "metrics", "plots")

_Context = dict[str, str]


def declarations(project: Project) -> Iterator[Declaration]:
    for module, documents in tree.files(project, lambda path: path.rpartition("/")[2] == "dvc.yaml"):
        for document in documents:
            yield from _pipeline(project, module.path, document)
    for module, documents in tree.files(project, lambda path: path.endswith(".dvc")):
        for document in documents:
            yield from _tracked(module.path, document)


def _pipeline(project: Project, path: str, document: Node) -> Iterator[Declaration]:
    context = _variables(project, path, document)
    for name, node in document.get("stages").items():
        body = node.get("do") if node.get("foreach").children or node.get("foreach").text() else node
        for suffix, more in islice(_instances(node, context), _MOST):
            known = {**context, **more}
            yield from _stage(project, path, f"{name}@{suffix}" if suffix else name, body, _Words(known))
    folder = folder_of(path)
    for key in ("metrics", "plots", "artifacts"):
        for node, text in _reported(document.get(key)):
            identity = located(_Words(context).fill(text), folder)
            if identity is not None:
                yield Declaration("dvc", "consumes", identity, f"dvc {key}", path, node.line, (path,))


def _stage(project: Project, path: str, who: str, body: Node, words: _Words) -> Iterator[Declaration]:
    folder = below(folder_of(path), words.fill(body.get("wdir").text()))
    command = "\n".join(words.fill(text) for text in body.get("cmd").texts())
    needs = [(node, words.fill(text)) for node, text in _entries(body.get("deps"))]
    code = {text: found for _, text in needs if (found := _code(project, text, folder))}
    files = merged((scripts_in(project, command, folder), *code.values()))
    for node, text in needs:
        identity = located(text, folder)
        if identity is not None and text not in code:
            yield Declaration("dvc", "consumes", identity, who, path, node.line, files)
    for key in _MADE:
        for node, text in _entries(body.get(key)):
            identity = located(words.fill(text), folder)
            if identity is not None:
                yield Declaration("dvc", "produces", identity, who, path, node.line, files)


def _code(project: Project, text: str, folder: str) -> tuple[str, ...]:
    """The scripts that a dependency is: a file, or the folder of the code."""
    if text.lower().endswith(SCRIPTS):
        return (script(project, text, folder),)
    return () if "://" in text or text in (".", "./") else inside(project, below(folder, text))


def _tracked(path: str, document: Node) -> Iterator[Declaration]:
    """`dvc add`: a file whose content is pinned. `dvc import`: it comes from elsewhere, at a recorded revision."""
    folder = below(folder_of(path), document.get("wdir").text())
    for out in document.get("outs").elements():
        identity = located(out.get("path").text(), folder)
        if identity is not None:
            yield Declaration("dvc", "external", identity, path, path, out.get("path").line)
    for dep in document.get("deps").elements():
        source = dep.get("repo", "url").text()
        text = dep.get("path").text()
        identity = located(f"{source.removesuffix('.git').rstrip('/')}/{text}" if source else text, "" if source else folder)
        if identity is not None:
            yield Declaration("dvc", "consumes", identity, "dvc import", path, dep.line, (path,))


def _entries(node: Node) -> Iterator[tuple[Node, str]]:
    """Paths of a list whose items are strings or `{path: options}`."""
    for item in node.elements():
        if text := item.text():
            yield item, text
        elif item.get("repo").children:
            yield item, f"{item.get('repo', 'url').text()}/{item.get('path').text()}"
        else:
            for key, options in item.items():
                yield options, key


def _reported(node: Node) -> Iterator[tuple[Node, str]]:
    """Paths of the project-wide metrics, plots and named artifacts."""
    for item in node.elements():
        if text := item.text() or item.get("path").text():
            yield item, text
            continue
        for key, options in item.items():
            ys = [(child, name) for name, child in options.get("y").items()]
            yield from ys or ([(options, key)] if "." in key else [])


class _Words:
    """Fills `${name}` in; what is not known stays as it is written."""

    def __init__(self, known: _Context) -> None:
        self._known = known

    def fill(self, text: str) -> str:
        return _USE.sub(lambda match: self._known.get(_INDEX.sub(r".\1", match[1]), match[0]), text) if "${" in text else text


def _variables(project: Project, path: str, document: Node) -> _Context:
    """What params.yaml and the files and values of `vars` say, by dotted keys."""
    folder = folder_of(path)
    known: _Context = {}
    for source in ("params.yaml", *document.get("vars").texts()):
        module = project.modules.get(below(folder, source.partition(":")[0]))
        for leaf in module.facts.settings if module is not None else ():
            known[".".join(leaf.keys)] = str(leaf.value)
    for item in document.get("vars").elements():
        known.update(_flat(item, ""))
    return known


def _flat(node: Node, prefix: str) -> _Context:
    if not node.children:
        return {prefix: node.text()} if prefix else {}
    return {key: text for name, child in node.items() for key, text in _flat(child, f"{prefix}.{name}" if prefix else name).items()}


def _instances(node: Node, context: _Context) -> Iterator[tuple[str, _Context]]:
    """The names and variables of each stage that `foreach` or `matrix` makes; of a plain stage, one without either."""
    each, matrix = node.get("foreach"), node.get("matrix")
    if each.children or each.text():
        values = _flat(each, "item") if each.children else _from_context(each.text(), context)
        listing = each.is_list() or (not each.children and all(key.split(".")[1].isdecimal() for key in values))
        for name in dict.fromkeys(key.split(".")[1] for key in values):
            own = {f"item{key[len(f'item.{name}') :]}": text for key, text in values.items() if f"{key}.".startswith(f"item.{name}.")}
            label = own.get("item", name) if listing else name
            yield label, {**own, "key": name}
        if not values:
            yield "*", {}
    elif matrix.children:
        columns = [(name, column.elements()) for name, column in matrix.items()]
        for row in product(*(cells for _, cells in columns)):
            known = {k: v for (name, _), cell in zip(columns, row, strict=True) for k, v in _flat(cell, f"item.{name}").items()}
            yield "-".join(cell.text() or "*" for cell in row), known
    else:
        yield "", {}


def _from_context(text: str, context: _Context) -> _Context:
    match = _USE.fullmatch(text)
    start = f"{match[1]}." if match else "\0"
    return {f"item.{key[len(start) :]}": value for key, value in context.items() if key.startswith(start)}
