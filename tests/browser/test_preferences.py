"""The extension's own pages as people meet them: where the switches are, what stays in sight, what is told, printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Dialog, Locator, Page

from .axe import violations
from .gallery import make_gallery
from .harness import Visitors, served
from .test_interface import fits

PHONE = {"width": 360, "height": 740}
PATHS = ("/cookies/", "/cookies/policy", "/cookies/choice/receipt", "/cookies/choice/check")


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    site = make_gallery()
    with served(site.app) as address:
        yield address


def box(place: Locator) -> dict[str, float]:
    """Return where something is in the window."""
    found = place.bounding_box()
    assert found is not None
    return dict(found) | {"bottom": found["y"] + found["height"]}


def restyle(page: Page, css: str) -> None:
    """Add rules to a page, whatever its csp says and whether or not its scripts run."""
    add = "(css) => { const one = new CSSStyleSheet(); one.replaceSync(css); document.adoptedStyleSheets = [one]; }"
    page.evaluate(add, css)


# -- the first screen --------------------------------------------------------------------------------------------------


def is_in_first_screen(page: Page) -> bool:
    """Tell whether a category can be switched without scrolling, and is not behind the way to save."""
    return box(page.locator(".fcc-switch input").first)["bottom"] <= box(page.locator(".fcc-save"))["y"]


@pytest.mark.parametrize("choices", [[], ["Reject all"], ["Accept all"]])
def test_first_switch_is_in_the_first_screen_of_a_phone(visitor: Visitors, choices: list[str]) -> None:
    """B4: on the demo, below its own header, and before and after a choice; a page with more above it is seen."""
    someone = visitor(viewport=PHONE)
    page = someone.open("/cookies/")
    for choice in choices:
        someone.press(choice)
        someone.open("/cookies/")

    assert is_in_first_screen(page)
    restyle(page, ".fcc-preferences > h1 { padding-block-end: 10rem; }")
    assert not is_in_first_screen(page)


def is_save_in_sight(page: Page) -> bool:
    """Tell whether the way to save is in the window, wherever the page is scrolled to among the categories."""
    button, height = page.locator("button[value=save]"), page.evaluate("innerHeight")
    for category in page.locator(".fcc-category").all():
        category.evaluate("each => each.scrollIntoView()")
        if box(button)["y"] < 0 or box(button)["bottom"] > height:
            return False
    return True


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("locale", ["en", "ar"])
def test_save_is_always_in_sight(visitor: Visitors, gallery: str, width: int, locale: str) -> None:
    """B8, H8: what was switched is one press from being kept, wherever on the page; without a script."""
    page = visitor(gallery, viewport={"width": width, "height": 740}, java_script_enabled=False).page
    page.goto(f"{gallery}/cookies/?lang={locale}")

    assert is_save_in_sight(page)
    restyle(page, ".fcc-save { position: static !important; }")
    assert not is_save_in_sight(page)


BEHIND = """() => {
  const each = document.activeElement, cover = document.querySelector(".fcc-save");
  if (each === document.body || cover.contains(each)) return false;
  const [box, over] = [each.getBoundingClientRect(), cover.getBoundingClientRect()];
  return box.height > 0 && box.top >= over.top - 1 && box.top < over.bottom;
}"""


def hidden_by_save(page: Page) -> list[str]:
    """Return what the keyboard reaches, forwards and backwards, that stands behind the way to save."""
    found = []
    for key in ("Tab", "Shift+Tab"):
        for _ in range(34):
            page.keyboard.press(key)
            if page.evaluate(BEHIND):
                found.append(page.evaluate("document.activeElement.outerHTML.slice(0, 80)"))
    return found


@pytest.mark.parametrize("size", [(360, 740), (320, 480), (320, 256), (1280, 500)])
def test_save_never_hides_the_focus(visitor: Visitors, gallery: str, size: tuple[int, int]) -> None:
    """H1 (2.4.11): every switch, link and fold is scrolled clear of it."""
    page = visitor(gallery, viewport={"width": size[0], "height": size[1]}).open("/cookies/")
    assert hidden_by_save(page) == []


def test_save_that_hides_the_focus_is_the_bad_twin(visitor: Visitors, gallery: str) -> None:
    page = visitor(gallery, viewport={"width": 320, "height": 480}).open("/cookies/")
    restyle(page, ".fcc-category * { scroll-margin: 0 !important; }")
    assert hidden_by_save(page)


# -- what is not saved yet ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_page_says_what_is_not_saved(visitor: Visitors, gallery: str, scripts: bool) -> None:
    """H8: a switch that was moved says so at once, one that was moved back does not, and saving ends it."""
    someone = visitor(gallery, java_script_enabled=scripts)
    page = someone.open("/cookies/")
    told = page.get_by_text("Not saved yet")
    assert told.is_hidden()
    for switch in ("service", "category"):
        moved = page.locator(f"#fcc-third_party input[name={switch}]").first
        moved.check()
        assert told.is_visible()
        moved.uncheck()
        assert told.is_hidden()
    moved.check()
    page.locator("button[value=save]").click()
    page.locator("#fcc-third_party .fcc-category-switch input:checked").wait_for()
    assert told.is_hidden()
    page.locator("#fcc-service-x input").uncheck()
    assert told.is_visible()


# -- what is told ------------------------------------------------------------------------------------------------------


def test_problem_has_the_focus(visitor: Visitors, gallery: str) -> None:
    """H7: a page that comes with a problem begins there, without a script; the box stands clear of what follows."""
    someone = visitor(gallery, java_script_enabled=False)
    page = someone.open("/cookies/")
    page.locator("#fcc-all [name=notice]").evaluate("each => { each.value = '0'.repeat(64) }")
    page.get_by_role("button", name="Accept all").click()

    page.locator(".fcc-problem:focus").wait_for()
    assert page.locator(".fcc-problem h2").text_content() == "Please press once more"
    assert page.get_by_text("Not saved yet").is_visible()
    assert box(page.locator(".fcc-state").first)["y"] - box(page.locator(".fcc-problem"))["bottom"] >= 16
    assert box(page.locator(".fcc-problem"))["y"] - box(page.locator("h1"))["bottom"] >= 8
    assert page.locator(".fcc-problem").evaluate("each => getComputedStyle(each).outlineStyle") == "none"


def test_removed_cookies_are_told_to_whoever_had_some(visitor: Visitors, gallery: str) -> None:
    """E4: not to who refused and had nothing; to who follows the link of a withdrawal, without a script too."""
    someone = visitor(gallery, java_script_enabled=False)
    page = someone.open("/cookies/")
    page.get_by_role("button", name="Reject all").click()
    told = page.get_by_text("Out of its reach:")
    assert page.locator("#fcc-removals").is_hidden()
    someone.open("/cookies/#fcc-removals")
    assert told.first.is_visible() and told.count() == 3

    someone.context.add_cookies([{"name": "_ga", "value": "1", "url": gallery}])
    someone.open("/cookies/")
    page.reload()
    assert page.locator("#fcc-removals li:visible strong").all_text_contents() == []


def test_cookie_that_comes_along_is_told(visitor: Visitors, gallery: str) -> None:
    """E4: the page with which it is removed names the service that it belongs to, and no other."""
    someone = visitor(gallery)
    page = someone.open("/cookies/")
    page.get_by_role("button", name="Reject all").click()
    someone.settle()
    someone.context.add_cookies([{"name": "_ga", "value": "1", "url": gallery}])
    someone.open("/cookies/")

    assert page.locator("#fcc-removals li:visible strong").all_text_contents() == ["Google Analytics"]
    assert "_ga" not in someone.cookies


def columns(page: Page) -> int:
    """Return the number of places at which cells begin in the widest table of a page."""
    starts: list[int] = page.locator(".fcc-table").evaluate_all(
        """tables => tables.map((table) => new Set([...table.querySelectorAll("tbody :is(th, td)")]
        .map((cell) => Math.round(cell.getBoundingClientRect().left))).size)"""
    )
    return max(starts)


def test_tables_of_cookies(visitor: Visitors, gallery: str) -> None:
    """C3, H6: columns are straight and named once; on a phone name and duration share a line; nothing is read twice."""
    page = visitor(gallery, viewport={"width": 1280, "height": 900}).open("/cookies/policy")
    table = page.locator("#fcc-policy-third_party ~ details .fcc-table").first
    assert columns(page) == 4
    assert table.locator("thead").is_visible()
    assert 'cell "Who can read it' not in table.aria_snapshot()

    page.set_viewport_size(PHONE)
    row = table.locator("tbody tr").first
    assert abs(box(row.locator("th"))["y"] - box(row.locator("td").nth(1))["y"]) <= 3
    assert "Who can read it" in row.locator("td").last.evaluate("each => getComputedStyle(each, '::before').content")
    assert 'cell "Who can read it' not in table.aria_snapshot()
    restyle(page, ".fcc-table td::before { content: attr(data-label) ': ' !important; }")
    assert 'cell "Who can read it' in table.aria_snapshot()
    restyle(page, ".fcc-table tr { display: grid !important; grid-template-columns: repeat(4, auto); }")
    page.set_viewport_size({"width": 1280, "height": 900})
    assert columns(page) > 4, "each row for itself"


@pytest.mark.parametrize("locale", ["en", "fi", "ar"])
def test_pages_fit_every_width(visitor: Visitors, gallery: str, locale: str) -> None:
    """H3, H4: nothing is cut off at any width, by day and by night, and axe-core finds nothing."""
    someone = visitor(gallery)
    page = someone.open(f"/cookies/?lang={locale}")
    page.locator("button[value=accept]").click()
    someone.settle()
    for path in PATHS:
        someone.open(f"{path}?lang={locale}")
        for width in (320, 360, 639, 641, 768, 1024, 1280):
            page.set_viewport_size({"width": width, "height": 740})
            fits(page)
        assert violations(page) == []
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size(PHONE)
        page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")
        fits(page)
        assert violations(page) == []
        page.emulate_media(color_scheme="light")


# -- paper, forced colours, the console --------------------------------------------------------------------------------


def test_paper_shows_switches_and_addresses(visitor: Visitors, gallery: str) -> None:
    """H4: on paper a switch that is on looks on, links of others have their address, and no button is left."""
    someone = visitor(gallery)
    page = someone.open("/cookies/policy")
    page.emulate_media(media="print")
    after = "each => getComputedStyle(each, '::after').content"
    links = page.locator(".fcc-policy a[href^=http]")
    assert links.count() > 3
    assert all(link.get_attribute("href") in link.evaluate(after) for link in links.all())  # type: ignore[operator]
    assert page.locator(".fcc-contents a").first.evaluate(after) == "none"
    someone.open("/cookies/")
    assert (
        page.locator(".fcc-switch input").first.evaluate("each => getComputedStyle(each).printColorAdjust") == "exact"
    )
    assert page.locator(".fcc-preferences button:visible").count() == 0


SHADES = """each => each.map((one) => getComputedStyle(one, "::before").backgroundColor)"""


def report(visitor: Visitors, **options: Any) -> Page:
    """Open the report of a week in which enough visitors answered for their number to be told."""
    for _ in range(3):
        voter = visitor()
        voter.open("/")
        voter.press("Accept all")
    return visitor(**options).open("/cookies/report")


@pytest.mark.parametrize("media", [{"media": "print"}, {"forced_colors": "active"}])
def test_legend_of_the_report(visitor: Visitors, media: dict[str, str]) -> None:
    """H4: on paper and in forced colours too the legend has the colours of the bars, three different ones."""
    page = report(visitor)
    page.emulate_media(**media)  # type: ignore[arg-type]
    legend = page.locator(".fcc-legend li")
    shades = legend.evaluate_all(SHADES)

    assert len(set(shades)) == 3
    assert page.locator("rect.fcc-accepted").first.evaluate("each => getComputedStyle(each).fill") == shades[0]
    exact = "each => getComputedStyle(each, '::before')"
    assert legend.first.evaluate(exact + ".printColorAdjust") == "exact"
    assert legend.first.evaluate(exact + ".forcedColorAdjust") == "none"


def test_report_has_an_axis_and_room_for_its_bullets(visitor: Visitors) -> None:
    """The chart says what its height stands for, and the list keeps its bullets inside of the page."""
    page = report(visitor, viewport=PHONE)
    axis = page.locator(".fcc-axis span")

    assert [text.isdigit() for text in axis.all_text_contents()] == [True, True]
    assert abs(box(axis.last)["bottom"] - box(page.locator(".fcc-chart"))["bottom"]) <= 8
    assert page.locator(".fcc-log").evaluate("each => parseFloat(getComputedStyle(each).paddingInlineStart)") >= 16


def said_in_console(visitor: Visitors, address: str, paths: tuple[str, ...]) -> list[str]:
    """Return what the browser says to developers on some pages."""
    someone = visitor(address)
    said: list[str] = []
    someone.page.on("console", lambda message: said.append(message.text))
    for path in paths:
        someone.visit(path)
    return said


def test_console_is_quiet(visitor: Visitors, address: str) -> None:
    """A developer meets no warning of ours on any page."""
    assert said_in_console(visitor, address, ("/", "/stories", *PATHS, "/cookies/report")) == []


def test_unknown_feature_is_said_in_the_console(visitor: Visitors) -> None:
    """The bad twin: a header with a feature that the browser does not know."""
    app = Flask("warned")
    headers = {"Permissions-Policy": "attribution-reporting=(), browsing-topics=()"}
    app.add_url_rule("/", "page", lambda: ("<!doctype html><title>A</title><link rel=icon href=data:,>", headers))
    with served(app) as at:
        assert ["attribution-reporting" in each for each in said_in_console(visitor, at, ("/",))] == [True]


# -- switches that were moved ------------------------------------------------------------------------------------------


def asked(page: Page, leave: Callable[[], None], moves: bool = True) -> int:
    """Move a switch and leave the page in some way; return how often the browser asked whether that is meant."""
    dialogs: list[str] = []

    def hear(dialog: Dialog) -> None:
        dialogs.append(dialog.type)
        dialog.accept()

    page.on("dialog", hear)
    page.wait_for_function("!!document.querySelector('.fcc-switches')")
    page.wait_for_load_state("networkidle")
    if moves:
        page.locator(".fcc-switch input").first.click()
    with page.expect_navigation():
        leave()
    page.remove_listener("dialog", hear)
    assert set(dialogs) <= {"beforeunload"}
    return len(dialogs)


def test_moved_switches_are_not_lost_unasked(visitor: Visitors, gallery: str) -> None:
    """B4: whoever walks away is asked; who saves, answers all at once or moved nothing has nothing to lose."""
    page = visitor(gallery).open("/cookies/")
    link = page.locator("footer a").first

    assert asked(page, link.click) == 1
    for name in ("Save choices", "Accept all", "Reject all"):
        page.goto(f"{gallery}/cookies/")
        assert asked(page, page.get_by_role("button", name=name).first.click) == 0, name
    assert asked(page, link.click, moves=False) == 0
