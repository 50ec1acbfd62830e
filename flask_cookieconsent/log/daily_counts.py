"""The counts of finished days, made once, so that a report of years reads hundreds of rows and not millions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from .models import count_model, engine_of, event_model
from .statistics import Summary, Tally, tally

Categories = Mapping[str, Iterable[str]]

#: A report counts at most this many events that `count_days` has not counted yet.
MOST_UNCOUNTED = 200_000

# Events that waited on disk for days come late, so that many days are counted again.
_AGAIN = timedelta(days=31)


_GROUPED = ("scope", "kind", "method", "locale", "policy_version", "gpc")


def count_days(db: SQLAlchemy, categories: Categories, now: datetime) -> int:
    """Count every finished day that is new, or recent, and return how many there were; needs an app context.

    A day is finished when the next one is over too. The counts of a day never shrink: rows that were erased since stay
    counted, as F6 wants of those that retention takes.
    """
    events, counts = event_model(db).__table__, count_model(db).__table__
    with engine_of(db, event_model(db)).connect() as connection:
        first = connection.scalar(sa.select(sa.func.min(events.c.time)))
    with engine_of(db, count_model(db)).connect() as connection:
        newest = connection.scalar(sa.select(sa.func.max(counts.c.day)))
    if first is None:
        return 0
    start = max(first.date(), newest - _AGAIN) if newest else first.date()
    done = 0
    for (day, scope), found in tallies_of(db, categories, start, now.date() - timedelta(days=2)):
        _keep(db, day, scope, found)
        done += 1
    return done


def _keep(db: SQLAlchemy, day: date, scope: str, found: Tally) -> None:
    model = count_model(db)
    table = model.__table__
    same = sa.and_(table.c.day == day, table.c.scope == scope)
    with engine_of(db, model).connect() as connection:
        before = connection.scalar(sa.select(table.c.counts).where(same))
        if before is not None and sum(before["kind"].values()) >= found["kind"].total():
            return
        try:
            connection.execute(sa.delete(table).where(same))
            connection.execute(sa.insert(table).values(day=day, scope=scope, counts=found))
            connection.commit()
        except sa.exc.IntegrityError:  # another server counts the same day, with the same outcome
            connection.rollback()


def tallies_of(
    db: SQLAlchemy, categories: Categories, since: date, until: date, scope: str | None = None
) -> Iterator[tuple[tuple[date, str], Tally]]:
    """Yield what the rows of the log of some days, both included, add up to, by day and scope."""
    model = event_model(db)
    table = model.__table__
    day = sa.func.date(table.c.time).label("day")
    choices = sa.cast(table.c.choices, sa.Text).label("choices")
    columns = [day, choices, *(table.c[name] for name in _GROUPED)]
    # A month at a time: a group for each set of choices of each day has to fit into memory.
    while since <= until:
        end = min(until, since + timedelta(days=30))
        within = _days(table, since, end) if scope is None else _days(table, since, end) & (table.c.scope == scope)
        query = sa.select(*columns, sa.func.count().label("count")).where(within).group_by(*columns)
        with engine_of(db, model).connect() as connection:
            rows = [_read(row) for row in connection.execute(query).mappings()]
        place = lambda row: (row["day"], row["scope"])  # noqa: E731
        for key, group in groupby(sorted(rows, key=place), key=place):
            yield key, tally(group, categories)
        since = end + timedelta(days=1)


def _read(row: Mapping[Any, Any]) -> dict[str, Any]:
    day = row["day"]
    # SQLite has no type for days.
    return dict(row) | {"day": date.fromisoformat(str(day)), "choices": json.loads(row["choices"])}


def _days(table: sa.Table, since: date, until: date) -> sa.ColumnElement[bool]:
    start, end = datetime.combine(since, time()), datetime.combine(until + timedelta(days=1), time())
    return sa.and_(table.c.time >= start, table.c.time < end)


def summary(db: SQLAlchemy, categories: Categories, scope: str, since: date, until: date) -> Summary:
    """Return the choices of some days of one site, from the counts and, for newer days, from the rows themselves."""
    counts, events = count_model(db).__table__, event_model(db).__table__
    with engine_of(db, count_model(db)).connect() as connection:
        mine = counts.c.scope == scope
        newest = connection.scalar(sa.select(sa.func.max(counts.c.day)).where(mine))
        query = sa.select(counts.c.day, counts.c.counts).where(mine, counts.c.day.between(since, until))
        days: dict[date, Tally] = {row.day: row.counts for row in connection.execute(query.order_by(counts.c.day))}
    start = max(since, newest + timedelta(days=1)) if newest else since
    if start > until:
        return Summary(since=since, until=until, days=days)
    with engine_of(db, event_model(db)).connect() as connection:
        some = sa.select(events.c.id).where(_days(events, start, until)).limit(MOST_UNCOUNTED + 1).subquery()
        is_whole = (connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= MOST_UNCOUNTED
    if is_whole:
        days |= {day: found for (day, _), found in tallies_of(db, categories, start, until, scope)}
    return Summary(since=since, until=until, days=days, is_whole=is_whole)
