"""The middleware: what is hidden, stopped and swept, and which policy a page gets."""

from __future__ import annotations

import io
import itertools
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

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

from flask_cookieconsent import Cookie, RegistryError, UndeclaredCookieError
from flask_cookieconsent.http.middleware import DROPPED_HEADER
from tests.kit.sites import (
    COMPANY,
    FILM,
    OPTIONAL,
    PLAYER,
    Site,
    cookies_set,
    make_app,
    make_site,
    own,
    services,
    somebody,
    soup_of,
)
from tests.kit.talkative import LEFTOVERS, LINES, names_set, talkative, told


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
    """A1, A4, A6, A8: a view that forgets to ask sets nothing that is off, and what it sets is for one visitor."""
    visitor = talkative().visitor()
    for press in presses:
        visitor.choose(*press)

    for path in ("/set", "/streamed", "/error"):
        for method in ("GET", "HEAD"):
            response = visitor.open(path + "?set=lang&set=_ec&set=_ec_9", method)
            assert names_set(response) == passing, (method, path)
            assert "private" in response.headers.get("Cache-Control", ""), (method, path)


def test_every_set_of_categories() -> None:
    """A6: for each of the sixteen sets, exactly its cookies pass, and exactly its hosts are opened."""
    app = make_app(COOKIECONSENT_CSP="enforce")
    app.add_url_rule("/all", "all", lambda: Response("ok", headers=[("Set-Cookie", f"{name}=1") for name in every]))
    visitor, every = make_site(app=app).visitor(), {"lang", "arrival", "_ec", "_ec_1"}
    of_category = {"functionality": {"lang"}, "tracking": {"arrival"}, "performance": {"_ec", "_ec_1"}}
    third = {"https://player.example.net", "https://frames.example.net"}

    for groups in (set(each) for n in range(5) for each in itertools.combinations(OPTIONAL, n)):
        visitor.choose("save", *set().union(*(OPTIONAL[each] for each in groups)))
        page = visitor.get("/")
        sources = {source for policy in policies(page) for values in policy.values() for source in values}
        passing = set().union(*(of_category.get(each, set()) for each in groups))
        assert names_set(visitor.get("/all")) == passing, groups
        assert {each for each in sources if "://" in each} == (third if "third_party" in groups else set()), groups
        assert len(soup_of(page).select(".fcc-embed")) == (2 if "third_party" in groups else 0), groups


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


def lasting(*cookies: Cookie, **config: Any) -> Site:
    """Return a site whose view sets, of a service that is always on, whatever line a query asks for."""
    service = own("desk", "necessary", *cookies, justification="To keep a desk.")
    app = make_app(**config)
    app.add_url_rule("/line", "line", lambda: Response("ok", headers={"Set-Cookie": request.args["line"]}))
    return make_site(app=app, services=[service])


DESK = Cookie(name="desk", purpose="Keeps a desk.", duration=timedelta(days=30))
VISIT = Cookie(name="visit", purpose="Keeps a visit.")


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("desk=1; Max-Age=2592000", "desk=1; Max-Age=2592000"),
        ("desk=1; Max-Age=9; Path=/", "desk=1; Max-Age=9; Path=/"),
        ("desk=1; Path=/", "desk=1; Path=/"),
        ("desk=1; Max-Age=34560000; Path=/", "desk=1; Path=/; Max-Age=2592000"),
        ("desk=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT; Secure", "desk=1; Secure; Max-Age=2592000"),
        ("desk=1; Expires=Wed, 01 Jan 31 00:00:00 GMT", "desk=1; Max-Age=2592000"),
        ("desk=; Max-Age=0", "desk=; Max-Age=0"),
        ("visit=1; Path=/", "visit=1; Path=/"),
        ("visit=1; Max-Age=60; Path=/", "visit=1; Max-Age=60; Path=/"),
        ("visit=1; Max-Age=86400; Path=/", "visit=1; Path=/"),
    ],
)
def test_cookies_last_no_longer_than_visitors_are_told(line: str, sent: str) -> None:
    """C2: what is set for longer than declared is cut to that; shorter is as the view wants."""
    site = lasting(DESK, VISIT)

    assert site.visitor().get("/line", query_string={"line": line}).headers["Set-Cookie"] == sent


def test_cookie_that_lasts_too_long_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    """C2: the owner learns the cookie, the view and both durations; under `raise` it is an error."""
    line = {"line": "desk=1; Max-Age=34560000"}
    for _ in range(2):
        lasting(DESK).visitor().get("/line", query_string=line)
    site = lasting(DESK)
    caplog.clear()
    for _ in range(2):
        site.visitor().get("/line", query_string=line)

    told = [record.message for record in caplog.records]
    assert len(told) == 1 and all(each in told[0] for each in ("'desk'", "'line'", "400 days", "30 days"))
    with pytest.raises(UndeclaredCookieError, match="400 days"):
        lasting(DESK, COOKIECONSENT_UNDECLARED_COOKIES="raise").visitor().get("/line", query_string=line)


def test_what_a_hook_makes_of_our_cookie_is_cut() -> None:
    """C2: only the lines that the answer to a press was given pass unread; the app's own hooks come after them."""

    def prolong(response: Response) -> Response:
        lines = [
            line.replace("Max-Age=15897600", "Max-Age=34560000") for line in response.headers.getlist("Set-Cookie")
        ]
        response.headers.setlist("Set-Cookie", lines)
        return response

    assert "Max-Age=15897600" in make_site().visitor().choose("reject").headers["Set-Cookie"]
    site = make_site()
    site.app.after_request(prolong)

    for name in ("cookieconsent", "cookieconsent_receipt"):
        assert cookies_set(site.visitor().choose("accept"))[name]["max-age"] == "15897600", name


@pytest.mark.parametrize("line", ["_ec", "=_ec=1", "_ec; Max-Age=99", "_ec=1; Max-Age=000000000000000000000031536000"])
def test_no_spelling_of_a_cookie_passes(line: str) -> None:
    """A1: a cookie without a name comes back as its value, and zeros make no age shorter."""
    app = make_app()
    app.add_url_rule("/line", "line", lambda: Response("ok", headers={"Set-Cookie": line}))

    assert "Set-Cookie" not in make_site(app=app).visitor().get("/line").headers


def test_drops_are_visible_in_debug(caplog: pytest.LogCaptureFixture) -> None:
    """What is stopped is told to developers, and to nobody else."""
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
    """Session and flash messages, remember-me and CSRF work for whoever refuses, under any name."""
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
    """A site that would switch its own sign-in off is told at start-up."""
    seat = own("seat", "functionality", Cookie(name="session", purpose="Keeps you signed in."))

    with pytest.raises(RegistryError, match="cookie 'session' of service 'seat': the app's own session"):
        make_site(services=[seat])


def test_downloads_and_events_pass_as_they_are() -> None:
    """Files and server-sent events are neither read nor changed."""
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
    assert "Cookie" not in file.headers.get("Vary", "") and "private" not in file.headers.get("Cache-Control", "")
    assert "Cookie" in stream.headers["Vary"], "what is still being made may yet ask"


@pytest.mark.parametrize(
    ("presses", "visible"),
    [
        ([], {"a", "session", "_EC", "watched"}),
        ([("save",)], {"a", "session", "_EC", "watched"}),
        ([("save", "language")], {"a", "session", "_EC", "watched", "lang"}),
        ([("save", "counter")], {"a", "session", "_EC", "watched", "_ec", "_ec_9"}),
    ],
)
def test_cookies_left_over_are_hidden_from_the_app(presses: list[tuple[str, ...]], visible: set[str]) -> None:
    """A10: what is left of before never reaches the app without a grant; everything else does, unchanged."""
    visitor = talkative().visitor()
    for press in presses:
        visitor.choose(*press)

    found, response = told(visitor)

    assert set(found) == visible
    assert found["a"] == "1"
    assert "private" in response.headers["Cache-Control"]


def test_cookies_left_over_are_hidden_from_the_app_twin() -> None:
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


@pytest.mark.parametrize(
    ("kind", "is_strict", "is_page"),
    [
        ("text/html", True, True),
        ("Text/HTML; charset=utf-8", True, True),
        (" TEXT/HTML ", True, True),
        ("application/xhtml+xml", True, True),
        ("image/svg+xml", True, False),
        ("text/xml", True, False),
        ("application/xml", True, False),
        ("application/atom+xml", True, False),
        ("multipart/x-mixed-replace; boundary=x", True, False),
        ("x/unknown", True, False),
        ("", True, False),
        ("image/png", False, False),
        ("text/css", False, False),
        ("application/json", False, False),
        ("text/csv", False, False),
    ],
)
def test_every_document_has_the_strict_policy(kind: str, is_strict: bool, is_page: bool) -> None:
    """A9: scripts run in whatever a browser shows as a document, however its type is written."""
    site = talkative(COOKIECONSENT_CSP="enforce")
    response = site.visitor().get("/set", query_string={"type": kind}, headers={"Cookie": LEFTOVERS})

    assert ("default-src" in response.headers.get("Content-Security-Policy", "")) == is_strict
    assert ("Permissions-Policy" in response.headers) == is_page
    assert ("lang=;" in str(response.headers.getlist("Set-Cookie"))) == is_page


def test_policy_can_be_left_to_the_app() -> None:
    """`off` touches no policy; the frame page has its own all the same, or it would show nothing."""
    app = make_app(COOKIECONSENT_CSP="off")
    Talisman(app, force_https=False)
    visitor = make_site(app=app).visitor()
    visitor.choose("accept")

    assert PLAYER not in str(policies(visitor.get("/")))
    assert PLAYER in str(policies(visitor.post({"url": FILM, "title": "x"}, "/cookies/frame/films")))


def test_features_are_denied_until_tracking_is_allowed() -> None:
    """G2: topics, on pages only, whatever else the app says there."""
    app = make_app()
    app.after_request(lambda response: response.headers.setdefault("Permissions-Policy", "camera=()") and response)
    visitor = make_site(app=app).visitor()

    for path in ("/", "/plain"):
        assert visitor.get(path).headers["Permissions-Policy"] == "camera=(), browsing-topics=()"
    visitor.choose("save", "arrival")
    assert visitor.get("/").headers["Permissions-Policy"] == "camera=()"
    with visitor.get("/cookies/static/fcc.css") as file:
        assert file.headers["Permissions-Policy"] == "camera=()"


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
    """One app mounted in another decides about its own cookies alone."""
    outer, inner = make_site(services=[own("outer", "functionality", _named("o"))]), Flask("inner")
    inner.config["SECRET_KEY"] = "a key for tests only"
    inner.add_url_rule("/", "set", lambda: Response("ok", headers=[("Set-Cookie", "i=1"), ("Set-Cookie", "o=1")]))
    make_site(app=inner, services=[own("inner", "functionality", _named("i"))], COOKIECONSENT_UNDECLARED_COOKIES="warn")

    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    answer = Client(DispatcherMiddleware(outer.app, {"/inner": inner})).get("/inner/")

    assert names_set(answer) == {"o"}


def _named(name: str) -> Cookie:
    return Cookie(name=name, purpose="Keeps something.", duration=timedelta(days=1))


# -- pages that caches share -------------------------------------------------------------------------------------------


SHARED = {"COOKIECONSENT_PAGES": "cacheable"}
CACHES = {"Cache-Control": "public, max-age=60"}
POLICY = {"Content-Security-Policy": "default-src 'self'"}
EMBEDS = """{% extends "layout.html" %}{% block content %}{{ cookieconsent.embed(film, title="Film") }}{% endblock %}"""


def public(site: Site) -> Site:
    """Have every page of a site say that caches may share it."""

    def mark(response: Response) -> Response:
        if request.blueprint != "cookieconsent":
            response.headers.update(CACHES)
        return response

    site.app.after_request(mark)
    return site


@pytest.mark.parametrize("choice", ["", "accept", "reject"])
@pytest.mark.parametrize("path", ["/", "/about", "/nowhere"])
def test_shared_page_is_the_same_for_all(path: str, choice: str) -> None:
    """A8: pieces, embeds and errors; a page that asks nothing else stays as public as it was, octet by octet."""
    site = public(make_site(templates={"home.html": EMBEDS}, **SHARED))
    visitor, nobody = somebody(site, choice), site.visitor()

    seen, plain = visitor.get(path, headers={"Sec-GPC": "1"}), nobody.get(path)

    assert seen.data == plain.data and "fcc-waiting" in plain.text
    assert dict(seen.headers) == dict(plain.headers)
    assert plain.headers["Cache-Control"] == CACHES["Cache-Control"] and "Vary" not in plain.headers


def test_shared_page_twin() -> None:
    """A8: the same page in private mode is another for each, and says so."""
    site = public(make_site(templates={"home.html": EMBEDS}))
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.get("/").data != site.visitor().get("/").data
    assert "Cookie" in visitor.get("/").headers["Vary"]


@pytest.mark.parametrize("path", ["/asks", "/set?set=lang", "/set?set=_ec"])
def test_answer_that_depends_is_private_beside_shared_pages(path: str) -> None:
    """A8: who asks, and who sets what may be refused."""
    headers = public(talkative(**SHARED)).visitor().get(path).headers

    assert "private" in headers["Cache-Control"] and "Cookie" in headers["Vary"]


def test_stream_is_private_beside_shared_pages() -> None:
    """A8: a template that is still being made may ask about the visitor when the headers have gone."""
    headers = public(make_site(**SHARED)).visitor().get("/stream").headers

    assert "private" in headers["Cache-Control"] and "Cookie" in headers["Vary"]


def test_hidden_cookie_leaves_a_shared_page_shared() -> None:
    """A10: it is hidden all the same, and nothing is swept there; our own page sweeps it."""
    visitor = public(talkative(**SHARED)).visitor()
    seen, _ = told(visitor)
    _, page = told(visitor, path="/hello", Accept="text/html")

    assert set(seen) == {"a", "session", "_EC", "watched"}
    assert page.headers["Cache-Control"] == CACHES["Cache-Control"] and "Set-Cookie" not in page.headers
    for path in ("/cookies/", "/cookies/state"):
        _, ours = told(visitor, path=path)
        assert {"lang", "_ec", "_ec_9"} <= {line.partition("=")[0] for line in ours.headers.getlist("Set-Cookie")}, path


def test_twin_state_sweeps_nothing_beside_private_pages() -> None:
    """What the pages do themselves the answer to a script need not do."""
    _, answer = told(talkative().visitor(), path="/cookies/state")

    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("choice", ["", "accept"])
def test_policy_of_a_shared_page_is_everybodys(choice: str) -> None:
    """The hosts of all that is declared, apart from those of frames, whatever this visitor has chosen."""
    films = [each for each in services() if each.id == "films"]
    hosts = {"connect-src": ("https://count.example.net",), "script-src": ("https://js.example.net",)}
    counter = own("counter", "performance", hosts=hosts, provider=COMPANY, purpose="audience_measurement")
    site = make_site(services=[counter, *films], templates={"home.html": EMBEDS}, **SHARED)
    site.app.after_request(lambda response: response.headers.update(POLICY) or response)
    visitor = somebody(site, choice)

    opened = visitor.get("/").headers["Content-Security-Policy"]

    assert "https://count.example.net" in opened and "https://js.example.net" in opened
    assert "player.example.net" not in opened and "frame-src 'self'" in opened
    assert visitor.get("/plain").headers["Content-Security-Policy"] == POLICY["Content-Security-Policy"]


def test_frames_of_what_is_necessary_are_in_a_shared_page() -> None:
    """Nobody has to allow them, so that they need no page of ours around them, and the policy names their host."""
    (films,) = (each for each in services() if each.id == "films")
    pay = replace(films, category="necessary", purpose="payment", justification="You pay with it.", cookies=())
    site = make_site(services=[pay], templates={"home.html": EMBEDS}, **SHARED)
    site.app.after_request(lambda response: response.headers.update(POLICY) or response)

    page = site.visitor().get("/")

    assert soup_of(page).select_one(".fcc-embed iframe")["src"] == "https://player.example.net/abc"
    assert "frame-src 'self' https://player.example.net" in page.headers["Content-Security-Policy"]
