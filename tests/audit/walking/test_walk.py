"""The walk reaches what an app of any shape has, does nothing in it, and ends."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, Response, abort, jsonify, redirect, render_template, request, session
from flask.views import MethodView
from flask_talisman import Talisman
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from flask_cookieconsent.audit.visitors import Visitor, visitors_of
from flask_cookieconsent.audit.walking import walk as walking
from flask_cookieconsent.audit.walking.walk import Walk, Wishes, walk
from flask_cookieconsent.errors import SetupError
from flask_cookieconsent.http.cookies import told_name
from flask_cookieconsent.state import get_state
from tests.kit.audited import app_with, page_in_layout
from tests.kit.sites import FILM, make_site

UNDECIDED = Visitor("undecided", None)


def walked(app: Flask, wishes: Wishes | None = None, *, everybody: bool = False) -> Walk:
    """Walk an app with the extension, as somebody undecided, or as all four visitors."""
    site = make_site(app=app)
    return walk(site.app, visitors_of(get_state(site.app).registry) if everybody else [UNDECIDED], wishes or Wishes())


def reached(walk: Walk) -> dict[str, int]:
    """Return the status of each route that was asked for with GET."""
    return {each.address.route: each.status for each in walk.answers if each.method == "GET"}


def test_links_lead_to_routes_with_variables() -> None:
    """Two paths of a route are enough; those of other sites and those that may do something are left alone."""
    links = "".join(f'<a href="/film/{name}">{name}</a>' for name in "abc")
    more = (
        '<a href="https://x.test/film/d">d</a><a href="/logout">out</a><a href="/nowhere">no</a><a href="/shop">s</a>'
    )
    app = app_with({"/list": page_in_layout(links + more), "/film/<name>": "{{ name }}", "/logout": "bye"})
    app.add_url_rule("/shop/", "shop", lambda: "shop")
    found = walked(app)

    paths = [
        each.address.path for each in found.answers if each.address.route == "/film/<name>" and each.method == "GET"
    ]
    assert paths == ["/film/a", "/film/b"]
    assert dict(found.not_reached) == {
        "/logout": "may do something when it is asked for; name it to look at it: --path"
    }
    assert reached(found)["/shop/"] == 200


def test_nothing_is_sent_and_each_method_is_safe() -> None:
    methods: set[str] = set()
    app = app_with({"/form": page_in_layout('<form method="post" action="/form"><button>send</button></form>')})
    app.before_request(lambda: methods.add(request.method))
    walked(app, everybody=True)

    assert methods == {"GET", "HEAD"}


def test_what_the_owner_names_and_leaves_out() -> None:
    app = app_with({"/film/<name>": "{{ name }}", "/admin/a": "a", "/logout": "bye"})
    found = walked(app, Wishes(paths=("/film/x", "/logout"), skip=("/admin",)))

    assert reached(found)["/film/<name>"] == 200 and reached(found)["/logout"] == 200
    assert dict(found.not_reached) == {"/admin/a": "is left out, as you say"}


def test_named_path_that_is_no_page() -> None:
    """It is told, also where another path of its route is one: whoever names it believes that it is looked at."""
    app = app_with(
        {"/list": '<a href="/film/a">a</a>', "/film/<name>": lambda name: name if name == "a" else abort(404)}
    )
    told = dict(walked(app, Wishes(paths=("/film/a", "/film/x", "/nowhere"))).not_reached)

    assert told["/film/x"] == "is named, and answers 404 to everybody"
    assert "/film/a" not in told and "/film/<name>" not in told


def test_sign_in_that_signs_nobody_in() -> None:
    """Whoever gave it is not told to give it."""
    told = dict(walked(guarded(), Wishes(sign_in=lambda client: client.get("/"))).not_reached)

    assert any("your sign_in" in why for why in told.values())
    assert not any("--sign-in" in why for why in told.values())


def test_route_that_gives_the_files_of_pages() -> None:
    """It has a variable, no page links to it, and what it gives was read."""
    files = {"/list": page_in_layout('<script src="/assets/a.js"></script>'), "/assets/<path:name>": lambda name: name}
    assert walked(app_with(files)).not_reached == ()


@pytest.mark.parametrize("line", ['a"b=1; Path=/', "b=1; Max-Age=soon", "K\xf6rbe=1", "=1"])
def test_cookie_that_no_test_client_reads(line: str) -> None:
    """Browsers do, so the page is read, and so are the cookies beside it; the bad twin is Werkzeug's own client."""

    def shop() -> Response:
        response = Response(page_in_layout("a page"), mimetype="text/html")
        response.headers.add("Set-Cookie", line)
        response.headers.add("Set-Cookie", "known=1")
        return response

    app = app_with({"/shop": shop})
    asked = [each for each in walked(app).answers if each.address.path == "/shop"]

    assert [(each.status, each.error) for each in asked] == [(200, ""), (200, "")]
    assert all(told_name(line) in each.undeclared for each in asked)
    with pytest.raises((StopIteration, ValueError)):
        app.test_client().get("/shop")


def test_route_that_nothing_leads_to() -> None:
    assert "--path" in dict(walked(app_with({"/film/<name>": "{{ name }}"})).not_reached)["/film/<name>"]


def test_views_of_every_kind() -> None:
    """Async views, views by method, their own HEAD, other encodings, answers by `Accept`, and what raises."""

    class Shop(MethodView):
        def get(self) -> str:
            return "<!doctype html>shop"

        def head(self) -> Any:
            return "", 405

    async def later() -> str:
        await asyncio.sleep(0)
        return "<!doctype html>later"

    def by_accept() -> Any:
        is_page = request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"
        return "<!doctype html>page" if is_page else jsonify([])

    latin = Response("<!doctype html>é".encode("latin-1"), content_type="text/html; charset=latin-1")
    app = app_with({"/accept": by_accept, "/latin": lambda: latin, "/broken": lambda: b"<!doctype html>\xff\xfe"})
    app.add_url_rule("/shop", view_func=Shop.as_view("shop"))
    app.add_url_rule("/boom", "boom", lambda: str(1 / 0))
    app.add_url_rule("/async", "later", app.ensure_sync(later))
    found = walked(app)

    bodies = {each.address.route: each.body for each in found.answers if each.method == "GET"}
    assert (bodies["/accept"], bodies["/latin"]) == ("<!doctype html>page", "<!doctype html>é")
    assert bodies["/async"].endswith("later") and "\ufffd" in bodies["/broken"]
    assert {each.error for each in found.answers if each.error} == {"ZeroDivisionError: division by zero"}
    assert {each.status for each in found.answers if each.method == "HEAD" and each.address.route == "/shop"} == {405}


def endless() -> Iterator[str]:
    yield "<!doctype html>"
    yield from itertools.repeat("x" * 65_536)


def test_streams_without_an_end() -> None:
    """Of a page a bounded part is read, of a stream of events nothing."""
    app = app_with(
        {
            "/endless": lambda: Response(endless(), mimetype="text/html"),
            "/events": lambda: Response(endless(), mimetype="text/event-stream"),
        }
    )
    found = walked(app)
    sizes = {each.address.route: len(each.body) for each in found.answers if each.method == "GET"}

    assert (sizes["/endless"], sizes["/events"]) == (2_000_000, 0)


def test_redirects() -> None:
    """Loops end, and what they lead to is asked for once."""
    app = app_with({"/a": lambda: redirect("/b"), "/b": lambda: redirect("/a"), "/out": lambda: redirect("//x.test/")})
    found = walked(app)

    assert {route: status for route, status in reached(found).items() if len(route) < 5} == {
        **dict.fromkeys(("/a", "/b", "/out"), 302),
        "/": 200,
    }


def behind_a_proxy(app: Flask) -> None:
    app.wsgi_app = ProxyFix(app.wsgi_app)  # type: ignore[method-assign]


def without_bots(app: Flask) -> None:
    app.before_request(lambda: abort(403) if "Werkzeug" in request.user_agent.string else None)


@pytest.mark.parametrize(
    ("change", "config"),
    [
        (Talisman, {}),
        (behind_a_proxy, {}),
        (without_bots, {}),
        (lambda app: None, {"TRUSTED_HOSTS": ["a.example"]}),
        (lambda app: None, {"SERVER_NAME": "a.example:5000"}),
    ],
)
def test_apps_that_want_something_of_a_request(change: Callable[[Flask], object], config: dict[str, Any]) -> None:
    """HTTPS, a proxy, a browser's name, a host of theirs, a host with a port: they get what a visitor sends."""
    app = app_with({"/page": page_in_layout("")}, **config)
    change(app)

    assert reached(walked(app))["/page"] == 200


def mounted(app: Flask) -> None:
    app.wsgi_app = DispatcherMiddleware(Flask("other"), {"/shop": app.wsgi_app})  # type: ignore[method-assign]


@pytest.mark.parametrize("change", [mounted, lambda app: None])
def test_app_below_a_prefix(change: Callable[[Flask], None]) -> None:
    """`APPLICATION_ROOT` says where; whether a middleware takes it off, the app is asked."""
    app = app_with({"/list": "<a href='{{ url_for(\"film\", name=7) }}'>7</a>"}, APPLICATION_ROOT="/shop")
    app.add_url_rule("/film/<name>", "film", lambda name: name)
    site = make_site(app=app)
    change(app)

    assert reached(walk(site.app, [UNDECIDED], Wishes()))["/film/<name>"] == 200


def guarded() -> Flask:
    app = app_with({"/page": page_in_layout("")})
    app.add_url_rule("/login", "login", lambda: session.update(name=request.form["name"]) or "in", methods=["POST"])

    @app.before_request
    def guard() -> Any:
        is_open = request.path == "/login" or request.path.startswith("/cookies") or "name" in session
        return None if is_open else redirect("/login?next=/page")

    return app


def test_pages_behind_a_sign_in() -> None:
    told = dict(walked(guarded()).not_reached)

    assert "--sign-in" in told["/page"] and "--sign-in" in told["/"]


def test_sign_in() -> None:
    """Once for each visitor, over HTTPS; what it sets is seen too."""
    calls: list[str] = []

    def sign_in(client: Any) -> None:
        calls.append(client.post("/login", data={"name": "ann"}).status)

    found = walked(guarded(), Wishes(sign_in=sign_in), everybody=True)

    assert calls == ["200 OK"] * 4
    assert reached(found)["/page"] == 200 and found.not_reached == ()
    assert [each.method for each in found.answers if each.address.endpoint == "sign-in"] == ["POST"] * 4
    assert any(each.all("set-cookie") for each in found.answers if each.address.endpoint == "sign-in")


def test_sign_in_that_raises() -> None:
    """It is told in one line, with what is wanted."""
    with pytest.raises(SetupError, match="sign-in: found KeyError: 'name'; wanted a callable"):
        walked(app_with({}), Wishes(sign_in=lambda client: {}["name"]))


def test_error_pages_of_the_app() -> None:
    """What a handler answers is asked for without a view that fails."""
    app = app_with({})
    for code in (404, 500, 403):
        app.register_error_handler(code, lambda error, code=code: (render_template("home.html", film=FILM), code))
    found = {each.address.route: each for each in walked(app).answers if each.is_error_page}

    assert {route: answer.status for route, answer in found.items()} == {
        "error 403": 403,
        "error 404": 404,
        "error 500": 500,
    }
    assert all("fcc-banner" in answer.body for answer in found.values())


def test_handler_that_raises() -> None:
    app = app_with({})
    app.register_error_handler(500, lambda error: str(1 / 0))
    (answer,) = [each for each in walked(app).answers if each.address.route == "error 500"]

    assert answer.error == "ZeroDivisionError: division by zero"
    assert "dispatch_request" not in app.__dict__ and not app.testing


def test_requests_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is cut is said."""
    monkeypatch.setattr(walking, "MOST_REQUESTS", 5)
    found = walked(app_with({f"/{number}": "x" for number in range(9)}))

    assert len(found.answers) <= 7
    assert "after 5 requests" in dict(found.not_reached)["further addresses"]


def test_visitors_share_nothing() -> None:
    """A cookie of one is not sent by the next, and the answers stand in the order of the visitors."""
    sent: list[str] = []

    def visit() -> Response:
        sent.append(request.cookies.get("session", ""))
        response = Response("x")
        response.set_cookie("session", str(len(sent)))
        return response

    found = walked(app_with({"/visit": visit}), everybody=True)
    names = [each.visitor.name for each in found.answers]

    assert sent.count("") == 4
    assert list(dict.fromkeys(names)) == ["undecided", "refusing", "accepting", "gpc"]


def test_walk_of_many_routes_takes_no_hour() -> None:
    """A page that waits costs what it waits and no more: nothing is asked for twice."""
    asked: list[float] = []
    walked(app_with({"/page": lambda: asked.append(time.monotonic()) or "x"}))  # type: ignore[func-returns-value]

    assert len(asked) == 2  # GET and HEAD
