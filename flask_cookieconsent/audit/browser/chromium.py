"""Find and start a Chromium that reaches nobody and keeps nobody waiting, by Playwright."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging import LogRecord, getLogger
from typing import TYPE_CHECKING

from flask_cookieconsent.errors import CookieConsentError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

    from .watchdog import Watchdog

_LOGGER = getLogger("asyncio")
#: Seconds that one page may take with everything that is done to it; the longest waits of a visit add up to half of it.
PAGE_SECONDS = 60.0
#: How often the browser may be killed before an audit gives up.
MOST_LOSSES = 5
_TO_START = 60.0
_TO_STOP = 20.0
#: Those that a tab may take which is closed because it does not answer: some never close.
_TO_LEAVE = 10.0

#: What distributions call the program.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# One process for all frames of a page, so that one session of the debugging protocol sees what each of them asks for.
_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--disable-site-isolation-trials", "--disable-features=IsolateOrigins"),
    "--disable-blink-features=AutomationControlled",
)
#: Keeps what is not answered in this process from leaving the machine: no host is found, be it a name or an address in
#: digits, and connections between people may not go by UDP, for which nothing has to be found.
_NOBODY = ("--host-resolver-rules=MAP * ~NOTFOUND", "--force-webrtc-ip-handling-policy=disable_non_proxied_udp")


class BrowserMissing(CookieConsentError, RuntimeError):
    """Playwright or a Chromium is not installed, or does not start; the message says what to install."""


class BrowserLost(CookieConsentError, RuntimeError):
    """Chromium crashed or had to be killed too often; the message says at which page the last time."""


@contextmanager
def started(executable: str | None = None, *, live: bool = False, seconds: float = PAGE_SECONDS) -> Iterator[Chromium]:
    """Start Chromium, of the path *executable* or else Playwright's own or the one on `PATH`; stop it at the end.

    One page may take so many *seconds*, and is a reason to kill it if it takes more.

    :raises BrowserMissing: if there is none, or it does not start.
    """
    chromium = Chromium(executable, live=live, seconds=seconds)
    try:
        _LOGGER.addFilter(chromium.is_worth_logging)
        with chromium.limited("its start"):
            chromium.start()
        yield chromium
    finally:
        chromium.stop()
        _LOGGER.removeFilter(chromium.is_worth_logging)


class Chromium:
    """A browser that nobody waits for without end: a watchdog kills it, and then another one is started."""

    def __init__(self, executable: str | None, *, live: bool, seconds: float) -> None:
        self.seconds = seconds
        self._executable, self._flags = executable, (*_FLAGS, *(() if live else _NOBODY))
        self._watchdog: Watchdog | None = None
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._at = ""
        #: How often it was lost.
        self.losses = 0

    @property
    def browser(self) -> Browser:
        """The browser, which is started if it is lost.

        :raises BrowserMissing: if it does not start.
        """
        if self._browser is None:
            self.start()
        assert self._browser is not None
        return self._browser

    def is_worth_logging(self, record: LogRecord) -> bool:
        """Tell whether an event loop says anything but that a browser which was killed is gone."""
        return not self.is_killed

    @property
    def is_killed(self) -> bool:
        """Whether the time was up, and so each call to it fails."""
        return self._watchdog is not None and self._watchdog.has_killed

    @contextmanager
    def limited(self, at: str) -> Iterator[None]:
        """Kill the browser if what is done with it meanwhile, *at* some page, takes too long."""
        self._at = at
        if self._watchdog is not None:
            self._watchdog.feed(self.seconds)
        try:
            yield
        finally:
            if self._watchdog is not None:  # not the same one where the browser was lost
                self._watchdog.rest()

    def hurry(self) -> None:
        """Leave little time for the rest of what is done."""
        if self._watchdog is not None and not self.is_killed:
            self._watchdog.feed(min(_TO_LEAVE, self.seconds))

    def start(self) -> None:
        """Start the program.

        :raises BrowserMissing: if there is none, or it does not start in time.
        """
        try:
            from playwright.sync_api import Error, sync_playwright

            from .watchdog import Watchdog
        except ImportError:
            raise BrowserMissing(
                'the audit in a browser needs Playwright and psutil: pip install "Flask-CookieConsent[audit]"'
            ) from None
        watchdog = self._watchdog = Watchdog()
        watchdog.feed(_TO_START)
        path = self._executable
        try:
            self._playwright = sync_playwright().start()
            watchdog.know()
            path = path or _installed(self._playwright)
            self._browser = self._playwright.chromium.launch(executable_path=path, args=self._flags)
        except Exception as error:  # Playwright has none of its own for a driver that is killed before it has begun
            if not (isinstance(error, Error) or self.is_killed):
                raise
            reason = f"no answer in {_TO_START:g} seconds" if self.is_killed else str(error).strip().splitlines()[0]
            self.stop()
            raise BrowserMissing(
                f"{path or 'Chromium'} does not start: {reason}; install one with `playwright install chromium`, "
                "or name the program: --chromium PATH"
            ) from None
        watchdog.feed(self.seconds)

    def lose(self) -> None:
        """Kill the browser, which does not do what it is told; another one is started when it is asked for.

        :raises BrowserLost: if that has happened too often.
        """
        if self._watchdog is not None:
            self._watchdog.kill()
        self.stop()
        self.losses += 1
        if self.losses >= MOST_LOSSES:
            raise BrowserLost(
                f"Chromium was lost {self.losses} times, the last time at {self._at}: found pages that crash it, or "
                f"keep it for more than {self.seconds:g} seconds, wanted pages that come to rest; "
                "leave them out: --skip PATH"
            )

    def stop(self) -> None:
        """Stop the program, which is killed if it does not stop by itself."""
        if self._watchdog is None:
            return
        from playwright.sync_api import Error

        self._watchdog.feed(_TO_STOP)
        if self._browser is not None:
            with suppress(Error):
                self._browser.close()
        if self._playwright is not None:
            with suppress(Error):
                self._playwright.stop()
        self._watchdog.rest()
        if self.is_killed:
            gc.collect()  # which tells of calls that have failed, and nobody has asked for
        self._watchdog = self._playwright = self._browser = None


def _installed(playwright: Playwright) -> str | None:
    """Return the path of a program, None for Playwright's own."""
    if shutil.which(playwright.chromium.executable_path):
        return None
    return next((path for name in NAMES if (path := shutil.which(name))), None)
