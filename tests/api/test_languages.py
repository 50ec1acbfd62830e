"""The language of an answer: which ones a site speaks, and what becomes of every other word."""

from __future__ import annotations

import pytest
from flask_babel import Babel

from flask_cookieconsent.api.languages import Wanted, spoken_locales, wanted_locale
from tests.kit.sites import make_app, make_site


def test_site_with_one_language() -> None:
    """Its address decides, because there is nothing else to decide."""
    site = make_site(BABEL_DEFAULT_LOCALE="pt_BR")
    for query in ("", "?lang=pt-BR", "?lang=pt_br", "?lang=de"):
        with site.app.test_request_context(f"/{query}"):
            assert wanted_locale() == Wanted(next(iter(spoken_locales().values())), is_same_for_all=True)


def test_site_with_a_function() -> None:
    """What the site's own function says is what its pages are in, and no cache may know it."""
    app = make_app()
    site = make_site(app=app)
    app.extensions["cookieconsent.locale"] = lambda: "nl"
    with site.app.test_request_context("/?lang=xx"):
        assert wanted_locale() == Wanted("nl", is_same_for_all=False)


@pytest.mark.parametrize("word", ["xx", "x" * 99, "\x00", "../de", "de;q=1", "*", "é", "_", "-", "__"])
def test_other_words_are_as_none(word: str) -> None:
    """A7: no word raises, whatever it is."""
    site = make_site()
    Babel(site.app, locale_selector=lambda: "fr")
    with site.app.test_request_context("/", query_string={"lang": word}):
        assert wanted_locale() == Wanted("fr", is_same_for_all=False)
