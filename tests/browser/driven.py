"""Firefox and WebKitGTK behind the interface of `engines.py`, each driven over its own WebDriver."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .engines import Engine, Window
from .harness import Stub, missing
from .proxy import proxied
from .webdriver import ELEMENT, Commands, Http, Marionette, find_firefox, find_webkit, firefox, webkit

LABELLED = "//*[self::a or self::button][contains(normalize-space(.), {name})]"


class DrivenWindow(Window):
    """A tab that WebDriver knows by its handle."""

    def __init__(self, commands: Commands, handle: str, address: str, stub: Stub) -> None:
        self._commands, self._handle, self.address, self.stub = commands, handle, address, stub

    def _do(self, command: str, **parameters: Any) -> Any:
        self._commands("SwitchToWindow", handle=self._handle)
        return self._commands(command, **parameters)

    def open(self, path: str) -> None:
        self._do("Navigate", url=self.address + path)

    def evaluate(self, expression: str) -> Any:
        return self._do("ExecuteScript", script=f"return ({expression})", args=[])

    def _find(self, using: str, value: str) -> list[str]:
        return [each[ELEMENT] for each in self._do("FindElements", using=using, value=value)]

    def _press(self, name: str) -> bool:
        for id in self._find("xpath", LABELLED.format(name=json.dumps(name))):
            if name in self._do("GetComputedLabel", id=id) and self._do("IsElementDisplayed", id=id):
                self._click(id)
                return True
        return False

    def click(self, selector: str) -> None:
        self._click(self._find("css selector", selector)[0])

    def _click(self, id: str) -> None:
        # WebDriver alone leaves it at the very edge of the window, where a fixed banner may stand before it.
        script = "arguments[0].scrollIntoView({ block: 'center', behavior: 'instant' })"
        self._do("ExecuteScript", script=script, args=[{ELEMENT: id}])
        self._do("ElementClick", id=id)

    def type(self, selector: str, text: str) -> None:
        self._do("ElementSendKeys", id=self._find("css selector", selector)[0], text=text)

    def cookies(self) -> set[str]:
        return {each["name"] for each in self._do("GetCookies")}

    def tab(self) -> Window:
        handle = self._do("NewWindow", type="tab")["handle"]
        return DrivenWindow(self._commands, handle, self.address, self.stub)


class Firefox(Engine):
    """Firefox, in one profile."""

    name = "Firefox"

    def __init__(self, session: Marionette, stub: Stub) -> None:
        super().__init__(stub)
        self._session = session
        self.version = session.version
        self._first = session("GetWindowHandle")

    def _begin(self, address: str, scripts: bool, dark: bool) -> Window:
        self._session.prefer("javascript.enabled", scripts)
        self._session.prefer("layout.css.prefers-color-scheme.content-override", 0 if dark else 1)
        return DrivenWindow(self._session, self._session("NewWindow", type="tab")["handle"], address, self._stub)

    def _end(self) -> None:
        for handle in set(self._session("GetWindowHandles")) - {self._first}:
            self._session("SwitchToWindow", handle=handle)
            self._session("CloseWindow")
        self._session("SwitchToWindow", handle=self._first)


class WebKit(Engine):
    """WebKitGTK; each visitor has a browser of their own, which starts in a third of a second."""

    name = "WebKitGTK"

    def __init__(self, port: int, browser: Path, proxy_port: int, stub: Stub) -> None:
        super().__init__(stub)
        self._port, self._browser, self._proxy_port = port, browser, proxy_port

    def _begin(self, address: str, scripts: bool, dark: bool) -> Window:
        flags = ["--automation", f"--proxy=http://127.0.0.1:{self._proxy_port}"]
        flags += ["--dark-mode"] * dark + ["--enable-javascript=false"] * (not scripts)
        options = {"binary": str(self._browser), "args": flags}
        capabilities = {"acceptInsecureCerts": True, "webkitgtk:browserOptions": options}
        try:
            self._session = Http(self._port, capabilities)
        except TimeoutError:  # one start in some thousands hangs on a busy machine
            self._session = Http(self._port, capabilities)
        self.version = self._session.version
        return DrivenWindow(self._session, self._session("GetWindowHandle"), address, self._stub)

    def _end(self) -> None:
        self._session.close()


@contextmanager
def start_firefox(stub: Stub, folder: Path) -> Iterator[Engine]:
    """Start Firefox with a profile in a *folder*, or say that it is missing."""
    executable = find_firefox()
    if executable is None:
        missing("firefox-esr")
    with proxied(stub) as proxy_port, firefox(executable, folder, proxy_port) as session:
        yield Firefox(session, stub)


@contextmanager
def start_webkit(stub: Stub) -> Iterator[Engine]:
    """Start WebKitGTK's driver, or say that it is missing."""
    found = find_webkit()
    if found is None:
        missing("webkit2gtk-driver", "xvfb")
    driver, browser = found
    with proxied(stub) as proxy_port, webkit(driver) as port:
        yield WebKit(port, browser, proxy_port, stub)
