"""A site whose views set and tell cookies, and what its answers leave in a browser."""

from __future__ import annotations

import json
from typing import Any

import flask
from flask import Response, render_template_string, request
from werkzeug.test import TestResponse

from tests.kit.sites import Site, Visitor, make_app, make_site

LINES = {
    "lang": "lang=nl; Max-Age=99; Path=/",
    "_ec": "_ec=1; Path=/; HttpOnly",
    "_ec_9": "_ec_9=1; Path=/",
    "gone": "lang=; Max-Age=0; Path=/",
    "old": "lang=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/",
    "stranger": "stranger=1; Path=/",
}


def talkative(**config: Any) -> Site:
    """Return a site whose views set and tell cookies, from every place a view can."""
    app = make_app(**config)

    def answer(text: str = "ok") -> Response:
        response = Response(text, content_type=request.args.get("type", "text/plain"))
        for name in request.args.getlist("set"):
            response.headers.add("Set-Cookie", LINES[name])
        return response

    app.add_url_rule("/set", "set", answer)
    app.add_url_rule("/told", "told", lambda: answer(json.dumps(dict(sorted(request.cookies.items())))))
    app.add_url_rule("/streamed", "streamed", lambda: Response((part for part in "abc"), headers=answer().headers))
    app.add_url_rule("/hello", "hello", lambda: "<!doctype html><title>Hello</title>")
    app.add_url_rule("/asks", "asks", lambda: render_template_string("{{ cookieconsent.allows('films') }}"))
    app.register_error_handler(410, lambda error: (answer("gone"), 410))
    app.add_url_rule("/error", "error", lambda: flask.abort(410))
    return make_site(app=app)


def names_set(response: TestResponse) -> set[str]:
    return {line.partition("=")[0] for line in response.headers.getlist("Set-Cookie") if "Max-Age=0" not in line}


LEFTOVERS = "lang=nl; _ec=1; a=1; _ec_9=2; session=x; _EC=3; watched=4"


def told(
    visitor: Visitor, cookies: str = LEFTOVERS, path: str = "/told", **more: Any
) -> tuple[dict[str, str], TestResponse]:
    choices = "; ".join(f"{each.key}={each.value}" for each in visitor.client._cookies.values())
    response = visitor.get(path, headers={"Cookie": f"{choices}; {cookies}"} | more)
    found = json.loads(response.text) if path == "/told" else {}
    return {name: value for name, value in found.items() if "cookieconsent" not in name}, response


def swept(response: TestResponse) -> set[str]:
    return {line.partition("=")[0] for line in response.headers.getlist("Set-Cookie") if "Max-Age=0" in line}
