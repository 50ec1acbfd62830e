"""The record of one bearer of a receipt: found by it alone, and erased on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .consent import Kind
from .events import Event, Writer, fingerprint, insert, new_id, truncated
from .models import engine_of, event_model, seal_model
from .retention import by_day
from .seals import note_purged

#: Longer than anybody chooses by hand.
_MOST = 200


def history_of(db: SQLAlchemy) -> Callable[[str], list[dict[str, Any]]]:
    """Return a function from a receipt to all events of its bearer, newest first; no event for an unknown receipt."""

    def history(receipt: str) -> list[dict[str, Any]]:
        model = event_model(db)
        with engine_of(db, model).connect() as connection:
            return _chain(connection, model.__table__, fingerprint(receipt))

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
            rows = _chain(connection, table, fingerprint(receipt))
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
