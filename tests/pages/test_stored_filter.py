"""What the filter for stored content remembers, what it takes for this site, and what it shows where nobody asks."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import Flask, render_template_string, request
from flask_babel import Babel, force_locale

from flask_cookieconsent.catalogue import youtube
from flask_cookieconsent.embeds import stored
from flask_cookieconsent.pages.stored_filter import Reading, ReadingMemo
from tests.embeds.test_cost import LOOSE
from tests.embeds.test_stored import EVIL, VIDEO, WATCH, stored_site, visitor_of
from tests.kit.declarations import store
from tests.kit.sites import Site, make_site, soup_of

FILTERED = "{{ body|safe|cookieconsent_embeds }}"
FILM = f'<p>Look:</p><iframe src="{VIDEO}" title="A &amp; B"></iframe>'
PLAIN = f'<p>Look:</p><p><a href="{WATCH}">A &amp; B</a></p>'

# -- the memo ---------------------------------------------------------------------------------------------------------


def reading(letter: str, times: int = 1_000) -> Reading:
    return Reading((letter * times,), frozenset())


def remembered(memo: ReadingMemo) -> list[str]:
    return [letter for letter in "abcdef" if memo.get((letter, ""))]


def test_memo_is_bounded_by_bytes() -> None:
    """The least recently used contents go first, as many as it takes; what they grew to counts, not what they were."""
    memo = ReadingMemo(5_000)
    for letter in "abcd":
        memo.put((letter, ""), reading(letter))
    assert memo.get(("a", ""))

    memo.put(("e", ""), reading("e"))

    assert remembered(memo) == ["a", "c", "d", "e"]


def test_memo_is_bounded_by_bytes_twin() -> None:
    """What is too large for it is not kept, and drives out nothing; the same twice counts once."""
    memo = ReadingMemo(5_000)
    for _ in range(9):
        memo.put(("a", ""), reading("a"))
        memo.put(("b", ""), reading("b", 2_000))

    assert remembered(memo) == ["a"]


@pytest.fixture()
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that each content is added to when it is read."""
    contents: list[str] = []
    original = stored.take_apart
    monkeypatch.setattr(stored, "take_apart", lambda html, rules: contents.append(html) or original(html, rules))
    return contents


def test_strange_hosts_read_nothing_again(read: list[str]) -> None:
    """Whoever sends a `Host` header of their own with each request has nothing read and nothing remembered anew."""
    visitor = visitor_of(stored_site(), FILM)

    for number in range(20):
        assert visitor.get("/stored", headers={"Host": f"{number}.example.net"}).status_code == 200

    assert len(read) == 1


def test_strange_hosts_read_nothing_again_twin(read: list[str]) -> None:
    """A host that the content names is read once more, because it may be this site."""
    visitor = visitor_of(stored_site(), FILM + f'<iframe src="{EVIL}"></iframe>')

    for host in ("localhost", "evil.example", "evil.example", "evil", "l.example", "www.youtube.com"):
        visitor.get("/stored", headers={"Host": host})

    assert len(read) == 3


# -- the hosts of the site --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "host", "stays"),
    [
        ({}, "shop.example.com", True),
        ({}, "SHOP.example.com", True),
        ({}, "www.example.com", False),
        ({"COOKIECONSENT_TRUSTED_ORIGINS": ["https://shop.example.com"]}, "www.example.com", True),
        ({"SERVER_NAME": "shop.example.com"}, "shop.example.com", True),
        ({"SERVER_NAME": "example.com"}, "shop.example.com", True),
        ({"SERVER_NAME": "www.example.com"}, "shop.example.com", False),
        ({"TRUSTED_HOSTS": [".example.com"]}, "shop.example.com", True),
        ({"TRUSTED_HOSTS": ["shop.example.com", "www.example.com"]}, "www.example.com", True),
    ],
)
def test_own_frame_is_left_alone(settings: dict[str, Any], host: str, stays: bool) -> None:
    """A frame of this site stays: one of the hosts that the owner names, or of the request where none is named."""
    html = '<iframe src="https://shop.example.com/map"></iframe>'
    visitor = visitor_of(stored_site(**settings), html)

    assert (visitor.get("/stored", headers={"Host": host}).text == html) is stays


# -- bounds of pieces -------------------------------------------------------------------------------------------------

BOUNDED = [
    '<a title="<!--fcc:embed-->">A</a><!--fcc/-->" onmouseover=alert(1) x="',
    "<!fcc:head><p>a</p><!--fcc/-->",
    "<style>/*<!--fcc:banner-->*/</style><!--fcc:link--><p>a</p>",
    f'<a title="<!--fcc:embed-->">A</a><iframe src="{VIDEO}"></iframe>" onmouseover=alert(1) x="',
]
PAGE = "<main>%s</main>{{ cookieconsent.link() }}"


@pytest.mark.parametrize("html", BOUNDED)
def test_content_passes_for_no_piece(html: str) -> None:
    """What tells our own pieces from the page around them is taken out of content: nobody else has any made anew."""
    answer = page_with("{{ body|safe|cookieconsent_embeds }}", html)

    assert not soup_of(answer).select("[onmouseover]")
    assert soup_of(answer).select_one("main").find_next_sibling("span")["class"] == ["fcc-link"]
    assert answer.count("<!--fcc:") == answer.count("<!--fcc/-->") == 1 + html.count("iframe src")


def page_with(source: str, html: str) -> str:
    site = stored_site()
    site.app.add_url_rule("/page", "page_of", lambda: render_template_string(PAGE % source, body=html))
    return site.visitor().get("/page").text


# -- what costs too much ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", LOOSE.values(), ids=LOOSE.keys())
def test_costly_content_is_shown_as_words(shape: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever strangers store, a page is shown: with its words, and a line in the log that says what to do."""
    answer = visitor_of(stored_site(), "<h2>Hello &lt;you&gt;</h2>" + shape(2_000)).get("/stored")

    assert answer.status_code == 200
    assert not soup_of(answer).find(True) and answer.text.startswith("Hello &lt;you&gt;")
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert "correct its HTML" in caplog.text


# -- outside a request ------------------------------------------------------------------------------------------------


def outside(source: str, site: Site | None = None, **values: Any) -> str:
    """Return what a template gives in a worker, where there is an app and no request."""
    with (site or stored_site()).app.app_context():
        return render_template_string(source, **values)


@pytest.mark.parametrize("html", [FILM, f"<noscript>{FILM}</noscript>", f'<p><object data="{VIDEO}">x</object></p>'])
def test_newsletter_has_a_title_and_a_link(html: str) -> None:
    """In mail, PDF and search indexes nobody presses a button, and there is nobody whose consent could be asked."""
    shown = soup_of(outside(FILTERED, body=html))

    assert [each["href"] for each in shown.select("a")] == [WATCH]
    assert not shown.select("form, button, input, iframe, [class], [id], [data-service]")


def test_newsletter_to_the_letter() -> None:
    assert outside(FILTERED, body=FILM) == PLAIN
    assert outside("{{ body|cookieconsent_embeds }}", body="<b>") == "&lt;b&gt;&lt;/b&gt;"


def test_newsletter_links_to_what_is_undeclared() -> None:
    """A frame that nobody declared is a link too; what has no address of the web is nothing."""
    undeclared = f'<iframe src="{EVIL}"></iframe><iframe srcdoc="x"></iframe>'

    assert outside(FILTERED, body=undeclared) == f'<p><a href="{EVIL}">evil.example</a></p>'


def test_plain_on_a_page() -> None:
    """With `plain=True` a page depends on nobody: no form, and any cache may keep it, whatever its reader allowed."""
    site = stored_site()
    source = "{{ body|safe|cookieconsent_embeds(plain=True) }}{{ cookieconsent.embed(film, title='T', plain=True) }}"
    site.app.add_url_rule("/mail", "mail", lambda: render_template_string(source, body=FILM, film=WATCH))
    visitor = site.visitor()
    before = visitor.get("/mail")
    visitor.choose("accept")
    after = visitor.get("/mail")

    assert before.text == after.text == f'{PLAIN}<p><a href="{WATCH}">T</a></p>'
    assert {each.headers.get("Cache-Control") for each in (before, after)} == {None}
    assert {each.headers.get("Vary") for each in (before, after)} == {None}


def test_plain_on_a_page_twin() -> None:
    """Without it the same content asks about the visitor."""
    answer = visitor_of(stored_site(), FILM).get("/stored")

    assert "private" in answer.headers["Cache-Control"] and "Cookie" in answer.headers["Vary"]


def test_newsletter_in_the_language_of_its_reader() -> None:
    """Flask-Babel says the language where a worker forces one; a selector that needs a request does not stop it."""
    site = stored_site(app=_speaking())
    untitled = f'<iframe src="{VIDEO}"></iframe>'

    assert "Content of YouTube" in outside(FILTERED, site, body=untitled)
    with site.app.app_context(), force_locale("de"):
        assert "Inhalt von YouTube" in render_template_string(FILTERED, body=untitled)


def _speaking() -> Flask:
    app = Flask("speaking")
    app.config["SECRET_KEY"] = "k" * 32
    Babel(app, locale_selector=lambda: request.accept_languages.best_match(["en", "de"]))
    return app


# -- what cannot be shown ---------------------------------------------------------------------------------------------

LIVE = "https://www.youtube.com/embed/live_stream?channel=UC1"


def in_its_place(html: str) -> Any:
    """Return what somebody who has allowed everything sees of a content."""
    visitor = visitor_of(stored_site(), html)
    visitor.choose("accept")
    return soup_of(visitor.get("/stored").text)


def test_frame_that_its_declared_service_cannot_show() -> None:
    """A9: that the site has not declared it would be untrue; a link leads to it, and nothing loads it."""
    place = in_its_place(f'<iframe src="{LIVE}"></iframe>')

    assert [each.text for each in place.select("p")] == ["This content of www.youtube.com cannot be shown here."]
    assert [(each["href"], each.text) for each in place.select("a")] == [(LIVE, "Open on www.youtube.com")]
    assert place.select("iframe, script, img, form, button, input, [data-service]") == []


def test_frame_that_its_declared_service_cannot_show_twin() -> None:
    """Of a host that nobody declared that is what is said; of what has no address, whose it is or nothing."""
    place = in_its_place(f'<iframe src="{EVIL}"></iframe><iframe srcdoc="<img src={LIVE}>"></iframe>')

    assert [each.text for each in place.select("p")] == [
        "This content of evil.example is not shown, because this site has not declared it.",
        "This content of www.youtube.com cannot be shown here.",
    ]
    assert [each["href"] for each in place.select("a")] == [EVIL]


def test_newsletter_links_to_what_cannot_be_shown() -> None:
    html = f'<iframe src="{LIVE}"></iframe><iframe srcdoc="<img src={LIVE}>"></iframe>'

    assert outside(FILTERED, body=html) == f'<p><a href="{LIVE}">www.youtube.com</a></p>'


def test_template_of_what_cannot_be_shown() -> None:
    """A site may word it in its own way, and knows all that we know."""
    templates = {"cookieconsent/not_shown.html": "[{{ host }}, {{ address }}, {{ is_declared }}, {{ title }}]"}
    visitor = visitor_of(stored_site(templates=templates), f'<iframe src="{LIVE}"></iframe>')

    assert visitor.get("/stored").text == f"[www.youtube.com, {LIVE}, True, ]"


# -- what the site says of media --------------------------------------------------------------------------------------

PICTURES = '<img src="https://images.example/1.jpg"><img src="/own.jpg"><img src="https://evil.example/1.jpg">'


@pytest.mark.parametrize(
    ("settings", "left"),
    [
        ({}, ["https://images.example/1.jpg", "/own.jpg", "https://evil.example/1.jpg"]),
        ({"COOKIECONSENT_UNDECLARED_MEDIA": "block"}, ["/own.jpg"]),
        (
            {
                "COOKIECONSENT_UNDECLARED_MEDIA": "block",
                "COOKIECONSENT_CSP_SOURCES": {"img-src": ["https://images.example"]},
            },
            ["https://images.example/1.jpg", "/own.jpg"],
        ),
        (
            {
                "COOKIECONSENT_UNDECLARED_MEDIA": "block",
                "COOKIECONSENT_CSP_SOURCES": {
                    "connect-src": ["https://images.example"],
                    "img-src": ["data:", "'self'"],
                },
            },
            ["/own.jpg"],
        ),
    ],
)
def test_media_of_others(settings: dict[str, Any], left: list[str]) -> None:
    """Pictures of others stay, or those alone that the site's policy names for what they are."""
    site = stored_site(**settings)
    assert [each["src"] for each in soup_of(visitor_of(site, PICTURES).get("/stored").text).select("img")] == left


def test_pictures_of_what_the_site_cannot_do_without() -> None:
    """A host of pictures that is declared as necessary is asked about by nobody, and stays; others go for everybody."""
    pictures = store("https://images.example")
    html = PICTURES + '<img src="https://www.youtube.com/1.jpg">'
    site = make_site(services=[pictures, youtube()], COOKIECONSENT_UNDECLARED_MEDIA="block")
    for chosen in ("reject", "accept"):
        visitor = visitor_of(site, html)
        visitor.choose(chosen)
        shown = soup_of(visitor.get("/stored").text).select("img")
        assert [each["src"] for each in shown] == ["https://images.example/1.jpg", "/own.jpg"]


def test_shape_of_a_pasted_frame() -> None:
    """What waits and what is allowed have the space of the frame that was pasted."""
    visitor = visitor_of(stored_site(), f'<iframe src="{VIDEO}" width="315" height="560"></iframe>')
    for chosen, name in (("reject", "fcc-placeholder"), ("accept", "fcc-embed")):
        visitor.choose(chosen)
        [place] = soup_of(visitor.get("/stored").text).select(f".{name}")
        assert place["class"][-1] == "fcc-shape-tall"


def test_half_of_a_character() -> None:
    """Broken JSON has halves of surrogate pairs, which no response can hold; whole characters stay."""
    html = "<p>a\ud83d b\U0001f600</p>"

    assert "<p>a\ufffd b\U0001f600</p>" in visitor_of(stored_site(), html).get("/stored").text
    with pytest.raises(UnicodeEncodeError):
        html.encode()
