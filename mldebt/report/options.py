"""How a report is to look."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import msgspec

Color = Literal["auto", "always", "never"]
_COLORS: tuple[str, ...] = get_args(Color)
_NARROWEST = 40


class Options(msgspec.Struct, frozen=True):
    """`width` is that of the terminal when None; `top` keeps the first findings only; `verbose` cuts no list short."""

    color: Color = "auto"
    width: int | None = None
    top: int | None = None
    verbose: bool = False

    def __post_init__(self) -> None:
        if self.color not in _COLORS:
            raise ValueError(f"unknown color {self.color!r}{meant(self.color, _COLORS)}")
        if self.width is not None and self.width < _NARROWEST:
            raise ValueError(f"width must be at least {_NARROWEST}, not {self.width}")
        if self.top is not None and self.top < 0:
            raise ValueError(f"top must not be negative, not {self.top}")


def meant(word: str, known: Sequence[str]) -> str:
    """The end of an error message: the known word that is nearest to `word`, else all of them."""
    from difflib import get_close_matches

    near = get_close_matches(word.lower(), known, n=1)
    return f" - did you mean {near[0]!r}?" if near else f" - choose from {', '.join(known)}"
