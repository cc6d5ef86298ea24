"""Comments: code kept as a comment, words of self-admitted debt, and mldebt's own suppressions.

libcst keeps comments in whitespace fields that the lean walk skips, so they are found in the text; lines inside strings are left out.
"""

from __future__ import annotations

import ast
import bisect
import re
import warnings
from collections.abc import Collection, Iterator, Sequence

import msgspec

from mldebt.facts.model import CommentedCode, Consumes, DebtComment, Span, Suppression

_OWN = re.compile(r"^[ \t]*#")
_DIRECTIVE = re.compile(r"#\s*mldebt\s*:\s*(.*)$")
_IGNORE = re.compile(r"(ignore|accept)\s*\[([^\]]*)\]\s*(.*)$")
_CONSUMES = re.compile(r"consumes\s+(\S+)(?:\s+(.*))?$")
_OWNER = re.compile(r"\bowner=(\S+)")
_UNTIL = re.compile(r"\buntil=(\S+)")
_DEBT = re.compile(
    r"\b(TODO|FIXME|XXX|HACK|for now|temporary|temporarily|workaround|copied from|must match|keep in sync"
    r"|placeholder|in a real|simulate[sd]?|quick fix|legacy|deprecated|should be removed)\b",
    re.IGNORECASE,
)
_PROSE = re.compile(
    r"^([=\-#*_~+ ]{4,}$|type:|noqa|pylint|mypy|pragma|flake8|isort|fmt:|%%|!|In\[|Copyright|License|http|>>>|\$ |-\*-|region"
    r"|endregion|cspell|ruff|nosec|yapf|pyright)",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"[=(\[{]|^(import|from|return|raise|del|assert|pass|break|continue|else:|try:|finally:)\b|:\s*$|^[\"'].*[\"'],?$|^[\])}]+,?$|^@"
)
_INVITES = re.compile(r"uncomment|(remove|delete) the (following )?comment", re.IGNORECASE)
_LONGEST = 200  # characters of a comment of debt that are kept
_PATIENCE = 25  # starts in one comment block that lead to nothing
_PLACEHOLDER = re.compile(r"\bXXX+\b|<[A-Za-z_ ]+>|\bYOUR_|\b\w+\s*=\s*\.\.\.\s*$", re.MULTILINE)
_STRING_LIST = re.compile(r"^\s*+(?:[\[({]\s*+)?(?:[\"'][^\"']+[\"']\s*+,\s*+)*[\"'][^\"']+[\"']\s*+(?:,\s*+)?(?:[\])}]\s*+)?$")


def commented_code(lines: Sequence[str], inside: set[int]) -> Iterator[CommentedCode]:
    """Runs of comment lines, and single trailing comments, that parse as code; pieces of one block together."""
    whole: CommentedCode | None = None
    invited = any(_INVITES.search(line) for line in lines)
    for found in _pieces(lines, inside):
        if invited:
            found = msgspec.structs.replace(found, before=f"uncomment {found.before}")
        if whole is not None and found.kind == whole.kind == "block" and _joined(lines, whole.span, found.span):
            span = Span(whole.span.line, whole.span.column, found.span.end_line, found.span.end_column)
            whole = msgspec.structs.replace(whole, span=span, statements=whole.statements + found.statements)
            continue
        if whole is not None:
            yield whole
        whole = found
    if whole is not None:
        yield whole


def _joined(lines: Sequence[str], first: Span, second: Span) -> bool:
    """Whether only blank lines, and few of them, stand between two runs."""
    between = lines[first.end_line : second.line - 1]
    return len(between) <= 4 and first.column == second.column and not any(line.strip(" \t#") for line in between)


def _pieces(lines: Sequence[str], inside: set[int]) -> Iterator[CommentedCode]:
    number = 0
    while number < len(lines):
        line = lines[number]
        if "#" not in line or (number + 1) in inside:
            number += 1
            continue
        if not _OWN.match(line):
            yield from _trailing(line, number + 1)
            number += 1
            continue
        first = number
        while number < len(lines) and _OWN.match(lines[number]) and (number + 1) not in inside:
            number += 1
        yield from _runs(lines, first, number)


def _runs(lines: Sequence[str], first: int, end: int) -> Iterator[CommentedCode]:
    """The longest parsable runs within the comment block lines[first:end]."""
    texts = [re.sub(r"^\s*#+!? ?", "", line).rstrip() for line in lines[first:end]]
    place, prose, failures = 0, "", 0
    while place < len(texts):
        text = texts[place]
        if not text or not _CODE.search(text.strip()) or _PROSE.match(text):
            prose, place = text or prose, place + 1
            continue
        found = _longest(texts, place)
        if found is None:
            failures += 1
            if failures > _PATIENCE:
                return  # prose with brackets: each further line would cost as much again
            prose, place = text, place + 1
            continue
        stop, statements = found
        line = lines[first + place]
        column = len(line) - len(line.lstrip()) + 1
        span = Span(first + place + 1, column, first + stop, len(lines[first + stop - 1].rstrip()) + 1)
        yield CommentedCode(span, statements, "block", texts[place].strip().split("  #")[0][:100], prose[:100])
        place = stop


def _longest(texts: list[str], start: int) -> tuple[int, int] | None:
    """(end, statements) of the longest run from `start` that parses as code, trying whole blocks before parts."""
    stop = start
    while stop < len(texts) and stop - start < 200 and (not texts[stop] or not _PROSE.match(texts[stop])):
        stop += 1
    tries = 0
    while stop > start and tries < 12:
        while stop > start and not texts[stop - 1].strip():
            stop -= 1
        text = "\n".join(texts[start:stop])
        count = 0 if _PLACEHOLDER.search(text) else code_statements(text)
        if count:
            return stop, count
        # Try again without the last line that does not look like code, else without the last line.
        cut = next((i for i in range(stop - 1, start, -1) if not _CODE.search(texts[i].strip())), stop - 1)
        stop, tries = cut, tries + 1
    return None


def code_statements(text: str) -> int:
    """How many statements the text holds if it is code that does something, else 0."""
    margin = min((len(t) - len(t.lstrip()) for t in text.split("\n") if t.strip()), default=0)
    body = "\n".join(t[margin:] for t in text.split("\n"))
    first = body.lstrip().split(" ")[0].rstrip(":")
    attempts = [body]
    if first in ("elif", "else", "except", "finally"):
        head = {"elif": "if x:\n pass\n", "else": "if x:\n pass\n", "except": "try:\n pass\n", "finally": "try:\n pass\n"}[first]
        attempts = [head + body]
    if body.rstrip().endswith(":"):
        attempts = [a + "\n    pass" for a in attempts]
    for attempt in attempts:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        real = sum(_does_something(node) for node in ast.walk(tree) if isinstance(node, ast.stmt))
        if real:
            return real
    return 1 if _dictionary_entry(body) else 0


def _does_something(node: ast.stmt) -> bool:
    if isinstance(node, ast.Expr):
        value = node.value
        if isinstance(value, ast.Await):
            value = value.value
        # `word (explanation)` is prose; a call is written without the space and mostly with a dotted or lower-case name.
        return isinstance(value, ast.Call) and value.func.end_col_offset is not None and _tight(value)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None  # `note: text` parses as an annotation
    if isinstance(node, ast.Assign):
        return all(isinstance(t, (ast.Name, ast.Attribute, ast.Subscript, ast.Tuple)) for t in node.targets)
    return not isinstance(node, (ast.Pass, ast.Break, ast.Continue))


def _tight(call: ast.Call) -> bool:
    """No blank between the function and its bracket, as far as the offsets tell."""
    if call.args:
        first = call.args[0]
        return (
            first.lineno > call.lineno
            or first.col_offset - (call.func.end_col_offset or 0) <= 1
            or isinstance(first, ast.GeneratorExp | ast.Tuple | ast.Starred)
        )
    return True


def _dictionary_entry(body: str) -> bool:
    """`"key": value,` lines, as left in a dict or list display."""
    if not re.match(r"^\s*[\"'][\w.\- ]+[\"']\s*:\s*\S", body):
        return False
    try:
        tree = ast.parse("{" + body.strip().rstrip(",") + "}", mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return isinstance(tree.body, ast.Dict)


def _trailing(line: str, number: int) -> Iterator[CommentedCode]:
    """A trailing comment that holds an alternative value: further list items, or another right-hand side."""
    column = comment_column(line)
    if column < 0:
        return
    text = line[column + 1 :].split("  #")[0].strip()  # a comment behind the former value is not part of it
    if len(text) < 3 or _PROSE.match(text):
        return
    code = line[:column].rstrip()
    listing = _STRING_LIST.match(text) and "," in text and code.endswith(("]", ",", ")", "["))
    if listing or (_CODE.search(text) and _assignment(text)):
        kind = "former list" if listing else "trailing"
        yield CommentedCode(Span(number, column + 1, number, len(line.rstrip()) + 1), 1, kind, text[:100])


def _assignment(text: str) -> bool:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return len(tree.body) >= 1 and all(isinstance(n, ast.Assign) for n in tree.body) and not re.search(r"[<>]=?|==", text)


def comment_column(line: str) -> int:
    """Index of the `#` that starts a comment in one line outside multi-line strings, or -1."""
    quote = ""
    place = 0
    while place < len(line):
        char = line[place]
        if quote:
            if char == "\\":
                place += 1
            elif line.startswith(quote, place):
                place += len(quote) - 1
                quote = ""
        elif char in "\"'":
            quote = char * 3 if line.startswith(char * 3, place) else char
            place += len(quote) - 1
        elif char == "#":
            return place
        place += 1
    return -1


def debt_comments(lines: Sequence[str], inside: Collection[int] = (), sign: str = "#") -> Iterator[DebtComment]:
    """The comments that begin with `sign`, outside the lines `inside` of longer strings, and admit debt."""
    for number, line in enumerate(lines, 1):
        if sign not in line or not (found := _DEBT.search(line, line.index(sign))) or number in inside:
            continue
        at = comment_column(line) if sign == "#" else line.index(sign)
        if at >= 0 and (found := _DEBT.search(line, at)):
            yield DebtComment(number, found.group(1).lower(), line[at:].strip(f"{sign}! \t\r")[:_LONGEST])


def suppressions(lines: Sequence[str], inside: set[int], statements: list[tuple[int, int]]) -> Iterator[Suppression]:
    """mldebt comments. Trailing: for the statement on that line; on a line of its own: for the next statement."""
    starts = sorted(statements)
    for number, line in enumerate(lines, 1):
        if "mldebt" not in line or number in inside:
            continue
        column = comment_column(line)
        found = _DIRECTIVE.search(line, column) if column >= 0 else None
        if found is None:
            continue
        own = not line[:column].strip()
        span = _covered(starts, number, own)
        if _CONSUMES.match(found.group(1)):
            continue
        parts = _IGNORE.match(found.group(1))
        if parts is None:
            yield Suppression("malformed", (), found.group(1)[:80], "", number, column + 1, span)
            continue
        kind, rules, rest = parts.groups()
        until = _UNTIL.search(rest)
        reason = _UNTIL.sub("", rest).strip()
        names = tuple(r.strip() for r in rules.split(",") if r.strip())
        yield Suppression(kind if names else "malformed", names, reason, until.group(1) if until else "", number, column + 1, span)


def consumes(lines: Sequence[str], inside: set[int]) -> Iterator[Consumes]:
    """`# mldebt: consumes s3://... owner=@x until=2026-01-01`: this file is a known reader of the artifact."""
    for number, line in enumerate(lines, 1):
        if "mldebt" not in line or number in inside:
            continue
        column = comment_column(line)
        found = _DIRECTIVE.search(line, column) if column >= 0 else None
        if found is not None and (parts := _CONSUMES.match(found.group(1))):
            owner, until = (pattern.search(parts.group(2) or "") for pattern in (_OWNER, _UNTIL))
            yield Consumes(parts.group(1), owner.group(1) if owner else "", until.group(1) if until else "", number)


def _covered(starts: list[tuple[int, int]], line: int, own: bool) -> Span:
    if own:
        at = bisect.bisect_right(starts, (line, 10**9))
        first, last = starts[at] if at < len(starts) else (line, line)
        return Span(line, 1, last, 1) if first - line < 20 else Span(line, 1, line, 1)
    at = bisect.bisect_right(starts, (line, 10**9)) - 1
    while at >= 0 and starts[at][0] > line - 400:
        if starts[at][0] <= line <= starts[at][1]:
            return Span(starts[at][0], 1, starts[at][1], 1)
        at -= 1
    return Span(line, 1, line, 1)
