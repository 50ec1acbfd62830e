"""Daily counts, signed: of finished days, which outlive their events (F6), and of events that were no rows.

A report of years reads hundreds of rows and not millions.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from .events import Keys
from .models import LogTable, Tables
from .rows import Row, first_and_last_day
from .statistics import Summary, Tally, tally, total

logger = logging.getLogger("flask_cookieconsent.events")

#: A report counts at most this many events that `count_days` has not counted yet.
MOST_UNCOUNTED = 200_000

# Events that waited in the spool for days come late, so that many days are counted again.
_AGAIN = timedelta(days=31)

# A group for each set of choices of each day has to fit into memory.
_SPAN = timedelta(days=31)

_TEXTS = ("scope", "kind", "method", "locale", "policy_version")
_GROUPED = (*_TEXTS, "gpc")

#: What a row counts: the events of a finished day that were rows of the log, or those beyond the rate limit.
WRITTEN, UNWRITTEN = "written", "unwritten"

_SIGNED = ("day", "scope", "source", "counts")

# Others may insert the same row, or take it away, between a look at it and the write, but not for ever.
_TRIES = 5


@dataclass(frozen=True)
class DailyCounts:
    """The daily counts of a log; *categories* maps each category to its optional services. Needs an app context."""

    tables: Tables
    categories: Mapping[str, Iterable[str]]
    keys: Keys

    def count_days(self, now: datetime) -> int:
        """Count every finished day that is new, or recent, and return how many there were (idempotent).

        A day is finished when the next one is over too. The counts of a day never shrink: rows that were erased since
        stay counted, as F6 wants of those that retention takes.
        """
        events, counts = self.tables.events, self.tables.counts
        days_of_events = first_and_last_day(events)
        with counts.connect() as connection:
            newest = connection.scalar(sa.select(sa.func.max(counts.c.day)).where(counts.c.source == WRITTEN))
        if days_of_events is None:
            return 0
        start = max(days_of_events[0], newest - _AGAIN) if newest else days_of_events[0]
        days = 0
        for day, scope, counters in self.tallies(start, now.date() - timedelta(days=2)):
            _keep(counts, self.keys, day, scope, counters)
            days += 1
        return days

    def tallies(self, since: date, until: date, scope: str | None = None) -> Iterator[tuple[date, str, Tally]]:
        """Yield day, scope and tally of the rows of some days, both included, by day and scope."""
        for first, last in _spans(since, until):
            groups: dict[tuple[date, str], list[dict[str, Any]]] = {}
            for group in _readable_groups(self.tables.events, first, last, scope):
                groups.setdefault((group["day"], group["scope"]), []).append(group)
            for day, site in sorted(groups):
                yield day, site, tally(groups[day, site], self.categories)

    def add_unwritten(self, day: date, scope: str, counters: Tally) -> None:
        """Add events that are no rows to the counts of their day.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable, or always somebody else's turn.
        """
        for _ in range(_TRIES):
            try:
                if _add(self.tables.counts, self.keys, {"day": day, "scope": scope, "source": UNWRITTEN}, counters):
                    return
            except sa.exc.IntegrityError:  # another worker was first with the row of this day
                continue
        raise sa.exc.InvalidRequestError(f"the counts of {day} were changed {_TRIES} times by others; try again")

    def summary(self, scope: str, since: date, until: date) -> Summary:
        """Return the choices of some days of one site: from the counts and, for newer days, from the rows."""
        events, counts = self.tables.events, self.tables.counts
        with counts.connect() as connection:
            own = counts.c.scope == scope
            newest = connection.scalar(sa.select(sa.func.max(counts.c.day)).where(own, counts.c.source == WRITTEN))
            query = sa.select(counts.c.day, counts.c.counts).where(own, counts.c.day.between(since, until))
            found = [(row.day, row.counts) for row in connection.execute(query.order_by(counts.c.day))]
        start, is_whole = max(since, newest + timedelta(days=1)) if newest else since, True
        if start <= until:
            with events.connect() as connection:
                some = sa.select(events.c.id).where(_within(events, start, until)).limit(MOST_UNCOUNTED + 1).subquery()
                is_whole = (connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= MOST_UNCOUNTED
            if is_whole:
                found += [(day, counters) for day, _, counters in self.tallies(start, until, scope)]
        days: dict[date, list[Tally]] = {}
        for day, counters in found:
            days.setdefault(day, []).append(counters)
        by_day = {day: total(days[day]) for day in sorted(days)}
        return Summary(since=since, until=until, days=by_day, is_whole=is_whole)


def wrong_counts(counts: LogTable, keys: Keys) -> Iterator[str]:
    """Yield a sentence for every row of counts that is not as it was written; needs an app context."""
    # As text, so that one row which nobody can read does not end the check of the others.
    columns = (sa.cast(counts.c[name], sa.Text).label(name) for name in (*_SIGNED, "mac"))
    with counts.connect() as connection:
        for row in connection.execute(sa.select(*columns).order_by(counts.c.day)).mappings():
            if not _is_genuine(row, keys):
                yield f"counts of {row['day']} ({row['source']}): changed, or put in by somebody without the key"


def _is_genuine(row: Row, keys: Keys) -> bool:
    try:
        return keys.is_genuine(dict(row) | {"counts": json.loads(row["counts"])})
    except (TypeError, ValueError, RecursionError):
        return False


def _row(connection: sa.Connection, counts: LogTable, key: Mapping[str, Any]) -> Row | None:
    query = sa.select(*(counts.c[name] for name in (*_SIGNED, "mac"))).where(_same(counts, key))
    return connection.execute(query).mappings().first()


def _same(counts: LogTable, key: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    return sa.and_(*(counts.c[name] == value for name, value in key.items()))


def _add(counts: LogTable, keys: Keys, key: Mapping[str, Any], counters: Tally) -> bool:
    """Insert or increase a row, and tell whether it could be: somebody may have just taken it away."""
    with counts.connect() as connection:
        is_there = _row(connection, counts, key) is not None
    with counts.begin() as connection:
        if not is_there:
            connection.execute(sa.insert(counts.table), keys.with_mac({**key, "counts": counters}))
            return True
        row = sa.update(counts.table).where(_same(counts, key))
        # Whoever has changed nothing holds the lock all the same, on every database, and reads what is there then.
        connection.execute(row.values(mac=counts.c.mac))
        before = _row(connection, counts, key)
        if before is None:
            return False
        values = {"counts": total([before["counts"], counters])}
        # A row that somebody else has changed stays one: to sign it would hide that.
        mac = keys.mac({**key, **values}) if keys.is_genuine(before) else before["mac"]
        connection.execute(row.values(**values, mac=mac))
        return True


def _keep(counts: LogTable, keys: Keys, day: date, scope: str, counters: Tally) -> None:
    key = {"day": day, "scope": scope, "source": WRITTEN}
    try:
        with counts.begin() as connection:
            before = _row(connection, counts, key)
            if before is not None and (
                not keys.is_genuine(before) or sum(before["counts"]["kind"].values()) >= counters["kind"].total()
            ):
                return
            connection.execute(sa.delete(counts.table).where(_same(counts, key)))
            connection.execute(sa.insert(counts.table), keys.with_mac({**key, "counts": counters}))
    except sa.exc.IntegrityError:  # another server counts the same day, with the same outcome
        return


def _spans(since: date, until: date) -> Iterator[tuple[date, date]]:
    while since <= until:
        last = min(until, since + _SPAN - timedelta(days=1))
        yield since, last
        since = last + timedelta(days=1)


def _readable_groups(events: LogTable, since: date, until: date, scope: str | None) -> list[dict[str, Any]]:
    """Return the same as `_grouped`, without the days of which somebody has made a row that cannot be read."""
    try:
        return _grouped(events, since, until, scope)
    except Exception as error:  # whatever the driver or the type makes of it
        if since == until:
            first_and_last_day(events)  # raises where the database is away
            logger.error("events of %s not counted, see `flask cookieconsent verify`: %s", since, type(error).__name__)
            return []
    middle = since + timedelta(days=(until - since).days // 2)
    return [
        *_readable_groups(events, since, middle, scope),
        *_readable_groups(events, middle + timedelta(days=1), until, scope),
    ]


def _grouped(events: LogTable, since: date, until: date, scope: str | None) -> list[dict[str, Any]]:
    """Return the events of some days as groups of equal ones, with `day` and `count`."""
    choices = sa.cast(events.c.choices, sa.Text).label("choices")
    columns = [
        sa.func.date(events.c.time).label("day"),
        # As text: PostgreSQL takes an expression with a parameter for another one in each clause.
        (events.c.notice != sa.literal_column("''")).label("has_notice"),
        choices,
        *(events.c[name] for name in _GROUPED),
    ]
    query = sa.select(*columns, sa.func.count().label("count")).where(_within(events, since, until)).group_by(*columns)
    if scope is not None:
        query = query.where(events.c.scope == scope)
    with events.connect() as connection:
        return [_parsed(row) for row in connection.execute(query).mappings()]


def _parsed(row: Row) -> dict[str, Any]:
    if not all(isinstance(row[name], str) for name in _TEXTS):
        raise TypeError("a column of text holds something else")  # which SQLite allows, and JSON does not
    # SQLite has no type for days.
    return dict(row) | {"day": date.fromisoformat(str(row["day"])), "choices": json.loads(row["choices"])}


def _within(events: LogTable, since: date, until: date) -> sa.ColumnElement[bool]:
    start, end = datetime.combine(since, time()), datetime.combine(until + timedelta(days=1), time())
    return sa.and_(events.c.time >= start, events.c.time < end)
