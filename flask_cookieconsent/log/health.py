"""Health of the log: findings about database, tables, clock, seals, keys and spool, each with what to do (F4, F5)."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

import sqlalchemy as sa

from flask_cookieconsent.core.scopes import SAMPLE

from .breaker import Work
from .events import COLUMNS, EventFactory, Keys
from .failures import explanation, hide_row
from .rows import BATCH, newest_day, readable
from .sealed import key_of, sealed_until
from .seals import SEAL, count_days_to_seal
from .spool import FREE_BYTES, Spool, free_bytes
from .statistics import Verified
from .tables import LogTable, Tables
from .verified import last_verified

#: Seconds by which the clocks of an app and its database may differ.
MOST_SECONDS = 60

# Newest events whose keys are looked for.
_NEWEST = 20
# A nightly command that has not run yet is as it should be, and one that has not run for a week is not.
_LATE = 7
_MEBIBYTE = 1 << 20
# The seconds since 1970 by the clock of a server; a file has none of its own.
_CLOCKS = {
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT unix_timestamp(now(6))",
    "mariadb": "SELECT unix_timestamp(now(6))",
}


class Level(StrEnum):
    """How much a finding matters: not at all, soon, or now."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: how it is, and what to do where it is not as it should be."""

    level: Level
    about: str
    sentence: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.level:<8} {self.about:<13} {self.sentence}"

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to do something now."""
        return self.level is Level.PROBLEM


def health(tables: Tables, spool: Spool, factory: EventFactory, ask: Callable[[Work[Any]], Any]) -> Iterator[Finding]:
    """Yield a finding for each thing that can be wrong with a log; never raises, needs an app context.

    *ask* does some work within the deadline. What an earlier finding leaves no hope for is not asked.
    """

    def found(about: str, look: Callable[[], Finding]) -> Finding:
        try:
            return ask(lambda is_wanted: look())  # type: ignore[no-any-return]
        except Exception as error:  # whatever the trouble of a database, or of its configuration, is
            hide_row(error)
            return Finding(Level.PROBLEM, about, explanation(error))

    today, keys = factory.clock().date(), factory.keys
    last = partial(last_verified, tables, keys, factory.scope, today)
    yield (database := found("database", lambda: _of_database(tables.seals)))
    if not database.is_problem:
        yield found("clock", lambda: of_clock(_clock(tables.seals), factory.clock()))
        yield (schema := found("tables", lambda: of_tables(*missing_parts(tables))))
        if not schema.is_problem:
            yield found("seals", lambda: _seals(tables, keys, today))
            yield found("verification", lambda: of_verification(last(), today))
            yield found("keys", lambda: of_keys(_keys_of_events(tables.events, keys), _key_of_seal(tables.seals, keys)))
            yield found("scope", lambda: of_scopes(_scopes(tables) - {*factory.scopes, SAMPLE}))
    yield from of_spool(spool)


# -- the database ------------------------------------------------------------------------------------------------------


def reach(table: LogTable) -> str:
    """Ask a database for nothing, and return what it is, such as `sqlite`; needs an app context.

    :raises sqlalchemy.exc.SQLAlchemyError: if it is away.
    """
    with table.connect() as connection:
        connection.execute(sa.select(sa.literal(1)))
        return connection.dialect.name


def _of_database(table: LogTable) -> Finding:
    return Finding(Level.OK, "database", f"{reach(table)} answers")


def _clock(table: LogTable) -> float | None:
    with table.connect() as connection:
        query = _CLOCKS.get(connection.dialect.name)
        return None if query is None else float(connection.scalar(sa.text(query)))


def of_clock(found: float | None, now: datetime) -> Finding:
    """Return the finding about a database's clock in seconds since 1970, None where it is the app's own."""
    if found is None:
        return Finding(Level.OK, "clock", "the database has no clock of its own")
    seconds = round(found - now.timestamp())
    if abs(seconds) <= MOST_SECONDS:
        return Finding(Level.OK, "clock", f"app and database differ by {abs(seconds)} s")
    order = "behind" if seconds > 0 else "ahead of"
    sentence = f"this server's is {abs(seconds)} s {order} the database's: let NTP set both"
    return Finding(Level.PROBLEM, "clock", sentence)


def missing_parts(tables: Tables) -> tuple[list[str], list[str]]:
    """Return the tables and columns that are not there, and the indexes; needs an app context."""
    parts: list[str] = []
    indexes: list[str] = []
    for each in tables:
        name, schema = each.table.name, each.table.schema
        with each.connect() as connection:
            inspector = sa.inspect(connection)
            if not inspector.has_table(name, schema):
                parts.append(f"table {each.table.fullname}")
                continue
            there = {column["name"] for column in inspector.get_columns(name, schema)}
            wanted = [column.name for column in each.table.columns]
            parts += [f"column {each.table.fullname}.{column}" for column in wanted if column not in there]
            sorted_by = [index["column_names"] for index in inspector.get_indexes(name, schema)]
            sorted_by.append([*inspector.get_pk_constraint(name, schema)["constrained_columns"]])
        for columns in sorted([column.name for column in index.columns] for index in each.table.indexes):
            if not any(found[: len(columns)] == columns for found in sorted_by):
                indexes.append(f"index on {each.table.fullname} ({', '.join(columns)})")
    return parts, indexes


def of_tables(parts: Sequence[str], indexes: Sequence[str]) -> Finding:
    """Return the finding about what the tables lack: without an index all is right, and slow."""
    remedy = "run `flask cookieconsent init-db`, or migrate where columns are missing"
    if parts:
        return Finding(Level.PROBLEM, "tables", f"not there: {', '.join((*parts, *indexes))}; {remedy}")
    if indexes:
        return Finding(Level.WARNING, "tables", f"not there: {', '.join(indexes)}; {remedy}")
    return Finding(Level.OK, "tables", "all are there, with every column and index")


# -- seals and keys ----------------------------------------------------------------------------------------------------


def _seals(tables: Tables, keys: Keys, today: date) -> Finding:
    return of_seals(sealed_until(tables.seals, keys), count_days_to_seal(tables, keys, today), today)


def of_seals(until: date | None, waiting: int, today: date) -> Finding:
    """Return the finding about the newest sealed day and the number of finished days without a seal."""
    sealed = f"sealed until {until}" if until else "no day is sealed"
    if until and until > today - timedelta(days=2):
        sentence = f"{sealed}, which is not over: a server's clock was ahead, or this one's is behind; let NTP set them"
        return Finding(Level.PROBLEM, "seals", f"{sentence}. Until then events are recorded on the day after")
    if waiting <= 1:
        return Finding(Level.OK, "seals", f"{sealed}; finished days without a seal: {waiting}")
    level = Level.PROBLEM if waiting > _LATE else Level.WARNING
    sentence = f"{sealed}; finished days without a seal: {waiting}; run `flask cookieconsent seal` once a day"
    return Finding(level, "seals", sentence)


def of_verification(last: Verified | None, today: date) -> Finding:
    """Return the finding about the last verification."""
    command = "`flask cookieconsent verify`"
    if last is None:
        return Finding(Level.WARNING, "verification", f"never: run {command} once a day")
    sentence = f"last on {last.made_on}; events: {last.events}, mistakes: {last.mistakes}"
    if last.mistakes:
        return Finding(Level.PROBLEM, "verification", f"{sentence}; {command} names them")
    if (today - last.made_on).days > _LATE:
        return Finding(Level.WARNING, "verification", f"{sentence}; run {command} once a day")
    return Finding(Level.OK, "verification", sentence)


def _keys_of_events(events: LogTable, keys: Keys) -> list[int | None]:
    query = sa.select(events.c.id).order_by(events.c.id.desc()).limit(_NEWEST)
    with events.connect() as connection:
        ids = connection.scalars(query).all()
    rows = readable(events, "id", COLUMNS, within=events.c.id.in_(ids)) if ids else ()
    return [None if row is None else _place(keys.signing_key(row), keys) for _, row in rows]


def _key_of_seal(seals: LogTable, keys: Keys) -> list[int | None]:
    day = newest_day(seals, "day")
    rows = readable(seals, "day", SEAL, within=seals.c.day == day) if day else ()
    return [None if row is None else _place(key_of(row, keys), keys) for _, row in rows]


def _place(key: bytes | None, keys: Keys) -> int | None:
    return None if key is None else keys.newest_first.index(key)


def of_keys(events: Sequence[int | None], seals: Sequence[int | None]) -> Finding:
    """Return the finding about the keys of the newest events and of the newest seal.

    Each is the place of its key, 0 for the present one, more for a fallback, and None for none of ours.
    """
    what = [f"{events.count(None)} of the newest {len(events)} events"] * (None in events)
    what += ["the newest seal"] * (None in seals)
    if what:
        sentence = (
            f"no key of yours has signed {' and '.join(what)}: put the former key into SECRET_KEY_FALLBACKS, or "
            "COOKIECONSENT_SECRET_KEY_FALLBACKS; where there was none, see `flask cookieconsent verify`"
        )
        return Finding(Level.PROBLEM, "keys", sentence)
    if any((*events, *seals)):
        sentence = (
            "of the newest events or seals some have a fallback's signature: keep it as long as the log keeps them"
        )
        return Finding(Level.OK, "keys", sentence)
    return Finding(Level.OK, "keys", "the present key has signed the newest events and the newest seal")


def _scopes(tables: Tables) -> set[str]:
    """Return the scopes of the newest events and of all counts: nobody reads a whole log for it."""
    newest = sa.select(tables.events.c.scope).order_by(tables.events.c.id.desc()).limit(BATCH)
    with tables.events.connect() as connection:
        scopes = set(map(str, connection.scalars(newest)))
        return scopes | set(map(str, connection.scalars(sa.select(tables.counts.c.scope).distinct())))


def of_scopes(others: Iterable[str]) -> Finding:
    """Return the finding about names of other sites in the log."""
    names = ", ".join(repr(name) for name in sorted(others))
    if not names:
        return Finding(Level.OK, "scope", "every event is of this site")
    sentence = (
        f"there are events of {names}: where sites share the log, name them, `flask cookieconsent verify --scope …`; "
        "where COOKIECONSENT_LOG_SCOPE, _SCOPE or _APP_SCOPE has changed, the report counts from then on"
    )
    return Finding(Level.WARNING, "scope", sentence)


# -- the disk ----------------------------------------------------------------------------------------------------------


def of_spool(spool: Spool) -> Iterator[Finding]:
    """Yield the findings about the folder of the spool, what is in it, and its disk."""
    folder = spool.folder
    place = next(each for each in (folder, *folder.parents) if os.path.exists(each))
    if not (place.is_dir() and os.access(place, os.W_OK | os.X_OK)):
        sentence = f"{place} cannot be written, so no event could wait: see its rights, or COOKIECONSENT_SPOOL_FOLDER"
        yield Finding(Level.PROBLEM, "spool", sentence)
        return
    if place == folder and os.name == "posix" and (found := _not_ours(folder.stat())):
        yield Finding(Level.PROBLEM, "spool", f"{folder} {found}")
    waiting, aside, drafts = len(spool), spool.put_aside, spool.drafts
    if aside:
        sentence = f"files put aside: {aside}; flask_cookieconsent.spool said why: mend it, then run `replay`"
        yield Finding(Level.PROBLEM, "spool", sentence)
    if drafts:
        sentence = f"drafts: {drafts}; somebody writes just now, or did not finish, and then they go after an hour"
        yield Finding(Level.WARNING, "spool", sentence)
    level = Level.WARNING if waiting else Level.OK
    remedy = "; they follow with the next choice, or run `flask cookieconsent replay` on this server"
    yield Finding(level, "spool", f"events that wait in {folder}: {waiting}{remedy * bool(waiting)}")
    yield of_disk(free_bytes(place))


def _not_ours(status: os.stat_result) -> str:
    if status.st_mode & 0o077:
        return f"is open to others (mode {stat.S_IMODE(status.st_mode):o}): run `chmod 700` on it"
    if status.st_uid != os.geteuid():
        return "is another user's: run this as the app's own user, or let that own the folder"
    return ""


def of_disk(free: int) -> Finding:
    """Return the finding about the free bytes of the disk on which events wait."""
    needed = max(FREE_BYTES.values())
    sentence = f"{free // _MEBIBYTE} MiB are free where events wait"
    if free < needed:
        lack = f"below {needed // _MEBIBYTE} MiB no refusal may wait, and below 8 no grant"
        return Finding(Level.PROBLEM, "disk", f"{sentence}; {lack}: make room")
    if free < 10 * needed:
        return Finding(Level.WARNING, "disk", f"{sentence}: make room, an event takes about 4 KiB of it")
    return Finding(Level.OK, "disk", sentence)
