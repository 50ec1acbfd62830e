"""Pages that lack our pieces, for whom, and with which lines to paste."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, render_template_string, request
from flask_talisman import Talisman

from flask_cookieconsent.audit.findings import Finding
from tests.kit.audited import app_with, audit_of, findings_of, page_in_layout
from tests.kit.sites import LAYOUT

SOUND = page_in_layout("a page")


def lacks(app: Flask, **more: Any) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings_of(audit_of(app, **more), "page-without-pieces")}


def without(*helpers: str) -> str:
    page = SOUND
    for helper in helpers:
        page = page.replace(f"{{{{ cookieconsent.{helper}() }}}}", "")
    return page


def test_bad_twins() -> None:
    """Each page is told with all that it lacks, and the lines that bring it."""
    found = lacks(
        app_with({"/a": SOUND, "/b": without("head"), "/c": without("banner", "link"), "/part": "<p>a part</p>"})
    )

    assert set(found) == {"/b", "/c"}
    assert "cookieconsent.head()" in found["/b"].says
    assert [line.partition("  ")[0] for line in found["/c"].remedy] == [
        "{{ cookieconsent.banner() }}",
        "{{ cookieconsent.link() }}",
    ]


def test_banner_is_for_who_has_to_be_asked() -> None:
    """Whoever has chosen needs none, so only the undecided one lacks it; without services nobody is asked."""
    app = app_with({"/a": SOUND, "/b": without("banner")})

    assert lacks(app)["/b"].visitors == ("undecided",)
    silent = app_with({"/b": without("banner")})
    silent.view_functions["home"] = lambda: "a text"
    assert lacks(silent, declared=()) == {}


def test_layout_that_lacks_something_is_told_once() -> None:
    """One line mends it, so it is one finding, with every page as its place; what is one page's own is told besides."""
    app = Flask("bare", static_folder=None)
    app.config |= {"SECRET_KEY": "a key for tests only", "COOKIECONSENT_CONTROLLER": "Example NV"}
    bare, barer = without("link"), without("link", "head")
    for path, page in (("/", bare), ("/a", bare), ("/b", barer)):
        app.add_url_rule(path, path, lambda page=page: render_template_string(page))
    found = lacks(app, declared=())

    assert found["every page"].routes == ("/", "/a", "/b")
    assert found["/b"].says == "lacks {{ cookieconsent.head() }}"


def test_error_pages() -> None:
    """Those of the app are pages; what Werkzeug says where the app says nothing is none."""
    app = app_with({})
    app.register_error_handler(404, lambda error: (render_template_string(without("link")), 404))
    app.register_error_handler(500, lambda error: (render_template_string(SOUND), 500))

    assert set(lacks(app)) == {"error 404"}
    assert lacks(app_with({})) == {}


def test_our_own_pages_in_the_layout_of_the_site() -> None:
    app = app_with({}, COOKIECONSENT_BASE_TEMPLATE="base.html")
    app.jinja_loader.mapping["base.html"] = LAYOUT.replace("{{ cookieconsent.link() }}", "")  # type: ignore[union-attr]

    assert set(lacks(app)) == {"/cookies/", "/cookies/policy"}


def test_guard_before_our_pages() -> None:
    app = app_with({})
    app.before_request(lambda: ("<!doctype html>no", 403) if request.path.startswith("/cookies") else None)

    assert "let guards pass" in lacks(app)["/cookies/"].says


@pytest.mark.parametrize(("nonce", "count"), [("", 1), ("nonce=csp_nonce()", 0)])
def test_scripts_that_a_policy_blocks(nonce: str, count: int) -> None:
    app = app_with({"/a": SOUND.replace("head()", f"head({nonce})")})
    app.view_functions["home"] = lambda: "a text"
    Talisman(
        app,
        content_security_policy={"script-src": ["'strict-dynamic'"]},
        content_security_policy_nonce_in=["script-src"],
    )

    assert len([subject for subject in lacks(app) if subject == "/a"]) == count


def test_language() -> None:
    """B6: cookie settings in another language than their page."""
    assert "is in 'de'" in lacks(app_with({"/a": SOUND.replace('lang="en"', 'lang="de"')}))["/a"].says
