"""In which language a page of ours is: the site's own selector, Flask-Babel, `BABEL_DEFAULT_LOCALE`, English (B6)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g, render_template_string, request
from flask_babel import Babel

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.locales import LocaleSelector, has_one_locale, page_locale
from tests.kit.sites import BARE, make_app, make_site, services, soup_of

PAGE = "{{ cookieconsent.head() }}{{ cookieconsent.banner() }}{{ cookieconsent.link() }}"


def make(locale: LocaleSelector | None = None, **config: Any) -> Flask:
    app = Flask("speaking")
    app.config |= BARE | config
    CookieConsent(app, services=services(), locale=locale)
    app.add_url_rule("/", "home", lambda: render_template_string(PAGE))
    return app


def languages(app: Flask, **headers: str) -> list[str]:
    """Return the languages of the banner, the preferences and the policy."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    parts = {"/": ".fcc-banner", "/cookies/": ".fcc-preferences", "/cookies/policy": ".fcc-policy"}
    pages = {path: soup_of(app.test_client().get(path, headers=named).text) for path in parts}
    return [str(pages[path].select_one(part)["lang"]) for path, part in parts.items()]  # type: ignore[index]


async def later() -> str:
    return "fr"


def from_header() -> str | None:
    return request.accept_languages.best_match(["de", "nl", "pt-PT"])


def from_address() -> Any:
    return g.get("language")


@pytest.mark.parametrize(
    ("selector", "config", "wanted"),
    [
        (None, {}, "en"),
        (None, {"BABEL_DEFAULT_LOCALE": "de"}, "de"),
        (None, {"BABEL_DEFAULT_LOCALE": "de-AT"}, "de-AT"),
        (lambda: "nl", {"BABEL_DEFAULT_LOCALE": "de"}, "nl"),
        (lambda: None, {"BABEL_DEFAULT_LOCALE": "de"}, "de"),
        (lambda: "no such locale", {"BABEL_DEFAULT_LOCALE": "de"}, "en"),
        (later, {}, "fr"),
        (from_header, {}, "pt-PT"),
        (from_address, {"BABEL_DEFAULT_LOCALE": "it"}, "it"),
    ],
)
def test_language_without_flask_babel(selector: LocaleSelector | None, config: dict[str, Any], wanted: str) -> None:
    """B6: one language on all pages, whatever chose it."""
    found = languages(make(selector, **config), Accept_Language="pt-PT")

    assert [each.partition("-")[0] for each in found] == [wanted.partition("-")[0]] * 3
    assert len(set(found)) == 1


def test_language_of_each_visitor() -> None:
    """B6: what is remembered of a page in one language is not given to who speaks another."""
    app = make(from_header)

    assert [languages(app, Accept_Language=each)[0] for each in ("de", "nl", "de", "sv")] == ["de", "nl", "de", "en"]
    with app.app_context():
        assert not has_one_locale(app) and has_one_locale(make())


def test_own_selector_comes_before_flask_babel() -> None:
    app = make(lambda: "nl")
    Babel(app, locale_selector=lambda: "de")

    assert languages(app) == ["nl"] * 3


def test_selector_that_raises_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A page in the default language is better than none, and a press counts in any."""
    app = make(lambda: 1 / 0, BABEL_DEFAULT_LOCALE="fr")

    assert languages(app) == ["fr"] * 3
    assert sum("locale selector failed" in each.getMessage() for each in caplog.records) == 3


def test_selector_is_asked_once_in_a_request() -> None:
    """Whatever number of pieces a page has: it may ask a database, and `async def` costs an event loop."""
    asked: list[str] = []
    app = make(lambda: asked.append(request.path) or "de")

    languages(app)

    assert len(asked) == len(set(asked)) == 3


def test_selector_is_asked_in_requests_alone() -> None:
    """A command or a mail has no page."""
    app = make(from_header)
    with app.app_context():
        assert page_locale() == "en"


def test_kept_notice_is_in_the_language_of_the_press() -> None:
    """F2: what is kept of a notice is all in one language, in an app without Flask-Babel too."""
    site = make_site(app=make_app(BABEL_DEFAULT_LOCALE="fr"))
    with site.app.test_request_context():
        notice = site.app.extensions["cookieconsent.renderer"].notice("de")

    assert "Alle ablehnen" in notice.html and "Tout refuser" not in notice.html
