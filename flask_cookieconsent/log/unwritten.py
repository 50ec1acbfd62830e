"""Counts of events beyond the rate limit, in memory until they are written: no row is kept of any of them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping

from .events import EventDraft, EventFactory
from .failures import explanation
from .statistics import Tally, tally, total

logger = logging.getLogger("flask_cookieconsent")

#: A flood makes at most one write in so many seconds, whatever it sends.
_WRITE_EVERY = 1.0


class Unwritten:
    """The counts of events that are no rows; *categories* maps each category to its optional services.

    *writer* takes a scope, and what to add to its counts of the day on which it is recorded. A process that ends takes
    along what was counted within one second of its last write.
    """

    def __init__(
        self, factory: EventFactory, categories: Mapping[str, Iterable[str]], writer: Callable[[str, Tally], None]
    ) -> None:
        self._factory, self._categories, self._writer = factory, categories, writer
        self._counters: dict[str, Tally] = {}
        self._writes_at = 0.0
        self._lock = threading.Lock()

    def add(self, draft: EventDraft, *, has_notice: bool) -> None:
        """Count the event of a draft; where it names no notice of the site, it is no answer to one."""
        row = self._factory.event(draft).row
        self._put(row["scope"], tally([row | {"count": 1, "has_notice": has_notice}], self._categories))
        self.write()

    def write(self, *, now: bool = False) -> None:
        """Hand the counts to the writer, at most once a second unless it has to be *now*; never raises.

        What the writer does not take waits for the next time.
        """
        if not self._counters:
            return
        moment = self._factory.timer()
        with self._lock:
            if not self._counters or not (now or moment >= self._writes_at):
                return
            counters, self._counters, self._writes_at = self._counters, {}, moment + _WRITE_EVERY
        for scope in counters:
            try:
                self._writer(scope, counters[scope])
            except Exception as error:  # whatever the trouble of a database is
                self._put(scope, counters[scope])
                logger.error("counts of events beyond the rate limit not written yet: %s", explanation(error))

    def _put(self, scope: str, counters: Tally) -> None:
        with self._lock:
            known = self._counters.get(scope)
            self._counters[scope] = counters if known is None else total([known, counters])
