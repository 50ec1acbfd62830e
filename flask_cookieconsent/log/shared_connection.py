"""Databases in memory, where SQLAlchemy's pool has one connection for everybody, the app's unfinished work included.

A commit of the log's would be one of the app's, and so would be the rollback with which a pool takes a connection back.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask, appcontext_popped, current_app
from flask_sqlalchemy import SQLAlchemy

logger = logging.getLogger("flask_cookieconsent.events")


def is_shared(engine: sa.Engine) -> bool:
    """Tell whether all that a thread asks of an engine goes over one connection, as in a database in memory."""
    return isinstance(engine.pool, sa.pool.StaticPool | sa.pool.SingletonThreadPool)


def holds_work(db: SQLAlchemy, engine: sa.Engine) -> bool:
    """Tell whether the only connection of an engine is in the middle of the app's own transaction."""
    if not is_shared(engine):
        return False
    # Whichever session or connection of the app began it. Of SQLite's other pool only the session is known.
    connection: Any = getattr(getattr(engine.pool, "connection", None), "dbapi_connection", None)
    in_transaction: bool | None = getattr(connection, "in_transaction", None)
    if in_transaction is None:
        return db.session.registry.has() and db.session().in_transaction()
    return in_transaction


def apps_connection(db: SQLAlchemy, engine: sa.Engine) -> sa.Connection | None:
    """Return the connection of the app's session where that has to be read with, None where a new one does no harm."""
    return db.session.connection(bind_arguments={"bind": engine}) if holds_work(db, engine) else None


class AfterContext:
    """Work that waits in memory, as the database itself does, until the app has ended its own: after its context.

    Flask-SQLAlchemy ends the session, and what it has not committed, when the context of a request or command ends.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._running = threading.Lock()

    def add(self, work: Callable[[], None]) -> None:
        """Let something be done in a context of its own once the present one has ended; needs an app context."""
        self._waiting.append(work)
        appcontext_popped.connect(self._run, current_app._get_current_object())  # type: ignore[attr-defined]

    def _run(self, app: Flask, **more: Any) -> None:
        # The end of the context that is made here is told here too.
        if not self._waiting or not self._running.acquire(blocking=False):
            return
        try:
            with app.app_context():
                for _ in range(len(self._waiting)):  # work that still has to wait adds itself again
                    self._waiting.popleft()()
        except Exception as error:  # nobody is there any more to be told
            logger.error("consent event not recorded after the request", exc_info=error)
        finally:
            self._running.release()
