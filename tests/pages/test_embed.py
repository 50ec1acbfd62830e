"""Embeds in pages: the placeholder, and the frame that replaces it."""

from __future__ import annotations

from tests.kit.pages import REMOTE, loaded
from tests.kit.sites import FILM, make_site, soup_of


def test_placeholder_tells_before_it_loads() -> None:
    """A9: the placeholder names the content, who receives what, and offers once, always and an ordinary link."""
    placeholder = soup_of(make_site().visitor().get("/")).select_one(".fcc-placeholder")

    assert placeholder
    assert "A film" in placeholder.text
    assert "Example Media SA" in placeholder.text
    assert "IP address" in placeholder.text
    assert [each.text.partition(":")[0] for each in placeholder.select("button")] == [
        "Load once",
        "Always allow Example Films",
    ]
    assert placeholder.select_one(f'a[href="{FILM}"]')
    assert not placeholder.select("img, [src]")
    assert "fcc-shape-wide" in placeholder["class"]


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
