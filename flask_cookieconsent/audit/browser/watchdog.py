"""A watchdog for a browser: whoever waits for one that does not get to its end is woken by an error."""

from __future__ import annotations

import threading
from contextlib import suppress

import psutil  # type: ignore[import-untyped]

#: How Playwright's driver, which starts the browser, is told what to be.
_DRIVER = "run-driver"


class Watchdog:
    """Kills the driver that is started after it, with its browser, unless it is fed in time.

    Most calls of Playwright have no limit of time, and closing may hang as well. When the driver is gone, each of them
    raises at once.
    """

    def __init__(self) -> None:
        self._others = _drivers()
        self._mine: set[psutil.Process] = set()
        self._timer: threading.Timer | None = None
        self.has_killed = False

    def feed(self, seconds: float) -> None:
        """Let everything have so many seconds from now on."""
        self.rest()
        self._timer = threading.Timer(seconds, self.kill)
        self._timer.daemon = True
        self._timer.start()

    def rest(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()

    def know(self) -> None:
        """Take the driver that has come for the one to watch; what is started from now on belongs to somebody else."""
        self._mine = _drivers() - self._others

    def kill(self) -> None:
        """Kill the driver and the browser, whatever they are doing."""
        self.has_killed = True
        for driver in self._mine or _drivers() - self._others:
            with suppress(psutil.Error):
                for process in (*driver.children(recursive=True), driver):
                    with suppress(psutil.Error):  # it has ended by itself
                        process.kill()


def _drivers() -> set[psutil.Process]:
    """Return the drivers that this process has started."""
    found = set()
    for process in psutil.Process().children():
        with suppress(psutil.Error):
            if _DRIVER in process.cmdline():
                found.add(process)
    return found
