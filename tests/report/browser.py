"""Headless Chromium for tests: the document as it stands after its scripts ran, with nothing kept between two runs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MISSING = "no Chromium on the PATH"
_FLAGS = (
    *("--headless", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check", "--disable-extensions"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)


def dom(page: Path, scratch: Path, fragment: str = "") -> str:
    """The document of the file `page` after its scripts ran; `scratch` is a folder for the profile of this run."""
    assert CHROMIUM is not None
    profile = scratch / "profile"
    shutil.rmtree(profile, ignore_errors=True)
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # root cannot have one
    address = page.as_uri() + (f"#{fragment}" if fragment else "")
    command = [CHROMIUM, *_FLAGS, *sandbox, f"--user-data-dir={profile}", "--virtual-time-budget=2000", "--dump-dom", address]
    done = subprocess.run(command, capture_output=True, timeout=120, check=True)
    return done.stdout.decode("utf-8")
