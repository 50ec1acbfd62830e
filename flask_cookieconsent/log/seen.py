"""Counts of undeclared cookies by name, in memory: none leaves it before several clients have brought it.

Names come from strangers, so every memory here is bounded, and a flood of made-up names leaves room for real ones.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Collection, Mapping

from .failures import explanation
from .limits import ONE_PROXY, Rate, SharedRate, clients_of
from .statistics import BASE

logger = logging.getLogger("flask_cookieconsent.violations")

#: Seconds between two writes of a process.
WRITE_EVERY = 60.0

#: Names that are held back at once, because fewer than `BASE` clients have brought them; the oldest makes room.
MOST_HELD = 1_000
#: Names that are counted at once; the rarest makes room.
MOST_COUNTED = 200

#: New names of one request that are held back; the others have their turn with the next.
MOST_NEW = 10
#: Requests that bring new names, of all clients whose addresses tell them apart; `SharedRate` gives each its share.
BRINGING = Rate.parse("300 per minute")

# Seconds after which everything is forgotten, and the key with which clients were told apart.
_DAY = 86_400.0


class SeenCookies:
    """The names of one process, and in how many requests each was seen; *writer* takes the counts once a minute.

    A name counts once `BASE` clients have brought it within a day: what is one visitor's alone stays in memory, and
    goes with it. Clients are told apart by 16 bits of an HMAC of their address under a random key, as in `SharedRate`.
    An address of a private network may be a proxy's and tells nobody apart, so nothing that comes from there counts:
    one visitor's name, brought often, would pass for one that many have.

    Counts that the writer does not take are lost, and so are those of a process that ends. *timer* returns seconds that
    never go back.
    """

    def __init__(self, writer: Callable[[Mapping[str, int]], None], timer: Callable[[], float]) -> None:
        self._writer, self._timer = writer, timer
        self._forget_parent()

    def _forget_parent(self) -> None:
        # After a fork the parent writes what it has counted, and nobody lets a lock go that was held.
        self._lock, self._process, self._new = threading.Lock(), os.getpid(), SharedRate(BRINGING)
        self._end: float | None = None
        self._writes_at: float | None = None
        self._counts: dict[str, int] = {}
        self._is_told = False

    def _tell_proxy(self) -> None:
        if not self._is_told:
            self._is_told = True
            logger.warning(
                "undeclared cookies are not counted: requests come from an address of a private network; where it is a "
                "proxy's, let werkzeug's ProxyFix tell its clients apart"
            )

    def add(self, names: Collection[str], address: str | None) -> None:
        """Count the names of one request, each once, and write what is due; never raises.

        *address* is the client's as WSGI names it, which is not kept.
        """
        if self._process != os.getpid():
            self._forget_parent()
        now = self._timer()
        with self._lock:
            if self._end is None or now >= self._end:
                self._begin(now)
            rare = [name for name in names if name not in self._totals]
            for name in names if not rare else self._totals.keys() & names:
                self._count(name, 1)
            if rare:
                self._hold(rare, address, now)
            if not self._counts or (self._writes_at is not None and now < self._writes_at):
                return
            counts, self._counts, self._writes_at = self._counts, {}, now + WRITE_EVERY
        try:
            self._writer(counts)
        except Exception as error:  # whatever the trouble of a database is
            logger.warning("undeclared cookies could not be counted: %s", explanation(error))

    def _begin(self, now: float) -> None:
        self._end, self._key = now + _DAY, secrets.token_bytes(32)
        #: By name: the requests of this day.
        self._totals: dict[str, int] = {}
        #: By name: the requests of each client so far.
        self._held: dict[str, Counter[int]] = {}

    def _count(self, name: str, requests: int) -> None:
        self._totals[name] = self._totals.get(name, 0) + requests
        self._counts[name] = self._counts.get(name, 0) + requests

    def _hold(self, names: list[str], address: str | None, now: float) -> None:
        """Note that a client has brought some names, and count those that enough have."""
        network, parts = clients_of(address)[-1]
        if parts == ONE_PROXY:
            self._tell_proxy()
            return
        client = int.from_bytes(hmac.digest(self._key, network, hashlib.sha256)[:2])
        new = [name for name in names if name not in self._held]
        if new and not self._new.hit(address, now):
            for name in new[:MOST_NEW]:
                if len(self._held) >= MOST_HELD:
                    del self._held[next(iter(self._held))]
                self._held[name] = Counter()
        for name in names:
            clients = self._held.get(name)
            if clients is None:
                continue
            clients[client] += 1
            if len(clients) >= BASE:
                del self._held[name]
                if len(self._totals) >= MOST_COUNTED:
                    del self._totals[min(self._totals, key=lambda each: self._totals[each])]
                self._count(name, clients.total())
