"""Seals of finished days, an HMAC hash chain, and the check that finds edited, deleted and inserted rows (F4)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import Notice, digest

from .events import COLUMNS, Keys
from .models import LogTable, Tables
from .rows import Row
from .spool import MOST_WAITING, Spool
from .statistics import Condition

_ID_BYTES = 16
# The columns that are signed.
_NOTICE = (*Notice.__dataclass_fields__, "first_used", "sequence")
_SEALED = ("day", "count", "macs_digest", "ids", "previous")


def seal(tables: Tables, keys: Keys, now: datetime) -> list[date]:
    """Seal every finished day that has no seal yet, and return those days, oldest first; needs an app context.

    A day is finished when the next one is over too: an event may have waited in the spool. Rows that go before they are
    sealed, and the newest seals if they go with their rows, are not missed by `verify`.
    """
    before = _newest_seal(tables)
    sealed: list[date] = []
    for day in _days_to_seal(tables, before, now):
        seal = _seal_of(day, tables, keys, before)
        try:
            with tables.seals.begin() as connection:
                connection.execute(sa.insert(tables.seals.table), seal)
        except sa.exc.IntegrityError:  # another server seals the same days
            break
        sealed.append(day)
        before = seal
    return sealed


def _seal_of(day: date, tables: Tables, keys: Keys, before: Row | None) -> dict[str, Any]:
    rows = _rows_of(tables.events, day)
    seal = {
        "day": day,
        "count": len(rows),
        "macs_digest": _macs_digest(rows),
        "ids": _packed(row["id"] for row in rows),
        "previous": before["mac"] if before else "",
    }
    return seal | {"mac": keys.mac(_signable(seal)), "purged": b"", "purge_mac": keys.mac(_purge_note(day, b""))}


def verify(tables: Tables, keys: Keys) -> Iterator[str]:
    """Yield a sentence for every row that is not as it was written, or not there any more; needs an app context."""
    yield from _wrong_notices(tables.notices, keys)
    events = tables.events
    query = sa.select(*(events.c[name] for name in COLUMNS)).order_by(events.c.id)
    with events.connect() as connection:
        for row in connection.execute(query.execution_options(yield_per=1_000)).mappings():
            if not keys.is_genuine(row):
                yield f"event {row['id']}: changed, or put in by somebody without the key"
    yield from _wrong_seals(tables, keys)


def _wrong_notices(notices: LogTable, keys: Keys) -> Iterator[str]:
    with notices.connect() as connection:
        query = sa.select(*(notices.c[name] for name in (*_NOTICE, "mac")))
        for row in connection.execute(query).mappings():
            if digest(row["snapshot"]) != row["digest"]:
                yield f"notice {row['digest']}: changed, its text is another one's"
            elif not keys.is_genuine(row):
                yield f"notice {row['digest']}: changed, or put in by somebody without the key"


def _wrong_seals(tables: Tables, keys: Keys) -> Iterator[str]:
    with tables.seals.connect() as connection:
        seals = connection.execute(sa.select(tables.seals.table).order_by(tables.seals.c.day)).mappings().all()
    for before, seal in zip([None, *seals], seals, strict=False):
        if seal["previous"] != (before["mac"] if before else ""):
            yield f"seal of {seal['day']}: changed, or the seal before it is gone"
        yield from _wrong_seal(tables.events, seal, keys)


def _wrong_seal(events: LogTable, seal: Row, keys: Keys) -> Iterator[str]:
    day = seal["day"]
    if not keys.is_genuine(_signable(seal) | {"mac": seal["mac"]}):
        yield f"seal of {day}: changed by somebody without the key"
    if not keys.is_genuine(_purge_note(day, seal["purged"]) | {"mac": seal["purge_mac"]}):
        yield f"seal of {day}: the note of what retention took was changed"
    rows = _rows_of(events, day)
    sealed, purged = _unpacked(seal["ids"]), set(_unpacked(seal["purged"]))
    present = {row["id"] for row in rows}
    for id in sealed:
        if id not in present and id not in purged:
            yield f"event {id}: taken away after {day} was sealed"
    if not purged and set(sealed) == present and _macs_digest(rows) != seal["macs_digest"]:
        yield f"seal of {day}: the signatures of its events are not those that were sealed"


def condition(tables: Tables, keys: Keys, now: datetime, spool: Spool) -> Condition:
    """Return the integrity of the log at a glance: of the sealed days only the newest is checked.

    Needs an app context.
    """
    newest = _newest_seal(tables)
    return Condition(
        sealed_until=newest["day"] if newest else None,
        mistakes=tuple(_wrong_seal(tables.events, newest, keys)) if newest else (),
        days_to_seal=len(_days_to_seal(tables, newest, now)),
        waiting=len(spool),
        most_waiting=MOST_WAITING,
    )


def note_purged(connection: sa.Connection, seals: LogTable, keys: Keys, rows: Iterable[Row]) -> None:
    """Write on the seals of their days that these rows (`id`, `time`) have just been deleted on the same connection."""
    # Others may take events of the same days. SQLite has let nobody else write since the caller deleted; servers lock
    # here, each in the order of days, so that no two wait for each other.
    for day, deleted in groupby(sorted(rows, key=_day_of), key=_day_of):
        query = sa.select(seals.table).where(seals.c.day == day).with_for_update()
        seal = connection.execute(query).mappings().first()
        if seal is not None:
            purged = seal["purged"] + _packed(row["id"] for row in deleted)
            note = {"purged": purged, "purge_mac": keys.mac(_purge_note(day, purged))}
            connection.execute(sa.update(seals.table).where(seals.c.day == day).values(**note))


def _day_of(row: Row) -> date:
    day: date = row["time"].date()
    return day


def _newest_seal(tables: Tables) -> Row | None:
    with tables.seals.connect() as connection:
        query = sa.select(tables.seals.table).order_by(tables.seals.c.day.desc()).limit(1)
        return connection.execute(query).mappings().first()


def _days_to_seal(tables: Tables, newest: Row | None, now: datetime) -> list[date]:
    times = tables.events.c.time
    with tables.events.connect() as connection:
        first, last = connection.execute(sa.select(sa.func.min(times), sa.func.max(times))).one()
    if first is None:
        return []
    start = max(first.date(), newest["day"] + timedelta(days=1)) if newest else first.date()
    end = min(last.date(), now.date() - timedelta(days=2))
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _rows_of(events: LogTable, day: date) -> list[Row]:
    start = datetime.combine(day, time())
    within = sa.and_(events.c.time >= start, events.c.time < start + timedelta(days=1))
    with events.connect() as connection:
        query = sa.select(events.c.id, events.c.mac).where(within).order_by(events.c.id)
        return list(connection.execute(query).mappings())


def _macs_digest(rows: Iterable[Row]) -> str:
    return hashlib.sha256("".join(row["mac"] for row in rows).encode()).hexdigest()


def _packed(ids: Iterable[str]) -> bytes:
    return b"".join(bytes.fromhex(id) for id in ids)


def _unpacked(ids: bytes) -> list[str]:
    return [ids[start : start + _ID_BYTES].hex() for start in range(0, len(ids), _ID_BYTES)]


def _signable(seal: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: seal[name].hex() if isinstance(seal[name], bytes) else seal[name] for name in _SEALED}


def _purge_note(day: date, purged: bytes) -> dict[str, Any]:
    return {"day": day, "purged": purged.hex()}
