"""Refusing is as easy as accepting, in all that a browser can measure (B1, B2)."""

from __future__ import annotations

from playwright.sync_api import Page

MEASURE = """() => {
  document.activeElement.blur();
  return ["accept", "reject"].map((value) => {
    const button = document.querySelector(`.fcc-banner button[value=${value}]`), s = getComputedStyle(button);
    const { left, right, top, bottom, width, height } = button.getBoundingClientRect();
    return {
      appearance: [button.tagName, button.type, s.fontSize, s.fontWeight, s.fontFamily, s.color, s.backgroundColor,
        s.border, s.borderRadius, s.padding, s.cursor, s.opacity, s.boxShadow, s.textDecoration, s.textTransform,
        s.letterSpacing, s.filter].join(),
      width, height, isLarge: width >= 44 && height >= 44,
      isInSight: left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight,
      isWhole: button.scrollWidth <= button.clientWidth && button.scrollHeight <= button.clientHeight,
    };
  });
}"""


def check_equality(page: Page) -> None:
    """Check that both answers of the banner look alike, are whole, large and in sight, and one Tab apart."""
    accept, reject = page.evaluate(MEASURE)
    assert accept["appearance"] == reject["appearance"]
    assert abs(accept["width"] - reject["width"]) <= 1 and abs(accept["height"] - reject["height"]) <= 1
    for button in (accept, reject):
        assert (button["isLarge"], button["isInSight"], button["isWhole"]) == (True, True, True)
    page.locator(".fcc-banner button[value=accept]").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.matches('.fcc-banner button[value=reject]')")
