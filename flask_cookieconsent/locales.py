"""Locale selection: the app's own selector first, then Flask-Babel's, then `BABEL_DEFAULT_LOCALE`, then English.

Flask-Babel is asked where an app has initialised it, and imported there alone. Because we bring it along, an app that
has not can be harmed by others: Flask-Admin answers every page with 500 as soon as `flask_babel` can be imported and
`app.extensions` has no "babel". So the first request initialises it there, and we go on as if it was not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from babel import Locale
from flask import Flask, current_app, has_app_context, has_request_context, request

from .signals import call, complain

#: What an app may give us: a function that returns the locale of the present page, such as `de` or `pt_BR`.
LocaleSelector = Callable[[], Any]

# The locale of what is rendered for all who speak it, whatever the page around it speaks.
_forced: ContextVar[str | None] = ContextVar("flask_cookieconsent_locale", default=None)


def _app() -> Flask:
    # An attribute of the proxy costs twice as much, and each piece of a page asks.
    return cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]


def _site_babel(app: Flask | None = None) -> Any:
    """Return the current app's Flask-Babel configuration (`BabelConfiguration`), or None for an app without it.

    The one that `initialise_flask_babel` gave it is not the app's.
    """
    extensions = (app or _app()).extensions
    babel = extensions.get("babel")
    return None if babel is extensions.get("cookieconsent.babel") else babel


def initialise_flask_babel(app: Flask) -> None:
    """Initialise Flask-Babel for an app that has not done so itself by its first request.

    Its locale is English whatever the app's configuration says, because that is what extensions speak which do not find
    it; filters and extensions of Jinja are left as they are.
    """
    if "babel" not in app.extensions:
        from flask_babel import Babel

        Babel(app, configure_jinja=False, locale_selector=lambda: "en")
        app.extensions["cookieconsent.babel"] = app.extensions["babel"]


def site_directories() -> tuple[str, ...]:
    """Return the catalog directories of the current app: Flask-Babel's, or the folder `translations` beside the app.

    A file `LC_MESSAGES/flask_cookieconsent.mo` in one of them adds a language. Outside of an app context is none.
    """
    if not has_app_context():
        return ()
    app = _app()
    babel = _site_babel(app)
    if babel is None:
        return _beside(app.root_path)
    return tuple(babel.translation_directories)


@lru_cache(maxsize=16)
def _beside(folder: str) -> tuple[str]:
    return (str(Path(folder, "translations")),)


def site_locales() -> list[str]:
    """Return the locales of the current app, sorted: Flask-Babel's catalogs and default, or `BABEL_DEFAULT_LOCALE`."""
    babel = _site_babel()
    return [_default_locale()] if babel is None else sorted(map(str, set(babel.instance.list_translations())))


def has_one_locale(app: Flask) -> bool:
    """Tell whether all pages of an app have the same locale: it has no selector, and no Flask-Babel of its own."""
    return "cookieconsent.locale" not in app.extensions and _site_babel(app) is None


def page_locale(app: Flask | None = None) -> str:
    """Return the locale of the present page, by the order in the head of this module."""
    if forced := _forced.get():
        return forced
    app = app or _app()
    if selected := _selected(app):
        return selected
    if _site_babel(app) is not None:
        from flask_babel import get_locale

        # Outside a request a selector that reads one has nothing to read.
        with nullcontext() if has_request_context() else suppress(RuntimeError):
            if locale := get_locale():
                return _name_of(locale)
    return _default_locale(app)


def _selected(app: Flask) -> str | None:
    """Return what the app's own selector says, None where it says nothing; it is asked once in a request."""
    selector = app.extensions.get("cookieconsent.locale")
    if selector is None or not has_request_context():
        return None
    # Each piece of a page asks, and the selector may ask a database.
    key = f"flask_cookieconsent.locale.{id(selector)}"
    if key not in request.environ:
        request.environ[key] = _ask(selector)
    return cast("str | None", request.environ[key])


def _ask(selector: LocaleSelector) -> str | None:
    """Return what a selector says; what it raises is logged."""
    try:
        chosen = call(selector)
    except Exception as error:
        complain("locale selector failed, so the page has the default locale", error=error)
        return None
    return _underscored(chosen) if chosen else None


# Writing a locale out costs more than all else here, and a process speaks a few.
@lru_cache(maxsize=256)
def _name_of(locale: Locale) -> str:
    return str(locale)


def _underscored(locale: Any) -> str:
    # What an Accept-Language header and a `lang` attribute write as `de-AT` (BCP 47) is `de_AT` in CLDR.
    return str(locale).replace("-", "_")


def _default_locale(app: Flask | None = None) -> str:
    return _underscored((app or _app()).config.get("BABEL_DEFAULT_LOCALE", "en"))


@contextmanager
def in_locale(locale: str) -> Iterator[None]:
    """Return a context manager in which pages have a locale; lazy strings of Flask-Babel are resolved in it too."""
    token = _forced.set(locale)
    try:
        with _forced_babel(locale):
            yield
    finally:
        _forced.reset(token)


def _forced_babel(locale: str) -> AbstractContextManager[None]:
    if _site_babel() is None:
        return nullcontext()
    from flask_babel import force_locale

    return cast(AbstractContextManager[None], force_locale(locale))
