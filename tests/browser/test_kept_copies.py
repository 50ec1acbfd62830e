"""Copies of pages that were kept: by a driver, by the Back button, by a site's own service worker."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import trustme
from playwright.sync_api import Browser

from flask_cookieconsent.catalogue import youtube

from .harness import Stub, Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    DRIVERS,
    EMBED,
    EVERYTHING,
    LINKS,
    NO_BANNER,
    PATIENCE,
    PLACEHOLDER,
    SOON,
    TWO_PAGES,
    YOUTUBE,
    LittleSite,
    back,
    comes,
    follow,
    has_answered,
    make_driven,
    make_little_site,
    needs_drivers,
    running,
    vendors,
    without_our_script,
)


@pytest.fixture(scope="module", params=list(DRIVERS))
def driven(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    little = make_driven(request.param)
    with running(little, authority) as address:
        yield little, address


@pytest.fixture(scope="module")
def htmx(authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    """The driver whose copies live longest, for the twins."""
    little = make_driven("htmx2")
    with running(little, authority) as address:
        yield little, address


# -- drivers -----------------------------------------------------------------------------------------------------------


def asks_no_more(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> bool:
    """Leave a page that asks, refuse on the next, and go back; tell whether the first asks no more."""
    page = someone.visit("/one")
    follow(page, "/two")
    someone.press("Reject all")
    assert back(page, "/one")
    someone.settle()
    return comes(page, NO_BANNER, within)


@needs_drivers
def test_driver_keeps_no_answered_banner(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """B10: nobody is asked again by a copy."""
    assert asks_no_more(visitor(driven[1]), driven[0])


@needs_drivers
def test_driver_keeps_no_answered_banner_twin(visitor: Visitors, htmx: tuple[LittleSite, str]) -> None:
    assert not asks_no_more(without_our_script(visitor(htmx[1])), htmx[0], SOON)


@needs_drivers
def test_driver_keeps_no_placeholder_of_what_was_allowed(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """The copy of a page that held a film back shows it once it was allowed on the next."""
    someone = visitor(driven[1])
    page = someone.visit("/one")
    follow(page, "/two")
    someone.press("Accept all")

    assert back(page, "/one")
    assert comes(page, EMBED.format("youtube"))


def shows_nothing_withdrawn(someone: Visitor, little: LittleSite, stub: Stub, within: int = PATIENCE) -> dict[str, Any]:
    """Leave a page with a film, withdraw on the next, and go back; return what is seen."""
    has_answered(someone, little, *EVERYTHING)
    page = someone.visit("/two")
    had = comes(page, EMBED.format("vimeo"))
    follow(page, "/one")
    someone.settle()
    start = len(stub.asked)
    someone.press("Withdraw consent")
    assert comes(page, CONFIRMED)
    assert back(page, "/two")
    someone.settle()
    held = comes(page, PLACEHOLDER.format("vimeo"), within)
    return {"had it": had, "holds it back": held, "vendors hear": vendors(stub, start)}


SHOWN = {"had it": True, "holds it back": True, "vendors hear": []}


@needs_drivers
def test_driver_keeps_nothing_withdrawn(visitor: Visitors, driven: tuple[LittleSite, str], stub: Stub) -> None:
    """E3, A4: no film comes back out of a copy, and nobody hears of it."""
    assert shows_nothing_withdrawn(visitor(driven[1]), driven[0], stub) == SHOWN


@needs_drivers
def test_driver_keeps_nothing_withdrawn_twin(visitor: Visitors, htmx: tuple[LittleSite, str], stub: Stub) -> None:
    seen = shows_nothing_withdrawn(without_our_script(visitor(htmx[1])), htmx[0], stub, SOON)

    assert not seen["holds it back"] and seen["vendors hear"]


# -- the Back button ---------------------------------------------------------------------------------------------------


def filled_page_is_kept(browser: Browser, stub: Stub, script: str = "", within: int = PATIENCE) -> dict[str, Any]:
    """Accept where one stands, go on, withdraw, and go back; *script* runs before all others."""
    little = make_little_site({"/one": LINKS + YOUTUBE, "/two": LINKS}, services=[youtube()])
    with running(little) as address:
        someone = Visitor(browser, address)
        someone.context.add_init_script(script)
        page = someone.visit("/one")
        someone.press("Accept all")
        had = comes(page, EMBED.format("youtube"))
        page.evaluate("() => { window.kept = true; }")
        follow(page, "/two")
        someone.press("Withdraw consent")
        assert comes(page, CONFIRMED)
        start = len(stub.asked)
        assert back(page, "/one")
        held = comes(page, PLACEHOLDER.format("youtube"), within)
        someone.context.close()
    return {"had it": had, "holds it back": held, "vendors hear": vendors(stub, start)}


def test_page_filled_in_place_is_not_shown_again(keeping_browser: Browser, stub: Stub) -> None:
    """E3, A4: it was served before the choice, so no header of it says that it must not be kept."""
    assert filled_page_is_kept(keeping_browser, stub) == SHOWN


DEAF = """addEventListener("pageshow", (event) => event.stopImmediatePropagation(), true);
delete window.BroadcastChannel;"""


def test_page_filled_in_place_is_not_shown_again_twin(keeping_browser: Browser, stub: Stub) -> None:
    """A page that never hears that it is shown again goes on showing the film."""
    assert not filled_page_is_kept(keeping_browser, stub, DEAF, SOON)["holds it back"]


# -- service workers ---------------------------------------------------------------------------------------------------

#: The recipe of many: what was kept is shown at once, and renewed behind (stale-while-revalidate).
WORKER = """
addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil(clients.claim()));
addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  event.respondWith((async () => {
    const pages = await caches.open("pages");
    const kept = await pages.match(event.request.url);
    const fresh = fetch(event.request).then(async (answer) => {
      await pages.put(event.request.url, answer.clone());
      return answer;
    });
    event.waitUntil(fresh);
    return kept || fresh;
  })());
});
"""
REGISTER = '<script>navigator.serviceWorker?.register("/worker.js");</script>'


@pytest.fixture(scope="module")
def worked(authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    little = make_little_site(TWO_PAGES, head=REGISTER)
    little.add_script("/worker.js", WORKER)
    with running(little, authority) as address:
        yield little, address


def worker_shows(someone: Visitor, little: LittleSite, stub: Stub, within: int = PATIENCE) -> dict[str, Any]:
    """Withdraw on a page that the worker keeps, and open another that it keeps; return what is seen."""
    has_answered(someone, little, *EVERYTHING)
    page = someone.visit("/one")
    page.evaluate("async () => { await navigator.serviceWorker.ready; }")
    comes(page, "navigator.serviceWorker.controller !== null")
    for path in ("/one", "/two", "/two", "/one"):
        someone.visit(path)
    had = comes(page, EMBED.format("youtube"))
    start = len(stub.asked)
    someone.press("Withdraw consent")
    here = comes(page, PLACEHOLDER.format("youtube"), within)
    someone.visit("/two")
    there = comes(page, PLACEHOLDER.format("vimeo"), within)
    return {"had it": had, "holds it back": here and there, "vendors hear": vendors(stub, start)}


def test_service_worker_shows_nothing_withdrawn(visitor: Visitors, worked: tuple[LittleSite, str], stub: Stub) -> None:
    """E3, A8: what a site's own worker keeps is not shown after the withdrawal."""
    assert worker_shows(visitor(worked[1]), worked[0], stub) == SHOWN


def test_service_worker_shows_nothing_withdrawn_twin(
    visitor: Visitors, worked: tuple[LittleSite, str], stub: Stub
) -> None:
    """Without our script the worker hands out the film and the tag once more."""
    assert worker_shows(without_our_script(visitor(worked[1])), worked[0], stub, SOON)["vendors hear"]
