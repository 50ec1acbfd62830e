"""Gettext catalog lookup and CLDR formatting in the locale of the page, for the extension's own message domain."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from math import inf
from pathlib import Path
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

from .locales import page_locale, site_directories

DOMAIN = "flask_cookieconsent"
_MONTH = 2_629_800  # seconds, in the mean; so many months are at most three days shorter and not two days longer
logger = logging.getLogger("flask_cookieconsent")


def catalog_directory() -> Path:
    """Return the folder of message catalogs: in the package, or at the top of a bare checkout."""
    try:
        return Path(str(files("flask_cookieconsent.translations")))
    except ModuleNotFoundError:
        return Path(str(files("flask_cookieconsent").joinpath("..") / "translations"))


# Every press names one, and a site has a few; a name is as long as whoever asks lets it be.
@lru_cache(maxsize=256)
def is_canonical(locale: str) -> bool:
    """Tell whether a text is the name of a CLDR locale as we write it ourselves; no catalog is read for it."""
    try:
        return str(Locale.parse(locale)) == locale
    except (ValueError, UnknownLocaleError):
        return False


def lineage(locale: Locale) -> list[str]:
    """Return the fallback chain of a locale for gettext catalog lookup, the nearest first, by CLDR likely subtags.

    For example `de_Latn_AT`, `de_AT`, `de_Latn`, `de`. Serbian in Latin letters never comes from Cyrillic ones.
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
    likely_subtags = get_global("likely_subtags")
    likely = likely_subtags.get(_joined(language, territory)) or likely_subtags.get(language)
    return likely.split("_")[1] if likely else None


class Language:
    """The merged gettext catalogs and the CLDR formats of one locale, constant once they are read.

    Messages come from the nearest catalog in the fallback chain, of the package or of a site's *directories*. That of
    a site may be partial where the package has the language; otherwise it is complete or, because no page may mix
    languages (B6), not used at all. What is no locale is English.
    """

    def __init__(self, locale: str, directories: tuple[str, ...] = ()) -> None:
        try:
            self.babel = Locale.parse(locale)
        except (ValueError, UnknownLocaleError):
            self.babel = Locale("en")
        self.locale = str(self.babel)
        folders = [catalog_directory(), *map(Path, directories)]
        # The nearest comes last, and of two equally near ones the site's.
        names = reversed(lineage(self.babel))
        paths = [folder / name / "LC_MESSAGES" / f"{DOMAIN}.mo" for name in names for folder in folders]
        self._paths = [path for path in paths if path.is_file()]
        self._catalog = _catalog_of(tuple(self._paths))
        self._settle()

    def _settle(self) -> None:
        """Align the locale with the catalogs, so that dates, durations and `lang` are in the language of the texts."""
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
        """The SHA-256 of the compiled catalogs in hex; empty for English, whose texts stand in the templates."""
        return hashlib.sha256(b"".join(path.read_bytes() for path in self._paths)).hexdigest() if self._paths else ""

    @property
    def tag(self) -> str:
        """The BCP 47 language tag of the texts, for `lang` attributes."""
        return str(self.babel).replace("_", "-")

    @property
    def direction(self) -> str:
        """The text direction for `dir` attributes, `ltr` or `rtl`."""
        return self.babel.text_direction

    def text(self, message: Any, **variables: Any) -> str:
        """Translate a message id (gettext) and fill its `%(name)s` placeholders; a lazy string is resolved instead.

        What no catalog has, such as a text of the site, comes back as it is.
        """
        # The empty message id is the catalog's header.
        text = self._catalog.gettext(message) if type(message) is str and message else str(message)
        return text % variables if variables else text

    def day(self, day: date) -> str:
        """Format a date in the CLDR long format: `November 23, 2026`."""
        return format_date(day, "long", self.babel)

    def region(self, code: str) -> str:
        """Return the name of a region by its ISO 3166 code (CLDR), with the code where it is a part of a country."""
        country, _, part = code.partition("-")
        name = self.babel.territories.get(country, country)
        return f"{name} ({code})" if part else str(name)

    def month(self, day: date) -> str:
        """Format a date as month and year: `November 2026`."""
        return format_skeleton("yMMMM", day, locale=self.babel)

    def number(self, number: int) -> str:
        """Format an integer with the group separators of the locale: `1,234`."""
        return format_decimal(number, locale=self.babel)

    def percent(self, part: float) -> str:
        """Format a fraction (0 to 1) as a percentage."""
        return format_percent(part, locale=self.babel)

    def duration(self, duration: timedelta | None) -> str:
        """Format a duration in the largest unit that divides it, as months where a calendar may; None is a session."""
        if duration is None:
            return self.text("Until you close the browser")
        seconds = int(duration.total_seconds())
        months = round(seconds / _MONTH)
        if months > 1 and seconds % 31_536_000 and -3 * 86_400 <= seconds - months * _MONTH < 1.5 * 86_400:
            return format_timedelta(timedelta(30 * months), granularity="month", threshold=inf, locale=self.babel)
        lengths = {"year": 31_536_000, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
        unit = next(unit for unit, length in lengths.items() if seconds % length == 0)
        # An endless threshold keeps Babel from rounding up to a larger unit.
        return format_timedelta(duration, granularity=cast(Any, unit), threshold=inf, locale=self.babel)


def page_language() -> Language:
    """Return the texts and formats in the locale of the current request."""
    return language(page_locale())


def language(locale: str) -> Language:
    """Return the texts and formats of a locale, cached for each process; in an app context its own catalogs count."""
    return _language(locale, site_directories())


# CLDR has fewer locales than this, so whoever posts one after the other takes none away from the site's pages.
@lru_cache(maxsize=2048)
def _language(locale: str, directories: tuple[str, ...]) -> Language:
    return Language(locale, directories)


# Many locales share a few catalogs, which are constants of what is installed.
@lru_cache(maxsize=256)
def _catalog_of(paths: tuple[Path, ...]) -> Translations:
    catalog = Translations()
    for path in paths:
        with path.open("rb") as file:
            catalog.merge(Translations(file, DOMAIN))
    return catalog


# The readers of catalogs' sources cost 4 ms to import, and only a site with a language of its own needs them.
@lru_cache(maxsize=1)
def _messages() -> frozenset[str]:
    from babel.messages.pofile import read_po

    with (catalog_directory() / (DOMAIN + ".pot")).open("rb") as file:
        return frozenset(str(message.id) for message in read_po(file) if message.id)


def _translated(paths: Iterable[Path]) -> set[str]:
    from babel.messages.mofile import read_mo

    ids: set[str] = set()
    for path in paths:
        with path.open("rb") as file:
            ids.update(str(message.id) for message in read_mo(file) if message.id and message.string)
    return ids


def iso_duration(duration: timedelta) -> str:
    """Format a duration for machines (ISO 8601), for example `P184D`."""
    seconds = int(duration.total_seconds())
    days, rest = divmod(seconds, 86_400)
    return (f"P{days}D" if days else "P") + (f"T{rest}S" if rest else "") if seconds else "PT0S"
