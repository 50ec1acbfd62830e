"""A real browser, real servers, and nobody else: foreign hosts are answered by a stub on this machine."""

from __future__ import annotations

import os
import shutil
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn
from urllib.parse import urlsplit

import pytest
import trustme
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, Request
from werkzeug.serving import WSGIRequestHandler, make_server

#: The invented host that every site of the tests has; it and its subdomains lead to this machine.
HOST = "ecom.example"
#: Hosts below other names, for what depends on a name; they lead to this machine too.
OTHER_HOSTS = ("shop.co.uk", "shop.com")
#: Seconds without a request after which a page is taken to ask for nothing more.
QUIET = 0.15
#: The first is the same engine without windows of its own, which takes a quarter of the time.
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--ignore-certificate-errors",
)

GTAG = """
addEventListener("pagehide", () => {
  // The real library counts the end of a visit too, unless it is told to be silent.
  if (!window["ga-disable-G-ECOMDEMO01"]) navigator.sendBeacon("https://www.google-analytics.com/g/collect?en=end");
});
document.cookie = "_ga=GA1.1.1.1; max-age=34128000; path=/; domain=" + location.hostname;
document.cookie = "_ga_ECOMDEMO01=GS1.1.1; max-age=34128000; path=/; domain=" + location.hostname;
navigator.sendBeacon("https://www.google-analytics.com/g/collect?tid=G-ECOMDEMO01");
"""
FRAME = "<!doctype html><title>A stand-in</title><p>This stands for a page of another company.</p>"

# Set before any script of a page runs, so that what is written and deleted at once is seen too (A1).
PROBE = """
window.__written = [];
const jar = Object.getOwnPropertyDescriptor(Document.prototype, "cookie");
Object.defineProperty(document, "cookie", {
  get() { return jar.get.call(document); },
  set(value) { window.__written.push("cookie " + value); jar.set.call(document, value); },
});
const setItem = Storage.prototype.setItem;
Storage.prototype.setItem = function (name, value) {
  window.__written.push("storage " + name);
  return setItem.call(this, name, value);
};
"""

STORES = """async () => ({
  local: Object.keys(localStorage), session: Object.keys(sessionStorage), written: window.__written,
  databases: (await indexedDB.databases()).map((each) => each.name),
  caches: window.caches ? await caches.keys() : [],
  workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
})"""


def find_browser() -> str | None:
    """Return the path of an installed Chromium, if there is one."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def missing(*packages: str) -> NoReturn:
    """Skip a test for want of a browser, or fail it where `FCC_EVERY_BROWSER` says that each has to be there."""
    reason = f"not on this machine, so not tried: {', '.join(packages)} (names of Debian's packages)"
    if os.environ.get("FCC_EVERY_BROWSER"):
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass
class Stub:
    """Stands for every other company; it remembers who was asked for what.

    `script` is what every script of theirs does, Google's own by default, and `style` what their style sheets do. A
    frame of a host in `onward` leads to another address, and `referers` keeps what the last request for a frame of each
    host told about the page. What the pages of a host that is `gone` still send is forgotten.
    """

    port: int
    asked: list[tuple[str, str]] = field(default_factory=list)
    script: str = ""
    style: str = ""
    onward: dict[str, str] = field(default_factory=dict)
    referers: dict[str, str | None] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)


def _handler(stub_of: list[Stub]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            host, stub = self.headers.get("Host", "").split(":")[0], stub_of[0]
            asker = urlsplit(self.headers.get("Referer", "")).hostname
            # What the browser asks its maker for by itself is the doing of no page.
            if self.headers.get("Sec-Fetch-Site") != "none" and asker not in stub.gone:
                stub.asked.append((host, self.path))
            kind = self.headers.get("Sec-Fetch-Dest")
            if kind == "iframe":
                stub.referers[host] = self.headers.get("Referer")
            script = kind == "script" and bool(stub.script) or host == "www.googletagmanager.com"
            style = kind == "style" and bool(stub.style)
            body = ((stub.script or GTAG) if script else stub.style if style else FRAME).encode()
            if kind == "iframe" and host in stub.onward:
                self.send_response(302)
                self.send_header("Location", stub.onward[host])
            else:
                self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if script else "text/css" if style else "text/html")
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Set-Cookie", "visitor=1; Path=/; Secure; SameSite=None")
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = answer

        def log_message(self, *args: Any) -> None:
            """Say nothing; the tests read `asked`."""

    return Handler


class Quieter(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a browser that hangs up, or that tries without TLS before it tries with it."""


@contextmanager
def stand_in(authority: trustme.CA) -> Iterator[Stub]:
    """Run the stub for all foreign hosts, over TLS."""
    holder: list[Stub] = []
    server = Quieter(("127.0.0.1", 0), _handler(holder))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("*.example").configure_cert(context)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    holder.append(Stub(server.server_address[1]))
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield holder[0]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(app: Any, authority: trustme.CA | None = None, host: str = HOST) -> Iterator[str]:
    """Run an app on a free port, over TLS where an *authority* signs for it; give its address."""
    context = None
    if authority is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(HOST, f"*.{HOST}").configure_cert(context)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=context)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    try:
        yield f"{'http' if authority is None else 'https'}://{host}:{server.port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def launch(playwright: Playwright, executable: str, stub: Stub, more: Iterable[str] = (), **options: Any) -> Browser:
    """Start the browser, with *more* flags; every host but the tests' own is led to the stub."""
    own = ", ".join(f"MAP {name} 127.0.0.1" for host in (HOST, *OTHER_HOSTS) for name in (host, f"*.{host}"))
    rules = f"{own}, MAP * 127.0.0.1:{stub.port}, EXCLUDE 127.0.0.1"
    arguments = [*FLAGS, f"--host-resolver-rules={rules}", *more]
    return playwright.chromium.launch(executable_path=executable, args=arguments, **options)


class Traffic:
    """The requests of one page that are on their way; those of a document that is left behind count no more."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pending: set[Request] = set()
        self._changed = time.monotonic()
        page.on("request", self._begin)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)

    def _begin(self, request: Request) -> None:
        if request.is_navigation_request() and request.frame == self._page.main_frame:
            self._pending.clear()
        self._pending.add(request)
        self._changed = time.monotonic()

    def _end(self, request: Request) -> None:
        self._pending.discard(request)
        self._changed = time.monotonic()

    def wait_for_quiet(self) -> None:
        """Wait until the page is loaded and no request was pending, began or ended for a while.

        Playwright's own `networkidle` waits for half a second, which is most of the time of a short test.

        :raises TimeoutError: if the page goes on asking.
        """
        start = self._changed = time.monotonic()
        while (rest := QUIET - (time.monotonic() - self._changed)) > 0 or self._pending:
            if time.monotonic() - start > 10:
                raise TimeoutError(f"still pending: {sorted(request.url for request in self._pending)}")
            self._page.wait_for_timeout(1_000 * max(rest, QUIET / 5))
            # A page that is busy with what it was sent asks for more later; it is not quiet before it answers this.
            self._page.wait_for_load_state()
            try:
                is_busy = self._page.evaluate("!!document.querySelector('[class^=fcc-][aria-busy]')")
            except Error:  # it was read again meanwhile
                is_busy = True
            if is_busy:  # a press was answered, and what follows from it has not begun
                self._changed = time.monotonic()


class Visitor:
    """One person with a browser of their own: what they see, what is stored with them, who hears of them."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(ignore_https_errors=True, **options)
        self.context.add_init_script(PROBE)
        self.requests: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.set_default_timeout(10_000)
        self.page: Page = self.context.new_page()
        self._traffic = Traffic(self.page)

    def open(self, path: str) -> Page:
        """Open a page of the site, for what is on it; who else is asked is for `visit`, which takes longer."""
        self.page.goto(self.address + path)
        return self.page

    def visit(self, path: str) -> Page:
        """Open a page of the site and wait until it asks for nothing more."""
        self.open(path)
        self._traffic.wait_for_quiet()
        return self.page

    def press(self, name: str) -> None:
        """Press the first button of that name, and wait for what follows."""
        self.page.get_by_role("button", name=name).first.click()
        self.settle()

    def settle(self) -> None:
        """Wait until a choice has been answered, and what follows from it asks for nothing more."""
        self._traffic.wait_for_quiet()

    @property
    def cookies(self) -> dict[str, Any]:
        """The cookies that this site's host can read, by name."""
        host = urlsplit(self.address).hostname or ""
        return {each["name"]: each for each in self.context.cookies() if host.endswith(each["domain"].lstrip("."))}

    @property
    def strangers(self) -> set[str]:
        """The hosts other than the site's own that the browser tried to reach."""
        own = urlsplit(self.address).hostname
        return {host for url in self.requests if (host := urlsplit(url).hostname) and host != own}

    def stores(self) -> dict[str, Any]:
        """Return the names of everything stored by script; needs scripts."""
        found: dict[str, Any] = self.page.evaluate(STORES)
        return found


#: What the fixture `visitor` is: it makes visitors, each with a browser profile of their own.
Visitors = Callable[..., Visitor]
