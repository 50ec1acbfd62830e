"""Ask an app in this process for one address, and see what it does from inside; no answer is waited for without end."""

from __future__ import annotations

import signal
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, request, request_started, template_rendered
from flask.testing import FlaskClient
from werkzeug.exceptions import default_exceptions
from werkzeug.test import TestResponse
from werkzeug.wrappers import Response

from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.http.headers import PAGES
from flask_cookieconsent.http.request import Visit

from .answers import Answer
from .routes import ERROR_PAGE, SIGN_IN, Address

#: How many bytes of an answer are read: a stream may go on for ever.
MOST_BYTES = 2_000_000
#: How long an answer is waited for, in seconds, and how long one is read that comes in parts.
PATIENCE = 30.0
STREAMED = 10.0
_READ = (
    *(*PAGES, "text/css", "application/json"),
    *("text/javascript", "application/javascript", "application/x-javascript"),
)
# As browsers ask for a page; without them some apps answer with JSON, or take the client for a machine.
_HEADERS = {
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "User-Agent": "Mozilla/5.0 (compatible; Flask-CookieConsent audit)",
}


@dataclass(frozen=True)
class Asker:
    """One visitor's client for one app, and the path below which the app is mounted, empty where it is at the root."""

    app: Flask
    client: FlaskClient
    visitor: Visitor
    environ_key: str
    mount: str = ""

    def ask(self, address: Address, method: str = "GET", *, patience: float = PATIENCE) -> Answer:
        """Ask for one address; in a context of its own the request shares nothing with others, as no visitor's does."""

        def got() -> TestResponse:
            headers = _HEADERS | self.visitor.headers
            return self.client.open(self.mount + address.path, base_url=address.base, method=method, headers=headers)

        return Context().run(self._answer, address, method, got, patience)

    def error_page(self, base: str, code: int) -> Answer:
        """Ask for what the app answers when a view raises an HTTP error with a status of this code."""
        app, raised = self.app, default_exceptions[code]()
        before = app.__dict__.get("dispatch_request")

        def dispatch_request() -> Any:
            raise raised

        app.dispatch_request = dispatch_request  # type: ignore[method-assign]
        try:
            return self.ask(Address(base, "/", f"error {code}", ERROR_PAGE))
        finally:
            del app.__dict__["dispatch_request"]
            if before is not None:
                app.dispatch_request = before  # type: ignore[method-assign]

    def sign_in(self, sign_in: Callable[[FlaskClient], Any], base: str) -> list[Answer]:
        """Have the site's own code sign the client in, and return the answers to what it asked for.

        :raises SetupError: if it raises.
        """
        answers: list[Answer] = []
        plain = self.client.open

        def watched(*args: Any, **kwargs: Any) -> TestResponse:
            if args and isinstance(args[0], str) and "://" not in args[0] and "subdomain" not in kwargs:
                kwargs.setdefault("base_url", base + self.mount)
            with _watched(self.app, self.environ_key) as seen:
                response = plain(*args, **kwargs)
            path, method = response.request.path, response.request.method
            address = Address(base, path, path, SIGN_IN)
            answers.append(Answer(self.visitor, address, method, **_parts(response, ""), **seen.parts))
            return response

        self.client.open = watched  # type: ignore[method-assign]
        try:
            sign_in(self.client)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            raise SetupError(
                f"sign-in: found {type(error).__name__}: {error}; wanted a callable that signs in the test client that "
                "it is given, such as lambda client: client.post('/login', data={…})"
            ) from error
        finally:
            del self.client.__dict__["open"]
        return answers

    def _answer(self, address: Address, method: str, got: Callable[[], TestResponse], patience: float) -> Answer:
        parts: dict[str, Any]
        with _watched(self.app, self.environ_key) as seen:
            try:
                with _at_most(patience), got() as response:
                    is_read = response.mimetype in _READ and method == "GET"
                    parts = _parts(response, _text(response) if is_read else "")
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # a view may raise anything, and the finding says it
                parts = {"error": f"{type(error).__name__}: {error}"}
        return Answer(self.visitor, address, method, **parts, **seen.parts)


def client_of(app: Flask) -> FlaskClient:
    """Return a test client that leaves out of its jar what Werkzeug cannot read, and raises nothing for it.

    Browsers take far more than it does (RFC 6265bis, section 5.6), such as a life that is no number. The answers have
    the lines all the same.
    """
    client = app.test_client()
    plain = client._update_cookies_from_response

    def update(server_name: str, path: str, headers: list[str]) -> None:
        for header in headers:
            with suppress(Exception):
                plain(server_name, path, [header])

    client._update_cookies_from_response = update  # type: ignore[method-assign]
    return client


def mount_of(app: Flask, client: FlaskClient, base: str, environ_key: str) -> str:
    """Return the path below which an app sees requests: `APPLICATION_ROOT` where a middleware takes it off, or none."""
    root = str(app.config["APPLICATION_ROOT"]).rstrip("/")
    for mount in ("", root) if root else ():
        with _watched(app, environ_key) as seen:
            try:
                client.open(f"{mount}/", base_url=base, method="HEAD", headers=_HEADERS).close()
            except KeyboardInterrupt:
                raise
            except BaseException:  # it was seen, or it was not
                seen.templates.clear()
        if seen.started:
            return mount
    return ""


@dataclass
class _Seen:
    """What is seen of one request from inside: the templates that it renders, and its visit."""

    started: bool = False
    templates: list[str] = field(default_factory=list)
    visit: Visit | None = None

    @property
    def parts(self) -> dict[str, Any]:
        """What an answer keeps of it."""
        found: dict[str, Any] = {"templates": tuple(dict.fromkeys(self.templates))}
        if (visit := self.visit) is not None:
            found |= {"undeclared": visit.undeclared, "too_long": visit.too_long}
            found |= {"written": visit.written, "kept": visit.kept}
        return found


@contextmanager
def _watched(app: Flask, environ_key: str) -> Iterator[_Seen]:
    """Watch the requests of an app from inside, by its signals."""
    seen = _Seen()

    def started(sender: Any, **extra: Any) -> None:
        seen.started = True
        seen.visit = cast("Visit | None", request.environ.get(environ_key))

    def rendered(sender: Any, template: Any, **extra: Any) -> None:
        if template.name and not template.name.startswith("cookieconsent/"):
            seen.templates.append(template.name)

    with request_started.connected_to(started, app), template_rendered.connected_to(rendered, app):
        yield seen


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Let a block take so many seconds at most, where the system has timers and nobody else uses them.

    :raises TimeoutError: inside the block, in whatever it is doing.
    """
    is_free = (
        hasattr(signal, "setitimer")
        and threading.current_thread() is threading.main_thread()
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
        and signal.getsignal(signal.SIGALRM) in (signal.SIG_DFL, signal.SIG_IGN)
    )
    if not is_free:
        yield
        return

    def late(*_: Any) -> None:
        raise TimeoutError(f"no answer within {seconds:g} seconds")

    before = signal.signal(signal.SIGALRM, late)
    # Again and again, because a view may catch what is raised in it.
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _parts(response: Response, body: str) -> dict[str, Any]:
    return {
        "status": response.status_code,
        "headers": tuple(response.headers.items()),
        "body": body,
        "mimetype": response.mimetype or "",
    }


def beginning(response: Response, most: int, seconds: float = STREAMED) -> bytes:
    """Return the first bytes of an answer, as many as come until some seconds are over: a stream may go on for ever."""
    parts, size, ends = [], 0, time.monotonic() + seconds
    for part in response.iter_encoded():
        parts.append(part)
        size += len(part)
        if size >= most or time.monotonic() >= ends:
            break
    return b"".join(parts)[:most]


def _text(response: Response) -> str:
    """Return the text of an answer, at most its first bytes, in whatever encoding it says that it has."""
    data = beginning(response, MOST_BYTES)
    if response.headers.get("Content-Encoding", "").lower() in ("gzip", "deflate"):
        try:
            data = zlib.decompressobj(47).decompress(data, MOST_BYTES)
        except zlib.error:
            data = b""
    try:
        return data.decode(response.mimetype_params.get("charset", "utf-8"), "replace")
    except LookupError:
        return data.decode("utf-8", "replace")
