"""How much of a screen the banner takes, and that all it has to say is seen at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from demo_app import create_app
from tests.test_translations import LANGUAGES

from .focus import without_has
from .gallery import STYLE, make_gallery
from .harness import Visitors, served

PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}
#: The share of the window that the banner would take if nothing of it had to be scrolled, and what is not in sight.
MEASURE = """() => {
  const banner = document.querySelector(".fcc-banner"), room = banner.firstElementChild;
  const answers = banner.querySelector(".fcc-answers").getBoundingClientRect();
  const { top, bottom } = room.getBoundingClientRect();
  const unseen = [...banner.querySelectorAll("dt, dd, p, a, button")].filter((each) => {
    const box = each.getBoundingClientRect();
    const isAbove = each.matches("dt, dd, p") && box.left < answers.right && box.right > answers.left;
    return box.top < top || box.bottom > (isAbove ? answers.top : bottom);
  });
  return [Math.max(banner.offsetHeight, room.scrollHeight) / innerHeight, unseen.map((each) => each.textContent)];
}"""


@pytest.fixture(scope="module")
def bar() -> Iterator[str]:
    site = make_gallery()
    with served(site.app) as address:
        yield address


def is_small(page: Page, most: float) -> list[str]:
    """Check that the banner takes no more than a share of the window; return what of it is not in sight."""
    share, unseen = page.evaluate(MEASURE)
    assert share <= most
    return list(unseen)


def test_banner_leaves_most_of_a_phone(visitor: Visitors) -> None:
    """C1: in the demo, with its font, all purposes are in sight above the answers."""
    assert is_small(visitor(viewport=PHONE).open("/"), 0.45) == []


def test_large_banner_is_the_bad_twin(visitor: Visitors) -> None:
    style = STYLE + ".fcc-banner-text { font-size: 1.3rem !important; }"
    site = make_gallery(style=style)
    with served(site.app) as address:
        page = visitor(address, viewport=PHONE).open("/")
        with pytest.raises(AssertionError):
            is_small(page, 0.45)
        assert is_small(page, 2) != []


@pytest.mark.parametrize("banner_style", ["bar", "card", "inline"])
def test_banner_leaves_most_of_a_desk(visitor: Visitors, tmp_path: object, banner_style: str) -> None:
    demo = create_app({"INSTANCE_PATH": str(tmp_path), "COOKIECONSENT_BANNER_STYLE": banner_style})
    with served(demo) as address:
        assert is_small(visitor(address, viewport=DESK).open("/"), 0.45) == []


def test_every_language_fits_on_a_phone(visitor: Visitors, bar: str) -> None:
    """C1: the longest too leaves a third of the screen, and is read without scrolling."""
    page = visitor(bar, viewport=PHONE).page
    for locale in ("en", *LANGUAGES):
        page.goto(f"{bar}/?lang={locale}", wait_until="domcontentloaded")
        assert is_small(page, 0.65) == [], locale


def test_confirmation_can_be_pressed(visitor: Visitors, bar: str) -> None:
    """H2: its links are as high as a button, and it takes a small part of a phone."""
    someone = visitor(bar, viewport=PHONE)
    page = someone.open("/")
    someone.press("Reject all")
    heights = page.locator("#fcc-saved a").evaluate_all("links => links.map((each) => each.offsetHeight)")

    assert len(heights) == 2 and min(heights) >= 44
    assert page.locator("#fcc-saved").evaluate("each => each.offsetHeight / innerHeight") <= 0.25


def test_confirmation_is_seen_in_an_old_browser(visitor: Visitors, bar: str) -> None:
    """H7: where the end of the page cannot be given room for it, it stays at the top of what is in sight."""
    someone = visitor(bar, viewport=PHONE)
    without_has(someone.page)
    page = someone.open("/")
    page.evaluate("scrollTo(0, 300)")
    page.locator(".fcc-banner button[value=reject]").evaluate("each => each.click()")
    someone.settle()

    assert page.locator("#fcc-saved").evaluate("each => each.getBoundingClientRect().top") >= 0
