"""Source text as an anchor that no formatter changes: its words, without blanks, line breaks, kinds of quotes and spare brackets."""

from __future__ import annotations

import re

_LENGTH = 60  # a formatter moves the place where a longer text is cut
_TOKEN = re.compile(
    r"""(?P<text>(?P<prefix>(?i:[rbuf]{0,2}))(?P<quote>\"{3}|'{3}|["'])(?P<body>(?:\\.|(?!(?P=quote)).)*)(?P=quote)?)"""
    r"""|(?P<number>\.?\d(?:[\w.]|(?<=[eE])[+-])*)|(?P<name>\w+)|(?P<blank>[\s\\]+)"""
    r"""|(?P<sign>\*\*|//|->|:=|[<>=!]=|<<|>>|.)""",
    re.DOTALL,
)
_BEFORE_GROUP = frozenset({"if", "elif", "while", "not", "and", "or", "in", "is", "else", "for", "lambda", "await", "yield", "return"})
_NO_BLANK_BEFORE = frozenset(".,:)]}")
_NO_BLANK_AFTER = frozenset(".([{~")


def canonical(source: str) -> str:
    """The text of an expression as a formatter of any style might have written it, at most 60 characters."""
    shown: list[str] = []
    open_brackets: list[bool] = []  # whether each is shown: grouping ones are not
    for kind, token in _tokens(source):
        last = shown[-1] if shown else ""
        if token == "(" and kind == "sign":
            called = bool(last) and (last[-1].isalnum() or last[-1] in '_)]}"') and last not in _BEFORE_GROUP
            open_brackets.append(called)
            if not called:
                continue
        elif kind == "sign" and token in "[{":
            open_brackets.append(True)
        elif kind == "sign" and token in ")]}":
            if last == ",":
                shown.pop()
            if open_brackets and not open_brackets.pop():
                continue
        shown.append(token)
    return _joined(shown)[:_LENGTH].rstrip()


def _tokens(source: str) -> list[tuple[str, str]]:
    """Kinds and texts; neighbouring strings are one, as a formatter may join them."""
    found: list[tuple[str, str]] = []
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup or ""
        if token["text"] is not None:
            prefix = token["prefix"].lower().replace("u", "")
            body = token["body"] if "r" in prefix else re.sub(r"\\(['\"])", r"\1", token["body"])
            text = f'{prefix}"{body}"'
            if found and found[-1][0] == "text" and found[-1][1].partition('"')[0] == prefix:
                text = found.pop()[1][:-1] + body + '"'
            found.append(("text", text))
        elif token["blank"] is None:
            found.append((kind, token[0].lower() if token["number"] is not None else token[0]))
    return found


def _joined(tokens: list[str]) -> str:
    text = ""
    for place, token in enumerate(tokens):
        tight = (
            not text
            or token[0] in _NO_BLANK_BEFORE
            or tokens[place - 1] in _NO_BLANK_AFTER
            or (token in ("(", "[") and (text[-1].isalnum() or text[-1] in '_)]}"') and tokens[place - 1] not in _BEFORE_GROUP)
        )
        text += token if tight else f" {token}"
    return text
