"""Caches of rendered pages and fragments: one visitor's never reaches another, and the owner is told of it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import pytest
from flask import Flask, Response, jsonify, render_template_string, request
from flask_caching import Cache
from flask_compress import Compress

from flask_cookieconsent import CookieConsent, KeptPageError
from flask_cookieconsent.catalogue import disqus
from tests.kit.sites import FILM, LAYOUT, Site, Visitor, make_app, make_site, services, somebody, soup_of

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


ORDERS = [("accept", ""), ("accept", "reject"), ("reject", ""), ("reject", "accept"), ("", "accept"), ("", "reject")]


@pytest.mark.parametrize(("first", "second"), ORDERS)
@pytest.mark.parametrize(("view", "caching"), KEEPERS)
def test_kept_page_is_made_anew_for_whoever_comes_next(
    view: Callable[..., Any], caching: Any, first: str, second: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A8: a cache inside the app asks nobody; our pieces are put in their place, and the view is named, once."""
    site = site_with(view, caching)
    wanted = somebody(site_with(view), second).get("/kept") if caching else None
    assert shows_granted(somebody(site, first).get("/kept")) == (first == "accept")

    answer = somebody(site, second).get("/kept")
    again = somebody(site, second).get("/kept")

    assert answer.headers["Cache-Control"] == ("no-store" if second == "accept" else "private")
    assert "Cookie" in answer.headers["Vary"]
    page = soup_of(answer)
    assert answer.is_json or sort_of(page) == (second == "accept", second == "", second == "accept")
    assert answer.is_json or {each["data-state"] for each in page.select("[data-state]")} == {decision_of(site, second)}
    assert answer.is_json or (has_its_forms(page) and answer.text == again.text)
    assert wanted is None or answer.is_json or answer.text == wanted.text
    told = [record.message for record in caplog.records if record.levelname == "ERROR"]
    # Only a fragment with a placeholder is the same for whoever has refused and whoever has not chosen.
    assert len(told) == (1 if caching or "accept" in (first, second) else 0)
    assert all("'kept'" in each and "cache_key()" in each for each in told)


def sort_of(page: Any) -> tuple[bool, bool, bool]:
    """Tell whether a page shows the embed, a banner, and a tag."""
    frame, banner, tag = ("iframe[src]", ".fcc-banner", "script[data-service]")
    return bool(page.select_one(frame)), bool(page.select_one(banner)), bool(page.select_one(tag))


def has_its_forms(page: Any) -> bool:
    """Tell whether the form of every button is in the page."""
    return {each["form"] for each in page.select("button[form]")} <= {each["id"] for each in page.select("form[id]")}


def decision_of(site: Site, choice: str) -> str:
    digest: str = somebody(site, choice).get("/cookies/state").json["state"]
    return digest


@pytest.mark.parametrize(("view", "caching"), KEEPERS)
def test_kept_page_is_made_anew_twin(view: Callable[..., Any], caching: Any) -> None:
    """A8: without the look at what goes out, the next visitor gets what the first one allowed, in public."""
    site = site_with(view, caching)
    accepted(site).get("/kept")
    site.app.after_request_funcs.clear()

    answer = site.visitor().get("/kept")

    assert shows_granted(answer)
    assert caching is None or "Cache-Control" not in answer.headers


@pytest.mark.parametrize("choice", ["reject", "accept"])
def test_kept_placeholder_has_its_forms(choice: str) -> None:
    """A9: a fragment that was kept brings no forms along; its buttons work all the same, without scripts."""
    site = site_with(lambda: render(FRAGMENT), None)
    somebody(site, choice).get("/kept")

    page = soup_of(somebody(site, choice).get("/kept"))

    assert has_its_forms(page)


FORGED = [
    '<!--fcc:embed 0123456789abcdef--><div class="fcc-embed x" data-service="films"><iframe></iframe></div><!--fcc/-->',
    '<a title="<!--fcc:embed 0123456789abcdef-->">A</a><!--fcc/-->" onmouseover=alert(1) x="',
    "<!--fcc:head 0123456789abcdef-->",
    "<!--fcc/-->",
]


@pytest.mark.parametrize("content", FORGED)
def test_what_others_write_is_no_piece(content: str, caplog: pytest.LogCaptureFixture) -> None:
    """A7: comments that somebody writes into a page are left as they are, and hide no kept piece."""
    site = site_with(lambda: render(PAGE.replace("<main>", "<main><p id='x'>" + content + "</p>")), keeps_page)

    first, second = accepted(site).get("/kept"), site.visitor().get("/kept")

    assert content in first.text and content in second.text
    assert shows_granted(first) and not shows_granted(second)
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_piece_of_elsewhere_is_no_piece_twin() -> None:
    """A7: the same comments with the MAC of this site are one, so what was seen above means something."""
    pages: list[str] = []
    here, there = (
        site_with(lambda: pages[0] if pages else render(), SECRET_KEY=f"the key of {name}") for name in ("one", "two")
    )
    pages.append(accepted(here).get("/kept").text)

    assert shows_granted(site_with(lambda: pages[0], SECRET_KEY="no key of them").visitor().get("/kept"))
    assert shows_granted(there.visitor().get("/kept"))
    assert not shows_granted(here.visitor().get("/kept"))


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
    assert "player.example.net" not in gzip.decompress(answer.data).decode()
    assert "private" in answer.headers["Cache-Control"]
    assert any("'kept'" in record.message for record in caplog.records)


def test_pages_without_pieces_are_left_alone() -> None:
    """A8: a page that only looks a little like one of ours stays as public as the app wants it."""
    app = make_app()
    body = '<p class="fcc-embedded" data-state="open" data-service="youtube">x</p>'
    app.add_url_rule("/like", "like", lambda: Response(body, headers={"Cache-Control": "public, max-age=60"}))
    site = make_site(app=app)

    assert site.visitor().get("/like").headers["Cache-Control"] == "public, max-age=60"


def test_kept_page_outlives_a_change_of_keys() -> None:
    """A8: what a cache kept under an older key is known for ours as long as choices signed with it are."""
    pages: list[str] = []
    before = site_with(lambda: "", SECRET_KEY="old")
    after = site_with(lambda: pages[0], SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    before.app.add_url_rule("/made", "made", render)
    pages.append(accepted(before).get("/made").text)

    assert shows_granted(accepted(after).get("/kept"))
    assert not shows_granted(after.visitor().get("/kept"))


@pytest.mark.parametrize(("pattern", "instead"), [("<!--.*?-->", ""), (r"\s+", " ")])
def test_shortened_page_that_was_kept_is_told(pattern: str, instead: str, caplog: pytest.LogCaptureFixture) -> None:
    """A8: where something shortens HTML before a cache keeps it, the owner is told, and the answer is private."""
    site = site_with(lambda: re.sub(pattern, instead, render()), keeps_page, DEBUG=False)
    first = accepted(site).get("/kept")
    assert shows_granted(first) and not caplog.records

    answers = [site.visitor().get("/kept") for _ in range(2)]

    assert [answer.headers["Cache-Control"] for answer in answers] == ["private"] * 2
    (told,) = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert "'kept'" in told and "cache_key()" in told


def test_shortened_part_of_a_page_is_private(caplog: pytest.LogCaptureFixture) -> None:
    """A8: what a script of the site puts into a page has no head, and is not for every cache either."""
    part = '{{ cookieconsent.embed(film, title="A film") }}'

    def shortened() -> Response:
        page = re.sub("<!--.*?-->", "", render(part))
        return Response(page, headers={"Cache-Control": "public, max-age=600"})

    site = site_with(shortened, keeps_page, DEBUG=False)
    accepted(site).get("/kept")

    assert site.visitor().get("/kept").headers["Cache-Control"] == "max-age=600, private"
    assert ["'kept'" in record.message for record in caplog.records] == [True]


def test_kept_page_has_no_tag_of_its_own() -> None:
    """A8: an `ETag` of the kept page would be the same after a choice, and the browser would show what was before."""

    def tagged() -> Response:
        response = Response(render())
        response.add_etag()
        return response

    site = site_with(tagged, keeps_page)
    first, second = accepted(site).get("/kept"), site.visitor().get("/kept")

    assert "ETag" in first.headers and "ETag" not in second.headers


def test_what_others_write_changes_no_byte() -> None:
    """A7: a comment like ours in a page of another encoding, which nothing of ours is in."""
    page = "<p><!--fcc:embed 0123456789abcdef--> é".encode("latin-1")
    app = make_app()
    app.add_url_rule("/page", "page", lambda: Response(page, content_type="text/html; charset=latin-1"))

    assert make_site(app=app).visitor().get("/page").data == page


@pytest.mark.parametrize("like_ours", ["<!--fcc:embed 0123456789abcdef-->", 'data-state=\\"0123456789abcdef\\"'])
def test_deep_json_of_others_is_handed_on(like_ours: str) -> None:
    """A7: what an app hands on may be nested deeper than Python reads."""
    text = f'["{like_ours}", {"[" * 50_000 + "]" * 50_000}]'
    app = make_app()
    app.add_url_rule("/deep", "deep", lambda: Response(text, mimetype="application/json"))

    assert make_site(app=app).visitor().get("/deep").text == text


@pytest.mark.parametrize("choice", ["accept", "reject"])
def test_kept_widget_is_made_anew(choice: str) -> None:
    """A9: an element that a script fills is known by its reference, and is for others what they chose."""
    app = make_app(CACHE_TYPE="SimpleCache")
    cache = Cache(app)
    site = make_site(services=[*services(), disqus("shop")], app=app)
    page = LAYOUT.replace(
        "{% block content %}", "{{ cookieconsent.embed('disqus', 'a', title='T') }}{% block content %}"
    )
    app.add_url_rule("/kept", "kept", cache.cached(60)(lambda: render_template_string(page)))
    first = somebody(site, choice).get("/kept")

    same, other = (somebody(site, each).get("/kept") for each in (choice, "reject" if choice == "accept" else "accept"))

    assert 'aria-label="T"' in first.text and same.text == first.text
    assert 'aria-label="T"' in other.text
    assert ["fcc-placeholder" in each.text for each in (first, other)] == [choice == "reject", choice == "accept"]


@pytest.mark.parametrize("pages", ["cacheable", "private"])
def test_kept_page_that_caches_share(pages: str) -> None:
    """A8: nobody's is everybody's, and stays public with a policy in which it works; twin: made anew, and private."""
    site = site_with(render, keeps_page, COOKIECONSENT_PAGES=pages)
    policy = {"Content-Security-Policy": "default-src 'self'; frame-src 'none'", "Cache-Control": "public"}
    site.app.after_request(lambda response: response.headers.update(policy) or response)
    first = site.visitor().get("/kept")
    second = accepted(site).get("/kept")

    assert (second.data == first.data) is second.cache_control.public is (pages == "cacheable")
    assert ("frame-src 'self'" in second.headers["Content-Security-Policy"]) is (pages == "cacheable")
