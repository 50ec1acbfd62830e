"""A small site with a cache in front, which gunicorn imports: `tests.kit.shared_site:create_shared_app()`."""

from __future__ import annotations

from itertools import count
from typing import Any

from flask import Flask, Response, render_template_string

from flask_cookieconsent.catalogue import google_analytics, youtube

from .sites import Clock, make_app, make_site

#: How long caches may keep the site's pages.
SHARED = "public, max-age=600"
LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{% block title %}Ecom{% endblock %}</title><link rel="icon" href="data:,">
{{ cookieconsent.head() }}</head><body class="fcc-page">{{ cookieconsent.banner() }}
<main>{% block content %}{% endblock %}</main><footer>{{ cookieconsent.link() }}</footer></body></html>"""
FILM = '{{ cookieconsent.embed("https://youtu.be/aqz-KE-bpKQ", title="A film") }}'
PAGE = '{% extends "layout.html" %}{% block content %}<h1>Home</h1><p id="made">CONTENT{% endblock %}'
#: What asks in a template of the site.
ASKS = '{{ "films" if cookieconsent.allows("youtube") else "no films" }}'


def create_shared_app(pages: str = "cacheable", **config: Any) -> Flask:
    """Return the site; each page says how many were made before it."""
    app = make_app(
        {"layout.html": LAYOUT}, COOKIECONSENT_BASE_TEMPLATE="layout.html", COOKIECONSENT_PAGES=pages, **config
    )
    numbers = count(1)

    def add(path: str, content: str) -> None:
        text = PAGE.replace("CONTENT", "{{ number }}</p>" + content)

        def view() -> Response:
            headers = {"Cache-Control": SHARED, "Content-Security-Policy": "default-src 'self'; img-src 'self' data:"}
            return Response(render_template_string(text, number=next(numbers)), headers=headers)

        app.add_url_rule(path, f"shared {path}", view)

    for path, content in {"/film": FILM, "/words": "<p>Words</p>", "/asks": ASKS}.items():
        add(path, content)
    # With the site its database would go.
    app.extensions["site"] = make_site(app=app, services=[google_analytics("G-ECOMDEMO01"), youtube()], clock=Clock())
    return app
