"""The table of faults as a command: `python -m tests.faults --only hang --seconds 45 --worker gevent`."""

from __future__ import annotations

import argparse
import sys

from .faults import FAULTS
from .rows import rows_of
from .table import HEAD, line


def main() -> int:
    """Print the table, and what is wrong below it; return 1 if anything is."""
    names = [fault.name for fault in FAULTS]
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--only", action="append", choices=names, help="one fault; may be repeated")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each lasts (8)")
    parser.add_argument("--worker", default="sync", choices=("sync", "gthread", "gevent"), help="gunicorn's workers")
    parser.add_argument("--rate", type=float, default=20.0, help="visitors a second (20)")
    parser.add_argument("--jobs", type=int, default=1, help="how many faults are tried at once (1)")
    given = parser.parse_args()
    wrong: list[str] = []
    print(HEAD, flush=True)
    for row in rows_of(
        given.only or names, jobs=given.jobs, seconds=given.seconds, worker=given.worker, rate=given.rate
    ):
        print(line(row), flush=True)
        wrong += [f"{row.name}: {mistake}" for mistake in (*row.mistakes, *row.evidence)]
    print("\n".join(["", *wrong]) if wrong else "\nEvery acknowledged choice is in the log exactly once.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
