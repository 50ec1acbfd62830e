"""Little sites as strangers build them, with scripts, forms and drivers of their own, and what their visitors see.

A driver is a library that takes over links and forms, so that one document shows many pages.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from flask import Response, render_template_string, request, send_file
from playwright.sync_api import Page
from playwright.sync_api import TimeoutError as TooLate

from flask_cookieconsent import Service
from flask_cookieconsent.catalogue import google_analytics, vimeo, youtube
from tests.kit.samples import consent_to
from tests.kit.sites import Site, make_app, make_site

from .harness import Stub, Visitor, served

MODULES = Path(__file__).parent / "node_modules"
PROPERTY = "G-ECOMDEMO01"
SERVICES = (google_analytics(PROPERTY), youtube(), vimeo())
EVERYTHING = tuple(each.id for each in SERVICES)
VENDORS = ("google", "youtube", "vimeo")
#: Milliseconds after which what has not come is taken never to come.
PATIENCE = 6_000
#: The same on bad twins, where it is known not to come.
SOON = 800

#: `BEFORE` is in front of all that is ours, `HEAD` behind it.
LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>{% block title %}{{ heading }}{% endblock %}</title><link rel="icon" href="data:,">
BEFORE{{ cookieconsent.head() }}HEAD</head><body BODY>{{ cookieconsent.banner() }}
<main>{% block content %}{% endblock %}</main><footer>{{ cookieconsent.link() }}</footer></body></html>"""
PAGE = '{% extends "layout.html" %}{% block content %}<h1>{{ heading }}</h1>CONTENT{% endblock %}'


def embed(address: str, title: str = "A film") -> str:
    """Return what a template of the site writes for an embed."""
    return f'{{{{ cookieconsent.embed("{address}", title="{title}") }}}}'


YOUTUBE = embed("https://youtu.be/aqz-KE-bpKQ")
OTHER_YOUTUBE = embed("https://youtu.be/YE7VzlLtp-4", "Another film")
VIMEO = embed("https://vimeo.com/76979871", "A short film")


@dataclass(frozen=True)
class Driver:
    """What a site writes to have its pages driven by a library."""

    library: str
    head: str = ""
    body: str = ""


DRIVERS = {
    "htmx2": Driver("htmx2/dist/htmx.min.js", body='hx-boost="true"'),
    "htmx4": Driver("htmx4/dist/htmx.min.js", body='hx-boost:inherited="true"'),
    "turbo": Driver("@hotwired/turbo/dist/turbo.es2017-umd.js"),
    "unpoly": Driver(
        "unpoly/unpoly.min.js",
        head="""<script>up.link.config.followSelectors.push("a[href]");
up.form.config.submitSelectors.push("form");</script>""",
    ),
}
NO_DRIVER = Driver("")

needs_drivers = pytest.mark.skipif(
    not all((MODULES / each.library).exists() for each in DRIVERS.values()),
    reason="htmx, Turbo and Unpoly come with npm: `make browser`",
)


class Gate:
    """Holds requests for one path until they are let through, each for itself."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.is_shut = False
        self.waiting: list[threading.Event] = []
        self._arrived = threading.Condition()

    def hold(self) -> None:
        """Hold the present request, if it is one of those."""
        if not self.is_shut or request.path != self.path:
            return
        turn = threading.Event()
        with self._arrived:
            self.waiting.append(turn)
            self._arrived.notify_all()
        turn.wait(10)

    def wait_for(self, count: int, within: float = 3) -> bool:
        """Wait until so many requests have arrived, and tell whether they did."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.waiting) >= count, within)

    def open(self) -> None:
        """Let through who waits, the last first, and whoever comes."""
        self.is_shut = False
        for turn in reversed(self.waiting):
            turn.set()


@dataclass
class LittleSite:
    """A site, what was posted to pages of its own, and the gate before our choices."""

    site: Site
    sent: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    gate: Gate = field(default_factory=lambda: Gate("/cookies/choice"))

    def add(self, path: str, template: str, **context: Any) -> None:
        """Add a page, or a piece of one, that may be opened and posted to."""

        def view() -> str:
            if request.method == "POST":
                self.sent.append((path, list(request.form.items(multi=True))))
            return render_template_string(template, **context)

        self.site.app.add_url_rule(path, f"page {path}", view, methods=["GET", "POST"])

    def rewrite(self, kind: str, change: Callable[[str], str]) -> None:
        """Have every answer of one media type changed on its way out, as a bad twin may need it."""

        def rewrite(response: Response) -> Response:
            if response.mimetype == kind:
                response.direct_passthrough = False
                response.set_data(change(response.get_data(as_text=True)))
            return response

        self.site.app.after_request(rewrite)

    def add_script(self, path: str, script: str) -> None:
        """Add a script that pages, or service workers, are made of."""
        view = lambda: Response(script, mimetype="text/javascript")  # noqa: E731
        self.site.app.add_url_rule(path, f"script {path}", view)


def make_little_site(
    pages: Mapping[str, str],
    driver: Driver = NO_DRIVER,
    *,
    before: str = "",
    head: str = "",
    layout: str = LAYOUT,
    context: Mapping[str, Any] | None = None,
    services: Iterable[Service] = SERVICES,
    **config: Any,
) -> LittleSite:
    """Return a site with *pages*, whose content is given by path; their heading is the path.

    *before* is written in front of all that is ours, *head* behind it; *context* is there for the content.
    """
    library = f'<script src="/library/{driver.library}"></script>' if driver.library else ""
    for name, text in {"BEFORE": before, "HEAD": library + driver.head + head, "BODY": driver.body}.items():
        layout = layout.replace(name, text)
    app = make_app({"layout.html": layout}, COOKIECONSENT_BASE_TEMPLATE="layout.html", **config)
    little = LittleSite(make_site(app=app, services=services))
    app.before_request(little.gate.hold)
    app.add_url_rule("/library/<path:name>", "library", lambda name: send_file(MODULES / name, max_age=3600))
    for path, content in pages.items():
        little.add(path, PAGE.replace("CONTENT", content), heading=path, **(context or {}))
    return little


LINKS = '<a href="/one">one</a> <a href="/two">two</a>'
TWO_PAGES = {"/one": LINKS + YOUTUBE, "/two": LINKS + VIMEO}


def make_driven(name: str) -> LittleSite:
    """Return a site of two pages that lead to each other, driven by a library."""
    return make_little_site(TWO_PAGES, DRIVERS[name])


@contextmanager
def running(little: LittleSite, authority: trustme.CA | None = None) -> Iterator[str]:
    """Run a little site, over TLS where an *authority* signs for it; give its address."""
    with served(little.site.app, authority) as address:
        yield address


# -- visitors ----------------------------------------------------------------------------------------------------------


def has_answered(someone: Visitor, little: LittleSite, *allowed: str) -> None:
    """Bring the choices cookie of somebody who allowed these services before, and refused the others."""
    is_secure = someone.address.startswith("https")
    name = "__Host-cookieconsent" if is_secure else "cookieconsent"
    cookie = {"name": name, "value": consent_to(little.site, *allowed), "url": someone.address}
    someone.context.add_cookies([cookie | {"secure": is_secure}])  # type: ignore[list-item]


def comes(page: Page, expression: str, within: int = PATIENCE) -> bool:
    """Wait until an expression is true in a page, or in the one that follows; tell whether it came to be."""
    try:
        page.wait_for_function(expression, timeout=within)
    except TooLate:
        return False
    return True


def mark(page: Page) -> None:
    """Leave a mark in a document, which another document has not."""
    page.evaluate("() => { window.marked = true; }")


def is_marked(page: Page) -> bool:
    """Tell whether the document is still the one that was marked."""
    return bool(page.evaluate("window.marked === true"))


def follow(page: Page, path: str) -> bool:
    """Follow the link to another page as a person does, and tell whether it came."""
    link = page.locator(f'a[href="{path}"]').first
    if not link.is_visible():
        return False
    link.click()
    return comes(page, f"document.querySelector('h1')?.textContent === '{path}'")


def back(page: Page, path: str) -> bool:
    """Go back to a page, over what was left of a press on the way; tell whether it came."""
    for _ in range(3):
        # What goes back at once may take this very call's document away.
        page.evaluate("() => { setTimeout(() => history.back()); }")
        if comes(page, f"location.pathname === '{path}'", 1_000):
            return comes(page, f"document.querySelector('h1')?.textContent === '{path}'")
    return False


def allowed(someone: Visitor, little: LittleSite) -> set[str]:
    """Return the services that the server allows by the cookies that somebody keeps."""
    kept = "; ".join(f"{name}={each['value']}" for name, each in someone.cookies.items())
    address = urlsplit(someone.address)
    asking = little.site.visitor(https=address.scheme == "https", host=address.hostname or "")
    return asking.allowed(headers={"Cookie": kept})


def vendors(stub: Stub, since: int) -> list[str]:
    """Return what vendors were asked since some request."""
    return [host + path for host, path in stub.asked[since:] if any(each in host for each in VENDORS)]


def without_our_script(someone: Visitor) -> Visitor:
    """Return a visitor on the bad twin of a site: nothing of ours runs in its pages."""
    someone.context.route("**/fcc.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    return someone


BANNER = "document.querySelectorAll('.fcc-banner').length"
NO_BANNER = "!document.querySelector('.fcc-banner')"
CONFIRMED = "[...document.querySelectorAll('.fcc-saved')].some((each) => each.checkVisibility())"
EMBED = "document.querySelector('.fcc-embed[data-service={0}] iframe')"
PLACEHOLDER = "document.querySelector('.fcc-placeholder[data-service={0}]')"

# -- what leaves a page, and whether Google knew by then ---------------------------------------------------------------

#: Runs before anything of a page: says on the console what leaves after a press, and what the tag knew at that time.
LEAVES = """
(() => {
  const told = () => {
    const calls = [...(window.dataLayer || [])].map((each) => Array.from(each));
    const updates = calls.filter(([a, b]) => a + b === "consentupdate");
    return window["ga-disable-PROPERTY"] === true && updates.at(-1)?.[2].analytics_storage === "denied";
  };
  let isPressed = false;
  addEventListener("click", ({ isTrusted }) => { isPressed ||= isTrusted; }, true);
  const tell = (how) => { if (isPressed) console.debug("left " + JSON.stringify([how, told()])); };
  const watch = (owner, name) => {
    const real = owner[name];
    owner[name] = function (...call) { tell(name); return real.apply(this, call); };
  };
  watch(window, "fetch");
  watch(XMLHttpRequest.prototype, "send");
  watch(Navigator.prototype, "sendBeacon");
  addEventListener("beforeunload", () => tell("a new document"));
})();
""".replace("PROPERTY", PROPERTY)


def watch_what_leaves(someone: Visitor) -> list[tuple[str, bool]]:
    """Return a list that fills with what leaves the pages of somebody after a press, each with whether Google knew."""
    left: list[tuple[str, bool]] = []
    someone.context.add_init_script(LEAVES)

    def hear(message: Any) -> None:
        if message.text.startswith("left "):
            how, knew = json.loads(message.text[5:])
            left.append((how, knew))

    someone.context.on("console", hear)
    return left
