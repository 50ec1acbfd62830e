"""The page's own scripts: what a vendor defines is there at once where it is allowed, and harmless where it is not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
import trustme
from flask import Response, render_template_string
from playwright.sync_api import Browser, Page

from flask_cookieconsent import Service
from flask_cookieconsent.catalogue import (
    google_ads,
    google_analytics,
    google_tag_manager,
    matomo,
    meta_pixel,
    tiktok_pixel,
)
from flask_cookieconsent.core.services import Queue
from flask_cookieconsent.http.request import get_visit
from flask_cookieconsent.pages.loaders import absent
from flask_cookieconsent.state import get_state
from tests.kit.samples import SAMPLES, Sample, consent_to
from tests.kit.sites import Site, make_app, make_site

from .harness import Stub, Visitor, served

LAYOUT = (
    "<!doctype html><html lang=en><head><title>t</title>{{ before|safe }}"
    "{% if not late %}{{ cookieconsent.head() }}{% endif %}{{ after|safe }}"
    "</head><body>{{ cookieconsent.banner() }}{{ body|safe }}{{ late|safe }}{% if late %}{{ cookieconsent.head() }}"
    "{% endif %}{{ cookieconsent.link() }}</body></html>"
)
#: What a script finds right behind `head()`, and whether it lived through calls of every kind.
LOOK = """<script>
window.found = {};
for (const name of NAMES) {
  found[name] = typeof window[name];
  if (typeof window[name] === "function") window[name]("track", "Purchase", { value: 1 });
  window[name]?.push?.(["track", "Purchase"]);
}
window.lived = true;
</script>"""


class Pages:
    """A site with these services, and pages that are made of whatever a test puts around `head()`."""

    def __init__(self, *services: Service) -> None:
        app = make_app()
        self.parts: dict[str, dict[str, str]] = {}
        app.add_url_rule("/of/<name>", "of", lambda name: render_template_string(LAYOUT, **self.parts[name]))
        self.site: Site = make_site(app=app, services=services)

    def add(self, name: str = "page", **parts: str) -> str:
        """Add a page: *before* and *after* are in its head, *body* and *late* in its body, *late* before `head()`."""
        self.parts[name] = parts
        return "/of/" + name


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, stub: Stub, authority: trustme.CA) -> Iterator[Open]:
    """Opens a page as somebody who allowed some services, refused the others, or (None) has not answered."""
    opened: list[Any] = []
    stub.script, before = "0;", stub.script

    def make(pages: Pages, path: str, *allowed: str | None, route: Callable[[Page], Any] | None = None) -> Page:
        server = served(pages.site.app)
        address = server.__enter__()
        someone = Visitor(browser, address)
        opened.append((server, someone))
        if allowed != (None,):
            cookie = {"name": "cookieconsent", "value": consent_to(pages.site, *map(str, allowed)), "url": address}
            someone.context.add_cookies([cookie])
        page = someone.page
        page.errors = []  # type: ignore[attr-defined]
        page.on("pageerror", lambda error: page.errors.append(str(error)))  # type: ignore[attr-defined]
        if route is not None:
            route(page)
        return someone.open(path)

    yield make
    stub.script = before
    for server, someone in opened:
        someone.context.close()
        server.__exit__(None, None, None)


def errors(page: Page) -> list[str]:
    found: list[str] = page.errors  # type: ignore[attr-defined]
    return found


# -- every name of the catalogue ---------------------------------------------------------------------------------------

NAMED = [each for each in SAMPLES if each.service.tag is not None]
each_named = pytest.mark.parametrize("sample", NAMED, ids=lambda each: each.service.id)


def names_of(service: Service) -> dict[str, set[str]]:
    """Return the names that a site may call of a service: functions, lists, and those that its library makes itself."""
    pages = Pages(service)
    with pages.site.app.test_request_context():
        found = absent(get_visit(get_state()).decision)
    assert service.tag is not None
    by_library = set(service.tag.globals) - {"gtag"}
    return {
        "functions": set(found["functions"].split()) - by_library,
        "lists": set(found["lists"].split()),
        "library": by_library,
    }


@dataclass
class Seen:
    """What the script behind `head()` found of every name, with nothing and with everything allowed."""

    off: dict[str, str]
    on: dict[str, str]
    kept: list[str]
    strangers: set[str]


@pytest.fixture(scope="module")
def seen(browser: Browser, stub: Stub) -> Iterator[Seen]:
    services = [each.service for each in NAMED]
    pages = Pages(*services)
    names = sorted({name for each in services for kind in names_of(each).values() for name in kind})
    path = pages.add(after=LOOK.replace("NAMES", json.dumps(names)))
    stub.script, before = "0;", stub.script
    found = []
    with served(pages.site.app) as address:
        for allowed in ((), [each.id for each in services]):
            someone = Visitor(browser, address)
            cookie = {"name": "cookieconsent", "value": consent_to(pages.site, *allowed), "url": address}
            someone.context.add_cookies([cookie])
            page = someone.visit(path)
            assert page.evaluate("window.lived") is True
            kept = page.evaluate("names => names.filter((name) => window[name]?.length > 0)", names)
            found.append((page.evaluate("window.found"), kept, someone.strangers))
            someone.context.close()
    stub.script = before
    yield Seen(found[0][0], found[1][0], found[0][1], found[0][2])


def kind_of(service: Service, name: str) -> str:
    """Return what a name is where its service is allowed: a queue with methods is an array that has them."""
    queue = service.tag.queue if service.tag is not None else None
    has_methods = isinstance(queue, Queue) and bool(queue.methods) and name in (queue.name, *queue.aliases)
    return "object" if has_methods else "function"


@each_named
def test_name_is_there_when_allowed(sample: Sample, seen: Seen) -> None:
    """A script of the page's own, right behind `head()`, finds what the vendor's documentation tells it to call."""
    names = names_of(sample.service)

    assert {name: seen.on[name] for name in names["functions"]} == {
        name: kind_of(sample.service, name) for name in names["functions"]
    }
    assert {seen.on[name] for name in names["lists"]} <= {"object"}


@each_named
def test_name_is_there_when_refused(sample: Sample, seen: Seen) -> None:
    """B5, A2: the same calls do nothing for somebody who refused: nobody is contacted, and nothing is kept."""
    names = names_of(sample.service)

    assert {seen.off[name] for name in names["functions"] | names["library"]} <= {"function"}
    assert {seen.off[name] for name in names["lists"]} <= {"object"}
    assert seen.kept == []
    assert seen.strangers == set()


def test_names_twin(open_page: Open) -> None:
    """The bad twin: without what stands in, the first call ends the script."""
    pages = Pages(meta_pixel("1234567890123456"))
    path = pages.add(after=LOOK.replace("NAMES", '["fbq"]').replace("typeof window[name] === ", "true || "))

    def without(page: Page) -> None:
        page.route("**/absent.js", lambda route: route.abort())

    page = open_page(pages, path, route=without)
    assert page.evaluate("window.lived") is None
    assert len(errors(page)) == 1
    assert open_page(pages, path).evaluate("window.lived") is True


# -- order -------------------------------------------------------------------------------------------------------------

QUEUE = """(name) => {
  const words = (each) => [each[0], each[1]].filter((part) => typeof part === "string").join(" ");
  return (window[name] || []).map((each) => (each[0] ? words(each) : each.event || Object.keys(each)[0]));
}"""
STUB = "<script>window.dataLayer = window.dataLayer || []; function gtag() { dataLayer.push(arguments) }</script>"
BUY = "<script>gtag('event', 'purchase')</script>"
COMMERCE = "<script>var dataLayer = [{ ecommerce: null }]; dataLayer.push({ event: 'purchase' })</script>"
ANALYTICS = ["consent default", "consent update", "set ads_data_redaction", "set url_passthrough", "js"]
ACCOUNT = [*ANALYTICS, "config G-ABC1234567", "event purchase"]


@pytest.mark.parametrize(
    "parts", [{"after": BUY}, {"body": BUY}, {"before": STUB + BUY}, {"before": STUB, "after": BUY}]
)
def test_order_for_the_account(open_page: Open, parts: dict[str, str]) -> None:
    """G5: default, update, the account, and then the site's own event, wherever it was written."""
    pages = Pages(google_analytics("G-ABC1234567"))
    page = open_page(pages, pages.add(**parts), "google_analytics")

    assert page.evaluate(QUEUE, "dataLayer") == ACCOUNT
    assert errors(page) == []


@pytest.mark.parametrize("layer", ["dataLayer", "layer2"])
def test_order_for_a_container(open_page: Open, layer: str) -> None:
    """G5: a push of the site's shop before the container is read with the choice before it."""
    pages = Pages(google_tag_manager("GTM-ABC1234", data_layer=layer))
    page = open_page(pages, pages.add(before=COMMERCE.replace("dataLayer", layer)), "google_tag_manager")

    assert page.evaluate(QUEUE, layer) == [*ANALYTICS[:4], "ecommerce", "js", "purchase", "gtm.js"]


def test_order_twin(open_page: Open) -> None:
    """The bad twin: a loader that is asynchronous comes after the page's own scripts."""
    pages = Pages(google_analytics("G-ABC1234567"))

    @pages.site.app.after_request
    def later(response: Response) -> Response:
        if response.mimetype == "text/html":
            response.set_data(response.get_data().replace(b'google.js"', b'google.js" async'))
        return response

    page = open_page(pages, pages.add(after=BUY), "google_analytics")
    assert errors(page) != [] or page.evaluate(QUEUE, "dataLayer") != ACCOUNT


# -- a page's own handlers ---------------------------------------------------------------------------------------------

VENDORS = (
    google_analytics("G-ABC1234567"),
    google_ads("AW-123456789"),
    meta_pixel("1234567890123456"),
    matomo("https://example.matomo.cloud/", "1"),
    tiktok_pixel("C4A1B2C3D4E5F6G7H8I0"),
)
CALLS = (
    "gtag('event', 'add')",
    "fbq('track', 'AddToCart')",
    "fbq.push(['track', 'AddToCart'])",
    "_paq.push(['trackEvent', 'cart', 'add'])",
    "ttq.track('AddToCart')",
    "ttq.instance('C4A1B2C3D4E5F6G7H8I0').track('AddToCart')",
    "dataLayer.push({ event: 'add_to_cart' })",
)


@pytest.mark.parametrize("answered", [True, False], ids=["refused", "undecided"])
def test_handler_lives(open_page: Open, answered: bool) -> None:
    """B5: whatever a button tells a vendor, it goes on to do its work."""
    pages = Pages(*VENDORS)
    buttons = [f'<button onclick="{call}; document.title = {n}">b{n}</button>' for n, call in enumerate(CALLS)]
    page = open_page(pages, pages.add(body="".join(buttons)), *(() if answered else (None,)))
    for n in range(len(CALLS)):
        page.get_by_role("button", name=f"b{n}", exact=True).click()
        assert page.title() == str(n)
    assert errors(page) == []


WAITING = (
    "gtag('event', 'conversion', { send_to: 'AW-123456789/x', event_callback: go })",
    "dataLayer.push({ event: 'leave', eventCallback: go })",
    "fbq('track', 'Lead', {}, { callback: go })",
)


@pytest.mark.parametrize("before", ["", STUB])
@pytest.mark.parametrize("call", WAITING)
def test_link_that_waits_for_the_vendor(open_page: Open, call: str, before: str) -> None:
    """B5: Google's own snippet for links goes on when the event is sent; for who refused it goes on too."""
    pages = Pages(*VENDORS)
    go = "<script>function go() { document.title = 'gone' }</script>"
    page = open_page(pages, pages.add(before=before + go, body=f'<button onclick="{call}">Leave</button>'))
    page.get_by_role("button", name="Leave").click()

    page.wait_for_function("document.title === 'gone'")


def test_site_that_has_its_own(open_page: Open) -> None:
    """What the site itself has defined before is kept, and goes on to work for whoever else reads it."""
    mine = "<script>var dataLayer = [{ page: 'shop' }]; function fbq(name) { fbq.mine = name }</script>"
    pages = Pages(*VENDORS)
    body = "<script>fbq('x'); dataLayer.push({ event: 'y' })</script>"
    page = open_page(pages, pages.add(before=mine, body=body))

    assert page.evaluate("[fbq.mine, dataLayer.length]") == ["x", 2]


def test_element_with_such_an_id(open_page: Open) -> None:
    """An element is a property of the window by its id, and no queue."""
    pages = Pages(*VENDORS)
    clobbered = "<div id=fbq></div><a id=dataLayer></a><a id=_paq></a><a id=gtag></a>"
    allowed = [each.id for each in VENDORS]
    for answers in ((), allowed):
        page = open_page(pages, pages.add(late=clobbered), *answers)
        page.evaluate("() => { fbq('x'); gtag('event', 'x'); _paq.push(['x']); dataLayer.push({}); }")
        assert errors(page) == []


# -- allowed in place --------------------------------------------------------------------------------------------------

KEPT = """() => {
  const plain = (each) => (Array.from(each).length ? Array.from(each) : each);
  return JSON.stringify([dataLayer, fbq.queue, _paq, [...ttq]].map((list) => list.map(plain)));
}"""
#: What only the site says, and never a loader of ours.
OWN = re.compile("AddToCart|add_to_cart|'add'|\"add\"|cart")


def told_before(open_page: Open, route: Callable[[Page], Any] | None, before: str = "") -> str:
    """Return the queues of somebody who pressed things, and then allowed everything where they stood."""
    pages = Pages(*VENDORS)
    page = open_page(pages, pages.add(before=before), None, route=route)
    for call in CALLS:
        page.evaluate(f"() => {{ {call} }}")
    page.evaluate("() => { window.taken = window.fbq; }")
    page.evaluate("() => { window.wasHere = true; }")
    page.get_by_role("button", name="Accept all").click()
    # Matomo's is the last of these loaders.
    page.wait_for_function("_paq.some((each) => each[0] === 'setSiteId')")
    assert page.evaluate("window.wasHere") is True
    found: str = page.evaluate(KEPT)
    assert errors(page) == []
    page.evaluate("() => { taken('track', 'Later'); gtag('event', 'later'); _paq.push(['later']); }")
    after = page.evaluate(KEPT)
    assert "later" in after and "Later" in after
    return found


OWN_STUBS = """<script>
  var dataLayer = []; function gtag() { dataLayer.push(arguments) }
  var _paq = [], ttq = Object.assign([], { track() { ttq.push(["track", ...arguments]) }, instance() { return ttq },
    page() {}, grantConsent() {} });
  function fbq() { fbq.queue.push(arguments) } fbq.queue = []; fbq.push = fbq;
</script>"""


@pytest.mark.parametrize("before", ["", OWN_STUBS], ids=["ours", "stubs of the site"])
def test_nothing_is_counted_that_was_said_before(open_page: Open, before: str) -> None:
    """A1, A5: a yes is for what comes after it; what was said while it was a no is gone."""
    assert OWN.search(told_before(open_page, None, before)) is None


def test_nothing_is_counted_twin(open_page: Open) -> None:
    """The bad twin: stubs that collect, with nothing that stands in for them."""

    def collects(page: Page) -> None:
        page.route("**/absent.js", lambda route: route.fulfill(content_type="text/javascript", body="0;"))

    assert OWN.search(told_before(open_page, collects, OWN_STUBS))


# -- clobbered loaders -------------------------------------------------------------------------------------------------

EVIL = "https://evil.example/x.js"
RECIPE = json.dumps(
    {name: {} for name in ("attributes", "values", "lists", "withdrawn_lists")}
    | {name: [] for name in ("calls", "withdrawn", "globals", "after", "styles")}
    | {"queue": None, "constructs": None}
)
DATA = (
    f"data-id=GTM-EVIL66 data-service=x data-src={EVIL} data-recipe='{RECIPE}' data-functions=stolen data-lists=stolen"
)
CLOBBERS = {
    "img": f"<img name=currentScript {DATA}>",
    "form": f"<form name=currentScript {DATA}></form>",
    "iframe": f"<iframe name=currentScript {DATA}></iframe>",
}
LOADED = {"google.js": google_tag_manager("GTM-ABC1234"), "tag.js": meta_pixel("1234567890123456")}
CHECK = re.compile(r"if \(!\(script instanceof HTMLScriptElement.*return;")


def asks_for_evil(open_page: Open, stub: Stub, name: str, content: str, *, checks: bool = True) -> bool:
    """Tell whether a loader that stands behind *content* does what that says, and not what the site says."""
    text = files("flask_cookieconsent").joinpath("static", name).read_text("utf-8")
    text = text if checks else CHECK.sub("", text)
    services = [LOADED[name]] if name in LOADED else [meta_pixel("1234567890123456")]
    pages = Pages(*services)
    stub.asked.clear()

    def given(page: Page) -> None:
        page.route(f"**/{name}", lambda route: route.fulfill(content_type="text/javascript", body=text))

    loader = f'<script src="/cookies/static/{name}" data-src="https://disqus.example/embed.js"></script>'
    path = pages.add(body=content + (loader if name == "disqus.js" else ""), late=" ")
    page = open_page(pages, path, *([each.id for each in services] if name in LOADED else []), route=given)
    page.wait_for_load_state("networkidle")
    evil = page.evaluate("Object.hasOwn(window, 'stolen')")
    return evil or any("evil" in host or "EVIL" in path for host, path in stub.asked)


@pytest.mark.parametrize("content", CLOBBERS.values(), ids=CLOBBERS)
@pytest.mark.parametrize("name", ["google.js", "tag.js", "disqus.js", "absent.js"])
def test_clobbered_loader(open_page: Open, stub: Stub, name: str, content: str) -> None:
    """A2: an element of the content with the name of the running script starts nothing."""
    assert not asks_for_evil(open_page, stub, name, content)


@pytest.mark.parametrize("name", ["google.js", "tag.js", "disqus.js", "absent.js"])
def test_clobbered_loader_twin(open_page: Open, stub: Stub, name: str) -> None:
    """The bad twin: without the check it does what the content says."""
    assert asks_for_evil(open_page, stub, name, CLOBBERS["img"], checks=False)


# -- withdrawn ---------------------------------------------------------------------------------------------------------


def test_change_reaches_what_runs(open_page: Open) -> None:
    """E3: with the event that every change has, Google and the others are silent before anything is sent."""
    pages = Pages(*VENDORS)
    page = open_page(pages, pages.add(), *[each.id for each in VENDORS])
    told = "document.dispatchEvent(new CustomEvent('cookieconsent:change', { detail }))"

    def change(*withdrawn: str) -> Any:
        detail = json.dumps({"allowed": [], "granted": [], "withdrawn": withdrawn})
        page.evaluate(f"() => {{ const detail = {detail}; {told}; }}")
        return page.evaluate("[window['ga-disable-G-ABC1234567'] === true, fbq.queue.at(-1)[1] === 'revoke']")

    assert change("youtube") == [False, False]
    assert change("meta_pixel") == [False, True]
    assert change("google_analytics") == [True, True]
