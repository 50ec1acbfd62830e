"""CPU and wall time of WSGI requests, measured round-robin in one process, as ratios to a baseline of the same round.

A machine that slows down for a while slows a whole round down, so the ratio of two requests in it stays: the median
of some hundred such ratios is exact to half a percent, where two runs one after the other differ by ten.
"""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import count, takewhile
from math import sqrt
from statistics import median, quantiles
from typing import Any, NamedTuple

from flask import Flask
from werkzeug.test import EnvironBuilder

from tests.kit.sites import SAME_ORIGIN

#: How often a request is made in one round; the fastest counts. A busy machine adds to CPU times, by caches that other
#: processes have emptied, and never takes: the fastest of eight has a tenth of the noise of one.
BLOCK = 8

#: Rounds that are not counted: templates are compiled and caches filled before a page has its price.
WARM_UP = 3

#: What browsers send along, so that a request is as large as a real one.
HEADERS = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
}

#: An app, and the WSGI environment of one request to it; the body of a press stands there as bytes, under `BODY`.
Request = tuple[Flask, Mapping[str, Any]]
BODY = "tests.body"


@dataclass(frozen=True)
class Answer:
    """One answer of an app: status line, headers and body."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Times(NamedTuple):
    """Nanoseconds that a request took in each round: CPU time of this process, and wall time."""

    cpu: list[int]
    wall: list[int]


@dataclass(frozen=True)
class Ratio:
    """What one case costs: median time of a request in microseconds, and its ratio to the baseline.

    `margin` is half the 95 % confidence interval of the median ratio (order statistics, normal approximation);
    `lower` and `upper` are the quartiles of the ratios of single rounds.
    """

    microseconds: float
    ratio: float
    margin: float
    lower: float
    upper: float


def environ_of(cookie: str | None = None) -> dict[str, Any]:
    """Return the WSGI environment of a GET of `/`, with a `Cookie` header or without one."""
    headers = HEADERS | ({"Cookie": cookie} if cookie else {})
    return EnvironBuilder("/", headers=headers).get_environ()


def press_of(address: str, form: Mapping[str, Any]) -> dict[str, Any]:
    """Return the WSGI environment of a POST of a form, as a page of the site sends it."""
    environ = EnvironBuilder(address, method="POST", headers=HEADERS | SAME_ORIGIN, data=dict(form)).get_environ()
    return {**environ, BODY: environ["wsgi.input"].read()}


def _own(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Return the environment of one request alone: an app reads its body and writes into it."""
    return {**environ, "wsgi.input": BytesIO(environ.get(BODY, b""))}


def ask(request: Request) -> Answer:
    """Send a request and return its answer."""
    app, environ = request
    start: list[Any] = []
    parts = app(_own(environ), lambda *line: start.extend(line))
    body = b"".join(parts)
    parts.close()
    return Answer(start[0], tuple(start[1]), body)


def fastest(request: Request) -> tuple[int, int]:
    """Return the CPU time and the wall time in nanoseconds, each the least of `BLOCK` times that a request is made."""
    app, environ = request
    cpu, wall = [], []
    for _ in range(BLOCK):
        own = _own(environ)
        # Of the whole process, because an app may leave work to a thread.
        start, start_wall = time.process_time_ns(), time.perf_counter_ns()
        parts = app(own, _start_response)
        b"".join(parts)
        parts.close()
        cpu.append(time.process_time_ns() - start)
        wall.append(time.perf_counter_ns() - start_wall)
    return min(cpu), min(wall)


def _start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
    return None


def rounds(requests: Mapping[str, Request], *, seconds: float, seed: int = 1) -> dict[str, Times]:
    """Return the times of every request in every round; each round takes them in another order.

    The garbage collector never runs inside a measured request: it would charge the rubbish of all to whoever comes
    then. It runs between rounds. What lives longer than a request is frozen, for all alike.

    :param seconds: wall time after which no new round begins; three rounds are made in any case.
    """
    times = {name: Times([], []) for name in requests}
    order, chance = list(requests), random.Random(seed)
    for name in order * WARM_UP:
        fastest(requests[name])
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        for _ in _until(seconds):
            chance.shuffle(order)
            for name in order:
                for spent, each in zip(times[name], fastest(requests[name]), strict=True):
                    spent.append(each)
            gc.collect()
    finally:
        gc.enable()
        gc.unfreeze()
    return times


def _until(seconds: float) -> Iterator[int]:
    end = time.monotonic() + seconds
    return takewhile(lambda number: number < 3 or time.monotonic() < end, count())


def ratio_of(times: Sequence[int], baseline: Sequence[int]) -> Ratio:
    """Compare a request with its baseline round by round."""
    ratios = sorted(own / floor for own, floor in zip(times, baseline, strict=True))
    half = 0.98 * sqrt(len(ratios))
    low = ratios[max(0, round(len(ratios) / 2 - half))]
    high = ratios[min(len(ratios) - 1, round(len(ratios) / 2 + half))]
    lower, _, upper = quantiles(ratios)
    return Ratio(median(times) / 1_000, median(ratios), (high - low) / 2, lower, upper)
