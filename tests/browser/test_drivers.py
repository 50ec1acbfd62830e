"""Sites whose pages are driven by htmx, Turbo or Unpoly: a choice does there what it does on plain pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from .harness import Stub, Visitor, Visitors
from .little_sites import (
    CONFIRMED,
    DRIVERS,
    EMBED,
    EVERYTHING,
    NO_BANNER,
    PATIENCE,
    PLACEHOLDER,
    SOON,
    LittleSite,
    allowed,
    comes,
    follow,
    has_answered,
    is_marked,
    make_driven,
    mark,
    needs_drivers,
    running,
    vendors,
    watch_what_leaves,
    without_our_script,
)

pytestmark = needs_drivers


@pytest.fixture(scope="module", params=list(DRIVERS))
def driven(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    little = make_driven(request.param)
    with running(little, authority) as address:
        yield little, address


@pytest.fixture(scope="module")
def htmx(authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    """One driver is enough for the twins."""
    little = make_driven("htmx2")
    with running(little, authority) as address:
        yield little, address


@pytest.fixture(scope="module")
def opted_in(authority: trustme.CA) -> Iterator[tuple[LittleSite, str]]:
    """The same, but our forms do not say that a driver should leave them alone."""
    little = make_driven("htmx2")
    little.rewrite("text/html", lambda text: text.replace('data-hx-boost="false"', ""))
    with running(little, authority) as address:
        yield little, address


# -- answers to the banner ---------------------------------------------------------------------------------------------


def refusal(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> dict[str, Any]:
    """Refuse on one page, and go about; return what is seen of it."""
    page = someone.visit("/one")
    mark(page)
    someone.press("Reject all")
    return {
        "is rid of the banner": comes(page, NO_BANNER, within),
        "is told so": comes(page, CONFIRMED, within),
        "is where it was": page.url == someone.address + "/one",
        "is driven": follow(page, "/two") and follow(page, "/one") and is_marked(page),
        "is not asked again": comes(page, NO_BANNER, within),
        "is allowed": allowed(someone, little),
    }


def test_refusal(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """B1, H7: the banner gives way to the word that it is saved, and no page asks again."""
    assert refusal(visitor(driven[1]), driven[0]) == {
        "is rid of the banner": True,
        "is told so": True,
        "is where it was": True,
        "is driven": True,
        "is not asked again": True,
        "is allowed": set(),
    }


def test_refusal_twin(visitor: Visitors, htmx: tuple[LittleSite, str]) -> None:
    """Without our script the form leads to another document."""
    seen = refusal(without_our_script(visitor(htmx[1])), htmx[0], SOON)

    assert not seen["is driven"]


def acceptance(someone: Visitor, little: LittleSite, stub: Stub, within: int = PATIENCE) -> dict[str, Any]:
    """Accept on one page, and go about; return what is seen of it."""
    page, start = someone.visit("/one"), len(stub.asked)
    mark(page)
    someone.press("Accept all")
    return {
        "is told so": comes(page, CONFIRMED, within),
        "starts the tag": comes(page, "!!window.google_tag_manager || !!document.querySelector('[src*=gtag]')", within),
        "shows the film": comes(page, EMBED.format("youtube"), within),
        "is driven": follow(page, "/two") and is_marked(page),
        "shows the other film": comes(page, EMBED.format("vimeo"), within),
        "is driven back": follow(page, "/one") and is_marked(page),
        "libraries": sum("/gtag/js" in each for each in vendors(stub, start)),
        "is allowed": allowed(someone, little),
    }


def test_acceptance(visitor: Visitors, driven: tuple[LittleSite, str], stub: Stub) -> None:
    """What was allowed starts where one stands, and once, however many pages follow."""
    assert acceptance(visitor(driven[1]), driven[0], stub) == {
        "is told so": True,
        "starts the tag": True,
        "shows the film": True,
        "is driven": True,
        "shows the other film": True,
        "is driven back": True,
        "libraries": 1,
        "is allowed": set(EVERYTHING),
    }


def test_acceptance_twin(visitor: Visitors, htmx: tuple[LittleSite, str], stub: Stub) -> None:
    """Without our script no document lives on, so that each has the library load."""
    seen = acceptance(without_our_script(visitor(htmx[1])), htmx[0], stub, SOON)

    assert not seen["is driven"]


# -- withdrawal --------------------------------------------------------------------------------------------------------


def withdrawal(
    someone: Visitor, little: LittleSite, stub: Stub, *, is_here: bool, within: int = PATIENCE
) -> dict[str, Any]:
    """Withdraw where the tag runs, *is_here* if it was allowed in this document; return what is seen of it."""
    left = watch_what_leaves(someone)
    if not is_here:
        has_answered(someone, little, *EVERYTHING)
    page = someone.visit("/one")
    if is_here:
        someone.press("Accept all")
        follow(page, "/two")
        someone.settle()
    mark(page)
    left.clear()
    start = len(stub.asked)
    someone.press("Withdraw consent")
    seen = {
        "something left": bool(left),
        "left before Google knew": [how for how, knew in left if not knew],
        "the document lives on": not comes(page, "!window.marked", within),
        "shows no film": comes(page, "!document.querySelector('.fcc-embed')", within),
        "is allowed": allowed(someone, little),
    }
    follow(page, "/one")
    someone.settle()
    page.goto("about:blank")
    someone.settle()
    return seen | {"vendors hear": vendors(stub, start)}


@pytest.mark.parametrize("is_here", [False, True], ids=["loaded", "accepted here"])
def test_withdrawal(visitor: Visitors, driven: tuple[LittleSite, str], stub: Stub, is_here: bool) -> None:
    """E3, G7: Google knows before anything leaves, nothing is sent to it after, and its document ends."""
    assert withdrawal(visitor(driven[1]), driven[0], stub, is_here=is_here) == {
        "something left": True,
        "left before Google knew": [],
        "the document lives on": False,
        "shows no film": True,
        "is allowed": set(),
        "vendors hear": [],
    }


def test_withdrawal_twin(visitor: Visitors, htmx: tuple[LittleSite, str], stub: Stub) -> None:
    """Without our script the form is sent, and Google counts the end of the visit."""
    seen = withdrawal(without_our_script(visitor(htmx[1])), htmx[0], stub, is_here=False)

    assert seen["left before Google knew"] and seen["vendors hear"]


# -- one embed ---------------------------------------------------------------------------------------------------------


def loads_once(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> bool:
    """Load one film once, on a page that a driver brought; tell whether it is there, in its place."""
    has_answered(someone, little)
    page = someone.visit("/two")
    mark(page)
    follow(page, "/one")
    page.get_by_role("button", name="Load once").click()
    inside = "document.querySelector('.fcc-once')?.contentWindow.location.pathname === '/cookies/frame/youtube'"
    return comes(page, inside, within) and is_marked(page) and page.url == someone.address + "/one"


def test_load_once(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """A9: one press loads one film in its place, and the page stays."""
    assert loads_once(visitor(driven[1]), driven[0])


def test_load_once_twin(visitor: Visitors, opted_in: tuple[LittleSite, str]) -> None:
    """A form that does not keep away from the driver takes the whole page, where our script is not."""
    assert not loads_once(without_our_script(visitor(opted_in[1])), opted_in[0], SOON)


def always_allows(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> dict[str, Any]:
    """Always allow one film, on a page that a driver brought; return what is seen of it."""
    has_answered(someone, little)
    page = someone.visit("/one")
    mark(page)
    follow(page, "/two")
    someone.press("Always allow Vimeo")
    return {
        "shows the film": comes(page, EMBED.format("vimeo"), within),
        "stays": page.url == someone.address + "/two" and is_marked(page),
        "is allowed": allowed(someone, little),
        "holds the other back": follow(page, "/one") and comes(page, PLACEHOLDER.format("youtube"), within),
    }


def test_always_allow(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """A6, A9: the film is there where one stands, and no other."""
    assert always_allows(visitor(driven[1]), driven[0]) == {
        "shows the film": True,
        "stays": True,
        "is allowed": {"vimeo"},
        "holds the other back": True,
    }


def test_always_allow_twin(visitor: Visitors, htmx: tuple[LittleSite, str]) -> None:
    """Without our script the form leads to another document."""
    assert not always_allows(without_our_script(visitor(htmx[1])), htmx[0], SOON)["stays"]


# -- the preferences ---------------------------------------------------------------------------------------------------

SWITCH = "input[name=service][value={0}]"
CATEGORY = "input[name=category][value=third_party]"


def preferences(someone: Visitor, little: LittleSite, within: int = PATIENCE) -> dict[str, Any]:
    """Go to the preferences by the link, switch, save and come back; return what is seen."""
    has_answered(someone, little)
    page = someone.visit("/one")
    page.get_by_role("link", name="Cookie settings").click()
    page.locator(CATEGORY).wait_for()
    someone.settle()
    page.locator(CATEGORY).check(force=True)
    follows = page.locator(SWITCH.format("vimeo")).is_checked()
    page.locator(SWITCH.format("vimeo")).uncheck(force=True)
    is_mixed = page.locator(CATEGORY).evaluate("each => each.indeterminate")
    page.get_by_role("button", name="Save choices").first.click()
    someone.settle()
    return {
        "services follow their category": follows,
        "a category follows its services": is_mixed,
        "is told so": comes(page, CONFIRMED, within),
        "is allowed": allowed(someone, little),
        "shows what is allowed": bool(someone.visit("/one").locator(".fcc-embed").count()),
    }


def test_preferences(visitor: Visitors, driven: tuple[LittleSite, str]) -> None:
    """B4, H7: switches follow each other on a page that a driver brought, and it says that it saved."""
    assert preferences(visitor(driven[1]), driven[0]) == {
        "services follow their category": True,
        "a category follows its services": True,
        "is told so": True,
        "is allowed": {"youtube"},
        "shows what is allowed": True,
    }


def test_preferences_twin(visitor: Visitors, htmx: tuple[LittleSite, str]) -> None:
    seen = preferences(without_our_script(visitor(htmx[1])), htmx[0], SOON)

    assert not seen["services follow their category"] and not seen["a category follows its services"]
