"""Every route as a browser without scripts finds it: nothing before a choice, and the way back on each page."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from tests.kit.pages import ENTRIES, arrive, loaded
from tests.kit.sites import EVERYTHING, SAME_ORIGIN, cookies_set, make_site, owner, remote_references, soup_of


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


@pytest.mark.parametrize("choice", ["accept", "reject", "withdraw"])
def test_get_changes_nothing(choice: str) -> None:
    """B9: whatever an address says, following it, prefetching it or asking about it decides nothing."""
    site = make_site()
    visitor = site.visitor()
    visitor.choose("save", "films")
    before = visitor.cookie(), len(site.events())
    query = f"?choice={choice}&service=language&notice={site.digest}&locale=en"
    paths = ("/cookies/choice", "/cookies/", "/", "/cookies/policy", "/cookies/frame/films")

    for path, method in itertools.product(paths, ("GET", "HEAD", "OPTIONS")):
        response = visitor.open(path + query, method, headers=SAME_ORIGIN | {"Sec-Purpose": "prefetch"})
        assert cookies_set(response) == {}, (method, path)
        assert (visitor.cookie(), len(site.events())) == before, (method, path)


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


def way_back(html: Any) -> tuple[int, int]:
    """Return how many links to the settings and how many buttons to withdraw a page has in its footer."""
    footer = soup_of(html).select_one("footer") or soup_of("")
    links = [each for each in footer.select("a") if each.text == "Cookie settings"]
    buttons = [each for each in footer.select("button[value=withdraw]") if owner(each, footer)]
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


def test_own_requests_pass_a_login_guard() -> None:
    """E1: a site for members only still lets everybody reach the choice."""
    site = make_site()
    site.app.before_request(lambda: None if site.consent.is_own_request() else ("Sign in", 401))
    visitor = site.visitor()

    assert visitor.get("/").status_code == 401
    for path in ("/cookies/", "/cookies/policy", "/cookies/static/fcc.css"):
        with visitor.get(path) as response:
            assert response.status_code == 200
    assert visitor.choose("accept").status_code == 303
    assert visitor.allowed() == EVERYTHING


def test_gpc_statement() -> None:
    """G4: a small JSON file at a known place, dated; absent where the owner says so."""
    response = make_site(COOKIECONSENT_POLICY_DATE="2026-10-01").visitor().get("/.well-known/gpc.json")

    assert (response.status_code, response.mimetype) == (200, "application/json")
    assert response.json == {"gpc": True, "lastUpdate": "2026-10-01"}
    assert "private" not in response.headers.get("Cache-Control", "")
    assert make_site().visitor().get("/.well-known/gpc.json").json["lastUpdate"] == "2026-11-23"
    off = make_site(COOKIECONSENT_GPC_STATEMENT=False)
    assert off.visitor().get("/.well-known/gpc.json").status_code == 404
