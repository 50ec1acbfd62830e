"""Seals of finished days, and the check that finds what was edited, taken away or put into the log (F4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.notices import Notice, digest

from .events import event_of, is_genuine, mac_of
from .models import engine_of, event_model, notice_model, seal_model
from .statistics import Condition

_ID_BYTES = 16


_NOTICE = (*Notice.__dataclass_fields__, "first_used", "place")


_SEALED = ("day", "count", "root", "ids", "previous")


def seal(db: SQLAlchemy, key: bytes, now: datetime) -> list[date]:
    """Seal every finished day that holds events and has no seal yet, oldest first; needs an app context.

    A day is finished when the next one is over too: an event may have waited on disk while the database was away.
    Rows that go before they are sealed, and the newest seals if they go with their rows, are not missed by `verify`.
    """
    model, table = seal_model(db), seal_model(db).__table__
    last_day = now.date() - timedelta(days=2)
    done: list[date] = []
    with engine_of(db, model).connect() as connection:
        newest = connection.execute(sa.select(table).order_by(table.c.day.desc()).limit(1)).mappings().first()
    previous = newest["mac"] if newest else ""
    for day in _days(db, newest["day"] if newest else None, last_day):
        rows = list(_rows_of(db, day))
        values = {"day": day, "count": len(rows), "root": _root(rows), "ids": _packed(rows), "previous": previous}
        previous = mac_of(_signable(values), key)
        empty = {"purged": b"", "purge_mac": _purge_mac(day, b"", key)}
        try:
            with engine_of(db, model).begin() as connection:
                connection.execute(sa.insert(table).values(**values, mac=previous, **empty))
        except sa.exc.IntegrityError:  # another server seals the same days
            return done
        done.append(day)
    return done


def verify(db: SQLAlchemy, keys: Sequence[bytes]) -> Iterator[str]:
    """Yield a sentence for every row that is not as it was written, or not there any more; needs an app context."""
    yield from _wrong_notices(db, keys)
    table = event_model(db).__table__
    with engine_of(db, event_model(db)).connect() as connection:
        query = sa.select(table).order_by(table.c.id).execution_options(yield_per=1_000)
        for row in connection.execute(query).mappings():
            if not is_genuine(asdict(event_of(row)), keys):
                yield f"event {row['id']}: changed, or put in by somebody without the key"
    yield from _wrong_seals(db, keys)


def _wrong_notices(db: SQLAlchemy, keys: Sequence[bytes]) -> Iterator[str]:
    table = notice_model(db).__table__
    with engine_of(db, notice_model(db)).connect() as connection:
        for row in connection.execute(sa.select(table)).mappings():
            signed = {name: row[name] for name in (*_NOTICE, "mac")}
            if digest(row["snapshot"]) != row["digest"]:
                yield f"notice {row['digest']}: changed, its text is another one's"
            elif not is_genuine(signed, keys):
                yield f"notice {row['digest']}: changed, or put in by somebody without the key"


def _wrong_seals(db: SQLAlchemy, keys: Sequence[bytes]) -> Iterator[str]:
    table = seal_model(db).__table__
    with engine_of(db, seal_model(db)).connect() as connection:
        seals = list(connection.execute(sa.select(table).order_by(table.c.day)).mappings())
    previous = ""
    for found in seals:
        if found["previous"] != previous:
            yield f"seal of {found['day']}: changed, or the seal before it is gone"
        yield from _wrong_seal(db, found, keys)
        previous = found["mac"]


def _wrong_seal(db: SQLAlchemy, found: Mapping[Any, Any], keys: Sequence[bytes]) -> Iterator[str]:
    day = found["day"]
    if not is_genuine(_signable(found) | {"mac": found["mac"]}, keys):
        yield f"seal of {day}: changed by somebody without the key"
    if not any(found["purge_mac"] == _purge_mac(day, found["purged"], key) for key in keys):
        yield f"seal of {day}: the note of what retention took was changed"
    rows = list(_rows_of(db, day))
    sealed, purged = _unpacked(found["ids"]), set(_unpacked(found["purged"]))
    present = {row["id"] for row in rows}
    for missing in sealed:
        if missing not in present and missing not in purged:
            yield f"event {missing}: taken away after {day} was sealed"
    if not purged and set(sealed) == present and _root(rows) != found["root"]:
        yield f"seal of {day}: the signatures of its events are not those that were sealed"


def condition(db: SQLAlchemy, keys: Sequence[bytes], now: datetime, waiting: int, most_waiting: int) -> Condition:
    """Return how the log is, at a glance: the newest sealed day is checked, and no other; needs an app context."""
    table = seal_model(db).__table__
    with engine_of(db, seal_model(db)).connect() as connection:
        newest = connection.execute(sa.select(table).order_by(table.c.day.desc()).limit(1)).mappings().first()
    return Condition(
        sealed_until=newest["day"] if newest else None,
        mistakes=tuple(_wrong_seal(db, newest, keys)) if newest else (),
        days_to_seal=len(_days(db, newest["day"] if newest else None, now.date() - timedelta(days=2))),
        waiting=waiting,
        most_waiting=most_waiting,
    )


def note_purged(
    connection: sa.Connection, table: sa.Table, taken: Mapping[date, Iterable[str]], keys: Sequence[bytes]
) -> None:
    """Write on the seals of their days which events have been taken, on a connection that has just deleted them."""
    # Others may take events of the same days. SQLite has let nobody else write since the caller deleted; servers lock
    # here, each in the order of days, so that no two wait for each other.
    for day, ids in sorted(taken.items()):
        query = sa.select(table).where(table.c.day == day).with_for_update()
        row = connection.execute(query).mappings().first()
        if row is None:
            continue
        purged = row["purged"] + b"".join(bytes.fromhex(each) for each in ids)
        values = {"purged": purged, "purge_mac": _purge_mac(day, purged, keys[0])}
        connection.execute(sa.update(table).where(table.c.day == day).values(**values))


def _days(db: SQLAlchemy, after: date | None, last: date) -> list[date]:
    table = event_model(db).__table__
    with engine_of(db, event_model(db)).connect() as connection:
        first, final = connection.execute(sa.select(sa.func.min(table.c.time), sa.func.max(table.c.time))).one()
    if first is None:
        return []
    start = max(first.date(), after + timedelta(days=1)) if after else first.date()
    return [start + timedelta(days=n) for n in range((min(last, final.date()) - start).days + 1)]


def _rows_of(db: SQLAlchemy, day: date) -> Iterator[Mapping[Any, Any]]:
    table = event_model(db).__table__
    start = datetime.combine(day, time())
    within = sa.and_(table.c.time >= start, table.c.time < start + timedelta(days=1))
    with engine_of(db, event_model(db)).connect() as connection:
        query = sa.select(table.c.id, table.c.mac).where(within).order_by(table.c.id)
        yield from connection.execute(query).mappings()


def _root(rows: Iterable[Mapping[Any, Any]]) -> str:
    """Return the root of a Merkle tree over the signatures: whoever has it can check a single one by its path."""
    level = [hashlib.sha256(b"\0" + row["mac"].encode()).digest() for row in rows]
    while len(level) > 1:
        pairs = [level[place : place + 2] for place in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\1" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0].hex() if level else ""


def _packed(rows: Iterable[Mapping[Any, Any]]) -> bytes:
    return b"".join(bytes.fromhex(row["id"]) for row in rows)


def _unpacked(ids: bytes) -> list[str]:
    return [ids[place : place + _ID_BYTES].hex() for place in range(0, len(ids), _ID_BYTES)]


def _signable(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: row[name].hex() if isinstance(row[name], bytes) else row[name] for name in _SEALED}


def _purge_mac(day: date, purged: bytes, key: bytes) -> str:
    return mac_of({"day": day, "purged": purged.hex()}, key)
