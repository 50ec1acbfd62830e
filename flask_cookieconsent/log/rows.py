"""SQL for rows of events and notices: insert, idempotent insert, newest first, and the links of one bearer's events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import KeptNotice, Notice

from .events import COLUMNS, Event, Keys, event_of
from .models import LogTable

Row = Mapping[Any, Any]


def insert_event(connection: sa.Connection, events: LogTable, event: Event) -> None:
    """Insert an event on a connection of the caller's; committing is the caller's too.

    :raises sqlalchemy.exc.IntegrityError: if its id is there already.
    """
    connection.execute(sa.insert(events.table), event.row)


def has_event(events: LogTable, id: str) -> bool:
    """Tell whether an event is in the log; needs an app context."""
    with events.connect() as connection:
        return connection.scalar(sa.select(events.c.id).where(events.c.id == id)) is not None


def newest_events(events: LogTable, count: int) -> list[Event]:
    """Return the newest events, newest first; needs an app context."""
    with events.connect() as connection:
        query = sa.select(events.table).order_by(events.c.id.desc()).limit(count)
        return [event_of(row) for row in connection.execute(query).mappings()]


def newest_id(connection: sa.Connection, events: LogTable, receipt_digest: str | None) -> str | None:
    """Return the id of the newest event of a receipt, None where there is none."""
    if receipt_digest is None:
        return None
    query = sa.select(events.c.id).where(events.c.receipt == receipt_digest).order_by(events.c.id.desc()).limit(1)
    id: str | None = connection.scalar(query)
    return id


def bearers_rows(
    connection: sa.Connection, events: LogTable, receipt_digest: str, most: int | None = None
) -> list[Row]:
    """Return the events of a receipt and those before them, link by link, newest first; all, or about *most*."""
    query = sa.select(*(events.c[name] for name in COLUMNS))
    rows: dict[str, Row] = {}
    wanted = events.c.receipt == receipt_digest
    while most is None or len(rows) < most:
        batch = connection.execute(query.where(wanted)).mappings().all()
        rows |= {row["id"]: row for row in batch}
        # Of this batch alone: what retention has taken is linked for ever and never there.
        linked = {row["previous"] for row in batch} - {None} - rows.keys()
        if not linked:
            break
        wanted = events.c.id.in_(linked)
    return _in_order(rows)


def _in_order(rows: Mapping[str, Row]) -> list[Row]:
    # Times are cut to the minute, so the links between events tell more than their ids.
    linked = {row["previous"] for row in rows.values()}
    ordered: dict[str, Row] = {}
    for newest in sorted(rows.keys() - linked, reverse=True):
        id = newest
        while id in rows and id not in ordered:
            ordered[id] = rows[id]
            id = rows[id]["previous"]
    return list(ordered.values())


def keep_notice(notices: LogTable, notice: Notice, day: date, keys: Keys) -> None:
    """Insert a notice under its digest, signed, unless it is there already (idempotent); needs an app context."""
    with notices.connect() as connection:
        if connection.scalar(sa.select(notices.c.digest).where(notices.c.digest == notice.digest)):
            return
        sequence = (connection.scalar(sa.select(sa.func.max(notices.c.sequence))) or 0) + 1
        row = keys.with_mac(asdict(notice) | {"first_used": day, "sequence": sequence})
        try:
            connection.execute(sa.insert(notices.table), row)
            connection.commit()
        except sa.exc.IntegrityError:  # another worker was first, with the same words
            connection.rollback()


def kept_notices(notices: LogTable) -> list[KeptNotice]:
    """Return every kept notice, oldest first; needs an app context."""
    query = sa.select(notices.table).order_by(notices.c.first_used, notices.c.sequence, notices.c.digest)
    with notices.connect() as connection:
        return [_kept_notice(row) for row in connection.execute(query).mappings()]


def _kept_notice(row: Row) -> KeptNotice:
    names: Iterable[str] = Notice.__dataclass_fields__
    return KeptNotice(notice=Notice(**{name: row[name] for name in names}), first_used=row["first_used"])
