"""SQL for rows of events and notices: insert, newest first, one bearer's chain, and reading what others have spoilt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.notices import KeptNotice, Notice, Version

from .events import COLUMNS, Event, Keys, event_of
from .tables import LogTable

Row = Mapping[Any, Any]

#: Rows that are read or deleted at once: few enough for memory, and for the parameters of one statement.
BATCH = 1_000

_EPOCH = date(1970, 1, 1)


def has_event(events: LogTable, id: str) -> bool:
    """Tell whether an event is in the log; needs an app context."""
    with events.connect() as connection:
        return connection.scalar(sa.select(events.c.id).where(events.c.id == id)) is not None


def newest_events(events: LogTable, count: int) -> list[Event]:
    """Return the newest events, newest first; needs an app context."""
    with events.connect() as connection:
        query = sa.select(events.table).order_by(events.c.id.desc()).limit(count)
        return [event_of(row) for row in connection.execute(query).mappings()]


def bearers_rows(connection: sa.Connection, events: LogTable, receipt_digest: str, most: int) -> list[Row]:
    """Return the newest events of a receipt and of those before it, at most so many, newest first."""
    chain = _chain(events, {receipt_digest})
    query = sa.select(*(events.c[name] for name in COLUMNS)).where(events.c.receipt.in_(sa.select(chain.c.receipt)))
    return _in_order(connection.execute(query.order_by(events.c.id.desc()).limit(most)).mappings().all())


def bearers_events(connection: sa.Connection, events: LogTable, receipts: Iterable[str]) -> dict[str, Row]:
    """Return day, MAC and receipts of every event of some receipts and of those before them, by its id."""
    found: dict[str, Row] = {}
    wanted, known = set(receipts), set[str]()
    columns: list[sa.ColumnElement[Any]] = [events.c[name] for name in ("id", "mac", "receipt", "previous_receipt")]
    columns.append(_text(events.c.recorded_on).label("recorded_on"))
    while wanted:
        chain = _chain(events, wanted)
        query = sa.select(*columns).where(events.c.receipt.in_(sa.select(chain.c.receipt)))
        rows = connection.execute(query).mappings().all()
        found |= {row["id"]: dict(row) | {"recorded_on": as_day(row["recorded_on"])} for row in rows}
        known |= wanted | {row["receipt"] for row in rows}
        # MariaDB ends a recursion after `max_recursive_iterations`, 1,000 by default.
        wanted = {row["previous_receipt"] for row in rows} - {None} - known
    return found


def _chain(events: LogTable, receipts: Iterable[str]) -> sa.CTE:
    """Return a recursive query for the digests of some receipts and of those before them, link by link."""
    first = sa.select(events.c.receipt).where(events.c.receipt.in_(list(receipts)))
    chain = first.cte("chain", recursive=True)
    # UNION and not UNION ALL: several events of one receipt have one chain.
    linked = sa.select(events.c.previous_receipt).join(chain, events.c.receipt == chain.c.receipt)
    return chain.union(linked.where(events.c.previous_receipt.is_not(None)))


def _in_order(rows: Sequence[Row]) -> list[Row]:
    # Times are cut to the minute, so the links between receipts tell more than ids.
    by_receipt: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row["previous_receipt"] == row["receipt"], row["id"]), reverse=True):
        by_receipt.setdefault(row["receipt"], []).append(row)  # what keeps its receipt, a withdrawal, is the newer one
    before = {row["previous_receipt"] for row in rows if row["previous_receipt"] != row["receipt"]}
    ordered: list[Row] = []
    newest = sorted(by_receipt.keys() - before, key=lambda receipt: by_receipt[receipt][0]["id"])
    while newest:
        if found := by_receipt.pop(newest.pop(), ()):
            ordered += found
            newest += [row["previous_receipt"] for row in reversed(found)]
    return ordered


# -- days --------------------------------------------------------------------------------------------------------------


def newest_day(table: LogTable, column: str, *, before: date | None = None) -> date | None:
    """Return the greatest day of a column of days, or before a day, None where there is none; needs an app context."""
    day = table.c[column]
    query = sa.select(_read_day(table, day)).where(_is_day(day)).order_by(day.desc()).limit(1)
    return _first_day(table, query if before is None else query.where(day < before), lambda text: day < text)


def next_day(table: LogTable, column: str, after: date | None) -> date | None:
    """Return the smallest day of a column of days after a day, or of all, None where there is none."""
    day = table.c[column]
    query = sa.select(_read_day(table, day)).where(_is_day(day)).order_by(day).limit(1)
    return _first_day(table, query if after is None else query.where(day > after), lambda text: day > text)


def _first_day(table: LogTable, query: sa.Select[Any], beyond: Callable[[Any], sa.ColumnElement[bool]]) -> date | None:
    # What no calendar has (`2026-11-31` in MariaDB, a time in SQLite) is passed over, and ends no walk.
    with table.connect() as connection:
        text = connection.scalar(query)
        while text is not None and as_day(text) is None:
            text = connection.scalar(query.where(beyond(sa.literal(text, sa.String))))
    return as_day(text)


def days_before(table: LogTable, column: str, before: date, condition: sa.ColumnElement[bool]) -> list[date]:
    """Return the days of a column that are before a day, of rows with a condition, oldest first."""
    day = table.c[column]
    query = sa.select(_read_day(table, day)).where(_is_day(day), day < before, condition).order_by(day)
    with table.connect() as connection:
        return [found for found in map(as_day, connection.scalars(query)) if found is not None]


def as_day(value: Any) -> date | None:
    """Return the text of a day as a day, None for none; SQLite has no type for it, and keeps whatever is written."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def is_before_days(table: LogTable, column: str) -> sa.ColumnElement[bool]:
    """Return a condition for the rows whose day is none, or too long ago, which `next_day` passes over."""
    day = table.c[column]
    # Only SQLite keeps what is no day at all; elsewhere an index is enough.
    beyond = sa.or_(day < _EPOCH, day > date.max)
    # `now`, a time, bytes, or 31 February are others' days or none, and no day is equal to what SQLite makes of them.
    return sa.or_(beyond, sa.func.date(day, "+0 days").is_distinct_from(day)) if table.is_untyped else beyond


def _read_day(table: LogTable, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    # A server has days alone there, and writes them in a style of its own where they are text.
    return _text(column) if table.is_untyped else column


def _text(column: sa.ColumnElement[Any]) -> sa.ColumnElement[str]:
    # As text: what SQLite keeps where somebody wrote no day ends the result in which it is.
    return sa.cast(column, sa.String(40))


def _is_day(column: sa.ColumnElement[Any]) -> sa.ColumnElement[bool]:
    # SQLite has null there for a text that is no day, and makes days of numbers; text is greater than every number.
    # PostgreSQL has a day that is after all others, `infinity`, of which Python knows nothing.
    return sa.and_(column.between(_EPOCH, date.max), sa.func.date(column).is_not(None))


# -- what others may have spoilt ---------------------------------------------------------------------------------------


def readable(
    table: LogTable, key: str, names: Sequence[str], *, within: sa.ColumnElement[bool] | None = None
) -> Iterator[tuple[str, Row | None]]:
    """Yield every row by its key, in order, with some columns; None for a row whose values no column of ours has.

    *within* is a condition for some of them, whose keys have to fit into memory. SQLite takes whatever is written: one
    such row would end the result in which it is. Needs an app context.
    """
    column = table.c[key]
    text = column if isinstance(column.type, sa.String) else sa.cast(column, sa.Text)
    query = sa.select(text.label("key"), *(table.c[name] for name in names)).order_by(text)
    for batch in _keys(table, text, within):
        yield from _read(table, query, text, batch)


def _keys(
    table: LogTable, text: sa.ColumnElement[str], within: sa.ColumnElement[bool] | None
) -> Iterator[Sequence[str]]:
    query = sa.select(text).distinct().order_by(text)
    if within is not None:
        # All at once: to look for the next ones would read what is within again for each batch.
        with table.connect() as connection:
            keys = connection.scalars(query.where(within)).all()
        yield from (keys[start : start + BATCH] for start in range(0, len(keys), BATCH))
        return
    query = query.limit(BATCH)
    last: str | None = None
    while True:
        with table.connect() as connection:
            batch = connection.scalars(query if last is None else query.where(text > last)).all()
        if not batch:
            return
        yield batch
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

    def write(connection: sa.Connection) -> None:
        if connection.scalar(sa.select(notices.c.digest).where(notices.c.digest == notice.digest)):
            return
        sequence = (connection.scalar(sa.select(sa.func.max(notices.c.sequence))) or 0) + 1
        row = keys.with_mac(asdict(notice) | {"first_used": day, "sequence": sequence})
        connection.execute(sa.insert(notices.table), row)

    with suppress(sa.exc.IntegrityError):  # another worker was first, with the same words
        notices.transact(write)


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
