"""The cookies of Flask and its extensions are in policy and preferences by themselves, from the app's configuration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from cachelib import SimpleCache
from flask import Flask, redirect, session
from flask.sessions import SessionInterface
from flask_jwt_extended import JWTManager, create_access_token, set_access_cookies
from flask_login import LoginManager, UserMixin, login_user
from flask_seasurf import SeaSurf
from flask_session import Session
from flask_wtf import CSRFProtect

from flask_cookieconsent import Cookie, CookieConsent, RegistryError
from flask_cookieconsent.http.framework import framework_cookies
from flask_cookieconsent.state import get_state
from tests.kit import neighbours
from tests.kit.sites import Site, make_app, make_site, own, services, soup_of

DAY = timedelta(days=1)


def found(app: Flask) -> dict[str, timedelta | None]:
    return {cookie.name: cookie.duration for cookie in framework_cookies(app)}


def told(site: Site, path: str = "/cookies/policy") -> dict[str, str]:
    """Return the durations of the necessary cookies that a page lists, by their names."""
    part = "#fcc-necessary" if path == "/cookies/" else "section:has(#fcc-policy-necessary)"
    table_rows = soup_of(site.visitor().get(path).text).select_one(part).select("tbody tr")
    return {row.th.text: row.find_all("td")[1].get_text(strip=True) for row in table_rows}


@pytest.mark.parametrize("path", ["/cookies/policy", "/cookies/"])
def test_session_is_listed(path: str) -> None:
    """C3: whoever declares nothing about the session still tells of it, with purpose and duration."""
    rows = told(make_site(SESSION_COOKIE_NAME="seat", PERMANENT_SESSION_LIFETIME=7 * DAY), path)

    assert set(rows) == {"cookieconsent", "cookieconsent_receipt", "seat"}
    assert rows["seat"] == "7 days"


def test_extensions_that_come_later_are_listed() -> None:
    """C3: what is initialised after cookie consent is told of as well."""
    site = make_site()
    _login(site.app)
    SeaSurf(site.app)

    assert told(site).keys() == {
        *("cookieconsent", "cookieconsent_receipt"),
        *("session", "remember_token", "_csrf_token"),
    }


def _login(app: Flask) -> None:
    manager = LoginManager(app)

    class User(UserMixin):
        id = "7"

    manager.user_loader(lambda id: User())
    app.add_url_rule("/in", "in", lambda: str(login_user(User(), remember=True)))


def _jwt(app: Flask) -> None:
    app.config.update(JWT_TOKEN_LOCATION=["cookies"], JWT_SECRET_KEY="a key of some length, for tokens")
    JWTManager(app)

    def sign_in() -> Any:
        response = app.make_response("in")
        set_access_cookies(response, create_access_token("7"))
        return response

    app.add_url_rule("/in", "in", sign_in)


def _session(app: Flask) -> None:
    app.config.update(SESSION_TYPE="cachelib", SESSION_CACHELIB=SimpleCache(), SESSION_COOKIE_NAME="kept")
    Session(app)

    def sign_in() -> str:
        session["user"] = 7
        return "in"

    app.add_url_rule("/in", "in", sign_in)


def _security(app: Flask) -> None:
    app.config.update(SECURITY_PASSWORD_SALT="salt", SECURITY_CSRF_COOKIE={"key": "XSRF-TOKEN"})
    app.config.update(SECURITY_CSRF_PROTECT_MECHANISMS=["session"], WTF_CSRF_CHECK_DEFAULT=False)
    CSRFProtect(app)
    neighbours.security(app)
    app.add_url_rule("/in", "in", lambda: redirect("/login"))


@pytest.mark.parametrize("install", [_login, _jwt, _session, _security, SeaSurf])
def test_what_an_extension_sets_is_known(install: Callable[[Flask], Any]) -> None:
    """C4: each cookie that the installed extension really sets has the declared name, so that nothing is undeclared."""
    site = make_site(COOKIECONSENT_UNDECLARED_COOKIES="raise")
    install(site.app)
    site.app.add_url_rule("/token", "token", lambda: site.app.jinja_env.globals.get("csrf_token", str)())
    visitor = site.visitor()

    names = {
        line.partition("=")[0]
        for path in ("/in", "/token", "/login")
        for line in visitor.get(path).headers.getlist("Set-Cookie")
    }

    assert names
    assert names <= told(site).keys()
    assert all(get_state(site.app).cookies.is_known(name) for name in names)


def test_configuration_says_names_and_durations() -> None:
    """Renamed cookies and other durations, as seconds or `timedelta`, are told as they are configured."""
    app = make_app(
        SESSION_COOKIE_NAME="seat",
        PERMANENT_SESSION_LIFETIME=3600,
        REMEMBER_COOKIE_NAME="memory",
        REMEMBER_COOKIE_DURATION=14 * DAY,
        SECURITY_CSRF_COOKIE_NAME="XSRF-TOKEN",
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_ALWAYS_VALIDATE=False,
        SECURITY_REFRESH_TOKEN=True,
        JWT_TOKEN_LOCATION=["headers", "cookies"],
        JWT_SESSION_COOKIE=False,
        JWT_COOKIE_CSRF_PROTECT=False,
    )
    app.extensions |= {"security": object(), "flask-jwt-extended": object()}

    assert found(app) == {
        "seat": timedelta(hours=1),
        "memory": 14 * DAY,
        "XSRF-TOKEN": None,
        "tf_validity": 30 * DAY,
        "fs_refresh": 90 * DAY,
        "access_token_cookie": 365 * DAY,
        "refresh_token_cookie": 365 * DAY,
    }


def test_nothing_is_told_of_what_is_not_used() -> None:
    """C4: an app without a key keeps no session, and one without Flask-Login remembers nobody."""
    app = Flask("plain")

    assert found(app) == {}

    app.secret_key = "a key of some length"
    CSRFProtect(app)

    assert found(app) == {"session": 31 * DAY}


def test_sessions_without_a_key_are_told() -> None:
    """Sessions that an extension keeps elsewhere need no key."""
    app = Flask("elsewhere")
    app.session_interface = type("Elsewhere", (SessionInterface,), {})()

    assert set(found(app)) == {"session"}


def test_duration_is_what_browsers_heed() -> None:
    """RFC 6265bis: nothing is kept for longer than 400 days, whatever is configured."""
    assert found(make_app(PERMANENT_SESSION_LIFETIME=3650 * DAY)) == {"session": 400 * DAY}


def test_owner_words_them() -> None:
    """A necessary service that declares a cookie of the framework takes it over, and the others stay."""
    seat = own(
        "seat",
        "necessary",
        Cookie(name="session", purpose="Holds your seat."),
        purpose="authentication",
        justification="To sit down.",
    )
    site = make_site(services=[*services(), seat], REMEMBER_COOKIE_NAME="memory")
    rows = soup_of(site.visitor().get("/cookies/policy").text).select("tbody tr")

    assert [row.td.text for row in rows if row.th.text == "session"] == ["Holds your seat."]
    assert [row.th.text for row in rows].count("memory") == 1
    assert get_state(site.app).registry.services["app-cookies"].cookies[0].name == "memory"
    assert get_state(site.app).cookies.declared("session") == [], "nothing takes it away"


def test_owner_words_all_of_them() -> None:
    """Where nothing is left to say, the service of the framework is not there."""
    seat = own("seat", "necessary", Cookie(name="session", purpose="Holds."), justification="To sit down.")

    assert "app-cookies" not in get_state(make_site(services=[seat]).app).registry.services


def test_optional_service_with_a_cookie_of_a_late_extension_is_an_error() -> None:
    """The bad twin: a refusal would sign people out; where it can only be seen later, the first request tells."""
    keep = own("keep", "functionality", Cookie(name="remember_token", purpose="Keeps you signed in."))
    site = make_site(services=[keep])
    _login(site.app)

    with pytest.raises(RegistryError, match="'remember_token' of service 'keep': the app's own session or sign-in"):
        site.app.test_client().get("/")


def test_notice_is_the_same_for_everybody_and_every_process() -> None:
    """F2: neither a visitor who signs in nor another process of the same app changes the notice."""
    first, second = (make_site(REMEMBER_COOKIE_NAME="memory") for _ in range(2))
    before = first.digest
    visitor = first.visitor()
    visitor.client.set_cookie("session", "whatever")
    visitor.get("/")

    assert first.digest == before == second.digest
    assert make_site().digest != before


def test_commands_tell_of_them() -> None:
    """`flask cookieconsent services` lists what the policy lists."""
    app = make_app()
    CookieConsent(app)

    assert "    session  31 days  this site" in app.test_cli_runner().invoke(args=["cookieconsent", "services"]).output
