"""Caches of rendered pages and fragments: one visitor's is never another's, and where it is, the owner is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from flask import Flask, Response, jsonify, render_template_string, request
from flask_caching import Cache
from flask_compress import Compress

from flask_cookieconsent import CookieConsent, KeptPageError
from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.http.marks import foreign, marks_in
from flask_cookieconsent.state import get_state
from tests.kit.sites import FILM, LAYOUT, Site, Visitor, make_app, make_site, soup_of

PAGE = LAYOUT.replace("{% block content %}", '{{ cookieconsent.embed(film, title="A film") }}{% block content %}')


def render(template: str = PAGE) -> str:
    return render_template_string(template, film=FILM)


def site_with(view: Callable[..., Any], caching: Callable[[Cache], Any] | None = None, **config: Any) -> Site:
    """Return a site whose page `/kept` is made by a view that a cache may keep."""
    app = make_app(CACHE_TYPE="SimpleCache", **config)
    app.jinja_options = {**app.jinja_options, "extensions": ["flask_caching.jinja2ext.CacheExtension"]}
    cache = Cache(app)
    site = make_site(app=app)
    app.add_url_rule("/kept", "kept", caching(cache)(view) if caching else view)
    app.extensions["test.cache"] = cache
    return site


def somebody(site: Site, choice: str) -> Visitor:
    """Return a visitor who has chosen, or, for an empty word, has not yet."""
    visitor = site.visitor()
    if choice:
        visitor.choose(choice)
    return visitor


def accepted(site: Site) -> Visitor:
    return somebody(site, "accept")


def shows_granted(response: Any) -> bool:
    return "https://player.example.net" in response.text


def keeps_page(cache: Cache) -> Any:
    return cache.cached(60)


def keeps_function(cache: Cache) -> Any:
    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        remembered = cache.memoize(60)(view)
        return lambda: remembered()

    return decorate


def keeps_in_process(cache: Cache) -> Any:
    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        remembered = lru_cache(maxsize=8)(view)
        return lambda: remembered()

    return decorate


def whole_response() -> Response:
    return Response(render())


FRAGMENT = LAYOUT.replace(
    "{% block content %}",
    '{% cache 60, "film" %}{{ cookieconsent.embed(film, title="A film") }}{% endcache %}{% block content %}',
)

KEEPERS = [
    pytest.param(render, keeps_page, id="cached"),
    pytest.param(whole_response, keeps_page, id="cached response"),
    pytest.param(render, keeps_function, id="memoize"),
    pytest.param(render, keeps_in_process, id="lru_cache"),
    pytest.param(lambda: render(FRAGMENT), None, id="cache block"),
    pytest.param(lambda: jsonify(html=render()), keeps_page, id="HTML in JSON"),
]


@pytest.mark.parametrize(("view", "caching"), KEEPERS)
def test_kept_page_of_somebody_else_is_private_and_told(
    view: Callable[..., Any], caching: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """A8: a cache inside the app asks nobody; the answer is recognised, kept from shared caches, and the view named."""
    site = site_with(view, caching)
    assert shows_granted(accepted(site).get("/kept"))

    answer = site.visitor().get("/kept")
    site.visitor().get("/kept")

    assert shows_granted(answer), "the cache really gives it away, so what follows means something"
    assert "private" in answer.headers["Cache-Control"] and "Cookie" in answer.headers["Vary"]
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1 and "'kept'" in told[0] and "cache_key()" in told[0]


@pytest.mark.parametrize(("view", "caching"), KEEPERS)
def test_kept_page_of_somebody_else_is_an_error_in_debug(view: Callable[..., Any], caching: Any) -> None:
    """A8: whoever builds a site meets the mistake before any visitor does."""
    site = site_with(view, caching, DEBUG=True)
    accepted(site).get("/kept")

    with pytest.raises(KeptPageError, match="cache_key"):
        site.visitor().get("/kept")


@pytest.mark.parametrize("first", ["accept", "reject", ""])
@pytest.mark.parametrize(("view", "caching"), KEEPERS)
def test_kept_page_of_the_same_choice_is_private(
    view: Callable[..., Any], caching: Any, first: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A8: a kept page that fits is no mistake, and is private as it was when it was made."""
    site = site_with(view, caching, DEBUG=False)
    visitors = [somebody(site, first) for _ in range(2)]

    answers = [visitor.get("/kept") for visitor in visitors]

    kept = "no-store" if first == "accept" else "private"
    assert [answer.headers["Cache-Control"] for answer in answers] == [kept, kept]
    assert not caplog.records


def by_key(cache: Cache) -> Any:
    def key() -> str:
        consent: CookieConsent = cache.app.extensions["cookieconsent"]
        return f"{request.path} {consent.cache_key()}"

    return cache.cached(60, make_cache_key=lambda *args, **kwargs: key())


def by_argument(cache: Cache) -> Any:
    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        remembered = cache.memoize(60)(lambda key: view())
        return lambda: remembered(cache.app.extensions["cookieconsent"].cache_key())

    return decorate


KEYED = FRAGMENT.replace('"film" %}', '"film", cookieconsent.cache_key() %}')


@pytest.mark.parametrize(
    ("view", "caching"),
    [
        pytest.param(render, by_key, id="cached"),
        pytest.param(render, by_argument, id="memoize"),
        pytest.param(lambda: render(KEYED), None, id="cache block"),
    ],
)
def test_recipes(view: Callable[..., Any], caching: Any, caplog: pytest.LogCaptureFixture) -> None:
    """A8: with our key in the cache's each visitor gets what they chose, from the cache, and no one is warned."""
    made = []
    site = site_with(lambda: (made.append(1), view())[1], caching, DEBUG=False)
    visitors = {choice: [somebody(site, choice) for _ in range(2)] for choice in ("accept", "reject", "")}

    for _ in range(2):
        for choice, both in visitors.items():
            for visitor in both:
                answer = visitor.get("/kept")
                assert shows_granted(answer) == (choice == "accept")
                assert bool(soup_of(answer).select_one(".fcc-banner")) == (choice == "")
                assert answer.headers["Cache-Control"] == ("no-store" if choice == "accept" else "private")
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(made) == (3 if caching else 12)


def test_key_is_short_and_shared() -> None:
    """D3: all who chose the same have the same key; it differs by choice, signal and language."""
    site = make_site()

    def key(visitor: Visitor, **headers: str) -> str:
        header = "; ".join(f"{each.key}={each.value}" for each in visitor.client._cookies.values())
        with site.app.test_request_context("/", headers={"Cookie": header, **headers}):
            consent: CookieConsent = site.app.extensions["cookieconsent"]
            return consent.cache_key()

    assert key(accepted(site)) == key(accepted(site))
    assert len({key(accepted(site)), key(site.visitor()), key(site.visitor(), **{"Sec-GPC": "1"})}) == 3
    assert len(key(site.visitor())) <= 24


@pytest.mark.parametrize("before", [True, False])
def test_compressed_pages_are_seen(before: bool, caplog: pytest.LogCaptureFixture) -> None:
    """A8: whatever else works on the response, and in whichever order it came to the app."""
    app: Flask = make_app(CACHE_TYPE="SimpleCache", COMPRESS_MIN_SIZE=1)
    cache = Cache(app)
    compress = Compress()
    sites: list[Site] = []
    steps = [lambda: compress.init_app(app), lambda: sites.append(make_site(app=app))]
    for step in steps if before else steps[::-1]:
        step()
    (site,) = sites
    app.add_url_rule("/kept", "kept", cache.cached(60)(render))
    zipped = {"Accept-Encoding": "gzip"}
    accepted(site).get("/kept")

    answer = site.visitor().get("/kept", headers=zipped)

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "private" in answer.headers["Cache-Control"]
    assert any("'kept'" in record.message for record in caplog.records)


def test_pages_without_pieces_are_left_alone() -> None:
    """A8: a page that only looks a little like one of ours stays as public as the app wants it."""
    app = make_app()
    body = '<p class="fcc-embedded" data-state="open" data-service="youtube">x</p>'
    app.add_url_rule("/like", "like", lambda: Response(body, headers={"Cache-Control": "public, max-age=60"}))
    site = make_site(app=app)

    assert site.visitor().get("/like").headers["Cache-Control"] == "public, max-age=60"


def test_marks_of_every_decision() -> None:
    """A8: each piece that a page may hold is known again, and none of one's own is foreign."""
    site = make_site()
    pages, decisions = {}, {}
    for choice in ("accept", "reject", ""):
        visitor = somebody(site, choice)
        pages[choice] = visitor.get("/").text
        with site.app.app_context():
            state = get_state()
            decisions[choice] = state.decide(visitor.cookie(), OptOutSignals(), state.today)
    pieces = {
        "placeholder": (r'<div class="fcc-placeholder.*?>', "reject", {"reject", ""}),
        "embed": (r'<div class="fcc-embed.*?>', "accept", {"accept"}),
        "loader": (r'<script src="[^"]*/google\.js".*?>', "accept", {"accept"}),
        "state": (r'<span class="fcc-forms".*?>', "", {""}),
    }
    for name, (pattern, source, fits) in pieces.items():
        piece = re.search(pattern, pages[source])
        assert piece is not None, name
        for body in (piece[0].encode(), json.dumps(piece[0]).encode()):
            marks = marks_in(body)
            assert len(marks) == 1, name
            for choice, decision in decisions.items():
                assert (foreign(marks, decision) is not None) == (choice not in fits), (name, choice)
    assert marks_in(b'<p data-state="open">a page of the site</p>') == []
