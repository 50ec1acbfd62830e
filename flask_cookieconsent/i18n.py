"""The extension's own message domain: its texts in the language of the page, whatever the host site uses."""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import lru_cache
from gettext import find
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.support import NullTranslations, Translations
from flask import current_app
from flask_babel import force_locale, get_locale

DOMAIN = "flask_cookieconsent"


def catalog_directory() -> str:
    """Return the folder of message catalogs: in the package, or at the top of a bare checkout."""
    try:
        return str(files("flask_cookieconsent.translations"))
    except ModuleNotFoundError:
        return str(files("flask_cookieconsent").joinpath("..") / "translations")


def page_locale() -> str:
    """Return the locale of the page being made, as Flask-Babel or the app's configuration tells it."""
    if "babel" in current_app.extensions:
        locale = get_locale()
        if locale is not None:
            return str(locale)
    return str(current_app.config.get("BABEL_DEFAULT_LOCALE", "en"))


def in_locale(locale: str) -> AbstractContextManager[None]:
    """Resolve the site's lazy texts in a locale, whatever the page's is."""
    return force_locale(locale) if "babel" in current_app.extensions else nullcontext()


class Language:
    """The texts, dates and durations of one locale; `text` translates, everything else builds on it."""

    def __init__(self, locale: str) -> None:
        try:
            self.babel = Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            self.babel = Locale("en")
        self.locale = str(self.babel)
        self._catalog = Translations.load(catalog_directory(), [self.babel], DOMAIN)
        # A page must not mix languages, so without a catalog dates and durations are English like the texts.
        if type(self._catalog) is NullTranslations and self.babel.language != "en":
            self.babel = Locale("en")

    @property
    def digest(self) -> str:
        """A digest of the standing texts, for notices; English texts stand in the templates themselves."""
        path = find(DOMAIN, catalog_directory(), [str(self.babel)])
        return hashlib.sha256(Path(path).read_bytes()).hexdigest() if path else ""

    @property
    def tag(self) -> str:
        """The language of the texts as a BCP 47 tag, for `lang` attributes."""
        return str(self.babel).replace("_", "-")

    @property
    def direction(self) -> str:
        """The direction of writing, `ltr` or `rtl`."""
        return self.babel.text_direction

    def text(self, message: Any, **variables: Any) -> str:
        """Translate a message id; texts of the site, lazy ones too, come back as they are.

        Trap: the catalog's header is the translation of the empty text.
        """
        found = self._catalog.gettext(message) if type(message) is str and message else str(message)
        return found % variables if variables else found

    def day(self, day: date) -> str:
        """Write a day in the language's usual form."""
        return format_date(day, "long", self.babel)

    def month(self, day: date) -> str:
        """Write the month of a day."""
        return format_skeleton("yMMMM", day, locale=self.babel)

    def number(self, number: int) -> str:
        """Write a whole number with the separators of the language."""
        return format_decimal(number, locale=self.babel)

    def percent(self, part: float) -> str:
        """Write a share of one as a percentage."""
        return format_percent(part, locale=self.babel)

    def duration(self, duration: timedelta | None) -> str:
        """Write a duration exactly, in the largest unit that divides it."""
        if duration is None:
            return self.text("Until you close the browser")
        seconds = int(duration.total_seconds())
        lengths = {"year": 31_536_000, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
        unit = next(each for each, length in lengths.items() if seconds % length == 0)
        # An endless threshold keeps Babel from rounding up to a larger unit.
        return format_timedelta(duration, granularity=cast(Any, unit), threshold=inf, locale=self.babel)


# The catalogs are constants of the installed package; visitors cannot name a locale that the app did not choose.
@lru_cache(maxsize=128)
def language(locale: str) -> Language:
    """Return the texts of a locale, read once."""
    return Language(locale)


def iso_duration(duration: timedelta) -> str:
    """Write a duration for machines (ISO 8601), for example `P184D`."""
    seconds = int(duration.total_seconds())
    days, rest = divmod(seconds, 86_400)
    return (f"P{days}D" if days else "P") + (f"T{rest}S" if rest else "") if seconds else "PT0S"
