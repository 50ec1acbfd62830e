"""Small sites for tests, and the few things a visitor without a browser does to them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.cookies import SimpleCookie
from typing import Any

from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_sqlalchemy import SQLAlchemy

from flask_cookieconsent import Cookie, CookieConsent, Service
from flask_cookieconsent.catalogue import facebook, google_analytics, linkedin, x, youtube
from flask_cookieconsent.log.events import Event
from flask_cookieconsent.log.models import create_tables
from flask_cookieconsent.state import get_state

NOON = datetime(2026, 11, 23, 12, 34, 56, tzinfo=UTC)
OURS = {"Sec-Fetch-Site": "same-origin"}
VIDEO = "https://www.youtube.com/watch?v=aqz-KE-bpKQ"

PAGE = """<!doctype html><html lang="en"><head><title>Home</title>{{ cookieconsent.head() }}</head>
<body>{{ cookieconsent.banner() }}<main><h1>Home</h1>
{{ cookieconsent.embed("https://www.youtube.com/watch?v=aqz-KE-bpKQ", title="Our warehouse") }}
{{ cookieconsent.share("linkedin", title="Home") }}</main>
<footer>{{ cookieconsent.link() }}</footer></body></html>"""


def language_service() -> Service:
    """A first-party service of the site's own."""
    return Service(
        id="language",
        name="Language",
        category="functionality",
        purpose="preferences",
        cookies=(Cookie(name="site_lang", purpose="Holds your language.", duration=timedelta(days=365)),),
    )


def first_visit_service() -> Service:
    """A first-party tracker."""
    return Service(
        id="first_visit",
        name="First visit",
        category="tracking",
        purpose="attribution",
        cookies=(Cookie(name="source", purpose="Holds where you came from.", duration=timedelta(days=365)),),
    )


def services() -> list[Service]:
    """One service in each optional category, and all five of the catalogue."""
    return [
        language_service(),
        first_visit_service(),
        google_analytics("G-TEST123456"),
        youtube(),
        facebook(),
        x(),
        linkedin(),
    ]


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_days(self, days: int) -> None:
        """Move the clock on."""
        self.now += timedelta(days=days)


class Site:
    """A small site with everything that tests ask of it."""

    def __init__(
        self,
        *,
        declared: list[Service] | None = None,
        before: Callable[[Flask], Any] = lambda app: None,
        after: Callable[[Flask], Any] = lambda app: None,
        database: str = "sqlite://",
        recorder_db: bool = True,
        **config: Any,
    ) -> None:
        self.clock = Clock()
        self.db = SQLAlchemy()
        self.app = Flask("small_site")
        self.app.config.update(SECRET_KEY="k" * 24, SQLALCHEMY_DATABASE_URI=database, TESTING=True, **config)
        self.consent = CookieConsent(
            db=self.db if recorder_db else None,
            services=services() if declared is None else declared,
            clock=self.clock,
        )
        self.app.add_url_rule("/", "home", lambda: render_template_string(PAGE), methods=["GET", "POST"])
        self.app.add_url_rule("/plain", "plain", lambda: "<p>plain</p>")
        self.app.add_url_rule("/only-post", "only_post", lambda: "done", methods=["POST"])
        before(self.app)
        self.db.init_app(self.app)
        self.consent.init_app(self.app)
        after(self.app)
        with self.app.app_context():
            create_tables(self.db)

    def client(self, **options: Any) -> FlaskClient:
        """Return a visitor without a browser."""
        return self.app.test_client(**options)

    def events(self) -> list[Event]:
        """Return the log."""
        with self.app.app_context():
            return get_state(self.app).log.newest(1_000)  # type: ignore[attr-defined]


def notice_of(client: FlaskClient, path: str = "/cookies/", **options: Any) -> str:
    """Return the digest that a page of the site carries."""
    found = re.search(r'name="notice" value="([0-9a-f]{64})"', client.get(path, **options).text)
    assert found is not None
    return found[1]


def choose(client: FlaskClient, choice: str, *, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    """Press a button as one of the site's own pages would send it."""
    prefix = fields.pop("prefix", "/cookies")
    base_url = fields.pop("base_url", None)
    options = {"base_url": base_url} if base_url else {}
    page = client.get(prefix + "/", **options).text
    shown = {name: re.findall(rf'name="{name}" value="(.*?)"', page)[:1] for name in ("locale", "notice")}
    data = {"choice": choice, "surface": "banner", "next": "/"} | shown | fields
    return client.post(prefix + "/choice", data=data, headers=OURS if headers is None else headers, **options)


def set_cookies(response: Any) -> dict[str, Any]:
    """Return the cookies that a response sets to something, by name."""
    found = {}
    for line in response.headers.getlist("Set-Cookie"):
        for name, morsel in SimpleCookie(line).items():
            if morsel.value and morsel["max-age"] != "0":
                found[name] = morsel
    return found


def expired_cookies(response: Any) -> set[str]:
    """Return the names of the cookies that a response takes away."""
    lines = response.headers.getlist("Set-Cookie")
    return {line.split("=", 1)[0] for line in lines if "Max-Age=0" in line}
