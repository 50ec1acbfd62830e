"""Tables of the log and the connections to them, which are never the app's session."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent.errors import BusyConnectionError

from .append_only import make_append_only
from .conflicts import try_again
from .events import COLUMNS
from .layout import bind_of, check_models
from .lock_wait import hurried, longest_wait
from .models import MIXINS, Models
from .shared_connection import apps_connection, holds_work, is_shared

T = TypeVar("T")


@dataclass(frozen=True)
class LogTable:
    """One table of the log and the way to its database; connecting needs an app context.

    Connections are the log's own: the app's session is never used, because committing it would commit the app's
    half-done work.
    """

    db: SQLAlchemy
    table: sa.Table
    #: The `__bind_key__` of the app's own model, None for the main database.
    bind: str | None = None

    @property
    def c(self) -> sa.sql.base.ReadOnlyColumnCollection[str, sa.Column[Any]]:
        """The columns."""
        return self.table.c

    def connect(self) -> AbstractContextManager[sa.Connection]:
        """Return a new connection to read with; what is written with it has to be committed."""
        engine = self._engine
        apps_own = apps_connection(self.db, engine)
        return self._opened(engine) if apps_own is None else nullcontext(apps_own)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """Return a new connection in a transaction, which is committed unless an error leaves it.

        :raises BusyConnectionError: if the app's own unfinished work is on the only connection that there is.
        """
        if self.is_busy:
            raise BusyConnectionError("the app's own unfinished work is on the only connection to a database in memory")
        with self._opened(self._engine) as connection, connection.begin():
            yield connection

    def _opened(self, engine: sa.Engine) -> AbstractContextManager[sa.Connection]:
        seconds = longest_wait.get()
        return engine.connect() if seconds is None or not self.is_file else hurried(engine, seconds)

    def transact(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what some work on a connection returns, in a transaction of its own, which an error undoes.

        It is run again where it lost a conflict with another one, so it reads within it all that it goes by.

        :raises BusyConnectionError: as `begin` does.
        """

        def transaction() -> T:
            with self.begin() as connection:
                return work(connection)

        return try_again(transaction)

    @property
    def is_in_memory(self) -> bool:
        """Whether the database is in this process, where nothing hangs, with one connection of one thread."""
        return is_shared(self._engine)

    @property
    def is_file(self) -> bool:
        """Whether the database is a file of this machine: what can hang there is a lock."""
        engine = self._engine
        return engine.dialect.name == "sqlite" and not is_shared(engine)

    @property
    def is_untyped(self) -> bool:
        """Whether the database keeps whatever is written, whatever the type of its column is."""
        return self._engine.dialect.name == "sqlite"

    @property
    def is_busy(self) -> bool:
        """Whether to write would commit the app's own unfinished work."""
        return holds_work(self.db, self._engine)

    @property
    def _engine(self) -> sa.Engine:
        engines = self.db.engines
        if self.bind not in engines:
            name = "SQLALCHEMY_DATABASE_URI" if self.bind is None else f"{self.bind!r} in SQLALCHEMY_BINDS"
            raise sa.exc.UnboundExecutionError(f"no database for the log: wanted {name}")
        return engines[self.bind]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """All tables of the log on one `db`, in one database."""

    events: LogTable
    notices: LogTable
    seals: LogTable
    counts: LogTable
    violations: LogTable

    @classmethod
    def of(cls, db: SQLAlchemy) -> Tables:
        """Return the tables, and put them on the metadata of `db`, where migrations have to see them.

        :raises SetupError: if a model of the app's own cannot hold what is recorded.
        """
        models = Models.of(db)
        check_models(zip(MIXINS, models, strict=True))
        logged = list(zip(MIXINS, models, strict=True))[:-1]  # violations are nobody's choices
        make_append_only(db, {model: frozenset(vars(mixin)) & {*model.__table__.c.keys()} for mixin, model in logged})
        return cls(
            **{
                field.name: LogTable(db, model.__table__, bind_of(model))
                for field, model in zip(fields(cls), models, strict=True)
            }
        )

    @cached_property
    def insertion(self) -> sa.Insert:
        """The statement that inserts a row of an event."""
        return sa.insert(self.events.table)

    @cached_property
    def guarded_insertion(self) -> sa.Insert:
        """The statement that inserts a row of an event unless its day has a seal."""
        events, day = self.events, self.seals.c.day
        values = [sa.bindparam(name, type_=events.c[name].type).label(name) for name in COLUMNS]
        is_open = ~sa.exists().where(day == sa.bindparam("recorded_on", type_=day.type))
        row = sa.select(*values).where(is_open)
        statement = sa.insert(events.table).from_select([events.c[name] for name in COLUMNS], row)
        return statement.execution_options(preserve_rowcount=True)

    def __iter__(self) -> Iterator[LogTable]:
        """Yield every table."""
        return (getattr(self, field.name) for field in fields(self))


def create_tables(db: SQLAlchemy) -> None:
    """Create the extension's tables and indexes where they do not exist (idempotent); needs an app context."""
    for table in Tables.of(db):
        with table.begin() as connection:
            # Two workers that start at once may both find no table.
            connection.execute(sa.schema.CreateTable(table.table, if_not_exists=True))
            for index in table.table.indexes:
                connection.execute(sa.schema.CreateIndex(index, if_not_exists=True))
