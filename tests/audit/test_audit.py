"""The whole audit of an app: a sound one, and one with a fault of each kind."""

from __future__ import annotations

from flask_cookieconsent.audit.report import audit
from tests.kit.audited import app_with, audit_of, findings_of, page_in_layout
from tests.kit.sites import make_site, own, services, small_app


def test_sound_site() -> None:
    """Nothing is wrong, and it says how much was looked at."""
    declared = [each for each in services() if each.id not in ("language", "arrival")]
    report = audit_of(small_app(), declared)

    assert report.findings == () and report.errors == ()
    assert (report.visitors, report.not_reached) == (("undecided", "refusing", "accepting", "gpc"), ())
    assert report.routes == 4 and report.requests >= 4 * report.routes


def test_pages_that_cannot_be_read() -> None:
    """What raises, and what answers with an error of the server; an error page that was asked for is none."""
    app = app_with({"/boom": lambda: str(1 / 0), "/down": lambda: ("down", 503), "/gone": lambda: ("gone", 410)})
    app.register_error_handler(500, lambda error: (page_in_layout(""), 500))
    found = findings_of(audit_of(app), "unreadable-page")

    assert {finding.subject: finding.says for finding in found} == {
        "/boom": "raises ZeroDivisionError: division by zero",
        "/down": "answers 503",
    }


def test_unfair_template() -> None:
    """A template of the site's own that offers no refusal is told, in each language."""
    banner = '<div class="fcc-banner"><form><button name="choice" value="accept">Yes</button></form></div>'
    site = make_site(app=small_app({"cookieconsent/banner.html": banner}))
    found = findings_of(audit(site.app), "unfair-template")

    assert any("there is no button for 'reject'" in finding.says for finding in found)
    assert {place.element for finding in found for place in finding.places} == {"en"}


def test_site_that_asks_nothing() -> None:
    """It needs no banner, and its pages are read all the same."""
    app = app_with({"/page": page_in_layout('<img src="https://x.test/a.png">')})
    app.view_functions["home"] = lambda: "a text"
    report = audit_of(app, [own("basket", "necessary", justification="A shop.", purpose="user_input")])

    assert [finding.rule for finding in report.errors] == ["undeclared-host"]
