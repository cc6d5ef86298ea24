"""What is wrong with the data or the request, in one line."""

from __future__ import annotations


class DataError(ValueError):
    """The data pass cannot go on; the text is one line that names the file or column, and the mend."""
