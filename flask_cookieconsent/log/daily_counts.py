"""Daily counts: statistics of finished days, aggregated once, which outlive their events (F6).

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

from .models import LogTable, Tables
from .rows import Row, first_and_last_day
from .statistics import Summary, Tally, tally

logger = logging.getLogger("flask_cookieconsent.events")

#: A report counts at most this many events that `count_days` has not counted yet.
MOST_UNCOUNTED = 200_000

# Events that waited in the spool for days come late, so that many days are counted again.
_AGAIN = timedelta(days=31)

# A group for each set of choices of each day has to fit into memory.
_SPAN = timedelta(days=31)

_TEXTS = ("scope", "kind", "method", "locale", "policy_version")
_GROUPED = (*_TEXTS, "gpc")


@dataclass(frozen=True)
class DailyCounts:
    """The daily counts of a log; *categories* maps each category to its optional services. Needs an app context."""

    tables: Tables
    categories: Mapping[str, Iterable[str]]

    def count_days(self, now: datetime) -> int:
        """Count every finished day that is new, or recent, and return how many there were (idempotent).

        A day is finished when the next one is over too. The counts of a day never shrink: rows that were erased since
        stay counted, as F6 wants of those that retention takes.
        """
        events, counts = self.tables.events, self.tables.counts
        days_of_events = first_and_last_day(events)
        with counts.connect() as connection:
            newest = connection.scalar(sa.select(sa.func.max(counts.c.day)))
        if days_of_events is None:
            return 0
        start = max(days_of_events[0], newest - _AGAIN) if newest else days_of_events[0]
        days = 0
        for day, scope, counters in self.tallies(start, now.date() - timedelta(days=2)):
            _keep(counts, day, scope, counters)
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

    def summary(self, scope: str, since: date, until: date) -> Summary:
        """Return the choices of some days of one site: from the counts and, for newer days, from the rows."""
        events, counts = self.tables.events, self.tables.counts
        with counts.connect() as connection:
            own = counts.c.scope == scope
            newest = connection.scalar(sa.select(sa.func.max(counts.c.day)).where(own))
            query = sa.select(counts.c.day, counts.c.counts).where(own, counts.c.day.between(since, until))
            days: dict[date, Tally] = {row.day: row.counts for row in connection.execute(query.order_by(counts.c.day))}
        start = max(since, newest + timedelta(days=1)) if newest else since
        if start > until:
            return Summary(since=since, until=until, days=days)
        with events.connect() as connection:
            some = sa.select(events.c.id).where(_within(events, start, until)).limit(MOST_UNCOUNTED + 1).subquery()
            is_whole = (connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= MOST_UNCOUNTED
        if is_whole:
            days |= {day: counters for day, _, counters in self.tallies(start, until, scope)}
        return Summary(since=since, until=until, days=days, is_whole=is_whole)


def _keep(counts: LogTable, day: date, scope: str, counters: Tally) -> None:
    same = sa.and_(counts.c.day == day, counts.c.scope == scope)
    with counts.connect() as connection:
        before = connection.scalar(sa.select(counts.c.counts).where(same))
        if before is not None and sum(before["kind"].values()) >= counters["kind"].total():
            return
        try:
            connection.execute(sa.delete(counts.table).where(same))
            connection.execute(sa.insert(counts.table).values(day=day, scope=scope, counts=counters))
            connection.commit()
        except sa.exc.IntegrityError:  # another server counts the same day, with the same outcome
            connection.rollback()


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
    columns = [sa.func.date(events.c.time).label("day"), choices, *(events.c[name] for name in _GROUPED)]
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
