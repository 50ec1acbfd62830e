"""SQL for rows of events and notices: insert, newest first, one bearer's chain, and reading what others have spoilt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import KeptNotice, Notice, Version

from .events import COLUMNS, Event, Keys, event_of
from .models import LogTable

Row = Mapping[Any, Any]

#: Rows that are read or deleted at once: few enough for memory, and for the parameters of one statement.
BATCH = 1_000

# SQLite keeps whatever somebody has written; text is greater than every number there.
_EPOCH = datetime(1970, 1, 1)


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


def bearers_rows(connection: sa.Connection, events: LogTable, receipt_digest: str, most: int) -> list[Row]:
    """Return the newest events of a receipt and of those before them, at most so many, newest first."""
    chain = _chain(events, events.c.receipt == receipt_digest)
    query = sa.select(*(events.c[name] for name in COLUMNS)).where(events.c.id.in_(sa.select(chain.c.id)))
    rows = connection.execute(query.order_by(events.c.id.desc()).limit(most)).mappings()
    return _in_order({row["id"]: row for row in rows})


def bearers_days(connection: sa.Connection, events: LogTable, receipt_digest: str) -> dict[str, date | None]:
    """Return the day of every event of a receipt and of those before them by its id, however many there are."""
    found: dict[str, date | None] = {}
    wanted = events.c.receipt == receipt_digest
    while True:
        chain = _chain(events, wanted)
        query = sa.select(events.c.id, events.c.previous, day_column(events)).join(chain, events.c.id == chain.c.id)
        rows = connection.execute(query).all()
        found |= {row.id: as_day(row.day) for row in rows}
        # MariaDB ends a recursion after `max_recursive_iterations`, 1,000 by default. Of these rows alone: what
        # retention has taken is linked for ever and never there.
        linked = {row.previous for row in rows} - {None} - found.keys()
        if not linked:
            return found
        wanted = events.c.id.in_(linked)


def _chain(events: LogTable, first: sa.ColumnElement[bool]) -> sa.CTE:
    """Return a recursive query for the ids of some events and of those before them, link by link."""
    chain = sa.select(events.c.id, events.c.previous).where(first).cte("chain", recursive=True)
    # UNION and not UNION ALL: the chains of several events of one receipt are one.
    return chain.union(sa.select(events.c.id, events.c.previous).join(chain, events.c.id == chain.c.previous))


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


# -- days --------------------------------------------------------------------------------------------------------------


def day_column(events: LogTable) -> sa.Label[Any]:
    """Return the day of an event as a column `day`, for `as_day`; SQLite has null there for a time that is none."""
    return sa.func.date(events.c.time).label("day")


def as_day(value: Any) -> date | None:
    """Return a value of `day_column` as a day, None for none; SQLite has no type for it, and makes days of numbers."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def is_dated(events: LogTable) -> sa.ColumnElement[bool]:
    """Return the condition that the time of an event is one; others than SQLite keep nothing else."""
    return sa.and_(events.c.time >= _EPOCH, sa.func.date(events.c.time).is_not(None))


def first_and_last_day(events: LogTable) -> tuple[date, date] | None:
    """Return the first and the last day with an event, None where there is none; needs an app context."""
    # One look into the index for each.
    query = sa.select(day_column(events)).where(is_dated(events)).limit(1)
    with events.connect() as connection:
        first = as_day(connection.scalar(query.order_by(events.c.time)))
        last = as_day(connection.scalar(query.order_by(events.c.time.desc())))
    return None if first is None or last is None else (first, last)


# -- what others may have spoilt ---------------------------------------------------------------------------------------


def readable(table: LogTable, key: str, names: Sequence[str]) -> Iterator[tuple[str, Row | None]]:
    """Yield every row by its key, in order, with some columns; None for a row whose values no column of ours has.

    SQLite takes whatever is written: one such row would end the result in which it is. Needs an app context.
    """
    column = table.c[key]
    text = column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)
    query = sa.select(text.label("key"), *(table.c[name] for name in names)).order_by(text)
    keys = sa.select(text).distinct().order_by(text).limit(BATCH)
    last: str | None = None
    while True:
        with table.connect() as connection:
            batch = connection.scalars(keys if last is None else keys.where(text > last)).all()
        if not batch:
            return
        yield from _read(table, query, text, batch)
        last = batch[-1]


def _read(
    table: LogTable, query: sa.Select[Any], text: sa.ColumnElement[str], keys: Sequence[str]
) -> Iterator[tuple[str, Row | None]]:
    try:
        with table.connect() as connection:
            rows = connection.execute(query.where(text.in_(keys))).mappings().all()
    except Exception:  # whatever the driver or the type makes of it; where the database is away, the next keys raise
        if len(keys) == 1:
            yield str(keys[0]), None
            return
        half = len(keys) // 2
        yield from _read(table, query, text, keys[:half])
        yield from _read(table, query, text, keys[half:])
    else:
        yield from ((row["key"], {name: value for name, value in row.items() if name != "key"}) for row in rows)


# -- notices -----------------------------------------------------------------------------------------------------------


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


def has_notice(notices: LogTable, digest: str) -> bool:
    """Tell whether a notice is kept; needs an app context."""
    with notices.connect() as connection:
        return connection.scalar(sa.select(notices.c.digest).where(notices.c.digest == digest)) is not None


def kept_versions(notices: LogTable, locale: str | None) -> list[Version]:
    """Return what a list says of every kept notice, or of those in a locale, oldest first; needs an app context."""
    columns = [notices.c[name] for name in Version.__dataclass_fields__]
    query = sa.select(*columns).order_by(notices.c.first_used, notices.c.sequence, notices.c.digest)
    with notices.connect() as connection:
        rows = connection.execute(query if locale is None else query.where(notices.c.locale == locale)).mappings()
        return [Version(**row) for row in rows]


def kept_notice(notices: LogTable, digest: str) -> KeptNotice | None:
    """Return a kept notice, None for an unknown digest; needs an app context."""
    columns = [notices.c[name] for name in (*Notice.__dataclass_fields__, "first_used")]
    with notices.connect() as connection:
        row = connection.execute(sa.select(*columns).where(notices.c.digest == digest)).mappings().first()
    if row is None:
        return None
    values = dict(row)
    first_used = values.pop("first_used")
    return KeptNotice(notice=Notice(**values), first_used=first_used)
