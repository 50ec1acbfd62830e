"""Start-up time with the whole catalogue: reading the declarations, the registry, and an app with all of them.

Printed with `-s`: median CPU times in milliseconds. Targets: 5 ms for reading five services, 30 ms for all, 50 ms for
an app. No time decides a test.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from statistics import median

import pytest
from flask import Flask

from flask_cookieconsent import CookieConsent, Service
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.state import get_state
from tests.kit.facts import DATA
from tests.kit.samples import SAMPLES, parameters_of

pytestmark = pytest.mark.benchmark

ROUNDS = 30
CATALOGUE = [sample.service for sample in SAMPLES]


def median_time(work: Callable[[], object]) -> float:
    """Return the median CPU time of something in milliseconds."""
    times = []
    for _ in range(ROUNDS):
        start = time.thread_time_ns()
        work()
        times.append((time.thread_time_ns() - start) / 1_000_000)
    return median(times)


def bare_app() -> Flask:
    """Return an app without the extension."""
    app = Flask("catalogue")
    app.config["SECRET_KEY"] = "a key for tests only"
    return app


def initialised_app(services: Iterable[Service]) -> Flask:
    """Return an app with the extension and some services."""
    app = bare_app()
    CookieConsent(app, services=services)
    return app


def undeclared(app: Flask) -> set[str]:
    """Return the ids of ready-made services that an app does not declare."""
    return {service.id for service in CATALOGUE} - set(get_state(app).registry.services)


def test_start_up() -> None:
    """The app that is timed declares every ready-made service."""
    registry, app = median_time(lambda: build(CATALOGUE)), median_time(lambda: initialised_app(CATALOGUE))

    print(f"\n{len(CATALOGUE)} services: registry {registry:.2f} ms, app {app:.2f} ms", end="")
    print(f" (without the extension {median_time(bare_app):.2f} ms)")
    assert undeclared(initialised_app(CATALOGUE)) == set()


#: A program that declares some services, and prints what that cost it; what every app imports is no part of it.
PROGRAM = """
import json, sys, time
import flask, flask_cookieconsent
calls, start = json.loads(sys.argv[1]), time.process_time()
from flask_cookieconsent import catalogue
made = [getattr(catalogue, name)(**given).id for name, given in calls]
print(json.dumps([1000 * (time.process_time() - start), made]))
"""
FIVE = ("google_analytics", "youtube", "facebook", "x", "linkedin")


def reading(names: Iterable[str]) -> tuple[float, list[str]]:
    """Return the median CPU time in which a new process declares services, in milliseconds, and their ids."""
    calls = json.dumps([(name, parameters_of(DATA[name])) for name in names])
    command = [sys.executable, "-c", PROGRAM, calls]
    found = [json.loads(subprocess.run(command, capture_output=True, check=True).stdout) for _ in range(7)]
    return median(time for time, _ in found), found[0][1]


def test_reading_declarations() -> None:
    """Those that are timed are those that are declared."""
    none, five, everything = reading([]), reading(FIVE), reading(DATA)

    print(f"\nimport {none[0]:.2f} ms, five services {five[0]:.2f} ms, {len(DATA)} services {everything[0]:.2f} ms")
    assert (five[1], everything[1]) == (list(FIVE), list(DATA))


def test_app_without_a_service_is_noticed() -> None:
    """The bad twin: an app that declares one service less is not the one to be timed."""
    assert undeclared(initialised_app(CATALOGUE[1:])) == {CATALOGUE[0].id}
