"""Our pieces inside forms of the site: its forms send their own fields, and our buttons do our work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from markupsafe import Markup

from .harness import Visitor, Visitors
from .little_sites import (
    LAYOUT,
    VIMEO,
    YOUTUBE,
    LittleSite,
    allowed,
    has_answered,
    make_little_site,
    running,
)

SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])

BUY = """<form method="post" action="/buy" id="order"><input name="name" value="Ada">PIECE
<select name="size"><option>S<option selected>M</select><textarea name="note">soon</textarea>
<button name="how" value="card">Buy</button></form>"""
BOUGHT = [("/buy", [("name", "Ada"), ("size", "M"), ("note", "soon"), ("how", "card")])]
STORED = Markup('<p>See</p><iframe src="https://www.youtube.com/embed/aqz-KE-bpKQ" title="A film"></iframe><p>end</p>')

#: One form around the whole page, as frameworks with a state of the page have it.
AROUND = LAYOUT.replace("{{ cookieconsent.banner() }}", BUY.partition("PIECE")[0] + "{{ cookieconsent.banner() }}")
AROUND = AROUND.replace("</footer>", BUY.partition("PIECE")[2] + "</footer>")


#: What the smallest piece with a form of its own does to them.
WITH_A_FORM = "<form><button>Ours</button></form>"

SENTENCE = '<p id="sentence">Before PIECE after</p>'


@pytest.fixture(scope="module")
def shop() -> Iterator[tuple[LittleSite, str]]:
    """A shop with a form around each of our pieces, and around none of ours."""
    pages = {
        "/embed": BUY.replace("PIECE", YOUTUBE),
        "/embeds": BUY.replace("PIECE", YOUTUBE + VIMEO),
        "/stored": BUY.replace("PIECE", "{{ stored|cookieconsent_embeds }}"),
        "/link": BUY.replace("PIECE", "{{ cookieconsent.link() }}"),
        "/twin": BUY.replace("PIECE", WITH_A_FORM),
        "/sentence": SENTENCE.replace("PIECE", "{{ cookieconsent.link() }}"),
        "/sentence-twin": SENTENCE.replace("PIECE", WITH_A_FORM),
        "/buy": "Thank you",
    }
    little = make_little_site(pages, context={"stored": STORED})
    with running(little) as address:
        yield little, address


@pytest.fixture(scope="module")
def around() -> Iterator[tuple[LittleSite, str]]:
    """A site with one form around each page."""
    little = make_little_site({"/all": YOUTUBE, "/buy": "Thank you"}, layout=AROUND)
    with running(little) as address:
        yield little, address


def buys(someone: Visitor, little: LittleSite, path: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Open a page, press the button of the site's own form, and return what the site was sent."""
    someone.visit(path)
    little.sent.clear()
    someone.press("Buy")
    return list(little.sent)


def loads_once(someone: Visitor) -> bool:
    """Press *Load once*, and tell whether the film came into its place."""
    someone.press("Load once")
    return any(each.url.endswith("/cookies/frame/youtube") for each in someone.page.frames[1:])


@SCRIPTS
@pytest.mark.parametrize("path", ["/embeds", "/stored", "/link"])
def test_form_around_a_piece_is_whole(
    visitor: Visitors, shop: tuple[LittleSite, str], path: str, scripts: bool
) -> None:
    """B5: the order is sent as the site wrote it, by those who refused and those who allowed."""
    little, address = shop
    someone = visitor(address, java_script_enabled=scripts)
    has_answered(someone, little)
    assert buys(someone, little, path) == BOUGHT

    has_answered(someone, little, "youtube", "vimeo")
    assert buys(someone, little, path) == BOUGHT


def test_form_around_a_piece_is_whole_twin(visitor: Visitors, shop: tuple[LittleSite, str]) -> None:
    """A form inside the form takes the rest of it away."""
    assert buys(visitor(shop[1]), shop[0], "/twin") != BOUGHT


@SCRIPTS
@pytest.mark.parametrize("path", ["/embed", "/stored"])
def test_buttons_of_an_embed_in_a_form_work(
    visitor: Visitors, shop: tuple[LittleSite, str], path: str, scripts: bool
) -> None:
    """A9: neither button sends the order."""
    little, address = shop
    someone = visitor(address, java_script_enabled=scripts)
    has_answered(someone, little)
    someone.visit(path)
    little.sent.clear()
    assert loads_once(someone)

    someone.visit(path)
    someone.press("Always allow YouTube")
    assert allowed(someone, little) == {"youtube"}
    assert someone.page.locator(".fcc-embed iframe").count() == 1
    assert little.sent == []
    assert someone.page.url.partition("#")[0] == address + path


@SCRIPTS
@pytest.mark.parametrize("path", ["/link", "/sentence"])
def test_withdrawal_in_a_form_or_a_sentence_works(
    visitor: Visitors, shop: tuple[LittleSite, str], path: str, scripts: bool
) -> None:
    """E2: one press, wherever the site put it."""
    little, address = shop
    someone = visitor(address, java_script_enabled=scripts)
    has_answered(someone, little, "youtube")
    someone.visit(path)
    little.sent.clear()
    someone.press("Withdraw consent")

    assert allowed(someone, little) == set()
    assert little.sent == []


def sentence(someone: Visitor, path: str) -> str:
    """Return the words of the sentence, as the browser took it."""
    page = someone.visit(path)
    return " ".join(page.locator("#sentence").inner_text().split())


@pytest.mark.parametrize("granted", [[], ["youtube"]], ids=["refused", "allowed"])
def test_link_in_a_sentence_leaves_it_whole(
    visitor: Visitors, shop: tuple[LittleSite, str], granted: list[str]
) -> None:
    """A browser ends a paragraph where a form begins."""
    someone = visitor(shop[1])
    has_answered(someone, shop[0], *granted)
    words = sentence(someone, "/sentence")

    assert words.startswith("Before") and "Cookie settings" in words and words.endswith("after")


def test_link_in_a_sentence_leaves_it_whole_twin(visitor: Visitors, shop: tuple[LittleSite, str]) -> None:
    assert sentence(visitor(shop[1]), "/sentence-twin") == "Before"


# -- one form around the page ------------------------------------------------------------------------------------------


@SCRIPTS
@pytest.mark.parametrize("granted", [None, [], ["youtube"]], ids=["asked", "refused", "allowed"])
def test_form_around_the_page_is_whole(
    visitor: Visitors, around: tuple[LittleSite, str], granted: list[str] | None, scripts: bool
) -> None:
    """The banner stands in it too, and the link at its end."""
    little, address = around
    someone = visitor(address, java_script_enabled=scripts)
    for _ in () if granted is None else (1,):
        has_answered(someone, little, *(granted or ()))

    assert buys(someone, little, "/all") == BOUGHT


@SCRIPTS
@pytest.mark.parametrize("name", ["Reject all", "Accept all", "Always allow YouTube", "Load once", "Withdraw consent"])
def test_buttons_inside_a_form_around_the_page_work(
    visitor: Visitors, around: tuple[LittleSite, str], name: str, scripts: bool
) -> None:
    """B1, E2: each does what it says, and sends nothing to the site's own form."""
    little, address = around
    someone = visitor(address, java_script_enabled=scripts)
    for _ in (1,) if name == "Withdraw consent" else ():
        has_answered(someone, little, "youtube")
    someone.visit("/all")
    little.sent.clear()
    someone.press(name)

    films = [each.url for each in someone.page.frames[1:] if each.url.endswith("/cookies/frame/youtube")]
    becomes = {"Accept all": {"google_analytics", "youtube", "vimeo"}, "Always allow YouTube": {"youtube"}}
    assert allowed(someone, little) == becomes.get(name, set())
    assert bool(films) == (name == "Load once")
    assert little.sent == []
