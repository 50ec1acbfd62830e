"""What somebody does to the log behind its back is found and named, at a bounded cost (F4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from flask_cookieconsent import SampleEvent
from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.log.daily_counts import VERIFIED
from flask_cookieconsent.log.events import EventDraft
from flask_cookieconsent.log.tables import Tables
from flask_cookieconsent.log.verification import Verification
from flask_cookieconsent.log.verified import keep_verified, last_verified
from tests.kit.events import fill
from tests.kit.sites import NOON, Clock, Site, make_site
from tests.kit.tampering import (
    SEALED,
    UNSEALED,
    WHOLE,
    behind,
    bring_back,
    command,
    four_days,
    one_day,
    put_in,
    rows_of,
    tables_of,
)

FIRST, MIDDLE, NEWEST = SEALED
BY_SOMEBODY = "changed, or put in by somebody without the key"


def verify(site: Site, **more: Any) -> list[str]:
    with site.app.app_context():
        return list(site.log.verify(**more))


def on(day: date, kind: str, events: sa.Table) -> sa.ColumnElement[bool]:
    return sa.and_(events.c.recorded_on == day, events.c.kind == kind)


# -- what is done to rows of events ------------------------------------------------------------------------------------


def id_on(connection: sa.Connection, tables: Tables, day: date, kind: str = "given") -> str:
    events = tables.events.table
    return str(connection.scalar(sa.select(events.c.id).where(on(day, kind, events)).order_by(events.c.id).limit(1)))


def edit(day: date, **values: Any) -> Callable[[sa.Connection, Tables], list[str]]:
    def work(connection: sa.Connection, tables: Tables) -> list[str]:
        id = id_on(connection, tables, day)
        connection.execute(sa.update(tables.events.table).where(tables.events.c.id == id).values(values))
        return [f"event {id}: {BY_SOMEBODY}"]

    return work


def delete(day: date, kind: str, what: str) -> Callable[[sa.Connection, Tables], list[str]]:
    def work(connection: sa.Connection, tables: Tables) -> list[str]:
        id = id_on(connection, tables, day, kind)
        connection.execute(sa.delete(tables.events.table).where(tables.events.c.id == id))
        return [f"{what} of {day}: 1 taken away after the day was sealed"]

    return work


def insert(connection: sa.Connection, tables: Tables) -> list[str]:
    row = first_row(connection, tables)
    connection.execute(sa.insert(tables.events.table), row | {"id": "0" * 32})
    return [
        f"event {'0' * 32}: {BY_SOMEBODY}",
        f"events of {FIRST}: 1 more than were sealed; put in, or back from a backup after they were erased",
    ]


def insert_into_an_empty_day(connection: sa.Connection, tables: Tables) -> list[str]:
    row = first_row(connection, tables)
    connection.execute(sa.insert(tables.events.table), row | {"id": "0" * 32, "recorded_on": date(2020, 1, 1)})
    return [f"event {'0' * 32}: {BY_SOMEBODY}"]


def first_row(connection: sa.Connection, tables: Tables) -> dict[str, Any]:
    events = tables.events.table
    return dict(connection.execute(sa.select(events).where(on(FIRST, "given", events)).limit(1)).mappings().one())


def swap(name: str) -> Callable[[sa.Connection, Tables], list[str]]:
    """Exchange the values of two rows of two days."""

    def work(connection: sa.Connection, tables: Tables) -> list[str]:
        events = tables.events.table
        ids = [id_on(connection, tables, day) for day in (FIRST, MIDDLE)]
        query = sa.select(events).where(events.c.id.in_(ids)).order_by(events.c.id)
        one, other = map(dict, connection.execute(query).mappings())
        connection.execute(sa.delete(events).where(events.c.id.in_(ids)))
        connection.execute(sa.insert(events), [one | {name: other[name]}, other | {name: one[name]}])
        return [f"event {id}: {BY_SOMEBODY}" for id in ids]

    return work


def take_day(connection: sa.Connection, tables: Tables) -> list[str]:
    connection.execute(sa.delete(tables.events.table).where(tables.events.c.recorded_on == MIDDLE))
    return [
        f"refusals of {MIDDLE}: 1 taken away after the day was sealed",
        f"events of {MIDDLE}: 3 taken away after the day was sealed",
    ]


def take_day_with_seal(day: date) -> Callable[[sa.Connection, Tables], list[str]]:
    def work(connection: sa.Connection, tables: Tables) -> list[str]:
        connection.execute(sa.delete(tables.events.table).where(tables.events.c.recorded_on == day))
        for table in (tables.seals, tables.counts):
            connection.execute(sa.delete(table.table).where(table.c.day == day))
        return [f"seal of {day + timedelta(days=1)}: changed, or the seal before it is gone"]

    return work


def take_rows(connection: sa.Connection, tables: Tables) -> list[str]:
    connection.execute(sa.delete(tables.events.table))
    return [
        f"{what} of {day}: {count} taken away after the day was sealed"
        for day in SEALED
        for what, count in (("refusals", 1), ("events", 3))
    ]


def take_notice(connection: sa.Connection, tables: Tables) -> list[str]:
    digest = connection.scalar(sa.select(tables.notices.c.digest))
    connection.execute(sa.delete(tables.notices.table))
    return [f"notice {digest}: taken away, though events name it"]


EVENTS = {
    "edit": edit(FIRST, choices={"films": "granted"}),
    "edit what has no seal": edit(UNSEALED, locale="nl"),
    "edit of a day": edit(FIRST, recorded_on=MIDDLE),
    "edit of the scope": edit(FIRST, scope="other"),
    "another notice": edit(FIRST, notice="0" * 64),
    "another link": edit(FIRST, previous_receipt="0" * 64),
    "delete": delete(FIRST, "given", "events"),
    "delete of a refusal": delete(NEWEST, "refused", "refusals"),
    "insert": insert,
    "insert into an empty day": insert_into_an_empty_day,
    "swap": swap("id"),
    "swap of signatures": swap("mac"),
    "whole day": take_day,
    "day with its seal": take_day_with_seal(MIDDLE),
    "first day with its seal": take_day_with_seal(FIRST),
    "all rows": take_rows,
    "missing notice": take_notice,
}


@pytest.mark.parametrize("change", EVENTS.values(), ids=EVENTS)
def test_tampering_is_found_and_named(change: Callable[[sa.Connection, Tables], list[str]], uri: str) -> None:
    """F4: whoever has the database and not the key cannot change the past unseen, whether all of it is read or some."""
    site = four_days(uri)
    assert verify(site) == verify(site, whole=True) == []

    expected = behind(site, change)

    for args in ((), ("--whole",)):
        status, said = command(site, "verify", *args)
        assert status == 1
        assert [each for each in expected if each not in said.splitlines()] == []


def test_nothing_else_is_named(uri: str) -> None:
    """F4: one event gone is one sentence, with how much was looked at."""
    site = four_days(uri)
    expected = behind(site, delete(FIRST, "given", "events"))

    assert verify(site) == expected
    checked = "Checked: 15 events, 3 days against their seals (2026-11-23 to 2026-11-25)"
    assert f"{checked}, 3 seals, 1 notices, 4 rows of counts." in command(site, "verify")[1]


# -- what is done to seals, counts and notices -------------------------------------------------------------------------


def change_seal(**values: Any) -> Callable[[sa.Connection, Tables], object]:
    def work(connection: sa.Connection, tables: Tables) -> object:
        return connection.execute(sa.update(tables.seals.table).where(tables.seals.c.day == MIDDLE).values(values))

    return work


def swap_seals(connection: sa.Connection, tables: Tables) -> None:
    seals = tables.seals.table
    one, other = connection.execute(sa.select(seals).where(seals.c.day < NEWEST).order_by(seals.c.day)).mappings()
    connection.execute(sa.delete(seals).where(seals.c.day < NEWEST))
    connection.execute(sa.insert(seals), [dict(one) | {"day": other["day"]}, dict(other) | {"day": one["day"]}])


SEALS = {
    "count of refusals": (change_seal(refusals=0), BY_SOMEBODY),
    "count of others": (change_seal(others=2), BY_SOMEBODY),
    "hash": (change_seal(others_hash="0" * 64), BY_SOMEBODY),
    "hash that is none": (change_seal(refusals_hash="x"), BY_SOMEBODY),
    "chain": (change_seal(previous=""), "changed, or the seal before it is gone"),
    "signature": (change_seal(mac="0" * 64), BY_SOMEBODY),
    "pretended purge": (change_seal(others_purged="done"), "the note of what was taken since was changed"),
    "pretended beginning": (change_seal(refusals_purged="begun"), "the note of what was taken since was changed"),
    "pretended erasure": (change_seal(erased=b"0" * 16), "the note of what was taken since was changed"),
    "erased hash": (change_seal(erased_hash="1" * 64), "the note of what was taken since was changed"),
    "seals swapped": (swap_seals, BY_SOMEBODY),
}


@pytest.mark.parametrize(("change", "sentence"), SEALS.values(), ids=SEALS)
def test_seals_are_guarded(change: Callable[[sa.Connection, Tables], object], sentence: str, uri: str) -> None:
    """F4: nor can the seals, and the notes on them, be changed to fit."""
    site = four_days(uri)
    behind(site, change)

    assert f"seal of {MIDDLE}: {sentence}" in verify(site)


def test_note_of_another_day_is_no_note() -> None:
    """F4: a day that was purged excuses no other, though its note is genuine."""
    site = four_days(COOKIECONSENT_REFUSAL_RETENTION=184)
    site.clock.forward(days=181)
    with site.app.app_context():
        site.log.purge()
    first, *_ = rows_of(site, "seals")
    noted = {name: first[name] for name in ("refusals_purged", "others_purged", "erased", "erased_hash", "note_mac")}
    assert first["refusals_purged"] == "done" and verify(site) == []

    behind(site, lambda connection, tables: change_seal(**noted)(connection, tables))

    assert verify(site) == [f"seal of {MIDDLE}: the note of what was taken since was changed"]


def test_older_note_is_found(uri: str) -> None:
    """F4, F7: seals of a backup do not know what was erased since, so that it is missed."""
    site = four_days(uri)
    visitor = site.visitor()
    visitor.choose("accept")
    site.clock.forward(days=2)
    command(site, "seal")
    before = rows_of(site, "seals")
    visitor.choose("erase")
    assert verify(site) == []

    bring_back(site, "seals", before)

    assert verify(site) == [f"events of {date(2026, 11, 27)}: 1 taken away after the day was sealed"]


def test_all_seals_taken_away(uri: str) -> None:
    """F4: nothing in a database says what was there before all of it: the numbers do, and the head kept elsewhere."""
    site = four_days(uri)
    with site.app.app_context():
        head = site.log.head
    assert command(site, "verify", "--head", head)[0] == 0
    behind(site, lambda connection, tables: connection.execute(sa.delete(tables.seals.table)))

    said = command(site, "verify")[1]
    assert "Checked: 16 events, 0 days against their seals, 0 seals, 1 notices" in said
    status, said = command(site, "verify", "--head", head)
    assert status == 1
    assert f"head {head}: the seal that it is of is gone, and maybe others after it\n" in said


def test_all_tables_emptied(uri: str) -> None:
    """F4: a log of nothing says that it is one."""
    site = four_days(uri)
    with site.app.app_context():
        head = site.log.head
    behind(site, lambda connection, tables: [connection.execute(sa.delete(each.table)) for each in tables])

    checked = "Checked: 0 events, 0 days against their seals, 0 seals, 0 notices, 0 rows of counts.\n"
    assert command(site, "verify") == (0, checked + WHOLE)
    assert command(site, "verify", "--head", head)[0] == 1


def test_newest_seals_missing(uri: str) -> None:
    """F4: what was sealed last can go with its seal, unless the head is kept elsewhere; older heads stay good."""
    site = four_days(uri)
    heads = [seal["mac"] for seal in rows_of(site, "seals")]
    assert verify(site, heads=heads) == []

    def take(connection: sa.Connection, tables: Tables) -> None:
        connection.execute(sa.delete(tables.events.table).where(tables.events.c.recorded_on >= NEWEST))
        for table in (tables.seals, tables.counts):
            connection.execute(sa.delete(table.table).where(table.c.day >= NEWEST))

    behind(site, take)

    assert verify(site) == []
    assert verify(site, heads=heads[:2]) == []
    assert verify(site, heads=heads) == [
        f"head {heads[2]}: the seal that it is of is gone, and maybe others after it",
    ]
    assert command(site, "verify", "--head", "nonsense")[0] == 1


def test_text_of_a_notice_is_found(uri: str) -> None:
    """F4, F2: what visitors saw cannot be rewritten under its digest."""
    site = four_days(uri)
    behind(site, lambda connection, tables: connection.execute(sa.update(tables.notices.table).values(snapshot="{}")))

    assert verify(site) == [f"notice {site.digest}: changed, its text is another one's"]


@pytest.mark.parametrize(
    "changed", [{"html": "<p>Something else</p>"}, {"first_used": date(2020, 1, 1)}, {"sequence": 9}]
)
def test_looks_of_a_notice_are_signed(changed: dict[str, Any]) -> None:
    """F4, F2: nor what it looked like, nor since when it was shown."""
    site = four_days()
    behind(site, lambda connection, tables: connection.execute(sa.update(tables.notices.table).values(changed)))

    assert verify(site) == [f"notice {site.digest}: {BY_SOMEBODY}"]


def test_samples_name_no_notice() -> None:
    """F2: invented events answer to nothing, so that nothing is missed."""
    site = make_site()
    with site.app.app_context():
        site.consent.add_samples([SampleEvent(age=timedelta(), kind="given", method="banner", locale="en")])

    assert verify(site) == []


# -- genuine rows where they have no place -----------------------------------------------------------------------------


def genuine(site: Site, day: date, **values: Any) -> dict[str, Any]:
    """Return a row that the key of a site has signed."""
    event = site.factory.event(EventDraft(kind=Kind.GIVEN, method="banner", receipt="somebody's"))
    return site.factory.signed(replace(event, recorded_on=day, **values)).row


@pytest.mark.parametrize("kind", [Kind.GIVEN, Kind.REFUSED])
def test_genuine_rows_in_a_sealed_day(kind: Kind, uri: str) -> None:
    """F4: a day holds what was sealed, and no row more, however genuine."""
    site = four_days(uri)
    row = genuine(site, MIDDLE, kind=kind)
    behind(site, lambda connection, tables: put_in(site, connection, "events", [row]))

    what = "refusals" if kind is Kind.REFUSED else "events"
    sentence = f"{what} of {MIDDLE}: 1 more than were sealed; put in, or back from a backup after they were erased"
    assert verify(site) == verify(site, whole=True) == [sentence]


def test_genuine_row_in_the_place_of_another(uri: str) -> None:
    """F4: as many as were sealed are not those that were sealed."""
    site = four_days(uri)
    row = genuine(site, MIDDLE)
    behind(site, delete(MIDDLE, "given", "events"))
    behind(site, lambda connection, tables: put_in(site, connection, "events", [row]))

    assert verify(site) == [f"events of {MIDDLE}: not those that were sealed"]


@pytest.mark.parametrize("day", [UNSEALED, date(2026, 11, 27)])
def test_rows_of_another_site(day: date, uri: str) -> None:
    """F4: a copy of the site with the same key fills no log but its own, unless the owner says that they share it."""
    site = four_days(uri)
    row = genuine(site, day, scope="staging")
    behind(site, lambda connection, tables: put_in(site, connection, "events", [row]))

    sentence = f"event {row['id']}: of another site, 'staging', with the same key"
    assert verify(site) == verify(site, scopes=["other"]) == [sentence]
    assert verify(site, scopes=["other", "staging"]) == []
    assert command(site, "verify", "--scope", "staging")[0] == 0


def test_erased_record_brought_back(uri: str) -> None:
    """F4, F7: what a backup brings back of an erased record is found, and `purge --again` takes it out."""
    site = four_days(uri)
    visitor = site.visitor()
    visitor.choose("accept")
    site.clock.forward(days=2)
    command(site, "seal")
    (row,) = [row for row in rows_of(site) if row["recorded_on"] == date(2026, 11, 27)]
    visitor.choose("erase")
    assert verify(site) == []

    behind(site, lambda connection, tables: put_in(site, connection, "events", [row]))

    sentence = "events of 2026-11-27: 1 more than were sealed; put in, or back from a backup after they were erased"
    assert verify(site) == [sentence]
    assert command(site, "purge") == (0, "Events taken out of the log: 0.\n"), "a purge of every day does not look"
    assert command(site, "purge", "--again") == (0, "Events taken out of the log: 1.\n")
    assert verify(site) == [] and row["id"] not in {each["id"] for each in rows_of(site)}


def test_purged_day_brought_back(uri: str) -> None:
    """F4, F6: a backup that brings back what was too old is found, and `purge --again` takes it out."""
    site = four_days(uri, COOKIECONSENT_REFUSAL_RETENTION=184)
    before = rows_of(site)
    site.clock.forward(days=181)
    assert command(site, "purge")[1] == "Events taken out of the log: 1.\n"
    assert verify(site) == []

    behind(
        site,
        lambda connection, tables: put_in(
            site,
            connection,
            "events",
            [row for row in before if row["recorded_on"] == FIRST and row["kind"] == "refused"],
        ),
    )

    assert verify(site) == [
        f"refusals of {FIRST}: 1 are back that were purged; run `flask cookieconsent purge --again`"
    ]
    assert command(site, "purge")[1] == "Events taken out of the log: 0.\n"
    assert command(site, "purge", "--again")[1] == "Events taken out of the log: 1.\n"
    assert verify(site) == []


# -- how much is read --------------------------------------------------------------------------------------------------


def many_days(count: int, days: int, uri: str = "sqlite://") -> Site:
    """Return a site with that many events on that many days, all of them sealed, and some on a day that is not."""
    site = make_site(uri=uri, clock=Clock())
    fill(site, count, NOON.date() - timedelta(days=days + 1), days)
    site.visitor().choose("accept")
    with site.app.app_context():
        assert len(site.log.seal()) == days
    return site


def bounded(site: Site, most_rows: int) -> tuple[list[str], Verification]:
    with site.app.app_context():
        verification = replace(site.log.verify(), most_rows=most_rows)
        return list(verification), verification


def test_verification_is_bounded() -> None:
    """F4: what a nightly run costs does not grow with the log."""
    site = many_days(400, 40)
    _, verification = bounded(site, 60)

    assert 10 < verification.checked.events <= 60
    assert verification.checked.days < 10
    with site.app.app_context():
        whole = site.log.verify(whole=True)
        assert list(whole) == []
    assert (whole.checked.events, whole.checked.days) == (401, 40)


@pytest.mark.parametrize("old", [0, 13, 39])
def test_every_day_has_its_turn(old: int) -> None:
    """F4: whatever day somebody has taken from, one of the next runs finds it, and then all go round again."""
    site = many_days(400, 40)
    day = NOON.date() - timedelta(days=41 - old)
    behind(site, lambda connection, tables: delete(day, "given", "events")(connection, tables))
    runs = []
    for _ in range(24):
        mistakes, verification = bounded(site, 60)
        runs.append((mistakes, verification.reached))
        site.clock.forward(days=1)

    found = [number for number, (mistakes, _) in enumerate(runs) if mistakes]
    assert len(found) >= 2, "each turn comes again"
    assert all(mistakes in ([], [f"events of {day}: 1 taken away after the day was sealed"]) for mistakes, _ in runs)
    assert len({reached for _, reached in runs}) > 5


def test_busy_new_days_leave_a_turn_to_older_ones() -> None:
    """F4: where each new day is a fifth of what is read, older days have their turn all the same."""
    site = make_site(clock=Clock())
    fill(site, 600, NOON.date() - timedelta(days=31), 30)
    with site.app.app_context():
        site.log.seal()
    behind(site, delete(NOON.date() - timedelta(days=20), "given", "events"))
    found = 0
    for _ in range(40):
        day = site.clock.now.date()
        fill(site, 20, day, 1)
        with site.app.app_context():
            site.log.seal()
        found += bool(bounded(site, 100)[0])
        site.clock.forward(days=1)

    assert found


def test_large_day_is_sampled() -> None:
    """F4: of a day that is larger than what may be read, some rows are looked at, others each time."""
    site = many_days(3_000, 1)
    day = NOON.date() - timedelta(days=2)
    events = tables_of(site).events.table
    runs = [bounded(site, 400)[1].checked for _ in range(3)]
    assert all(0 < each.sampled < 600 and each.days == 0 for each in runs)

    behind(site, lambda connection, tables: connection.execute(sa.update(events).values(gpc=sa.not_(events.c.gpc))))

    mistakes, verification = bounded(site, 400)
    assert len(mistakes) >= verification.checked.sampled > 0
    assert day in {each["day"] for each in rows_of(site, "seals")}


def test_new_days_are_looked_at_every_time(uri: str) -> None:
    """F4: days without a seal, and those sealed since the last time, come first, whatever turn the others have."""
    site = four_days(uri)
    for _ in range(3):
        mistakes, verification = bounded(site, 24)
        assert mistakes == []
        assert verification.checked.newest == max(row["day"] for row in rows_of(site, "seals"))
        one_day(site)
        command(site, "seal")

    behind(site, edit(site.clock.now.date() - timedelta(days=1), locale="xx"))
    assert len(bounded(site, 24)[0]) == 1


# -- what is kept of it ------------------------------------------------------------------------------------------------


def last(site: Site) -> Any:
    with site.app.app_context():
        return last_verified(tables_of(site), site.factory.keys, site.factory.scope, site.clock().date())


def test_outcome_is_kept(uri: str) -> None:
    """F4: a report says when the log was last verified, how much of it, and what was found."""
    site = four_days(uri)
    assert last(site) is None
    verify(site)
    assert (last(site).made_on, last(site).events, last(site).mistakes) == (site.clock.now.date(), 16, 0)
    assert last(site).reached == date(2026, 11, 23), "the only day that is not new"

    behind(site, take_day)
    verify(site)

    assert (last(site).events, last(site).mistakes) == (12, 2)
    assert Counter(row["source"] for row in rows_of(site, "counts"))[VERIFIED] == 1, "one row for each day"


@pytest.mark.parametrize(
    "values",
    [{"counts": {"events": 9, "mistakes": 0, "reached": None}}, {"mac": "0" * 64}, {"counts": []}, {"day": FIRST}],
    ids=["counts", "mac", "no outcome", "another day"],
)
def test_forged_outcome_is_ignored(values: dict[str, Any], uri: str) -> None:
    """F4: whoever has no key cannot say that all was well, nor that the older days have had their turn."""
    site = four_days(uri)
    verify(site)
    counts = tables_of(site).counts
    behind(
        site,
        lambda connection, tables: connection.execute(
            sa.update(counts.table).where(counts.c.source == VERIFIED).values(values)
        ),
    )

    assert last(site) is None
    day = values.get("day", site.clock.now.date())
    assert verify(site) == [f"counts of {day} (verified): {BY_SOMEBODY}"]


def test_outcomes_of_sites_are_their_own() -> None:
    """F4: two sites that share a log verify it each for itself."""
    site = four_days()
    verify(site)
    with site.app.app_context():
        assert last_verified(tables_of(site), site.factory.keys, "another", site.clock().date()) is None


def test_database_that_takes_no_writes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """F4: a copy that can only be read is verified as well, and its outcome is not kept."""
    site = four_days(f"sqlite:///{tmp_path}/log.db", COOKIECONSENT_LOG_SCOPE="shop")
    address = f"sqlite:///file:{tmp_path}/log.db?mode=ro&uri=true"
    copy = make_site(uri=address, tables=False, clock=site.clock, COOKIECONSENT_LOG_SCOPE="shop")

    status, said = command(copy, "verify")

    assert (status, said[:18], said.splitlines(keepends=True)[-1]) == (0, "Checked: 16 events", WHOLE)
    assert last(site) is None
    assert "outcome of the verification not kept" in caplog.text
    behind(site, take_day)
    assert command(copy, "verify")[0] == 1


def test_events_that_were_put_aside(tmp_path: Path) -> None:
    """F5: what waits and cannot be taken is told, because it is not in the log."""
    site = four_days(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path))
    (tmp_path / "x.bad").write_text("{}")

    assert verify(site) == [f"spool {tmp_path}: 1 events put aside, which are not in the log; see its log lines"]


def test_two_verify_at_once() -> None:
    """F4: whoever is second keeps an outcome too."""
    site = four_days()
    with site.app.app_context():
        verifications: Iterable[Verification] = [site.log.verify(), site.log.verify()]
        assert [list(each) for each in verifications] == [[], []]
        keep_verified(tables_of(site), site.factory.keys, site.factory.scope, last(site))
    assert Counter(row["source"] for row in rows_of(site, "counts"))[VERIFIED] == 1
