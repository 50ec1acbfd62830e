"""`consent_audit(app, browser=True)`, beside a browser of the suite's own that runs already."""

from __future__ import annotations

import pytest
from flask import Flask, render_template
from playwright.sync_api import Browser

from flask_cookieconsent import CookieConsent
from flask_cookieconsent.testing import ConsentAudit
from tests.kit.sites import small_app

from .harness import find_browser

PAGE = """{% extends "layout.html" %}{% block title %}Home{% endblock %}{% block content %}<h1>Home</h1>
<script src="/static/own.js"></script>{% endblock %}"""


def site(script: str) -> Flask:
    """Return a site with a script of its own."""
    app = small_app({"home.html": PAGE})
    CookieConsent(app)
    app.view_functions["static"] = lambda filename: app.response_class(script, mimetype="text/javascript")
    app.add_url_rule("/home", "again", lambda: render_template("home.html"))
    return app


def test_scripts_are_seen_where_it_is_asked_for(consent_audit: ConsentAudit, browser: Browser) -> None:
    """A cookie that a script sets is seen by a browser alone; without the script there is nothing to see."""
    assert browser.is_connected() and find_browser()
    planted = site('document.cookie = "_fbp=fb.1.1; path=/"')

    consent_audit(site("document.title"), browser=True)
    consent_audit(planted)
    with pytest.raises(AssertionError, match=r"undeclared-cookie[\s\S]*_fbp"):
        consent_audit(planted, browser=True)
