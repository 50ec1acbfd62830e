"""The audit as an assertion: what fails it, what it says, and what it looks at."""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, abort, render_template, session
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from flask_cookieconsent import Cookie, CookieConsent, CookieConsentError, SetupError
from flask_cookieconsent.testing import ConsentAudit
from tests.kit.sites import Clock, own, small_app


def site(tracker: str = "", *, members: str = "", is_visited: bool = True, **options: Any) -> Flask:
    """Return a sound site, unless a cookie of a page is not declared, or of one for members, or one is never set."""
    app = small_app({"home.html": "{% extends 'layout.html' %}"})
    visited = Cookie(name="visited", purpose="Counts visits.", duration=timedelta(days=1))
    CookieConsent(app, services=[own("visits", "performance", visited, purpose="audience_measurement")], **options)

    @app.get("/offers/")
    def offers() -> Response:
        return _page(app, tracker, "visited" if is_visited else "")

    @app.get("/members")
    def only_for_members() -> Response:
        return _page(app, members) if "person" in session else abort(403)

    return app


def _page(app: Flask, *cookies: str) -> Response:
    response = app.make_response(render_template("home.html"))
    for name in filter(None, cookies):
        response.set_cookie(name, "secret-value", max_age=60)
    return response


def said(consent_audit: ConsentAudit, app: Flask, **options: object) -> str:
    """Return what the assertion says."""
    with pytest.raises(AssertionError) as caught:
        consent_audit(app, **options)  # type: ignore[arg-type]
    return str(caught.value)


def test_sound_site_passes(consent_audit: ConsentAudit) -> None:
    """It gives the report, for whoever wants to assert more."""
    report = consent_audit(site())

    assert report.errors == ()
    assert report.requests > 10 and "/offers/" not in {route for route, _ in report.not_reached}


def test_tracker_is_named_at_its_place(consent_audit: ConsentAudit) -> None:
    """The bad twin: name, place and the catalogue's remedy, and never the value."""
    message = said(consent_audit, site("_ga"))

    assert message.startswith("The audit fails: 1 error, no warnings (")
    assert "undeclared-cookie" in message and "/offers/" in message and "google_analytics(" in message
    assert "secret-value" not in message


def test_context_of_the_app_may_be_there(consent_audit: ConsentAudit) -> None:
    """Many suites push one for every test."""
    app = site("_ga")
    with app.test_request_context():
        assert "_ga" in said(consent_audit, app)


def test_test_may_be_a_coroutine(consent_audit: ConsentAudit) -> None:
    """A view that is one, too, cannot run where an event loop runs."""
    app = site("_ga")

    async def late() -> str:
        return render_template("home.html")

    async def asserts() -> str:
        return said(consent_audit, app)

    app.add_url_rule("/late", "late", late)
    message = asyncio.run(asserts())

    assert "_ga" in message and "/late" not in message


def test_strict_counts_warnings(consent_audit: ConsentAudit) -> None:
    """A declared cookie that is never seen is one."""
    app = site(is_visited=False)

    assert [each.rule for each in consent_audit(app).findings] == ["stale-cookie"]
    assert "stale-cookie" in said(consent_audit, app, strict=True)


def test_options_file_of_the_root_folder(tmp_path: Path) -> None:
    """What the file says holds, too; a function to sign in takes the place of the file's."""
    accepted = '{ rule = "undeclared-cookie", subject = "basket", until = 2026-12-24, reason = "known" }'
    given = f'skip = ["/members"]\nsign_in = "nowhere:sign_in"\naccepted = [{accepted}]\n'
    (tmp_path / "cookieconsent-audit.toml").write_text(given, "utf-8")
    app = site("basket", members="_ga", clock=Clock())
    report = ConsentAudit(tmp_path)(app, sign_in=sign_in)

    assert [finding.subject for finding, _ in report.accepted] == ["basket"]
    assert "basket" in said(ConsentAudit(tmp_path / "elsewhere"), app)
    with pytest.raises(CookieConsentError, match="importing nowhere raises"):
        ConsentAudit(tmp_path)(app)


@pytest.mark.parametrize("option", ["paths", "skip"])
def test_option_that_is_no_path(consent_audit: ConsentAudit, option: str) -> None:
    with pytest.raises(CookieConsentError, match="wanted paths of this site"):
        consent_audit(site(), **{option: ["shop"]})  # type: ignore[arg-type]


def sign_in(client: FlaskClient) -> None:
    """Sign a client in, as the tests of a site do."""
    with client.session_transaction() as opened:
        opened["person"] = "lotte"


def test_members_are_looked_at(consent_audit: ConsentAudit) -> None:
    app = site(members="basket")

    consent_audit(app)
    assert "/members" in said(consent_audit, app, sign_in=sign_in)
    consent_audit(app, sign_in=sign_in, skip=["/members"])


def test_named_path_is_looked_at(consent_audit: ConsentAudit) -> None:
    """What no page links to, and no converter can fill in."""
    app = site()
    app.add_url_rule("/shop/<name>", "shop", lambda name: _page(app, "basket"))

    consent_audit(app)
    assert "/shop/<name>" in said(consent_audit, app, paths=["/shop/tea"])


def test_app_without_consent(consent_audit: ConsentAudit) -> None:
    with pytest.raises(SetupError, match="this app has no cookie consent"):
        consent_audit(small_app())


def test_parser_is_missing(consent_audit: ConsentAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes with an extra, which the error names."""
    for name in [each for each in sys.modules if each.startswith(("flask_cookieconsent.audit", "justhtml"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "justhtml", None)

    with pytest.raises(SetupError, match=r'pip install "Flask-CookieConsent\[audit\]"'):
        consent_audit(site())
