"""Every route as a browser without scripts finds it: nothing before a choice, and the way back on each page."""

from __future__ import annotations

import itertools
import re
from importlib.metadata import version
from typing import Any

import pytest
from flask import Flask, Response, g, render_template, request, url_for
from flask_babel import Babel
from jinja2 import DictLoader
from packaging.version import Version

from flask_cookieconsent import SetupError
from tests.kit.pages import ENTRIES, arrive, loaded
from tests.kit.sites import (
    BARE,
    EVERYTHING,
    LAYOUT,
    SAME_ORIGIN,
    Site,
    cookies_set,
    make_app,
    make_site,
    owner,
    remote_references,
    soup_of,
)


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


# -- hosts and languages in addresses ------------------------------------------------------------------------------

LINKED = """<!doctype html><title>{% block title %}{% endblock %}</title>{{ cookieconsent.head() }}
<body>{{ cookieconsent.banner() }}<a id="home" href="{{ url_for('home') }}">Home</a>{% block content %}{% endblock %}
{{ cookieconsent.link() }}"""


def polyglot(prefix: str, *, pops: bool = True) -> Site:
    """Return a site by the pattern of Flask's documentation, "Internationalized Application URLs".

    Where it does not pop the variable from the values of the view, it finds it there.
    """
    app = Flask("polyglot")
    app.config |= BARE | {"COOKIECONSENT_URL_PREFIX": prefix}
    app.config["COOKIECONSENT_BASE_TEMPLATE"] = "base.html"
    app.jinja_loader = DictLoader({"base.html": LINKED})

    @app.url_defaults
    def add_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and g.get("lang") and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = g.lang

    @app.url_value_preprocessor
    def take_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
        g.lang = (values or {}).get("lang")
        if pops and values:
            values.pop("lang", None)

    Babel(app, default_locale="en", locale_selector=lambda: g.get("lang"))
    app.add_url_rule("/", "home", lambda **values: render_template("base.html"))
    app.add_url_rule("/<lang>/", "home", app.view_functions["home"])
    app.add_url_rule("/<lang>/<page>", "page", lambda page, **values: render_template("base.html"))
    return make_site(app=app)


def href(page: Any, selector: str) -> str:
    return str(soup_of(page).select_one(selector)["href"])  # type: ignore[index]


@pytest.mark.parametrize("pops", [True, False], ids=["popped", "left"])
def test_links_carry_the_language_of_the_page(pops: bool) -> None:
    """B6: from a German page to German preferences, from there to a German policy, and back to the German page."""
    visitor = polyglot("/<lang>/cookies", pops=pops).visitor()
    page = visitor.get("/de/")
    preferences = visitor.get(href(page, ".fcc-choose"))
    policy = visitor.get(href(page, ".fcc-policy-link"))
    pressed = visitor.press(page, "Alle akzeptieren")

    assert href(page, ".fcc-choose") == "/de/cookies/"
    assert [soup_of(each).h1.text for each in (preferences, policy)] == ["Cookie-Einstellungen", "Cookie-Richtlinie"]
    assert href(preferences, "#home") == "/de/"
    assert (pressed.status_code, pressed.location) == (303, "/de/#fcc-saved")
    assert visitor.get(pressed.location).text.count("Ihre Cookie-Auswahl") >= 1
    assert visitor.press(visitor.get("/de/cookies/"), "Einwilligung widerrufen").location == "/de/cookies/#fcc-saved"


def test_choice_holds_in_every_language() -> None:
    """A grant on a German page is shown, proved and erased on a French one, and on one without a language."""
    visitor = polyglot("/<lang>/cookies").visitor()
    visitor.press(visitor.get("/de/"), "Alle akzeptieren")
    receipt = visitor.cookie("cookieconsent_receipt")

    assert receipt and href(visitor.get("/fr/"), ".fcc-link a") == "/fr/cookies/"
    assert href(visitor.get("/"), ".fcc-link a") == "/cookies/"
    for path in ("/fr/cookies/choice/receipt", "/cookies/choice/receipt"):
        assert soup_of(visitor.get(path)).select("button[value=erase]")
    script = str(soup_of(visitor.get("/fr/")).select_one("script[data-choice]")["src"])  # type: ignore[index]
    assert script.startswith("/cookies/static/")
    with visitor.get(script) as file:
        assert file.status_code == 200


def test_policy_says_where_the_receipt_is_sent() -> None:
    """C2: what the site stores is declared as it is."""
    declared = polyglot("/<lang>/cookies").visitor().get("/cookies/policy")

    assert "cookieconsent_receipt" in declared.text


def test_language_is_lost_with_a_plain_prefix() -> None:
    """The bad twin: what this is for."""
    visitor = polyglot("/cookies").visitor()

    assert soup_of(visitor.get("/de/")).select_one(".fcc-banner")["lang"] == "de"  # type: ignore[index]
    assert soup_of(visitor.get(href(visitor.get("/de/"), ".fcc-choose"))).select_one(".fcc-preferences")["lang"] == "en"  # type: ignore[index]


def test_prefix_with_a_variable_is_kept_free() -> None:
    """A route of the site below either form of the prefix is refused, and one beside it is not."""
    for rule in ("/<lang>/cookies/mine", "/cookies/mine"):
        app = make_app(COOKIECONSENT_URL_PREFIX="/<lang>/cookies")
        app.add_url_rule(rule, "mine", lambda **values: "")
        with pytest.raises(SetupError, match="lies under the cookie pages"):
            make_site(app=app)


def hosted(**options: Any) -> Flask:
    app = Flask("hosted", static_folder=None, **options)
    app.config |= BARE
    app.jinja_loader = DictLoader({"base.html": LAYOUT})
    return app


def walk(site: Site, origin: str, path: str = "/") -> tuple[list[str], set[str]]:
    """Accept on a page of a host with its own form; return where that led to, and what is allowed there then."""
    visitor = site.visitor(host=origin)
    page = visitor.get(path)
    assert page.status_code == 200
    pressed = visitor.press(page, "Accept all")
    addresses = [href(page, ".fcc-choose"), href(page, ".fcc-policy-link"), str(pressed.location)]
    for address in addresses[:2]:
        assert visitor.get(address).status_code == 200
    assert visitor.get("/.well-known/gpc.json").json["gpc"] is True
    return addresses, visitor.allowed()


@pytest.mark.parametrize("host", ["shop.example", "blog.example:5000", "localhost"])
def test_host_matching(host: str) -> None:
    """Each host of an app has our pages, as it has those of Flask-Admin."""
    app = hosted(host_matching=True)
    app.add_url_rule("/", "home", lambda **values: render_template("base.html"), host="<where>")

    assert walk(make_site(app=app), host) == (["/cookies/", "/cookies/policy", "/#fcc-saved"], EVERYTHING)


@pytest.mark.parametrize("host", ["example.com", "de.example.com", "a.b.example.com"])
@pytest.mark.parametrize("domain", [None, "example.com"])
def test_subdomain_matching(host: str, domain: str | None) -> None:
    """Each subdomain has our pages, so whoever presses there stays there, with a shared cookie or one of its own."""
    app = hosted(subdomain_matching=True)
    app.config |= {"SERVER_NAME": "example.com", "COOKIECONSENT_COOKIE_DOMAIN": domain}
    for endpoint, where in (("home", None), ("branch", "<branch>")):
        app.add_url_rule("/", endpoint, lambda **values: render_template("base.html"), subdomain=where)
    site = make_site(app=app)

    assert walk(site, host) == (["/cookies/", "/cookies/policy", "/#fcc-saved"], EVERYTHING)
    with app.app_context():
        assert url_for("cookieconsent.preferences") == "http://example.com/cookies/"


def test_locale_of_a_host() -> None:
    """B6: where the address decides about the language it does so on our pages too."""
    app = hosted(subdomain_matching=True)
    app.config["SERVER_NAME"] = "example.com"
    app.add_url_rule("/", "branch", lambda branch: render_template("base.html"), subdomain="<branch>")
    Babel(app, locale_selector=lambda: request.host.partition(".")[0])
    visitor = make_site(app=app).visitor(host="de.example.com")

    assert soup_of(visitor.get(href(visitor.get("/"), ".fcc-choose"))).h1.text == "Cookie-Einstellungen"


#: Flask 3.0 answers no host but its own.
is_lenient = pytest.mark.skipif(Version(version("flask")) < Version("3.1"), reason="SERVER_NAME is the only host")


@pytest.mark.parametrize("host", ["example.com", pytest.param("www.example.com", marks=is_lenient)])
def test_server_name(host: str) -> None:
    """An app that knows its name, reached by that or by another."""
    site = make_site(SERVER_NAME="example.com")

    assert walk(site, host) == (["/cookies/", "/cookies/policy", "/#fcc-saved"], EVERYTHING)


# -- other things that differ between apps -------------------------------------------------------------------------


class JsonFirst(Response):
    """The response of an app that mostly speaks JSON."""

    default_mimetype = "application/json"


def test_pages_are_html_where_the_app_speaks_json() -> None:
    site = make_site(COOKIECONSENT_CSP="off")
    site.app.response_class = JsonFirst
    visitor = site.visitor()
    pages = ["/cookies/", "/cookies/policy", "/cookies/choice/receipt", "/cookies/choice/check"]
    answers = [*map(visitor.get, pages), visitor.post({"choice": "what"})]
    answers.append(visitor.post({"url": "abc", "title": "A film"}, "/cookies/frame/films"))

    assert {each.content_type for each in answers} == {"text/html; charset=utf-8"}
    assert visitor.get("/cookies/state").mimetype == "application/json"


def test_gpc_statement_passes_a_login_guard() -> None:
    """G4: it is one of our own pages."""
    site = make_site()
    site.app.before_request(lambda: None if site.consent.is_own_request() else ("Sign in", 401))

    assert site.visitor().get("/.well-known/gpc.json").status_code == 200
