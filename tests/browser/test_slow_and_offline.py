"""Presses on a slow connection, on none, where something is in the way, and in browsers of some years ago."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route

from .harness import Stub, Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    EMBED,
    EVERYTHING,
    NO_BANNER,
    PATIENCE,
    PLACEHOLDER,
    SOON,
    YOUTUBE,
    LittleSite,
    allowed,
    comes,
    is_marked,
    make_little_site,
    mark,
    running,
    vendors,
    without_our_script,
)


@pytest.fixture
def site() -> Iterator[tuple[LittleSite, str]]:
    """A site whose gate before our choices may be shut, so each test has its own."""
    little = make_little_site({"/page": YOUTUBE})
    with running(little) as address:
        yield little, address
        little.gate.open()


def enter(page: Page, name: str) -> None:
    """Press a button from the keyboard: nothing on the screen changes by the pointer."""
    page.get_by_role("button", name=name).first.focus()
    page.keyboard.press("Enter")


# -- slow --------------------------------------------------------------------------------------------------------------


def looks_busy(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> dict[str, bool]:
    """Press while the server thinks, and tell whether the page says and shows that it waits."""
    page = someone.visit("/page")
    banner = page.locator(".fcc-banner")
    page.get_by_role("button", name="Accept all").first.focus()
    before = banner.screenshot(animations="disabled")
    little.gate.is_shut = True
    page.keyboard.press("Enter")
    assert little.gate.wait_for(1)
    says = comes(page, "document.querySelector('[aria-busy=true]')", within)
    shows = banner.screenshot(animations="disabled") != before
    little.gate.open()
    return {"says": says, "shows": shows, "ends": comes(page, f"{NO_BANNER} && !document.querySelector('[aria-busy]')")}


def test_waiting_is_seen_and_said(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """H6: somebody on a slow connection sees that the press was taken."""
    assert looks_busy(visitor(site[1]), site[0]) == {"says": True, "shows": True, "ends": True}


def test_waiting_is_seen_and_said_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """A style sheet without a look for it shows nothing."""
    site[0].rewrite("text/css", lambda text: text.replace("aria-busy", "aria-no"))

    assert not looks_busy(visitor(site[1]), site[0])["shows"]


def two_presses(someone: Visitor, little: LittleSite, stub: Stub, *names: str) -> dict[str, Any]:
    """Press one answer and then another before the server has said anything; return what holds in the end."""
    page, start = someone.visit("/page"), len(stub.asked)
    little.gate.is_shut = True
    for count, name in enumerate(names, 1):
        enter(page, name)
        # A script may also send the second only after the first; then it waits for nothing here.
        little.gate.wait_for(count, within=0.5)
    little.gate.open()
    told = comes(page, CONFIRMED)
    someone.settle()
    return {
        "is told so": told,
        "is allowed": allowed(someone, little),
        "vendors hear": bool(vendors(stub, start)),
        "shows films": page.locator(".fcc-embed").count(),
        "banner": page.locator(".fcc-banner").count(),
    }


REFUSED = {"is told so": True, "is allowed": set(), "vendors hear": False, "shows films": 0, "banner": 0}


def test_last_press_counts(visitor: Visitors, site: tuple[LittleSite, str], stub: Stub) -> None:
    """E2: who accepts and then refuses has refused, in the cookie, in the page and for everybody else."""
    assert two_presses(visitor(site[1]), site[0], stub, "Accept all", "Reject all") == REFUSED


def test_last_press_counts_the_other_way(visitor: Visitors, site: tuple[LittleSite, str], stub: Stub) -> None:
    seen = two_presses(visitor(site[1]), site[0], stub, "Reject all", "Accept all")

    assert seen["is allowed"] == set(EVERYTHING) and seen["shows films"] == 1


def test_last_press_counts_twin(visitor: Visitors, site: tuple[LittleSite, str], stub: Stub) -> None:
    """One press alone is seen to grant, so the check above sees which of two it was."""
    assert two_presses(visitor(site[1]), site[0], stub, "Accept all") != REFUSED


# -- offline -----------------------------------------------------------------------------------------------------------

TELLS = "[...document.querySelectorAll('[role=alert]')].some((each) => each.checkVisibility() && each.innerText.trim())"


def offline(someone: Visitor, little: LittleSite, name: str, within: int = PATIENCE) -> dict[str, Any]:
    """Press without a connection, and again with one."""
    page = someone.visit("/page")
    mark(page)
    someone.context.set_offline(True)
    enter(page, name)
    seen = {"tells": comes(page, TELLS, within), "keeps the page": is_marked(page)}
    someone.context.set_offline(False)
    for _ in range(seen["keeps the page"]):
        someone.press(name)
    return seen | {"works later": comes(page, CONFIRMED, within), "is allowed": allowed(someone, little)}


@pytest.mark.parametrize(("name", "granted"), [("Reject all", set()), ("Accept all", set(EVERYTHING))])
def test_offline_keeps_the_page(visitor: Visitors, site: tuple[LittleSite, str], name: str, granted: set[str]) -> None:
    """H7: it says that nothing could be sent, and the next press with a connection works."""
    assert offline(visitor(site[1]), site[0], name) == {
        "tells": True,
        "keeps the page": True,
        "works later": True,
        "is allowed": granted,
    }


def test_offline_keeps_the_page_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """The browser's own page about it takes the place of the site's."""
    seen = offline(without_our_script(visitor(site[1])), site[0], "Reject all", SOON)

    assert not seen["tells"] and not seen["keeps the page"]


def block(someone: Visitor) -> list[str]:
    """Let no script of a page send a choice, as an extension of a browser may; return what was tried."""
    tried: list[str] = []

    def meddle(route: Route) -> None:
        tried.append(route.request.resource_type)
        route.abort() if route.request.resource_type == "fetch" else route.continue_()

    someone.context.route(re.compile("/cookies/choice"), meddle)
    return tried


@pytest.mark.parametrize("name", ["Reject all", "Always allow YouTube"])
def test_blocked_script_leads_to_the_form(visitor: Visitors, site: tuple[LittleSite, str], name: str) -> None:
    """B9: who presses twice sends the form itself."""
    someone = visitor(site[1])
    tried = block(someone)
    page = someone.visit("/page")
    someone.press(name)
    assert comes(page, TELLS)
    someone.press(name)

    assert comes(page, CONFIRMED) or name != "Reject all"
    assert tried == ["fetch", *["fetch"] * (len(tried) - 2), "document"]
    assert allowed(someone, site[0]) == ({"youtube"} if name != "Reject all" else set())


# -- old ---------------------------------------------------------------------------------------------------------------

#: What browsers down to Safari 15.4, Firefox 115 and Chrome 100 have not all got, taken away.
OLD = """
delete HTMLFormElement.prototype.requestSubmit;
window.FormData = class extends FormData {
  constructor(form, button) {
    if (button) throw new TypeError("no second argument");
    super(form);
  }
};
for (const name of ["BroadcastChannel", "navigation", "Navigation", "NavigateEvent", "scheduler"]) delete window[name];
for (const name of ["timeout", "any"]) delete AbortSignal[name];
for (const name of ["groupBy"]) { delete Object[name]; delete Map[name]; }
for (const name of ["toSorted", "toSpliced", "toReversed", "with"]) delete Array.prototype[name];
for (const name of ["union", "difference", "intersection", "isSubsetOf"]) delete Set.prototype[name];
for (const name of ["map", "filter", "toArray", "some", "forEach", "find"]) delete Iterator.prototype[name];
for (const name of ["setHTMLUnsafe", "checkVisibility", "ariaBusy"]) delete Element.prototype[name];
delete Document.parseHTMLUnsafe;
delete Document.prototype.startViewTransition;
delete Promise.withResolvers;
delete Promise.try;
delete Array.fromAsync;
delete URL.canParse;
delete URL.parse;
delete HTMLElement.prototype.popover;
delete Navigator.prototype.userActivation;
"""
VISIBLE = "[...document.querySelectorAll('.fcc-saved')].some((each) => each.getClientRects().length)"


def old_walk(someone: Visitor, little: LittleSite, script: str = OLD) -> dict[str, Any]:
    """Refuse, always allow, withdraw and accept with a browser of some years ago; return what went wrong."""
    errors: list[str] = []
    someone.context.add_init_script(script)
    page = someone.visit("/page")
    page.on("pageerror", lambda error: errors.append(str(error)))
    mark(page)
    someone.press("Reject all")
    seen = {"refuses": comes(page, f"{NO_BANNER} && {VISIBLE}") and not allowed(someone, little)}
    someone.press("Always allow YouTube")
    seen["allows"] = comes(page, EMBED.format("youtube")) and is_marked(page)
    someone.press("Withdraw consent")
    seen["withdraws"] = comes(page, PLACEHOLDER.format("youtube")) and not allowed(someone, little)
    someone.context.clear_cookies()
    someone.visit("/page")
    someone.press("Accept all")
    seen["accepts"] = comes(page, EMBED.format("youtube")) and comes(page, "!!window.dataLayer")
    return seen | {"errors": errors}


def test_press_works_in_old_browsers(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """No button is dead in any browser of the baseline."""
    assert old_walk(visitor(site[1]), site[0]) == {
        "refuses": True,
        "allows": True,
        "withdraws": True,
        "accepts": True,
        "errors": [],
    }


def test_press_works_in_old_browsers_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """A browser without what the baseline has is seen to fail."""
    seen = old_walk(visitor(site[1]), site[0], OLD + "delete window.CustomEvent;")

    assert seen["errors"]


def without_has(text: str) -> str:
    """Drop each rule with `:has()` in it, and no more of a style sheet, as a browser does that does not know it."""
    return re.sub(r"[^{}]*:has\([^{}]*\{[^{}]*\}", "", text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_answer_is_seen_without_has(visitor: Visitors, site: tuple[LittleSite, str], scripts: bool) -> None:
    """H7: Firefox 115 and Chrome 100 know no `:has()`, and drop a whole rule for it."""
    site[0].rewrite("text/css", without_has)
    someone = visitor(site[1], java_script_enabled=scripts)
    someone.visit("/page")
    someone.press("Reject all")

    assert someone.page.locator(".fcc-saved").is_visible()


def test_answer_is_seen_without_has_twin(visitor: Visitors, site: tuple[LittleSite, str]) -> None:
    """A style sheet that names the answer in such a rule alone shows it to nobody."""
    rule = ".fcc-saved{display:none}.fcc-saved:target,body:has(.fcc-saved){display:block}"
    site[0].rewrite("text/css", lambda text: without_has(rule))
    someone = visitor(site[1])
    someone.visit("/page")
    someone.press("Reject all")

    assert not someone.page.locator(".fcc-saved").is_visible()
