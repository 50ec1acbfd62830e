"""The edge in whole apps: cookies stopped, hidden and removed, policies opened, caches kept apart."""

from __future__ import annotations

import io
import itertools
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import flask
import pytest
from flask import (
    Flask,
    Response,
    flash,
    get_flashed_messages,
    redirect,
    render_template_string,
    request,
    send_file,
    session,
)
from flask_sqlalchemy import SQLAlchemy
from flask_talisman import Talisman
from flask_wtf import CSRFProtect, FlaskForm
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client, TestResponse

from flask_cookieconsent import Cookie, CookieConsent, RegistryError, UndeclaredCookieError
from flask_cookieconsent.http.middleware import DROPPED_HEADER
from tests.kit.sites import FILM, GPC, OPTIONAL, Site, Visitor, cookies_set, make_app, make_site, own, services, soup_of

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


# -- outgoing ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("presses", "passing"),
    [
        ([], set()),
        ([("save",)], set()),
        ([("save", "language")], {"lang"}),
        ([("save", "counter")], {"_ec", "_ec_9"}),
        ([("accept",)], {"lang", "_ec", "_ec_9"}),
    ],
)
def test_cookies_of_what_is_off_are_stopped(presses: list[tuple[str, ...]], passing: set[str]) -> None:
    """A1, A4, A6: a view that forgets to ask sets nothing, whatever kind of answer it gives."""
    visitor = talkative().visitor()
    for press in presses:
        visitor.choose(*press)

    for path in ("/set", "/streamed", "/error"):
        for method in ("GET", "HEAD"):
            response = visitor.open(path + "?set=lang&set=_ec&set=_ec_9", method)
            assert names_set(response) == passing, (method, path)
            assert ("private" in response.headers.get("Cache-Control", "")) is (len(passing) < 3), (method, path)


@pytest.mark.parametrize("groups", [set(each) for n in range(5) for each in itertools.combinations(OPTIONAL, n)])
def test_every_set_of_categories(groups: set[str]) -> None:
    """A6: for each of the sixteen sets, exactly its cookies pass, and exactly its hosts are opened."""
    app = make_app(COOKIECONSENT_CSP="enforce")
    app.add_url_rule("/all", "all", lambda: Response("ok", headers=[("Set-Cookie", f"{name}=1") for name in every]))
    site = make_site(app=app)
    visitor, every = site.visitor(), {"lang", "arrival", "_ec", "_ec_1"}
    visitor.choose("save", *set().union(*(OPTIONAL[each] for each in groups)))
    of_category = {"functionality": {"lang"}, "tracking": {"arrival"}, "performance": {"_ec", "_ec_1"}}

    page = visitor.get("/")

    assert names_set(visitor.get("/all")) == set().union(*(of_category.get(each, set()) for each in groups))
    hosts = {
        source for policy in policies(page) for sources in policy.values() for source in sources if "://" in source
    }
    third = {"https://player.example.net", "https://frames.example.net"}
    assert hosts == (third if "third_party" in groups else set())
    assert len(soup_of(page).select(".fcc-embed")) == (2 if "third_party" in groups else 0)


def test_cookies_of_what_is_off_are_stopped_twin() -> None:
    """A1: the same view without the extension sets them all, which is what the check is for."""
    app = make_app()
    app.add_url_rule("/set", "set", lambda: Response("ok", headers=[("Set-Cookie", LINES["lang"])]))

    assert names_set(app.test_client().get("/set")) == {"lang"}


@pytest.mark.parametrize("line", ["gone", "old"])
def test_deletions_pass(line: str) -> None:
    """A1: what makes a browser forget a cookie is never stopped."""
    response = talkative().visitor().get(f"/set?set={line}")

    assert response.headers.getlist("Set-Cookie") == [LINES[line]]


def test_undeclared_cookies_are_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """C4: by default an undeclared cookie passes, and its name and route are told once."""
    visitor = talkative().visitor()
    with caplog.at_level(logging.WARNING):
        assert names_set(visitor.get("/set?set=stranger")) == {"stranger"}
        assert names_set(visitor.get("/told?set=stranger")) == {"stranger"}

    (message,) = [each.getMessage() for each in caplog.records if "stranger" in each.getMessage()]
    assert "'set'" in message
    assert "add it to the cookies of a service" in message


def test_undeclared_cookies_are_stopped_or_refused() -> None:
    """C4: a site may stop them, or have its tests fail."""
    assert names_set(talkative(COOKIECONSENT_UNDECLARED_COOKIES="drop").visitor().get("/set?set=stranger")) == set()
    with pytest.raises(UndeclaredCookieError, match="cookie 'stranger', set by 'set', is not declared"):
        talkative(COOKIECONSENT_UNDECLARED_COOKIES="raise").visitor().get("/set?set=stranger")


def test_drops_are_visible_in_debug(caplog: pytest.LogCaptureFixture) -> None:
    """PEERS 3: what is stopped is told to developers, and to nobody else."""
    site = talkative()
    assert DROPPED_HEADER not in site.visitor().get("/set?set=lang").headers
    site.app.debug = True
    response = site.visitor().get("/set?set=lang&set=_ec")

    assert response.headers[DROPPED_HEADER] == "lang, _ec"
    assert "lang, _ec" in caplog.text


def test_choice_decides_about_its_own_answer() -> None:
    """A1, E3: what another hook sets with the answer to a press obeys the press."""
    site = talkative()
    site.app.after_request(lambda response: response.headers.add("Set-Cookie", LINES["lang"]) or response)
    visitor = site.visitor()

    assert "lang" in names_set(visitor.choose("accept"))
    assert "lang" not in names_set(visitor.choose("withdraw"))


@pytest.mark.parametrize("undeclared", ["drop", "raise"])
def test_framework_cookies_are_known(undeclared: str) -> None:
    """PEERS 3: session and flash messages, remember-me and CSRF work for whoever refuses, under any name."""
    app = make_app(
        COOKIECONSENT_UNDECLARED_COOKIES=undeclared, SESSION_COOKIE_NAME="seat_of_mine", REMEMBER_COOKIE_NAME="memory"
    )
    CSRFProtect(app)

    def said() -> str:
        flash("Saved.")
        session["user"] = 7
        return "ok"

    def heard() -> str:
        return f"{get_flashed_messages()} {session.get('user')} {FlaskForm().csrf_token.current_token != ''}"

    app.add_url_rule("/say", "say", said)
    app.add_url_rule("/hear", "hear", heard)
    app.add_url_rule("/sent", "sent", lambda: "sent", methods=["POST"])
    app.add_url_rule("/token", "token", lambda: render_template_string("{{ csrf_token() }}"))
    app.add_url_rule(
        "/keep", "keep", lambda: Response("kept", headers=[("Set-Cookie", "memory=7|abc; Path=/; Max-Age=99")])
    )
    visitor = make_site(app=app).visitor()
    visitor.choose("reject")

    visitor.get("/say")
    visitor.get("/keep")
    token = visitor.get("/token").text

    assert visitor.get("/hear").text == "['Saved.'] 7 True"
    assert visitor.cookie("memory") == "7|abc"
    assert visitor.post({"csrf_token": token}, "/sent").text == "sent"


def test_framework_cookies_are_not_optional() -> None:
    """PEERS 3: a site that would switch its own sign-in off is told at start-up."""
    seat = own("seat", "functionality", Cookie(name="session", purpose="Keeps you signed in."))

    with pytest.raises(RegistryError, match="cookie 'session' of service 'seat': the app's own session"):
        make_site(services=[seat])


def test_downloads_and_events_pass_as_they_are() -> None:
    """PEERS 3: files and server-sent events are neither read nor changed."""
    app = make_app()
    made: list[int] = []

    def events() -> Any:
        for number in range(3):
            made.append(number)
            yield f"data: {number}\n\n"

    app.add_url_rule("/events", "events", lambda: Response(events(), content_type="text/event-stream"))
    app.add_url_rule("/file", "file", lambda: send_file(io.BytesIO(b"x" * 9), download_name="a.bin", conditional=True))
    visitor = make_site(app=app).visitor()

    stream = visitor.open("/events", buffered=False)
    assert next(iter(stream.response)) in (b"data: 0\n\n", "data: 0\n\n")
    assert made == [0], "the next event is made when it is asked for"
    file = visitor.get("/file", headers={"Range": "bytes=0-3"})
    assert (file.status_code, file.data) == (206, b"xxxx")
    for response in (stream, file):
        assert "Cookie" not in response.headers.get("Vary", "")
        assert "private" not in response.headers.get("Cache-Control", "")


# -- incoming ----------------------------------------------------------------------------------------------------------

LEFTOVERS = "lang=nl; _ec=1; a=1; _ec_9=2; session=x; _EC=3; watched=4"


def told(
    visitor: Visitor, cookies: str = LEFTOVERS, path: str = "/told", **more: Any
) -> tuple[dict[str, str], TestResponse]:
    choices = "; ".join(f"{each.key}={each.value}" for each in visitor.client._cookies.values())
    response = visitor.get(path, headers={"Cookie": f"{choices}; {cookies}"} | more)
    found = json.loads(response.text) if path == "/told" else {}
    return {name: value for name, value in found.items() if "cookieconsent" not in name}, response


@pytest.mark.parametrize(
    ("presses", "visible"),
    [
        ([], {"a", "session", "_EC", "watched"}),
        ([("save",)], {"a", "session", "_EC", "watched"}),
        ([("save", "language")], {"a", "session", "_EC", "watched", "lang"}),
        ([("save", "counter")], {"a", "session", "_EC", "watched", "_ec", "_ec_9"}),
    ],
)
def test_leftovers_are_not_read(presses: list[tuple[str, ...]], visible: set[str]) -> None:
    """A10: what is left of before never reaches the app without a grant; everything else does, unchanged."""
    visitor = talkative().visitor()
    for press in presses:
        visitor.choose(*press)

    found, response = told(visitor)

    assert set(found) == visible
    assert found["a"] == "1"
    assert "private" in response.headers["Cache-Control"]


def test_leftovers_are_not_read_twin() -> None:
    """A10: with nothing left over the request is as it came, and the answer is nobody's business."""
    found, response = told(talkative().visitor(), "a=1; b=2")

    assert found == {"a": "1", "b": "2"}
    assert "Cache-Control" not in response.headers


def nothing_in_front(app: Flask) -> None:
    """Leave an app without a proxy."""


def proxy_in_front(app: Flask) -> None:
    """Have an app believe one proxy about the scheme."""
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]


@pytest.mark.parametrize(("before", "after"), [(proxy_in_front, nothing_in_front), (nothing_in_front, proxy_in_front)])
def test_behind_a_proxy(before: Callable[[Flask], None], after: Callable[[Flask], None]) -> None:
    """A10, D1: TLS may end at a proxy, and its middleware may come before the extension or after it."""
    app = make_app()
    app.add_url_rule("/told", "told", lambda: json.dumps(dict(request.cookies)))
    before(app)
    visitor = make_site(app=app).visitor(https=True)
    after(app)
    visitor.choose("save", "language", headers={"X-Forwarded-Proto": "https"})
    header = f"__Host-cookieconsent={visitor.cookie('__Host-cookieconsent')}; lang=nl; _ec=1"

    behind = Client(app, use_cookies=False).get("/told", headers={"Cookie": header, "X-Forwarded-Proto": "https"})

    assert set(behind.json if behind.json else json.loads(behind.text)) == {"__Host-cookieconsent", "lang"}


# -- the sweep ---------------------------------------------------------------------------------------------------------


def swept(response: TestResponse) -> set[str]:
    return {line.partition("=")[0] for line in response.headers.getlist("Set-Cookie") if "Max-Age=0" in line}


@pytest.mark.parametrize("path", ["/", "/hello", "/nothing", "/tag/x"])
def test_pages_remove_what_is_off(path: str) -> None:
    """E4, A4: on any page while a service is off, also on pages that ask nothing and on errors."""
    _, response = told(talkative().visitor(), path=path)

    assert swept(response) == {"lang", "_ec", "_ec_9"}


@pytest.mark.parametrize("path", ["/told", "/set?type=application/json", "/cookies/static/fcc.css"])
def test_files_and_data_remove_nothing(path: str) -> None:
    """E4: an image or a stylesheet carries no headers for it."""
    with talkative().visitor().get(path, headers={"Cookie": LEFTOVERS}) as response:
        assert swept(response) == set()


def test_allowed_cookies_stay() -> None:
    """E4: the sweep takes what is off and nothing else."""
    visitor = talkative().visitor()
    visitor.choose("save", "counter")

    assert swept(told(visitor, path="/")[1]) == {"lang"}


def test_withdrawal_removes_with_its_own_answer() -> None:
    """E2, E4: one press, and what was allowed until then is expired in the answer to it."""
    visitor = talkative().visitor(https=True, host="www.example.com")
    visitor.choose("accept")
    choices = "; ".join(f"{each.key}={each.value}" for each in visitor.client._cookies.values())

    answer = visitor.choose("withdraw", headers={"Cookie": f"{choices}; {LEFTOVERS}"})

    assert {"lang", "_ec", "_ec_9"} <= swept(answer)
    assert "session" not in swept(answer)
    assert answer.headers["Clear-Site-Data"] == '"cache"'


def test_copies_are_not_cleared_when_nothing_ends() -> None:
    """E3: not for a grant, not for a first refusal, and not without HTTPS, where browsers would not heed it."""
    for https, choices in ((True, ["accept"]), (True, ["reject"]), (False, ["accept", "withdraw"])):
        visitor = talkative().visitor(https=https)
        for choice in choices:
            assert "Clear-Site-Data" not in visitor.choose(choice).headers, choices


def test_owner_spares_names() -> None:
    """E4: what a sibling site needs stays in the browser, and out of the app's sight."""
    found, response = told(talkative(COOKIECONSENT_SWEEP_EXCEPT=["_ec*"]).visitor())
    page = talkative(COOKIECONSENT_SWEEP_EXCEPT=["_ec*"]).visitor().get("/", headers={"Cookie": LEFTOVERS})

    assert "_ec" not in found
    assert swept(response) == set()
    assert swept(page) == {"lang"}


def test_page_tells_what_was_removed_and_what_was_not() -> None:
    """E4: names the site has removed, and those of others with their own address."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    visitor.choose("withdraw")
    section = soup_of(visitor.get("/cookies/")).select_one("#fcc-removals")
    told_of = {item.strong.text: item.text for item in section.select("li")}

    assert "lang" in told_of["Language"]
    assert "watched (example.net)" in told_of["Example Films"]
    assert section.select_one('a[href="https://media.example.net/privacy"]')
    assert soup_of(visitor.get("/")).select_one('.fcc-saved a[href="/cookies/#fcc-removals"]')


def test_page_tells_what_was_removed_twin() -> None:
    """E4: nobody is told so before they have chosen, nor about what is on."""
    visitor = make_site().visitor()
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")
    visitor.choose("accept")
    assert not soup_of(visitor.get("/cookies/")).select("#fcc-removals")


def test_storage_is_left_to_the_script() -> None:
    """E4: the keys of what is off are handed to the script, those of what is on are not."""
    key = Cookie(name='draft*"', purpose="Keeps a draft.", storage="local")
    visitor = make_site(services=[own("drafts", "functionality", key)]).visitor()

    def handed() -> Any:
        return json.loads(soup_of(visitor.get("/about")).select_one("script[data-check]").get("data-forget", "null"))

    assert handed() == {"local": ['draft*"']}
    visitor.choose("accept")
    assert handed() is None


# -- policies ----------------------------------------------------------------------------------------------------------

PLAYER = "https://player.example.net"


def policies(response: TestResponse) -> list[dict[str, list[str]]]:
    values = ", ".join(response.headers.getlist("Content-Security-Policy")).split(",")
    return [{each.split()[0]: each.split()[1:] for each in value.split(";") if each.split()} for value in values]


def test_policy_is_opened_for_what_is_allowed() -> None:
    """A2: over Talisman the frames of an allowed service load, those of others do not, and nonces stay."""
    app = make_app()
    Talisman(
        app,
        force_https=False,
        content_security_policy={"default-src": "'self'", "script-src": "'self' 'strict-dynamic'"},
        content_security_policy_nonce_in=["script-src"],
    )
    visitor = make_site(app=app).visitor()

    (before,) = policies(visitor.get("/"))
    visitor.choose("save", "films")
    (after,) = policies(visitor.get("/"))

    assert PLAYER not in str(before)
    assert before["frame-src"] == ["'self'"], "placeholders show their frame page"
    assert after["frame-src"] == ["'self'", PLAYER]
    assert after["script-src"][:2] == ["'self'", "'strict-dynamic'"]
    assert after["script-src"][2].startswith("'nonce-")
    assert after["default-src"] == ["'self'"]


def test_policy_of_a_page_that_asks_nothing_is_left_alone() -> None:
    """A8: it would be one page for some and another for others, and could be shared no more."""
    app = make_app()
    Talisman(app, force_https=False)
    visitor = make_site(app=app).visitor()
    before = visitor.get("/plain").headers
    visitor.choose("accept")
    after = visitor.get("/plain").headers

    assert before["Content-Security-Policy"] == after["Content-Security-Policy"]
    assert "private" not in after.get("Cache-Control", "")


@pytest.mark.parametrize("mode", ["enforce", "report-only"])
def test_strict_policy(mode: str) -> None:
    """A2: what a template pastes is blocked, or reported, until its service is allowed."""
    site = make_site(
        app=make_app(COOKIECONSENT_CSP=mode, COOKIECONSENT_CSP_SOURCES={"img-src": ["https://img.example.com"]})
    )
    name = "Content-Security-Policy" + ("-Report-Only" if mode == "report-only" else "")
    visitor = site.visitor()

    before = visitor.get("/").headers[name]
    visitor.choose("accept")
    after = visitor.get("/").headers[name]

    assert "default-src 'self'" in before
    assert "img-src 'self' https://img.example.com" in before
    assert "report-uri /cookies/violations" in before
    assert PLAYER not in before
    assert f"frame-src 'self' {PLAYER}" in after


def test_policy_can_be_left_to_the_app() -> None:
    """`off` touches no policy; the frame page has its own all the same, or it would show nothing."""
    app = make_app(COOKIECONSENT_CSP="off")
    Talisman(app, force_https=False)
    visitor = make_site(app=app).visitor()
    visitor.choose("accept")

    assert PLAYER not in str(policies(visitor.get("/")))
    assert PLAYER in str(policies(visitor.post({"url": FILM, "title": "x"}, "/cookies/frame/films")))


def test_features_are_denied_until_tracking_is_allowed() -> None:
    """G2: topics, auctions and attribution, on pages only, whatever else the app says there."""
    app = make_app()
    app.after_request(lambda response: response.headers.setdefault("Permissions-Policy", "camera=()") and response)
    visitor = make_site(app=app).visitor()

    assert visitor.get("/").headers["Permissions-Policy"].startswith("camera=(), browsing-topics=()")
    assert "attribution-reporting=()" in visitor.get("/plain").headers["Permissions-Policy"]
    visitor.choose("save", "arrival")
    assert visitor.get("/").headers["Permissions-Policy"] == "camera=()"
    with visitor.get("/cookies/static/fcc.css") as file:
        assert file.headers["Permissions-Policy"] == "camera=()"


REPORT = {
    "csp-report": {
        "document-uri": "https://shop.example/secret?name=alice",
        "referrer": "https://from.example/",
        "effective-directive": "frame-src",
        "blocked-uri": "https://tracker.example/pixel?id=alice",
    }
}


def test_violations_are_counted_by_host() -> None:
    """F3: what was blocked is counted; who read what is not kept anywhere."""
    site = make_site(COOKIECONSENT_CSP="report-only")
    modern = [{"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "inline"}}] * 30
    client = site.app.test_client()

    for report in (REPORT, REPORT, modern, {"csp-report": {}}, {"csp-report": 1}, [], 7, None):
        answer = client.post("/cookies/violations", data=json.dumps(report), content_type="application/csp-report")
        assert answer.status_code == 204
        assert "Set-Cookie" not in answer.headers

    shown = site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output
    assert [line.split() for line in shown.splitlines()] == [
        ["20", "img-src", "inline", "(last", "on", "2026-11-23)"],
        ["2", "frame-src", "tracker.example", "(last", "on", "2026-11-23)"],
    ]
    with site.app.app_context(), site.db.engine.connect() as connection:
        assert "alice" not in "\n".join(connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"\xff", b"[[[[", b"[" * 9_000, b"x" * 20_000),
        *(
            json.dumps({"csp-report": {"effective-directive": directive, "blocked-uri": blocked}}).encode()
            for directive, blocked in [
                ("frame-src", "https://a b"),
                ("frame-src", "https://[::1"),
                ("frame-src", "https://" + "a" * 300),
                ("frame-src; script-src", "inline"),
                ("x" * 50, "inline"),
                (7, "inline"),
                ("frame-src", None),
                ("frame-src", "<script>"),
            ]
        ),
    ],
)
def test_violations_that_are_none(body: bytes) -> None:
    """A7: strangers can post there too; what is no report is not counted."""
    site = make_site(COOKIECONSENT_CSP="report-only")

    answer = site.app.test_client().post("/cookies/violations", data=body)

    assert answer.status_code in (204, 400)
    assert site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output == ""


def test_violations_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """PEERS 5: a stranger cannot fill the table."""
    monkeypatch.setattr("flask_cookieconsent.log.violations.MOST_ROWS_A_DAY", 5)
    site = make_site(COOKIECONSENT_CSP="enforce")
    client = site.app.test_client()
    for number in range(20):
        report = {"csp-report": {"effective-directive": "img-src", "blocked-uri": f"https://a{number}.example"}}
        client.post("/cookies/violations", data=json.dumps(report))

    shown = site.app.test_cli_runner().invoke(args=["cookieconsent", "violations"]).output
    assert len(shown.splitlines()) == 5


def test_violations_without_a_place_to_count(caplog: pytest.LogCaptureFixture) -> None:
    """A7: a table that is not there, or no database, is told in the log and to no visitor; no mode, no endpoint."""
    broken = make_site(COOKIECONSENT_CSP="enforce", tables=False).app
    plain = make_app(COOKIECONSENT_CSP="enforce")
    CookieConsent(plain, services=services())
    with caplog.at_level(logging.WARNING):
        for app in (broken, plain):
            assert app.test_client().post("/cookies/violations", data=json.dumps(REPORT)).status_code == 204

    assert "could not be counted" in caplog.text
    assert "the policy blocked tracker.example for frame-src" in caplog.text
    assert make_site().app.test_client().post("/cookies/violations", data=json.dumps(REPORT)).status_code == 404


# -- caches ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    ("path", "is_private"),
    [("/", True), ("/asks", True), ("/stream", True), ("/plain", False), ("/set", False), ("/away", False)],
)
def test_answers_are_private_exactly_when_they_depend(path: str, is_private: bool, method: str) -> None:
    """A8: whoever asked, or may yet ask, is private; everything else stays as cacheable as it was."""
    headers = talkative().visitor().open(path, method).headers

    assert ("private" in headers.get("Cache-Control", "")) is is_private
    assert ({"Cookie", "Sec-GPC"} <= set(headers.get("Vary", "").split(", "))) is is_private


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


def test_state_tells_whether_a_kept_page_is_true() -> None:
    """E3: the word in the page is the word of the check as long as nothing was chosen since."""
    visitor = make_site().visitor()

    def words() -> tuple[str, str]:
        page = soup_of(visitor.get("/about")).select_one("script[data-check]")
        return page["data-state"], visitor.get(page["data-check"]).text

    before = words()
    visitor.choose("accept")
    after = words()

    assert before[0] == before[1] != after[0] == after[1]
    assert visitor.get("/cookies/state").headers["Cache-Control"] == "no-store"
    other = visitor.site.visitor()
    other.choose("accept")
    assert other.get("/cookies/state").text == after[0], "equal choices give equal words (D3)"


# -- signals -----------------------------------------------------------------------------------------------------------


def test_statement_about_the_signal() -> None:
    """G4: a small JSON file at a known place, dated; absent where the owner says so."""
    response = make_site(COOKIECONSENT_POLICY_DATE="2026-10-01").visitor().get("/.well-known/gpc.json")

    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.json == {"gpc": True, "lastUpdate": "2026-10-01"}
    assert "private" not in response.headers.get("Cache-Control", "")
    assert make_site().visitor().get("/.well-known/gpc.json").json["lastUpdate"] == "2026-11-23"
    off = make_site(COOKIECONSENT_GPC_STATEMENT=False)
    assert off.visitor().get("/.well-known/gpc.json").status_code == 404


@pytest.mark.parametrize(("headers", "name"), [(GPC, "Global Privacy Control"), ({"DNT": "1"}, "Do Not Track")])
def test_signal_is_shown(headers: dict[str, str], name: str) -> None:
    """G3: by its own name, in a line in place of the banner, on the page, and beside the link of every page."""
    visitor = make_site(COOKIECONSENT_DNT=True).visitor()
    page, preferences = (soup_of(visitor.get(path, headers=headers)) for path in ("/about", "/cookies/"))

    assert not page.select(".fcc-banner")
    assert name in page.select_one(".fcc-signal").text
    assert name in page.select_one(".fcc-link .fcc-heeded").text
    assert name in preferences.select_one(".fcc-signal").text


def test_signal_is_shown_twin() -> None:
    """G3: `DNT: 0` signals nothing, so the banner asks."""
    page = soup_of(make_site(COOKIECONSENT_DNT=True).visitor().get("/about", headers={"DNT": "0"}))

    assert page.select(".fcc-banner")
    assert not page.select(".fcc-signal, .fcc-heeded")


def test_do_not_track_is_off_by_default() -> None:
    """G2: it is another signal, which the owner may heed; then caches have to know about it."""
    heeding, deaf = make_site(COOKIECONSENT_DNT=True).visitor(), make_site().visitor()

    assert soup_of(deaf.get("/", headers={"DNT": "1"})).select(".fcc-banner")
    assert "DNT" in heeding.get("/").headers["Vary"].split(", ")
    assert "DNT" not in deaf.get("/").headers["Vary"].split(", ")


def test_later_signal_pauses_cookies_too() -> None:
    """G3, A10: cookies of a paused grant are stopped, hidden and removed; without the signal the grant is back."""
    visitor = talkative().visitor()
    visitor.choose("accept")
    count = len(visitor.site.events())

    assert names_set(visitor.get("/set?set=_ec&set=lang", headers=GPC)) == {"lang"}
    found, _ = told(visitor, **GPC)
    assert "_ec" not in found
    assert "lang" in found
    assert names_set(visitor.get("/set?set=_ec&set=lang")) == {"_ec", "lang"}
    assert len(visitor.site.events()) == count, "no page view writes anything"


@pytest.mark.parametrize(("headers", "bit"), [(GPC, True), ({}, False)])
def test_every_event_carries_the_signal(headers: dict[str, str], bit: bool) -> None:
    """G3, F2: what the browser said with the press is in the log."""
    site = make_site()
    site.visitor().choose("accept", headers=headers)

    assert [each.gpc for each in site.events()] == [bit]


# -- why? --------------------------------------------------------------------------------------------------------------


def test_explain() -> None:
    """Each service with its reason, the cookies and the hosts, for a request that somebody tells of."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    header = f"cookieconsent={visitor.cookie()}; _ec=1; a=1"
    args = ["cookieconsent", "explain", "--cookie", header, "--http", "--host", "www.example.com", "--path", "/a/b"]
    told_of = site.app.test_cli_runner().invoke(args=args).output.splitlines()

    assert "yes  films  granted" in told_of
    assert "no   counter  refused" in told_of
    assert "Hidden from the app: _ec" in told_of
    assert "Removed with a page: _ec (6 places)" in told_of
    assert f"Opened in the policy: frame-src {PLAYER}" in told_of
    alone = site.app.test_cli_runner().invoke(args=[*args[:2], "--cookie", visitor.cookie(), "--http", "--gpc"]).output
    assert "no   films  signal" in alone.splitlines()


def test_panel_in_debug() -> None:
    """The same on every page, for developers alone."""
    site = talkative()
    assert "fcc-panel" not in site.visitor().get("/").text
    site.app.debug = True
    page = site.visitor().get("/", headers={"Cookie": "_ec=1"})
    panel = soup_of(page).select_one(".fcc-panel")

    assert "counter" in panel.text
    assert "undecided" in panel.text
    assert "Hidden from the app: _ec" in panel.text


def test_database_is_not_asked() -> None:
    """The edge costs no query, whatever it does."""
    db = SQLAlchemy()
    site = make_site(app=make_app(), db=db)
    queries: list[Any] = []
    with site.app.app_context():
        from sqlalchemy import event

        event.listen(db.engine, "before_cursor_execute", lambda *each: queries.append(each))
    site.visitor().get("/", headers={"Cookie": LEFTOVERS})

    assert queries == []


def test_redirects_keep_what_they_carry() -> None:
    """A4: a redirect may set a cookie as well; it obeys like any other answer."""
    app = make_app()

    def go() -> Response:
        response = redirect("/")
        response.set_cookie("lang", "nl", max_age=timedelta(days=1))
        return response  # type: ignore[return-value]

    app.add_url_rule("/go", "go", go)
    visitor = make_site(app=app).visitor()

    assert "lang" not in cookies_set(visitor.get("/go"))
    visitor.choose("accept")
    assert "lang" in cookies_set(visitor.get("/go"))


def test_two_apps_do_not_share_an_edge() -> None:
    """PEERS 9: one app mounted in another decides about its own cookies alone."""
    outer, inner = make_site(services=[own("outer", "functionality", _named("o"))]), Flask("inner")
    inner.config["SECRET_KEY"] = "a key for tests only"
    inner.add_url_rule("/", "set", lambda: Response("ok", headers=[("Set-Cookie", "i=1"), ("Set-Cookie", "o=1")]))
    make_site(app=inner, services=[own("inner", "functionality", _named("i"))], COOKIECONSENT_UNDECLARED_COOKIES="warn")

    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    answer = Client(DispatcherMiddleware(outer.app, {"/inner": inner})).get("/inner/")

    assert names_set(answer) == {"o"}


def _named(name: str) -> Cookie:
    return Cookie(name=name, purpose="Keeps something.", duration=timedelta(days=1))
