"""What a site would show today, in each of its languages."""

from __future__ import annotations

from typing import Any

from flask_babel import Babel

from flask_cookieconsent.audit.evidence.policies import current_notices, policy_pages
from tests.kit.sites import make_site, small_app, soup_of


def test_one_language() -> None:
    site = make_site(app=small_app())
    with site.app.app_context():
        notices, pages = current_notices(site.app), dict(policy_pages(site.app, "p {}"))

    assert [(notice.digest, notice.locale) for notice in notices] == [(site.digest, "en")]
    assert list(pages) == ["policy/en.html"]
    soup = soup_of(pages["policy/en.html"])
    assert soup.h1.text == "Cookie policy" and "Example NV" in soup.text


def test_every_language_of_the_site(monkeypatch: Any) -> None:
    app = small_app()
    Babel(app)
    monkeypatch.setattr(Babel, "list_translations", lambda self: ["de", "en", "fr"])
    site = make_site(app=app)
    with app.app_context():
        notices, pages = current_notices(app), dict(policy_pages(app, ""))

    assert [notice.locale for notice in notices] == ["de", "en", "fr"] and site
    titles = {name: soup_of(text).html["lang"] for name, text in pages.items()}
    assert titles == {"policy/de.html": "de", "policy/en.html": "en", "policy/fr.html": "fr"}
