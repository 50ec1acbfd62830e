"""The interface as people meet it: every banner style, scheme, width and language, measured in a real browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from flask_cookieconsent.i18n import language as texts_of
from tests.kit.samples import SAMPLES
from tests.kit.sites import Site
from tests.test_translations import LANGUAGES

from .axe import violations
from .equality import check_equality
from .focus import covered, without_has
from .gallery import BANNER_STYLES, LAYOUT, STYLE, make_gallery, services
from .harness import Visitors, served

WIDTHS = (320, 360, 768, 1280, 1920)
#: Every text of ours with less contrast than level AAA asks for (WCAG 1.4.6); the grounds are plain colours.
PALE = """() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map((each) => each / 255)
      .map((each) => (each <= .04045 ? each / 12.92 : ((each + .055) / 1.055) ** 2.4));
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = (each) => {
    const own = each ? getComputedStyle(each).backgroundColor : "rgb(255, 255, 255)";
    return own === "rgba(0, 0, 0, 0)" ? ground(each.parentElement) : own;
  };
  return [...document.querySelectorAll("[class^=fcc-], [class^=fcc-] *")]
    .filter((each) => each.checkVisibility() && !each.closest(".fcc-hidden, iframe"))
    .filter((each) => [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((each) => {
      const [a, b] = [light(getComputedStyle(each).color), light(ground(each))];
      return [(Math.max(a, b) + .05) / (Math.min(a, b) + .05), each.outerHTML.slice(0, 80)];
    })
    .filter(([contrast]) => contrast < 7).map(([contrast, html]) => contrast.toFixed(2) + " " + html);
}"""
#: WCAG 1.4.12: what a reader may set without losing anything.
SPACING = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; }"


@pytest.fixture(scope="module", params=BANNER_STYLES)
def gallery(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    site = make_gallery(request.param)
    with served(site.app) as address:
        yield request.param, address


@pytest.fixture(scope="module")
def bar() -> Iterator[str]:
    """The site in its first banner style, for what no banner style changes."""
    site = make_gallery()
    with served(site.app) as address:
        yield address


def violations_and_pale_texts(page: Page) -> list[str]:
    """Return what axe-core finds wrong, and every text that is too pale for AAA."""
    pale: list[str] = page.evaluate(PALE)
    return violations(page) + pale


def fits(page: Page) -> None:
    """Check that nothing is cut off or has to be scrolled sideways (1.4.10)."""
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
    assert (
        page.evaluate("""() => [...document.querySelectorAll(".fcc-banner *, .fcc-saved *, .fcc-preferences *")]
        .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).overflowX !== "visible"
            && !each.closest(".fcc-hidden, .fcc-table thead")).map((each) => each.outerHTML.slice(0, 80))""")
        == []
    )


@pytest.mark.parametrize("locale", ["de", "ar"])
def test_axe_finds_nothing(visitor: Visitors, gallery: tuple[str, str], locale: str) -> None:
    """H4, H6: three banner styles, two schemes, two directions, five widths."""
    page = visitor(gallery[1]).open(f"/?lang={locale}")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert violations_and_pale_texts(page) == [], (scheme, width)
            fits(page)
            check_equality(page)


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy", "/"])
@pytest.mark.parametrize("locale", ["en", "he"])
def test_axe_finds_nothing_after_a_choice(visitor: Visitors, bar: str, path: str, locale: str) -> None:
    """H4: the preferences, the policy, embeds and placeholders, with AAA contrast, wide by day and narrow by night."""
    someone = visitor(bar)
    page = someone.open(f"/?lang={locale}")
    page.locator(".fcc-banner button[value=reject]").click()
    someone.settle()
    assert violations_and_pale_texts(page) == []
    for scheme, width in (("light", 1280), ("dark", 320)):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": width, "height": 800})
        someone.open(f"{path}?lang={locale}")
        assert violations_and_pale_texts(page) == []
        fits(page)


def test_low_contrast_is_found(visitor: Visitors) -> None:
    """Grey that passes AA and no more is found, and so is a refusal that is a little smaller."""
    site = make_gallery(style=":root { --fcc-quiet: #707070; }")
    with served(site.app) as address:
        page = visitor(address).open("/")
        assert any(each.startswith("4.95 <dd>") for each in violations_and_pale_texts(page))
        page.locator(".fcc-banner button[value=reject]").evaluate("each => { each.style.fontSize = '.9em' }")
        with pytest.raises(AssertionError):
            check_equality(page)


def test_choice_is_equal_in_every_language(visitor: Visitors, gallery: tuple[str, str]) -> None:
    """B1, B2, B6: the same element, size and colours, by day and by night, on the narrowest screen."""
    page = visitor(gallery[1], viewport={"width": 320, "height": 640}).page
    # The narrowest banner is the same in every style, so one of them speaks all languages.
    for locale in ("en", *LANGUAGES) if gallery[0] == "bar" else ("en", "de", "fi", "ar", "nb", "ja"):
        page.goto(f"{gallery[1]}/?lang={locale}", wait_until="domcontentloaded")
        banner = page.locator(".fcc-banner")
        assert banner.get_attribute("lang") == page.locator("html").get_attribute("lang") == texts_of(locale).tag
        assert banner.get_attribute("dir") == texts_of(locale).direction
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            check_equality(page)
        fits(page)


def test_text_can_be_twice_as_large(visitor: Visitors, gallery: tuple[str, str]) -> None:
    """1.4.4, 1.4.10, 1.4.12: 200 % text, 400 % zoom and wide spacing lose nothing, and both answers are reached."""
    someone = visitor(gallery[1], viewport={"width": 1280, "height": 800})
    page = someone.open("/?lang=fi")
    page.add_style_tag(content=":root { font-size: 200%; }")
    fits(page)
    page.set_viewport_size({"width": 320, "height": 256})  # 1280 by 1024 at 400 %
    someone.open("/?lang=fi")
    page.add_style_tag(content=SPACING)
    fits(page)
    for each in ("accept", "reject"):
        button = page.locator(f".fcc-banner button[value={each}]")
        button.focus()
        box = button.bounding_box()
        assert box is not None and box["y"] >= 0 and box["y"] + box["height"] <= 256


@pytest.mark.parametrize("path", ["/", "/cookies/"])
def test_everything_to_press_is_large_enough(visitor: Visitors, bar: str, path: str) -> None:
    """H2 (2.5.5, 2.5.8): 44 px, but for links inside a sentence."""
    someone = visitor(bar, viewport={"width": 360, "height": 640})
    page = someone.open(path)
    small = page.evaluate("""() => [...document.querySelectorAll(
        ".fcc-button, .fcc-switch, summary, .fcc-actions > a, .fcc-links a, .fcc-saved a, .fcc-link a, .fcc-share")]
      .filter((each) => each.checkVisibility())
      .filter((each) => { const box = each.getBoundingClientRect(); return box.height < 43.9 || box.width < 44; })
      .map((each) => each.outerHTML.slice(0, 90))""")

    assert small == []


def test_forced_colours_are_kept(visitor: Visitors, bar: str) -> None:
    """H4: with forced colours a switch that is on still differs from one that is off, and buttons have an edge."""
    someone = visitor(bar, forced_colors="active")
    page = someone.open("/cookies/")
    box = page.locator("input[name=service]").first
    shade = "each => getComputedStyle(each).backgroundColor"
    off = box.evaluate(shade)
    box.check()

    assert box.evaluate(shade) != off
    assert page.locator(".fcc-button").first.evaluate("each => getComputedStyle(each).borderTopWidth") != "0px"


def test_banner_is_not_printed(visitor: Visitors, gallery: tuple[str, str]) -> None:
    page = visitor(gallery[1]).open("/")
    page.emulate_media(media="print")

    assert page.locator(".fcc-banner").is_hidden()
    assert page.locator("h1").is_visible()


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_banner_follows_the_colour_scheme_of_the_site(visitor: Visitors, scheme: str) -> None:
    """A site that is always dark, or says nothing, has a banner like it, whatever the visitor's system likes."""
    site = make_gallery(style=":root { color-scheme: dark; }" if scheme == "dark" else "body { color: black; }")
    with served(site.app) as address:
        page = visitor(address, color_scheme="light" if scheme == "dark" else "dark").open("/")
        ground = page.locator(".fcc-banner").evaluate("each => getComputedStyle(each).backgroundColor")

    assert ground == {"dark": "rgb(21, 27, 38)", "light": "rgb(255, 255, 255)"}[scheme]


@pytest.mark.parametrize(
    ("stopped", "style"),
    [
        (["fcc.css"], "/* no style */"),
        (["fcc.js"], "/* no style */"),
        (["fcc.css", "fcc.js"], "/* no style */"),
        ([], ".fcc-banner { display: none !important; }"),
    ],
)
def test_content_blocker_grants_nothing(visitor: Visitors, bar: str, stopped: list[str], style: str) -> None:
    """A blocker that hides the banner or stops our files decides nothing, and the preferences are still there."""
    someone = visitor(bar)
    page = someone.page
    for name in stopped:
        page.route(f"**/{name}", lambda route: route.abort())
    someone.visit("/")
    page.add_style_tag(content=style)

    assert someone.strangers == set() and someone.cookies == {}
    assert page.locator(".fcc-embed").count() == 0
    page.get_by_role("link", name="Cookie settings").click()
    page.get_by_role("button", name="Reject all").first.click()
    someone.settle()
    assert "cookieconsent" in someone.cookies


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"the keyboard never reaches {selector}")


@pytest.mark.parametrize("scripts", [True, False])
def test_keyboard_does_everything(visitor: Visitors, bar: str, scripts: bool) -> None:
    """H5: choosing one, hiding the word, loading once, allowing always and withdrawing, by Tab and keys alone."""
    someone = visitor(bar, java_script_enabled=scripts)
    page = someone.open("/")
    tab_to(page, ".fcc-choose")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="Cookie settings").wait_for()
    tab_to(page, "#fcc-service-x input")
    page.keyboard.press("Space")
    tab_to(page, "button[value=save]")
    page.keyboard.press("Enter")
    page.locator("#fcc-saved:focus").wait_for()
    assert page.locator("#fcc-service-x input").is_checked()

    someone.open("/")
    tab_to(page, ".fcc-load")
    page.keyboard.press("Enter")
    page.locator(".fcc-once").wait_for(state="visible")
    someone.open("/")
    tab_to(page, "button[value=allow]")
    page.keyboard.press("Enter")
    page.locator(".fcc-embed:focus").wait_for()
    page.locator("#fcc-saved a[href='#fcc-hidden']").focus()
    page.keyboard.press("Enter")
    page.locator("#fcc-saved").wait_for(state="hidden")
    tab_to(page, ".fcc-withdraw")
    page.keyboard.press("Enter")
    page.locator("#fcc-saved:focus").wait_for()
    assert page.locator(".fcc-embed").count() == 0


@pytest.fixture(scope="module", params=BANNER_STYLES)
def skipping(request: pytest.FixtureRequest) -> Iterator[str]:
    """The site with links to skip to the content, before the banner and after it."""
    skip = """<a class="skip" href="#A">{} the banner</a>"""
    before, after = "<body>" + skip.format("Before"), skip.format("After") + "<main>"
    layout = LAYOUT.replace("<body>", before).replace("<main>", after)
    style = (
        STYLE
        + """.skip { position: absolute; top: 0; left: 0; padding: .5rem; transform: translateY(-110%); }
    .skip:focus { transform: none; }"""
    )
    site = make_gallery(request.param, style=style, templates={"layout.html": layout})
    with served(site.app) as address:
        yield address


@pytest.mark.parametrize("browse", [lambda page: None, without_has], ids=["new", "old"])
@pytest.mark.parametrize("size", [(1280, 900), (320, 256), (360, 740)])
def test_focus_is_never_hidden(
    visitor: Visitors, skipping: str, size: tuple[int, int], browse: Callable[[Page], None]
) -> None:
    """H1 (2.4.11): in every banner style, whatever has the focus is at least partly to be seen, in both directions."""
    someone = visitor(skipping, viewport={"width": size[0], "height": size[1]})
    browse(someone.page)
    assert covered(someone.open("/")) == []


@pytest.mark.parametrize("size", [(320, 256), (360, 740)])
def test_focus_is_never_hidden_by_the_confirmation(visitor: Visitors, skipping: str, size: tuple[int, int]) -> None:
    """H1 (2.4.11): nor by the word that a choice is saved."""
    someone = visitor(skipping, viewport={"width": size[0], "height": size[1]})
    page = someone.open("/")
    someone.press("Reject all")
    assert page.locator("#fcc-saved").is_visible()
    assert covered(page) == []


@pytest.mark.parametrize(
    ("banner_style", "style", "what"),
    [
        ("bar", "html { scroll-padding: 0 !important; padding: 0 !important; }", "Tab: <a"),
        ("inline", ".fcc-banner { z-index: 9; position: sticky !important; }", 'Tab: <a class="skip'),
    ],
)
def test_banner_that_covers_the_page_is_the_bad_twin(
    visitor: Visitors, banner_style: str, style: str, what: str
) -> None:
    layout = LAYOUT.replace("<main>", '<a class="skip" href="#A" style="position: absolute; top: 0">Skip</a><main>')
    site = make_gallery(banner_style, templates={"layout.html": layout})
    with served(site.app) as address:
        page = visitor(address, viewport={"width": 360, "height": 740}).open("/")
        page.add_style_tag(content=style)
        assert [each for each in covered(page) if each.startswith(what)]


# -- many services -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def long_list() -> Iterator[tuple[Site, str]]:
    """A site with every service of the catalogue, and some of its own: forty and more."""
    declared = [*services(), *(each.service for each in SAMPLES)]
    site = make_gallery(declared=list({each.id: each for each in declared}.values()))
    with served(site.app) as address:
        yield site, address


def test_forty_services_stay_easy(visitor: Visitors, long_list: tuple[Site, str]) -> None:
    """Groups are folded, open without scripts, found from a link, and say in words when they are partly on."""
    site, address = long_list
    someone = visitor(address, viewport={"width": 360, "height": 740})
    page = someone.open("/cookies/")
    assert page.locator("input[name=service]").count() >= 35
    assert page.evaluate("document.documentElement.scrollHeight") < 6_000
    assert violations_and_pale_texts(page) == []

    group = page.locator("#fcc-third_party")
    words = group.get_by_text("some are on")
    assert words.is_hidden()
    group.locator(".fcc-fold > summary").click()
    group.locator("input[name=service]").first.check()
    assert words.is_visible()
    group.locator("input[name=category]").check()
    assert words.is_hidden()
    assert group.locator("input[name=service]:not(:checked)").count() == 0

    someone.open("/cookies/#fcc-service-youtube")
    page.locator("#fcc-service-youtube").wait_for(state="visible")


def test_partly_allowed_group_is_open_without_scripts(visitor: Visitors, long_list: tuple[Site, str]) -> None:
    someone = visitor(long_list[1], java_script_enabled=False)
    page = someone.open("/cookies/")
    page.locator("#fcc-third_party .fcc-fold > summary").click()
    page.locator("#fcc-service-youtube input").check()
    someone.press("Save choices")

    group = page.locator("#fcc-third_party")
    assert group.locator(".fcc-fold[open]").count() == 1
    assert group.get_by_text("some are on").is_visible()


# -- what is read aloud ------------------------------------------------------------------------------------------------

BANNER = """
- region "We use cookies":
  - heading "We use cookies" [level=2]
  - paragraph:
    - text: /Some make this site work/
  - term: Functionality cookies
  - definition
  - term: Tracking cookies
  - definition
  - term: Performance cookies
  - definition
  - term: Third party cookies
  - definition
  - paragraph
  - button "Accept all"
  - button "Reject all"
  - link "Choose cookies"
  - link "Cookie policy"
"""
PREFERENCES = """
- group "Performance cookies":
  - heading "Performance cookies" [level=2]
  - text: Allow Performance cookies
  - checkbox "Allow Performance cookies"
  - paragraph
  - paragraph
  - list:
    - listitem:
      - heading "Google Analytics" [level=3]
      - paragraph
      - group: Provider and cookies Google Analytics
- group "Third party cookies":
  - heading "Third party cookies" [level=2]
  - text: Allow Third party cookies
  - checkbox "Allow Third party cookies"
  - paragraph
  - paragraph
  - group:
    - text: /Services. 3 Third party cookies/
    - list:
      - listitem:
        - heading "YouTube" [level=3]
        - checkbox "YouTube"
        - paragraph: Shows videos inside our pages.
        - group: Provider and cookies YouTube
"""
PLACEHOLDER = """
- group "Big Buck Bunny":
  - paragraph: Big Buck Bunny
  - paragraph:
    - link /Privacy policy of/
  - button "Load once Big Buck Bunny"
  - button "Always allow YouTube"
  - link "Open on YouTube Big Buck Bunny"
"""
SAVED = """
- 'region "Your cookie choice is saved: everything optional is off."':
  - paragraph:
    - text: "Your cookie choice is saved: everything optional is off."
    - link "Cookie settings"
    - link "Hide this message"
"""


def test_accessibility_tree_of_pages(visitor: Visitors, gallery: tuple[str, str]) -> None:
    """H6: names, roles and states in the order in which a screen reader says them."""
    from playwright.sync_api import expect

    someone = visitor(gallery[1])
    page = someone.open("/")
    expect(page.locator("body")).to_match_aria_snapshot(BANNER)
    expect(page.locator("main")).to_match_aria_snapshot(PLACEHOLDER)
    someone.press("Reject all")
    expect(page.locator("body")).to_match_aria_snapshot(SAVED)
    someone.open("/cookies/")
    expect(page.locator(".fcc-preferences")).to_match_aria_snapshot(PREFERENCES)


def test_nameless_switch_is_the_bad_twin(visitor: Visitors, bar: str) -> None:
    from playwright.sync_api import expect

    page = visitor(bar).open("/cookies/")
    page.locator("#fcc-third_party .fcc-category-switch").evaluate("each => each.replaceWith(each.lastElementChild)")
    with pytest.raises(AssertionError):
        expect(page.locator(".fcc-preferences")).to_match_aria_snapshot(PREFERENCES, timeout=500)
