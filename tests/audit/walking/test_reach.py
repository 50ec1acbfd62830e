"""Where a walk gets to: frames of the site, files of HTML, apps beside it; and what it says of what it did not get."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from flask import Flask, Response, abort, request
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from flask_cookieconsent.audit.judges.hosts import host_findings
from flask_cookieconsent.audit.visitors import Visitor
from flask_cookieconsent.audit.walking.walk import MOST_PER_ROUTE, Walk, Wishes, walk
from tests.kit.sites import LAYOUT, make_site, small_app

PIXEL = '<!doctype html><html lang="en"><title>Inside</title><body><img src="https://pixel.example/p.gif" alt="">'


def with_link(markup: str) -> Flask:
    """Return an app whose home page holds some markup."""
    return small_app({"home.html": LAYOUT.replace("<main>", f"<main>{markup}")})


def walked(app: Flask) -> Walk:
    """Return what somebody who has not chosen gets to see of an app."""
    make_site(app=app, tables=False)
    return walk(app, (Visitor("undecided", None),), Wishes())


def frame(app: Flask) -> None:
    app.add_url_rule("/widget/<slug>", "widget", lambda slug: PIXEL)


def file_of_html(app: Flask) -> None:
    app.view_functions["static"] = lambda filename: Response(PIXEL, mimetype="text/html")


def mounted(app: Flask) -> None:
    wiki = Flask("wiki")
    wiki.add_url_rule("/start", "start", lambda: PIXEL)
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/wiki": wiki})  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("markup", "add", "route"),
    [
        ('<iframe title="Inside" src="/widget/abc"></iframe>', frame, "/widget/<slug>"),
        ('<iframe title="Inside" loading="lazy" data-src="/widget/abc"></iframe>', frame, "/widget/<slug>"),
        ('<object data="/widget/abc">Inside</object>', frame, "/widget/<slug>"),
        ('<meta http-equiv="refresh" content="9; url=/widget/abc">', frame, "/widget/<slug>"),
        ('<a href="/static/landing.html">Landing</a>', file_of_html, "/static/…"),
        ('<a href="/static/docs/">Docs</a>', file_of_html, "/static/…"),
        ('<a href="/wiki/start">Wiki</a>', mounted, "/wiki/…"),
    ],
)
def test_pages_that_no_route_lists_are_looked_at(markup: str, add: Callable[[Flask], None], route: str) -> None:
    """C3: whatever a page of the site shows or leads to belongs to the site."""
    app = with_link(markup)
    add(app)
    found = [(each.subject, each.routes) for each in host_findings(walked(app))]

    assert found == [("pixel.example", (route,))]


@pytest.mark.parametrize(
    ("start", "statement"),
    [
        ('type="module" src="/static/a.js">', 'import "./b.js";'),
        ('type="module" src="/static/a.js">', "import {b} from '/static/b.js'"),
        ('>import("/static/a.js")', "import('../static/b.js')"),
    ],
)
def test_modules_are_followed_to_those_that_they_import(start: str, statement: str) -> None:
    """A1: what loads a tracker may be the module of a module."""
    app = with_link(f"<script {start}</script>")
    loader = "const s = document.createElement('script'); s.src = 'https://www.googletagmanager.com/gtag/js';"
    files = {"a.js": statement, "b.js": loader}
    app.view_functions["static"] = lambda filename: Response(files[filename], mimetype="text/javascript")
    found = [(each.rule, each.subject, each.routes) for each in host_findings(walked(app))]

    assert found == [("inline-loader", "www.googletagmanager.com", ("/static/b.js",))]


def test_other_links_are_left_alone() -> None:
    """Files of other kinds, links that lead nowhere, forms, our own pages and other sites are no pages to look at."""
    hrefs = ("/static/paper.pdf", "/nowhere", "/cookies/report", "/posted", "https://a.example/x")
    app = with_link("".join(f'<a href="{href}">There</a>' for href in hrefs))
    app.add_url_rule("/posted", "posted", lambda: "", methods=["POST"])
    seen = walked(app)

    assert {answer.address.path for answer in seen.answers} & set(hrefs) == set()
    assert seen.not_reached == ()


def test_folder_counts_as_one_route() -> None:
    """A manual of a thousand pages is not read from cover to cover."""
    links = "".join(f'<a href="/static/page{number}.html">{number}</a>' for number in range(9))
    app = with_link(links)
    asked: list[str] = []
    app.view_functions["static"] = lambda filename: asked.append(filename) or Response(PIXEL, mimetype="text/html")
    walked(app)

    assert len(set(asked)) == MOST_PER_ROUTE


@pytest.mark.parametrize("status", [400, 404, 503])
def test_route_that_answers_nobody_is_told(status: int) -> None:
    """What was refused was not looked at, and the owner has to know."""
    app = small_app()
    app.add_url_rule("/busy", "busy", lambda: abort(status))

    assert dict(walked(app).not_reached)["/busy"] == f"answers {status} to everybody who asks for /busy"


def test_route_that_meets_a_limit_of_requests_is_told() -> None:
    """Whoever came later was refused, so what this visitor is shown was not looked at; once is enough for that."""
    app, numbers = small_app(), itertools.count()
    app.add_url_rule("/busy", "busy", lambda: abort(429) if next(numbers) else "<p>Words</p>")

    assert dict(walked(app).not_reached) == {
        "/busy": "answers 429 to the undecided visitor; lift the limit for the audit"
    }


def test_route_that_answers_somebody_is_not_told_of() -> None:
    """The bad twin of the last test: one page that was seen is enough."""
    app, numbers = small_app(), itertools.count()
    app.add_url_rule("/busy", "busy", lambda: abort(404) if next(numbers) else "<p>Words</p>")

    assert walked(app).not_reached == ()


def test_route_that_has_no_page_without_a_query() -> None:
    """Its bare address, which is an error, takes the place of none of its pages."""
    links = "".join(f'<a href="/post?id={number}">{number}</a>' for number in range(9))

    def post() -> str:
        return f"<!doctype html>post {request.args['id']}"

    app = with_link(links)
    app.add_url_rule("/post", "post", post)
    found = walked(app)
    read = [each.address.path for each in found.answers if each.address.route == "/post" and each.status == 200]

    assert list(dict.fromkeys(read)) == ["/post?id=0", "/post?id=1"]
