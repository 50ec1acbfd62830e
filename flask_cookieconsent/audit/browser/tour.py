"""Look at one page of each route with a visitor's device, and survive whatever the pages do."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.cookies import place
from flask_cookieconsent.audit.walking.walk import Answer

from .device import Device
from .seen import Look, Stored

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Seconds without a request after which a page is taken to ask for nothing more, and those that one may take at most.
_QUIET = 0.2
_LONGEST = 5.0
#: Milliseconds in which a page that is not busy for ever answers.
_ALIVE = 3_000
# Some scripts wait for the first sign of a person.
_STIR = "() => { scrollTo(0, document.documentElement.scrollHeight); scrollTo(0, 0); return true; }"
_WITHDRAW = "button[name=choice][value=withdraw]"
_REJECT = ".fcc-preferences button[name=choice][value=reject]"


class PageBroken(Exception):
    """A page crashed, or was busy for ever, and is left; *stored* is what the device still keeps."""

    def __init__(self, how: str, stored: tuple[Stored, ...]) -> None:
        super().__init__(how)
        self.stored = stored


def unreadable(answer: Answer, how: str) -> Finding:
    """Return the finding that a page is broken."""
    says = f"stops answering in a browser: {how}"
    return Finding("unreadable-page", answer.address.route, says, (place(answer, "GET"),))


def pages(answers: Iterable[Answer]) -> list[Answer]:
    """Return one document of each route, the first that the walk got."""
    found: dict[str, Answer] = {}
    for answer in answers:
        # A page of an error that was made to happen has no address; that of what is missing has.
        if not (answer.is_error_page and answer.address.path == "/"):
            found.setdefault(answer.address.route, answer)
    return list(found.values())


def looks(device: Device, answers: Iterable[Answer]) -> Iterator[Look]:
    """Yield a look at each page, one after the other as a visitor would."""
    for answer in answers:
        yield look(device, answer)


@contextmanager
def opened(device: Device, answer: Answer) -> Iterator[Page]:
    """Open a page, and leave it at the end, so that what it still wants to do is no doing of the next one.

    Whatever is done to it meanwhile has one limit of time.

    :raises PageBroken: if it crashes or is busy for ever; it is closed then, with its browser if need be.
    :raises BrowserLost: if that was so too often.
    """
    from playwright.sync_api import Error

    device.forget()
    with device.chromium.limited(answer.address.path):
        try:
            page = device.page
            # A download, a redirect without end, a page that leads away at once: what it did until then is noted.
            with suppress(Error):
                page.goto(answer.address.base + device.mount + answer.address.path, wait_until="load")
            _stir(page)
            wait_for_quiet(device, page)
            yield page
            page.goto("about:blank")
        except Error as error:
            seconds = device.chromium.seconds
            how = f"not done within {seconds:g} seconds" if device.chromium.is_killed else str(error)
            raise PageBroken(how.strip().splitlines()[0], device.take_another_page()) from error


def look(device: Device, answer: Answer, *, withdraws: bool = False) -> Look:
    """Open a page, wait until it is quiet, and return what was seen; with a withdrawal, what was seen after that."""
    broken, is_withdrawn = "", False
    try:
        with opened(device, answer) as page:
            is_withdrawn = withdraws and _withdraw(device, page)
            device.note_hints(page)
            stored = device.stored(page)
    except PageBroken as error:
        broken, stored = str(error), error.stored
    notes = device.notes
    fresh = device.fresh(stored)
    stored = stored if is_withdrawn else fresh
    return Look(answer, tuple(notes.acts), notes.contacts, tuple(notes.blocked), stored, broken, is_withdrawn)


def wait_for_quiet(device: Device, page: Page) -> None:
    """Wait until no request is pending and none began or ended for a moment, or the time is up."""
    start = device.changed = time.monotonic()
    while (rest := _QUIET - (time.monotonic() - device.changed)) > 0 or device.pending:
        if time.monotonic() - start > _LONGEST:
            return
        page.wait_for_timeout(1_000 * max(rest, _QUIET / 5))


def _stir(page: Page) -> None:
    """Scroll and move, as people do.

    :raises TimeoutError: of Playwright, if the page is too busy to answer.
    """
    page.wait_for_function(_STIR, timeout=_ALIVE)
    page.mouse.move(20, 20)


def _withdraw(device: Device, page: Page) -> bool:
    """Withdraw consent by a button of ours; tell whether there is one."""
    for selector in (_WITHDRAW, _REJECT):
        button = page.locator(selector).first
        if button.count() and button.is_visible():
            button.click()
            wait_for_quiet(device, page)
            return True
    return False
