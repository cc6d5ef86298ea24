"""`python -m mldebt`."""

from __future__ import annotations

import sys

from mldebt.cli import main

if __name__ == "__main__":
    sys.exit(main())
