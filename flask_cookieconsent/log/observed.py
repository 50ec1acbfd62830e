"""What browsers report and bring, counted in the table of violations; what is in it is nobody's choice."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.csp import Violation

from .events import EventFactory
from .failures import explanation
from .limits import Limits
from .seen import SeenCookies
from .tables import LogTable
from .violations import add_violations, violation_totals

logger = logging.getLogger("flask_cookieconsent.violations")

#: What stands for the directive where a cookie is counted. It is none of `DIRECTIVES`, so no report can forge a row.
COOKIE = "cookie"

#: Different names on one day; of more than these, the most frequent.
MOST_NAMES_A_DAY = 50


class Observed:
    """The counts of one app's log; *ask* does some work within the deadline of a request. Needs an app context."""

    def __init__(self, table: LogTable, factory: EventFactory, limits: Limits, ask: Callable[..., Any]) -> None:
        self._table, self._factory, self._limits, self._ask = table, factory, limits, ask
        self._seen = SeenCookies(self._write_cookies, factory.timer)

    def count_violations(self, violations: Iterable[Violation], address: str | None) -> None:
        """Count what browsers report as blocked; an unavailable database is logged, and never raises."""
        if not self._limits.may_report(address):
            return
        try:
            self._ask(lambda is_wanted: add_violations(self._table, self._today, violations), opens=False)
        except Exception as error:  # whatever the trouble of a database is
            logger.warning("Content-Security-Policy violations could not be counted: %s", explanation(error))

    def count_cookies(self, names: Collection[str], address: str | None) -> None:
        """Count the undeclared cookies of one request by name; an unavailable database is logged, and never raises."""
        self._seen.add(names, address)

    def violations(self) -> list[tuple[str, str, int, date]]:
        """Return directive, host, count and last day of what was blocked, the most frequent first."""
        return [each for each in violation_totals(self._table) if each[0] != COOKIE]

    def cookies(self) -> list[tuple[str, int, date]]:
        """Return name, requests and last day of each undeclared cookie, the most frequent first."""
        totals = violation_totals(self._table)
        return [(name, count, day) for directive, name, count, day in totals if directive == COOKIE]

    def forget(self, before: date) -> None:
        """Delete what was counted before a day."""
        is_old = self._table.c.day < before
        with self._table.connect() as connection:
            found = connection.execute(sa.select(self._table.c.day).where(is_old).limit(1)).first()
        if found is not None:
            old = sa.delete(self._table.table).where(is_old)
            self._table.transact(lambda connection: connection.execute(old))

    @property
    def _today(self) -> date:
        return self._factory.clock().date()

    def _write_cookies(self, counts: Mapping[str, int]) -> None:
        self._ask(lambda is_wanted: add_cookies(self._table, self._today, counts))


def add_cookies(table: LogTable, day: date, counts: Mapping[str, int]) -> None:
    """Add to the count of each name on a day, all in one transaction; needs an app context.

    :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
    """
    try:
        _add(table, day, counts)
    except sa.exc.IntegrityError:  # another process was first
        _add(table, day, counts)


def _add(table: LogTable, day: date, counts: Mapping[str, int]) -> None:
    is_cookie = sa.and_(table.c.day == day, table.c.directive == COOKIE)
    # Read before the transaction: one of SQLite that reads and then writes may lose to another at once.
    with table.connect() as connection:
        rows = connection.execute(sa.select(table.c.host, table.c["count"]).where(is_cookie))
        totals: dict[str, int] = {row[0]: row[1] for row in rows}
    added, gone = _merged(totals, counts)

    def write(connection: sa.Connection) -> None:
        if gone:
            connection.execute(sa.delete(table.table).where(is_cookie, table.c.host.in_(gone)))
        for name, count in sorted(added.items()):  # in one order, so that two processes do not wait for each other
            more = sa.update(table.table).where(is_cookie, table.c.host == name)
            if not connection.execute(more.values(count=table.c["count"] + count)).rowcount:
                row = {"day": day, "directive": COOKIE, "host": name, "count": count}
                connection.execute(sa.insert(table.table).values(**row))

    if added:
        table.transact(write)


def _merged(totals: dict[str, int], counts: Mapping[str, int]) -> tuple[dict[str, int], list[str]]:
    """Return what to add to each name, and the names that make room for more frequent ones.

    Names that differ in case alone go together: to some databases they are the same.
    """
    spelled = {name.lower(): name for name in totals}
    added: dict[str, int] = {}
    gone: list[str] = []
    for given, count in sorted(counts.items(), key=lambda each: (-each[1], each[0])):
        name = spelled.setdefault(given.lower(), given)
        if name not in totals and len(totals) >= MOST_NAMES_A_DAY:
            rarest = min(totals, key=lambda each: totals[each])
            if totals[rarest] >= count:
                continue
            del totals[rarest]
            gone.append(rarest)
            added.pop(rarest, None)
        totals[name] = totals.get(name, 0) + count
        added[name] = added.get(name, 0) + count
    return added, gone
