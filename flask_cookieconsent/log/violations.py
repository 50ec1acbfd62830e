"""Counts of Content-Security-Policy reports by day, directive and host; nothing else of a report is kept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa

from flask_cookieconsent.core.csp import Violation

from .tables import LogTable

#: Directives of Content Security Policy Level 3 that browsers report; a made-up one takes no place.
DIRECTIVES = frozenset(
    {
        *("base-uri", "child-src", "connect-src", "default-src", "fenced-frame-src", "font-src", "form-action"),
        *("frame-ancestors", "frame-src", "img-src", "manifest-src", "media-src", "object-src", "prefetch-src"),
        *("require-trusted-types-for", "sandbox", "script-src", "script-src-attr", "script-src-elem", "style-src"),
        *("style-src-attr", "style-src-elem", "trusted-types", "worker-src"),
    }
)

#: Different hosts of one directive on one day: strangers can post reports too, and a flood leaves room for the others.
MOST_HOSTS_A_DAY = 50


def add_violations(table: LogTable, day: date, violations: Iterable[Violation]) -> None:
    """Add to the count of each violation's directive and host on a day; needs an app context.

    What is there is looked at before the transaction, so that nobody waits for a report that changes nothing.

    :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable.
    """
    counts = Counter(violation for violation in violations if violation[0] in DIRECTIVES)
    if not counts:
        return
    known = _known(table, day, {directive for directive, _ in counts})
    taken = Counter(directive for directive, _ in known)
    for (directive, host), count in counts.items():
        if (directive, host) not in known:
            if taken[directive] >= MOST_HOSTS_A_DAY:
                continue
            taken[directive] += 1
        _add(table, day, directive, host, count)


def _known(table: LogTable, day: date, directives: Iterable[str]) -> set[Violation]:
    query = sa.select(table.c.directive, table.c.host)
    with table.connect() as connection:
        rows = connection.execute(query.where(table.c.day == day, table.c.directive.in_(list(directives))))
        return {(row.directive, row.host) for row in rows}


def _add(table: LogTable, day: date, directive: str, host: str, count: int) -> None:
    key = {"day": day, "directive": directive, "host": host}
    same = sa.and_(*(table.c[name] == value for name, value in key.items()))
    more = sa.update(table.table).where(same).values(count=table.c["count"] + count)

    def write(connection: sa.Connection) -> None:
        if not connection.execute(more).rowcount:
            connection.execute(sa.insert(table.table).values(**key, count=count))

    try:
        table.transact(write)
    except sa.exc.IntegrityError:  # somebody else was first
        table.transact(write)


def violation_totals(table: LogTable) -> list[tuple[str, str, int, date]]:
    """Return directive, host, the count of all days and the last day, the most frequent first; needs an app context."""
    total = sa.func.sum(table.c["count"])
    query = sa.select(table.c.directive, table.c.host, total, sa.func.max(table.c.day))
    with table.connect() as connection:
        rows = connection.execute(query.group_by(table.c.directive, table.c.host).order_by(total.desc()))
        return [(row[0], row[1], row[2], row[3]) for row in rows]
