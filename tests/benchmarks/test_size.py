"""Throughput of a large log on PostgreSQL, in rows per second: insert, seal, count, report, verify, export and purge.

The ordinary run takes a few thousand; `FCC_EVENTS=400000 python -m pytest -s tests/benchmarks/test_size.py` is what CI
runs, and ten million work as well, with an hour of patience. Target: a report within a second at any size. No time
decides a test: what is asserted is that every step did its work on every row.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.state import get_state
from tests.kit.events import fill
from tests.kit.sites import Site, make_site

pytestmark = pytest.mark.benchmark

EVENTS = int(os.environ.get("FCC_EVENTS", "5000"))
DAYS = 365


@pytest.fixture
def site(postgres: str) -> Iterator[Site]:
    """A site with a database of its own on the server that other tests use too."""
    server = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    uri = sa.make_url(postgres).set(database="size").render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS size"))
        connection.execute(sa.text("CREATE DATABASE size"))
    site = make_site(uri=uri, may_see_report=lambda: True)
    yield site
    with site.app.app_context():
        site.db.engine.dispose()
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE size"))
    server.dispose()


def timed(name: str, work: Callable[[], Any], rows: int = 0) -> Any:
    """Return the result of some work, and print its wall time in seconds and, for *rows*, its throughput."""
    start = time.perf_counter()
    result = work()
    spent = time.perf_counter() - start
    throughput = f", {rows / spent:9.0f} rows/s" if rows else ""
    print(f"\n{EVENTS:>10} events {name:>28}: {spent:8.3f} s{throughput}", end="")
    return result


def test_size(site: Site) -> None:
    """Everything an owner does with a log, on a year of events; printed with `-s`."""
    today = get_state(site.app).today
    first = today - timedelta(days=DAYS + 2)
    timed("signed and inserted", lambda: fill(site, EVENTS, first, DAYS), EVENTS)
    someone = site.visitor()
    ranges = {"30 days": "", "a year": f"?since={first}&until={today}"}
    with site.app.app_context():
        timed("sealed and counted", site.log.seal, EVENTS)
    for name, query in ranges.items():
        page = timed(f"report of {name}", lambda query=query: someone.get("/cookies/report" + query))
        assert page.status_code == 200
        assert 'role="alert"' not in page.text
    with site.app.app_context():
        assert timed("verified", lambda: list(site.log.verify()), EVENTS) == []
        assert timed("exported", lambda: sum(1 for _ in site.log.export("jsonl")), EVENTS) == EVENTS

        # By now every refusal is older than it may be.
        site.clock.forward(days=400)
        refused = sa.select(sa.func.count()).where(event_model(site.db).__table__.c.kind == "refused")
        old = site.db.session.scalar(refused)
        gone = timed("purged", site.log.purge, old or 0)
        site.db.session.rollback()
        assert gone == old
        assert site.db.session.scalar(refused) == 0
        assert list(site.log.verify()) == []
