"""Embeds in pages: the placeholder, and the frame that replaces it."""

from __future__ import annotations

import re
from importlib.resources import files

from bs4 import Tag

from flask_cookieconsent.core.kinds import KINDS
from tests.kit.pages import REMOTE, loaded
from tests.kit.sites import FILM, make_site, soup_of


def names_of(placeholder: Tag) -> list[str]:
    """Return what a screen reader calls the buttons of a placeholder."""
    return [" ".join(each.text.split()) for each in placeholder.select("button")]


def test_placeholder_tells_before_it_loads() -> None:
    """A9: the placeholder names the content, who receives what, and offers once, always and an ordinary link."""
    placeholder = soup_of(make_site().visitor().get("/")).select_one(".fcc-placeholder")

    assert placeholder
    assert "A film" in placeholder.text
    assert "Example Media SA" in placeholder.text
    assert "IP address" in placeholder.text
    assert names_of(placeholder) == ["Load once A film", "Always allow Example Films"]
    assert placeholder.select_one(f'a[href="{FILM}"]')
    assert not placeholder.select("img, [src]")
    assert "fcc-shape-wide" in placeholder["class"]


GLYPHS = files("flask_cookieconsent").joinpath("static", "embeds.svg").read_text("utf-8")


def glyphs_in(sprite: str) -> set[str]:
    """Return the names of the glyphs that take the colour of what is around them."""
    return set(re.findall(r'<symbol id="(\w+)"[^>]* stroke="currentColor"', sprite))


def test_every_kind_has_a_glyph() -> None:
    """A9: a placeholder shows what is to come, by a picture of this site, that has a size without the style sheet."""
    (film, post) = soup_of(make_site().visitor().get("/")).select(".fcc-placeholder-title svg")

    assert glyphs_in(GLYPHS) == set(KINDS)
    assert [each.use["href"].partition("/embeds.svg#")[2] for each in (film, post)] == ["video", "post"]
    assert {(each["aria-hidden"], each["width"], each["height"]) for each in (film, post)} == {("true", "40", "40")}


def test_kind_without_a_glyph_is_the_bad_twin() -> None:
    assert set(KINDS) - glyphs_in(GLYPHS.replace('id="map"', 'id="chart"')) == {"map"}


def misnamed(placeholder: Tag) -> list[str]:
    """Return what is read to nobody's use: hidden words that begin with a sign, after which a screen reader pauses."""
    return [each.text for each in placeholder.select(".fcc-hidden") if not each.text[:1].isalnum()]


def test_hidden_words_begin_with_a_word() -> None:
    """H6: the name of a button begins with what is seen on it, and no sign stands alone."""
    assert misnamed(soup_of(make_site().visitor().get("/")).select_one(".fcc-placeholder")) == []


def test_hidden_words_that_begin_with_a_sign_are_the_bad_twin() -> None:
    own = '<div class="fcc-placeholder"><button>Load<span class="fcc-hidden">: {{ title }}</span></button></div>'
    site = make_site(templates={"cookieconsent/placeholder.html": own})

    assert misnamed(soup_of(site.visitor().get("/")).select_one(".fcc-placeholder")) == [": A film"]


def test_policy_lets_the_glyph_through() -> None:
    """A9: to a policy it is an image of the site; a page without a placeholder needs none."""
    site = make_site()
    site.app.after_request(lambda response: response.headers.extend({"Content-Security-Policy": NO_IMAGES}) or response)
    visitor = site.visitor()

    assert "img-src 'self'" in visitor.get("/").headers["Content-Security-Policy"]
    assert "img-src 'none'" in visitor.get("/about").headers["Content-Security-Policy"]


NO_IMAGES = "default-src 'self'; img-src 'none'"


def test_allowed_embed_is_the_rebuilt_frame() -> None:
    """A9: what is allowed is the provider's frame, rebuilt, lazy, titled and with a referrer policy."""
    visitor = make_site().visitor()
    visitor.press(visitor.get("/"), "Always allow Example Films")

    frame = soup_of(visitor.get("/")).select_one(".fcc-embed iframe")

    assert frame
    assert frame["src"] == REMOTE["films"]
    assert (frame["title"], frame["loading"]) == ("A film", "lazy")
    assert frame["referrerpolicy"] == "strict-origin-when-cross-origin"


def test_load_once_shows_that_embed_and_stores_nothing() -> None:
    """A9: one press loads one embed; nothing is kept, so the next page has its placeholder again."""
    site = make_site()
    visitor = site.visitor()

    frame = visitor.press(visitor.get("/"), "Load once", headers={"Sec-Fetch-Dest": "iframe"})

    assert frame.status_code == 200
    assert [each["src"] for each in soup_of(frame).select("iframe")] == [REMOTE["films"]]
    assert frame.headers.getlist("Set-Cookie") == []
    assert frame.cache_control.no_store
    # Where the site is dark, nothing white is seen before the provider's own page is.
    assert soup_of(frame).select_one('meta[name="color-scheme"]')["content"] == "light dark"
    assert loaded(visitor.get("/").text) == (set(), set())
    assert site.events() == []


def test_each_placeholder_loads_into_its_own_frame() -> None:
    """A9: two embeds of a page, of one film too, have two places."""
    site = make_site(
        templates={"home.html": "{{ cookieconsent.embed(film, title='A') }}" * 2 + "{{ cookieconsent.link() }}"}
    )

    soup = soup_of(site.visitor().get("/"))

    names = [each["name"] for each in soup.select("iframe[name]")]
    assert len(set(names)) == 2
    assert [each["target"] for each in soup.select("form[target]")] == names
