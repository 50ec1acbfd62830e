"""What scripts add: choosing where one stands, the focus where it is expected, and tabs that agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from playwright.sync_api import Page, Route

from tests.kit.sites import Site

from .gallery import BANNER_STYLES, make_gallery
from .harness import Visitor, Visitors, served

PLACE = "[!!window.wasHere, document.activeElement.id, location.pathname + location.hash]"
#: Set before anything of the page runs: when it was first painted, when the banner was there, and what moved.
WATCH = """
window.shift = 0;
// A parser that pauses paints a part of what it has, so what moves is counted from the first paint of the whole.
const add = (list) => list.getEntries().forEach((each) => { window.shift += each.value; });
const observe = () => new PerformanceObserver(add).observe({ type: "layout-shift" });
const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
document.addEventListener("DOMContentLoaded", () => painted(observe));
new MutationObserver((_, watch) => {
  if (!document.querySelector(".fcc-banner button[value=reject]")) return;
  window.banner = performance.now();
  watch.disconnect();
}).observe(document, { childList: true, subtree: true });
"""


@pytest.fixture(scope="module")
def gallery(authority: trustme.CA) -> Iterator[tuple[Site, str]]:
    site = make_gallery()
    site.app.add_url_rule("/answer", "answer", lambda: site.app.view_functions["home"](), methods=["POST"])
    with served(site.app, authority) as address:
        yield site, address


def open_at(someone: Visitor, y: int = 300) -> Page:
    """Open the page, read down to somewhere, and leave a mark that a new page would not have."""
    page = someone.visit("/")
    page.set_viewport_size({"width": 900, "height": 500})
    page.evaluate(f"window.wasHere = true; scrollTo(0, {y})")
    return page


def where(page: Page) -> list[Any]:
    found: list[Any] = page.evaluate(PLACE)
    return found


def test_refusing_changes_the_page_where_it_stands(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """H7: no page is read again, nothing scrolls, and the focus is on the word that it is saved."""
    site, address = gallery
    someone, before = visitor(address), Counter(each.kind for each in site.events())
    page = open_at(someone)
    someone.press("Reject all")

    assert where(page) == [True, "fcc-saved", "/"]
    assert page.evaluate("scrollY") == 300
    assert page.locator(".fcc-banner").count() == 0
    assert page.locator("#fcc-saved").is_visible()
    # The time of events is truncated, so the order of those of one day tells nothing.
    assert Counter(each.kind for each in site.events()) - before == {"refused": 1}

    page.get_by_role("link", name="Hide this message").click()
    page.locator("#fcc-saved").wait_for(state="hidden")
    assert page.evaluate("scrollY") == 300


def test_accepting_changes_the_page_where_it_stands(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """H7: the video and the tags are there without another page, and nothing scrolls."""
    someone = visitor(gallery[1])
    page = open_at(someone)
    someone.press("Accept all")
    page.locator("#fcc-saved:focus").wait_for()

    assert where(page) == [True, "fcc-saved", "/"]
    assert page.locator(".fcc-embed iframe").count() == 1
    assert page.evaluate("scrollY") == 300
    assert {"www.googletagmanager.com", "www.youtube-nocookie.com"} <= someone.strangers


def test_withdrawing_reads_the_page_again_at_the_same_place(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """E3: a document in which a vendor's script ran does not live on, and the confirmation says what happened."""
    someone = visitor(gallery[1])
    page = open_at(someone)
    someone.press("Accept all")
    page.evaluate("scrollTo(0, 300)")
    page.get_by_role("button", name="Withdraw consent").evaluate("button => button.click()")
    page.wait_for_function("!window.wasHere")
    page.locator("#fcc-saved:focus").wait_for()

    assert where(page) == [False, "fcc-saved", "/"]
    assert page.locator("#fcc-saved").get_by_text("Your consent is withdrawn").is_visible()
    assert page.locator("script[data-service]").count() == page.locator(".fcc-embed").count() == 0
    assert abs(page.evaluate("scrollY") - 300) < 30


@pytest.mark.parametrize("scripts", [True, False])
def test_allowing_leads_to_what_was_allowed(visitor: Visitors, gallery: tuple[Site, str], scripts: bool) -> None:
    """The focus is on the video, and the page where it was."""
    someone = visitor(gallery[1], java_script_enabled=scripts)
    page = someone.visit("/")
    someone.press("Always allow YouTube")

    page.locator("[id^=fcc-place-].fcc-embed:focus").wait_for()


def test_other_tabs_follow_a_choice(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """E3: what is withdrawn in one tab stops in every other, and no tab asks what another answered."""
    someone = visitor(gallery[1])
    page = someone.visit("/")
    other = someone.context.new_page()
    other.goto(someone.address)
    someone.press("Accept all")
    other.locator(".fcc-banner").wait_for(state="detached")
    assert other.locator(".fcc-embed").count() == 1

    other.evaluate("addEventListener('pagehide', () => { sessionStorage.told = window.told; })")
    other.evaluate(
        "document.addEventListener('cookieconsent:change', (event) => { window.told = event.detail.withdrawn })"
    )
    someone.press("Withdraw consent")
    other.locator(".fcc-placeholder").wait_for()
    assert "youtube" in other.evaluate("sessionStorage.told")
    assert page.locator(".fcc-placeholder").count() == 1


def test_tab_without_a_script_is_the_bad_twin(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """Without the script another tab goes on showing what it showed."""
    someone = visitor(gallery[1])
    someone.visit("/")
    other = someone.context.new_page()
    other.route("**/fcc.js", lambda route: route.abort())
    other.goto(someone.address)
    someone.press("Reject all")

    assert other.locator(".fcc-banner").count() == 1


def test_answer_to_a_post_is_never_sent_again(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """A page that answered a form of the site stays, and is not read again behind one's back."""
    someone = visitor(gallery[1])
    page = someone.visit("/")
    page.evaluate("""() => {
      const form = Object.assign(document.createElement("form"), { method: "post", action: "/answer" });
      document.body.append(form);
      form.submit();
    }""")
    page.wait_for_url("**/answer")
    page.evaluate("window.wasHere = true")
    assert page.locator("script[data-reads]").count() == 0
    for name in ("Accept all", "Withdraw consent"):
        someone.press(name)
        assert page.locator("#fcc-saved").is_visible()

    assert where(page) == [True, "fcc-saved", "/answer"]
    assert page.locator(".fcc-embed").count() == 0


@pytest.mark.parametrize("answer", ["refused", "garbled"])
def test_form_is_sent_when_the_script_fails(visitor: Visitors, gallery: tuple[Site, str], answer: str) -> None:
    """A failing or odd answer to the script leads to the form itself."""

    def meddle(route: Route) -> None:
        if route.request.resource_type != "fetch":
            route.continue_()
        else:
            route.fulfill(status=503 if answer == "refused" else 200, body="no JSON")

    someone = visitor(gallery[1])
    page = someone.visit("/")
    page.route("**/cookies/choice**", meddle)
    someone.press("Reject all")

    page.locator("#fcc-saved:focus").wait_for()
    assert page.locator(".fcc-banner").count() == 0


def test_part_that_cannot_be_had_leaves_plain_forms(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """Without the part that sends a press, the browser sends the form."""
    someone = visitor(gallery[1])
    someone.page.route("**/live.js", lambda route: route.abort())
    page = someone.visit("/")
    page.get_by_role("button", name="Reject all").first.click()

    page.locator("#fcc-saved").wait_for()
    assert page.locator(".fcc-banner").count() == 0


def test_page_in_a_frame_posts_as_one(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """A grant out of a frame is refused by the server, and the script does not get around that."""
    site, address = gallery
    someone, before = visitor(address), len(site.events())
    page = someone.visit("/cookies/policy")
    page.evaluate("document.body.innerHTML = '<iframe src=/ style=\"width:900px;height:600px\"></iframe>'")
    frame = page.frame_locator("iframe")
    frame.get_by_role("button", name="Accept all").click()

    frame.get_by_text("This page was shown inside another one").first.wait_for()
    assert site.events()[before:] == []


def test_double_click_sends_one_form(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """F1: a double click is one event."""
    site, address = gallery
    someone, before = visitor(address), len(site.events())
    page = someone.visit("/")
    page.locator(".fcc-banner button[value=reject]").dblclick()
    page.locator("#fcc-saved").wait_for()

    assert len(site.events()) == before + 1


@pytest.mark.parametrize("banner_style", BANNER_STYLES)
def test_banner_is_there_at_the_first_paint(visitor: Visitors, banner_style: str) -> None:
    """It is markup: nothing waits for a script, and nothing moves when it is there."""
    site = make_gallery(banner_style)
    with served(site.app) as address:
        someone = visitor(address)
        someone.context.add_init_script(WATCH)
        page = someone.visit("/")
        page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length")
        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert page.evaluate("window.banner") <= painted
        assert page.evaluate("window.shift") == 0


LATE = """addEventListener("load", () => setTimeout(() => {
  const banner = document.createElement("section");
  banner.className = "fcc-banner";
  banner.innerHTML = "<button value=reject>No</button><p>".repeat(9);
  document.body.prepend(banner);
}, 200));"""


def test_banner_of_a_script_is_the_bad_twin(visitor: Visitors) -> None:
    """A banner that a script brings after the page was painted is seen to come late, and to move the page."""
    site = make_gallery(templates={"cookieconsent/banner.html": ""})
    with served(site.app) as address:
        someone = visitor(address)
        someone.context.add_init_script(WATCH + LATE)
        page = someone.visit("/")
        page.wait_for_function("window.banner && window.shift")

        painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        assert page.evaluate("window.banner") > painted


def test_returning_visitor_fetches_nothing(visitor: Visitors, gallery: tuple[Site, str]) -> None:
    """Beyond the page itself the server is asked for nothing: the stylesheet and the script are still there."""
    site, address = gallery
    someone = visitor(address)
    asked: list[str] = []
    site.app.before_request_funcs.setdefault(None, []).append(lambda: asked.append(_path()))
    someone.visit("/")
    someone.press("Reject all")
    asked.clear()
    someone.visit("/about")

    assert [each for each in asked if not each.startswith("/site.css")] == ["/about"]


def _path() -> Any:
    from flask import request

    request_path: str = request.path
    return request_path
