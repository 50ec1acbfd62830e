"""The answers that a browser is given, asked for without one."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest
from flask import Flask, Response, jsonify, redirect, request

from flask_cookieconsent.audit.browser.answers import Asked, answer, host_of, stand_in
from tests.kit.sites import make_site

OWN = frozenset({"localhost"})


@pytest.fixture
def app() -> Flask:
    """A site with addresses of many kinds."""
    app = make_site().app
    app.add_url_rule("/echo", "echo", _echo, methods=["GET", "POST"])
    app.add_url_rule("/sets", "sets", _sets)
    app.add_url_rule("/leads", "leads", lambda: redirect("/echo"))
    app.add_url_rule("/leads-away", "leads-away", lambda: redirect("https://stats.example.com/hit"))
    app.add_url_rule("/circle", "circle", lambda: redirect("/circle"))
    app.add_url_rule("/events", "events", lambda: Response(_for_ever(), mimetype="text/event-stream"))
    app.add_url_rule("/camera", "camera", _camera)
    app.add_url_rule("/async", "async", _later)
    return app


def _echo() -> Response:
    return jsonify(cookie=request.headers.get("Cookie"), host=request.host, query=request.query_string.decode())


def _sets() -> Response:
    response = redirect("/echo")
    response.set_cookie("session-like", "1")
    return response


def _camera() -> Response:
    """Frames without end, each as soon as the one before is taken."""
    frames = (b"--frame\r\n\r\n" + bytes(1_000_000) for _ in count())
    return Response(frames, mimetype="multipart/x-mixed-replace; boundary=frame", headers={"Set-Cookie": "camera=1"})


def _for_ever() -> Iterator[str]:
    while True:
        yield "data: more\n\n"


async def _later() -> str:
    return "later"


def asked(url: str, method: str = "GET", kind: str = "fetch", **more: object) -> Asked:
    return Asked(method, url, kind, **more)  # type: ignore[arg-type]


def test_own_address_is_answered_by_the_app(app: Flask) -> None:
    got = answer(app, OWN, "", asked("https://localhost/echo?a=1", headers={"Cookie": "a=b"}))

    assert got.status == 200
    assert b'"cookie":"a=b"' in got.body and b'"query":"a=1"' in got.body


def test_lines_of_cookies_are_handed_over_apart(app: Flask) -> None:
    got = answer(app, OWN, "", asked("https://localhost/sets", is_navigation=True))

    assert "session-like=1" in got.as_mapping["set-cookie"]
    assert (got.status, got.as_mapping["refresh"]) == (200, "0;url=https://localhost/echo")


@pytest.mark.parametrize(
    ("path", "onward"), [("leads", "https://localhost/echo"), ("leads-away", "https://stats.example.com/hit")]
)
def test_redirect_of_what_is_no_document_is_followed(app: Flask, path: str, onward: str) -> None:
    got = answer(app, OWN, "", asked(f"https://localhost/{path}"))

    assert (got.status, got.onward) == (200, (onward,))


def test_redirect_without_end_ends(app: Flask) -> None:
    assert answer(app, OWN, "", asked("https://localhost/circle")).status == 508


def test_nothing_is_sent_to_the_app_but_forms_of_ours(app: Flask) -> None:
    """A script that writes to the site would change its data."""
    theirs = answer(app, OWN, "", asked("https://localhost/echo", "POST", body=b"x"))
    ours = answer(app, OWN, "", asked("https://localhost/cookies/choice", "POST", body=b"choice=reject"))

    assert (theirs.status, theirs.body) == (204, b"")
    assert ours.status == 400, "it is asked, and says what the form lacks"


def test_stream_of_events_is_not_waited_for(app: Flask) -> None:
    assert answer(app, OWN, "", asked("https://localhost/events")).body == b""


def test_pictures_without_end_are_cut_off(app: Flask) -> None:
    """Else they fill the memory of the machine; what is said before the first one is handed on."""
    found = answer(app, OWN, "", asked("https://localhost/camera"))

    assert found.status == 200 and ("Set-Cookie", "camera=1") in found.headers
    assert 1_000_000 < len(found.body) <= 16_000_000


def test_error_is_an_answer(app: Flask) -> None:
    app.add_url_rule("/raises", "raises", lambda: 1 / 0)
    app.config["PROPAGATE_EXCEPTIONS"] = True

    assert answer(app, OWN, "", asked("https://localhost/raises")).status == 500


def test_async_view_runs(app: Flask) -> None:
    assert answer(app, OWN, "", asked("https://localhost/async")).body == b"later"


def test_app_below_a_path_knows_its_forms(app: Flask) -> None:
    """A press is a form of ours wherever a middleware has mounted the app."""
    got = answer(app, OWN, "/shop", asked("https://localhost/shop/cookies/choice", "POST"))

    assert got.status != 204


@pytest.mark.parametrize(
    ("kind", "mimetype"),
    [("document", "text/html"), ("script", "text/javascript"), ("stylesheet", "text/css"), ("image", "image/gif")],
)
def test_others_are_stood_in_for(app: Flask, kind: str, mimetype: str) -> None:
    got = answer(app, OWN, "", asked("https://stats.example.com/t", kind=kind, headers={"Origin": "https://localhost"}))

    assert got == stand_in(asked("https://stats.example.com/t", kind=kind, headers={"Origin": "https://localhost"}))
    assert got.as_mapping["content-type"] == mimetype
    assert got.as_mapping["access-control-allow-origin"] == "https://localhost"


@pytest.mark.parametrize(
    ("url", "host"), [("https://A.example:8443/x", "a.example"), ("data:,x", ""), ("https://[broken", ""), ("//b", "b")]
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host
