"""A small site that shows every piece of the interface, in every banner style and language, for tests and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, request
from flask_babel import Babel

from flask_cookieconsent import Service
from flask_cookieconsent.catalogue import google_analytics, linkedin, x, youtube
from tests.kit.sites import Site, make_app, make_site, own

BANNER_STYLES = ("bar", "card", "inline")
FILM = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"

#: It says nothing in words of its own but names, so that it is in the language of the page, whatever that is.
LAYOUT = """<!doctype html>
<html lang="{{ language }}" dir="{{ direction }}"><head><meta charset="utf-8"><title>Radio 1</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/site.css">{{ cookieconsent.head() }}</head>
<body>{{ cookieconsent.banner() }}<main>{% block content %}{% endblock %}</main>
<footer>{{ cookieconsent.link() }}</footer></body></html>"""
HOME = """{% extends "layout.html" %}{% block content %}<h1>Radio 1</h1>
<p class="line"></p><p class="line"></p><p class="line short"></p>
{{ cookieconsent.embed(video, title="Big Buck Bunny") }}
<p class="line"></p><p class="line short"></p>
{{ cookieconsent.share_links("mastodon", "linkedin") }}
<nav>{% for name in "ABCDEFGH" %}<a href="#{{ name }}">{{ name }}</a> {% endfor %}</nav>{% endblock %}"""
STYLE = """:root { color-scheme: light dark; --bar: light-dark(#e4e1d9, #2d2a26); }
body { margin: 0; font: 1rem/1.5 system-ui, sans-serif; }
body { background: light-dark(#fbfaf7, #12100e); color: light-dark(#1d1b18, #efece6); }
main, footer { max-inline-size: 48rem; margin-inline: auto; padding: 1rem 1.25rem; }
.line { block-size: .9rem; background: var(--bar); border-radius: .2rem; } .short { inline-size: 60%; }
nav a { display: inline-block; padding: .75rem; color: inherit; }"""
DARK = ":root { color-scheme: dark !important; }"


def services() -> tuple[Service, ...]:
    """Return some services of every category but the advertisers'."""
    return (
        own("language", "functionality"),
        own("arrival", "tracking", purpose="attribution"),
        google_analytics("G-ABC1234567"),
        youtube(),
        x(),
        linkedin(),
    )


def make_gallery(
    banner_style: str = "bar",
    declared: Iterable[Service] | None = None,
    style: str = STYLE,
    templates: Mapping[str, str] | None = None,
    **config: Any,
) -> Site:
    """Return the site in one banner style; `?lang=` chooses the language of a page."""
    pages = {"layout.html": LAYOUT, "home.html": HOME} | dict(templates or {})
    app = make_app(pages, COOKIECONSENT_BANNER_STYLE=banner_style, **config)
    app.config["COOKIECONSENT_BASE_TEMPLATE"] = "layout.html"
    app.config["COOKIECONSENT_CONTROLLER"] = "Radio 1"
    Babel(app, locale_selector=lambda: request.args.get("lang", "en"))
    app.add_url_rule("/site.css", "style", lambda: Response(style, mimetype="text/css"))

    def words() -> dict[str, Any]:
        from flask_cookieconsent.i18n import language
        from flask_cookieconsent.locales import page_locale

        found = language(page_locale())
        return {"language": found.tag, "direction": found.direction, "video": FILM}

    app.context_processor(words)
    app.url_defaults(lambda endpoint, values: _carry(endpoint, values))
    return make_site(app=app, services=services() if declared is None else declared)


def _carry(endpoint: str, values: dict[str, Any]) -> None:
    if "lang" in request.args and not endpoint.endswith(("static", "style")):
        values.setdefault("lang", request.args["lang"])
