"""Visitors of several servers of one site at once, and whether what they were acknowledged is in the log, once each."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask_cookieconsent.log.events import receipt_digest

from .sites import Site, Visitor

#: Seconds between two visitors of one server, who press twice each.
PAUSE = 0.03


def output_of(site: Site, *args: str) -> str:
    """Return what a command says, which has to succeed."""
    done = site.app.test_cli_runner().invoke(args=["cookieconsent", *args])
    assert (done.exception, done.exit_code) == (None, 0), done.output
    return str(done.output)


def is_whole(site: Site) -> bool:
    """Tell whether `verify`, asked of a site, finds no fault."""
    return output_of(site, "verify").endswith("is as it was written.\n")


def log_of(site: Site) -> list[dict[str, Any]]:
    """Return the events of the log, as they are exported."""
    return [json.loads(line) for line in output_of(site, "export").splitlines()]


def spool_of(site: Site) -> Path:
    """Return the folder where events of a server wait."""
    return Path(site.app.config["COOKIECONSENT_SPOOL_FOLDER"])


def waiting(site: Site) -> int:
    """Return how many events wait on the disk of a server."""
    return len(list(spool_of(site).glob("*.json")))


class Load:
    """Visitors of every server, one after the other, and what they were answered."""

    def __init__(self, sites: list[Site]) -> None:
        self._sites, self._over = sites, threading.Event()
        #: The kind of event that was acknowledged, and the digest of its receipt, an empty text for none.
        self.acknowledged: list[tuple[str, str]] = []
        self.statuses: Counter[int] = Counter()
        self.seconds: list[float] = []
        self.waited = 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let visitors come while the block runs; their last answers are awaited."""
        threads = [threading.Thread(target=self._visit, args=(site,)) for site in self._sites]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in threads:
                thread.join()

    def _visit(self, site: Site) -> None:
        while not self._over.wait(PAUSE):
            granting, refusing = site.visitor(), site.visitor()
            self._press(granting, "accept", "given")
            self._press(refusing, "reject", "refused")
            self._press(granting, "reject", "withdrawn")
            self.waited = max(self.waited, waiting(site))

    def _press(self, visitor: Visitor, choice: str, kind: str) -> None:
        receipt, start = visitor.receipt, time.monotonic()
        status = visitor.choose(choice).status_code
        self.seconds.append(time.monotonic() - start)
        self.statuses[status] += 1
        if status == 303:
            digest = receipt_digest(visitor.receipt or receipt)
            self.acknowledged.append((kind, digest or ""))

    @property
    def figures(self) -> str:
        """What the visitors saw, in one line."""
        slowest = sorted(self.seconds)
        half, most = (slowest[int(len(slowest) * part)] * 1_000 for part in (0.5, 0.99))
        times = f"p50 {half:.0f} ms, p99 {most:,.0f} ms"
        return f"{len(self.acknowledged)} acknowledged, {times}, {self.waited} waited at once"

    def missing(self, site: Site) -> Counter[tuple[str, str]]:
        """Return what was acknowledged and is not in the log."""
        return Counter(self.acknowledged) - recorded(site)

    def surplus(self, site: Site) -> Counter[tuple[str, str]]:
        """Return what is in the log twice, or was not acknowledged."""
        return recorded(site) - Counter(self.acknowledged)


def recorded(site: Site) -> Counter[tuple[str, str]]:
    """Return the kinds and receipts of all events in the log of a site."""
    return Counter((row["kind"], row["receipt"] or "") for row in log_of(site))
