"""What a report does not carry: values of queries, passwords, nonces and addresses of mail."""

from __future__ import annotations

import pytest
from flask import Flask, redirect

from flask_cookieconsent.audit.formats import FORMATS, written
from flask_cookieconsent.audit.masks import masked_path, masked_text
from tests.kit.audited import app_with, audit_of, page_in_layout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("postgresql://me:planted@db/shop", "postgresql://…db/shop"),
        ("https://x.test/p?uid=planted&amp;v=1", "https://x.test/p?uid=…&amp;v=1"),
        ("https://x.test/p?v=1&access_token=planted", "https://x.test/p?v=1&access_token=…"),
        ("https://x.test/p?who=ann%40example.org", "https://x.test/p?who=…"),
        ('<script nonce="planted" src="https://x.test/a">', '<script nonce="…" src="https://x.test/a">'),
        ("no such user: ann@example.org", "no such user: …"),
    ],
)
def test_secrets(text: str, told: str) -> None:
    assert masked_text(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "https://cdn.test/npm/htmx.org@2.0.4/dist/htmx.min.js",
        "https://fonts.test/css?family=Inter&display=swap",
        "https://www.test/gtm.js?id=GTM-AAAA",
        '@app.get("/")',
    ],
)
def test_what_is_needed_stays(text: str) -> None:
    assert masked_text(text) == text


def test_queries_of_the_site() -> None:
    assert masked_path("/reset?token=planted&page=2") == "/reset?token=…&page=…"
    assert masked_path("/shop/7") == "/shop/7"


def leaking_app() -> Flask:
    def boom() -> str:
        raise RuntimeError("postgresql://me:planted@db/shop")

    markup = '<img src="https://x.test/p?uid=planted&mail=planted@example.org"><a href="/gone?key=planted">gone</a>'
    link = (
        '<a href="/there?key=planted">there</a><script nonce="planted" src="https://me:planted@y.test/a.js"></script>'
    )
    pages = {"/page": page_in_layout(markup + link), "/there": page_in_layout('<img src="//z.test/">'), "/boom": boom}
    app = app_with(pages)
    app.add_url_rule("/away", "away", lambda: redirect("/there?session=planted"))
    app.add_url_rule("/gone", "gone", lambda: ("gone", 410))
    return app


@pytest.mark.parametrize("form", FORMATS)
def test_reports_are_masked(form: str) -> None:
    """Whatever a page, a link, a redirect or an error holds."""
    report = audit_of(leaking_app())

    assert {"x.test", "y.test", "z.test", "/boom"} <= {each.subject for each in report.findings}
    assert "planted" not in written(report, form)
