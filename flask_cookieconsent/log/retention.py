"""Retention and erasure: delete old events in small transactions, or one bearer's at once; seals are told (F6, F7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind

from .events import EventFactory, Keys
from .models import Tables
from .rows import as_day, bearers_days, day_column, insert_event, is_dated
from .seals import note_purged

#: Rows of one statement, and of one transaction of `purge`: few enough that nobody who writes has to wait.
BATCH = 1_000


def purge(tables: Tables, keys: Keys, *, grants_before: datetime, refusals_before: datetime) -> int:
    """Delete events older than two moments in UTC, and return how many; needs an app context.

    *grants_before* is for everything but refusals. Count the days first, so that statistics stay right; seals are told,
    so that `verify` misses nothing.
    """
    events = tables.events
    refused = events.c.kind == Kind.REFUSED.value
    # The columns of time have no zone.
    expired = sa.or_(
        sa.and_(refused, events.c.time < refusals_before.replace(tzinfo=None)),
        sa.and_(~refused, events.c.time < grants_before.replace(tzinfo=None)),
    )
    # A row whose time is none stays, so that `verify` goes on naming it.
    due = sa.and_(expired, is_dated(events))
    query = sa.select(events.c.id, day_column(events)).where(due).order_by(events.c.id).limit(BATCH)
    total = 0
    while True:
        with events.begin() as connection:
            days = {row.id: as_day(row.day) for row in connection.execute(query)}
            if not days:
                return total
            _delete(connection, tables, keys, days)
        total += len(days)


def erase(tables: Tables, factory: EventFactory, receipt_digest: str) -> int:
    """Delete every event of a receipt's bearer in one transaction, insert a tombstone, and return how many there were.

    The tombstone says that a record was erased on a day, and nothing of whose or what it was. Needs an app context.
    """
    with tables.events.begin() as connection:
        days = bearers_days(connection, tables.events, receipt_digest)
        if days:
            _delete(connection, tables, factory.keys, days)
            insert_event(connection, tables.events, factory.tombstone())
        return len(days)


def _delete(connection: sa.Connection, tables: Tables, keys: Keys, days: Mapping[str, date | None]) -> None:
    events, ids = tables.events, list(days)
    for start in range(0, len(ids), BATCH):
        connection.execute(sa.delete(events.table).where(events.c.id.in_(ids[start : start + BATCH])))
    note_purged(connection, tables.seals, keys, days)
