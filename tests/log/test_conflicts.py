"""Conflicts between transactions: which errors are some, of each driver, and the second try."""

from __future__ import annotations

import itertools
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pymysql
import pytest
import sqlalchemy as sa

from flask_cookieconsent.log.conflicts import TRIES, is_conflict, try_again


def wrapped(original: BaseException) -> sa.exc.DBAPIError:
    """Return the error of a driver as SQLAlchemy passes it on."""
    return sa.exc.OperationalError("INSERT", {}, original)


class CodeError(Exception):
    """What a driver that is not installed here would raise; its codes are attributes."""

    def __init__(self, **codes: Any) -> None:
        super().__init__("it failed")
        vars(self).update(codes)


def lost() -> sa.exc.DBAPIError:
    """Return the error of a transaction that another one was preferred to."""
    return wrapped(pymysql.err.OperationalError(1213, "Deadlock found when trying to get lock"))


@pytest.mark.parametrize(
    "original",
    [
        pymysql.err.OperationalError(1213, "Deadlock found when trying to get lock; try restarting transaction"),
        pymysql.err.OperationalError(1205, "Lock wait timeout exceeded; try restarting transaction"),
        pymysql.err.OperationalError(1020, "Record has changed since last read in table 'cookieconsent_seal'"),
        psycopg.errors.SerializationFailure("could not serialize access"),
        psycopg.errors.DeadlockDetected("deadlock detected"),
        CodeError(pgcode="40001"),  # psycopg2
        CodeError(errno=1213),  # mysql-connector, mariadb
    ],
    ids=repr,
)
def test_conflicts(original: Exception) -> None:
    assert is_conflict(wrapped(original))


@pytest.mark.parametrize(
    "error",
    [
        wrapped(pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use")),
        wrapped(pymysql.err.OperationalError(1180, "Got error 6 during COMMIT")),
        wrapped(pymysql.err.OperationalError(2013, "Lost connection to MySQL server during query")),
        wrapped(pymysql.err.IntegrityError(1062, "Duplicate entry")),
        wrapped(psycopg.errors.AdminShutdown("terminating connection")),
        wrapped(psycopg.errors.LockNotAvailable("canceling statement due to lock timeout")),
        wrapped(psycopg.errors.UniqueViolation("duplicate key")),
        wrapped(psycopg.OperationalError("connection refused")),
        wrapped(sqlite3.OperationalError("database is locked")),
        wrapped(CodeError(pgcode=None, errno=None)),
        wrapped(KeyboardInterrupt()),
        sa.exc.TimeoutError("QueuePool limit"),
        pymysql.err.OperationalError(),
        KeyError(1213),
        CodeError(errno=1213),
    ],
    ids=repr,
)
def test_other_errors_are_none(error: Exception) -> None:
    """The bad twins: a database that is away, or refuses the row, would do so again; others raise errors too."""
    assert not is_conflict(error)


def failing(*errors: Exception) -> tuple[Callable[[], str], list[Exception]]:
    """Return a transaction that raises one error after the other and then commits, and the errors that are left."""
    left = list(errors)

    def transaction() -> str:
        if left:
            raise left.pop(0)
        return "done"

    return transaction, left


@pytest.mark.parametrize("count", range(TRIES))
def test_transaction_is_run_again_after_conflicts(count: int) -> None:
    """Each pause may be twice as long as the one before, and all of them are shorter than a visitor's patience."""
    transaction, left = failing(*(lost() for _ in range(count)))
    pauses: list[float] = []

    assert try_again(transaction, pauses.append) == "done" and left == []
    assert len(pauses) == count and sum(pauses) < 1
    assert all(0 <= each <= 0.005 * 2**number for number, each in enumerate(pauses))


def test_transaction_is_not_run_for_ever() -> None:
    transaction, left = failing(*(lost() for _ in range(TRIES + 1)))

    with pytest.raises(sa.exc.OperationalError, match="1213"):
        try_again(transaction, lambda seconds: None)
    assert len(left) == 1


def test_other_errors_are_raised_at_once() -> None:
    """The bad twin: a server that has gone would let everybody wait several times."""
    transaction, left = failing(wrapped(pymysql.err.OperationalError(2013, "Lost connection")), lost())

    with pytest.raises(sa.exc.OperationalError, match="2013"):
        try_again(transaction)
    assert len(left) == 1


@pytest.mark.parametrize("uri", ["postgresql", "mariadb"], indirect=True)
@pytest.mark.parametrize("again", [try_again, lambda transaction: transaction()], ids=["again", "once"])
def test_two_transactions_that_wait_for_each_other(uri: str, again: Callable[[Any], None]) -> None:
    """Real deadlocks: whoever lost is run again, and both are in the database; the bad twin loses one."""
    engine = sa.create_engine(uri)
    table = sa.Table("met", sa.MetaData(), sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(sa.insert(table), [{"id": 1, "n": 0}, {"id": 2, "n": 0}])
    met = threading.Barrier(2)

    def write(order: tuple[int, int]) -> bool:
        tries = itertools.count()

        def transaction() -> None:
            is_first = next(tries) == 0
            with engine.begin() as connection:
                for id in order:
                    connection.execute(sa.update(table).where(table.c.id == id).values(n=table.c.n + 1))
                    if is_first and id == order[0]:
                        met.wait(30)

        try:
            again(transaction)
        except sa.exc.OperationalError as error:
            return not is_conflict(error)
        return True

    with ThreadPoolExecutor() as pool:
        written = sum(pool.map(write, [(1, 2), (2, 1)]))
    with engine.begin() as connection:
        assert connection.scalars(sa.select(table.c.n)).all() == [written, written]
        table.drop(connection)
    engine.dispose()
    assert written == (2 if again is try_again else 1)
