"""Walk an app's own routes in this process, as several visitors: GET and HEAD only, and no form is ever sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from flask import Flask, url_for
from werkzeug.exceptions import default_exceptions
from werkzeug.routing import BuildError

from flask_cookieconsent.audit.held import held_cookie
from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.core.trackers import tracker_at
from flask_cookieconsent.http.own_hosts import OwnHosts
from flask_cookieconsent.state import State, get_state

from .acts import may_act
from .answers import Answer, SignIn, Walk, Wishes
from .asking import Asker, client_of, mount_of
from .differences import differing
from .page import imported_modules, imported_sheets
from .routes import ERROR_PAGE, Address, addresses, bases_of, origin, own_address, page_rules, route_at

__all__ = ["MOST_PER_ROUTE", "MOST_REQUESTS", "Answer", "SignIn", "Walk", "Wishes", "walk"]

#: Different paths of one route that are looked at, for each visitor.
MOST_PER_ROUTE = 2
#: Requests for each visitor; what is beyond them is said.
MOST_REQUESTS = 1_000
#: Files of a site that are read for what they contact.
_MOST_FILES = 200
#: The endpoint of what is no route of the app.
_BESIDE = "beside the routes"
_MISSING = "/a-page-that-is-not-here"
_SIGN_IN = frozenset(("login", "log-in", "log_in", "signin", "sign-in", "sign_in", "auth"))
_UNKNOWN = "has variables, and no page links to it; name a path of it: --path"
_NEEDS_SIGN_IN = "wants a visitor who is signed in; say how to sign in: --sign-in"
_NOT_SIGNED_IN = "wants a visitor who is signed in, and whom your sign_in signs in may not see it"


def walk(app: Flask, visitors: Iterable[Visitor], wishes: Wishes) -> Walk:
    """Ask an app for its pages as each of the visitors, and follow their links to routes with variables.

    Those who allow most go first: what a cache of the site keeps of their pages, it gives to the others.
    """
    state, everybody = get_state(app), tuple(visitors)
    own = frozenset(own_hosts(app, state))
    was_testing, app.testing = app.testing, True  # so that what a page raises is seen here
    rounds: dict[Visitor, _Round] = {}
    try:
        for visitor in sorted(everybody, key=lambda each: -len(each.allowed or ())):
            rounds[visitor] = _Round(app, state, own, visitor, wishes)
            rounds[visitor].run()
        differ = differing((each.asker, each.answers) for each in rounds.values())
    finally:
        app.testing = was_testing
    answers = tuple(answer for visitor in everybody for answer in rounds[visitor].answers)
    left = {route: why for visitor in everybody for route, why in rounds[visitor].left.items()}
    return Walk(app, state, own, everybody, answers, tuple(_not_reached(app, answers, left, wishes)), differ)


@dataclass
class _Round:
    """One visitor's walk: a client with a jar of its own, and a queue."""

    app: Flask
    state: State
    own: frozenset[str]
    visitor: Visitor
    wishes: Wishes
    answers: list[Answer] = field(default_factory=list)
    left: dict[str, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    #: Addresses that were asked for or decided on, and those that wait: pages, and files that pages load.
    seen: set[tuple[str, str]] = field(default_factory=set)
    queue: deque[Address] = field(default_factory=deque)
    files: dict[str, Address] = field(default_factory=dict)

    def run(self) -> None:
        """Ask for everything that is known, and for what turns up on the way."""
        base, client = origin(self.app), client_of(self.app)
        self.bases = bases_of(self.app)
        if self.visitor.allowed is not None:
            for each in self.bases:
                held_cookie(self.state, each, self.visitor.allowed).put_into(client)
        mount = mount_of(self.app, client, base, self.state.environ_key)
        self.asker = Asker(self.app, client, self.visitor, self.state.environ_key, mount)
        if self.wishes.sign_in is not None:
            self.answers += self.asker.sign_in(self.wishes.sign_in, base)
        for path in self.wishes.paths:
            self._add(route_at(self.app, base, path) or Address(base, path, path), is_named=True)
        for path in _own_pages(self.app, base):
            self._add(Address(base, path, path, "cookieconsent"), is_named=True)
        for address in addresses(self.app):
            self._add(address)
        self._add(Address(base, _MISSING, "error 404", ERROR_PAGE), is_named=True)
        self._ask_all()
        for code in _handled(self.app):
            self.answers.append(self.asker.error_page(base, code))

    def _ask_all(self) -> None:
        read = 0
        while self.queue or (self.files and read < _MOST_FILES):
            if len(self.answers) >= MOST_REQUESTS:
                waiting = len(self.queue) + len(self.files)
                self.left["further addresses"] = f"{waiting} are left after {MOST_REQUESTS} requests for one visitor"
                return
            if self.queue:
                answer = self._ask(self.queue.popleft())
                if self.visitor.is_undecided and not answer.is_error_page:
                    self._ask(answer.address, "HEAD")
            else:
                path = next(iter(self.files))
                answer, read = self._ask(self.files.pop(path)), read + 1
            self._follow(answer)

    def _add(self, address: Address, *, is_named: bool = False) -> None:
        key = (address.base, address.path)
        if key in self.seen:
            return
        if not is_named:
            if self.counts.get(_kind(address), 0) >= MOST_PER_ROUTE:
                return
            self.seen.add(key)
            if any(address.path.startswith(each) for each in self.wishes.skip):
                self.left[address.route] = "is left out, as you say"
                return
            if may_act(address):
                self.left[address.route] = "may do something when it is asked for; name it to look at it: --path"
                return
        self.seen.add(key)
        self.counts[_kind(address)] = self.counts.get(_kind(address), 0) + 1
        self.queue.append(address)

    def _follow(self, answer: Answer) -> None:
        links, files = answer.all("location"), []
        if answer.is_page:
            page = answer.page(self.own)
            links, files = [*links, *page.links], list(page.files)
        elif answer.mimetype == "text/css" and answer.body:
            files = imported_sheets(answer.body, answer.address.path)
        elif "javascript" in answer.mimetype and answer.body:
            files = imported_modules(answer.body, answer.address.path)
        for base, path in self._own(answer, files):
            is_ours = path.startswith(self.state.settings.url_prefix.fixed + "/static/")
            if not is_ours and (base, path) not in self.seen:
                self.seen.add((base, path))
                self.files[base + path] = Address(base, path, path.partition("?")[0], "static")
        for base, path in self._own(answer, links):
            if (base, path) not in self.seen:
                address = route_at(self.app, base, path) or self._beside(base, path)
                if address is not None:
                    self._add(address)

    def _beside(self, base: str, path: str) -> Address | None:
        """Return the address of what may be a page beside the app's routes: a file of HTML, or another app.

        All in one folder count as one route. None for the extension's own pages, and for files of another kind.
        """
        parts = path.partition("?")[0].split("/")
        suffix = parts[-1].rpartition(".")[2].lower() if "." in parts[-1] else ""
        if path.startswith(self.state.settings.url_prefix.fixed + "/") or suffix not in ("", "html", "htm", "xhtml"):
            return None
        return Address(base, path, f"/{parts[1]}/…" if len(parts) > 2 else path, _BESIDE)

    def _own(self, answer: Answer, links: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield the origin and the path of each link that stays on this site, below where the app is mounted."""
        mount = self.asker.mount
        for link in links:
            target = own_address(link, answer.address.base, mount + answer.address.path, self.bases)
            if target is not None and target[1].startswith(mount + "/"):
                yield target[0], target[1].removeprefix(mount)

    def _ask(self, address: Address, method: str = "GET") -> Answer:
        answer = self.asker.ask(address, method)
        if address.endpoint == _BESIDE and (answer.error or answer.status >= 400 or not answer.is_page):
            return answer  # a link that leads nowhere, or to something else
        if address.is_guess and (answer.error or answer.status >= 400):
            self.left[address.route] = "has variables whose values could not be guessed; name a path of it: --path"
        else:
            self.answers.append(answer)
        return answer


def _kind(address: Address) -> str:
    """Return what addresses have in common of which a few are enough: a route, alone or with a query.

    A route that wants a query, such as `/post?id=7`, has no page without one.
    """
    return address.route + "?" * ("?" in address.path)


def own_hosts(app: Flask, state: State) -> Iterator[str]:
    """Yield the hosts of a site, and those that it loads from itself; no vendor becomes its own by a policy."""
    yield from (each for each in OwnHosts.of(app.config, state.settings).named if tracker_at(each) is None)
    for base in bases_of(app):
        yield from {urlsplit(base).netloc, urlsplit(base).hostname or "localhost"}
    for sources in (state.settings.csp_sources or {}).values():
        for source in sources:
            host = source.rpartition("://")[2].partition("/")[0].lower()
            is_vendor = state.embeds.is_asked_about(host) or tracker_at(host) is not None
            if "." in host and "*" not in host and not is_vendor:
                yield host


def _own_pages(app: Flask, base: str) -> list[str]:
    """Return the paths of our own pages for people; where they have a language, those without it."""
    with app.test_request_context(base_url=base):
        try:
            return [url_for(f"cookieconsent.{name}") for name in ("preferences", "policy")]
        except BuildError:
            return []


def _handled(app: Flask) -> list[int]:
    """Return the status codes of errors for which an app has pages of its own, but for a page that is missing."""
    handlers = app.error_handler_spec.get(None, {})
    codes = {code for code, found in handlers.items() if code in default_exceptions and found}
    general = {kind for kind in handlers.get(None, {}) if issubclass(default_exceptions[500], kind)}
    return sorted((codes | ({500} if general else set())) - {404})


def _not_reached(
    app: Flask, answers: Iterable[Answer], left: dict[str, str], wishes: Wishes
) -> Iterator[tuple[str, str]]:
    """Yield the routes that nobody was shown a page of, or not everybody for a limit of requests, with the reason.

    Named paths that are no pages are told too.
    """
    shown: set[str] = set()
    closed: dict[str, str] = {}
    busy: dict[str, str] = {}
    statuses: dict[str, list[int]] = {}
    for answer in answers:
        route = answer.address.route
        statuses.setdefault(answer.address.path, []).append(500 if answer.error else answer.status)
        if answer.status == 429:
            busy.setdefault(route, f"answers 429 to the {answer.visitor.name} visitor; lift the limit for the audit")
        elif answer.status in (401, 403) or _leads_to_sign_in(answer):
            closed[route] = _NEEDS_SIGN_IN if wishes.sign_in is None else _NOT_SIGNED_IN
        elif not answer.error and answer.status < 400:
            shown.add(route)
            if answer.address.endpoint == "static":  # a route of the app's own may have given the file
                found = route_at(app, answer.address.base, answer.address.path)
                shown |= {found.route} if found else set()
        elif answer.status >= 400 and answer.address.endpoint != "static":
            closed.setdefault(route, f"answers {answer.status} to everybody who asks for {answer.address.path}")
    known = {answer.address.route for answer in answers} | left.keys()
    unknown = {rule.rule: _UNKNOWN for rule in page_rules(app) if rule.rule not in known}
    for route, why in {**left, **closed, **unknown}.items():
        if route not in shown and route not in busy and not route.startswith("error "):
            yield route, why
    yield from busy.items()
    for path in wishes.paths:
        found_with = statuses.get(path, [])
        if path not in closed and found_with and min(found_with) >= 400:
            yield path, f"is named, and answers {min(found_with)} to everybody"


def _leads_to_sign_in(answer: Answer) -> bool:
    return answer.status in (301, 302, 303, 307, 308) and any(
        not _SIGN_IN.isdisjoint(urlsplit(link).path.lower().split("/")) for link in answer.all("location")
    )
