"""What somebody does to the log behind its back is found and named (F4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection, Table

from flask_cookieconsent import SampleEvent
from flask_cookieconsent.log import seals
from flask_cookieconsent.log.models import event_model, notice_model, seal_model
from tests.kit.sites import NOON, Clock, Site, make_site


def filled(uri: str = "sqlite://") -> Site:
    """Return a site whose log holds four days, all but the last two of them sealed."""
    clock = Clock()
    site = make_site(clock=clock, uri=uri)
    for _ in range(4):
        visitor = site.visitor()
        for choice in ("accept", "withdraw", "accept"):
            visitor.choose(choice)
        site.visitor().choose("reject")
        clock.forward(days=1)
    assert command(site, "seal") == (0, "Sealed: 2026-11-23, 2026-11-24, 2026-11-25.\n")
    return site


def command(site: Site, name: str) -> tuple[int, str]:
    result = site.app.test_cli_runner().invoke(args=["cookieconsent", name])
    return result.exit_code, result.output


def tamper(site: Site, change: Callable[[Connection, Table], Any], model: Any = event_model) -> Any:
    table = model(site.db).__table__
    with site.app.app_context(), site.db.engine.begin() as connection:
        return change(connection, table)


def first_id(connection: Connection, table: Table) -> str:
    return str(connection.scalar(sa.select(table.c.id).order_by(table.c.id).limit(1)))


def edit(connection: Connection, table: Table) -> str:
    id = first_id(connection, table)
    connection.execute(sa.update(table).where(table.c.id == id).values(choices={"films": "granted"}))
    return id


def delete(connection: Connection, table: Table) -> str:
    id = first_id(connection, table)
    connection.execute(sa.delete(table).where(table.c.id == id))
    return id


def insert(connection: Connection, table: Table) -> str:
    row = dict(connection.execute(sa.select(table).limit(1)).mappings().one())
    connection.execute(sa.insert(table).values(**row | {"id": "0" * 32}))
    return "0" * 32


def replay(connection: Connection, table: Table) -> str:
    row = dict(connection.execute(sa.select(table).limit(1)).mappings().one())
    later = row | {"id": "f" * 32, "time": row["time"] + timedelta(days=9)}
    connection.execute(sa.insert(table).values(**later))
    return "f" * 32


def reorder(connection: Connection, table: Table) -> str:
    one, other = connection.execute(sa.select(table).order_by(table.c.id).limit(2)).mappings().all()
    for row, id in ((one, "x"), (other, one["id"]), ({"id": "x"}, other["id"])):
        connection.execute(sa.update(table).where(table.c.id == row["id"]).values(id=id))
    return str(one["id"])


def swap_notice(connection: Connection, table: Table) -> str:
    id = first_id(connection, table)
    connection.execute(sa.update(table).where(table.c.id == id).values(notice="0" * 64))
    return id


def truncate(connection: Connection, table: Table) -> str:
    id = first_id(connection, table)
    connection.execute(sa.delete(table))
    return id


@pytest.mark.parametrize("change", [edit, delete, insert, replay, reorder, swap_notice, truncate])
def test_tampering_is_found_and_named(change: Callable[[Connection, Table], str], uri: str) -> None:
    """F4: whoever has the database and not the key cannot change the past unseen."""
    site = filled(uri)
    assert command(site, "verify") == (0, "The log is as it was written.\n")

    id = tamper(site, change)
    status, said = command(site, "verify")

    assert status == 1
    assert id in said


def test_text_of_a_notice_is_found() -> None:
    """F4, F2: what visitors saw cannot be rewritten under its digest."""
    site = filled()
    digest = tamper(
        site,
        lambda connection, table: (
            connection.execute(sa.update(table).values(snapshot="{}")),
            connection.scalar(sa.select(table.c.digest)),
        )[1],
        notice_model,
    )

    assert command(site, "verify") == (1, f"notice {digest}: changed, its text is another one's\n")


@pytest.mark.parametrize(
    "changed", [{"html": "<p>Something else</p>"}, {"first_used": date(2020, 1, 1)}, {"sequence": 9}]
)
def test_looks_of_a_notice_are_signed(changed: dict[str, Any]) -> None:
    """F4, F2: nor what it looked like, nor since when it was shown."""
    site = filled()
    tamper(site, lambda connection, table: str(connection.execute(sa.update(table).values(**changed))), notice_model)

    status, said = command(site, "verify")
    assert status == 1
    assert "changed, or put in by somebody without the key" in said


def test_missing_notice_is_found() -> None:
    """F4, F2: a notice that events name cannot be taken away unseen."""
    site = filled()
    tamper(site, lambda connection, table: connection.execute(sa.delete(table)), notice_model)

    assert command(site, "verify") == (1, f"notice {site.digest}: taken away, though events name it\n")


def test_samples_name_no_notice() -> None:
    """F2: invented events answer to nothing, so that nothing is missed."""
    site = make_site()
    with site.app.app_context():
        site.consent.add_samples([SampleEvent(age=timedelta(), kind="given", method="banner", locale="en")])

    assert command(site, "verify")[0] == 0


#: What SQLite keeps in a column, whatever its type is; the first event of the log, or a new one, is made strange.
STRANGE: dict[str, dict[str, Any]] = {
    "signature in other letters": {"mac": "é" * 64},
    "bytes as signature": {"mac": b"\xff\xfe"},
    "choices that are no JSON": {"choices": "not json"},
    "deep choices": {"choices": "[" * 100_000},
    "a time that is none": {"time": "x"},
    "a time in the range that is none": {"time": "2026-11-23 99:00"},
    "a number as time": {"time": 5},
    "bytes as kind": {"kind": b"\xff"},
    "text that is none": {"kind": "\udcff"},
    "an id that is no number": {"id": "no number at all"},
    "a short id": {"id": "00"},
}


def spoil(site: Site, table: str, key: str, values: dict[str, Any], *, is_new: bool) -> str:
    """Write values past their types into the first row of a table, or into a copy of it, and return its key."""
    with site.app.app_context(), site.db.engine.begin() as connection:
        columns = ", ".join(each["name"] for each in sa.inspect(connection).get_columns(table))
        first = f"(SELECT min({key}) FROM {table})"
        if is_new:
            copied = columns.replace(key, f"'{'0' * 32}'", 1)
            connection.exec_driver_sql(f"INSERT INTO {table} SELECT {copied} FROM {table} WHERE {key} = {first}")
        ((name, value),) = values.items()
        text = isinstance(value, str) and "\udcff" in value
        connection.exec_driver_sql(
            f"UPDATE {table} SET {name} = {'CAST(? AS TEXT)' if text else '?'} WHERE {key} = {first}",
            (b"\xff" if text else value,),
        )
        return str(value if name == key else connection.exec_driver_sql(f"SELECT min({key}) FROM {table}").scalar())


@pytest.mark.parametrize("is_new", [True, False])
@pytest.mark.parametrize("values", STRANGE.values(), ids=STRANGE)
def test_strange_events_stop_nothing(values: dict[str, Any], is_new: bool, tmp_path: Path) -> None:
    """F4: a row that cannot even be read is named, and so is the edited one beside it; days go on to be sealed."""
    site = filled(f"sqlite:///{tmp_path}/log.db")
    edited = tamper(site, edit_last)
    id = spoil(site, "cookieconsent_event", "id", values, is_new=is_new)
    status, said = command(site, "verify")

    assert status == 1
    assert f"event {id}: changed" in said
    assert f"event {edited}: changed" in said
    site.clock.forward(days=1)
    assert command(site, "seal") == (0, "Sealed: 2026-11-26.\n")
    site.clock.forward(days=3_000)
    status, said = command(site, "purge")
    assert (status, said[:27]) == (0, "Events taken out of the log")
    with site.app.app_context(), site.db.engine.connect() as connection:
        left = connection.exec_driver_sql("SELECT id FROM cookieconsent_event").scalars().all()
    assert left == ([id] if "time" in values else []), "what has no time is never old"


def edit_last(connection: Connection, table: Table) -> str:
    id = str(connection.scalar(sa.select(table.c.id).order_by(table.c.id.desc()).limit(1)))
    connection.execute(sa.update(table).where(table.c.id == id).values(locale="nl"))
    return id


@pytest.mark.parametrize(
    ("table", "key", "values"),
    [
        ("cookieconsent_notice", "digest", {"first_used": "x"}),
        ("cookieconsent_notice", "digest", {"snapshot": b"\xff"}),
        ("cookieconsent_notice", "digest", {"mac": "é"}),
        ("cookieconsent_seal", "day", {"ids": "text"}),
        ("cookieconsent_seal", "day", {"purged": 5}),
        ("cookieconsent_seal", "day", {"mac": "é"}),
        ("cookieconsent_seal", "day", {"day": "0"}),
        ("cookieconsent_seal", "day", {"day": "x"}),
    ],
)
def test_strange_notices_and_seals_stop_nothing(table: str, key: str, values: dict[str, Any], tmp_path: Path) -> None:
    """F4: the same for the other tables: named, and the rest is checked, sealed and erased all the same."""
    site = filled(f"sqlite:///{tmp_path}/log.db")
    edited = tamper(site, edit_last)
    name = spoil(site, table, key, values, is_new=False)
    status, said = command(site, "verify")

    assert status == 1
    assert f"{table.partition('_')[2]} {'of ' * (key == 'day')}{name}: changed" in said
    assert f"event {edited}: changed" in said
    site.clock.forward(days=1)
    assert command(site, "seal") == (0, "Sealed: 2026-11-26.\n")
    visitor = site.visitor()
    visitor.choose("accept")
    with site.app.app_context():
        assert site.log.erase(visitor.receipt or "") == 1
        assert site.log.report(NOON.date(), NOON.date()).condition.waiting == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda connection, table: connection.execute(sa.update(table).values(count=0)),
        lambda connection, table: connection.execute(
            sa.delete(table).where(table.c.day == sa.select(sa.func.min(table.c.day)).scalar_subquery())
        ),
        lambda connection, table: connection.execute(sa.update(table).values(purged=table.c.ids)),
    ],
    ids=["count", "first seal gone", "pretended purge"],
)
def test_seals_are_guarded(change: Callable[[Connection, Table], Any]) -> None:
    """F4: nor can the seals be changed to fit."""
    site = filled()
    tamper(site, change, seal_model)

    status, said = command(site, "verify")

    assert status == 1
    assert "seal of 2026-11-2" in said


def test_sealing_again_changes_nothing() -> None:
    """F4: one line a day, as often as one likes; a day is sealed once the next is over."""
    site = filled()
    assert command(site, "seal") == (0, "Every finished day is sealed.\n")
    site.clock.forward(days=1)
    assert command(site, "seal") == (0, "Sealed: 2026-11-26.\n")
    assert command(site, "verify")[0] == 0
    assert command(make_site(), "seal")[1] == "Every finished day is sealed.\n"


def test_two_servers_seal_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """F4: whoever is second finds the work done, and the chain of seals is whole."""
    site = filled()
    site.clock.forward(days=1)
    packed = seals._packed

    def overtaken(rows: Any) -> bytes:
        monkeypatch.setattr(seals, "_packed", packed)
        assert command(site, "seal") == (0, "Sealed: 2026-11-26.\n")
        return packed(rows)

    monkeypatch.setattr(seals, "_packed", overtaken)

    assert command(site, "seal") == (0, "Every finished day is sealed.\n")
    assert command(site, "verify") == (0, "The log is as it was written.\n")


def test_log_under_an_older_key_is_genuine() -> None:
    """F4: keys rotate, and the log of years stays what it was."""
    site = make_site(SECRET_KEY="the new key of a site", SECRET_KEY_FALLBACKS=["a key for tests only"])
    old = make_site()
    old.visitor().choose("accept")
    table = event_model(old.db).__table__
    with old.app.app_context(), old.db.engine.connect() as connection:
        rows = [dict(each) for each in connection.execute(sa.select(table)).mappings()]
    tamper(site, lambda connection, table: connection.execute(sa.insert(table), rows))
    site.visitor().choose("accept")

    assert command(site, "verify")[0] == 0


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
