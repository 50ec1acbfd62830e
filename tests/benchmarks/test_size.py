"""Throughput of a large log on PostgreSQL, in rows per second: insert, seal, count, report, verify, export and purge.

The ordinary run takes a few thousand; `FCC_EVENTS=1000000 python -m pytest -s tests/benchmarks/test_size.py` is what CI
runs, and ten million work as well, with an hour of patience. Target: a report within a second at any size. No time
decides a test: what is asserted is that every step did its work on every row.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.verification import MOST_ROWS
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
    site = make_site(uri=uri, may_see_report=lambda: True, COOKIECONSENT_DATABASE_TIMEOUT=60)
    yield site
    with site.app.app_context():
        site.db.engine.dispose()
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE size"))
    server.dispose()


def timed(name: str, work: Callable[[], Any], rows: int = 0) -> Any:
    """Return the result of some work, and print its wall time in seconds, memory at most, and throughput of *rows*."""
    start = time.perf_counter()
    result = work()
    spent = time.perf_counter() - start
    throughput = f", {rows / spent:9.0f} rows/s" if rows else ""
    print(f"\n{EVENTS:>10} events {name:>36}: {spent:8.3f} s, {_most_memory():4.0f} MiB{throughput}", end="")
    return result


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024


def test_size(site: Site) -> None:
    """Everything an owner does with a log, on a year of events, and on a day of a tenth of them; printed with `-s`."""
    today = get_state(site.app).today
    first = today - timedelta(days=DAYS + 2)
    timed("signed and inserted", lambda: fill(site, EVENTS, first, DAYS), EVENTS)
    someone = site.visitor()
    with site.app.app_context():
        timed("first seal, of a year", site.log.seal, EVENTS)
        fill(site, max(EVENTS // DAYS, 1), today - timedelta(days=2), 1)
        assert len(timed("seal and counts of one day", site.log.seal, EVENTS // DAYS)) == 1
    fill(site, EVENTS // 10, today, 1)
    ranges = {"30 days": "", "a year": f"?since={first}&until={today}"}
    for name, query in ranges.items():
        page = timed(f"report of {name}, a busy day", lambda query=query: someone.get("/cookies/report" + query))
        assert page.status_code == 200
    with site.app.app_context():
        verification = site.log.verify()
        assert timed("verified, bounded", lambda: list(verification), MOST_ROWS) == []
        assert verification.checked.events <= MOST_ROWS

        # By now the refusals of the first day are older than they may be.
        rows = sa.select(sa.func.count()).where(event_model(site.db).__table__.c.kind == "refused")
        refused = site.db.session.scalar(rows) or 0
        site.db.session.rollback()
        site.clock.forward(days=396 - DAYS - 2)
        assert timed("nothing to purge, the busy day sealed", site.log.purge) == 0
        site.clock.forward(days=1)
        of_a_day = timed("purged, one day", site.log.purge)
        assert 0 < of_a_day < refused


def test_whole(site: Site) -> None:
    """What reads or takes out all of a log, on a smaller one: it costs so much for each row, however many there are."""
    count = min(EVENTS, 50_000)
    fill(site, count, get_state(site.app).today - timedelta(days=DAYS + 2), DAYS)
    rows = sa.select(sa.func.count()).where(event_model(site.db).__table__.c.kind == "refused")
    with site.app.app_context():
        site.log.seal()
        verification = site.log.verify(whole=True)
        assert timed("verified, whole", lambda: list(verification), count) == []
        assert verification.checked.events == count
        assert timed("exported", lambda: sum(1 for _ in site.log.export("jsonl")), count) == count
        refused = site.db.session.scalar(rows) or 0
        site.db.session.rollback()
        site.clock.forward(days=800)
        assert timed("purged, all refusals", site.log.purge, refused) == refused
        assert list(site.log.verify(whole=True)) == []
