"""Counts of Content-Security-Policy reports by day, directive and host; nothing else of a report is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from flask_cookieconsent.core.csp import Violation

from .models import LogTable

#: Different rows of one day; strangers can post reports too.
MOST_ROWS_A_DAY = 500


def add_violations(table: LogTable, day: date, violations: Iterable[Violation]) -> None:
    """Add one to the count of each violation's directive and host on a day; needs an app context.

    :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
    """
    with table.begin() as connection:
        for directive, host in violations:
            _add_one(connection, table, day, directive, host)


def _add_one(connection: sa.Connection, table: LogTable, day: date, directive: str, host: str) -> None:
    same = sa.and_(table.c.day == day, table.c.directive == directive, table.c.host == host)
    one_more = sa.update(table.table).where(same).values(count=table.c.count + 1)
    if connection.execute(one_more).rowcount:
        return
    rows = connection.scalar(sa.select(sa.func.count()).select_from(table.table).where(table.c.day == day)) or 0
    if rows >= MOST_ROWS_A_DAY:
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table.table).values(day=day, directive=directive, host=host, count=1))
    except sa.exc.IntegrityError:  # somebody else was first
        connection.execute(one_more)


def violation_totals(table: LogTable) -> list[tuple[str, str, int, date]]:
    """Return directive, host, the count of all days and the last day, the most frequent first; needs an app context."""
    total = sa.func.sum(table.c.count)
    query = sa.select(table.c.directive, table.c.host, total, sa.func.max(table.c.day))
    with table.connect() as connection:
        rows = connection.execute(query.group_by(table.c.directive, table.c.host).order_by(total.desc()))
        return [(row[0], row[1], row[2], row[3]) for row in rows]
