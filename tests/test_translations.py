"""The message catalogs: complete, sound, and as new as the texts."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from flask_cookieconsent.i18n import language

from .conftest import CATALOGS

ROOT = Path(__file__).parents[1]
#: The agreed words of each language: what the two answers are called, always.
BUTTONS = {
    "nl": ("Alles accepteren", "Alles weigeren"),
    "fr": ("Tout accepter", "Tout refuser"),
    "de": ("Alle akzeptieren", "Alle ablehnen"),
}
GOOD = b"""
msgid ""
msgstr "Language: de\\nContent-Type: text/plain; charset=utf-8\\n"

#, python-format
msgid "Version %(version)s"
msgstr "Fassung %(version)s"
"""


def is_sound(catalog: Catalog) -> None:
    """Check that everything is translated, nothing is a guess, and every placeholder is there."""
    assert not catalog.fuzzy
    assert [each.id for each in catalog if each.id and (not each.string or each.fuzzy)] == []
    assert [error for _, errors in catalog.check() for error in errors] == []


needs_checkout = pytest.mark.skipif(not CATALOGS, reason="the sources of the catalogs are in the checkout")


@needs_checkout
def test_catalogs_are_found() -> None:
    assert {path.parts[-3] for path in CATALOGS} == set(BUTTONS)


@pytest.mark.parametrize("path", CATALOGS, ids=lambda path: path.parts[-3])
def test_catalog_is_complete_and_sound(path: Path) -> None:
    """B6: no language falls back to another."""
    with path.open("rb") as file:
        is_sound(read_po(file, locale=path.parts[-3]))


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
    is_sound(read_po(BytesIO(GOOD), locale="de"))

    with pytest.raises(AssertionError):
        is_sound(read_po(BytesIO(GOOD.replace(right, wrong, 1)), locale="de"))


@needs_checkout
@pytest.mark.parametrize("path", [*CATALOGS, ROOT / "translations" / "flask_cookieconsent.pot"], ids=lambda p: p.name)
def test_catalogs_hold_the_texts_of_the_code(path: Path) -> None:
    """Nothing was written without its translation, and nothing translated is left over."""
    methods = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
    keywords = {"_": None, "N_": None, "text": None}
    found = extract_from_dir(ROOT / "flask_cookieconsent", methods, keywords=keywords)  # type: ignore[arg-type]
    with path.open("rb") as file:
        kept = {each.id for each in read_po(file) if each.id}

    assert {message for _, _, message, _, _ in found} == kept


@pytest.mark.parametrize(("locale", "buttons"), BUTTONS.items())
def test_answers_are_called_what_they_are(locale: str, buttons: tuple[str, str]) -> None:
    """B6: one word for each answer, wherever the catalogs were installed."""
    words = language(locale)

    assert (words.text("Accept all"), words.text("Reject all")) == buttons


def test_necessary_and_third_party_are_exact() -> None:
    """B6: the legal meaning in each language."""
    assert language("nl").text("Strictly necessary cookies") == "Strikt noodzakelijke cookies"
    assert language("fr").text("Strictly necessary cookies") == "Cookies strictement nécessaires"
    assert language("de").text("Strictly necessary cookies") == "Unbedingt erforderliche Cookies"
    for locale, word in (("nl", "derden"), ("fr", "tiers"), ("de", "Drittanbieter")):
        assert re.search(word, language(locale).text("Third party cookies"))
