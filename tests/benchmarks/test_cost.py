"""The cost of a page: the same page bare, for a visitor who has not chosen, and for one who has.

Targets: with the banner at most 1.15 times the bare page, after a choice at most 1.08 times, a page that asks nothing
at most 1.02 times, and all of it the same with 1,000 declared cookies.
"""

from __future__ import annotations

import gc
import random
import time
from statistics import median
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from werkzeug.test import EnvironBuilder

from flask_cookieconsent import Cookie
from flask_cookieconsent.core.consent import NOTHING_CHOSEN, choose
from flask_cookieconsent.state import get_state
from tests.kit.sites import Site, make_site, own, services

pytestmark = pytest.mark.benchmark

ROUNDS = 1_000
LAYOUT = """<!doctype html><html lang="en"><head><title>{% block title %}{% endblock %}</title>HEAD</head><body>BANNER
<nav>{% for n in range(8) %}<a href="{{ url_for("home") }}?page={{ n }}">Page {{ n }}</a>{% endfor %}</nav>
<main>{% block content %}{% endblock %}</main><footer>LINK</footer></body></html>"""
PAGE = """{% extends "layout.html" %}{% block title %}Customers{% endblock %}{% block content %}<table>
{% for row in rows %}<tr><td>{{ row.id }}</td><td><a href="{{ url_for("home") }}?id={{ row.id }}">{{ row.name }}</a>
</td><td>{{ row.city }}</td><td>{{ "%.2f" | format(row.amount) }}</td></tr>{% endfor %}</table>{% endblock %}"""


def make_shop(name: str, *, consents: bool) -> Flask:
    layout = LAYOUT
    for part in ("head", "banner", "link"):
        layout = layout.replace(part.upper(), f"{{{{ cookieconsent.{part}() }}}}" if consents else "")
    app = Flask(name)
    app.config["SECRET_KEY"] = "a key for tests only"
    app.jinja_loader = DictLoader({"layout.html": layout, "page.html": PAGE})
    rows = [{"id": n, "name": f"Customer {n} & Sons", "city": "Ghent", "amount": n * 3.5} for n in range(90)]
    app.add_url_rule("/", "home", lambda: render_template("page.html", rows=rows))
    return app


def cost(app: Flask, cookie: str | None) -> tuple[int, bytes]:
    """Return the CPU time of one request in nanoseconds, and its page."""
    environ = EnvironBuilder("/", headers={"Cookie": cookie} if cookie else {}).get_environ()
    start = time.thread_time_ns()
    answer = app(environ, lambda status, headers, exc_info=None: lambda _: None)
    page = b"".join(answer)
    spent = time.thread_time_ns() - start
    getattr(answer, "close", lambda: None)()
    return spent, page


def choice_of(site: Site, *granted: str) -> str:
    state = get_state(site.app)
    consent = choose(NOTHING_CHOSEN, state.registry, granted, today=state.today, gpc=False)
    return "cookieconsent=" + state.codec.dumps(consent)


def measure(cases: dict[str, tuple[Flask, str | None]]) -> dict[str, float]:
    """Return the middle cost of each case in nanoseconds; each round takes them in another order."""
    spent: dict[str, list[int]] = {name: [] for name in cases}
    order, chance = list(cases), random.Random(1)
    for name in order:
        cost(*cases[name])  # what is done once is not the price of a page
    gc.collect()
    gc.freeze()  # or the collector's pauses would fall on whoever comes at that place in a round
    for _ in range(ROUNDS):
        chance.shuffle(order)
        for name in order:
            spent[name].append(cost(*cases[name])[0])
    gc.unfreeze()
    return {name: median(times) for name, times in spent.items()}


def show(middles: dict[str, float], floor: str) -> None:
    for name, middle in middles.items():
        print(f"\n{name:>24}: {middle / 1000:7.1f} µs, {middle / middles[floor]:.3f} of {floor}", end="")


def test_page() -> None:
    """A page costs no query, and its price is printed: run with `-m benchmark -s`."""
    bare, db = make_shop("bare", consents=False), SQLAlchemy()
    # The floor has the database that the extension is given: it was the app's own before.
    bare.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    SQLAlchemy().init_app(bare)
    site = make_site(app=make_shop("asking", consents=True), db=db, services=services())
    silent = make_site(app=make_shop("silent", consents=False), services=services())
    many = [
        own(
            f"s{n:02}",
            "functionality",
            *(Cookie(name=f"c{n:02}_{m}{'*' * (m % 2)}", purpose="Keeps.") for m in range(10)),
        )
        for n in range(100)
    ]
    large = make_site(app=make_shop("large", consents=True), services=many)
    cases: dict[str, tuple[Flask, str | None]] = {
        "bare": (bare, None),
        "without a question": (silent.app, None),
        "undecided": (site.app, None),
        "decided": (site.app, choice_of(site, "language")),
        "1,000 cookies, undecided": (large.app, None),
        "1,000 cookies, decided": (large.app, choice_of(large, "s00", "s50")),
    }
    queries: list[Any] = []
    with site.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *each: queries.append(each))
    pages = {name: cost(*case)[1] for name, case in cases.items()}

    show(measure(cases), "bare")

    assert b"fcc-banner" in pages["undecided"]
    assert b"fcc-banner" not in pages["decided"]
    assert b"fcc-link" in pages["decided"]
    assert pages["without a question"] == pages["bare"]
    assert 9_000 < len(pages["bare"]) < 11_000
    assert queries == []


def test_page_twin() -> None:
    """A choice does ask the database, so the listener above hears."""
    db = SQLAlchemy()
    site, queries = make_site(db=db), []
    with site.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", lambda *each: queries.append(each))
    site.visitor().choose("reject")

    assert queries
