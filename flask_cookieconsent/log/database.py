"""The log in the app's own database, with a spool on disk while that is away."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.notices import Kept, Notice

from .daily_counts import Categories, summary
from .events import Event, Writer, _event_in, _receipt_digest, event_of, is_genuine, mac_of, receipt_digest
from .models import engine_of, event_model, notice_model
from .seals import condition
from .spool import MOST_WAITING, Spool
from .statistics import Condition, Summary

logger = logging.getLogger("flask_cookieconsent.events")

# Another process may have left events on the disk.
_LOOK_EVERY = timedelta(minutes=1)

# As many as a visitor's press can take along without being slow.
_BATCH = 100


def latest(db: SQLAlchemy, count: int) -> list[Event]:
    """Return the newest events, newest first; needs an app context."""
    model = event_model(db)
    table = model.__table__
    with engine_of(db, model).connect() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(count)).mappings()
        return [event_of(row) for row in rows]


def insert(connection: sa.Connection, db: SQLAlchemy, event: Event) -> None:
    """Write an event on a connection of the caller's; committing is the caller's too."""
    connection.execute(sa.insert(event_model(db).__table__), dict(vars(event)))


def keep_notice(db: SQLAlchemy, notice: Notice, writer: Writer) -> None:
    """Keep a notice under its digest unless it is kept already; needs an app context."""
    model = notice_model(db)
    table = model.__table__
    with engine_of(db, model).connect() as connection:
        if connection.scalar(sa.select(table.c.digest).where(table.c.digest == notice.digest)):
            return
        place = (connection.scalar(sa.select(sa.func.max(table.c.place))) or 0) + 1
        row = asdict(notice) | {"first_used": writer.clock().date(), "place": place}
        try:
            connection.execute(sa.insert(table).values(**row, mac=mac_of(row, writer.key)))
            connection.commit()
        except sa.exc.IntegrityError:  # another worker was first, with the same words
            connection.rollback()


def notices(db: SQLAlchemy) -> list[Kept]:
    """Return every kept notice, oldest first; needs an app context."""
    model = notice_model(db)
    table = model.__table__
    names = Notice.__dataclass_fields__
    with engine_of(db, model).connect() as connection:
        rows = connection.execute(
            sa.select(table).order_by(table.c.first_used, table.c.place, table.c.digest)
        ).mappings()
        return [
            Kept(notice=Notice(**{name: row[name] for name in names}), first_used=row["first_used"]) for row in rows
        ]


class DatabaseRecorder:
    """Records events in the database, and on disk while that is away; whatever waits there follows (F5).

    Every event has its short transaction, after the notice that it names. The app's session is never used: committing
    it would commit the app's half-done work.
    """

    def __init__(self, writer: Writer, db: SQLAlchemy, spool: Spool, keys: Iterable[bytes]) -> None:
        self._writer, self._db, self._spool, self._keys = writer, db, spool, tuple(keys)
        self._kept: set[str] = set()
        self._looked: datetime | None = None

    def __call__(self, *, previous_receipt: str | None, answered: Notice | None, **step: Any) -> None:
        """Record one event for good.

        :raises Exception: if neither the database nor the disk can keep it.
        """
        event = self._writer.event(previous=None, **step)
        receipt = _receipt_digest(previous_receipt)
        try:
            self._write(event, receipt, answered)
        except sa.exc.SQLAlchemyError as error:
            values = asdict(event) | {"time": event.time.isoformat()}
            notice = None if answered is None else asdict(answered)
            self._spool.add(event.id, {"event": values, "previous_receipt": receipt, "notice": notice})
            logger.error("the database is away, an event waits in the spool", exc_info=error)
            return
        if self._is_time_to_look():
            try:
                if self.replay(_BATCH) == _BATCH:
                    self._looked = None  # there is more
            except (sa.exc.SQLAlchemyError, OSError) as error:  # the event of this visitor is in the log all the same
                logger.error("what waits in the spool could not be written", exc_info=error)

    def replay(self, most: int = 1_000) -> int:
        """Write waiting events to the database, each exactly once, and return how many; needs an app context.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is away; what waits goes on waiting.
        """
        count = 0
        for path, entry in islice(self._spool.entries(), most):
            event = _event_in(entry)
            if event is None or not is_genuine(asdict(event), self._keys):
                logger.error("%s in the spool is not as it was written; it is put aside", path.name)
                self._spool.put_aside(path)
                continue
            try:
                notice = entry.get("notice")
                self._write(event, entry.get("previous_receipt"), None if notice is None else Notice(**notice))
            except sa.exc.IntegrityError:
                # Another process wrote it too, or one was killed before it could remove the file.
                if not self._is_there(event.id):
                    raise
            self._spool.take(path)
            count += 1
        return count

    def _write(self, event: Event, previous_receipt: str | None, notice: Notice | None) -> None:
        if notice is not None and notice.digest not in self._kept:
            keep_notice(self._db, notice, self._writer)
            self._kept.add(notice.digest)
        model = event_model(self._db)
        table = model.__table__
        with engine_of(self._db, model).begin() as connection:
            previous = _previous(connection, table, previous_receipt)
            linked = event if previous is None else self._writer.signed(replace(event, previous=previous))
            insert(connection, self._db, linked)

    def _is_there(self, id: str) -> bool:
        model = event_model(self._db)
        table = model.__table__
        with engine_of(self._db, model).connect() as connection:
            return connection.scalar(sa.select(table.c.id).where(table.c.id == id)) is not None

    def _is_time_to_look(self) -> bool:
        now = self._writer.clock()
        if self._looked is not None and now - self._looked < _LOOK_EVERY:
            return False
        self._looked = now
        return len(self._spool) > 0


def _previous(connection: sa.Connection, table: sa.Table, receipt: str | None) -> str | None:
    """Return the id of the newest event of a receipt, given as its digest."""
    if receipt is None:
        return None
    same = table.c.receipt == receipt
    found: str | None = connection.scalar(sa.select(table.c.id).where(same).order_by(table.c.id.desc()).limit(1))
    return found


#: Longer than anybody chooses by hand.
_MOST = 200


def history_of(db: SQLAlchemy) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function from a receipt to all events of its bearer, newest first; no event for an unknown receipt."""

    def history(receipt: str) -> list[dict[str, Any]]:
        model = event_model(db)
        with engine_of(db, model).connect() as connection:
            return _chain(connection, model.__table__, receipt_digest(receipt))

    return history


def _chain(connection: sa.Connection, table: sa.Table, receipt: str) -> list[dict[str, Any]]:
    names = Event.__dataclass_fields__
    query = sa.select(*(table.c[name] for name in names))
    found = {row["id"]: dict(row) for row in connection.execute(query.where(table.c.receipt == receipt)).mappings()}
    wanted = {row["previous"] for row in found.values()} - {None} - set(found)
    while wanted and len(found) < _MOST:
        rows = [dict(row) for row in connection.execute(query.where(table.c.id.in_(wanted))).mappings()]
        found |= {row["id"]: row for row in rows}
        wanted = {row["previous"] for row in rows} - {None} - set(found)
    return _in_order(list(found.values()))


def _in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    # Times are cut to the minute, so the links between events tell more than their ids.
    followed = {row["previous"] for row in rows}
    by_id = {row["id"]: row for row in rows}
    ordered: list[dict[str, Any]] = []
    for last in sorted((row for row in rows if row["id"] not in followed), key=lambda row: row["id"], reverse=True):
        at: dict[str, Any] | None = last
        while at is not None and at not in ordered:
            ordered.append(at)
            at = by_id.get(at["previous"])
    return ordered


def reporter(
    db: SQLAlchemy, categories: Categories, writer: Writer, keys: Sequence[bytes], spool: Spool
) -> Callable[[date, date], tuple[Summary, Condition]]:
    """Return a function from the first and the last day to what a report says of them."""

    def report(since: date, until: date) -> tuple[Summary, Condition]:
        found = summary(db, categories, writer.scope, since, until)
        return found, condition(db, keys, writer.clock(), len(spool), MOST_WAITING)

    return report
