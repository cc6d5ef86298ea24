"""Broken variants of real texts: edits of tokens, lines and brackets, splices of two texts, odd characters and encodings."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_TOKEN = re.compile(r"\w+|[^\w\s]|[^\S\n]+|\n")
_WORD = re.compile(r"[^\W\d]\w*")
_STRING = re.compile(r"(['\"])((?:(?!\1)[^\\\n])*)\1")
_NUMBER = re.compile(r"(?<!\w)\d+(?:\.\d+)?")

WORDS = (
    *("if", "else", "for", "while", "try", "except", "return", "yield", "lambda", "class", "def", "import", "from", "with", "async"),
    *("await", "global", "nonlocal", "del", "match", "case", "type", "not", "in", "is", "self", "None", "True", "print", "exec", "and"),
    *("SELECT", "FROM", "JOIN", "WITH", "AS", "fi", "do", "done", "esac", "EOF", "ifeq", "endef", "define", "RUN", "COPY"),
)
BRACKETS = (
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "'",
    '"',
    '"""',
    "'''",
    "`",
    "$(",
    "${",
    "{{",
    "}}",
    "{%",
    "<<",
    "/*",
    "*/",
    "--",
    "#",
    "&a ",
    "*a ",
)
STRINGS = (
    *(
        "{",
        "}",
        "{}",
        "{0}",
        "{a!r:>{b}}",
        "{0[",
        "{:{}}",
        "{{{x}",
        "%",
        "%s",
        "%(",
        "%(x)",
        "%(x)s%",
        "%*d",
        "%%%",
        "$",
        "${",
        "${x:-${y}}",
    ),
    *("../../../../etc/passwd", "/etc/passwd", "~/x", "s3://", "s3://b/../..", "file:///etc/passwd", "C:\\x\\y", "\\\\host\\x", "//", "."),
    *(
        "data/*.csv",
        "data/**/[a-z",
        "[!",
        "a" * 5000,
        "\\",
        "\\x1b[31m",
        "\\N{DIGIT ONE}",
        "\\ud800",
        "<script>alert(1)</script>",
        "[red]x[/red]",
    ),
    *(
        "SELECT * FROM a JOIN b",
        "http://[::1",
        "http://a:b:c/",
        "{date:%Y-%m-%d}",
        "",
        " ",
        "1e400",
        "nan",
        "x=y",
        "--flag",
        "# mldebt: ignore[",
    ),
)
NUMBERS = ("0", "1e999", "9" * 30, "0x" + "f" * 40, "1_0", "0o17", "0b2", "1j", "00", "1.e", "-0.0", "9" * 5000, "9223372036854775808")
CHARACTERS = (
    *("\0", "\r", "\r\n", "\f", "\v", "\x1b[2J", "\x85", "\u2028", "\u2029", "\ufeff", "\u202e", "\u200b", "\xa0", "\u3000", "\t", "\\\n"),
    *("е", "ｓｅｌｆ", "ﬁ", "ℌ", "İ", "ß", "é", "e\u0301", "😀", "²", "٣", "\ue000", "\x7f", "\U0010ffff"),
)
CODINGS = ("latin-1", "utf-16", "utf-8-sig", "utf-32", "cp1252", "shift_jis")
LARGEST = 300_000  # characters


def _cut(random: Random, parts: list[str]) -> int:
    return random.randrange(len(parts)) if parts else 0


def delete_tokens(random: Random, text: str, other: str) -> str:
    tokens = _TOKEN.findall(text)
    at = _cut(random, tokens)
    del tokens[at : at + random.randint(1, 3)]
    return "".join(tokens)


def repeat_tokens(random: Random, text: str, other: str) -> str:
    tokens = _TOKEN.findall(text)
    at = _cut(random, tokens)
    some = tokens[at : at + random.randint(1, 6)]
    return "".join([*tokens[:at], *some * random.choice((2, 2, 3, 40)), *tokens[at:]])


def swap_tokens(random: Random, text: str, other: str) -> str:
    tokens = _TOKEN.findall(text)
    if tokens:
        one, two = _cut(random, tokens), _cut(random, tokens)
        tokens[one], tokens[two] = tokens[two], tokens[one]
    return "".join(tokens)


def replace_names(random: Random, text: str, other: str) -> str:
    """One name becomes another of the file, everywhere: code that calls, inherits or fills itself."""
    names = sorted(set(_WORD.findall(text)))
    if not names:
        return text
    old, new = random.choice(names), random.choice((*names, *WORDS))
    return re.sub(rf"\b{re.escape(old)}\b", lambda match: new, text)


def replace_name(random: Random, text: str, other: str) -> str:
    found = list(_WORD.finditer(text))
    if not found:
        return text
    match, new = random.choice(found), random.choice((*{one[0]: None for one in found}, *WORDS))
    return text[: match.start()] + new + text[match.end() :]


def replace_string(random: Random, text: str, other: str) -> str:
    found = list(_STRING.finditer(text))
    if not found:
        return text
    match, old = random.choice(found), random.choice(found)[2]
    inner = random.choice((random.choice(STRINGS), match[2] + random.choice(STRINGS), random.choice(STRINGS) + match[2], old))
    return text[: match.start(2)] + inner + text[match.end(2) :]


def replace_number(random: Random, text: str, other: str) -> str:
    found = list(_NUMBER.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    return text[: match.start()] + random.choice(NUMBERS) + text[match.end() :]


def delete_lines(random: Random, text: str, other: str) -> str:
    lines = text.split("\n")
    at = _cut(random, lines)
    del lines[at : at + random.choice((1, 1, 2, 10))]
    return "\n".join(lines)


def repeat_lines(random: Random, text: str, other: str) -> str:
    lines = text.split("\n")
    at = _cut(random, lines)
    some = lines[at : at + random.choice((1, 1, 3, 12))]
    to = _cut(random, lines)
    return "\n".join([*lines[:to], *some * random.choice((1, 2, 20)), *lines[to:]])


def splice(random: Random, text: str, other: str) -> str:
    """Lines of the other text inside this one."""
    lines, others = text.split("\n"), other.split("\n")
    at, start = _cut(random, lines), _cut(random, others)
    return "\n".join([*lines[:at], *others[start : start + random.choice((1, 3, 20))], *lines[at + random.choice((0, 3)) :]])


def cross(random: Random, text: str, other: str) -> str:
    """The head of this text and the tail of the other."""
    return text[: random.randint(0, len(text))] + other[random.randint(0, len(other)) :]


def indent(random: Random, text: str, other: str) -> str:
    lines = text.split("\n")
    at, end = sorted((_cut(random, lines), _cut(random, lines)))
    blank = random.choice(("", " ", "    ", "\t", "        "))
    return "\n".join(blank + line if at <= index <= end else line for index, line in enumerate(lines))


def insert_bracket(random: Random, text: str, other: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(BRACKETS) * random.choice((1, 1, 1, 3)) + text[at:]


def nest(random: Random, text: str, other: str) -> str:
    """One word deep in brackets, calls, attributes or operators."""
    found = list(_WORD.finditer(text))
    if not found:
        return text
    match, depth = random.choice(found), random.choice((3, 30, 90, 150, 400))
    left, right = random.choice(
        (("(", ")"), ("[", "]"), ("{'a': ", "}"), ("f(", ")"), ("not ", ""), ("-", ""), ("", ".a"), ("", "[0]"), ("", "()"))
    )
    left, right = random.choice(((left, right), ("", f" + {match[0]}"), ("lambda: ", ""), ("(yield ", ")"), ("", " if a else b")))
    return text[: match.start()] + left * depth + match[0] + right * depth + text[match.end() :]


def lengthen(random: Random, text: str, other: str) -> str:
    """One line made very long."""
    lines = text.split("\n")
    at = _cut(random, lines)
    lines[at] += random.choice(("  # ", "; ", " ", "")) + (lines[at].strip() + random.choice((" ", "; ", ", "))) * random.choice(
        (3, 30, 300)
    )
    return "\n".join(lines)


def join_lines(random: Random, text: str, other: str) -> str:
    lines = text.split("\n")
    at = _cut(random, lines)
    end = at + random.randint(2, 5)
    return "\n".join([*lines[:at], random.choice((" ", ";", "", "\\")).join(lines[at:end]), *lines[end:]])


def insert_character(random: Random, text: str, other: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + random.choice(CHARACTERS) + text[at:]


def insert_words(random: Random, text: str, other: str) -> str:
    at = random.randint(0, len(text))
    return text[:at] + " " + " ".join(random.choice(WORDS) for _ in range(random.randint(1, 3))) + " " + text[at:]


def truncate(random: Random, text: str, other: str) -> str:
    return text[: random.randint(0, len(text))]


def end_lines(random: Random, text: str, other: str) -> str:
    """Other line ends, throughout or mixed."""
    if random.random() < 0.5:
        return text.replace("\n", random.choice(("\r\n", "\r")))
    return re.sub("\n", lambda match: random.choice(("\n", "\r\n", "\r", "\n\r")), text)


OPERATORS: tuple[Callable[[Random, str, str], str], ...] = (
    *(delete_tokens, repeat_tokens, swap_tokens, replace_names, replace_name, replace_string, replace_number, delete_lines),
    *(repeat_lines, splice, cross, indent, insert_bracket, nest, lengthen, join_lines, insert_character, insert_words, truncate, end_lines),
    *(replace_names, replace_name, replace_string, swap_tokens, repeat_lines, splice),  # what often still parses, more often
)


def mutated(random: Random, text: str, other: str) -> str:
    """`text` after one to five edits, some of them from `other`."""
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        text = random.choice(OPERATORS)(random, text, other)[:LARGEST]
    return text


def encoded(random: Random, text: str) -> bytes:
    """The text as bytes: mostly UTF-8, at times another encoding or with damaged bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    dice = random.random()
    if dice < 0.9:
        return raw
    if dice < 0.95:
        coding = random.choice(CODINGS)
        head = f"# -*- coding: {coding} -*-\n" if random.random() < 0.5 else ""
        return (head + text).encode(coding, "replace")
    at = random.randint(0, len(raw))
    return raw[:at] + random.randbytes(random.randint(1, 4)) + raw[at + random.randint(0, 4) :]
