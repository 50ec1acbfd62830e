"""Cache-Control and Vary: what depends on a visitor's choice is private, everything else as cacheable as it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import flask
import pytest
from flask import Response, render_template, render_template_string, request, send_file, stream_with_context
from werkzeug.http import parse_cache_control_header, parse_set_header

from flask_cookieconsent import current_consent
from tests.kit.pages import ENTRIES, arrive, is_kept_private
from tests.kit.sites import Visitor, make_app, make_site, soup_of
from tests.kit.talkative import talkative


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_are_private_exactly_when_they_depend(method: str) -> None:
    """A8: whoever asked, or may yet ask, is private; everything else stays as cacheable as it was."""
    visitor = talkative().visitor()

    for path, is_private in (
        *(("/", True), ("/asks", True), ("/stream", True)),
        *(("/plain", False), ("/set", False), ("/away", False)),
    ):
        headers = visitor.open(path, method).headers
        assert ("private" in headers.get("Cache-Control", "")) is is_private, path
        assert ({"Cookie", "Sec-GPC"} <= set(headers.get("Vary", "").split(", "))) is is_private, path


def test_not_modified_is_private_as_the_page_was() -> None:
    """A8: a 304 renews a page in a cache, so it has to say the same."""
    app = make_app()

    def tagged() -> Response:
        response = flask.make_response(render_template_string("{{ cookieconsent.allows('films') }}"))
        response.set_etag("1")
        return response.make_conditional(request)

    app.add_url_rule("/tagged", "tagged", tagged)
    headers = make_site(app=app).visitor().get("/tagged", headers={"If-None-Match": '"1"'})

    assert headers.status_code == 304
    assert "private" in headers.headers["Cache-Control"]


def test_granted_content_is_not_kept_without_https() -> None:
    """E3: where copies cannot be cleared, a page with content that may be withdrawn leaves none."""
    for https, control in ((False, "no-store"), (True, "private")):
        visitor = make_site().visitor(https=https)
        visitor.choose("save", "films")
        assert visitor.get("/").headers["Cache-Control"] == control
        visitor.choose("reject")
        assert visitor.get("/").headers["Cache-Control"] == "private"


def state_of(visitor: Visitor) -> str:
    return str(visitor.get("/cookies/state").json["state"])  # type: ignore[index]


def test_state_tells_whether_a_kept_page_is_true() -> None:
    """E3: the word in the page is the word of the check as long as nothing was chosen since."""
    visitor = make_site().visitor()

    def words() -> tuple[str, str]:
        page = soup_of(visitor.get("/about")).select_one("script[data-choice]")
        return page["data-state"], state_of(visitor)

    before = words()
    visitor.choose("accept")
    after = words()

    assert before[0] == before[1] != after[0] == after[1]
    assert visitor.get("/cookies/state").headers["Cache-Control"] == "no-store"
    other = visitor.site.visitor()
    other.choose("accept")
    assert state_of(other) == after[0], "equal choices give equal words (D3)"


def test_pages_that_depend_on_consent_are_private() -> None:
    """A8: every page that asked about consent varies by cookie and signal, errors, HEAD and streams included."""
    visitor = make_site().visitor()

    for method, path, status in ENTRIES:
        headers = arrive(visitor, method, path).headers
        is_redirect = status == 302
        assert is_kept_private(headers) != is_redirect, (method, path)
        assert bool({"Vary", "Cache-Control"} & set(headers.keys())) != is_redirect, (method, path)


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/choice"])
def test_answers_about_a_choice_are_not_stored(path: str) -> None:
    """A8: neither the preferences nor the answer to a choice is stored anywhere."""
    visitor = make_site().visitor()

    response = visitor.choose("reject") if path.endswith("choice") else visitor.get(path)

    assert response.cache_control.no_store
    assert is_kept_private(response.headers)


def test_pages_that_ask_nothing_are_left_alone() -> None:
    """A8: a page that is the same for all stays as cacheable as it was, as do the extension's own files."""
    visitor = make_site().visitor()

    for path in ("/plain", "/cookies/static/fcc.css", "/cookies/static/fcc.js"):
        response = visitor.get(path)
        assert response.status_code == 200
        assert "Vary" not in response.headers
        assert not response.cache_control.private
        again = visitor.get(path, headers={"If-None-Match": response.headers.get("ETag", "x")})
        assert "Vary" not in again.headers
        response.close()
        again.close()


def test_unchanged_page_is_private() -> None:
    """A8: a 304 tells a cache the same as the page it stands for."""
    site = make_site()

    @site.app.get("/tagged")
    def tagged() -> Any:
        response = site.app.make_response(render_template("page.html", heading="Tagged"))
        response.set_etag("one")
        response.cache_control.public = True
        return response

    site.app.after_request(lambda response: response.make_conditional(request))

    response = site.visitor().get("/tagged", headers={"If-None-Match": '"one"'})

    assert response.status_code == 304
    assert is_kept_private(response.headers)


def test_unchanged_file_is_left_alone() -> None:
    """A8: a 304 for a page that asked nothing says nothing of consent, nor does the answer to HEAD."""
    site = make_site()
    site.app.add_url_rule(
        "/file", "file", lambda: send_file(__file__, mimetype="text/html", conditional=True, etag="e")
    )

    for more in ({"headers": {"If-None-Match": '"e"'}}, {"method": "HEAD"}, {"headers": {"Range": "bytes=0-3"}}):
        response = site.visitor().open("/file", **more)
        assert response.status_code in (200, 206, 304)
        assert "Vary" not in response.headers
        response.close()


def test_answer_without_content_is_left_alone() -> None:
    """A8: what has no body cannot be a streamed page, so it stays as it was."""
    site = make_site()
    site.app.add_url_rule("/done", "done", lambda: ("", 204))

    response = site.visitor().get("/done")

    assert response.status_code == 204
    assert "Vary" not in response.headers


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ([("Cache-Control", "public, max-age=60")], {"max-age"}),
        ([("Cache-Control", "s-maxage=600")], set()),
        ([("Cache-Control", "no-store")], {"no-store"}),
        ([("Cache-Control", "max-age=0"), ("Cache-Control", "no-store")], {"no-store"}),
        ([("Cache-Control", 'private="set-cookie"')], set()),
        ([("CDN-Cache-Control", "max-age=600")], set()),
        ([("Vary", "Accept-Encoding"), ("Vary", "Origin")], set()),
    ],
)
def test_what_the_app_said_gives_way_only_where_it_must(said: list[tuple[str, str]], kept: set[str]) -> None:
    """A8: what the app said of caching is kept where it is stricter, in however many headers it said it."""
    site = make_site()

    @site.app.get("/said")
    def page() -> Any:
        response = site.app.make_response(render_template("page.html", heading="Said"))
        for name, value in said:
            response.headers.add(name, value)
        return response

    response = site.visitor().get("/said")

    assert is_kept_private(response.headers)
    assert kept <= set(parse_cache_control_header(", ".join(response.headers.getlist("Cache-Control"))))
    vary = parse_set_header(", ".join(response.headers.getlist("Vary")))
    assert all(value in vary for name, value in said if name == "Vary")


def test_kept_private_twin() -> None:
    """A8: a page that says how it varies, and lets a shared cache keep it, fails the check."""
    site = make_site()

    @site.app.get("/shared")
    def shared() -> Any:
        return "", 200, {"Vary": "Cookie, Sec-GPC", "Cache-Control": "public"}

    assert not is_kept_private(site.visitor().get("/shared").headers)


@pytest.mark.parametrize("presses", [(), ("accept",), ("reject",)])
def test_optional_cookie_makes_an_answer_private(presses: tuple[str, ...]) -> None:
    """A8: a shared cache would hand a cookie that one visitor allowed to the next one who never did."""
    site = make_site()

    def theme() -> Response:
        response = Response("dark", headers={"Cache-Control": "public, max-age=600"})
        response.set_cookie("lang", "nl", max_age=60)
        return response

    site.app.add_url_rule("/theme", "theme", theme)
    visitor = site.visitor()
    for press in presses:
        visitor.choose(press)
    answer = visitor.get("/theme")

    assert ("Set-Cookie" in answer.headers) is (presses == ("accept",))
    assert is_kept_private(answer.headers)


@pytest.mark.parametrize("kind", ["application/json", "text/csv", "text/plain", "text/event-stream", "Text/HTML"])
def test_streams_that_ask_late_are_private(kind: str) -> None:
    """A8: headers are sent before the first piece is made, and whatever the type, a later one may ask."""
    app = make_app()

    def pieces() -> Iterator[str]:
        yield "["
        yield str(current_consent.allows("films"))
        yield "]"

    def answer() -> Response:
        headers = {"Cache-Control": "public, max-age=600"}
        return Response(stream_with_context(pieces()), content_type=kind, headers=headers)

    app.add_url_rule("/late", "late", answer)
    visitor = make_site(app=app).visitor()
    visitor.choose("accept")

    response = visitor.get("/late")

    assert response.text == "[True]"
    assert is_kept_private(response.headers) and "public" not in response.headers["Cache-Control"]


def test_stream_with_a_length_is_left_alone() -> None:
    """A8: files have a length and ask nothing, so they stay as cacheable as they were."""
    app = make_app()
    headers = {"Cache-Control": "public, max-age=600", "Content-Length": "3"}
    app.add_url_rule("/long", "long", lambda: Response(iter("abc"), content_type="text/csv", headers=headers))

    assert make_site(app=app).visitor().get("/long").headers["Cache-Control"] == "public, max-age=600"
