"""WebDriver as two browsers speak it themselves: WebKitGTK over HTTP, Firefox over a socket under the name Marionette.

Both carry the same commands (https://www.w3.org/TR/webdriver2/), so that neither geckodriver nor a library is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

#: Seconds that a browser may take to start, and to answer.
PATIENCE = 60
#: What an element is called in an answer (https://www.w3.org/TR/webdriver2/#elements).
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"

#: Each command that is needed here, with its method and its address over HTTP.
COMMANDS = {
    "CloseWindow": ("DELETE", "/window"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "FindElements": ("POST", "/elements"),
    "GetComputedLabel": ("GET", "/element/{id}/computedlabel"),
    "GetCookies": ("GET", "/cookie"),
    "GetWindowHandle": ("GET", "/window"),
    "GetWindowHandles": ("GET", "/window/handles"),
    "IsElementDisplayed": ("GET", "/element/{id}/displayed"),
    "Navigate": ("POST", "/url"),
    "NewWindow": ("POST", "/window/new"),
    "SwitchToWindow": ("POST", "/window"),
}

#: Nothing of Firefox's own may ask for anything, and everything it asks for goes through the proxy.
PREFERENCES: dict[str, Any] = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.failover_direct": False,
    "services.settings.server": "data:,#none/v1",
    "extensions.systemAddon.update.enabled": False,
    "media.gmp-manager.updateEnabled": False,
    "app.update.disabledForTesting": True,
}


class WebDriverError(Exception):
    """What a browser answers when it cannot do as it was told."""


class Commands(Protocol):
    """Sends one command to a browser and returns its value."""

    def __call__(self, command: str, **parameters: Any) -> Any: ...


class Http:
    """A session of WebDriver over HTTP."""

    def __init__(self, port: int, capabilities: Mapping[str, Any]) -> None:
        self._base = f"http://127.0.0.1:{port}/session"
        made = self._send("POST", "", {"capabilities": {"alwaysMatch": dict(capabilities)}})
        self._base += f"/{made['sessionId']}"
        self.version: str = made["capabilities"]["browserVersion"]

    def __call__(self, command: str, **parameters: Any) -> Any:
        method, path = COMMANDS[command]
        return self._send(method, path.format_map(parameters), parameters)

    def close(self) -> None:
        """End the session, and the browser with it."""
        self._send("DELETE", "", {})

    def _send(self, method: str, path: str, parameters: Mapping[str, Any]) -> Any:
        data = json.dumps(parameters).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise WebDriverError(error.read().decode()) from None


class Marionette:
    """A session with Firefox: a length, a colon and JSON, in either direction."""

    def __init__(self, port: int, capabilities: Mapping[str, Any]) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._stream = self._socket.makefile("rb")
        try:
            self._receive()
            self.version: str = self._send("WebDriver:NewSession", capabilities)["capabilities"]["browserVersion"]
        except BaseException:
            self._hang_up()
            raise

    def __call__(self, command: str, **parameters: Any) -> Any:
        answer = self._send(f"WebDriver:{command}", parameters)
        # What is not a value of its own comes in an envelope.
        return answer["value"] if isinstance(answer, dict) and answer.keys() == {"value"} else answer

    def prefer(self, name: str, value: Any) -> None:
        """Set a preference of the running browser; none takes it back."""
        self._send("Marionette:SetContext", {"value": "chrome"})
        script = """const [name, value] = arguments;
          if (value === null) Services.prefs.clearUserPref(name);
          else if (typeof value === "number") Services.prefs.setIntPref(name, value);
          else Services.prefs.setBoolPref(name, value);"""
        self("ExecuteScript", script=script, args=[name, value])
        self._send("Marionette:SetContext", {"value": "content"})

    def close(self) -> None:
        """End the browser."""
        try:
            self._send("Marionette:Quit", {"flags": ["eForceQuit"]})
        finally:
            self._hang_up()

    def _hang_up(self) -> None:
        self._stream.close()
        self._socket.close()

    def _send(self, name: str, parameters: Mapping[str, Any]) -> Any:
        text = json.dumps([0, 1, name, parameters])
        self._socket.sendall(f"{len(text)}:{text}".encode())
        _, _, error, value = self._receive()
        if error:
            raise WebDriverError(f"{error['error']}: {error['message']}")
        return value

    def _receive(self) -> Any:
        length = b""
        while (digit := self._stream.read(1)) != b":":
            if not digit:
                raise ConnectionError("Firefox has ended")
            length += digit
        return json.loads(self._stream.read(int(length)))


def _until(is_there: Any, what: str) -> None:
    """Wait for something that starts."""
    end = time.monotonic() + PATIENCE
    while not is_there():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} has not started")
        time.sleep(0.02)


@contextmanager
def running(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program without its chatter, and end it."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def find_firefox() -> str | None:
    """Return the path of an installed Firefox, if there is one."""
    return shutil.which("firefox-esr") or shutil.which("firefox")


@contextmanager
def firefox(executable: str, folder: Path, proxy_port: int) -> Iterator[Marionette]:
    """Start Firefox without a screen, with a profile of its own in a *folder*."""
    preferences = PREFERENCES | {"network.proxy.http_port": proxy_port, "network.proxy.ssl_port": proxy_port}
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
    (folder / "user.js").write_text("\n".join(lines), encoding="utf-8")
    # Without the right to the browser's own preferences there is no way to switch scripts off, or to be dark.
    flags = ("--headless", "--no-remote", "--marionette", "--remote-allow-system-access")
    told = folder / "MarionetteActivePort"
    # Without this word Firefox takes no other address than its maker's for its remote settings.
    surroundings = os.environ | {"MOZ_REMOTE_SETTINGS_DEVTOOLS": "1"}
    with running(executable, *flags, "--profile", str(folder), env=surroundings):
        _until(lambda: told.exists() and told.read_text(), "Firefox")
        session = Marionette(int(told.read_text()), {"acceptInsecureCerts": True})
        try:
            yield session
        finally:
            session.close()


def find_webkit() -> tuple[str, Path] | None:
    """Return the paths of WebKitGTK's driver and of the small browser that comes with it, if they are there."""
    driver, browser = shutil.which("WebKitWebDriver"), next(Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser"), None)
    return (driver, browser) if driver and browser and shutil.which("Xvfb") else None


@contextmanager
def webkit(driver: str) -> Iterator[int]:
    """Start WebKitGTK's driver, with a screen that nobody sees; give the port that it listens on."""
    reading, writing = os.pipe()
    screen = ("Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp")
    with running(*screen, pass_fds=[writing]), os.fdopen(reading) as told, socket.socket() as free:
        os.close(writing)
        display = f":{told.readline().strip()}"
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        with running(driver, f"--port={port}", env=os.environ | {"DISPLAY": display}):
            _until(lambda: _listens(port), "WebKitWebDriver")
            yield port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
