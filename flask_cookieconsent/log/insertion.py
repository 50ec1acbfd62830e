"""Insertion of events: one statement that writes a row unless its day has a seal, which would not hold it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from .events import Event, EventFactory
from .sealed import has_seal
from .tables import Tables

# Days with a seal that are passed over: no clock is ahead by more for long.
_MOST_DAYS = 400


def insert_event(
    connection: sa.Connection, tables: Tables, factory: EventFactory, event: Event, *, day: date, notice: str
) -> None:
    """Insert an event, signed, as recorded on a day (UTC), or on the first one after it that has no seal.

    Another server may have sealed the day a moment ago, with a clock that is ahead. *notice* is the digest of a kept
    one, or empty. Committing is the caller's.

    :raises sqlalchemy.exc.IntegrityError: if its id is there already.
    """
    for _ in range(_MOST_DAYS):
        if _inserted(connection, tables, factory.signed_row(event, recorded_on=day, notice=notice)):
            return
        day += timedelta(days=1)
    # Whoever has put in so many seals has spoilt them all.
    connection.execute(tables.insertion, factory.signed_row(event, recorded_on=day, notice=notice))


def _inserted(connection: sa.Connection, tables: Tables, row: Mapping[str, Any]) -> bool:
    if connection.dialect.name not in ("mysql", "mariadb"):
        return connection.execute(tables.guarded_insertion, row).rowcount > 0
    # There the one statement would lock the end of the table of seals, and whoever seals would have to wait for a
    # moment in which nobody chooses anything.
    if has_seal(connection, tables.seals, row["recorded_on"]):
        return False
    connection.execute(tables.insertion, row)
    return True
