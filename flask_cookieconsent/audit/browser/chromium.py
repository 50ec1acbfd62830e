"""Find and start a Chromium that reaches nobody, by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask_cookieconsent.errors import CookieConsentError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

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


@contextmanager
def started(executable: str | None = None, *, live: bool = False) -> Iterator[Browser]:
    """Start Chromium, of the path *executable* or else Playwright's own or the one on `PATH`; stop it at the end.

    :raises BrowserMissing: if there is none, or it does not start.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        raise BrowserMissing(
            'the audit in a browser needs Playwright: pip install "Flask-CookieConsent[audit]"'
        ) from None
    with sync_playwright() as playwright:
        path = executable or _installed(playwright)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=[*_FLAGS, *(() if live else _NOBODY)])
        except Error as error:
            reason = str(error).strip().splitlines()[0]
            raise BrowserMissing(
                f"{path or 'Chromium'} does not start: {reason}; install one with `playwright install chromium`, "
                "or name the program: --chromium PATH"
            ) from None
        try:
            yield browser
        finally:
            browser.close()


def _installed(playwright: Playwright) -> str | None:
    """Return the path of a program, None for Playwright's own."""
    if shutil.which(playwright.chromium.executable_path):
        return None
    return next((path for name in NAMES if (path := shutil.which(name))), None)
