"""The pages as a browser without scripts receives them: what they hold, what they carry, what they never do."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask, render_template, request, send_file
from flask_talisman import Talisman
from werkzeug.datastructures import Headers
from werkzeug.http import parse_cache_control_header, parse_set_header
from werkzeug.test import TestResponse

from tests.kit.sites import (
    EVERYTHING,
    FILM,
    GPC,
    JSON,
    NOON,
    OPTIONAL,
    SAME_ORIGIN,
    Clock,
    Visitor,
    cookies_set,
    fields_of,
    make_site,
    notice_of,
    owner,
    remote_references,
    soup_of,
)

REMOTE = {"films": "https://player.example.net/abc", "posts": "https://frames.example.net/7"}
#: Every way to arrive at a page: the method, the address and the status.
ENTRIES = [
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/about", 200),
    ("GET", "/nowhere", 404),
    ("GET", "/boom", 500),
    ("GET", "/handled", 409),
    ("POST", "/posted", 200),
    ("GET", "/away", 302),
    ("GET", "/stream", 200),
    ("GET", "/cookies/", 200),
    ("GET", "/cookies/policy", 200),
    ("GET", "/cookies/choice", 302),
    ("GET", "/cookies/nowhere", 404),
    ("GET", "/cookies/choice?choice=accept&service=films", 302),
]


def arrive(visitor: Visitor, method: str, path: str, **more: Any) -> TestResponse:
    visitor.site.app.config["PROPAGATE_EXCEPTIONS"] = False
    return visitor.open(path, method, **more)


def loaded(html: str) -> tuple[set[str], set[str]]:
    """Return the services whose tags and the services whose frames stand in a page."""
    soup = soup_of(html)
    tags = {each["data-id"] for each in soup.select("script[data-id]")}
    frames = {name for name, src in REMOTE.items() if soup.select_one(f'iframe[src="{src}"]')}
    assert all(each.get("src", "") in ("", *REMOTE.values()) for each in soup.select("iframe"))
    return tags, frames


# -- A: nothing before consent --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "path", "status"), ENTRIES)
def test_first_visit_stores_and_fetches_nothing(method: str, path: str, status: int) -> None:
    """A1, A2, A3, A4: whichever way somebody arrives, no cookie is set and nothing stands in the page."""
    response = arrive(make_site().visitor(), method, path)

    assert response.status_code == status
    assert response.headers.getlist("Set-Cookie") == []
    assert response.headers.getlist("Link") == []
    assert remote_references(response.text) == []
    assert loaded(response.text) == (set(), set())


@pytest.mark.parametrize("path", ["/", "/about", "/nowhere", "/stream", "/cookies/policy"])
def test_refusal_stores_and_fetches_nothing(path: str) -> None:
    """A2, A4: the same holds for somebody who has refused, and no cookie is set again."""
    visitor = make_site().visitor()
    visitor.choose("reject")

    response = arrive(visitor, "GET", path)

    assert response.headers.getlist("Set-Cookie") == []
    assert remote_references(response.text) == []


@pytest.mark.parametrize(
    "html",
    [
        '<img src="https://tracker.example/x.gif">',
        '<img srcset="/a.png, //tracker.example/b.png 2x">',
        '<link rel="preconnect" href="https://tracker.example">',
        '<noscript><img src="//tracker.example/x.gif"></noscript>',
        '<iframe src="HTTPS://tracker.example"></iframe>',
        '<iframe srcdoc="<p>"></iframe>',
        '<object data="https://tracker.example/x"></object>',
        '<form action="https://tracker.example/x"></form>',
        '<button formaction="https://tracker.example/x"></button>',
        '<video poster="https://tracker.example/x"></video>',
        '<p style="background: url(//tracker.example/x)">',
        "<style>@import '//tracker.example'</style>",
        "<script>fetch('//tracker.example')</script>",
        '<body onload="f()">',
        '<meta http-equiv="refresh" content="0; //tracker.example">',
        '<a ping="/x" href="/">',
    ],
)
def test_remote_references_twin(html: str) -> None:
    """A3: the check of this file sees every way in which a page may fetch from elsewhere."""
    assert remote_references(html)


def test_remote_references_leave_links_alone() -> None:
    """A3: an ordinary link loads nothing."""
    assert remote_references('<a href="https://www.example.com">elsewhere</a><img src="/a.png">') == []


@pytest.mark.parametrize("chosen", [set(each) for n in range(5) for each in itertools.combinations(OPTIONAL, n)])
def test_exactly_the_allowed_is_there(chosen: set[str]) -> None:
    """A6: for each of the 16 subsets of categories, exactly their tags, frames and parts of the page are there."""
    visitor = make_site().visitor()
    wanted = set().union(*(OPTIONAL[each] for each in chosen))

    visitor.press(visitor.get("/cookies/"), "Save", within=".fcc-switches", on=wanted)
    page = visitor.get("/")

    assert {each.text for each in soup_of(page).select("p.allowed")} == chosen
    assert loaded(page.text) == ({"EC-1"} if "counter" in wanted else set(), wanted & set(REMOTE))
    assert visitor.allowed() == wanted


def test_exactly_the_allowed_is_there_twin() -> None:
    """A6: a page that keeps a frame for everybody is seen."""
    assert loaded(f'<iframe src="{REMOTE["films"]}"></iframe>') != (set(), set())


def test_partly_allowed_category_is_not_allowed() -> None:
    """A6: what belongs to a category waits for all its services, and each service stands alone."""
    visitor = make_site().visitor()
    visitor.choose("save", "films")

    page = visitor.get("/")

    assert loaded(page.text) == (set(), {"films"})
    assert not soup_of(page).select("p.allowed")


def hostile_cookies() -> dict[str, str]:
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")
    good = visitor.cookie()
    assert good
    body, _, signature = good.rpartition(".")
    other = make_site(SECRET_KEY="the key of somebody else").visitor()
    other.choose("accept")
    ahead = make_site(clock=Clock(NOON.replace(day=25))).visitor()
    ahead.choose("accept")
    return {
        "empty": "cookieconsent=",
        "malformed": "cookieconsent=%00%FF;;=;",
        "truncated": f"cookieconsent={good[:-5]}",
        "unsigned": f"cookieconsent={body}",
        "no signature": f"cookieconsent={body}.",
        "forged": f"cookieconsent={body.replace('films+', 'filmz+')}.{signature}",
        "another version": f"cookieconsent=2{good[1:]}",
        "of another site": f"cookieconsent={other.cookie()}",
        "of days to come": f"cookieconsent={ahead.cookie()}",
        "twice": f"cookieconsent={good}; cookieconsent={good}",
        "oversized": f"cookieconsent={good}{'x' * 4_000}",
        "not ASCII": "cookieconsent=1.2026é",
        "quoted": f'cookieconsent="{good}\\"',
        "digits of elsewhere": "cookieconsent=1.２０２６１１２３.0.x",
        "of the other scheme": f"__Host-cookieconsent={good}",
    }


@pytest.mark.parametrize("kind", hostile_cookies())
def test_bad_cookie_means_undecided(kind: str) -> None:
    """A7: a cookie this site did not write means that nobody has chosen; the page is there all the same."""
    site = make_site()

    header = hostile_cookies()[kind].encode().decode("latin-1")
    response = site.visitor().get("/", headers={"Cookie": header})

    assert response.status_code == 200
    assert soup_of(response).select_one(".fcc-banner")
    assert loaded(response.text) == (set(), set())


def test_bad_cookie_means_undecided_twin() -> None:
    """A7: the same page with a good cookie is another one, so the check can tell."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("accept")

    response = site.visitor().get("/", headers={"Cookie": f"a=b; cookieconsent={visitor.cookie()}"})

    assert not soup_of(response).select_one(".fcc-banner")
    assert loaded(response.text) == ({"EC-1"}, {"films", "posts"})


def test_expired_cookie_means_undecided() -> None:
    """A7, B10: a choice is remembered for 184 days, a refusal as long as a grant, and then asked for once more."""
    for choice in ("accept", "reject"):
        site = make_site()
        visitor = site.visitor()
        visitor.choose(choice)
        text = f"cookieconsent={visitor.cookie()}"
        for days, asked in ((1, False), (182, False), (1, False), (1, True)):
            site.clock.forward(days=days)
            page = visitor.get("/", headers={"Cookie": text})
            assert (soup_of(page).select_one(".fcc-banner") is not None) == asked
        assert loaded(page.text) == (set(), set())


# -- A8: caches -----------------------------------------------------------------------------------------------------


def is_kept_private(headers: Headers) -> bool:
    """Tell whether no shared cache will give this response to another visitor."""
    vary = parse_set_header(", ".join(headers.getlist("Vary")))
    control = parse_cache_control_header(", ".join(headers.getlist("Cache-Control")))
    shared = any(name in control for name in ("public", "s-maxage")) or "CDN-Cache-Control" in headers
    private = control.get("private", "absent") is None or "no-store" in control
    return private and {"cookie", "sec-gpc"} <= {each.lower() for each in vary} and not shared


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


# -- A9: embeds -----------------------------------------------------------------------------------------------------


def test_placeholder_tells_before_it_loads() -> None:
    """A9: the placeholder names the content, who receives what, and offers once, always and an ordinary link."""
    placeholder = soup_of(make_site().visitor().get("/")).select_one(".fcc-placeholder")

    assert placeholder
    assert "A film" in placeholder.text
    assert "Example Media SA" in placeholder.text
    assert "IP address" in placeholder.text
    assert [each.text.partition(":")[0] for each in placeholder.select("button")] == [
        "Load once",
        "Always allow Example Films",
    ]
    assert placeholder.select_one(f'a[href="{FILM}"]')
    assert not placeholder.select("img, [src]")
    assert "fcc-shape-wide" in placeholder["class"]


def test_allowed_embed_is_the_rebuilt_frame() -> None:
    """A9: what is allowed is the provider's frame, rebuilt, lazy, titled and with a referrer policy."""
    visitor = make_site().visitor()
    visitor.press(visitor.get("/"), "Always allow Example Films")

    frame = soup_of(visitor.get("/")).select_one(".fcc-embed iframe")

    assert frame
    assert frame["src"] == REMOTE["films"]
    assert (frame["title"], frame["loading"]) == ("A film", "lazy")
    assert frame["referrerpolicy"] == "strict-origin-when-cross-origin"


def test_load_once_shows_that_embed_and_stores_nothing() -> None:
    """A9: one press loads one embed; nothing is kept, so the next page has its placeholder again."""
    site = make_site()
    visitor = site.visitor()

    frame = visitor.press(visitor.get("/"), "Load once", headers={"Sec-Fetch-Dest": "iframe"})

    assert frame.status_code == 200
    assert [each["src"] for each in soup_of(frame).select("iframe")] == [REMOTE["films"]]
    assert frame.headers.getlist("Set-Cookie") == []
    assert frame.cache_control.no_store
    assert loaded(visitor.get("/").text) == (set(), set())
    assert site.events() == []


def test_each_placeholder_loads_into_its_own_frame() -> None:
    """A9: two embeds of a page, of one film too, have two places."""
    site = make_site(templates={"home.html": "{{ cookieconsent.embed(film, title='A') }}" * 2})

    soup = soup_of(site.visitor().get("/"))

    names = [each["name"] for each in soup.select("iframe[name]")]
    assert len(set(names)) == 2
    assert [each["target"] for each in soup.select("form[target]")] == names


STRICT = {
    "Content-Security-Policy": "default-src 'self'; frame-ancestors 'none'",
    "Content-Security-Policy-Report-Only": "default-src 'none'",
    "X-Frame-Options": "DENY",
}


def frame_policy(headers: Headers) -> dict[str, str]:
    """Return the directives that govern a frame page; a second policy of the app would govern it too."""
    lines = headers.getlist("Content-Security-Policy")
    assert len(lines) == 1
    assert "Content-Security-Policy-Report-Only" not in headers
    return dict(each.strip().partition(" ")[::2] for each in lines[0].split(";"))


def with_strict_headers(app: Flask) -> None:
    """Have an app send policies that forbid any frame."""
    app.after_request(lambda response: response.headers.extend(STRICT) or response)


def with_talisman(app: Flask) -> None:
    """Have Flask-Talisman send policies that forbid any frame."""
    Talisman(app, force_https=False, frame_options="DENY", content_security_policy={"default-src": "'self'"})


@pytest.mark.parametrize("with_policy", [with_strict_headers, with_talisman])
def test_frame_page_has_its_own_policy(with_policy: Callable[[Flask], None]) -> None:
    """A9: the frame page may frame its one provider and be framed by this site, whatever the app says elsewhere."""
    site = make_site()
    with_policy(site.app)
    visitor = site.visitor()

    response = visitor.post({"url": FILM, "title": "A film"}, "/cookies/frame/films")

    policy = frame_policy(response.headers)
    assert policy["frame-src"] == "https://player.example.net"
    assert policy["frame-ancestors"] == "'self'"
    assert policy["default-src"] == "'none'"
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'self'" in visitor.get("/about").headers["Content-Security-Policy"]


def test_frame_page_has_its_own_policy_twin() -> None:
    """A9: with the app's policy beside it, or in its place, the check fails."""
    own = ("Content-Security-Policy", "frame-src https://player.example.net")
    with pytest.raises(AssertionError):
        frame_policy(Headers([own, ("Content-Security-Policy", "default-src 'self'")]))


@pytest.mark.parametrize(
    ("fields", "path", "headers", "status"),
    [
        ({"url": FILM}, "films", {"Sec-Fetch-Site": "cross-site"}, 403),
        ({"url": FILM}, "films", {"Sec-Fetch-Site": "same-site"}, 403),
        ({"url": FILM}, "nothing", {}, 404),
        ({"url": FILM}, "counter", {}, 404),
        ({"url": FILM}, "posts", {}, 400),
        ({"url": "https://tracker.example/abc"}, "films", {}, 400),
        ({"url": "javascript:alert(1)"}, "films", {}, 400),
        ({"url": ""}, "films", {}, 400),
        ({}, "films", {}, 400),
        ({"url": FILM, "title": "x" * 20_000}, "films", {}, 400),
    ],
)
def test_frame_page_shows_nothing_else(fields: dict[str, str], path: str, headers: dict[str, str], status: int) -> None:
    """A9: only a page of this site gets a frame, only of what the service itself knows."""
    response = make_site().visitor().post(fields, f"/cookies/frame/{path}", headers=headers)

    assert response.status_code == status
    assert remote_references(response.text) == []


def test_frame_page_is_not_read() -> None:
    """A9, B9: following a link to a frame page loads nothing."""
    assert make_site().visitor().get(f"/cookies/frame/films?url={FILM}").status_code == 405


def test_frame_title_is_escaped() -> None:
    """A9: a title is text, whoever wrote it."""
    fields = {"url": FILM, "title": '"><script>alert(1)</script>'}

    response = make_site().visitor().post(fields, "/cookies/frame/films")

    assert remote_references(response.text) == [f"<iframe src={REMOTE['films']!r}>"]


# -- B: the choice --------------------------------------------------------------------------------------------------


def are_equal(buttons: list[Any]) -> bool:
    """Tell whether two buttons are the same but for their words and their value."""
    shapes = [
        (each.name, each.parent, {key: value for key, value in each.attrs.items() if key != "value"})
        for each in buttons
    ]
    return len(shapes) == 2 and shapes[0] == shapes[1]


@pytest.mark.parametrize(
    ("path", "group"), [("/", ".fcc-banner"), ("/cookies/", "#fcc-all"), ("/cookies/", ".fcc-switches .fcc-answers")]
)
def test_accept_and_reject_are_equal(path: str, group: str) -> None:
    """B1, B2: wherever everything can be accepted it can be refused, by an equal button beside it."""
    soup = soup_of(make_site().visitor().get(path))

    buttons = [each for each in soup.select(f"{group} button") if each["value"] in ("accept", "reject")]

    assert {each.text for each in buttons} == {"Accept all", "Reject all"}
    assert are_equal(buttons)
    assert len({id(owner(each, soup)) for each in buttons}) == 1


@pytest.mark.parametrize(
    "html",
    [
        '<div><button class="big">Accept all</button><button>Reject all</button></div>',
        "<div><button>Accept all</button><a>Reject all</a></div>",
        "<div><button>Accept all</button></div>",
        "<div><button>Accept all</button></div><div><button>Reject all</button></div>",
    ],
)
def test_accept_and_reject_are_equal_twin(html: str) -> None:
    """B2: a larger, another, a missing or a distant refusal fails the check."""
    assert not are_equal(list(BeautifulSoup(html, "html.parser").select("button, a")))


def ticked(html: str) -> list[str]:
    return [each.get("value", "") for each in BeautifulSoup(html, "html.parser").select("[checked], [selected]")]


@pytest.mark.parametrize("headers", [{}, GPC])
def test_nothing_is_ticked(headers: dict[str, str]) -> None:
    """B3: before a choice no switch is on, and the untouched form refuses everything."""
    site = make_site()
    visitor = site.visitor()
    page = visitor.get("/cookies/", headers=headers)

    assert ticked(page.text) == []
    visitor.press(page, "Save", headers=headers)

    assert visitor.allowed() == set()
    assert [each.kind for each in site.events()] == ["refused"]


def test_nothing_is_ticked_after_a_new_policy() -> None:
    """B3, D6: where a new version asks again about what was granted, its switches are off."""
    old = make_site()
    visitor = old.visitor()
    visitor.choose("save", "films", "language")
    new = make_site(COOKIECONSENT_POLICY_VERSION="2")

    page = new.visitor().get("/cookies/", headers={"Cookie": f"cookieconsent={visitor.cookie()}"})

    assert ticked(page.text) == []


def test_nothing_is_ticked_twin() -> None:
    """B3: a ticked box fails the check."""
    assert ticked('<input type="checkbox" value="films" checked>') == ["films"]


def default_button(form_id_or_class: str, html: str) -> str:
    """Return the value of the button that Enter presses: the first that the form owns, in the order of the page."""
    soup = BeautifulSoup(html, "html.parser")
    form = soup.select_one(form_id_or_class)
    submits = [each for each in soup.select("button") if each.get("type", "submit") == "submit"]
    return next(str(each["value"]) for each in submits if owner(each, soup) is form)


def test_enter_saves_what_is_shown() -> None:
    """B8: Enter in a form with switches presses Save; in no form can it accept everything."""
    page = make_site().visitor().get("/cookies/")

    assert default_button(".fcc-switches", page.text) == "save"
    for form in soup_of(page).select("form"):
        editable = [each for each in form.select("input") if each.get("type", "text") != "hidden"]
        assert not editable or "fcc-switches" in form["class"]


def test_enter_saves_what_is_shown_twin() -> None:
    """B8: a form in which "accept all" comes first fails the check."""
    html = '<form class="f"><input name="a"><button value="accept">A</button><button value="save">S</button></form>'
    assert default_button(".f", html) == "accept"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/cookies/choice", "/cookies/", "/", "/cookies/policy", "/cookies/frame/films"])
@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw"])
def test_reading_changes_nothing(method: str, path: str, choice: str) -> None:
    """B9: whatever an address says, following it, prefetching it or asking about it decides nothing."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    before = visitor.cookie(), len(site.events())
    query = f"?choice={choice}&service=language&notice={site.digest}&locale=en"

    response = visitor.open(path + query, method, headers=SAME_ORIGIN | {"Sec-Purpose": "prefetch"})

    assert cookies_set(response) == {}
    assert (visitor.cookie(), len(site.events())) == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_only_post_decides(method: str) -> None:
    """B9: no other method reaches the choice."""
    assert make_site().visitor().open("/cookies/choice", method, headers=SAME_ORIGIN).status_code == 405


def test_no_form_carries_a_token() -> None:
    """B9: rendering a form makes no session, so no form holds a token."""
    for path in ("/", "/cookies/"):
        assert not soup_of(make_site().visitor().get(path)).select("[name=csrf_token]")


def test_refusers_get_the_whole_site() -> None:
    """B5: undecided, refusing and accepting visitors read the same."""
    site = make_site(
        templates={"page.html": "{% extends 'layout.html' %}{% block content %}<p>{{ heading }}{% endblock %}"}
    )
    contents = set()
    for choices in ((), ("reject",), ("accept",)):
        visitor = site.visitor()
        for choice in choices:
            visitor.choose(choice)
        page = visitor.get("/about")
        contents.add((page.status_code, soup_of(page).main.text))
        assert not soup_of(page).select("[inert], dialog, [aria-modal=true]")
    assert len(contents) == 1


def test_language_is_marked() -> None:
    """B6: everything the extension shows says which language it is in."""
    visitor = make_site().visitor()
    for path, part in (
        ("/", ".fcc-banner"),
        ("/", ".fcc-link"),
        ("/", ".fcc-placeholder"),
        ("/cookies/", ".fcc-preferences"),
    ):
        element = soup_of(visitor.get(path)).select_one(part)
        assert (element["lang"], element["dir"]) == ("en", "ltr")


def speaks_of_legitimate_interest(text: str) -> bool:
    return bool(re.search(r"legitimate[\s_-]*interest|legal[\s_-]*basis|\bobject to\b", text, re.IGNORECASE))


def test_no_legitimate_interest() -> None:
    """B7: no page has a field or a word for storing without being asked, and no service can declare it."""
    visitor = make_site().visitor()
    for path in ("/", "/cookies/", "/cookies/policy"):
        page = visitor.get(path)
        assert not speaks_of_legitimate_interest(page.text)
        assert not [each for each in soup_of(page).select("[name]") if "interest" in each["name"]]
    assert speaks_of_legitimate_interest('<input name="legitimate_interest" checked>')


# -- C: information -------------------------------------------------------------------------------------------------


def test_purposes_come_with_the_question() -> None:
    """C1: the banner names every optional category with its sentence, ahead of the buttons."""
    banner = soup_of(make_site().visitor().get("/")).select_one(".fcc-banner")
    text = banner.text

    terms = banner.select("dt")
    assert len(terms) == len(OPTIONAL)
    assert all(each.find_next("dd").text.strip() for each in terms)
    assert text.index(terms[-1].text) < text.index("Accept all")


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
def test_recipients_are_named(path: str) -> None:
    """C2: each service that has a provider names it, with its country and a link to its policy."""
    soup = soup_of(make_site().visitor().get(path))

    details = [each for each in soup.select("details.fcc-details") if "Example Media SA (BE)" in each.text]

    assert len(details) == 3
    assert all(each.select_one('a[href="https://media.example.net/privacy"]') for each in details)


def test_controller_is_named() -> None:
    """C2: the policy names who is responsible, and how to reach them."""
    site = make_site(
        COOKIECONSENT_CONTROLLER="Ecom BV <1>",
        COOKIECONSENT_CONTROLLER_ADDRESS="Quay 1, Ghent",
        COOKIECONSENT_CONTACT="privacy@example.com",
        COOKIECONSENT_PRIVACY_POLICY_URL="/privacy",
        COOKIECONSENT_POLICY_DATE="2026-11-01",
        COOKIECONSENT_POLICY_VERSION="7",
    )

    soup = soup_of(site.visitor().get("/cookies/policy"))

    for text in ("Ecom BV <1>", "Quay 1, Ghent", "Version 7", "November 1, 2026"):
        assert text in soup.text
    assert soup.select_one('a[href="mailto:privacy@example.com"]')
    assert soup.select_one('a[href="/privacy"]')


def rows(html: Any) -> dict[str, list[str]]:
    return {
        row.th.text: [re.sub(r"\s+", " ", cell.text).strip() for cell in row.select("td")]
        for row in soup_of(html).select(".fcc-table tbody tr")
    }


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
def test_every_cookie_has_its_row(path: str) -> None:
    """C3: each stored item is listed with its purpose, its duration, for people and machines, and who reads it."""
    page = make_site().visitor().get(path)

    table = rows(page)

    assert table["lang"] == ["Keeps the language you picked.", "1 year", "This site"]
    assert table["_ec"] == ["Tells visitors apart.", "30 days", "This site, Example Media SA"]
    assert table["_ec_*"][1] == "Until you close the browser"
    assert table["watched"] == ["Counts.", "30 days", "Example Media SA (example.net)"]
    assert soup_of(page).select_one('time[datetime="P30D"]')
    assert all(all(cells) for cells in table.values())


@pytest.mark.parametrize("path", ["/cookies/", "/cookies/policy"])
def test_own_cookies_have_their_rows(path: str) -> None:
    """D5: the cookies of the extension itself are listed as strictly necessary, with a reason and a duration."""
    page = make_site().visitor().get(path)
    table = rows(page)

    for name in ("cookieconsent", "__Host-cookieconsent", "cookieconsent_receipt"):
        assert table[name][1] == "184 days"
    first = soup_of(page).select_one(".fcc-category")
    assert "cookieconsent_receipt" in first.text
    assert "could not respect a refusal" in first.text


def test_every_cookie_has_its_row_twin() -> None:
    """C3: a table that forgets a duration fails the check."""
    table = rows('<table class="fcc-table"><tbody><tr><th>a</th><td>For this.</td><td> </td></tr></tbody></table>')
    assert not all(all(cells) for cells in table.values())


def test_refusing_is_explained() -> None:
    """C6: banner, preferences and policy say that one may refuse, what follows, and how to change one's mind."""
    visitor = make_site().visitor()
    banner = soup_of(visitor.get("/")).select_one(".fcc-banner")

    assert "You may refuse" in banner.text
    assert "change your mind at any time" in banner.text
    assert banner.select_one('a[href="/cookies/policy"]')
    assert all(each.text.strip() for each in soup_of(visitor.get("/cookies/")).select(".fcc-refusal"))
    assert "withdraw at any time" in soup_of(visitor.get("/cookies/policy")).text


# -- E: the way back ------------------------------------------------------------------------------------------------


def way_back(html: Any) -> tuple[int, int]:
    """Return how many links to the settings and how many buttons to withdraw a page has in its footer."""
    footer = soup_of(html).select_one("footer") or soup_of("")
    links = [each for each in footer.select("a") if each.text == "Cookie settings"]
    buttons = [each for each in footer.select("form[method=post] button") if each.get("value") == "withdraw"]
    return len(links), len(buttons)


@pytest.mark.parametrize(
    ("method", "path", "status"), [each for each in ENTRIES if each[0] != "HEAD" and each[2] != 302]
)
def test_way_back_is_on_every_page(method: str, path: str, status: int) -> None:
    """E1, E2: every page links to the settings, and has the withdrawal while, and only while, anything is granted."""
    visitor = make_site().visitor()
    ways = [way_back(arrive(visitor, method, path))]
    for press in (("reject",), ("save", "language"), ("withdraw",)):
        visitor.choose(*press)
        ways.append(way_back(arrive(visitor, method, path)))

    assert ways == [(1, 0), (1, 0), (1, 1), (1, 0)]


def test_way_back_twin() -> None:
    """E1: a page without the link fails the check."""
    assert way_back("<footer></footer>") == (0, 0)


def test_preferences_show_what_is_stored() -> None:
    """E1: the settings show the present state, its day and the version of the policy."""
    site = make_site(COOKIECONSENT_POLICY_VERSION="3")
    visitor = site.visitor()
    visitor.choose("save", "films", "language")
    site.clock.forward(days=3)

    page = visitor.get("/cookies/")

    assert set(ticked(page.text)) == {"films", "language"}
    assert "some are on" in soup_of(page).select_one("#fcc-third_party").text
    assert "November 23, 2026" in page.text
    assert "Policy version 3" in page.text


def test_preferences_are_never_framed() -> None:
    """B9: a press on a page that somebody else frames unseen would look like a choice."""
    response = make_site().visitor().get("/cookies/")

    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Frame-Options"] == "DENY"


# -- answers --------------------------------------------------------------------------------------------------------


def test_json_where_it_is_asked_for() -> None:
    """B9: code gets the outcome as JSON, errors too; a browser's own request gets a page."""
    visitor = make_site().visitor()

    done = visitor.choose("save", "language", headers=JSON)
    wrong = visitor.choose("dance", headers=JSON)
    browser = visitor.choose("reject", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})

    assert done.status_code == 200
    assert done.json["choices"] == {
        "cookieconsent": "essential", "language": "granted", "arrival": "refused", "counter": "refused",
        "films": "refused", "posts": "refused",
    }  # fmt: skip
    assert done.json["made_on"] == "2026-11-23"
    assert (wrong.status_code, wrong.json["error"]) == (400, "not-understood")
    assert browser.status_code == 303


def test_required_service() -> None:
    """A7: a view that needs a service answers 403 with the way to its switch, or JSON, until it is allowed."""
    site = make_site()
    for name in ("films", "third_party", "nothing"):
        site.app.add_url_rule(f"/needs/{name}", name, site.consent.requires(name)(lambda: "the content"))
    site.app.config["PROPAGATE_EXCEPTIONS"] = True
    visitor = site.visitor()

    page, answer = visitor.get("/needs/films"), visitor.get("/needs/third_party", headers=JSON)

    assert (page.status_code, answer.status_code) == (403, 403)
    assert soup_of(page).select_one('a[href="/cookies/#fcc-service-films"]')
    assert soup_of(visitor.get("/needs/third_party")).select_one('a[href="/cookies/#fcc-third_party"]')
    for anchor in ("fcc-service-films", "fcc-third_party"):
        assert soup_of(visitor.get("/cookies/")).find(id=anchor)
    assert answer.json["error"] == "needed"
    with pytest.raises(LookupError, match=r"no service or category 'nothing'; this site declares .*films"):
        visitor.get("/needs/nothing")
    visitor.choose("save", "films")
    assert visitor.get("/needs/films").text == "the content"
    assert visitor.get("/needs/third_party").status_code == 403
    visitor.choose("accept")
    assert visitor.get("/needs/third_party").text == "the content"
    assert is_kept_private(visitor.get("/needs/films").headers)


def test_own_requests_pass_a_login_guard() -> None:
    """E1: a site for members only still lets everybody reach the choice (PEERS 16)."""
    site = make_site()
    site.app.before_request(lambda: None if site.consent.is_own_request() else ("Sign in", 401))
    visitor = site.visitor()

    assert visitor.get("/").status_code == 401
    for path in ("/cookies/", "/cookies/policy", "/cookies/static/fcc.css"):
        with visitor.get(path) as response:
            assert response.status_code == 200
    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() == EVERYTHING


def test_confirmation_is_where_the_answer_leads() -> None:
    """H7: after a choice the page holds the confirmation that the address points at."""
    visitor = make_site().visitor()
    answer = visitor.press(visitor.get("/about"), "Reject all")

    assert answer.headers["Location"] == "/about#fcc-saved"
    assert "everything optional is off" in soup_of(visitor.get("/about")).find(id="fcc-saved").text
    assert not soup_of(make_site().visitor().get("/about")).find(id="fcc-saved")


def test_notice_names_what_is_shown() -> None:
    """F2: all forms of a page carry the digest of one notice, which another declaration does not share."""
    visitor = make_site().visitor()
    digests = {
        field["value"] for path in ("/", "/cookies/") for field in soup_of(visitor.get(path)).select("[name=notice]")
    }

    assert digests == {notice_of(visitor.get("/"))}
    assert digests != {notice_of(make_site(COOKIECONSENT_POLICY_VERSION="2").visitor().get("/"))}


def test_forms_send_what_the_page_shows() -> None:
    """F2: where it was shown, in which language, and the way back, go along with every form."""
    for form in soup_of(make_site().visitor().get("/about?a=1&b=%3C2%3E")).select("form"):
        fields = dict(fields_of(form))
        assert (fields["locale"], fields["next"]) == ("en", "/about?a=1&b=%3C2%3E")
