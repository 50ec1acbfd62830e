"""Extensions beside ours that use Flask-Babel where they see it answer exactly as they do without us."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import Babel, force_locale, gettext

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.i18n import page_language
from flask_cookieconsent.locales import in_locale, page_locale

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
