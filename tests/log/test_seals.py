"""Seals hold what a finished day held, whatever clocks, keys and strange rows there are (F4)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from flask_cookieconsent.log import seals
from flask_cookieconsent.log.seals import DayHash, Multiset, erased_ids
from flask_cookieconsent.log.tables import Tables
from tests.kit.sites import NOON, Clock, Site, make_app, make_site
from tests.kit.tampering import SEALED, WHOLE, behind, command, four_days, one_day, put_in, rows_of, tables_of

# -- multiset hashes ---------------------------------------------------------------------------------------------------

_MACS = st.lists(st.text(st.characters(codec=None), max_size=8), max_size=8)


@given(_MACS, st.randoms())
def test_order_is_nothing_to_a_multiset(macs: list[str], chance: Any) -> None:
    """F4: rows come in any order, one at a time, and some of them can be added up by themselves."""
    shuffled = list(macs)
    chance.shuffle(shuffled)
    half = len(macs) // 2

    assert Multiset.of(macs, b"key") == Multiset.of(shuffled, b"key")
    assert Multiset.of(macs, b"key") == Multiset.of(macs[:half], b"key") + Multiset.of(macs[half:], b"key")
    assert Multiset.read(len(macs), Multiset.of(macs, b"key").text) == Multiset.of(macs, b"key")


@given(_MACS, st.text(max_size=8))
def test_multiset_twin(macs: list[str], more: str) -> None:
    """F4: one more, the same once more, or another key, and it is another one."""
    found = Multiset.of(macs, b"key")

    assert Multiset.of([*macs, more], b"key") != found
    assert Multiset.of([*macs, more], b"key").hash != found.hash
    assert Multiset.of([*macs, more], b"key").hash != Multiset.of([*macs, more, more], b"key").hash
    assert Multiset.of([*macs, more], b"another").hash != Multiset.of([*macs, more], b"key").hash


@given(st.lists(st.tuples(st.sampled_from(["refused", "given", None, 5, b"\xff"]), st.text(max_size=4) | st.binary())))
def test_day_hash_takes_whatever_is_written(rows: list[tuple[Any, Any]]) -> None:
    """F4: refusals are counted by themselves, and what somebody has written counts as something else."""
    found = DayHash(b"key")
    for kind, mac in rows:
        found.add(kind, mac)

    assert found.refusals == Multiset.of([str(mac) for kind, mac in rows if kind == "refused"], b"key")
    assert found.others == Multiset.of([str(mac) for kind, mac in rows if kind != "refused"], b"key")


# -- days and their chain ----------------------------------------------------------------------------------------------


def test_seal_holds_its_day(uri: str) -> None:
    """F4: the numbers of a day, and the signature of the seal before."""
    first, middle, newest = rows_of(four_days(uri), "seals")

    assert [row["day"] for row in (first, middle, newest)] == list(SEALED)
    assert {(row["refusals"], row["others"]) for row in (first, middle, newest)} == {(1, 3)}
    assert (first["previous"], middle["previous"], newest["previous"]) == ("", first["mac"], middle["mac"])


def test_sealing_again_changes_nothing(uri: str) -> None:
    """F4: one line a day, as often as one likes; a day is sealed once the next is over, and the head is told."""
    site = four_days(uri)
    head = f"Head, to keep elsewhere: {rows_of(site, 'seals')[-1]['mac']}\n"
    assert command(site, "seal") == (0, f"Every finished day is sealed.\n{head}")
    site.clock.forward(days=1)
    status, said = command(site, "seal")
    assert (status, said.splitlines()[0]) == (0, "Sealed: 2026-11-26.")
    assert said.splitlines()[1] == f"Head, to keep elsewhere: {rows_of(site, 'seals')[-1]['mac']}"
    assert command(site, "verify")[0] == 0
    assert command(make_site(), "seal")[1] == "Every finished day is sealed.\n"


def test_day_of_nothing_has_no_seal() -> None:
    """F4: days are sealed that have events; the chain goes on over the others."""
    site = four_days()
    site.clock.forward(days=5)
    site.visitor().choose("accept")
    site.clock.forward(days=2)

    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-12-02.\n")
    assert command(site, "verify")[0] == 0


def test_two_servers_seal_at_once(monkeypatch: pytest.MonkeyPatch, uri: str) -> None:
    """F4: whoever is second finds the work done, and the chain of seals is whole."""
    site = four_days(uri)
    site.clock.forward(days=1)
    read = seals._kinds_and_macs

    def overtaken(*args: Any) -> Any:
        monkeypatch.setattr(seals, "_kinds_and_macs", read)
        assert command(site, "seal")[1].startswith("Sealed: 2026-11-26.\n")
        return read(*args)

    monkeypatch.setattr(seals, "_kinds_and_macs", overtaken)

    assert command(site, "seal")[1].startswith("Every finished day is sealed.\n")
    assert command(site, "verify")[1].endswith(WHOLE)
    assert len(rows_of(site, "seals")) == 4


# -- keys --------------------------------------------------------------------------------------------------------------

OLD, NEW = "a key for tests only", "the new key of a site"


def rotated(old: Site, uri: str, *, keeps: bool = True) -> Site:
    """Return the same site under a new key, with the old one as a fallback or lost."""
    config = {"SECRET_KEY": NEW, "SECRET_KEY_FALLBACKS": [OLD] if keeps else []}
    return make_site(uri=uri, clock=old.clock, COOKIECONSENT_LOG_SCOPE="shop", **config)


def test_seals_under_an_older_key(uri: str) -> None:
    """F4: keys rotate, and the seals of years hold what they held; what goes on such a day is missed."""
    old = four_days(uri, COOKIECONSENT_LOG_SCOPE="shop")
    site = rotated(old, uri)
    one_day(site)
    site.clock.forward(days=1)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")
    assert command(site, "verify")[1].endswith(WHOLE)

    day = SEALED[0]
    behind(site, lambda connection, tables: take_others(connection, tables, day))

    assert f"events of {day}: 3 taken away after the day was sealed\n" in command(site, "verify")[1]


def test_lost_key_is_told(uri: str) -> None:
    """F4: the bad twin: without the old key as a fallback nothing of it can be vouched for."""
    old = four_days(uri, COOKIECONSENT_LOG_SCOPE="shop")
    site = rotated(old, uri, keeps=False)

    status, said = command(site, "verify")

    assert status == 1
    assert all(f"seal of {day}: changed, or put in by somebody without the key\n" in said for day in SEALED)


def take_others(connection: sa.Connection, tables: Tables, day: date) -> None:
    events = tables.events.table
    connection.execute(sa.delete(events).where(events.c.recorded_on == day, events.c.kind != "refused"))


def test_erasing_on_a_day_under_an_older_key(uri: str) -> None:
    """F4, F7: a bearer erases what was sealed under an older key, and the day is as whole as before."""
    old = four_days(uri, COOKIECONSENT_LOG_SCOPE="shop")
    visitor = old.visitor()
    for _ in range(2):
        visitor.choose("save", "films")
        visitor.choose("save", "posts")
        old.clock.forward(days=1)
    old.clock.forward(days=1)
    command(old, "seal")
    site = rotated(old, uri)

    with site.app.app_context():
        assert site.log.erase(visitor.receipt or "") == 4

    assert command(site, "verify")[1].endswith(WHOLE)
    assert [len(erased_ids(row)) for row in rows_of(site, "seals")] == [0, 0, 0, 0, 2, 2]
    assert command(rotated(old, uri), "verify", "--whole")[1].endswith(WHOLE)


def test_log_under_an_older_key_is_genuine(uri: str) -> None:
    """F4: nor do rows have to be signed anew."""
    old = make_site(uri=uri, COOKIECONSENT_LOG_SCOPE="shop")
    old.visitor().choose("accept")
    site = rotated(old, uri)
    site.visitor().choose("accept")

    assert command(site, "verify")[0] == 0
    assert command(rotated(old, uri, keeps=False), "verify")[0] == 1


def test_own_key_rotates() -> None:
    """F4, D3: with a key of the extension's own too, what an older one signed stays valid while it is a fallback."""
    first, second = "the first key of all", "the second key of all"
    old = make_site(COOKIECONSENT_SECRET_KEY=first)
    visitor = old.visitor()
    visitor.choose("accept")
    cookie = visitor.cookie()

    new = make_site(COOKIECONSENT_SECRET_KEY=second, COOKIECONSENT_SECRET_KEY_FALLBACKS=[first])
    lost = make_site(COOKIECONSENT_SECRET_KEY=second)
    for site, count in ((new, 5), (lost, 0)):
        other = site.visitor()
        other.client.set_cookie("cookieconsent", cookie or "")
        assert len(other.allowed()) == count


# -- clocks ------------------------------------------------------------------------------------------------------------


def held(site: Site) -> int:
    """Return how many events the seals hold."""
    return sum(row["refusals"] + row["others"] for row in rows_of(site, "seals"))


def test_clock_that_was_ahead(uri: str) -> None:
    """F4: days that were sealed ten days ahead let no event of the days after go without a seal."""
    site = four_days(uri)
    before = len(rows_of(site))
    site.clock.forward(days=10)
    one_day(site)
    site.clock.forward(days=1)
    command(site, "seal")
    site.clock.forward(days=-12)
    for _ in range(16):
        one_day(site)
        command(site, "seal")
        assert command(site, "verify")[1].endswith(WHOLE)
    site.clock.forward(days=2)
    command(site, "seal")

    rows = rows_of(site)
    assert held(site) == len(rows) == before + 4 + 16 * 4
    assert {row["recorded_on"] for row in rows} == {row["day"] for row in rows_of(site, "seals")}


@pytest.mark.parametrize("number", [17, 21, 30, 60, 80])
def test_clock_that_was_ahead_twin(number: int) -> None:
    """F4: whichever of them is taken away, it is missed."""
    site = four_days()
    site.clock.forward(days=10)
    one_day(site)
    site.clock.forward(days=1)
    command(site, "seal")
    site.clock.forward(days=-12)
    for _ in range(16):
        one_day(site)
    site.clock.forward(days=2)
    command(site, "seal")
    events = tables_of(site).events.table
    id = sorted(rows_of(site), key=lambda row: (row["recorded_on"], row["id"]))[number - 1]["id"]

    behind(site, lambda connection, tables: connection.execute(sa.delete(events).where(events.c.id == id)))

    status, said = command(site, "verify")
    assert (status, said.count(": 1 taken away after the day was sealed\n")) == (1, 1)


def test_clock_that_goes_back_in_a_running_server(uri: str) -> None:
    """F4: rows go to the first day without a seal, and never into a day that has one, until the clock is there."""
    site = four_days(uri)
    site.clock.forward(days=-3)
    site.visitor().choose("accept")
    (late,) = [row for row in rows_of(site) if row["id"] not in ids_of_days(site)]

    assert late["time"].date() == date(2026, 11, 24)
    assert late["recorded_on"] == date(2026, 11, 26)
    assert command(site, "verify")[1].endswith(WHOLE)


def ids_of_days(site: Site) -> set[str]:
    return {row["id"] for row in rows_of(site) if row["recorded_on"] == row["time"].date()}


@pytest.mark.parametrize("minutes", [0, 2])
def test_another_process_seals_days_ahead(uri: str, minutes: int) -> None:
    """F4: a server that runs while a command seals with a clock that is ahead puts no row into a day with a seal."""
    site = four_days(uri, COOKIECONSENT_LOG_SCOPE="shop")
    site.visitor().choose("accept")
    ahead = Clock(site.clock.now + timedelta(days=10))
    other = make_site(uri=uri, clock=ahead, COOKIECONSENT_LOG_SCOPE="shop")
    command(other, "seal")
    site.clock.forward(minutes=minutes)  # no process asks for the newest seal before each choice

    site.visitor().choose("accept")
    command(site, "seal")

    assert max(row["recorded_on"] for row in rows_of(site)) == date(2026, 11, 28)
    assert command(site, "verify")[1].endswith(WHOLE)


def test_late_events_are_sealed_with_the_day_on_which_they_came(tmp_path: Path) -> None:
    """F4, F5: what waited on disk while its day was sealed is held by the seal of a later one."""
    app = make_app(COOKIECONSENT_SPOOL_FOLDER=str(tmp_path / "spool"))
    site = make_site(app=app, uri=f"sqlite:///{tmp_path}/log.db", clock=Clock())
    table = tables_of(site).events.table
    site.visitor().choose("accept")
    behind(site, lambda connection, tables: connection.execute(sa.text(f"ALTER TABLE {table.name} RENAME TO away")))
    site.clock.forward(days=1)
    site.visitor().choose("accept")
    behind(site, lambda connection, tables: connection.execute(sa.text(f"ALTER TABLE away RENAME TO {table.name}")))
    site.clock.forward(days=4)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-23.\n")
    assert command(site, "replay")[1] == "Events that waited and are in the log now: 1.\n"
    site.clock.forward(days=2)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-28.\n")
    (late,) = [row for row in rows_of(site) if row["recorded_on"] != row["time"].date()]
    assert (late["time"].date(), late["recorded_on"]) == (date(2026, 11, 24), date(2026, 11, 28))
    assert command(site, "verify")[1].endswith(WHOLE)

    behind(site, lambda connection, tables: connection.execute(sa.delete(table).where(table.c.id == late["id"])))

    assert "events of 2026-11-28: 1 taken away after the day was sealed\n" in command(site, "verify")[1]


# -- strange rows ------------------------------------------------------------------------------------------------------

#: What SQLite keeps in a column, whatever its type is; an event of the log, or a new one, is made strange.
STRANGE: dict[str, dict[str, Any]] = {
    "signature in other letters": {"mac": "é" * 64},
    "bytes as signature": {"mac": b"\xff\xfe"},
    "signature of half a character": {"mac": "\udcff"},
    "choices that are no JSON": {"choices": "not json"},
    "deep choices": {"choices": "[" * 100_000},
    "choices that are a list": {"choices": "[]"},
    "a time that is none": {"time": "x"},
    "a number as time": {"time": 5},
    "a day that is none": {"recorded_on": "x"},
    "a day among others that is none": {"recorded_on": "2026-11-24x"},
    "a number as day": {"recorded_on": 5},
    "bytes as day": {"recorded_on": b"\xff"},
    "bytes as kind": {"kind": b"\xff"},
    "text that is none": {"kind": "\udcff"},
    "a kind that is none": {"kind": "x"},
    "bytes as scope": {"scope": b"\xff"},
    "bytes as receipt": {"receipt": b"\xff"},
    "no receipt": {"receipt": None},
    "text as number": {"validity": "x"},
    "bytes as id": {"id": b"\xff"},
    "an id that is no number": {"id": "no number at all"},
    "a short id": {"id": "00"},
    "an id in capitals": {"id": "ABCDEF" * 5 + "00"},
    "an id with spaces": {"id": "00 11 "},
}


def spoil(site: Site, table: str, key: str, where: str, values: dict[str, Any], *, is_new: bool) -> str:
    """Write values past their types into a row of a table, or into a copy of it, and return its key."""
    with site.app.app_context(), site.db.engine.begin() as connection:
        columns = ", ".join(each["name"] for each in sa.inspect(connection).get_columns(table))
        id = connection.exec_driver_sql(f"SELECT min({key}) FROM {table} WHERE {where}").scalar()
        if is_new:
            copied = columns.replace(key, f"'{'0' * 32}'", 1)
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT {copied} FROM {table} WHERE {key} = ?", (id,))
            id = "0" * 32
        ((name, value),) = values.items()
        is_text = isinstance(value, str) and "\udcff" in value
        new = b"\xff" if is_text else value
        change = f"UPDATE {table} SET {name} = {'CAST(? AS TEXT)' if is_text else '?'} WHERE {key} = ?"
        connection.exec_driver_sql(change, (new, id))
        return str(value if name == key else id)


@pytest.mark.parametrize(
    ("day", "is_new"), [("2026-11-23", False), ("2026-11-26", True)], ids=["a sealed one", "one that is put in"]
)
@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_strange_events_stop_nothing(values: dict[str, Any], day: str, is_new: bool, tmp_path: Path) -> None:
    """F4: a row that cannot even be read is named, and all goes on: seals, reports, erasing, retention."""
    site = four_days(f"sqlite:///{tmp_path}/log.db")
    visitor = site.visitor()
    visitor.choose("accept")
    where = f"recorded_on = '{day}' AND kind = 'given'"
    id = spoil(site, "cookieconsent_event", "id", where, values, is_new=is_new)

    for args in ((), ("--whole",)):
        status, said = command(site, "verify", *args)
        assert status == 1
        assert f"event {id}: changed" in said
    site.clock.forward(days=2)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")
    assert command(site, "stats")[0] == 0
    with site.app.app_context():
        assert site.log.erase(visitor.receipt or "") == 1
        assert site.log.report(NOON.date(), NOON.date()).condition.days_to_seal == 0
        assert f"events of {date(2026, 11, 27)}" not in "".join(site.log.verify(whole=True))
    site.clock.forward(days=3_000)
    status, said = command(site, "purge")
    assert (status, said[:27]) == (0, "Events taken out of the log")
    with site.app.app_context(), site.db.engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT id FROM cookieconsent_event").scalars().all()
    assert left == ([id] if "recorded_on" in values else []), "what has no day is never old"


@pytest.mark.parametrize(
    ("table", "key", "values"),
    [
        ("notice", "digest", {"first_used": "x"}),
        ("notice", "digest", {"snapshot": b"\xff"}),
        ("notice", "digest", {"mac": "é"}),
        ("seal", "day", {"refusals": "text"}),
        ("seal", "day", {"others_hash": "text"}),
        ("seal", "day", {"erased": "text"}),
        ("seal", "day", {"erased": 5}),
        ("seal", "day", {"erased_hash": b"\xff"}),
        ("seal", "day", {"refusals_purged": 5}),
        ("seal", "day", {"others_purged": b"\xff"}),
        ("seal", "day", {"mac": "é"}),
        ("seal", "day", {"mac": b"\xff"}),
        ("seal", "day", {"previous": 5}),
        ("seal", "day", {"note_mac": b"\xff"}),
        ("seal", "day", {"day": "0"}),
        ("seal", "day", {"day": "x"}),
        ("seal", "day", {"day": "2026-11-24x"}),
        ("seal", "day", {"day": 5}),
    ],
)
@pytest.mark.parametrize("which", ["min", "max"])
def test_strange_notices_and_seals_stop_nothing(
    table: str, key: str, values: dict[str, Any], which: str, tmp_path: Path
) -> None:
    """F4: the same for the other tables: named, and the rest is checked, sealed, erased and purged all the same."""
    site = four_days(f"sqlite:///{tmp_path}/log.db")
    visitor = site.visitor()
    visitor.choose("accept")
    site.clock.forward(days=2)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")
    name = f"cookieconsent_{table}"
    spoilt = spoil(site, name, key, f"{key} = (SELECT {which}({key}) FROM {name})", values, is_new=False)
    status, said = command(site, "verify")

    assert status == 1
    assert f"{table} {'of ' * (key == 'day')}{spoilt}: " in said
    assert "Checked: 17 events" in said
    site.visitor().choose("reject")
    site.clock.forward(days=2)
    assert "2026-11-29.\n" in command(site, "seal")[1]
    with site.app.app_context():
        assert site.log.erase(visitor.receipt or "") == 1
        assert site.log.report(NOON.date(), NOON.date()).condition.waiting == 0
    site.clock.forward(days=3_000)
    assert command(site, "purge", "--again")[0] == 0
    assert command(site, "verify")[0] == 1


def test_row_of_a_stranger_in_a_seal(tmp_path: Path) -> None:
    """F4: a row that cannot be read was there when its day was sealed; the others are missed all the same."""
    site = four_days(f"sqlite:///{tmp_path}/log.db")
    spoil(site, "cookieconsent_event", "id", "recorded_on = '2026-11-26'", {"mac": b"\xff"}, is_new=True)
    site.clock.forward(days=1)
    command(site, "seal")
    day = date(2026, 11, 26)
    behind(site, lambda connection, tables: take_others(connection, tables, day))

    assert f"events of {day}: " in command(site, "verify")[1]


def test_put_in_before_the_seal_is_still_named() -> None:
    """F4: a seal vouches for no row that nobody signed."""
    site = four_days()
    row = next(row for row in rows_of(site) if row["recorded_on"] == date(2026, 11, 26))
    forged = row | {"id": "f" * 32}
    behind(site, lambda connection, tables: put_in(site, connection, "events", [forged]))
    site.clock.forward(days=1)
    command(site, "seal")

    assert f"event {forged['id']}: changed, or put in by somebody without the key\n" in command(site, "verify")[1]


# -- what stops nobody -------------------------------------------------------------------------------------------------


def dated(site: Site, name: str, day: str, **values: Any) -> None:
    """Copy a row of a table under another day, whatever that is, as text, with other values as SQL."""
    table = getattr(tables_of(site), name).table
    day_of = {"events": "recorded_on", "seals": "day"}[name]
    names = [column.name for column in table.columns]
    as_sql = {day_of: f"'{day}'"} | values
    copied = ", ".join(as_sql.get(each, each) for each in names)
    copy = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT {copied} FROM {table.name} LIMIT 1"
    behind(site, lambda connection, tables: connection.execute(sa.text(copy)))


@pytest.mark.parametrize("day", ["2026-11-25 12:00", "2026-11-24x", "0000", "9999-12-31 12:00", "now"])
def test_day_that_is_none_hides_no_other(day: str) -> None:
    """F4: seals and purges go past a row whose day nobody can read, and `verify` names it."""
    site = four_days()
    dated(site, "events", day, id=f"'{'f' * 32}'")
    one_day(site)
    site.clock.forward(days=3)

    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")
    status, said = command(site, "verify")
    assert (status, said.count(f"event {'f' * 32}: changed")) == (1, 1)


@pytest.mark.parametrize("uri", ["postgresql"], indirect=True)
def test_day_that_no_calendar_of_ours_has(uri: str) -> None:
    """F4: PostgreSQL has a day after all others."""
    site = four_days(uri)
    dated(site, "events", "infinity", id=f"'{'f' * 32}'")
    one_day(site)
    site.clock.forward(days=3)

    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")


@pytest.mark.parametrize("mac", ["CAST(x'ff' AS TEXT)", "'0'", "5"])
@pytest.mark.parametrize("day", ["2027-01-01", "9999-12-31", "2027-01-01 12:00"])
def test_seal_of_somebody_else_far_ahead(day: str, mac: str) -> None:
    """F4, F5: choices are recorded today all the same, days are sealed, and the chain stays one."""
    site = four_days()
    dated(site, "seals", day, mac=mac)
    site.clock.forward(minutes=2)

    site.visitor().choose("accept")
    assert max(str(row["recorded_on"]) for row in rows_of(site)) == "2026-11-27"
    site.clock.forward(days=3)
    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26, 2026-11-27.\n")
    behind(
        site,
        lambda connection, tables: connection.execute(sa.text("DELETE FROM cookieconsent_seal WHERE day > '2027'")),
    )
    assert command(site, "verify")[1].endswith(WHOLE)


def test_no_second_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    """F4: where none of the newest seals is ours, `seal` says what to do, and begins nothing anew."""
    monkeypatch.setattr("flask_cookieconsent.log.sealed._MOST_FOREIGN", 2)
    site = four_days()
    for day in ("2027-01-01", "2027-01-02"):
        dated(site, "seals", day, mac="'0'")
    site.clock.forward(days=3)

    status, said = command(site, "seal")

    assert status == 1
    assert "wanted the old key in SECRET_KEY_FALLBACKS" in said


def test_names_that_differ_by_a_space(uri: str) -> None:
    """F4: MariaDB holds them for one, and a row that somebody has put in stops no seal."""
    site = four_days(uri, COOKIECONSENT_LOG_SCOPE="shop")
    dated(site, "events", "2026-11-26", id=f"'{'f' * 32}'", scope="'shop '")
    site.clock.forward(days=2)

    assert command(site, "seal")[1].startswith("Sealed: 2026-11-26.\n")
