"""Fragments that are remembered: nothing of one visitor, host or request reaches the next."""

from __future__ import annotations

import itertools
import re
from importlib.resources import files
from pathlib import Path

import pytest
from flask import Flask, render_template, render_template_string, request

from flask_cookieconsent import Service
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


#: Templates of pages that none of these visitors can be shown, and one that only extends another.
ELSEWHERE = {
    *("frame", "panel", "policy", "policy_version", "problem", "report", "receipt_check", "share", "share_links"),
    *("shown", "undeclared"),
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
