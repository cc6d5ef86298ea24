"""Files that are replaced whole: a reader never sees half of one."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from pathlib import Path


def replace(path: Path, data: bytes) -> None:
    """Write to a new file beside `path` and rename it; what a link points to is replaced, not the link. Raises OSError.

    A pipe or device stays what it is: it is written to.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        path.write_bytes(data)
        return
    target = Path(os.path.realpath(path))
    temporary = ""
    try:
        with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name[:40]}.", delete=False) as out:
            temporary = out.name
            out.write(data)
        os.chmod(temporary, _mode(target))
        os.replace(temporary, target)
    except OSError:
        with contextlib.suppress(OSError):
            if temporary:
                os.unlink(temporary)
        raise


def _mode(target: Path) -> int:
    try:
        return stat.S_IMODE(target.stat().st_mode)
    except FileNotFoundError:
        umask = os.umask(0)
        os.umask(umask)
        return 0o666 & ~umask
