"""MLD429: experiments kept as comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mldebt.facts.model import CommentedCode
from mldebt.findings import Finding
from mldebt.project.project import Module, Project
from mldebt.project.secrets import masked
from mldebt.sources.model import Language, Role

RULE = "commented-out-experiment"
_EXPLAINS = re.compile(
    r"\b(e\.?g\.?|example|usage|use it|like this|equivalent|same as|i\.e|such as|similar to|for instance|try:|note|output|returns?"
    r"|uncomment|run|keep(ing)?|kept|in case|future use|for later)\b",
    re.IGNORECASE,
)
_DEBUG = re.compile(r"^(print|pprint|logger?\.|logging\.|import i?pdb|breakpoint|pdb\.|plt\.show|display|assert)\b")


def check(project: Project) -> Iterator[Finding]:
    """Runs of comment lines that are code, and former values kept behind the present one."""
    threshold = project.thresholds.commented_code_lines
    for module in project.python:
        if module.source.role in (Role.TEST, Role.EXAMPLE) or module.path.rsplit("/", 1)[-1] in ("setup.py", "conf.py"):
            continue
        for found in module.facts.commented:
            confidence = _confidence(module, found, threshold)
            if confidence:
                yield _finding(project, module, found, confidence)


def _confidence(module: Module, found: CommentedCode, threshold: int) -> float:
    lines = found.span.end_line - found.span.line + 1
    if _EXPLAINS.search(found.before) or _DEBUG.match(found.head):
        return 0.0
    if found.kind == "former list":
        base = 0.8
    elif found.kind == "trailing":
        base = 0.6
    elif found.statements >= threshold and lines >= threshold:
        base = 0.9
    elif threshold > 1:
        return 0.0
    else:
        base = 0.6
    return base * 0.8 if module.source.language is Language.NOTEBOOK else base


def _finding(project: Project, module: Module, found: CommentedCode, confidence: float) -> Finding:
    lines = found.span.end_line - found.span.line + 1
    head = masked(found.head)
    if found.kind != "block":
        message = f"a former value is kept in a comment: `{head}`"
    else:
        message = f"{lines} {'line of code is' if lines == 1 else 'lines of code are'} kept as a comment: `{head}`"
    scope = _scope(module, found.span.line)
    return Finding(RULE, project.location(module, found.span), message, anchor=head, scope=scope, confidence=confidence, size=lines)


def _scope(module: Module, line: int) -> str:
    inside = [s for s in module.facts.scopes if s.kind in ("function", "class") and s.span.line <= line <= s.span.end_line]
    return max(inside, key=lambda s: s.span.line).qualname if inside else ""
