"""Texts, days and durations in the language of the page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, LazyString

from flask_cookieconsent.i18n import Language, catalog_directory, iso_duration, language, lineage

pytestmark = pytest.mark.smoke

DAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("locale", "text", "day", "half_a_year", "tag", "direction"),
    [
        ("en", "Reject all", "November 23, 2026", "6 months", "en", "ltr"),
        ("en_GB", "Reject all", "23 November 2026", "6 months", "en-GB", "ltr"),
        ("nl", "Alles weigeren", "23 november 2026", "6 maanden", "nl", "ltr"),
        ("fr", "Tout refuser", "23 novembre 2026", "6 mois", "fr", "ltr"),
        ("de", "Alle ablehnen", "23. November 2026", "6 Monate", "de", "ltr"),
        ("de_AT", "Alle ablehnen", "23. November 2026", "6 Monate", "de-AT", "ltr"),
    ],
)
def test_languages(locale: str, text: str, day: str, half_a_year: str, tag: str, direction: str) -> None:
    """B6: one language from the button to the date, a region's usage where it has one."""
    words = language(locale)

    assert words.text("Reject all") == text
    assert words.day(DAY) == day
    assert words.duration(timedelta(days=184)).replace("\xa0", " ") == half_a_year
    assert (words.tag, words.direction) == (tag, direction)


@pytest.mark.parametrize("locale", ["eo", "xx", "", "not a locale", "gd_GB"])
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
        (86_400 * 395, "13 months", "P395D"),
        (86_400 * 400, "400 days", "P400D"),
        (86_400 * 184, "6 months", "P184D"),
        (86_400 * 185, "185 days", "P185D"),
        (86_400 * 90, "3 months", "P90D"),
        (86_400 * 30, "30 days", "P30D"),
        (86_400, "1 day", "P1D"),
        (7_200, "2 hours", "PT7200S"),
        (90, "90 seconds", "PT90S"),
        (60, "1 minute", "PT60S"),
        (86_460, "1441 minutes", "P1DT60S"),
        (0, "0 years", "PT0S"),
    ],
)
def test_durations_are_exact(seconds: int, english: str, machine: str) -> None:
    """C3: days are said as months where a calendar has that many; thirteen months are not a year."""
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


@pytest.mark.parametrize(
    ("locale", "names"),
    [
        ("de", ["de_Latn", "de"]),
        ("de_AT", ["de_Latn_AT", "de_AT", "de_Latn", "de"]),
        ("pt_BR", ["pt_Latn_BR", "pt_BR", "pt_Latn", "pt"]),
        ("zh", ["zh_Hans", "zh"]),
        ("zh_TW", ["zh_Hant_TW", "zh_TW", "zh_Hant"]),
        ("sr_Latn", ["sr_Latn"]),
        ("nn", ["nn_Latn", "nn", "nb"]),
    ],
)
def test_lineage(locale: str, names: list[str]) -> None:
    """B6: from the region to the language, and never to another script."""
    assert lineage(Locale.parse(locale)) == names


def messages() -> list[str]:
    with (catalog_directory() / "flask_cookieconsent.pot").open("rb") as file:
        return [str(each.id) for each in read_po(file) if each.id]


def write_catalog(folder: Path, locale: str, translated: Iterable[tuple[str, str]]) -> None:
    catalog = Catalog(locale=locale)
    for message, text in translated:
        catalog.add(message, text)
    path = folder / locale / "LC_MESSAGES" / "flask_cookieconsent.mo"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_mo(file, catalog)


@pytest.mark.parametrize("prepare", [Babel, lambda app: None], ids=["with Flask-Babel", "without"])
def test_site_adds_a_language(tmp_path: Path, prepare: Callable[[Flask], object]) -> None:
    """B6: a catalog in the site's own folder of translations is all that another language needs."""
    write_catalog(tmp_path / "translations", "eo", [(each, f"eo {each}") for each in messages()])
    app = Flask(__name__, root_path=str(tmp_path))
    prepare(app)

    with app.app_context():
        words = language("eo")
        assert words.text("Reject all") == "eo Reject all"
        assert words.tag == "eo"
        assert "Novembro" in words.day(DAY)
        assert words.digest != ""
    assert language("eo").text("Reject all") == "Reject all"


def test_half_a_language_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """B6: where a site's catalog lacks a text the page is English throughout, and the log says what is missing."""
    write_catalog(tmp_path, "eo", [(each, f"eo {each}") for each in messages() if each != "Reject all"])

    with caplog.at_level(logging.WARNING):
        words = Language("eo", (str(tmp_path),))

    assert (words.text("Accept all"), words.tag) == ("Accept all", "en")
    assert "lacks 1 messages" in caplog.text and "'Reject all'" in caplog.text


def test_site_words_some_texts_its_own_way(tmp_path: Path) -> None:
    """A partial catalog of a language that the package has, or of a region of it, leaves the rest as it is."""
    write_catalog(tmp_path, "de_CH", [("Cookie policy", "Hinweise zu Cookies")])
    here, there = Language("de_CH", (str(tmp_path),)), Language("de", (str(tmp_path),))

    assert (here.text("Cookie policy"), here.text("Reject all")) == ("Hinweise zu Cookies", "Alle ablehnen")
    assert there.text("Cookie policy") == "Cookie-Richtlinie"
    assert here.digest != there.digest
