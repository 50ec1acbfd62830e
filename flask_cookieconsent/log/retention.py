"""How long the log keeps what: old events leave it in small steps, and daily counts stay (F6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.consent import Kind

from .daily_counts import Categories, count_days
from .database import _chain, insert
from .events import Event, Writer, new_id, receipt_digest, truncated
from .models import engine_of, event_model, seal_model
from .seals import note_purged

#: Rows of one transaction: few enough that nobody who writes has to wait.
BATCH = 1_000


def purge(
    db: SQLAlchemy,
    keys: Sequence[bytes],
    categories: Categories,
    now: datetime,
    *,
    grants: timedelta,
    refusals: timedelta,
) -> int:
    """Take events out of the log that are older than allowed, and return how many; needs an app context.

    *grants* is for what was given, changed and withdrawn. The days are counted first, and seals are told, so that
    statistics stay right and `verify` misses nothing.
    """
    count_days(db, categories, now)
    model = event_model(db)
    table = model.__table__
    limits = [now.astimezone(UTC).replace(tzinfo=None) - each for each in (grants, refusals)]
    refused = table.c.kind == Kind.REFUSED.value
    old = sa.or_(sa.and_(refused, table.c.time < limits[1]), sa.and_(~refused, table.c.time < limits[0]))
    query = sa.select(table.c.id, table.c.time).where(old).order_by(table.c.id).limit(BATCH)
    total = 0
    while True:
        with engine_of(db, model).begin() as connection:
            rows = connection.execute(query).mappings().all()
            if not rows:
                return total
            connection.execute(sa.delete(table).where(table.c.id.in_([row["id"] for row in rows])))
            note_purged(connection, seal_model(db).__table__, by_day(rows), keys)
        total += len(rows)


def by_day(rows: Iterable[Mapping[Any, Any]]) -> dict[date, list[str]]:
    """Return the ids of some events by their day."""
    found: dict[date, list[str]] = {}
    for row in rows:
        found.setdefault(row["time"].date(), []).append(row["id"])
    return found


def eraser(db: SQLAlchemy, writer: Writer, keys: Sequence[bytes], *, fetch: Callable[[], Any]) -> Callable[[str], int]:
    """Return a function that takes every event of a receipt's bearer out of the log, and leaves a tombstone.

    *fetch* brings those that still wait on disk. The tombstone says that a record was erased on a day, and nothing of
    whose or what it was.
    """

    def erase(receipt: str) -> int:
        fetch()
        model = event_model(db)
        table = model.__table__
        with engine_of(db, model).begin() as connection:
            rows = _chain(connection, table, receipt_digest(receipt))
            if not rows:
                return 0
            connection.execute(sa.delete(table).where(table.c.id.in_([row["id"] for row in rows])))
            note_purged(connection, seal_model(db).__table__, by_day(rows), keys)
            insert(connection, db, _tombstone(writer))
            return len(rows)

    return erase


def _tombstone(writer: Writer) -> Event:
    time = truncated(writer.clock(), Kind.REFUSED)
    return writer.signed(
        Event(
            id=new_id(time),
            time=time,
            kind="erased",
            method="preferences",
            choices={},
            gpc=False,
            receipt=None,
            previous=None,
            notice="",
            locale="",
            policy_version=writer.policy_version,
            scope=writer.scope,
            validity=0,
        )
    )
