"""Daily counts, signed: of finished days, which outlive their events (F6), and of events that were no rows.

A report of years reads hundreds of rows and not millions.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.errors import DatabaseUnavailableError

from .events import Keys
from .rows import Row, newest_day
from .sealed import has_seal, sealed_until
from .statistics import Summary, Tally, tally, total, with_scope
from .tables import LogTable, Tables

logger = logging.getLogger("flask_cookieconsent.events")

#: A report counts at most this many events that were recorded since the newest seal.
MOST_UNCOUNTED = 200_000

# A group for each set of choices of each day has to fit into memory.
_SPAN = timedelta(days=31)

_TEXTS = ("scope", "kind", "method", "locale", "policy_version")
_GROUPED = (*_TEXTS, "gpc")

#: What a row counts: the events that were recorded on a finished day, or those beyond the rate limit.
WRITTEN, UNWRITTEN = "written", "unwritten"
#: What a row of `verify` holds: how much it looked at on a day, and what it found.
VERIFIED = "verified"

#: The columns that are signed.
SIGNED = ("day", "scope", "source", "counts")

# Others may insert the same row, or take it away, between a look at it and the write, but not for ever.
_TRIES = 5


@dataclass(frozen=True)
class DailyCounts:
    """The daily counts of a log; *categories* maps each category to its optional services. Needs an app context."""

    tables: Tables
    categories: Mapping[str, Iterable[str]]
    keys: Keys

    def keep(self, connection: sa.Connection, day: date, tallies: Iterable[tuple[date, str, Tally]]) -> None:
        """Insert the counts of a day that is being sealed on the same connection, in place of any that came before."""
        counts = self.tables.counts
        connection.execute(sa.delete(counts.table).where(counts.c.day == day, counts.c.source == WRITTEN))
        for _, scope, counters in tallies:
            row = {"day": day, "scope": scope, "source": WRITTEN, "counts": counters}
            connection.execute(sa.insert(counts.table), self.keys.with_mac(row))

    def tallies(self, since: date, until: date, scope: str | None = None) -> Iterator[tuple[date, str, Tally]]:
        """Yield day, scope and tally of what was recorded on some days, both included, by day and scope."""
        for first, last in _spans(since, until):
            groups: dict[tuple[date, str], list[dict[str, Any]]] = {}
            for group in _readable_groups(self.tables.events, first, last, scope):
                # MariaDB holds two names that differ by spaces at their end for one.
                groups.setdefault((group["recorded_on"], group["scope"].rstrip(" ")), []).append(group)
            for day, site in sorted(groups):
                yield day, site, tally(groups[day, site], self.categories)

    def add_unwritten(
        self, day: date, scope: str, counters: Tally, is_wanted: Callable[[], bool] = lambda: True
    ) -> None:
        """Add events that are no rows to the counts of the day on which they are recorded.

        *is_wanted* is asked last: what nobody waits for any more is taken back, because it will be added again.

        :raises DatabaseUnavailableError: if nobody waits for it any more.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable, or always somebody else's turn.
        """
        tries = 0
        while tries < _TRIES:
            key = {"day": day, "scope": scope, "source": UNWRITTEN}
            with self.tables.seals.connect() as connection:
                is_sealed = has_seal(connection, self.tables.seals, day)
            if is_sealed:  # by a server whose clock is ahead, a moment ago
                day += timedelta(days=1)
                continue
            tries += 1
            try:
                if _add(self.tables.counts, self.keys, key, counters, is_wanted):
                    return
            except sa.exc.IntegrityError:  # another worker was first with the row of this day
                continue
        raise sa.exc.InvalidRequestError(f"the counts of {day} were changed {_TRIES} times by others; try again")

    def summary(self, scope: str, since: date, until: date) -> Summary:
        """Return the choices of some days of one site: from the counts and, for days without a seal, from the rows."""
        events, counts = self.tables.events, self.tables.counts
        sealed = sealed_until(self.tables.seals, self.keys)
        with counts.connect() as connection:
            own = sa.and_(counts.c.scope == scope, counts.c.source.in_((WRITTEN, UNWRITTEN)))
            query = sa.select(counts.c.day, counts.c.counts).where(own, counts.c.day.between(since, until))
            rows = connection.execute(query.order_by(counts.c.day)).all()
        found: list[tuple[date, Tally]] = [(row.day, row.counts) for row in rows if _is_tally(row.counts)]
        start, is_whole = max(since, sealed + timedelta(days=1)) if sealed else since, True
        if start <= until:
            with events.connect() as connection:
                some = sa.select(events.c.id).where(_within(events, start, until)).limit(MOST_UNCOUNTED + 1).subquery()
                is_whole = (connection.scalar(sa.select(sa.func.count()).select_from(some)) or 0) <= MOST_UNCOUNTED
            if is_whole:
                found += [(day, counters) for day, _, counters in self.tallies(start, until, scope)]
        days: dict[date, list[Tally]] = {}
        for day, counters in found:
            days.setdefault(day, []).append(counters)
        by_day = {day: with_scope(total(days[day]), scope) for day in sorted(days)}
        return Summary(since=since, until=until, days=by_day, is_whole=is_whole)


def _is_tally(counts: object) -> bool:
    # `verify` names what somebody has written there.
    return isinstance(counts, dict) and all(
        isinstance(counter, dict) and all(isinstance(count, int) for count in counter.values())
        for counter in counts.values()
    )


def counts_hash(connection: sa.Connection, counts: LogTable, day: date) -> str:
    """Return the SHA-256, in hexadecimal, of the MACs of the counts of one day, for its seal."""
    query = sa.select(sa.cast(counts.c.mac, sa.Text)).where(counts.c.day == day, counts.c.source != VERIFIED)
    return hash_of_macs(connection.scalars(query))


def hash_of_macs(macs: Iterable[object]) -> str:
    """Return the SHA-256, in hexadecimal, of some MACs in their own order."""
    return hashlib.sha256("".join(sorted(map(str, macs))).encode("utf-8", "surrogatepass")).hexdigest()


def count_texts(counts: LogTable) -> sa.Select[Any]:
    """Return a query for every row of counts, each column as text: one that nobody can read ends no other's check."""
    columns: list[Any] = [sa.cast(counts.c[name], sa.Text).label(name) for name in (*SIGNED, "mac")]
    return sa.select(*columns)


def is_genuine_count(row: Row, keys: Keys) -> bool:
    """Tell whether a row of counts, each column as text, is as it was written; never raises."""
    try:
        return keys.is_genuine(dict(row) | {"counts": json.loads(row["counts"])})
    except (TypeError, ValueError, RecursionError):
        return False


def _row(connection: sa.Connection, counts: LogTable, key: Mapping[str, Any]) -> Row | None:
    query = sa.select(*(counts.c[name] for name in (*SIGNED, "mac"))).where(same_count(counts, key))
    return connection.execute(query).mappings().first()


def same_count(counts: LogTable, key: Mapping[str, Any]) -> sa.ColumnElement[bool]:
    """Return the condition for the row of counts with a key."""
    return sa.and_(*(counts.c[name] == value for name, value in key.items()))


def _add(counts: LogTable, keys: Keys, key: Mapping[str, Any], counters: Tally, is_wanted: Callable[[], bool]) -> bool:
    """Insert or increase a row, and tell whether it could be: somebody may have just taken it away."""
    with counts.connect() as connection:
        is_there = _row(connection, counts, key) is not None

    def write(connection: sa.Connection) -> bool:
        was_added = change(connection)
        if not is_wanted():
            raise DatabaseUnavailableError("it took the counts after the deadline, and they will be added again")
        return was_added

    def change(connection: sa.Connection) -> bool:
        if not is_there:
            connection.execute(sa.insert(counts.table), keys.with_mac({**key, "counts": counters}))
            return True
        row = sa.update(counts.table).where(same_count(counts, key))
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

    return counts.transact(write)


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
            newest_day(events, "recorded_on")  # raises where the database is away
            logger.error("events of %s not counted, see `flask cookieconsent verify`: %s", since, type(error).__name__)
            return []
    middle = since + timedelta(days=(until - since).days // 2)
    return [
        *_readable_groups(events, since, middle, scope),
        *_readable_groups(events, middle + timedelta(days=1), until, scope),
    ]


def _grouped(events: LogTable, since: date, until: date, scope: str | None) -> list[dict[str, Any]]:
    """Return what was recorded on some days as groups of equal events, with `count`."""
    choices = sa.cast(events.c.choices, sa.Text).label("choices")
    columns = [
        events.c.recorded_on,
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
    choices = json.loads(row["choices"])
    if not (isinstance(choices, dict) and all(isinstance(answer, str) for answer in choices.values())):
        raise TypeError("choices are something else")
    return dict(row) | {"choices": choices}


def _within(events: LogTable, since: date, until: date) -> sa.ColumnElement[bool]:
    return events.c.recorded_on.between(since, until)
