"""Seals of finished days, an HMAC hash chain, and the check that finds edited, deleted and inserted rows (F4)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import Notice, digest

from .daily_counts import wrong_counts
from .events import COLUMNS, SAMPLE, Keys
from .models import LogTable, Tables
from .rows import Row, first_and_last_day, readable
from .spool import MOST_WAITING, Spool
from .statistics import Condition

_ID_BYTES = 16
_ID = re.compile(r"[0-9a-f]{32}")
# The columns that are signed.
_NOTICE = (*Notice.__dataclass_fields__, "first_used", "sequence")
_SEALED = ("day", "count", "macs_digest", "ids", "previous")
_SEAL = (*_SEALED, "mac", "purged", "purge_mac")
# What events name instead of a notice: none is known, or nobody was shown one.
_NO_NOTICE = {"", SAMPLE}


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
    kept = yield from _wrong_notices(tables.notices, keys)
    referred: set[str] = set()
    for id, row in readable(tables.events, "id", COLUMNS):
        if row is None or not keys.is_genuine(row):
            yield f"event {id}: changed, or put in by somebody without the key"
        else:
            referred.add(row["notice"])
    for missing in sorted(referred - kept - _NO_NOTICE):
        yield f"notice {missing}: taken away, though events name it"
    yield from _wrong_seals(tables, keys)
    yield from wrong_counts(tables.counts, keys)


def _wrong_notices(notices: LogTable, keys: Keys) -> Generator[str, None, set[str]]:
    """Yield a sentence for every notice that is not as it was kept, and return the digests of all."""
    kept = set()
    for key, row in readable(notices, "digest", (*_NOTICE, "mac")):
        kept.add(key)
        if row is not None and digest(str(row["snapshot"])) != key:
            yield f"notice {key}: changed, its text is another one's"
        elif row is None or not keys.is_genuine(row):
            yield f"notice {key}: changed, or put in by somebody without the key"
    return kept


def _wrong_seals(tables: Tables, keys: Keys) -> Iterator[str]:
    previous = ""
    for day, seal in readable(tables.seals, "day", _SEAL):
        if seal is None:
            yield from _unreadable(day)
            previous = ""
            continue
        if seal["previous"] != previous:
            yield f"seal of {day}: changed, or the seal before it is gone"
        previous = seal["mac"]
        yield from _wrong_seal(tables.events, seal, keys)


def _wrong_seal(events: LogTable, seal: Row, keys: Keys) -> Iterator[str]:
    day = seal["day"]
    if not (isinstance(seal["ids"], bytes) and isinstance(seal["purged"], bytes)):
        yield from _unreadable(day)
        return
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
        mistakes=tuple(_wrong_newest_seal(tables, newest["day"], keys)) if newest else (),
        days_to_seal=len(_days_to_seal(tables, newest, now)),
        waiting=len(spool),
        most_waiting=MOST_WAITING,
    )


def _wrong_newest_seal(tables: Tables, day: date, keys: Keys) -> Iterator[str]:
    with tables.seals.connect() as connection:
        query = sa.select(*(tables.seals.c[name] for name in _SEAL)).where(tables.seals.c.day == day)
        seal = connection.execute(query).mappings().one()
    yield from _wrong_seal(tables.events, seal, keys)


def _unreadable(day: object) -> Iterator[str]:
    yield f"seal of {day}: changed by somebody without the key"


def note_purged(connection: sa.Connection, seals: LogTable, keys: Keys, days: Mapping[str, date | None]) -> None:
    """Write on the seals that the events of these ids and days have just been deleted on the same connection."""
    # Others may take events of the same days. SQLite has let nobody else write since the caller deleted; servers lock
    # here, each in the order of days, so that no two wait for each other.
    for day in sorted({day for day in days.values() if day is not None}):
        query = sa.select(seals.c.purged).where(seals.c.day == day).with_for_update()
        before = connection.scalar(query)
        if isinstance(before, bytes):  # SQLite keeps whatever somebody has written; `verify` names that seal
            purged = before + _packed(id for id, its_day in days.items() if its_day == day)
            note = {"purged": purged, "purge_mac": keys.mac(_purge_note(day, purged))}
            connection.execute(sa.update(seals.table).where(seals.c.day == day).values(**note))


def _newest_seal(tables: Tables) -> Row | None:
    """Return `day` and `mac` of the newest seal, whatever somebody has written into the others."""
    day = tables.seals.c.day
    query = sa.select(day, tables.seals.c.mac).where(sa.func.date(day).is_not(None)).order_by(day.desc()).limit(1)
    with tables.seals.connect() as connection:
        return connection.execute(query).mappings().first()


def _days_to_seal(tables: Tables, newest: Row | None, now: datetime) -> list[date]:
    days = first_and_last_day(tables.events)
    if days is None:
        return []
    start = max(days[0], newest["day"] + timedelta(days=1)) if newest else days[0]
    end = min(days[1], now.date() - timedelta(days=2))
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _rows_of(events: LogTable, day: date) -> list[Row]:
    start = datetime.combine(day, time())
    within = sa.and_(events.c.time >= start, events.c.time < start + timedelta(days=1))
    with events.connect() as connection:
        query = sa.select(events.c.id, events.c.mac).where(within).order_by(events.c.id)
        # An id that is none of ours is under no signature of ours, so `verify` names its row; it has no place here.
        return [row for row in connection.execute(query).mappings() if _is_id(row["id"])]


def _is_id(id: object) -> bool:
    return isinstance(id, str) and _ID.fullmatch(id) is not None


def _macs_digest(rows: Iterable[Row]) -> str:
    return hashlib.sha256("".join(str(row["mac"]) for row in rows).encode()).hexdigest()


def _packed(ids: Iterable[str]) -> bytes:
    return b"".join(bytes.fromhex(id) for id in ids if _is_id(id))


def _unpacked(ids: bytes) -> list[str]:
    return [ids[start : start + _ID_BYTES].hex() for start in range(0, len(ids), _ID_BYTES)]


def _signable(seal: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: seal[name].hex() if isinstance(seal[name], bytes) else seal[name] for name in _SEALED}


def _purge_note(day: date, purged: bytes) -> dict[str, Any]:
    return {"day": day, "purged": purged.hex()}
