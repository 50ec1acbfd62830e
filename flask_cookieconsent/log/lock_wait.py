"""How long SQLite waits for a lock of somebody else (`busy_timeout`), while a visitor waits for the log."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import sqlalchemy as sa

#: Seconds, within the work of a request; None where nobody waits, and the site's own setting holds.
longest_wait: ContextVar[float | None] = ContextVar("longest_wait", default=None)


@contextmanager
def waiting_at_most(seconds: float) -> Iterator[None]:
    """Let connections of the log wait for so many seconds at most, until the context ends."""
    token = longest_wait.set(seconds)
    try:
        yield
    finally:
        longest_wait.reset(token)


@contextmanager
def hurried(engine: sa.Engine, seconds: float) -> Iterator[sa.Connection]:
    """Open a connection that waits for so many seconds at most; it is the site's again, with its own setting, after."""
    with engine.connect() as connection:
        raw: Any = connection.connection.dbapi_connection
        (before,) = raw.execute("PRAGMA busy_timeout").fetchone()  # milliseconds
        raw.execute(f"PRAGMA busy_timeout = {min(before, int(seconds * 1_000))}")
        try:
            yield connection
            connection.rollback()
        finally:
            raw.execute(f"PRAGMA busy_timeout = {before}")
