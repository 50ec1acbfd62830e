"""Reports of audits: of a small bad site, and of findings as a test needs them."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

from flask import Flask, Response, make_response, render_template

from flask_cookieconsent.audit.findings import Finding, Place
from flask_cookieconsent.audit.report import Report, audit
from tests.kit.sites import LAYOUT, make_site, small_app

DAY = date(2026, 11, 23)
#: A host that nobody declares, in a page of the bad site.
FOREIGN = "cdn.example.com"
#: Text that means something to terminals, TOML, JSON and XML.
WILD = 'a"\\\n\x1b[31m\x00</x>&]]>\ud800\uffff\u202eb'


def bad_app() -> Flask:
    """Return an app, without the extension, that contacts a host and sets a cookie that nobody declares, and raises."""
    script = f'<script src="https://{FOREIGN}/x.js"></script></body>'
    app = small_app({"bad.html": LAYOUT.replace("</body>", script)})

    def bad() -> Response:
        response = make_response(render_template("bad.html"))
        response.set_cookie("cart", "7")
        return response

    app.add_url_rule("/bad", "bad", bad)
    app.add_url_rule("/boom", "boom", lambda: str(1 / 0))
    return app


@cache
def bad_report() -> Report:
    """Return the report of an audit of the bad site."""
    site = make_site(app=bad_app())  # which keeps its database as long as it is named
    return audit(site.app)


def finding_of(subject: str = FOREIGN, rule: str = "undeclared-host", routes: int = 1, **more: Any) -> Finding:
    """Return a finding that two visitors saw at some routes."""
    places = tuple(
        Place(f"/{number}", f"/{number}", visitor, f"<img src={subject}>")
        for number in range(1, routes + 1)
        for visitor in ("undecided", "gpc")
    )
    return Finding(rule, subject, f"contacts {subject}", **({"places": places} | more))


def report_of(*findings: Finding, **more: Any) -> Report:
    """Return a report of some findings."""
    about: dict[str, Any] = {"requests": 8, "routes": 4, "visitors": ("undecided", "gpc"), "not_reached": ()}
    return Report(findings=findings, **(about | {"day": DAY} | more))
