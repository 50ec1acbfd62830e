"""Fixed-window rate limits for recorded grants; refusals and withdrawals are never limited.

They bound the size of the log without keeping any address of a visitor. Each process counts for itself, so the bound of
a site is that of a process times the number of processes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from flask_cookieconsent.settings import Settings

from .events import receipt_digest

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
# Counts of windows that are over are dropped at most this often.
_FORGET_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Rate:
    """At most so many hits in one window."""

    most: int
    window: timedelta

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read a checked setting such as `"3000 per minute"`."""
        most, _, unit = text.split()
        return cls(int(most), timedelta(seconds=_SECONDS[unit]))


class GrantLimits:
    """Counts grants: of all visitors together, and of the bearer of one receipt, who is known by its digest alone."""

    def __init__(self, *, all_visitors: Rate, one_receipt: Rate, clock: Callable[[], datetime]) -> None:
        self._all, self._one, self._clock = all_visitors, one_receipt, clock
        #: By key: the hits in a window, and the moment in which it ends.
        self._windows: dict[str, tuple[int, datetime]] = {}
        self._forgot: datetime | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings, clock: Callable[[], datetime]) -> GrantLimits:
        """Return the limits that the settings name."""
        return cls(
            all_visitors=Rate.parse(settings.grant_rate), one_receipt=Rate.parse(settings.receipt_rate), clock=clock
        )

    def hit(self, receipt: str | None) -> int:
        """Count one more grant, and return the whole seconds that it has to wait, 0 where it may be recorded."""
        now = self._clock()
        with self._lock:
            if receipt is not None:
                hits, end = self._window(receipt_digest(receipt), self._one, now)
                if hits >= self._one.most:
                    return _seconds(end - now)
            hits, end = self._window("", self._all, now)
            if hits >= self._all.most:
                return _seconds(end - now)
            self._windows[""] = hits + 1, end
            return 0

    def follow(self, before: str | None, after: str | None) -> None:
        """Carry the count of a receipt, one more now, over to the receipt that took its place with a grant.

        Nothing is counted where none was before or none follows, as with a withdrawal, which keeps its receipt.
        """
        if before is None or after is None or after == before:
            return
        now = self._clock()
        with self._lock:
            hits, end = self._window(receipt_digest(before), self._one, now)
            self._windows[receipt_digest(after)] = hits + 1, end
            self._forget(now)

    def _window(self, key: str, rate: Rate, now: datetime) -> tuple[int, datetime]:
        hits, end = self._windows.get(key, (0, now))
        return (hits, end) if end > now else (0, now + rate.window)

    def _forget(self, now: datetime) -> None:
        if self._forgot is None or now - self._forgot >= _FORGET_EVERY:
            self._forgot = now
            self._windows = {key: window for key, window in self._windows.items() if window[1] > now}


def _seconds(span: timedelta) -> int:
    return max(1, ceil(span.total_seconds()))
