"""Start-up time with the whole catalogue: building the registry, and initialising an app with it.

Printed with `-s`: median CPU times in milliseconds. Target: at most 50 ms for an app. No time decides a test.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import median

import pytest
from flask import Flask

from flask_cookieconsent import CookieConsent, Service
from flask_cookieconsent.core.registry import build
from flask_cookieconsent.state import get_state
from tests.kit.samples import SAMPLES

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


def test_app_without_a_service_is_noticed() -> None:
    """The bad twin: an app that declares one service less is not the one to be timed."""
    assert undeclared(initialised_app(CATALOGUE[1:])) == {CATALOGUE[0].id}
