"""What a decision does to HTTP: functions from headers to headers, and the thin WSGI edge that applies them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, has_request_context, request
from werkzeug.datastructures import Headers
from werkzeug.http import dump_header, parse_dict_header, parse_set_header

from .cookies import is_deletion, name_of, pairs_in, sweep, without
from .current import Edge, State, get_edge, is_secure, read
from .decision import Decision
from .policy import merged, strict, without_features

logger = logging.getLogger("flask_cookieconsent")

Start = Callable[..., Any]

#: Tells developers which cookies were stopped; sent in debug mode only.
DROPPED_HEADER = "X-CookieConsent-Dropped"

_SHARED_CACHE_HEADERS = ("CDN-Cache-Control", "Surrogate-Control")
_POLICIES = ("Content-Security-Policy", "Content-Security-Policy-Report-Only")
_MOST_WARNINGS = 500


class UndeclaredCookieError(RuntimeError):
    """A cookie that no service declares, on a site that wants to be told so by an error."""


def keep_private(headers: Headers, *, dnt: bool = False) -> None:
    """Mark a response that depends on the visitor, so that no shared cache gives it to another (A8).

    What the app said is kept where it is stricter; what would let a shared cache store it gives way.
    """
    vary = parse_set_header(", ".join(headers.getlist("Vary")))
    if "*" not in vary:
        vary.update(["Cookie", "Sec-GPC", *(["DNT"] if dnt else [])])
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


def replace_policy(headers: Headers, policy: str) -> None:
    """Give a page of ours its own policy in place of the app's.

    The frame page may be framed by this site alone and may frame one vendor, whatever the app says elsewhere.
    """
    headers["Content-Security-Policy"] = policy
    headers["X-Frame-Options"] = "SAMEORIGIN"
    headers.pop("Content-Security-Policy-Report-Only", None)


def open_policy(headers: Headers, decision: Decision, needs: Iterable[str]) -> None:
    """Add to every policy of a response what the allowed services and the page's own frames and forms need."""
    opened = decision.hosts + tuple((directive, ("'self'",)) for directive in needs)
    for name in _POLICIES:
        values = headers.getlist(name)
        if values:
            headers.setlist(name, [merged(each, opened) for each in values])


def forbid_framing(headers: Headers) -> None:
    """Keep a page out of every frame: a press on a button nobody sees would look like a choice of the visitor."""
    headers.add("Content-Security-Policy", "frame-ancestors 'none'")
    headers["X-Frame-Options"] = "DENY"


def hide(state: State, environ: dict[str, Any]) -> None:
    """Take the cookies of services that are not allowed out of a request, before the app reads any (A10)."""
    header = environ.get("HTTP_COOKIE")
    if not header:
        return
    arrived = tuple(name for name, _ in pairs_in(header))
    edge = get_edge(state, environ)
    edge.arrived = arrived
    if not any(state.cookies.is_optional(name) for name in arrived):
        return
    decision = read(state, environ, edge).decision
    edge.hidden = tuple(name for name in arrived if state.cookies.is_denied(name, decision))
    if edge.hidden:
        environ["HTTP_COOKIE"] = without(header, edge.hidden)


class EdgeMiddleware:
    """Sees every response last, with what Flask adds after its own hooks, and applies the functions above."""

    def __init__(self, app: Flask, state: State, complete: Callable[[], None], *, report_to: str) -> None:
        self._app = app
        self._wsgi_app = app.wsgi_app
        self._state = state
        self._complete: Callable[[], None] | None = complete
        self._strict = strict(state.settings.csp_sources or {}, report_to)
        self._strict_header = {"enforce": _POLICIES[0], "report-only": _POLICIES[1]}.get(state.settings.csp)
        self._warned: set[str] = set()

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        complete = self._complete  # read once: another thread may serve the first request too
        if complete is not None:
            # With the first request all routes and extensions of the app are there; doing it twice does no harm.
            complete()
            self._complete = None
        edge = get_edge(self._state, environ)

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, self._answer(environ, edge, status, headers), exc_info)

        return self._wsgi_app(environ, start)

    def _answer(
        self, environ: dict[str, Any], edge: Edge, status: str, headers: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        is_page, has_length, sets_cookies = False, False, False
        for name, value in headers:
            match name.lower():
                case "content-type":
                    is_page = value.startswith(("text/html", "application/xhtml"))
                case "content-length":
                    has_length = True
                case "set-cookie":
                    sets_cookies = True
        # HTML that is still being made may yet ask about consent.
        edge.consulted = edge.consulted or (is_page and not has_length and not status.startswith(("204", "304")))
        if not (edge.consulted or edge.hidden or sets_cookies or is_page or edge.after):
            return headers
        changed = Headers(headers)
        if sets_cookies:
            self._filter(environ, edge, changed)
        if edge.hidden or edge.after is not None:
            self._sweep(environ, edge, changed, is_page)
        if is_page:
            self._police(environ, edge, changed)
        if edge.consulted:
            keep_private(changed, dnt=self._state.settings.dnt)
            if edge.shows_granted and not is_secure(environ):
                # Clear-Site-Data works over HTTPS alone, so here no copy may stay for the Back button (E3).
                changed["Cache-Control"] = "no-store"
        return changed.to_wsgi_list()

    def _decision(self, environ: dict[str, Any], edge: Edge) -> Decision:
        return edge.after or read(self._state, environ, edge).decision

    def _filter(self, environ: dict[str, Any], edge: Edge, headers: Headers) -> None:
        """Stop the cookies of services that are not allowed; what makes a browser forget one always passes."""
        index, kept, dropped = self._state.cookies, [], []
        for line in headers.getlist("Set-Cookie"):
            name = name_of(line)
            passes = True
            if not index.is_known(name):
                passes = self._passes_undeclared(name, environ)
            elif index.is_optional(name):
                passes = not index.is_denied(name, self._decision(environ, edge))
            if passes or is_deletion(line, self._state.clock()):
                kept.append(line)
            else:
                dropped.append(name)
        if not dropped:
            return
        edge.consulted = True
        headers.setlist("Set-Cookie", kept)
        if not kept:
            headers.pop("Set-Cookie", None)
        logger.debug("stopped cookies of services that are not allowed: %s", ", ".join(dropped))
        if self._app.debug:
            headers[DROPPED_HEADER] = ", ".join(dropped)
            self._state.dropped[self._route(environ)] = tuple(dropped)

    def _passes_undeclared(self, name: str, environ: dict[str, Any]) -> bool:
        message = (
            f"cookie {name!r}, set by {self._route(environ)!r}, is not declared; "
            "add it to the cookies of a service, so that visitors are told and asked about it"
        )
        mode = self._state.settings.undeclared
        if mode == "raise":
            raise UndeclaredCookieError(message)
        if name not in self._warned and len(self._warned) < _MOST_WARNINGS:
            self._warned.add(name)
            logger.warning(message)
        return mode == "warn"

    @staticmethod
    def _route(environ: dict[str, Any]) -> str:
        endpoint = request.endpoint if has_request_context() else None
        return endpoint or str(environ.get("PATH_INFO"))

    def _sweep(self, environ: dict[str, Any], edge: Edge, headers: Headers, is_page: bool) -> None:
        """Expire what came along and is not allowed, on pages and on the answer to a choice; never on files."""
        if edge.after is None and not is_page:
            edge.consulted = True
            return
        index = self._state.cookies
        names = list(edge.hidden)
        if edge.after is not None:
            denied = (name for name in edge.arrived if index.is_denied(name, edge.after))
            names = [*denied, *index.unseen(edge.after)]
        lines = sweep(
            names,
            index,
            host=environ.get("HTTP_HOST", ""),
            path=environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""),
            secure=is_secure(environ),
        )
        for line in lines:
            headers.add("Set-Cookie", line)
        edge.consulted = edge.consulted or bool(edge.hidden or lines)

    def _police(self, environ: dict[str, Any], edge: Edge, headers: Headers) -> None:
        """Open the policies of a page that asked about consent, and leave every other page closed."""
        if edge.own_policy is not None:
            replace_policy(headers, edge.own_policy)
        elif self._state.settings.csp != "off":
            if self._strict_header is not None:
                headers.add(self._strict_header, self._strict)
            if edge.consulted:
                open_policy(headers, self._decision(environ, edge), edge.needs)
        if edge.forbids_framing:
            forbid_framing(headers)
        if not (edge.consulted and "tracking" in self._decision(environ, edge).allowed):
            headers["Permissions-Policy"] = without_features(", ".join(headers.getlist("Permissions-Policy")))
