"""Fragments that are remembered: nothing of one visitor, host or request reaches the next."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g, has_request_context, render_template, render_template_string, request
from flask_babel import Babel, force_locale

from flask_cookieconsent import CookieConsent, Service
from flask_cookieconsent.catalogue import disqus, recaptcha
from tests.kit.sites import Visitor, make_app, make_site, services, soup_of


def leaks(visitors: list[Visitor], path: str = "/") -> list[str]:
    """Return what visitors find of each other in their pages."""
    found = []
    for n, visitor in enumerate(visitors):
        page = visitor.get(f"{path}?who=visitor-{n}", headers={"X-Who": f"visitor-{n}"})
        assert f"visitor-{n}" in page.text
        found += [each for each in re.findall(r"visitor-\d", page.text) if each != f"visitor-{n}"]
    return found


OWN_TEMPLATES = Path(str(files("flask_cookieconsent").joinpath("templates/cookieconsent")))


PAGES = ("/", "/widget", "/cookies/", "/cookies/policy", "/cookies/choice/receipt")


#: Templates of pages that none of these visitors can be shown, one that only extends another, and those for mail.
ELSEWHERE = {
    *(
        "adopted",
        "frame",
        "frame_held",
        "panel",
        "policy",
        "policy_version",
        "problem",
        "report",
        "receipt_check",
        "share",
        "share_links",
    ),
    *("shown", "not_shown", "plain", "plain_link"),
}


WIDGETS = """{{ cookieconsent.head() }}<form>{{ cookieconsent.embed("recaptcha", title="Check") }}</form>
{{ cookieconsent.embed("disqus", "page-1", title="Comments") }}"""


def with_widgets() -> list[Service]:
    """Return services with a frame, with a widget inside forms, and with one that has a placeholder."""
    return [
        *services(),
        recaptcha("6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI", category="functionality"),
        disqus("shop"),
    ]


@pytest.mark.parametrize("name", sorted(each.stem for each in OWN_TEMPLATES.glob("*.html")))
def test_overridden_template_is_not_remembered(name: str) -> None:
    """What a template of the site says about one visitor never reaches the next, whichever it is."""
    source = (OWN_TEMPLATES / f"{name}.html").read_text()
    said = "<p>{{ request.headers['X-Who'] }}</p>"
    last_block = source.rfind("{% endblock %}")
    override = source + said if "{% extends" not in source else source[:last_block] + said + source[last_block:]
    site = make_site(
        templates={f"cookieconsent/{name}.html": override, "widget.html": WIDGETS}, services=with_widgets()
    )
    site.app.add_url_rule("/widget", "widget", lambda: render_template("widget.html"))
    shown = 0
    for choices in ((), ("accept",), ("reject",)):
        visitors = [site.visitor() for _ in range(3)]
        for visitor, choice in itertools.product(visitors, choices):
            visitor.choose(choice)
        for path in PAGES:
            for n, visitor in enumerate(visitors):
                found = set(re.findall(r"visitor-\d", visitor.get(path, headers={"X-Who": f"visitor-{n}"}).text))
                shown += bool(found)
                assert found <= {f"visitor-{n}"}
    assert bool(shown) != (name in ELSEWHERE), f"{name}.html is shown by no page of this test, so it proves nothing"


@pytest.mark.parametrize("choices", [(), ("accept",)])
def test_way_back_and_nonce_are_of_this_request(choices: tuple[str, ...]) -> None:
    """Remembered pieces keep neither an address nor a nonce; both are escaped."""
    nonce = "{{ cookieconsent.head(nonce=request.args.who) }}{{ cookieconsent.banner() }}{{ cookieconsent.link() }}"
    site = make_site(templates={"home.html": nonce})
    visitors = [site.visitor() for _ in range(3)]
    for visitor, choice in itertools.product(visitors, choices):
        visitor.choose(choice)

    assert leaks(visitors) == []
    scripts = soup_of(visitors[0].get('/?who="><script>x')).select("script")
    assert {each["nonce"] for each in scripts} == {'"><script>x'}
    assert "fcc-nonce" not in visitors[0].get("/").text


def test_no_nonce_attribute_without_a_nonce() -> None:
    """Where the app has no nonce, none is written."""
    visitor = make_site().visitor()
    visitor.choose("accept")
    assert not soup_of(visitor.get("/")).select("[nonce]")


def test_leaks_twin() -> None:
    """A site that remembers its page for everybody is seen."""
    app = make_app()
    remembered: list[str] = []

    @app.get("/kept")
    def kept() -> str:
        remembered.append(request.args["who"])
        return remembered[0] + request.args["who"]

    site = make_site(app=app)
    assert leaks([site.visitor() for _ in range(3)], "/kept") == ["visitor-0", "visitor-0"]


def test_cached_fragments_on_a_subdomain() -> None:
    """A piece made for one host is right on that host alone: links to the settings lead somewhere."""
    links = []
    for hosts in (("example.com", "shop.example.com"), ("shop.example.com", "example.com")):
        app = Flask("hosts", subdomain_matching=True)
        app.config.update(SECRET_KEY="a key for tests only", SERVER_NAME="example.com")
        for name in ("", "shop"):
            page = lambda: render_template_string("{{ cookieconsent.link() }}")  # noqa: E731
            app.add_url_rule("/", view_func=page, subdomain=name, endpoint=f"at{name}")
        site = make_site(app=app)
        links.append({host: soup_of(site.visitor(host=host).get("/")).a["href"] for host in hosts})

    assert links[0] == links[1]


# -- what else may differ from one request to the next --------------------------------------------------------------


@pytest.mark.parametrize("name", ["banner", "preferences"])
def test_kept_notice_holds_nothing_of_who_answered_it(name: str) -> None:
    """F2, F3: what visitors were shown is kept for everybody, also where the site's template asks the request."""
    source = (OWN_TEMPLATES / f"{name}.html").read_text()
    said = "<p>seen {{ request.headers.get('X-Who', '') }}{{ session['who'] }}{{ g.who }}{{ request.args.who }}</p>"
    site = make_site(templates={f"cookieconsent/{name}.html": source + said})
    site.app.before_request(lambda: setattr(g, "who", request.headers.get("X-Who", "")))
    alice, bob = site.visitor(), site.visitor()

    assert alice.choose("accept", headers={"X-Who": "alice"}).status_code == 303
    with site.app.app_context():
        (version,) = site.log.notices()
        kept = site.log.notice(version.digest)
    page = bob.get(f"/cookies/policy/{kept.notice.digest}/shown").text

    assert "seen " in page
    assert "alice" not in page + kept.notice.html


class Whimsical:
    """A lazy text that knows no Flask-Babel: what it says depends on the request."""

    def __str__(self) -> str:
        return "Schriftgröße" if has_request_context() and request.args.get("lang") == "de" else "Font size"

    def __len__(self) -> int:
        return len(str(self))

    def __radd__(self, other: str) -> str:
        return other + str(self)


def test_lazy_text_without_flask_babel_is_never_remembered() -> None:
    """B6: where nothing of the key tells which language a text is in, its fragment is made anew."""
    visitor = make_site(services=[replace(service, name=Whimsical()) for service in services()]).visitor()

    pages = [visitor.get("/", query_string={"lang": lang}).text for lang in ("de", "en", "de")]

    assert ["Schriftgröße" in page for page in pages] == [True, False, True]
    assert ["Font size" in page for page in pages] == [False, True, False]


def test_language_that_changes_in_the_middle_of_a_page() -> None:
    """B6: a part of a page that is made in another language has our texts in that language."""
    part = "{% set ignored = force() %}{{ cookieconsent.link() }}"
    app = make_app({"home.html": "{{ cookieconsent.head() }}{{ cookieconsent.link() }}" + part})
    Babel(app)
    site = make_site(app=app)

    dutch = []

    def force() -> str:
        dutch.append(force_locale("nl"))
        dutch[0].__enter__()
        return ""

    app.jinja_env.globals["force"] = force
    first, second = (link.text for link in soup_of(site.visitor().get("/")).select(".fcc-link a"))

    assert (first, second) == ("Cookie settings", "Cookie-instellingen")


@pytest.mark.parametrize("method", ["url_for", "inject_url_defaults"])
def test_addresses_of_an_app_with_its_own_way_are_not_remembered(method: str) -> None:
    """An app may put a tenant into its addresses by overriding what Flask itself calls."""

    class Shop(Flask):
        def url_for(self, endpoint: str, **values: Any) -> str:
            return super().url_for(endpoint, **values | {"tenant": request.args.get("tenant")})

    class Mall(Flask):
        def inject_url_defaults(self, endpoint: str, values: dict[str, Any]) -> None:
            super().inject_url_defaults(endpoint, values)
            values.setdefault("tenant", request.args.get("tenant"))

    app = {"url_for": Shop, "inject_url_defaults": Mall}[method]("shop")
    app.secret_key, app.testing = "a key for tests only", True
    CookieConsent(app, services=services())
    app.add_url_rule("/", "home", lambda: render_template_string("{{ cookieconsent.link() }}"))

    for tenant in ("a", "b", "a"):
        link = soup_of(app.test_client().get("/", query_string={"tenant": tenant}).text).select_one("a")
        assert link is not None and link["href"] == f"/cookies/?tenant={tenant}"


def test_address_with_the_name_of_a_hole() -> None:
    """B9: what a visitor writes into an address comes back as they wrote it."""
    site = make_site()
    page = soup_of(site.visitor().get("/", query_string={"q": "fcc-place-hole fcc-nonce-hole fcc-next-hole"}))

    wanted = "/?q=fcc-place-hole+fcc-nonce-hole+fcc-next-hole"
    assert {field["value"] for field in page.select("input[name=next]")} == {wanted}
