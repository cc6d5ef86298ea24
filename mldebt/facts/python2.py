"""Python 2 text as the same Python 3, for texts that do not parse otherwise: the tokens that changed are replaced where they stand.

Every line keeps its number, and what stands inside a replaced statement mostly keeps its column: `print x` becomes `print(x)`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

NOTE = "Python 2 syntax, read as Python 3"
_NEAR = 200  # tokens of a lambda's parameters, at most

_TOKEN = re.compile(
    r"""(?P<string>(?i:ur|br|rb|fr|rf|[urbf])?(?:
          \"\"\"(?:[^"\\]|\\[\s\S]|"(?!""))*(?:\"\"\"|$) | '''(?:[^'\\]|\\[\s\S]|'(?!''))*(?:'''|$)
          | "(?:[^"\\\n]|\\[\s\S])*"? | '(?:[^'\\\n]|\\[\s\S])*'?))
      | (?P<blank>(?:[ \t\f]|\\\n|\#[^\n]*)+)
      | (?P<newline>\n)
      | (?P<number>0[xX][0-9a-fA-F]+[lL]? | 0[oO][0-7]+[lL]? | 0[bB][01]+[lL]?
          | (?:\d+\.\d*|\.\d+)(?:[eE][+-]?\d+)?[jJ]? | \d+(?:[eE][+-]?\d+)?[jJ]? [lL]?)
      | (?P<name>[^\W\d]\w*)
      | (?P<operator><>|>>|<<|\*\*|//|[!=<>]=|[\s\S])""",
    re.VERBOSE,
)
_OCTAL = re.compile(r"0[0-7]+[lL]?")
_INFIX = frozenset({"in", "is", "and", "or", "if", "else", "for"})
_STARTS = frozenset("([{-+~`")  # operators that an expression may begin with


class _Token(msgspec.Struct, frozen=True, gc=False):
    kind: str
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


_Edit = tuple[int, int, str]
_Tokens = list[_Token]


def modern(text: str) -> str:
    """The text as Python 3 writes it; the same where it is nothing else, and no promise that the result parses."""
    tokens = [_Token(m.lastgroup or "", m[0], m.start()) for m in _TOKEN.finditer(text)]
    prints = "print_function" not in text
    edits = list(_of_tokens(tokens))
    for statement in _statements(tokens):
        first = statement[0].text
        if first == "exec" or (first == "print" and prints):
            edits += _call(text, statement)
        elif first == "raise":
            edits += _raise(statement)
        elif first == "except":
            edits += _except(text, statement)
        edits += _parameters(statement)
    return _replaced(text, sorted(edits))


def evenly_indented(text: str) -> str:
    """The text with the tabs of its indentation as blanks, up to each eighth column as Python 2 counts: it may mix them."""
    return re.sub(r"(?m)^[ \t]*\t[ \t]*", lambda match: match[0].expandtabs(8), text)


def _replaced(text: str, edits: list[_Edit]) -> str:
    pieces: list[str] = []
    at = 0
    for start, end, new in edits:
        if start >= at:
            pieces += (text[at:start], new)
            at = end
    return "".join((*pieces, text[at:]))


def _of_tokens(tokens: _Tokens) -> Iterator[_Edit]:
    opened = False
    for index, token in enumerate(tokens):
        text = token.text
        if token.kind == "number" and (_OCTAL.fullmatch(text) and text.strip("0lL") or text[-1] in "lL"):
            plain = text.rstrip("lL")
            octal = _OCTAL.fullmatch(plain) is not None and plain.strip("0") != ""
            yield token.start, token.end, (f"0o{plain[1:]}" if octal else plain) + " " * (len(text) - len(plain) - octal)
        elif token.kind == "string" and text[:2].lower() == "ur":
            yield token.start, token.end, text[1:] + " "
        elif text == "<>":
            yield token.start, token.end, "!="
        elif text == "`":
            yield token.start, token.end, ")" if opened else "repr("
            opened = not opened
        elif text == "async" and not any(after.text in ("def", "for", "with") for after in tokens[index + 1 : index + 3]):
            yield token.start, token.end, "async_"


def _statements(tokens: _Tokens) -> Iterator[_Tokens]:
    """The tokens of each simple statement and of each header of a compound one, without its colon; blanks left out."""
    found: _Tokens = []
    depth = lambdas = 0
    for token in tokens:
        text = token.text
        ends = False
        if token.kind == "blank" or (token.kind == "newline" and depth):
            continue
        if token.kind == "operator":
            depth = max(0, depth + (text in "([{") - (text in ")]}"))
            if text == ":" and not depth:
                ends, lambdas = not lambdas, max(0, lambdas - 1)
        elif text == "lambda" and not depth:
            lambdas += 1
        if ends or token.kind == "newline" or (text == ";" and not depth):
            if found:
                yield found
            found, lambdas = [], 0
        else:
            found.append(token)
    if found:
        yield found


def _outer(tokens: _Tokens, text: str) -> Iterator[int]:
    """Where a token of that text stands outside of brackets."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.kind == "operator":
            depth += (token.text in "([{") - (token.text in ")]}")
        if token.text == text and not depth:
            yield index


def _close(tokens: _Tokens, start: int) -> int:
    """The index of the bracket that closes the one at `start`; -1 when nothing does."""
    depth = 0
    for index in range(start, len(tokens)):
        if tokens[index].kind == "operator":
            depth += (tokens[index].text in "([{") - (tokens[index].text in ")]}")
            if not depth:
                return index
    return -1


def _call(text: str, tokens: _Tokens) -> Iterator[_Edit]:
    """`print x, y`, `print >>f, x`, `exec code in names`: a statement that became a call."""
    word, last = tokens[0], tokens[-1]
    if len(tokens) == 1:
        if word.text == "print":
            yield word.end, word.end, "()"
        return
    second = tokens[1]
    if second.text == ">>" and word.text == "print":
        comma = next(_outer(tokens, ","), len(tokens))
        to = re.sub(r"\\?\n", " ", text[tokens[1].end : tokens[comma - 1].end]).strip()
        rest = tokens[comma + 1].start if comma + 1 < len(tokens) else last.end
        hidden = re.sub(r"[^\n]", " ", text[word.end + 1 : rest])
        yield word.end, rest, f"({hidden}"
        yield last.end, last.end, f"{'' if comma + 1 >= len(tokens) or last.text == ',' else ', '}file={to})"
        return
    if second.text in _INFIX or (second.kind == "operator" and second.text not in _STARTS):
        return  # a name like any other
    if second.text == "(" and _close(tokens, 1) == len(tokens) - 1:
        return
    yield word.end, word.end + (text[word.end] in " \t"), "("
    if word.text == "exec":
        for index in list(_outer(tokens, "in"))[:1]:
            yield tokens[index].start, tokens[index].end, ", "
    yield last.end, last.end, ")"


def _raise(tokens: _Tokens) -> Iterator[_Edit]:
    """`raise E, "text", trace`."""
    commas = [tokens[index] for index in _outer(tokens, ",")]
    for comma, new in zip(commas, ("(", ").with_traceback("), strict=False):
        yield comma.start, comma.end, new
    if commas:
        yield tokens[-1].end, tokens[-1].end, ")"


def _except(text: str, tokens: _Tokens) -> Iterator[_Edit]:
    """`except E, e`."""
    commas = list(_outer(tokens, ","))
    if len(commas) == 1 and commas[0] == len(tokens) - 2 and tokens[-1].kind == "name":
        comma = tokens[commas[0]]
        yield comma.start, comma.end, " as" if text[comma.end] in " \t" else " as "


def _parameters(tokens: _Tokens) -> Iterator[_Edit]:
    """`lambda (a, b): a`, `def f(x, (a, b))`: one parameter, and its parts as parameters by name that no call fills."""
    for index, token in enumerate(tokens):
        if token.text == "lambda" and token.kind == "name":
            end = index + 1 + next(_outer(tokens[index + 1 : index + _NEAR], ":"), 0)
            yield from _unpacked(tokens[index + 1 : end])
        elif token.text == "def" and not index and len(tokens) > 3 and (end := _close(tokens, 2)) > 0:
            yield from _unpacked(tokens[3:end])


def _unpacked(tokens: _Tokens) -> Iterator[_Edit]:
    starts = [0, *(comma + 1 for comma in _outer(tokens, ","))]
    names: list[str] = []
    for number, start in enumerate(starts):
        if start < len(tokens) and tokens[start].text == "(" and (end := _close(tokens, start)) > 0:
            names += [token.text for token in tokens[start:end] if token.kind == "name"]
            yield tokens[start].start, tokens[end].end, f"_{number}"
    if names:
        stars = [start for start in starts if start < len(tokens) and tokens[start].text in ("*", "**")]
        parts = ", ".join(names if stars and tokens[stars[0]].text == "*" else ["*", *names])
        if stars and tokens[stars[-1]].text == "**":
            yield tokens[stars[-1]].start, tokens[stars[-1]].start, f"{parts}, "
        else:
            yield tokens[-1].end, tokens[-1].end, f"{'' if tokens[-1].text == ',' else ', '}{parts}"
