"""Cookies that Flask and its extensions set by themselves: names and durations as an app's configuration has them.

Of each extension the keys and defaults are those that it documents: Flask 3.1, Flask-Login 0.6, Flask-Security-Too 5.9,
Flask-SeaSurf 2.0, Flask-JWT-Extended 4.7. Flask-WTF, Flask-Session and Flask-Principal use the cookie of the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, TypeAlias

from flask import Flask
from flask.sessions import SecureCookieSessionInterface

from flask_cookieconsent.core.defaults import PURPOSES
from flask_cookieconsent.core.services import N_, Cookie
from flask_cookieconsent.core.validity import LONGEST_LIFE

Config: TypeAlias = Mapping[str, Any]

_KEEPS_VISIT = N_("Keeps the state of the visit.")
_PREVENTS_FORGERY = N_("Protects against forged requests.")
_RECOGNISES = N_("Recognises your browser.")
_SIGNED_IN = PURPOSES["authentication"]


def framework_cookies(app: Flask) -> tuple[Cookie, ...]:
    """Return the cookies that Flask and the extensions of an app set, as far as it is complete.

    Its configuration and its extensions are asked, never a request, so that every process and every visitor is told the
    same. Each has the longest duration that the configuration allows: an app may end a session earlier, and no key says
    whether it does.
    """
    cookies = [cookie for is_used, of in _KNOWN if is_used(app) for cookie in of(app.config)]
    return tuple({cookie.name: cookie for cookie in cookies}.values())


def _has_sessions(app: Flask) -> bool:
    # Flask's own sessions need a key; those of extensions may be kept elsewhere.
    return bool(app.secret_key) or type(app.session_interface) is not SecureCookieSessionInterface


def _has_flask_login(app: Flask) -> bool:
    return hasattr(app, "login_manager") or "REMEMBER_COOKIE_NAME" in app.config


def _has_seasurf(app: Flask) -> bool:
    # It leaves no other trace of itself.
    return any(getattr(hook, "__module__", "") == "flask_seasurf" for hook in app.before_request_funcs.get(None, ()))


def _flask(config: Config) -> Iterator[Cookie]:
    yield _cookie(config["SESSION_COOKIE_NAME"], _KEEPS_VISIT, config["PERMANENT_SESSION_LIFETIME"])


def _flask_login(config: Config) -> Iterator[Cookie]:
    duration = config.get("REMEMBER_COOKIE_DURATION", timedelta(days=365))
    yield _cookie(config.get("REMEMBER_COOKIE_NAME") or "remember_token", _SIGNED_IN, duration)


def _flask_security(config: Config) -> Iterator[Cookie]:
    if name := config.get("SECURITY_CSRF_COOKIE_NAME"):
        yield _cookie(name, _PREVENTS_FORGERY, (config.get("SECURITY_CSRF_COOKIE") or {}).get("max_age"))
    if config.get("SECURITY_TWO_FACTOR") and not config.get("SECURITY_TWO_FACTOR_ALWAYS_VALIDATE", True):
        name = config.get("SECURITY_TWO_FACTOR_VALIDITY_COOKIE_NAME", "tf_validity")
        yield _cookie(name, _RECOGNISES, config.get("SECURITY_TWO_FACTOR_LOGIN_VALIDITY", timedelta(days=30)))
    if config.get("SECURITY_REFRESH_TOKEN"):
        name = config.get("SECURITY_REFRESH_TOKEN_COOKIE_NAME", "fs_refresh")
        yield _cookie(name, _SIGNED_IN, config.get("SECURITY_REFRESH_TOKEN_MAX_AGE", timedelta(days=90)))


def _seasurf(config: Config) -> Iterator[Cookie]:
    duration = config.get("CSRF_COOKIE_TIMEOUT", timedelta(days=5))
    yield _cookie(config.get("CSRF_COOKIE_NAME", "_csrf_token"), _PREVENTS_FORGERY, duration)


def _flask_jwt_extended(config: Config) -> Iterator[Cookie]:
    if "cookies" not in (config.get("JWT_TOKEN_LOCATION") or ()):
        return
    duration = None if config.get("JWT_SESSION_COOKIE", True) else timedelta(days=365)
    yield _cookie(config.get("JWT_ACCESS_COOKIE_NAME", "access_token_cookie"), _SIGNED_IN, duration)
    yield _cookie(config.get("JWT_REFRESH_COOKIE_NAME", "refresh_token_cookie"), _SIGNED_IN, duration)
    if config.get("JWT_COOKIE_CSRF_PROTECT", True) and config.get("JWT_CSRF_IN_COOKIES", True):
        yield _cookie(config.get("JWT_ACCESS_CSRF_COOKIE_NAME", "csrf_access_token"), _PREVENTS_FORGERY, duration)
        yield _cookie(config.get("JWT_REFRESH_CSRF_COOKIE_NAME", "csrf_refresh_token"), _PREVENTS_FORGERY, duration)


def _cookie(name: str, purpose: str, duration: Any) -> Cookie:
    """Return a cookie with a duration in seconds or as a `timedelta`, as long as browsers heed it."""
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not isinstance(seconds, int | float) or seconds <= 0:
        return Cookie(name=name, purpose=purpose)
    return Cookie(name=name, purpose=purpose, duration=timedelta(seconds=min(seconds, LONGEST_LIFE.total_seconds())))


_KNOWN: tuple[tuple[Callable[[Flask], bool], Callable[[Config], Iterator[Cookie]]], ...] = (
    (_has_sessions, _flask),
    (_has_flask_login, _flask_login),
    (lambda app: "security" in app.extensions, _flask_security),
    (_has_seasurf, _seasurf),
    (lambda app: "flask-jwt-extended" in app.extensions, _flask_jwt_extended),
)
