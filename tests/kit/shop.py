"""A clean shop: products with films, a basket, a checkout, descriptions from a CMS, and pages kept in a cache."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, abort, make_response, redirect, render_template, request, url_for
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from flask_caching import Cache
from jinja2 import DictLoader
from markupsafe import Markup

from flask_cookieconsent import Cookie, CookieConsent, Service, current_consent
from flask_cookieconsent.catalogue import google_analytics, youtube
from tests.kit.sites import BARE

MONTH = timedelta(days=30)
YEAR = timedelta(days=365)
PAGES = {
    "base.html": """<!doctype html><html lang="en" prefix="og: https://ogp.me/ns#"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{% block title %}Shop{% endblock %}</title>
<link rel="search" type="application/opensearchdescription+xml" href="/search.xml" title="Shop">
<link rel="alternate" type="application/rss+xml" href="/feed.xml" title="News">
<link rel="manifest" href="/site.webmanifest"><style>main { font-family: Georgia, serif }</style>
{{ cookieconsent.head() }}{% block head %}{% endblock %}</head><body>{{ cookieconsent.banner() }}
<nav><a href="/">Shop</a> <a href="/basket">Basket ({{ basket|length }})</a>
{% for code in ("EUR", "GBP") %}<a href="/currency/{{ code }}">{{ code }}</a>{% endfor %}</nav>
<main>{% block content %}{% endblock %}</main>
<footer><a href="https://www.youtube.com/@shop">Our films</a> {{ cookieconsent.share("facebook") }}
{{ cookieconsent.link() }}</footer>
<script>window.shop = {currency: {{ currency|tojson }}, home: {{ url_for("home", _external=True)|tojson }}};</script>
</body></html>""",
    "home.html": """{% extends "base.html" %}{% block content %}<h1>Shop</h1><ul>
{% for slug, product in products %}<li><a href="/product/{{ slug }}">{{ product.name }}</a></li>{% endfor %}</ul>
{% if more %}<a href="/?page=2">More</a>{% endif %}{% endblock %}""",
    "product.html": """{% extends "base.html" %}{% block title %}{{ product.name }}{% endblock %}{% block head %}
<link rel="canonical" href="{{ url_for('product', slug=slug, _external=True) }}"><script type="application/ld+json">
{"@context": "https://schema.org", "@type": "Product", "name": {{ product.name|tojson }},
 "image": "https://cdn.elsewhere.example/never-loaded.png"}</script>{% endblock %}{% block content %}
<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">{{ product.name }}</h1>
<picture><source srcset="/picture/{{ slug }}.svg 2x">
<img src="/picture/{{ slug }}.svg" alt="{{ product.name }}"></picture>
{{ cookieconsent.embed(product.film, title=product.name, poster="/picture/" ~ slug ~ ".svg") }}
{{ product.description|cookieconsent_embeds }}</div>
<form method="post" action="/basket"><input type="hidden" name="slug" value="{{ slug }}"><button>Buy</button></form>
{% endblock %}""",
    "checkout.html": """{% extends "base.html" %}{% block content %}<h1>Checkout</h1>
<form method="post" action="https://pay.example/session"><button>Pay</button></form>{% endblock %}""",
    "words.html": """{% extends "base.html" %}{% block content %}<h1>{{ words }}</h1>{% endblock %}""",
}


class Product:
    """What is sold; the description is HTML from a CMS."""

    def __init__(self, name: str, film: str, description: str) -> None:
        self.name, self.film, self.description = name, film, Markup(description)


PRODUCTS = {
    "lamp": Product(
        "Lamp",
        "https://youtu.be/aqz-KE-bpKQ",
        '<p>Light, see <a href="https://maker.example/lamp">its maker</a>.</p>'
        '<iframe width="560" height="315" src="https://www.youtube.com/embed/aqz-KE-bpKQ" title="Lit"></iframe>'
        '<p><img src="/picture/lamp.svg" alt="Lit"></p>',
    ),
    "chair": Product("Chair", "https://www.youtube.com/watch?v=aqz-KE-bpKQ&t=42s", "<p>Oak.</p>"),
    "table": Product("Table", "https://youtu.be/aqz-KE-bpKQ", "<p>https://youtu.be/aqz-KE-bpKQ</p>"),
}

SERVICES = (
    Service(
        id="basket",
        name="Your basket",
        category="necessary",
        purpose="user_input",
        justification="You ask for it when you put something into the basket.",
        cookies=(Cookie(name="basket", purpose="Keeps what you want to buy.", duration=MONTH),),
    ),
    Service(
        id="currency",
        name="Your currency",
        category="functionality",
        purpose="preferences",
        cookies=(Cookie(name="currency", purpose="Keeps the currency you picked.", duration=YEAR),),
    ),
    google_analytics("G-SHOP123456"),
    youtube(),
)


def create_shop() -> Flask:
    """Return the shop."""
    app = Flask("shop", static_folder=None)
    app.config |= BARE | {"CACHE_TYPE": "SimpleCache", "COOKIECONSENT_BASE_TEMPLATE": "base.html"}
    app.jinja_loader = DictLoader(PAGES)
    cache = Cache(app)
    consent = CookieConsent(app, services=SERVICES)

    def key(*args: Any, **values: Any) -> str:
        return f"{request.full_path} {request.cookies.get('basket', '')} {currency()} {consent.cache_key()}"

    def basket() -> list[str]:
        return [slug for slug in request.cookies.get("basket", "").split(".") if slug in PRODUCTS]

    def currency() -> str:
        return request.cookies.get("currency", "EUR")

    app.context_processor(lambda: {"basket": basket(), "currency": currency()})

    @app.get("/")
    @cache.cached(timeout=60, make_cache_key=key)  # type: ignore[untyped-decorator]
    def home() -> ResponseReturnValue:
        page = request.args.get("page", 1, int)
        shown = list(PRODUCTS.items())[(page - 1) * 2 : page * 2]
        return render_template("home.html", products=shown, more=page == 1)

    @app.get("/product/<slug>")
    @cache.cached(timeout=60, make_cache_key=key)  # type: ignore[untyped-decorator]
    def product(slug: str) -> ResponseReturnValue:
        if slug not in PRODUCTS:
            abort(404)
        return render_template("product.html", slug=slug, product=PRODUCTS[slug])

    @app.get("/picture/<slug>.svg")
    def picture(slug: str) -> ResponseReturnValue:
        drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="4"/></svg>'
        return Response(drawing, mimetype="image/svg+xml", headers={"Cache-Control": "public, max-age=600"})

    @app.get("/basket")
    def show_basket() -> ResponseReturnValue:
        return render_template("words.html", words=", ".join(basket()) or "Nothing yet")

    @app.post("/basket")
    def buy() -> ResponseReturnValue:
        response = redirect(url_for("checkout"), 303)
        response.set_cookie("basket", ".".join([*basket(), request.form["slug"]]), max_age=MONTH, samesite="Lax")
        return response

    @app.get("/checkout")
    def checkout() -> ResponseReturnValue:
        return render_template("checkout.html") if basket() else redirect(url_for("show_basket"))

    @app.get("/currency/<any(EUR, GBP):code>")
    def choose_currency(code: str) -> ResponseReturnValue:
        response = make_response(redirect(url_for("home")))
        if current_consent.allows("currency"):
            response.set_cookie("currency", code, max_age=YEAR, samesite="Lax")
        return response

    @app.get("/feed.xml")
    def feed() -> ResponseReturnValue:
        items = "".join(f"<item><link>https://localhost/product/{slug}</link></item>" for slug in PRODUCTS)
        text = f'<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel>{items}</channel></rss>'
        return Response(text, mimetype="application/rss+xml", headers={"Cache-Control": "public, max-age=600"})

    @app.get("/search.xml")
    def search() -> ResponseReturnValue:
        url = f'<Url template="{url_for("home", _external=True)}"/>'
        text = f'<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">{url}</OpenSearchDescription>'
        return Response(text, mimetype="application/opensearchdescription+xml")

    @app.get("/site.webmanifest")
    def manifest() -> ResponseReturnValue:
        return Response('{"name": "Shop"}', mimetype="application/manifest+json")

    @app.get("/robots.txt")
    def robots() -> ResponseReturnValue:
        return Response("User-agent: *", mimetype="text/plain")

    for error in (404, 500):
        app.register_error_handler(error, lambda found: (render_template("words.html", words=found.name), found.code))
    return app


def enter_shop(client: FlaskClient) -> None:
    """Put a lamp into the basket, so that there is something to check out."""
    client.post("/basket", base_url="https://localhost", data={"slug": "lamp"})
