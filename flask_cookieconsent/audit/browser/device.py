"""A visitor's browser profile: a context of Playwright whose requests are answered in this process."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask_cookieconsent.audit.held import held_cookie
from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.audit.walking.asking import Asker, client_of, mount_of
from flask_cookieconsent.audit.walking.routes import bases_of, origin
from flask_cookieconsent.audit.walking.walk import SignIn, Walk
from flask_cookieconsent.http.cookies import name_of
from flask_cookieconsent.http.own_hosts import OwnHosts

from .answers import MOST_REDIRECTS, Asked, answer, host_of
from .chromium import Chromium
from .notes import Notes
from .seen import Stored

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Request, Route

#: The name under which the probe tells what it sees.
_TELL = "__fccAuditSaw"
_SIGNAL = 'Object.defineProperty(Navigator.prototype, "globalPrivacyControl", { get: () => true, configurable: true })'
#: What `Sec-Fetch-Dest` says for them (Fetch Metadata Request Headers, section 2.1).
_DESTINATIONS = {"stylesheet": "style", "media": "video"} | {
    each: each for each in ("document", "script", "image", "font", "manifest")
}
_STORES = """async () => {
  const found = {}, names = async (kind, ask) => { try { found[kind] = await ask(); } catch { found[kind] = []; } };
  await names("local", () => Object.keys(localStorage));
  await names("session", () => Object.keys(sessionStorage));
  await names("database", async () => (await indexedDB.databases()).map((each) => each.name));
  await names("cache", () => caches.keys());
  return found;
}"""
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
# A browser connects, or looks a name up, without a request that could be seen.
_HINTS = """() => [...document.querySelectorAll("link[rel][href]")].map((each) => [each.rel.toLowerCase(), each.href])
  .filter(([rel]) => /\\b(preconnect|dns-prefetch|prefetch|prerender)\\b/.test(rel))"""


class Device:
    """What one visitor looks at the site with, and the notes of the present page.

    The profile has the visitor's choice on each host of the site, and is made when the first page is asked for, or the
    first one after the browser was lost.
    """

    def __init__(
        self, chromium: Chromium, walked: Walk, visitor: Visitor, *, live: bool = False, **options: Any
    ) -> None:
        self.chromium = chromium
        self.walked, self.visitor, self.live = walked, visitor, live
        app, state = walked.app, walked.state
        self.base = origin(app)
        self.mount = mount_of(app, client_of(app), self.base, state.environ_key)
        self.bases = bases_of(app)
        named = OwnHosts.of(app.config, state.settings).named
        #: Hosts that the app answers, and those that belong to the site.
        self.answered = frozenset(host_of(each) for each in (*self.bases, *(f"//{name}" for name in named)))
        self.own = self.answered | {host_of(f"//{name}") for name in walked.own}
        self.files = self.mount + state.settings.url_prefix.fixed + "/static/"
        self.notes = Notes(self.base, self.own, self.files)
        #: The path that set each cookie by a header, and what was there at the last look.
        self.set_by: dict[str, str] = {}
        self.known: frozenset[tuple[str, str, str, str]] = frozenset()
        self.navigations = 0
        self.pending: set[Request] = set()
        self.changed = time.monotonic()
        self._options = options
        self._sign_in: SignIn | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    def _new_context(self) -> BrowserContext:
        browser = self.chromium.browser
        context = browser.new_context(
            service_workers="block",
            accept_downloads=False,
            extra_http_headers=self.visitor.headers,
            # Some scripts do nothing where a machine looks on.
            user_agent=_AGENT.format(version=browser.version.partition(".")[0]),
            **self._options,
        )
        context.set_default_timeout(5_000)
        probe = files(__package__).joinpath("probe.js").read_text("utf-8")
        context.expose_binding(_TELL, lambda source, text: self.notes.told(source["frame"].url, text))
        context.add_init_script(f"{probe.strip()}({json.dumps(_TELL)}, {json.dumps([self.files])});")
        if self.visitor.gpc:
            context.add_init_script(_SIGNAL)
        context.route("**/*", self._answer)
        context.on("request", self._begin)
        context.on("requestfinished", self._end)
        context.on("requestfailed", self._end)
        # What asks whether to leave a page is told yes.
        context.on("dialog", lambda each: each.accept() if each.type == "beforeunload" else each.dismiss())
        if self.visitor.allowed is not None:
            for base in self.bases:
                choice: Any = held_cookie(self.walked.state, base, self.visitor.allowed).for_playwright
                context.add_cookies([choice])
        if self._sign_in is not None:
            context.add_cookies(self._signed_in(self._sign_in))
        return context

    def sign_in(self, how: SignIn) -> None:
        """Let the device have the cookies of a client that the site's own code has signed in."""
        self._sign_in = how
        if self._context is not None:
            self._context.add_cookies(self._signed_in(how))

    def _signed_in(self, how: SignIn) -> list[Any]:
        client = client_of(self.walked.app)
        Asker(self.walked.app, client, self.visitor, self.walked.state.environ_key, self.mount).sign_in(how, self.base)
        return [
            {
                "name": cookie.decoded_key,
                "value": cookie.value,
                "domain": ("" if cookie.origin_only else ".") + (cookie.domain or host_of(self.base)),
                "path": cookie.path,
                "secure": bool(cookie.secure),
                "httpOnly": bool(cookie.http_only),
            }
            for cookie in (client._cookies or {}).values()
        ]

    @property
    def page(self) -> Page:
        """The one tab; it notes by whom each request is made, and the sockets that are opened."""
        if self._context is None:
            self._context = self._new_context()
        if self._page is None:
            page = self._page = self._context.new_page()
            page.on("popup", lambda popup: popup.close())
            session = self._context.new_cdp_session(page)
            session.on("Network.requestWillBeSent", lambda event: self.notes.sent(event))
            session.on("Network.webSocketCreated", lambda event: self.notes.socket(event))
            session.send("Network.enable")
            # A picture is asked for after the script that wants it.
            session.send("Runtime.enable")
            session.send("Runtime.setAsyncCallStackDepth", {"maxDepth": 8})
        return self._page

    def take_another_page(self) -> tuple[Stored, ...]:
        """Leave the tab, which crashed or is busy for ever, and return what is known to be stored.

        :raises BrowserLost: if the browser does not even let go of its tab, and that too often.
        """
        from playwright.sync_api import Error

        page, self._page = self._page, None
        self.chromium.hurry()
        try:
            if page is not None:
                page.close()
            if self._context is not None:
                return self.stored(None)  # fails where the browser is gone, which closing does not tell
        except Error:
            pass
        self._context = None
        self.chromium.lose()
        return ()

    def close(self) -> None:
        """Give everything back."""
        from playwright.sync_api import Error

        context, self._context, self._page = self._context, None, None
        if context is not None:
            with self.chromium.limited("the end of a visit"):
                with suppress(Error):
                    context.close()
                if self.chromium.is_killed:
                    self.chromium.lose()

    def stored(self, page: Page | None) -> tuple[Stored, ...]:
        """Return what the device keeps: cookies of everybody, and what the origin of a page has stored."""
        now = time.time()
        cookies = [] if self._context is None else self._context.cookies()
        found = [
            Stored("cookie", name, each["domain"], each["path"], _left(each["expires"], now), self.set_by.get(name, ""))
            for each in cookies
            for name in (each["name"],)
        ]
        if page is not None and host_of(page.url) in self.own:
            # With a limit of time, which an ordinary evaluation has not.
            names: dict[Any, list[str]] = page.wait_for_function(_STORES, timeout=3_000).json_value()
            found += [Stored(kind, name) for kind, each in names.items() for name in each]
        return tuple(found)

    def note_hints(self, page: Page) -> None:
        """Note the hosts that elements of a page let the browser connect to."""
        if host_of(page.url) in self.own:
            hints: list[list[str]] = page.wait_for_function(_HINTS, timeout=3_000).json_value()
            for relation, url in hints:
                self.notes.contact(url, "fetch", f'<link rel="{relation}">')

    def fresh(self, stored: Iterable[Stored]) -> tuple[Stored, ...]:
        """Return what was not there when this was last asked."""
        before = self.known
        keys = {each: (each.kind, each.name, each.domain, each.path) for each in stored}
        self.known = frozenset(keys.values())
        return tuple(each for each, key in keys.items() if key not in before)

    def forget(self) -> None:
        """Begin the notes anew."""
        self.notes = Notes(self.base, self.own, self.files)
        self.pending.clear()
        self.navigations = 0

    def _answer(self, route: Route) -> None:
        request = route.request
        is_own = host_of(request.url) in self.answered
        if not is_own and self.live:
            route.continue_()
            return
        headers = request.all_headers()
        is_navigation = request.is_navigation_request()
        asked = Asked(
            request.method,
            request.url,
            request.resource_type,
            headers | (self._metadata(request, headers) if is_own else {}),
            request.post_data_buffer or b"",
            is_navigation,
        )
        self.navigations += 1 if is_navigation else 0
        if self.navigations > MOST_REDIRECTS:
            route.abort()
            return
        got = answer(self.walked.app, self.answered, self.mount, asked)
        for name, line in got.headers:
            if is_own and name.lower() == "set-cookie":
                self.set_by[name_of(line)] = f"Set-Cookie of {urlsplit(request.url).path}"
        for url in got.onward:
            if not is_navigation:
                self.notes.contact(url, request.resource_type, f"redirect of {urlsplit(request.url).path}")
        route.fulfill(status=got.status, headers=got.as_mapping, body=got.body)

    def _metadata(self, request: Request, headers: dict[str, str]) -> dict[str, str]:
        """Return the headers that a browser adds on the wire only, after the request was stopped here."""
        sender = headers.get("origin") or headers.get("referer") or ""
        site = "none" if not sender else "same-origin" if host_of(sender) in self.answered else "cross-site"
        return {
            "sec-fetch-site": site,
            "sec-fetch-mode": "navigate" if request.is_navigation_request() else "cors",
            "sec-fetch-dest": _DESTINATIONS.get(request.resource_type, "empty"),
        }

    def _begin(self, request: Request) -> None:
        self.changed = time.monotonic()
        try:
            frame = request.frame
            is_navigation = request.is_navigation_request()
            is_main = is_navigation and frame.parent_frame is None
            is_of_other = not is_navigation and host_of(frame.url) not in (*self.own, "")
        except Exception:  # a window that is not there yet has no frame to tell
            return
        if frame.page is self._page:
            if is_main:  # what the document asked for that is left behind is not waited for
                self.pending.clear()
            self.pending.add(request)
        if not is_main and not is_of_other:
            self.notes.contact(request.url, request.resource_type, "")

    def _end(self, request: Request) -> None:
        self.changed = time.monotonic()
        self.pending.discard(request)


def _left(until: float, now: float) -> float | None:
    return until - now if until > 0 else None
