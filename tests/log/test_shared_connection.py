"""SQLite in memory has one connection for all: the log neither commits nor takes back the app's own work there."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column

from tests.kit.sites import Site, Visitor, make_site

POOLS: dict[str, dict[str, Any]] = {
    "Flask-SQLAlchemy's own": {},
    "one for each thread": {"poolclass": sa.pool.SingletonThreadPool},
}


def ordering(**config: Any) -> tuple[Site, type[Any]]:
    """Return a site with a table of orders."""
    db = SQLAlchemy()

    class Order(db.Model):
        id: Mapped[int] = mapped_column(primary_key=True)

    site = make_site(db=db, **config)
    with site.app.app_context():
        db.create_all()
    return site, Order


def orders(site: Site, order: type[Any]) -> int:
    with site.app.app_context():
        return int(site.db.session.scalar(sa.select(sa.func.count()).select_from(order)) or 0)


def use(visitor: Visitor, what: str) -> None:
    """Open a page, press a button, or report a violation."""
    report = '{"csp-report": {"effective-directive": "img-src", "blocked-uri": "inline"}}'
    if what.startswith("/"):
        assert visitor.get(what).status_code == 200
    elif what == "violation":
        assert visitor.open("/cookies/violations", "POST", data=report).status_code == 204
    else:
        visitor.choose(what)


PATHS = ["/cookies/policy", "/cookies/choice/receipt", "/cookies/choice/receipt.json", "/cookies/report"]


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("choice", ["accept", "reject"])
def test_half_done_work_is_not_committed(pool: str, choice: str) -> None:
    """What a request of the app has not committed is not there after a press, and the event is."""
    site, order = ordering(SQLALCHEMY_ENGINE_OPTIONS=POOLS[pool])

    @site.app.before_request
    def begin() -> None:
        site.db.session.add(order())
        site.db.session.flush()

    assert site.visitor().choose(choice).status_code == 303

    assert orders(site, order) == 0
    assert len(site.events()) == 1
    with site.app.app_context():
        assert len(site.log.notices()) == 1
        assert list(site.log.verify()) == []


@pytest.mark.parametrize("pool", POOLS)
@pytest.mark.parametrize("path", [*PATHS, "accept", "reject", "withdraw", "erase", "violation"])
def test_half_done_work_is_not_taken_back(pool: str, path: str) -> None:
    """What a request of the app commits after our page has read or written is there."""
    site, order = ordering(COOKIECONSENT_CSP="report-only", SQLALCHEMY_ENGINE_OPTIONS=POOLS[pool])
    site.consent.report_guard(lambda: True)
    orders_now: list[Any] = []

    @site.app.before_request
    def begin() -> None:
        site.db.session.add_all(orders_now)
        site.db.session.flush()

    @site.app.after_request
    def end(response: Any) -> Any:
        site.db.session.commit()
        return response

    visitor = site.visitor()
    visitor.choose("accept")
    orders_now.append(order())
    use(visitor, path)

    assert orders(site, order) == 1


def test_events_keep_their_order() -> None:
    """Presses that wait are written one after the other, each linked to the one before."""
    site, order = ordering()

    @site.app.before_request
    def begin() -> None:
        site.db.session.add(order())
        site.db.session.flush()

    visitor = site.visitor()
    for granted in ("films", "posts", "language"):
        visitor.choose("save", granted)
        site.clock.forward(minutes=1)

    newest, middle, oldest = site.events()[::-1]
    assert (newest.previous_receipt, middle.previous_receipt) == (middle.receipt, oldest.receipt)
    assert oldest.previous_receipt is None


def test_work_of_an_outer_context() -> None:
    """A test of an app that has flushed something and then presses a button finds neither of them committed."""
    site, order = ordering()
    with site.app.app_context():
        site.db.session.add(order())
        site.db.session.flush()
        assert site.visitor().choose("accept").status_code == 303
        connection = site.db.session.connection().connection.dbapi_connection
        assert connection is not None
        assert connection.execute("SELECT count(*) FROM cookieconsent_event").fetchone() == (0,)

    assert len(site.events()) == 1
    assert orders(site, order) == 0


def test_reading_makes_nobody_wait() -> None:
    """A request of the app that has only read, as one that knows who is signed in has, does not put off the event."""
    site, order = ordering()
    seen: list[int] = []

    @site.app.before_request
    def begin() -> None:
        site.db.session.scalars(sa.select(order)).all()

    @site.app.after_request
    def end(response: Any) -> Any:
        with site.db.engine.connect() as connection:
            seen.append(connection.scalar(sa.text("SELECT count(*) FROM cookieconsent_event")) or 0)
        return response

    site.visitor().choose("accept")

    assert seen == [1]


def test_event_that_cannot_be_written_later(caplog: pytest.LogCaptureFixture) -> None:
    """What fails after the request is said, and fails no request."""
    site, order = ordering()

    @site.app.before_request
    def begin() -> None:
        site.db.session.add(order())
        site.db.session.flush()

    with site.app.app_context():
        site.db.session.execute(sa.text("DROP TABLE cookieconsent_event"))
        site.db.session.commit()

    assert site.visitor().choose("accept").status_code == 303
    assert "consent event not recorded after the request" in caplog.text
