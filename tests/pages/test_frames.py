"""The frame page of "Load once", and the embeds that an open page asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask_talisman import Talisman
from werkzeug.datastructures import Headers

from flask_cookieconsent import Service
from flask_cookieconsent.catalogue import disqus, stripe
from tests.kit.pages import REMOTE
from tests.kit.sites import FILM, Visitor, make_app, make_site, remote_references, soup_of

PAY = "https://buy.stripe.com/abc"

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


TAMPERED = [
    f"<iframe src='{FILM}'></iframe>",
    FILM.removeprefix("https:"),
    FILM.removeprefix("https://"),
    FILM.replace("https://", "https://me@"),
    FILM.replace(".net/", ".net:443/"),
    f"https://player.example.net/?url={FILM}",
    f"{FILM}\r\nX-Header: 1",
    "https://[",
    '"><script>alert(1)</script>',
    "\x00",
    b"\xed\xa0\x80",
    "x" * 100_000,
]


@pytest.mark.parametrize("url", TAMPERED, ids=lambda url: repr(url)[:40])
def test_tampered_address(url: Any) -> None:
    """A9: what a page of ours sends is the address that we wrote; nothing is made of another, and none is an error."""
    site = make_site(DEBUG=False, PROPAGATE_EXCEPTIONS=False)
    response = site.visitor().post({"url": url, "title": "A film"}, "/cookies/frame/films")

    assert response.status_code == 400
    assert remote_references(response.text) == []
    assert "<script>alert" not in response.text
    assert embeds(site.visitor(), {"service": "films", "url": url, "title": "A"}) == [None]


def test_tampered_address_twin() -> None:
    assert make_site().visitor().post({"url": FILM, "title": "A film"}, "/cookies/frame/films").status_code == 200


WIDGETS = [(disqus("shop"), "article-42"), (stripe("pk_test_TYooMQauvdEDq54NiTphI7jx", payment_link=PAY), "")]


def shown_again(service: Service, reference: str, address: str | None) -> Any:
    """Return what an open page gets for a widget, by the address of its placeholder or another one."""
    template = "{{ cookieconsent.embed(service, reference, title='T') }}"
    app = make_app()
    app.add_url_rule("/of", "of", lambda: render_template_string(template, service=service.id, reference=reference))
    visitor = make_site(app=app, services=[service]).visitor()
    place = soup_of(visitor.get("/of").text).select_one(".fcc-placeholder")
    assert place is not None
    visitor.choose("accept")
    (found,) = embeds(visitor, {"service": service.id, "url": address or str(place["data-url"]), "title": "T"})
    return found


@pytest.mark.parametrize(("service", "reference"), WIDGETS, ids=["disqus", "stripe"])
def test_widget_is_shown_again(service: Service, reference: str) -> None:
    """A9: an element that a script fills is known by its reference; its link leads people elsewhere."""
    service = replace(service, category="third_party", categories=())

    assert "fcc-widget" in shown_again(service, reference, None)
    assert service.parse is not None and shown_again(service, reference, service.parse(reference).link) is None  # type: ignore[union-attr]


def test_frame_page_is_not_read() -> None:
    """A9, B9: following a link to a frame page loads nothing."""
    assert make_site().visitor().get(f"/cookies/frame/films?url={FILM}").status_code == 405


def test_frame_title_is_escaped() -> None:
    """A9: a title is text, whoever wrote it."""
    fields = {"url": FILM, "title": '"><script>alert(1)</script>'}

    response = make_site().visitor().post(fields, "/cookies/frame/films")

    assert remote_references(response.text) == [f"<iframe src={REMOTE['films']!r}>"]


# -- embeds of an open page -------------------------------------------------------------------------------------------

FILMS = {"service": ["films", "films"], "url": [FILM, FILM], "title": ["First", "Second"]}


def embeds(visitor: Visitor, fields: dict[str, Any] = FILMS, **headers: str) -> list[str | None]:
    answer = visitor.post(fields, "/cookies/embeds", headers=headers).json
    assert answer is not None
    return list(answer["embeds"])


def test_open_page_gets_what_the_visitor_allows() -> None:
    """A9: each embed comes as the page itself would show it, a placeholder before and a frame after it is allowed."""
    visitor = make_site().visitor()
    before = embeds(visitor)
    visitor.choose("accept")
    after = embeds(visitor)

    assert [soup_of(each or "").select_one(".fcc-placeholder")["aria-label"] for each in before] == ["First", "Second"]  # type: ignore[index]
    assert [remote_references(each or "") for each in before] == [[], []]
    assert [soup_of(each or "").select_one(".fcc-embed iframe")["src"] for each in after] == [REMOTE["films"]] * 2  # type: ignore[index]


@pytest.mark.parametrize(
    ("service", "url"), [("nothing", FILM), ("counter", FILM), ("films", "javascript:alert(1)"), ("films", "")]
)
def test_open_page_gets_nothing_else(service: str, url: str) -> None:
    """A9: what no declared service knows is nothing, and the others come all the same."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    first, second = embeds(visitor, {"service": [service, "films"], "url": [url, FILM], "title": ["A", "B"]})

    assert first is None
    assert second is not None


def test_another_site_gets_no_embeds() -> None:
    """B9: what a visitor allows is told to pages of this site alone."""
    visitor = make_site().visitor()

    assert visitor.post(FILMS, "/cookies/embeds", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert visitor.post(FILMS | {"title": ["x" * 140_000]}, "/cookies/embeds").status_code == 400
    assert visitor.get("/cookies/embeds").status_code == 405


def test_title_of_an_open_page_is_text() -> None:
    """A9: whatever a page says that an embed is called, it is no markup."""
    [shown] = embeds(make_site().visitor(), {"service": "films", "url": FILM, "title": "<img src=x onerror=alert(1)>"})

    assert "<img" not in (shown or "")


# -- beside pages that caches share ------------------------------------------------------------------------------------

ASKED = "/cookies/frame/films?url=https%3A%2F%2Ffilms.example.net%2Fwatch%2Fabc&title=A+film"


def test_asked_frame_is_the_visitors() -> None:
    """A2, A9: the player for whoever allows it, and for others the button that loads it once; kept nowhere."""
    site = make_site(COOKIECONSENT_PAGES="cacheable")
    accepting, refusing = site.visitor(), site.visitor()
    accepting.choose("save", "films")
    refusing.choose("reject")

    for visitor, source in ((accepting, "https://player.example.net/abc"), (refusing, None), (site.visitor(), None)):
        page = visitor.get(ASKED)
        frame = soup_of(page).select_one("iframe")
        assert (frame and frame["src"]) == source
        assert page.headers["Cache-Control"] == "no-store"
        directives = frame_policy(page.headers)
        assert directives["frame-ancestors"] == "'self'"
        assert directives.get("frame-src") == ("https://player.example.net" if source else None)
        assert source or remote_references(page.text) == []
    loaded = refusing.press(refusing.get(ASKED), "Load once")
    assert soup_of(loaded).select_one("iframe")["src"] == "https://player.example.net/abc"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/cookies/frame/films", 400),
        ("/cookies/frame/films?url=https://evil.example/", 400),
        ("/cookies/frame/nothing?url=abc", 404),
        ("/cookies/frame/counter?url=abc", 404),
    ],
)
def test_asked_frame_shows_nothing_else(address: str, status: int) -> None:
    """A2: what no service reads is in no frame, whoever asks."""
    visitor = make_site(COOKIECONSENT_PAGES="cacheable").visitor()
    visitor.choose("accept")

    assert visitor.get(address).status_code == status


def test_asked_frame_is_for_this_site() -> None:
    """Another site's page gets none, whatever the visitor allows here."""
    visitor = make_site(COOKIECONSENT_PAGES="cacheable").visitor()
    visitor.choose("accept")

    assert visitor.get(ASKED, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_asked_frame_twin() -> None:
    """Beside private pages nobody asks: there the frame is in the page."""
    assert make_site().visitor().get(ASKED).status_code == 405


def test_embeds_of_a_shared_page_are_in_our_frame() -> None:
    """Its policy names no host of a frame, so that the page around the player is ours; what is necessary is direct."""
    visitor = make_site(COOKIECONSENT_PAGES="cacheable").visitor()
    visitor.choose("accept")
    fields = {"service": "films", "url": FILM, "title": 'A "film" & more'}

    (html,) = visitor.post(fields, "/cookies/embeds").json["embeds"]  # type: ignore[index]

    source = soup_of(html).select_one("iframe")["src"]
    assert source.startswith("/cookies/frame/films?url=")
    assert soup_of(visitor.get(source)).select_one("iframe")["title"] == fields["title"]
