"""Feeds: their embeds are plain and the same for everybody, whatever their template knew."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Response, render_template_string, stream_template_string
from werkzeug.test import TestResponse

from flask_cookieconsent.pages.feeds import _swapped
from tests.embeds.test_nesting import is_linear
from tests.embeds.test_stored import EVIL, VIDEO, WATCH, stored_site
from tests.kit.sites import Site, soup_of

BODY = f'<p>a &amp; b</p><iframe src="{VIDEO}" title="A &amp; B"></iframe><iframe src="{EVIL}"></iframe>'
PLAIN = f'<p>a &amp; b</p><p><a href="{WATCH}">A &amp; B</a></p><p><a href="{EVIL}">evil.example</a></p>'
EMBEDS = "{{ body|safe|cookieconsent_embeds }}"
FEED = "application/rss+xml"
PUBLIC = {"Cache-Control": "public, max-age=600"}


def site_with(view: Callable[[], Any], kind: str) -> Site:
    site = stored_site()
    site.app.add_url_rule("/feed", "feed", lambda: Response(view(), content_type=kind, headers=PUBLIC))
    return site


def feed(view: Callable[[], Any], kind: str = FEED, chosen: str = "") -> TestResponse:
    visitor = site_with(view, kind).visitor()
    if chosen:
        visitor.choose(chosen)
    return visitor.get("/feed")


def rendered() -> str:
    return render_template_string(EMBEDS, body=BODY)


def in_rss(source: str) -> str:
    return render_template_string(f"<rss>{source}</rss>", body=BODY)


def built() -> str:
    """Return a feed as a library writes it, which knows nothing of templates."""
    item = ElementTree.Element("rss")
    item.text = rendered()
    return ElementTree.tostring(item, "unicode")


#: How HTML comes into a feed, and how what a reader gets of it is read.
WAYS: dict[str, Callable[[], str]] = {
    "escaped by a filter": lambda: in_rss("{{ body|safe|cookieconsent_embeds|forceescape }}"),
    "escaped by the template": lambda: in_rss("{{ body|cookieconsent_embeds }}"),
    "in CDATA": lambda: f"<rss><![CDATA[{rendered()}]]></rss>",
    "by the standard library": built,
    "by html.escape": lambda: f"<rss>{html.escape(rendered())}</rss>",
}


@pytest.mark.parametrize("chosen", ["", "accept"])
@pytest.mark.parametrize("kind", [FEED, "Application/Atom+XML; charset=utf-8", "text/xml", "application/xml"])
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_feed_is_plain_and_public(way: Callable[[], str], kind: str, chosen: str) -> None:
    """Each item holds titles and links, the same for everybody, and any cache may keep it as the app said."""
    answer = feed(way, kind, chosen)

    assert ElementTree.fromstring(answer.text).text == PLAIN
    assert answer.headers["Cache-Control"] == "public, max-age=600"
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert "Vary" not in answer.headers


def test_embed_in_a_feed() -> None:
    """It need not come from stored content; XHTML stands in Atom as it is."""
    source = "<entry>{{ cookieconsent.embed(film, title='T') }}{{ cookieconsent.embed(film, title='U') }}</entry>"

    answer = feed(lambda: render_template_string(source, film=WATCH), "application/atom+xml")

    assert answer.text == f'<entry><p><a href="{WATCH}">T</a></p><p><a href="{WATCH}">U</a></p></entry>'
    assert "public" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("kind", ["text/html", "application/xhtml+xml", "image/svg+xml", "application/json"])
def test_pages_and_fragments_keep_their_buttons(kind: str) -> None:
    """Scripts of a page put fragments into it, in JSON too: there somebody can press."""
    answer = feed(lambda: json.dumps(rendered()) if "json" in kind else rendered(), kind)
    shown = json.loads(answer.text) if "json" in kind else answer.text

    assert soup_of(shown).select(".fcc-placeholder button")
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "view",
    [
        lambda: in_rss("{{ body|safe|cookieconsent_embeds|striptags }}"),
        lambda: f"<rss>{rendered()[:300]}</rss>",
    ],
)
def test_what_is_not_found_again_stays_private(view: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> None:
    """What a template made of an embed may hold a visitor's answer; the log says, once, how to ask for plain ones."""
    visitor = site_with(view, FEED).visitor()

    for _ in range(2):
        assert "private" in visitor.get("/feed").headers["Cache-Control"]

    (line,) = [each.getMessage() for each in caplog.records if "'feed'" in each.getMessage()]
    assert "write cookieconsent_embeds(plain=True)" in line


def test_feed_that_a_cache_kept_is_private(caplog: pytest.LogCaptureFixture) -> None:
    """What an earlier visitor's request rendered goes to no shared cache, and the log says what to do."""
    kept: list[str] = []

    def view() -> str:
        if not kept:
            kept.append(in_rss("{{ body|cookieconsent_embeds }}"))
        return kept[0]

    visitor = site_with(view, FEED).visitor()

    assert "public" in visitor.get("/feed").headers["Cache-Control"]
    assert "private" in visitor.get("/feed").headers["Cache-Control"]
    assert "kept in a cache" in caplog.text


def test_feed_of_plain_embeds_may_be_kept(caplog: pytest.LogCaptureFixture) -> None:
    """The twin: what was plain from the start is the same from a cache."""
    kept = PLAIN

    assert "public" in feed(lambda: f"<rss>{html.escape(kept)}</rss>").headers["Cache-Control"]
    assert not caplog.records


def test_stream_stays_private() -> None:
    """What is sent while it is made cannot be changed any more."""
    answer = feed(lambda: stream_template_string(EMBEDS, body=BODY))

    assert "private" in answer.headers["Cache-Control"]


def test_other_questions_keep_a_feed_private() -> None:
    """Plain embeds do not hide that a template asked about the visitor besides."""
    answer = feed(lambda: in_rss("{{ body|cookieconsent_embeds }}{{ cookieconsent.allows('youtube') }}"))

    assert "fcc-placeholder" not in answer.text
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("order", [1, -1])
def test_feed_in_any_order(order: int) -> None:
    """What was rendered first may stand last, and more often than anybody would look for what is lost."""
    parts = [f"{{{{ cookieconsent.embed(film, title='N{number}') }}}}" for number in range(30)]
    source = "{% set parts = [" + ", ".join(part.strip("{} ") for part in parts) + "] %}"
    source += "<feed>{% for part in parts" + ("|reverse" if order < 0 else "") + " %}{{ part }}{% endfor %}</feed>"

    answer = feed(lambda: render_template_string(source, film=WATCH), "application/atom+xml")

    assert [link.text for link in soup_of(answer).select("a")] == [f"N{number}" for number in range(30)][::order]
    assert "data-service" not in answer.text and "Vary" not in answer.headers


@pytest.mark.parametrize("way", [str, str.upper])
def test_swapping_costs_no_more_than_the_length_of_a_feed(way: Callable[[str], str]) -> None:
    """Whoever writes content of many embeds makes no reader of its feed wait, whether they are found or not."""

    def work(text: str) -> None:
        shown = [f"<p>{number:09}{'x' * 500}</p>" for number in range(len(text))]
        _swapped(way("".join(shown)).encode(), [(each, lambda: "") for each in shown])

    assert is_linear(work, ".", size=100)
