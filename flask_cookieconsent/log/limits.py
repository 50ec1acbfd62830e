"""How many grants are recorded in a while: a script must not fill the log, and a refusal is never held up."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from math import ceil

from limits import RateLimitItem, parse, storage, strategies

from flask_cookieconsent.settings import Settings

logger = logging.getLogger("flask_cookieconsent")


_NAMESPACE = "cookieconsent"


class Memory(storage.Storage):
    """The counts of one process, for the strategies of `limits`.

    The library's own memory starts a thread every few milliseconds to forget what is over, which costs a choice a
    tenth of its time. Here a new window forgets the old ones, at most once a minute.
    """

    STORAGE_SCHEME = None

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, tuple[int, float]] = {}
        self._forgot = 0.0
        self._lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        """Nothing can go wrong here."""
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return the count of the window that began with the first of them."""
        now = time.time()
        with self._lock:
            count, end = self._counts.get(key, (0, 0.0))
            if end <= now:
                count, end = 0, now + expiry
                self._forget(now)
            self._counts[key] = count + amount, end
            return count + amount

    def _forget(self, now: float) -> None:
        if now - self._forgot > 60:
            self._forgot = now
            self._counts = {key: found for key, found in self._counts.items() if found[1] > now}

    def get(self, key: str) -> int:
        """Return the count of a window, 0 when it is over."""
        count, end = self._counts.get(key, (0, 0.0))
        return count if end > time.time() else 0

    def get_expiry(self, key: str) -> float:
        """Return when a window ends, in seconds since the epoch."""
        return self._counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        """Tell that it works."""
        return True

    def reset(self) -> int:
        """Forget every count."""
        count = len(self._counts)
        self._counts = {}
        return count

    def clear(self, key: str) -> None:
        """Forget one count."""
        self._counts.pop(key, None)


class Floods:
    """Counts grants, of all visitors and of the bearer of one receipt.

    No address of a visitor is kept, a receipt only as its fingerprint. Where the storage of the counts is out of order
    nobody is held up: it guards the size of the log, not anybody's choice.
    """

    def __init__(self, settings: Settings) -> None:
        self._all, self._one = parse(settings.grant_rate), parse(settings.receipt_rate)
        memory = settings.rate_storage == "memory://"
        counts = Memory() if memory else storage.storage_from_string(settings.rate_storage)
        self._limiter = strategies.FixedWindowRateLimiter(counts)

    def wait(self, receipt: str | None) -> int:
        """Count one more grant, and return the seconds that it has to wait, 0 for none."""
        try:
            if receipt is not None and not self._limiter.test(self._one, _NAMESPACE, _fingerprint(receipt)):
                return self._seconds(self._one, _fingerprint(receipt))
            return 0 if self._limiter.hit(self._all, _NAMESPACE) else self._seconds(self._all)
        except Exception as error:  # whatever the trouble of a remote storage is
            logger.error("grants could not be counted", exc_info=error)
            return 0

    def follow(self, before: str, after: str) -> None:
        """Carry the count of a receipt over to the one that takes its place: every grant has a new one."""
        try:
            left = self._limiter.get_window_stats(self._one, _NAMESPACE, _fingerprint(before)).remaining
            count = self._one.amount - left + 1
            self._limiter.hit(self._one, _NAMESPACE, _fingerprint(after), cost=min(count, self._one.amount))
        except Exception as error:
            logger.error("grants could not be counted", exc_info=error)

    def _seconds(self, bound: RateLimitItem, *names: str) -> int:
        end = self._limiter.get_window_stats(bound, _NAMESPACE, *names).reset_time
        return max(1, ceil(end - time.time()))


def _fingerprint(receipt: str) -> str:
    return hashlib.sha256(receipt.encode()).hexdigest()
