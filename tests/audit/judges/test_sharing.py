"""Answers that a cache would give to the next visitor."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response, render_template_string, request
from flask_caching import Cache

from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.judges.sharing import shared_by
from flask_cookieconsent.audit.report import audit
from tests.kit.audited import app_with, audit_of, findings_of, page_in_layout
from tests.kit.sites import FILM, make_site


def shared(app: Flask) -> list[Finding]:
    return findings_of(audit_of(app), "shared-page")


@pytest.mark.parametrize(
    ("headers", "is_shared"),
    [
        ({"cache-control": "public, max-age=60"}, True),
        ({"cache-control": "s-maxage=60"}, True),
        ({"cache-control": "max-age=60"}, True),
        ({"expires": "Thu, 01 Jan 2099 00:00:00 GMT"}, True),
        ({}, True),
        ({"vary": "Accept-Encoding", "cache-control": "public"}, True),
        ({"cache-control": "private", "cdn-cache-control": "max-age=60"}, True),
        ({"cache-control": "private, max-age=60"}, False),
        ({"cache-control": "no-store"}, False),
        ({"cache-control": "public, no-cache"}, False),
        ({"cache-control": "public", "vary": "Accept, Cookie"}, False),
        ({"cache-control": "public", "vary": "*"}, False),
        ({"cache-control": "public, max-age=0"}, False),
        ({"cache-control": "private", "cdn-cache-control": "no-store"}, False),
    ],
)
def test_what_a_shared_cache_may_keep(headers: dict[str, str], is_shared: bool) -> None:
    """RFC 9111; where nothing is said it depends on the status."""
    assert bool(shared_by(200, headers)) is is_shared
    assert not shared_by(500, {})


class Overwriting:
    """WSGI middleware outside of ours, which says of every answer that everybody may keep it."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __call__(self, environ: Any, start_response: Any) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            kept = [pair for pair in headers if pair[0].lower() not in ("cache-control", "vary")]
            return start_response(status, [*kept, ("Cache-Control", "public, max-age=600")], exc_info)

        return self.inner(environ, start)


def test_middleware_that_overwrites_what_we_say() -> None:
    site = make_site(app=app_with({"/plain": lambda: "<!doctype html><p>the same for all"}))
    site.app.wsgi_app = Overwriting(site.app.wsgi_app)  # type: ignore[method-assign]
    found = findings_of(audit(site.app), "shared-page")

    assert "/" in {finding.subject for finding in found}
    assert "/plain" not in {finding.subject for finding in found}
    assert "public, max-age=600" in found[0].says


def test_page_that_is_private() -> None:
    """The bad twin: what we say stays, and what differs without our knowing is told by its heuristics."""
    assert shared(app_with({"/page": page_in_layout("")})) == []


def test_session_of_one_visitor_for_all() -> None:
    """A cookie in an answer that says public goes to whoever comes next."""

    def visit(control: str) -> Any:
        def view() -> Response:
            response = Response("text", headers={"Cache-Control": control})
            response.set_cookie("session", "abc")
            return response

        return view

    found = shared(app_with({"/open": visit("public"), "/closed": visit("private")}))

    assert [finding.subject for finding in found] == ["/open"] and "sets session" in found[0].says


def cached_app(key: Any = None, page: str = "") -> Flask:
    """Return an app that keeps a page for everybody, or under a key."""
    app = app_with({}, CACHE_TYPE="SimpleCache")
    cache = Cache(app)
    options = {"make_cache_key": key} if key else {}

    @cache.cached(timeout=60, **options)
    def kept() -> str:
        return render_template_string(page or page_in_layout("{{ cookieconsent.embed(film, title='F') }}"), film=FILM)

    app.add_url_rule("/kept", "kept", kept)
    return app


def test_cache_inside_the_app() -> None:
    """Our pieces are made anew on the way out, and the owner hears of it."""
    (finding,) = shared(cached_app())

    assert (finding.subject, "cache_key" in finding.remedy[0]) == ("/kept", True)


def test_cache_with_our_key() -> None:
    app = cached_app(lambda *args, **kwargs: f"{request.full_path} {consent.cache_key()}")
    site = make_site(app=app)
    consent = site.consent

    assert findings_of(audit(app), "shared-page") == []


def test_content_of_an_accepting_visitor_is_found_with_others() -> None:
    """Who allows everything goes first, so that what a cache keeps of it is seen on the pages of those who refuse."""
    page = page_in_layout(
        "{% if cookieconsent.allows('films') %}<img src='https://player.example.net/a.png'>{% endif %}"
    )
    found = findings_of(audit_of(cached_app(page=page)), "contact-before-choice")

    assert {visitor for finding in found for visitor in finding.visitors} == {"undecided", "refusing", "gpc"}


def test_cache_that_raises_in_debug_mode() -> None:
    app = cached_app()
    app.debug = True
    report = audit_of(app)

    assert [finding.subject for finding in findings_of(report, "shared-page")] == ["/kept"]
    assert findings_of(report, "unreadable-page") == []


def test_pages_that_are_made_for_nobody() -> None:
    """The same for everybody, and so nobody else's; what asks besides is private. Twin: the marks of one visitor."""
    content = "{{ cookieconsent.embed(film, title='F') }}"
    asks = content + "{{ cookieconsent.allows('films') }}"
    pages = {"/page": page_in_layout(content), "/asks": page_in_layout(asks)}

    assert shared(app_with(pages, COOKIECONSENT_PAGES="cacheable")) == []
