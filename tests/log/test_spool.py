"""No acknowledged choice is lost, and none is there twice, whatever happens to the database and to the workers (F5)."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextlib import nullcontext as nothing
from dataclasses import replace
from itertools import count, cycle
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.errors import SetupError, SpoolFullError
from flask_cookieconsent.log import files
from flask_cookieconsent.log.entries import event_text, notice_text
from flask_cookieconsent.log.events import Event, EventDraft, EventFactory, Keys, receipt_digest
from flask_cookieconsent.log.files import LONGEST
from flask_cookieconsent.log.models import event_model
from flask_cookieconsent.log.recorder import Recorder
from flask_cookieconsent.log.spool import Spool
from flask_cookieconsent.log.tables import LogTable, create_tables
from tests.kit.sites import NOON, Clock, Site, cookies_set, make_app, make_site, soup_of

MEBIBYTE = 1 << 20


def site_with_spool(
    folder: Path,
    *,
    tables: bool = True,
    clock: Clock | None = None,
    timer: Callable[[], float] | None = None,
    spool: str = "spool",
    **config: Any,
) -> Site:
    """Return one process of the site of a folder: each has the same name, database and, unless it is given, spool."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(folder / spool), COOKIECONSENT_LOG_SCOPE="shop", **config)
    return make_site(app=app, uri=f"sqlite:///{folder}/log.db", tables=tables, clock=clock or Clock(), timer=timer)


KEYS = Keys.derive(["a key for tests only"])


def spool_in(folder: Path, scope: str = "shop") -> Spool:
    return Spool(folder, KEYS, scope)


def an_event(kind: Kind = Kind.GIVEN) -> Event:
    """Return an event as the log makes it."""
    factory = EventFactory(scope="shop", policy_version="1", clock=Clock(), keys=KEYS)
    return factory.event(EventDraft(kind=kind, method="banner", choices={"films": "granted"}))


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in (folder / "spool").glob("*")) if (folder / "spool").exists() else []


def waiting(folder: Path) -> list[str]:
    """Return the files of the spool, without the notices that they name."""
    return [each for each in names(folder) if not each.endswith(".notice")]


def kept_notices(folder: Path) -> list[str]:
    return [each for each in names(folder) if each.endswith(".notice")]


def repair(site: Site) -> None:
    with site.app.app_context():
        create_tables(site.db)


def rename(site: Site, before: str, after: str) -> None:
    with site.app.app_context(), site.db.engine.begin() as connection:
        connection.execute(sa.text(f"ALTER TABLE {before} RENAME TO {after}"))


@contextmanager
def outage(site: Site) -> Iterator[None]:
    """Take the table of events away for a while, with all that it holds."""
    rename(site, "cookieconsent_event", "away")
    yield
    rename(site, "away", "cookieconsent_event")


def run(site: Site, *args: str) -> tuple[int, str]:
    """Run a command; return its exit status and what it says."""
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", *args])
    return done.exit_code, done.output


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
    assert (given.kind, withdrawn.kind, withdrawn.previous_receipt) == ("given", "withdrawn", given.receipt)
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
    site = site_with_spool(tmp_path, tables=False)
    for _ in range(2):
        assert site.visitor().choose("accept").status_code == 303
    monkeypatch.setattr(Spool, "free_bytes", 8 * MEBIBYTE - 1)

    refused, rejected = site.visitor().choose("accept"), site.visitor().choose("reject")

    assert refused.status_code == 503
    assert soup_of(refused).select_one(".fcc-problem")
    assert rejected.status_code == 303
    assert len(waiting(tmp_path)) == 2


#: What somebody may write into an entry, and an older release may have left.
CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "choices": lambda entry: entry.update(choices={"films": "granted"}),
    "time": lambda entry: entry.update(time="yesterday"),
    "more fields": lambda entry: entry.update(more=1),
    "fewer fields": lambda entry: entry.pop("locale"),
    "receipt before": lambda entry: entry.update(previous_receipt="0" * 64),
    "notice": lambda entry: entry.update(notice="0" * 64),
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

    status, said = run(site, "replay")

    assert site.events() == []
    with site.app.app_context():
        assert site.log.notices() == []
    assert [each.rpartition(".")[2] for each in waiting(tmp_path)] == ["bad"]
    assert "quarantined" in caplog.text
    assert (status, said.splitlines()[-1]) == (
        1,
        "Error: 1 events are put aside, see the lines of flask_cookieconsent.spool",
    )
    status, said = run(site, "verify")
    assert (status, said.splitlines()[0]) == (
        1,
        f"spool {tmp_path}/spool: 1 events put aside, which are not in the log; see its log lines",
    )


#: What somebody may make of a notice that entries name.
NOTICES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "html": lambda notice: notice.update(html="<p>WE SELL EVERYTHING"),
    "snapshot": lambda notice: notice.update(snapshot="{}"),
    "more fields": lambda notice: notice.update(more=1),
    "no signature": lambda notice: notice.pop("mac"),
}


@pytest.mark.parametrize("change", NOTICES.values(), ids=NOTICES)
def test_forged_notices_are_not_kept(
    tmp_path: Path, change: Callable[[dict[str, Any]], Any], caplog: pytest.LogCaptureFixture
) -> None:
    """F2, F4: an entry whose notice somebody changed is put aside until that is mended, and never loses its proof."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    repair(site)
    (path,) = (tmp_path / "spool").glob("*.notice")
    genuine = path.read_text()
    notice = json.loads(genuine)
    change(notice)
    path.write_text(json.dumps(notice))

    assert run(site, "replay")[0] == 1
    with site.app.app_context():
        assert site.log.notices() == []
    assert site.events() == []
    assert "quarantined as .bad: its notice: " in caplog.text

    path.write_text(genuine)
    assert run(site, "replay") == (0, "Events that waited and are in the log now: 1.\n")
    with site.app.app_context():
        assert [each.digest for each in site.log.notices()] == [each.notice for each in site.events()]


def test_forged_notice_that_the_database_knows(tmp_path: Path) -> None:
    """F2: where the log keeps the notice already, nobody needs the one on the disk."""
    site = site_with_spool(tmp_path)
    site.visitor().choose("accept")
    with outage(site):
        site.visitor().choose("accept")
    (path,) = (tmp_path / "spool").glob("*.notice")
    path.write_text("{}")

    assert run(site_with_spool(tmp_path), "replay") == (0, "Events that waited and are in the log now: 1.\n")
    assert {each.notice for each in site.events()} == {site.digest}


def entry_of_another_release(folder: Path, site: Site) -> None:
    """Leave an entry with a valid signature and with a field that this release does not know."""
    entry = json.loads(event_text(an_event(), site.factory.keys))
    entry["region"] = "BE"
    (folder / "0.json").write_text(json.dumps(site.factory.keys.with_mac(entry)))


def notice_of_another_digest(folder: Path, site: Site) -> None:
    """Leave an entry whose notice is signed and is not the one that its digest names."""
    notice = Notice(digest="0" * 64, locale="en", policy_version="1", snapshot="{}", html="<p>")
    tag = next(folder.glob("*.notice")).name.split(".")[1]
    (folder / f"{notice.digest}.{tag}.notice").write_text(notice_text(notice, site.factory.keys))
    event = replace(an_event(), notice=notice.digest)
    (folder / "0.json").write_text(event_text(event, site.factory.keys))


def event_that_the_database_refuses(folder: Path, site: Site) -> None:
    """Leave a signed entry of which the database says that it cannot be."""
    event = replace(an_event(), scope=None)  # type: ignore[arg-type]
    (folder / "0.json").write_text(event_text(event, site.factory.keys))


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
    assert run(site, "replay")[0] == 1


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
    monkeypatch.setattr(Recorder, "replay_within", lambda *args: 1 // 0)
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
    assert [each.stat().st_mode & 0o777 for each in folder.iterdir()] == [0o600] * 2


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

    run(site, "replay")
    assert waiting(tmp_path) == ["0.aa.draft", "0.draft"]
    now = time.time()
    monkeypatch.setattr("flask_cookieconsent.log.spool.time.time", lambda: now + 3_700)
    run(site, "replay")

    assert waiting(tmp_path) == []
    assert "spool draft 0.draft removed" in caplog.text


def test_places_for_grants_and_withdrawals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: refusals, which anybody can send, never take the last places, nor grants those of what takes them back."""
    site = site_with_spool(tmp_path, tables=False)
    visitors = [site.visitor(), site.visitor()]
    counts = []
    for free in (16 * MEBIBYTE, 16 * MEBIBYTE - 1):
        monkeypatch.setattr(Spool, "free_bytes", free)
        assert site.visitor().choose("reject").status_code == 303
        counts.append(len(waiting(tmp_path)))
    for free, status in ((8 * MEBIBYTE, 303), (8 * MEBIBYTE - 1, 503)):
        monkeypatch.setattr(Spool, "free_bytes", free)
        visitor = visitors.pop()
        assert visitor.choose("accept").status_code == status
        counts.append(len(waiting(tmp_path)))
    monkeypatch.setattr(Spool, "free_bytes", 16 * MEBIBYTE)
    visitor.choose("accept")
    for free in (4 * MEBIBYTE, 4 * MEBIBYTE - 1):
        monkeypatch.setattr(Spool, "free_bytes", free)
        assert visitor.choose("withdraw").status_code == 303
        counts.append(len(waiting(tmp_path)))
        monkeypatch.setattr(Spool, "free_bytes", 16 * MEBIBYTE)
        visitor.choose("accept")

    assert counts == [1, 1, 2, 2, 4, 5]


def test_files_say_no_more_of_time_than_rows(tmp_path: Path) -> None:
    """F3: a copy of the folder tells the minute of a grant and the day of a refusal."""
    site = site_with_spool(tmp_path, tables=False)
    for choice in ("accept", "reject"):
        site.visitor().choose(choice)

    times = [each.stat().st_mtime for each in (tmp_path / "spool").glob("*.json")]
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

    assert (first.kind, second.kind, second.previous_receipt) == ("given", "changed", first.receipt)
    visitor.choose("erase")
    assert [each.kind for each in site.events()] == ["erased"]


def test_order_of_one_minute(tmp_path: Path) -> None:
    """F4: events of one bearer and one minute are told in the order in which they were made."""
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
    spool = str(tmp_path / "spool")
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=spool, COOKIECONSENT_LOG_SCOPE="blog", SECRET_KEY="another key for tests")
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


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        *((Kind.REFUSED, 16 * MEBIBYTE), (Kind.GIVEN, 8 * MEBIBYTE), (Kind.CHANGED, 8 * MEBIBYTE)),
        (Kind.WITHDRAWN, 4 * MEBIBYTE),
    ],
)
def test_spool_bounds(kind: Kind, wanted: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5: with one byte less than has to be free nothing is written, and the error says what to look at."""
    usage, free = shutil.disk_usage(tmp_path), wanted
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage._replace(free=free))
    spool = spool_in(tmp_path / "spool")
    spool.add(an_event(kind))
    free = wanted - 1

    with pytest.raises(SpoolFullError) as full:
        spool.add(an_event(kind))

    assert str(full.value) == (
        f"{tmp_path}/spool holds 1 events, and {wanted - 1} bytes of its disk are free, wanted {wanted}; "
        "see why the database is unavailable"
    )
    assert len(spool) == 1


def test_free_bytes(tmp_path: Path) -> None:
    """They are those of the disk that the folder is on, and none of a folder that is not there."""
    assert 0 < spool_in(tmp_path).free_bytes <= shutil.disk_usage(tmp_path).total
    assert spool_in(tmp_path / "nowhere").free_bytes == 0


# -- notices -----------------------------------------------------------------------------------------------------------


def test_notice_is_there_once(tmp_path: Path) -> None:
    """F5: an entry takes less than 1 KiB, and the notice that all of them name one file, in each language one."""
    site = site_with_spool(tmp_path, tables=False)
    for number in range(5):
        site.visitor().choose("reject" if number % 2 else "accept")

    sizes = [each.stat().st_size for each in (tmp_path / "spool").glob("*.json")]
    assert len(sizes) == 5 and max(sizes) < 1_024
    assert [each.partition(".")[0] for each in kept_notices(tmp_path)] == [site.digest]
    assert (tmp_path / "spool" / kept_notices(tmp_path)[0]).stat().st_size > 10 * 1_024


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time()
    monkeypatch.setattr("flask_cookieconsent.log.spool.time.time", lambda: now + seconds)


def test_notice_goes_when_nobody_needs_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2: it stays while an entry waits, and for an hour after the last one was written."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    with monkeypatch.context() as hours:
        later(hours, 9_000)
        assert run(site, "replay")[0] == 1
        assert (len(waiting(tmp_path)), len(kept_notices(tmp_path))) == (1, 1)
    repair(site)
    assert run(site, "replay")[0] == 0
    for seconds, left in ((0, 1), (3_500, 1), (3_700, 0)):
        with monkeypatch.context() as hours:
            later(hours, seconds)
            run(site, "replay")
        assert (len(waiting(tmp_path)), len(kept_notices(tmp_path))) == (0, left), seconds


def test_notice_of_what_is_put_aside_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2: what somebody has to look at first is needed, as long as that takes."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    repair(site)
    (path,) = (tmp_path / "spool").glob("*.json")
    text = path.read_text()
    path.write_text("{}")
    run(site, "replay")
    later(monkeypatch, 9_000)
    run(site, "replay")
    assert len(kept_notices(tmp_path)) == 1

    path.with_suffix(".bad").write_text(text)

    assert run(site, "replay") == (0, "Events that waited and are in the log now: 1.\n")
    assert [each.notice for each in site.events()] == [site.digest]


def test_needed_notice_is_young_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F2: whoever writes an entry takes the notice that is there for its own, and nobody takes it for left over."""
    spool = spool_in(tmp_path)
    notice = Notice(digest="0" * 64, locale="en", policy_version="1", snapshot="{}", html="<p>")
    spool.add(an_event(), notice)
    (path,) = tmp_path.glob("*.notice")
    before = path.stat().st_ctime_ns
    while time.time_ns() <= before + 20_000_000:  # as fine as the clock of a file system is
        pass

    spool.add(an_event(), notice)

    assert path.stat().st_ctime_ns > before
    assert len(list(tmp_path.glob("*.notice"))) == 1


def test_entry_brings_its_notice_along(tmp_path: Path) -> None:
    """F2: a database that does not know the notice of an entry gets it, with the entry, and once."""
    site = site_with_spool(tmp_path, tables=False)
    for _ in range(2):
        site.visitor().choose("accept")
    repair(site)

    assert run(site_with_spool(tmp_path), "replay")[0] == 0

    with site.app.app_context():
        assert [each.digest for each in site.log.notices()] == [site.digest]
    assert [each.notice for each in site.events()] == [site.digest] * 2
    assert run(site, "verify")[0] == 0


def test_entry_without_its_notice(tmp_path: Path) -> None:
    """The bad twin: whoever takes the notice away leaves an event that says it has none, and names nothing unknown."""
    site = site_with_spool(tmp_path, tables=False)
    site.visitor().choose("accept")
    repair(site)
    (tmp_path / "spool" / kept_notices(tmp_path)[0]).unlink()

    run(site, "replay")

    assert [each.notice for each in site.events()] == [""]
    assert run(site, "verify")[0] == 0


# -- what was put aside ------------------------------------------------------------------------------------------------

OLD, NEW = "the older key of a site", "the newer key of a site"


def site_whose_key_was_lost(folder: Path) -> None:
    """Leave an entry that is put aside because the key that it was signed with is not listed."""
    before = site_with_spool(folder, tables=False, SECRET_KEY=OLD)
    before.visitor().choose("accept")
    hasty = site_with_spool(folder, SECRET_KEY=NEW)
    assert run(hasty, "replay")[0] == 1
    assert [each.rpartition(".")[2] for each in waiting(folder)] == ["bad"]


def test_key_that_comes_back(tmp_path: Path) -> None:
    """F5: once the older key is listed, the command writes what it had put aside, with its notice."""
    site_whose_key_was_lost(tmp_path)
    site = site_with_spool(tmp_path, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])

    assert run(site, "replay") == (0, "Events that waited and are in the log now: 1.\n")
    assert waiting(tmp_path) == []
    assert [each.notice for each in site.events()] == [site.digest]
    assert run(site, "verify")[0] == 0


def test_key_that_does_not_come_back(tmp_path: Path) -> None:
    """The bad twin: with another key in its place the entry stays where it is, and is told."""
    site_whose_key_was_lost(tmp_path)
    site = site_with_spool(tmp_path, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=["no key of this site"])

    assert run(site, "replay")[0] == 1
    assert (len(waiting(tmp_path)), site.events()) == (1, [])


def test_key_that_comes_back_to_a_new_process(tmp_path: Path) -> None:
    """F5: nobody has to run a command: a process that is started with the key looks once at what was put aside."""
    site_whose_key_was_lost(tmp_path)
    site = site_with_spool(tmp_path, tables=False, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])

    site.visitor().choose("reject")

    assert waiting(tmp_path) == []
    assert sorted(each.kind for each in site.events()) == ["given", "refused"]


def test_first_look_that_found_no_database(tmp_path: Path) -> None:
    """F5: a process that is started during an outage looks at what was put aside once that is over."""
    site_whose_key_was_lost(tmp_path)
    site = site_with_spool(tmp_path, tables=False, SECRET_KEY=NEW, SECRET_KEY_FALLBACKS=[OLD])
    with outage(site), site.app.app_context(), suppress(sa.exc.OperationalError):
        site.log._recorder.replay_within(1)

    site.visitor().choose("reject")

    assert waiting(tmp_path) == []


def test_put_aside_is_told_once_by_a_process(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Whoever replays again and again fills no log; another process says it again."""
    site = site_with_spool(tmp_path)
    (tmp_path / "spool").mkdir(mode=0o700, exist_ok=True)
    (tmp_path / "spool" / "0.bad").write_text("{}")
    for _ in range(5):
        run(site, "replay")
    assert caplog.text.count("quarantined") == 1

    run(site_with_spool(tmp_path), "replay")

    assert caplog.text.count("quarantined") == 2


# -- clocks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "seconds", "left"), [(-1, 61, 0), (-1, 59, 1), (1, 59, 1), (0, 61, 0)])
def test_clock_that_is_set(hours: int, seconds: int, left: int, tmp_path: Path) -> None:
    """F5: the minute between two looks is one of a timer: a clock that is set neither prolongs nor shortens it."""
    clock, now = Clock(), 5.0
    site, other = (site_with_spool(tmp_path, clock=clock, timer=lambda: now) for _ in range(2))
    site.visitor().choose("accept")  # it has looked
    with outage(other):
        other.visitor().choose("accept")

    clock.forward(hours=hours)
    now += seconds
    site.visitor().choose("accept")

    assert len(waiting(tmp_path)) == left
    assert len(site.events()) == 3 - left


# -- one bearer's events, here and there -------------------------------------------------------------------------------


def history(site: Site, receipt: str | None) -> list[int]:
    """Return how many services each event of a bearer grants, newest first, as the receipt page has them."""
    with site.app.app_context():
        events = site.log.receipt(receipt or "")
    return [sum(answer == "granted" for answer in each.choices.values()) for each in events]


#: Whether the first and the second choice of a visitor find a database.
ORDERS = [(True, False), (False, True), (False, False)]


class Somebody:
    """A visitor whose choices any process of the site, on whichever server, may be given."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    @property
    def receipt(self) -> str:
        return self.cookies["cookieconsent_receipt"]

    def choose(self, site: Site, choice: str, *services: str) -> int:
        header = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = site.visitor().choose(choice, *services, headers={"Cookie": header or "a=b"})
        self.cookies |= {name: each["value"] for name, each in cookies_set(answer).items()}
        return answer.status_code


def choices(site: Site, other: Site, order: tuple[bool, ...]) -> Somebody:
    """Return somebody whose choices one process has put on the disk, and the other into the database."""
    somebody = Somebody()
    for granted, is_there in zip(cycle((["films"], ["films", "posts"])), order, strict=False):
        with nothing() if is_there else outage(site):
            assert somebody.choose(other if is_there else site, "save", *granted) == 303
    return somebody


@pytest.mark.parametrize("order", ORDERS)
def test_receipt_page_finds_what_waits(order: tuple[bool, bool], tmp_path: Path) -> None:
    """F7: whichever process is asked, and whatever of a record waits on its disk, the page has all of it, in order."""
    site, other = site_with_spool(tmp_path), site_with_spool(tmp_path)
    other.visitor().choose("accept")  # it has looked, and looks again in a minute
    somebody = choices(site, other, order)

    assert history(other, somebody.receipt) == [2, 1]
    assert waiting(tmp_path) == []


@pytest.mark.parametrize("order", ORDERS)
def test_erasure_finds_what_waits(order: tuple[bool, bool], tmp_path: Path) -> None:
    """F7: the events of the bearer go from the disk and from the database, those of others stay where they are."""
    site, other = site_with_spool(tmp_path), site_with_spool(tmp_path)
    other.visitor().choose("reject")  # it has looked, and looks again in a minute
    somebody = choices(site, other, order)
    with outage(site):
        site.visitor().choose("accept")
    before = len(waiting(tmp_path))

    assert somebody.choose(other, "erase") == 303

    assert len(waiting(tmp_path)) == 1 < before
    assert sorted(each.kind for each in other.events()) == ["erased", "refused"]
    assert run(other, "replay") == (0, "Events that waited and are in the log now: 1.\n")
    assert sorted(each.kind for each in other.events()) == ["erased", "given", "refused"]


def test_erasure_while_the_database_is_away(tmp_path: Path) -> None:
    """F7: who is told that nothing was erased keeps a record that is whole, now withdrawn; the next press takes it."""
    site = site_with_spool(tmp_path)
    somebody = choices(site, site, (True, False))
    with outage(site):
        assert somebody.choose(site, "erase") == 503
    assert history(site, somebody.receipt) == [0, 2, 1]

    assert somebody.choose(site, "erase") == 303
    assert ([each.kind for each in site.events()], waiting(tmp_path)) == (["erased"], [])


def test_erasure_of_what_was_put_aside(tmp_path: Path) -> None:
    """F7: what was put aside, and can be read, is of its bearer too, and does not come back later."""
    site = site_with_spool(tmp_path)
    somebody = choices(site, site, (False, False))
    for path in (tmp_path / "spool").glob("*.json"):
        path.rename(path.with_suffix(".bad"))

    assert somebody.choose(site, "erase") == 303

    assert ([each.kind for each in site.events()], waiting(tmp_path)) == (["erased"], [])


def test_erasure_reads_the_bearers_files_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F5, F7: however many events wait, whoever erases has those read that are their own."""
    site = site_with_spool(tmp_path)
    somebody = choices(site, site, (True, False))
    with outage(site):
        for _ in range(5):
            site.visitor().choose("accept")
    read: list[str] = []
    text_in = files.text_in

    def reading(file: Any) -> str:
        read.append(file.name)
        return text_in(file)

    monkeypatch.setattr("flask_cookieconsent.log.spool.text_in", reading)
    with site.app.app_context():
        site.log.erase(somebody.receipt)

    assert len(set(read)) == 1
    assert len(waiting(tmp_path)) == 5


def breaks_off(site: Site, receipt: str, number: int) -> bool:
    """Erase a record, fail at the step (statement, or removal of a file) with a number, and tell whether it did."""
    steps = count(1)

    def step(error: Exception) -> None:
        if next(steps) == number:
            raise error

    def statement(connection: Any, cursor: Any, text: str, *rest: Any) -> None:
        step(sa.exc.OperationalError(text, None, Exception("disk full")))

    def take(spool: Spool, path: Path) -> None:
        step(OSError(30, "read-only"))
        path.unlink()

    with site.app.app_context(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(Spool, "take", take)
        sa.event.listen(site.db.engine, "before_cursor_execute", statement)
        try:
            site.log.erase(receipt)
        except (sa.exc.OperationalError, OSError):
            return True
        finally:
            sa.event.remove(site.db.engine, "before_cursor_execute", statement)
    return False


@pytest.mark.parametrize("order", [(True, False), (False, False, False), (False, False, False, True)])
def test_erasure_that_fails_can_be_tried_again(order: tuple[bool, ...], tmp_path: Path) -> None:
    """F7: rows tell whose files are, and files whose rows are: wherever an erasure ends, the next finds the rest."""
    number, has_failed = 0, True
    while has_failed:
        number += 1
        (folder := tmp_path / str(number)).mkdir()
        site = site_with_spool(folder)
        somebody = choices(site, site, order)
        has_failed = breaks_off(site, somebody.receipt, number)
        assert run(site, "replay")[0] == 0

        with site.app.app_context():
            assert site.log.erase(somebody.receipt) == (len(order) if has_failed else 0)
        assert waiting(folder) == []
        assert [event.kind for event in site.events()] == [Kind.ERASED]
    assert number > 4


def test_erasure_waits_for_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """F7: who erases while another process writes a waiting event is told to try again, and nothing is left then."""
    monkeypatch.setattr(LogTable, "is_file", False)  # as on a server, in a thread
    one = site_with_spool(tmp_path, COOKIECONSENT_DATABASE_TIMEOUT=0.2)
    other = site_with_spool(tmp_path)
    visitor = one.visitor()
    with outage(one):
        visitor.choose("accept")
    statuses: list[int] = []

    def meanwhile(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO cookieconsent_event") and not statuses:
            statuses.append(503)  # what follows writes as well
            statuses[0] = visitor.choose("erase").status_code

    with other.app.app_context():
        sa.event.listen(other.db.engine, "before_cursor_execute", meanwhile)
        other.log.replay()
    assert statuses == [503]

    assert visitor.choose("erase").status_code == 303
    assert {event.receipt for event in one.events() if event.kind is not Kind.WITHDRAWN} == {None}


def test_record_of_two_servers(tmp_path: Path) -> None:
    """F4, F7: an event that waits on another server is found, linked and erased once it has come."""
    site, other = site_with_spool(tmp_path), site_with_spool(tmp_path, spool="of-another-server")
    somebody = Somebody()
    with outage(other):
        somebody.choose(other, "save", "films")
    somebody.choose(site, "save", "films", "posts")
    assert history(site, somebody.receipt) == [2]

    assert run(other, "replay") == (0, "Events that waited and are in the log now: 1.\n")

    assert history(site, somebody.receipt) == [2, 1]
    with site.app.app_context():
        changed, given = site.log.receipt(somebody.receipt)
    assert changed.previous_receipt == given.receipt
    assert somebody.choose(site, "erase") == 303
    assert [each.kind for each in site.events()] == ["erased"]
