"""Print what a page costs with consent and without: `python -m tests.benchmarks.cost --seconds 60 --page light`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator

from .cases import PAGES, Case, answer_of, mistakes_of
from .interleaved import ratio_of, rounds


def table(title: str, cases: Iterable[Case], *, seconds: float) -> Iterator[str]:
    """Measure some cases and return the lines of their table.

    :raises ValueError: if a page does not show what its case says: it would be measured for nothing.
    """
    cases = list(cases)
    for case in cases:
        if mistakes := mistakes_of(case, answer_of(case)):
            raise ValueError(f"{title} page, case {case.name!r}: {'; '.join(mistakes)}")
    times = rounds({case.name: case.request for case in cases}, seconds=seconds)
    size = len(answer_of(cases[0]).body)
    yield f"{title} page, {size:,} bytes bare; CPU time, {len(times[cases[0].name].cpu)} rounds"
    yield f"{'case':>32} {'µs':>8}  {'ratio':>6} {'±':>6}  {'quartiles':>13}  of"
    for case in cases:
        ratio = ratio_of(times[case.name].cpu, times[case.baseline].cpu)
        quartiles = f"{ratio.lower:.3f}-{ratio.upper:.3f}"
        yield (
            f"{case.name:>32} {ratio.microseconds:8.1f}  {ratio.ratio:6.3f} {ratio.margin:6.3f}"
            f"  {quartiles:>13}  {case.baseline}"
        )


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.cost", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30, help="how long each page is measured (30)")
    parser.add_argument("--page", choices=sorted(PAGES), help="one page only")
    options = parser.parse_args()
    for title in [options.page] if options.page else PAGES:
        for line in table(title, PAGES[title](), seconds=options.seconds):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
