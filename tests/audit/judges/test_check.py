"""`flask cookieconsent check` looks at the pages that the app really answers with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from flask import Flask, Response, g, jsonify, redirect, render_template, render_template_string, request
from flask_talisman import Talisman
from jinja2 import ChoiceLoader, FileSystemLoader, FunctionLoader

from tests.kit.sites import BARE, LAYOUT, TEMPLATES, make_site, small_app
from tests.test_cli import run


def check(app: Flask, *arguments: str, **more: Any) -> tuple[int, list[str]]:
    result = run(make_site(app=app, **more).app, "check", *arguments)
    return result.exit_code, result.output.splitlines()


def without(helper: str) -> str:
    """Return the layout without one of the helpers."""
    call = f"{{{{ cookieconsent.{helper}() }}}}"
    assert call in LAYOUT
    return LAYOUT.replace(call, "")


def test_sound_site() -> None:
    """The bad twin of all below; what is no page of the site's is left alone."""
    app = small_app()
    app.add_url_rule("/data", "data", lambda: jsonify([]))
    app.add_url_rule("/part", "part", lambda: "<p>a part of a page</p>")
    app.add_url_rule("/away", "away", lambda: redirect("/"))
    app.add_url_rule("/query", "query", lambda: request.args["q"])
    app.add_url_rule("/film/<id>", "film", lambda id: "<!doctype html>")
    app.add_url_rule("/posted", "posted", lambda: "<!doctype html>", methods=["POST"])

    assert check(app) == (
        0,
        [
            "Refusing is as easy as accepting, and nothing is ticked beforehand: en.",
            "Pages that were looked at, each with all that it needs: 1.",
        ],
    )


@pytest.mark.parametrize("helper", ["head", "banner", "link"])
def test_page_without_a_helper(helper: str) -> None:
    app = small_app({"bare.html": without(helper)})
    app.add_url_rule("/bare", "bare", lambda: render_template("bare.html"))

    assert check(app) == (1, [f"/bare: lacks {{{{ cookieconsent.{helper}() }}}}"])


ASKING_ITSELF = """<!doctype html><html lang="en"><head><title>An app</title>{meta}</head>
<body><main><h1>An app</h1></main>{link}</body></html>"""
META, LINK = '<meta name="fcc-api" content="/cookies/api">', '<a class="fcc-link" href="/cookies/">Cookie settings</a>'


@pytest.mark.parametrize(
    ("meta", "link", "lacks"),
    [(META, LINK, []), (META, "", ["link"]), ("", LINK, ["head", "banner"]), ("", "", ["head", "banner", "link"])],
)
def test_page_that_asks_through_the_interface(meta: str, link: str, lacks: list[str]) -> None:
    """B4, E1: a page that says so needs no head and no banner of ours, and leads to the settings all the same."""
    app = small_app()
    app.add_url_rule("/app", "app", lambda: ASKING_ITSELF.format(meta=meta, link=link))

    lines = [f"/app: lacks {{{{ cookieconsent.{helper}() }}}}" for helper in lacks]
    assert [line for line in check(app)[1] if line.startswith("/app")] == lines


def test_site_that_asks_nothing_needs_no_banner() -> None:
    app = small_app({"home.html": without("banner")})

    assert check(app, services=())[0] == 0


def test_pages_with_variables_are_named() -> None:
    app = small_app()
    app.add_url_rule("/film/<id>", "film", lambda id: "<html><p>" + id)

    status, lines = check(app, "--path", "/film/7", "--path", "/film/8")

    assert (status, len(lines)) == (1, 3) and lines[0] == "/film/7, /film/8: lacks {{ cookieconsent.head() }}"


def test_values_that_cannot_be_shown_are_told() -> None:
    """What visitors get a link for, and the log a line, is a mistake to whoever asks for it."""
    home = TEMPLATES["home.html"].replace("embed(film,", "embed('https://maps.example/',")
    status, lines = check(small_app({"home.html": home}))

    assert status == 1
    assert "/: raises EmbedError: no declared service can embed 'https://maps.example/'" in "\n".join(lines)


def test_named_pages_have_to_be_there() -> None:
    """A misspelt path is told: nothing was looked at in its place."""
    app = small_app()
    app.add_url_rule("/film/<id>", "film", lambda id: redirect("/login"))
    app.add_url_rule("/part/<id>", "part", lambda id: "<p>a part of a page</p>")

    assert check(app, "--path", "/flim/7", "--path", "/film/7", "--path", "/part/7", "--path", "/") == (
        1,
        [
            "/flim/7: is named and no page: answers 404; wanted a whole one with status 200",
            "/film/7: is named and no page: answers 302; wanted a whole one with status 200",
            "/part/7: is named and no page: answers 200; wanted a whole one with status 200",
        ],
    )


def test_many_pages_with_one_mistake_are_one_line() -> None:
    app = small_app({"bare.html": without("link")})
    for number in range(7):
        app.add_url_rule(f"/{number}", f"page{number}", lambda: render_template("bare.html"))

    assert check(app)[1] == ["/0, /1, /2, /3, /4 and 2 more: lacks {{ cookieconsent.link() }}"]


def test_pages_that_raise() -> None:
    """With its reason, and whatever the app answers then."""
    app = small_app()
    app.register_error_handler(500, lambda error: ("Sorry", 500))
    app.add_url_rule("/boom", "boom", lambda: str(1 / 0))
    app.add_url_rule("/down", "down", lambda: ("<html>", 503))

    status, lines = check(app)

    assert (status, lines) == (1, ["/boom: raises ZeroDivisionError: division by zero", "/down: answers 503"])
    assert not app.testing


def test_site_without_pages() -> None:
    """An audit of nothing finds nothing, and says so."""
    app = small_app()
    app.view_functions["home"] = lambda: "text"

    assert check(app) == (1, ["no page was found to look at; name some: --path /a/page"])


@pytest.mark.parametrize(
    ("layout", "told"),
    [
        ("{% extends 'layout.html' %}{% block content %}{% endblock %}{% block title %}Shop{% endblock %}", None),
        (LAYOUT.replace("{% block title %}{% endblock %}", "Shop"), "has no 'Cookie settings' in its title"),
        (LAYOUT.replace("<main>", "{{ user.name.first }}"), "raises UndefinedError: 'user' is undefined"),
        (LAYOUT.replace("content %}", "body %}"), "raises SetupError: COOKIECONSENT_BASE_TEMPLATE: found 'base.html'"),
        (without("link"), "lacks {{ cookieconsent.link() }}"),
    ],
)
def test_own_pages_in_the_layout_of_the_site(layout: str, told: str | None) -> None:
    """The settings and the policy are there, with their form and their title."""
    app = small_app({"base.html": layout}, COOKIECONSENT_BASE_TEMPLATE="base.html")
    status, lines = check(app)

    assert (status == 0) == (told is None)
    assert told is None or (lines[0].startswith("/cookies/") and f": {told}" in lines[0])


def test_preferences_without_their_form() -> None:
    """A template of the site's own may have lost what the page is for."""
    app = small_app({"cookieconsent/preferences.html": '<h1>Settings</h1><div class="fcc-preferences">soon</div>'})

    assert "/cookies/: has no form that saves; wanted a button with name=choice and value=save" in check(app)[1]
    empty = small_app({"cookieconsent/policy.html": ""})
    assert any(line.startswith("/cookies/policy: is empty") for line in check(empty)[1])


def test_guard_before_our_pages() -> None:
    app = small_app()
    app.before_request(lambda: redirect("/login") if request.path.startswith("/cookies") else None)

    told = "/cookies/, /cookies/policy: answers 302; let guards pass where consent.is_own_request() is true"

    assert told in check(app)[1]


@pytest.mark.parametrize(("language", "default", "status"), [("de", "de", 0), ("de-AT", "de", 0), ("de", "en", 1)])
def test_language_of_the_page(language: str, default: str, status: int) -> None:
    """B6: a German page with English settings is told, and how to mend it."""
    app = small_app({"layout.html": LAYOUT.replace('lang="en"', f'lang="{language}"')}, BABEL_DEFAULT_LOCALE=default)
    found, lines = check(app)

    assert found == status
    assert (f"/: is in 'de', and its cookie settings in {default!r}; set BABEL_DEFAULT_LOCALE" in lines[0]) == bool(
        status
    )


@pytest.mark.parametrize("nonce", ["", "nonce=csp_nonce()"])
def test_scripts_that_a_policy_blocks(nonce: str) -> None:
    """A policy that goes by nonces alone blocks what has none."""
    app = small_app({"layout.html": LAYOUT.replace("head()", f"head({nonce})")})
    Talisman(
        app,
        content_security_policy={"script-src": ["'strict-dynamic'"]},
        content_security_policy_nonce_in=["script-src"],
    )
    status, lines = check(app)

    assert status == (0 if nonce else 1)
    assert nonce or lines[0].startswith("/: has scripts that its Content-Security-Policy blocks")


def test_missing_controller() -> None:
    """Nobody can consent to what nobody answers for; the site is not served either."""
    status, lines = check(small_app(COOKIECONSENT_CONTROLLER=None))

    assert (status, len(lines)) == (1, 1) and lines[0].startswith("COOKIECONSENT_CONTROLLER: found None, wanted")


def test_each_request_is_a_visitor_of_its_own() -> None:
    """What one request keeps in `g`, the next does not find, though a command has an app context."""
    app = small_app()
    seen: list[bool] = []

    @app.before_request
    def note() -> None:
        seen.append("note" in g)
        g.note = True

    check(app)

    assert len(seen) >= 3 and not any(seen)


@pytest.mark.parametrize(
    ("config", "hosts"),
    [
        ({}, {"localhost"}),
        ({"SERVER_NAME": "a.example"}, {"a.example"}),
        ({"TRUSTED_HOSTS": [".b.example"]}, {"b.example"}),
    ],
)
def test_host_is_one_of_the_site(config: dict[str, Any], hosts: set[str]) -> None:
    """It asks over HTTPS, by the name of the site where the app knows one."""
    app = small_app(**config)
    seen: set[tuple[str, str]] = set()

    @app.after_request
    def note(response: Response) -> Response:
        seen.add((request.scheme, request.host))
        return response

    check(app)

    assert seen == {("https", host) for host in hosts}


def test_hosts_of_an_app_that_has_several() -> None:
    app = Flask("hosted", static_folder=None, host_matching=True)
    app.config |= BARE
    app.add_url_rule("/", "a", lambda: render_template_string(TEMPLATES["layout.html"]), host="a.example")
    app.add_url_rule("/b", "b", lambda: "<html>", host="b.example")

    assert [line.partition(":")[0] for line in check(app)[1]] == ["/b"] * 3


def test_old_name_is_still_understood() -> None:
    site = make_site(app=small_app())

    assert run(site.app, "check-templates").output == run(site.app, "check").output
    assert "check-templates" not in run(site.app, "--help").output


STORED = {"story.html": "{{ body|safe|cookieconsent_embeds }}"}


def noted(app: Flask, **more: Any) -> list[str]:
    """Return the advice that a sound site is given, up to the first semicolon."""
    status, lines = check(app, **more)
    assert status == 0
    return [line.partition(";")[0] for line in lines if line.startswith("Note:")]


def test_filter_without_a_policy_is_noted() -> None:
    """What the filter leaves to a policy is said, and is no mistake."""
    assert noted(small_app(STORED)) == ["Note: story.html shows stored HTML"]


@pytest.mark.parametrize(("templates", "csp"), [({}, "merge"), (STORED, "enforce")])
def test_filter_without_a_policy_is_noted_twin(templates: dict[str, str], csp: str) -> None:
    """Without the filter, and with a policy that is enforced, there is nothing to note."""
    assert noted(small_app(templates, COOKIECONSENT_CSP=csp)) == []


def test_templates_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder may hold what is no text; a loader that cannot tell what it has is not asked further."""
    (tmp_path / "a.png").write_bytes(b"\xff cookieconsent_embeds")
    (tmp_path / "b.html").write_text(STORED["story.html"])
    folder, silent = small_app(), small_app()
    folder.jinja_loader = ChoiceLoader([folder.jinja_loader, FileSystemLoader(tmp_path)])
    silent.jinja_loader = FunctionLoader((TEMPLATES | STORED).get)

    assert noted(folder) == ["Note: b.html shows stored HTML"]
    assert noted(silent) == []
