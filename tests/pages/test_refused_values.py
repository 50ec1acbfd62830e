"""Values that `embed()` refuses: raised for whoever builds the site, and never an error of a page in production."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from flask import render_template, render_template_string
from flask_babel import LazyString
from jinja2 import StrictUndefined, UndefinedError
from markupsafe import Markup

from flask_cookieconsent import EmbedError, Frame
from flask_cookieconsent.catalogue import facebook, youtube
from flask_cookieconsent.pages.refused_values import RefusedValues
from tests.kit.sites import FILM, Site, make_site, remote_references, services, small_app, soup_of

ONE = "{{ cookieconsent.embed(value, title=title) }}"
PAGE = """<!doctype html><html lang="en"><head><title>A page</title>{{ cookieconsent.head() }}</head><body>
{{ cookieconsent.banner() }}{{ cookieconsent.embed(film, title="Before") }}<main>"""
END = """</main>{{ cookieconsent.embed(film, title="After") }}{{ cookieconsent.link() }}</body></html>"""
HOSTILE = '"><script>alert(1)</script>'


def small_site(source: str, values: dict[str, Any], **config: Any) -> Site:
    """Return a site in production with one page, which has good embeds around a piece of template."""
    app = small_app({"page.html": PAGE + source + END}, DEBUG=False, PROPAGATE_EXCEPTIONS=False, **config)
    app.add_url_rule("/page", "page", lambda: render_template("page.html", film=FILM, **values))
    return make_site(app=app, services=[*services(), youtube(), facebook()])


def shown(source: str = ONE, title: Any = "A title", **values: Any) -> str:
    """Return what a template shows between good embeds, for somebody who has allowed everything."""
    site = small_site(source, {"title": title, **values})
    visitor = site.visitor()
    visitor.choose("accept")
    response = visitor.get("/page")
    assert response.status_code == 200
    assert [each["title"] for each in soup_of(response).select("body > .fcc-embed iframe")] == ["Before", "After"]
    return str(response.text.partition("<main>")[2].partition("</main>")[0])


def words(place: Any) -> list[str]:
    """Return what a visitor reads in the place of something that is not shown, above the link."""
    return [each.text for each in place.select(".fcc-placeholder p")]


def test_production_has_no_error_twin() -> None:
    """The bad twins: a missing argument is an error of the page, and a site under test has one for each bad value."""
    bad = {"value": "https://a.example/", "title": "A title"}

    assert small_site("{{ cookieconsent.embed(film) }}", {}).visitor().get("/page").status_code == 500
    assert small_site(ONE, bad, TESTING=True).visitor().get("/page").status_code == 500
    assert small_site(ONE, bad).visitor().get("/page").status_code == 200


# -- what stands in its place -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "host", "address"),
    [
        ("https://maps.example/embed/7", "maps.example", "https://maps.example/embed/7"),
        (" //maps.example:443/x\n", "maps.example", "https://maps.example/x"),
        ("<iframe src='http://a.example/x?a=1&amp;b=2'></iframe>", "a.example", "http://a.example/x?a=1&b=2"),
        ("maps.example/x", "maps.example", "https://maps.example/x"),
        ("https://bücher.example/'onload='x", "bücher.example", "https://bücher.example/'onload='x"),
        (
            "https://www.youtube.com.evil.example/",
            "www.youtube.com.evil.example",
            "https://www.youtube.com.evil.example/",
        ),
        (Markup("https://maps.example/?a=1&amp;b=2"), "maps.example", "https://maps.example/?a=1&b=2"),
        (LazyString(lambda: "https://maps.example/x"), "maps.example", "https://maps.example/x"),
    ],
)
def test_unknown_address(value: Any, host: str, address: str) -> None:
    """A9: who would be contacted, and a link; nothing is loaded, and nothing can be pressed that would load it."""
    place = soup_of(shown(value=value))

    assert words(place) == [
        "A title",
        f"This content of {host} is not shown, because this site has not declared it.",
    ]
    assert [(each["href"], each.text) for each in place.select("a")] == [(address, f"Open on {host}")]
    assert place.select("iframe, script, img, form, button, input, [data-service]") == []
    assert remote_references(str(place)) == []


NO_ADDRESSES = [
    "a film",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    HOSTILE,
    f"https://maps.example/{HOSTILE}",
    "https://me:secret@maps.example/",
    "https://maps.example\\x",
    "https://maps.example/\x00",
    "https://maps.example/\ud800",
    "\ud800",
    "https://[",
    "https://",
    "//",
    "/own/path",
    "http://localhost/own",
    "https://LOCALHOST:443/own",
    "<iframe></iframe>",
    "<iframe src='/own'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<![x[y]]><iframe>",
    "x" * 10_000_000,
    "https://maps.example/" + "x" * 10_000_000,
    "<iframe " * 1_000_000,
    7,
    0,
    True,
    1.5,
    b"https://maps.example/",
    ["https://maps.example/"],
    {"url": "https://maps.example/"},
    object,
    Markup("<b>"),
]


@pytest.mark.parametrize("value", NO_ADDRESSES, ids=lambda value: repr(value)[:40])
def test_no_address(value: Any) -> None:
    """A9: what is no address, or one of this site, is said to be missing, and leads nowhere."""
    place = soup_of(shown(value=value))

    assert words(place) == ["A title", "Some content is not shown here, because this site has not declared it."]
    assert place.select("a, iframe, script, img, form, button, b") == []


@pytest.mark.parametrize("value", [None, "", " \n", "\u200b\ufeff", Markup(""), LazyString(lambda: "")], ids=repr)
@pytest.mark.parametrize(
    "source", [ONE, "{{ cookieconsent.embed('youtube', value, title=title) }}", ONE.replace("value", "nothing.there")]
)
def test_empty_field(value: Any, source: str) -> None:
    """Where an editor filled nothing in, nothing is missing."""
    assert shown(source, value=value, nothing={}).strip() == ""


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://fb.watch/abc", "https://fb.watch/abc"),
        ("www.facebook.com/share/abc?a=1&amp;b", "https://www.facebook.com/share/abc?a=1&b"),
        ("https://www.youtube.com/@channel", "https://www.youtube.com/@channel"),
        (
            "https://www.youtube.com/embed/live_stream?channel=UC1",
            "https://www.youtube.com/embed/live_stream?channel=UC1",
        ),
        ("<iframe src='//www.facebook.com/events/1'></iframe>", "https://www.facebook.com/events/1"),
        ("https://player.example.net/nothing", "https://player.example.net/nothing"),
    ],
)
def test_address_of_a_declared_vendor(value: str, address: str) -> None:
    """A9: of a vendor that is declared nobody is told that it is not; nothing of it is loaded or can be."""
    html = shown(value=value, title=HOSTILE)
    place, host = soup_of(html), address.split("/")[2]

    assert words(place) == [HOSTILE, f"This content of {host} cannot be shown here."]
    assert [(each["href"], each.text) for each in place.select("a")] == [(address, f"Open on {host}")]
    assert place.select("iframe, script, img, form, button, input, [data-service]") == []
    assert remote_references(html) == []
    assert words(soup_of(shown(value=value, title=" "))) == words(place)[1:]


@pytest.mark.parametrize("value", ["https://facebook.com.evil.example/", "https://evil.example/www.facebook.com"])
def test_address_of_a_declared_vendor_twin(value: str) -> None:
    """What only looks like the host of one is not declared."""
    assert "has not declared it" in words(soup_of(shown(value=value)))[-1]


@pytest.mark.parametrize(
    ("service", "reference", "links"),
    [
        ("posts", "abc", []),
        ("posts", HOSTILE, []),
        ("posts", "javascript:alert(1)", []),
        ("posts", "https://maps.example/7", ["https://maps.example/7"]),
        ("posts", "x" * 10_000_000, []),
        ("posts", ["7"], []),
        ("posts", 123456, []),
        ("counter", "7", []),
        ("vimeo", "7", []),
        ("vimeo", "https://vimeo.com/7", ["https://vimeo.com/7"]),
        (HOSTILE, HOSTILE, []),
        (None, "7", []),
        ("https://maps.example/", "7", []),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_refused_reference(service: Any, reference: Any, links: list[str]) -> None:
    """A9: a reference that its service refuses, and one of a service that was declared once, are no error either."""
    place = soup_of(shown("{{ cookieconsent.embed(service, value, title=title) }}", service=service, value=reference))

    assert [each["href"] for each in place.select("a")] == links
    assert len(place.select(".fcc-placeholder")) == 1
    assert place.select("iframe, script, form, button") == []


@pytest.mark.parametrize(
    ("service", "reference", "sentence"),
    [
        ("youtube", "nothing", "This content of YouTube cannot be shown here."),
        ("youtube", HOSTILE, "This content of YouTube cannot be shown here."),
        ("counter", "7", "This content of Example Counter cannot be shown here."),
        ("youtube", "https://fb.watch/abc", "This content of fb.watch cannot be shown here."),
        ("posts", "https://youtu.be/aqz-KE-bpKQ", "This content of youtu.be cannot be shown here."),
        (
            "youtube",
            "https://maps.example/7",
            "This content of maps.example is not shown, because this site has not declared it.",
        ),
        ("vimeo", "7", "Some content is not shown here, because this site has not declared it."),
        ("https://www.youtube.com/", "7", "Some content is not shown here, because this site has not declared it."),
    ],
)
def test_reference_of_a_declared_service(service: str, reference: str, sentence: str) -> None:
    """A9: a service that is declared is not said to be undeclared, because its reference is no good; others are."""
    source = "{{ cookieconsent.embed(service, value, title='') }}"

    assert words(soup_of(shown(source, service=service, value=reference))) == [sentence]


def test_number_is_a_reference() -> None:
    place = soup_of(shown("{{ cookieconsent.embed('posts', 7, title=title) }}"))

    assert [each["src"] for each in place.select("iframe")] == ["https://frames.example.net/7"]


@pytest.mark.parametrize("title", [None, "", " \n", "\u200b", "half \ud83d", LazyString(lambda: "")], ids=repr)
def test_empty_title(title: Any) -> None:
    """Whoever hears the page is told whose content it is, where no editor said what."""
    assert [each["title"] for each in soup_of(shown(value=FILM, title=title)).select("iframe")] == [
        "Content of Example Films"
    ]


@pytest.mark.parametrize(
    ("title", "words"),
    [(5, "5"), (HOSTILE, HOSTILE), (Markup("A &amp; B"), "A & B"), (LazyString(lambda: "A <b>"), "A <b>")],
)
def test_title_of_any_kind(title: Any, words: str) -> None:
    assert [each["title"] for each in soup_of(shown(value=FILM, title=title)).select("iframe")] == [words]


@pytest.mark.parametrize("poster", ["https://cdn.example/x.jpg", "//cdn.example/x.jpg", "/\ud800.jpg", 7, HOSTILE, [1]])
def test_poster_from_elsewhere_is_left_out(poster: Any) -> None:
    """A3: a picture of another host is asked for by nobody; the placeholder has none."""
    source = "{{ cookieconsent.embed(film, title='A film', poster=poster) }}"
    page = small_site(source, {"poster": poster}).visitor().get("/page")

    assert page.status_code == 200
    assert len(soup_of(page).select(".fcc-placeholder")) == 3
    assert soup_of(page).select("img") == []
    assert remote_references(page.text) == []


def test_poster_from_elsewhere_twin() -> None:
    source = "{{ cookieconsent.embed(film, title='A film', poster='/static/x.jpg') }}"

    assert soup_of(small_site(source, {}).visitor().get("/page")).select_one("img")["src"] == "/static/x.jpg"


# -- mail and feeds ---------------------------------------------------------------------------------------------------


def plain(value: Any, source: str = ONE) -> str:
    """Return what a template gives in a worker."""
    with make_site().app.app_context():
        return render_template_string(source, value=value, title="A <b>title</b>")


def test_plain() -> None:
    """In mail it is the title and a link, and nothing where there is nothing to link to."""
    link = '<p><a href="https://maps.example/?a=1&amp;b">A &lt;b&gt;title&lt;/b&gt;</a></p>'
    with_request = ONE.replace("title=title", "title=title, plain=True")

    assert plain("https://maps.example/?a=1&b") == link
    assert shown(with_request, value="https://maps.example/?a=1&b", title="A <b>title</b>") == link
    for value in (None, "", "a film", "javascript:alert(1)", HOSTILE):
        assert plain(value) == ""


def test_feed() -> None:
    """A feed has the title and a link, and is as public as it was."""
    site = small_site("", {})
    feed = "<feed><![CDATA[{{ cookieconsent.embed('https://maps.example/', title='A map') }}]]></feed>"
    headers = {"Content-Type": "application/atom+xml"}
    site.app.add_url_rule("/feed", "feed", lambda: (render_template_string(feed), headers))
    response = site.visitor().get("/feed")

    assert response.text == '<feed><![CDATA[<p><a href="https://maps.example/">A map</a></p>]]></feed>'
    assert not response.cache_control.private


# -- who is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("config", [{"DEBUG": True}, {"TESTING": True}])
@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("embed('https://fb.watch/abc', title='T')", "is a short link.* open it and paste the long address"),
        ("embed('', title='T')", "'' is no address"),
        ("embed(none, title='T')", "'' is no address"),
        ("embed('youtube', none, title='T')", "service 'youtube' cannot embed ''"),
        ("embed('vimeo', '7', title='T')", "no service 'vimeo'"),
        ("embed(film, title=none)", "the title is empty"),
        ("embed(film, title='T', poster='//cdn.example/x.jpg')", "is no picture of this site"),
    ],
)
def test_raised_for_the_developer(config: dict[str, Any], call: str, message: str) -> None:
    """A9: whoever builds the site is told at once what to write instead."""
    site = make_site(services=[*services(), youtube(), facebook()], **config)
    with site.app.test_request_context(), pytest.raises(EmbedError, match=message):
        render_template_string("{{ cookieconsent." + call + " }}", film=FILM)


def test_missing_values_of_the_developer() -> None:
    """What the developer's own code raises is raised as it would be elsewhere in a template."""
    site = make_site()
    site.app.jinja_env.undefined = StrictUndefined
    with site.app.test_request_context():
        with pytest.raises(UndefinedError):
            render_template_string("{{ cookieconsent.embed(film.adress, title='T') }}", film={})
        with pytest.raises(TypeError, match="title"):
            render_template_string("{{ cookieconsent.embed(film) }}", film=FILM)


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if "embed()" in each.getMessage()]


def test_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """One line for one value, however often it is asked for, with what to do."""
    source = "{% for each in values %}{{ cookieconsent.embed(each, title='T') }}{% endfor %}"
    site = small_site(source, {"values": ["https://fb.watch/abc", "https://maps.example/", "//maps.example/"] * 3})
    with caplog.at_level(logging.WARNING, "flask_cookieconsent"):
        for _ in range(3):
            site.visitor().get("/page")
    first, second = lines(caplog)

    assert "'/page'" in first
    assert "'https://fb.watch/abc' is a short link" in first
    assert first.endswith("open it and paste the long address it leads to")
    assert "no declared service can embed 'https://maps.example/'; services that embed: films, posts" in second


def test_logged_on_one_short_line(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever writes a value writes no line of the log; twin: what is fine is not told at all."""

    def parse(text: str) -> Frame | None:
        raise ValueError(f"what is\n2026-11-27 ERROR {text}\r\n?" * 1_000)

    app = small_app()
    site = make_site(app=app, services=[youtube(), *services()])
    object.__setattr__(site.app.extensions["cookieconsent.state"].registry.services["posts"], "parse", parse)
    with caplog.at_level(logging.WARNING, "flask_cookieconsent"), app.test_request_context("/a%0Ab"):
        for value in ("https://a.example/\nERROR", "x" * 10_000_000, "\ud800", HOSTILE, FILM):
            render_template_string("{{ cookieconsent.embed(value, title='T') }}", value=value)
        render_template_string("{{ cookieconsent.embed('posts', 'z', title='T') }}")

    assert len(lines(caplog)) == 5
    assert [line for line in lines(caplog) if len(line.splitlines()) > 1 or len(line) > 3_000] == []


def test_log_is_bounded(caplog: pytest.LogCaptureFixture) -> None:
    """Where a visitor can choose the value, the log is not filled."""
    refused = RefusedValues(small_app())
    with caplog.at_level(logging.WARNING, "flask_cookieconsent"):
        for number in range(2_000):
            refused.tell(EmbedError(f"no {number}"))

    assert len(lines(caplog)) == 500
