"""The process: `mldebt` and `python -m mldebt`."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from typing import NoReturn

from mldebt.cli import main


def run() -> NoReturn:
    """Run the command line and end the process."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller: what would go there is dropped
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for the whole run
    for name in ("SIGTERM", "SIGHUP"):  # temporary folders are taken away
        if number := getattr(signal, name, None):
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
    code = main()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    # Freeing the facts of a large project one by one takes longer than the rest of a warm run; the system does it at once.
    os._exit(code)


if __name__ == "__main__":
    run()
