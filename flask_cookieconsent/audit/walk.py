"""Walk an app's own routes in this process, as several visitors: GET and HEAD only, and no form is ever sent."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any, cast

from flask import Flask, request, request_started, template_rendered, url_for
from flask.testing import FlaskClient

from flask_cookieconsent.http.own_hosts import OwnHosts
from flask_cookieconsent.http.request import TooLong, Visit
from flask_cookieconsent.state import State, get_state

from .page import Page, own_path, read_page
from .routes import Address, addresses, origin, page_rules, route_at
from .visitors import Visitor, choices_cookie, choices_text

#: Different paths of one route that are looked at, for each visitor.
MOST_PER_ROUTE = 2
#: Files of a site that are read for what they contact.
_MOST_FILES = 200
_PAGES = ("text/html", "application/xhtml+xml")
_READ = (*_PAGES, "text/css", "text/javascript", "application/javascript")
# What a link may do although it should not (RFC 9110, section 9.2.1); a path that the owner names is asked for.
_ACTS = re.compile(
    r"log-?_?(?:out|off)|sign-?_?(?:out|off)|delete|remove|destroy|unsubscribe|unfollow|follow|like|vote|cancel|revoke"
    r"|confirm|activate|checkout|purge|reset|export|download|backup",
    re.I,
)

#: A client that is signed in by the site's own code.
SignIn = Callable[[FlaskClient], Any]


@dataclass(frozen=True)
class Answer:
    """What one visitor got for one address; `error` says why there is none."""

    visitor: Visitor
    address: Address
    method: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    mimetype: str = ""
    templates: tuple[str, ...] = ()
    undeclared: tuple[str, ...] = ()
    too_long: tuple[TooLong, ...] = ()
    #: `Set-Cookie` values that the extension itself has written.
    written: frozenset[str] = frozenset()
    error: str = ""

    @property
    def is_page(self) -> bool:
        """Whether it is a document of HTML."""
        return self.mimetype in _PAGES and bool(self.body)

    def page(self, own: Collection[str]) -> Page:
        """Return what its HTML says; *own* are the hosts of the site."""
        return read_page(self.body, frozenset(own))

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for each, value in self.headers if each.lower() == name]


@dataclass(frozen=True)
class Walk:
    """All answers, and what was not looked at: each route or path with the reason."""

    app: Flask
    state: State
    own: frozenset[str]
    visitors: tuple[Visitor, ...]
    answers: tuple[Answer, ...]
    not_reached: tuple[tuple[str, str], ...]

    @property
    def pages(self) -> Iterator[Answer]:
        """The answers that are documents."""
        return (answer for answer in self.answers if answer.is_page and answer.method == "GET")


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the owner wants looked at: further paths, those to leave out, and how to sign in."""

    paths: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    sign_in: SignIn | None = None


def walk(app: Flask, visitors: Iterable[Visitor], wishes: Wishes) -> Walk:
    """Ask an app for its pages as each of the visitors, and follow their links to routes with variables."""
    state = get_state(app)
    host = origin(app).partition("://")[2]
    sources = (source for each in (state.settings.csp_sources or {}).values() for source in each)
    own = OwnHosts.of(app.config, state.settings).named | {host, *_named(sources)}
    was_testing, app.testing = app.testing, True  # so that what a page raises is seen here
    everybody = tuple(visitors)
    answers: list[Answer] = []
    left: dict[str, str] = {}
    try:
        for visitor in everybody:
            _Round(app, state, own, visitor, wishes, answers, left).run()
    finally:
        app.testing = was_testing
    reached = {answer.address.route for answer in answers if not answer.error and answer.status < 400}
    not_reached = [(route, why) for route, why in left.items() if route not in reached]
    rules = {rule for rule, _ in not_reached} | {answer.address.route for answer in answers}
    not_reached += [
        (rule.rule, "has variables, and no page links to it; name a path of it: --path")
        for rule in _unknown(app, rules)
    ]
    return Walk(app, state, own, everybody, tuple(answers), tuple(dict.fromkeys(not_reached)))


@dataclass
class _Round:
    """One visitor's walk: a client with a jar of its own, and a queue."""

    app: Flask
    state: State
    own: frozenset[str]
    visitor: Visitor
    wishes: Wishes
    answers: list[Answer]
    left: dict[str, str]
    seen: set[tuple[str, str]] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    queue: deque[Address] = field(default_factory=deque)

    def run(self) -> None:
        """Ask for everything that is known, and for what turns up on the way."""
        self.client = self.app.test_client()
        base = origin(self.app)
        if self.visitor.allowed is not None:
            name = choices_cookie(self.state, base.partition("://")[2], secure=True)
            text = choices_text(self.state, self.visitor.allowed)
            self.client.set_cookie(name, text, domain=base.partition("://")[2], secure=True)
        if self.wishes.sign_in is not None:
            self.wishes.sign_in(self.client)
        named = [route_at(self.app, base, path) or Address(base, path, path) for path in self.wishes.paths]
        with self.app.test_request_context(base_url=base):
            own_pages = [url_for(f"cookieconsent.{name}") for name in ("preferences", "policy")]
        ours = [Address(base, path, path, "cookieconsent") for path in own_pages]
        missing = Address(base, "/a-page-that-is-not-here", "404")
        for address in [*named, *ours, *addresses(self.app), missing]:
            self._add(address, is_named=address in named)
        files: dict[str, Address] = {}
        while self.queue:
            answer = self._ask(self.queue.popleft(), "GET")
            if self.visitor.allowed is None and not self.visitor.gpc:
                self._ask(answer.address, "HEAD")
            self._follow(answer, files)
        for address in list(files.values())[:_MOST_FILES]:
            self._ask(address, "GET")

    def _add(self, address: Address, *, is_named: bool = False) -> None:
        key = (address.base, address.path)
        if key in self.seen:
            return
        if not is_named:
            if any(address.path.startswith(each) for each in self.wishes.skip):
                self.left[address.route] = "is left out, as you say"
                return
            if _ACTS.search(address.path):
                self.left[address.route] = "may do something when it is asked for; name it to look at it: --path"
                return
            if self.counts.get(address.route, 0) >= MOST_PER_ROUTE:
                return
        self.seen.add(key)
        self.counts[address.route] = self.counts.get(address.route, 0) + 1
        self.queue.append(address)

    def _follow(self, answer: Answer, files: dict[str, Address]) -> None:
        base, path = answer.address.base, answer.address.path
        links = list(answer.all("location"))
        if answer.is_page:
            page = answer.page(self.own)
            links += page.links
            for file in page.files:
                found = own_path(file, base, path)
                if found and not self._is_of_ours(found):
                    files.setdefault(found, Address(base, found, found.partition("?")[0], "static"))
        for link in links:
            target = own_path(link, base, path)
            address = route_at(self.app, base, target) if target else None
            if address is not None:
                self._add(address)

    def _is_of_ours(self, path: str) -> bool:
        return path.startswith(self.state.settings.url_prefix.fixed + "/static/")

    def _ask(self, address: Address, method: str) -> Answer:
        answer = Context().run(_ask, self.app, self.client, self.visitor, address, method, self.state.environ_key)
        is_missing = address.is_guess and (answer.error or answer.status >= 400)
        if is_missing:
            self.left[address.route] = "has variables whose values could not be guessed; name a path of it: --path"
        else:
            self.answers.append(answer)
        return answer


def _ask(app: Flask, client: FlaskClient, visitor: Visitor, address: Address, method: str, environ_key: str) -> Answer:
    """Ask for one address; in a context of its own the request shares nothing with others, as no visitor's does."""
    with _watched(app, environ_key) as seen:
        try:
            with client.open(address.path, base_url=address.base, method=method, headers=visitor.headers) as response:
                body = response.get_data(as_text=True) if response.mimetype in _READ and method == "GET" else ""
                got: dict[str, Any] = {
                    "status": response.status_code,
                    "headers": tuple(response.headers.items()),
                    "body": body,
                    "mimetype": response.mimetype or "",
                }
        except Exception as error:  # a view may raise anything, and the finding says it
            got = {"error": f"{type(error).__name__}: {error}"}
    if (visit := seen.visit) is not None:
        got |= {"undeclared": visit.undeclared, "too_long": visit.too_long, "written": visit.written}
    return Answer(visitor, address, method, templates=tuple(dict.fromkeys(seen.templates)), **got)


@dataclass
class _Seen:
    """What is seen of one request from inside: the templates that it renders, and its visit."""

    templates: list[str] = field(default_factory=list)
    visit: Visit | None = None


@contextmanager
def _watched(app: Flask, environ_key: str) -> Iterator[_Seen]:
    """Watch the requests of an app from inside, by its signals."""
    seen = _Seen()

    def started(sender: Any, **extra: Any) -> None:
        seen.visit = cast("Visit | None", request.environ.get(environ_key))

    def rendered(sender: Any, template: Any, **extra: Any) -> None:
        if template.name and not template.name.startswith("cookieconsent/"):
            seen.templates.append(template.name)

    with request_started.connected_to(started, app), template_rendered.connected_to(rendered, app):
        yield seen


def _named(sources: Iterable[str]) -> Iterator[str]:
    """Yield the hosts of csp sources without a wildcard."""
    for source in sources:
        host = source.rpartition("://")[2]
        if "." in host and "*" not in host:
            yield host


def _unknown(app: Flask, known: Collection[str]) -> Iterator[Any]:
    return (rule for rule in page_rules(app) if rule.rule not in known)
