"""One small interface to browsers of different engines, and Chromium behind it; the others are in `driven.py`."""

from __future__ import annotations

import itertools
import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser, Error, Page

from .harness import HOST, QUIET, Stub, Visitor
from .webdriver import WebDriverError

TROUBLES = (WebDriverError, Error)
VISIBLE = "document.querySelector({})?.checkVisibility({{ visibilityProperty: true }})"

_numbers = itertools.count()


class Window(ABC):
    """One tab of one person's browser. *scripts* and *dark* of a visitor hold for all their tabs."""

    address: str
    stub: Stub
    #: Seconds within which a page has done what is expected of it.
    patience = 15.0

    @abstractmethod
    def open(self, path: str) -> None:
        """Open a page of the site."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return what an expression of JavaScript gives in the page, even where the page's own scripts are off."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click what a selector finds first, as a person does: in sight, with nothing before it."""

    @abstractmethod
    def type(self, selector: str, text: str) -> None:
        """Type into a field."""

    @abstractmethod
    def cookies(self) -> set[str]:
        """Return the names of the cookies that the page's host is sent, those that no script can read included."""

    @abstractmethod
    def tab(self) -> Window:
        """Return another tab of the same person."""

    @abstractmethod
    def _press(self, name: str) -> bool:
        """Press the first visible button or link whose accessible name holds *name*; tell whether there was one."""

    def press(self, name: str) -> None:
        """Press a button or a link as soon as it is there."""
        self.until(lambda: self._press(name), lambda: f"nothing to press is called {name!r}")

    def reload(self) -> None:
        """Read the page again, as its visitor does."""
        self.evaluate("window.isOld = true")
        self.evaluate("location.reload()")
        self.wait("!window.isOld")

    def wait(self, expression: str) -> None:
        """Wait until an expression is true in a page that has been read to its end."""
        ready = f"document.readyState !== 'loading' && Boolean({expression})"
        self.until(lambda: self.evaluate(ready), lambda: f"never true: {expression}")

    def wait_to_see(self, selector: str) -> None:
        """Wait until something is visible."""
        self.wait(VISIBLE.format(json.dumps(selector)))

    def wait_to_miss(self, selector: str) -> None:
        """Wait until something is gone, or is not visible."""
        self.wait("!" + VISIBLE.format(json.dumps(selector)))

    def wait_to_ask(self, hosts: set[str]) -> None:
        """Wait until exactly these hosts of other companies have been asked for something."""
        self.until(lambda: self.asked == hosts, lambda: f"asked were {self.asked}, not {hosts}")

    def settle(self) -> None:
        """Wait until the page is complete, and other companies have been asked for nothing for a while."""
        self.wait("document.readyState === 'complete' && !document.querySelector('[aria-busy]')")
        known, changed = len(self.stub.asked), time.monotonic()
        while time.monotonic() - changed < QUIET:
            time.sleep(QUIET / 5)
            if len(self.stub.asked) != known:
                known, changed = len(self.stub.asked), time.monotonic()

    @property
    def asked(self) -> set[str]:
        """The hosts of other companies that were asked for something."""
        return {host for host, _ in self.stub.asked}

    def until(self, is_so: Callable[[], Any], failure: Callable[[], str]) -> None:
        """Wait; a page that is just being left answers with an error, or with what is no longer there."""
        end, trouble = time.monotonic() + self.patience, ""
        while True:
            try:
                if is_so():
                    return
            except TROUBLES as error:
                trouble = f" ({error})"
            assert time.monotonic() < end, failure() + trouble
            time.sleep(0.02)


class Engine(ABC):
    """A running browser, which one visitor uses at a time."""

    name: str
    version = ""

    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._host = ""

    def visit(self, address: str, *, scripts: bool = True, dark: bool = False) -> Window:
        """Return the first tab of somebody who was never here: the site is under a host that is new to the browser."""
        self._stub.asked.clear()
        self._host = f"v{next(_numbers)}.{HOST}"
        return self._begin(address.replace(HOST, self._host), scripts, dark)

    def leave(self) -> None:
        """Close all tabs of the visitor; what their pages still send is not held against the next one."""
        self._stub.gone.add(self._host)
        self._end()

    @abstractmethod
    def _begin(self, address: str, scripts: bool, dark: bool) -> Window: ...

    @abstractmethod
    def _end(self) -> None: ...


class _ChromiumWindow(Window):
    def __init__(self, visitor: Visitor, page: Page, stub: Stub) -> None:
        self._visitor, self._page, self.stub, self.address = visitor, page, stub, visitor.address

    def open(self, path: str) -> None:
        self._page.goto(self.address + path)

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)

    def _press(self, name: str) -> bool:
        buttons, links = (self._page.get_by_role(role, name=name) for role in ("button", "link"))
        found = buttons.or_(links).filter(visible=True)
        if not found.count():
            return False
        found.first.click(timeout=5_000)
        return True

    def click(self, selector: str) -> None:
        self._page.locator(selector).first.click()

    def type(self, selector: str, text: str) -> None:
        self._page.locator(selector).press_sequentially(text)

    def cookies(self) -> set[str]:
        return set(self._visitor.cookies)

    def tab(self) -> Window:
        return _ChromiumWindow(self._visitor, self._visitor.context.new_page(), self.stub)


class Chromium(Engine):
    """Chromium, through Playwright."""

    name = "Chromium"

    def __init__(self, browser: Browser, stub: Stub) -> None:
        super().__init__(stub)
        self._browser = browser
        self.version = browser.version

    def _begin(self, address: str, scripts: bool, dark: bool) -> Window:
        scheme = "dark" if dark else "light"
        self._visitor = Visitor(self._browser, address, java_script_enabled=scripts, color_scheme=scheme)
        return _ChromiumWindow(self._visitor, self._visitor.page, self._stub)

    def _end(self) -> None:
        self._visitor.context.close()
