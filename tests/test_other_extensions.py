"""Extensions beside ours that use Flask-Babel where they see it answer exactly as they do without us."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from configparser import ConfigParser
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from flask_babel import Babel, force_locale, gettext
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.locales import in_locale, page_locale
from tests.kit.neighbours import security
from tests.kit.papers import DOCS, needs_pages
from tests.kit.sites import BARE, EVERYTHING, LAYOUT, TEMPLATES, Clock, Site, services, soup_of

ROOT = Path(__file__).parents[1]
NEIGHBOURS = ("admin", "security", "forms")
#: What CookieConsent itself adds to an app.
OURS = {
    "extensions": {"cookieconsent", "cookieconsent.state", "cookieconsent.renderer"},
    "filters": {"cookieconsent_embeds"},
    "jinja": set(),
}


@cache
def answer(name: str, *options: str) -> dict[str, Any]:
    """Return what an app of `tests.kit.neighbours` answers in an interpreter of its own."""
    command = [sys.executable, "-m", "tests.kit.neighbours", name, *options]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.parametrize(
    ("before", "after"),
    [(("hidden",), ("consent",)), (("babel",), ("babel", "consent"))],
    ids=["we bring Flask-Babel along", "the app initialises it after us"],
)
@pytest.mark.parametrize("name", NEIGHBOURS)
def test_neighbours_answer_as_before(name: str, before: tuple[str, ...], after: tuple[str, ...]) -> None:
    """Flask-Admin, Flask-Security and Flask-WTF say the same before and after cookie consent is installed."""
    alone, beside = answer(name, *before), answer(name, *after)

    assert (beside["status"], beside["text"]) == (alone["status"], alone["text"]) and alone["status"] == 200
    assert {part: set(beside[part]) - set(alone[part]) for part in OURS} == OURS


def test_flask_babel_that_nobody_initialises_is_the_bad_twin() -> None:
    """Where Flask-Babel can be imported and nobody has initialised it, Flask-Admin answers no page."""
    assert answer("admin")["status"] == 500


def test_neighbours_speak_the_language_of_the_site() -> None:
    """The pages are really translated where the app has Flask-Babel, so that their sameness means something."""
    for name, french in (("admin", "Accueil"), ("security", "Connexion"), ("forms", "Ce champ est requis")):
        assert french in answer(name, "babel", "consent")["text"]
        assert french not in answer(name, "consent")["text"]


def make_app(name: str, **config: Any) -> Flask:
    app = Flask(name)
    app.config.update(SECRET_KEY="a key for tests only", **config)
    CookieConsent(app)
    return app


def test_babel_belongs_to_the_app_that_has_it() -> None:
    """Two apps in one process, in app contexts without a request: a command, a mail."""
    plain, dutch = make_app("plain", BABEL_DEFAULT_LOCALE="fr"), make_app("dutch")
    with dutch.app_context():
        assert page_locale() == "en"
    Babel(dutch, locale_selector=lambda: "nl")

    with plain.app_context():
        assert page_language().text("Reject all") == "Tout refuser"
        with in_locale("de"):
            assert page_language().text("Reject all") == "Alle ablehnen"
    with dutch.app_context():
        assert page_language().text("Reject all") == "Alles weigeren"
        with in_locale("de"):
            assert page_locale() == "de"
        with force_locale("fr"):
            assert page_language().text("Reject all") == "Tout refuser"
        assert gettext("Reject all") == "Reject all"


# -- the page "With other extensions" ------------------------------------------------------------------------------

PAGE = DOCS / "with-other-extensions.md"


def section(heading: str, language: str) -> list[str]:
    """Return the code below a heading of the page, in one language."""
    text = PAGE.read_text(encoding="utf-8").split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def make_documented(heading: str, number: int = 0, templates: dict[str, str] | None = None, **config: Any) -> Site:
    """Return a site that has done what the page says, one with the layout of the tests and a page at `/`."""
    app = Flask("documented")
    app.config |= BARE | {"SECURITY_PASSWORD_SALT": "salt"} | config
    app.jinja_loader = DictLoader(TEMPLATES | (templates or {}))
    names: dict[str, Any] = {"app": app, "consent": CookieConsent(services=services())}
    if code := section(heading, "python"):
        exec(compile(code[number], PAGE.name, "exec", dont_inherit=True), names)
    # What a page makes anew has no services.
    names["consent"].init_app(app, services=() if names["consent"]._services else services())
    if "lang_code" in app.config.get("COOKIECONSENT_URL_PREFIX", ""):
        app.add_url_rule("/<lang_code>/", "home", lambda: render_template("page.html", heading="Home"))
    if not any(rule.rule == "/" for rule in app.url_map.iter_rules()):
        home = app.view_functions.get("home", lambda: render_template("page.html", heading="Home"))
        app.add_url_rule("/", "home", home)
    site = Site(app, names["consent"], Clock(), SQLAlchemy())
    return site


def presses(site: Site, path: str = "/", *, https: bool = True) -> list[int]:
    """Accept on a page and withdraw there again, with its own buttons; return the statuses of it all."""
    visitor = site.visitor(https=https)
    first = visitor.get(path)
    accepted = visitor.press(first, "Accept all")
    second = visitor.get(path)
    withdrawn = visitor.press(second, "Withdraw consent")
    third = visitor.get(path)
    assert soup_of(first).select(".fcc-banner") and not soup_of(third).select(".fcc-banner")
    has_tag = ['data-service="counter"' in page.text for page in (first, second, third)]
    assert has_tag == [False, True, False]
    return [each.status_code for each in (first, accepted, second, withdrawn, third)]


DONE = [200, 303, 200, 303, 200]


def test_login_guard_of_the_page() -> None:
    visitor = make_documented("Flask-Login").visitor()

    assert visitor.get("/").location == "/login"
    for path in ("/cookies/", "/cookies/policy", "/.well-known/gpc.json"):
        assert visitor.get(path).status_code == 200
    assert visitor.choose("accept").status_code == 303 and visitor.allowed() == EVERYTHING


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("Flask-WTF and Flask-SeaSurf", 0),
        ("Flask-WTF and Flask-SeaSurf", 1),
        ("Flask-Session", 0),
    ],
)
def test_extensions_that_need_nothing(heading: str, number: int) -> None:
    assert presses(make_documented(heading, number), https=False) == DONE


def test_debug_toolbar_of_the_page() -> None:
    """Its panel and ours are both there, and the redirect after a press is not stopped."""
    site = make_documented("Flask-DebugToolbar", DEBUG=True)
    page = site.visitor().get("/")

    assert soup_of(page).select("#flDebug") and soup_of(page).select(".fcc-panel")
    assert presses(site, https=False) == DONE


def test_debug_toolbar_stops_redirects_by_itself() -> None:
    """The bad twin: what the page says it does."""
    site = make_documented("Flask-DebugToolbar", DEBUG=True)
    site.app.config["DEBUG_TB_INTERCEPT_REDIRECTS"] = True

    assert site.visitor().choose("accept").status_code == 200


def test_session_of_another_extension_is_left_alone() -> None:
    """Flask-Session stores nothing for somebody who only chooses."""
    site = make_documented("Flask-Session", SESSION_COOKIE_NAME="shop_session")
    visitor = site.visitor()
    visitor.choose("accept")

    assert visitor.cookie("shop_session") is None and visitor.cookie() is not None


def test_talisman_of_the_page() -> None:
    """A layout with the nonce of the page, and our own layout."""
    (head,) = section("Flask-Talisman", "jinja")
    layout = LAYOUT.replace("{{ cookieconsent.head() }}", head)
    site = make_documented("Flask-Talisman", templates={"layout.html": layout})
    visitor = site.visitor(https=True)
    visitor.choose("accept")

    assert presses(site) == DONE
    for path in ("/", "/cookies/"):
        page = visitor.get(path)
        nonces = {str(script.get("nonce")) for script in soup_of(page).select("script")}
        assert [f"'nonce-{each}'" in page.headers["Content-Security-Policy"] for each in nonces] == [True]


def test_admin_of_the_page() -> None:
    (layout,) = section("Flask-Admin", "jinja")
    site = make_documented("Flask-Admin", templates={"admin_layout.html": layout})

    assert presses(site, "/admin/") == DONE
    assert checked(site) == []


def test_security_of_the_page() -> None:
    (layout,) = section("Flask-Security-Too", "jinja")
    site = make_documented("Flask-Security-Too", templates={"security/base.html": layout})
    security(site.app)

    assert presses(site, "/login") == DONE
    assert checked(site) == []


@pytest.mark.parametrize("base", ["/dash/", "/"])
def test_dash_of_the_page(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Below a path of its own, and as the whole site: our pages come first."""
    code = section("Dash", "python")[0].replace('"/dash/"', repr(base))
    monkeypatch.setitem(globals(), "section", lambda heading, language: [code] if language == "python" else [])
    site = make_documented("Dash")

    assert presses(site, base) == DONE
    assert "_dash-config" in site.visitor().get(base).text
    assert "Sales" in site.visitor().get(f"{base}_dash-layout").text
    assert soup_of(site.visitor().get("/cookies/")).select("button[value=save]")


def test_languages_of_the_page() -> None:
    site = make_documented("Languages in addresses")
    pages = {path: soup_of(site.visitor().get(path)) for path in ("/", "/de/", "/fr/cookies/")}

    assert [str(page.select_one(".fcc-link a")["href"]) for page in pages.values()] == [  # type: ignore[index]
        "/cookies/",
        "/de/cookies/",
        "/fr/cookies/",
    ]
    assert [str(page.select_one(".fcc-link")["lang"]) for page in pages.values()] == ["en", "de", "fr"]  # type: ignore[index]


def test_language_function_of_the_page() -> None:
    page = make_documented("Without Flask-Babel").visitor(Accept_Language="fr").get("/cookies/")

    assert soup_of(page).select_one(".fcc-preferences")["lang"] == "fr"  # type: ignore[index]


def checked(site: Site) -> list[str]:
    """Return what `flask cookieconsent check` says is wrong with the site."""
    result = site.app.test_cli_runner().invoke(args=["cookieconsent", "check"])
    return result.output.splitlines() if result.exit_code else []


@needs_pages
def test_page_names_each_extension_that_is_tried() -> None:
    """What stands in the table is installed for the tests, and what has a section of code is in the table."""
    text = PAGE.read_text(encoding="utf-8")
    config = ConfigParser()
    config.read(ROOT / "setup.cfg")
    installed = {
        re.split(r"[>\[]", line)[0].lower()
        for part in (config["options"]["install_requires"], config["options.extras_require"]["test"])
        for line in part.split()
    }
    named = {each.lower() for each in re.findall(r"^\| ([^|]+?) \|", text, re.MULTILINE) for each in each.split(", ")}

    assert named - {"extension", "---"} - installed == set()
    assert {
        each.lower()
        for each in re.findall(r"^## (Flask-\S+)$|^## (Dash)$", text, re.MULTILINE)
        for each in each
        if each
    } <= named
