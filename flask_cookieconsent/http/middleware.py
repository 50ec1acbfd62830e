"""WSGI middleware that enforces a decision: cookies that are hidden, stopped and swept, caches, policies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, has_request_context, request

from flask_cookieconsent.core.csp import strict_policy
from flask_cookieconsent.errors import UndeclaredCookieError
from flask_cookieconsent.state import State

from .cookies import beyond, is_deletion, lifetime, name_of, shortened, sweep, told_name, weight, within_budget, without
from .headers import (
    ABOUT_CACHES,
    PAGES,
    POLICIES,
    Pairs,
    deny_features,
    forbid_framing,
    is_document,
    joined,
    keep_nowhere,
    keep_private,
    media_type,
    open_policies,
    replace_policy,
)
from .once import Once
from .request import Visit, get_visit, is_secure
from .seen import UndeclaredCookies

logger = logging.getLogger("flask_cookieconsent")

Start = Callable[..., Any]

#: Tells developers which cookies were stopped; sent in debug mode only.
DROPPED_HEADER = "X-CookieConsent-Dropped"

_STRICT = {"enforce": "Content-Security-Policy", "report-only": "Content-Security-Policy-Report-Only"}


_NO_FEATURES = deny_features([])


def hide(state: State, environ: dict[str, Any]) -> None:
    """Take the cookies of services that are not allowed out of a request, before the app reads any (A10)."""
    header = environ.get("HTTP_COOKIE")
    if header:
        _hide(state, environ, get_visit(state, environ), header)


def hide_again(state: State, environ: dict[str, Any]) -> None:
    """Take out what the visit's new decision denies, and put back what it allows, of all that the browser has sent."""
    visit = get_visit(state, environ)
    if visit.cookie_header:
        environ["HTTP_COOKIE"], visit.hidden = visit.cookie_header, ()
        _hide(state, environ, visit, visit.cookie_header)


def _hide(state: State, environ: dict[str, Any], visit: Visit, header: str) -> None:
    for name, _ in visit.cookies:
        if state.cookies.is_optional(name):
            break
    else:  # most requests bring nothing that needs a decision
        return
    allowed, visit.cookie_header = visit.decision.allowed, header
    visit.hidden = tuple(name for name, _ in visit.cookies if state.cookies.is_denied(name, allowed))
    if visit.hidden:
        environ["HTTP_COOKIE"] = without(header, visit.hidden)


class ConsentMiddleware:
    """Sees every response last, with what Flask adds after its own hooks, and applies the functions above."""

    def __init__(self, app: Flask, state: State, complete: Callable[[], None], *, report_to: str) -> None:
        self._app = app
        self._wsgi_app = app.wsgi_app
        self._state = state
        self._complete: Callable[[], None] | None = complete
        name, policy = _STRICT.get(state.settings.csp), strict_policy(state.settings.csp_sources or {}, report_to)
        self._strict = [(name, policy)] if name else []
        self._asked = (*(("DNT",) if state.settings.dnt else ()), *state.settings.region_headers)
        self._key = state.environ_key
        # What most pages get, because they say nothing about caches themselves.
        self._private = keep_private([], {}, asked=self._asked)
        self._once = Once()
        # A day of report-only is an audit; at other times nothing is counted.
        self._undeclared = UndeclaredCookies(app, state) if state.settings.csp == "report-only" else None
        #: In debug mode, by endpoint: the cookies that were stopped in its last response.
        self._dropped: dict[str, tuple[str, ...]] = {}

    def __call__(self, environ: dict[str, Any], start_response: Start) -> Iterable[bytes]:
        complete = self._complete  # read once: another thread may serve the first request too
        if complete is not None:
            # With the first request all routes and extensions of the app are there; doing it twice does no harm.
            complete()
            self._complete = None
        visit = environ[self._key] = Visit(self._state, environ, self._dropped)

        def start(status: str, headers: Pairs, exc_info: Any = None) -> Any:
            return start_response(status, self._answer(environ, visit, status, headers), exc_info)

        return self._wsgi_app(environ, start)

    def _answer(self, environ: dict[str, Any], visit: Visit, status: str, headers: Pairs) -> Pairs:
        values = joined(headers)
        kind = media_type(values.get("content-type", ""))
        is_open = "content-length" not in values and not status.startswith(("1", "204", "304"))
        if (visit.shows_embeds and not visit.is_shared) or is_open:
            visit.consulted = True  # what is still being made may yet ask
        if "set-cookie" in values:
            headers = self._filter(environ, visit, headers)
        if (visit.hidden or visit.after is not None or visit.double is not None) and not visit.is_shared:
            headers = self._sweep(environ, visit, headers, kind in PAGES or visit.sweeps)
        if is_document(kind):
            headers = self._police(visit, headers, values, kind)
        if visit.consulted:
            says_nothing = values.keys().isdisjoint(ABOUT_CACHES)
            headers = [*headers, *self._private] if says_nothing else keep_private(headers, values, asked=self._asked)
            if visit.shows_granted and not is_secure(environ):
                # Clear-Site-Data works over HTTPS alone, so here no copy may stay for the Back button (E3).
                headers = keep_nowhere(headers)
        if self._undeclared is not None:
            self._undeclared.count(environ, visit)
        return headers

    def _filter(self, environ: dict[str, Any], visit: Visit, headers: Pairs) -> Pairs:
        """Stop the cookies of services that are not allowed; what makes a browser forget one always passes."""
        passing: Pairs = []
        dropped: list[str] = []
        for name, value in headers:
            if name.lower() != "set-cookie" or value in visit.written:
                passing.append((name, value))
            elif self._passes(environ, visit, value):
                passing.append((name, self._within_duration(environ, visit, value)))
            else:
                dropped.append(name_of(value))
        if dropped:
            level = logging.WARNING if self._app.debug else logging.DEBUG
            logger.log(level, "stopped cookies of services that are not allowed: %s", ", ".join(dropped))
            if self._app.debug:
                passing.append((DROPPED_HEADER, ", ".join(dropped)))
                self._dropped[_route(environ)] = tuple(dropped)
        return passing

    def _passes(self, environ: dict[str, Any], visit: Visit, line: str) -> bool:
        index, name = self._state.cookies, name_of(line)
        if not index.is_known(name):
            passes = self._passes_undeclared(environ, visit, told_name(line))
        elif index.is_optional(name):
            # Whether it is stopped or not, the next visitor may not have it.
            visit.consulted = True
            passes = not index.is_denied(name, (visit.after or visit.decision).allowed)
        else:
            passes = True
        return passes or is_deletion(line, self._state.clock())

    def _within_duration(self, environ: dict[str, Any], visit: Visit, line: str) -> str:
        """Return a `Set-Cookie` line that lasts no longer than visitors were told (C2)."""
        name = name_of(line)
        declared = (cookie.duration for _, cookie in self._state.cookies.declared(name))
        found = beyond(lifetime(line, self._state.clock()), declared)
        if found is None:
            return line
        lasts, longest = found
        visit.too_long += ((name, lasts, longest),)
        told = "until the browser is closed" if longest is None else f"for {longest.total_seconds() / 86_400:g} days"
        message = (
            f"cookie {name!r}, set by {_route(environ)!r}, lasts {lasts.total_seconds() / 86_400:g} days and is "
            f"declared {told}; declare the longer duration, so that visitors are told, or set it for the shorter one"
        )
        self._tell(f"{name} lasts", message)
        return shortened(line, longest)

    def _passes_undeclared(self, environ: dict[str, Any], visit: Visit, name: str) -> bool:
        visit.undeclared += (name,)
        message = (
            f"cookie {name!r}, set by {_route(environ)!r}, is not declared; "
            "add it to the cookies of a service, so that visitors are told and asked about it"
        )
        self._tell(name, message)
        return self._state.settings.undeclared_cookies == "warn"

    def _tell(self, subject: str, message: str) -> None:
        """Log what a response does that was not declared, once for each subject.

        :raises UndeclaredCookieError: if the settings ask for that.
        """
        if self._state.settings.undeclared_cookies == "raise":
            raise UndeclaredCookieError(message)
        if self._once.is_new(subject):
            logger.warning(message)

    def _sweep(self, environ: dict[str, Any], visit: Visit, headers: Pairs, is_page: bool) -> Pairs:
        """Expire what came along and is not allowed, on pages and on answers about a choice; never on files."""
        visit.consulted = True
        index, names = self._state.cookies, list(visit.hidden)
        path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if visit.after is not None:
            # No page lies where choices are posted, so there are no folders to look into, and room for more names.
            path = ""
            names = [name for name, _ in visit.cookies if index.is_denied(name, visit.after.allowed)]
            names += index.unseen(visit.after.allowed)
        elif not is_page:
            return headers
        if not (names or visit.double):
            return headers
        spent = weight(value for name, value in headers if name.lower() == "set-cookie")
        secure = is_secure(environ)
        lines = sweep(names, index, host=visit.host, path=path, secure=secure, spent=spent)
        if visit.double is not None and visit.after is None:
            # First, or planted names could take their room on every page, and the visitor would be asked for ever.
            lines = within_budget(visit.doubles(path) + lines, spent)
        return [*headers, *(("Set-Cookie", line) for line in lines)]

    def _police(self, visit: Visit, headers: Pairs, values: dict[str, str], kind: str) -> Pairs:
        """Open the policies of a document that asked about consent, and leave every other closed.

        One that caches share is opened for all that anybody may allow: its script starts what this reader has allowed.
        """
        decision = (visit.after or visit.decision) if visit.consulted and not visit.is_shared else None
        hosts = None if decision is None else decision.hosts
        if visit.is_shared and (visit.consulted or visit.needs or visit.page_context is not None):
            hosts = self._state.shared_hosts
        if visit.csp_override is not None:
            headers = replace_policy(headers, visit.csp_override)
        elif self._state.settings.csp != "off":
            headers = [*headers, *self._strict]
            if hosts is not None and (self._strict or not values.keys().isdisjoint(POLICIES)):
                headers = open_policies(headers, hosts, visit.needs)
        if visit.forbids_framing:
            headers = forbid_framing(headers)
        if kind not in PAGES or (decision is not None and "tracking" in decision.allowed):
            return headers
        return deny_features(headers) if "permissions-policy" in values else [*headers, *_NO_FEATURES]


def _route(environ: dict[str, Any]) -> str:
    endpoint = request.endpoint if has_request_context() else None
    return endpoint or str(environ.get("PATH_INFO"))
