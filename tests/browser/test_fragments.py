"""Content that comes later: by fetch, htmx, Turbo, Unpoly, into a dialog, at the end of a list, in a frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import trustme
from flask import Response, render_template_string
from playwright.sync_api import Page

from .harness import Stub, Visitor, Visitors
from .little_sites import (
    DRIVERS,
    EMBED,
    NO_DRIVER,
    OTHER_YOUTUBE,
    PATIENCE,
    PLACEHOLDER,
    SOON,
    VIMEO,
    YOUTUBE,
    Driver,
    LittleSite,
    allowed,
    comes,
    has_answered,
    is_marked,
    make_little_site,
    mark,
    needs_drivers,
    running,
    vendors,
    without_our_script,
)


@dataclass(frozen=True)
class Way:
    """A way in which content comes into the element `later` of a page, once *more* is pressed or scrolled to."""

    library: str
    more: str
    scrolls: bool = False


FETCH = "fetch('/part').then(r => r.text()).then(t => { document.getElementById('later').innerHTML = t; })"
FAR = '<div style="block-size: 3000px"></div>'
GET = '<button id="more" hx-get="/part" hx-target="#later">More</button><div id="later"></div>'
REVEALED = FAR + '<div id="later" hx-get="/part" hx-trigger="revealed">…</div>'
FRAME = '<a id="more" href="/framed" data-turbo-frame="later">More</a><turbo-frame id="later"></turbo-frame>'
STREAM = '<form method="post" action="/append"><button id="more">More</button></form><div id="later"></div>'
TARGET = '<a id="more" href="/framed" up-target="#later">More</a><div id="later"></div>'
WAYS = {
    "fetch": Way("", f'<button id="more" onclick="{FETCH}">More</button><div id="later"></div>'),
    "dialog": Way(
        "",
        f'<button id="more" onclick="dialog.showModal(); {FETCH}">More</button>'
        '<dialog id="dialog"><div id="later"></div></dialog>',
    ),
    "htmx2 get": Way("htmx2", GET),
    "htmx4 get": Way("htmx4", GET),
    "htmx2 revealed": Way("htmx2", REVEALED, scrolls=True),
    "htmx4 revealed": Way("htmx4", REVEALED, scrolls=True),
    "turbo frame": Way("turbo", FRAME),
    "turbo lazy frame": Way("turbo", FAR + '<turbo-frame id="later" src="/framed" loading="lazy"></turbo-frame>', True),
    "turbo stream": Way("turbo", STREAM),
    "unpoly target": Way("unpoly", TARGET),
}
PART = VIMEO + OTHER_YOUTUBE


def make_growing(way: Way) -> LittleSite:
    """Return a site whose page has one embed, and gets two more."""
    library = Driver(DRIVERS[way.library].library) if way.library else NO_DRIVER
    little = make_little_site({"/page": YOUTUBE + way.more}, library)
    little.add("/part", PART)
    tag = "turbo-frame" if way.library == "turbo" else "div"
    little.add("/framed", f'<{tag} id="later">{PART}</{tag}>')

    def append() -> Response:
        text = f'<turbo-stream action="append" target="later"><template>{PART}</template></turbo-stream>'
        return Response(render_template_string(text), mimetype="text/vnd.turbo-stream.html")

    little.site.app.add_url_rule("/append", "append", append, methods=["POST"])
    return little


@pytest.fixture(scope="module", params=[pytest.param(each, id=each, marks=needs_drivers) for each in WAYS])
def growing(request: pytest.FixtureRequest) -> Iterator[tuple[Way, LittleSite, str]]:
    way = WAYS[request.param]
    little = make_growing(way)
    with running(little) as address:
        yield way, little, address


@pytest.fixture(scope="module")
def fetching() -> Iterator[tuple[Way, LittleSite, str]]:
    """The plainest of them."""
    little = make_growing(WAYS["fetch"])
    with running(little) as address:
        yield WAYS["fetch"], little, address


def more(someone: Visitor, way: Way, little: LittleSite) -> Page:
    """Open the page as somebody who refused, and have the rest of it come."""
    has_answered(someone, little)
    page = someone.visit("/page")
    page.evaluate("scrollTo(0, 9999)" if way.scrolls else "document.getElementById('more').click()")
    page.locator("#later .fcc-placeholder[data-service=youtube]").wait_for(timeout=PATIENCE)
    someone.settle()
    mark(page)
    return page


ONCE = """(selector) => [...document.querySelectorAll(selector)]
  .map((each) => each.contentWindow?.location.pathname).filter((path) => path?.startsWith("/cookies/frame/"))"""


def loads_once(someone: Visitor, page: Page, within: int = PATIENCE) -> dict[str, Any]:
    """Load both embeds that came later, once; return what came where."""
    for service in ("vimeo", "youtube"):
        place = page.locator(f"#later .fcc-placeholder[data-service={service}]")
        place.get_by_role("button", name="Load once").click()
        path = f"/cookies/frame/{service}"
        inside = f"document.querySelectorAll('#later .fcc-placeholder[data-service={service}] .fcc-once')"
        comes(page, f"[...{inside}].some((each) => each.contentWindow.location.pathname === '{path}')", within)
    return {
        "later": page.evaluate(ONCE, "#later .fcc-once"),
        "here": page.evaluate(ONCE, "main > .fcc-placeholder .fcc-once"),
        "places": len(set(page.eval_on_selector_all(".fcc-placeholder", "all => all.map((each) => each.id)"))),
        "stays": is_marked(page) and page.url == someone.address + "/page",
    }


def always_allows(someone: Visitor, page: Page, service: str, name: str) -> dict[str, Any]:
    """Always allow one of what came later; return what is seen."""
    page.locator("#later").get_by_role("button", name=f"Always allow {name}").click()
    filled = comes(page, f"document.querySelector('#later .fcc-embed[data-service={service}] iframe')")
    someone.settle()
    return {
        "filled": filled,
        "later": page.locator("#later .fcc-embed iframe").count(),
        "here": page.locator("main > .fcc-embed iframe").count(),
        "held back": page.locator(".fcc-placeholder").count(),
        "stays": is_marked(page) and page.url == someone.address + "/page",
    }


def test_content_that_comes_later_works(visitor: Visitors, growing: tuple[Way, LittleSite, str]) -> None:
    """A6, A9: two requests made the places of one page; none is taken for another, and no press leads away from it."""
    way, little, address = growing
    someone = visitor(address)
    page = more(someone, way, little)

    frames = ["/cookies/frame/vimeo", "/cookies/frame/youtube"]
    assert loads_once(someone, page) == {"later": frames, "here": [], "places": 3, "stays": True}
    page = more(someone, way, little)
    one = always_allows(someone, page, "vimeo", "Vimeo")
    assert one == {"filled": True, "later": 1, "here": 0, "held back": 2, "stays": True}
    both = always_allows(someone, page, "youtube", "YouTube")
    assert both == {"filled": True, "later": 2, "here": 1, "held back": 0, "stays": True}
    assert allowed(someone, little) == {"youtube", "vimeo"}


def test_content_that_comes_later_works_twin(visitor: Visitors, fetching: tuple[Way, LittleSite, str]) -> None:
    """Nothing but our script can know of what came later."""
    way, little, address = fetching
    someone = without_our_script(visitor(address))

    assert loads_once(someone, more(someone, way, little), SOON)["later"] == []


# -- the script interface ----------------------------------------------------------------------------------------------

#: An app of one page may keep pieces of pages, from before a choice, and show them after it.
KEEP = "async () => { window.piece = await (await fetch('/part')).text(); }"
SHOW = "() => { later.innerHTML = window.piece; }"
FILL = "() => { window.cookieconsent.fill(later); }"


@pytest.fixture
def keeping(fetching: tuple[Way, LittleSite, str], visitor: Visitors) -> Visitor:
    """Somebody who allowed Vimeo in a document, which shows a piece from before that choice again."""
    _, little, address = fetching
    someone = visitor(address)
    has_answered(someone, little)
    page = someone.visit("/page")
    page.evaluate(KEEP)
    page.evaluate(SHOW)
    someone.press("Always allow Vimeo")
    page.evaluate(SHOW)
    return someone


def test_fill_shows_what_is_allowed(keeping: Visitor, stub: Stub) -> None:
    """A6: a site may have its own pieces filled, with what is allowed and nothing else."""
    start = len(stub.asked)
    keeping.page.evaluate(FILL)

    assert comes(keeping.page, EMBED.format("vimeo"))
    keeping.settle()
    assert keeping.page.locator("#later .fcc-placeholder[data-service=youtube]").count() == 1
    assert [each for each in vendors(stub, start) if "vimeo" not in each] == []


def test_fill_shows_what_is_allowed_twin(keeping: Visitor) -> None:
    """Without it the piece is as it was."""
    assert not comes(keeping.page, EMBED.format("vimeo"), SOON)
    assert comes(keeping.page, PLACEHOLDER.format("vimeo"))


# -- the shapes of pasted frames ---------------------------------------------------------------------------------------

#: Frames as editors paste them, by their width and height.
PASTED = {"wide": (560, 315), "tall": (315, 560), "square": (400, 400)}
STORED = "".join(
    f'<iframe src="https://www.youtube.com/embed/aqz-KE-bpK{number}" width="{width}" height="{height}"></iframe>'
    for number, (width, height) in enumerate(PASTED.values())
)
KEEPS_SHAPE = 'now.className = now.className.replace(shape, shape.exec(each.className) ?? "$&");'
SHAPES = """all => all.map((each) => {
  const box = each.getBoundingClientRect();
  return [each.className.match(/fcc-shape-(\\w+)/)[1], Math.round((100 * box.width) / box.height)];
})"""


def shapes(visitor: Visitors, change: Callable[[str], str]) -> dict[str, list[Any]]:
    """Return shape and ratio of pasted frames as they wait, and in the same document once they are allowed."""
    little = make_little_site({"/page": "{{ stored|safe|cookieconsent_embeds }}"}, context={"stored": STORED})
    little.rewrite("text/javascript", change)
    with running(little) as address:
        someone = visitor(address)
        has_answered(someone, little)
        page = someone.visit("/page")
        before = page.eval_on_selector_all(".fcc-placeholder", SHAPES)
        mark(page)
        page.get_by_role("button", name="Always allow YouTube").first.click()
        page.wait_for_function("document.querySelectorAll('.fcc-embed iframe').length === 3", timeout=PATIENCE)
        assert is_marked(page)
        return {"before": before, "after": page.eval_on_selector_all(".fcc-embed", SHAPES)}


def test_pasted_shape_stays(visitor: Visitors) -> None:
    """A9: what was pasted upright or square keeps its space when it is allowed, and the page does not move."""
    found = shapes(visitor, str)

    assert [shape for shape, _ in found["before"]] == list(PASTED)
    assert found["after"] == found["before"]


def test_pasted_shape_stays_twin(visitor: Visitors) -> None:
    """The server, which is asked for a video by its address, knows nothing of a pasted frame."""
    found = shapes(visitor, lambda script: script.replace(KEEPS_SHAPE, ""))

    assert [shape for shape, _ in found["after"]] == ["wide", "wide", "wide"]


# -- a page of the site in a frame of the site -------------------------------------------------------------------------


FRAMED = '<iframe id="inner" src="{}" style="inline-size: 900px; block-size: 700px"></iframe>'


@pytest.fixture(scope="module")
def framing(authority: trustme.CA) -> Iterator[str]:
    """Over TLS, where browsers say that a form comes out of a frame."""
    little = make_little_site({"/outer": FRAMED.format("/inner"), "/inner": YOUTUBE})
    # One that says nothing of cookies itself, so that the question is asked inside.
    little.add("/bare-outer", FRAMED.format("/inner"))
    little.add("/outer-twin", FRAMED.format("/bare"))
    little.add("/bare", '<a href="/cookies/">Cookie settings</a>')
    with running(little, authority) as address:
        yield address


def is_led_to_the_preferences(someone: Visitor, path: str, link: str, within: int = PATIENCE) -> bool:
    """Follow a link in a page inside a frame, and tell whether the preferences came, which are in no frame."""
    page = someone.visit(path)
    page.frame_locator("#inner").get_by_role("link", name=link).first.evaluate("each => each.click()")
    return comes(page, "location.pathname === '/cookies/'", within)


@pytest.mark.parametrize("link", ["Choose cookies", "Cookie settings"])
def test_links_in_a_frame_lead_somewhere(visitor: Visitors, framing: str, link: str) -> None:
    """B4: the preferences forbid frames, so their links leave them."""
    assert is_led_to_the_preferences(visitor(framing), "/bare-outer", link)


def test_links_in_a_frame_lead_somewhere_twin(visitor: Visitors, framing: str) -> None:
    assert not is_led_to_the_preferences(visitor(framing), "/outer-twin", "Cookie settings", SOON)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("name", ["Accept all", "Always allow YouTube"])
def test_press_in_a_frame_leads_somewhere(visitor: Visitors, framing: str, name: str, scripts: bool) -> None:
    """Nothing is granted there, which is said, and the link of what is said leads to a page."""
    someone = visitor(framing, java_script_enabled=scripts)
    page = someone.visit("/bare-outer")
    frame = page.frame_locator("#inner")
    frame.get_by_role("button", name=name).first.click()
    link = frame.get_by_role("link", name="Go to the cookie settings")
    link.click()
    page.wait_for_url("**/cookies/")

    assert [each.url for each in page.frames if "chrome-error" in each.url] == []
    assert someone.cookies == {}
