"""The forms that our buttons post with: none of ours inside a form of the site, and one for every button (V2)."""

from __future__ import annotations

import pytest
from justhtml import JustHTML

from tests.kit.sites import Site, make_site, soup_of

EMBED = "{{ cookieconsent.embed(film, title='A film') }}"
PIECES = {"embed": EMBED, "banner": "{{ cookieconsent.banner() }}", "link": "{{ cookieconsent.link() }}"}
SHOP = "<form id=order action=/buy>{piece}<input name=quantity value=3><button>Buy</button></form>"


def shop(piece: str, rest: str = "") -> Site:
    body = f"<!doctype html><title>Shop</title><body>{SHOP.format(piece=piece)}<p>Rest</p>{rest}</body>"
    return make_site(templates={"home.html": body})


def owners(html: str) -> dict[str, str]:
    """Return the id of the form around each control of the site's own, as a browser reads the page."""
    found = {}
    for control in JustHTML(html, sanitize=False).root.query("input[name=quantity], button"):
        if "form" not in (control.attrs or {}):
            node = control
            while node is not None and node.name != "form":
                node = node.parent
            found[control.name] = "" if node is None else node.attrs.get("id", "")
    return found


@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_form_of_the_site_stays_whole(piece: str) -> None:
    """B9: whatever of ours stands inside a form of the site, its own controls stay its own."""
    page = shop(piece).visitor().get("/").text

    assert owners(page) == {"input": "order", "button": "order"}


def test_form_in_a_form_is_the_bad_twin() -> None:
    """A plain form in the same place takes the site's controls out of their own."""
    page = shop("<form id=ours action=/cookies/choice><button form=ours>No</button></form>").visitor().get("/").text

    assert owners(page) != {"input": "order", "button": "order"}


@pytest.mark.parametrize("order", [("embed", "link"), ("link", "embed"), ("banner", "embed", "link")])
def test_every_button_has_a_form(order: tuple[str, ...]) -> None:
    """B9: wherever the pieces stand in a page, each button posts without scripts, and no form is there twice."""
    page = soup_of(make_site(templates={"home.html": "".join(map(PIECES.get, order))}).visitor().get("/"))  # type: ignore[arg-type]
    ids = [form["id"] for form in page.select("form[id]")]

    assert page.select("button[form]")
    assert {button["form"] for button in page.select("button[form]")} == set(ids)
    assert len(ids) == len(set(ids))


def test_page_without_a_button_has_no_form() -> None:
    """A page with nothing to press says which decision it was made for, and that is all."""
    visitor = make_site(
        templates={"home.html": "<body>{{ cookieconsent.banner() }}{{ cookieconsent.link() }}"}
    ).visitor()
    visitor.press(visitor.get("/"), "Reject all")
    page = soup_of(visitor.get("/"))

    assert page.select("form") == []
    assert page.select_one(".fcc-forms")["data-state"] == visitor.get("/cookies/state").json["state"]  # type: ignore[index]


def test_link_inside_a_paragraph_leaves_it_whole() -> None:
    """A form, like any block, would close the paragraph around it."""
    templates = {"home.html": f"<body><p id=foot>Imprint {PIECES['link']} Contact</p>{EMBED}"}
    visitor = make_site(templates=templates).visitor()
    visitor.press(visitor.get("/"), "Always allow Example Films")
    [foot] = JustHTML(visitor.get("/").text, sanitize=False).root.query("#foot")

    assert foot.to_text().split()[-1] == "Contact"
    assert foot.query("button[value=withdraw]") and foot.query("form[id=fcc-form]")


def test_same_film_twice_has_two_places() -> None:
    """Each embed has an id of its own, the same whenever the page is made, and its button leads back to it."""
    site = make_site(templates={"home.html": EMBED + EMBED + "{{ cookieconsent.link() }}"})
    visitor = site.visitor()
    page = visitor.get("/")
    first, second = (place["id"] for place in soup_of(page).select(".fcc-placeholder"))
    answer = visitor.press(page, "Always allow", within=f"#{second}")

    assert second == f"{first}-2"
    assert answer.location == f"/#{second}"
    assert soup_of(visitor.get("/")).select_one(f"#{second}.fcc-embed")
