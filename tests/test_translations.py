"""The message catalogs: complete, sound, as new as the texts, and with one agreed word for each legal idea."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from flask_cookieconsent.i18n import language

from .conftest import CATALOGS

ROOT = Path(__file__).parents[1]
DAY = date(2026, 11, 23)
#: Every language but English: the other official ones of the European Union, and seventeen more.
EUROPEAN_UNION = (
    *("bg", "cs", "da", "de", "el", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt", "nl", "pl"),
    *("pt", "ro", "sk", "sl", "sv"),
)
MORE = (
    *("ar", "ca", "cy", "fa", "he", "hi", "id", "is", "ja", "ko", "nb", "sr", "sr_Latn", "tr", "uk", "vi"),
    *("zh_Hans", "zh_Hant"),
)
LANGUAGES = sorted(EUROPEAN_UNION + MORE)
#: The agreed words, as beginnings or forms; what is under "never" stands for the same ideas and is not used.
GLOSSARY = {path.stem: json.loads(path.read_text("utf-8")) for path in (ROOT / "tests/data/glossary").glob("*.json")}
#: Where an idea is in an English text.
IDEAS = {
    "cookie": r"\bcookies?\b",
    "consent": r"\bconsent\b",
    "accept": r"\baccept",
    "reject": r"\breject",
    "refuse": r"\brefus",
    "allow": r"\ballow(s|ed)?\b",
    "withdraw": r"\bwithdr",
    "strictly necessary": r"strictly necessary",
    "third party": r"\bthird part",
}
#: The same letters in the two scripts of Serbian.
LATIN = {"љ": "lj", "њ": "nj", "џ": "dž"} | dict(
    zip("абвгдђежзијклмнопрстћуфхцчш", "abvgdđežzijklmnoprstćufhcčš", strict=True)
)
GOOD = b"""
msgid ""
msgstr "Language: de\\nContent-Type: text/plain; charset=utf-8\\n"

#, python-format
msgid "Version %(version)s"
msgstr "Fassung %(version)s"
"""


def mistakes_of(catalog: Catalog) -> list[str]:
    """Return what is not translated, what is a guess, and where a placeholder is missing."""
    mistakes = ["the header is fuzzy"] if catalog.fuzzy else []
    mistakes += [f"{each.id!r} is not translated" for each in catalog if each.id and (not each.string or each.fuzzy)]
    return mistakes + [str(error) for _, errors in catalog.check() for error in errors]


needs_checkout = pytest.mark.skipif(not CATALOGS, reason="the sources of the catalogs are in the checkout")


@needs_checkout
def test_catalogs_are_found() -> None:
    """Forty-one languages, with English, and the second script of Serbian."""
    assert [path.parts[-3] for path in CATALOGS] == LANGUAGES
    assert len(set(LANGUAGES) - {"sr_Latn"}) + 1 == 41


def test_catalogs_are_complete_and_sound() -> None:
    """B6: no language falls back to another."""
    mistakes = {}
    for path in CATALOGS:
        with path.open("rb") as file:
            mistakes[path.parts[-3]] = mistakes_of(read_po(file, locale=path.parts[-3]))

    assert {locale: lines for locale, lines in mistakes.items() if lines} == {}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"Fassung %(version)s", b"Fassung %(Version)s"),
        (b"Fassung %(version)s", b""),
        (b"#, python-format", b"#, fuzzy, python-format"),
        (b'\nmsgid ""', b'\n#, fuzzy\nmsgid ""'),
    ],
    ids=["placeholder", "missing", "guess", "fuzzy header"],
)
def test_soundness_check_fails_for_a_bad_twin(right: bytes, wrong: bytes) -> None:
    assert mistakes_of(read_po(BytesIO(GOOD), locale="de")) == []
    assert mistakes_of(read_po(BytesIO(GOOD.replace(right, wrong, 1)), locale="de"))


@needs_checkout
def test_catalogs_hold_the_texts_of_the_code() -> None:
    """Nothing was written without its translation, and nothing translated is left over."""
    methods = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
    keywords = {"_": None, "N_": None, "text": None}
    extracted = extract_from_dir(ROOT / "flask_cookieconsent", methods, keywords=keywords)  # type: ignore[arg-type]
    messages = {message for _, _, message, _, _ in extracted}

    with (ROOT / "translations" / "flask_cookieconsent.pot").open("rb") as file:
        assert {each.id for each in read_po(file) if each.id} == messages, "run `make catalogs`"
    for locale in LANGUAGES:
        assert set(texts(locale)) == messages, locale


@cache
def texts(locale: str) -> dict[str, str]:
    with (ROOT / "translations" / locale / "LC_MESSAGES" / "flask_cookieconsent.po").open("rb") as file:
        return {str(each.id): str(each.string) for each in read_po(file, locale=locale) if each.id}


def mixed_words(translations: Mapping[str, str], words: Mapping[str, list[str]]) -> list[str]:
    """Return where an idea goes without its agreed word, and where another word stands for it."""
    wrong = []
    for english, text in translations.items():
        folded = text.casefold()
        wrong += [
            f"{english!r}: no word for {idea!r} in {text!r}"
            for idea, pattern in IDEAS.items()
            if re.search(pattern, english, re.I) and not any(word.casefold() in folded for word in words[idea])
        ]
        wrong += [f"{text!r} holds {word!r}" for word in words["never"] if word.casefold() in folded]
    return wrong


@needs_checkout
def test_agreed_words_are_always_used_and_never_mixed() -> None:
    """B6: accept, reject, withdraw, strictly necessary and third party mean the same on every page."""
    assert set(GLOSSARY) == set(LANGUAGES)
    for locale, words in GLOSSARY.items():
        assert set(words) == {*IDEAS, "never"} and all(words.values()), locale
        assert mixed_words(texts(locale), words) == [], locale


@needs_checkout
@pytest.mark.parametrize(
    ("right", "wrong"), [("Alle ablehnen", "Alle abwählen"), ("Einwilligung widerrufen", "Zustimmung widerrufen")]
)
def test_mixed_words_are_the_bad_twin(right: str, wrong: str) -> None:
    twin = {english: text.replace(right, wrong) for english, text in texts("de").items()}

    assert twin != texts("de")
    assert mixed_words(twin, GLOSSARY["de"])


@needs_checkout
def test_answers_are_two_clear_words() -> None:
    """B2, B6: the answers are short, alike in length and not the same; what the banner quotes is what is there."""
    for locale in LANGUAGES:
        found = texts(locale)
        accept, reject = found["Accept all"], found["Reject all"]
        assert accept != reject, locale
        assert max(len(accept), len(reject)) <= 30 and abs(len(accept) - len(reject)) <= 10, locale
        promise = next(text for english, text in found.items() if "Change your mind any time" in english)
        assert found["Cookie settings"].casefold() in promise.casefold(), locale


@needs_checkout
def test_sentences_end_and_are_translated() -> None:
    """A text that ends with a stop or a colon does so in every script, and no sentence was left in English."""
    for locale in LANGUAGES:
        for english, text in texts(locale).items():
            assert english.endswith(".") == text.endswith((".", "。", "।", "۔")), (locale, text)
            assert english.endswith(":") == text.endswith((":", "：")), (locale, text)
            assert text != english or len(english.split()) < 3 or english == "Global Privacy Control", (locale, text)


@needs_checkout
def test_serbian_is_the_same_in_both_scripts() -> None:
    """The second script is the first one letter by letter, so that only one of them has to be translated."""
    assert texts("sr_Latn") == {english: in_latin(text) for english, text in texts("sr").items()}


def in_latin(text: str) -> str:
    found = ""
    for each in text:
        letter = LATIN.get(each.lower(), each)
        found += letter.capitalize() if each.isupper() and each.lower() in LATIN else letter
    return found.replace("“", "”")


def test_pages_are_in_one_language_throughout() -> None:
    """B6: wherever the catalogs were installed: the buttons, the date and the duration are in the page's language."""
    for locale in (*LANGUAGES, "zh_CN", "zh_TW", "sr_RS", "no", "nn", "pt_BR", "es_MX", "he_IL"):
        words = language(locale)
        assert words.text("Reject all") != "Reject all", locale
        assert words.tag.split("-")[0] in (locale.split("_")[0], "nb"), locale
        assert words.direction == ("rtl" if locale[:2] in ("ar", "fa", "he") else "ltr"), locale
        assert "November" not in words.day(DAY) or locale in ("de", "nb", "no", "nn", "da", "sv", "id", "mt"), locale
        assert words.duration(timedelta(days=184)) not in ("", "6 months"), locale


@pytest.mark.parametrize(
    ("locale", "accept", "reject"),
    [
        ("nl", "Alles accepteren", "Alles weigeren"),
        ("fr", "Tout accepter", "Tout refuser"),
        ("de", "Alle akzeptieren", "Alle ablehnen"),
        ("es", "Aceptar todo", "Rechazar todo"),
        ("it", "Accetta tutto", "Rifiuta tutto"),
        ("pl", "Akceptuj wszystko", "Odrzuć wszystko"),
        ("pt", "Aceitar tudo", "Rejeitar tudo"),
    ],
)
def test_answers_are_called_what_tools_look_for(locale: str, accept: str, reject: str) -> None:
    """The phrases that automatic rejecters know."""
    words: Any = language(locale)

    assert (words.text("Accept all"), words.text("Reject all")) == (accept, reject)
