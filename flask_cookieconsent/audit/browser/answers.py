"""Answer the requests of a browser: the site's own through WSGI in this process, those of others by a stand-in."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Mapping
from contextvars import Context
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from flask import Flask

from flask_cookieconsent.audit.walking.asking import beginning

#: Seconds that the app has for one answer.
_LONGEST = 10.0
#: Bytes of one answer that a browser is given.
_MOST_BYTES = 16_000_000
#: Redirects that are followed for one request, as many as browsers follow (Fetch standard, "HTTP-redirect fetch").
MOST_REDIRECTS = 20
# Headers that belong to the connection, or that no longer say what the body is.
_NOT_HANDED_ON = {"content-length", "content-encoding", "transfer-encoding", "connection", "set-cookie"}
_GIF = b64decode("R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
_PAGE = b"<!doctype html><html lang=en><title>A stand-in</title><p>This stands for a page of another company."


@dataclass(frozen=True)
class Asked:
    """A request of a browser; `kind` is Playwright's resource type, such as `script` or `document`."""

    method: str
    url: str
    kind: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    #: Whether the answer becomes the document of a page or a frame.
    is_navigation: bool = False


@dataclass(frozen=True)
class Answered:
    """An answer for a browser."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    #: The addresses to which redirects have led on the way.
    onward: tuple[str, ...] = ()

    @property
    def as_mapping(self) -> dict[str, str]:
        """The headers as Playwright takes them: the lines of several `Set-Cookie` headers in one text."""
        merged: dict[str, str] = {}
        for name, value in self.headers:
            name = name.lower()
            merged[name] = merged[name] + ("\n" if name == "set-cookie" else ", ") + value if name in merged else value
        return merged


def answer(app: Flask, own: frozenset[str], mount: str, asked: Asked) -> Answered:
    """Answer a request: by the app where its host is one of *own*, else by a stand-in.

    A browser would follow a redirect past the audit, so a document is sent on by its `Refresh` header, and what else
    redirects is followed here. Nothing is sent to the app but GET, HEAD and forms of the extension itself. *mount* is
    the path below which the app is mounted.
    """
    lines: list[tuple[str, str]] = []
    onward: list[str] = []
    url, method = asked.url, asked.method
    for _ in range(MOST_REDIRECTS):
        if host_of(url) not in own:
            got = stand_in(asked)
        elif method not in ("GET", "HEAD") and not _is_form_of_ours(app, mount, url, method):
            got = Answered(204)
        else:
            got = _from_app(app, asked, url, method)
        target = dict(got.headers).get("Location", "")
        if got.status not in (301, 302, 303, 307, 308) or not target:
            return Answered(got.status, (*lines, *got.headers), got.body, tuple(onward))
        lines += [(name, value) for name, value in got.headers if name.lower() == "set-cookie"]
        url = urljoin(url, target)
        onward.append(url)
        if asked.is_navigation:
            return Answered(200, (*lines, ("Content-Type", "text/html"), ("Refresh", f"0;url={url}")), b"", (url,))
        method = method if got.status in (307, 308) or method == "HEAD" else "GET"
    return Answered(508, tuple(lines), b"", tuple(onward))


def host_of(url: str) -> str:
    """Return the host of a URL in lower case, without its port; empty where it has none."""
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""


def stand_in(asked: Asked) -> Answered:
    """Return an empty answer of the kind that is asked for, as any other site may read it."""
    kinds: dict[str, tuple[str, bytes]] = {
        "document": ("text/html", _PAGE),
        "script": ("text/javascript", b""),
        "stylesheet": ("text/css", b""),
        "image": ("image/gif", _GIF),
        "font": ("font/woff2", b""),
        "media": ("video/mp4", b""),
        "manifest": ("application/manifest+json", b"{}"),
    }
    mimetype, body = kinds.get(asked.kind, ("application/json", b"{}"))
    given = {name.lower(): value for name, value in asked.headers.items()}
    headers = (
        ("Content-Type", mimetype),
        ("Access-Control-Allow-Origin", given.get("origin", "*")),
        ("Access-Control-Allow-Credentials", "true"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    )
    return Answered(200, headers, body)


def _is_form_of_ours(app: Flask, mount: str, url: str, method: str) -> bool:
    parts = urlsplit(url)
    path = parts.path.removeprefix(mount)
    with app.test_request_context(path, base_url=f"{parts.scheme}://{parts.netloc}", method=method) as context:
        return (context.request.endpoint or "").startswith("cookieconsent.")


def _from_app(app: Flask, asked: Asked, url: str, method: str) -> Answered:
    """Ask the app in a thread of its own, as servers do: the browser's has an event loop, where no async view runs."""
    got: list[Answered] = []
    thread = threading.Thread(target=lambda: got.append(Context().run(_call, app, asked, url, method)), daemon=True)
    thread.start()
    thread.join(_LONGEST)
    return got[0] if got else Answered(504)


def _call(app: Flask, asked: Asked, url: str, method: str) -> Answered:
    parts = urlsplit(url)
    sent = {name: value for name, value in asked.headers.items() if name.lower() not in ("host", "content-length")}
    # Asked for as it is, since nothing here unpacks it.
    sent = {name: value for name, value in sent.items() if name.lower() != "accept-encoding"}
    try:
        response = app.test_client(use_cookies=False).open(
            parts.path or "/",
            query_string=parts.query,
            base_url=f"{parts.scheme}://{parts.netloc}",
            method=method,
            headers=sent,
            data=asked.body if method not in ("GET", "HEAD") else None,
        )
        with response:
            # What goes on for ever is a stream of events, which says nothing of cookies after its head.
            body = b"" if response.mimetype == "text/event-stream" else beginning(response, _MOST_BYTES, _LONGEST / 2)
            headers = [(name, value) for name, value in response.headers.items() if name.lower() not in _NOT_HANDED_ON]
            headers += [("Set-Cookie", line) for line in response.headers.getlist("Set-Cookie")]
            return Answered(response.status_code, tuple(headers), body)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a view may raise anything; the walk in process says what
        return Answered(500, (("Content-Type", "text/plain"),))
