"""A small site for the tests of the audit: pages by their paths, and what the audit finds on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask, render_template_string

from flask_cookieconsent import Service
from flask_cookieconsent.audit.findings import Finding
from flask_cookieconsent.audit.report import Report, audit
from flask_cookieconsent.audit.walking.walk import Wishes

from .sites import FILM, LAYOUT, make_site, services, small_app


def page_in_layout(content: str, head: str = "") -> str:
    """Return a whole page with all that it needs, and some content."""
    page = LAYOUT.replace("</head>", f"{head}</head>").replace("<main>", f"<main>{content}")
    return page.replace("{% block title %}{% endblock %}", "A page").replace("{% block content %}{% endblock %}", "")


def app_with(pages: Mapping[str, str | Callable[..., Any]], **config: Any) -> Flask:
    """Return an app with one sound page, and others by their paths: a template's text, or a view."""
    app = small_app(**config)
    for path, page in pages.items():
        app.add_url_rule(path, path.strip("/").replace("/", "_") or "index", _view(page))
    return app


def audit_of(app: Flask, declared: Iterable[Service] | None = None, wishes: Wishes | None = None) -> Report:
    """Return what the audit says of an app; *declared* are the services of the small sites unless they are given."""
    site = make_site(app=app, services=services() if declared is None else declared)
    return audit(site.app, wishes)


def findings_of(report: Report, rule: str) -> list[Finding]:
    """Return the findings by one rule."""
    return [finding for finding in report.findings if finding.rule == rule]


def _view(page: str | Callable[..., Any]) -> Callable[..., Any]:
    if callable(page):
        return page
    return lambda **values: render_template_string(page, film=FILM, **values)
