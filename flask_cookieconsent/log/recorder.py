"""Recording of events: into the database within a deadline, else into the spool, from which they follow (F5)."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import sqlalchemy as sa

from flask_cookieconsent.core.notices import Notice
from flask_cookieconsent.errors import DatabaseUnavailableError

from .breaker import Work
from .events import Event, EventFactory
from .failures import explanation, hide_row
from .insertion import insert_event
from .rows import has_event, has_notice, keep_notice
from .sealed import sealed_until
from .shared_connection import AfterContext
from .spool import Spool
from .tables import Tables

logger = logging.getLogger("flask_cookieconsent.events")

#: Seconds of one visitor's time for events that waited before this visitor came.
REPLAY_SECONDS = 0.1

# Another process may have left events on the disk; one whose clock is ahead may have sealed a day that is not over.
_LOOK_EVERY = _ASK_EVERY = 60.0


class Recorder:
    """Writes the events of one app, each in a short transaction of its own, after the notice that it names.

    The app's session is never used: committing it would commit the app's half-done work. *ask* does some work within
    the deadline. Every method needs an app context.
    """

    def __init__(self, tables: Tables, spool: Spool, factory: EventFactory, ask: Callable[[Work[None]], None]) -> None:
        self._tables, self._spool, self._factory, self._ask = tables, spool, factory, ask
        #: Digests of notices that are known to be in the database.
        self._known_notices: set[str] = set()
        self._after = AfterContext()
        self._sealed_until: date | None = None
        self._asks_at = self._looks_at = 0.0
        self._waiting: Iterator[Path] | None = None
        self._has_looked = False
        self._replaying = threading.Lock()

    def keep(self, event: Event, notice: Notice | None) -> None:
        """Insert an event, or spool it while the database does not take it; then replay some of what waits there.

        :raises SpoolFullError: if too little of the disk is free.
        :raises OSError: if neither the database nor the disk can keep the event.
        """
        try:
            if self._tables.events.is_busy:
                self._after.add(lambda: self.keep(event, notice))
                return
            self._ask(lambda is_wanted: self._insert(event, notice, is_wanted))
        except Exception as error:  # whatever the trouble of a database, or of its configuration, is
            self._looks_at = 0.0  # there is something on the disk, which follows the next event that is taken
            hide_row(error)
            message = "consent event %s goes to the spool %s: %s"
            logger.error(message, event.id, self._spool.folder, explanation(error))
            try:
                self._spool.add(event, notice)
            except Exception as full:
                # No log shall print the database's error: the row may be in it.
                raise full from None
        else:
            self.replay_some()

    def replay_some(self, *, at_once: bool = False) -> None:
        """Insert some of what waits on the disk, in a tenth of a second of a visitor's time; never raises.

        Whether another process has left something there is seen once a minute, or *at_once*.
        """
        if (self._factory.timer() < self._looks_at and not at_once) or not self._replaying.acquire(blocking=False):
            return
        try:
            self._ask(lambda is_wanted: self.replay_within(REPLAY_SECONDS))
        except Exception as error:  # whatever it is: the event of this visitor is in the log all the same
            self._looks_at = self._factory.timer() + _LOOK_EVERY
            logger.error("events in %s not replayed: %s", self._spool.folder, explanation(error))
        finally:
            self._replaying.release()

    def replay_within(self, seconds: float) -> None:
        """Insert what waits on the disk for so many seconds, from where the last time ended.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable; what waits goes on waiting.
        """
        end = self._factory.timer() + seconds
        if self._waiting is None:
            # Until a process has been through all of it: a key that was missing may have come back with it.
            self._waiting = iter(self._spool.paths(again=not self._has_looked))
        waiting, self._waiting = self._waiting, None
        for path, event in self._spool.read(waiting):
            self._follow(path, event)
            if self._factory.timer() > end:
                # The next event that is taken brings more along.
                self._waiting, self._looks_at = waiting, 0.0
                return
        self._has_looked, self._looks_at = True, self._factory.timer() + _LOOK_EVERY

    def replay(self, most: int | None) -> int:
        """Insert spooled events, each exactly once, those that were put aside too, and return how many.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is unavailable; what waits goes on waiting.
        :raises OSError: if the folder cannot be listed.
        """
        with suppress(FileNotFoundError, NotADirectoryError):
            # Whoever runs the command may be another user than the app, to whom an empty folder is none.
            os.scandir(self._spool.folder).close()
        count = 0
        for path, event in self._spool.entries(again=True):
            count += self._follow(path, event)
            if count == most:
                break
        return count

    def recording_day(self) -> date:
        """Return the day on which a row is written now: today in UTC, or the first without a seal, if that is later.

        So a clock that goes back, or has been ahead when the days were sealed, puts no row into a day with a seal.
        """
        now = self._factory.timer()
        if now >= self._asks_at:
            self._sealed_until, self._asks_at = sealed_until(self._tables.seals, self._factory.keys), now + _ASK_EVERY
        today = self._factory.clock().date()
        sealed = self._sealed_until
        return today if sealed is None or sealed < today else sealed + timedelta(days=1)

    def is_known(self, notice: str) -> bool:
        """Tell whether this process knows that a notice is kept."""
        return notice in self._known_notices

    def sealed(self) -> None:
        """Ask for the newest seal again, because days have been sealed here."""
        self._asks_at = 0.0

    def _follow(self, path: Path, event: Event) -> int:
        """Insert an event that waited, take its file away, and return 1; 0 where it had to be put aside."""
        is_kept = self._is_kept(event.notice)
        try:
            notice = None if is_kept else self._spool.notice(event.notice)
        except (OSError, ValueError) as error:  # without it the event would lose its proof
            self._spool.set_aside(path, f"its notice: {error}")
            return 0
        try:
            self._insert(event, notice)
        except (sa.exc.IntegrityError, sa.exc.DataError) as error:
            # Another process wrote it too, or one was killed before it could remove the file.
            if not has_event(self._tables.events, event.id):
                self._spool.set_aside(path, explanation(error))
                return 0
        self._spool.take(path)
        return 1

    def _insert(self, event: Event, notice: Notice | None, is_wanted: Callable[[], bool] = lambda: True) -> None:
        if notice is not None and notice.digest not in self._known_notices:
            keep_notice(self._tables.notices, notice, self._factory.clock().date(), self._factory.keys)
            self._known_notices.add(notice.digest)
        named = event.notice if self._is_kept(event.notice) else ""
        day = self.recording_day()

        def write(connection: sa.Connection) -> None:
            insert_event(connection, self._tables, self._factory, event, day=day, notice=named)
            if not is_wanted():
                raise DatabaseUnavailableError("it took the event after the deadline, when it was in the spool already")

        self._tables.events.transact(write)

    def _is_kept(self, notice: str) -> bool:
        # Whoever sends a form writes the digest; what nobody was shown is no proof, and has no place in a row.
        if notice and notice not in self._known_notices and has_notice(self._tables.notices, notice):
            self._known_notices.add(notice)
        return notice in self._known_notices
