"""The space of embeds as a browser lays it out: high enough, the same before and after, and never cutting words off."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest
from flask import render_template
from playwright.sync_api import Browser, Page

from flask_cookieconsent.core.kinds import SHAPES
from tests.kit.sites import FILM, make_site

CSS = files("flask_cookieconsent").joinpath("static", "fcc.css").read_text(encoding="utf-8")
PICTURE = "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' width='900' height='900'/>"
#: What the providers' own pages need, in CSS pixels, in a column of 720 and one of 320.
HEIGHTS = {
    "wide": (405, 180),
    "tall": (626, 569),
    "square": (540, 240),
    "post": (576, 576),
    "page": (496, 496),
    "strip": (168, 168),
    "player": (352, 352),
    "long": (704, 704),
    "check": (80, 80),
}
MEASURE = """elements => Object.fromEntries(elements.map((each) => {
  const inside = each.firstElementChild.getBoundingClientRect(), box = each.getBoundingClientRect();
  const about = each.querySelector(".fcc-about")?.getBoundingClientRect();
  return [each.className.match(/shape-([a-z]+)/)[1], {
    height: box.height, inside: inside.height, cut: about ? about.bottom > box.bottom || about.top < box.top : false,
  }];
}))"""

IN_FRONT = """each => {
  each.scrollIntoView();
  const { left, top } = each.getBoundingClientRect();
  return each.contains(document.elementFromPoint(left + 5, top + 5));
}"""


def shapes(body: str) -> str:
    """Return one of each shape, made from the film's markup."""
    return "".join(f"<section>{body.replace('fcc-shape-wide', f'fcc-shape-{shape}')}</section>" for shape in SHAPES)


@pytest.fixture(scope="module")
def markup() -> dict[str, str]:
    """The film as an embed, as a placeholder, and as one with a poster."""
    site = make_site(templates={"film.html": "{{ cookieconsent.embed(film, title='Our film', poster=poster) }}"})
    with site.app.test_request_context():
        found = {
            "placeholder": render_template("film.html", film=FILM, poster=None),
            "poster": render_template("film.html", film=FILM, poster="/film.jpg").replace("/film.jpg", PICTURE),
        }
        frame = {"src": "about:blank", "shape": "wide", "allow": ""}
        found["embed"] = render_template("cookieconsent/embed.html", frame=frame, title="Our film")
    return found


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of a browser."""
    opened = browser.new_page()
    yield opened
    opened.close()


def measured(page: Page, body: str, width: int, css: str = CSS) -> Any:
    """Return the heights of one of each shape in a column of a width."""
    page.set_content(f"<!doctype html><style>{css} main {{ width: {width}px }}</style><main>{shapes(body)}</main>")
    return page.eval_on_selector_all("section > div", MEASURE)


@pytest.mark.parametrize(("column", "width"), [(0, 720), (1, 320)])
def test_frames_are_high_enough(page: Page, markup: dict[str, str], column: int, width: int) -> None:
    """A9: a frame, which has no height of its own, fills the space of its shape."""
    boxes = measured(page, markup["embed"], width)

    assert {shape: round(box["height"]) for shape, box in boxes.items()} == {
        shape: heights[column] for shape, heights in HEIGHTS.items()
    }
    assert all(box["inside"] == box["height"] for box in boxes.values())


def check_words(page: Page, body: str, css: str = CSS) -> None:
    """Check that what a placeholder says is whole, however narrow it is."""
    for width in (720, 320):
        boxes = measured(page, body, width, css)
        assert not [shape for shape, box in boxes.items() if box["cut"]]


@pytest.mark.parametrize("kind", ["placeholder", "poster"])
def test_placeholder_grows_with_its_text(page: Page, markup: dict[str, str], kind: str) -> None:
    """A9: words that need more room than the embed make the placeholder higher."""
    check_words(page, markup[kind])


def test_placeholder_grows_with_its_text_twin(page: Page, markup: dict[str, str]) -> None:
    """The same check finds a shape that is as high as its embed and no higher."""
    with pytest.raises(AssertionError, match="player"):
        check_words(page, markup["placeholder"], CSS + ".fcc-shape-player { block-size: 10rem; min-block-size: 0 }")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_poster_takes_no_space(page: Page, markup: dict[str, str], scheme: Any) -> None:
    """A9: a picture of any size takes no space, and the words stand on a solid panel in front of it."""
    page.emulate_media(color_scheme=scheme)
    without = measured(page, markup["placeholder"], 720)
    with_poster = measured(page, markup["poster"], 720)

    assert {shape: box["height"] for shape, box in with_poster.items()} == {
        shape: box["height"] for shape, box in without.items()
    }
    about = page.locator(".fcc-about").first
    assert page.locator(".fcc-poster").first.evaluate("each => each.complete && each.naturalWidth") == 900
    assert "rgba" not in about.evaluate("each => getComputedStyle(each).backgroundColor")
    assert about.evaluate(IN_FRONT)
