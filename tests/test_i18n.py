"""Texts, days and durations in the language of the page."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask_babel import LazyString

from flask_cookieconsent.i18n import Language, iso_duration, language

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("locale", "text", "day", "half_a_year", "tag", "direction"),
    [
        ("en", "Reject all", "November 23, 2026", "184 days", "en", "ltr"),
        ("en_GB", "Reject all", "23 November 2026", "184 days", "en-GB", "ltr"),
        ("nl", "Alles weigeren", "23 november 2026", "184 dagen", "nl", "ltr"),
        ("fr", "Tout refuser", "23 novembre 2026", "184 jours", "fr", "ltr"),
        ("de", "Alle ablehnen", "23. November 2026", "184 Tage", "de", "ltr"),
        ("de_AT", "Alle ablehnen", "23. November 2026", "184 Tage", "de-AT", "ltr"),
    ],
)
def test_languages(locale: str, text: str, day: str, half_a_year: str, tag: str, direction: str) -> None:
    """B6: one language from the button to the date, a region's usage where it has one."""
    words = language(locale)

    assert words.text("Reject all") == text
    assert words.day(DAY) == day
    assert words.duration(timedelta(days=184)).replace("\xa0", " ") == half_a_year
    assert (words.tag, words.direction) == (tag, direction)


@pytest.mark.parametrize("locale", ["is", "xx", "", "not a locale", "ja_JP"])
def test_language_without_a_catalog_is_english_throughout(locale: str) -> None:
    """B6: no page in two languages: where the texts are English, so are the dates and the `lang` attribute."""
    words = Language(locale)

    assert words.text("Reject all") == "Reject all"
    assert words.day(DAY) == "November 23, 2026"
    assert words.tag == "en"


@pytest.mark.parametrize(
    ("seconds", "english", "machine"),
    [
        (31_536_000, "1 year", "P365D"),
        (86_400 * 395, "395 days", "P395D"),
        (86_400, "1 day", "P1D"),
        (7_200, "2 hours", "PT7200S"),
        (90, "90 seconds", "PT90S"),
        (60, "1 minute", "PT60S"),
        (86_460, "1441 minutes", "P1DT60S"),
        (0, "0 years", "PT0S"),
    ],
)
def test_durations_are_exact(seconds: int, english: str, machine: str) -> None:
    """C3: no rounding: thirteen months are not a year."""
    assert language("en").duration(timedelta(seconds=seconds)) == english
    assert iso_duration(timedelta(seconds=seconds)) == machine


def test_duration_of_a_visit() -> None:
    """C3: what ends with the browser says so."""
    assert language("en").duration(None) == "Until you close the browser"


def test_texts_of_the_site_are_left_alone() -> None:
    """A text of the site is shown as it is, a lazy one when it is shown; an empty one is empty."""
    texts = iter(["one", "two"])
    lazy = LazyString(lambda: next(texts))

    assert [language("nl").text(lazy), language("nl").text(lazy)] == ["one", "two"]
    assert language("nl").text("") == ""
    assert language("nl").text("Our own sentence.") == "Our own sentence."
    assert language("en").text("%(n)s of us", n=2) == "2 of us"
    assert language("en").text("100 %") == "100 %"
