"""Counts of events beyond the rate limit, in memory until they are written: no row is kept of any of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta

from .events import EventDraft, EventFactory
from .failures import explanation
from .statistics import Tally, tally, total

logger = logging.getLogger("flask_cookieconsent")

#: A flood makes at most one write a second, whatever it sends.
_WRITE_EVERY = timedelta(seconds=1)


class Unwritten:
    """The counts, by day, of events that are no rows; *categories* maps each category to its optional services.

    *writer* takes a day, the name of the site in the log, and what to add to the counts of that day. A process that
    ends takes along what was counted within one second of its last write.
    """

    def __init__(
        self,
        factory: EventFactory,
        categories: Mapping[str, Iterable[str]],
        writer: Callable[[date, str, Tally], None],
    ) -> None:
        self._factory, self._categories, self._writer = factory, categories, writer
        self._days: dict[date, Tally] = {}
        self._wrote_at: datetime | None = None
        self._lock = threading.Lock()

    def add(self, draft: EventDraft, *, has_notice: bool) -> None:
        """Count the event of a draft; where it names no notice of the site, it is no answer to one."""
        event = self._factory.event(draft)
        self._put(event.time.date(), tally([event.row | {"count": 1, "has_notice": has_notice}], self._categories))
        self.write()

    def write(self, *, now: bool = False) -> None:
        """Hand each day's counts to the writer, at most once a second unless it has to be *now*; never raises.

        What the writer does not take waits for the next time.
        """
        moment = self._factory.clock()
        with self._lock:
            is_due = self._wrote_at is None or moment - self._wrote_at >= _WRITE_EVERY
            if not self._days or not (now or is_due):
                return
            days, self._days, self._wrote_at = self._days, {}, moment
        for day, counters in sorted(days.items()):
            try:
                self._writer(day, self._factory.scope, counters)
            except Exception as error:  # whatever the trouble of a database is
                self._put(day, counters)
                logger.error("counts of events beyond the rate limit not written yet: %s", explanation(error))

    def _put(self, day: date, counters: Tally) -> None:
        with self._lock:
            self._days[day] = total([self._days.get(day, {}), counters])
