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
_QUOTED = re.compile(rf"(?P<before>(?<!\w)\w*{_WORDS}[\"']?\s*[=:]\s*[\"'])[^\"']+", re.IGNORECASE)
_USER = re.compile(r"^[^@/\s]*:[^@/\s]*@")
_LOGIN = re.compile(r"(?<=://)(?P<user>[^:@/\s]*)(?P<secret>:[^@/\s]*)?@")
_OPAQUE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Za-z]*\d)(?=[\da-z]*[A-Z])(?:(?=[\dA-Z]*[a-z])[A-Za-z0-9]{20,}|[A-Z0-9]{20,})(?![A-Za-z0-9])")


def is_secret(name: str) -> bool:
    """Whether a variable of such a name holds what logs somebody in."""
    return _NAME.search(name) is not None


def withheld(text: str) -> str:
    """The text without passwords and what else stands where a secret is given."""
    if "@" in text:
        text = _LOGIN.sub(_login, text)
    return _GIVEN.sub(lambda found: f"{found['before']}{_HIDDEN}", text) if "=" in text or ":" in text else text


def logged_out(authority: str) -> str:
    """The part of an address before its path, without `user:password@`."""
    return _USER.sub("", authority)


def in_source(line: str) -> str:
    """A line of code or settings, without what stands in quotes where a secret is given, and without passwords in addresses."""
    if "@" in line:
        line = _LOGIN.sub(_login, line)
    return _QUOTED.sub(lambda found: f"{found['before']}{_HIDDEN}", line)


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
        return f"{_HIDDEN}@" if len(found["user"]) >= 16 else found[0]
    return f"{_OPAQUE.sub(_HIDDEN, found['user'])}:{_HIDDEN}@"
