"""What an audit in process costs: 200 routes of about 20 KB each, four visitors.

Printed with `-s`: CPU time in seconds, of which part the app itself takes for its pages. Target: 20 s on one core. No
time decides a test.
"""

from __future__ import annotations

import time

import pytest
from flask import Flask

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.audit.report import Report, audit
from tests.kit.sites import BARE, FILM, LAYOUT, services

pytestmark = pytest.mark.benchmark

ROUTES = 200
_ROW = """<p>The harbour of {{ number }} was quiet that morning, <b>and</b>
<a href="/page/{{ (number + loop.index) % 200 }}">the boats</a> lay at their moorings
<img src="/static/boat.png" alt="a boat" width="40" height="30"> as if painted.</p>
"""
PAGE = LAYOUT.replace(
    "<main>", "<main>{% for row in range(85) %}" + _ROW + "{% endfor %}{{ cookieconsent.embed(film, title='A film') }}"
)


def app_of(routes: int) -> Flask:
    """Return an app with so many routes, each with a page of its own."""
    app = Flask("audited")
    app.config |= BARE
    CookieConsent(app, services=[each for each in services() if each.id in ("films", "counter")])
    template = app.jinja_env.from_string(PAGE)
    for number in range(routes):
        app.add_url_rule(
            f"/page/{number}", f"page{number}", lambda number=number: template.render(number=number, film=FILM)
        )
    return app


def audited(routes: int) -> tuple[Report, float]:
    """Return the report of an app with so many routes, and the CPU time that it took in seconds."""
    app = app_of(routes)
    start = time.process_time()
    report = audit(app)
    return report, time.process_time() - start


def test_audit_of_many_routes() -> None:
    """Every route is asked for by each visitor, and nothing of it is left out."""
    report, seconds = audited(ROUTES)

    print(f"\n{report.requests} requests to {report.routes} routes: {seconds:.1f} s of CPU time (target 20 s)")
    assert report.not_reached == () and report.findings == ()
    assert report.requests >= 5 * ROUTES  # four visitors, and HEAD for one of them


def test_route_that_is_not_asked_for_is_noticed() -> None:
    """The bad twin: fewer routes are fewer requests, so that a short time proves nothing by itself."""
    assert audited(2)[0].requests < audited(3)[0].requests
