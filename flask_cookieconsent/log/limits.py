"""Fixed-window rate limits of what is written to the log, with a share for each network address, none of which is kept.

They bound the size of the log, and no script can use them up for everybody. Each process counts for itself, so the
bound of a site is that of a process times the number of processes.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from flask_cookieconsent.core.consent import Kind
from flask_cookieconsent.settings import Settings

from .events import receipt_digest

logger = logging.getLogger("flask_cookieconsent")

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
# Counts of windows that are over are dropped at most once in so many seconds.
_FORGET_EVERY = 60.0

#: Receipts that are counted, and presses that are remembered, at once; the limits of all visitors hold beyond it too.
MOST_REMEMBERED = 50_000

#: One client has at most a tenth of a limit, and so have all refusals together of the limit of grants.
ONE_CLIENT = ONE_REFUSAL = 10
#: A subscriber may have all networks of a /48 (RFC 6177), and so many of them have a quarter together.
ONE_SITE = 4
#: An address of a private network may be that of a proxy, who stands for everybody.
ONE_PROXY = 2

# RFC 1122 (loopback), RFC 1918, RFC 3927 and RFC 6598; RFC 4291 and RFC 4193 for IPv6. `is_private` has more.
_PRIVATE = tuple(
    map(
        ip_network,
        (
            *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10"),
            *("::1/128", "fe80::/10", "fc00::/7"),
        ),
    )
)


@dataclass(frozen=True)
class Rate:
    """At most so many hits in one window of so many seconds."""

    most: int
    window: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read a checked setting such as `"3000 per minute"`."""
        most, _, unit = text.split()
        return cls(int(most), _SECONDS[unit])

    def divided(self, parts: int) -> Rate:
        """Return the rate of one of several parts, at least one hit."""
        return Rate(ceil(self.most / parts), self.window)


#: Reports of a Content-Security-Policy that each process counts, of all browsers together.
REPORTS = Rate.parse("600 per minute")


class SharedRate:
    """Counts the hits of a window: of everybody together, and of each client, who has a share of them at most.

    No address is kept, and nothing that one could be compared with. A hit goes to one of 65,536 counters, which an HMAC
    of the address picks under a random key; counters and key are thrown away with the first hit after their window.
    """

    def __init__(self, rate: Rate) -> None:
        self._rate = rate
        self._lock = threading.Lock()
        self._all, self._counters = 0, Counter[int]()
        self._end: float | None = None
        self._key, self._told = b"", False

    def hit(self, address: str | None, now: float) -> int:
        """Count a hit from an address as WSGI names it, and return the whole seconds it has to wait, 0 for none.

        *now* is in seconds that never go back.
        """
        clients = clients_of(address)
        with self._lock:
            if self._end is None or now >= self._end:
                self._all, self._counters = 0, Counter()
                self._end = now + self._rate.window
                self._key, self._told = secrets.token_bytes(32), False
            counters = [int.from_bytes(hmac.digest(self._key, each, hashlib.sha256)[:2]) for each, _ in clients]
            full = [
                parts
                for (_, parts), counter in zip(clients, counters, strict=True)
                if self._counters[counter] >= self._rate.divided(parts).most
            ]
            if full:
                self._tell(full[0])
            elif self._all < self._rate.most:
                self._all += 1
                self._counters.update(counters)
                return 0
            return _seconds(self._end - now)

    def _tell(self, parts: int) -> None:
        if parts == ONE_PROXY and not self._told:
            self._told = True
            logger.warning(
                "one address of a private network has used half of a rate limit (%d in %d seconds); "
                "where it is a proxy's, let werkzeug's ProxyFix tell its clients apart",
                self._rate.most,
                self._rate.window,
            )


def clients_of(address: str | None) -> list[tuple[bytes, int]]:
    """Return what stands for one client, with the part of a limit it may use: the address, of IPv6 its /64 and /48."""
    try:
        found = ip_address(address or "")
    except ValueError:  # a socket of the operating system has none
        return [(b"", ONE_PROXY)]
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or found
    if any(found.version == network.version and found in network for network in _PRIVATE):
        return [(found.packed, ONE_PROXY)]
    if isinstance(found, IPv6Address):
        return [(found.packed[:8], ONE_CLIENT), (found.packed[:6], ONE_SITE)]
    return [(found.packed, ONE_CLIENT)]


class Limits:
    """What one process writes to the log at most: new grants, changes of known visitors, withdrawals and refusals.

    Each has a limit of its own, so that a flood of one kind leaves room for the others. A visitor is known by the
    digest of a receipt, which may be used `receipt_rate` times.
    """

    def __init__(self, *, grants: Rate, one_receipt: Rate, timer: Callable[[], float]) -> None:
        self._new, self._known = SharedRate(grants), SharedRate(grants)
        self._refusals, self._withdrawals = (SharedRate(grants.divided(ONE_REFUSAL)) for _ in range(2))
        self._reports = SharedRate(REPORTS)
        self._one, self._timer = one_receipt, timer
        #: By digest of a receipt: the hits in a window, and the moment in which it ends.
        self._receipts: dict[str, tuple[int, float]] = {}
        self._forgot: float | None = None
        #: What was pressed in this minute: digests of receipts, each with the kind of its event.
        self._pressed: set[tuple[str, Kind]] = set()
        self._minute: float | None = None
        self._lock = threading.Lock()

    @classmethod
    def of(cls, settings: Settings, timer: Callable[[], float]) -> Limits:
        """Return the limits that the settings name; *timer* returns seconds that never go back."""
        return cls(grants=Rate.parse(settings.grant_rate), one_receipt=Rate.parse(settings.receipt_rate), timer=timer)

    def delay(self, receipt: str | None, address: str | None) -> int:
        """Count one more grant, and return the whole seconds that it has to wait, 0 where it may be recorded.

        *receipt* is that of a visitor who has granted something before, None for a new one.
        """
        now = self._timer()
        if receipt is None:
            return self._new.hit(address, now)
        with self._lock:
            hits, end = self._window(receipt_digest(receipt), now)
        return _seconds(end - now) if hits >= self._one.most else self._known.hit(address, now)

    def has_room(self, kind: Kind, receipt: str | None, address: str | None) -> bool:
        """Tell whether an event that grants nothing new may be a row of the log, and count it if so."""
        if kind is Kind.REFUSED:
            return self._refusals.hit(address, self._timer()) == 0
        # Of what is taken back without a receipt nobody can say whose it was, so one row a minute says as much as many.
        is_one_of_many = receipt is None and self._is_again(kind, "")
        return not is_one_of_many and self._withdrawals.hit(address, self._timer()) == 0

    def may_report(self, address: str | None) -> bool:
        """Tell whether one more report of a Content-Security-Policy may be counted, and count it if so."""
        return self._reports.hit(address, self._timer()) == 0

    def is_repeated(self, kind: Kind, receipt: str | None) -> bool:
        """Tell whether the bearer of a receipt has done the same in this minute, and remember it if not."""
        return receipt is not None and self._is_again(kind, receipt_digest(receipt))

    def follow(self, before: str | None, after: str | None) -> None:
        """Count one more use of a receipt, for itself and for the one that took its place with a grant.

        Nothing is counted where none was before or none follows, as with a withdrawal, which keeps its receipt.
        """
        if before is None or after is None or after == before:
            return
        now = self._timer()
        with self._lock:
            self._forget(now)
            hits, end = self._window(receipt_digest(before), now)
            # The old one too: a script may send it again.
            for receipt in (before, after):
                self._receipts[receipt_digest(receipt)] = hits + 1, end

    def _is_again(self, kind: Kind, who: str) -> bool:
        minute, press = self._timer() // 60, (who, kind)
        with self._lock:
            if minute != self._minute:
                self._minute, self._pressed = minute, set()
            if press in self._pressed:
                return True
            if len(self._pressed) < MOST_REMEMBERED:
                self._pressed.add(press)
            return False

    def _window(self, receipt: str, now: float) -> tuple[int, float]:
        hits, end = self._receipts.get(receipt, (0, now))
        return (hits, end) if end > now else (0, now + self._one.window)

    def _forget(self, now: float) -> None:
        if self._forgot is None or now - self._forgot >= _FORGET_EVERY:
            self._forgot = now
            self._receipts = {receipt: window for receipt, window in self._receipts.items() if window[1] > now}
        while len(self._receipts) >= MOST_REMEMBERED:
            del self._receipts[next(iter(self._receipts))]


def _seconds(span: float) -> int:
    return max(1, ceil(span))
