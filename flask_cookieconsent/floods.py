"""How many grants are recorded in a while: a script must not fill the log, and a refusal is never held up."""

from __future__ import annotations

import hashlib
import logging
import time
from math import ceil

from limits import RateLimitItem, parse, storage, strategies

from .settings import Settings

logger = logging.getLogger("flask_cookieconsent")

_NAMESPACE = "cookieconsent"


class Floods:
    """Counts grants, of all visitors and of the bearer of one receipt.

    No address of a visitor is kept, a receipt only as its fingerprint. Where the storage of the counts is out of order
    nobody is held up: it guards the size of the log, not anybody's choice.
    """

    def __init__(self, settings: Settings) -> None:
        self._all, self._one = parse(settings.grant_rate), parse(settings.receipt_rate)
        self._limiter = strategies.FixedWindowRateLimiter(storage.storage_from_string(settings.rate_storage))

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
