"""`python -m tests.real_projects`: how the findings in installed packages differ from the snapshots; with `--write`, write them."""

from __future__ import annotations

import argparse
import os
import sys

from tests.real_projects import PACKAGES, file_of, folder, load, report, rows, write


def main() -> int:
    """1 when a finding came or went and nothing was written."""
    parser = argparse.ArgumentParser(prog="python -m tests.real_projects", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the snapshots of the installed versions")
    arguments = parser.parse_args()
    different = False
    for package in PACKAGES:
        if folder(package) is None:
            print(f"{package}: not installed")
            continue
        found = report(package, jobs=os.cpu_count() or 1)
        before, now = load(package), rows(found)
        known = before.findings if before is not None else ()
        for sign, some in (("-", set(known) - set(now)), ("+", set(now) - set(known))):
            for code, path, line, fingerprint in sorted(some):
                print(f"{sign} {package} {code} {path}:{line} {fingerprint}")
        different = different or known != now
        against = file_of(package).name if before is not None else "no snapshot of this version"
        print(f"{package}: {len(now)} findings in {found.summary.files} files; {against}")
        if arguments.write:
            print(f"wrote {write(package, found)}")
    return int(different and not arguments.write)


if __name__ == "__main__":
    sys.exit(main())
