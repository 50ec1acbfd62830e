"""A site with planted faults, each with a route and a subject of its own, so that an audit can be held to the list."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request, session
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from jinja2 import DictLoader

from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent import Tag as ScriptTag
from tests.kit.planted_faults import PLANTED, Planted
from tests.kit.planted_scripts import SCRIPTS, STYLES, banner
from tests.kit.sites import BARE, COMPANY, own, services

WHOLE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Planted</title>
<meta name="viewport" content="width=device-width, initial-scale=1">{% block head %}{% endblock %}
HEAD</head><body>BANNER<main><h1>Planted</h1>{% block content %}{% endblock %}</main>
<footer>LINK</footer></body></html>"""
PIECES = {
    "HEAD": "{{ cookieconsent.head() }}",
    "BANNER": "{{ cookieconsent.banner() }}",
    "LINK": "{{ cookieconsent.link() }}",
}
DAY = 24 * 3600
_numbers = itertools.count()


def planted_app(faults: tuple[Planted, ...] = PLANTED) -> Flask:
    """Return a site with some of the faults; beside them it is as sound as a site can be."""
    app = Flask(f"planted{next(_numbers)}", static_folder=None)
    app.config |= BARE
    app.jinja_loader = DictLoader(dict(_templates(faults)))
    app.add_url_rule("/", "home", lambda: render_template("home.html"))
    app.add_url_rule("/theme", "theme", lambda: _setting("theme", 365 * DAY))
    app.add_url_rule("/static/<path:filename>", "static", _file)
    app.add_url_rule("/enter", "enter", _enter, methods=["POST"])
    for planted in faults:
        if "<slug>" in planted.route:
            app.add_url_rule(planted.route, "shelf", lambda slug: render_template("shelf.html", slug=slug))
        if planted.page.startswith("/"):
            view = VIEWS.get(planted.page) or _page(planted.name)
            app.add_url_rule(planted.page, planted.page, view)
    app.register_error_handler(404, lambda error: (render_template("404.html"), 404))
    app.after_request(_hook)
    CookieConsent(app, services=declared(faults))
    app.wsgi_app = Outer(app.wsgi_app)  # type: ignore[method-assign]
    return app


def declared(faults: tuple[Planted, ...]) -> tuple[Service, ...]:
    """Return what the site declares: its own settings, a player of films, and a counter with a tag."""
    year, month = timedelta(days=365), timedelta(days=30)
    embedded = {each.id: each for each in services() if each.id in ("films", "posts")}
    settings = (
        embedded["posts"],
        own("tour", "functionality", Cookie(name="tour", purpose="Keeps that you took the tour.", duration=month)),
        own("old_promo", "functionality", Cookie(name="old_promo", purpose="Keeps an offer.", duration=month)),
        own(
            "lockout",
            "necessary",
            Cookie(name="lockout", purpose="Counts wrong passwords.", duration=month),
            purpose="security",
            justification="Nobody may guess the password of somebody else.",
        ),
    )
    return (
        own("theme", "functionality", Cookie(name="theme", purpose="Keeps your colours.", duration=year)),
        *(each for each in settings if each.id in {planted.subject for planted in faults}),
        embedded["films"],
        Service(
            id="visits",
            name="Example Visits",
            category="performance",
            purpose="audience_measurement",
            provider=COMPANY,
            cookies=(
                Cookie(name="_visits", purpose="Tells visitors apart.", duration=month),
                Cookie(name="visits.state", purpose="Keeps the state of the visit.", storage="local"),
            ),
            hosts={"script-src": ("https://count.visits.example",), "connect-src": ("https://count.visits.example",)},
            tag=ScriptTag(src="https://count.visits.example/count.js"),
        ),
    )


def enter(client: FlaskClient) -> None:
    """Sign in."""
    client.post("/enter", base_url="https://localhost")


class Outer:
    """WSGI middleware around ours, as of a load balancer or of a server: what it does, we do not see."""

    def __init__(self, inner: Callable[..., Iterable[bytes]]) -> None:
        self._inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        added = {
            "/cookie/outer": [("Set-Cookie", "lb_route=b2; Path=/")],
            "/cookie/early": [("Set-Cookie", f"theme=dark; Max-Age={DAY}; Path=/")],
            "/cookie/long-outer": [("Set-Cookie", f"lockout=1; Max-Age={90 * DAY}; Path=/")],
            "/page/public": [("Cache-Control", "public, max-age=600"), ("Vary", "Accept-Encoding")],
        }.get(environ["PATH_INFO"], [])

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            replaced = {name.lower() for name, _ in added} - {"set-cookie"}
            kept = [(name, value) for name, value in headers if name.lower() not in replaced]
            return start_response(status, [*kept, *added], exc_info)

        return self._inner(environ, start)


def _templates(faults: tuple[Planted, ...]) -> Iterable[tuple[str, str]]:
    routes = {planted.route for planted in faults}
    for lacking in ("", *PIECES):
        layout = WHOLE
        for piece, code in PIECES.items():
            layout = layout.replace(piece, "" if piece == lacking else code)
        yield f"layout{lacking and '-without-' + lacking.lower()}.html", layout
        if lacking:
            yield f"without-{lacking.lower()}.html", f'{{% extends "layout-without-{lacking.lower()}.html" %}}'
    pages = {planted.name: (planted.head, planted.body) for planted in faults}
    film = '{{ cookieconsent.embed("https://films.example.net/watch/abc", title="A film") }}'
    pages["home"] = ("", film)
    pages["plain"] = ("", "<p>Words</p>")
    pages["shelf"] = ("", '<p>{{ slug }}</p><img src="https://shelf.example/r.png" alt="">')
    pages["account"] = ("", '<img src="https://account.example/o.png" alt="">')
    pages["shelves"] = ("", '<a href="/shelves/first-editions">First editions</a>')
    pages["404"] = ("", '<img src="https://not-found.example/s.png" alt="">' if "error 404" in routes else "")
    for name, (head, body) in pages.items():
        blocks = f"{{% block head %}}{head}{{% endblock %}}{{% block content %}}{body}{{% endblock %}}"
        yield f"{name}.html", f'{{% extends "layout.html" %}}{blocks}'
    yield "cookieconsent/banner.html", banner(is_pale="the templates" in routes)


def _page(name: str) -> Callable[[], str]:
    return lambda: render_template(f"{name}.html")


def _setting(name: str, seconds: int) -> Response:
    response = make_response(render_template("plain.html"))
    response.set_cookie(name, "1", max_age=seconds, samesite="Lax")
    return response


def _file(filename: str) -> Response:
    for files, kind in ((STYLES, "text/css"), (SCRIPTS, "text/javascript")):
        if filename in files:
            return Response(files[filename], mimetype=kind)
    if filename == "dot.svg":
        return Response('<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>', mimetype="image/svg+xml")
    abort(404)


def _enter() -> ResponseReturnValue:
    session["person"] = "lotte"
    return redirect("/account")


def _account() -> ResponseReturnValue:
    return render_template("account.html") if "person" in session else redirect("/")


def _hook(response: Response) -> Response:
    if request.path == "/cookie/hook":
        response.set_cookie("ab_bucket", "b")
    return response


def _redirect() -> ResponseReturnValue:
    response = redirect("/")
    response.set_cookie("came_from", "mail")
    return response


def _with(name: str, header: str, value: str) -> Callable[[], Response]:
    def view() -> Response:
        response = make_response(render_template(f"{name}.html"))
        response.headers[header] = value
        return response

    return view


def _raw() -> Response:
    """Answer a piece of a page that differs by a signal which the view reads past `current_consent`."""
    words = "Offers for everybody" if request.headers.get("Sec-GPC") else "Offers for you"
    return Response(f"<p>{words}</p>", headers={"Cache-Control": "public, max-age=600"})


def _broken() -> str:
    raise LookupError("on purpose")


#: The views of faults that are no matter of markup, and of those that need more than it.
VIEWS: dict[str, Callable[[], ResponseReturnValue]] = {
    "/cookie/view": lambda: _setting("basket_hint", DAY),
    "/cookie/hook": _page("plain"),
    "/cookie/outer": _page("plain"),
    "/cookie/redirect": _redirect,
    "/cookie/early": _page("plain"),
    "/cookie/long": lambda: _setting("tour", 365 * DAY),
    "/cookie/long-outer": lambda: _setting("lockout", 30 * DAY),
    "/host/link-header": _with("plain", "Link", "<https://link-header.example/t.css>; rel=preload; as=style"),
    "/account": _account,
    "/page/no-banner": _page("without-banner"),
    "/page/no-link": _page("without-link"),
    "/page/no-head": _page("without-head"),
    "/page/raw": _raw,
    "/page/broken": _broken,
    "/browser/csp": _with("inline", "Content-Security-Policy", "script-src 'self'"),
}
