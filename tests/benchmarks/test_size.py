"""A log of many events on PostgreSQL: how fast it is reported, sealed, checked, exported and purged.

The ordinary run takes a few thousand; `FCC_EVENTS=1000000 python -m pytest -s tests/benchmarks/test_size.py` is what CI
runs, and ten million work as well, with an hour of patience. Target: a report within a second at any size.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.daily_counts import count_days
from flask_cookieconsent.log.events import Writer
from flask_cookieconsent.log.export import export
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.retention import purge
from flask_cookieconsent.log.seals import seal, verify
from tests.kit.sites import Site, make_site
from tests.kit.synthetic import fill

pytestmark = pytest.mark.benchmark

EVENTS = int(os.environ.get("FCC_EVENTS", "5000"))
DAYS = 365


@pytest.fixture
def site(postgres: str) -> Iterator[Site]:
    """A site with a log of its own on the server that other tests use too."""
    server = sa.create_engine(postgres, isolation_level="AUTOCOMMIT")
    address = sa.make_url(postgres).set(database="size").render_as_string(hide_password=False)
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE IF EXISTS size"))
        connection.execute(sa.text("CREATE DATABASE size"))
    site = make_site(uri=address, may_see_report=lambda: True)
    yield site
    with site.app.app_context():
        site.db.engine.dispose()
    with server.connect() as connection:
        connection.execute(sa.text("DROP DATABASE size"))
    server.dispose()


def timed(name: str, work: Callable[[], Any], rows: int = 0) -> Any:
    """Do some work, and print how long it took, or how many rows it did in a second."""
    start = time.perf_counter()
    result = work()
    spent = time.perf_counter() - start
    print(
        f"\n{EVENTS:>10} events {name:>28}: {spent:8.3f} s" + (f", {rows / spent:9.0f} rows/s" if rows else ""), end=""
    )
    return result


def test_size(site: Site) -> None:
    """Everything an owner does with a log, on a year of events; printed with `-s`."""
    state = site.app.extensions["cookieconsent.state"]
    writer = Writer(scope=state.scope, policy_version="1", clock=site.clock, key=state.log_keys[0])
    first = state.today - timedelta(days=DAYS + 2)
    timed("signed and inserted", lambda: fill(site, writer, EVENTS, first, DAYS), EVENTS)
    someone = site.visitor()
    ranges = {"30 days": "", "a year": f"?since={first}&until={state.today}"}
    with site.app.app_context():
        timed("sealed", lambda: seal(site.db, state.log_keys[0], site.clock()), EVENTS)
        timed("counted", lambda: count_days(site.db, state.registry.optional_by_category, site.clock()), EVENTS)
    for name, query in ranges.items():
        page = timed(f"report of {name}", lambda query=query: someone.get("/cookies/report" + query))
        assert page.status_code == 200
        assert 'role="alert"' not in page.text
    with site.app.app_context():
        assert timed("verified", lambda: list(verify(site.db, state.log_keys)), EVENTS) == []
        assert timed("exported", lambda: sum(1 for _ in export(site.db, "jsonl")), EVENTS) == EVENTS

        # By now every refusal is older than it may be.
        site.clock.forward(days=400)
        refused = sa.select(sa.func.count()).where(event_model(site.db).__table__.c.kind == "refused")
        old = site.db.session.scalar(refused)
        keep = {"grants": timedelta(days=2_009), "refusals": timedelta(days=396)}
        names = state.registry.optional_by_category
        gone = timed("purged", lambda: purge(site.db, state.log_keys, names, site.clock(), **keep), old or 0)
        site.db.session.rollback()
        assert gone == old
        assert site.db.session.scalar(refused) == 0
        assert list(verify(site.db, state.log_keys)) == []
