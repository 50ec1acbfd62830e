"""The log: what one event holds, and the recorders that keep it, with the notice it answers."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from flask.logging import default_handler, has_level_handler
from flask_sqlalchemy import SQLAlchemy

from .consent import VALIDITY, Kind
from .integrity import is_genuine, mac_of
from .models import engine_of, event_model, notice_model
from .notices import Kept, Notice
from .spool import Spool

logger = logging.getLogger("flask_cookieconsent.events")

# Another process may have left events on the disk.
_LOOK_EVERY = timedelta(minutes=1)
# As many as a visitor's press can take along without being slow.
_BATCH = 100


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row of the log: a choice made, changed or withdrawn. The fields are those of `ConsentEventMixin`."""

    id: str
    time: datetime
    kind: str
    method: str
    choices: Mapping[str, str]
    gpc: bool
    receipt: str | None
    previous: str | None
    notice: str
    locale: str
    policy_version: str
    scope: str
    validity: int = VALIDITY.days
    mac: str = ""


def fingerprint(receipt: str) -> str:
    """Return what the log keeps of a receipt: whoever holds it can prove an event, whoever reads the log cannot."""
    return hashlib.sha256(receipt.encode()).hexdigest()


def truncated(moment: datetime, kind: Kind) -> datetime:
    """Cut a moment to the minute, and to the day for a refusal, so that it cannot be joined with an access log."""
    minute = moment.astimezone(UTC).replace(second=0, microsecond=0, tzinfo=None)
    return minute.replace(hour=0, minute=0) if kind is Kind.REFUSED else minute


def new_id(time: datetime) -> str:
    """Return an id that sorts by the truncated time and is otherwise random, so that no two servers need to agree."""
    minutes = int(time.replace(tzinfo=UTC).timestamp()) // 60
    return f"{minutes:08x}{secrets.token_hex(12)}"


@dataclass(frozen=True)
class Writer:
    """Makes events for one app: its name in the log, the version of its policy, its clock and the key of its seal."""

    scope: str
    policy_version: str
    clock: Callable[[], datetime]
    key: bytes

    def event(self, *, kind: Kind, receipt: str | None, previous: str | None, **shown: Any) -> Event:
        """Make the event of a step that has just been taken."""
        time = truncated(self.clock(), kind)
        return self.signed(
            Event(
                id=new_id(time),
                time=time,
                kind=kind.value,
                receipt=_fingerprint(receipt),
                previous=previous,
                policy_version=self.policy_version,
                scope=self.scope,
                **shown,
            )
        )

    def signed(self, event: Event) -> Event:
        """Return an event with its HMAC."""
        return replace(event, mac=mac_of(vars(event), self.key))


def latest(db: SQLAlchemy, count: int) -> list[Event]:
    """Return the newest events, newest first; needs an app context."""
    model = event_model(db)
    table = model.__table__
    with engine_of(db, model).connect() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(count)).mappings()
        return [event_of(row) for row in rows]


def event_of(row: Mapping[Any, Any]) -> Event:
    """Return a row of the table as an event; columns that an app has added are its own."""
    return Event(**{name: row[name] for name in Event.__dataclass_fields__})


def insert(connection: sa.Connection, db: SQLAlchemy, event: Event) -> None:
    """Write an event on a connection of the caller's; committing is the caller's too."""
    connection.execute(sa.insert(event_model(db).__table__), dict(vars(event)))


def keep_notice(db: SQLAlchemy, notice: Notice, writer: Writer) -> None:
    """Keep a notice under its digest unless it is kept already; needs an app context."""
    model = notice_model(db)
    table = model.__table__
    with engine_of(db, model).connect() as connection:
        if connection.scalar(sa.select(table.c.digest).where(table.c.digest == notice.digest)):
            return
        place = (connection.scalar(sa.select(sa.func.max(table.c.place))) or 0) + 1
        row = asdict(notice) | {"first_used": writer.clock().date(), "place": place}
        try:
            connection.execute(sa.insert(table).values(**row, mac=mac_of(row, writer.key)))
            connection.commit()
        except sa.exc.IntegrityError:  # another worker was first, with the same words
            connection.rollback()


def notices(db: SQLAlchemy) -> list[Kept]:
    """Return every kept notice, oldest first; needs an app context."""
    model = notice_model(db)
    table = model.__table__
    names = Notice.__dataclass_fields__
    with engine_of(db, model).connect() as connection:
        rows = connection.execute(
            sa.select(table).order_by(table.c.first_used, table.c.place, table.c.digest)
        ).mappings()
        return [
            Kept(notice=Notice(**{name: row[name] for name in names}), first_used=row["first_used"]) for row in rows
        ]


class DatabaseRecorder:
    """Records events in the database, and on disk while that is away; whatever waits there follows (F5).

    Every event has its short transaction, after the notice that it names. The app's session is never used: committing
    it would commit the app's half-done work.
    """

    def __init__(self, writer: Writer, db: SQLAlchemy, spool: Spool, keys: Iterable[bytes]) -> None:
        self._writer, self._db, self._spool, self._keys = writer, db, spool, tuple(keys)
        self._kept: set[str] = set()
        self._looked: datetime | None = None

    def __call__(self, *, previous_receipt: str | None, answered: Notice | None, **step: Any) -> None:
        """Record one event for good.

        :raises Exception: if neither the database nor the disk can keep it.
        """
        event = self._writer.event(previous=None, **step)
        receipt = _fingerprint(previous_receipt)
        try:
            self._write(event, receipt, answered)
        except sa.exc.SQLAlchemyError as error:
            values = asdict(event) | {"time": event.time.isoformat()}
            notice = None if answered is None else asdict(answered)
            self._spool.add(event.id, {"event": values, "previous_receipt": receipt, "notice": notice})
            logger.error("the database is away, an event waits in the spool", exc_info=error)
            return
        if self._is_time_to_look():
            try:
                if self.replay(_BATCH) == _BATCH:
                    self._looked = None  # there is more
            except (sa.exc.SQLAlchemyError, OSError) as error:  # the event of this visitor is in the log all the same
                logger.error("what waits in the spool could not be written", exc_info=error)

    def replay(self, most: int = 1_000) -> int:
        """Write waiting events to the database, each exactly once, and return how many; needs an app context.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is away; what waits goes on waiting.
        """
        count = 0
        for path, entry in islice(self._spool.entries(), most):
            event = _event_in(entry)
            if event is None or not is_genuine(asdict(event), self._keys):
                logger.error("%s in the spool is not as it was written; it is put aside", path.name)
                self._spool.put_aside(path)
                continue
            try:
                notice = entry.get("notice")
                self._write(event, entry.get("previous_receipt"), None if notice is None else Notice(**notice))
            except sa.exc.IntegrityError:
                # Another process wrote it too, or one was killed before it could remove the file.
                if not self._is_there(event.id):
                    raise
            self._spool.take(path)
            count += 1
        return count

    def _write(self, event: Event, previous_receipt: str | None, notice: Notice | None) -> None:
        if notice is not None and notice.digest not in self._kept:
            keep_notice(self._db, notice, self._writer)
            self._kept.add(notice.digest)
        model = event_model(self._db)
        table = model.__table__
        with engine_of(self._db, model).begin() as connection:
            previous = _previous(connection, table, previous_receipt)
            linked = event if previous is None else self._writer.signed(replace(event, previous=previous))
            insert(connection, self._db, linked)

    def _is_there(self, id: str) -> bool:
        model = event_model(self._db)
        table = model.__table__
        with engine_of(self._db, model).connect() as connection:
            return connection.scalar(sa.select(table.c.id).where(table.c.id == id)) is not None

    def _is_time_to_look(self) -> bool:
        now = self._writer.clock()
        if self._looked is not None and now - self._looked < _LOOK_EVERY:
            return False
        self._looked = now
        return len(self._spool) > 0


def _event_in(entry: Mapping[str, Any]) -> Event | None:
    try:
        values = dict(entry["event"])
        return Event(**values | {"time": datetime.fromisoformat(values["time"])})
    except (KeyError, TypeError, ValueError):
        return None


def log_recorder(writer: Writer) -> Callable[..., None]:
    """Return a recorder for apps without a database: each event is a line of JSON in `flask_cookieconsent.events`.

    There is nothing to look a previous event up in, so the line carries the fingerprint of the previous receipt. Where
    the site has not said where its log lines go, they go where Flask's own do: a line that nobody hears proves nothing.
    """
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)
    kept: set[str] = set()

    def record(*, previous_receipt: str | None, answered: Notice | None, **step: Any) -> None:
        if answered is not None and answered.digest not in kept:
            logger.info(json.dumps({"kept_notice": asdict(answered)}, sort_keys=True))
            kept.add(answered.digest)
        event = writer.event(previous=None, **step)
        row = asdict(event) | {"time": event.time.isoformat() + "Z", "previous_receipt": _fingerprint(previous_receipt)}
        logger.info(json.dumps(row, sort_keys=True))

    return record


def _fingerprint(receipt: str | None) -> str | None:
    return fingerprint(receipt) if receipt else None


def _previous(connection: sa.Connection, table: sa.Table, receipt: str | None) -> str | None:
    """Return the id of the newest event of a receipt, given as its fingerprint."""
    if receipt is None:
        return None
    same = table.c.receipt == receipt
    found: str | None = connection.scalar(sa.select(table.c.id).where(same).order_by(table.c.id.desc()).limit(1))
    return found
