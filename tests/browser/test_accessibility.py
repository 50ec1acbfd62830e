"""WCAG 2.2 AA and what lies beyond it, measured in a real browser on every page and state of the demo."""

from __future__ import annotations

import pytest

from .axe import violations
from .focus import covered
from .harness import Visitors

PAGES = (
    *("/", "/stories", "/platform/", "/about", "/nowhere"),
    *("/cookies/", "/cookies/policy", "/cookies/choice/receipt", "/cookies/choice/check", "/cookies/report"),
)


@pytest.mark.parametrize(
    ("scheme", "headers", "buttons"),
    [
        ("light", {}, []),
        ("dark", {}, ["Accept all"]),
        ("light", {}, ["Reject all"]),
        ("light", {"Sec-GPC": "1"}, []),
    ],
)
def test_axe_finds_nothing(visitor: Visitors, scheme: str, headers: dict[str, str], buttons: list[str]) -> None:
    """H4, H6: every page in every state, wide by day and narrow by night."""
    width = {"light": 1280, "dark": 320}[scheme]
    someone = visitor(color_scheme=scheme, viewport={"width": width, "height": 800}, extra_http_headers=headers)
    someone.open("/")
    for button in buttons:
        someone.press(button)
        assert violations(someone.page) == [], button
    for path in PAGES:
        assert violations(someone.open(path)) == [], path


def test_axe_finds_a_bad_twin(visitor: Visitors) -> None:
    """The bad twin of H4 and H6: a pale refusal without a name."""
    page = visitor().open("/")
    page.locator(".fcc-banner button[value=reject]").evaluate("each => { each.textContent = '' }")

    assert any(each.startswith("button-name") for each in violations(page))


def test_banner_comes_first_and_takes_no_focus(visitor: Visitors) -> None:
    """H5: the first Tab is in it, the answers follow at once; nothing was focused before; the page is reached too."""
    page = visitor().open("/")
    assert page.evaluate("document.activeElement === document.body")

    reached = []
    for _ in range(8):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.closest('.fcc-banner') ? document.activeElement.value || 'link' : 'page'"
            )
        )

    # The words come first, so that the keyboard can scroll them where they are long.
    assert reached[:5] == ["link", "accept", "reject", "link", "link"]
    assert "page" in reached


@pytest.mark.parametrize("scripts", [True, False])
def test_keyboard_alone_refuses_and_hears_of_it(visitor: Visitors, scripts: bool) -> None:
    """H5, H7: three tabs and Enter; the confirmation has the focus, and its words are its name."""
    page = visitor(java_script_enabled=scripts).open("/stories")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    saved = page.locator("#fcc-saved:focus")
    saved.wait_for()
    assert page.get_by_role("region", name="everything optional is off").and_(saved).count() == 1


@pytest.mark.parametrize("size", [(1280, 800), (360, 640), (320, 256)])
def test_focus_is_never_hidden_by_the_banner(visitor: Visitors, size: tuple[int, int]) -> None:
    """H1 (2.4.11): whatever has the focus is at least partly to be seen."""
    someone = visitor(viewport={"width": size[0], "height": size[1]})
    page = someone.open("/")

    assert covered(page) == []


@pytest.mark.parametrize("width", [320, 360])
def test_nothing_scrolls_sideways(visitor: Visitors, width: int) -> None:
    """H3 (1.4.10): reflow down to 320 px; the report has something to tell."""
    voter = visitor()
    voter.open("/")
    voter.press("Accept all")
    newcomer = visitor(viewport={"width": width, "height": 640})

    for path in PAGES:
        assert newcomer.open(path).evaluate("document.documentElement.scrollWidth") <= width, path


def test_targets_are_large_enough(visitor: Visitors) -> None:
    """H2 (2.5.8): 44 px for everything one presses to choose."""
    someone = visitor(viewport={"width": 360, "height": 640})
    page = someone.open("/cookies/")
    for each in page.locator(".fcc-button, .fcc-switch").all():
        box = each.bounding_box()
        assert box is not None and box["height"] >= 44


def test_toggling_sends_nothing_and_changes_nothing(visitor: Visitors) -> None:
    """H8 (3.2.2): a switch does nothing until it is saved."""
    someone = visitor()
    page = someone.visit("/cookies/")
    someone.requests.clear()
    for box in page.locator("input[type=checkbox]").all():
        box.check()

    assert someone.requests == []
    assert someone.cookies == {}


def test_larger_text_keeps_both_answers_in_reach(visitor: Visitors) -> None:
    """H3 (1.4.4): with text of twice the size the banner scrolls inside itself, its buttons always in sight."""
    page = visitor(viewport={"width": 640, "height": 640}).open("/")
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    for name in ("accept", "reject"):
        box = page.locator(f".fcc-banner button[value={name}]").bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 640
