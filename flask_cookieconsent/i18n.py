"""The extension's own message domain: its texts in the language of the page, whatever the host site uses."""

from __future__ import annotations

import hashlib
import logging
from contextlib import AbstractContextManager, nullcontext
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations
from flask import Flask, current_app, has_app_context
from flask_babel import force_locale, get_locale

DOMAIN = "flask_cookieconsent"

logger = logging.getLogger("flask_cookieconsent")


def catalog_directory() -> Path:
    """Return the folder of message catalogs: in the package, or at the top of a bare checkout."""
    try:
        return Path(str(files("flask_cookieconsent.translations")))
    except ModuleNotFoundError:
        return Path(str(files("flask_cookieconsent").joinpath("..") / "translations"))


def site_directories() -> tuple[str, ...]:
    """Return where the current app keeps catalogs of its own: its folder `translations`, or what Flask-Babel is told.

    A file `LC_MESSAGES/flask_cookieconsent.mo` of another language in one of them adds that language.
    """
    if not has_app_context():
        return ()
    if "babel" in current_app.extensions:
        return tuple(current_app.extensions["babel"].translation_directories)
    return (str(Path(current_app.root_path, "translations")),)


def site_locales() -> list[str]:
    """Return the locales that the current app is known to speak: its default, and those it has catalogs for."""
    if "babel" not in current_app.extensions:
        return [str(current_app.config.get("BABEL_DEFAULT_LOCALE", "en"))]
    return sorted({str(each) for each in current_app.extensions["babel"].instance.list_translations()})


def page_locale(app: Flask | None = None) -> str:
    """Return the locale of the page being made, as Flask-Babel or the configuration of the app tells it."""
    known = app or current_app
    if "babel" in known.extensions:
        locale = get_locale()
        if locale is not None:
            return str(locale)
    return str(known.config.get("BABEL_DEFAULT_LOCALE", "en"))


def in_locale(locale: str) -> AbstractContextManager[None]:
    """Resolve the site's lazy texts in a locale, whatever the page's is."""
    return force_locale(locale) if "babel" in current_app.extensions else nullcontext()


def lineage(locale: Locale) -> list[str]:
    """Return the names that catalogs for a locale may have, the nearest first: its region's, its script's, its own.

    Another script is another way of reading, so Serbian in Latin letters never comes from a catalog in Cyrillic ones.
    """
    language, territory = locale.language, locale.territory
    script = locale.script or _usual_script(language, territory)
    names = [_joined(language, script, territory)]
    if _usual_script(language, territory) == script:
        names.append(_joined(language, territory))
    names.append(_joined(language, script))
    if _usual_script(language, None) == script:
        names.append(language)
    return list(dict.fromkeys([*names, *(["nb"] if language in ("no", "nn") else ())]))


def _joined(*parts: str | None) -> str:
    return "_".join(filter(None, parts))


def _usual_script(language: str, territory: str | None) -> str | None:
    # https://www.unicode.org/reports/tr35/#Likely_Subtags
    likely = get_global("likely_subtags")
    found = likely.get(_joined(language, territory)) or likely.get(language)
    return found.split("_")[1] if found else None


class Language:
    """The texts, dates and durations of one locale; `text` translates, everything else builds on it.

    The texts are those of the nearest catalog, of the package or of the *directories* of a site. A site's catalog may
    be partial where the package has the language; otherwise it is complete or, because no page may mix languages (B6),
    not used at all.
    """

    def __init__(self, locale: str, directories: tuple[str, ...] = ()) -> None:
        try:
            self.babel = Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            self.babel = Locale("en")
        self.locale = str(self.babel)
        places = [catalog_directory(), *map(Path, directories)]
        # The nearest comes last, and of two equally near ones the site's.
        names = reversed(lineage(self.babel))
        found = [place / name / "LC_MESSAGES" / f"{DOMAIN}.mo" for name in names for place in places]
        self._paths = [each for each in found if each.is_file()]
        self._catalog = Translations()
        for path in self._paths:
            with path.open("rb") as file:
                self._catalog.merge(Translations(file, DOMAIN))
        self._settle()

    def _settle(self) -> None:
        """Say what language the texts are in, so that dates, durations and the `lang` attribute are in the same."""
        if self.babel.language == "en":
            return
        ours = any(path.is_relative_to(catalog_directory()) for path in self._paths)
        missing = [] if ours else sorted(_messages() - _translated(self._paths))
        if missing and self._paths:
            logger.warning(
                "%s lacks %d messages, so it is not used: %r for one; make it from the package's %s.pot",
                *(self._paths[-1], len(missing), missing[0], DOMAIN),
            )
        if missing:
            self.babel, self._catalog, self._paths = Locale("en"), Translations(), []
            return
        nearest = Locale.parse(self._paths[-1].parts[-3])
        if nearest.language != self.babel.language or (nearest.script and not self.babel.script):
            self.babel = nearest

    @property
    def digest(self) -> str:
        """A digest of the standing texts, for notices; English texts stand in the templates themselves."""
        if not self._paths:
            return ""
        return hashlib.sha256(b"".join(path.read_bytes() for path in self._paths)).hexdigest()

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


def language(locale: str) -> Language:
    """Return the texts of a locale, read once; with an app, its own catalogs count too."""
    return _language(locale, site_directories())


# Catalogs are constants of what is installed; visitors cannot name a locale that the app did not choose.
@lru_cache(maxsize=256)
def _language(locale: str, directories: tuple[str, ...]) -> Language:
    return Language(locale, directories)


@lru_cache(maxsize=1)
def _messages() -> frozenset[str]:
    with (catalog_directory() / (DOMAIN + ".pot")).open("rb") as file:
        return frozenset(str(each.id) for each in read_po(file) if each.id)


def _translated(paths: list[Path]) -> set[str]:
    found: set[str] = set()
    for path in paths:
        with path.open("rb") as file:
            found.update(str(each.id) for each in read_mo(file) if each.id and each.string)
    return found


def iso_duration(duration: timedelta) -> str:
    """Write a duration for machines (ISO 8601), for example `P184D`."""
    seconds = int(duration.total_seconds())
    days, rest = divmod(seconds, 86_400)
    return (f"P{days}D" if days else "P") + (f"T{rest}S" if rest else "") if seconds else "PT0S"
