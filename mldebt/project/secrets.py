"""Texts as they may be shown and kept: what could log somebody in is left out."""

from __future__ import annotations

import re

_HIDDEN = "***"
_WORDS = (
    r"(?:password|passwd|pwd|passphrase|secret|credentials?|signature|(?:api|access|account|auth|private|secret|signing|storage)_?key(?:_?id)?"
    r"|(?:api|access|auth|bearer|bot|refresh|session|security)_?token)"
)
_NAME = re.compile(rf"(?:^|_)(?:{_WORDS}|token|dsn)(?:_|$)", re.IGNORECASE)
_GIVEN = re.compile(
    rf"(?P<before>(?:(?<!\w)\w*{_WORDS}|(?<=[?&;])(?:\w*sig|\w*token|key|x-[\w-]+))(?:[\"']?\s*[=:]\s*[\"']|\s*=\s*))[^\s;&\"',)`]+",
    re.IGNORECASE,
)
_AFTER = r"(?:[\"'\])]*\s*[=:]\s*[\"']|(?<=\w)[\"'],\s*[\"'](?=[^\"']*[\"']\)))"  # `NAME = "`, `["NAME"] = "`, `("NAME", "...")`
_QUOTED = re.compile(rf"(?P<before>(?<!\w)\w*{_WORDS}{_AFTER})[^\"']+", re.IGNORECASE)
_TOKEN = re.compile(rf"(?P<before>(?<!\w)(?:\w*TOKEN|\w+_token){_AFTER})(?!<)[^\"']{{8,}}")
_OPTION = re.compile(rf"(?P<before>(?<![\w-])--?(?:\w+-)*(?:{_WORDS}|api-key|token)[ =])[^\s\"'`]+", re.IGNORECASE)
_QUERY = re.compile(r"(?P<before>(?<=[?&;])(?:\w*sig|\w*token|key|code|x-[\w-]+)=)[^\s;&\"',)`]{6,}", re.IGNORECASE)
_USER = re.compile(r"(?:^|(?<=//))[^@/\s]*:[^@/\s]*@")
_LOGIN = re.compile(r"(?<=://)(?P<user>[^:@/\s\"'`]*)(?P<secret>:(?!\d+/)[^\s\"'`]*)?@")
_ISSUED = re.compile(r"gh[pousr]_|github_pat_|glpat-|hf_|pypi-")
_OPAQUE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=[\da-z]*[A-Z])(?:(?=[\dA-Z]*[a-z])[A-Za-z0-9]{20,}|[A-Z0-9]{20,})(?![A-Za-z0-9])")


def is_secret(name: str) -> bool:
    """Whether a variable of such a name holds what logs somebody in."""
    return _NAME.search(name) is not None


def withheld(text: str) -> str:
    """The text without passwords and what else stands where a secret is given."""
    text = in_source(text)
    return _GIVEN.sub(_hidden, text) if "=" in text or ":" in text else text


def logged_out(authority: str) -> str:
    """An address, or its part before the path, without `user:password@`."""
    return _USER.sub("", authority)


def in_source(line: str) -> str:
    """A line of code or settings, without what stands in quotes where a secret is given, and without secrets in addresses and options."""
    if "@" in line:
        line = _LOGIN.sub(_login, line)
    if "-" in line:
        line = _OPTION.sub(_hidden, line)
    return _QUERY.sub(_hidden, _TOKEN.sub(_hidden, _QUOTED.sub(_hidden, line))) if "=" in line or ":" in line or "," in line else line


def masked(text: str) -> str:
    """A literal, in which what looks like a token by itself is left out too."""
    return _OPAQUE.sub(lambda found: f"{found[0][:4]}{_HIDDEN}", withheld(text))


def shown(name: str, value: object) -> str:
    """A value as a literal, of a variable that is called so."""
    if not isinstance(value, str):
        return repr(value)
    return repr(_HIDDEN if is_secret(name) else masked(value))


def _login(found: re.Match[str]) -> str:
    """The user stays, unless it is a token."""
    if found["secret"] is None:
        return f"{_HIDDEN}@" if len(found["user"]) >= 16 or _ISSUED.match(found["user"]) else found[0]
    return f"{_OPAQUE.sub(_HIDDEN, found['user'])}:{_HIDDEN}@"


def _hidden(found: re.Match[str]) -> str:
    return f"{found['before']}{_HIDDEN}"
