"""What is measured: a light and a heavy page, bare and with consent, and what each answer must show.

A template that writes out nothing costs nothing, so every case says what its page shows and what it must not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask, render_template
from flask_talisman import Talisman
from jinja2 import DictLoader

from flask_cookieconsent import Cookie, CookieConsent, Service
from tests.kit.samples import SAMPLES
from tests.kit.sites import SAME_ORIGIN, notice_of, own, services

from .by_hand import BY_HAND_TEMPLATES, add_consent
from .interleaved import Answer, Request, ask, environ_of

#: The titles of the embeds of a page, up to ten.
FILMS = {f"ab{letter}": f"Film {number}" for number, letter in enumerate("cdefghijkl", 1)}

LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
HEAD</head><body>BANNER<header><p>Example Ltd</p><nav>{% for name in ["Home", "Shop", "News", "Team", "Contact"] %}
<a href="/{{ name | lower }}">{{ name }}</a>{% endfor %}</nav></header><main>{% block content %}{% endblock %}</main>
<footer><p>Example Ltd, Ghent</p>LINK</footer></body></html>"""

_SENTENCE = "The harbour was quiet that morning, and the boats lay at their moorings as if painted. "
_HEADING = """{% extends "layout.html" %}{% block title %}{{ heading }}{% endblock %}{% block content %}
<h1>{{ heading }}</h1>
"""
_LIST = """
<ul>{% for row in rows[:18] %}<li class="{{ loop.cycle("odd", "even") }}">
<a href="/item/{{ row.id }}">{{ row.name }}</a> {{ row.city }}, {{ row.amount }} EUR</li>{% endfor %}</ul>
{% for reference in films %}EMBED{% endfor %}{% endblock %}"""
LIGHT = _HEADING + f"<p>{_SENTENCE * 4}</p>\n" * 22 + _LIST
_TABLE = """
<nav>{% for n in range(8) %}<a href="{{ url_for("home") }}?page={{ n }}">Page {{ n }}</a>{% endfor %}</nav><table>
{% for row in rows %}<tr><td>{{ row.id }}</td><td><a href="{{ url_for("home") }}?id={{ row.id }}">{{ row.name }}</a>
</td><td>{{ row.city }}</td><td>{{ "%.2f" | format(row.amount) }}</td></tr>{% endfor %}</table>{% endblock %}"""
HEAVY = _HEADING + _TABLE

_NOTHING = {"HEAD": "", "BANNER": "", "LINK": "", "EMBED": ""}
_OURS = {
    "HEAD": "{{ cookieconsent.head() }}",
    "BANNER": "{{ cookieconsent.banner() }}",
    "LINK": "{{ cookieconsent.link() }}",
    "EMBED": """{{ cookieconsent.embed("films", reference, title=titles[reference]) }}""",
}
_BY_HAND = {
    "HEAD": """{% include "consent/head.html" %}""",
    "BANNER": """{% if not consent.made %}{% include "consent/banner.html" %}{% endif %}""",
    "LINK": """{% include "consent/link.html" %}""",
    "EMBED": """{% include "consent/embed.html" %}""",
}


@dataclass(frozen=True)
class Case:
    """One request that is measured: the app, the visitor's cookie, and the name of the case it is compared with."""

    name: str
    app: Flask
    baseline: str
    cookie: str | None = None
    shows: tuple[str, ...] = ()
    hides: tuple[str, ...] = ()

    @property
    def request(self) -> Request:
        """The app, and the environment of its request."""
        return self.app, environ_of(self.cookie)


def mistakes_of(case: Case, answer: Answer) -> list[str]:
    """Return what is wrong with the answer that a case measures: its status, its size, what it shows or hides."""
    page = answer.body.decode()
    return [
        *([f"status {answer.status}"] if answer.status != "200 OK" else []),
        *([] if len(page) > 9_000 else [f"{len(page)} characters of HTML, wanted more than 9,000"]),
        *(f"does not show {text!r}" for text in case.shows if text not in page),
        *(f"shows {text!r}" for text in case.hides if text in page),
    ]


def make_app(name: str, page: str, parts: Mapping[str, str], *, films: int = 0) -> Flask:
    """Return an app with one page, and in its layout what belongs to a consent."""
    layout = LAYOUT
    for slot, text in parts.items():
        layout, page = layout.replace(slot, text), page.replace(slot, text)
    app = Flask(name)
    app.secret_key = "a key for tests only"
    app.jinja_loader = DictLoader({"layout.html": layout, "page.html": page, **BY_HAND_TEMPLATES})
    rows = [{"id": n, "name": f"Customer {n} & Sons", "city": "Ghent", "amount": n * 3.5} for n in range(90)]
    shown = {"rows": rows, "heading": "Customers", "films": list(FILMS)[:films], "titles": FILMS}
    app.add_url_rule("/", "home", lambda: render_template("page.html", **shown))
    return app


def with_ours(
    name: str, page: str, *, parts: Mapping[str, str] = _OURS, films: int = 0, declared: tuple[Service, ...] = ()
) -> Flask:
    """Return an app with the extension, without a database: no page asks one."""
    app = make_app(name, page, parts, films=films)
    app.config["COOKIECONSENT_CONTROLLER"] = "Example NV"
    CookieConsent(app, services=declared or services())
    return app


def by_hand(name: str, page: str, *, films: int = 0) -> Flask:
    """Return an app with a consent written by hand."""
    app = make_app(name, page, _BY_HAND, films=films)
    add_consent(app)
    return app


def with_talisman(name: str, page: str) -> Flask:
    """Return a bare app behind Flask-Talisman: another extension that touches the headers of every answer."""
    app = make_app(name, page, _NOTHING)
    Talisman(app, force_https=False)
    return app


def many_services() -> tuple[Service, ...]:
    """Return 100 services with ten cookies each, half of them with wildcards."""
    return tuple(
        own(
            f"s{n:02}",
            "functionality",
            *(Cookie(name=f"c{n:02}_{m}{'*' * (m % 2)}", purpose="Keeps.") for m in range(10)),
        )
        for n in range(100)
    )


def cookie_after(app: Flask, choice: str, *granted: str) -> str:
    """Return the `Cookie` header of a visitor who has pressed a button of the banner."""
    client = app.test_client()
    page = client.get("/").text
    notice = notice_of(page) if 'name="notice"' in page else ""
    form = {"choice": choice, "service": list(granted), "locale": "en", "notice": notice, "surface": "banner"}
    with _quiet_log():
        client.post("/cookies/choice", data=form, headers=SAME_ORIGIN)
    cookie = client.get_cookie("cookieconsent")
    assert cookie is not None, f"{app.name}: no cookie after {choice!r}"
    return f"cookieconsent={cookie.value}"


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep the events of an app without a database out of the output."""
    events = logging.getLogger("flask_cookieconsent.events")
    events.disabled = True
    try:
        yield
    finally:
        events.disabled = False


def choice_cases(label: str, app: Flask, banner: str, link: str, withdraw: str) -> list[Case]:
    """Return the cases of one app for a visitor who is undecided, has refused, has accepted."""
    refused, accepted = cookie_after(app, "reject"), cookie_after(app, "accept")
    return [
        Case(f"{label}, undecided", app, "bare", None, (banner, link), (withdraw,)),
        Case(f"{label}, refused", app, "bare", refused, (link,), (banner, withdraw)),
        Case(f"{label}, accepted", app, "bare", accepted, (link, withdraw), (banner,)),
    ]


def embed_cases(label: str, one: Flask, ten: Flask, placeholder: str, frame: str) -> list[Case]:
    """Return the cases of a page with one embed and of one with ten: as placeholders, and allowed."""
    cases = []
    for kind, choice, shown, hidden in (
        ("placeholder", None, placeholder, frame),
        ("allowed", "accept", frame, placeholder),
    ):
        cookie = choice and cookie_after(one, choice)
        titles = tuple(FILMS.values())
        name = f"{label}, 1 embed, {kind}"
        cases += [
            Case(name, one, "bare", cookie, (shown, titles[0]), (hidden, titles[1])),
            Case(f"{label}, 10 embeds, {kind}", ten, name, cookie, (shown, *titles), (hidden,)),
        ]
    return cases


def with_catalogue(name: str) -> Flask:
    """Return an app with every ready-made service and ten embeds by address, each of which any service may know."""
    address = """{{ cookieconsent.embed("https://youtu.be/dQw4w9Wg" ~ reference, title=titles[reference]) }}"""
    catalogue = tuple(sample.service for sample in SAMPLES)
    return with_ours(name, LIGHT, parts=_OURS | {"EMBED": address}, films=10, declared=catalogue)


def _one_and_ten(make: Callable[..., Flask]) -> tuple[Flask, Flask]:
    return make("one", LIGHT, films=1), make("ten", LIGHT, films=10)


def light() -> list[Case]:
    """Return the cases of the light page, the floors first."""
    bare, large = make_app("bare", LIGHT, _NOTHING), with_ours("large", LIGHT, declared=many_services())
    silent = with_ours("silent", LIGHT, parts=_NOTHING)
    silent_large = with_ours("silent-large", LIGHT, parts=_NOTHING, declared=many_services())
    half = cookie_after(large, "save", *(f"s{n:02}" for n in range(0, 100, 2)))
    return [
        Case("bare", bare, "bare", hides=("cookie",)),
        # Flask parses a `Cookie` header only where there is one: a visitor who has chosen pays for that anywhere.
        Case("bare, with a cookie", bare, "bare", "theme=dark", hides=("cookie",)),
        Case("Talisman", with_talisman("talisman", LIGHT), "bare", hides=("cookie",)),
        *choice_cases("by hand", by_hand("hand", LIGHT), "consent-banner", "Cookie settings</a>", "Withdraw"),
        *embed_cases("by hand", *_one_and_ten(by_hand), "consent-placeholder", "player.example.net"),
        Case("asks nothing", silent, "bare", hides=("fcc-",)),
        *choice_cases("ours", with_ours("ours", LIGHT), 'class="fcc-banner', "fcc-link", "fcc-withdraw"),
        *embed_cases("ours", *_one_and_ten(with_ours), 'class="fcc-placeholder', "player.example.net"),
        Case(
            "catalogue, 10 addresses",
            with_catalogue("catalogue"),
            "ours, 10 embeds, placeholder",
            None,
            ('class="fcc-placeholder', *FILMS.values()),
            ("youtube-nocookie.com/embed",),
        ),
        Case("1,000 cookies, asks nothing", silent_large, "bare", hides=("fcc-",)),
        Case("1,000 cookies, undecided", large, "bare", None, ('class="fcc-banner',), ("fcc-withdraw",)),
        Case("1,000 cookies, half granted", large, "bare", half, ("fcc-withdraw",), ('class="fcc-banner',)),
    ]


def heavy() -> list[Case]:
    """Return the cases of a page with a table of 90 rows and a hundred calls of `url_for`."""
    return [
        Case("bare", make_app("heavy", HEAVY, _NOTHING), "bare", hides=("cookie",)),
        *choice_cases("by hand", by_hand("heavy-hand", HEAVY), "consent-banner", "Cookie settings</a>", "Withdraw"),
        Case("asks nothing", with_ours("heavy-silent", HEAVY, parts=_NOTHING), "bare", hides=("fcc-",)),
        *choice_cases("ours", with_ours("heavy-ours", HEAVY), 'class="fcc-banner', "fcc-link", "fcc-withdraw"),
    ]


#: The pages that are measured, by name.
PAGES: Mapping[str, Callable[[], list[Case]]] = {"light": light, "heavy": heavy}


def answer_of(case: Case) -> Answer:
    """Return the answer that a case measures."""
    return ask(case.request)
