"""Pages that caches share, in a real browser: each visitor sees what they chose, and the banner is there at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.kit.caches import NGINX, VARNISH, cached

from .harness import HOST, Stub, Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    DRIVERS,
    EMBED,
    EVERYTHING,
    NO_BANNER,
    OTHER_YOUTUBE,
    PLACEHOLDER,
    SOON,
    TWO_PAGES,
    VIMEO,
    YOUTUBE,
    LittleSite,
    back,
    comes,
    follow,
    has_answered,
    is_marked,
    make_little_site,
    mark,
    needs_drivers,
    running,
    vendors,
    without_our_script,
)

SHARED = {"COOKIECONSENT_PAGES": "cacheable"}
STATE = "/cookies/state"
APP = "tests.kit.shared_site:create_shared_app({})"
FRAMED = "document.querySelector('.fcc-embed iframe')?.src.includes('/cookies/frame/youtube?url=')"
ASKED = "document.querySelector('.fcc-banner')?.checkVisibility()"
NOT_ASKED = "!document.querySelector('.fcc-banner')?.checkVisibility()"

needs_caches = pytest.mark.skipif(
    not all(Path(each).exists() for each in (NGINX, VARNISH)), reason="no nginx or no Varnish on this machine"
)


# -- through a cache ---------------------------------------------------------------------------------------------------


def text_of(someone: Visitor, path: str) -> str:
    """Open a page, wait until all has come, and return what the cache gave for it."""
    answer = someone.page.goto(someone.address + path)
    assert answer is not None
    someone.settle()
    return answer.text()


def two_read(visitor: Visitors, port: int) -> tuple[Visitor, Visitor, set[str]]:
    """Let somebody accept and somebody refuse, and read on; return both, and the texts of the page that they got."""
    accepting, refusing = (visitor(f"http://{HOST}:{port}") for _ in range(2))
    texts = set()
    for someone, name in ((accepting, "Accept all"), (refusing, "Reject all")):
        texts.add(text_of(someone, "/film"))
        someone.press(name)
        someone.requests.clear()
        texts.add(text_of(someone, "/film"))
    return accepting, refusing, texts


@needs_caches
@pytest.mark.parametrize("kind", ["nginx", "varnish"])
def test_each_sees_what_they_chose(kind: str, visitor: Visitors, tmp_path: Path) -> None:
    """A2, A8: one copy of a page for two people, and only one of them sees the film and is counted."""
    with cached(kind, APP.format(""), tmp_path) as port:
        accepting, refusing, texts = two_read(visitor, port)

        assert len(texts) == 1
        assert comes(accepting.page, FRAMED)
        assert {"www.youtube-nocookie.com", "www.googletagmanager.com"} <= accepting.strangers
        assert comes(accepting.page, "document.querySelector('.fcc-withdraw')")
        assert refusing.strangers == set()
        assert comes(refusing.page, f"{PLACEHOLDER.format('youtube')} && {NOT_ASKED}")


@needs_caches
def test_each_sees_what_they_chose_twin(visitor: Visitors, tmp_path: Path) -> None:
    """The same site, whose pages are private, has a copy for each."""
    with cached("nginx", APP.format("'private'"), tmp_path) as port:
        assert len(two_read(visitor, port)[2]) > 1


# -- the first paint ---------------------------------------------------------------------------------------------------

#: Says when the page was first painted, when a piece of ours could first be seen, and how much has moved.
WATCH = """
window.moved = 0;
new PerformanceObserver((list) => {
  for (const each of list.getEntries()) window.moved += each.value;
}).observe({ type: "layout-shift", buffered: true });
const look = () => {
  for (const name of ["fcc-banner", "fcc-signal"]) {
    if (!(name in seen) && document.querySelector("." + name)?.checkVisibility()) seen[name] = performance.now();
  }
  requestAnimationFrame(look);
};
window.seen = {};
look();
"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@pytest.fixture(scope="module", params=["bar", "card", "inline"])
def styled(request: pytest.FixtureRequest) -> Iterator[tuple[LittleSite, str]]:
    """A site with a banner of one style."""
    little = make_little_site(
        {"/one": "<p>Words</p>" * 50 + YOUTUBE}, COOKIECONSENT_BANNER_STYLE=request.param, **SHARED
    )
    with running(little) as address:
        yield little, address


@pytest.fixture(scope="module")
def shared() -> Iterator[tuple[LittleSite, str]]:
    """A site of two pages that caches may share."""
    little = make_little_site(TWO_PAGES, **SHARED)
    with running(little) as address:
        yield little, address


def hold(route: Route) -> None:
    """Never answer a request."""


def test_banner_is_in_the_first_paint(visitor: Visitors, styled: tuple[LittleSite, str]) -> None:
    """The banner is seen although no question is ever answered, with the first paint, and nothing moves."""
    someone = visitor(styled[1])
    someone.context.add_init_script(WATCH)
    someone.context.route(f"**{STATE}*", hold)
    someone.page.goto(someone.address + "/one", wait_until="load")

    assert comes(someone.page, f"{ASKED} && {PAINTED}")
    someone.page.wait_for_timeout(300)
    later = someone.page.evaluate(f"seen['fcc-banner'] - {PAINTED}")
    print(f"banner {later:+.0f} ms after the first contentful paint")
    assert later <= 100
    assert someone.page.evaluate("moved") == 0


def test_banner_is_in_the_first_paint_twin(visitor: Visitors, styled: tuple[LittleSite, str]) -> None:
    """Without the script that tells early, the banner waits for an answer that does not come."""
    someone = visitor(styled[1])
    someone.context.route("**/early.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    someone.context.route(f"**{STATE}*", hold)
    someone.page.goto(someone.address + "/one", wait_until="load")

    assert not comes(someone.page, ASKED, SOON)


GPC_ON = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { value: true });"


def test_line_of_a_signal_is_in_the_first_paint(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """G2: the line is there before anything is asked, nothing moves when the answer comes, and no banner is seen."""
    someone = visitor(shared[1], extra_http_headers={"Sec-GPC": "1"})
    someone.context.add_init_script(GPC_ON + WATCH)
    page = someone.visit("/one")

    assert comes(page, "document.querySelector('.fcc-heeded')"), "the answer has come"
    assert page.evaluate("Object.keys(seen)") == ["fcc-signal"]
    assert page.locator(".fcc-signal").count() == 1
    assert page.evaluate("moved") == 0


@pytest.mark.parametrize("chosen", [(), EVERYTHING], ids=["refused", "accepted"])
def test_banner_never_flashes(visitor: Visitors, styled: tuple[LittleSite, str], chosen: tuple[str, ...]) -> None:
    """B10: whoever has answered sees no banner for a moment, and nothing of the page moves."""
    someone = visitor(styled[1])
    has_answered(someone, styled[0], *chosen)
    someone.context.add_init_script(WATCH)
    page = someone.visit("/one")

    assert page.evaluate("seen") == {}
    assert page.evaluate("moved") == 0
    assert (page.locator(".fcc-withdraw").count() == 1) == bool(chosen)


# -- what was there before ---------------------------------------------------------------------------------------------


def test_answer_of_before_counts(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """B10: a choice that no script can read, of the time before caches shared pages, is found out and set anew."""
    someone = visitor(shared[1])
    has_answered(someone, shared[0], "youtube")
    (cookie,) = someone.context.cookies()
    someone.context.clear_cookies()
    someone.context.add_cookies([cookie | {"httpOnly": True}])  # type: ignore[list-item]
    page = someone.visit("/one")

    assert comes(page, f"{NO_BANNER} && {EMBED.format('youtube')}")
    assert someone.cookies["cookieconsent"]["value"] == cookie["value"]
    assert not someone.cookies["cookieconsent"]["httpOnly"]


def test_what_is_left_over_goes(visitor: Visitors) -> None:
    """A10, E4: of the parent domain, HttpOnly, in a folder, in Web Storage: one page sweeps what is not allowed."""
    little = make_little_site({"/shop/one": YOUTUBE}, **SHARED)
    with running(little) as address:
        someone = visitor(address.replace(HOST, f"www.{HOST}"))
        base = {"name": "_ga", "value": "1", "path": "/"}
        someone.context.add_cookies(
            [
                base | {"domain": f".{HOST}"},  # type: ignore[list-item]
                base | {"name": "_gid", "domain": f"www.{HOST}", "httpOnly": True},
                base | {"name": "_ga_X", "domain": f"www.{HOST}", "path": "/shop"},
                base | {"name": "basket", "domain": f"www.{HOST}"},
            ]
        )
        someone.visit("/shop/one")

        assert set(someone.cookies) == {"basket"}


# -- what comes into a page later --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["turbo", "htmx2", "unpoly"])
def driven(request: pytest.FixtureRequest) -> Iterator[tuple[LittleSite, str]]:
    """A site of two pages, driven by a library, that caches may share."""
    little = make_little_site(TWO_PAGES, DRIVERS[request.param], **SHARED)
    with running(little) as address:
        yield little, address


def questions(someone: Visitor) -> int:
    """Return how often the state was asked for."""
    return sum(STATE in url for url in someone.requests)


@needs_drivers
def test_driven_pages_say_the_last_answer(visitor: Visitors, driven: tuple[LittleSite, str], stub: Stub) -> None:
    """A8, E3: accept, go on, withdraw, go back: the same document all the time, and no further question."""
    someone = visitor(driven[1])
    page = someone.visit("/one")
    mark(page)
    someone.press("Accept all")
    asked = questions(someone)
    assert comes(page, FRAMED)
    assert follow(page, "/two")
    assert comes(page, f"{EMBED.format('vimeo')} && {NOT_ASKED} && document.querySelector('.fcc-withdraw')")
    assert back(page, "/one")
    assert comes(page, f"{EMBED.format('youtube')} && {NOT_ASKED}")
    someone.settle()

    assert is_marked(page)
    assert questions(someone) == asked


@needs_drivers
def test_driven_pages_of_who_refuses(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """B10: who has not answered goes on being asked on the next page, and who has is not."""
    someone = visitor(driven[1])
    page = someone.visit("/one")
    assert follow(page, "/two")
    assert comes(page, ASKED)
    someone.press("Reject all")
    assert comes(page, NOT_ASKED)
    assert follow(page, "/one")
    someone.settle()

    assert page.evaluate(NOT_ASKED)
    assert page.locator(".fcc-placeholder[data-service=youtube]").count() == 1
    assert someone.strangers == set()


@needs_drivers
def test_driven_pages_twin(visitor: Visitors) -> None:
    """Where nobody follows what a driver brings, the film that was allowed stays a placeholder."""
    little = make_little_site(TWO_PAGES, DRIVERS["turbo"], **SHARED)
    start = "export const follow = async (page, look) => {"
    little.rewrite("text/javascript", lambda script: script.replace(start, start + "return;"))
    with running(little) as address:
        someone = visitor(address)
        page = someone.visit("/one")
        someone.press("Accept all")
        assert follow(page, "/two")

        assert not comes(page, EMBED.format("vimeo"), SOON)


def test_fragment_gets_what_is_allowed(visitor: Visitors) -> None:
    """A6: of what a page fetches later, only the allowed is filled, and nothing is asked again."""
    come = "fetch('/part').then(r => r.text()).then(t => { later.innerHTML = t; })"
    script = f'<button id="more" onclick="{come}">More</button><div id="later"></div>'
    little = make_little_site({"/page": script}, **SHARED)
    little.add("/part", VIMEO + OTHER_YOUTUBE)
    with running(little) as address:
        someone = visitor(address)
        has_answered(someone, little, "vimeo")
        page = someone.visit("/page")
        asked = questions(someone)
        page.locator("#more").click()

        assert comes(page, EMBED.format("vimeo"))
        someone.settle()
        assert page.locator("#later .fcc-placeholder[data-service=youtube]").count() == 1
        assert questions(someone) == asked == 1


# -- the Back button, other tabs, without scripts ----------------------------------------------------------------------


def test_back_button_brings_nothing_withdrawn(keeping_browser: Browser, shared: tuple[LittleSite, str]) -> None:
    """E3: a page that the browser has kept with its film holds it back after the withdrawal."""
    someone = Visitor(keeping_browser, shared[1])
    has_answered(someone, shared[0], *EVERYTHING[1:])
    page = someone.visit("/one")
    assert comes(page, EMBED.format("youtube"))
    assert follow(page, "/two")
    someone.settle()
    someone.press("Withdraw consent")
    assert comes(page, CONFIRMED)
    assert back(page, "/one")

    assert comes(page, PLACEHOLDER.format("youtube"))
    someone.context.close()


def test_other_tab_hears_of_a_withdrawal(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """E3: what is withdrawn in one tab is gone in the other."""
    someone = visitor(shared[1])
    has_answered(someone, shared[0], *EVERYTHING[1:])
    page = someone.visit("/one")
    assert comes(page, EMBED.format("youtube"))
    other: Page = someone.context.new_page()
    other.goto(someone.address + "/two")
    other.get_by_role("button", name="Withdraw consent").click()

    assert comes(page, PLACEHOLDER.format("youtube"))


#: Puts a frame of before into a page, as a copy of it would.
KEEP = """(src) => {
  document.querySelector("main").append(Object.assign(document.createElement("iframe"), { src, id: "kept" }));
}"""


def test_frame_is_the_visitors(visitor: Visitors, shared: tuple[LittleSite, str], stub: Stub) -> None:
    """A2, A9: the page in the frame shows the film to whoever allows it, and others the button that loads it once."""
    someone = visitor(shared[1])
    has_answered(someone, shared[0], "youtube")
    source = someone.visit("/one").locator(".fcc-embed iframe").get_attribute("src")
    someone.context.clear_cookies()
    start = len(stub.asked)
    page = someone.visit("/two")
    page.evaluate(KEEP, source)
    button = page.frame_locator("#kept").get_by_role("button", name="Load once")
    button.wait_for()
    assert vendors(stub, start) == []
    button.click()
    page.frame_locator("#kept").locator("iframe").wait_for()
    someone.settle()

    assert [each.split("/")[0] for each in vendors(stub, start)] == ["www.youtube-nocookie.com"]
    assert someone.cookies == {}


def test_without_scripts_the_link_leads_to_a_choice(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """B9: no banner, and a link to where everything works; the placeholder loads once in its place."""
    someone = visitor(shared[1], java_script_enabled=False)
    page = someone.visit("/one")
    assert not page.locator(".fcc-banner").is_visible()
    page.get_by_role("button", name="Load once").click()
    page.frame_locator(".fcc-once").locator("iframe").wait_for()
    page.get_by_role("link", name="Cookie settings").click()
    someone.press("Accept all")

    assert page.locator(".fcc-saved").is_visible()
    assert "cookieconsent" in someone.cookies
    someone.visit("/one")
    assert not page.locator(".fcc-banner").is_visible()


def test_always_allowing_without_scripts_is_confirmed(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """B9: where no page could show it, the preferences say that it is saved."""
    someone = visitor(shared[1], java_script_enabled=False)
    page = someone.visit("/one")
    page.get_by_role("button", name="Always allow YouTube").click()
    page.wait_for_url("**/cookies/#fcc-saved")

    assert page.locator(".fcc-saved").is_visible()


def test_one_who_cannot_ask_is_asked_nothing(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """A7: where the answer does not come, nothing of what is allowed is shown, and nobody is asked again."""
    someone = visitor(shared[1])
    has_answered(someone, shared[0], *EVERYTHING)
    someone.context.route(f"**{STATE}*", lambda route: route.abort())
    page = someone.visit("/one")

    assert page.evaluate(f"Boolean({PLACEHOLDER.format('youtube')}) && {NOT_ASKED}")
    assert someone.strangers == set()


def test_nothing_works_twin(visitor: Visitors, shared: tuple[LittleSite, str]) -> None:
    """Without our scripts the page is what nobody has chosen: the twin of all that is shown above."""
    someone = without_our_script(visitor(shared[1]))
    has_answered(someone, shared[0], *EVERYTHING)
    page = someone.visit("/one")

    assert page.locator(".fcc-placeholder").count() == 1
    assert page.locator(".fcc-withdraw").count() == 0


# -- regions -----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def regions() -> Iterator[str]:
    """A site that caches may share, with other rules in two regions, as a proxy's header tells."""
    regimes = {"COOKIECONSENT_REGION_HEADERS": "X-Country", "COOKIECONSENT_REGIMES": {"US": "opt-out", "CA": "notice"}}
    with running(make_little_site(TWO_PAGES, COOKIECONSENT_REFUSAL_VALIDITY=400, **regimes, **SHARED)) as address:
        yield address


@pytest.mark.parametrize(
    ("region", "first", "shows"),
    [
        ("BE", ".fcc-banner", PLACEHOLDER),
        ("US", ".fcc-banner", EMBED),
        ("CA", ".fcc-notice", EMBED),
        ("", ".fcc-banner", PLACEHOLDER),
    ],
)
def test_region_is_asked_first(visitor: Visitors, regions: str, region: str, first: str, shows: str) -> None:
    """One copy for all regions: the answer brings what holds where the visitor is, and nothing is asked before."""
    someone = visitor(regions, extra_http_headers={"X-Country": region} if region else {})
    page = someone.visit("/one")

    assert comes(page, f"document.querySelector('{first}')?.checkVisibility()")
    assert comes(page, shows.format("youtube"))
    assert page.locator(".fcc-banner:visible, .fcc-notice:visible").count() == 1
    assert sum("early.js" in url for url in someone.requests) == 0


@needs_drivers
def test_region_stays_with_a_driver(visitor: Visitors) -> None:
    """What the answer brought is there on the next page too, which was made for nobody."""
    regimes = {"COOKIECONSENT_REGION_HEADERS": "X-Country", "COOKIECONSENT_REGIMES": {"US": "opt-out"}}
    little = make_little_site(TWO_PAGES, DRIVERS["turbo"], COOKIECONSENT_REFUSAL_VALIDITY=400, **regimes, **SHARED)
    with running(little) as address:
        someone = visitor(address, extra_http_headers={"X-Country": "US"})
        page = someone.visit("/one")
        assert comes(page, EMBED.format("youtube"))
        assert follow(page, "/two")

        assert comes(page, EMBED.format("vimeo"))
        assert page.locator(".fcc-banner:visible").count() == 1
