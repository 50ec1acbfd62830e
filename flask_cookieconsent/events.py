"""The log: what one event holds, the table it is kept in, and the recorders that keep it."""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, cast

import sqlalchemy as sa
from flask.logging import default_handler, has_level_handler
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import mapped_column

from .consent import VALIDITY, Kind
from .violations import violation_table

logger = logging.getLogger("flask_cookieconsent.events")

_TABLE = "cookieconsent_event"


class ConsentEventMixin:
    """The columns of one event, for a model of the app's own; none of them says who the visitor is (F3).

    Define such a model before the extension is given the `db`, or give the `db` to `init_app`.

    `time` is UTC without a zone, cut to the minute, and to the day where something was refused. `receipt` is the
    SHA-256 of the visitor's receipt, null for refusals. `validity` counts days. Nothing refers to another table, so
    nothing can take an event away with it.
    """

    __tablename__ = _TABLE

    # Without annotations, because on a `MappedAsDataclass` base an annotated column of a plain mixin is refused.
    id = mapped_column(sa.String(32), primary_key=True)
    time = mapped_column(sa.DateTime, index=True, nullable=False)
    kind = mapped_column(sa.String(16), nullable=False)
    method = mapped_column(sa.String(16), nullable=False)
    choices = mapped_column(sa.JSON, nullable=False)
    gpc = mapped_column(sa.Boolean, nullable=False)
    receipt = mapped_column(sa.String(64), index=True, nullable=True)
    previous = mapped_column(sa.String(32), nullable=True)
    notice = mapped_column(sa.String(64), nullable=False)
    locale = mapped_column(sa.String(40), nullable=False)
    policy_version = mapped_column(sa.String(40), nullable=False)
    scope = mapped_column(sa.String(40), nullable=False)
    validity = mapped_column(sa.Integer, nullable=False)


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


def event_model(db: SQLAlchemy) -> type[Any]:
    """Return the model of the log on an app's own `db`, made the first time it is asked for.

    A model of the app's own, made with `ConsentEventMixin`, is used where there is one.
    """
    found: type[Any] | None = db.metadata.info.get(_TABLE)
    if found is None:
        # The base keeps weak references only: without one that lasts, the class would be gone and its table not.
        found = db.metadata.info[_TABLE] = _own_model(db) or _ready_model(db)
    return found


def _own_model(db: SQLAlchemy) -> type[Any] | None:
    mappers = cast(Any, db.Model).registry.mappers
    return next((each.class_ for each in mappers if issubclass(each.class_, ConsentEventMixin)), None)


def _ready_model(db: SQLAlchemy) -> type[Any]:
    return type("ConsentEvent", (ConsentEventMixin, db.Model), {"__doc__": "One consent event, without a visitor."})


def create_tables(db: SQLAlchemy) -> None:
    """Create the extension's tables where they do not exist; needs an app context."""
    model = event_model(db)
    table: sa.Table = model.__table__
    violations = violation_table(db)
    with db.engine.begin() as connection:
        connection.execute(sa.schema.CreateTable(violations, if_not_exists=True))
    with _engine(db, model).begin() as connection:
        # Two workers that start at once may both find no table.
        connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))


def latest(db: SQLAlchemy, count: int) -> list[Event]:
    """Return the newest events, newest first; needs an app context."""
    model = event_model(db)
    table = model.__table__
    with _engine(db, model).connect() as connection:
        rows = connection.execute(sa.select(table).order_by(table.c.id.desc()).limit(count)).mappings()
        return [Event(**{name: row[name] for name in Event.__dataclass_fields__}) for row in rows]


def insert(connection: sa.Connection, db: SQLAlchemy, event: Event) -> None:
    """Write an event on a connection of the caller's; committing is the caller's too."""
    connection.execute(sa.insert(event_model(db).__table__).values(**asdict(event)))


@dataclass(frozen=True)
class Writer:
    """Makes events for one app: its name in the log, the version of its policy, and its clock."""

    scope: str
    policy_version: str
    clock: Callable[[], datetime]

    def event(self, *, kind: Kind, receipt: str | None, previous: str | None, **shown: Any) -> Event:
        """Make the event of a step that has just been taken."""
        time = truncated(self.clock(), kind)
        return Event(
            id=new_id(time),
            time=time,
            kind=kind.value,
            receipt=_fingerprint(receipt),
            previous=previous,
            policy_version=self.policy_version,
            scope=self.scope,
            **shown,
        )


def database_recorder(writer: Writer, db: SQLAlchemy) -> Callable[..., None]:
    """Return a recorder that writes each event in a short transaction of its own.

    The app's session is never used: committing it would commit the app's half-done work.
    """

    def record(*, previous_receipt: str | None, **step: Any) -> None:
        model = event_model(db)
        with _engine(db, model).begin() as connection:
            previous = _previous(connection, model.__table__, previous_receipt)
            insert(connection, db, writer.event(previous=previous, **step))

    return record


def log_recorder(writer: Writer) -> Callable[..., None]:
    """Return a recorder for apps without a database: each event is a line of JSON in `flask_cookieconsent.events`.

    There is nothing to look a previous event up in, so the line carries the fingerprint of the previous receipt. Where
    the site has not said where its log lines go, they go where Flask's own do: a line that nobody hears proves nothing.
    """
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.INFO)
    if not has_level_handler(logger):
        logger.addHandler(default_handler)

    def record(*, previous_receipt: str | None, **step: Any) -> None:
        event = writer.event(previous=None, **step)
        row = asdict(event) | {"time": event.time.isoformat() + "Z", "previous_receipt": _fingerprint(previous_receipt)}
        logger.info(json.dumps(row, sort_keys=True))

    return record


def _fingerprint(receipt: str | None) -> str | None:
    return fingerprint(receipt) if receipt else None


def _previous(connection: sa.Connection, table: sa.Table, receipt: str | None) -> str | None:
    if receipt is None:
        return None
    same = table.c.receipt == fingerprint(receipt)
    found: str | None = connection.scalar(sa.select(table.c.id).where(same).order_by(table.c.id.desc()).limit(1))
    return found


def _engine(db: SQLAlchemy, model: type[Any]) -> sa.Engine:
    return db.engines[getattr(model, "__bind_key__", None)]
