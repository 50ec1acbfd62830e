"""The cost of starting with the whole catalogue: the registry, and a whole app with it.

Target: at most 50 ms for both.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import pytest
from flask import Flask

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.core.registry import build
from tests.kit.samples import SAMPLES

pytestmark = pytest.mark.benchmark

ROUNDS = 30


def middle(work: Callable[[], object]) -> float:
    """Return the middle of the CPU times of something, in milliseconds."""
    spent = []
    for _ in range(ROUNDS):
        start = time.thread_time_ns()
        work()
        spent.append((time.thread_time_ns() - start) / 1_000_000)
    return median(spent)


def started() -> Flask:
    """Return an app with every ready-made service."""
    app = Flask("catalogue")
    app.config["SECRET_KEY"] = "a key for tests only"
    CookieConsent(app, services=[each.service for each in SAMPLES])
    return app


def bare() -> Flask:
    """Return the same app without consent."""
    app = Flask("catalogue")
    app.config["SECRET_KEY"] = "a key for tests only"
    return app


def test_start() -> None:
    """Run with `-m benchmark -s`."""
    services = [each.service for each in SAMPLES]

    print(f"\n{len(services)} services: registry {middle(lambda: build(services)):.2f} ms", end="")
    print(f", app {middle(started):.2f} ms, of which a bare app {middle(bare):.2f} ms")

    assert set(started().extensions["cookieconsent.state"].registry.services) >= {each.id for each in services}
