"""Retention and erasure: delete old events in small transactions, or one bearer's at once; seals are told (F6, F7)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from flask_cookieconsent.core.consent import Kind

from .events import EventFactory, Keys
from .models import Tables
from .rows import Row, bearers_rows, insert_event
from .seals import note_purged

#: Rows of one transaction: few enough that nobody who writes has to wait.
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
    query = sa.select(events.c.id, events.c.time).where(expired).order_by(events.c.id).limit(BATCH)
    total = 0
    while True:
        with events.begin() as connection:
            rows = connection.execute(query).mappings().all()
            if not rows:
                return total
            _delete(connection, tables, keys, rows)
        total += len(rows)


def erase(tables: Tables, factory: EventFactory, receipt_digest: str) -> int:
    """Delete every event of a receipt's bearer in one transaction, insert a tombstone, and return how many there were.

    The tombstone says that a record was erased on a day, and nothing of whose or what it was. Needs an app context.
    """
    with tables.events.begin() as connection:
        rows = bearers_rows(connection, tables.events, receipt_digest)
        if rows:
            _delete(connection, tables, factory.keys, rows)
            insert_event(connection, tables.events, factory.tombstone())
        return len(rows)


def _delete(connection: sa.Connection, tables: Tables, keys: Keys, rows: Sequence[Row]) -> None:
    events = tables.events
    connection.execute(sa.delete(events.table).where(events.c.id.in_([row["id"] for row in rows])))
    note_purged(connection, tables.seals, keys, rows)
