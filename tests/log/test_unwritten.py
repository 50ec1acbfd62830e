"""Counts of what is no row of the log: few writes, nothing lost to an outage, and nothing of anybody."""

from __future__ import annotations

import json
import logging
from contextlib import suppress
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.errors import DatabaseUnavailableError
from flask_cookieconsent.log.events import EventDraft, EventFactory, Keys
from flask_cookieconsent.log.models import count_model
from flask_cookieconsent.log.statistics import Tally
from flask_cookieconsent.log.tables import LogTable
from flask_cookieconsent.log.unwritten import Unwritten
from tests.kit.sites import OPTIONAL, SAME_ORIGIN, Clock, Site, make_app, make_site, services

REFUSAL = EventDraft(kind=Kind.REFUSED, method="banner", choices={"films": "refused"}, locale="en")


class Written:
    """What was handed over to be written, in order, unless it fails."""

    def __init__(self) -> None:
        self.tallies: list[Tally] = []
        self.scopes: list[str] = []
        self.fails = False

    def __call__(self, scope: str, counters: Tally) -> None:
        if self.fails:
            raise OSError("on purpose")
        self.scopes.append(scope)
        self.tallies.append(counters)

    @property
    def refusals(self) -> list[int]:
        return [counters["kind"]["refused"] for counters in self.tallies]


def counting(clock: Clock, timer: Clock | None = None) -> tuple[Unwritten, Written]:
    keys, written, timer = Keys.derive(["a key for tests only"]), Written(), timer or clock
    factory = EventFactory(scope="shop", policy_version="1", clock=clock, keys=keys, timer=lambda: timer().timestamp())
    return Unwritten(factory, OPTIONAL, written), written


def test_one_write_a_second() -> None:
    """A flood makes a write a second, and who reads the counts has them at once."""
    clock = Clock()
    counts, written = counting(clock)
    for _ in range(5):
        counts.add(REFUSAL, has_notice=True)
    assert written.refusals == [1]
    clock.forward(seconds=1)
    counts.write()
    assert written.refusals == [1, 4]
    counts.add(REFUSAL, has_notice=False)
    assert len(written.tallies) == 2
    counts.write(now=True)
    counts.write(now=True)

    assert [counters["answer"]["refused"] for counters in written.tallies] == [1, 4, 0]
    assert written.refusals == [1, 4, 1]


@pytest.mark.parametrize(("moves", "expected"), [({"hours": -1}, [1, 1]), ({"hours": 1}, [1])])
def test_clock_that_is_set(moves: dict[str, float], expected: list[int]) -> None:
    """Seconds are those of a timer that never goes back: a clock that is set neither stops a write nor makes one."""
    clock, timer = Clock(), Clock()
    counts, written = counting(clock, timer)
    counts.add(REFUSAL, has_notice=True)

    clock.forward(**moves)
    timer.forward(seconds=len(expected) - 1)
    counts.add(REFUSAL, has_notice=True)

    assert written.refusals == expected


def test_counts_wait_for_whoever_fails(caplog: pytest.LogCaptureFixture) -> None:
    """What could not be written is written later, in one piece, and what could is not written twice."""
    clock = Clock()
    counts, written = counting(clock)
    counts.add(REFUSAL, has_notice=True)
    written.fails = True
    for _ in range(3):
        clock.forward(days=1)
        counts.add(REFUSAL, has_notice=True)
    assert written.refusals == [1]
    assert caplog.text.count("not written yet: OSError: on purpose") == 3

    written.fails = False
    counts.write(now=True)
    counts.write(now=True)

    assert written.refusals == [1, 3]


def refuse(site: Site, count: int) -> None:
    client = site.app.test_client(use_cookies=False)
    fields = {"choice": "reject", "locale": "en", "notice": site.digest, "surface": "banner"}
    for _ in range(count):
        assert client.post("/cookies/choice", data=fields, headers=SAME_ORIGIN).status_code == 303


def stats(site: Site) -> str:
    output: str = site.app.test_cli_runner().invoke(args=["cookieconsent", "stats"]).output
    return output


def test_totals_of_the_commands(uri: str) -> None:
    """`stats` and the report are true: at once, after the day is sealed, and after its rows are gone."""
    site = make_site(uri=uri, COOKIECONSENT_GRANT_RATE="100 per hour", COOKIECONSENT_LOG_SCOPE="shop")
    refuse(site, 40)
    assert len(site.events()) == 5
    for _ in range(2):
        assert f"{'kind':<15} {'refused':<16} 40" in stats(site)
    site.clock.forward(days=3)
    site.app.test_cli_runner().invoke(args=["cookieconsent", "seal"])
    assert f"{'answer':<15} {'refused':<16} 40" in stats(site)
    other = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="Shop", clock=site.clock)
    assert "40" not in stats(other)
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "verify"]).exit_code == 0

    site.clock.forward(days=400)
    site.app.test_cli_runner().invoke(args=["cookieconsent", "purge"])
    today = site.clock().date()
    with site.app.app_context():
        assert site.events() == []
        assert site.log.summary(date(2026, 11, 1), today).total["kind"] == {"refused": 40}


def test_flood_writes_little() -> None:
    """However many refuse in one second, there is one row of counts and one write of it."""
    site = make_site(COOKIECONSENT_GRANT_RATE="10 per hour")
    statements: list[str] = []
    with site.app.app_context():
        sa.event.listen(site.db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))

    refuse(site, 100)

    assert sum("cookieconsent_count" in each for each in statements) == 2, "a look, and the first one's insert"
    stats(site)
    with site.app.app_context():
        assert site.db.session.scalar(sa.select(sa.func.count()).select_from(count_model(site.db))) == 1


def test_counts_outlast_an_outage(caplog: pytest.LogCaptureFixture) -> None:
    """While the table is gone counts wait in memory; a press never fails for them."""
    site = make_site(COOKIECONSENT_GRANT_RATE="10 per hour")
    table = count_model(site.db).__table__
    with site.app.app_context():
        table.drop(site.db.engine)
    refuse(site, 30)
    assert "counts of events beyond the rate limit not written yet: a table of the log is missing" in caplog.text

    site.app.test_cli_runner().invoke(args=["cookieconsent", "init-db"])

    assert f"{'kind':<15} {'refused':<16} 30" in stats(site)


def test_counts_of_a_database_that_hangs_are_there_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What it takes after the deadline is taken back, because it waits in memory and is written again."""
    monkeypatch.setattr(LogTable, "is_file", False)  # as on a server, in a thread
    site = make_site(
        uri=f"sqlite:///{tmp_path}/log.db",
        COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"),
        COOKIECONSENT_GRANT_RATE="10 per hour",
        COOKIECONSENT_DATABASE_TIMEOUT=1,
        SQLALCHEMY_ENGINE_OPTIONS={"connect_args": {"timeout": 60}},
    )
    refuse(site, 2)
    site.clock.forward(seconds=5)
    with site.app.app_context(), site.db.engine.connect() as other:
        other.exec_driver_sql("BEGIN IMMEDIATE")
        refuse(site, 1)
        assert site.log._breaker.is_open
        other.rollback()
    end = monotonic() + 60
    while site.log._breaker.is_open and monotonic() < end:  # until what had hung has come to its end
        with site.app.app_context(), suppress(DatabaseUnavailableError):
            site.log.notices()

    with site.app.app_context():
        today = site.clock().date()
        assert site.log.summary(today, today).total["kind"] == {"refused": 3}


def test_log_without_a_database_counts_too(caplog: pytest.LogCaptureFixture) -> None:
    """Beyond the bound a line of the logger is a signed count, at most one a second."""
    app, clock = make_app(COOKIECONSENT_GRANT_RATE="10 per hour"), Clock()
    site = Site(
        app,
        CookieConsent(app, services=services(), clock=clock, timer=lambda: clock().timestamp()),
        clock,
        SQLAlchemy(),
    )
    caplog.set_level(logging.INFO, "flask_cookieconsent.events")
    refuse(site, 30)
    clock.forward(seconds=1)
    site.visitor().choose("accept")

    said = [each.getMessage() for each in caplog.records if each.name == "flask_cookieconsent.events"]
    lines: list[dict[str, Any]] = [json.loads(each) for each in said]
    counted = [each["counted"] for each in lines if "counted" in each]
    assert sum(each.get("kind") == "refused" for each in lines) == 1
    assert [each["counts"]["kind"]["refused"] for each in counted] == [1, 28]
    assert all(Keys.derive(["a key for tests only"]).is_genuine(each) for each in counted)
