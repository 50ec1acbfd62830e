"""Small sites for tests: what they declare, a clock that stands still, and a visitor who presses their buttons."""

from __future__ import annotations

import itertools
import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask import Flask, redirect, render_template, stream_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from werkzeug.test import TestResponse

from flask_cookieconsent import Cookie, CookieConsent, Frame, Provider, Service
from flask_cookieconsent import Tag as ScriptTag
from flask_cookieconsent.log.database import DatabaseLog
from flask_cookieconsent.log.events import Event, EventFactory
from flask_cookieconsent.log.tables import create_tables
from flask_cookieconsent.pages.resources import static_digest
from flask_cookieconsent.state import get_state

NOON = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
COMPANY = Provider(name="Example Media SA", country="BE", privacy_policy="https://media.example.net/privacy")
#: Who is responsible for the sites; whoever asks for consent has to say it.
CONTROLLER = "Example NV"
#: What an app has to have before it asks anybody.
BARE = {"SECRET_KEY": "a key for tests only", "COOKIECONSENT_CONTROLLER": CONTROLLER}
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "document", "Origin": "http://localhost"}
JSON = {"Accept": "application/json"}
GPC = {"Sec-GPC": "1"}

FILM = "https://films.example.net/watch/abc"
#: Where its player is.
PLAYER = "https://player.example.net"
#: A notice that is shown no more.
STALE = {"notice": "0" * 64}

#: The services of each optional category.
OPTIONAL = {
    "functionality": {"language"},
    "tracking": {"arrival"},
    "performance": {"counter"},
    "third_party": {"films", "posts"},
}
EVERYTHING = {"language", "arrival", "counter", "films", "posts"}

LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{% block title %}{% endblock %}</title>
{{ cookieconsent.head() }}</head><body>{{ cookieconsent.banner() }}<main>{% block content %}{% endblock %}</main>
<footer>{{ cookieconsent.link() }}</footer></body></html>"""

TEMPLATES = {
    "layout.html": LAYOUT,
    "home.html": """{% extends "layout.html" %}{% block title %}Home{% endblock %}{% block content %}<h1>Home</h1>
{% for name in ["functionality", "tracking", "performance", "third_party"] %}{% if cookieconsent.allows(name) %}
<p class="allowed">{{ name }}</p>{% endif %}{% endfor %}
{{ cookieconsent.embed(film, title="A film") }}{{ cookieconsent.embed("posts", "7", title="A post") }}
{% endblock %}""",
    "page.html": """{% extends "layout.html" %}{% block content %}<h1>{{ heading }}</h1>{% endblock %}""",
}


def static(filename: str) -> str:
    """Return where a static file of the extension is."""
    return f"/cookies/static/{static_digest()}/{filename}"


class Clock:
    """A moment that stays until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


def _film(text: str) -> Frame | None:
    match = re.fullmatch(r"(?:https://films\.example\.net/watch/)?([a-z]{3})", text)
    if match is None:
        return None
    src, link = f"https://player.example.net/{match[1]}", f"https://films.example.net/watch/{match[1]}"
    return Frame(src=src, link=link, kind="video", shape="wide")


def _post(text: str) -> Frame | None:
    match = re.fullmatch(r"(?:https://posts\.example\.net/status/)?([0-9]{1,5})", text)
    if match is None:
        return None
    src, link = f"https://frames.example.net/{match[1]}", f"https://posts.example.net/status/{match[1]}"
    return Frame(src=src, link=link, kind="post", shape="post")


def own(id: str, category: str, *cookies: Cookie, purpose: str = "preferences", **more: Any) -> Service:
    """Return a service of the site itself."""
    return Service(id=id, name=id.title(), category=category, purpose=purpose, cookies=cookies, **more)


def services() -> tuple[Service, ...]:
    """Return one service for each optional category, and two for the last."""
    year, month = timedelta(days=365), timedelta(days=30)
    lang = Cookie(name="lang", purpose="Keeps the language you picked.", duration=year)
    arrival = Cookie(name="arrival", purpose="Keeps how you found us.", duration=year)
    return (
        own("language", "functionality", lang),
        own("arrival", "tracking", arrival, purpose="attribution"),
        Service(
            id="counter",
            name="Example Counter",
            category="performance",
            purpose="audience_measurement",
            provider=COMPANY,
            cookies=(
                Cookie(name="_ec", purpose="Tells visitors apart.", duration=month),
                Cookie(name="_ec_*", purpose="Keeps the state of the visit."),
            ),
            tag=ScriptTag(
                loader="google.js", data={"id": "EC-1"}, consent_types={"functionality_storage": "functionality"}
            ),
        ),
        Service(
            id="films",
            name="Example Films",
            category="third_party",
            purpose="embedded_video",
            provider=COMPANY,
            cookies=(Cookie(name="watched", purpose="Counts.", duration=month, domain="example.net"),),
            hosts={"frame-src": ("https://player.example.net",)},
            parse=_film,
        ),
        Service(
            id="posts",
            name="Example Posts",
            category="third_party",
            purpose="embedded_post",
            provider=COMPANY,
            hosts={"frame-src": ("https://frames.example.net",)},
            parse=_post,
        ),
    )


@dataclass
class Site:
    """One app with cookie consent, its clock and its log."""

    app: Flask
    consent: CookieConsent
    clock: Clock
    db: SQLAlchemy

    def visitor(self, *, https: bool = False, host: str = "localhost", **headers: str) -> Visitor:
        """Return somebody who was never here; *headers* go along with every request."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Visitor(self, f"http{'s' if https else ''}://{host}", named)

    def events(self) -> list[Event]:
        """Return the log, oldest first as far as the truncated time tells."""
        with self.app.app_context():
            return self.log.newest(1000)[::-1]

    @property
    def log(self) -> DatabaseLog:
        """The log of the app, which has a database."""
        log = get_state(self.app).log
        assert isinstance(log, DatabaseLog)
        return log

    @property
    def factory(self) -> EventFactory:
        """What makes the events of the app."""
        return self.log._factory

    @property
    def digest(self) -> str:
        """The digest of the English notice."""
        with self.app.test_request_context():
            return str(self.app.extensions["cookieconsent.renderer"].notice_digest("en"))


_numbers = itertools.count()


def make_app(templates: Mapping[str, str] | None = None, **config: Any) -> Flask:
    """Return an app with pages of many kinds, without the extension."""
    app = Flask(f"site{next(_numbers)}")
    # Nothing waits on disk, unless a test wants it to.
    given = {"SECRET_KEY": "a key for tests only", "COOKIECONSENT_SPOOL_FOLDER": "/dev/null/spool"}
    app.config.update(given | {"COOKIECONSENT_CONTROLLER": CONTROLLER} | config)
    app.jinja_loader = DictLoader(TEMPLATES | dict(templates or {}))
    app.add_url_rule("/", "home", lambda: render_template("home.html", film=FILM))
    app.add_url_rule("/about", "about", lambda: render_template("page.html", heading="About"))
    app.add_url_rule("/tag/<name>", "tag", lambda name: render_template("page.html", heading=name))
    app.add_url_rule("/plain", "plain", lambda: "<!doctype html><title>Plain</title><p>Same for all")
    app.add_url_rule("/posted", "posted", lambda: render_template("page.html", heading="Posted"), methods=["POST"])
    app.add_url_rule("/away", "away", lambda: redirect("/"))
    app.add_url_rule("/stream", "stream", lambda: stream_template("home.html", film=FILM))
    app.add_url_rule("/boom", "boom", _boom)
    app.add_url_rule("/handled", "handled", _handled)
    for error, heading, status in ((404, "Not found", 404), (500, "Broken", 500), (KeyError, "Handled", 409)):
        app.register_error_handler(error, _answering(heading, status))
    return app


def small_app(templates: Mapping[str, str] | None = None, **config: Any) -> Flask:
    """Return an app with one sound page, and a controller, without the extension."""
    app = Flask(f"site{next(_numbers)}")
    app.config |= BARE | config
    app.jinja_loader = DictLoader(TEMPLATES | dict(templates or {}))
    app.add_url_rule("/", "home", lambda: render_template("home.html", film=FILM))
    return app


def _answering(heading: str, status: int) -> Any:
    return lambda error: (render_template("page.html", heading=heading), status)


def _boom() -> str:
    raise RuntimeError("on purpose")


def _handled() -> str:
    raise KeyError("on purpose")


def make_site(
    *,
    app: Flask | None = None,
    services: Iterable[Service] = services(),  # noqa: B008 - frozen values
    db: SQLAlchemy | None = None,
    uri: str = "sqlite://",
    tables: bool = True,
    templates: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    timer: Callable[[], float] | None = None,
    may_see_report: Callable[[], bool] | None = None,
    **config: Any,
) -> Site:
    """Return a site with the extension, and a database in memory unless *uri* names another."""
    app = make_app(templates, **config) if app is None else app
    app.config.setdefault("SQLALCHEMY_DATABASE_URI", uri)
    app.config.setdefault("COOKIECONSENT_CONTROLLER", CONTROLLER)
    # However busy the machine is; tests of the deadline have one of their own.
    app.config.setdefault("COOKIECONSENT_DATABASE_TIMEOUT", 60)
    db = SQLAlchemy() if db is None else db
    db.init_app(app)
    clock = clock or Clock()
    consent = CookieConsent(app, db=db, services=services, clock=clock, timer=timer or (lambda: clock().timestamp()))
    if may_see_report is not None:
        consent.report_guard(may_see_report)
    site = Site(app, consent, clock, db)
    with app.app_context():
        if tables:
            create_tables(db)
        weakref.finalize(site, db.engine.dispose)
    return site


def cookies_set(response: TestResponse) -> dict[str, dict[str, str]]:
    """Return every cookie of a response by name, with its attributes in lower case; the last of a name wins."""
    found: dict[str, dict[str, str]] = {}
    for line in response.headers.getlist("Set-Cookie"):
        first, *rest = line.split("; ")
        name, _, value = first.partition("=")
        found[name] = {"value": value} | {key.lower(): text for key, _, text in (each.partition("=") for each in rest)}
    return found


def paths_set(response: TestResponse, name: str) -> list[str]:
    """Return the path of each cookie of one name that a response sets and does not expire."""
    lines = [line for line in response.headers.getlist("Set-Cookie") if re.match(rf"{name}=[^;]", line)]
    return [path for line in lines for path in re.findall("; Path=([^;]+)", line)]


def soup_of(response: TestResponse | str) -> BeautifulSoup:
    """Return a page as elements."""
    return BeautifulSoup(response if isinstance(response, str) else response.text, "html.parser")


def notice_of(page: TestResponse | str) -> str:
    """Return the digest of the notice that a page shows."""
    return str(soup_of(page).select_one("input[name=notice]")["value"])


def owner(control: Tag, soup: BeautifulSoup) -> Tag | None:
    """Return the form that a control belongs to, which need not be the one around it."""
    return soup.find(id=control["form"]) if control.get("form") else control.find_parent("form")


def fields_of(form: Tag) -> list[tuple[str, str]]:
    """Return what a browser would send for a form, its buttons apart."""
    return [
        (each["name"], each.get("value", "on"))
        for each in form.find_all("input")
        if each.get("name") and (each.get("type") not in ("checkbox", "radio") or each.has_attr("checked"))
    ]


@dataclass
class Visitor:
    """Somebody with a browser without scripts: opens addresses, keeps cookies, fills forms in and presses buttons."""

    site: Site
    origin: str
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.site.app.test_client()

    def open(self, path: str, method: str = "GET", **more: Any) -> TestResponse:
        headers = self.headers | dict(more.pop("headers", {}))
        # The client would replace a `Cookie` header by what it keeps itself.
        client = self.site.app.test_client(use_cookies=False) if "Cookie" in headers else self.client
        return client.open(path, method=method, base_url=self.origin, headers=headers, **more)

    def get(self, path: str = "/", **more: Any) -> TestResponse:
        return self.open(path, **more)

    def post(self, fields: Any, path: str = "/cookies/choice", **more: Any) -> TestResponse:
        """Send a form as a page of the site would."""
        headers = SAME_ORIGIN | {"Origin": self.origin} | dict(more.pop("headers", {}))
        return self.open(path, "POST", data=_data(fields), headers=headers, **more)

    def choose(self, choice: str, *services: str, **fields: Any) -> TestResponse:
        """Send a choice with all that a fresh page would send along."""
        headers = fields.pop("headers", {})
        shown = {"locale": "en", "notice": self.site.digest, "surface": "preferences"}
        return self.post({"choice": choice, "service": list(services)} | shown | fields, headers=headers)

    def press(
        self,
        page: TestResponse,
        label: str,
        *,
        within: str = "body",
        on: Iterable[str] = (),
        off: Iterable[str] = (),
        **more: Any,
    ) -> TestResponse:
        """Press the button that begins with *label*, after moving the switches whose values are *on* and *off*."""
        soup = soup_of(page)
        button = next(each for each in soup.select(f"{within} button") if each.text.startswith(label))
        form = owner(button, soup)
        assert form is not None
        for value, tick in [*((each, True) for each in on), *((each, False) for each in off)]:
            switch = form.select_one(f'input[type=checkbox][value="{value}"]')
            assert switch is not None, f"no switch {value!r}"
            switch.attrs.pop("checked", None)
            if tick:
                switch["checked"] = ""
        assert form.get("method") == "post"
        fields = fields_of(form) + ([(button["name"], button["value"])] if button.get("name") else [])
        return self.post(fields, button.get("formaction") or form["action"], **more)

    def allowed(self, **more: Any) -> set[str]:
        """Return the optional services that are on, as the preferences page shows them."""
        page = soup_of(self.get("/cookies/", **more))
        return {each["value"] for each in page.select("input[name=service][checked]")}

    def cookie(self, name: str = "cookieconsent", path: str = "/") -> str | None:
        """Return the value of a cookie this browser keeps."""
        found = self.client.get_cookie(name, domain=self.origin.partition("://")[2], path=path)
        return found.value if found else None

    @property
    def receipt(self) -> str | None:
        """The receipt this browser keeps."""
        return self.cookie("cookieconsent_receipt", "/cookies/choice")


def somebody(site: Site, choice: str) -> Visitor:
    """Return a visitor who has chosen, or, for an empty word, has not yet."""
    visitor = site.visitor()
    if choice:
        visitor.choose(choice)
    return visitor


def bare_post(visitor: Visitor, headers: Mapping[str, str], **fields: str) -> TestResponse:
    """Send what a page sends, with these headers and no others."""
    data = {"choice": "accept", "notice": visitor.site.digest, "locale": "en"} | fields
    return visitor.open("/cookies/choice", "POST", data=data, headers=headers)


def _data(fields: Any) -> Any:
    if isinstance(fields, Mapping):
        return {name: value for name, value in fields.items() if value is not None}
    if not isinstance(fields, list):
        return fields
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    return data


def remote_references(html: str) -> list[str]:
    """Return whatever in a page makes a browser fetch from elsewhere, or run code that stands in the page (A2, A3).

    An ordinary link to another site fetches nothing until somebody follows it.
    """
    found = []
    for element in soup_of(html).find_all(True):
        for name, value in element.attrs.items():
            text = " ".join(value) if isinstance(value, list) else value
            fetches = name in ("src", "srcset", "data", "action", "formaction", "poster", "background", "xlink:href")
            fetches = fetches or (name == "href" and element.name in ("link", "base", "image", "use"))
            remote = any(re.match(r"\s*(?:[a-z]+:)?//", part, re.IGNORECASE) for part in text.split(","))
            if (fetches and remote) or name in ("style", "srcdoc", "ping", "http-equiv") or name.startswith("on"):
                found.append(f"<{element.name} {name}={text!r}>")
        if element.name == "style" or (element.name == "script" and element.text.strip()):
            found.append(f"<{element.name}> in the page")
    return found
