"""What a site would show today: its notices and its cookie policy in each of its languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Flask

from flask_cookieconsent.audit.walking.routes import origin
from flask_cookieconsent.core.decision import OptOutSignals
from flask_cookieconsent.core.notices import Audience, Notice
from flask_cookieconsent.i18n import language
from flask_cookieconsent.locales import in_locale, site_locales
from flask_cookieconsent.pages.fragments import Nothing
from flask_cookieconsent.pages.policy import regions_told
from flask_cookieconsent.pages.renderer import get_renderer

from .notices import page


def current_notices(app: Flask) -> list[Notice]:
    """Return the notices of today, one for each language and audience; needs an app context."""
    with app.test_request_context(base_url=origin(app)):
        renderer = get_renderer()
        state = renderer.state
        accounts = (False, True) if state.people() else (False,)
        audiences = [Audience(terms, signed_in) for terms in state.regions.all_terms for signed_in in accounts]
        return [renderer.notice(locale, audience) for locale in _languages() for audience in audiences]


def policy_pages(app: Flask, style: str) -> Iterator[tuple[str, str]]:
    """Yield name and text of a page for each language, with the policy of today; needs an app context."""
    renderer = get_renderer()
    # As somebody meets it who has not chosen, and without the visitor that a template of the site's own may ask for.
    nobody: dict[str, Any] = {"versions": (), **dict.fromkeys(("request", "session", "g"), Nothing())}
    with app.test_request_context(base_url=origin(app)):
        state = renderer.state
        decision = state.decide(None, OptOutSignals(), state.today)
        for locale in _languages():
            with in_locale(locale):
                told = regions_told(state, language(locale))
                html = renderer.render("policy.html", decision, **nobody, regions=told)
            title = f"{language('en').text('Cookie policy')} ({locale})"
            yield f"policy/{locale}.html", page(title, locale, html, style)


def _languages() -> list[str]:
    """Return the languages of the site, those that are shown as one of them once."""
    return list(dict.fromkeys(language(locale).locale for locale in site_locales()))
