"""What a decision does to HTTP: pure functions from a decision and headers to headers, and the thin WSGI edge."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.http import dump_cookie, dump_header, parse_dict_header, parse_set_header

from .current import Edge
from .decision import Decision

Start = Callable[..., Any]

#: Proxies refuse answers whose headers exceed 4 to 8 KB, so one answer sweeps at most this much.
MOST_SWEPT = 30

_SHARED_CACHE_HEADERS = ("CDN-Cache-Control", "Surrogate-Control")


def keep_private(headers: Headers) -> None:
    """Mark a response that depends on the visitor, so that no shared cache gives it to another (A8).

    What the app said is kept where it is stricter; what would let a shared cache store it gives way.
    """
    vary = parse_set_header(", ".join(headers.getlist("Vary")))
    if "*" not in vary:
        vary.update(["Cookie", "Sec-GPC"])
    headers["Vary"] = vary.to_header()
    control = parse_dict_header(", ".join(headers.getlist("Cache-Control")))
    control = {name.lower(): value for name, value in control.items()}
    if "no-store" not in control:
        # `private="X-Name"` keeps one header private and lets the page be shared.
        control = {name: value for name, value in control.items() if name not in ("public", "private", "s-maxage")}
        control["private"] = None
    headers["Cache-Control"] = dump_header(control)
    for name in _SHARED_CACHE_HEADERS:
        headers.pop(name, None)


def is_streamed_page(headers: Iterable[tuple[str, str]]) -> bool:
    """Tell whether HTML is still being made, so that a template may yet ask about consent."""
    values = {name.lower(): value for name, value in headers}
    return values.get("content-type", "").startswith("text/html") and "content-length" not in values


def replace_policy(headers: Headers, policy: str) -> None:
    """Give a page of ours its own policy in place of the app's.

    The frame page may be framed by this site alone and may frame one vendor, whatever the app says elsewhere.
    """
    headers["Content-Security-Policy"] = policy
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers.pop("Content-Security-Policy-Report-Only", None)


def forbid_framing(headers: Headers) -> None:
    """Keep a page out of every frame: a press on a button nobody sees would look like a choice of the visitor."""
    headers.add("Content-Security-Policy", "frame-ancestors 'none'")
    headers["X-Frame-Options"] = "DENY"


def sweep(decision: Decision, names: Iterable[str], *, host: str, secure: bool) -> Iterator[str]:
    """Yield `Set-Cookie` values that expire the first-party cookies of services that are not allowed (E4).

    *names* are the cookies that came with the request. A declared cookie with a path of its own does not travel with
    this request, so it is expired unseen. Each is expired for the host alone and for every parent domain.
    """
    arrived = tuple(names)
    wanted: dict[tuple[str, str], None] = {}
    for service, cookie in decision.registry.first_party():
        if service.id in decision.allowed:
            continue
        for name in arrived:
            if cookie.matches(name) and not _is_protected(decision, name):
                wanted[name, cookie.path] = None
        if cookie.path != "/" and not cookie.name.endswith("*"):
            wanted[cookie.name, cookie.path] = None
    domains = [None, *parent_domains(host)]
    lines = [expired(name, path=path, domain=domain, secure=secure) for name, path in wanted for domain in domains]
    yield from lines[:MOST_SWEPT]


def _is_protected(decision: Decision, name: str) -> bool:
    declared = decision.registry.first_party()
    return any(service.id in decision.allowed and cookie.matches(name) for service, cookie in declared)


def expired(name: str, *, path: str, domain: str | None, secure: bool) -> str:
    """Return the `Set-Cookie` value that makes a browser forget one cookie."""
    return dump_cookie(name, "", max_age=0, expires=0, path=path, domain=domain, secure=secure)


def parent_domains(host: str) -> list[str]:
    """Return a host and its parents with two labels or more: the domains its cookies may have been set for.

    An address of numbers and a single label such as `localhost` have none; browsers ignore public suffixes.
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    labels = name.split(".")
    if name.startswith("[") or labels[-1].isdigit() or len(labels) < 2:
        return []
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


class EdgeMiddleware:
    """Sees every response last, with what Flask adds after its own hooks, and applies the functions above."""

    def __init__(self, app: Flask, environ_key: str, complete: Callable[[], None]) -> None:
        self._app = app.wsgi_app
        self._key = environ_key
        self._complete: Callable[[], None] | None = complete

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        complete = self._complete  # read once: another thread may serve the first request too
        if complete is not None:
            # With the first request all routes and extensions of the app are there; doing it twice does no harm.
            complete()
            self._complete = None
        edge = environ[self._key] = Edge()

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            if not edge.consulted and not (is_streamed_page(headers) and not status.startswith(("204", "304"))):
                return start_response(status, headers, exc_info)
            changed = Headers(headers)
            keep_private(changed)
            if edge.own_policy is not None:
                replace_policy(changed, edge.own_policy)
            if edge.forbids_framing:
                forbid_framing(changed)
            return start_response(status, changed.to_wsgi_list(), exc_info)

        return self._app(environ, start)
