"""Our pieces as people see them on the site: both answers alike, and usable by everybody, by day and night."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.cookies import place
from flask_cookieconsent.audit.walking.answers import Answer, Walk

from .chromium import BrowserMissing, Chromium
from .device import Device
from .tour import PageBroken, opened, unreadable

if TYPE_CHECKING:
    from playwright.sync_api import Page

#: Which screens are looked at: a telephone and a desk, each by day and by night.
SCREENS: tuple[tuple[str, dict[str, Any]], ...] = tuple(
    (f"{size}, {scheme}", {"color_scheme": scheme, "viewport": {"width": width, "height": height}})
    for size, width, height in (("phone", 390, 844), ("desktop", 1280, 800))
    for scheme in ("light", "dark")
)
#: The elements that belong to the extension.
_OURS = tuple(
    f".fcc-{name}" for name in ("banner", "link", "placeholder", "embed", "preferences", "signal", "shares", "saved")
)
#: Pages that are looked at on each screen.
_MOST_PAGES = 5
_MARKS = ("fcc-banner", "fcc-placeholder", "fcc-preferences")
# WCAG 2.2, levels A and AA; what is only good practice is no fault of a piece.
_AXE = """async (ours) => {
  const include = ours.filter((each) => document.querySelector(each));
  if (!include.length) return [];
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
  const { violations } = await axe.run({ include }, { resultTypes: ["violations"], runOnly: tags });
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html }) => ({ id, help, tag: html.slice(0, html.indexOf(">") + 1 || 160).slice(0, 160) })));
}"""


def piece_findings(chromium: Chromium, walked: Walk) -> Iterator[Finding]:
    """Yield what is unfair or inaccessible about our pieces, for somebody who has not chosen.

    :raises BrowserMissing: if axe-core is not installed.
    :raises BrowserLost: if pages kept the browser busy for ever too often.
    """
    axe = _axe()
    measure = files(__package__).joinpath("pieces.js").read_text("utf-8")
    undecided = next((each for each in walked.visitors if each.is_undecided), None)
    if undecided is None:
        return
    mine = _with_pieces([each for each in walked.pages if each.visitor == undecided and not each.is_error_page])
    for screen, options in SCREENS:
        device = Device(chromium, walked, undecided, **options)
        try:
            for answer in mine:
                try:
                    with opened(device, answer) as page:
                        page.mouse.move(0, 0)
                        found = [*_unfair(page, answer, screen, measure), *_inaccessible(page, answer, screen, axe)]
                except PageBroken as error:
                    found = [unreadable(answer, str(error))]
                yield from found
        finally:
            device.close()


def _with_pieces(pages: list[Answer]) -> list[Answer]:
    """Return a page with each of our pieces, as few as it takes; with the banner one of each of the site's layouts."""
    theirs_first = sorted(pages, key=lambda page: page.address.endpoint == "cookieconsent")
    found: dict[tuple[str, str], Answer] = {}
    for page in theirs_first:
        for mark in _MARKS:
            layout = page.templates[-1] if mark == "fcc-banner" and page.templates else ""
            if f'class="{mark}' in page.body:
                found.setdefault((mark, layout), page)
    return list(dict.fromkeys(found.values()))[:_MOST_PAGES]


def _unfair(page: Page, answer: Answer, screen: str, measure: str) -> Iterator[Finding]:
    measured: list[dict[str, Any]] = page.evaluate(measure)
    for each in measured:
        where = place(answer, f"{each['piece']} ({screen})")
        yield Finding("unfair-look", f"{each['piece']}: {each['what']}", each["text"], (where,))


def _inaccessible(page: Page, answer: Answer, screen: str, axe: str) -> Iterator[Finding]:
    page.evaluate(axe)
    found: list[dict[str, str]] = page.evaluate(_AXE, list(_OURS))
    for each in found:
        where = place(answer, f"{each['tag']} ({screen})")
        yield Finding("inaccessible-piece", each["id"], f"{each['help']}, says axe-core of a piece of ours", (where,))


def _axe() -> str:
    try:
        from axe_playwright_python.base import AXE_SCRIPT  # type: ignore[import-untyped]
    except ImportError:
        raise BrowserMissing(
            'the audit in a browser needs axe-core: pip install "Flask-CookieConsent[audit]"'
        ) from None
    return str(AXE_SCRIPT)
