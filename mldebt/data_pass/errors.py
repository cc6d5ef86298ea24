"""What is wrong with the data or the request, in one line."""

from __future__ import annotations


class DataError(ValueError):
    """The data pass cannot go on; the text is one line that names the file or column, and the mend."""


def one_line(error: BaseException) -> str:
    """The message of an error without its line breaks; its type when it has none."""
    return " ".join(str(error).split()) or type(error).__name__
