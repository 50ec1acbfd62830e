"""What browsers report that a policy has blocked, counted by day, directive and host, and nothing else of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, datetime

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.core.csp import Violation

logger = logging.getLogger("flask_cookieconsent.violations")

#: Different rows of one day; strangers can post reports too.
MOST_ROWS_A_DAY = 500


_TABLE = "cookieconsent_violation"


def violation_table(db: SQLAlchemy) -> sa.Table:
    """Return the table of counts on an app's own `db`, made the first time it is asked for."""
    found = db.metadata.tables.get(_TABLE)
    if found is not None:
        return found
    return sa.Table(
        _TABLE,
        db.metadata,
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("directive", sa.String(40), primary_key=True),
        sa.Column("host", sa.String(253), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )


def database_counter(db: SQLAlchemy, clock: Callable[[], datetime]) -> Callable[[Iterable[Violation]], None]:
    """Return a function that counts violations in the database; trouble there is told in the log, and stays there."""

    def count(violations: Iterable[Violation]) -> None:
        try:
            with db.engine.begin() as connection:
                for directive, host in violations:
                    _count(connection, violation_table(db), clock().date(), directive, host)
        except sa.exc.SQLAlchemyError:
            logger.warning("violations of the policy could not be counted", exc_info=True)

    return count


def _count(connection: sa.Connection, table: sa.Table, day: date, directive: str, host: str) -> None:
    row = sa.and_(table.c.day == day, table.c.directive == directive, table.c.host == host)
    one_more = sa.update(table).where(row).values(count=table.c.count + 1)
    if connection.execute(one_more).rowcount:
        return
    rows = connection.scalar(sa.select(sa.func.count()).select_from(table).where(table.c.day == day)) or 0
    if rows >= MOST_ROWS_A_DAY:
        return
    try:
        with connection.begin_nested():
            connection.execute(sa.insert(table).values(day=day, directive=directive, host=host, count=1))
    except sa.exc.IntegrityError:  # somebody else was first
        connection.execute(one_more)


def counted(db: SQLAlchemy) -> list[tuple[str, str, int, date]]:
    """Return each directive and host with the count of all days and the last day, the most frequent first."""
    table = violation_table(db)
    total = sa.func.sum(table.c.count)
    query = sa.select(table.c.directive, table.c.host, total, sa.func.max(table.c.day))
    with db.engine.connect() as connection:
        rows = connection.execute(query.group_by(table.c.directive, table.c.host).order_by(total.desc()))
        return [(row[0], row[1], row[2], row[3]) for row in rows]
